/*
 * Exact nearest neighbours by blocked products.
 *
 * |x − y|² = |x|² − 2(x·y − |y|²/2), so y is at most at the squared distance w from x exactly when
 * x·y − |y|²/2 >= (|x|² − w)/2. The left side is a product of matrices, done in single precision
 * for GROUP_ROWS queries by STRIP_ROWS rows at a time; w is the distance of the k-th best so far.
 * It only decides which pairs are looked at: their distances are then computed in double precision
 * as the header defines them, and these alone make the result.
 *
 * What the product may err by: numbers are moved to the columns' middle and scaled by a power of
 * two into [−1, 1]. Rounding them, d products and d + 1 sums err by at most
 * (d + 4)·2^-24·(|x||y| + |y|²/2) (Higham, Accuracy and Stability, 2002, §3.1), what falls below
 * the least float by d·2^-126. The bar is lowered by more than twice that, (d + 8)·2^-24·(|x| +
 * |y|)² + (d + 8)·2^-124, which covers its own rounding and that of exact distances as well (a bar
 * beyond 1.5·(|x| + |y|)² lets all pass anyway).
 *
 * Whole blocks are left out by their boxes (blocks.h): a block of queries goes through the blocks
 * of rows from the nearest on, until the gap is larger than every query's k-th distance. Queries
 * that are rows themselves begin with the blocks they stand in (8), so that the distance is short
 * from the start.
 *
 * Where the k-th distance is short beside those of most pairs, the head of the columns, those that
 * spread most, tells as much for less: what is too far in them is too far. They are asked
 * first as long as they leave enough strips out to pay.
 *
 * Cases: 1. Ties: a gap or a bar is passed at equality, so that a smaller index at the same
 * distance is seen. 2. Sums that are NaN or infinite pass the bar. 3. Lanes behind the last row
 * never count. 4. Categories only add to a distance: what the numbers leave out stays out. 5. Fewer
 * than k other rows: the rest is NEIGHBOURS_NONE. 6. No numbers: everything passes.
 * 7. Squares below the least double are lost, so that rows tie at distance 0: the bar allows for
 * it. 8. A block is searched once for a query: twice would keep its rows twice.
 */
#include "learn/neighbours.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "learn/blocks.h"
#include "learn/neighbours_private.h"
#include "learn/strips.h"

#define N_STRIPS (BLOCKS_ROWS / STRIP_ROWS)
#define N_GROUPS (BLOCKS_ROWS / GROUP_ROWS)
#define HEAD_PAYS                                                                                  \
  0.5                   /* of the strips asked, at most so many pass: the rest is worth HEAD_SHARE \
                         */
#define HEAD_MEMORY 128 /* strips after which older ones count half */
#define HEAD_AGAIN 16   /* while it does not pay, one strip in so many is asked */

double neighbours_distance2(const struct neighbours_rows *a, size_t row_a,
                            const struct neighbours_rows *b, size_t row_b) {
  const double *x = a->number + row_a * a->n_numbers, *y = b->number + row_b * b->n_numbers;
  double sum = 0;
  for (size_t c = 0; c < a->n_numbers; c++) {
    double difference = x[c] - y[c];
    sum += difference * difference;
  }
  for (size_t c = 0; c < a->n_categories; c++) {
    bool differs =
        a->category[row_a * a->n_categories + c] != b->category[row_b * b->n_categories + c];
    sum += differs ? a->category_step : 0;
  }
  return sum;
}

/* --- finding --- */

struct gap {
  double gap2;
  uint32_t block;
};

/* What one worker needs for a block of queries. */
struct desk {
  float *panel; /* [N_GROUPS][n_numbers][GROUP_ROWS] */
  struct lengths norm[BLOCKS_ROWS];
  size_t n_asked, n_passed, n_waiting; /* how the head does */
  double worst[BLOCKS_ROWS]; /* the largest squared distance that still counts; −1: done */
  double group_worst[N_GROUPS];
  uint32_t home[N_GROUPS][GROUP_ROWS]; /* blocks that were searched before the others */
  size_t n_homes[N_GROUPS];
  struct gap *gaps; /* [n_blocks] */
  uint32_t *found;  /* [BLOCKS_ROWS][k] */
  double *distance2;
  double *low, *high; /* [n_numbers] the box of the block of queries */
};

