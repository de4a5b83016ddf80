/*
 * A model that answers rows of a table: one interface over every kind of runtime.
 *
 * The order of things: open (loads the file, describes it, sees no table) · model_fit_names (are
 * its columns in the table?) · bind (types, shapes and classes, before any row is read) · one
 * session a thread: add rows, run · settle, once, when the first sample was answered as a whole.
 *
 * Ownership: what model_info and model_columns hand out belongs to the model. Threads: a model is
 * read-only after bind but for model_settle, which runs alone; a session belongs to one thread.
 * Determinism: a session runs its rows in pieces of `batch_rows`, single-threaded inside; whoever
 * hands the same pieces gets the same bytes.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

struct ArrowSchema; /* the Arrow C data interface */
struct ArrowArray;
struct model;
struct model_session;

/* ---- kinds -------------------------------------------------------------------------------- */

/* One row per key that nonet.yaml knows under a model: onnx, xgboost, lightgbm, command; columns
   is read by the table itself; open_inference and plugin are known and not built. */
struct model_kind {
  const char *name;
  const char *what;    /* one line for help and docs */
  const char *missing; /* NULL: model_open opens it; else the reason why not */
};
const struct model_kind *model_kinds(size_t *n_kinds);

/* ---- open --------------------------------------------------------------------------------- */

enum model_output { MODEL_OUTPUT_AUTO, MODEL_OUTPUT_PROBABILITY, MODEL_OUTPUT_LOGIT };
enum model_layout { MODEL_LAYOUT_AUTO, MODEL_LAYOUT_NHWC, MODEL_LAYOUT_NCHW };
enum model_task { MODEL_BINARY, MODEL_MULTICLASS, MODEL_REGRESSION };

struct model_options {
  const char *kind;        /* "onnx" … */
  const char *path;        /* the model's file; not for command */
  const char *const *argv; /* command: the program and its arguments, run without a shell */
  size_t n_argv;
  const char *command;         /* command as one text: split like shell words, no shell runs */
  const char *folder;          /* command: its working directory; NULL: ours */
  bool in_our_group;           /* command: it stays in the process group of who starts it, and ends
                                  with that; else it leads one */
  double timeout_s;            /* command: the longest silence within one batch; 0: 60 */
  size_t batch_rows;           /* rows of one call of the runtime; 0: 4096. A fixed batch size of
                                  the model's own wins */
  enum model_output output;    /* what its numbers are, when the model does not say */
  enum model_layout layout;    /* of an image input: how its sizes are to be read */
  const char *provider;        /* onnx: "cpu" (NULL) or "cuda" */
  const char *const *features; /* columns of a matrix input, in its order; NULL: what the model */
  size_t n_features;           /*   names. Inputs of one column each go by their own names */
  size_t threads;              /* inside one call; 0: one. A program minds its own */
  const char *profile; /* onnx: the runtime writes its profile to a file of this name and more
                          behind it; NULL: none */
  bool *is_refused;    /* out: the runtime itself did not take the file; NULL: nobody asks */
};

/* "auto", "probability", "logit"; "auto", "nhwc", "nchw". False: unknown. */
bool model_output_of(const char *word, enum model_output *output);
bool model_layout_of(const char *word, enum model_layout *layout);

/* Loads and describes; reads no row. NONET_E_CONFIG: options that cannot be, an unknown kind;
   NONET_E_NO_INPUT: no such file; NONET_E_DATA: no model in it, or one we cannot feed;
   NONET_E_UNAVAILABLE: the runtime is missing (the message has the line that installs it). */
nonet_status model_open(const struct model_options *options, struct model **model,
                        nonet_error *error) NONET_NODISCARD;
void model_close(struct model *model); /* after its sessions */
/* Ends the profile that options.profile began: its file is whole from here on. */
nonet_status model_profile_end(struct model *model, nonet_error *error) NONET_NODISCARD;

/* ---- what it is --------------------------------------------------------------------------- */

struct model_tensor {
  const char *name;
  const char *type;  /* "float32", "string", "sequence of map(int64, float32)" … */
  const char *shape; /* "[N, 4]", "[1, 28, 28]"; "" where there is none */
};
struct model_fact {
  const char *key, *value;
};

