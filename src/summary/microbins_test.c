/* Bins against a plain count, full bins that pass 2^18 rows, small cells, the limit of memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/philox.h"
#include "summary/summary_kit.h"

static const struct roles binary = {.task = TASK_BINARY,
                                    .n_classes = 2,
                                    .n_cells = 1,
                                    .n_scores = 1,
                                    .has_score = {true, false},
                                    .has_label = true};
static struct microbin found[MICROBINS];

static void add(struct microbins *bins, struct batch_order *order, const double *p,
                const uint32_t *y, size_t n) {
  struct role_batch batch = {.n_rows = n, .label = y, .score = {p, NULL}};
  batch_order_set(order, &batch, 1);
  assert_int_equal(microbins_add(bins, &batch, order, NULL), NONET_OK);
}

static void test_edges(void **state) {
  (void)state;
  struct microbins *bins;
  struct batch_order order;
  const double p[] = {0, 1, 0x1p-16, nextafter(0x1p-16, 0), 0.5, -0.1, 1.1, 1, 1e-300};
  const uint32_t y[] = {0, 1, 1, 0, 1, 1, 1, 0, 1};
  assert_int_equal(microbins_new(&binary, 0, &bins, NULL), NONET_OK);
  assert_int_equal(batch_order_init(&binary, &order, NULL), NONET_OK);
  add(bins, &order, p, y, 9);
  microbins_read(bins, (const bool[]){true}, 0, found);
  assert_int_equal(found[0].n, 3);
  assert_int_equal(found[0].n_positive, 1);
  assert_true(fabs(found[0].sum_p - 0x1p-16) <= 0x1p-61);
  assert_int_equal(found[1].n, 1);
  assert_true(found[1].sum_p == 0x1p-16);
  assert_int_equal(found[32768].n, 1);
  assert_true(found[32768].sum_p == 0.5);
  assert_int_equal(found[65535].n, 2);
  assert_int_equal(found[65535].n_positive, 1);
  assert_true(found[65535].sum_p == 2);
  microbins_free(bins);
  batch_order_clear(&order);
}

static void test_random(void **state) {
  (void)state;
  enum { N = 100000 };
  struct microbins *bins, *other;
  struct batch_order order;
  struct philox_sequence random = {.seed = 5};
  double *p = malloc(N * sizeof *p);
  uint32_t *y = malloc(N * sizeof *y), *n = calloc(MICROBINS, sizeof *n);
  long double *sum = calloc(MICROBINS, sizeof *sum);
  assert_int_equal(microbins_new(&binary, 0, &bins, NULL), NONET_OK);
  assert_int_equal(microbins_new(&binary, 0, &other, NULL), NONET_OK);
  assert_int_equal(batch_order_init(&binary, &order, NULL), NONET_OK);
  for (size_t i = 0; i < N; i++) {
    p[i] = philox_next_uniform(&random);
    if (i % 3 == 0)
      p[i] = (double)(float)(p[i] * 1e-4);
    y[i] = philox_next_u32(&random) & 1;
    size_t bin = (size_t)floor(p[i] * 65536);
    n[bin]++;
    sum[bin] += p[i];
  }
  for (size_t i = 0; i < N; i += 1000)
    add(i < 10000 ? other : bins, &order, p + i, y + i, 1000);
  assert_int_equal(microbins_merge(bins, other, NULL, NULL), NONET_OK);
  microbins_read(bins, (const bool[]){true}, 0, found);
  for (size_t b = 0; b < MICROBINS; b++) {
    assert_int_equal(found[b].n, n[b]);
    assert_true(fabsl(found[b].sum_p - sum[b]) <= n[b] * 0x1p-61L + fabsl(sum[b]) * 0x1p-52L);
  }
  microbins_free(bins);
  microbins_free(other);
  batch_order_clear(&order);
  free(p);
  free(y);
  free(n);
  free(sum);
}

/* 3 · 2^18 equal rows: the sum is exact beyond what 64 bits of a bin hold. */
static void test_full_bins(void **state) {
  (void)state;
  struct microbins *bins, *other;
  struct batch_order order;
  double p[16384];
  uint32_t y[16384];
  const double value = 1 - 0x1p-53;
  for (size_t i = 0; i < 16384; i++) {
    p[i] = value;
    y[i] = i & 1;
  }
  assert_int_equal(microbins_new(&binary, 0, &bins, NULL), NONET_OK);
  assert_int_equal(microbins_new(&binary, 0, &other, NULL), NONET_OK);
  assert_int_equal(batch_order_init(&binary, &order, NULL), NONET_OK);
  for (size_t i = 0; i < 48; i++)
    add(i % 3 ? bins : other, &order, p, y, 16384);
  assert_int_equal(microbins_merge(bins, other, NULL, NULL), NONET_OK);
  microbins_read(bins, (const bool[]){true}, 0, found);
  assert_int_equal(found[65535].n, 48 * 16384);
  assert_int_equal(found[65535].n_positive, 24 * 16384);
  assert_true(found[65535].sum_p == 48 * 16384 * value);
  microbins_free(bins);
  microbins_free(other);
  batch_order_clear(&order);
}

