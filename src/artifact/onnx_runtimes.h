/* Which versions of ONNX Runtime open a model. */
#ifndef ARTIFACT_ONNX_RUNTIMES_H
#define ARTIFACT_ONNX_RUNTIMES_H

#include "artifact/artifact.h"

struct onnx_runtime {
  int minor; /* of 1.x */
  int opset, opset_ml, ir;
};

/* The oldest tried release that opens a model of these opsets and this IR version; NULL: none did.
 */
const struct onnx_runtime *onnx_runtimes_first(const struct artifact *artifact);
/* The release before `first` was not tried: older ones may open it too. */
bool onnx_runtimes_is_oldest(const struct onnx_runtime *first);
/* What the release 1.`minor` brings: the newest tried that is not newer; NULL: older than all. */
const struct onnx_runtime *onnx_runtimes_of(int minor);
/* The version of a domain's operators that the model asks for; 0: it does not. */
int64_t onnx_runtimes_asked(const struct artifact *artifact, const char *domain);
/* Does this release implement the opset that a domain's operators are asked in? */
bool onnx_runtimes_knows(const struct onnx_runtime *runtime, const struct artifact *artifact,
                         const char *domain);

#endif
