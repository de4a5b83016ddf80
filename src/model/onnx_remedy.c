/*
 * Why ONNX Runtime does not load a model, and what to do: what the graph asks for that this runtime
 * does not have, and behind it the runtime's own words from where they begin to matter.
 *
 * Cases:
 *  1. An operator of a domain that no official runtime brings: it is named.
 *  2. An opset or an IR version newer than this runtime: the oldest release that opens it is named,
 *     or that none did that was tried.
 *  3. Neither, or a file that cannot be read: the runtime's words alone.
 */
#include "model/onnx_parts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "artifact/artifact.h"
#include "artifact/onnx_runtimes.h"
#include "base/error.h"

#define UPGRADE                                                                                    \
  "python3 -m pip install --upgrade --no-deps --target ~/.local/share/nonet/onnxruntime "          \
  "onnxruntime"

/* From where the words begin to matter. */
static const char *trimmed(const char *words) {
  static const char *const starts[] = {"Opset ", "Unsupported model IR version", "Fatal error: "};
  const char *start = NULL;
  for (size_t i = 0; i < sizeof starts / sizeof *starts && !start; i++)
    start = strstr(words, starts[i]);
  return start ? start : words;
}

static const struct artifact_op *custom_of(const struct artifact *artifact) {
  for (size_t i = 0; i < artifact->n_ops; i++)
    if (artifact->ops[i].is_custom)
      return &artifact->ops[i];
  return NULL;
}

/* False: case 3. */
static bool explain(const struct artifact *artifact, const char *runtime, char *why,
                    size_t size_bytes) {
  const struct artifact_op *custom = custom_of(artifact);
  const struct onnx_runtime *first = onnx_runtimes_first(artifact);
  int here = INT_MAX;
  (void)sscanf(runtime, "onnxruntime 1.%d", &here);
  if (custom) { /* 1 */
    snprintf(why, size_bytes,
             "it needs the operator %.80s of the domain %.80s, which no official runtime brings: "
             "export it with standard operators, or ask it through command:",
             custom->type, custom->domain);
    return true;
  }
  if (first && first->minor <= here)
    return false;
  snprintf(why, size_bytes, /* 2 */
           "it needs ONNX Runtime 1.%d or newer (opset %lld, IR %lld), and this is %s: " UPGRADE
           "; or export it to an older opset",
           first ? first->minor : onnx_runtimes_of(INT_MAX)->minor + 1,
           (long long)onnx_runtimes_asked(artifact, ""), (long long)artifact->ir_version, runtime);
  return true;
}

nonet_status onnx_remedy(const struct onnx_api *api, OrtStatus *failed, const char *path,
                         nonet_error *error) {
  struct artifact artifact;
  nonet_error unsaid;
  char why[500];
  if (!failed)
    return NONET_OK;
  const char *words = trimmed(api->GetErrorMessage(failed));
  bool is_known = artifact_read("onnx", path, &artifact, &unsaid) == NONET_OK;
  if (is_known && explain(&artifact, api->runtime, why, sizeof why))
    error_set(error, NONET_E_DATA,
              "%.200s is not a model that ONNX Runtime can load: %s. Its words: %.120s", path, why,
              words);
  else
    error_set(error, NONET_E_DATA, "%.200s is not a model that ONNX Runtime can load: %.600s", path,
              words);
  if (is_known)
    artifact_clear(&artifact);
  api->ReleaseStatus(failed);
  return NONET_E_DATA;
}
