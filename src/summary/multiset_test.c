/* Row sets against rows sorted by hand, spilled against not, keys that do not know codes, sorted
 * scores, repeated ids. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "base/memory.h"
#include "stats/sortkey.h"
#include "summary/summary_kit.h"

static bool *scope_of(const struct summary_set *set, bool every) {
  bool *scope = calloc(set->roles.n_cells, 1);
  for (size_t c = 0; c < set->roles.n_cells; c++)
    scope[c] = every || c % 2 == 0;
  return scope;
}

static void assert_same_array(const void *x, const void *y, size_t size_bytes) {
  assert_int_equal(x == NULL, y == NULL);
  if (x && size_bytes)
    assert_memory_equal(x, y, size_bytes);
}

static void assert_same_rows(const struct summary_set *x, const struct summary_set *y, bool every,
                             bool with_keys) {
  struct row_set a, b;
  bool *scope = scope_of(x, every);
  assert_int_equal(row_set_read(x->rows, &x->roles, scope, with_keys, 1, &a, NULL), NONET_OK);
  assert_int_equal(row_set_read(y->rows, &y->roles, scope, with_keys, 3, &b, NULL), NONET_OK);
  assert_int_equal(a.n, b.n);
  assert_int_equal(a.n_rows, b.n_rows);
  assert_same_array(a.count, b.count, a.n * 8);
  assert_same_array(a.label, b.label, a.n * 4);
  assert_same_array(a.target, b.target, a.n * 8);
  assert_same_array(a.weight, b.weight, a.n * 8);
  assert_same_array(a.cluster, b.cluster, a.n * 8);
  assert_same_array(a.key, b.key, a.n * 8);
  for (int s = 0; s < N_STREAMS; s++) {
    assert_same_array(a.score[s], b.score[s], a.n * a.n_scores * 8);
    assert_same_array(a.prediction[s], b.prediction[s], a.n * 4);
  }
  row_set_clear(&a);
  row_set_clear(&b);
  free(scope);
}

static const struct kit_shape shapes[] = {
    {.task = TASK_BINARY, .n = 6000, .n_classes = 2, .float32 = true},
    {.task = TASK_BINARY, .n = 6000, .n_classes = 2, .float32 = true, .n_levels = 30},
    {.task = TASK_BINARY,
     .n = 6000,
     .n_classes = 2,
     .n_groups = 2,
     .two_streams = true,
     .n_levels = 20},
    {.task = TASK_BINARY, .n = 3000, .n_classes = 2, .n_groups = 1, .only_predictions = true},
    {.task = TASK_MULTICLASS,
     .n = 3000,
     .n_classes = 4,
     .n_groups = 1,
     .two_streams = true,
     .n_levels = 3},
    {.task = TASK_MULTICLASS,
     .n = 3000,
     .n_classes = 5,
     .n_groups = 1,
     .only_predictions = true,
     .two_streams = true},
    {.task = TASK_REGRESSION, .n = 3000, .n_groups = 1, .two_streams = true, .n_levels = 9},
    {.task = TASK_BINARY,
     .n = 4000,
     .n_classes = 2,
     .weight = true,
     .cluster = true,
     .n_groups = 1,
     .n_levels = 5},
    {.task = TASK_REGRESSION, .n = 4000, .weight = true, .cluster = true, .id = true},
    {.task = TASK_BINARY,
     .n = 4000,
     .n_classes = 2,
     .id = true,
     .given_prediction = true,
     .float32 = true,
     .n_groups = 1},
};

/* Order, batches, workers and spilling leave no trace. */
static void test_same_rows(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    struct kit kit;
    kit_init(&kit, shapes[i]);
    size_t n = shapes[i].n, *order = kit_order(n, 0), *shuffled = kit_order(n, 3);
    struct summary_set *plain = kit_set(&kit, order, n, 1000, 1, 0);
    struct summary_set *other = kit_set(&kit, shuffled, n, 333, 7, 0);
    struct summary_set *spilled = kit_set(&kit, shuffled, n, 100, 2, 8000);
    assert_int_equal(summary_fingerprint(plain), summary_fingerprint(other));
    assert_int_equal(summary_fingerprint(plain), summary_fingerprint(spilled));
    for (int every = 0; every < 2; every++)
      for (int keys = 0; keys < 2; keys++) {
        assert_same_rows(plain, other, every, keys);
        assert_same_rows(plain, spilled, every, keys);
      }
    summary_free(plain);
    summary_free(other);
    summary_free(spilled);
    free(order);
    free(shuffled);
    kit_clear(&kit);
  }
}

