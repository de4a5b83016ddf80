/*
 * nonet.yaml, read, checked and resolved: what to judge, on what, and in which context.
 *
 * Every error is NONET_E_CONFIG with FILE:LINE:COLUMN, what was expected and found, and the nearest
 * known key (a file that is not there: NONET_E_NO_INPUT). Relative paths are made relative to the
 * file's folder. ${NAME} and ${NAME:-default} take environment variables; what they held is in the
 * fields that are used and never in config_json, messages or evidence, which show the text as
 * written (`shown`).
 *
 * Ownership: the caller clears a config; all it points to lives in its pool.
 */
#ifndef POLICY_CONFIG_H
#define POLICY_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <nonet/status.h>

#include "policy/context.h"
#include "policy/pool.h"
#include "policy/requirement.h"
#include "table/roles.h"

/* Where something stands in the file, for messages of whoever uses it: config_fail. */
struct config_place {
  unsigned line, column;
};

struct config_list {
  const char **item; /* [n] */
  size_t n;
};

struct config_model {
  const char *name; /* "candidate", "baseline", or `name:` of a list's entry */
  const char
      *kind; /* "onnx", "xgboost", "lightgbm", "columns", "command", "open_inference", "plugin" */
  const char *path;           /* onnx, xgboost, lightgbm, plugin: the file; else NULL */
  const char *shown;          /* path, url or command as written */
  struct config_list command; /* argv; runs in config.folder */
  struct config_list score;   /* columns: one, or one per class; a list column alone */
  const char *prediction;     /* columns */
  const char *url;            /* open_inference */
  /* options; NULL, 0 = not given */
  const char *output;   /* what its numbers are: "auto", "probability", "logit" */
  const char *layout;   /* of images: "auto", "nhwc", "nchw" */
  size_t batch_rows;    /* rows of one call */
  const char *provider; /* onnx: "cpu", "cuda" */
  double timeout_s;     /* command, open_inference: of a batch; else of a process that asks it */
  struct config_list reference; /* columns with what the framework that trained it predicted */
  struct config_place at;
};

struct config_source {
  const char *path;  /* a file or a glob; or NULL */
  const char *query; /* SQL instead */
  const char *driver, *uri;
  const char *format; /* csv, parquet, json, arrow; NULL: by the name's ending */
  const char *shown;  /* path or query as written */
  struct config_place at;
};

enum config_monotone { MONOTONE_NONE, MONOTONE_INCREASING, MONOTONE_DECREASING };

/* What may happen to a column: for attacks, corruptions and remedies. */
struct config_column {
  const char *name;
  bool immutable, integer, is_protected;
  enum config_monotone monotone;
  double min, max; /* −∞, ∞ when not given */
  struct config_list categories;
  struct config_place at;
};

struct config_margin {
  const char *id; /* full id */
  bool is_built;
  struct requirement_scope scope;
  struct margin margin;
  const char *stated;
  struct config_place at;
};

enum config_threshold_kind { THRESHOLD_NUMBER, THRESHOLD_MAXIMISE, THRESHOLD_COST };

struct config_threshold {
  enum config_threshold_kind kind;
  double value;         /* NUMBER: as given, default 0.5; COST: fp/(fp + fn) (Elkan 2001) */
  const char *maximise; /* full id, on the training rows */
  double fp, fn;
  struct config_place at;
};

struct config {
  const char *path;   /* of the file, as named by the caller */
  const char *folder; /* "" (here) or the file's folder with a final '/' */
  enum task task;     /* TASK_AUTO: from the label and the model's outputs */
  struct context context;

  struct config_model *candidates; /* at least one */
  size_t n_candidates;
  struct config_model *baseline; /* NULL: none */

  struct config_source test;               /* always given */
  struct config_source *train, *pool_rows; /* NULL: not given */
  const char *label;
  const char *positive;
  struct config_list classes, features, groups, controls;
  struct config_list group_items, control_items; /* as written, edges and all: "age:25,45" */
  struct config_list reference;                  /* "sex=Male": gaps are taken against it */
  size_t intersections;                          /* columns crossed at most; 0: not given */
  const char *weight, *cluster, *id, *query_id, *time;
  struct config_place label_at;
  struct {
    size_t rows; /* 0: all */
    uint64_t seed;
    struct config_list stratify;
  } sample;

  struct config_column *columns;
  size_t n_columns;
  struct requirement *require; /* of the file; the context's budgets stand in context.budgets */
  size_t n_require;
  struct config_margin *margins;
  size_t n_margins;
  struct config_threshold threshold;
  const char *skip, *only; /* comma lists for catalogue_select; NULL: none */
  bool is_partial;         /* coverage: the file's, else the context's */
  double budget_s;         /* 60 */
  const char *retrain;     /* a command line with {train} and {model}; NULL: none */
  const char *store;       /* a path or URI, "none", or NULL: the default place */
  const char *store_shown; /* as written */

  json_t *resolved; /* config_json's */
  struct pool pool;
};

/* "-" reads no stdin: a configuration is a file. */
nonet_status config_read(const char *path, struct config *config,
                         nonet_error *error) NONET_NODISCARD;
/* The same from memory; `source` names it in messages, and its folder is where relative paths
 * start.
 */
nonet_status config_parse(const char *data, size_t size_bytes, const char *source,
                          struct config *config, nonet_error *error) NONET_NODISCARD;
void config_clear(struct config *config);
/* Takes another context than the file's (--context NAME). */
nonet_status config_set_context(struct config *config, const char *name,
                                nonet_error *error) NONET_NODISCARD;

/* The configuration as resolved, for the evidence's inputs.config: what the file says, text as
 * written (never what a ${NAME} held), defaults filled in, the context in full. A borrowed
 * reference.
 */
json_t *config_json(const struct config *config);

/* NONET_E_CONFIG "FILE:LINE:COLUMN: message": for what only shows later (a model's tensor, a
 * column).
 */
nonet_status config_fail(const struct config *config, struct config_place at, nonet_error *error,
                         const char *format, ...) NONET_PRINTF(4, 5);

#endif
