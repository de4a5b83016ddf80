/*
 * Micro-bins: 65,536 equal-width bins of p in [0, 1], each with n, positives and an exact Σp.
 *
 * p lies in bin b = min(65,535, ⌊65,536 p⌋) at the offset p − b/65,536, which a double holds
 * exactly. A bin keeps Σ offset in units of 2^-61 (each offset rounded once, by itself, to the
 * nearest unit), so Σp = (n·b·2^45 + Σ offset)·2^-61 is integers throughout and is rounded once,
 * when it is read. The kept record takes 16 bytes: 1 MiB a cell and stream, which stays in the
 * second-level cache.
 *
 *   (1) A bin is emptied into `cold` (128-bit sums) before its 2^18th row: an offset is at most
 * 2^45 units, so 2^18 rows fit 64 bits and two such bins can still be added. `cold` is made when
 * that first happens. (2) A cell starts as a small hash of the bins that occur and becomes dense
 * above SPARSE_BINS of them: many small cells take memory by their rows, not by 65,536. When one
 * worker's bins pass limit_bytes: NONET_E_MEMORY, with what to do. (3) A score outside [0, 1]: the
 * row is in no bin (the tally makes measures skip). (4) Multiclass: p is the score of the first
 * greatest class, positive means that this class is the label.
 */
#include "summary/microbins.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "summary/cell_span.h"

#define BIN_ROWS (1u << 18)
#define SPARSE_BINS 8192u
#define OFFSET_SCALE 0x1p61
#define BLOCK_ROWS 2048
#define FREE_BIN UINT32_MAX

struct hot_bin {
  uint64_t offset;
  uint32_t n, n_positive;
};

struct cold_bin {
  __extension__ unsigned __int128 offset;
  uint64_t n, n_positive;
};

struct cell_bins {
  struct hot_bin *dense; /* [MICROBINS], or */
  uint32_t *sparse_bin;  /* [capacity] FREE_BIN, a power of two */
  struct hot_bin *sparse;
  uint32_t capacity, used;
  struct cold_bin *cold; /* [MICROBINS], (1) */
};

struct microbins {
  enum task task;
  size_t n_cells, n_scores;
  bool has_stream[N_STREAMS];
  struct cell_bins **cells[N_STREAMS]; /* [n_cells], NULL until rows come */
  uint64_t limit_bytes, used_bytes;
  uint32_t bin[BLOCK_ROWS];
  uint64_t offset[BLOCK_ROWS];
  uint32_t positive[BLOCK_ROWS];
};

nonet_status microbins_new(const struct roles *roles, uint64_t limit_bytes, struct microbins **out,
                           nonet_error *error) {
  struct microbins *bins = memory_zeroed(1, sizeof *bins);
  if (!bins)
    return error_memory(error, sizeof *bins, "the micro-bins");
  bins->task = roles->task;
  bins->n_cells = roles->n_cells ? roles->n_cells : 1;
  bins->n_scores = roles->n_scores;
  bins->limit_bytes = limit_bytes;
  bool is_classes = roles->task == TASK_BINARY || roles->task == TASK_MULTICLASS;
  for (int s = 0; s < N_STREAMS; s++) {
    bins->has_stream[s] = is_classes && roles->has_score[s] && roles->n_scores > 0;
    if (!(bins->cells[s] = memory_zeroed(bins->n_cells, sizeof **bins->cells))) {
      microbins_free(bins);
      return error_memory(error, roles->n_cells * sizeof(void *), "the micro-bins");
    }
  }
  *out = bins;
  return NONET_OK;
}

static void cell_free(struct cell_bins *cell) {
  if (!cell)
    return;
  memory_free(cell->dense);
  memory_free(cell->sparse_bin);
  memory_free(cell->sparse);
  memory_free(cell->cold);
  memory_free(cell);
}

void microbins_free(struct microbins *bins) {
  if (!bins)
    return;
  for (int s = 0; s < N_STREAMS; s++) {
    for (size_t c = 0; bins->cells[s] && c < bins->n_cells; c++)
      cell_free(bins->cells[s][c]);
    memory_free(bins->cells[s]);
  }
  memory_free(bins);
}

