/*
 * What the probes found: plain facts and times, by stream (candidate, baseline), kept apart from
 * the summaries of rows. Measures that do not read rows read this; no probe knows of measures.
 *
 * A probe is anything that asks the model for more than the predictions of the test rows. Whatever
 * goes wrong with one is a reason beside its stream, never an error of the run.
 *
 * Ownership: probe_answers_clear frees what hangs below. Threads: filled by one, then read-only.
 */
#ifndef PROBE_ANSWERS_H
#define PROBE_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#include "base/hash.h"
#include "table/roles.h"

enum probe_id {
  PROBE_ARTIFACT,       /* the model's files: bytes and hash */
  PROBE_LOADS,          /* opens, answers one row, many rows, the sizes a fixed batch allows */
  PROBE_DETERMINISM,    /* the same rows again: repeats, batch sizes, threads, order of rows */
  PROBE_LATENCY,        /* single rows timed in fresh launches, both models interleaved */
  PROBE_STARTS,         /* one model alone in fresh processes: start, loading, memory */
  PROBE_BATCHES,        /* batches of 1, 2, 4 … rows timed in fresh launches, both models */
  PROBE_TRAIN,          /* the task's primary on the training rows */
  PROBE_PARITY,         /* beside the answers of the framework that trained it */
  PROBE_CONTRACT,       /* rows that break the contract of its inputs */
  PROBE_COUNTERFACTUAL, /* the rows with a protected column changed */
  PROBE_PROFILE,        /* where a request's time goes, by the runtime's own profile */
  PROBE_THREADS,        /* the candidate's batches with one thread and with two */
  N_PROBES
};

#define PROBE_BIT(id) (1u << (id)) /* for measure.probes and probe_request.probes */
#define PROBE_TEXT_BYTES 208       /* fits into a note of a view with some words before it */

const char *probe_name(enum probe_id id); /* "artifact" … */

enum probe_status {
  PROBE_NOT_ASKED, /* nobody ran it (zeroed answers) */
  PROBE_ANSWERED,
  PROBE_NOT_APPLICABLE, /* there is nothing to ask: predictions in columns have no model */
  PROBE_FAILED
};

struct probe_state {
  enum probe_status status;
  char reason[PROBE_TEXT_BYTES]; /* NOT_APPLICABLE, FAILED: a sentence; else "" */
};

struct probe_artifact {
  uint64_t size_bytes; /* of all its files (an ONNX file and its external data) */
  size_t n_files;
  char sha256[HASH_HEX_BYTES];   /* of the main file */
  bool is_read;                  /* what stands in it is known, and so all that follows */
  char unread[PROBE_TEXT_BYTES]; /* else why not */
  uint64_t n_parameters, n_trees;
  double flops, quantisable_flops, traffic_bytes; /* for one row */
  bool is_bound;                                  /* they are lower bounds, since this is not */
  char not_counted[PROBE_TEXT_BYTES];             /*   counted */
  bool has_producer, has_version, has_licence, has_metadata;
  char producer[PROBE_TEXT_BYTES], licence[PROBE_TEXT_BYTES];
  bool is_graph; /* an ONNX graph, and what follows is of it */
  int64_t opset, opset_ml, ir_version;
  int first_minor, runtime_minor; /* 1.x of ONNX Runtime: the oldest that opens it, the one that
                                     is here; 0: not known */
  bool is_first_oldest;           /* none older was tried */
  uint64_t n_nodes, n_custom, n_known; /* known: to the runtime that is here */
  char custom[PROBE_TEXT_BYTES];       /* "com.acme:Fancy, …" */
  size_t n_external, n_external_bad;   /* files of external data; missing, short or outside */
  uint64_t external_bytes;
  char external[PROBE_TEXT_BYTES]; /* what is wrong with them */
  int64_t batch;                   /* what its inputs fix the first axis to; 0: any */
};

/* One thing that was tried, in order; a model that does not open has one step. */
#define PROBE_LOAD_STEPS 8
struct probe_load_step {
  size_t n_rows; /* 0: open and bind to the rows' columns */
  bool is_ok;
  char error[PROBE_TEXT_BYTES]; /* the runtime's own words; "" when is_ok */
};

struct probe_loads {
  bool is_dead; /* the process that asked it crashed, hung or said nothing: asking it elsewhere
                   would do the same there */
  size_t n_steps;
  struct probe_load_step step[PROBE_LOAD_STEPS];
};