struct finder {
  const struct neighbours *index;
  const struct neighbours_query *query;
  struct blocks groups; /* of the queries, GROUP_ROWS each */
  strips_kernel kernel;
  struct desk *desks; /* [n_threads] */
  uint32_t *name_out;
  double *distance2_out;
  bool has_homes;
  struct progress *progress;
  _Atomic size_t n_done;
};

static bool is_nearer(double distance2, uint32_t row, double than_distance2, uint32_t than_row) {
  return distance2 < than_distance2 || (distance2 == than_distance2 && row < than_row);
}

/* Puts a neighbour into the list of query q, if it is one of the k best. */
static void keep(const struct finder *finder, struct desk *desk, size_t q, uint32_t row,
                 double distance2) {
  size_t k = finder->query->k, at = k;
  uint32_t *found = desk->found + q * k;
  double *best = desk->distance2 + q * k;
  while (at > 0 && is_nearer(distance2, row, best[at - 1], found[at - 1])) {
    at--;
  }
  if (at == k) {
    return;
  }
  memmove(found + at + 1, found + at, (k - 1 - at) * sizeof *found);
  memmove(best + at + 1, best + at, (k - 1 - at) * sizeof *best);
  found[at] = row;
  best[at] = distance2;
  if (found[k - 1] != NEIGHBOURS_NONE && finder->query->any_will_do) {
    desk->worst[q] = -1;
  } else if (best[k - 1] < desk->worst[q]) {
    desk->worst[q] = best[k - 1];
  }
}

/* The pairs of query q that the product let pass. */
static void look_closer(const struct finder *finder, struct desk *desk, size_t q, uint32_t query,
                        size_t first, uint32_t pass) {
  const struct neighbours *index = finder->index;
  uint32_t self = finder->query->self ? finder->query->self[query] : NEIGHBOURS_NONE;
  const uint32_t *before = finder->query->before;
  for (; pass != 0; pass &= pass - 1) {
    size_t place = first + (size_t)__builtin_ctz(pass);
    if (place >= index->rows.n_rows) { /* 3 */
      return;
    }
    uint32_t name = index->name[place];
    if (name == self) {
      continue;
    }
    double distance2 = neighbours_distance2(finder->query->rows, query, &index->rows, place);
    bool is_late =
        before != NULL && distance2 == finder->query->within[query] && name > before[query];
    if (distance2 <= desk->worst[q] && !is_late) {
      keep(finder, desk, q, name, distance2);
    }
  }
}

/* The bar of a query of length `norm` before a block: see the top. */
static float bar_of(const struct finder *finder, double norm, double worst, double reach) {
  double d = (double)finder->index->rows.n_numbers, scale = finder->index->scale;
  if (worst < 0) {
    return INFINITY;
  }
  double length = norm + reach, slack = (d + 8) * (0x1p-24 * length * length + 0x1p-124);
  worst += d * DBL_MIN; /* 7 */
  return (float)((norm * norm - worst * scale * scale) / 2 - slack);
}

/* The bars of a group, and of its head. */
struct bars {
  float all[GROUP_ROWS], head[GROUP_ROWS];
};

static void set_bar(const struct finder *finder, const struct desk *desk, size_t q, double reach,
                    size_t at, struct bars *bars) {
  bars->all[at] = bar_of(finder, desk->norm[q].all, desk->worst[q], reach);
  bars->head[at] = bar_of(finder, desk->norm[q].head, desk->worst[q], reach);
}

static bool should_ask_head(const struct finder *finder, struct desk *desk) {
  if (finder->index->n_head == 0) {
    return false;
  }
  if (desk->n_asked > HEAD_MEMORY) {
    desk->n_asked /= 2;
    desk->n_passed /= 2;
  }
  bool pays = (double)desk->n_passed <= HEAD_PAYS * (double)desk->n_asked;
  desk->n_waiting = pays ? 0 : desk->n_waiting + 1;
  return pays || desk->n_waiting % HEAD_AGAIN == 0;
}

