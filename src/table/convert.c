/*
 * From Arrow to role arrays.
 *
 * The fast path converts whole columns in loops that the compiler vectorises and asks each whether
 * anything was unusual (a null, a value that is not finite, an unknown class). Only when something
 * was does a second loop look at the rows one by one, in the order of the roles, count what it
 * finds and close the gaps.
 *
 * Cases: 1. No label: the row is left out and counted. 2. Null, NaN, infinite scores, weights,
 * predictions, clusters, ids: a fault, or with --invalid drop the row is left out for both
 * models. 3. A zero weight is a row. 4. Predictions from scores: binary score >= threshold (rounded
 * to the type); multiclass the first of the largest. 5. Scores outside [0, 1] and sums off 1 are
 * counted, never refused here: which measure minds is not known on this floor.
 */
#include "table/convert.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define CELL_TABLE_MOST (1u << 20)
#define SCORES_MOST (1u << 20) /* doubles of one batch: many classes make shorter batches */
#define SUM_TOLERANCE 1e-3

static nonet_status short_memory(nonet_error *error) {
  return error_memory(error, 1 << 20, "converting rows");
}

static void want(struct converter *converter, size_t binding) {
  if (binding == NO_BINDING || converter->position[binding] != SIZE_MAX)
    return;
  converter->position[binding] = converter->n_wanted;
  converter->wanted[converter->n_wanted++] = binding;
}

static void want_all(struct converter *converter) {
  const struct plan *plan = &converter->table->plan;
  want(converter, plan->label);
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t k = 0; k < plan->n_scores[s]; k++)
      want(converter, plan->scores[s][k]);
    want(converter, plan->prediction[s]);
  }
  for (size_t g = 0; g < plan->n_groups; g++)
    want(converter, plan->groups[g]);
  want(converter, plan->weight);
  want(converter, plan->cluster);
  want(converter, plan->id);
}

/* Cells as numbers in mixed radix: ascending, because cells are sorted. */
static bool index_cells(struct converter *converter) {
  const struct roles *roles = converter->roles;
  converter->n_radix = 1;
  for (size_t g = 0; g < roles->n_groups; g++)
    converter->n_radix *= roles->groups[g].n_values ? roles->groups[g].n_values : 1;
  converter->cell_radix = memory_new(roles->n_cells, sizeof *converter->cell_radix);
  if (!converter->cell_radix)
    return false;
  for (size_t c = 0; c < roles->n_cells; c++) {
    uint64_t radix = 0;
    for (size_t g = 0; g < roles->n_groups; g++)
      radix = radix * roles->groups[g].n_values + roles->cell_values[c * roles->n_groups + g];
    converter->cell_radix[c] = radix;
  }
  if (converter->n_radix > CELL_TABLE_MOST)
    return true;
  converter->cell_of = memory_new((size_t)converter->n_radix, sizeof *converter->cell_of);
  if (!converter->cell_of)
    return false;
  memset(converter->cell_of, 0xff, (size_t)converter->n_radix * sizeof *converter->cell_of);
  for (size_t c = 0; c < roles->n_cells; c++)
    if (converter->cell_radix[c] < converter->n_radix)
      converter->cell_of[converter->cell_radix[c]] = (uint32_t)c;
  return true;
}

nonet_status converter_init(struct converter *converter, struct table *table,
                            const struct roles *roles, nonet_error *error) {
  memset(converter, 0, sizeof *converter);
  converter->table = table;
  converter->roles = roles;
  converter->scan.table = table;
  size_t n = table->plan.n_bindings;
  converter->wanted = memory_new(n + 1, sizeof *converter->wanted);
  converter->position = memory_new(n + 1, sizeof *converter->position);
  converter->groups = memory_zeroed(roles->n_groups + 1, sizeof *converter->groups);
  if (!converter->wanted || !converter->position || !converter->groups)
    return short_memory(error);
  memset(converter->position, 0xff, (n + 1) * sizeof *converter->position);
  want_all(converter);
  nonet_status status = category_new(roles->classes, roles->classes ? roles->n_classes : 0, false,
                                     &converter->classes, error);
  for (size_t g = 0; g < roles->n_groups && !status; g++) {
    status = category_new(roles->groups[g].values, roles->groups[g].n_values, true,
                          &converter->groups[g], error);
    if (!status && table->plan.ranges[g].n > 0)
      category_set_ranges(converter->groups[g], &table->plan.ranges[g]);
  }
  if (!status && roles->n_groups && !index_cells(converter))
    status = short_memory(error);
  size_t fits = roles->n_scores ? SCORES_MOST / roles->n_scores : ROLE_BATCH_ROWS;
  converter->capacity = fits > ROLE_BATCH_ROWS ? ROLE_BATCH_ROWS : fits < 64 ? 64 : fits;
  if (!status)
    status = scan_open(&converter->scan, table, converter->wanted, converter->n_wanted, SCAN_ROWS,
                       NO_BINDING, 0, error);
  return status;
}

