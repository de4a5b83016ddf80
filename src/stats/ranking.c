/*
 * AUC, its variance and covariance from ranks of positives among negatives.
 *
 * A row's placement is how much of the other class it beats. Twice the placement is an integer t:
 * for a positive, 2·#{negatives below}
 * + #{negatives equal}; for a negative the mirror image. With m positives and n negatives
 *   AUC = Σ_pos t / (2mn) = Σ_neg t / (2mn),
 *   Var = S⁺/m + S⁻/n,  S⁺ = (m Σt² − (Σt)²) / (m (m − 1) 4n²), S⁻ alike with m and n exchanged
 * (DeLong, DeLong & Clarke-Pearson 1988, by the ranks of Sun & Xu 2014). Two streams on the same
 * rows: the same with products.
 *
 * Cases: 1 an empty class: NaN; 2 one row of a class: no variance; 3 ties; 4 counts instead of
 * copies; 5 sums beyond 64 bits (m·n of a test set of 144,720 already overflows a 32-bit product,
 * t² summed over 1e7 rows a 64-bit one): 128 bits, exact below 2^31 rows a class, where m Σt² <
 * 2^126; 6 more rows: long double; 7 a curve against itself: every difference is 0, so the variance
 * of the difference is exactly 0; 8 NaN scores are refused with their row.
 */
#include "stats/ranking.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "stats/exactsum.h"
#include "stats/mathfn.h"
#include "stats/sortkey.h"

#define INLINE static inline __attribute__((always_inline))
__extension__ typedef __int128 signed_wide;
#if defined(__GNUC__) && !defined(__clang__)
#define VECTORISE                                                                                  \
  __attribute__((optimize("O3"))) /* gcc 12 does not vectorise reductions at -O2                   \
                                   */
#else
#define VECTORISE
#endif
#define EXACT_ROWS_MAX (1ull << 31)
#define PARALLEL_MIN 200000

/* ---- sums of placements over sorted classes ---- */

struct sums {
  ranking_wide positives, positives_square,
      negatives_square; /* Σt, Σt² of positives; Σt² of negatives */
  unsigned char pad[16];
};

struct walk {
  const struct ranking_class *negatives, *positives;
  uint64_t n_negatives, n_positives; /* Σ count */
  size_t n_chunks;
  struct walk_chunk {
    size_t negative, positive; /* first keys */
    uint64_t negatives_before, positives_before;
    struct sums sums;
  } *chunks; /* n_chunks + 1 */
};

INLINE uint64_t key_at(const struct ranking_class *rows, size_t i, bool is_32) {
  return is_32 ? rows->keys32[i] : rows->keys64[i];
}
INLINE uint64_t count_at(const struct ranking_class *rows, size_t i, bool counted) {
  return counted && rows->count != NULL ? rows->count[i] : 1;
}

INLINE void walk_keys(const struct walk *walk, size_t chunk, bool is_32, bool counted) {
  const struct ranking_class *negatives = walk->negatives, *positives = walk->positives;
  struct walk_chunk *from = walk->chunks + chunk;
  size_t i = from->positive, j = from->negative, i_end = from[1].positive, j_end = from[1].negative;
  uint64_t below = from->negatives_before, passed = from->positives_before;
  ranking_wide sum = 0, square = 0, square_negatives = 0;
  while (i < i_end && j < j_end) {
    uint64_t a = key_at(positives, i, is_32), b = key_at(negatives, j, is_32);
    if (a < b) {
      uint64_t c = count_at(positives, i++, counted), t = 2 * below;
      passed += c;
      sum += counted ? (ranking_wide)c * t : t;
      square += counted ? (ranking_wide)t * t * c : (ranking_wide)t * t;
    } else if (b < a) {
      uint64_t c = count_at(negatives, j++, counted), t = 2 * (walk->n_positives - passed);
      below += c;
      square_negatives += counted ? (ranking_wide)t * t * c : (ranking_wide)t * t;
    } else { /* 3 */
      uint64_t c = 0, d = 0;
      do {
        c += count_at(positives, i++, counted);
      } while (i < i_end && key_at(positives, i, is_32) == a);
      do {
        d += count_at(negatives, j++, counted);
      } while (j < j_end && key_at(negatives, j, is_32) == a);
      uint64_t t = 2 * below + d, u = 2 * (walk->n_positives - passed - c) + c;
      sum += (ranking_wide)c * t;
      square += (ranking_wide)t * t * c;
      square_negatives += (ranking_wide)u * u * d;
      below += d;
      passed += c;
    }
  }
  for (; i < i_end; i++) {
    uint64_t c = count_at(positives, i, counted), t = 2 * below;
    passed += c;
    sum += (ranking_wide)c * t;
    square += (ranking_wide)t * t * c;
  }
  for (; j < j_end; j++) {
    uint64_t c = count_at(negatives, j, counted), t = 2 * (walk->n_positives - passed);
    square_negatives += (ranking_wide)t * t * c;
  }
  from->sums.positives = sum;
  from->sums.positives_square = square;
  from->sums.negatives_square = square_negatives;
}

