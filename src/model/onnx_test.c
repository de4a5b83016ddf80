/* ONNX models: answers against onnxruntime's own Python package
 * (tests/golden/models/make_models.py), the misfits that are told before any row, values that
 * cannot be fed, batches that change nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/modelkit.h"
#include "model/onnx_parts.h"

static const char *const no_yes[] = {"no", "yes"}, *const zero_one[] = {"0", "1"};
static const char *const three[] = {"3", "4", "5"}, *const abc[] = {"a", "b", "c"};
static const char *const x4[] = {"x0", "x1", "x2", "x3"};

static struct model_options onnx_options(const char *name) {
  static char path[1024];
  char file[64];
  snprintf(file, sizeof file, "%s.onnx", name);
  snprintf(path, sizeof path, "%s", modelkit_path(file));
  return (struct model_options){.kind = "onnx", .path = path};
}

static struct model_target target_of(enum model_task task, const char *const *classes) {
  size_t n = task == MODEL_REGRESSION ? 0 : task == MODEL_BINARY ? 2 : 3;
  return (struct model_target){task, classes, n};
}

struct golden {
  const char *name;
  enum model_task task;
  const char *const *classes;
  bool needs_features, gives_labels;
  enum model_layout layout;
  double slack; /* 0: the runtime's own numbers; else what a sigmoid of ours may differ by */
  const char *note;
};

static const struct golden golden[] = {
    {"columns_text", MODEL_BINARY, no_yes, false, true, 0, 0, NULL},
    {"columns_int", MODEL_BINARY, zero_one, false, true, 0, 0, NULL},
    {"columns_int", MODEL_BINARY, no_yes, false, true, 0, 0, "0 is taken as 'no'"},
    {"matrix", MODEL_MULTICLASS, three, true, true, 0, 0, NULL},
    {"regression", MODEL_REGRESSION, NULL, true, false, 0, 0, NULL},
    {"logits", MODEL_MULTICLASS, abc, false, false, 0, 1e-15, "softmax applied"},
    {"sigmoid", MODEL_BINARY, zero_one, false, false, 0, 0, "taken as P(positive)"},
    {"logit", MODEL_BINARY, zero_one, false, false, 0, 1e-15, "sigmoid applied"},
    {"half", MODEL_MULTICLASS, abc, true, false, 0, 0, NULL},
    {"fixed", MODEL_BINARY, zero_one, false, false, 0, 0, "batch size is 8"},
    {"image", MODEL_BINARY, zero_one, false, false, 0, 0, NULL},
    {"image_nchw", MODEL_BINARY, zero_one, false, false, MODEL_LAYOUT_NHWC, 0, NULL},
};

static void test_golden(void **state) {
  (void)state;
  static const size_t batch_rows[] = {0, 1, 7, 50};
  for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
    for (size_t b = 0; b < 4; b++) {
      const struct golden *g = &golden[i];
      struct model_options options = onnx_options(g->name);
      struct model_target target = target_of(g->task, g->classes);
      struct modelkit_rows rows;
      struct modelkit_answer answer;
      options.features = g->needs_features ? x4 : NULL;
      options.n_features = g->needs_features ? 4 : 0;
      options.layout = g->layout;
      options.batch_rows = batch_rows[b];
      modelkit_read(g->name, &rows);
      modelkit_answer(&options, &target, &rows, &answer);
      modelkit_expect(&answer, NONET_OK, NULL);
      assert_true(answer.gives_scores);
      assert_int_equal(answer.gives_labels, g->gives_labels);
      /* a matrix product may be blocked otherwise for other numbers of rows: a last digit of its
       * type */
      double other = strcmp(g->name, "half") == 0 ? 1e-3 : 1e-6;
      modelkit_compare(&answer, &target, &rows, b == 0 ? g->slack : other);
      if (g->note && !strstr(answer.notes, g->note))
        fail_msg("%s: no note '%s' in '%s'", g->name, g->note, answer.notes);
      modelkit_answer_clear(&answer);
      modelkit_clear(&rows);
    }
}

static void test_describes(void **state) {
  (void)state;
  struct model_options options = onnx_options("columns_text");
  struct model *model;
  size_t n;
  assert_int_equal(model_open(&options, &model, NULL), NONET_OK);
  const struct model_info *info = model_info(model);
  const char *const *columns = model_columns(model, &n);
  assert_int_equal(n, 3);
  assert_string_equal(columns[2], "job");
  assert_string_equal(info->inputs[1].type, "int64");
  assert_string_equal(info->inputs[1].shape, "[N, 1]");
  assert_string_equal(info->outputs[1].type, "sequence of map(string, float32)");
  assert_int_equal(info->n_classes, 2);
  assert_string_equal(info->classes[1], "yes");
  assert_int_equal(strlen(info->sha256), 64);
  assert_int_equal(strncmp(info->runtime, "onnxruntime 1.", 14), 0);
  bool has_opset = false, has_producer = false;
  for (size_t i = 0; i < info->n_facts; i++) {
    has_opset |=
        strcmp(info->facts[i].key, "opset ai.onnx") == 0 && strcmp(info->facts[i].value, "14") == 0;
    has_producer |= strcmp(info->facts[i].key, "producer") == 0 &&
                    strcmp(info->facts[i].value, "skl2onnx") == 0;
  }
  assert_true(has_opset);
  assert_true(has_producer);
  model_close(model);
}

