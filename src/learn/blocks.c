/*
 * A k-d tree that is flattened at once: a range of rows is split at its middle along the column in
 * which it spreads most, until a range is a block (Friedman, Bentley & Finkel 1977). Nothing of the
 * tree is kept but the order and the boxes of its leaves.
 *
 * Cases: 1. The middle is rounded up to a multiple of BLOCKS_ROWS, below that of block_rows, so
 * that every block but the last is full and blocks of two sizes nest. 2. The spread is that of at
 * most SPREAD_ROWS rows at even steps: it only chooses a column, and any choice is right. 3. Equal
 * values are split by their row, so the order is one and the same; columns that do not spread at
 * all end the splitting's use, not its termination. 4. Differences of huge values may be infinite:
 * a gap of that size is infinitely far, which is what the distance says, too. 5. Two floating sums
 * of the same squares differ by a few units in the last place; gaps are taken down by GAP_SLACK
 * (good for a million columns), so that a box is never said to be farther than a row in it.
 */
#include "learn/blocks.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#define SPREAD_ROWS 64
#define GAP_SLACK (1.0 - 1e-9)
#define PIECES_PER_THREAD 4
#define COLUMNS_AT_ONCE 8

struct entry {
  double value;
  uint32_t row;
};

struct range {
  size_t begin, end;
};

struct splitter {
  const double *number;
  struct blocks *blocks;
  struct entry *entries; /* [n_rows] scratch, each range its own part */
  const struct range *ranges;
};

static bool entry_less(struct entry a, struct entry b) {
  return a.value != b.value ? a.value < b.value : a.row < b.row;
}

/* 2 */
static size_t widest_column(const struct splitter *splitter, struct range range) {
  const struct blocks *blocks = splitter->blocks;
  size_t n = range.end - range.begin, step = n / SPREAD_ROWS + 1, widest = 0;
  double most = -1;
  for (size_t c = 0; c < blocks->n_numbers; c++) {
    double sum = 0, squares = 0, count = 0;
    double first = splitter->number[blocks->order[range.begin] * blocks->n_numbers + c];
    for (size_t i = range.begin; i < range.end; i += step, count++) {
      double x = splitter->number[blocks->order[i] * blocks->n_numbers + c] - first;
      sum += x;
      squares += x * x;
    }
    double spread = squares - sum * sum / count;
    if (spread > most) {
      most = spread;
      widest = c;
    }
  }
  return widest;
}

static struct entry median_of_three(struct entry a, struct entry b, struct entry c) {
  if (entry_less(b, a)) {
    struct entry t = a;
    a = b;
    b = t;
  }
  return entry_less(c, a) ? a : entry_less(c, b) ? c : b;
}

/* Hoare's selection: afterwards the `middle` smallest of the n entries stand first. */
static void select_smallest(struct entry *entries, size_t n, size_t middle) {
  size_t low = 0, high = n; /* entries before low are smaller, from high on larger */
  while (low != middle && high - low > 1) {
    struct entry pivot =
        median_of_three(entries[low], entries[low + (high - low) / 2], entries[high - 1]);
    size_t i = low, j = high - 1;
    for (;;) {
      while (entry_less(entries[i], pivot)) {
        i++;
      }
      while (entry_less(pivot, entries[j])) {
        j--;
      }
      if (i >= j) {
        break;
      }
      struct entry t = entries[i];
      entries[i++] = entries[j];
      entries[j--] = t;
    }
    size_t cut = i > low ? i : low + 1; /* before it none is larger than one after it */
    if (middle < cut) {
      high = cut;
    } else {
      low = cut;
    }
  }
}

/* 1: how many rows go to the left; 0 when the range is a block. */
static size_t split_at(struct range range, size_t block_rows) {
  size_t n = range.end - range.begin;
  size_t unit = n > BLOCKS_ROWS ? BLOCKS_ROWS : block_rows;
  return n <= unit ? 0 : (n / 2 + unit - 1) / unit * unit;
}

static size_t split(const struct splitter *splitter, struct range range) {
  struct blocks *blocks = splitter->blocks;
  size_t left = split_at(range, blocks->block_rows);
  if (left == 0 || blocks->n_numbers == 0) {
    return left;
  }
  size_t column = widest_column(splitter, range), n = range.end - range.begin;
  struct entry *entries = splitter->entries + range.begin;
  for (size_t i = 0; i < n; i++) {
    uint32_t row = blocks->order[range.begin + i];
    entries[i] = (struct entry){splitter->number[row * blocks->n_numbers + column], row};
  }
  select_smallest(entries, n, left);
  for (size_t i = 0; i < n; i++) {
    blocks->order[range.begin + i] = entries[i].row;
  }
  return left;
}

static void split_all(const struct splitter *splitter, struct range range) {
  for (;;) { /* the right half here, the left one below: depth at most log2(n) */
    size_t left = split(splitter, range);
    if (left == 0) {
      return;
    }
    split_all(splitter, (struct range){range.begin, range.begin + left});
    range.begin += left;
  }
}