static nonet_status walk_body(void *context, size_t chunk, size_t worker, nonet_error *error) {
  (void)worker, (void)error;
  const struct walk *walk = context;
  bool counted = walk->negatives->count != NULL || walk->positives->count != NULL;
  if (walk->positives->keys32 != NULL || walk->negatives->keys32 != NULL) {
    if (counted) {
      walk_keys(walk, chunk, true, true);
    } else {
      walk_keys(walk, chunk, true, false);
    }
  } else if (counted) {
    walk_keys(walk, chunk, false, true);
  } else {
    walk_keys(walk, chunk, false, false);
  }
  return NONET_OK;
}

static uint64_t total_count(const struct ranking_class *rows, size_t first, size_t end) {
  if (rows->count == NULL) {
    return end - first;
  }
  uint64_t total = 0;
  for (size_t i = first; i < end; i++) {
    total += rows->count[i];
  }
  return total;
}

static size_t lower_key(const struct ranking_class *rows, uint64_t key) {
  return rows->keys32 != NULL ? sortkey_lower_u32(rows->keys32, rows->n, (uint32_t)key)
                              : sortkey_lower_u64(rows->keys64, rows->n, key);
}

/* Cuts both classes at keys of the larger one, never inside a tie. */
static void walk_cut(struct walk *walk) {
  const struct ranking_class *larger =
      walk->negatives->n > walk->positives->n ? walk->negatives : walk->positives;
  for (size_t c = 1; c <= walk->n_chunks; c++) {
    struct walk_chunk *chunk = walk->chunks + c, *before = chunk - 1;
    if (c == walk->n_chunks) {
      chunk->negative = walk->negatives->n;
      chunk->positive = walk->positives->n;
    } else {
      uint64_t key = key_at(larger, larger->n / walk->n_chunks * c, larger->keys32 != NULL);
      chunk->negative = lower_key(walk->negatives, key);
      chunk->positive = lower_key(walk->positives, key);
    }
    chunk->negatives_before =
        before->negatives_before + total_count(walk->negatives, before->negative, chunk->negative);
    chunk->positives_before =
        before->positives_before + total_count(walk->positives, before->positive, chunk->positive);
  }
  walk->n_negatives = walk->chunks[walk->n_chunks].negatives_before;
  walk->n_positives = walk->chunks[walk->n_chunks].positives_before;
}

/* (m Σab − Σa Σb) / (m · m (m − 1) · 4n²): the part of one class in the (co)variance. 5, 6 */
static double class_part(uint64_t m, uint64_t n, signed_wide cross, signed_wide sum_a,
                         signed_wide sum_b) {
  if (m < 2) {
    return NAN; /* 2 */
  }
  long double scatter;
  if (m <= EXACT_ROWS_MAX && n <= EXACT_ROWS_MAX) {
    scatter = (long double)((signed_wide)m * cross - sum_a * sum_b);
  } else {
    scatter = (long double)m * (long double)cross - (long double)sum_a * (long double)sum_b;
  }
  long double scale = (long double)m * (long double)m * (long double)(m - 1) * 4.0L *
                      (long double)n * (long double)n;
  return (double)(scatter / scale);
}

