/* XGBoost models: answers against xgboost's own Python package
 * (tests/golden/models/make_models.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/modelkit.h"

static const char *const zero_one[] = {"0", "1"}, *const three[] = {"0", "1", "2"};
static const char *const x4[] = {"x0", "x1", "x2", "x3"};

static struct model_options options_of(const char *file) {
  static char path[1024];
  snprintf(path, sizeof path, "%s", modelkit_path(file));
  return (struct model_options){.kind = "xgboost", .path = path};
}

struct golden {
  const char *file, *rows;
  struct model_target target;
  size_t n_features;
};

static const struct golden golden[] = {
    {"boost_binary.json", "boost_binary", {MODEL_BINARY, zero_one, 2}, 0},
    {"boost_multi.ubj", "boost_multi", {MODEL_MULTICLASS, three, 3}, 0},
    {"boost_regression.json", "boost_regression", {MODEL_REGRESSION, NULL, 0}, 0},
    {"boost_linear.json", "boost_linear", {MODEL_BINARY, zero_one, 2}, 0},
    {"boost_unnamed.json", "boost_unnamed", {MODEL_BINARY, zero_one, 2}, 4},
};

/* Missing values among them; whatever the batches, trees give the same bits. */
static void test_golden(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof golden / sizeof *golden; i++)
    for (size_t batch_rows = 0; batch_rows < 8; batch_rows += 7) {
      const struct golden *g = &golden[i];
      struct modelkit_rows rows;
      struct modelkit_answer answer;
      struct model_options options = options_of(g->file);
      options.features = g->n_features ? x4 : NULL;
      options.n_features = g->n_features;
      options.batch_rows = batch_rows;
      modelkit_read(g->rows, &rows);
      modelkit_answer(&options, &g->target, &rows, &answer);
      modelkit_expect(&answer, NONET_OK, NULL);
      assert_true(answer.gives_scores);
      assert_false(answer.gives_labels);
      modelkit_compare(&answer, &g->target, &rows, 0);
      modelkit_answer_clear(&answer);
      modelkit_clear(&rows);
    }
}

struct misfit {
  const char *file, *rows;
  struct model_target target;
  nonet_status status;
  const char *piece, *other;
};

static const struct misfit misfits[] = {
    {"boost_unnamed.json",
     "matrix",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_CONFIG,
     "4 features",
     "0 are listed"},
    {"boost_binary.json",
     "columns_int",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_DATA,
     "'x0'",
     "does not have"},
    {"boost_binary.json",
     "matrix",
     {MODEL_REGRESSION, NULL, 0},
     NONET_E_DATA,
     "binary:logistic",
     "regression"},
    {"boost_binary.json",
     "matrix",
     {MODEL_MULTICLASS, three, 3},
     NONET_E_DATA,
     "1 numbers a row",
     "3"},
    {"boost_multi.ubj",
     "matrix",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_DATA,
     "3 numbers a row",
     "1 or 2"},
    {"make_models.py",
     "matrix",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_DATA,
     "not a model that XGBoost",
     "make_models.py"},
    {"nothing.json", "matrix", {MODEL_BINARY, zero_one, 2}, NONET_E_NO_INPUT, "nothing.json", "no"},
};

static void test_misfits(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof misfits / sizeof *misfits; i++) {
    struct modelkit_rows rows;
    struct modelkit_answer answer;
    struct model_options options = options_of(misfits[i].file);
    modelkit_read(misfits[i].rows, &rows);
    modelkit_answer(&options, &misfits[i].target, &rows, &answer);
    modelkit_expect(&answer, misfits[i].status, misfits[i].piece, misfits[i].other, NULL);
    assert_null(answer.scores);
    modelkit_clear(&rows);
  }
}

static void test_describes(void **state) {
  (void)state;
  struct model *model;
  struct model_options options = options_of("boost_multi.ubj");
  assert_int_equal(model_open(&options, &model, NULL), NONET_OK);
  const struct model_info *info = model_info(model);
  assert_int_equal(info->n_inputs, 4);
  assert_string_equal(info->inputs[3].name, "x3");
  assert_string_equal(info->outputs[0].shape, "[N, 3]");
  assert_string_equal(info->facts[0].value, "multi:softprob");
  assert_int_equal(strncmp(info->runtime, "xgboost ", 8), 0);
  model_close(model);
}

static void test_short_memory(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  modelkit_read("boost_binary", &rows);
  for (long k = 0; k < 200; k++) {
    struct model_options options = options_of("boost_binary.json");
    memory_fail_after(k);
    modelkit_answer(&options, &golden[0].target, &rows, &answer);
    long made = memory_fail_after(-1);
    nonet_status status = answer.status;
    modelkit_answer_clear(&answer);
    if (made <= k) {
      assert_int_equal(status, NONET_OK);
      assert_true(k > 20);
      modelkit_clear(&rows);
      return;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
  fail_msg("more than 200 allocations");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),
      cmocka_unit_test(test_misfits),
      cmocka_unit_test(test_describes),
      cmocka_unit_test(test_short_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