/* Declared, not found: the same numbers, and no note. */
static void test_declared(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  struct model_target target = target_of(MODEL_BINARY, zero_one);
  struct model_options options = onnx_options("logit");
  modelkit_read("logit", &rows);
  options.output = MODEL_OUTPUT_LOGIT;
  modelkit_answer(&options, &target, &rows, &answer);
  modelkit_compare(&answer, &target, &rows, 1e-15);
  assert_string_equal(answer.notes, "");
  modelkit_answer_clear(&answer);
  options.output = MODEL_OUTPUT_PROBABILITY;
  modelkit_answer(&options, &target, &rows, &answer);
  size_t row = 0; /* the first whose logit is outside [0, 1]: sigmoid(0) = .5, sigmoid(1) = .731 */
  while (modelkit_number(&rows, "e0", row) >= .5 && modelkit_number(&rows, "e0", row) <= .7310585)
    row++;
  char where[32];
  snprintf(where, sizeof where, "row %zu:", row + 1);
  modelkit_expect(&answer, NONET_E_DATA, "which is no probability", where, "output: logit", NULL);
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
}

struct misfit {
  const char *model, *rows;
  enum model_task task;
  const char *const *classes, *const *features;
  size_t n_features;
  nonet_status status;
  const char *piece, *other;
};

static const char *const two[] = {"x0", "x1"}, *const typo[] = {"x0", "x1", "x2", "x33"};
static const char *const image_column[] = {"image"};

static const struct misfit misfits[] = {
    {"columns_text", "matrix", MODEL_BINARY, no_yes, NULL, 0, NONET_E_DATA, "'age'",
     "does not have"},
    {"matrix", "matrix", MODEL_MULTICLASS, three, NULL, 0, NONET_E_DATA, "'input'", "features:"},
    {"matrix", "matrix", MODEL_MULTICLASS, three, two, 2, NONET_E_DATA, "[N, 4]", "2 features"},
    {"matrix", "matrix", MODEL_MULTICLASS, three, typo, 4, NONET_E_DATA, "'x33'",
     "did you mean 'x3'"},
    {"matrix", "matrix", MODEL_BINARY, no_yes, x4, 4, NONET_E_DATA, "3 numbers a row", "1 or 2"},
    {"matrix", "matrix", MODEL_REGRESSION, NULL, x4, 4, NONET_E_DATA, "3 numbers a row",
     "regression"},
    {"matrix", "image", MODEL_MULTICLASS, three, image_column, 1, NONET_E_DATA, "takes 4 values",
     "75"},
    {"columns_text", "columns_text", MODEL_BINARY, zero_one, NULL, 0, NONET_E_DATA, "'no', 'yes'",
     "'0', '1'"},
    {"image", "matrix", MODEL_BINARY, zero_one, x4, 4, NONET_E_DATA, "4 features", "5, 5, 3"},
    {"image", "regression", MODEL_BINARY, zero_one, x4, 1, NONET_E_DATA, "lists of uint8",
     "'x0' is float"},
};

static void test_misfits(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
    const struct misfit *m = &misfits[i];
    struct model_options options = onnx_options(m->model);
    struct model_target target = target_of(m->task, m->classes);
    struct modelkit_rows rows;
    struct modelkit_answer answer;
    options.features = m->features;
    options.n_features = m->n_features;
    modelkit_read(m->rows, &rows);
    modelkit_answer(&options, &target, &rows, &answer);
    modelkit_expect(&answer, m->status, m->piece, m->other, NULL);
    assert_null(answer.scores); /* before any row */
    modelkit_answer_clear(&answer);
    modelkit_clear(&rows);
  }
}

static void test_no_model(void **state) {
  (void)state;
  struct model *model;
  nonet_error error;
  struct model_options options = {.kind = "onnx", .path = modelkit_path("make_models.py")};
  assert_int_equal(model_open(&options, &model, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "make_models.py is not a model"));
  assert_null(model);
  options.path = modelkit_path("nothing.onnx");
  assert_int_equal(model_open(&options, &model, &error), NONET_E_NO_INPUT);
  options = onnx_options("matrix");
  options.provider = "cpuu";
  assert_int_equal(model_open(&options, &model, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "did you mean 'cpu'"));
  options.provider = "cuda"; /* the pinned library has none */
  assert_int_equal(model_open(&options, &model, &error), NONET_E_UNAVAILABLE);
}