static void auc_from_sums(struct ranking_auc *result, const struct sums *sums) {
  uint64_t m = result->n_positives, n = result->n_negatives;
  result->twice_u = sums->positives;
  if (m == 0 || n == 0) { /* 1 */
    result->auc = result->variance = NAN;
    return;
  }
  result->auc = (double)((long double)sums->positives / (2.0L * (long double)m * (long double)n));
  result->variance = class_part(m, n, (signed_wide)sums->positives_square,
                                (signed_wide)sums->positives, (signed_wide)sums->positives) +
                     class_part(n, m, (signed_wide)sums->negatives_square,
                                (signed_wide)sums->positives, (signed_wide)sums->positives);
}

nonet_status ranking_auc_sorted(const struct ranking_class *negatives,
                                const struct ranking_class *positives, size_t n_threads,
                                struct ranking_auc *result, nonet_error *error) {
  struct walk walk = {.negatives = negatives, .positives = positives};
  walk.n_chunks = n_threads > 1 && negatives->n + positives->n >= PARALLEL_MIN ? n_threads : 1;
  walk.chunks = memory_zeroed(walk.n_chunks + 1, sizeof *walk.chunks);
  if (walk.chunks == NULL) {
    return error_memory(error, (walk.n_chunks + 1) * sizeof *walk.chunks, "ranks");
  }
  walk_cut(&walk);
  nonet_status status = parallel_for(n_threads, walk.n_chunks, walk_body, &walk, error);
  struct sums sums = {0};
  for (size_t c = 0; c < walk.n_chunks; c++) {
    sums.positives += walk.chunks[c].sums.positives;
    sums.positives_square += walk.chunks[c].sums.positives_square;
    sums.negatives_square += walk.chunks[c].sums.negatives_square;
  }
  *result = (struct ranking_auc){.n_negatives = walk.n_negatives, .n_positives = walk.n_positives};
  auc_from_sums(result, &sums);
  memory_free(walk.chunks);
  return status;
}

/* ---- from unsorted scores: split by label, sort, walk ---- */

struct split {
  const float *f32;
  const double *f64;
  const uint8_t *labels;
  void *keys; /* negatives, then positives */
  size_t n, n_chunks, n_negatives;
  struct split_chunk {
    size_t n_positives, negative, positive; /* count, then first places */
    unsigned char pad[40];
  } *chunks;
};

static void split_range(const struct split *split, size_t chunk, size_t *first, size_t *end) {
  *first = split->n / split->n_chunks * chunk;
  *end = chunk + 1 == split->n_chunks ? split->n : split->n / split->n_chunks * (chunk + 1);
}

/* Counts of at most 2^31 rows in 32 bits, so that lanes are narrow. */
VECTORISE static void count_part(const struct split *split, size_t first, size_t end,
                                 size_t *n_positives, size_t *n_bad) {
  uint32_t positives = 0, bad = 0;
  for (size_t i = first; i < end; i++) {
    positives += split->labels[i] != 0;
  }
  if (split->f32 != NULL) {
    const float *f32 = split->f32;
    for (size_t i = first; i < end; i++) {
      bad += f32[i] != f32[i];
    }
  } else {
    const double *f64 = split->f64;
    for (size_t i = first; i < end; i++) {
      bad += f64[i] != f64[i];
    }
  }
  *n_positives += positives;
  *n_bad += bad;
}

static nonet_status split_count(void *context, size_t chunk, size_t worker, nonet_error *error) {
  (void)worker;
  struct split *split = context;
  size_t first, end, n_positives = 0, n_bad = 0;
  split_range(split, chunk, &first, &end);
  for (size_t part = first, step = (size_t)1 << 16; part < end;
       part += step) { /* both loops over what the cache holds */
    count_part(split, part, end - part < step ? end : part + step, &n_positives, &n_bad);
  }
  split->chunks[chunk].n_positives = n_positives;
  if (n_bad == 0) {
    return NONET_OK;
  }
  size_t row = first; /* 8 */
  while (split->f32 != NULL ? split->f32[row] == split->f32[row]
                            : split->f64[row] == split->f64[row]) {
    row++;
  }
  return error_set(error, NONET_E_DATA,
                   "a score to rank is NaN: row %zu; %zu in its part of the rows", row, n_bad);
}

