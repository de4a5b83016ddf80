/* Boosters: the committed models (their trees counted by hand in the JSON), and texts of two
 * trees. */
#include <math.h>

#include <cmocka.h>

#include "artifact/onnx_kit.h"

static void test_xgboost(void **state) {
  (void)state;
  struct artifact artifact;
  nonet_error error = {""};
  /* leaves 3 + 3 + 4; depths (1 + 2 + 2)/3 twice, and 2 */
  assert_int_equal(
      artifact_read("xgboost", NONET_TEST_MODELS "/boost_binary.json", &artifact, &error),
      NONET_OK);
  assert_string_equal(artifact.objective, "binary:logistic");
  assert_string_equal(artifact.version, "3.2.0");
  assert_int_equal(artifact.n_features, 4);
  assert_int_equal(artifact.trees.n_trees, 3);
  assert_int_equal(artifact.trees.n_leaves, 10);
  assert_int_equal(artifact.trees.depth, 2);
  assert_int_equal(artifact.n_parameters, 17);
  assert_true(fabs(artifact.cost.flops - (16.0 / 3 + 3)) < 1e-12);
  artifact_clear(&artifact);
  /* UBJSON; three rounds of three classes */
  assert_int_equal(
      artifact_read("xgboost", NONET_TEST_MODELS "/boost_multi.ubj", &artifact, &error), NONET_OK);
  assert_string_equal(artifact.objective, "multi:softprob");
  assert_int_equal(artifact.trees.n_trees, 9);
  artifact_clear(&artifact);
  /* four weights and a bias */
  assert_int_equal(
      artifact_read("xgboost", NONET_TEST_MODELS "/boost_linear.json", &artifact, &error),
      NONET_OK);
  assert_true(artifact.n_parameters == 5 && artifact.cost.flops == 10);
  artifact_clear(&artifact);
}

static nonet_status parse(enum artifact_kind kind, const char *text, struct artifact *artifact,
                          nonet_error *error) {
  return artifact_parse(kind, text, strlen(text), NULL, artifact, error);
}

#define HEAD "tree\nversion=v4\nmax_feature_idx=9\nobjective=binary sigmoid:1\n\n"

static void test_lightgbm(void **state) {
  (void)state;
  struct artifact artifact;
  nonet_error error = {""};
  /* root -> (inner 1, leaf 0), inner 1 -> (leaf 1, leaf 2): depths 1, 2, 2; and a single leaf */
  assert_int_equal(parse(ARTIFACT_LIGHTGBM,
                         HEAD "Tree=0\nnum_leaves=3\nleft_child=1 -2\nright_child=-1 -3\n\n"
                              "Tree=1\nnum_leaves=1\nleaf_value=0.5\n\nend of trees\n\nTree=9\n",
                         &artifact, &error),
                   NONET_OK);
  assert_string_equal(artifact.version, "v4");
  assert_string_equal(artifact.objective, "binary sigmoid:1");
  assert_true(artifact.n_features == 10 && artifact.trees.n_trees == 2);
  assert_true(artifact.trees.n_leaves == 4 && artifact.trees.depth == 2);
  assert_true(fabs(artifact.trees.path - 5.0 / 3) < 1e-12);
  artifact_clear(&artifact);
  static const char *const bad[] = {
      "",
      "treee\n",
      HEAD "Tree=0\nnum_leaves=3\n",
      HEAD "num_leaves=3\nend of trees\n",
      HEAD "num_leaves=3\nleft_child=1\nright_child=-1 -3\nend of trees\n",
      HEAD "num_leaves=3\nleft_child=0 -2\nright_child=-1 -3\nend of trees\n",
      HEAD "num_leaves=99999999\nleft_child=0 -2\nend of trees\n",
      HEAD "num_leaves=x\nend of trees\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(parse(ARTIFACT_LIGHTGBM, bad[i], &artifact, &error), NONET_E_DATA);
  }
}

static void test_damaged(void **state) {
  (void)state;
  struct artifact artifact;
  nonet_error error = {""};
  static const char *const bad[] = {
      "",
      "{}",
      "{\"learner\":{}}",
      "binf....",
      "{L",
      "{U\x01"
      "a[$Z#l\x7f\x7f\x7f\x7f",
      "{\"learner\":{\"gradient_booster\":{\"model\":{\"trees\":[{\"left_children\":[1,-1],"
      "\"right_children\":[0,-1]}]}}}}"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(parse(ARTIFACT_XGBOOST, bad[i], &artifact, &error), NONET_E_DATA);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_xgboost),
                                     cmocka_unit_test(test_lightgbm),
                                     cmocka_unit_test(test_damaged)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
