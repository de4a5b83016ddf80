/*
 * Neighbourhoods.
 *
 * Cases:
 *  1. Parts: rows of one class are joined when one is among the other's k nearest; a part is what
 *     hangs together. Small ones are the small disjuncts of a learner that follows the neighbours.
 *  2. The tree of N1 (Lorena et al. 2019, section 3.2) is Prim's over the first HOOD_TREE_ROWS
 *     rows of the frame, a random sample of the rows by their content; ties go to the smaller
 * index.
 *  3. Fisher's ratio of a column (Lorena et al. 2019, eq. 2):
 *       r = Σ_c n_c (μ_c − μ)² / Σ_c Σ_{x in c} (x − μ_c)²
 *     infinite when no class varies and their means differ.
 *  4. Columns of one value, and texts of which more than half are different, tell no two rows
 *     nearer than others: with such columns alone neighbours would be ties, and nothing is made.
 */
#include "measure/data/data_hood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "learn/tomek.h"
#include "measure/hood_rows.h"

#define NO_ROW UINT32_MAX

/* ---- parts: case 1 ---- */

static uint32_t root_of(uint32_t *parent, uint32_t i) {
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

static nonet_status find_parts(const uint32_t *label, struct data_hood *hood, nonet_error *error) {
  const size_t n = hood->n_rows;
  uint32_t *parent = memory_new(n, sizeof *parent), *size = memory_zeroed(n, sizeof *size);
  if (parent == NULL || size == NULL) {
    memory_free(parent);
    memory_free(size);
    return error_memory(error, n * sizeof *parent, "the parts of classes");
  }
  for (uint32_t i = 0; i < n; i++) {
    parent[i] = i;
  }
  for (uint32_t i = 0; i < n; i++) {
    for (size_t k = 0; k < HOOD_K; k++) {
      const uint32_t j = hood->near[i * HOOD_NEAR + k];
      if (j != NEIGHBOURS_NONE && label[j] == label[i]) {
        parent[root_of(parent, i)] = root_of(parent, j);
      }
    }
  }
  for (uint32_t i = 0; i < n; i++) {
    size[root_of(parent, i)]++;
  }
  for (uint32_t i = 0; i < n; i++) {
    hood->part_rows[i] = size[root_of(parent, i)];
  }
  memory_free(parent);
  memory_free(size);
  return NONET_OK;
}

/* ---- the tree: case 2 ---- */

static nonet_status grow_tree(const struct neighbours_rows *rows, const uint32_t *label,
                              struct data_hood *hood, struct progress *progress,
                              nonet_error *error) {
  const size_t n = hood->n_tree;
  double *distance = memory_new(n, sizeof *distance); /* to the tree; −1: in it */
  uint32_t *via = memory_zeroed(n, sizeof *via);
  nonet_status status = distance != NULL && via != NULL
                            ? NONET_OK
                            : error_memory(error, n * sizeof *distance, "a spanning tree");
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    distance[i] = INFINITY;
  }
  size_t last = 0;
  for (size_t step = 1; step < n && status == NONET_OK; step++) {
    size_t next = NO_ROW;
    distance[last] = -1;
    for (size_t i = 0; i < n; i++) {
      if (distance[i] < 0) {
        continue;
      }
      const double d = neighbours_distance2(rows, last, rows, i);
      if (d < distance[i] || distance[i] == INFINITY) {
        distance[i] = d;
        via[i] = (uint32_t)last;
      }
      next = next == NO_ROW || distance[i] < distance[next] ? i : next;
    }
    if (label[next] != label[via[next]]) {
      hood->is_border[next] = hood->is_border[via[next]] = true;
    }
    last = next;
    status = step % 256 == 0 ? progress_check(progress, error) : NONET_OK;
  }
  memory_free(distance);
  memory_free(via);
  return status;
}

/* ---- Fisher's ratio: case 3 ---- */

