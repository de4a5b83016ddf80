/*
 * Store: the runs that were kept, in one SQLite file, and the looks at a question (judgement.md
 * §6).
 *
 * A run is there whole or not at all: its document, its rows for history and its look are one
 * transaction, synced before store_put returns. Several processes may write at once: one waits for
 * the other, at most STORE_WAIT_MS. A handle is for one thread at a time; threads open one each.
 *
 * Errors of every function: NONET_E_DATA, the file is no store, is damaged or was made by a newer
 * nonet (nothing is changed in it); NONET_E_CREATE, it cannot be made or written into; NONET_E_IO,
 * the disk is full, the system fails, or another process held it for too long; NONET_E_NO_INPUT,
 * there is no such store or run.
 */
#ifndef EVIDENCE_STORE_H
#define EVIDENCE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/evidence.h"

#define STORE_VERSION 1     /* of the tables; a file with a higher one is refused */
#define STORE_WAIT_MS 20000 /* for another process that writes */

struct store;

enum store_mode {
  STORE_READ, /* it must be there; a read-only file or folder will do */
  STORE_WRITE /* it is made when missing (of the default place, the folders too) and brought to this
                 version; says at once when it cannot be written */
};

/* `where`: a path; NULL: the default, $XDG_DATA_HOME/nonet/nonet.db, else
   ~/.local/share/nonet/nonet.db; "none": NONET_OK and *store is NULL, which every function below
   takes for a store that is empty and keeps nothing; so is a default that is not there, to read. A
   URI of a server: NONET_E_UNAVAILABLE. */
nonet_status store_open(const char *where, enum store_mode mode, struct store **store,
                        nonet_error *error) NONET_NODISCARD;
void store_close(struct store *store);
/* The path as it was opened, for messages and reports; NULL for none. */
const char *store_path(const struct store *store);

/* ---- looks ---- */

/* All borrowed, none NULL. Hashes are SHA-256 in hex. */
struct store_question {
  const char *candidate; /* hash of the model */
  const char *baseline;  /* hash; "" without one */
  const char *context;   /* its name, or its name and a hash when it was changed inline */
  int context_version;
  const char *source; /* the data's path, glob or query as configured */
  const char *data;   /* hash of the rows that are judged now; not part of the question */
  uint64_t n_rows;    /* judged now */
};

/* One look of the past. */
struct store_look_past {
  int number;      /* 1, 2, … */
  uint64_t n_rows; /* judged then */
  char run[65], verdict[16];
};

/* What the store knows before a question is judged. */
struct store_look {
  int number;     /* of this look; the same rows (hash) keep the number they had */
  bool is_repeat; /* these very rows were judged before: the same look, the same answer */
  int n_runs;     /* earlier runs of this question, on whatever rows: each timed the models anew */
  int n_repeats;  /* how often before (timings that are taken again count them) */
  double n_max;   /* frozen at the first look; NaN: none is */
  size_t n_candidates; /* distinct candidates judged on this source or these rows, this one too */
  struct store_look_past *past; /* [n_past] looks with a smaller number, in order */
  size_t n_past;
};

/* The source is recognised by its name or by a hash seen before (a renamed file). For a NULL store:
   look 1, nothing past, n_candidates 0. */
nonet_status store_look_find(struct store *store, const struct store_question *question,
                             struct store_look *look, nonet_error *error) NONET_NODISCARD;
void store_look_clear(struct store_look *look);

/* What is written of a look together with its run. */
struct store_look_put {
  const struct store_question *question;
  int number;   /* as store_look_find said */
  double n_max; /* frozen when this is the first look; NaN: none */
};

/* ---- runs ---- */

/* Keeps a finished document, and its look when there is one (NULL: none). The same document again
   changes nothing. NONET_E_UNAVAILABLE: another run took this look's number meanwhile (other rows,
   same question); nothing was written: judge again. */
nonet_status store_put(struct store *store, const struct evidence *evidence,
                       const struct store_look_put *look, nonet_error *error) NONET_NODISCARD;

/* The document of the one run whose id begins with `prefix` (4 digits or more). */
nonet_status store_get(struct store *store, const char *prefix, struct evidence **evidence,
                       nonet_error *error) NONET_NODISCARD;

/* Latest last. Texts are owned; "" where the document says nothing. */
struct store_run {
  char *id, *started, *command, *context, *verdict, *digest;
  char *candidate, *source; /* the candidate's path, the test data's source */
  int context_version;      /* 0: none */
  uint64_t n_rows;          /* used */
};

struct store_runs {
  struct store_run *run; /* [n] */
  size_t n;
};

nonet_status store_list(struct store *store, struct store_runs *runs,
                        nonet_error *error) NONET_NODISCARD;
void store_runs_clear(struct store_runs *runs);

/* One estimate of one run. Hashes are "" when not known. */
struct store_point {
  char *id, *started, *verdict;
  char *source, *data;        /* of the test rows: name and hash */
  char *candidate, *baseline; /* hashes of the models */
  double value, low, high, level;
  double n;
  double change, change_low, change_high; /* the run's own candidate − baseline; NaN: none */
};

struct store_series {
  struct store_point *point; /* [n], by source in order of its first run, then by time */
  size_t n;
};

/* The candidate's estimates of `measure` (full id; "id{sex=Female}" for a group, "id{class=3}" for
   a class) over all runs that have it. NONET_E_DATA when no run has: names near ones. */
nonet_status store_series(struct store *store, const char *measure, struct store_series *series,
                          nonet_error *error) NONET_NODISCARD;
void store_series_clear(struct store_series *series);

/* The scope as it stands in an id: "" for all rows, "{sex=Female,race=\"Black, other\"}",
   "{class=3}"; kinds without a short form as canonical JSON. Appends to `text`. */
struct text;
void store_scope_text(struct text *text, const json_t *scope);

#endif