/* Every run's answers are compared, byte by byte, with those of the first. */
struct probe_determinism {
  size_t n_rows;             /* rows asked in each run */
  size_t n_runs;             /* after the first */
  size_t n_repeats;          /* of the runs: the same again */
  size_t n_batch_sizes;      /* other batch sizes */
  size_t n_threads;          /* sessions answering at the same time */
  size_t n_orders;           /* of the runs: the rows in another order */
  size_t n_rows_changed;     /* rows with other bytes in any run */
  size_t n_labels_changed;   /* rows with another decision in any run */
  double largest_difference; /* of a score, over rows and runs */
};

/* A block: requests to one model, one after the other. Blocks come in fours, ABBA or BAAB. */
struct probe_block {
  int stream;
  size_t start, n; /* in probe_launch.ns[stream] */
};

/* One fresh process that opened both models. Times are in nanoseconds, as measured: what asking
 * itself costs is not subtracted. */
struct probe_launch {
  size_t n_blocks;
  struct probe_block *blocks;
  size_t n[N_STREAMS]; /* requests after the warm-up */
  double *ns[N_STREAMS];
  size_t n_warm_up[N_STREAMS]; /* requests before them, left out */
  double open_ns[N_STREAMS];   /* to open and bind */
  double cpu_ns[N_STREAMS];    /* processor time of this process in those requests */
  double energy_uj[N_STREAMS]; /* of the whole package meanwhile (powercap); NaN: no counter */
  double run_queue;            /* tasks that waited for a core before or after (/proc/loadavg) */
  double steal;                /* share of processor time the host took (/proc/stat) */
  double mhz;                  /* mean frequency of the cores, the lower of before and after; 0:
                                  not told */
};

struct probe_latency {
  size_t n_launches; /* that answered */
  struct probe_launch *launches;
  size_t n_failed;                 /* launches that did not, */
  char failure[PROBE_TEXT_BYTES];  /* and what the first of them said */
  size_t n_rows;                   /* different rows in the requests, asked in turn */
  double seconds;                  /* what it took */
  double overhead_ns;              /* a request of no work, by the same loop: it is in every time */
  char no_power[PROBE_TEXT_BYTES]; /* why there is no energy; "": there is */
  bool is_elsewhere[N_STREAMS];    /* a program of its own does the work: cpu_ns misses it */
};

/* One fresh process that opened one model, answered, and did nothing else. */
struct probe_start {
  double cold_ns;    /* from just before the process was made to the model's first answer */
  double open_ns;    /* of these, to open and bind */
  double warm_up;    /* single-row requests until it no longer got faster */
  double bare_bytes; /* most that was resident so far: before the model was opened, */
  double load_bytes; /* when it was open, */
  double peak_bytes; /* when it had answered those and all rows at once */
};

#define PROBE_ROUNDS_MOST 20 /* starts of each model, launches of batches */

/* Rounds of a start of each model, who is first alternating. */
struct probe_starts {
  size_t n; /* rounds in which all models answered */
  struct probe_start start[N_STREAMS][PROBE_ROUNDS_MOST];
  size_t n_failed; /* rounds that were given up, and why the first was */
  char failure[PROBE_TEXT_BYTES];
  size_t n_rows;           /* in the largest batch that was answered */
  double run_queue, steal; /* the worst of any round, as in probe_launch */
};

#define PROBE_BATCH_SIZES 10 /* 1, 2, 4 … 512 */

/* Rows a second by size of the batch. */
struct probe_batches {
  size_t n_launches;
  size_t n_sizes[N_STREAMS]; /* that every launch answered */
  size_t size[N_STREAMS][PROBE_BATCH_SIZES];
  double rate_per_s[N_STREAMS][PROBE_ROUNDS_MOST][PROBE_BATCH_SIZES];
  size_t n_failed;
  char failure[PROBE_TEXT_BYTES];
  double run_queue, steal;
};

#define PROBE_TWO_THREADS 2 /* what PROBE_THREADS holds against one */

/* Where the time of a request goes, in a launch of its own with the runtime's profile on; it counts
 * whole microseconds, and keeping it takes time too. */
