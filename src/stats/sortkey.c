/*
 * Radix sort from the least significant digit, for keys, keys with an index, and records, by one
 * engine.
 *
 * An element is n_words 32-bit words. The digits come from the bits that differ at all (found by
 * one pass of XOR against the first element), cut into digits of at most 11 bits from the least
 * significant word on: constant digits cost nothing, and scores in [0, 1] need three digits of 10
 * bits. Each pass counts digits per chunk, turns counts into places, and scatters; chunks keep
 * their order, so every pass is stable and the result does not depend on how many chunks there
 * were.
 *
 * The scatter gathers a cache line per digit before it writes it past the cache (write combining):
 * 2,048 open places would otherwise miss the TLB on every element and read each line before it is
 * overwritten.
 *
 * Cases: 1 n = 0 or 1; 2 all equal (no pass at all); 3 an odd number of passes (copied back); 4 a
 * target that is not aligned to a line (places are counted from the line's start); 5 first and last
 * lines of a digit that are shared with a neighbour (only own elements are written); 6 records
 * whose size does not divide a line (plain scatter); 7 more than 2^31 elements in a chunk (more
 * chunks).
 */
#include "stats/sortkey.h"

#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define DIGIT_BITS_MAX 11
#define BUCKETS_MAX (1u << DIGIT_BITS_MAX)
#define LINE_BYTES 64
#define WORDS_MAX 64
#define SMALL_SORT 48
/* Below this many elements a second thread costs more than it saves (measured: about 40 µs to
 * start). */
#define PARALLEL_MIN 100000

struct digit {
  unsigned word, shift, bits;
};

struct radix {
  const uint32_t *source;
  uint32_t *target;
  size_t n, n_words, n_chunks;
  struct digit digit;
  size_t *places;    /* [n_chunks][BUCKETS_MAX] */
  uint32_t *lines;   /* [n_chunks][BUCKETS_MAX] cache lines */
  uint32_t *differ;  /* [n_chunks][n_words] */
  bool is_streaming; /* write combining pays */
};

#define INLINE static inline __attribute__((always_inline))

static void chunk_range(const struct radix *radix, size_t chunk, size_t *first, size_t *end) {
  size_t base = radix->n / radix->n_chunks, rest = radix->n % radix->n_chunks;
  *first = chunk * base + (chunk < rest ? chunk : rest);
  *end = *first + base + (chunk < rest ? 1 : 0);
}

static nonet_status differ_body(void *context, size_t chunk, size_t worker, nonet_error *error) {
  (void)worker, (void)error;
  const struct radix *radix = context;
  size_t first, end, n_words = radix->n_words;
  chunk_range(radix, chunk, &first, &end);
  uint32_t *differ = radix->differ + chunk * n_words;
  memset(differ, 0, n_words * sizeof *differ);
  const uint32_t *head = radix->source;
  if (n_words == 1) {
    uint32_t bits[8] = {0}; /* lanes: gcc 12 does not vectorise the plain reduction at -O2 */
    size_t i = first;
    for (; i + 8 <= end; i += 8) {
#pragma GCC unroll 8
      for (size_t k = 0; k < 8; k++) {
        bits[k] |= head[i + k] ^ head[0];
      }
    }
    for (; i < end; i++) {
      bits[0] |= head[i] ^ head[0];
    }
    for (size_t k = 0; k < 8; k++) {
      differ[0] |= bits[k];
    }
    return NONET_OK;
  }
  for (size_t i = first; i < end; i++) {
    for (size_t w = 0; w < n_words; w++) {
      differ[w] |= head[i * n_words + w] ^ head[w];
    }
  }
  return NONET_OK;
}

INLINE void count_digits(const struct radix *radix, size_t chunk, size_t n_words) {
  size_t first, end;
  chunk_range(radix, chunk, &first, &end);
  uint32_t even[BUCKETS_MAX] = {0},
           odd[BUCKETS_MAX] = {0}; /* two tables: equal neighbours do not wait for each other */
  const unsigned shift = radix->digit.shift;
  const uint32_t mask = (1u << radix->digit.bits) - 1;
  const uint32_t *word = radix->source + radix->digit.word;
  size_t i = first;
#pragma GCC unroll 4
  for (; i + 2 <= end; i += 2) {
    even[word[i * n_words] >> shift & mask]++;
    odd[word[(i + 1) * n_words] >> shift & mask]++;
  }
  if (i < end) {
    even[word[i * n_words] >> shift & mask]++;
  }
  size_t *places = radix->places + chunk * BUCKETS_MAX;
  for (uint32_t b = 0; b <= mask; b++) {
    places[b] = (size_t)even[b] + odd[b];
  }
}

