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

static const struct modelkit_case golden[] = {
    {"boost_binary.json", "boost_binary", {MODEL_BINARY, zero_one, 2}, NULL, 0},
    {"boost_multi.ubj", "boost_multi", {MODEL_MULTICLASS, three, 3}, NULL, 0},
    {"boost_regression.json", "boost_regression", {MODEL_REGRESSION, NULL, 0}, NULL, 0},
    {"boost_linear.json", "boost_linear", {MODEL_BINARY, zero_one, 2}, NULL, 0},
    {"boost_unnamed.json", "boost_unnamed", {MODEL_BINARY, zero_one, 2}, x4, 4},
};

static void test_golden(void **state) {
  (void)state;
  modelkit_golden("xgboost", golden, sizeof golden / sizeof *golden);
}

static const struct modelkit_misfit misfits[] = {
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
  modelkit_misfits("xgboost", misfits, sizeof misfits / sizeof *misfits);
}

static void test_describes(void **state) {
  (void)state;
  struct model *model;
  struct model_options options = modelkit_options("xgboost", "boost_multi.ubj");
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
  modelkit_short_memory("xgboost", &golden[0]);
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
