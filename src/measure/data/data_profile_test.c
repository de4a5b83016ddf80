/*
 * Profiles: copies against a plain count, samples of contents, and a table's columns against what
 * was written into it. Whole tables against pandas: tests/e2e/test_data.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "measure/data/data_profile.h"

static uint64_t key_of(uint64_t i) {
  return hash_mix(7, i);
}

/* 1,000 contents, the i-th of them 1 + i % 3 times: 2,000 − 1 rows by hand (333·6 + 1). */
static void test_counts(void **state) {
  (void)state;
  struct profile_copies copies = {0};
  uint64_t n = 0;
  for (uint64_t i = 0; i < 1000; i++) {
    for (uint64_t k = 0; k <= i % 3; k++, n++) {
      assert_int_equal(profile_copies_add(&copies, key_of(i), 0, NULL), NONET_OK);
    }
  }
  profile_copies_finish(&copies);
  assert_int_equal(n, 1999);
  assert_int_equal(copies.n_seen, 1999);
  assert_int_equal(copies.n_distinct, 1000);
  assert_int_equal(copies.n_disagree, 0);
  assert_int_equal(copies.shift, 0);
  assert_true(profile_copies_has(&copies, key_of(999)));
  assert_false(profile_copies_has(&copies, key_of(1000)));
  profile_copies_clear(&copies);
}

/* Two contents with two labels each, 5 rows; one with one. */
static void test_labels_that_disagree(void **state) {
  (void)state;
  struct profile_copies copies = {0};
  static const uint32_t rows[][2] = {{1, 0}, {1, 1}, {1, 0}, {2, 1}, {2, 0}, {3, 1}, {3, 1}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    assert_int_equal(profile_copies_add(&copies, key_of(rows[i][0]), rows[i][1], NULL), NONET_OK);
  }
  profile_copies_finish(&copies);
  assert_int_equal(copies.n_disagree, 5);
  profile_copies_clear(&copies);
}

/* More contents than fit: a sample of them, each with both of its rows, the same in any order. */
static void test_sample(void **state) {
  (void)state;
  struct profile_copies ahead = {.most = 4096}, back = {.most = 4096};
  for (uint64_t i = 0; i < 100000; i++) {
    assert_int_equal(profile_copies_add(&ahead, key_of(i % 50000), 0, NULL), NONET_OK);
    assert_int_equal(profile_copies_add(&back, key_of((99999 - i) % 50000), 0, NULL), NONET_OK);
  }
  assert_in_range(ahead.shift, 5, 6);
  assert_int_equal(ahead.shift, back.shift);
  assert_int_equal(ahead.n_seen, 2 * ahead.n_distinct);
  assert_int_equal(back.n_seen, ahead.n_seen);
  assert_in_range(ahead.n_distinct, 500, 2048);
  profile_copies_clear(&ahead);
  profile_copies_clear(&back);
}

static const char text[] = "a,b,c,y\n1,,7,u\n2,x,7,v\n1,,7,u\n,x,7,\n3,,7,v\n";

static void test_columns(void **state) {
  (void)state;
  char path[64];
  snprintf(path, sizeof path, "/tmp/nonet-profile-%ld.csv", (long)getpid());
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, sizeof text - 1, file), sizeof text - 1);
  assert_int_equal(fclose(file), 0);
  const struct table_source source = {.path = path, .n_threads = 1};
  const char *features[] = {"a", "b", "c"}, *classes[] = {"u", "v"};
  const struct profile_request request = {.features = features,
                                          .n_features = 3,
                                          .what = "--features",
                                          .label = "y",
                                          .classes = classes,
                                          .n_classes = 2,
                                          .n_threads = 2};
  struct table *table;
  struct data_profile profile;
  assert_int_equal(table_open(&source, &table, NULL), NONET_OK);
  assert_int_equal(data_profile_read(table, &request, &profile, NULL, NULL), NONET_OK);
  assert_int_equal(profile.n_rows, 5);
  assert_int_equal(profile.class_rows[0], 2);
  assert_int_equal(profile.class_rows[1], 2);
  assert_int_equal(profile.class_rows[2], 1); /* no label */
  assert_int_equal(profile.columns[0].n_null, 1);
  assert_int_equal(profile.columns[0].null_of[2], 1);
  assert_int_equal(profile.columns[1].n_null, 3);
  assert_int_equal(profile.columns[1].null_of[0], 2);
  assert_int_equal(profile.columns[1].null_of[1], 1);
  assert_false(profile.columns[0].is_constant);
  assert_true(profile.columns[1].is_constant); /* x, or nothing */
  assert_true(profile.columns[2].is_constant);
  assert_int_equal(profile.copies.n_distinct, 4); /* rows 1 and 3 are equal */
  data_profile_clear(&profile);
  table_close(table);
  unlink(path);
}

/* Every allocation fails once; what is left is nothing. */
static void test_memory(void **state) {
  (void)state;
  char path[64];
  snprintf(path, sizeof path, "/tmp/nonet-profile-%ld.csv", (long)getpid());
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, sizeof text - 1, file), sizeof text - 1);
  assert_int_equal(fclose(file), 0);
  const struct table_source source = {.path = path, .n_threads = 1};
  const char *features[] = {"a", "b", "c"}, *classes[] = {"u", "v"};
  const struct profile_request request = {.features = features,
                                          .n_features = 3,
                                          .what = "--features",
                                          .label = "y",
                                          .classes = classes,
                                          .n_classes = 2,
                                          .n_threads = 2};
  struct table *table;
  nonet_status status = NONET_E_MEMORY;
  long k = 0;
  assert_int_equal(table_open(&source, &table, NULL), NONET_OK);
  for (; status == NONET_E_MEMORY && k < 2000; k++) {
    struct data_profile profile;
    memory_fail_after(k);
    status = data_profile_read(table, &request, &profile, NULL, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || profile.columns == NULL);
    if (status == NONET_OK) {
      assert_int_equal(profile.n_rows, 5);
      data_profile_clear(&profile);
    }
  }
  assert_int_equal(status, NONET_OK);
  assert_true(k > 10);
  table_close(table);
  unlink(path);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_counts), cmocka_unit_test(test_labels_that_disagree),
      cmocka_unit_test(test_sample), cmocka_unit_test(test_columns),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
