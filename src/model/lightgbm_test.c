/* LightGBM models: answers against lightgbm's own Python package
 * (tests/golden/models/make_lightgbm.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/modelkit.h"

static const char *const zero_one[] = {"0", "1"}, *const three[] = {"0", "1", "2"};
static const char *const x4[] = {"x0", "x1", "x2", "x3"};

static const char *const spaced[] = {"x 0", "job", "size"};

static const struct modelkit_case golden[] = {
    {"light_binary.txt", "light_binary", {MODEL_BINARY, zero_one, 2}, NULL, 0},
    {"light_multi.txt", "light_multi", {MODEL_MULTICLASS, three, 3}, NULL, 0},
    {"light_regression.txt", "light_regression", {MODEL_REGRESSION, NULL, 0}, NULL, 0},
    {"light_unnamed.txt", "light_unnamed", {MODEL_BINARY, zero_one, 2}, x4, 4},
    {"light_categories.txt", "light_categories", {MODEL_BINARY, zero_one, 2}, spaced, 3},
};

static void test_golden(void **state) {
  (void)state;
  modelkit_golden("lightgbm", golden, sizeof golden / sizeof *golden);
}

static const struct modelkit_misfit misfits[] = {
    {"light_unnamed.txt",
     "matrix",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_CONFIG,
     "4 features",
     "0 are listed"},
    {"light_binary.txt",
     "columns_int",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_DATA,
     "'x0'",
     "does not have"},
    {"light_categories.txt", /* the name with a space was not listed */
     "light_categories",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_DATA,
     "'x_0'",
     "does not have"},
    {"light_binary.txt",
     "matrix",
     {MODEL_REGRESSION, NULL, 0},
     NONET_E_DATA,
     "binary",
     "regression"},
    {"light_binary.txt",
     "matrix",
     {MODEL_MULTICLASS, three, 3},
     NONET_E_DATA,
     "1 numbers a row",
     "3"},
    {"make_models.py",
     "matrix",
     {MODEL_BINARY, zero_one, 2},
     NONET_E_DATA,
     "text of a LightGBM model",
     "make_models.py"},
    {"nothing.txt", "matrix", {MODEL_BINARY, zero_one, 2}, NONET_E_NO_INPUT, "nothing.txt", "no"},
};

static void test_misfits(void **state) {
  (void)state;
  modelkit_misfits("lightgbm", misfits, sizeof misfits / sizeof *misfits);
}

/* Texts that differ from a good file in one place: each an error that says which. (There are places
 * where LightGBM itself aborts; tests/e2e/test_deploy.py has one, and the process of its own.) */
static void test_edited(void **state) {
  (void)state;
  static const struct {
    const char *from, *to, *said;
  } edits[] = {
      {"objective=binary sigmoid:1", "objective=lambdarank", "ranking is not judged"},
      {"objective=binary sigmoid:1", "objective=multiclassova", "do not add up to 1"},
      {"feature_names=x_0 job size", "feature_names=x_0 job", "LightGBM can load"},
      {"pandas_categorical:[[", "pandas_categorical:[[\"s\"], [", "nothing tells whose"},
      {"\"sea\"", "7", "texts and numbers"},
      {"pandas_categorical:[[", "pandas_categorical:[[NaN, ", "pandas_categorical"},
      {"max_feature_idx=2", "max_feature_ids=2", "LightGBM can load"},
  };
  static char text[1 << 16], edited[1 << 16];
  char path[] = "/tmp/nonet-lightgbm-XXXXXX";
  int fd = mkstemp(path);
  FILE *file = fopen(modelkit_path("light_categories.txt"), "rb");
  assert_true(fd >= 0 && file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
    struct model_options options = {
        .kind = "lightgbm", .path = path, .features = spaced, .n_features = 3};
    struct model *model;
    nonet_error error = {""};
    char *at = strstr(text, edits[i].from);
    assert_non_null(at);
    snprintf(edited, sizeof edited, "%.*s%s%s", (int)(at - text), text, edits[i].to,
             at + strlen(edits[i].from));
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(edited, 1, strlen(edited), file), strlen(edited));
    fclose(file);
    nonet_status status = model_open(&options, &model, &error);
    if (status != NONET_E_DATA || !strstr(error.message, edits[i].said))
      fail_msg("edit %zu: status %d: %s", i, (int)status, error.message);
  }
  close(fd);
  unlink(path);
}

static void test_describes(void **state) {
  (void)state;
  struct model *model;
  struct model_options options = modelkit_options("lightgbm", "light_multi.txt");
  assert_int_equal(model_open(&options, &model, NULL), NONET_OK);
  const struct model_info *info = model_info(model);
  assert_int_equal(info->n_inputs, 4);
  assert_string_equal(info->inputs[3].name, "x3");
  assert_string_equal(info->outputs[0].shape, "[N, 3]");
  assert_string_equal(info->facts[0].value, "multiclass");
  assert_int_equal(strncmp(info->runtime, "lightgbm 4", 10), 0);
  model_close(model);
}

static void test_short_memory(void **state) {
  (void)state;
  modelkit_short_memory("lightgbm", &golden[0]);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_golden),       cmocka_unit_test(test_misfits),
      cmocka_unit_test(test_edited),       cmocka_unit_test(test_describes),
      cmocka_unit_test(test_short_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
