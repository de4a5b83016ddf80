/*
 * The public API: defaults as documented, handles that survive every allocation failure, options of
 * older programs, the catalogue's words, files that are there whole or not at all.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <nanoarrow/nanoarrow.h>
#include <nonet/nonet.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "base/text.h"
#include "evidence/evidence.h"

static void test_defaults(void **state) {
  (void)state;
  nonet_options options;
  memset(&options, 0xff, sizeof options);
  nonet_options_init(&options);
  assert_int_equal(options.struct_size, sizeof options);
  assert_null(options.file);
  assert_null(options.stream);
  assert_null(options.progress);
  assert_true(options.threshold == 0.5);
  assert_true(options.level == 0.95);
  assert_int_equal(options.intersections, 1);
  assert_int_equal(options.replicates, 1000);
  assert_int_equal(options.seed, 1);
  assert_int_equal(options.threads, 0);
  nonet_terminal_options looks;
  nonet_terminal_options_init(&looks);
  assert_int_equal(looks.columns, 100);
  assert_int_equal(looks.color, 0);
}

static void test_struct_size(void **state) {
  (void)state;
  nonet_options options;
  nonet_evidence *evidence = (nonet_evidence *)&options;
  nonet_error error = {""};
  nonet_options_init(&options);
  options.struct_size = 0;
  assert_int_equal(nonet_measure(&options, &evidence, &error), NONET_E_USAGE);
  assert_null(evidence);
  assert_non_null(strstr(error.message, "nonet_options_init"));
  options.struct_size = sizeof options + 8;
  assert_int_equal(nonet_compare(&options, &evidence, NULL), NONET_E_USAGE);
  /* An older program knows only the first fields; the rest is not read. */
  nonet_options_init(&options);
  options.struct_size = offsetof(nonet_options, task);
  options.file = "/nowhere/at/all.csv";
  options.label = (const char *)1;
  assert_int_equal(nonet_measure(&options, &evidence, &error), NONET_E_USAGE);
  assert_non_null(strstr(error.message, "--label"));
}

static void test_no_such_file(void **state) {
  (void)state;
  nonet_options options;
  nonet_evidence *evidence = NULL;
  nonet_error error = {""};
  nonet_options_init(&options);
  options.file = "/nowhere/at/all.csv";
  options.label = "y";
  options.score = "p";
  assert_int_equal(nonet_measure(&options, &evidence, &error), NONET_E_NO_INPUT);
  assert_null(evidence);
  assert_non_null(strstr(error.message, "/nowhere/at/all.csv"));
}

static int n_released;

static void release(struct ArrowArrayStream *stream) {
  n_released++;
  stream->release = NULL;
}

static void test_stream_is_taken_over(void **state) {
  (void)state;
  struct ArrowArrayStream stream = {.release = release};
  nonet_options options;
  nonet_evidence *evidence = NULL;
  nonet_options_init(&options);
  options.stream = &stream;
  n_released = 0;
  assert_int_equal(nonet_measure(&options, &evidence, NULL), NONET_E_USAGE); /* no label */
  assert_int_equal(n_released, 1);
}

static void test_cancel(void **state) {
  (void)state;
  nonet_cancel_request(NULL);
  nonet_cancel_free(NULL);
  memory_fail_after(0);
  nonet_cancel *cancel = nonet_cancel_new();
  memory_fail_after(-1);
  assert_null(cancel);
  cancel = nonet_cancel_new();
  assert_non_null(cancel);
  assert_int_equal(*(const int *)(const void *)cancel, 0);
  nonet_cancel_request(cancel);
  assert_int_equal(*(const int *)(const void *)cancel, 1);
  nonet_cancel_free(cancel);
}

/* A finished document, as text. */
static char *document(const char *verdict) {
  struct evidence *made = NULL;
  struct text text = {0};
  assert_int_equal(evidence_new("compare", &made, NULL), NONET_OK);
  if (verdict != NULL) {
    evidence_set_verdict(made, json_pack("{s:s, s:s, s:i, s:f, s:[], s:{}, s:n}", "state", verdict,
                                         "context", "general", "context_version", 1, "alpha", 0.05,
                                         "because", "coverage", "n_needed"));
  }
  assert_int_equal(evidence_finish(made, NULL), NONET_OK);
  json_text_write(&text, made->root, JSON_TEXT_COMPACT);
  evidence_free(made);
  return text_take(&text);
}

