/*
 * Why ONNX Runtime does not load a model, and what to do: the runtime's own words from where they
 * begin to matter, and beside them the remedy of the reasons that people meet.
 *
 * Cases: 1. words of a reason that is not in the table: as they are.  2. A runtime that words it
 * otherwise one day: as 1; the tests hold the table against the runtime that is pinned.
 */
#include "model/onnx_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"

static const struct {
  const char *sign;  /* what the words hold, */
  const char *start; /* and where to begin with them */
  const char *remedy;
} reasons[] = {
    {"under development", "Opset ",
     "it needs a newer runtime than %s: python3 -m pip install --upgrade --no-deps --target "
     "~/.local/share/nonet/onnxruntime onnxruntime; or export it to an older opset"},
    {"Unsupported model IR version", "Unsupported model IR version",
     "it needs a newer runtime than %s: python3 -m pip install --upgrade --no-deps --target "
     "~/.local/share/nonet/onnxruntime onnxruntime; or save it with an older ir_version"},
    {"is not a registered function/op", "Fatal error: ",
     "it has an operator that %s does not know, one of its own or of a newer opset: export it with "
     "standard operators, or ask it through command:"},
    {"External data path does not exist", "External data path does not exist",
     "its weights stand in another file, which %s does not find: copy that file beside the model, "
     "under the name it was exported with"},
};

nonet_status onnx_remedy(const struct onnx_api *api, OrtStatus *failed, const char *path,
                         nonet_error *error) {
  if (!failed)
    return NONET_OK;
  const char *words = api->GetErrorMessage(failed);
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons && !status; i++) {
    char remedy[400];
    const char *start = strstr(words, reasons[i].start);
    if (!start || !strstr(words, reasons[i].sign))
      continue;
    snprintf(remedy, sizeof remedy, reasons[i].remedy, api->runtime);
    status = error_set(error, NONET_E_DATA,
                       "%.200s is not a model that ONNX Runtime can load: %s. Its words: %.250s",
                       path, remedy, start);
  }
  if (!status) /* case 1 */
    status = error_set(error, NONET_E_DATA,
                       "%.200s is not a model that ONNX Runtime can load: %.600s", path, words);
  api->ReleaseStatus(failed);
  return status;
}
