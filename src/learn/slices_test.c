/* Slices: against counting each conjunction by itself, planted slices, threads, more columns than
 * go to depth 3. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"
#include "learn/slices.h"

#define MOST_ROWS 4000
#define MOST_COLUMNS 50

static struct philox_sequence random_state = {.seed = 1, .id = 810};
static double number[MOST_COLUMNS][MOST_ROWS], loss[MOST_ROWS], weight[MOST_ROWS];
static bool in[MOST_ROWS];
static char name[MOST_COLUMNS][8];

static void draw_columns(size_t n_rows, size_t n_columns, size_t n_values, struct bins *bins) {
  struct bins_source sources[MOST_COLUMNS];
  for (size_t c = 0; c < n_columns; c++) {
    for (size_t i = 0; i < n_rows; i++) {
      number[c][i] = floor(philox_next_uniform(&random_state) * (double)n_values);
    }
    snprintf(name[c], sizeof name[c], "x%zu", c);
    sources[c] = (struct bins_source){.name = name[c], .number = number[c]};
  }
  assert_int_equal(bins_make(sources, n_columns, n_rows, bins, NULL), NONET_OK);
}

/* z of the rows that a slice holds, two means by themselves; NaN: not a slice. */
static double brute_z(const struct slices_request *request, const struct slice *slice) {
  double n[2] = {0}, w[2] = {0}, l[2] = {0}, q[2] = {0}, spread = 0;
  for (size_t i = 0; i < request->bins->n_rows; i++) {
    if (request->in[i]) {
      const int side = slices_holds(request->bins, slice, i);
      const double own = request->weight == NULL ? 1 : request->weight[i];
      n[side] += 1, w[side] += own, l[side] += own * request->loss[i], q[side] += own * own;
    }
  }
  const double mean = (l[0] + l[1]) / (w[0] + w[1]);
  for (size_t i = 0; i < request->bins->n_rows; i++) {
    const double own = request->weight == NULL ? 1 : request->weight[i];
    spread += request->in[i] ? own * pow(request->loss[i] - mean, 2) : 0;
  }
  spread /= w[0] + w[1];
  return n[0] < (double)request->least_rows || n[1] < (double)request->least_rows || n[1] > n[0]
             ? NAN
             : (l[1] / w[1] - l[0] / w[0]) /
                   sqrt(spread * (q[0] / w[0] / w[0] + q[1] / w[1] / w[1]));
}

static void brute_deeper(const struct slices_request *request, const struct slice *from,
                         struct slice *best, double *counts) {
  const size_t first = from->n_terms == 0 ? 0 : from->column[from->n_terms - 1] + 1;
  for (size_t c = first; from->n_terms < SLICES_DEPTH && c < request->bins->n_columns; c++) {
    for (size_t k = 0; k < request->bins->column[c].n_bins; k++) {
      struct slice slice = *from;
      slice.column[slice.n_terms] = (uint32_t)c;
      slice.bin[slice.n_terms++] = (uint8_t)k;
      slice.z = brute_z(request, &slice);
      if (!isnan(slice.z)) {
        counts[slice.n_terms - 1]++;
        if (slice.z > best[slice.n_terms - 1].z) {
          best[slice.n_terms - 1] = slice;
        }
      }
      brute_deeper(request, &slice, best, counts);
    }
  }
}

static struct slice brute(const struct slices_request *request) {
  struct slice best[SLICES_DEPTH] = {{0}}, worst = {0}, none = {0};
  double counts[SLICES_DEPTH] = {0};
  brute_deeper(request, &none, best, counts);
  for (size_t d = 0; d < SLICES_DEPTH; d++) {
    best[d].score = best[d].z * best[d].z / 2 - log(counts[d]);
    if (best[d].n_terms > 0 && (worst.n_terms == 0 || best[d].score > worst.score)) {
      worst = best[d];
    }
  }
  return worst;
}