INLINE void write_line(uint32_t *target, const uint32_t *line) {
#ifdef __SSE2__
  for (int k = 0; k < 4; k++) {
    _mm_stream_si128((__m128i *)target + k, _mm_load_si128((const __m128i *)line + k));
  }
#else
  memcpy(target, line, LINE_BYTES);
#endif
}

/* Cases 4 and 5: `place` counts elements from the line on which target begins. */
INLINE void scatter_lines(const struct radix *radix, size_t chunk, size_t n_words) {
  enum { LINE_WORDS = LINE_BYTES / 4 };
  const size_t per_line = LINE_WORDS / n_words;
  size_t first, end;
  chunk_range(radix, chunk, &first, &end);
  const unsigned shift = radix->digit.shift;
  const uint32_t mask = (1u << radix->digit.bits) - 1;
  const size_t lead = ((uintptr_t)radix->target % LINE_BYTES) / (4 * n_words);
  uint32_t *base = radix->target - lead * n_words;
  size_t *places = radix->places + chunk * BUCKETS_MAX;
  uint32_t *lines = radix->lines + chunk * BUCKETS_MAX * LINE_WORDS;
  uint32_t
      start[BUCKETS_MAX]; /* first own slot of the open line; 0 once a whole line was written */
  for (uint32_t b = 0; b <= mask; b++) {
    places[b] += lead;
    start[b] = (uint32_t)(places[b] % per_line);
  }
  const uint32_t *source = radix->source;
  const unsigned word = radix->digit.word;
  for (size_t i = first; i < end; i++) {
    const uint32_t *element = source + i * n_words;
    uint32_t b = element[word] >> shift & mask;
    size_t place = places[b]++;
    size_t slot = place % per_line;
    uint32_t *line = lines + (size_t)b * LINE_WORDS;
    memcpy(line + slot * n_words, element, 4 * n_words);
    if (slot == per_line - 1) {
      uint32_t *target = base + (place - slot) * n_words;
      if (start[b] == 0) {
        write_line(target, line);
      } else {
        memcpy(target + start[b] * n_words, line + start[b] * n_words,
               (per_line - start[b]) * 4 * n_words);
        start[b] = 0;
      }
    }
  }
  for (uint32_t b = 0; b <= mask; b++) {
    size_t slot = places[b] % per_line;
    if (slot > start[b]) {
      memcpy(base + (places[b] - slot + start[b]) * n_words,
             lines + (size_t)b * LINE_WORDS + start[b] * n_words, (slot - start[b]) * 4 * n_words);
    }
  }
#ifdef __SSE2__
  _mm_sfence();
#endif
}

INLINE void scatter_plain(const struct radix *radix, size_t chunk, size_t n_words) {
  size_t first, end;
  chunk_range(radix, chunk, &first, &end);
  const unsigned shift = radix->digit.shift;
  const uint32_t mask = (1u << radix->digit.bits) - 1;
  size_t *places = radix->places + chunk * BUCKETS_MAX;
  const uint32_t *source = radix->source;
  for (size_t i = first; i < end; i++) {
    const uint32_t *element = source + i * n_words;
    size_t place = places[element[radix->digit.word] >> shift & mask]++;
    memcpy(radix->target + place * n_words, element, 4 * n_words);
  }
}

static nonet_status count_body(void *context, size_t chunk, size_t worker, nonet_error *error) {
  (void)worker, (void)error;
  const struct radix *radix = context;
  switch (radix->n_words) {
  case 1:
    count_digits(radix, chunk, 1);
    break;
  case 2:
    count_digits(radix, chunk, 2);
    break;
  case 4:
    count_digits(radix, chunk, 4);
    break;
  default:
    count_digits(radix, chunk, radix->n_words);
  }
  return NONET_OK;
}