static void test_verdicts(void **state) {
  (void)state;
  static const struct {
    const char *state;
    nonet_verdict verdict;
  } cases[] = {{"PASS", NONET_PASS},
               {"FAIL", NONET_FAIL},
               {"INCONCLUSIVE", NONET_INCONCLUSIVE},
               {"NONE", NONET_NONE},
               {NULL, NONET_NONE}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char *json = document(cases[i].state), *again = NULL;
    nonet_evidence *evidence = NULL;
    nonet_error error = {""};
    if (nonet_evidence_parse(json, strlen(json), "test", &evidence, &error) != NONET_OK) {
      fail_msg("%s", error.message);
    }
    assert_int_equal(nonet_evidence_verdict(evidence), cases[i].verdict);
    assert_int_equal(nonet_evidence_json(evidence, &again, NULL), NONET_OK);
    assert_int_equal(again[strlen(again) - 1], '\n');
    nonet_evidence_free(evidence);
    assert_int_equal(nonet_evidence_parse(again, strlen(again), "again", &evidence, NULL),
                     NONET_OK);
    nonet_evidence_free(evidence);
    nonet_text_free(again);
    memory_free(json);
  }
  assert_int_equal(nonet_evidence_verdict(NULL), NONET_NONE);
  nonet_evidence_free(NULL);
  nonet_text_free(NULL);
}

/* Each allocation of parse, json and report fails once; nothing leaks (the sanitizers look) and a
   failure leaves NULL. */
static void test_allocation_failures(void **state) {
  (void)state;
  char *json = document("PASS");
  nonet_terminal_options looks;
  nonet_terminal_options_init(&looks);
  bool is_done = false;
  for (long n = 0; !is_done && n < 10000; n++) {
    nonet_evidence *evidence = NULL;
    char *text = NULL, *report = NULL;
    nonet_error error = {""};
    memory_fail_after(n);
    nonet_status status = nonet_evidence_parse(json, strlen(json), "test", &evidence, &error);
    if (status == NONET_OK) {
      status = nonet_evidence_json(evidence, &text, &error);
    } else {
      assert_null(evidence);
    }
    if (status == NONET_OK) {
      status = nonet_report_terminal(evidence, &looks, &report, &error);
    }
    is_done = memory_fail_after(-1) <= n;
    assert_true(status == (is_done ? NONET_OK : NONET_E_MEMORY));
    nonet_text_free(report);
    nonet_text_free(text);
    nonet_evidence_free(evidence);
  }
  assert_true(is_done);
  memory_free(json);
}

/* The same for a run that fails for another reason in the end; an allocation for the words of that
   message may fail without hiding the reason. */
static void test_allocation_failures_of_work(void **state) {
  (void)state;
  nonet_options options;
  bool is_done = false;
  nonet_options_init(&options);
  options.file = "/nowhere/at/all.csv";
  options.label = "y";
  options.score = "p";
  for (long n = 0; !is_done && n < 10000; n++) {
    nonet_evidence *evidence = NULL;
    memory_fail_after(n);
    nonet_status status = nonet_measure(&options, &evidence, NULL);
    is_done = memory_fail_after(-1) <= n;
    assert_null(evidence);
    assert_true(status == NONET_E_NO_INPUT || (!is_done && status == NONET_E_MEMORY));
  }
  assert_true(is_done);
}

static void write_rows(const char *path) {
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  (void)fputs("x,g,y\n", file);
  for (int i = 0; i < 40; i++) {
    (void)fprintf(file, "%d.5,%c,%d\n", i * 7 % 31, 'a' + i % 3, i % 4 == 0);
  }
  assert_int_equal(fclose(file), 0);
}

enum data_work { DATA_FACTS, DATA_TRAIN, DATA_SMOTE, N_DATA_WORKS };

static nonet_status do_data(enum data_work work, nonet_options *options) {
  nonet_evidence *evidence = NULL;
  char *text = NULL, *json = NULL;
  options->train = work == DATA_TRAIN ? options->file : NULL;
  options->features = work == DATA_SMOTE ? "x" : NULL;
  options->method = "smote";
  nonet_status status = work == DATA_SMOTE ? nonet_rebalance(options, &text, &json, NULL)
                                           : nonet_data(options, &evidence, NULL);
  if (work == DATA_SMOTE) {
    assert_true((status == NONET_OK) == (text != NULL) && (text == NULL) == (json == NULL));
    assert_int_equal(access(options->output, F_OK), status == NONET_OK ? 0 : -1);
    (void)unlink(options->output);
  } else {
    assert_true((status == NONET_OK) == (evidence != NULL));
  }
  nonet_text_free(text);
  nonet_text_free(json);
  nonet_evidence_free(evidence);
  return status;
}

/* Of work on data each of the first allocations fails, then every so-manieth; success or memory,
   and never half a file. */
