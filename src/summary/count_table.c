/*
 * Count table: rows by (cell, label, prediction A, prediction B).
 *
 * A tuple has the code ((cell·K + label)·Ka + a)·Kb + b; Ka (Kb) is K when the stream has
 * predictions, else 1. (1) up to SUB_CODES codes: four sub-histograms of 32 bits, row i into
 * histogram i mod 4. Most neighbouring rows have the same code, and an increment that reads what
 * the one before has just stored waits some five cycles for it; four places hide that. They are
 * added to the 64-bit table before any of them can overflow. (2) up to DENSE_CODES codes: the
 * 64-bit table alone. (3) above: an open-addressing hash of the codes that occur (K in the
 * thousands, or many cells). (4) no predictions, or no label (regression): that factor is 1 and its
 * code 0, so rows are still counted by what is there. (5) a part has seen fewer classes or cells
 * than the whole: its entries go through the code map. After finish only the sorted entries are
 * left. All of it is integer addition, so order, batches, workers and parts cannot matter.
 */
#include "summary/count_table.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "summary/cell_span.h"

#define N_SUB 4
#define SUB_CODES 16384u       /* 4 × 64 KiB at most: stays in the second-level cache */
#define DENSE_CODES (1u << 21) /* 16 MiB a worker */
#define EMPTY_CODE UINT64_MAX

struct count_table {
  size_t n_cells, k, k_a, k_b;
  bool has_b;
  uint64_t n_codes;
  uint32_t *sub;                    /* [N_SUB][n_codes], (1) */
  uint64_t n_pending;               /* rows in `sub` */
  uint64_t *dense;                  /* [n_codes], (1) and (2) */
  uint64_t *hash_code, *hash_count; /* [hash_capacity], a power of two, (3) */
  size_t hash_capacity, hash_used;
  struct count_entry *entries; /* after finish */
  size_t n_entries;
  bool is_finished;
};

size_t count_table_n_classes(const struct count_table *table) {
  return table->k;
}

bool count_table_has_b(const struct count_table *table) {
  return table->has_b;
}

/* False when cells·K³ does not fit: K so large that no computer holds its confusion matrix. */
static bool multiply(uint64_t *product, uint64_t factor) {
  return !__builtin_mul_overflow(*product, factor, product) && *product < EMPTY_CODE;
}

nonet_status count_table_new(const struct roles *roles, struct count_table **out,
                             nonet_error *error) {
  struct count_table *table = memory_zeroed(1, sizeof *table);
  if (!table)
    return error_memory(error, sizeof *table, "the count table");
  table->n_cells = roles->n_cells ? roles->n_cells : 1;
  table->k = roles->n_classes ? roles->n_classes : 1;
  table->k_a = roles->has_prediction[STREAM_A] ? table->k : 1;
  table->k_b = roles->has_prediction[STREAM_B] ? table->k : 1;
  table->has_b = roles->has_prediction[STREAM_B];
  table->n_codes = table->n_cells;
  if (!multiply(&table->n_codes, table->k) || !multiply(&table->n_codes, table->k_a) ||
      !multiply(&table->n_codes, table->k_b)) {
    nonet_status status = error_set(
        error, NONET_E_DATA,
        "%zu classes in %zu cells are too many for one count table: use fewer group columns",
        table->k, table->n_cells);
    memory_free(table);
    return status;
  }
  bool ok = true;
  if (table->n_codes <= DENSE_CODES) {
    ok = (table->dense = memory_zeroed(table->n_codes, sizeof *table->dense)) != NULL;
    if (ok && table->n_codes <= SUB_CODES)
      ok = (table->sub = memory_zeroed(N_SUB * table->n_codes, sizeof *table->sub)) != NULL;
  }
  if (!ok) {
    nonet_status status = error_memory(error, table->n_codes * sizeof(uint64_t), "the count table");
    count_table_free(table);
    return status;
  }
  *out = table;
  return NONET_OK;
}

void count_table_free(struct count_table *table) {
  if (!table)
    return;
  memory_free(table->sub);
  memory_free(table->dense);
  memory_free(table->hash_code);
  memory_free(table->hash_count);
  memory_free(table->entries);
  memory_free(table);
}

