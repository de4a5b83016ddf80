/*
 * nonet: nine measures of a model, one verdict. The public C API.
 *
 * Work is one call: fill an options struct, get an evidence handle, render it. Fields are named as
 * the long options of the command line
 * (--baseline-score is baseline_score) and mean the same (docs/commands.md).
 *
 * Ownership: strings in options are borrowed for the call. Handles are freed with their _free
 * function; returned text with nonet_text_free. NULL is fine for every _free. Threads: no global
 * state; different handles may be used from different threads. Errors: see nonet/status.h. The
 * library never prints, exits, or changes locale, signals or other state of the process.
 */
#ifndef NONET_NONET_H
#define NONET_NONET_H

#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ArrowArrayStream; /* the Arrow C data interface,
                            https://arrow.apache.org/docs/format/CStreamInterface.html */

/* ---- cancelling
 * -------------------------------------------------------------------------------------------------------
 */

typedef struct nonet_cancel nonet_cancel;

/* NULL when memory is short. */
NONET_EXPORT nonet_cancel *nonet_cancel_new(void);
/* Async-signal-safe: work that was given this handle ends soon with NONET_E_INTERRUPTED. */
NONET_EXPORT void nonet_cancel_request(nonet_cancel *cancel);
NONET_EXPORT void nonet_cancel_free(nonet_cancel *cancel);

/* n_total 0: not known. Called from one thread at a time, at most some ten times a second. */
typedef void (*nonet_progress)(void *context, const char *stage, uint64_t n_done, uint64_t n_total);

/* ---- options
 * ----------------------------------------------------------------------------------------------------------
 */

/* Lists (score, group, classes, only, margin …) are comma lists as on the command line; a comma
 * inside quotes or parentheses does not split. */
typedef struct nonet_options {
  size_t struct_size; /* set by nonet_options_init; lets later versions append fields */

  /* the rows: exactly one of file, query, stream */
  const char *file;   /* a path, a glob, or "-" for stdin */
  const char *query;  /* SQL */
  const char *format; /* csv, parquet, json, arrow; NULL: by name or content */
  const char *driver; /* another ADBC driver (name or path), with uri */
  const char *uri;
  struct ArrowArrayStream *stream; /* an in-memory table; taken over by the call */

  /* the roles of columns */
  const char *task; /* binary, multiclass, regression; NULL: from label and scores */
  const char *label;
  const char *score;
  const char *prediction;
  const char *positive;
  const char *classes;
  double threshold; /* 0.5 */
  const char *group;
  int intersections; /* groups are crossed up to this depth; default 1 */
  const char *control;
  const char *reference; /* "sex=Male,race=White": gaps are taken against this group of a column;
                            NULL: between all pairs */
  const char *weight;
  const char *cluster;
  const char *id;
  const char *query_id;
  const char *time;
  const char *features;
  const char *baseline_score;
  const char *baseline_prediction;

  /* what to measure */
  const char *only;    /* comma list of ids and attributes; NULL: all that fit */
  double level;        /* 0.95, two-sided */
  size_t replicates;   /* 1,000 */
  const char *invalid; /* "fail" or "drop" */
  const char *state;   /* measure: also write the mergeable state here */

  /* judging (compare) */
  const char *margin;  /* ID=VALUE[,...] */
  const char *context; /* a preset's name or a file's path; default "general" */

  /* the run */
  uint64_t seed;         /* 1 */
  size_t threads;        /* 0: all cores */
  uint64_t memory_bytes; /* 0: half of the limit of the cgroup or machine */
  size_t batch_rows;     /* 0: default; never changes a result */
  const nonet_cancel *cancel;
  nonet_progress progress;
  void *progress_context;

  /* check: from a configuration */
  const char *config; /* the path of a nonet.yaml; NULL: ./nonet.yaml */
  size_t sample_rows; /* judge so many rows instead of what the configuration says; 0: its word */
  double budget_seconds; /* for the probes that time a model; 0: the configuration's word */
  int resume;            /* 1: answers of probes that an interrupted run kept are taken again */
  const char *store;     /* a path, "none"; NULL: the configuration's word, else the default */

  double baseline_threshold; /* NaN: as threshold */

  /* rebalance */
  const char *output;      /* the new table: .parquet or .csv */
  const char *method;      /* "smote", "tomek" …: README of src/remedy */
  double ratio;            /* smaller classes over the largest; 0: 1 */
  size_t k;                /* neighbours; 0: the method's default */
  const char *categorical; /* columns whose values are categories (smote-nc) */
  const char *weight_name; /* of the new column; NULL: "weight" */
  const char *train; /* data: the rows that a model learnt from, to compare with; NULL: none */
} nonet_options;

