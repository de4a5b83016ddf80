/*
 * Splitting a frame, and means over parts of a half.
 *
 *   half(row) = Philox(seed, key of the row, its place among rows of that key) mod 2
 *   m = Σwx/Σw;  influence of a row: w(x − m)/Σw, minus the same in the rest
 *   variance = G/(G − 1) Σ_g T_g², T_g the sum over unit g, G the units that have a row in it
 *
 * Cases:
 *  1. Equal rows must draw each for itself: were they split evenly, or kept together, the second
 *     half would repeat the first one's chance. They are exchangeable, so their order is no matter.
 *  2. Clusters are never split.
 *  3. A group column that is a feature too is there once.
 *  4. Too few rows, no column with two bins: a reason, with the number needed.
 */
#include "measure/halves.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"
#include "base/text.h"
#include "stats/exactsum.h"

#define LEAST_SHARE 0.02
#define LEAST_IN_SLICE 15

struct clustered {
  uint64_t cluster;
  uint32_t row;
};

static int compare_clustered(const void *a, const void *b) {
  const struct clustered *x = a, *y = b;
  if (x->cluster != y->cluster) {
    return x->cluster < y->cluster ? -1 : 1;
  }
  return (x->row > y->row) - (x->row < y->row);
}

static nonet_status number_units(struct halves *halves, nonet_error *error) {
  const uint64_t *cluster = halves->frame->cluster;
  halves->n_units = halves->n;
  for (size_t i = 0; i < halves->n; i++) {
    halves->unit[i] = (uint32_t)i;
  }
  if (cluster == NULL || halves->n == 0) {
    return NONET_OK;
  }
  struct clustered *sorted = memory_new(halves->n, sizeof *sorted);
  if (sorted == NULL) {
    return error_memory(error, halves->n * sizeof *sorted, "the clusters of a frame");
  }
  for (size_t i = 0; i < halves->n; i++) {
    sorted[i] = (struct clustered){cluster[i], (uint32_t)i};
  }
  qsort(sorted, halves->n, sizeof *sorted, compare_clustered);
  halves->n_units = 0;
  for (size_t i = 0; i < halves->n; i++) {
    halves->n_units += i == 0 || sorted[i].cluster != sorted[i - 1].cluster;
    halves->unit[sorted[i].row] = (uint32_t)(halves->n_units - 1);
  }
  memory_free(sorted);
  return NONET_OK;
}

/* Cases 1 and 2. */
static void split(const struct view *view, struct halves *halves) {
  const struct frame *frame = halves->frame;
  for (size_t i = 0, place = 0; i < halves->n; i++) {
    place = i > 0 && frame->key[i] == frame->key[i - 1] ? place + 1 : 0;
    const struct philox_block draw =
        frame->cluster != NULL
            ? philox_row(view->options->seed, PHILOX_HALVES, frame->cluster[i], 0)
            : philox_row(view->options->seed, PHILOX_HALVES, frame->key[i], 1 + place);
    halves->first[i] = (draw.word[0] & 1) == 0;
    halves->second[i] = !halves->first[i];
    halves->n_first += halves->first[i];
  }
  halves->n_second = halves->n - halves->n_first;
  halves->least_rows = (size_t)fmax(ceil(LEAST_SHARE * (double)halves->n_first), LEAST_IN_SLICE);
}

static nonet_status cut_columns(const struct view *view, struct halves *halves,
                                nonet_error *error) {
  const struct roles *roles = &view->set->roles;
  const struct frame *frame = halves->frame;
  const size_t n_most = frame->n_columns + roles->n_groups;
  struct bins_source *sources = memory_zeroed(n_most, sizeof *sources);
  uint32_t *codes = memory_new(halves->n * roles->n_groups, sizeof *codes);
  nonet_status status = NONET_OK;
  size_t n = 0;
  if (sources == NULL || codes == NULL) {
    status = error_memory(error, halves->n * roles->n_groups * sizeof *codes, "groups of rows");
    goto done;
  }
  for (size_t c = 0; c < frame->n_columns; c++) {
    const struct frame_column *column = &frame->columns[c];
    const bool is_number = column->kind == FRAME_NUMBER;
    if (column->is_beside) {
      continue;
    }
    sources[n++] = (struct bins_source){.name = column->name,
                                        .number = is_number ? column->number : NULL,
                                        .code = is_number ? NULL : column->code,
                                        .values = (const char *const *)column->values,
                                        .n_values = column->n_values};
  }
  for (size_t g = 0; g < roles->n_groups && frame->cell != NULL; g++) {
    uint32_t *code = codes + g * halves->n;
    for (size_t i = 0; i < halves->n; i++) {
      code[i] = roles->cell_values[frame->cell[i] * roles->n_groups + g];
    }
    const struct frame_column *own = frame_find(frame, roles->groups[g].column);
    if (own == NULL || own->is_beside) { /* 3 */
      sources[n++] = (struct bins_source){.name = roles->groups[g].column,
                                          .code = code,
                                          .values = (const char *const *)roles->groups[g].values,
                                          .n_values = roles->groups[g].n_values};
    }
  }
  status = bins_make(sources, n, halves->n, &halves->bins, error);
done:
  memory_free(sources);
  memory_free(codes);
  return status;
}

