/* The scan: a step against all subsets of a column, the whole against all subsets of three columns,
 * planted subsets, threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"
#include "learn/subsetscan.h"

#define ROWS 600

static struct philox_sequence random_state = {.seed = 1, .id = 820};
static double number[3][ROWS], expected[ROWS], residual[ROWS], weight[ROWS];
static bool in[ROWS], outcome[ROWS];

static void draw_columns(size_t n_columns, size_t n_values, struct bins *bins) {
  static const char *const names[] = {"a", "b", "c"};
  struct bins_source sources[3];
  for (size_t c = 0; c < n_columns; c++) {
    for (size_t i = 0; i < ROWS; i++) {
      number[c][i] = floor(philox_next_uniform(&random_state) * (double)n_values);
    }
    sources[c] = (struct bins_source){.name = names[c], .number = number[c]};
  }
  assert_int_equal(bins_make(sources, n_columns, ROWS, bins, NULL), NONET_OK);
}

/* The root of the (weighted) mean square of the residuals searched. */
static double sigma_of(const struct subsetscan_request *request) {
  double square = 0, all = 0;
  for (size_t i = 0; i < ROWS; i++) {
    if (request->in[i]) {
      const double w = request->weight == NULL ? 1 : request->weight[i];
      square += w * request->residual[i] * request->residual[i];
      all += w;
    }
  }
  return sqrt(square / all);
}

/* max over θ in (0, 10] of the log-likelihood ratio, by golden section on rows. */
static double ratio_at(const struct subsetscan_request *request, const struct subset *subset,
                       double theta) {
  double sum = 0;
  const double sigma = request->residual == NULL ? 0 : sigma_of(request);
  for (size_t i = 0; i < ROWS; i++) {
    if (request->in[i] && subsetscan_holds(request->bins, subset, i)) {
      const double w = request->weight == NULL ? 1 : request->weight[i];
      const bool y = request->outcome[i] != request->is_fewer;
      const double p = request->is_fewer ? 1 - request->expected[i] : request->expected[i];
      if (request->residual != NULL) {
        const double r = request->is_fewer ? -request->residual[i] : request->residual[i];
        sum += w * (theta * r / sigma - theta * theta / 2);
        continue;
      }
      sum += w * ((y ? theta : 0) - log(1 - p + exp(theta) * p));
    }
  }
  return sum;
}

static double brute_ratio(const struct subsetscan_request *request, const struct subset *subset) {
  double low = 0, high = 10;
  for (int k = 0; k < 60; k++) {
    const double a = low + (high - low) / 3, b = high - (high - low) / 3;
    if (ratio_at(request, subset, a) < ratio_at(request, subset, b)) {
      low = a;
    } else {
      high = b;
    }
  }
  return fmax(ratio_at(request, subset, (low + high) / 2), 0);
}

/* The best score of all subsets of the columns from `column` on. */
static double brute(const struct subsetscan_request *request, struct subset subset, size_t column) {
  if (column == request->bins->n_columns) {
    return brute_ratio(request, &subset) - SUBSETSCAN_PRICE * (double)subset.n_columns;
  }
  const unsigned all = (1u << request->bins->column[column].n_bins) - 1;
  double best = brute(request, subset, column + 1);
  for (unsigned mask = 1; mask < all; mask++) {
    struct subset more = subset;
    more.column[more.n_columns] = (uint32_t)column;
    more.bins[more.n_columns++] = (uint16_t)mask;
    best = fmax(best, brute(request, more, column + 1));
  }
  return best;
}

static void draw_rows(double odds, int repeat) {
  for (size_t i = 0; i < ROWS; i++) {
    const bool is_off = number[0][i] == 1 && repeat % 3 > 0;
    const double p = 0.1 + 0.2 * floor(4 * philox_next_uniform(&random_state));
    const double q = is_off ? odds : 1;
    expected[i] = p;
    residual[i] = 7 * (2 * philox_next_uniform(&random_state) - 1 + (is_off ? log(odds) / 3 : 0));
    outcome[i] = philox_next_uniform(&random_state) < q * p / (1 - p + q * p);
    weight[i] = floor(1 + 3 * philox_next_uniform(&random_state));
    in[i] = philox_next_uniform(&random_state) < 0.9;
  }
}

static void check_against_brute(size_t n_columns, size_t n_values, int n_repeats, bool is_number) {
  size_t n_found = 0;
  for (int repeat = 0; repeat < n_repeats; repeat++) {
    struct bins bins;
    struct subset found;
    draw_columns(n_columns, n_values, &bins);
    draw_rows(repeat % 2 ? 3 : 1.0 / 3, repeat);
    const struct subsetscan_request request = {.bins = &bins,
                                               .in = in,
                                               .outcome = outcome,
                                               .expected = expected,
                                               .residual = is_number ? residual : NULL,
                                               .weight = repeat % 4 < 2 ? weight : NULL,
                                               .is_fewer = repeat % 2 == 0,
                                               .n_restarts = 20,
                                               .seed = 1,
                                               .n_threads = 1 + (size_t)repeat % 3};
    const double best = brute(&request, (struct subset){0}, 0);
    assert_int_equal(subsetscan_find(&request, &found, NULL), NONET_OK);
    if (found.is_found) {
      n_found++;
      assert_true(fabs(found.score - best) < 1e-6);
      assert_true(fabs(brute_ratio(&request, &found) - found.ratio) < 1e-6);
    } else {
      assert_true(best < 1e-6);
    }
    bins_clear(&bins);
  }
  assert_true(n_found >= (size_t)n_repeats / 2);
}

static void test_step(void **state) {
  (void)state;
  check_against_brute(1, 5, 12, false);
  check_against_brute(1, 5, 12, true);
}

static void test_whole(void **state) {
  (void)state;
  check_against_brute(2, 3, 12, false);
  check_against_brute(2, 3, 12, true);
  check_against_brute(3, 2, 12, false);
  check_against_brute(3, 2, 12, true);
}

static void test_words(void **state) {
  struct bins bins;
  struct text words = {0};
  (void)state;
  draw_columns(2, 3, &bins);
  const struct subset both = {.n_columns = 2, .column = {0, 1}, .bins = {5, 2}}, none = {0};
  subsetscan_words(&bins, &both, &words);
  assert_string_equal(words.data, "a not 1 and b = 1");
  words.length = 0;
  subsetscan_words(&bins, &none, &words);
  assert_string_equal(words.data, "all rows");
  text_clear(&words);
  bins_clear(&bins);
}

static void test_memory(void **state) {
  struct bins bins;
  struct subset found;
  (void)state;
  draw_columns(2, 3, &bins);
  draw_rows(3, 1);
  const struct subsetscan_request request = {.bins = &bins,
                                             .in = in,
                                             .outcome = outcome,
                                             .expected = expected,
                                             .least_rows = 10,
                                             .n_restarts = 3,
                                             .seed = 1,
                                             .n_threads = 1};
  for (long k = 0;; k++) {
    memory_fail_after(k);
    const nonet_status status = subsetscan_find(&request, &found, NULL);
    memory_fail_after(-1);
    if (status == NONET_OK) {
      assert_true(found.is_found);
      break;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
  bins_clear(&bins);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_step),
      cmocka_unit_test(test_whole),
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