NONET_EXPORT void nonet_options_init(nonet_options *options);

/* ---- work
 * -------------------------------------------------------------------------------------------------------------
 */

typedef struct nonet_evidence nonet_evidence;

/* `nonet measure`: numbers with intervals for one model, or for candidate, baseline and their
 * paired difference. */
NONET_EXPORT nonet_status nonet_measure(const nonet_options *options, nonet_evidence **evidence,
                                        nonet_error *error) NONET_NODISCARD;
/* `nonet compare`: as measure with both models' columns, judged in a context. */
NONET_EXPORT nonet_status nonet_compare(const nonet_options *options, nonet_evidence **evidence,
                                        nonet_error *error) NONET_NODISCARD;
/* `nonet check`: the models and data of a configuration, judged in its context and kept in the
 * store. Reads config, context, only, level, replicates and the fields of check and of the run. */
NONET_EXPORT nonet_status nonet_check(const nonet_options *options, nonet_evidence **evidence,
                                      nonet_error *error) NONET_NODISCARD;
/* `nonet check --explain-plan`: what would run, on how many rows, at what cost, and how likely an
 * equal candidate passes; nothing is judged. Free with nonet_text_free. */
NONET_EXPORT nonet_status nonet_check_plan(const nonet_options *options, char **text,
                                           nonet_error *error) NONET_NODISCARD;
/* `nonet selftest`: do the gates err as seldom as they promise on these rows? As compare, or,
 * without file, query and stream, as check. One finding for each gate; nothing is kept in the
 * store. */
NONET_EXPORT nonet_status nonet_selftest(const nonet_options *options, nonet_evidence **evidence,
                                         nonet_error *error) NONET_NODISCARD;
/* `nonet data`: what of the data themselves stands in the way of a model and its measures:
 * imbalance, overlap, copies, leaks. No model is needed; label, group, features and train say what
 * is known. */
NONET_EXPORT nonet_status nonet_data(const nonet_options *options, nonet_evidence **evidence,
                                     nonet_error *error) NONET_NODISCARD;
/* `nonet merge`: state files of parts to the evidence of the whole. Reads level, replicates, seed,
 * threads, only of the options. */
NONET_EXPORT nonet_status nonet_merge(const char *const *states, size_t n_states,
                                      const nonet_options *options, nonet_evidence **evidence,
                                      nonet_error *error) NONET_NODISCARD;

/* `nonet rebalance`: writes the table with its classes balanced. Reads the rows, label, group,
 * features, the fields of rebalance and of the run. *text: what was done; *json: the same as JSON
 * (schema nonet/rebalance/1). Free both with nonet_text_free. */
NONET_EXPORT nonet_status nonet_rebalance(const nonet_options *options, char **text, char **json,
                                          nonet_error *error) NONET_NODISCARD;

typedef enum nonet_verdict {
  NONET_PASS = 0,
  NONET_FAIL = 1,
  NONET_INCONCLUSIVE = 2,
  NONET_NONE = 3
} nonet_verdict;

NONET_EXPORT nonet_verdict nonet_evidence_verdict(const nonet_evidence *evidence);
/* The JSON document (schema nonet/evidence/1), indented, with a final newline. */
NONET_EXPORT nonet_status nonet_evidence_json(const nonet_evidence *evidence, char **json,
                                              nonet_error *error) NONET_NODISCARD;