/* Without a branch on the label: both classes live in one array, the place is chosen by a mask. */
VECTORISE static nonet_status split_move(void *context, size_t chunk, size_t worker,
                                         nonet_error *error) {
  (void)worker, (void)error;
  const struct split *split = context;
  size_t first, end, j = split->chunks[chunk].negative, i = split->chunks[chunk].positive;
  split_range(split, chunk, &first, &end);
  for (size_t row = first; row < end; row++) {
    size_t is_positive = split->labels[row] != 0, place = j + ((i - j) & (0 - is_positive));
    if (split->f32 != NULL) {
      ((uint32_t *)split->keys)[place] = sortkey_f32(split->f32[row]);
    } else {
      ((uint64_t *)split->keys)[place] = sortkey_f64(split->f64[row]);
    }
    i += is_positive;
    j += 1 - is_positive;
  }
  return NONET_OK;
}

static nonet_status split_sort(struct split *split, size_t n_threads,
                               struct ranking_class classes[2], nonet_error *error) {
  nonet_status status = parallel_for(n_threads, split->n_chunks, split_count, split, error);
  size_t n_positives = 0;
  for (size_t c = 0; c < split->n_chunks; c++) {
    n_positives += split->chunks[c].n_positives;
  }
  split->n_negatives = split->n - n_positives;
  size_t negative = 0, positive = split->n_negatives;
  for (size_t c = 0; c < split->n_chunks; c++) {
    size_t first, end;
    split_range(split, c, &first, &end);
    split->chunks[c].negative = negative;
    split->chunks[c].positive = positive;
    positive += split->chunks[c].n_positives;
    negative += end - first - split->chunks[c].n_positives;
  }
  if (status == NONET_OK) {
    status = parallel_for(n_threads, split->n_chunks, split_move, split, error);
  }
  for (int k = 0; k < 2 && status == NONET_OK; k++) {
    size_t from = k == 0 ? 0 : split->n_negatives, n = k == 0 ? split->n_negatives : n_positives;
    classes[k] = (struct ranking_class){.n = n};
    if (split->f32 != NULL) {
      classes[k].keys32 = (uint32_t *)split->keys + from;
      status = sortkey_sort_u32((uint32_t *)split->keys + from, n, n_threads, error);
    } else {
      classes[k].keys64 = (uint64_t *)split->keys + from;
      status = sortkey_sort_u64((uint64_t *)split->keys + from, n, n_threads, error);
    }
  }
  return status;
}

static nonet_status auc_unsorted(struct split *split, size_t n_threads, struct ranking_auc *result,
                                 nonet_error *error) {
  size_t size_bytes = split->f32 != NULL ? sizeof(uint32_t) : sizeof(uint64_t);
  split->n_chunks = n_threads > 1 && split->n >= PARALLEL_MIN ? n_threads : 1;
  nonet_status status;
  struct ranking_class classes[2] = {{0}};
  split->keys = memory_new(split->n + 1, size_bytes);
  split->chunks = memory_zeroed(split->n_chunks, sizeof *split->chunks);
  if (split->keys == NULL || split->chunks == NULL) {
    status = error_memory(error, split->n * size_bytes, "ranks");
    goto done;
  }
  status = split_sort(split, n_threads, classes, error);
  if (status == NONET_OK) {
    status = ranking_auc_sorted(&classes[0], &classes[1], n_threads, result, error);
  }
done:
  memory_free(split->keys);
  memory_free(split->chunks);
  return status;
}

nonet_status ranking_auc_f32(const float *scores, const uint8_t *labels, size_t n, size_t n_threads,
                             struct ranking_auc *result, nonet_error *error) {
  struct split split = {.f32 = scores, .labels = labels, .n = n};
  return auc_unsorted(&split, n_threads, result, error);
}

nonet_status ranking_auc_f64(const double *scores, const uint8_t *labels, size_t n,
                             size_t n_threads, struct ranking_auc *result, nonet_error *error) {
  struct split split = {.f64 = scores, .labels = labels, .n = n};
  return auc_unsorted(&split, n_threads, result, error);
}

/* ---- by row ---- */

struct row_order {
  uint64_t *keys; /* sorted */
  uint32_t *row;
};

static void row_order_clear(struct row_order *order) {
  memory_free(order->keys);
  memory_free(order->row);
}

