/*
 * The set as a whole: any order, batch size, worker count and split into parts gives the same
 * bytes; parts with their own dictionaries become the whole; a part twice, parts that differ and
 * parts without rows; every allocation failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "summary/summary_kit.h"

#define CATALOGUE UINT64_C(7)

static char path[64];

static const struct kit_shape shapes[] = {
    {.task = TASK_BINARY, .n = 3000, .n_classes = 2, .float32 = true},
    {.task = TASK_BINARY,
     .n = 3000,
     .n_classes = 2,
     .n_groups = 2,
     .two_streams = true,
     .n_levels = 20},
    {.task = TASK_BINARY, .n = 2000, .n_classes = 2, .n_groups = 1, .only_predictions = true},
    {.task = TASK_MULTICLASS,
     .n = 2000,
     .n_classes = 4,
     .n_groups = 1,
     .two_streams = true,
     .n_levels = 3},
    {.task = TASK_MULTICLASS,
     .n = 60,
     .n_classes = 5,
     .n_groups = 2,
     .only_predictions = true,
     .two_streams = true},
    {.task = TASK_REGRESSION, .n = 2000, .n_groups = 2, .two_streams = true, .n_levels = 9},
    {.task = TASK_REGRESSION,
     .n = 2000,
     .weight = true,
     .cluster = true,
     .id = true,
     .n_groups = 1},
    {.task = TASK_BINARY, .n = 30, .n_classes = 2, .weight = true, .n_groups = 2},
    {.task = TASK_BINARY,
     .n = 2000,
     .n_classes = 2,
     .id = true,
     .given_prediction = true,
     .float32 = true,
     .n_groups = 1},
};

static struct summary_set *through_file(struct summary_set *set) {
  const struct summary_options options = {.n_workers = 1};
  struct summary_set *back = NULL;
  nonet_error error = {0};
  assert_int_equal(summary_save(set, path, CATALOGUE, &error), NONET_OK);
  nonet_status status = summary_load(path, CATALOGUE, &options, &back, &error);
  if (status)
    fail_msg("%s", error.message);
  summary_free(set);
  return back;
}

/* Row r goes to part h(r): parts of uneven size, each resolved by itself, each through a state
 * file. */
static struct summary_set *merged_parts(const struct kit *kit, size_t n_parts, uint64_t seed) {
  size_t n = kit->shape.n, *order = kit_order(n, seed), *part = malloc((n + 1) * sizeof *part);
  struct summary_set *whole = NULL;
  nonet_error error = {0};
  for (size_t p = 0; p < n_parts; p++) {
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
      if ((order[i] * 2654435761u >> 7) % n_parts == p)
        part[m++] = order[i];
    struct roles roles;
    struct summary_options options = {
        .kinds = 15, .n_workers = 1, .quantile = 0.5, .source_hash = p + 1};
    struct summary_set *set = NULL;
    kit_roles(kit, part, m, &roles);
    assert_int_equal(summary_new(&roles, &options, &set, &error), NONET_OK);
    assert_int_equal(kit_feed(kit, part, m, &roles, 97, &set, 1, &error), NONET_OK);
    set->tally.n_rows = set->tally.n_used = m;
    assert_int_equal(summary_finish(set, 1, NULL, &error), NONET_OK);
    roles_clear(&roles);
    set = through_file(set);
    if (!whole) {
      whole = set;
      continue;
    }
    nonet_status status = summary_merge(whole, set, &error);
    if (status)
      fail_msg("%s", error.message);
    summary_free(set);
  }
  assert_int_equal(summary_finish(whole, 2, NULL, &error), NONET_OK);
  free(order);
  free(part);
  return whole;
}

static void assert_same_roles(const struct roles *a, const struct roles *b) {
  assert_int_equal(a->n_classes, b->n_classes);
  assert_int_equal(a->n_cells, b->n_cells);
  for (size_t k = 0; k < a->n_classes; k++)
    assert_string_equal(a->classes[k], b->classes[k]);
  for (size_t g = 0; g < a->n_groups; g++) {
    assert_int_equal(a->groups[g].n_values, b->groups[g].n_values);
    for (size_t v = 0; v < a->groups[g].n_values; v++)
      if (a->groups[g].values[v])
        assert_string_equal(a->groups[g].values[v], b->groups[g].values[v]);
      else
        assert_null(b->groups[g].values[v]);
  }
  if (a->n_groups)
    assert_memory_equal(a->cell_values, b->cell_values, a->n_cells * a->n_groups * 4);
}

