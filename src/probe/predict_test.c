/*
 * Predicting a table: each row keeps its own answer whatever the batches, threads, rounds, the
 * format of the file and the sample. The golden answers are onnxruntime's (tests/golden/models).
 */
#include "probe/predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "model/modelkit.h"
#include "table/columns.h"
#include "table/tablekit.h"

static const char *const zero_one[] = {"0", "1"};

/* What came back: the columns in order, as doubles. */
struct answers {
  size_t n, n_columns;
  char names[6][48];
  double *value[6]; /* [n] */
  int broken;       /* of a failure, as the next */
  size_t n_unanswered;
};

static void answers_clear(struct answers *answers) {
  for (size_t c = 0; c < answers->n_columns; c++)
    free(answers->value[c]);
}

static void take(struct predicted *predicted, struct answers *answers) {
  struct ArrowSchema schema;
  struct ArrowArray array;
  *answers = (struct answers){0};
  assert_int_equal(predicted->stream.get_schema(&predicted->stream, &schema), 0);
  answers->n_columns = (size_t)schema.n_children;
  for (size_t c = 0; c < answers->n_columns; c++) {
    snprintf(answers->names[c], sizeof answers->names[c], "%s", schema.children[c]->name);
    answers->value[c] = calloc(predicted->n_kept + 1, sizeof(double));
  }
  while (predicted->stream.get_next(&predicted->stream, &array) == 0 && array.release != NULL) {
    for (size_t c = 0; c < answers->n_columns; c++) {
      struct arrow_type type;
      struct arrowcol column;
      assert_true(arrow_type_init(&type, schema.children[c]));
      assert_true(arrowcol_bind(&column, &type, array.children[c]));
      (void)arrowcol_doubles(&column, 0, array.length, answers->value[c] + answers->n, 1);
      arrow_type_clear(&type);
    }
    answers->n += (size_t)array.length;
    array.release(&array);
  }
  assert_int_equal(answers->n, predicted->n_kept);
  schema.release(&schema);
  predicted->stream.release(&predicted->stream);
}

struct asked {
  const char *path;
  const char *const *roles;
  size_t n_roles;
  const char *model[N_STREAMS]; /* golden models; NULL: none */
  size_t batch_rows, n_threads;
  const struct sample *sample;
  const struct model_target *target; /* NULL: binary */
  const char *command; /* the candidate is this Python program, over x0 alone; NULL: none */
};

static struct model_options options_of(const struct asked *asked, int s) {
  static const char *const features[] = {"x0", "x1", "x2", "x3"};
  static const char *argv[3];
  const char *name = asked->model[s];
  struct model_options options = {
      .batch_rows = asked->batch_rows, .features = features, .n_features = 4};
  if (s == STREAM_A && asked->command != NULL) {
    argv[0] = getenv("NONET_TEST_PYTHON");
    assert_non_null(argv[0]);
    argv[1] = "-c";
    argv[2] = asked->command;
    options.kind = "command";
    options.argv = argv;
    options.n_argv = 3;
    options.timeout_s = 30;
    options.n_features = 1;
  } else {
    char file[64];
    const bool is_boosted = strncmp(name, "boost", 5) == 0;
    snprintf(file, sizeof file, is_boosted ? "%s.json" : "%s.onnx", name);
    options.kind = is_boosted ? "xgboost" : "onnx";
    options.path = modelkit_path(file);
  }
  return options;
}

static nonet_status ask(const struct asked *asked, struct answers *answers, nonet_error *error) {
  static const struct model_target binary = {MODEL_BINARY, zero_one, 2};
  const struct table_source source = {.path = asked->path, .n_threads = 2};
  struct predict_request request = {.roles = asked->roles,
                                    .n_roles = asked->n_roles,
                                    .target = asked->target != NULL ? *asked->target : binary,
                                    .sample = asked->sample,
                                    .n_threads = asked->n_threads};
  struct table *table = NULL;
  struct predicted predicted = {0};
  nonet_status status = table_open(&source, &table, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    if (asked->model[s] != NULL || (s == STREAM_A && asked->command != NULL)) {
      const struct model_options options = options_of(asked, s);
      status = model_open(&options, &request.model[s], error);
    }
  }
  if (status == NONET_OK)
    status = predict_table(table, &request, &predicted, NULL, error);
  if (status == NONET_OK)
    take(&predicted, answers);
  answers->broken = predicted.broken;
  answers->n_unanswered = predicted.n_unanswered;
  model_close(request.model[STREAM_A]);
  model_close(request.model[STREAM_B]);
  table_close(table);
  return status;
}

