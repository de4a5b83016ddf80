/*
 * Replicates of curves by every way there is: the kernel, whole weights in the order of scores, and
 * doubles give the same bits, for rows, counted rows, clusters and pairs.
 */
#include "measure/correctness/rank_steps.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

enum { N = 500, B = 60, N_SPECS = 8 };

static uint64_t keys[N], cluster[N], count[N];
static uint32_t label[N];
static double score[N_STREAMS][N], ones[N];
static const struct rank_spec specs[N_SPECS] = {{RANK_AUC_PARTIAL, 0.2, false},
                                                {RANK_AVERAGE_PRECISION, 0, false},
                                                {RANK_RECALL_AT_PRECISION, 0.7, false},
                                                {RANK_PRECISION_AT_RECALL, 0.3, false},
                                                {RANK_TPR_AT_FPR, 0.1, false},
                                                {RANK_F1_BEST, 0, false},
                                                {RANK_LIFT_AT, 0.1, false},
                                                {RANK_GAIN, 0.2, false}};

static double uniform(uint64_t key, uint32_t k) {
  const struct philox_block block = philox_row(5, PHILOX_SAMPLE, key, k);
  return ((double)block.word[0] + 0.5) / 4294967296.0;
}

static int setup(void **state) {
  (void)state;
  for (size_t i = 0; i < N; i++) {
    keys[i] = i * 0x9E3779B97F4A7C15ull + 1;
    cluster[i] = keys[i / 3];
    count[i] = 1 + i % 4;
    label[i] = uniform(i, 0) < 0.3;
    score[0][i] = floor(60 * (0.5 * uniform(i, 1) + 0.5 * label[i])) / 60; /* ties */
    score[1][i] = uniform(i, 2) + 0.4 * label[i];
    ones[i] = 1;
  }
  return 0;
}

/* kind 0: rows, 1: counted rows, 2: clusters. */
static struct resample_rows rows_of(int kind) {
  return (struct resample_rows){.seed = 9,
                                .stream = kind == 2 ? PHILOX_CLUSTER : PHILOX_BOOTSTRAP,
                                .keys = kind == 2 ? cluster : keys,
                                .count = kind > 0 ? count : NULL,
                                .is_cluster = kind == 2,
                                .n = N};
}

static void draw(const struct rank_spec *spec, size_t n_specs, int kind, bool is_pair,
                 const double *weight, size_t n_threads, double *out) {
  const struct row_set set = {.n = N, .label = label, .score = {score[0], score[1]}, .n_scores = 1};
  const struct resample_rows rows = rows_of(kind);
  struct rank_draw of = {.spec = spec, .n_specs = n_specs, .is_pair = is_pair, .weight = weight};
  for (int s = 0; s < (is_pair ? 2 : 1); s++) {
    assert_int_equal(rank_order_rows(&set, s, 1, &of.order[s], NULL), NONET_OK);
  }
  assert_int_equal(rank_steps_draw_rows(&of, &rows, B, n_threads, out, NULL), NONET_OK);
  rank_order_clear(&of.order[0]);
  rank_order_clear(&of.order[1]);
}

/* Weights of 1 go by doubles, no weights by whole numbers; average precision alone by its kernel.
 */
static void test_ways_agree(void **state) {
  (void)state;
  double by_doubles[B * N_SPECS], whole[B * N_SPECS], alone[B];
  for (int kind = 0; kind < 3; kind++) {
    for (int pair = 0; pair < 2; pair++) {
      draw(specs, N_SPECS, kind, pair == 1, ones, 1, by_doubles);
      draw(specs, N_SPECS, kind, pair == 1, NULL, 3, whole);
      assert_memory_equal(by_doubles, whole, sizeof whole);
      for (size_t k = 0; k < N_SPECS; k++) {
        draw(&specs[k], 1, kind, pair == 1, NULL, 2, alone);
        for (size_t r = 0; r < B; r++) {
          assert_true(alone[r] == whole[r * N_SPECS + k]);
        }
      }
    }
  }
}

/* A pair's replicates are the differences of each model's own: the draws are the rows'. */
static void test_pairs(void **state) {
  (void)state;
  double pair[B], swapped[B];
  draw(&specs[1], 1, 1, true, NULL, 1, pair);
  for (size_t i = 0; i < N; i++) {
    const double first = score[0][i];
    score[0][i] = score[1][i];
    score[1][i] = first;
  }
  draw(&specs[1], 1, 1, true, NULL, 1, swapped);
  setup(NULL);
  size_t n_apart = 0;
  for (size_t r = 0; r < B; r++) {
    assert_true(pair[r] == -swapped[r]);
    n_apart += pair[r] != pair[0];
  }
  assert_true(n_apart > B / 2);
}

/* A curve of three scores by hand: 1 of 1, 2 of 4, 3 of 5. */
static void test_numbers(void **state) {
  (void)state;
  double tp[] = {1, 2, 3}, fp[] = {0, 2, 2};
  const struct rank_steps steps = {tp, fp, 3};
  const struct {
    struct rank_spec spec;
    double value;
  } cases[] = {{{RANK_AVERAGE_PRECISION, 0, false}, (1 + 0.5 + 0.6) / 3},
               {{RANK_RECALL_AT_PRECISION, 0.6, false}, 1},
               {{RANK_RECALL_AT_PRECISION, 0.61, false}, 1.0 / 3},
               {{RANK_RECALL_AT_PRECISION, 1, false}, 1.0 / 3},
               {{RANK_PRECISION_AT_RECALL, 1.0 / 3, false}, 1},
               {{RANK_PRECISION_AT_RECALL, 0.34, false}, 0.6},
               {{RANK_PRECISION_AT_RECALL, 1, false}, 0.6},
               {{RANK_TPR_AT_FPR, 0, false}, 1.0 / 3},
               {{RANK_TPR_AT_FPR, 0.99, false}, 1.0 / 3},
               {{RANK_TPR_AT_FPR, 1, false}, 1},
               {{RANK_F1_BEST, 0, false}, 6.0 / 8},
               {{RANK_GAIN, 0.2, false}, 1.0 / 3},
               {{RANK_GAIN, 0.5, false}, (1 + 1.5 / 3) / 3},
               {{RANK_LIFT_AT, 0.2, false}, 5.0 / 3},
               {{RANK_AUC_PARTIAL, 0.5, false}, 0.5 * (1.0 / 3 + 0.5) / 2}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const double found = rank_steps_value(&steps, cases[i].spec);
    if (!(fabs(found - cases[i].value) < 1e-15)) {
      fail_msg("case %zu: %.17g, expected %.17g", i, found, cases[i].value);
    }
  }
  const struct rank_steps none = {tp, fp, 1}; /* no negatives */
  assert_true(isnan(rank_steps_value(&none, specs[0])));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_ways_agree),
                                     cmocka_unit_test(test_pairs), cmocka_unit_test(test_numbers)};
  return cmocka_run_group_tests(tests, setup, NULL);
}
