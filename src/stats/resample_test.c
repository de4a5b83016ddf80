/* Weights against philox_row and the Poisson law, kernels against each other and brute force,
   tables against the multinomial's moments, limits against Efron's published intervals. */
#include "stats/resample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stats/distribution.h"
#include "stats/ranking.h"
#include "stats/sortkey.h"

static void near(double got, double wanted, double tolerance) {
  if (!(fabs(got - wanted) <= tolerance)) {
    fail_msg("got %.17g, wanted %.17g", got, wanted);
  }
}

/* The definition: count thresholds of the CDF below the word of philox_row. */
static void test_definition(void **state) {
  (void)state;
  for (uint64_t r = 0; r < 4000; r++) {
    struct philox_block block = philox_row(11, PHILOX_BOOTSTRAP, 0x123456789ABCDEFull, r / 4);
    double u = ((double)block.word[r % 4] + 0.5) * 0x1p-32;
    uint64_t weight, wanted = 0;
    while (u > distribution_poisson_cdf((double)wanted, 1)) {
      wanted++;
    }
    assert_int_equal(
        resample_poisson_one(11, PHILOX_BOOTSTRAP, 0x123456789ABCDEFull, 1, r, &weight, NULL),
        NONET_OK);
    assert_int_equal(weight, wanted);
  }
}

enum { n_rows = 83, n_replicates = 64 };
static uint64_t keys[n_rows], counts[n_rows], group[n_rows];
static uint8_t labels[n_rows];

static void make_rows(void) {
  static const uint64_t some[] = {1, 1, 1, 2, 3, 7, 40, 1000, 70000, 200001, 0, 12};
  for (size_t i = 0; i < n_rows; i++) {
    keys[i] = (i + 1) * 0x9E3779B97F4A7C15ull;
    counts[i] = some[i % 12];
    labels[i] = i % 3 == 1;
    group[i] = i < 40 ? i : 40 + i / 3;
  }
}

static void test_blocks(void **state) {
  (void)state;
  make_rows();
  static uint32_t block[n_rows * n_replicates], other[n_rows * n_replicates];
  for (int kind = 0; kind < 3; kind++) {
    struct resample_rows rows = {5,         kind == 2 ? PHILOX_CLUSTER : PHILOX_BOOTSTRAP,
                                 keys,      kind > 0 ? counts : NULL,
                                 kind == 2, n_rows};
    for (int limit = 0; limit <= 2; limit++) {
      resample_kernel_limit(limit);
      assert_int_equal(
          resample_poisson_block(&rows, 8, n_replicates, limit == 0 ? block : other, NULL),
          NONET_OK);
      assert_true(limit == 0 || memcmp(block, other, sizeof block) == 0);
    }
    for (size_t i = 0; i < n_rows; i++) {
      for (size_t r = 0; r < n_replicates; r++) {
        uint64_t one, count = kind > 0 ? counts[i] : 1;
        assert_int_equal(
            resample_poisson_one(5, rows.stream, keys[i], kind == 2 ? 1 : count, r + 8, &one, NULL),
            NONET_OK);
        assert_int_equal(block[r * n_rows + i], kind == 2 ? one * count : one);
      }
    }
  }
}

/* Chi-square of frequencies, mean and variance for several means. */
static void test_law(void **state) {
  (void)state;
  const uint64_t means[] = {1, 3, 8, 100, 65536, 200001};
  enum { draws = 4000 };
  for (size_t m = 0; m < 6; m++) {
    double sum = 0, squares = 0, mean = (double)means[m];
    uint64_t key[1] = {77 + m};
    struct resample_rows rows = {3, PHILOX_BOOTSTRAP, key, &means[m], false, 1};
    static uint32_t out[draws];
    assert_int_equal(resample_poisson_block(&rows, 0, draws, out, NULL), NONET_OK);
    for (size_t r = 0; r < draws; r++) {
      double d = out[r] - mean;
      sum += d;
      squares += d * d;
    }
    near(sum / sqrt(mean * draws), 0, 4);
    near((squares / mean / draws - 1) / sqrt((2 + 1 / mean) / draws), 0, 4);
  }
}

static void brute_auc(const struct resample_rows *rows, size_t replicate, double *auc) {
  uint64_t weight[n_rows];
  long double won = 0, positives = 0, negatives = 0;
  for (size_t i = 0; i < n_rows; i++) {
    uint64_t count = rows->count != NULL ? rows->count[i] : 1;
    assert_int_equal(resample_poisson_one(rows->seed, rows->stream, keys[i],
                                          rows->is_cluster ? 1 : count, replicate, &weight[i],
                                          NULL),
                     NONET_OK);
    weight[i] *= rows->is_cluster ? count : 1;
    *(labels[i] ? &positives : &negatives) += weight[i];
  }
  for (size_t i = 0; i < n_rows; i++) {
    for (size_t j = 0; j < n_rows; j++) {
      if (labels[i] && !labels[j]) {
        won += (long double)weight[i] * weight[j] *
               (group[i] > group[j]    ? 1
                : group[i] == group[j] ? 0.5L
                                       : 0);
      }
    }
  }
  *auc = (double)(won / (positives * negatives));
}

