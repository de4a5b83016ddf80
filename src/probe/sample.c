/*
 * Drawing the shared sample: within each stratum the rows with the smallest keys.
 *
 *   key(row) = XXH3 of the id's value, else of the values of all columns the run reads, and the
 * seed
 *
 * so the sample does not depend on the order of the rows, on batches or on the file's format
 * (bottom-k sampling, Cohen & Kaplan 2007). Strata get their share of n_rows rounded down, the rest
 * goes to the largest remainders, ties to the smaller stratum hash: proportional, so no weights are
 * needed.
 *
 * Cases: 1. Fewer rows than wanted: all. 2. Equal rows have equal keys and are exchangeable: which
 * of them is taken changes nothing that is measured. 3. A null is a value, for keys and strata
 * (table/rowkey.h).
 */
#include "probe/sample.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/arrowcol.h"
#include "table/rowkey.h"

struct drawn {
  uint64_t stratum, key, row;
};

/* What a column is read for. */
enum { IN_KEY = 1, IN_STRATUM = 2 };

struct draw {
  const struct sample_request *request;
  struct table_columns *columns;
  struct arrow_type *types;
  const char **names;
  unsigned *uses;
  size_t n_columns;
  struct drawn *rows;
  size_t n_rows, capacity;
};

struct share {
  uint64_t stratum, remainder;
  size_t first, n, quota;
};

static nonet_status add_batch(struct draw *draw, const struct ArrowArray *array,
                              nonet_error *error) {
  struct arrowcol *columns = memory_new(draw->n_columns, sizeof *columns);
  void *rows = draw->rows;
  bool fits =
      columns != NULL &&
      memory_grow(&rows, &draw->capacity, draw->n_rows + (size_t)array->length, sizeof *draw->rows);
  nonet_status status = NONET_OK;
  draw->rows = rows;
  for (size_t c = 0; c < draw->n_columns && fits && status == NONET_OK; c++) {
    if (!arrowcol_bind(&columns[c], &draw->types[c], array->children[c])) {
      status =
          error_set(error, NONET_E_DATA, "a batch of the table is broken: buffers are missing");
    }
  }
  for (int64_t r = 0; r < array->length && fits && status == NONET_OK; r++) {
    struct drawn drawn = {.key = draw->request->seed, .row = draw->n_rows};
    for (size_t c = 0; c < draw->n_columns; c++) {
      if ((draw->uses[c] & IN_KEY) != 0) {
        drawn.key = rowkey_mix(drawn.key, &columns[c], r);
      }
      if ((draw->uses[c] & IN_STRATUM) != 0) {
        drawn.stratum = rowkey_mix(drawn.stratum, &columns[c], r);
      }
    }
    draw->rows[draw->n_rows++] = drawn;
  }
  memory_free(columns);
  return fits ? status
              : error_memory(error, (size_t)array->length * sizeof *draw->rows, "a sample");
}

/* ---- shares ---- */

static int compare_drawn(const void *a, const void *b) {
  const struct drawn *x = a, *y = b;
  if (x->stratum != y->stratum) {
    return x->stratum < y->stratum ? -1 : 1;
  }
  if (x->key != y->key) {
    return x->key < y->key ? -1 : 1;
  }
  return x->row < y->row ? -1 : x->row > y->row;
}

static int compare_remainder(const void *a, const void *b) {
  const struct share *x = a, *y = b;
  if (x->remainder != y->remainder) {
    return x->remainder > y->remainder ? -1 : 1;
  }
  return x->stratum < y->stratum ? -1 : x->stratum > y->stratum;
}

/* `rows` sorted; shares in the order of remainders, each with its quota. */
static nonet_status make_shares(const struct draw *draw, struct share **made, size_t *n_made,
                                nonet_error *error) {
  size_t n = 0, capacity = 0, given = 0;
  void *shares = NULL;
  const uint64_t wanted = draw->request->n_rows, total = draw->n_rows;
  for (size_t i = 0; i < draw->n_rows;) {
    size_t end = i;
    while (end < draw->n_rows && draw->rows[end].stratum == draw->rows[i].stratum) {
      end++;
    }
    if (!memory_grow(&shares, &capacity, n + 1, sizeof(struct share))) {
      memory_free(shares);
      return error_memory(error, n * sizeof(struct share), "the strata of a sample");
    }
    const uint64_t product = wanted * (uint64_t)(end - i); /* rows and wanted below 2^32 each */
    ((struct share *)shares)[n++] = (struct share){.stratum = draw->rows[i].stratum,
                                                   .remainder = product % total,
                                                   .first = i,
                                                   .n = end - i,
                                                   .quota = (size_t)(product / total)};
    given += (size_t)(product / total);
    i = end;
  }
  *made = shares;
  *n_made = n;
  qsort(*made, n, sizeof **made, compare_remainder);
  for (size_t i = 0; i < n && given < wanted; i++, given++) {
    (*made)[i].quota++;
  }
  return NONET_OK;
}