static nonet_status scatter_body(void *context, size_t chunk, size_t worker, nonet_error *error) {
  (void)worker, (void)error;
  const struct radix *radix = context;
  switch (radix->n_words | (radix->is_streaming ? 256u : 0)) {
  case 1 | 256:
    scatter_lines(radix, chunk, 1);
    break;
  case 2 | 256:
    scatter_lines(radix, chunk, 2);
    break;
  case 4 | 256:
    scatter_lines(radix, chunk, 4);
    break;
  case 1:
    scatter_plain(radix, chunk, 1);
    break;
  case 2:
    scatter_plain(radix, chunk, 2);
    break;
  case 3:
    scatter_plain(radix, chunk, 3);
    break;
  case 4:
    scatter_plain(radix, chunk, 4);
    break;
  case 5:
    scatter_plain(radix, chunk, 5);
    break;
  case 6:
    scatter_plain(radix, chunk, 6);
    break;
  default: /* 6 */
    scatter_plain(radix, chunk, radix->n_words);
  }
  return NONET_OK;
}

/* Counts of (chunk, digit) to first places: digit by digit, chunks in order within each. */
static void counts_to_places(struct radix *radix) {
  size_t place = 0;
  for (uint32_t b = 0; b < 1u << radix->digit.bits; b++) {
    for (size_t chunk = 0; chunk < radix->n_chunks; chunk++) {
      size_t count = radix->places[chunk * BUCKETS_MAX + b];
      radix->places[chunk * BUCKETS_MAX + b] = place;
      place += count;
    }
  }
}

/* The digits of the differing bits, least significant first; `order` lists words from the least
 * significant on. */
static size_t plan_digits(const struct radix *radix, const unsigned *order, size_t n_order,
                          struct digit *digits) {
  size_t n_digits = 0;
  for (size_t k = 0; k < n_order; k++) {
    uint32_t bits = 0;
    for (size_t chunk = 0; chunk < radix->n_chunks; chunk++) {
      bits |= radix->differ[chunk * radix->n_words + order[k]];
    }
    if (bits == 0) {
      continue;
    }
    unsigned low = (unsigned)__builtin_ctz(bits), width = 32 - (unsigned)__builtin_clz(bits) - low;
    unsigned n_parts = (width + DIGIT_BITS_MAX - 1) / DIGIT_BITS_MAX;
    for (unsigned part = 0; part < n_parts; part++) {
      unsigned from = low + width * part / n_parts, to = low + width * (part + 1) / n_parts;
      digits[n_digits++] = (struct digit){order[k], from, to - from};
    }
  }
  return n_digits;
}

static int compare_words(const uint32_t *a, const uint32_t *b, const unsigned *order,
                         size_t n_order) {
  for (size_t k = n_order; k-- > 0;) {
    if (a[order[k]] != b[order[k]]) {
      return a[order[k]] < b[order[k]] ? -1 : 1;
    }
  }
  return 0;
}

static void insertion_sort(uint32_t *elements, size_t n, size_t n_words, const unsigned *order,
                           size_t n_order) {
  uint32_t held[WORDS_MAX];
  for (size_t i = 1; i < n; i++) {
    memcpy(held, elements + i * n_words, 4 * n_words);
    size_t j = i;
    for (; j > 0 && compare_words(held, elements + (j - 1) * n_words, order, n_order) < 0; j--) {
      memcpy(elements + j * n_words, elements + (j - 1) * n_words, 4 * n_words);
    }
    memcpy(elements + j * n_words, held, 4 * n_words);
  }
}