/* Σ over scores, the highest first, of the positives that enter times the precision then. */
static double brute_precision(const struct resample_rows *rows, const uint8_t *closes,
                              size_t replicate) {
  double sum = 0, positives = 0, entered = 0, won = 0;
  for (size_t i = 0; i < rows->n; i++) {
    uint64_t count = rows->count != NULL ? rows->count[i] : 1, weight;
    assert_int_equal(resample_poisson_one(rows->seed, rows->stream, rows->keys[i],
                                          rows->is_cluster ? 1 : count, replicate, &weight, NULL),
                     NONET_OK);
    weight *= rows->is_cluster ? count : 1;
    entered += (double)weight;
    won += labels[i] ? (double)weight : 0;
    if (closes[i]) {
      positives += won;
      sum += entered > 0 ? won * (positives / entered) : 0;
      won = 0;
    }
  }
  return positives > 0 && entered > positives ? sum / positives : NAN;
}

static void test_average_precision(void **state) {
  (void)state;
  make_rows();
  double value[3][51];
  uint8_t closes[n_rows];
  for (size_t i = 0; i < n_rows; i++) {
    closes[i] = i + 1 == n_rows || group[i + 1] != group[i];
  }
  for (int kind = 0; kind < 4; kind++) { /* the last: too few rows for both classes every time */
    struct resample_rows rows = {
        5, PHILOX_BOOTSTRAP, keys, kind % 3 > 0 ? counts : NULL, kind == 2, kind == 3 ? 3 : n_rows};
    size_t n_missing = 0;
    for (int limit = 0; limit <= 2; limit++) {
      resample_kernel_limit(limit);
      assert_int_equal(resample_average_precision(&rows, closes, labels, 51,
                                                  limit == 1 ? 7 : (size_t)limit, value[limit],
                                                  NULL),
                       NONET_OK);
      assert_memory_equal(value[0], value[limit], sizeof value[0]);
    }
    for (size_t r = 0; r < 51; r++) {
      const double wanted = brute_precision(&rows, closes, r);
      n_missing += isnan(wanted);
      assert_true(value[0][r] == wanted || (isnan(value[0][r]) && isnan(wanted)));
    }
    assert_int_equal(n_missing > 0, kind == 3);
  }
}

static void test_curve_limits(void **state) {
  (void)state;
  const uint64_t key[1] = {1}, count[2] = {(1u << 27), (1u << 30) - 1};
  const uint8_t one[1] = {1};
  double value[1];
  nonet_error error = {""};
  struct resample_rows rows = {5, PHILOX_BOOTSTRAP, key, count, true, 1};
  assert_false(resample_fits_curve(&rows));
  assert_int_equal(resample_average_precision(&rows, one, one, 1, 1, value, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "too many rows"));
  rows.is_cluster = false;
  rows.count = &count[1];
  assert_true(resample_fits_curve(&rows));
}

static void test_auc(void **state) {
  (void)state;
  make_rows();
  double auc[3][51];
  for (int kind = 0; kind < 3; kind++) {
    struct resample_rows rows = {5,     PHILOX_BOOTSTRAP, keys, kind > 0 ? counts : NULL, kind == 2,
                                 n_rows};
    for (int limit = 0; limit <= 2; limit++) {
      resample_kernel_limit(limit);
      assert_int_equal(
          resample_auc(&rows, group, labels, 51, limit == 1 ? 7 : (size_t)limit, auc[limit], NULL),
          NONET_OK);
      assert_memory_equal(auc[0], auc[limit], sizeof auc[0]);
    }
    for (size_t r = 0; r < 51; r++) {
      double wanted;
      brute_auc(&rows, r, &wanted);
      near(auc[0][r], wanted, 1e-14);
    }
  }
}

static void mean_statistic(void *context, size_t worker, const uint32_t *weights, double *out) {
  (void)worker;
  static const double x[] = {10, 12, 12.5, 12.5, 13.9, 15,  21,  22,
                             23, 34, 50,   81,   89,   121, 134, 213};
  double sum = 0, total = 0;
  for (size_t i = 0; i < 16; i++) {
    sum += weights[i] * x[i];
    total += weights[i];
  }
  *(double *)out = sum / total;
  atomic_store((atomic_int *)context, 1);
}

/* Percentile 28.86–84.21 and BCa 32.31–91.43 are published for this sample's mean (themselves from
 * simulation). */