/* Case 4. */
static const char *obstacle(struct view *view, const struct halves *halves) {
  size_t n_useful = 0;
  for (size_t c = 0; c < halves->bins.n_columns; c++) {
    n_useful += halves->bins.column[c].n_bins > 1;
  }
  if (halves->n < HALVES_LEAST_ROWS) {
    return view_sentence(view,
                         "%zu rows are too few to search one half and measure in the other: "
                         "it takes %d",
                         halves->n, HALVES_LEAST_ROWS);
  }
  if (n_useful == 0) {
    return view_sentence(view, "no feature has two different values among %zu features",
                         halves->bins.n_columns);
  }
  if (halves->n_first < 2 * LEAST_IN_SLICE || halves->n_second < 2 * LEAST_IN_SLICE) {
    return view_sentence(view,
                         "the halves have %zu and %zu rows; it takes %d in each, and "
                         "clusters are not split",
                         halves->n_first, halves->n_second, 2 * LEAST_IN_SLICE);
  }
  return NULL;
}

nonet_status halves_make(struct view *view, struct halves *halves, nonet_error *error) {
  const size_t n = view->frame->n_rows;
  *halves = (struct halves){.frame = view->frame, .n = n};
  halves->first = memory_new(n, sizeof *halves->first);
  halves->second = memory_new(n, sizeof *halves->second);
  halves->unit = memory_new(n, sizeof *halves->unit);
  nonet_status status = NONET_OK;
  if (halves->first == NULL || halves->second == NULL || halves->unit == NULL) {
    status = error_memory(error, n * sizeof *halves->unit, "the halves of a frame");
  }
  if (status == NONET_OK) {
    status = number_units(halves, error);
  }
  if (status == NONET_OK) {
    split(view, halves);
    status = cut_columns(view, halves, error);
  }
  if (status == NONET_OK) {
    halves->reason = obstacle(view, halves);
  } else {
    halves_clear(halves);
  }
  return status;
}

void halves_clear(struct halves *halves) {
  bins_clear(&halves->bins);
  memory_free(halves->first);
  memory_free(halves->second);
  memory_free(halves->unit);
  *halves = (struct halves){0};
}

static double weight_of(const struct halves *halves, size_t row) {
  return halves->frame->weight == NULL ? 1.0 : halves->frame->weight[row];
}

/* Σw, Σw², and the mean of one part. */
struct part_sums {
  double n, weight, square, mean;
};

static struct part_sums sum_part(const struct halves *halves, const double *x, const bool *in) {
  struct part_sums sums = {0};
  struct exactsum weight = {{0}, 0, 0}, square = {{0}, 0, 0}, total = {{0}, 0, 0};
  for (size_t i = 0; i < halves->n; i++) {
    if (in[i]) {
      const double w = weight_of(halves, i);
      sums.n += 1;
      exactsum_add(&weight, w);
      exactsum_add(&square, w * w);
      exactsum_add(&total, w * x[i]);
    }
  }
  sums.weight = exactsum_value(&weight);
  sums.square = exactsum_value(&square);
  sums.mean = exactsum_value(&total) / sums.weight;
  return sums;
}

/* Adds a part's influences to its units; how many units have a row. */
static double spread_part(const struct halves *halves, const double *x, const bool *in,
                          const struct part_sums *sums, double sign, double *totals, bool *seen) {
  double n_units = 0;
  for (size_t i = 0; i < halves->n; i++) {
    if (in[i]) {
      const size_t unit = halves->unit[i];
      totals[unit] += sign * weight_of(halves, i) * (x[i] - sums->mean) / sums->weight;
      n_units += !seen[unit];
      seen[unit] = true;
    }
  }
  return n_units;
}

nonet_status halves_mean(const struct halves *halves, const double *x, const bool *in,
                         const bool *out, struct halves_mean *mean, nonet_error *error) {
  const struct part_sums inside = sum_part(halves, x, in);
  const struct part_sums whole = sum_part(halves, x, halves->second);
  double *totals = memory_zeroed(halves->n_units, sizeof *totals);
  bool *seen = memory_zeroed(halves->n_units, sizeof *seen);
  nonet_status status = NONET_OK;
  if (totals == NULL || seen == NULL) {
    status = error_memory(error, halves->n_units * sizeof *totals, "sums of clusters");
    goto done;
  }
  *mean = (struct halves_mean){.value = inside.mean,
                               .n = inside.n,
                               .n_effective = inside.weight * inside.weight / inside.square,
                               .share = inside.weight / whole.weight};
  double n_units = spread_part(halves, x, in, &inside, 1.0, totals, seen), n_fewer = n_units;
  if (out != NULL) {
    const struct part_sums outside = sum_part(halves, x, out);
    mean->value -= outside.mean;
    memset(seen, 0, halves->n_units * sizeof *seen);
    n_fewer = fmin(n_units, spread_part(halves, x, out, &outside, -1.0, totals, seen));
  }
  struct exactsum squares = {{0}, 0, 0};
  for (size_t unit = 0; unit < halves->n_units; unit++) {
    exactsum_add(&squares, totals[unit] * totals[unit]);
  }
  mean->df = n_fewer > 1 ? n_fewer - 1 : 0;
  mean->variance = n_fewer > 1 ? n_fewer / (n_fewer - 1) * exactsum_value(&squares) : NAN;
done:
  memory_free(totals);
  memory_free(seen);
  return status;
}

const char *halves_keep(struct view *view, struct text *text) {
  char *kept = text->failed ? NULL : view_arena(view, text->length + 1, 1);
  if (kept != NULL && text->length > 0) {
    memcpy(kept, text->data, text->length);
  }
  text_clear(text);
  return kept != NULL ? kept : "not said: memory is short";
}

const char *halves_words(struct view *view, const struct halves *halves,
                         const struct halves_mean *mean) {
  char sample[64] = "";
  if (halves->n < halves->frame->n_source) {
    snprintf(sample, sizeof sample, " of %s in the data",
             view_count(view, (double)halves->frame->n_source));
  }
  return view_sentence(view, "%.3g %% of the rows; found on %s rows, measured on the %s others%s",
                       100 * mean->share, view_count(view, (double)halves->n_first),
                       view_count(view, (double)halves->n_second), sample);
}