/* A table of one column `name`: n values of `type` given as doubles, the one at `null_at` null. */
static void one_column(struct modelkit_rows *rows, const char *name, enum ArrowType type, size_t n,
                       double value, size_t null_at) {
  *rows = (struct modelkit_rows){.n_batches = 1, .n = n};
  ArrowSchemaInit(&rows->schema);
  assert_int_equal(ArrowSchemaSetTypeStruct(&rows->schema, 1), 0);
  assert_int_equal(ArrowSchemaSetType(rows->schema.children[0], type), 0);
  assert_int_equal(ArrowSchemaSetName(rows->schema.children[0], name), 0);
  assert_int_equal(ArrowArrayInitFromSchema(rows->batches, &rows->schema, NULL), 0);
  assert_int_equal(ArrowArrayStartAppending(rows->batches), 0);
  for (size_t i = 0; i < n; i++) {
    struct ArrowArray *to = rows->batches[0].children[0];
    assert_int_equal(i == null_at ? ArrowArrayAppendNull(to, 1) : ArrowArrayAppendDouble(to, value),
                     0);
  }
  rows->batches[0].length = (int64_t)n;
  assert_int_equal(ArrowArrayFinishBuildingDefault(rows->batches, NULL), 0);
}

/* One column as all three inputs of a model cannot be; the matrix model takes one four times. */
static void test_nulls_are_missing(void **state) {
  (void)state;
  static const char *const same[] = {"x0", "x0", "x0", "x0"};
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  struct model_options options = onnx_options("regression");
  struct model_target target = target_of(MODEL_REGRESSION, NULL);
  options.features = same;
  options.n_features = 4;
  one_column(&rows, "x0", NANOARROW_TYPE_DOUBLE, 3, 1.0, 1);
  modelkit_answer(&options, &target, &rows, &answer);
  modelkit_expect(&answer, NONET_OK, NULL);
  assert_true(answer.scores[1] != answer.scores[1]);
  /* trained on 1·x0 + 2·x1 + 3·x2 + 4·x3 + 5 */
  assert_true(answer.scores[0] > 14.99 && answer.scores[0] < 15.01);
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
}

/* The one failure that only rows show: a null for an integer input, with its row and column. */
static void test_bad_values(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  struct model_options options = onnx_options("columns_int");
  struct model_target target = target_of(MODEL_BINARY, zero_one);
  modelkit_read("columns_int", &rows);
  struct ArrowArray *visits = rows.batches[1].children[1];
  assert_string_equal(rows.schema.children[1]->name, "visits");
  static uint8_t validity[8] = {0xff, 0xfb, 0xff, 0xff,
                                0xff, 0xff, 0xff, 0xff}; /* the 11th is null */
  const void *before = visits->buffers[0];
  visits->buffers[0] = validity;
  visits->null_count = 1;
  modelkit_answer(&options, &target, &rows, &answer);
  modelkit_expect(&answer, NONET_E_DATA, "row 31:", "'visits' is null", NULL);
  modelkit_answer_clear(&answer);
  visits->buffers[0] = before;
  visits->null_count = 0;
  modelkit_clear(&rows);
}

/* The walk of every allocation failure through opening, binding and a session. */
static void test_short_memory(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  struct model_target target = target_of(MODEL_BINARY, no_yes);
  modelkit_read("columns_text", &rows);
  for (long k = 0; k < 400; k++) {
    struct model_options options = onnx_options("columns_text");
    memory_fail_after(k);
    modelkit_answer(&options, &target, &rows, &answer);
    long made = memory_fail_after(-1);
    nonet_status status = answer.status;
    modelkit_answer_clear(&answer);
    if (made <= k) {
      assert_int_equal(status, NONET_OK);
      assert_true(k > 40);
      modelkit_clear(&rows);
      return;
    }
    /* a row of zeros that found no memory costs the classes' names, not the model */
    assert_true(status == NONET_E_MEMORY || status == NONET_OK || status == NONET_E_DATA);
  }
  fail_msg("more than 400 allocations");
}

/* The head of any bytes ends without a fault. */
static void test_head_of_anything(void **state) {
  (void)state;
  struct model_options options = onnx_options("matrix");
  struct model *model;
  assert_int_equal(model_open(&options, &model, NULL), NONET_OK);
  static const char *const files[] = {"make_models.py", "boost_multi.ubj", "matrix.arrow"};
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(onnx_head_facts(model, modelkit_path(files[i]), NULL), NONET_OK);
  model_close(model);
}

/* A model of somebody else's (not shipped): read where the data are. */
static void test_third_party(void **state) {
  (void)state;
  const char *folder = getenv("NONET_EXTRA_DATA");
  if (!folder)
    skip();
  char path[1024];
  snprintf(path, sizeof path, "%s/models/dice_adult_mlp.onnx", folder);
  struct model_options options = {.kind = "onnx", .path = path};
  struct model *model;
  nonet_error error = {""};
  assert_int_equal(model_open(&options, &model, &error), NONET_OK);
  assert_true(model_info(model)->n_inputs > 0);
  model_close(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),           cmocka_unit_test(test_describes),
      cmocka_unit_test(test_declared),         cmocka_unit_test(test_misfits),
      cmocka_unit_test(test_no_model),         cmocka_unit_test(test_nulls_are_missing),
      cmocka_unit_test(test_bad_values),       cmocka_unit_test(test_short_memory),
      cmocka_unit_test(test_head_of_anything), cmocka_unit_test(test_third_party),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
