/* The examples' models, external data in every state, and files that are none. */
#include <cmocka.h>
#include <stdio.h>
#include <unistd.h>

#include "artifact/onnx_kit.h"

/* The sizes of examples/fashion/train.py: 784 pixels, 96 hidden, 10 classes. Scaler 2 a pixel,
 * MatMul, Add, Relu, MatMul, Add, Softmax 3 and ArgMax 1 a class. */
static void test_fashion(void **state) {
  (void)state;
  struct artifact artifact;
  nonet_error error = {""};
  assert_int_equal(
      artifact_read("onnx", NONET_EXAMPLES "/fashion/models/candidate.onnx", &artifact, &error),
      NONET_OK);
  assert_true(artifact.cost.flops ==
              2 * 784 + 2 * 784 * 96 + 96 + 96 + 2 * 96 * 10 + 10 + 3 * 10 + 10);
  assert_false(artifact.cost.is_bound);
  assert_true(artifact.cost.quantisable_flops == 2 * 784 * 96 + 2 * 96 * 10);
  assert_string_equal(artifact.producer, "skl2onnx");
  assert_string_equal(artifact.inputs[0].shape, "[?, 28, 28, 1]");
  assert_int_equal(artifact.inputs[0].batch, 0);
  assert_int_equal(artifact.n_files, 0);
  assert_int_equal(artifact_bytes(&artifact), artifact.size_bytes);
  artifact_clear(&artifact);
}

static void test_crash(void **state) {
  (void)state;
  struct artifact artifact;
  nonet_error error = {""};
  assert_int_equal(
      artifact_read("onnx", NONET_EXAMPLES "/crash/models/candidate.onnx", &artifact, &error),
      NONET_OK);
  assert_true(artifact.trees.n_trees > 0 && artifact.trees.n_leaves > artifact.trees.n_trees);
  assert_int_equal(2 * artifact.trees.n_leaves - artifact.trees.n_trees, artifact.trees.n_nodes);
  assert_int_equal(artifact.n_opsets, 2);
  artifact_clear(&artifact);
}

static nonet_status external(const char *folder, const char *location, struct artifact *artifact) {
  char *x[] = {"x"}, *y[] = {"y"};
  int64_t dims[] = {3};
  Onnx__NodeProto node = kit_node("Relu", x, 1, y), *nodes = &node;
  Onnx__TensorProto tensor = kit_tensor("w", dims, 1, NULL, 0), *tensors = &tensor;
  Onnx__StringStringEntryProto at = ONNX__STRING_STRING_ENTRY_PROTO__INIT, offset = at,
                               *entries[] = {&at, &offset};
  const int64_t sizes[] = {0, 3};
  nonet_error error = {""};
  at.key = "location";
  at.value = (char *)location;
  offset.key = "offset";
  offset.value = "8";
  tensor.n_external_data = 2;
  tensor.external_data = entries;
  tensor.has_data_location = 1;
  tensor.data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
  return kit_read(&nodes, 1, &tensors, 1, sizes, 2, folder, artifact, &error);
}

static void test_external(void **state) {
  (void)state;
  static const struct {
    const char *location;
    size_t size_bytes; /* of the file; 0: none is made */
    enum artifact_file_state found;
    const char *said;
  } cases[] = {
      {"none.bin", 0, ARTIFACT_FILE_MISSING, "none.bin is missing: expected in"},
      {"short.bin", 19, ARTIFACT_FILE_SHORT, "short.bin has 19 bytes, its tensors need 20"},
      {"whole.bin", 20, ARTIFACT_FILE_PRESENT, NULL},
      {"../whole.bin", 0, ARTIFACT_FILE_OUTSIDE, "outside the model's folder"},
      {"a/../../whole.bin", 0, ARTIFACT_FILE_OUTSIDE, "outside the model's folder"},
      {"/etc/passwd", 0, ARTIFACT_FILE_OUTSIDE, "outside the model's folder"},
      {"a/..", 0, ARTIFACT_FILE_OUTSIDE, "outside the model's folder"},
  };
  char folder[] = "/tmp/nonet_artifact_XXXXXX", path[256], model[256];
  assert_non_null(mkdtemp(folder));
  (void)snprintf(model, sizeof model, "%s/model.onnx", folder);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct artifact artifact;
    nonet_error error = {""};
    (void)snprintf(path, sizeof path, "%s/%s", folder, cases[i].location);
    if (cases[i].size_bytes > 0) {
      FILE *file = fopen(path, "wb");
      assert_non_null(file);
      assert_int_equal(fwrite("12345678901234567890", 1, cases[i].size_bytes, file),
                       cases[i].size_bytes);
      fclose(file);
    }
    assert_int_equal(external(folder, cases[i].location, &artifact), NONET_OK);
    assert_int_equal(artifact.n_files, 1);
    assert_int_equal(artifact.files[0].state, cases[i].found);
    assert_int_equal(artifact.files[0].needs_bytes, 20);
    assert_int_equal(artifact_complete(&artifact, model, &error),
                     cases[i].said == NULL ? NONET_OK : NONET_E_DATA);
    if (cases[i].said != NULL) {
      assert_non_null(strstr(error.message, cases[i].said));
    }
    assert_int_equal(artifact_bytes(&artifact), artifact.size_bytes + artifact.files[0].size_bytes);
    artifact_clear(&artifact);
    if (cases[i].size_bytes > 0) {
      assert_int_equal(unlink(path), 0);
    }
  }
  assert_int_equal(rmdir(folder), 0);
}

static void test_no_model(void **state) {
  (void)state;
  struct artifact artifact;
  nonet_error error = {""};
  assert_int_equal(artifact_read("onnx", "/no/such.onnx", &artifact, &error), NONET_E_NO_INPUT);
  assert_int_equal(artifact_read("onnx", "/tmp", &artifact, &error), NONET_E_DATA);
  assert_int_equal(artifact_read("onnx", "/dev/null", &artifact, &error), NONET_E_DATA);
  assert_int_equal(artifact_read("keras", "/dev/null", &artifact, &error), NONET_E_USAGE);
  assert_int_equal(artifact_read("onnx", NONET_TEST_MODELS "/boost_binary.json", &artifact, &error),
                   NONET_E_DATA);
  assert_int_equal(artifact_parse(ARTIFACT_ONNX, "", 0, NULL, &artifact, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "no graph"));
}

/* Every allocation fails once: an error, and nothing is left behind. */
static void test_memory(void **state) {
  (void)state;
  struct artifact artifact;
  nonet_error error;
  long n = 0;
  nonet_status status;
  do {
    memory_fail_after(n++);
    status = artifact_read("onnx", NONET_TEST_MODELS "/columns_int.onnx", &artifact, &error);
    memory_fail_after(-1);
    artifact_clear(&artifact);
    assert_true(n < 10000);
  } while (status != NONET_OK);
  assert_true(n > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fashion),  cmocka_unit_test(test_crash),
      cmocka_unit_test(test_external), cmocka_unit_test(test_no_model),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