static nonet_status row_order_init(struct row_order *order, const uint64_t *keys, size_t n,
                                   size_t n_threads, nonet_error *error) {
  if (n >= UINT32_MAX) {
    return error_set(error, NONET_E_DATA, "%zu distinct rows to rank by row, at most %u", n,
                     UINT32_MAX - 1);
  }
  order->keys = memory_new(n + 1, sizeof *order->keys);
  order->row = memory_new(n + 1, sizeof *order->row);
  if (order->keys == NULL || order->row == NULL) {
    row_order_clear(order);
    *order = (struct row_order){0};
    return error_memory(error, n * 12, "ranks by row");
  }
  memcpy(order->keys, keys, n * sizeof *keys);
  for (size_t i = 0; i < n; i++) {
    order->row[i] = (uint32_t)i;
  }
  return sortkey_argsort_u64(order->keys, order->row, n, n_threads, error);
}

nonet_status ranking_placements(const uint64_t *keys, const uint8_t *labels, const uint64_t *count,
                                size_t n, size_t n_threads, uint64_t *twice, nonet_error *error) {
  struct row_order order = {0};
  nonet_status status = row_order_init(&order, keys, n, n_threads, error);
  uint64_t total[2] = {0}, before[2] = {0};
  for (size_t i = 0; i < n; i++) {
    total[labels[i] != 0] += count != NULL ? count[i] : 1;
  }
  for (size_t first = 0, end; first < n && status == NONET_OK; first = end) {
    uint64_t tied[2] = {0};
    for (end = first; end < n && order.keys[end] == order.keys[first]; end++) {
      uint32_t row = order.row[end];
      tied[labels[row] != 0] += count != NULL ? count[row] : 1;
    }
    uint64_t of_positive = 2 * before[0] + tied[0],
             of_negative = 2 * (total[1] - before[1] - tied[1]) + tied[1];
    for (size_t k = first; k < end; k++) {
      uint32_t row = order.row[k];
      twice[row] = labels[row] != 0 ? of_positive : of_negative;
    }
    before[0] += tied[0];
    before[1] += tied[1];
  }
  row_order_clear(&order);
  return status;
}

/* ---- each class against the rest ---- */

struct rest {
  struct row_order order;
  uint32_t *first, *end; /* [n] by place in the order: where its tie begins and ends */
  uint32_t *place;       /* [n] places by class, rising in each */
  size_t *start;         /* [n_classes + 1] of each class among them */
};

static void rest_clear(struct rest *rest) {
  row_order_clear(&rest->order);
  memory_free(rest->first);
  memory_free(rest->end);
  memory_free(rest->place);
  memory_free(rest->start);
}

static nonet_status rest_init(struct rest *rest, const uint64_t *keys, const uint32_t *class_of,
                              size_t n, size_t n_classes, size_t n_threads, nonet_error *error) {
  nonet_status status = row_order_init(&rest->order, keys, n, n_threads, error);
  rest->first = memory_new(n + 1, sizeof *rest->first);
  rest->end = memory_new(n + 1, sizeof *rest->end);
  rest->place = memory_new(n + 1, sizeof *rest->place);
  rest->start = memory_zeroed(n_classes + 1, sizeof *rest->start);
  if (status == NONET_OK && (!rest->first || !rest->end || !rest->place || !rest->start)) {
    status = error_memory(error, n * 12 + n_classes * sizeof *rest->start, "ranks by class");
  }
  for (size_t first = 0, end; first < n && status == NONET_OK; first = end) {
    for (end = first; end < n && rest->order.keys[end] == rest->order.keys[first]; end++) {
      rest->start[class_of[rest->order.row[end]]]++;
    }
    for (size_t k = first; k < end; k++) {
      rest->first[k] = (uint32_t)first;
      rest->end[k] = (uint32_t)end;
    }
  }
  if (status != NONET_OK) {
    return status;
  }
  for (size_t c = 0, before = 0; c <= n_classes; c++) { /* counts to ends: filled from the back */
    rest->start[c] = before += rest->start[c];
  }
  for (size_t k = n; k-- > 0;) {
    rest->place[--rest->start[class_of[rest->order.row[k]]]] = (uint32_t)k;
  }
  return NONET_OK;
}