void converter_clear(struct converter *converter) {
  if (!converter->table)
    return;
  scan_close(&converter->scan);
  memory_free(converter->wanted);
  memory_free(converter->position);
  category_free(converter->classes);
  for (size_t g = 0; converter->groups && g < converter->roles->n_groups; g++)
    category_free(converter->groups[g]);
  memory_free(converter->groups);
  memory_free(converter->cell_of);
  memory_free(converter->cell_radix);
  memset(converter, 0, sizeof *converter);
}

nonet_status worker_init(struct worker *worker, const struct converter *converter,
                         nonet_error *error) {
  const struct roles *roles = converter->roles;
  size_t n = converter->capacity;
  bool fits = true, regression = roles->task == TASK_REGRESSION;
  memset(worker, 0, sizeof *worker);
#define TAKE(field, wanted, per_row)                                                               \
  if (wanted)                                                                                      \
  fits &= (worker->field = memory_new(n * (per_row), sizeof *worker->field)) != NULL
  TAKE(label, roles->has_label && !regression, 1);
  TAKE(target, roles->has_label && regression, 1);
  TAKE(weight, roles->has_weight, 1);
  TAKE(cluster, roles->has_cluster, 1);
  TAKE(id, roles->has_id, 1);
  TAKE(cell, roles->n_groups > 0, 1);
  TAKE(codes, roles->n_groups > 0, 1);
  TAKE(radix, roles->n_groups > 0, 1);
  TAKE(rows, true, 1);
  TAKE(score[STREAM_A], roles->has_score[STREAM_A], roles->n_scores);
  TAKE(score[STREAM_B], roles->has_score[STREAM_B], roles->n_scores);
  TAKE(prediction[STREAM_A], roles->has_prediction[STREAM_A], 1);
  TAKE(prediction[STREAM_B], roles->has_prediction[STREAM_B], 1);
#undef TAKE
  worker->columns = memory_zeroed(converter->n_wanted + 1, sizeof *worker->columns);
  return fits && worker->columns ? NONET_OK : short_memory(error);
}

void worker_clear(struct worker *worker) {
  memory_free(worker->label);
  memory_free(worker->target);
  memory_free(worker->weight);
  memory_free(worker->cluster);
  memory_free(worker->id);
  memory_free(worker->cell);
  memory_free(worker->codes);
  memory_free(worker->radix);
  memory_free(worker->rows);
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(worker->score[s]);
    memory_free(worker->prediction[s]);
  }
  memory_free(worker->columns);
}

nonet_status convert_bind(const struct converter *converter, struct worker *worker,
                          const struct ArrowArray *array, nonet_error *error) {
  for (size_t w = 0; w < converter->n_wanted; w++) {
    size_t child = converter->scan.child[w];
    struct arrowcol *column = &worker->columns[w];
    if (child >= (size_t)array->n_children ||
        !arrowcol_bind(column, &converter->scan.types[w], array->children[child]) ||
        column->length < array->length + array->offset)
      return error_set(error, NONET_E_DATA, "%s: " ARROWCOL_BROKEN, converter->table->name,
                       converter->table->plan.bindings[converter->wanted[w]].request);
    column->offset += array->offset;
  }
  return NONET_OK;
}

static const struct arrowcol *column_of(const struct converter *converter,
                                        const struct worker *worker, size_t binding) {
  return &worker->columns[converter->position[binding]];
}

