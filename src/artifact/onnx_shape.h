/* Shapes of the values of a graph, for one row: what onnx_cost.c multiplies. */
#ifndef ARTIFACT_ONNX_SHAPE_H
#define ARTIFACT_ONNX_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#include <onnx.pb-c.h>

#define ONNX_SHAPE_RANK 8

struct onnx_shape {
  int rank; /* -1: not known */
  int64_t dim[ONNX_SHAPE_RANK];
  bool is_weight; /* an initialiser or a constant */
  int n_ints;     /* the numbers of a small integer constant; -1: none */
  int64_t ints[ONNX_SHAPE_RANK];
};

struct onnx_shape_slot {
  const char *name;
  struct onnx_shape shape;
};

/* Names are borrowed from the graph. */
struct onnx_shapes {
  struct onnx_shape_slot *slots;
  size_t n_slots; /* a power of two */
  int64_t n_rows; /* rows that the shapes hold: 1, or the first axis that the inputs fix */
  bool is_open;   /* an axis other than the first is open: it was taken as 1 */
};

/* Inputs, initialisers and what the file says of other values. The first axis, where it is open,
 * is one row; where it is fixed, it holds n_rows. */
nonet_status onnx_shape_init(struct onnx_shapes *shapes, const Onnx__GraphProto *graph,
                             nonet_error *error) NONET_NODISCARD;
void onnx_shape_clear(struct onnx_shapes *shapes);

/* Never NULL; an unknown name has rank -1. */
const struct onnx_shape *onnx_shape_of(const struct onnx_shapes *shapes, const char *name);
const struct onnx_shape *onnx_shape_input(const struct onnx_shapes *shapes,
                                          const Onnx__NodeProto *node, size_t i);
/* Elements; NaN when the shape is not known. */
double onnx_shape_elements(const struct onnx_shape *shape);
/* Sets the shapes of a node's outputs that the file does not say, from those of its inputs. */
void onnx_shape_infer(struct onnx_shapes *shapes, const Onnx__NodeProto *node);

/* An attribute by name; NULL: it has none. */
const Onnx__AttributeProto *onnx_shape_attribute(const Onnx__NodeProto *node, const char *name);
int64_t onnx_shape_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise);

#endif