static void ask_well(const struct asked *asked, struct answers *answers) {
  nonet_error error = {""};
  nonet_status status = ask(asked, answers, &error);
  assert_string_equal(error.message, "");
  assert_int_equal(status, NONET_OK);
}

/* 50 rows whose expected answer stands beside them, in batches that do not divide them. */
static void test_golden_rows_keep_their_answers(void **state) {
  (void)state;
  static const char *const roles[] = {"e0", "x1"};
  static const size_t batches[] = {0, 1, 7, 50, 64};
  const char *golden = modelkit_path("sigmoid.arrow");
  char path[4096];
  snprintf(path, sizeof path, "%s", golden);
  for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
    const struct asked asked = {path, roles, 2, {"sigmoid", NULL}, batches[i], 2, NULL, NULL, NULL};
    struct answers answers;
    ask_well(&asked, &answers);
    assert_int_equal(answers.n, 50);
    assert_string_equal(answers.names[0], "e0");
    assert_string_equal(answers.names[2], "candidate's score");
    for (size_t r = 0; r < answers.n; r++)
      assert_true(fabs(answers.value[2][r] - answers.value[0][r]) < 1e-6);
    answers_clear(&answers);
  }
}

/* More rows than a round; ids tell the rows. The numbers are the same as floats, doubles and text.
 */
static const char *many_rows(const char *name, const char *format) {
  const char *path = tablekit_path(name);
  tablekit_copy("SELECT i AS id, (i * 7 % 11 - 5)::FLOAT AS x0, (i * 3 % 13 / 4.0)::FLOAT AS x1, "
                "(i * 5 % 17 / 8.0 - 1)::FLOAT AS x2, (i % 29 / 16.0)::FLOAT AS x3, i % 2 AS y "
                "FROM range(10007) t(i)",
                path, format);
  return path;
}

static const char *const id_and_y[] = {"id", "y"};

static void test_threads_and_formats_do_not_matter(void **state) {
  (void)state;
  char parquet[4096], csv[4096];
  snprintf(parquet, sizeof parquet, "%s", many_rows("many.parquet", "PARQUET"));
  snprintf(csv, sizeof csv, "%s", many_rows("many.csv", "CSV"));
  struct asked asked = {parquet, id_and_y, 2, {"sigmoid", "fixed"}, 256, 1, NULL, NULL, NULL};
  struct answers one, other;
  ask_well(&asked, &one);
  assert_int_equal(one.n, 10007);
  assert_int_equal(one.n_columns, 4);
  assert_string_equal(one.names[3], "baseline's score");
  for (size_t r = 0; r < one.n; r++)
    assert_true(one.value[0][r] == (double)r && one.value[1][r] == (double)(r % 2));
  static const size_t threads[] = {2, 7};
  for (size_t i = 0; i < 3; i++) {
    asked.n_threads = i < 2 ? threads[i] : 2;
    asked.path = i < 2 ? parquet : csv;
    ask_well(&asked, &other);
    assert_int_equal(other.n, one.n);
    for (size_t c = 0; c < one.n_columns; c++)
      assert_memory_equal(one.value[c], other.value[c], one.n * sizeof(double));
    answers_clear(&other);
  }
  answers_clear(&one);
}

static void test_sampled_rows_are_those_rows(void **state) {
  (void)state;
  char path[4096];
  snprintf(path, sizeof path, "%s", many_rows("sampled.parquet", "PARQUET"));
  static uint8_t keep[10007 / 8 + 1];
  struct sample sample = {.keep = keep, .n_rows = 10007};
  for (size_t r = 0; r < 10007; r += 1 + r % 5) {
    keep[r / 8] |= (uint8_t)(1u << (r % 8));
    sample.n_kept++;
  }
  struct asked asked = {path, id_and_y, 2, {"sigmoid", "fixed"}, 100, 2, NULL, NULL, NULL};
  struct answers all, some;
  ask_well(&asked, &all);
  asked.sample = &sample;
  ask_well(&asked, &some);
  assert_int_equal(some.n, sample.n_kept);
  for (size_t r = 0; r < some.n; r++) {
    const size_t id = (size_t)some.value[0][r];
    assert_true(sample_keeps(&sample, id));
    assert_true(fabs(some.value[2][r] - all.value[2][id]) < 1e-6);
    assert_true(fabs(some.value[3][r] - all.value[3][id]) < 1e-12);
  }
  answers_clear(&all);
  answers_clear(&some);
}