struct model_info {
  const char *kind;
  const char *path;     /* command: its words in one line */
  const char *sha256;   /* of the file; command: of its words and of the files they name */
  uint64_t size_bytes;  /* of the file; 0 for a command */
  const char *runtime;  /* "onnxruntime 1.32.0", "xgboost 3.2.0", "lightgbm 4.7.0", "command" */
  const char *provider; /* "cpu"; NULL: none to choose */
  size_t batch_rows;    /* as resolved */
  const struct model_tensor *inputs, *outputs;
  size_t n_inputs, n_outputs;
  const struct model_fact *facts; /* producer, opset …: what the file says of itself */
  size_t n_facts;
  const char *const *classes; /* labels that the model names, in its own order; NULL: none */
  size_t n_classes;
  const char *const *notes; /* what was decided for the user: kept in the evidence */
  size_t n_notes;
};
const struct model_info *model_info(const struct model *model);

/* The table columns it reads, each once. */
const char *const *model_columns(const struct model *model, size_t *n_columns);

/* ---- the fit, before any row is read -------------------------------------------------------- */

/* NONET_E_DATA names the first column that is missing, the input that wants it, and near names. */
nonet_status model_fit_names(const struct model *model, const char *const *names, size_t n_names,
                             nonet_error *error) NONET_NODISCARD;

struct model_target {
  enum model_task task;
  const char *const *classes; /* the run's classes in order; binary: two, the negative first */
  size_t n_classes;           /* regression: 0 */
};

/* `table` is the schema (a struct) of the arrays that sessions get; columns are found by name.
   NONET_E_DATA: a missing column, a wrong type or shape, classes that do not match. */
nonet_status model_bind(struct model *model, const struct ArrowSchema *table,
                        const struct model_target *target, nonet_error *error) NONET_NODISCARD;

/* Doubles a row has in `scores`: binary P(positive), multiclass one per class in the run's order,
   regression the value. */
size_t model_n_scores(const struct model *model);
/* Does it give scores, does it give labels? Settled by bind; for a command by the first answer
   (both false before). */
bool model_gives_scores(const struct model *model);
bool model_gives_labels(const struct model *model);

/* ---- answers ------------------------------------------------------------------------------ */

nonet_status model_session_open(struct model *model, struct model_session **session,
                                nonet_error *error) NONET_NODISCARD;
void model_session_close(struct model_session *session);

/* Rows that can still be added before a run (batch_rows when empty). */
size_t model_session_room(const struct model_session *session);
/* Rows start … start + n − 1 of a struct array behind those the session has; n ≤ room. The array
   may go once this returns. `row` is the 1-based data row of the first, for messages. */
nonet_status model_session_add(struct model_session *session, const struct ArrowArray *array,
                               int64_t start, int64_t n, uint64_t row,
                               nonet_error *error) NONET_NODISCARD;
/* Answers the rows added, in their order, and forgets them, also on an error. scores: [rows ×
   n_scores] or NULL; labels: [rows], indices into the target's classes, or NULL. What the model
   does not give is left as it is. */
nonet_status model_session_run(struct model_session *session, double *scores, uint32_t *labels,
                               nonet_error *error) NONET_NODISCARD;

/* All n rows of one array, in pieces of batch_rows: add and run. */
nonet_status model_predict(struct model_session *session, const struct ArrowArray *array,
                           double *scores, uint32_t *labels, nonet_error *error) NONET_NODISCARD;

/* Numbers whose meaning neither the model nor the options tell (output: auto) come raw from the
   first runs. Call this once with all rows of the first sample, no session running: it decides over
   all of them (any value outside [0, 1]: logits), turns these scores into probabilities in place,
   and notes it in model_info. From then on runs answer in probabilities themselves, and a value
   that contradicts the decision is an error. Does nothing where nothing is open. */
nonet_status model_settle(struct model *model, double *scores, size_t n_rows,
                          nonet_error *error) NONET_NODISCARD;

/* ---- runtimes ----------------------------------------------------------------------------- */

/* "onnxruntime 1.32.0 (/path)" or "onnxruntime: not available; …", one line per runtime that is
   loaded at run time; the lines are appended to `lines`. */
struct text;
void model_runtimes(struct text *lines);

#endif