/* Lists of n_scores numbers per row; rows of another length become NaN and are looked at again. */
static bool convert_list(const struct converter *converter, const struct arrowcol *column,
                         int64_t start, int64_t n, double *out) {
  size_t width = converter->roles->n_scores;
  struct arrowcol item;
  int64_t first = 0, length, next;
  bool whole =
      arrowcol_item(column, &item) && n > 0 && arrowcol_list_bounds(column, start, &first, &length);
  next = first;
  for (int64_t k = 0; k < n && whole; k++) {
    int64_t from;
    whole = arrowcol_list_bounds(column, start + k, &from, &length) && from == next &&
            length == (int64_t)width;
    next = from + length;
  }
  if (whole)
    return arrowcol_doubles(&item, first, n * (int64_t)width, out, 1);
  bool clean = true, has_item = arrowcol_item(column, &item);
  for (int64_t k = 0; k < n; k++) {
    double *row = out + (size_t)k * width;
    if (has_item && arrowcol_list_bounds(column, start + k, &first, &length) &&
        length == (int64_t)width) {
      clean &= arrowcol_doubles(&item, first, length, row, 1);
      continue;
    }
    for (size_t c = 0; c < width; c++)
      row[c] = NAN;
    clean = false;
  }
  return clean;
}

static bool convert_scores(const struct converter *converter, struct worker *worker, int s,
                           int64_t start, int64_t n) {
  const struct plan *plan = &converter->table->plan;
  size_t width = converter->roles->n_scores;
  double *out = worker->score[s] + worker->n * width;
  if (plan->score_is_list[s])
    return convert_list(converter, column_of(converter, worker, plan->scores[s][0]), start, n, out);
  bool clean = true;
  for (size_t k = 0; k < plan->n_scores[s]; k++)
    clean &= arrowcol_doubles(column_of(converter, worker, plan->scores[s][k]), start, n, out + k,
                              width);
  return clean;
}

static bool convert_keys(const struct arrowcol *column, int64_t start, int64_t n, uint64_t *out) {
  char buffer[ARROWCOL_TEXT_BYTES];
  for (int64_t k = 0; k < n; k++) {
    struct value value = arrowcol_value(column, start + k, buffer);
    out[k] = value_key(&value);
  }
  return !arrowcol_has_nulls(column, start, n);
}

static uint32_t find_cell(const struct converter *converter, uint64_t radix) {
  size_t low = 0, high = converter->roles->n_cells;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (converter->cell_radix[middle] < radix)
      low = middle + 1;
    else
      high = middle;
  }
  return low < converter->roles->n_cells && converter->cell_radix[low] == radix ? (uint32_t)low
                                                                                : UINT32_MAX;
}

/* Unknown values cannot occur unless the source changed: they give UINT32_MAX. */
static nonet_status convert_cells(const struct converter *converter, struct worker *worker,
                                  int64_t start, int64_t n, bool *clean, nonet_error *error) {
  const struct roles *roles = converter->roles;
  uint32_t *cell = worker->cell + worker->n, bad = 0;
  uint64_t *radix = worker->radix;
  for (size_t g = 0; g < roles->n_groups; g++) {
    bool known;
    const struct arrowcol *column = column_of(converter, worker, converter->table->plan.groups[g]);
    nonet_status status =
        category_encode(converter->groups[g], column, start, n, worker->codes, &known, error);
    if (status)
      return status;
    uint64_t n_values = roles->groups[g].n_values;
    for (int64_t k = 0; k < n; k++) {
      uint64_t code = worker->codes[k];
      radix[k] = code >= n_values         ? UINT64_MAX
                 : g == 0                 ? code
                 : radix[k] == UINT64_MAX ? UINT64_MAX
                                          : radix[k] * n_values + code;
    }
  }
  for (int64_t k = 0; k < n; k++) {
    if (radix[k] >= converter->n_radix)
      cell[k] = UINT32_MAX;
    else
      cell[k] = converter->cell_of ? converter->cell_of[radix[k]] : find_cell(converter, radix[k]);
    bad |= cell[k] == UINT32_MAX;
  }
  *clean &= !bad;
  return NONET_OK;
}