#define PROBE_OPERATORS 12
struct probe_operator {
  char name[PROBE_TEXT_BYTES];
  double calls, ns; /* in a request; ns without what runs inside it (bodies of loops) */
};
struct probe_profile {
  size_t n_requests, n_left_out; /* that count; that were interrupted */
  size_t n_rows;                 /* in each: the fewest with which the profile is bearable */
  double request_ns;             /* of a request, by the helper's clock, */
  double plain_ns;               /* and of one without the profile */
  double session_ns;             /* of these in the runtime's run */
  double inside_ns;              /* of these in operators */
  double calls;                  /* of operators in a request */
  size_t n_types, n_types_all;   /* told; there are */
  struct probe_operator type[PROBE_OPERATORS]; /* by time, the most first */
  struct probe_operator node;                  /* the one that takes most: its own name, its type */
  char node_type[PROBE_TEXT_BYTES];
};

/* What times and energies are held against; 0: not given. From the configuration, never asked of a
 * model. */
struct probe_factors {
  double slo_ms;            /* a request is in time up to here */
  double co2_g_per_kwh;     /* of the power where the model will live */
  double cost_per_cpu_hour; /* in the owner's currency */
};

/* The primary of correctness on the training rows, a constant from then on. */
struct probe_train {
  char measure[64]; /* "correctness.auc" */
  double value;
  double n_rows;
};

/* Beside the reference predictions of `reference:`, over the rows that have one. */
struct probe_parity {
  size_t n_rows, n_same_labels;
  double largest_absolute, largest_relative; /* |a − r|, |a − r| / |r| over r ≠ 0 */
};

/* What became of rows that a contract forbids or leaves open. */
enum probe_breach {
  BREACH_MISSING, /* a column is not there */
  BREACH_EXTRA,   /* a column nobody asked for */
  BREACH_NULL,
  BREACH_UNSEEN, /* a text that training cannot have seen */
  BREACH_TYPE,   /* a text for a number, a number for a text */
  BREACH_HUGE,   /* 1e30, or the largest whole number of 62 bits */
  N_BREACHES
};
const char *probe_breach_name(enum probe_breach breach); /* "missing column" … */

#define PROBE_BREACH_TEXTS 16
#define PROBE_BREACH_UNNAMED "an error that does not name it" /* stands in such a text */
struct probe_contract {
  size_t n_asked[N_BREACHES],
      n_kept[N_BREACHES];          /* columns tried; answered as the contract wants */
  size_t n_columns, n_columns_all; /* tried of those the model reads */
  size_t n_texts;                  /* of the breaches that were not kept, the first in words */
  char text[PROBE_BREACH_TEXTS][PROBE_TEXT_BYTES];
};

/* A row flips in a column when another value of that column, all else equal, changes its decision.
 */
#define PROBE_FLIP_COLUMNS 8
struct probe_flip_column {
  char name[PROBE_TEXT_BYTES];
  size_t n_values;                    /* tried; 0: the model does not read the column */
  char worst_value[PROBE_TEXT_BYTES]; /* the one that changes most decisions, */
  size_t n_worst;                     /* and how many */
};
struct probe_counterfactual {
  size_t n_rows, n_columns;
  struct probe_flip_column column[PROBE_FLIP_COLUMNS];
  uint8_t *flips;     /* [n_columns × n_rows] 1: the row flips; owned */
  uint32_t *clusters; /* [n_rows] which rows belong together, 0 …; NULL: each its own; owned */
};

struct probe_stream {
  struct probe_state state[N_PROBES];
  struct probe_artifact artifact;
  struct probe_loads loads;
  struct probe_determinism determinism;
  struct probe_train train;
  struct probe_parity parity;
  struct probe_contract contract;
  struct probe_counterfactual counterfactual;
  struct probe_profile profile;
};

/* Start from {0}: nothing asked. */
struct probe_answers {
  struct probe_stream stream[N_STREAMS];
  struct probe_latency latency; /* of both; with one model ns[STREAM_B] is empty */
  struct probe_starts starts;
  struct probe_batches batches;
  struct probe_batches threads; /* the candidate's: STREAM_A one thread, STREAM_B two */
  struct probe_factors factors;
};

void probe_answers_clear(struct probe_answers *answers);
/* Copies what a runtime said: cut at a character, what is not UTF-8 as '?', on one line. */
void probe_text(char to[PROBE_TEXT_BYTES], const char *from);
/* Sets the state of one probe of one stream, and why. */
void probe_fail(struct probe_answers *answers, enum probe_id id, int stream,
                enum probe_status status, const char *format, ...) NONET_PRINTF(5, 6);
/* Appends a launch, which it takes over (zeroing *launch). */
nonet_status probe_latency_add(struct probe_latency *latency, struct probe_launch *launch,
                               nonet_error *error) NONET_NODISCARD;
void probe_launch_clear(struct probe_launch *launch);

#endif