/* The rows of a strip that may be near enough to some query of the group. */
static uint32_t ask_strip(const struct finder *finder, struct desk *desk, size_t first,
                          size_t block, size_t strip, const struct bars *bars, uint32_t *pass) {
  const struct neighbours *index = finder->index;
  size_t d = index->rows.n_numbers, place = block * BLOCKS_ROWS + strip * STRIP_ROWS;
  const float *panel = index->panel + block * d * BLOCKS_ROWS + strip * STRIP_ROWS;
  const float *query = desk->panel + first * d;
  if (should_ask_head(finder, desk)) {
    uint32_t any =
        finder->kernel(query, panel, index->half_head + place, index->n_head, bars->head, pass);
    desk->n_asked++;
    desk->n_passed += any != 0;
    if (any == 0) {
      return 0;
    }
  }
  return finder->kernel(query, panel, index->half + place, d, bars->all, pass);
}

static void search_block(const struct finder *finder, struct desk *desk, size_t begin, size_t group,
                         size_t n_queries, size_t block) {
  size_t first = group * GROUP_ROWS;
  double reach = finder->index->reach[block], worst = -1;
  struct bars bars;
  for (size_t q = 0; q < GROUP_ROWS; q++) {
    bars.all[q] = bars.head[q] = INFINITY;
    if (q < n_queries) {
      set_bar(finder, desk, first + q, reach, q, &bars);
    }
  }
  for (size_t s = 0; s < N_STRIPS; s++) {
    uint32_t pass[GROUP_ROWS];
    uint32_t any = ask_strip(finder, desk, first, block, s, &bars, pass);
    for (size_t q = 0; any != 0 && q < n_queries; q++) {
      if (pass[q] != 0) {
        uint32_t query = finder->groups.order[begin + first + q];
        look_closer(finder, desk, first + q, query, block * BLOCKS_ROWS + s * STRIP_ROWS, pass[q]);
        set_bar(finder, desk, first + q, reach, q, &bars);
      }
    }
  }
  for (size_t q = 0; q < n_queries; q++) {
    worst = desk->worst[first + q] > worst ? desk->worst[first + q] : worst;
  }
  desk->group_worst[group] = worst;
}

static int compare_gaps(const void *a, const void *b) {
  const struct gap *x = a, *y = b;
  if (x->gap2 != y->gap2) {
    return x->gap2 < y->gap2 ? -1 : 1;
  }
  return (x->block > y->block) - (x->block < y->block);
}

/* Queries of one block onto the desk; its box and the blocks of rows by their distance from it. */
static void set_desk(const struct finder *finder, struct desk *desk, size_t begin, size_t n) {
  const struct neighbours *index = finder->index;
  const struct neighbours_query *query = finder->query;
  const struct blocks *groups = &finder->groups;
  size_t d = index->rows.n_numbers, n_groups = (n + GROUP_ROWS - 1) / GROUP_ROWS;
  memset(desk->panel, 0, N_GROUPS * GROUP_ROWS * d * sizeof *desk->panel);
  for (size_t q = 0; q < n; q++) {
    uint32_t row = groups->order[begin + q];
    float *lane = desk->panel + q / GROUP_ROWS * GROUP_ROWS * d + q % GROUP_ROWS;
    desk->norm[q] = neighbours_lane(index, query->rows->number + row * d, lane, GROUP_ROWS);
    desk->worst[q] = query->within ? query->within[row] : INFINITY;
    for (size_t i = 0; i < query->k; i++) {
      desk->found[q * query->k + i] = NEIGHBOURS_NONE;
      desk->distance2[q * query->k + i] = INFINITY;
    }
  }
  size_t first = begin / GROUP_ROWS;
  for (size_t g = 0; g < n_groups; g++) {
    desk->group_worst[g] = INFINITY; /* the first look settles it */
    desk->n_homes[g] = 0;
    for (size_t c = 0; c < d; c++) {
      double low = groups->low[(first + g) * d + c], high = groups->high[(first + g) * d + c];
      desk->low[c] = g == 0 || low < desk->low[c] ? low : desk->low[c];
      desk->high[c] = g == 0 || high > desk->high[c] ? high : desk->high[c];
    }
  }
  for (size_t b = 0; b < index->blocks.n_blocks; b++) {
    desk->gaps[b].gap2 = blocks_gap2(desk->low, desk->high, index->blocks.low + b * d,
                                     index->blocks.high + b * d, d);
    desk->gaps[b].block = (uint32_t)b;
  }
  qsort(desk->gaps, index->blocks.n_blocks, sizeof *desk->gaps, compare_gaps);
}