static void test_no_rows(void **state) {
  (void)state;
  char path[4096];
  snprintf(path, sizeof path, "%s", tablekit_path("none.parquet"));
  tablekit_copy("SELECT 1 AS id, 1 AS y, 0.5::FLOAT AS x0, 0.5::FLOAT AS x1, 0.5::FLOAT AS x2, "
                "0.5::FLOAT AS x3 WHERE false",
                path, "PARQUET");
  const struct asked asked = {path, id_and_y, 2, {"sigmoid", NULL}, 0, 2, NULL, NULL, NULL};
  struct answers answers;
  ask_well(&asked, &answers);
  assert_int_equal(answers.n, 0);
  assert_int_equal(answers.n_columns, 3);
  answers_clear(&answers);
}

/* No model at all: the columns are kept as they are. */
static void test_columns_alone(void **state) {
  (void)state;
  char path[4096];
  snprintf(path, sizeof path, "%s", many_rows("columns.parquet", "PARQUET"));
  const struct asked asked = {path, id_and_y, 2, {NULL, NULL}, 0, 2, NULL, NULL, NULL};
  struct answers answers;
  ask_well(&asked, &answers);
  assert_int_equal(answers.n, 10007);
  assert_true(answers.value[0][10006] == 10006.0);
  answers_clear(&answers);
}

static void test_misfit_is_told_before_rows(void **state) {
  (void)state;
  char path[4096];
  snprintf(path, sizeof path, "%s", tablekit_path("text.parquet"));
  tablekit_copy("SELECT 1 AS id, 1 AS y, 'a' AS x0, 0.5::FLOAT AS x1, 0.5::FLOAT AS x2, 0.5::FLOAT "
                "AS x3",
                path, "PARQUET");
  const struct asked asked = {path, id_and_y, 2, {"sigmoid", NULL}, 0, 1, NULL, NULL, NULL};
  struct answers answers;
  nonet_error error = {""};
  assert_int_equal(ask(&asked, &answers, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "candidate"));
  assert_non_null(strstr(error.message, "x0"));
  assert_int_equal(answers.broken, -1); /* the model is not to blame */
}

/* Every kind of golden model, against the floor below asked without tables, threads and rounds: the
 * same bytes. Batches of 12 rows straddle the 20 rows of the file's arrays. */
static void test_as_the_model_itself(void **state) {
  (void)state;
  static const char *const names[] = {"sigmoid", "fixed", "logit", "boost_binary"};
  static const char *const roles[] = {"x1"};
  static const size_t threads[] = {1, 2, 7};
  static const struct model_target binary = {MODEL_BINARY, zero_one, 2};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char file[64], path[4096];
    struct modelkit_rows rows;
    struct modelkit_answer alone;
    struct asked asked = {
        .roles = roles, .n_roles = 1, .batch_rows = 12, .model = {names[i], NULL}};
    snprintf(file, sizeof file, "%s.arrow", names[i]);
    snprintf(path, sizeof path, "%s", modelkit_path(file));
    asked.path = path;
    modelkit_read(names[i], &rows);
    const struct model_options options = options_of(&asked, STREAM_A);
    modelkit_answer(&options, &binary, &rows, &alone);
    modelkit_expect(&alone, NONET_OK, NULL);
    for (size_t t = 0; t < 3; t++) {
      struct answers answers;
      asked.n_threads = threads[t];
      ask_well(&asked, &answers);
      assert_int_equal(answers.n, rows.n);
      assert_memory_equal(answers.value[1], alone.scores, rows.n * sizeof(double));
      answers_clear(&answers);
    }
    modelkit_answer_clear(&alone);
    modelkit_clear(&rows);
  }
}

static void test_multiclass_and_regression(void **state) {
  (void)state;
  static const char *const classes[] = {"3", "4", "5"}, *const roles[] = {"e0", "e1", "e2"};
  static const struct model_target multiclass = {MODEL_MULTICLASS, classes, 3};
  static const struct model_target regression = {MODEL_REGRESSION, NULL, 0};
  char path[4096];
  struct answers answers;
  snprintf(path, sizeof path, "%s", modelkit_path("matrix.arrow"));
  struct asked asked = {
      .path = path, .roles = roles, .n_roles = 3, .model = {"matrix", NULL}, .target = &multiclass};
  ask_well(&asked, &answers);
  assert_int_equal(answers.n_columns, 6);
  assert_string_equal(answers.names[3], "candidate's score 0");
  assert_string_equal(answers.names[5], "candidate's score 2");
  for (size_t r = 0; r < answers.n; r++)
    for (size_t k = 0; k < 3; k++)
      assert_true(fabs(answers.value[3 + k][r] - answers.value[k][r]) < 1e-6);
  answers_clear(&answers);
  snprintf(path, sizeof path, "%s", modelkit_path("regression.arrow"));
  asked.n_roles = 1;
  asked.model[STREAM_A] = "regression";
  asked.target = &regression;
  ask_well(&asked, &answers);
  for (size_t r = 0; r < answers.n; r++)
    assert_true(fabs(answers.value[1][r] - answers.value[0][r]) < 1e-5);
  answers_clear(&answers);
}