/* walk_keys where the negatives are counted, not walked: only the m places of one class are. */
static struct sums rest_sums(const struct rest *rest, const uint32_t *place, uint64_t m) {
  struct sums sums = {0};
  uint64_t passed = 0, behind = 0; /* positives below, and the end of the last tie with one */
  for (size_t i = 0; i < m;) {
    const uint64_t first = rest->first[place[i]], end = rest->end[place[i]], before = passed;
    const uint64_t above = 2 * (m - passed);
    while (i < m && place[i] < end) {
      passed++;
      i++;
    }
    const uint64_t c = passed - before, d = end - first - c; /* 3 */
    const uint64_t t = 2 * (first - before) + d, u = 2 * (m - passed) + c;
    sums.positives += (ranking_wide)c * t;
    sums.positives_square += (ranking_wide)t * t * c;
    sums.negatives_square +=
        (ranking_wide)above * above * (first - behind) + (ranking_wide)u * u * d;
    behind = end;
  }
  return sums;
}

nonet_status ranking_each_class(const uint64_t *keys, const uint32_t *class_of, size_t n,
                                size_t n_classes, size_t n_threads, struct ranking_auc *result,
                                nonet_error *error) {
  struct rest rest = {0};
  nonet_status status = rest_init(&rest, keys, class_of, n, n_classes, n_threads, error);
  for (size_t c = 0; c < n_classes && status == NONET_OK; c++) {
    const size_t m = rest.start[c + 1] - rest.start[c];
    const struct sums sums = rest_sums(&rest, rest.place + rest.start[c], m);
    result[c] = (struct ranking_auc){.n_negatives = n - m, .n_positives = m};
    auc_from_sums(&result[c], &sums);
  }
  rest_clear(&rest);
  return status;
}

void ranking_pair(const uint64_t *twice_a, const uint64_t *twice_b, const uint8_t *labels,
                  const uint64_t *count, size_t n, struct ranking_pair *pair) {
  struct {
    uint64_t m;
    signed_wide a, b, aa, bb, ab, d, dd;
  } s[2] = {{0}};
  for (size_t i = 0; i < n; i++) {
    int k = labels[i] != 0;
    int64_t c = count != NULL ? (int64_t)count[i] : 1, a = (int64_t)twice_a[i],
            b = (int64_t)twice_b[i], d = a - b;
    s[k].m += (uint64_t)c;
    s[k].a += (signed_wide)c * a;
    s[k].b += (signed_wide)c * b;
    s[k].d += (signed_wide)c * d;
    s[k].aa += (signed_wide)a * a * c;
    s[k].bb += (signed_wide)b * b * c;
    s[k].ab += (signed_wide)a * b * c;
    s[k].dd += (signed_wide)d * d * c;
  }
  *pair = (struct ranking_pair){.n_negatives = s[0].m, .n_positives = s[1].m};
  if (s[0].m == 0 || s[1].m == 0) { /* 1 */
    pair->auc[0] = pair->auc[1] = pair->variance[0] = pair->variance[1] = pair->covariance =
        pair->variance_difference = NAN;
    return;
  }
  long double pairs = 2.0L * (long double)s[0].m * (long double)s[1].m;
  pair->auc[0] = (double)((long double)s[1].a / pairs);
  pair->auc[1] = (double)((long double)s[1].b / pairs);
  for (int k = 0; k < 2; k++) {
    uint64_t m = s[k].m, other = s[1 - k].m;
    pair->variance[0] += class_part(m, other, s[k].aa, s[k].a, s[k].a);
    pair->variance[1] += class_part(m, other, s[k].bb, s[k].b, s[k].b);
    pair->covariance += class_part(m, other, s[k].ab, s[k].a, s[k].b);
    pair->variance_difference += class_part(m, other, s[k].dd, s[k].d, s[k].d); /* 7 */
  }
}

/* ---- weights, clusters ---- */

struct running { /* a sum in two doubles */
  double high, low;
};

static void running_add(struct running *sum, double x) {
  double high = sum->high + x, part = high - sum->high;
  sum->low += (sum->high - (high - part)) + (x - part);
  sum->high = high;
}