static void hand_out(const struct finder *finder, const struct desk *desk, size_t begin, size_t n) {
  size_t k = finder->query->k;
  for (size_t q = 0; q < n; q++) {
    size_t row = finder->groups.order[begin + q];
    memcpy(finder->name_out + row * k, desk->found + q * k, k * sizeof *desk->found);
    if (finder->distance2_out != NULL) {
      memcpy(finder->distance2_out + row * k, desk->distance2 + q * k, k * sizeof(double));
    }
  }
}

static size_t queries_of(size_t n, size_t group) {
  return n - group * GROUP_ROWS < GROUP_ROWS ? n - group * GROUP_ROWS : GROUP_ROWS;
}

static bool is_home(const struct desk *desk, size_t group, uint32_t block) {
  size_t i = 0;
  while (i < desk->n_homes[group] && desk->home[group][i] != block) {
    i++;
  }
  return i < desk->n_homes[group];
}

/* First the blocks in which the queries of a group stand themselves: near ones are there. */
static void search_homes(const struct finder *finder, struct desk *desk, size_t begin, size_t group,
                         size_t n_queries) {
  const uint32_t *order = finder->groups.order + begin + group * GROUP_ROWS;
  for (size_t q = 0; q < n_queries; q++) {
    uint32_t block = finder->index->place[finder->query->self[order[q]]] / BLOCKS_ROWS;
    if (!is_home(desk, group, block)) {
      desk->home[group][desk->n_homes[group]++] = block;
      search_block(finder, desk, begin, group, n_queries, block);
    }
  }
}

static nonet_status find_block(void *context, size_t item, size_t worker, nonet_error *error) {
  struct finder *finder = context;
  struct desk *desk = &finder->desks[worker];
  const struct blocks *blocks = &finder->index->blocks, *groups = &finder->groups;
  size_t begin = item * BLOCKS_ROWS;
  size_t n = groups->n_rows - begin < BLOCKS_ROWS ? groups->n_rows - begin : BLOCKS_ROWS;
  size_t n_groups = (n + GROUP_ROWS - 1) / GROUP_ROWS, first = begin / GROUP_ROWS;
  nonet_status status = progress_check(finder->progress, error);
  if (status != NONET_OK) {
    return status;
  }
  set_desk(finder, desk, begin, n);
  for (size_t g = 0; finder->has_homes && g < n_groups; g++) {
    search_homes(finder, desk, begin, g, queries_of(n, g));
  }
  for (size_t b = 0; b < blocks->n_blocks; b++) {
    size_t block = desk->gaps[b].block;
    double worst = -1;
    for (size_t g = 0; g < n_groups; g++) {
      worst = desk->group_worst[g] > worst ? desk->group_worst[g] : worst;
    }
    if (desk->gaps[b].gap2 > worst) { /* 1 */
      break;
    }
    for (size_t g = 0; g < n_groups; g++) {
      if (desk->gaps[b].gap2 <= desk->group_worst[g] &&
          blocks_within(groups, first + g, blocks, block, desk->group_worst[g]) &&
          !is_home(desk, g, (uint32_t)block)) { /* 8 */
        search_block(finder, desk, begin, g, queries_of(n, g), block);
      }
    }
  }
  hand_out(finder, desk, begin, n);
  progress_report(finder->progress, "neighbours", (finder->n_done += n), groups->n_rows);
  return NONET_OK;
}