static void test_limits(void **state) {
  (void)state;
  enum { b = 20002 };
  static double replicates[b], again[b];
  uint64_t row_keys[16];
  for (size_t i = 0; i < 16; i++) {
    row_keys[i] = i * 1000003;
  }
  atomic_int called = 0;
  struct resample_rows rows = {1, PHILOX_BOOTSTRAP, row_keys, NULL, false, 16};
  assert_int_equal(resample_run(&rows, mean_statistic, &called, 1, b, 1, NULL, replicates, NULL),
                   NONET_OK);
  for (size_t t = 2; t <= 7; t += 5) {
    assert_int_equal(resample_run(&rows, mean_statistic, &called, 1, b, t, NULL, again, NULL),
                     NONET_OK);
    assert_memory_equal(replicates, again, sizeof again);
  }
  struct resample_sample sample;
  assert_int_equal(resample_sample_init(replicates, b, 1, 0, &sample, NULL), NONET_OK);
  double low, high, x[16], estimate = 864.9 / 16;
  static const double data[] = {10, 12, 12.5, 12.5, 13.9, 15,  21,  22,
                                23, 34, 50,   81,   89,   121, 134, 213};
  resample_percentile(&sample, 0.95, &low, &high);
  near(low, 28.86, 2);
  near(high, 84.21, 2);
  for (size_t i = 0; i < 16; i++) {
    x[i] = data[i] - estimate;
  }
  resample_bca(&sample, estimate, resample_acceleration(x, NULL, 16), 0.95, &low, &high);
  near(low, 32.31, 2);
  near(high, 91.43, 3);
  near(resample_percentile_p(&sample, -1), 1.0 / (b + 1), 1e-15);
  resample_bca(&sample, -5, 0, 0.95, &low, &high);
  assert_true(isnan(low));
  for (size_t r = 0; r < b; r += 90) { /* more than 1 % missing */
    replicates[r] = NAN;
  }
  resample_sample_clear(&sample);
  assert_int_equal(resample_sample_init(replicates, b, 1, 0, &sample, NULL), NONET_OK);
  resample_percentile(&sample, 0.95, &low, &high);
  assert_true(isnan(low) && sample.n_missing > b / 100);
  resample_sample_clear(&sample);
  const double five[] = {1, 2, 3, 4, 10};
  near(resample_quantile(five, 5, 0.9), 7.6, 1e-15); /* R: quantile(c(1,2,3,4,10), .9) */
  near(resample_p_value(4, 99), 0.05, 1e-15);
  assert_true(resample_is_undecided(50, 1000, 0.05) && !resample_is_undecided(1, 1000, 0.05));
}

static void test_multinomial(void **state) {
  (void)state;
  const uint64_t table[] = {5, 0, 795, 12, 200, 3988};
  enum { b = 4000, cells = 6 };
  static uint64_t out[b * cells], again[b * cells];
  assert_int_equal(resample_multinomial(9, 4, table, cells, b, 1, out, NULL), NONET_OK);
  assert_int_equal(resample_multinomial(9, 4, table, cells, b, 7, again, NULL), NONET_OK);
  assert_memory_equal(out, again, sizeof out);
  for (size_t i = 0; i < cells; i++) {
    double p = (double)table[i] / 5000, mean = 5000 * p, variance = mean * (1 - p), sum = 0,
           squares = 0, cross = 0;
    for (size_t r = 0; r < b; r++) {
      double d = (double)out[r * cells + i] - mean;
      sum += d;
      squares += d * d;
      cross += d * ((double)out[r * cells + 2] - 795);
    }
    if (table[i] == 0) {
      assert_true(squares == 0);
      continue;
    }
    near(sum / sqrt(variance * b), 0, 4);
    near((squares / variance / b - 1) / sqrt((2 + 1 / variance) / b), 0, 4);
    double covariance = i == 2 ? variance : -795.0 * p;
    near((cross / b - covariance) / sqrt(2 * variance * 795 * 0.841 / b), 0, 4);
  }
  for (size_t r = 0; r < b; r++) {
    uint64_t total = 0;
    for (size_t i = 0; i < cells; i++) {
      total += out[r * cells + i];
    }
    assert_int_equal(total, 5000);
  }
}

/* Both samplers against the exact law, by a chi-square over cells of expectation >= 20. */
static void test_binomial_law(void **state) {
  (void)state;
  const struct {
    uint64_t n;
    double p;
  } laws[] = {{20, 0.3}, {60, 0.5}, {1000, 0.02}, {300, 0.9}, {40, 0.05}};
  enum { draws = 40000 };
  for (size_t l = 0; l < 5; l++) {
    struct resample_draws state_of_draws = {21, l, 0, {{0}}, 0, PHILOX_SIMULATE};
    static uint64_t seen[1001];
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < draws; i++) {
      seen[resample_binomial(&state_of_draws, laws[l].n, laws[l].p)]++;
    }
    double chi = 0, expected = 0, observed = 0;
    size_t cells = 0;
    for (uint64_t k = 0; k <= laws[l].n; k++) {
      expected += draws * distribution_binomial_pmf((double)k, (double)laws[l].n, laws[l].p);
      observed += (double)seen[k];
      if (expected >= 20) {
        chi += (observed - expected) * (observed - expected) / expected;
        cells++;
        expected = observed = 0;
      }
    }
    assert_true(distribution_chi_square_sf(chi, (double)cells - 1) > 1e-4);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_definition),
                                     cmocka_unit_test(test_blocks),
                                     cmocka_unit_test(test_law),
                                     cmocka_unit_test(test_auc),
                                     cmocka_unit_test(test_average_precision),
                                     cmocka_unit_test(test_curve_limits),
                                     cmocka_unit_test(test_limits),
                                     cmocka_unit_test(test_multinomial),
                                     cmocka_unit_test(test_binomial_law)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