static void flush_sub(struct count_table *table) {
  if (!table->sub || !table->n_pending)
    return;
  for (uint64_t c = 0; c < table->n_codes; c++) {
    uint64_t sum = 0;
    for (size_t s = 0; s < N_SUB; s++) {
      sum += table->sub[s * table->n_codes + c];
      table->sub[s * table->n_codes + c] = 0;
    }
    table->dense[c] += sum;
  }
  table->n_pending = 0;
}

/* ---- (3) the hash ---- */

static size_t hash_place(uint64_t code, size_t capacity) {
  return (size_t)((code * UINT64_C(0x9E3779B97F4A7C15)) >> 20) & (capacity - 1);
}

static void hash_put(uint64_t *codes, uint64_t *counts, size_t capacity, uint64_t code,
                     uint64_t count, size_t *used) {
  size_t place = hash_place(code, capacity);
  while (codes[place] != EMPTY_CODE && codes[place] != code)
    place = (place + 1) & (capacity - 1);
  if (codes[place] == EMPTY_CODE) {
    codes[place] = code;
    counts[place] = 0;
    ++*used;
  }
  counts[place] += count;
}

/* Room for n_more further codes at a load of one half. */
static nonet_status hash_reserve(struct count_table *table, size_t n_more, nonet_error *error) {
  size_t wanted = 2 * (table->hash_used + n_more);
  if (wanted <= table->hash_capacity)
    return NONET_OK;
  size_t capacity = table->hash_capacity ? table->hash_capacity : 1024;
  while (capacity < wanted)
    capacity *= 2;
  uint64_t *codes = memory_new(capacity, sizeof *codes),
           *counts = memory_new(capacity, sizeof *counts);
  if (!codes || !counts) {
    memory_free(codes);
    memory_free(counts);
    return error_memory(error, capacity * 2 * sizeof(uint64_t), "the count table");
  }
  for (size_t i = 0; i < capacity; i++)
    codes[i] = EMPTY_CODE;
  size_t used = 0;
  for (size_t i = 0; i < table->hash_capacity; i++)
    if (table->hash_code[i] != EMPTY_CODE)
      hash_put(codes, counts, capacity, table->hash_code[i], table->hash_count[i], &used);
  memory_free(table->hash_code);
  memory_free(table->hash_count);
  table->hash_code = codes;
  table->hash_count = counts;
  table->hash_capacity = capacity;
  table->hash_used = used;
  return NONET_OK;
}

/* ---- adding rows ---- */

struct columns {
  const uint32_t *cell, *label, *a, *b;
};

static inline __attribute__((always_inline)) uint64_t row_code(const struct count_table *table,
                                                               struct columns c, size_t i,
                                                               bool cells, bool both) {
  uint64_t code = c.label ? c.label[i] : 0;
  if (cells)
    code += (uint64_t)c.cell[i] * table->k;
  if (c.a)
    code = code * table->k_a + c.a[i];
  if (both)
    code = code * table->k_b + c.b[i];
  return code;
}

static inline __attribute__((always_inline)) void
add_sub(struct count_table *table, struct columns c, size_t n, bool cells, bool both) {
  uint32_t *sub = table->sub;
  size_t m = (size_t)table->n_codes, i = 0;
  for (; i + N_SUB <= n; i += N_SUB) {
    sub[row_code(table, c, i, cells, both)]++;
    sub[m + row_code(table, c, i + 1, cells, both)]++;
    sub[2 * m + row_code(table, c, i + 2, cells, both)]++;
    sub[3 * m + row_code(table, c, i + 3, cells, both)]++;
  }
  for (; i < n; i++)
    sub[row_code(table, c, i, cells, both)]++;
}