static void test_same_bytes(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    struct kit kit;
    kit_init(&kit, shapes[i]);
    size_t n = shapes[i].n, *order = kit_order(n, 0);
    struct summary_set *whole = kit_set(&kit, order, n, 16384, 1, 0);
    uint64_t wanted = summary_fingerprint(whole);
    assert_int_not_equal(wanted, 0);
    const size_t workers[] = {1, 2, 7}, batches[] = {1, 100, 1000};
    for (size_t w = 0; w < 3; w++) {
      size_t *shuffled = kit_order(n, 10 + w);
      struct summary_set *other =
          kit_set(&kit, shuffled, n, batches[w], workers[w], w == 1 ? 6000 : 0);
      assert_int_equal(summary_fingerprint(other), wanted);
      summary_free(other);
      free(shuffled);
    }
    for (uint64_t seed = 0; seed < 2; seed++) {
      struct summary_set *parts = merged_parts(&kit, 7, seed);
      assert_same_roles(&whole->roles, &parts->roles);
      assert_int_equal(summary_fingerprint(parts), wanted);
      assert_int_equal(parts->tally.n_rows, n);
      summary_free(parts);
    }
    summary_free(whole);
    free(order);
    kit_clear(&kit);
  }
}

static struct summary_set *part_of(const struct kit *kit, size_t begin, size_t end,
                                   uint64_t source) {
  size_t *order = kit_order(kit->shape.n, 0);
  struct summary_set *set = kit_set(kit, order + begin, end - begin, 100, 1, 0);
  set->source_hash = source;
  free(order);
  return through_file(set);
}

static void test_part_twice(void **state) {
  (void)state;
  struct kit kit;
  nonet_error error = {0};
  kit_init(&kit, (struct kit_shape){.task = TASK_BINARY, .n = 900, .n_classes = 2, .n_groups = 1});
  struct summary_set *a = part_of(&kit, 0, 300, 1), *b = part_of(&kit, 300, 600, 2),
                     *again = part_of(&kit, 0, 300, 3);
  assert_int_equal(summary_merge(a, b, &error), NONET_OK);
  assert_int_equal(summary_finish(a, 1, NULL, &error), NONET_OK);
  a = through_file(a); /* the history is kept in the file */
  assert_int_equal(summary_merge(a, again, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "same part twice"));
  summary_free(a);
  summary_free(b);
  summary_free(again);
  kit_clear(&kit);
  /* Equal counts by chance, from different sources, of a few labels and predictions: two parts. */
  kit_init(&kit, (struct kit_shape){
                     .task = TASK_BINARY, .n = 8, .n_classes = 2, .only_predictions = true});
  for (size_t i = 0; i < 8; i++)
    kit.label[i] = kit.prediction[0][i] = i & 1;
  a = part_of(&kit, 0, 4, 1), b = part_of(&kit, 4, 8, 2), again = part_of(&kit, 4, 8, 2);
  assert_int_equal(summary_merge(a, b, &error), NONET_OK);
  assert_int_equal(summary_merge(a, again, &error), NONET_E_DATA);
  summary_free(a);
  summary_free(b);
  summary_free(again);
  kit_clear(&kit);
}

static void test_parts_without_rows(void **state) {
  (void)state;
  struct kit kit;
  nonet_error error = {0};
  kit_init(&kit, (struct kit_shape){.task = TASK_BINARY, .n = 300, .n_classes = 2, .n_groups = 2});
  struct summary_set *whole = part_of(&kit, 0, 300, 0), *empty = part_of(&kit, 0, 0, 0),
                     *none = part_of(&kit, 0, 0, 0), *rows = part_of(&kit, 0, 300, 0);
  uint64_t wanted = summary_fingerprint(whole);
  assert_int_equal(summary_merge(empty, none, &error), NONET_OK);
  assert_int_equal(summary_merge(empty, rows, &error), NONET_OK);
  assert_int_equal(summary_finish(empty, 1, NULL, &error), NONET_OK);
  assert_int_equal(summary_fingerprint(empty), wanted);
  assert_int_equal(empty->tally.n_rows, 300);
  struct summary_set *last = part_of(&kit, 0, 0, 0);
  assert_int_equal(summary_merge(empty, last, &error), NONET_OK);
  assert_int_equal(summary_fingerprint(empty), wanted);
  summary_free(whole);
  summary_free(empty);
  summary_free(none);
  summary_free(rows);
  summary_free(last);
  kit_clear(&kit);
}

