/* Rows for the tests of summaries: values by name, so that any subset of them can be resolved into
 * roles of its own. */
#ifndef SUMMARY_SUMMARY_KIT_H
#define SUMMARY_SUMMARY_KIT_H

#include "summary/summary.h"

#define KIT_CLASSES 5
#define KIT_GROUPS 2

struct kit_shape {
  enum task task;
  size_t n, n_classes;
  bool float32, two_streams, only_predictions, given_prediction;
  bool weight, cluster, id;
  size_t n_groups;
  size_t n_levels; /* scores take n_levels + 1 values; 0: as many as there are */
  uint64_t seed;
};

struct kit {
  struct kit_shape shape;
  uint32_t *label; /* class by its place in kit_classes */
  double *target, *weight;
  double *score[N_STREAMS]; /* [n][n_scores] */
  uint32_t *prediction[N_STREAMS];
  uint64_t *cluster, *id;
  int *group[KIT_GROUPS]; /* value by its place in kit_values; −1 null */
  size_t n_scores;
};

extern const char *const kit_classes[KIT_CLASSES];
extern const char *const kit_values[KIT_GROUPS][4];

void kit_init(struct kit *kit, struct kit_shape shape);
void kit_clear(struct kit *kit);
/* The roles that the rows row[0 … n − 1] resolve to: only the classes and values that occur.
 * roles_clear. */
void kit_roles(const struct kit *kit, const size_t *row, size_t n, struct roles *roles);
/* Adds the rows to `sets` in batches dealt out to n_sets workers; all sets have `roles`. Returns
 * the first failure. */
nonet_status kit_feed(const struct kit *kit, const size_t *row, size_t n, const struct roles *roles,
                      size_t batch_rows, struct summary_set **sets, size_t n_sets,
                      nonet_error *error);
/* A finished set of these rows. */
struct summary_set *kit_set(const struct kit *kit, const size_t *row, size_t n, size_t batch_rows,
                            size_t n_workers, uint64_t memory_bytes);
/* 0 … n − 1, shuffled when seed is not 0; free(). */
size_t *kit_order(size_t n, uint64_t seed);

#endif
