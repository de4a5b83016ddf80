/* A judged document written by hand, for the tests of reports: a harm, an open gate over a group
 * whose name is markup, a safe one with a gain, a requirement that is met, one that was not
 * measured. */
#ifndef REPORT_REPORT_FIXTURE_H
#define REPORT_REPORT_FIXTURE_H

#include <stddef.h>
#include <string.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "report/report.h"

/* The report of a JSON text, for memory_free; `cmocka.h` is included before. */
static inline char *fixture_render(const char *json, const char *format) {
  json_t *root = NULL;
  struct text text = {0};
  nonet_error error = {""};
  if (json_text_parse(json, strlen(json), "test", &root, &error) != NONET_OK ||
      report_render(root, format, NULL, &text, &error) != NONET_OK) {
    fail_msg("%s: %s", format, error.message);
  }
  json_decref(root);
  char *taken = text_take(&text);
  assert_non_null(taken);
  return taken;
}

static inline void fixture_shows(const char *report, const char *piece) {
  if (strstr(report, piece) == NULL) {
    fail_msg("'%s' is not in\n%.6000s", piece, report);
  }
}

#define FIXTURE_EVIL "<b>\\\"&'|`@me"

/* clang-format off */
static const char report_fixture[] =
    "{\"schema\":\"nonet/evidence/1\",\"tool\":{\"version\":\"1.2.3\"},\"digest\":\"fedcba98765432"
    "10\","
    "\"run\":{\"id\":\"0123456789ab\",\"command\":\"check\",\"started\":\"2026-01-02T03:04:05Z\","
    "\"seconds\":1.5,\"seed\":7,\"threads\":2},"
    "\"inputs\":{\"config\":{\"task\":\"binary\",\"label\":\"dead\",\"positive\":\"1\",\"path\":"
    "\"it's.yaml\"},\"data\":[{\"role\":\"test\",\"source\":\"crash.parquet\",\"rows\":9012,"
    "\"rows_used\":9000,\"sha256\":null}],\"models\":[{\"role\":\"candidate\",\"kind\":\"onnx\","
    "\"path\":\"models/new one.onnx\"},{\"role\":\"baseline\",\"kind\":\"onnx\",\"path\":\"models/"
    "old.onnx\"}],\"machine\":{}},"
    "\"measures\":{\"correctness.auc\":{\"title\":\"Area\",\"definition\":\"A "
    "definition.\",\"direction\":\"higher\"},\"efficiency.latency_p99\":{\"direction\":\"lower\"},\"correctness.recall\":{\"title\":\"Recall\","
    "\"direction\":\"higher\"}},"
    "\"estimates\":["
    "{\"measure\":\"correctness.auc\",\"attribute\":\"correctness\",\"role\":\"candidate\","
    "\"scope\":"
    "{\"kind\":\"all\"},\"value\":0.9123456,\"low\":0.9,\"high\":0.925,\"level\":0.95,\"n\":9000,"
    "\"n_"
    "effective\":9000,\"method\":\"delong\",\"notes\":[\"a note\"]},"
    "{\"measure\":\"correctness.auc\",\"attribute\":\"correctness\",\"role\":\"baseline\","
    "\"scope\":{"
    "\"kind\":\"all\"},\"value\":0.9,\"low\":0.89,\"high\":0.91,\"level\":0.95,\"n\":9000,\"n_"
    "effective\":9000,\"method\":\"delong\",\"notes\":[]},"
    "{\"measure\":\"correctness.recall\",\"attribute\":\"correctness\",\"role\":\"candidate\","
    "\"scope\":{\"kind\":\"group\",\"by\":{\"sex\":\"F\"}},\"value\":0.7,\"low\":0.6,\"high\":0.8,"
    "\"level\":0.95,\"n\":100,\"n_effective\":100,\"method\":\"wilson\",\"notes\":[]},"
    "{\"measure\":\"correctness.recall\",\"attribute\":\"correctness\",\"role\":\"candidate\","
    "\"scope\":{\"kind\":\"group\",\"by\":{\"sex\":\"" FIXTURE_EVIL
    "\"}},\"value\":0.5,\"low\":0.4,\"high\":0.6,\"level\":0.95,\"n\":50,\"n_effective\":50,"
    "\"method\":\"wilson\",\"notes\":[]},"
    "{\"measure\":\"correctness.recall\",\"attribute\":\"correctness\",\"role\":\"candidate\","
    "\"scope\":{\"kind\":\"group\",\"by\":{\"sex\":null}},\"value\":null,\"low\":null,\"high\":"
    "null,"
    "\"level\":0.95,\"n\":2,\"n_effective\":2,\"method\":\"wilson\",\"notes\":[\"no positives\"]}],"
    "\"curves\":[{\"measure\":\"correctness.roc\",\"role\":\"candidate\",\"scope\":{\"kind\":"
    "\"all\"}"
    ",\"x\":[0.0,1.0],\"y\":[0.25,1.0],\"low\":[0.125,1.0],\"high\":[0.375,1.0]}],"
    "\"judgements\":["
    "{\"measure\":\"correctness.auc\",\"scope\":{\"kind\":\"all\"},\"kind\":\"non_inferiority\","
    "\"difference\":0.0123456,\"low\":0.006,\"high\":0.018,\"margin\":0.01,\"margin_stated\":\"0."
    "01\","
    "\"scale\":\"difference\",\"p_safe\":0.00001,\"p_harmed_adjusted\":1.0,\"state\":\"SAFE\","
    "\"gain\":\"IMPROVED\",\"tier\":2,\"primary\":true,\"reason\":null,\"n_needed\":null},"
    "{\"measure\":\"correctness.recall\",\"scope\":{\"kind\":\"group\",\"by\":{\"sex\":"
    "\"" FIXTURE_EVIL "\"}},\"kind\":\"non_inferiority\",\"difference\":-0.01,\"low\":-0.05,"
                      "\"high\":0.03,\"margin\":0."
    "02,\"margin_stated\":null,\"scale\":\"difference\",\"p_safe\":0.3,\"p_harmed_adjusted\":1.0,"
    "\"state\":\"UNDECIDED\",\"gain\":null,\"tier\":1,\"primary\":false,\"reason\":null,\"n_"
    "needed\":"
    "12345},"
    "{\"measure\":\"efficiency.latency_p99\",\"scope\":{\"kind\":\"all\"},\"kind\":\"non_"
    "inferiority\",\"difference\":-0.6931471805599453,\"low\":-0.7,\"high\":-0.68,\"margin\":0."
    "0953101798,\"margin_stated\":\"10%\",\"scale\":\"log_ratio\",\"p_safe\":1.0,\"p_harmed_"
    "adjusted\":0.004,\"state\":\"HARMED\",\"gain\":null,\"tier\":3,\"primary\":true,\"reason\":"
    "null,"
    "\"n_needed\":null},"
    "{\"measure\":\"correctness.auc\",\"scope\":{\"kind\":\"all\"},\"kind\":\"requirement\",\"op\":"
    "\">=\",\"threshold\":0.85,\"difference\":0.9123456,\"low\":0.9,\"high\":0.925,\"margin\":null,"
    "\"margin_stated\":\"correctness.auc >= "
    "0.85\",\"scale\":\"value\",\"p_safe\":0.0,\"p_harmed_adjusted\":1.0,\"state\":\"MET\","
    "\"gain\":"
    "null,\"tier\":1,\"primary\":false,\"reason\":null,\"n_needed\":null},"
    "{\"measure\":\"privacy.mia_auc\",\"scope\":{\"kind\":\"all\"},\"kind\":\"non_inferiority\","
    "\"difference\":null,\"low\":null,\"high\":null,\"margin\":0.01,\"margin_stated\":\"0.01\","
    "\"scale\":\"difference\",\"p_safe\":null,\"p_harmed_adjusted\":null,\"state\":\"NOT_"
    "MEASURED\","
    "\"gain\":null,\"tier\":1,\"primary\":false,\"reason\":\"not built yet\",\"n_needed\":null}],"
    "\"findings\":[{\"id\":\"data.leak\",\"attribute\":\"data\",\"severity\":\"warning\",\"title\":"
    "\"A leak\",\"evidence\":\"column " FIXTURE_EVIL
    "\",\"hurts\":[\"correctness\"],\"where\":{}}],"
    "\"actions\":[{\"rank\":1,\"title\":\"Look\",\"why\":\"why not\",\"expected\":\"light\","
    "\"command\":\"nonet check '<x>'\"}],"
    "\"verdict\":{\"state\":\"FAIL\",\"context\":\"real-time\",\"context_version\":2,\"alpha\":0."
    "05,"
    "\"because\":[\"latency is worse\",\"" FIXTURE_EVIL
    "\"],\"coverage\":{\"correctness\":\"judged\",\"efficiency\":\"judged\",\"privacy\":\"not_"
    "built\","
    "\"security\":\"not_built\",\"fairness\":\"not_asked\"},\"n_needed\":null},"
    "\"skipped\":[{\"measure\":\"privacy.mia_auc\",\"reason\":\"not built yet\"}],\"timings\":[{"
    "\"what\":\"predict\",\"seconds\":0.5}]}";
/* clang-format on */

#endif