static nonet_status add_hash(struct count_table *table, struct columns c, size_t n,
                             nonet_error *error) {
  for (size_t i = 0; i < n;) {
    size_t end =
        n - i > 1024
            ? i + 1024
            : n; /* a few rows at a time, so that the table grows only as codes really come */
    nonet_status status = hash_reserve(table, end - i, error);
    if (status)
      return status;
    for (; i < end; i++)
      hash_put(table->hash_code, table->hash_count, table->hash_capacity,
               row_code(table, c, i, c.cell != NULL, c.b != NULL), 1, &table->hash_used);
  }
  return NONET_OK;
}

nonet_status count_table_add(struct count_table *table, const struct role_batch *batch,
                             nonet_error *error) {
  struct columns c = {.cell = table->n_cells > 1 ? batch->cell : NULL,
                      .label = table->k > 1 ? batch->label : NULL, /* (4) */
                      .a = table->k_a > 1 ? batch->prediction[STREAM_A] : NULL,
                      .b = table->k_b > 1 ? batch->prediction[STREAM_B] : NULL};
  size_t n = batch->n_rows;
  if (table->n_codes > DENSE_CODES)
    return add_hash(table, c, n, error);
  if (!table->sub) { /* (2) */
    for (size_t i = 0; i < n; i++)
      table->dense[row_code(table, c, i, c.cell != NULL, c.b != NULL)]++;
    return NONET_OK;
  }
  if (table->n_pending + n > UINT32_MAX)
    flush_sub(table);
  table->n_pending += n;
  if (c.cell) {
    if (c.b)
      add_sub(table, c, n, true, true);
    else
      add_sub(table, c, n, true, false);
  } else if (c.b) {
    add_sub(table, c, n, false, true);
  } else {
    add_sub(table, c, n, false, false);
  }
  return NONET_OK;
}

/* ---- merging ---- */

static struct count_entry entry_of(const struct count_table *table, uint64_t code, uint64_t count) {
  struct count_entry entry = {.count = count};
  entry.b = (uint32_t)(code % table->k_b);
  code /= table->k_b;
  entry.a = (uint32_t)(code % table->k_a);
  code /= table->k_a;
  entry.label = (uint32_t)(code % table->k);
  entry.cell = (uint32_t)(code / table->k);
  return entry;
}

static nonet_status put_entry(struct count_table *table, struct count_entry e,
                              const struct code_map *map, nonet_error *error) {
  uint64_t code = (uint64_t)code_map_cell(map, e.cell) * table->k +
                  (table->k > 1 ? code_map_class(map, e.label) : 0);
  code = code * table->k_a + (table->k_a > 1 ? code_map_class(map, e.a) : 0);
  code = code * table->k_b + (table->k_b > 1 ? code_map_class(map, e.b) : 0);
  if (table->dense) {
    table->dense[code] += e.count;
    return NONET_OK;
  }
  nonet_status status = hash_reserve(table, 1, error);
  if (!status)
    hash_put(table->hash_code, table->hash_count, table->hash_capacity, code, e.count,
             &table->hash_used);
  return status;
}

nonet_status count_table_merge(struct count_table *into, struct count_table *from,
                               const struct code_map *map, nonet_error *error) {
  nonet_status status = NONET_OK;
  flush_sub(from);
  for (size_t i = 0; i < from->n_entries && !status; i++)
    status = put_entry(into, from->entries[i], map, error);
  if (from->dense && !from->is_finished)
    for (uint64_t c = 0; c < from->n_codes && !status; c++)
      if (from->dense[c])
        status = put_entry(into, entry_of(from, c, from->dense[c]), map, error);
  for (size_t i = 0; i < from->hash_capacity && !status; i++)
    if (from->hash_code[i] != EMPTY_CODE)
      status = put_entry(into, entry_of(from, from->hash_code[i], from->hash_count[i]), map, error);
  return status;
}

/* ---- finish and read ---- */

static int compare_entries(const void *left, const void *right) {
  const struct count_entry *x = left, *y = right;
  if (x->cell != y->cell)
    return x->cell < y->cell ? -1 : 1;
  if (x->label != y->label)
    return x->label < y->label ? -1 : 1;
  if (x->a != y->a)
    return x->a < y->a ? -1 : 1;
  return x->b < y->b ? -1 : x->b > y->b;
}

