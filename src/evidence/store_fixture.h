/* Small finished runs and a folder of their own for the store's tests. */
#ifndef EVIDENCE_STORE_FIXTURE_H
#define EVIDENCE_STORE_FIXTURE_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "evidence/store_private.h"

struct fixture_run {
  const char *started, *candidate, *baseline, *data, *source;
  double auc, half_width;
  double change, change_half_width; /* candidate − baseline; 0 half width: none */
};

#define FIXTURE_RUN                                                                                \
  (struct fixture_run){                                                                            \
      "2026-01-02T03:04:05Z", "c0ffee", "ba5e", "da7a", "rows.parquet", 0.9, 0.02, 0.0, 0.0}

static inline void fixture_auc(struct evidence *evidence, enum evidence_role role, double value,
                               double half_width) {
  const struct evidence_estimate estimate = {"correctness.auc",
                                             "correctness",
                                             role,
                                             {.kind = SCOPE_ALL},
                                             value,
                                             value - half_width,
                                             value + half_width,
                                             0.95,
                                             "delong",
                                             1000,
                                             1000,
                                             0,
                                             NULL};
  evidence_add_estimate(evidence, &estimate);
}

static inline struct evidence *fixture_run_make(const struct fixture_run *run) {
  struct evidence *evidence = NULL;
  static const char *const sex[] = {"sex"}, *const female[] = {"Female"};
  const struct evidence_estimate group = {
      "correctness.recall",
      "correctness",
      ROLE_CANDIDATE,
      {.kind = SCOPE_GROUP, .n_by = 1, .by_column = sex, .by_value = female},
      0.5,
      0.25,
      0.75,
      0.95,
      "wilson",
      40,
      40,
      0,
      NULL};
  if (evidence_new("check", &evidence, NULL) != NONET_OK) {
    return NULL;
  }
  evidence_set_run(evidence, "started", json_string(run->started));
  evidence_add_data(evidence, "train", "train.parquet", 5, 5, "7ra1", json_object());
  evidence_add_data(evidence, "test", run->source, 1002, 1000, run->data, json_object());
  evidence_add_model(evidence, "candidate", "onnx",
                     json_pack("{s:s, s:s}", "path", "boost.onnx", "sha256", run->candidate));
  evidence_add_model(evidence, "baseline", "onnx",
                     json_pack("{s:s, s:s}", "path", "logit.onnx", "sha256", run->baseline));
  fixture_auc(evidence, ROLE_CANDIDATE, run->auc, run->half_width);
  if (run->change_half_width > 0.0) {
    fixture_auc(evidence, ROLE_DIFFERENCE, run->change, run->change_half_width);
  }
  evidence_add_estimate(evidence, &group);
  evidence_set_verdict(evidence,
                       json_pack("{s:s, s:s, s:i, s:f, s:[s], s:{}, s:n}", "state", "PASS",
                                 "context", "real-time", "context_version", 2, "alpha", 0.05,
                                 "because", "all is well", "coverage", "n_needed"));
  if (evidence_finish(evidence, NULL) != NONET_OK) {
    evidence_free(evidence);
    evidence = NULL;
  }
  return evidence;
}

static inline const char *fixture_id(const struct evidence *evidence) {
  return json_string_value(json_object_get(json_object_get(evidence->root, "run"), "id"));
}

/* ---- a folder ---- */

static inline int fixture_remove_one(const char *path, const struct stat *about, int kind,
                                     struct FTW *where) {
  (void)about, (void)kind, (void)where;
  return remove(path);
}

struct fixture_folder {
  char path[64], store[96];
};

static inline int fixture_folder_make(void **state) {
  struct fixture_folder *folder = calloc(1, sizeof *folder);
  /* in memory where there is such a place: thousands of synced writes */
  snprintf(folder->path, sizeof folder->path, "%s/nonet-store-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  *state = folder;
  if (mkdtemp(folder->path) == NULL) {
    return 1;
  }
  snprintf(folder->store, sizeof folder->store, "%s/nonet.db", folder->path);
  return 0;
}

static inline int fixture_folder_remove(void **state) {
  struct fixture_folder *folder = *state;
  int failed = nftw(folder->path, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);
  free(folder);
  return failed;
}

/* ---- what tests do again and again ---- */

static inline struct store *fixture_open(const struct fixture_folder *folder,
                                         enum store_mode mode) {
  struct store *store = NULL;
  nonet_error error = {""};
  if (store_open(folder->store, mode, &store, &error) != NONET_OK) {
    fprintf(stderr, "%s\n", error.message);
    abort();
  }
  return store;
}

/* Another program at work on the file. */
static inline void fixture_sql(const char *path, const char *sql) {
  sqlite3 *database = NULL;
  char *message = NULL;
  if (sqlite3_open(path, &database) != SQLITE_OK ||
      sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) {
    fprintf(stderr, "%s: %s\n", sql, message);
    abort();
  }
  sqlite3_close(database);
}

static inline int64_t fixture_count(const struct fixture_folder *folder, const char *sql) {
  struct store *store = fixture_open(folder, STORE_READ);
  int64_t n = -1;
  if (store_ask(store, "counting in", sql, &n, NULL) != NONET_OK) {
    abort();
  }
  store_close(store);
  return n;
}

static inline char *fixture_read_file(const char *path, size_t *size_bytes) {
  FILE *file = fopen(path, "rb");
  char *bytes = malloc(1 << 20);
  *size_bytes = fread(bytes, 1, 1 << 20, file);
  fclose(file);
  return bytes;
}

#endif