static nonet_status take_bytes(struct microbins *bins, uint64_t size_bytes, nonet_error *error) {
  if (bins->limit_bytes && bins->used_bytes + size_bytes > bins->limit_bytes)
    return error_set(error, NONET_E_MEMORY,
                     "the calibration bins of %zu cells would take more than the %llu MB each "
                     "thread may use for them: use fewer group "
                     "columns, fewer threads, more --memory, or leave the calibration measures out",
                     bins->n_cells, (unsigned long long)(bins->limit_bytes >> 20));
  bins->used_bytes += size_bytes;
  return NONET_OK;
}

/* ---- one cell ---- */

static struct hot_bin *sparse_place(struct cell_bins *cell, uint32_t bin) {
  uint32_t place = (bin * UINT32_C(0x9E3779B1) >> 12) & (cell->capacity - 1);
  while (cell->sparse_bin[place] != FREE_BIN && cell->sparse_bin[place] != bin)
    place = (place + 1) & (cell->capacity - 1);
  if (cell->sparse_bin[place] == FREE_BIN) {
    cell->sparse_bin[place] = bin;
    cell->sparse[place] = (struct hot_bin){0};
    cell->used++;
  }
  return cell->sparse + place;
}

static nonet_status make_dense(struct microbins *bins, struct cell_bins *cell, nonet_error *error) {
  nonet_status status = take_bytes(bins, MICROBINS * sizeof(struct hot_bin), error);
  if (status)
    return status;
  struct hot_bin *dense = memory_zeroed(MICROBINS, sizeof *dense);
  if (!dense)
    return error_memory(error, MICROBINS * sizeof *dense, "the micro-bins");
  for (uint32_t i = 0; i < cell->capacity; i++)
    if (cell->sparse_bin[i] != FREE_BIN)
      dense[cell->sparse_bin[i]] = cell->sparse[i];
  bins->used_bytes -= cell->capacity * (sizeof *dense + sizeof(uint32_t));
  memory_free(cell->sparse);
  memory_free(cell->sparse_bin);
  cell->sparse = NULL;
  cell->sparse_bin = NULL;
  cell->capacity = cell->used = 0;
  cell->dense = dense;
  return NONET_OK;
}

static nonet_status grow_sparse(struct microbins *bins, struct cell_bins *cell, uint32_t capacity,
                                nonet_error *error) {
  struct cell_bins larger = {.capacity = capacity};
  uint64_t size_bytes = (uint64_t)capacity * (sizeof *larger.sparse + sizeof *larger.sparse_bin);
  nonet_status status = take_bytes(bins, size_bytes, error);
  if (status)
    return status;
  larger.sparse = memory_new(capacity, sizeof *larger.sparse);
  larger.sparse_bin = memory_new(capacity, sizeof *larger.sparse_bin);
  if (!larger.sparse || !larger.sparse_bin) {
    memory_free(larger.sparse);
    memory_free(larger.sparse_bin);
    return error_memory(error, size_bytes, "the micro-bins");
  }
  memset(larger.sparse_bin, 0xFF, capacity * sizeof *larger.sparse_bin);
  for (uint32_t i = 0; i < cell->capacity; i++)
    if (cell->sparse_bin[i] != FREE_BIN)
      *sparse_place(&larger, cell->sparse_bin[i]) = cell->sparse[i];
  bins->used_bytes -= cell->capacity * (sizeof *larger.sparse + sizeof *larger.sparse_bin);
  memory_free(cell->sparse);
  memory_free(cell->sparse_bin);
  cell->sparse = larger.sparse;
  cell->sparse_bin = larger.sparse_bin;
  cell->capacity = larger.capacity;
  cell->used = larger.used;
  return NONET_OK;
}

/* Room for n_more further bins at a load of one half, or the dense form. (2) */
static nonet_status reserve(struct microbins *bins, struct cell_bins *cell, size_t n_more,
                            nonet_error *error) {
  if (cell->dense || 2 * (cell->used + n_more) <= cell->capacity)
    return NONET_OK;
  if (cell->used + n_more > SPARSE_BINS)
    return make_dense(bins, cell, error);
  uint32_t capacity = 64;
  while (capacity < 2 * (cell->used + n_more))
    capacity *= 2;
  return grow_sparse(bins, cell, capacity, error);
}