static nonet_status radix_passes(struct radix *radix, uint32_t *elements, uint32_t *scratch,
                                 const unsigned *order, size_t n_order, size_t n_threads,
                                 nonet_error *error) {
  struct digit digits[WORDS_MAX * 3];
  nonet_status status = parallel_for(n_threads, radix->n_chunks, differ_body, radix, error);
  size_t n_digits = plan_digits(radix, order, n_order, digits);
  for (size_t d = 0; d < n_digits && status == NONET_OK; d++) {
    radix->digit = digits[d];
    status = parallel_for(n_threads, radix->n_chunks, count_body, radix, error);
    if (status != NONET_OK) {
      break;
    }
    counts_to_places(radix);
    status = parallel_for(n_threads, radix->n_chunks, scatter_body, radix, error);
    uint32_t *done = radix->target;
    radix->target = (uint32_t *)(uintptr_t)radix->source;
    radix->source = done;
  }
  if (status == NONET_OK && radix->source == scratch) { /* 3 */
    memcpy(elements, scratch, radix->n * radix->n_words * 4);
  }
  return status;
}

/* scratch may be NULL: allocated here. */
static nonet_status radix_sort(uint32_t *elements, uint32_t *scratch, size_t n, size_t n_words,
                               const unsigned *order, size_t n_order, size_t n_threads,
                               nonet_error *error) {
  if (n <= SMALL_SORT) { /* 1 */
    insertion_sort(elements, n, n_words, order, n_order);
    return NONET_OK;
  }
  struct radix radix = {.source = elements, .n = n, .n_words = n_words};
  radix.n_chunks = n < PARALLEL_MIN || n_threads == 0 ? 1 : n_threads;
  size_t n_least = (n >> 31) + 1; /* 7 */
  radix.n_chunks = radix.n_chunks < n_least ? n_least : radix.n_chunks;
  radix.is_streaming = n * n_words >= 1u << 18 && (n_words == 1 || n_words == 2 || n_words == 4);
  nonet_status status = NONET_OK;
  uint32_t *own = scratch == NULL ? memory_new(n, 4 * n_words) : NULL;
  radix.places = memory_new(radix.n_chunks * BUCKETS_MAX, sizeof *radix.places);
  radix.lines = radix.is_streaming ? memory_new(radix.n_chunks * BUCKETS_MAX, LINE_BYTES) : NULL;
  radix.differ = memory_new(radix.n_chunks, 4 * n_words);
  radix.target = scratch == NULL ? own : scratch;
  /* Case 4 needs elements that lie on multiples of their own size. */
  radix.is_streaming = radix.is_streaming && (uintptr_t)elements % (4 * n_words) == 0 &&
                       (uintptr_t)radix.target % (4 * n_words) == 0;
  if (radix.target == NULL || radix.places == NULL || (radix.is_streaming && radix.lines == NULL) ||
      radix.differ == NULL) {
    status = error_memory(error, n * n_words * 4, "sorting");
    goto done;
  }
  status = radix_passes(&radix, elements, radix.target, order, n_order, n_threads, error);
done:
  memory_free(own);
  memory_free(radix.places);
  memory_free(radix.lines);
  memory_free(radix.differ);
  return status;
}

static const unsigned order_one[] = {0}, order_two[] = {0, 1}, order_high[] = {1};

nonet_status sortkey_sort_u32(uint32_t *keys, size_t n, size_t n_threads, nonet_error *error) {
  return radix_sort(keys, NULL, n, 1, order_one, 1, n_threads, error);
}

nonet_status sortkey_sort_u32_with(uint32_t *keys, uint32_t *scratch, size_t n, size_t n_threads,
                                   nonet_error *error) {
  return radix_sort(keys, scratch, n, 1, order_one, 1, n_threads, error);
}

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the word order of 64-bit keys below is that of little-endian machines"
#endif

nonet_status sortkey_sort_u64(uint64_t *keys, size_t n, size_t n_threads, nonet_error *error) {
  return radix_sort((uint32_t *)keys, NULL, n, 2, order_two, 2, n_threads, error);
}

nonet_status sortkey_argsort_u32(uint32_t *keys, uint32_t *index, size_t n, size_t n_threads,
                                 nonet_error *error) {
  uint32_t *pairs = memory_new(n + 1, 8);
  if (pairs == NULL) {
    return error_memory(error, n * 8, "sorting with an index");
  }
  for (size_t i = 0; i < n; i++) {
    pairs[2 * i] = index[i];
    pairs[2 * i + 1] = keys[i];
  }
  nonet_status status = radix_sort(pairs, NULL, n, 2, order_high, 1, n_threads, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    index[i] = pairs[2 * i];
    keys[i] = pairs[2 * i + 1];
  }
  memory_free(pairs);
  return status;
}

