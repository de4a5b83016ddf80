/* Any bytes as a model's file; the first byte says of which kind. What is read must be consistent.
 */
#include <stdint.h>
#include <stdlib.h>

#include "artifact/artifact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct artifact artifact;
  nonet_error error;
  if (size == 0) {
    return 0;
  }
  const enum artifact_kind kind = data[0] == 'x'   ? ARTIFACT_XGBOOST
                                  : data[0] == 'l' ? ARTIFACT_LIGHTGBM
                                                   : ARTIFACT_ONNX;
  if (artifact_parse(kind, data + 1, size - 1, NULL, &artifact, &error) == NONET_OK) {
    uint64_t n = 0;
    for (size_t i = 0; i < artifact.n_ops; i++) {
      n += artifact.ops[i].n;
    }
    json_t *json = artifact_json(&artifact);
    if (n != artifact.n_nodes || !(artifact.cost.flops >= 0) ||
        artifact.cost.quantisable_flops > artifact.cost.flops ||
        artifact.trees.n_leaves > artifact.trees.n_nodes) {
      abort();
    }
    json_decref(json);
    artifact_clear(&artifact);
  }
  return 0;
}
