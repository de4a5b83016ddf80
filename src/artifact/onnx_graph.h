/* An ONNX file's graph as an artifact. */
#ifndef ARTIFACT_ONNX_GRAPH_H
#define ARTIFACT_ONNX_GRAPH_H

#include "artifact/artifact.h"

/* Fills what belongs to a graph; `folder` as in artifact_parse. */
nonet_status onnx_graph_read(const void *data, size_t size_bytes, const char *folder,
                             struct artifact *artifact, nonet_error *error) NONET_NODISCARD;

/* "float32"; "other" for what has no name here. */
const char *onnx_graph_type(int data_type);

#endif
