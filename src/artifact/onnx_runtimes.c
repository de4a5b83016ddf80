/*
 * What each release of ONNX Runtime opens.
 *
 * Source: tried. Wheels of the releases for Linux x86-64 on PyPI were asked, on 2026-11-25, to open
 * a model of one operator (Relu; Scaler of ai.onnx.ml) at every opset and IR version from 1 to 39;
 * the row is the highest of each that opened. Rows of releases that say the same as the one before
 * are left out. They agree with the project's own table of compatibility where that has the release
 * (1.15: opset 19; 1.17: 20; 1.18: 21).
 *
 * Cases:
 *  1. A model that asks for no domain's operators asks for version 0, which all bring.
 *  2. Releases before 1.15 were not tried: "1.15 or older".
 */
#include "artifact/onnx_runtimes.h"

#include <string.h>

static const struct onnx_runtime tried[] = {
    {15, 19, 3, 9},  {17, 20, 4, 9},  {18, 21, 5, 10}, {21, 22, 5, 10},
    {23, 23, 5, 11}, {24, 25, 5, 13}, {25, 26, 5, 13}, {32, 28, 5, 14},
};
#define N_TRIED (sizeof tried / sizeof *tried)

int64_t onnx_runtimes_asked(const struct artifact *artifact, const char *domain) {
  for (size_t i = 0; i < artifact->n_opsets; i++) {
    if (strcmp(artifact->opsets[i].domain, domain) == 0) {
      return artifact->opsets[i].version;
    }
  }
  return 0; /* 1 */
}

bool onnx_runtimes_knows(const struct onnx_runtime *runtime, const struct artifact *artifact,
                         const char *domain) {
  const int64_t asked = onnx_runtimes_asked(artifact, domain);
  if (strcmp(domain, "") == 0) {
    return asked <= runtime->opset;
  }
  return strcmp(domain, "ai.onnx.ml") == 0 ? asked <= runtime->opset_ml : true;
}

const struct onnx_runtime *onnx_runtimes_first(const struct artifact *artifact) {
  for (size_t i = 0; i < N_TRIED; i++) {
    if (onnx_runtimes_knows(&tried[i], artifact, "") &&
        onnx_runtimes_knows(&tried[i], artifact, "ai.onnx.ml") &&
        artifact->ir_version <= tried[i].ir) {
      return &tried[i];
    }
  }
  return NULL;
}

bool onnx_runtimes_is_oldest(const struct onnx_runtime *first) {
  return first == &tried[0]; /* 2 */
}

const struct onnx_runtime *onnx_runtimes_of(int minor) {
  const struct onnx_runtime *found = NULL;
  for (size_t i = 0; i < N_TRIED && tried[i].minor <= minor; i++) {
    found = &tried[i];
  }
  return found;
}
