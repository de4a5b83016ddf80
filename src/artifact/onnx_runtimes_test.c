/* The oldest release that opens a model; expected: the releases themselves, as tried (the source in
 * onnx_runtimes.c), 1.18 being the first of opset 21. */
#include <cmocka.h>

#include "artifact/onnx_runtimes.h"

static struct artifact asking(struct artifact_opset *opsets, int64_t opset, int64_t ml,
                              int64_t ir) {
  opsets[0] = (struct artifact_opset){"", opset};
  opsets[1] = (struct artifact_opset){"ai.onnx.ml", ml};
  return (struct artifact){.opsets = opsets, .n_opsets = 2, .ir_version = ir};
}

static void test_first(void **state) {
  (void)state;
  struct artifact_opset opsets[2];
  struct artifact artifact = asking(opsets, 21, 1, 8);
  assert_int_equal(onnx_runtimes_first(&artifact)->minor, 18);
  artifact = asking(opsets, 15, 4, 8);
  assert_int_equal(onnx_runtimes_first(&artifact)->minor, 17);
  artifact = asking(opsets, 15, 1, 13);
  assert_int_equal(onnx_runtimes_first(&artifact)->minor, 24);
  artifact = asking(opsets, 9, 1, 4);
  assert_true(onnx_runtimes_is_oldest(onnx_runtimes_first(&artifact)));
  artifact = asking(opsets, 99, 1, 8);
  assert_null(onnx_runtimes_first(&artifact));
}

static void test_of(void **state) {
  (void)state;
  struct artifact_opset opsets[2];
  struct artifact artifact = asking(opsets, 21, 3, 8);
  assert_null(onnx_runtimes_of(14));
  assert_int_equal(onnx_runtimes_of(16)->opset, 19);
  assert_int_equal(onnx_runtimes_of(22)->opset, 22);
  assert_int_equal(onnx_runtimes_of(99)->minor, 32);
  assert_false(onnx_runtimes_knows(onnx_runtimes_of(17), &artifact, ""));
  assert_true(onnx_runtimes_knows(onnx_runtimes_of(17), &artifact, "ai.onnx.ml"));
  assert_true(onnx_runtimes_knows(onnx_runtimes_of(18), &artifact, ""));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_first), cmocka_unit_test(test_of)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