static nonet_status need_cell(struct microbins *bins, int s, size_t index, struct cell_bins **out,
                              nonet_error *error) {
  if ((*out = bins->cells[s][index]))
    return NONET_OK;
  struct cell_bins *cell = memory_zeroed(1, sizeof *cell);
  if (!cell)
    return error_memory(error, sizeof *cell, "the micro-bins");
  *out = bins->cells[s][index] = cell;
  return NONET_OK;
}

static nonet_status need_cold(struct microbins *bins, struct cell_bins *cell, nonet_error *error) {
  if (cell->cold)
    return NONET_OK;
  nonet_status status = take_bytes(bins, MICROBINS * sizeof *cell->cold, error);
  if (status)
    return status;
  cell->cold = memory_zeroed(MICROBINS, sizeof *cell->cold);
  return cell->cold ? NONET_OK
                    : error_memory(error, MICROBINS * sizeof *cell->cold, "the micro-bins");
}

/* (1) */
static nonet_status empty_bin(struct microbins *bins, struct cell_bins *cell, uint32_t bin,
                              struct hot_bin *hot, nonet_error *error) {
  nonet_status status = need_cold(bins, cell, error);
  if (status)
    return status;
  cell->cold[bin].offset += hot->offset;
  cell->cold[bin].n += hot->n;
  cell->cold[bin].n_positive += hot->n_positive;
  *hot = (struct hot_bin){0};
  return NONET_OK;
}

#define AHEAD                                                                                      \
  24 /* with many cells the bins lie in main memory: ask for them this many rows before */

static nonet_status put_dense(struct microbins *bins, struct cell_bins *cell, size_t n,
                              nonet_error *error) {
  struct hot_bin *dense = cell->dense;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < AHEAD && i < n; i++)
    __builtin_prefetch(dense + bins->bin[i], 1);
  for (size_t i = 0; i < n && !status; i++) {
    if (i + AHEAD < n)
      __builtin_prefetch(dense + bins->bin[i + AHEAD], 1);
    struct hot_bin *hot = dense + bins->bin[i];
    hot->offset += bins->offset[i];
    hot->n_positive += bins->positive[i];
    if (__builtin_expect(++hot->n >= BIN_ROWS - 1, 0))
      status = empty_bin(bins, cell, bins->bin[i], hot, error);
  }
  return status;
}

static nonet_status put_rows(struct microbins *bins, struct cell_bins *cell, size_t n,
                             nonet_error *error) {
  nonet_status status = reserve(bins, cell, n, error);
  if (status || cell->dense)
    return status ? status : put_dense(bins, cell, n, error);
  for (size_t i = 0; i < n && !status; i++) {
    struct hot_bin *hot = sparse_place(cell, bins->bin[i]);
    hot->offset += bins->offset[i];
    hot->n_positive += bins->positive[i];
    if (__builtin_expect(++hot->n >= BIN_ROWS - 1, 0))
      status = empty_bin(bins, cell, bins->bin[i], hot, error);
  }
  return status;
}

/* ---- rows to bins ---- */

static void to_bins(struct microbins *bins, const double *p, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double scaled = p[i] * 65536.0; /* exact: a power of two */
    int32_t bin = (int32_t)scaled;
    bin -= bin >> 16; /* p = 1 lies in the last bin */
    double offset = (scaled - (double)bin) * (OFFSET_SCALE / 65536.0);
    /* The nearest whole number, ties to even, of a double in [0, 2^45]: the low bits of 2^52 +
     * offset. */
    double shifted = offset + 0x1p52;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bins->bin[i] = (uint32_t)bin;
    bins->offset[i] = bits & UINT64_C(0xFFFFFFFFFFFFF);
  }
}

/* (3): how many of the n scores lie in [0, 1]; when not all, they are packed to the front with
 * their labels. */
static size_t fill_binary(struct microbins *bins, const uint32_t *label, const double *p, size_t n,
                          double *room, const double **out) {
  size_t n_inside = 0;
  for (size_t i = 0; i < n; i++)
    n_inside += p[i] >= 0 && p[i] <= 1;
  if (n_inside == n) {
    memcpy(bins->positive, label, n * sizeof *label);
    *out = p;
    return n;
  }
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    if (!(p[i] >= 0 && p[i] <= 1))
      continue;
    room[m] = p[i];
    bins->positive[m++] = label[i];
  }
  *out = room;
  return m;
}