/* Everything that allocates, on small rows that spill, through a file, merged and read; the k-th
 * allocation fails for k = 0, 1, 2 … */
static nonet_status everything(const struct kit *kit, const struct roles *roles_a,
                               const struct roles *roles_b, const size_t *order, size_t n,
                               bool spill, nonet_error *error) {
  struct summary_options options = {
      .kinds = 15, .memory_bytes = spill ? 3000 : 0, .n_workers = 1, .quantile = 0.5};
  struct summary_set *sets[2] = {0}, *loaded = NULL;
  struct row_set rows = {0};
  struct score_keys keys = {0};
  bool scope[64];
  memset(scope, 1, sizeof scope);
  nonet_status status = summary_new(roles_a, &options, &sets[0], error);
  if (!status)
    status = summary_new(roles_b, &options, &sets[1], error);
  if (!status)
    status = kit_feed(kit, order, n / 2, roles_a, 20, &sets[0], 1, error);
  if (!status)
    status = kit_feed(kit, order + n / 2, n - n / 2, roles_b, 20, &sets[1], 1, error);
  if (!status)
    status = summary_finish(sets[1], 1, NULL, error);
  if (!status)
    status = summary_save(sets[1], path, CATALOGUE, error);
  if (!status)
    status = summary_load(path, CATALOGUE, &options, &loaded, error);
  if (!status)
    status = summary_finish(sets[0], 1, NULL, error);
  if (!status)
    status = summary_merge(sets[0], loaded, error);
  if (!status)
    status = summary_finish(sets[0], 1, NULL, error);
  if (!status && sets[0]->rows)
    status = row_set_read(sets[0]->rows, &sets[0]->roles, scope, true, 1, &rows, error);
  if (!status && sets[0]->roles.has_score[0])
    status = score_keys_read(sets[0]->rows, &sets[0]->roles, scope, 0, 0, 1, &keys, error);
  row_set_clear(&rows);
  score_keys_clear(&keys);
  summary_free(sets[0]);
  summary_free(sets[1]);
  summary_free(loaded);
  return status;
}

static void test_allocation_failures(void **state) {
  (void)state;
  static const struct kit_shape small[] = {
      {.task = TASK_BINARY, .n = 60, .n_classes = 2, .n_groups = 2, .two_streams = true},
      {.task = TASK_MULTICLASS,
       .n = 40,
       .n_classes = 5,
       .n_groups = 1,
       .only_predictions = true,
       .cluster = true},
      {.task = TASK_REGRESSION, .n = 40, .id = true, .weight = true}};
  for (size_t i = 0; i < 3; i++)
    for (int spill = 0; spill < 2; spill++) {
      struct kit kit;
      struct roles a, b;
      nonet_error error = {0};
      kit_init(&kit, small[i]);
      size_t n = small[i].n, *order = kit_order(n, 4);
      kit_roles(&kit, order, n / 2, &a);
      kit_roles(&kit, order + n / 2, n - n / 2, &b);
      (void)memory_fail_after(-1);
      assert_int_equal(everything(&kit, &a, &b, order, n, spill, &error), NONET_OK);
      bool failed = true;
      for (long k = 0; failed; k++) {
        assert_true(k < 100000);
        (void)memory_fail_after(k);
        nonet_status status = everything(&kit, &a, &b, order, n, spill, &error);
        long made = memory_fail_after(-1);
        failed = made > k;
        if (status && status != NONET_E_MEMORY)
          fail_msg("allocation %ld: %s", k, error.message);
        if (!failed)
          assert_int_equal(status, NONET_OK);
      }
      roles_clear(&a);
      roles_clear(&b);
      free(order);
      kit_clear(&kit);
    }
}

static int remove_file(void **state) {
  (void)state;
  (void)unlink(path);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_part_twice),
      cmocka_unit_test(test_parts_without_rows), cmocka_unit_test(test_allocation_failures)};
  /* Saving syncs: thousands of times in the walk, so rather in memory. */
  (void)snprintf(path, sizeof path, "%s/nonet-summary-%ld",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (long)getpid());
  return cmocka_run_group_tests(tests, NULL, remove_file);
}