/* All columns of the rows, into the arrays behind worker->n. */
static nonet_status convert_columns(const struct converter *converter, struct worker *worker,
                                    int64_t start, int64_t n, bool *clean, nonet_error *error) {
  const struct roles *roles = converter->roles;
  const struct plan *plan = &converter->table->plan;
  size_t at = worker->n;
  bool known = true;
  nonet_status status = NONET_OK;
  *clean = true;
  if (worker->label) {
    status = category_encode(converter->classes, column_of(converter, worker, plan->label), start,
                             n, worker->label + at, &known, error);
    *clean &= known;
  }
  if (worker->target)
    *clean &= arrowcol_doubles(column_of(converter, worker, plan->label), start, n,
                               worker->target + at, 1);
  for (int s = 0; s < N_STREAMS && !status; s++) {
    if (roles->has_score[s])
      *clean &= convert_scores(converter, worker, s, start, n);
    if (roles->prediction_given[s] && worker->prediction[s]) {
      status =
          category_encode(converter->classes, column_of(converter, worker, plan->prediction[s]),
                          start, n, worker->prediction[s] + at, &known, error);
      *clean &= known;
    }
  }
  if (!status && roles->n_groups)
    status = convert_cells(converter, worker, start, n, clean, error);
  if (worker->weight) {
    *clean &= arrowcol_doubles(column_of(converter, worker, plan->weight), start, n,
                               worker->weight + at, 1);
    bool negative = false;
    for (int64_t k = 0; k < n; k++)
      negative |= worker->weight[at + (size_t)k] < 0;
    *clean &= !negative;
  }
  if (worker->cluster)
    *clean &=
        convert_keys(column_of(converter, worker, plan->cluster), start, n, worker->cluster + at);
  if (worker->id)
    *clean &= convert_keys(column_of(converter, worker, plan->id), start, n, worker->id + at);
  return status;
}

/* The slow path: one row at a time. */
struct looking {
  const struct converter *converter;
  struct worker *worker;
  int64_t source; /* row in the Arrow array */
  size_t at;      /* row in the worker's arrays */
  uint64_t row;   /* data row */
  bool bad;
};

static void found_fault(struct looking *look, enum fault_kind kind, size_t binding,
                        const char *value) {
  faults_add(&look->worker->faults, kind, binding, look->row, value);
  look->bad = true;
}

static void look_number(struct looking *look, size_t binding, double value) {
  char digits[64];
  if (isfinite(value))
    return;
  bool is_null = arrowcol_is_null(column_of(look->converter, look->worker, binding), look->source);
  snprintf(digits, sizeof digits, "%s",
           isnan(value) ? "NaN"
           : value < 0  ? "-Infinity"
                        : "Infinity");
  found_fault(look, is_null ? FAULT_NULL : FAULT_NOT_FINITE, binding, digits);
}

static void look_code(struct looking *look, size_t binding, uint32_t code,
                      enum fault_kind unknown) {
  if (code == CATEGORY_NULL)
    found_fault(look, FAULT_NULL, binding, "");
  if (code != CATEGORY_UNKNOWN)
    return;
  char buffer[ARROWCOL_TEXT_BYTES], name_buffer[VALUE_NAME_BYTES], shown[64];
  const char *name;
  size_t length;
  struct value value =
      arrowcol_value(column_of(look->converter, look->worker, binding), look->source, buffer);
  value_name(&value, name_buffer, &name, &length);
  snprintf(shown, sizeof shown, "%.*s", (int)(length < 60 ? length : 60), name);
  found_fault(look, unknown, binding, shown);
}

static void look_list(struct looking *look, size_t binding, const double *scores) {
  const struct arrowcol *column = column_of(look->converter, look->worker, binding);
  size_t width = look->converter->roles->n_scores;
  int64_t first, length;
  char digits[64];
  if (arrowcol_is_null(column, look->source)) {
    found_fault(look, FAULT_NULL, binding, "");
  } else if (!arrowcol_list_bounds(column, look->source, &first, &length)) {
    found_fault(look, FAULT_BROKEN, binding, "");
  } else if (length != (int64_t)width) {
    snprintf(digits, sizeof digits, "%lld", (long long)length);
    found_fault(look, FAULT_LIST_LENGTH, binding, digits);
  } else {
    for (size_t c = 0; c < width; c++)
      if (!isfinite(scores[c])) {
        struct arrowcol item;
        bool is_null = arrowcol_item(column, &item) && arrowcol_is_null(&item, first + (int64_t)c);
        found_fault(look, is_null ? FAULT_NULL : FAULT_NOT_FINITE, binding,
                    isnan(scores[c]) ? "NaN" : "an infinite value");
        return;
      }
  }
}

