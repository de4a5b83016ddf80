/* What the files of the ONNX driver share; nothing else includes it. */
#ifndef MODEL_ONNX_PARTS_H
#define MODEL_ONNX_PARTS_H

#include "model/gather.h"
#include "model/model_parts.h"
#include "model/onnx_api.h"

#define ONNX_DIMS 8

/* How an input is filled. */
enum onnx_feed {
  ONNX_FEED_COLUMN, /* one number or text a row */
  ONNX_FEED_MATRIX, /* one column a feature */
  ONNX_FEED_LIST    /* one list column: an image, an embedding */
};

struct onnx_input {
  const char *name;
  enum element element;
  int64_t dims[ONNX_DIMS]; /* −1: any */
  size_t n_dims;
  enum onnx_feed feed;
  size_t *columns; /* [n_columns] places among the model's columns */
  size_t n_columns;
  size_t width;            /* elements a row */
  size_t channels, pixels; /* of an image that is turned, else 0 */
  bool is_turned_to_nchw;  /* else to NHWC */
};

enum onnx_shape { ONNX_TENSOR, ONNX_MAPS, ONNX_OTHER };

struct onnx_output {
  const char *name;
  enum onnx_shape shape;
  enum element element; /* of the tensor, or of the map's values */
  enum element key;     /* of the map */
  int64_t dims[ONNX_DIMS];
  size_t n_dims;
  size_t width;            /* elements a row; 0: not known */
  const char *const *keys; /* [width] of the maps, seen in a row of zeros; NULL: not seen */
};

#define ONNX_SCORES 0
#define ONNX_LABELS 1

struct onnx_model {
  const struct onnx_api *api;
  OrtSession *session; /* thread-safe: every session of ours runs it */
  struct onnx_input *inputs;
  struct onnx_output *outputs;
  const char **input_names;
  size_t n_inputs, n_outputs;
  size_t fixed_rows;                   /* the model's own batch size; 0: any */
  const struct onnx_output *chosen[2]; /* scores, labels; NULL: none */
  const char *chosen_names[2];
  size_t n_chosen, place_of[2]; /* where each stands among the names asked for */
  char why_no_zeros[256];       /* why a row of zeros could not be answered; "" when it was */
};

/* onnx_head.c: producer and opset of a file, without a runtime. */
nonet_status onnx_head_facts(struct model *model, const char *path,
                             nonet_error *error) NONET_NODISCARD;

/* onnx_describe.c: inputs and outputs as the runtime tells them. */
enum element onnx_describe_element(ONNXTensorElementDataType type);
ONNXTensorElementDataType onnx_describe_type(enum element element);
nonet_status onnx_describe(struct model *model, nonet_error *error) NONET_NODISCARD;

/* onnx_inputs.c: which columns feed which input. */
nonet_status onnx_inputs_plan(struct model *model, const char *const *features, size_t n_features,
                              nonet_error *error) NONET_NODISCARD;
nonet_status onnx_inputs_check(struct model *model, nonet_error *error) NONET_NODISCARD;

/* onnx_outputs.c: which output is what. */
nonet_status onnx_outputs_choose(struct model *model, nonet_error *error) NONET_NODISCARD;

/* onnx_answer.c: values of the runtime. */
/* The elements of a tensor; *n counts them. NULL on failure. */
nonet_status onnx_answer_tensor(const struct onnx_api *api, const OrtValue *value,
                                enum element *element, const void **data, size_t *n,
                                nonet_error *error) NONET_NODISCARD;
/* n rows of scores as [n × width] doubles. */
nonet_status onnx_answer_scores(const struct model *model, const OrtValue *value, size_t n,
                                double *raw, nonet_error *error) NONET_NODISCARD;
nonet_status onnx_answer_labels(const struct model *model, const OrtValue *value,
                                const uint64_t *rows, size_t n, uint32_t *labels,
                                nonet_error *error) NONET_NODISCARD;
/* Width and keys of every output, seen in one row's answers. */
nonet_status onnx_answer_widths(struct model *model, OrtValue *const *values,
                                nonet_error *error) NONET_NODISCARD;

/* The texts of a string tensor: [n + 1] offsets into bytes; both to memory_free. */
nonet_status onnx_answer_texts(const struct onnx_api *api, const OrtValue *value, size_t n,
                               char **bytes, size_t **offsets, nonet_error *error) NONET_NODISCARD;

/* ---- onnx_remedy.c ---- */

/* What CreateSession said of the model at `path`, and what to do; releases it. NULL: NONET_OK. */
nonet_status onnx_remedy(const struct onnx_api *api, OrtStatus *failed, const char *path,
                         nonet_error *error) NONET_NODISCARD;

#endif