/* Batches of 12 and of 8 (the model's own): rounds of 384 rows, a multiple of both. Each model
 * answers as if it were alone. */
static void test_two_batch_sizes(void **state) {
  (void)state;
  char path[4096];
  struct answers both, a, b;
  snprintf(path, sizeof path, "%s", many_rows("two.parquet", "PARQUET"));
  struct asked asked = {path, id_and_y, 2, {"sigmoid", "fixed"}, 12, 2, NULL, NULL, NULL};
  ask_well(&asked, &both);
  asked.model[STREAM_B] = NULL;
  ask_well(&asked, &a);
  asked.model[STREAM_A] = NULL;
  asked.model[STREAM_B] = "fixed";
  ask_well(&asked, &b);
  assert_int_equal(both.n, 10007);
  assert_memory_equal(both.value[2], a.value[2], both.n * sizeof(double));
  assert_memory_equal(both.value[3], b.value[2], both.n * sizeof(double));
  answers_clear(&both);
  answers_clear(&a);
  answers_clear(&b);
}

/* The place of rows is all that a sample knows: more rows than it was drawn from, or fewer, are
 * told. */
static void test_changed_table(void **state) {
  (void)state;
  static const uint64_t drawn_from[] = {10006, 10008, 16};
  static uint8_t keep[10008 / 8 + 1];
  char path[4096];
  snprintf(path, sizeof path, "%s", many_rows("changed.parquet", "PARQUET"));
  memset(keep, 0x55, sizeof keep);
  for (size_t i = 0; i < 3; i++) {
    struct sample sample = {.keep = keep, .n_rows = drawn_from[i], .n_kept = 1};
    const struct asked asked = {path, id_and_y, 2, {"sigmoid", NULL}, 0, 2, &sample, NULL, NULL};
    struct answers answers;
    nonet_error error = {""};
    assert_int_equal(ask(&asked, &answers, &error), NONET_E_DATA);
    assert_non_null(strstr(error.message, "has 10007 now"));
  }
}

static const char loop[] = "import sys, pyarrow as pa\n"
                           "w = None\n"
                           "for b in pa.ipc.open_stream(sys.stdin.buffer):\n"
                           "    x = b['x0'].to_pylist()\n"
                           "    r = pa.record_batch([%s], names=['%s'])\n"
                           "    w = w or pa.ipc.new_stream(sys.stdout.buffer, r.schema)\n"
                           "    w.write_batch(r)\n"
                           "    sys.stdout.buffer.flush()\n";

/* Only the first answer shows that a command decides: its column is made then. */
static void test_decisions_alone(void **state) {
  (void)state;
  char path[4096], program[512];
  snprintf(path, sizeof path, "%s", many_rows("labels.parquet", "PARQUET"));
  snprintf(program, sizeof program, loop, "['1' if v > 0 else '0' for v in x]", "prediction");
  const struct asked asked = {.path = path,
                              .roles = (const char *const[]){"x0"},
                              .n_roles = 1,
                              .batch_rows = 1000,
                              .n_threads = 2,
                              .command = program};
  struct table *table = NULL;
  struct predicted predicted;
  struct ArrowSchema schema;
  struct ArrowArray array;
  const struct table_source source = {.path = path};
  const struct model_options options = options_of(&asked, STREAM_A);
  struct predict_request request = {
      .roles = asked.roles, .n_roles = 1, .target = {MODEL_BINARY, zero_one, 2}, .n_threads = 2};
  nonet_error error = {""};
  size_t n = 0;
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(model_open(&options, &request.model[STREAM_A], &error), NONET_OK);
  nonet_status status = predict_table(table, &request, &predicted, NULL, &error);
  assert_string_equal(error.message, "");
  assert_int_equal(status, NONET_OK);
  assert_int_equal(predicted.stream.get_schema(&predicted.stream, &schema), 0);
  assert_string_equal(schema.children[1]->name, "candidate's prediction");
  assert_string_equal(schema.children[1]->format, "u");
  while (predicted.stream.get_next(&predicted.stream, &array) == 0 && array.release != NULL) {
    const float *x = array.children[0]->buffers[1];
    const int32_t *ends = array.children[1]->buffers[1];
    const char *text = array.children[1]->buffers[2];
    for (int64_t r = 0; r < array.length; r++, n++) {
      assert_int_equal(ends[r + 1] - ends[r], 1);
      assert_int_equal(text[ends[r]], x[r] > 0.0F ? '1' : '0');
    }
    array.release(&array);
  }
  assert_int_equal(n, 10007);
  schema.release(&schema);
  predicted.stream.release(&predicted.stream);
  model_close(request.model[STREAM_A]);
  table_close(table);
}