static void test_brute_force(void **state) {
  (void)state;
  size_t n_deep = 0;
  for (int repeat = 0; repeat < 30; repeat++) {
    struct bins bins;
    struct slice found;
    draw_columns(300, 5, 3, &bins);
    for (size_t i = 0; i < 300; i++) {
      const bool bad = repeat % 3 > 0 && number[0][i] == 1 && number[2][i] == 0 &&
                       (repeat % 3 == 1 || number[4][i] == 2);
      loss[i] = philox_next_uniform(&random_state) < (bad ? 0.95 : 0.1);
      loss[i] += repeat >= 20 ? philox_next_uniform(&random_state) : 0;
      weight[i] = floor(1 + 3 * philox_next_uniform(&random_state));
      in[i] = philox_next_uniform(&random_state) < 0.8;
    }
    const struct slices_request request = {.bins = &bins,
                                           .in = in,
                                           .loss = loss,
                                           .weight = repeat % 2 ? weight : NULL,
                                           .least_rows = 5,
                                           .n_threads = 1 + (size_t)repeat % 2};
    const struct slice expected = brute(&request);
    assert_int_equal(slices_worst(&request, &found, NULL), NONET_OK);
    assert_int_equal(found.n_terms, expected.n_terms);
    assert_true(fabs(found.z - expected.z) < 1e-9);
    assert_true(fabs(found.score - expected.score) < 1e-8);
    for (size_t d = 0; d < found.n_terms; d++) {
      assert_int_equal(found.column[d], expected.column[d]);
      assert_int_equal(found.bin[d], expected.bin[d]);
    }
    n_deep += found.n_terms == 3;
    bins_clear(&bins);
  }
  assert_true(n_deep >= 5);
}

/* 50 columns: the planted slice of depth 3 is among the 40 that go there. */
static void test_many_columns(void **state) {
  struct bins bins;
  struct slice found[2];
  struct text words = {0};
  (void)state;
  draw_columns(MOST_ROWS, 50, 4, &bins);
  for (size_t i = 0; i < MOST_ROWS; i++) {
    const bool bad = number[3][i] == 1 && number[45][i] == 0 && number[49][i] == 2;
    loss[i] = philox_next_uniform(&random_state) < (bad ? 0.9 : 0.1);
    in[i] = true;
  }
  struct slices_request request = {
      .bins = &bins, .in = in, .loss = loss, .least_rows = 20, .n_threads = 1};
  assert_int_equal(slices_worst(&request, &found[0], NULL), NONET_OK);
  request.n_threads = 3;
  assert_int_equal(slices_worst(&request, &found[1], NULL), NONET_OK);
  assert_memory_equal(&found[0], &found[1], sizeof found[0]);
  slices_words(&bins, &found[0], &words);
  assert_string_equal(words.data, "x3 = 1 and x45 = 0 and x49 = 2");
  text_clear(&words);
  bins_clear(&bins);
}

static void test_nothing(void **state) {
  struct bins bins;
  struct slice found;
  (void)state;
  draw_columns(100, 2, 1, &bins); /* 5 */
  for (size_t i = 0; i < 100; i++) {
    loss[i] = (double)(i % 2);
    in[i] = true;
  }
  const struct slices_request request = {
      .bins = &bins, .in = in, .loss = loss, .least_rows = 5, .n_threads = 1};
  assert_int_equal(slices_worst(&request, &found, NULL), NONET_OK);
  assert_int_equal(found.n_terms, 0);
  bins_clear(&bins);
  draw_columns(100, 2, 3, &bins);
  memset(loss, 0, sizeof loss); /* 3 */
  assert_int_equal(slices_worst(&request, &found, NULL), NONET_OK);
  assert_int_equal(found.n_terms, 0);
  for (long k = 0;; k++) {
    loss[0] = 1;
    memory_fail_after(k);
    const nonet_status status = slices_worst(&request, &found, NULL);
    memory_fail_after(-1);
    if (status == NONET_OK) {
      break;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
  bins_clear(&bins);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_brute_force),
      cmocka_unit_test(test_many_columns),
      cmocka_unit_test(test_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