/* (4) */
static size_t fill_multiclass(struct microbins *bins, const struct role_batch *batch,
                              const uint32_t *row, int s, size_t begin, size_t n, double *room) {
  size_t m = 0;
  for (size_t i = 0; i < n; i++) {
    size_t r = row ? row[begin + i] : begin + i, top = 0;
    const double *score = batch->score[s] + r * bins->n_scores;
    bool inside = score[0] >= 0 && score[0] <= 1;
    for (size_t k = 1; k < bins->n_scores; k++) {
      inside &= score[k] >= 0 && score[k] <= 1;
      if (score[k] > score[top])
        top = k;
    }
    if (!inside)
      continue;
    room[m] = score[top];
    bins->positive[m++] = batch->label[r] == top;
  }
  return m;
}

nonet_status microbins_add(struct microbins *bins, const struct role_batch *batch,
                           const struct batch_order *order, nonet_error *error) {
  double room[BLOCK_ROWS];
  for (size_t i = 0; i < order->n_segments; i++) {
    const struct batch_segment *segment = order->segments + i;
    for (int s = 0; s < N_STREAMS; s++) {
      if (!bins->has_stream[s])
        continue;
      struct cell_bins *cell;
      nonet_status status = need_cell(bins, s, segment->cell, &cell, error);
      for (size_t begin = segment->begin; begin < segment->end && !status; begin += BLOCK_ROWS) {
        size_t n = segment->end - begin < BLOCK_ROWS ? segment->end - begin : BLOCK_ROWS;
        const double *p = room;
        if (bins->task == TASK_BINARY)
          n = fill_binary(bins, order->label + begin, order->score[s] + begin, n, room, &p);
        else
          n = fill_multiclass(bins, batch, order->row, s, begin, n, room);
        to_bins(bins, p, n);
        status = put_rows(bins, cell, n, error);
      }
      if (status)
        return status;
    }
  }
  return NONET_OK;
}

/* ---- merging and reading ---- */

static nonet_status put_hot(struct microbins *bins, struct cell_bins *cell, uint32_t bin,
                            const struct hot_bin *from, nonet_error *error) {
  if (from->n == 0)
    return NONET_OK;
  nonet_status status = reserve(bins, cell, 1, error);
  if (status)
    return status;
  struct hot_bin *hot = cell->dense ? cell->dense + bin : sparse_place(cell, bin);
  hot->offset += from->offset;
  hot->n += from->n;
  hot->n_positive += from->n_positive;
  return hot->n >= BIN_ROWS - 1 ? empty_bin(bins, cell, bin, hot, error) : NONET_OK;
}

static nonet_status cell_merge(struct microbins *bins, struct cell_bins *into,
                               const struct cell_bins *from, nonet_error *error) {
  nonet_status status = NONET_OK;
  if (from->dense && !into->dense)
    status = make_dense(bins, into, error);
  for (uint32_t b = 0; from->dense && b < MICROBINS && !status; b++)
    status = put_hot(bins, into, b, from->dense + b, error);
  for (uint32_t i = 0; i < from->capacity && !status; i++)
    if (from->sparse_bin[i] != FREE_BIN)
      status = put_hot(bins, into, from->sparse_bin[i], from->sparse + i, error);
  if (!from->cold || status)
    return status;
  status = need_cold(bins, into, error);
  for (uint32_t b = 0; b < MICROBINS && !status; b++) {
    into->cold[b].offset += from->cold[b].offset;
    into->cold[b].n += from->cold[b].n;
    into->cold[b].n_positive += from->cold[b].n_positive;
  }
  return status;
}

nonet_status microbins_merge(struct microbins *into, struct microbins *from,
                             const struct code_map *map, nonet_error *error) {
  for (int s = 0; s < N_STREAMS; s++)
    for (size_t c = 0; c < from->n_cells; c++) {
      if (!from->cells[s][c])
        continue;
      struct cell_bins *cell;
      nonet_status status = need_cell(into, s, code_map_cell(map, (uint32_t)c), &cell, error);
      if (!status)
        status = cell_merge(into, cell, from->cells[s][c], error);
      if (status)
        return status;
    }
  return NONET_OK;
}