struct plain_row {
  uint32_t label;
  double a, b;
};

static int compare_rows(const void *x, const void *y) {
  const struct plain_row *r = x, *q = y;
  if (r->label != q->label)
    return r->label < q->label ? -1 : 1;
  if (r->a != q->a)
    return r->a < q->a ? -1 : 1;
  return r->b < q->b ? -1 : r->b > q->b;
}

/* All cells together, without keys: exactly the sorted distinct rows. */
static void test_against_sort(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, (struct kit_shape){.task = TASK_BINARY,
                                    .n = 5000,
                                    .n_classes = 2,
                                    .n_groups = 2,
                                    .two_streams = true,
                                    .n_levels = 20});
  size_t n = 5000, *order = kit_order(n, 1);
  struct summary_set *set = kit_set(&kit, order, n, 777, 3, 0);
  struct plain_row *rows = malloc(n * sizeof *rows);
  for (size_t i = 0; i < n; i++)
    rows[i] = (struct plain_row){kit.label[i], kit.score[0][i], kit.score[1][i]};
  qsort(rows, n, sizeof *rows, compare_rows);
  struct row_set found;
  bool *scope = scope_of(set, true);
  assert_int_equal(row_set_read(set->rows, &set->roles, scope, false, 2, &found, NULL), NONET_OK);
  size_t at = 0;
  for (size_t i = 0; i < found.n; i++)
    for (uint64_t c = 0; c < found.count[i]; c++, at++) {
      assert_int_equal(found.label[i], rows[at].label);
      assert_true(found.score[0][i] == rows[at].a && found.score[1][i] == rows[at].b);
      assert_int_equal(found.prediction[0][i], rows[at].a >= 0.5);
      if (c == 0 && i > 0)
        assert_true(compare_rows(rows + at - 1, rows + at) < 0);
    }
  assert_int_equal(at, n);
  assert_int_equal(found.n_rows, n);
  row_set_clear(&found);
  free(scope);
  free(rows);
  free(order);
  summary_free(set);
  kit_clear(&kit);
}

static int compare_doubles(const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return a < b ? -1 : a > b;
}

static void check_keys(struct kit_shape shape, uint64_t memory_bytes, size_t k) {
  struct kit kit;
  kit_init(&kit, shape);
  size_t n = shape.n, *order = kit_order(n, 0);
  struct summary_set *set = kit_set(&kit, order, n, 500, 2, memory_bytes);
  bool *scope = scope_of(set, true);
  for (int s = 0; s < 1 + shape.two_streams; s++) {
    struct score_keys keys;
    assert_int_equal(score_keys_read(set->rows, &set->roles, scope, s, k, 2, &keys, NULL),
                     NONET_OK);
    for (int side = 0; side < 2; side++) {
      double *wanted = malloc(n * sizeof *wanted);
      size_t m = 0;
      for (size_t i = 0; i < n; i++)
        if ((kit.label[i] == (shape.task == TASK_BINARY ? 1 : k)) == side)
          wanted[m++] = kit.score[s][i * kit.n_scores + k];
      qsort(wanted, m, sizeof *wanted, compare_doubles);
      assert_int_equal(keys.n[side], m);
      for (size_t i = 0; i < m; i++)
        assert_true(wanted[i] == (keys.is_32 ? (double)sortkey_f32_value(keys.keys32[side][i])
                                             : sortkey_f64_value(keys.keys64[side][i])));
      free(wanted);
    }
    score_keys_clear(&keys);
  }
  free(scope);
  free(order);
  summary_free(set);
  kit_clear(&kit);
}

static void test_score_keys(void **state) {
  (void)state;
  check_keys(shapes[0], 0, 0);
  check_keys(shapes[0], 8000, 0);
  check_keys(shapes[2], 0, 0);
  check_keys(shapes[4], 0, 2);
  check_keys(shapes[4], 4000, 0);
}

/* Only some classes and values occur among the later half: its rows have other codes but the same
 * keys. */
