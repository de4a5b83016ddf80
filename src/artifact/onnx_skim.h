/* A copy of an ONNX model without its weights, small enough to be taken apart. */
#ifndef ARTIFACT_ONNX_SKIM_H
#define ARTIFACT_ONNX_SKIM_H

#include <stdint.h>

#include <nonet/status.h>

#include "base/text.h"

#define ONNX_SKIM_DEPTH 64 /* of messages in messages; a graph in a graph takes three */
/* Numbers of a tensor that are kept: shapes and axes, which other nodes depend on. */
#define ONNX_SKIM_KEPT_BYTES 1024

/* Appends the slim message to *slim. In it doc_string of a tensor is the number of bytes that its
 * payload had. NONET_E_DATA: no protobuf message of this shape, or nested too deep. */
nonet_status onnx_skim(const void *data, size_t size_bytes, struct text *slim,
                       nonet_error *error) NONET_NODISCARD;

#endif