static double running_value(const struct running *sum) {
  return sum->high + sum->low;
}

static double row_weight(const double *weights, const uint64_t *count, size_t row) {
  double weight = weights != NULL ? weights[row] : 1.0;
  return count != NULL ? weight * (double)count[row] : weight;
}

nonet_status ranking_weighted(const uint64_t *keys, const uint8_t *labels, const double *weights,
                              const uint64_t *count, size_t n, size_t n_threads, double *auc,
                              double *influence, nonet_error *error) {
  struct row_order order = {0};
  double *share = influence != NULL ? influence : memory_new(n + 1, sizeof *share);
  nonet_status status = row_order_init(&order, keys, n, n_threads, error);
  if (share == NULL) {
    status = error_memory(error, n * sizeof *share, "weighted ranks");
  }
  if (status != NONET_OK) {
    goto done;
  }
  struct exactsum exact[2] = {{{0}, 0, 0}, {{0}, 0, 0}};
  for (size_t i = 0; i < n; i++) {
    exactsum_add(&exact[labels[i] != 0], row_weight(weights, count, i));
  }
  double total[2] = {exactsum_value(&exact[0]), exactsum_value(&exact[1])};
  struct running before[2] = {{0, 0}, {0, 0}};
  for (size_t first = 0, end; first < n; first = end) {
    struct running with[2] = {before[0], before[1]};
    for (end = first; end < n && order.keys[end] == order.keys[first]; end++) {
      uint32_t row = order.row[end];
      running_add(&with[labels[row] != 0], row_weight(weights, count, row));
    }
    double beaten = 0.5 * (running_value(&before[0]) + running_value(&with[0])) / total[0];
    double above = 1.0 - 0.5 * (running_value(&before[1]) + running_value(&with[1])) / total[1];
    for (size_t k = first; k < end; k++) {
      uint32_t row = order.row[k];
      share[row] = labels[row] != 0 ? beaten : above;
    }
    before[0] = with[0];
    before[1] = with[1];
  }
  struct exactsum won = {{0}, 0, 0};
  for (size_t i = 0; i < n; i++) {
    if (labels[i] != 0) {
      exactsum_add(&won, row_weight(weights, count, i) * share[i]);
    }
  }
  *auc = total[0] > 0 && total[1] > 0 ? exactsum_value(&won) / total[1] : NAN;
  for (size_t i = 0; i < n && influence != NULL; i++) {
    influence[i] = row_weight(weights, NULL, i) * (share[i] - *auc) / total[labels[i] != 0];
  }
done:
  if (influence == NULL) {
    memory_free(share);
  }
  row_order_clear(&order);
  return status;
}

struct unit_sums {
  struct exactsum aa, bb, ab, dd;
  uint64_t n_units, n_moved;
  double largest;
};

static void unit_add(struct unit_sums *sums, double a, double b, uint64_t count) {
  double d = a - b;
  exactsum_add_counted(&sums->aa, a * a, count);
  exactsum_add_counted(&sums->bb, b * b, count);
  exactsum_add_counted(&sums->ab, a * b, count);
  exactsum_add_counted(&sums->dd, d * d, count);
  sums->n_units += count;
  sums->n_moved += d != 0 ? count : 0;
  sums->largest = d * d > sums->largest ? d * d : sums->largest;
}

static nonet_status add_clusters(struct unit_sums *sums, const double *a, const double *b,
                                 const uint64_t *count, const uint64_t *cluster, size_t n,
                                 nonet_error *error) {
  struct row_order order = {0};
  nonet_status status = row_order_init(&order, cluster, n, 1, error);
  for (size_t first = 0, end; first < n && status == NONET_OK; first = end) {
    struct exactsum sum_a = {{0}, 0, 0}, sum_b = {{0}, 0, 0};
    for (end = first; end < n && order.keys[end] == order.keys[first]; end++) {
      uint32_t row = order.row[end];
      exactsum_add_counted(&sum_a, a[row], count != NULL ? count[row] : 1);
      if (b != NULL) {
        exactsum_add_counted(&sum_b, b[row], count != NULL ? count[row] : 1);
      }
    }
    unit_add(sums, exactsum_value(&sum_a), exactsum_value(&sum_b), 1);
  }
  row_order_clear(&order);
  return status;
}