/* Reads and checks a JSON document; `source` names it in messages. */
NONET_EXPORT nonet_status nonet_evidence_parse(const char *json, size_t size_bytes,
                                               const char *source, nonet_evidence **evidence,
                                               nonet_error *error) NONET_NODISCARD;
NONET_EXPORT void nonet_evidence_free(nonet_evidence *evidence);

typedef struct nonet_terminal_options {
  size_t struct_size;
  size_t columns; /* width to fit, 0: 100 */
  int color;      /* 1: ANSI colours */
  int ascii;      /* 1: no characters beyond ASCII */
} nonet_terminal_options;

NONET_EXPORT void nonet_terminal_options_init(nonet_terminal_options *options);
NONET_EXPORT nonet_status nonet_report_terminal(const nonet_evidence *evidence,
                                                const nonet_terminal_options *options, char **text,
                                                nonet_error *error) NONET_NODISCARD;
/* A report in any format of the table below: "html", "junit", "sarif", "markdown", "card", "json",
 * "terminal". Made from the evidence alone; the same evidence gives the same text. `options` is for
 * the terminal and may be NULL. NONET_E_USAGE with near names when there is no such format. */
NONET_EXPORT nonet_status nonet_report(const nonet_evidence *evidence, const char *format,
                                       const nonet_terminal_options *options, char **text,
                                       nonet_error *error) NONET_NODISCARD;

typedef struct nonet_report_info {
  const char *name;       /* "html" */
  const char *option;     /* the option of the command line that takes its file; NULL: none */
  const char *media_type; /* "text/html; charset=utf-8" */
  const char *summary;
} nonet_report_info;

NONET_EXPORT size_t nonet_reports_size(void);
/* Strings live as long as the library; false (0) beyond the end. */
NONET_EXPORT int nonet_reports_at(size_t index, nonet_report_info *info);
NONET_EXPORT void nonet_text_free(char *text);

/* Writes a file whole or not at all (a temporary file beside it, synced, renamed). */
typedef struct nonet_file nonet_file;
/* Fails with NONET_E_CREATE at once when the target cannot be made: call it before long work. */
NONET_EXPORT nonet_status nonet_file_open(const char *path, nonet_file **file,
                                          nonet_error *error) NONET_NODISCARD;
NONET_EXPORT nonet_status nonet_file_commit(nonet_file *file, const char *text,
                                            nonet_error *error) NONET_NODISCARD;
NONET_EXPORT void nonet_file_abandon(nonet_file *file);

/* ---- the store
 * ------------------------------------------------------------------------------------------------------------
 */

/* Kept runs, in one SQLite file. A run is there whole or not at all; several processes may write at
 * once. One thread at a time per handle. */
typedef struct nonet_store nonet_store;

/* `where`: a path; NULL: the default, $XDG_DATA_HOME/nonet/nonet.db, else
 * ~/.local/share/nonet/nonet.db; "none": a store that is empty and keeps nothing, as is
 * a default that is not there, to read. writes 1: it is
 * made when missing, and says at once when it cannot be written. A file that is no store, is
 * damaged or newer than this library: NONET_E_DATA, and nothing in it is changed. */
NONET_EXPORT nonet_status nonet_store_open(const char *where, int writes, nonet_store **store,
                                           nonet_error *error) NONET_NODISCARD;
NONET_EXPORT void nonet_store_free(nonet_store *store);
/* Keeps a run; the same run again changes nothing. */
NONET_EXPORT nonet_status nonet_store_put(nonet_store *store, const nonet_evidence *evidence,
                                          nonet_error *error) NONET_NODISCARD;
/* The one run whose id begins with `prefix` (4 digits or more). */
NONET_EXPORT nonet_status nonet_store_get(nonet_store *store, const char *prefix,
                                          nonet_evidence **evidence,
                                          nonet_error *error) NONET_NODISCARD;