static void look_scores(struct looking *look, int s) {
  const struct plan *plan = &look->converter->table->plan;
  const double *scores = look->worker->score[s] + look->at * look->converter->roles->n_scores;
  if (plan->score_is_list[s]) {
    look_list(look, plan->scores[s][0], scores);
    return;
  }
  for (size_t k = 0; k < plan->n_scores[s] && !look->bad; k++)
    look_number(look, plan->scores[s][k], scores[k]);
}

static void look_key(struct looking *look, size_t binding) {
  char buffer[ARROWCOL_TEXT_BYTES];
  if (arrowcol_value(column_of(look->converter, look->worker, binding), look->source, buffer)
          .kind == VALUE_NULL)
    found_fault(look, FAULT_NULL, binding, "");
}

/* True when the row is used. */
static bool look_row(struct looking *look) {
  struct worker *worker = look->worker;
  const struct roles *roles = look->converter->roles;
  const struct plan *plan = &look->converter->table->plan;
  if (roles->has_label) {
    bool is_null = worker->label ? worker->label[look->at] == CATEGORY_NULL
                                 : arrowcol_is_null(column_of(look->converter, worker, plan->label),
                                                    look->source);
    if (is_null) {
      worker->tally.n_label_null++;
      return false;
    }
    if (worker->label)
      look_code(look, plan->label, worker->label[look->at], FAULT_LABEL_OUTSIDE);
    else
      look_number(look, plan->label, worker->target[look->at]);
  }
  for (int s = 0; s < N_STREAMS && !look->bad; s++) {
    if (roles->has_score[s])
      look_scores(look, s);
    if (!look->bad && roles->prediction_given[s] && worker->prediction[s])
      look_code(look, plan->prediction[s], worker->prediction[s][look->at],
                FAULT_PREDICTION_OUTSIDE);
  }
  if (!look->bad && worker->weight) {
    double weight = worker->weight[look->at];
    char digits[64];
    look_number(look, plan->weight, weight);
    snprintf(digits, sizeof digits, "%.17g", weight);
    if (!look->bad && weight < 0)
      found_fault(look, FAULT_NEGATIVE, plan->weight, digits);
  }
  if (!look->bad && worker->cluster)
    look_key(look, plan->cluster);
  if (!look->bad && worker->id)
    look_key(look, plan->id);
  if (!look->bad && worker->cell && worker->cell[look->at] == UINT32_MAX)
    found_fault(look, FAULT_CELL_CHANGED, plan->groups[0], "");
  worker->tally.n_invalid += look->bad;
  return !look->bad;
}

static void move_row(struct worker *worker, size_t to, size_t from, size_t n_scores) {
#define MOVE(field)                                                                                \
  if (worker->field)                                                                               \
  worker->field[to] = worker->field[from]
  MOVE(label);
  MOVE(target);
  MOVE(weight);
  MOVE(cluster);
  MOVE(id);
  MOVE(cell);
  MOVE(prediction[STREAM_A]);
  MOVE(prediction[STREAM_B]);
#undef MOVE
  for (int s = 0; s < N_STREAMS; s++)
    if (worker->score[s])
      memmove(worker->score[s] + to * n_scores, worker->score[s] + from * n_scores,
              n_scores * sizeof(double));
}

/* Keeps the usable rows; returns how many and notes their data rows. */
static size_t look_and_close(const struct converter *converter, struct worker *worker,
                             int64_t start, int64_t n, uint64_t row) {
  size_t kept = 0;
  for (int64_t k = 0; k < n; k++) {
    struct looking look = {converter,         worker, start + k, worker->n + (size_t)k,
                           row + (uint64_t)k, false};
    if (!look_row(&look))
      continue;
    if (worker->n + kept != look.at)
      move_row(worker, worker->n + kept, look.at, converter->roles->n_scores);
    worker->rows[worker->n + kept++] = look.row;
  }
  return kept;
}

static void note_outside(struct role_tally *tally, uint64_t row, double value) {
  tally->n_outside_unit++;
  if (!tally->first_outside_row || row < tally->first_outside_row) {
    tally->first_outside_row = row;
    tally->first_outside_value = value;
  }
}

static void predict_binary(struct worker *worker, int s, size_t n, double threshold) {
  const double *score = worker->score[s] + worker->n;
  uint32_t *prediction = worker->prediction[s] + worker->n;
  for (size_t k = 0; k < n; k++)
    prediction[k] = score[k] >= threshold;
}

