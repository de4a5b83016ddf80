/* Operations counted by hand, from the operators' definitions. */
#include <math.h>

#include <cmocka.h>

#include "artifact/onnx_kit.h"

static Onnx__AttributeProto ints(const char *name, int64_t *values, size_t n) {
  Onnx__AttributeProto attribute = ONNX__ATTRIBUTE_PROTO__INIT;
  attribute.name = (char *)name;
  attribute.n_ints = n;
  attribute.ints = values;
  return attribute;
}

static struct artifact_cost cost_of(Onnx__NodeProto **nodes, size_t n_nodes,
                                    Onnx__TensorProto **weights, size_t n_weights,
                                    const int64_t *sizes, size_t n_sizes) {
  struct artifact artifact;
  nonet_error error = {""};
  assert_int_equal(
      kit_read(nodes, n_nodes, weights, n_weights, sizes, n_sizes, NULL, &artifact, &error),
      NONET_OK);
  struct artifact_cost cost = artifact.cost;
  artifact_clear(&artifact);
  return cost;
}

/* Conv of 3 -> 8 channels, 3x3, padded, on 32x32: 2*27 a result, 8*1024 results, and a bias each;
 * Relu 1 each; MaxPool 2x2 stride 2: 4 a result, 8*256 results. */
static void test_convolution(void **state) {
  (void)state;
  char *in[] = {"x", "w", "b"}, *conv_out[] = {"c"}, *relu_out[] = {"r"}, *pool_out[] = {"p"};
  int64_t w_dims[] = {8, 3, 3, 3}, b_dims[] = {8}, pads[] = {1, 1, 1, 1}, two[] = {2, 2};
  Onnx__TensorProto w = kit_tensor("w", w_dims, 4, NULL, 0),
                    b = kit_tensor("b", b_dims, 1, NULL, 0);
  Onnx__TensorProto *weights[] = {&w, &b};
  Onnx__NodeProto conv = kit_node("Conv", in, 3, conv_out),
                  relu = kit_node("Relu", conv_out, 1, relu_out),
                  pool = kit_node("MaxPool", relu_out, 1, pool_out);
  Onnx__AttributeProto padded = ints("pads", pads, 4), kernel = ints("kernel_shape", two, 2),
                       strides = ints("strides", two, 2);
  Onnx__AttributeProto *of_conv[] = {&padded}, *of_pool[] = {&kernel, &strides};
  conv.n_attribute = 1;
  conv.attribute = of_conv;
  pool.n_attribute = 2;
  pool.attribute = of_pool;
  Onnx__NodeProto *nodes[] = {&conv, &relu, &pool};
  const int64_t open[] = {0, 3, 32, 32}, four[] = {4, 3, 32, 32};
  struct artifact_cost cost = cost_of(nodes, 3, weights, 2, open, 4);
  const double products = 2.0 * 27 * 8 * 1024 + 8 * 1024;
  assert_true(cost.flops == products + 8 * 1024 + 4 * 8 * 256);
  assert_true(cost.quantisable_flops == products);
  assert_false(cost.is_bound);
  /* weights 4*(216 + 8); values 4*(3072 + 8192 | 8192 + 8192 | 8192 + 2048) */
  assert_true(cost.traffic_bytes == 4.0 * (224 + 3072 + 8192 + 8192 + 8192 + 8192 + 2048));
  /* four rows at once: the same a row */
  assert_true(cost_of(nodes, 3, weights, 2, four, 4).flops == cost.flops);
}

/* 10 -> 20 -> 2: Gemm 2*10*20 + 20, Relu 20, MatMul 2*20*2, Softmax 3*2. */
static void test_perceptron(void **state) {
  (void)state;
  char *gemm_in[] = {"x", "w1", "b1"}, *h[] = {"h"}, *r[] = {"r"}, *mat_in[] = {"r", "w2"},
       *z[] = {"z"}, *y[] = {"y"};
  int64_t d1[] = {10, 20}, d2[] = {20, 2};
  Onnx__TensorProto w1 = kit_tensor("w1", d1, 2, NULL, 0),
                    b1 = kit_tensor("b1", d1 + 1, 1, NULL, 0),
                    w2 = kit_tensor("w2", d2, 2, NULL, 0);
  Onnx__TensorProto *weights[] = {&w1, &b1, &w2};
  Onnx__NodeProto a = kit_node("Gemm", gemm_in, 3, h), b = kit_node("Relu", h, 1, r),
                  c = kit_node("MatMul", mat_in, 2, z), d = kit_node("Softmax", z, 1, y);
  Onnx__NodeProto *nodes[] = {&a, &b, &c, &d};
  const int64_t sizes[] = {0, 10};
  assert_true(cost_of(nodes, 4, weights, 3, sizes, 2).flops == 420 + 20 + 80 + 6);
}

/* What is not known is named once, and makes a lower bound. */
static void test_not_counted(void **state) {
  (void)state;
  char *x[] = {"x"}, *u[] = {"u"}, *v[] = {"v"}, *w[] = {"w"};
  Onnx__NodeProto a = kit_node("Fancy", x, 1, u), b = kit_node("Fancy", u, 1, v),
                  c = kit_node("Relu", x, 1, w);
  a.domain = b.domain = "com.acme";
  Onnx__NodeProto *nodes[] = {&a, &b, &c};
  const int64_t sizes[] = {0, 10}, sequence[] = {0, 0};
  struct artifact_cost cost = cost_of(nodes, 3, NULL, 0, sizes, 2);
  assert_true(cost.flops == 10 && cost.is_bound);
  assert_string_equal(cost.why, "Fancy");
  cost = cost_of(nodes + 2, 1, NULL, 0, sequence, 2);
  assert_true(cost.flops == 1 && cost.is_bound);
  assert_string_equal(cost.why, "axes that are open behind the first");
}

/* The file fixes what Reshape makes; sizes beyond counting are not counted. */
static void test_reshape(void **state) {
  (void)state;
  char *in[] = {"x", "s"}, *z[] = {"z"}, *y[] = {"y"}, *mat_in[] = {"z", "w"};
  int64_t shape[] = {-1, 6}, n[] = {2}, d[] = {6, 5}, vast[] = {6, (int64_t)1 << 45};
  Onnx__TensorProto s = kit_tensor("s", n, 1, shape, 2), w = kit_tensor("w", d, 2, NULL, 0);
  Onnx__TensorProto *weights[] = {&s, &w};
  Onnx__NodeProto a = kit_node("Reshape", in, 2, z), b = kit_node("MatMul", mat_in, 2, y);
  Onnx__NodeProto *nodes[] = {&a, &b};
  const int64_t sizes[] = {0, 2, 3};
  assert_true(cost_of(nodes, 2, weights, 2, sizes, 3).flops == 2 * 6 * 5);
  w.dims = vast;
  struct artifact_cost cost = cost_of(nodes, 2, weights, 2, sizes, 3);
  assert_true(cost.flops == 0 && cost.is_bound);
  assert_string_equal(cost.why, "MatMul");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_convolution),
      cmocka_unit_test(test_perceptron),
      cmocka_unit_test(test_not_counted),
      cmocka_unit_test(test_reshape),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
