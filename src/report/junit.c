/*
 * JUnit XML: <testsuites><testsuite><testcase> as CI servers read it.
 *
 * Cases:
 *  1. A case per gate and requirement: HARMED and VIOLATED are failures; UNDECIDED and NOT_MEASURED
 * are skipped, for nothing was proven either way; SAFE, MET and EXCUSED pass.
 *  2. One case for the verdict, since gates that are all skipped would look like success: FAIL and
 * INCONCLUSIVE are failures, as the exit code says; where the configuration allows INCONCLUSIVE
 * (allow_inconclusive), it is skipped. NONE is skipped.
 *  3. Two gates of one measure differ by scope or threshold, which stand in the name.
 */
#include "report/junit.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/markup.h"
#include "report/page.h"
#include "report/words.h"

enum outcome { PASSED, FAILED, SKIPPED };

static const char *said(const struct text *text) {
  return text->data == NULL ? "" : text->data;
}

/* Case 1. */
static enum outcome gate_outcome(const char *state) {
  static const struct {
    const char *state;
    enum outcome outcome;
  } rule[] = {{"SAFE", PASSED},   {"MET", PASSED},      {"EXCUSED", PASSED},
              {"HARMED", FAILED}, {"VIOLATED", FAILED}, {"UNDECIDED", SKIPPED}};
  for (size_t i = 0; i < sizeof rule / sizeof *rule; i++) {
    if (strcmp(rule[i].state, state) == 0) {
      return rule[i].outcome;
    }
  }
  return SKIPPED;
}

/* Case 2. */
static enum outcome verdict_outcome(const json_t *root) {
  const json_t *config = json_object_get(json_object_get(root, "inputs"), "config");
  const char *state = page_string(json_object_get(root, "verdict"), "state");
  if (strcmp(state, "PASS") == 0) {
    return PASSED;
  }
  if (strcmp(state, "FAIL") == 0) {
    return FAILED;
  }
  return strcmp(state, "INCONCLUSIVE") == 0 &&
                 !json_is_true(json_object_get(config, "allow_inconclusive"))
             ? FAILED
             : SKIPPED;
}

static void render_case(struct text *text, const char *class_name, const char *name,
                        enum outcome outcome, const char *type, const char *message) {
  text_append(text, "    <testcase classname=\"nonet.");
  markup_xml(text, class_name);
  text_append(text, "\" name=\"");
  markup_xml(text, name);
  text_append(text, "\" time=\"0\">\n      ");
  if (outcome == FAILED) {
    text_append(text, "<failure type=\"");
    markup_xml(text, type);
    text_append(text, "\" message=\"");
    markup_xml(text, message);
    text_append(text, "\">");
    markup_xml(text, message);
    text_append(text, "</failure>");
  } else if (outcome == SKIPPED) {
    text_append(text, "<skipped message=\"");
    markup_xml(text, message);
    text_append(text, "\"/>");
  } else {
    text_append(text, "<system-out>");
    markup_xml(text, message);
    text_append(text, "</system-out>");
  }
  text_append(text, "\n    </testcase>\n");
}

static void render_gate(struct text *text, const json_t *root, const json_t *gate) {
  struct text name = {0}, sentence = {0}, attribute = {0};
  const char *state = page_string(gate, "state"), *id = page_string(gate, "measure");
  words_gate_name(&name, gate); /* case 3 */
  words_gate_sentence(&sentence, root, gate);
  text_append_n(&attribute, id, strcspn(id, "."));
  render_case(text, said(&attribute), said(&name), gate_outcome(state), state, said(&sentence));
  text->failed = text->failed || name.failed || sentence.failed || attribute.failed;
  text_clear(&name);
  text_clear(&sentence);
  text_clear(&attribute);
}

static void render_verdict(struct text *text, const json_t *root) {
  const json_t *verdict = json_object_get(root, "verdict"),
               *because = json_object_get(verdict, "because");
  struct text message = {0};
  words_headline(&message, root);
  for (size_t i = 0; i < json_array_size(because); i++) {
    const char *line = json_string_value(json_array_get(because, i));
    text_printf(&message, "\n%s", line == NULL ? "" : line);
  }
  render_case(text, "verdict", "verdict", verdict_outcome(root), page_string(verdict, "state"),
              said(&message));
  text->failed = text->failed || message.failed;
  text_clear(&message);
}

static void property(struct text *text, const char *name, const char *value) {
  text_printf(text, "      <property name=\"%s\" value=\"", name);
  markup_xml(text, value);
  text_append(text, "\"/>\n");
}

static void render_open(struct text *text, const json_t *root, const json_t *gates) {
  const json_t *run = json_object_get(root, "run"), *verdict = json_object_get(root, "verdict");
  const enum outcome verdict_is = verdict_outcome(root);
  size_t n = json_array_size(gates) + 1, n_failed = verdict_is == FAILED,
         n_skipped = verdict_is == SKIPPED;
  double seconds = page_number(run, "seconds");
  for (size_t i = 0; i < n - 1; i++) {
    enum outcome outcome = gate_outcome(page_string(json_array_get(gates, i), "state"));
    n_failed += outcome == FAILED;
    n_skipped += outcome == SKIPPED;
  }
  text_append(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  text_printf(text, "<testsuites name=\"nonet\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", n,
              n_failed);
  text_append(text, "  <testsuite name=\"nonet ");
  markup_xml(text, page_string(run, "command"));
  text_printf(text,
              "\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\" "
              "timestamp=\"",
              n, n_failed, n_skipped, isfinite(seconds) ? seconds : 0.0);
  markup_xml(text, page_string(run, "started"));
  text_append(text, "\">\n    <properties>\n");
  property(text, "verdict", page_string(verdict, "state"));
  property(text, "context", page_string(verdict, "context"));
  property(text, "run", page_string(run, "id"));
  property(text, "digest", page_string(root, "digest"));
  text_append(text, "    </properties>\n");
}

nonet_status junit_render(const json_t *root, const struct terminal_style *style, struct text *text,
                          nonet_error *error) {
  json_t *gates = words_gates(root);
  (void)style;
  render_open(text, root, gates);
  render_verdict(text, root);
  for (size_t i = 0; i < json_array_size(gates); i++) {
    render_gate(text, root, json_array_get(gates, i));
  }
  text_append(text, "  </testsuite>\n</testsuites>\n");
  const bool failed = text->failed || gates == NULL;
  json_decref(gates);
  return failed ? error_memory(error, text->length, "the JUnit report") : NONET_OK;
}