static void box_of(const struct splitter *splitter, size_t block) {
  const struct blocks *blocks = splitter->blocks;
  size_t d = blocks->n_numbers, begin = block * blocks->block_rows;
  size_t end =
      begin + blocks->block_rows < blocks->n_rows ? begin + blocks->block_rows : blocks->n_rows;
  double *low = blocks->low + block * d, *high = blocks->high + block * d;
  for (size_t i = begin; i < end; i++) {
    const double *x = splitter->number + blocks->order[i] * d;
    for (size_t c = 0; c < d; c++) {
      low[c] = i == begin || x[c] < low[c] ? x[c] : low[c];
      high[c] = i == begin || x[c] > high[c] ? x[c] : high[c];
    }
  }
}

/* A range is a multiple of BLOCKS_ROWS (but for the last), so its boxes are its own. */
static nonet_status split_range(void *context, size_t item, size_t worker, nonet_error *error) {
  (void)worker;
  (void)error;
  const struct splitter *splitter = context;
  const struct blocks *blocks = splitter->blocks;
  struct range range = splitter->ranges[item];
  split_all(splitter, range);
  for (size_t b = range.begin / blocks->block_rows; b * blocks->block_rows < range.end; b++) {
    box_of(splitter, b);
  }
  return NONET_OK;
}

/* Splits the largest ranges first, until there are enough for the threads. */
static size_t first_ranges(const struct splitter *splitter, struct range *ranges, size_t most) {
  size_t n = 1;
  ranges[0] = (struct range){0, splitter->blocks->n_rows};
  while (n < most) {
    size_t largest = 0;
    for (size_t i = 1; i < n; i++) {
      if (ranges[i].end - ranges[i].begin > ranges[largest].end - ranges[largest].begin) {
        largest = i;
      }
    }
    if (ranges[largest].end - ranges[largest].begin <= BLOCKS_ROWS) {
      break;
    }
    size_t middle = ranges[largest].begin + split(splitter, ranges[largest]);
    ranges[n++] = (struct range){middle, ranges[largest].end};
    ranges[largest].end = middle;
  }
  return n;
}

nonet_status blocks_make(const double *number, size_t n_rows, size_t n_numbers, size_t block_rows,
                         size_t n_threads, struct blocks *blocks, nonet_error *error) {
  *blocks = (struct blocks){.n_rows = n_rows, .n_numbers = n_numbers, .block_rows = block_rows};
  blocks->n_blocks = (n_rows + block_rows - 1) / block_rows;
  size_t n_pieces = n_threads > 1 ? n_threads * PIECES_PER_THREAD : 1;
  struct entry *entries = memory_new(n_rows, sizeof *entries);
  struct range *ranges = memory_new(n_pieces, sizeof *ranges);
  nonet_status status = NONET_OK;
  blocks->order = memory_new(n_rows, sizeof *blocks->order);
  blocks->low = memory_new(blocks->n_blocks * n_numbers, sizeof *blocks->low);
  blocks->high = memory_new(blocks->n_blocks * n_numbers, sizeof *blocks->high);
  if (!entries || !ranges || !blocks->order || !blocks->low || !blocks->high) {
    status = error_memory(error, n_rows * sizeof *entries, "the blocks of rows");
    goto done;
  }
  for (size_t i = 0; i < n_rows; i++) {
    blocks->order[i] = (uint32_t)i;
  }
  struct splitter splitter = {number, blocks, entries, ranges};
  size_t n_ranges = n_rows > 0 ? first_ranges(&splitter, ranges, n_pieces) : 0;
  status = parallel_for(n_threads, n_ranges, split_range, &splitter, error);
done:
  memory_free(entries);
  memory_free(ranges);
  if (status != NONET_OK) {
    blocks_clear(blocks);
  }
  return status;
}

void blocks_clear(struct blocks *blocks) {
  memory_free(blocks->order);
  memory_free(blocks->low);
  memory_free(blocks->high);
  memset(blocks, 0, sizeof *blocks);
}

double blocks_gap2(const double *low_a, const double *high_a, const double *low_b,
                   const double *high_b, size_t n_numbers) {
  double sum = 0;
  for (size_t c = 0; c < n_numbers; c++) {
    double above = low_b[c] - high_a[c], below = low_a[c] - high_b[c];
    double gap = above > below ? above : below;
    gap = gap > 0 ? gap : 0;
    sum += gap * gap;
  }
  return sum * GAP_SLACK; /* 5 */
}

bool blocks_within(const struct blocks *a, size_t block_a, const struct blocks *b, size_t block_b,
                   double most) {
  size_t d = a->n_numbers;
  double sum = 0;
  for (size_t c = 0; c < d && sum <= most; c += COLUMNS_AT_ONCE) {
    size_t n = d - c < COLUMNS_AT_ONCE ? d - c : COLUMNS_AT_ONCE;
    size_t at_a = block_a * d + c, at_b = block_b * d + c;
    sum += blocks_gap2(a->low + at_a, a->high + at_a, b->low + at_b, b->high + at_b, n);
  }
  return sum <= most;
}