/* Row 4,011 of the table, in its fifth batch: the smallest bad row is the one named, whichever
 * thread was first, and in the sample too it is the table's. */
static void test_bad_answer_names_its_row(void **state) {
  (void)state;
  char path[4096], program[512];
  struct answers answers;
  static uint8_t keep[10007 / 8 + 1];
  struct sample sample = {.keep = keep, .n_rows = 10007};
  snprintf(path, sizeof path, "%s", tablekit_path("bad.parquet"));
  tablekit_copy("SELECT i AS x0 FROM range(10007) t(i)", path, "PARQUET");
  snprintf(program, sizeof program, loop, "[None if v in (4010, 4500, 9000) else 0.5 for v in x]",
           "score");
  for (size_t r = 0; r < 10007; r += 2) {
    keep[r / 8] |= (uint8_t)(1u << (r % 8));
    sample.n_kept++;
  }
  for (size_t i = 0; i < 4; i++) {
    const struct asked asked = {.path = path,
                                .roles = (const char *const[]){"x0"},
                                .n_roles = 1,
                                .batch_rows = 1000,
                                .n_threads = 1 + i % 2 * 3,
                                .sample = i < 2 ? NULL : &sample,
                                .command = program};
    nonet_error error = {""};
    assert_int_equal(ask(&asked, &answers, &error), NONET_E_DATA);
    if (strncmp(error.message, "row 4011: ", 10) != 0)
      fail_msg("%s", error.message);
    assert_int_equal(answers.broken, STREAM_A);
    assert_int_equal(answers.n_unanswered, 1000);
  }
}

static void test_stops_between_batches(void **state) {
  (void)state;
  static const char *const roles[] = {"id"};
  const atomic_int cancel = 1;
  struct progress progress = {.cancel = &cancel};
  const char *path = many_rows("stop.parquet", "PARQUET");
  const struct table_source source = {.path = path};
  const struct predict_request request = {.roles = roles, .n_roles = 1, .n_threads = 2};
  struct predicted predicted;
  struct table *table = NULL;
  nonet_error error = {""};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  assert_int_equal(predict_table(table, &request, &predicted, &progress, &error),
                   NONET_E_INTERRUPTED);
  table_close(table);
}

/* Each allocation of ours fails once, from the table's opening to the last answer. */
static void test_allocation_failures(void **state) {
  (void)state;
  static const char *const roles[] = {"e0"};
  char path[4096];
  long n_failed = 0;
  snprintf(path, sizeof path, "%s", modelkit_path("sigmoid.arrow"));
  const struct asked asked = {path, roles, 1, {"sigmoid", "fixed"}, 12, 2, NULL, NULL, NULL};
  bool done = false;
  for (long k = 0; !done; k++) {
    struct answers answers = {0};
    nonet_error error = {""};
    memory_fail_after(k);
    nonet_status status = ask(&asked, &answers, &error);
    done = memory_fail_after(-1) <= k;
    if (status == NONET_OK) { /* a thread less, say */
      assert_int_equal(answers.n, 50);
      assert_true(fabs(answers.value[1][49] - answers.value[0][49]) < 1e-6);
    } else {
      assert_int_equal(status, NONET_E_MEMORY);
      n_failed++;
    }
    answers_clear(&answers);
  }
  assert_true(n_failed > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden_rows_keep_their_answers),
      cmocka_unit_test(test_threads_and_formats_do_not_matter),
      cmocka_unit_test(test_sampled_rows_are_those_rows),
      cmocka_unit_test(test_no_rows),
      cmocka_unit_test(test_columns_alone),
      cmocka_unit_test(test_misfit_is_told_before_rows),
      cmocka_unit_test(test_as_the_model_itself),
      cmocka_unit_test(test_multiclass_and_regression),
      cmocka_unit_test(test_two_batch_sizes),
      cmocka_unit_test(test_changed_table),
      cmocka_unit_test(test_decisions_alone),
      cmocka_unit_test(test_bad_answer_names_its_row),
      cmocka_unit_test(test_stops_between_batches),
      cmocka_unit_test(test_allocation_failures),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