/* The kept runs (measure NULL), or one measure over them with its changes: "correctness.auc",
 * "correctness.recall{sex=Female}". The document is docs/schema/history-1.json. */
NONET_EXPORT nonet_status nonet_history_json(nonet_store *store, const char *measure, char **json,
                                             nonet_error *error) NONET_NODISCARD;
NONET_EXPORT nonet_status nonet_history_terminal(nonet_store *store, const char *measure,
                                                 const nonet_terminal_options *options, char **text,
                                                 nonet_error *error) NONET_NODISCARD;

/* ---- the catalogue
 * ----------------------------------------------------------------------------------------------------
 */

typedef struct nonet_measure_info {
  const char *id, *attribute, *title, *definition, *formula, *source, *unit;
  const char *direction; /* "higher", "lower", "none" */
  const char *tasks;     /* "binary, multiclass" */
  const char *needs;     /* "prediction", "probability" … */
  const char *interval, *interval_weighted;
  const char *shortfall; /* NULL: nominal in simulation */
  const char *variants;  /* "macro, micro, weighted"; NULL: none */
  double range_low, range_high;
  int is_primary;
  const char *axis_x, *axis_y; /* what the axes of a curve show; NULL: the measure is a number */
} nonet_measure_info;

NONET_EXPORT size_t nonet_catalogue_size(void);
/* Strings live as long as the library; false (0) beyond the end. */
NONET_EXPORT int nonet_catalogue_at(size_t index, nonet_measure_info *info);

/* ---- contexts and configurations
 * ------------------------------------------------------------------------------------------
 */

/* The name of a preset, in the order of presentation; NULL beyond the end. Lives as long as the
 * library. */
NONET_EXPORT const char *nonet_context_name(size_t index);
/* The one sentence that says where a context is for. */
NONET_EXPORT nonet_status nonet_context_title(const char *name, char **title,
                                              nonet_error *error) NONET_NODISCARD;
/* A preset's name or a file's path (it has a '/' or ends in .yaml): checked, resolved with what it
 * extends, and written as YAML that can be kept and edited, or as JSON. NONET_E_USAGE: no such
 * preset; NONET_E_CONFIG: the file is wrong, with line and column. */
NONET_EXPORT nonet_status nonet_context_yaml(const char *name, char **yaml,
                                             nonet_error *error) NONET_NODISCARD;
NONET_EXPORT nonet_status nonet_context_json(const char *name, char **json,
                                             nonet_error *error) NONET_NODISCARD;
/* What changes from one context to the other, a line each; *differs 0: nothing that a verdict
 * depends on, and the text is empty. */
NONET_EXPORT nonet_status nonet_context_diff(const char *from, const char *to, char **text,
                                             int *differs, nonet_error *error) NONET_NODISCARD;
/* Writes a commented configuration fitted to the models and data in its folder; never over a file
 * that is there (NONET_E_CREATE). `path` NULL: nonet.yaml; `context` NULL: general; `from` NULL,
 * "sklearn" or "pytorch": also writes score.py beside it, the loop that answers with such a model.
 * *said: what was found and what is left to do. */
NONET_EXPORT nonet_status nonet_init(const char *path, const char *context, const char *from,
                                     char **said, nonet_error *error) NONET_NODISCARD;

/* ---- this build
 * -------------------------------------------------------------------------------------------------------
 */

NONET_EXPORT const char *nonet_version(void); /* "0.1.0" */
NONET_EXPORT const char *nonet_commit(void);  /* short hash, or "unknown" */
/* One line per runtime that was looked for ("duckdb 1.5.5", "adbc driver manager 1.13.0", …). */
NONET_EXPORT nonet_status nonet_runtimes(char **text, nonet_error *error) NONET_NODISCARD;
/* Up to n_most of `names` that are near to a mistyped word, best first; returns how many. */
NONET_EXPORT size_t nonet_nearest(const char *wanted, const char *const *names, size_t n_names,
                                  size_t n_most, size_t *nearest);

#ifdef __cplusplus
}
#endif
#endif