static void predict_multiclass(struct worker *worker, int s, size_t n, size_t n_scores) {
  for (size_t k = 0; k < n; k++) {
    const double *score = worker->score[s] + (worker->n + k) * n_scores;
    uint32_t best = 0;
    for (uint32_t c = 1; c < n_scores; c++)
      best = score[c] > score[best] ? c : best;
    worker->prediction[s][worker->n + k] = best;
  }
}

static bool row_outside(const double *score, size_t width, double *value) {
  for (size_t c = 0; c < width; c++)
    if (!(score[c] >= 0.0 && score[c] <= 1.0)) {
      *value = score[c];
      return true;
    }
  return false;
}

static bool row_sum_off(const double *score, size_t width) {
  double sum = 0;
  for (size_t c = 0; c < width; c++)
    sum += score[c];
  return !(fabs(sum - 1.0) <= SUM_TOLERANCE);
}

/* Case 5: a row counts once, whichever of its scores is outside. `rows` NULL: data rows are row,
 * row + 1 … */
static void tally_scores(const struct converter *converter, struct worker *worker, size_t n,
                         uint64_t row, const uint64_t *rows) {
  const struct roles *roles = converter->roles;
  size_t width = roles->n_scores;
  const double *score[N_STREAMS];
  uint64_t n_outside = 0, n_off = 0;
  for (int s = 0; s < N_STREAMS; s++) {
    score[s] = roles->has_score[s] ? worker->score[s] + worker->n * width : NULL;
    for (size_t i = 0; score[s] && i < n * width; i++)
      n_outside += (uint64_t)(!(score[s][i] >= 0.0) | !(score[s][i] <= 1.0));
    for (size_t k = 0; score[s] && roles->task == TASK_MULTICLASS && k < n; k++)
      n_off += row_sum_off(score[s] + k * width, width);
  }
  for (size_t k = 0; (n_outside || n_off) && k < n; k++) {
    uint64_t at = rows ? rows[k] : row + k;
    double value;
    bool outside = false, off = false;
    for (int s = 0; s < N_STREAMS; s++) {
      if (!score[s])
        continue;
      if (!outside && row_outside(score[s] + k * width, width, &value)) {
        outside = true;
        note_outside(&worker->tally, at, value);
      }
      off |= n_off && row_sum_off(score[s] + k * width, width);
    }
    worker->tally.n_sum_off += off;
    if (off && (!worker->tally.first_sum_off_row || at < worker->tally.first_sum_off_row))
      worker->tally.first_sum_off_row = at;
  }
}

nonet_status convert_rows(const struct converter *converter, struct worker *worker, int64_t start,
                          int64_t n, uint64_t row, nonet_error *error) {
  const struct roles *roles = converter->roles;
  bool clean;
  nonet_status status = convert_columns(converter, worker, start, n, &clean, error);
  if (status)
    return status;
  size_t kept = (size_t)n;
  if (!clean)
    kept = look_and_close(converter, worker, start, n, row);
  const uint64_t *rows = clean ? NULL : worker->rows + worker->n;
  for (size_t k = 0; clean && converter->table->hands_rows && k < kept; k++)
    worker->rows[worker->n + k] = row + k;
  for (int s = 0; s < N_STREAMS; s++) {
    if (!roles->has_score[s] || roles->task == TASK_REGRESSION)
      continue;
    if (!roles->prediction_given[s] && roles->task == TASK_BINARY)
      predict_binary(worker, s, kept, converter->table->plan.threshold[s]);
    else if (!roles->prediction_given[s])
      predict_multiclass(worker, s, kept, roles->n_scores);
  }
  if (roles->task != TASK_REGRESSION)
    tally_scores(converter, worker, kept, row, rows);
  worker->tally.n_rows += (uint64_t)n;
  worker->tally.n_used += kept;
  worker->n += kept;
  return NONET_OK;
}

void worker_batch(const struct worker *worker, const struct converter *converter,
                  struct role_batch *batch) {
  *batch = (struct role_batch){
      .n_rows = worker->n,
      .row = converter->table->hands_rows ? worker->rows : NULL,
      .label = worker->label,
      .target = worker->target,
      .cell = converter->roles->n_cells > 1 ? worker->cell : NULL,
      .weight = worker->weight,
      .cluster = worker->cluster,
      .id = worker->id,
  };
  for (int s = 0; s < N_STREAMS; s++) {
    batch->score[s] = worker->score[s];
    batch->prediction[s] = worker->prediction[s];
  }
}
