/*
 * What a model's file says, read without running it: an ONNX graph, or a booster of XGBoost or
 * LightGBM.
 *
 * Ownership: everything hangs below the struct until artifact_clear. Threads: none shared. Files
 * come from strangers: whatever stands in one is a struct or an error, never a crash.
 */
#ifndef ARTIFACT_ARTIFACT_H
#define ARTIFACT_ARTIFACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <nonet/status.h>

#include "base/hash.h"

enum artifact_kind { ARTIFACT_ONNX, ARTIFACT_XGBOOST, ARTIFACT_LIGHTGBM };

/* How often an operator stands in the graphs and functions; sorted by domain, then type. The
 * default domain is "". */
struct artifact_op {
  const char *domain, *type;
  uint64_t n;
  bool is_custom; /* of a domain that no official runtime brings, and no function of the model */
};
struct artifact_opset {
  const char *domain;
  int64_t version;
};
struct artifact_port { /* an input or output of the main graph */
  const char *name;
  const char *type;  /* "float32", "string" …; "other": a sequence, a map */
  const char *shape; /* "[N, 4]"; "" where there is none */
  int64_t batch;     /* size of the first axis; 0: any */
};
struct artifact_weights { /* initialisers of one type, in all graphs */
  const char *type;
  uint64_t n_tensors, n_elements, n_bytes;
};
enum artifact_file_state {
  ARTIFACT_FILE_PRESENT,
  ARTIFACT_FILE_MISSING,
  ARTIFACT_FILE_SHORT,  /* smaller than its tensors need */
  ARTIFACT_FILE_OUTSIDE /* its path leaves the model's folder; it is not looked at */
};
struct artifact_file { /* external data */
  const char *location;
  uint64_t n_tensors, needs_bytes, size_bytes; /* what the tensors need; what is there */
  enum artifact_file_state state;
};
struct artifact_fact {
  const char *key, *value;
};

/* Trees, of boosters and of an ensemble in a graph. */
struct artifact_trees {
  uint64_t n_trees, n_leaves, n_nodes, depth; /* nodes with their leaves; depth of the deepest */
  double path; /* sum over trees of the mean depth of a tree's leaves */
};

/* Work for one row (onnx_cost.c says how it is counted). */
struct artifact_cost {
  double flops, quantisable_flops, traffic_bytes;
  bool is_bound; /* something is not counted: the numbers are lower bounds, */
  char why[200]; /* and this says what */
};

struct artifact {
  enum artifact_kind kind;
  uint64_t size_bytes;   /* of the main file; its hash is the model floor's (model_info) */
  uint64_t n_parameters; /* elements of initialisers, and numbers in lists of attributes */
  struct artifact_cost cost;
  struct artifact_trees trees;
  const char *producer, *producer_version, *licence; /* "" when it does not say */
  const struct artifact_fact *facts;                 /* its own metadata */
  size_t n_facts;
  /* onnx */
  int64_t ir_version;
  const struct artifact_opset *opsets;
  const struct artifact_op *ops;
  const struct artifact_port *inputs, *outputs; /* inputs without those that initialisers fill */
  const struct artifact_weights *weights;
  struct artifact_file *files;
  size_t n_opsets, n_ops, n_inputs, n_outputs, n_weights, n_files, n_functions;
  uint64_t n_nodes;
  /* boosters */
  const char *objective, *version;
  uint64_t n_features;
  /* private */
  void **kept;
  size_t n_kept, kept_capacity;
};

/* kind: "onnx", "xgboost", "lightgbm". NONET_E_NO_INPUT, NONET_E_DATA: not such a model, cut or
 * damaged; NONET_E_USAGE: no such kind. On an error *artifact is cleared. */
nonet_status artifact_read(const char *kind, const char *path, struct artifact *artifact,
                           nonet_error *error) NONET_NODISCARD;
/* The same of bytes in memory; external data are looked for in `folder`, NULL: not at all. */
nonet_status artifact_parse(enum artifact_kind kind, const void *data, size_t size_bytes,
                            const char *folder, struct artifact *artifact,
                            nonet_error *error) NONET_NODISCARD;
void artifact_clear(struct artifact *artifact);

/* NONET_E_DATA when it cannot run as it stands: external data that are missing, short or outside
 * the folder. Said before any runtime is asked. */
nonet_status artifact_complete(const struct artifact *artifact, const char *path,
                               nonet_error *error) NONET_NODISCARD;
/* What tells this model from others: `sha256` of its file as it is; with external data, SHA-256
 * over it and the place and SHA-256 of each of their files (what is not there counts as such). */
nonet_status artifact_identity(const struct artifact *artifact, const char *path,
                               const char *sha256, char identity[HASH_HEX_BYTES],
                               nonet_error *error) NONET_NODISCARD;
/* Bytes of the file and of the external data that are there. */
uint64_t artifact_bytes(const struct artifact *artifact);
json_t *artifact_json(const struct artifact *artifact);

/* Blocks that go with the artifact; NULL when memory is short. */
void *artifact_keep(struct artifact *artifact, size_t n, size_t size_bytes) NONET_NODISCARD;
const char *artifact_keep_text(struct artifact *artifact, const char *text) NONET_NODISCARD;

#endif
