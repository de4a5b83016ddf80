/* What a view has made so far; shared by view.c, view_rows.c and view_boot.c only. */
#ifndef MEASURE_VIEW_CACHE_H
#define MEASURE_VIEW_CACHE_H

#include "measure/view.h"

struct view_block { /* of the arena; the memory follows */
  struct view_block *next;
  void *data;
};

struct view_keyset {
  struct view_keyset *next;
  int stream;
  size_t k;
  struct score_keys keys;
};

typedef void (*view_any_function)(void);

struct view_boot {
  struct view_boot *next;
  view_any_function function;
  bool is_single; /* view_bootstrap: not kept for others */
  int stream;
  size_t tag, n_outputs;
  const double **replicates; /* [n_outputs] sorted, in the arena */
  size_t *n_replicates;
};

struct view_cache {
  struct view_block *arena;
  const double *confusion[N_STREAMS];
  const struct view_joint_cell *joint;
  size_t n_joint;
  bool has_rows;
  struct row_set rows;
  const uint32_t *cluster_index; /* [rows.n] 0 … n_clusters − 1 in the order of the keys */
  size_t n_clusters;
  const struct microbin *bins[N_STREAMS];
  struct view_keyset *keys;
  struct view_boot *boots;
  bool has_size;
  double n, n_effective;
};

size_t view_n_threads(const struct view *view);

#endif