static nonet_status keep_smallest(const struct draw *draw, struct sample *sample,
                                  nonet_error *error) {
  struct share *shares = NULL;
  size_t n_shares = 0;
  qsort(draw->rows, draw->n_rows, sizeof *draw->rows, compare_drawn);
  nonet_status status = make_shares(draw, &shares, &n_shares, error);
  if (status == NONET_OK) {
    sample->keep = memory_zeroed(draw->n_rows / 8 + 1, 1);
    status = sample->keep == NULL ? error_memory(error, draw->n_rows / 8, "a sample") : NONET_OK;
  }
  for (size_t s = 0; s < n_shares && status == NONET_OK; s++) {
    for (size_t i = shares[s].first; i < shares[s].first + shares[s].quota; i++) {
      const uint64_t row = draw->rows[i].row;
      sample->keep[row / 8] |= (uint8_t)(1u << (row % 8));
      sample->content += draw->rows[i].key;
      sample->n_kept++;
    }
  }
  memory_free(shares);
  return status;
}

/* ---- the pass ---- */

/* The names are distinct: a column that is both has both uses. */
static void use_column(struct draw *draw, const char *name, unsigned use) {
  size_t i = 0;
  while (i < draw->n_columns && strcmp(draw->names[i], name) != 0) {
    i++;
  }
  draw->n_columns += i == draw->n_columns;
  draw->names[i] = name;
  draw->uses[i] |= use;
}

static nonet_status open_columns(struct draw *draw, struct table *table, nonet_error *error) {
  const struct sample_request *request = draw->request;
  const size_t n_most = request->n_columns + request->n_strata + 1;
  draw->names = memory_new(n_most, sizeof *draw->names);
  draw->uses = memory_zeroed(n_most, sizeof *draw->uses);
  draw->types = memory_zeroed(n_most, sizeof *draw->types);
  if (draw->names == NULL || draw->uses == NULL || draw->types == NULL) {
    return error_memory(error, n_most * sizeof *draw->types, "a sample");
  }
  for (size_t i = 0; i < (request->id != NULL ? 1 : request->n_columns); i++) {
    use_column(draw, request->id != NULL ? request->id : request->columns[i], IN_KEY);
  }
  for (size_t i = 0; i < request->n_strata; i++) {
    use_column(draw, request->strata[i], IN_STRATUM);
  }
  nonet_status status = table_columns_open(table, draw->names, draw->n_columns, "the configuration",
                                           &draw->columns, error);
  for (size_t i = 0; i < draw->n_columns && status == NONET_OK; i++) {
    if (!arrow_type_init(&draw->types[i], table_columns_schema(draw->columns)->children[i])) {
      status = error_memory(error, sizeof *draw->types, "a column's type");
    }
  }
  return status;
}

nonet_status sample_draw(struct table *table, const struct sample_request *request,
                         struct sample *sample, struct progress *progress, nonet_error *error) {
  struct draw draw = {.request = request};
  *sample = (struct sample){0};
  nonet_status status = open_columns(&draw, table, error);
  bool at_end = false;
  while (status == NONET_OK && !at_end) {
    struct ArrowArray array = {0};
    progress_report(progress, "sample", draw.n_rows, 0);
    status = progress_check(progress, error);
    if (status == NONET_OK) {
      status = table_columns_next(draw.columns, &array, error);
    }
    at_end = status == NONET_OK && array.release == NULL;
    if (status == NONET_OK && !at_end) {
      status = add_batch(&draw, &array, error);
      array.release(&array);
    }
  }
  sample->n_rows = sample->n_kept = draw.n_rows;
  for (size_t i = 0; i < draw.n_rows; i++) {
    sample->content += draw.rows[i].key;
  }
  if (status == NONET_OK && draw.n_rows > request->n_rows) { /* else case 1 */
    sample->n_kept = sample->content = 0;
    status = keep_smallest(&draw, sample, error);
  }
  table_columns_close(draw.columns);
  for (size_t i = 0; draw.types != NULL && i < draw.n_columns; i++) {
    arrow_type_clear(&draw.types[i]);
  }
  memory_free(draw.types);
  memory_free(draw.names);
  memory_free(draw.uses);
  memory_free(draw.rows);
  return status;
}

bool sample_keeps(const struct sample *sample, uint64_t row) {
  return sample->keep == NULL ||
         (row < sample->n_rows && (sample->keep[row / 8] >> (row % 8) & 1) != 0);
}

void sample_clear(struct sample *sample) {
  memory_free(sample->keep);
  *sample = (struct sample){0};
}
