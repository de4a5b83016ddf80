/*
 * A row's k nearest are all of its class exactly when k rows of its class come before the nearest
 * row of any other. So the neighbours themselves are not needed: the nearest row of another class
 * is found, which is quick for the rows of a large class, and then only whether k of the own class
 * are nearer, a search that ends as soon as it has them.
 *
 * Cases: 1. Equal distances by the smaller index, across the two searches. 2. One class: all stay.
 * 3. A class of at most k rows: none of them stays.
 */
#include "learn/edited.h"

#include "base/error.h"
#include "base/memory.h"
#include "learn/part.h"

struct edit {
  struct part own, other;
  struct neighbours *own_index, *other_index;
  uint32_t *nearest; /* of another class */
  double *distance2;
  uint32_t *found; /* [own][k] */
};

static nonet_status edit_search(struct edit *edit, size_t k, size_t n_threads,
                                struct progress *progress, nonet_error *error) {
  nonet_status status = neighbours_new(&edit->other.rows, n_threads, &edit->other_index, error);
  if (status == NONET_OK) {
    status = neighbours_new(&edit->own.rows, n_threads, &edit->own_index, error);
  }
  struct neighbours_query query = {.rows = &edit->own.rows, .k = 1, .n_threads = n_threads};
  if (status == NONET_OK) {
    status =
        neighbours_find(edit->other_index, &query, edit->nearest, edit->distance2, progress, error);
  }
  query.self = edit->own.name;
  query.k = k;
  query.within = edit->distance2;
  query.before = edit->nearest;
  query.any_will_do = true;
  if (status == NONET_OK) {
    status = neighbours_find(edit->own_index, &query, edit->found, NULL, progress, error);
  }
  return status;
}

static nonet_status edit_class(const struct neighbours_rows *rows, const uint32_t *label,
                               uint32_t code, size_t k, size_t n_threads, bool *stays,
                               struct progress *progress, nonet_error *error) {
  struct edit edit = {0};
  nonet_status status = part_of_class(rows, label, code, false, &edit.own, error);
  if (status == NONET_OK) {
    status = part_of_class(rows, label, code, true, &edit.other, error);
  }
  size_t n = edit.own.rows.n_rows;
  if (status != NONET_OK || n == 0 || edit.other.rows.n_rows == 0) { /* 2 */
    goto done;
  }
  edit.nearest = memory_new(n, sizeof *edit.nearest);
  edit.distance2 = memory_new(n, sizeof *edit.distance2);
  edit.found = memory_new(n * k, sizeof *edit.found);
  if (!edit.nearest || !edit.distance2 || !edit.found) {
    status = error_memory(error, n * (k * sizeof *edit.found + 12), "neighbours of a class");
    goto done;
  }
  status = edit_search(&edit, k, n_threads, progress, error);
  for (size_t i = 0; status == NONET_OK && i < n; i++) {
    stays[edit.own.name[i]] = edit.found[i * k + k - 1] != NEIGHBOURS_NONE;
  }
done:
  part_clear(&edit.own);
  part_clear(&edit.other);
  neighbours_free(edit.own_index);
  neighbours_free(edit.other_index);
  memory_free(edit.nearest);
  memory_free(edit.distance2);
  memory_free(edit.found);
  return status;
}

nonet_status edited_rows(const struct neighbours_rows *rows, const uint32_t *label,
                         size_t n_classes, const bool *is_edited, size_t k, size_t n_threads,
                         bool *stays, struct progress *progress, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < rows->n_rows; i++) {
    stays[i] = true;
  }
  for (size_t c = 0; status == NONET_OK && c < n_classes; c++) {
    if (is_edited[c]) {
      status = edit_class(rows, label, (uint32_t)c, k, n_threads, stays, progress, error);
    }
  }
  return status;
}