static struct cold_bin whole_bin(const struct cell_bins *cell, uint32_t bin) {
  struct cold_bin whole = cell->cold ? cell->cold[bin] : (struct cold_bin){0};
  const struct hot_bin *hot = cell->dense ? cell->dense + bin : NULL;
  if (!hot && cell->capacity) {
    uint32_t place = (bin * UINT32_C(0x9E3779B1) >> 12) & (cell->capacity - 1);
    while (cell->sparse_bin[place] != FREE_BIN && cell->sparse_bin[place] != bin)
      place = (place + 1) & (cell->capacity - 1);
    if (cell->sparse_bin[place] == bin)
      hot = cell->sparse + place;
  }
  if (hot) {
    whole.offset += hot->offset;
    whole.n += hot->n;
    whole.n_positive += hot->n_positive;
  }
  return whole;
}

#define READ_BINS 1024u /* bins read at a time: their 128-bit sums fit the stack */
#define SCAN_CAPACITY                                                                              \
  1024u /* a sparse cell up to this size is scanned, a larger one is asked bin by bin: either is   \
           below 65,536 steps a cell */

static void add_bin(struct cold_bin *sum, const struct cold_bin *bin) {
  sum->offset += bin->offset;
  sum->n += bin->n;
  sum->n_positive += bin->n_positive;
}

static void add_range(const struct cell_bins *cell, uint32_t begin, struct cold_bin *sums) {
  if (cell->dense || cell->cold || cell->capacity > SCAN_CAPACITY) {
    for (uint32_t i = 0; i < READ_BINS; i++) {
      struct cold_bin whole = whole_bin(cell, begin + i);
      add_bin(sums + i, &whole);
    }
    return;
  }
  for (uint32_t i = 0; i < cell->capacity; i++) {
    if (cell->sparse_bin[i] < begin || cell->sparse_bin[i] >= begin + READ_BINS)
      continue;
    struct cold_bin whole = {.offset = cell->sparse[i].offset,
                             .n = cell->sparse[i].n,
                             .n_positive = cell->sparse[i].n_positive};
    add_bin(sums + (cell->sparse_bin[i] - begin), &whole);
  }
}

void microbins_read(const struct microbins *bins, const bool *in_scope, int stream,
                    struct microbin *out) {
  struct cold_bin sums[READ_BINS];
  const struct cell_span span = cell_span_of(in_scope, bins->n_cells);
  for (uint32_t begin = 0; begin < MICROBINS; begin += READ_BINS) {
    memset(sums, 0, sizeof sums);
    for (size_t c = span.first; c < span.end; c++)
      if (in_scope[c] && bins->cells[stream][c])
        add_range(bins->cells[stream][c], begin, sums);
    for (uint32_t i = 0; i < READ_BINS; i++) {
      const struct cold_bin *sum = sums + i;
      /* A 128-bit integer becomes the nearest double; the power of two is exact. */
      __extension__ unsigned __int128 units =
          sum->offset + ((unsigned __int128)sum->n * (begin + i) << 45);
      out[begin + i] = (struct microbin){
          .n = sum->n, .n_positive = sum->n_positive, .sum_p = (double)units / OFFSET_SCALE};
    }
  }
}

/* ---- state: only the bins that occur ---- */

#define SAVED_BIN_BYTES (4 + 4 * 8)

static int compare_bins(const void *left, const void *right) {
  uint32_t x = *(const uint32_t *)left, y = *(const uint32_t *)right;
  return x < y ? -1 : x > y;
}

/* The bins of a sparse cell in order; list has SPARSE_BINS places. */
static uint32_t list_sparse(const struct cell_bins *cell, uint32_t *list) {
  uint32_t n = 0;
  for (uint32_t i = 0; i < cell->capacity; i++)
    if (cell->sparse_bin[i] != FREE_BIN && cell->sparse[i].n)
      list[n++] = cell->sparse_bin[i];
  qsort(list, n, sizeof *list, compare_bins);
  return n;
}