static nonet_status desk_init(const struct finder *finder, struct desk *desk, nonet_error *error) {
  size_t d = finder->index->rows.n_numbers, k = finder->query->k;
  desk->panel = memory_new(N_GROUPS * GROUP_ROWS * d, sizeof *desk->panel);
  desk->gaps = memory_new(finder->index->blocks.n_blocks, sizeof *desk->gaps);
  desk->found = memory_new(BLOCKS_ROWS * k, sizeof *desk->found);
  desk->distance2 = memory_new(BLOCKS_ROWS * k, sizeof *desk->distance2);
  desk->low = memory_new(d, sizeof *desk->low);
  desk->high = memory_new(d, sizeof *desk->high);
  bool whole =
      desk->panel && desk->gaps && desk->found && desk->distance2 && desk->low && desk->high;
  return whole ? NONET_OK : error_memory(error, BLOCKS_ROWS * k * 12, "lists of neighbours");
}

static void desk_clear(struct desk *desk) {
  memory_free(desk->panel);
  memory_free(desk->gaps);
  memory_free(desk->found);
  memory_free(desk->distance2);
  memory_free(desk->low);
  memory_free(desk->high);
}

nonet_status neighbours_find(const struct neighbours *index, const struct neighbours_query *query,
                             uint32_t *name_out, double *distance2_out, struct progress *progress,
                             nonet_error *error) {
  size_t n_workers = query->n_threads > 1 ? query->n_threads : 1;
  size_t n_rows = query->rows->n_rows, n_items = (n_rows + BLOCKS_ROWS - 1) / BLOCKS_ROWS;
  struct finder finder = {.index = index,
                          .query = query,
                          .kernel = strips_pick(),
                          .has_homes = query->self != NULL && index->place != NULL,
                          .name_out = name_out,
                          .distance2_out = distance2_out,
                          .progress = progress};
  nonet_status status = neighbours_check(query->rows, error);
  if (status != NONET_OK || query->k == 0) {
    return status;
  }
  status = blocks_make(query->rows->number, n_rows, index->rows.n_numbers, GROUP_ROWS, n_workers,
                       &finder.groups, error);
  if (status != NONET_OK) {
    return status;
  }
  finder.desks = memory_zeroed(n_workers, sizeof *finder.desks);
  if (finder.desks == NULL) {
    status = error_memory(error, n_workers * sizeof *finder.desks, "workers");
  }
  for (size_t w = 0; status == NONET_OK && w < n_workers; w++) {
    status = desk_init(&finder, &finder.desks[w], error);
  }
  if (status == NONET_OK) {
    status = parallel_for(n_workers, n_items, find_block, &finder, error);
  }
  for (size_t w = 0; finder.desks != NULL && w < n_workers; w++) {
    desk_clear(&finder.desks[w]);
  }
  memory_free(finder.desks);
  blocks_clear(&finder.groups);
  return status;
}

nonet_status neighbours_of_all(const struct neighbours_rows *rows, size_t k, size_t n_threads,
                               uint32_t *name_out, double *distance2_out, struct progress *progress,
                               nonet_error *error) {
  struct neighbours *index = NULL;
  uint32_t *self = memory_new(rows->n_rows, sizeof *self);
  if (self == NULL) {
    return error_memory(error, rows->n_rows * sizeof *self, "places of rows");
  }
  for (size_t i = 0; i < rows->n_rows; i++) {
    self[i] = (uint32_t)i;
  }
  nonet_status status = neighbours_new(rows, n_threads, &index, error);
  if (status == NONET_OK) {
    struct neighbours_query query = {.rows = rows, .self = self, .k = k, .n_threads = n_threads};
    status = neighbours_find(index, &query, name_out, distance2_out, progress, error);
  }
  neighbours_free(index);
  memory_free(self);
  return status;
}