static nonet_status find_fisher(const struct neighbours_rows *rows, const uint32_t *label,
                                size_t n_classes, struct data_hood *hood, nonet_error *error) {
  double *mean = memory_new(n_classes, sizeof *mean), *count = memory_new(n_classes, sizeof *count);
  hood->fisher = NAN;
  if (mean == NULL || count == NULL) {
    memory_free(mean);
    memory_free(count);
    return error_memory(error, n_classes * sizeof *mean, "Fisher's ratio");
  }
  for (size_t c = 0; c < rows->n_numbers; c++) {
    double between = 0, within = 0, all = 0;
    memset(mean, 0, n_classes * sizeof *mean);
    memset(count, 0, n_classes * sizeof *count);
    for (size_t i = 0; i < rows->n_rows; i++) {
      const double x = rows->number[i * rows->n_numbers + c];
      mean[label[i]] += x;
      count[label[i]] += 1;
      all += x / (double)rows->n_rows;
    }
    for (size_t k = 0; k < n_classes; k++) {
      mean[k] = count[k] > 0 ? mean[k] / count[k] : 0;
      between += count[k] * (mean[k] - all) * (mean[k] - all);
    }
    for (size_t i = 0; i < rows->n_rows; i++) {
      const double step = rows->number[i * rows->n_numbers + c] - mean[label[i]];
      within += step * step;
    }
    const double ratio = within > 0 ? between / within : between > 0 ? INFINITY : 0;
    hood->fisher = isnan(hood->fisher) || ratio > hood->fisher ? ratio : hood->fisher;
  }
  memory_free(mean);
  memory_free(count);
  return NONET_OK;
}

/* ---- all of it ---- */

/* Case 4. */
static bool tells_apart(const struct frame *frame, const struct frame_column *column) {
  if (column->kind == FRAME_CATEGORY) {
    return column->n_values + (column->n_null > 0) > 1 && column->n_values <= frame->n_rows / 2;
  }
  double first = NAN;
  for (size_t i = 0; i < frame->n_rows; i++) {
    if (isfinite(column->number[i])) {
      first = isnan(first) ? column->number[i] : first;
      if (column->number[i] != first) {
        return true;
      }
    }
  }
  return false;
}

static bool any_tells_apart(const struct frame *frame, const bool *skip) {
  bool any = false;
  for (size_t c = 0; c < frame->n_columns && !any; c++) {
    any = !skip[c] && tells_apart(frame, &frame->columns[c]);
  }
  return any;
}

static nonet_status make_arrays(const struct frame *frame, struct data_hood *hood,
                                nonet_error *error) {
  const size_t n = frame->n_rows;
  hood->n_rows = n;
  hood->n_tree = n < HOOD_TREE_ROWS ? n : HOOD_TREE_ROWS;
  hood->near = memory_new(n * HOOD_NEAR, sizeof *hood->near);
  hood->partner = memory_new(n, sizeof *hood->partner);
  hood->part_rows = memory_new(n, sizeof *hood->part_rows);
  hood->is_border = memory_zeroed(hood->n_tree, sizeof *hood->is_border);
  return hood->near != NULL && hood->partner != NULL && hood->part_rows != NULL &&
                 hood->is_border != NULL
             ? NONET_OK
             : error_memory(error, n * HOOD_NEAR * sizeof *hood->near, "the neighbourhood of rows");
}

nonet_status data_hood_make(const struct frame *frame, const bool *skip, size_t n_classes,
                            size_t n_threads, struct data_hood *hood, struct progress *progress,
                            nonet_error *error) {
  struct neighbours_rows rows = {0};
  *hood = (struct data_hood){0};
  nonet_status status = hood_rows_make(frame, skip, &rows, error);
  hood->n_numbers = rows.n_numbers;
  hood->n_categories = rows.n_categories;
  if (status != NONET_OK || !any_tells_apart(frame, skip) || frame->n_rows < 2 ||
      frame->label == NULL) {
    goto done;
  }
  status = make_arrays(frame, hood, error);
  if (status == NONET_OK) {
    status = neighbours_of_all(&rows, HOOD_NEAR, n_threads, hood->near, NULL, progress, error);
  }
  if (status == NONET_OK) {
    status = tomek_links(&rows, frame->label, n_classes, n_threads, hood->partner, &hood->n_links,
                         progress, error);
  }
  if (status == NONET_OK) {
    status = find_parts(frame->label, hood, error);
  }
  if (status == NONET_OK) {
    status = grow_tree(&rows, frame->label, hood, progress, error);
  }
  if (status == NONET_OK) {
    status = find_fisher(&rows, frame->label, n_classes, hood, error);
  }
done:
  hood_rows_clear(&rows);
  if (status != NONET_OK) {
    data_hood_clear(hood);
  }
  return status;
}

void data_hood_clear(struct data_hood *hood) {
  memory_free(hood->near);
  memory_free(hood->partner);
  memory_free(hood->part_rows);
  memory_free(hood->is_border);
  *hood = (struct data_hood){0};
}