static void save_bin(uint32_t b, const struct cold_bin *bin, struct state_writer *writer) {
  state_write_u32(writer, b);
  state_write_u64(writer, bin->n);
  state_write_u64(writer, bin->n_positive);
  state_write_u64(writer, (uint64_t)bin->offset);
  state_write_u64(writer, (uint64_t)(bin->offset >> 64));
}

static void save_cell(const struct cell_bins *cell, struct state_writer *writer) {
  uint32_t list[SPARSE_BINS];
  bool is_sparse = !cell->dense && !cell->cold;
  uint32_t n = is_sparse ? list_sparse(cell, list) : 0;
  for (uint32_t b = 0; !is_sparse && b < MICROBINS; b++)
    n += whole_bin(cell, b).n > 0;
  state_write_u64(writer, n);
  for (uint32_t i = 0; i < (is_sparse ? n : MICROBINS); i++) {
    struct cold_bin whole = whole_bin(cell, is_sparse ? list[i] : i);
    if (whole.n)
      save_bin(is_sparse ? list[i] : i, &whole, writer);
  }
}

void microbins_save(const struct microbins *bins, struct state_writer *writer) {
  for (int s = 0; s < N_STREAMS; s++) {
    uint64_t n_cells = 0;
    for (size_t c = 0; c < bins->n_cells; c++)
      n_cells += bins->cells[s][c] != NULL;
    state_write_u64(writer, n_cells);
    for (size_t c = 0; c < bins->n_cells; c++) {
      if (!bins->cells[s][c])
        continue;
      state_write_u64(writer, c);
      save_cell(bins->cells[s][c], writer);
    }
  }
}

static nonet_status load_bin(struct microbins *bins, struct cell_bins *cell,
                             struct state_reader *reader, uint32_t *next, bool *ok,
                             nonet_error *error) {
  uint32_t b = state_read_u32(reader);
  struct cold_bin bin = {.n = state_read_u64(reader)};
  bin.n_positive = state_read_u64(reader);
  uint64_t low = state_read_u64(reader), high = state_read_u64(reader);
  bin.offset = (unsigned __int128)high << 64 | low;
  *ok = !reader->failed && b >= *next && b < MICROBINS && bin.n > 0 && bin.n_positive <= bin.n &&
        bin.offset <= (unsigned __int128)bin.n << 45;
  if (!*ok)
    return NONET_OK;
  *next = b + 1;
  if (bin.n < BIN_ROWS - 1) {
    struct hot_bin hot = {
        .offset = low, .n = (uint32_t)bin.n, .n_positive = (uint32_t)bin.n_positive};
    return put_hot(bins, cell, b, &hot, error);
  }
  nonet_status status = need_cold(bins, cell, error);
  if (!status)
    cell->cold[b] = bin;
  return status;
}

static nonet_status load_stream(struct microbins *bins, int s, struct state_reader *reader,
                                bool *ok, nonet_error *error) {
  uint64_t n_cells = state_read_count(reader, 16), next_cell = 0;
  nonet_status status = NONET_OK;
  *ok = !reader->failed && (n_cells == 0 || bins->has_stream[s]);
  for (uint64_t i = 0; i < n_cells && *ok && !status; i++) {
    uint64_t index = state_read_u64(reader), n = state_read_count(reader, SAVED_BIN_BYTES);
    *ok = !reader->failed && index >= next_cell && index < bins->n_cells;
    next_cell = index + 1;
    struct cell_bins *cell = NULL;
    if (*ok)
      status = need_cell(bins, s, index, &cell, error);
    uint32_t next = 0;
    for (uint64_t b = 0; b < n && *ok && !status; b++)
      status = load_bin(bins, cell, reader, &next, ok, error);
  }
  return status;
}

nonet_status microbins_load(struct state_reader *reader, const struct roles *roles,
                            struct microbins **out, nonet_error *error) {
  struct microbins *bins = NULL;
  nonet_status status = microbins_new(roles, 0, &bins, error);
  if (status)
    return status;
  bool ok = true;
  for (int s = 0; s < N_STREAMS && ok && !status; s++)
    status = load_stream(bins, s, reader, &ok, error);
  if (!status && !ok)
    status = error_set(error, NONET_E_DATA, "the micro-bins are damaged");
  if (status) {
    microbins_free(bins);
    return status;
  }
  *out = bins;
  return NONET_OK;
}