static void test_keys_know_no_codes(void **state) {
  (void)state;
  struct kit kit;
  kit_init(&kit, (struct kit_shape){.task = TASK_MULTICLASS,
                                    .n = 400,
                                    .n_classes = 5,
                                    .n_groups = 2,
                                    .only_predictions = true});
  for (size_t i = 0; i < 200; i++) { /* a part without the first class and the first values */
    if (kit.label[i] == 0)
      kit.label[i] = 3;
    if (kit.prediction[0][i] == 0)
      kit.prediction[0][i] = 2;
    for (int g = 0; g < 2; g++)
      if (kit.group[g][i] == 0)
        kit.group[g][i] = 2;
  }
  size_t *order = kit_order(400, 0);
  struct summary_set *part = kit_set(&kit, order, 200, 50, 1, 0),
                     *whole = kit_set(&kit, order, 400, 50, 1, 0);
  assert_int_equal(part->roles.n_classes, 4);
  assert_int_equal(whole->roles.n_classes, 5);
  struct row_set a, b;
  bool *scope_a = scope_of(part, true), *scope_b = scope_of(whole, true);
  assert_int_equal(row_set_read(part->rows, &part->roles, scope_a, true, 1, &a, NULL), NONET_OK);
  assert_int_equal(row_set_read(whole->rows, &whole->roles, scope_b, true, 1, &b, NULL), NONET_OK);
  for (size_t i = 0; i < a.n; i++) {
    bool there = false;
    for (size_t j = 0; j < b.n; j++)
      there |= a.key[i] == b.key[j];
    assert_true(there);
    for (size_t j = 0; j < i; j++)
      assert_true(a.key[i] != a.key[j]);
  }
  row_set_clear(&a);
  row_set_clear(&b);
  free(scope_a);
  free(scope_b);
  free(order);
  summary_free(part);
  summary_free(whole);
  kit_clear(&kit);
}

static nonet_status feed_and_finish(const struct kit *kit, const size_t *row, size_t n,
                                    struct summary_options options, nonet_error *error) {
  struct roles roles;
  struct summary_set *set = NULL;
  kit_roles(kit, row, n, &roles);
  nonet_status status = summary_new(&roles, &options, &set, error);
  if (!status)
    status = kit_feed(kit, row, n, &roles, 100, &set, 1, error);
  if (!status)
    status = summary_finish(set, 1, NULL, error);
  summary_free(set);
  roles_clear(&roles);
  return status;
}

static void test_repeated_ids(void **state) {
  (void)state;
  struct kit kit;
  nonet_error error = {0};
  kit_init(&kit, (struct kit_shape){
                     .task = TASK_BINARY, .n = 1000, .n_classes = 2, .id = true, .n_groups = 1});
  size_t *order = kit_order(1000, 2);
  kit.id[7] = kit.id[900];
  kit.id[8] = kit.id[900];
  for (uint64_t memory = 0; memory <= 4000; memory += 4000) {
    assert_int_equal(
        feed_and_finish(&kit, order, 1000,
                        (struct summary_options){.memory_bytes = memory, .n_workers = 1}, &error),
        NONET_E_DATA);
    assert_non_null(strstr(error.message, "2 rows repeat an id of column 'row'"));
  }
  free(order);
  kit_clear(&kit);
}

static void test_spill_faults(void **state) {
  (void)state;
  struct kit kit;
  nonet_error error = {0};
  kit_init(&kit,
           (struct kit_shape){.task = TASK_BINARY, .n = 200000, .n_classes = 2, .float32 = true});
  size_t *order = kit_order(200000, 0);
  struct summary_options options = {.kinds = SUMMARY_MULTISET,
                                    .memory_bytes = 4000,
                                    .n_workers = 1,
                                    .spill_folder = "/nowhere/at/all"};
  assert_int_equal(feed_and_finish(&kit, order, 1000, options, &error), NONET_E_IO);
  assert_non_null(strstr(error.message, "/nowhere/at/all"));
  /* A file that may not grow beyond 64 KiB stands for a full disk. */
  struct rlimit before, small;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 64 << 10;
  void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  options.spill_folder = NULL;
  options.memory_bytes = 1000000;
  nonet_status status = feed_and_finish(&kit, order, 200000, options, &error);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  (void)signal(SIGXFSZ, old);
  assert_int_equal(status, NONET_E_IO);
  assert_non_null(strstr(error.message, "TMPDIR"));
  free(order);
  kit_clear(&kit);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_rows),    cmocka_unit_test(test_against_sort),
      cmocka_unit_test(test_score_keys),   cmocka_unit_test(test_keys_know_no_codes),
      cmocka_unit_test(test_repeated_ids), cmocka_unit_test(test_spill_faults)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