nonet_status ranking_influence_covariance(const double *a, const double *b, const uint64_t *count,
                                          const uint64_t *cluster, size_t n,
                                          struct ranking_covariance *result, nonet_error *error) {
  struct unit_sums *sums = memory_zeroed(1, sizeof *sums);
  if (sums == NULL) {
    return error_memory(error, sizeof *sums, "influence values");
  }
  nonet_status status = NONET_OK;
  if (cluster != NULL) {
    status = add_clusters(sums, a, b, count, cluster, n, error);
  } else {
    for (size_t i = 0; i < n; i++) {
      unit_add(sums, a[i], b != NULL ? b[i] : 0.0, count != NULL ? count[i] : 1);
    }
  }
  double g = (double)sums->n_units, factor = sums->n_units > 1 ? g / (g - 1) : NAN;
  double squares = exactsum_value(&sums->dd);
  *result = (struct ranking_covariance){.variance_a = factor * exactsum_value(&sums->aa),
                                        .variance_b = factor * exactsum_value(&sums->bb),
                                        .covariance = factor * exactsum_value(&sums->ab),
                                        .variance_difference = factor * squares,
                                        .n_units = sums->n_units,
                                        .n_moved = sums->n_moved,
                                        .largest_share = squares > 0 ? sums->largest / squares : 0};
  memory_free(sums);
  return status;
}

/* ---- limits ---- */

void ranking_logit_limits(double auc, double standard_error, double z, double *low, double *high) {
  *low = *high = NAN;
  if (auc > 0 && auc < 1 && standard_error >= 0) {
    double centre = mathfn_logit(auc), step = z * standard_error / (auc * (1 - auc));
    *low = mathfn_sigmoid(centre - step);
    *high = mathfn_sigmoid(centre + step);
  }
}

double ranking_logit_z(double auc, double standard_error, double null) {
  if (!(auc > 0 && auc < 1 && standard_error > 0)) {
    return NAN;
  }
  return (mathfn_logit(auc) - mathfn_logit(null)) * auc * (1 - auc) / standard_error;
}

void ranking_mover_limits(double a, double low_a, double high_a, double b, double low_b,
                          double high_b, double correlation, double *low, double *high) {
  double below_a = a - low_a, above_a = high_a - a, below_b = b - low_b, above_b = high_b - b;
  double lower = below_a * below_a + above_b * above_b - 2 * correlation * below_a * above_b;
  double upper = above_a * above_a + below_b * below_b - 2 * correlation * above_a * below_b;
  *low = a - b - sqrt(lower > 0 ? lower : 0);
  *high = a - b + sqrt(upper > 0 ? upper : 0);
  if (isnan(lower) || isnan(upper)) {
    *low = *high = NAN;
  }
}

void ranking_mover_difference(const struct ranking_pair *pair, double z, double *low,
                              double *high) {
  double limits[2][2], se[2] = {sqrt(pair->variance[0]), sqrt(pair->variance[1])};
  for (int k = 0; k < 2; k++) {
    ranking_logit_limits(pair->auc[k], se[k], z, &limits[k][0], &limits[k][1]);
  }
  double correlation = se[0] > 0 && se[1] > 0 ? pair->covariance / (se[0] * se[1]) : 0;
  correlation = correlation > 1 ? 1 : correlation < -1 ? -1 : correlation;
  ranking_mover_limits(pair->auc[0], limits[0][0], limits[0][1], pair->auc[1], limits[1][0],
                       limits[1][1], correlation, low, high);
}

double ranking_mover_z(const struct ranking_pair *pair, double null) {
  double difference = pair->auc[0] - pair->auc[1], low, high, inside = 0, outside = 40;
  ranking_mover_difference(pair, 1, &low, &high);
  if (isnan(low)) {
    return NAN;
  }
  if (difference == null) {
    return 0;
  }
  bool is_above = difference > null;
  for (int step = 0; step < 100; step++) {
    double z = 0.5 * (inside + outside);
    ranking_mover_difference(pair, z, &low, &high);
    bool covers = is_above ? low <= null : high >= null;
    *(covers ? &outside : &inside) = z;
  }
  return is_above ? outside : -outside;
}
