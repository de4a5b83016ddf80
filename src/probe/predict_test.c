/*
 * Predicting a table: each row keeps its own answer whatever the batches, threads, rounds, the
 * format of the file and the sample. The golden answers are onnxruntime's (tests/golden/models).
 */
#include "probe/predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/modelkit.h"
#include "table/columns.h"
#include "table/tablekit.h"

static const char *const zero_one[] = {"0", "1"};

/* What came back: the columns in order, as doubles. */
struct answers {
  size_t n, n_columns;
  char names[6][48];
  double *value[6]; /* [n] */
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
  const char *model[N_STREAMS]; /* golden models of one number or two; NULL: none */
  size_t batch_rows, n_threads;
  const struct sample *sample;
};

static nonet_status ask(const struct asked *asked, struct answers *answers, nonet_error *error) {
  static const char *const features[] = {"x0", "x1", "x2", "x3"};
  const struct table_source source = {.path = asked->path, .n_threads = 2};
  struct predict_request request = {.roles = asked->roles,
                                    .n_roles = asked->n_roles,
                                    .target = {MODEL_BINARY, zero_one, 2},
                                    .sample = asked->sample,
                                    .n_threads = asked->n_threads};
  struct table *table = NULL;
  struct predicted predicted = {0};
  char name[64];
  nonet_status status = table_open(&source, &table, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK && asked->model[s] != NULL; s++) {
    snprintf(name, sizeof name, "%s.onnx", asked->model[s]);
    const struct model_options options = {.kind = "onnx",
                                          .path = modelkit_path(name),
                                          .batch_rows = asked->batch_rows,
                                          .features = features,
                                          .n_features = 4};
    status = model_open(&options, &request.model[s], error);
  }
  if (status == NONET_OK)
    status = predict_table(table, &request, &predicted, NULL, error);
  if (status == NONET_OK)
    take(&predicted, answers);
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
    const struct asked asked = {path, roles, 2, {"sigmoid", NULL}, batches[i], 2, NULL};
    struct answers answers;
    ask_well(&asked, &answers);
    assert_int_equal(answers.n, 50);
    assert_string_equal(answers.names[0], "e0");
    assert_string_equal(answers.names[2], "candidate_score");
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
  struct asked asked = {parquet, id_and_y, 2, {"sigmoid", "fixed"}, 256, 1, NULL};
  struct answers one, other;
  ask_well(&asked, &one);
  assert_int_equal(one.n, 10007);
  assert_int_equal(one.n_columns, 4);
  assert_string_equal(one.names[3], "baseline_score");
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
  struct asked asked = {path, id_and_y, 2, {"sigmoid", "fixed"}, 100, 2, NULL};
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
  const struct asked asked = {path, id_and_y, 2, {"sigmoid", NULL}, 0, 2, NULL};
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
  const struct asked asked = {path, id_and_y, 2, {NULL, NULL}, 0, 2, NULL};
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
  const struct asked asked = {path, id_and_y, 2, {"sigmoid", NULL}, 0, 1, NULL};
  struct answers answers;
  nonet_error error = {""};
  assert_int_equal(ask(&asked, &answers, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "candidate"));
  assert_non_null(strstr(error.message, "x0"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden_rows_keep_their_answers),
      cmocka_unit_test(test_threads_and_formats_do_not_matter),
      cmocka_unit_test(test_sampled_rows_are_those_rows),
      cmocka_unit_test(test_no_rows),
      cmocka_unit_test(test_columns_alone),
      cmocka_unit_test(test_misfit_is_told_before_rows),
  };
  return cmocka_run_group_tests(tests, NULL, tablekit_teardown);
}