nonet_status count_table_finish(struct count_table *table, nonet_error *error) {
  if (table->is_finished)
    return NONET_OK;
  flush_sub(table);
  size_t n = table->hash_used;
  if (table->dense)
    for (uint64_t c = 0; c < table->n_codes; c++)
      n += table->dense[c] != 0;
  struct count_entry *entries = memory_new(n, sizeof *entries);
  if (!entries)
    return error_memory(error, n * sizeof *entries, "the count table");
  size_t at = 0;
  if (table->dense)
    for (uint64_t c = 0; c < table->n_codes; c++)
      if (table->dense[c])
        entries[at++] = entry_of(table, c, table->dense[c]);
  for (size_t i = 0; i < table->hash_capacity; i++)
    if (table->hash_code[i] != EMPTY_CODE)
      entries[at++] = entry_of(table, table->hash_code[i], table->hash_count[i]);
  if (table->hash_capacity)
    qsort(entries, n, sizeof *entries, compare_entries);
  memory_free(table->sub);
  memory_free(table->dense);
  memory_free(table->hash_code);
  memory_free(table->hash_count);
  table->sub = NULL;
  table->dense = table->hash_code = table->hash_count = NULL;
  table->hash_capacity = table->hash_used = 0;
  table->entries = entries;
  table->n_entries = n;
  table->is_finished = true;
  return NONET_OK;
}

const struct count_entry *count_table_entries(const struct count_table *table, size_t *n_entries) {
  *n_entries = table->n_entries;
  return table->entries;
}

/* The first entry of a cell from this one on. */
static size_t first_entry(const struct count_table *table, size_t cell) {
  size_t low = 0, high = table->n_entries;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (table->entries[middle].cell < cell)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const struct count_entry *count_table_entries_in(const struct count_table *table,
                                                 const bool *in_scope, size_t *n_entries) {
  const struct cell_span span = cell_span_of(in_scope, table->n_cells);
  const size_t first = first_entry(table, span.first);
  *n_entries = first_entry(table, span.end) - first;
  return table->entries + first;
}

uint64_t count_table_total(const struct count_table *table) {
  uint64_t total = 0;
  for (size_t i = 0; i < table->n_entries; i++)
    total += table->entries[i].count;
  return total;
}

void count_table_confusion(const struct count_table *table, const bool *in_scope, int stream,
                           uint64_t *counts) {
  size_t n;
  const struct count_entry *entries = count_table_entries_in(table, in_scope, &n);
  for (size_t i = 0; i < n; i++) {
    const struct count_entry *e = entries + i;
    if (in_scope[e->cell])
      counts[e->label * table->k + (stream == STREAM_B ? e->b : e->a)] += e->count;
  }
}

/* ---- state ---- */

void count_table_save(const struct count_table *table, struct state_writer *writer) {
  state_write_u64(writer, table->n_entries);
  state_write(writer, table->entries, table->n_entries * sizeof *table->entries);
}

nonet_status count_table_load(struct state_reader *reader, const struct roles *roles,
                              struct count_table **out, nonet_error *error) {
  struct count_table *table = NULL;
  nonet_status status = count_table_new(roles, &table, error);
  if (status)
    return status;
  size_t n = state_read_count(reader, sizeof(struct count_entry));
  const uint8_t *data = state_read(reader, n * sizeof(struct count_entry));
  struct count_entry last = {0};
  bool ok = data != NULL;
  for (size_t i = 0; i < n && ok && !status; i++) {
    struct count_entry e;
    __builtin_memcpy(&e, data + i * sizeof e, sizeof e);
    ok = e.cell < table->n_cells && e.label < table->k && e.a < table->k_a && e.b < table->k_b &&
         e.count > 0 && (i == 0 || compare_entries(&last, &e) < 0);
    if (ok)
      status = put_entry(table, e, NULL, error);
    last = e;
  }
  if (!status && !ok)
    status = error_set(error, NONET_E_DATA, "the count table is damaged");
  if (!status)
    status = count_table_finish(table, error);
  if (status) {
    count_table_free(table);
    return status;
  }
  *out = table;
  return NONET_OK;
}
