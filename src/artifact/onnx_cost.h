/* The work that a graph does for one row. */
#ifndef ARTIFACT_ONNX_COST_H
#define ARTIFACT_ONNX_COST_H

#include "artifact/artifact.h"
#include <onnx.pb-c.h>

/* Sets artifact->cost, and artifact->trees from ensembles. */
nonet_status onnx_cost(const Onnx__GraphProto *graph, struct artifact *artifact,
                       nonet_error *error) NONET_NODISCARD;

#endif