static void test_limit(void **state) {
  (void)state;
  struct roles roles = binary;
  struct microbins *bins;
  struct batch_order order;
  nonet_error error = {0};
  static double p[ROLE_BATCH_ROWS];
  static uint32_t y[ROLE_BATCH_ROWS], cell[ROLE_BATCH_ROWS];
  roles.n_cells = 200;
  struct philox_sequence random = {.seed = 9};
  assert_int_equal(microbins_new(&roles, 1 << 20, &bins, NULL), NONET_OK);
  assert_int_equal(batch_order_init(&roles, &order, NULL), NONET_OK);
  nonet_status status = NONET_OK;
  for (int i = 0; i < 200 && !status; i++) {
    for (size_t j = 0; j < ROLE_BATCH_ROWS; j++) {
      p[j] = philox_next_uniform(&random);
      cell[j] = philox_next_u32(&random) % 200;
    }
    struct role_batch batch = {
        .n_rows = ROLE_BATCH_ROWS, .label = y, .cell = cell, .score = {p, NULL}};
    batch_order_set(&order, &batch, 1);
    status = microbins_add(bins, &batch, &order, &error);
  }
  assert_int_equal(status, NONET_E_MEMORY);
  assert_non_null(strstr(error.message, "fewer group"));
  microbins_free(bins);
  batch_order_clear(&order);
}

/* Multiclass: the first greatest score against the label, by cell. */
static void test_top_label(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit,
           (struct kit_shape){
               .task = TASK_MULTICLASS, .n = 3000, .n_classes = 3, .n_groups = 1, .n_levels = 7});
  size_t *order = kit_order(3000, 0);
  struct summary_set *set = kit_set(&kit, order, 3000, 500, 1, 0);
  uint64_t *n = calloc(MICROBINS, 8), *positive = calloc(MICROBINS, 8);
  bool *all = malloc(set->roles.n_cells);
  memset(all, 1, set->roles.n_cells);
  for (size_t i = 0; i < 3000; i++) {
    const double *score = kit.score[0] + 3 * i;
    size_t top = score[1] > score[0] ? 1 : 0;
    if (score[2] > score[top])
      top = 2;
    size_t bin = score[top] >= 1 ? 65535 : (size_t)(score[top] * 65536);
    n[bin]++;
    positive[bin] += kit.label[i] == top;
  }
  microbins_read(set->bins, all, 0, found);
  for (size_t b = 0; b < MICROBINS; b++) {
    assert_int_equal(found[b].n, n[b]);
    assert_int_equal(found[b].n_positive, positive[b]);
  }
  free(n);
  free(positive);
  free(all);
  free(order);
  summary_free(set);
  kit_clear(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_edges), cmocka_unit_test(test_random),
                                     cmocka_unit_test(test_full_bins), cmocka_unit_test(test_limit),
                                     cmocka_unit_test(test_top_label)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