nonet_status sortkey_argsort_u64(uint64_t *keys, uint32_t *index, size_t n, size_t n_threads,
                                 nonet_error *error) {
  uint32_t *triples = memory_new(n + 1, 16);
  if (triples == NULL) {
    return error_memory(error, n * 16, "sorting with an index");
  }
  for (size_t i = 0; i < n; i++) {
    memcpy(triples + 4 * i, keys + i, 8);
    triples[4 * i + 2] = index[i];
    triples[4 * i + 3] = 0;
  }
  nonet_status status = radix_sort(triples, NULL, n, 4, order_two, 2, n_threads, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    memcpy(keys + i, triples + 4 * i, 8);
    index[i] = triples[4 * i + 2];
  }
  memory_free(triples);
  return status;
}

nonet_status sortkey_argsort_u64_u64(uint64_t *keys, uint64_t *index, size_t n, size_t n_threads,
                                     nonet_error *error) {
  uint64_t *pairs = memory_new(n + 1, 16);
  if (pairs == NULL) {
    return error_memory(error, n * 16, "sorting with an index");
  }
  for (size_t i = 0; i < n; i++) {
    pairs[2 * i] = keys[i];
    pairs[2 * i + 1] = index[i];
  }
  nonet_status status = radix_sort((uint32_t *)pairs, NULL, n, 4, order_two, 2, n_threads, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    keys[i] = pairs[2 * i];
    index[i] = pairs[2 * i + 1];
  }
  memory_free(pairs);
  return status;
}

nonet_status sortkey_sort_records(uint32_t *records, size_t n, size_t n_words, size_t n_threads,
                                  nonet_error *error) {
  unsigned order[WORDS_MAX];
  if (n_words == 0 || n_words > WORDS_MAX) {
    return error_set(error, NONET_E_INTERNAL, "records to sort have %zu words, expected 1 to %d",
                     n_words, WORDS_MAX);
  }
  for (size_t w = 0; w < n_words; w++) {
    order[w] = (unsigned)(n_words - 1 - w);
  }
  return radix_sort(records, NULL, n, n_words, order, n_words, n_threads, error);
}

#define DEFINE_ORDERED(type, suffix)                                                               \
  void sortkey_merge_##suffix(const type *a, size_t n_a, const type *b, size_t n_b, type *out) {   \
    size_t i = 0, j = 0;                                                                           \
    while (i < n_a && j < n_b) {                                                                   \
      bool is_b = b[j] < a[i];                                                                     \
      *out++ = is_b ? b[j] : a[i];                                                                 \
      i += !is_b;                                                                                  \
      j += is_b;                                                                                   \
    }                                                                                              \
    if (i < n_a) {                                                                                 \
      memcpy(out, a + i, (n_a - i) * sizeof *out);                                                 \
    } else if (j < n_b) {                                                                          \
      memcpy(out, b + j, (n_b - j) * sizeof *out);                                                 \
    }                                                                                              \
  }                                                                                                \
  size_t sortkey_lower_##suffix(const type *keys, size_t n, type wanted) {                         \
    size_t low = 0, high = n;                                                                      \
    while (low < high) {                                                                           \
      size_t middle = low + (high - low) / 2;                                                      \
      if (keys[middle] < wanted) {                                                                 \
        low = middle + 1;                                                                          \
      } else {                                                                                     \
        high = middle;                                                                             \
      }                                                                                            \
    }                                                                                              \
    return low;                                                                                    \
  }                                                                                                \
  size_t sortkey_upper_##suffix(const type *keys, size_t n, type wanted) {                         \
    size_t low = 0, high = n;                                                                      \
    while (low < high) {                                                                           \
      size_t middle = low + (high - low) / 2;                                                      \
      if (keys[middle] <= wanted) {                                                                \
        low = middle + 1;                                                                          \
      } else {                                                                                     \
        high = middle;                                                                             \
      }                                                                                            \
    }                                                                                              \
    return low;                                                                                    \
  }

DEFINE_ORDERED(uint32_t, u32)
DEFINE_ORDERED(uint64_t, u64)