static void test_allocation_failures_of_data(void **state) {
  (void)state;
  char folder[] = "/tmp/nonet-api-XXXXXX", path[64], output[64];
  nonet_options options;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/in.csv", folder);
  snprintf(output, sizeof output, "%s/out.csv", folder);
  write_rows(path);
  nonet_options_init(&options);
  options.file = path;
  options.label = "y";
  options.threads = 1;
  options.output = output;
  for (enum data_work work = DATA_FACTS; work < N_DATA_WORKS; work++) {
    memory_fail_after(LONG_MAX);
    assert_int_equal(do_data(work, &options), NONET_OK);
    const long n_made = memory_fail_after(-1);
    assert_true(n_made > 100);
    for (long n = 0; n < n_made; n += n < 40 ? 1 : 1 + n_made / 80) {
      memory_fail_after(n);
      const nonet_status status = do_data(work, &options);
      memory_fail_after(-1);
      if (status != NONET_OK && status != NONET_E_MEMORY) { /* a message's words may be lost */
        fail_msg("work %d, allocation %ld of %ld: status %d", (int)work, n, n_made, (int)status);
      }
    }
  }
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0); /* no temporary file is left */
}

static void test_catalogue(void **state) {
  (void)state;
  nonet_measure_info info, again;
  size_t n = nonet_catalogue_size();
  bool has_macro_f1 = false;
  assert_true(n > 0);
  assert_false(nonet_catalogue_at(n, &info));
  for (size_t i = 0; i < n; i++) {
    assert_true(nonet_catalogue_at(i, &info));
    assert_true(strncmp(info.id, info.attribute, strlen(info.attribute)) == 0);
    assert_non_null(info.title);
    assert_non_null(info.definition);
    assert_true(info.range_low < info.range_high);
    assert_string_not_equal(info.tasks, "none");
    if (strcmp(info.id, "correctness.f1") == 0) {
      has_macro_f1 = info.variants != NULL && strstr(info.variants, "macro") != NULL;
    }
    assert_true(nonet_catalogue_at(i, &again));
    assert_true(again.variants == info.variants);
    /* the fixed room was large enough for the last list too */
    assert_true(info.variants == NULL || info.variants[0] != '\0');
  }
  assert_true(has_macro_f1);
}

static void test_nearest(void **state) {
  (void)state;
  static const char *const names[] = {"label", "level", "score"};
  size_t near[2] = {9, 9};
  assert_int_equal(nonet_nearest("lable", names, 3, 2, near), 1); /* one transposition */
  assert_int_equal(near[0], 0);
  assert_int_equal(nonet_nearest("completely", names, 3, 2, near), 0);
}

static void test_file(void **state) {
  (void)state;
  char folder[] = "/tmp/nonet-api-XXXXXX", path[64], missing[64];
  nonet_file *file = NULL;
  nonet_error error = {""};
  struct stat found;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/out.json", folder);
  snprintf(missing, sizeof missing, "%s/no/out.json", folder);
  assert_int_equal(nonet_file_open(missing, &file, &error), NONET_E_CREATE);
  assert_null(file);
  assert_int_equal(nonet_file_open(path, &file, &error), NONET_OK);
  assert_int_not_equal(stat(path, &found), 0);
  nonet_file_abandon(file);
  assert_int_not_equal(stat(path, &found), 0);
  for (long n = 0; n < 100; n++) {
    memory_fail_after(n);
    nonet_status status = nonet_file_open(path, &file, &error);
    bool is_done = memory_fail_after(-1) <= n;
    assert_int_equal(status, is_done ? NONET_OK : NONET_E_MEMORY);
    if (is_done) {
      break;
    }
  }
  assert_int_equal(nonet_file_commit(file, "whole\n", &error), NONET_OK);
  assert_int_equal(stat(path, &found), 0);
  assert_int_equal(found.st_size, 6);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(folder), 0); /* no temporary file is left */
  nonet_file_abandon(NULL);
}

static void test_runtimes(void **state) {
  (void)state;
  char *text = NULL;
  nonet_error error = {""};
  assert_int_equal(nonet_runtimes(&text, &error), NONET_OK);
  assert_non_null(strstr(text, "duckdb"));
  assert_non_null(strstr(text, "onnxruntime"));
  assert_non_null(strstr(text, "xgboost"));
  assert_non_null(strstr(text, "adbc driver manager 1."));
  nonet_text_free(text);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_struct_size),
      cmocka_unit_test(test_no_such_file),
      cmocka_unit_test(test_stream_is_taken_over),
      cmocka_unit_test(test_cancel),
      cmocka_unit_test(test_verdicts),
      cmocka_unit_test(test_allocation_failures),
      cmocka_unit_test(test_allocation_failures_of_work),
      cmocka_unit_test(test_allocation_failures_of_data),
      cmocka_unit_test(test_catalogue),
      cmocka_unit_test(test_nearest),
      cmocka_unit_test(test_file),
      cmocka_unit_test(test_runtimes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
