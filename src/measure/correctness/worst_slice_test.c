/* Worst slices: a planted one, two that overlap, nothing to search, threads, memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "measure/records.h"
#include "measure/search_fixture.h"

static struct philox_sequence random_state = {.seed = 1, .id = 840};
static struct search_fixture made;

static void draw_binary(size_t n, size_t n_features, size_t n_values) {
  made = (struct search_fixture){.task = TASK_BINARY, .seed = 1, .n_threads = 1};
  search_draw(&made, n, n_features, n_values, &random_state);
  for (size_t i = 0; i < n; i++) {
    made.label[i] = i % 2;
    made.prediction[i] = made.label[i];
    made.score[i] = made.label[i];
  }
}

/* Errors with probability `rate` where every one of the features `c` in the mask is 1. */
static void plant(unsigned mask, double rate) {
  for (size_t i = 0; i < made.n; i++) {
    bool all = true;
    for (size_t c = 0; c < made.n_features; c++) {
      all = all && ((mask >> c & 1) == 0 || made.feature[c][i] == 1);
    }
    if (all && philox_next_uniform(&random_state) < rate) {
      made.prediction[i] = 1 - made.label[i];
    }
  }
}

static int compare_keys(const void *a, const void *b) {
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static struct measure_stories tell(void) {
  struct measure_stories stories = {0};
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  assert_int_equal(
      correctness_worst_slice.tell(&correctness_worst_slice, &made.view, &stories, NULL), NONET_OK);
  return stories;
}

/* Counted by itself on the rows of the second half, which are known by the keys alone. */
static void test_planted(void **state) {
  (void)state;
  draw_binary(3000, 5, 3);
  plant(0, 0.05);
  plant(1 << 1 | 1 << 3, 0.5);
  struct measure_stories stories = tell();
  assert_true(stories.n >= 1);
  assert_string_equal(stories.story[0].where, "x1 = 1 and x3 = 1");
  assert_non_null(stories.story[0].severity);
  double n = 0, wrong = 0;
  for (size_t i = 0; i < made.n; i++) {
    const bool is_first =
        (philox_row(1, PHILOX_HALVES, made.key[i], 1).word[0] & 1) == 0; /* of key i, place 0 */
    if (!is_first && made.feature[1][i] == 1 && made.feature[3][i] == 1) {
      n++;
      wrong += made.prediction[i] != made.label[i];
    }
  }
  assert_true(stories.story[0].n == n);
  assert_true(stories.story[0].law.value == wrong / n);
  assert_non_null(strstr(stories.story[0].title, "x1 = 1 and x3 = 1: error "));
  search_close(&made);
}

/* The baseline errs on every tenth row: counted by itself. */
static void test_baseline(void **state) {
  static uint32_t baseline[SEARCH_ROWS];
  struct measure_stories stories = {0};
  double n = 0, wrong = 0;
  char expected[80];
  (void)state;
  draw_binary(3000, 5, 3);
  plant(1 << 1, 0.4);
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  for (size_t i = 0; i < made.n; i++) {
    baseline[i] = i % 10 == 0 ? 1 - made.label[i] : made.label[i];
    if (made.feature[1][i] == 1 &&
        (philox_row(1, PHILOX_HALVES, made.key[i], 1).word[0] & 1) != 0) {
      n++;
      wrong += i % 10 == 0;
    }
  }
  made.frame.prediction[STREAM_B] = baseline;
  assert_int_equal(
      correctness_worst_slice.tell(&correctness_worst_slice, &made.view, &stories, NULL), NONET_OK);
  assert_string_equal(stories.story[0].where, "x1 = 1");
  snprintf(expected, sizeof expected, "; the baseline on the same rows: %.4g", wrong / n);
  assert_non_null(strstr(stories.story[0].note, expected));
  assert_non_null(strstr(stories.story[0].text, expected));
  search_close(&made);
  stories = tell(); /* without one nothing is said */
  assert_null(strstr(stories.story[0].note, "baseline"));
  search_close(&made);
}

/* Three classes: a slice is of wrong decisions, whichever class was taken for which. */
static void test_classes(void **state) {
  (void)state;
  made =
      (struct search_fixture){.task = TASK_MULTICLASS, .n_classes = 3, .seed = 1, .n_threads = 1};
  search_draw(&made, 3000, 5, 3, &random_state);
  double n = 0, wrong = 0;
  for (size_t i = 0; i < made.n; i++) {
    const bool is_bad = made.feature[0][i] == 2 && made.feature[4][i] == 0;
    const bool errs = philox_next_uniform(&random_state) < (is_bad ? 0.5 : 0.05);
    made.label[i] = i % 3;
    made.prediction[i] = errs ? (i + 1 + i / 3 % 2) % 3 : i % 3;
    for (size_t c = 0; c < 3; c++) {
      made.score[3 * i + c] = made.prediction[i] == c ? 0.8 : 0.1;
    }
    if (is_bad && (philox_row(1, PHILOX_HALVES, made.key[i], 1).word[0] & 1) != 0) {
      n++;
      wrong += errs;
    }
  }
  struct measure_stories stories = tell();
  assert_true(stories.n >= 1);
  assert_string_equal(stories.story[0].where, "x0 = 2 and x4 = 0");
  assert_non_null(stories.story[0].severity);
  assert_true(stories.story[0].n == n);
  assert_true(stories.story[0].law.value == wrong / n);
  search_close(&made);
}

/* (x0 = 1) is bad and (x0 = 1 and x1 = 1) is: one story, not one for each way to say it. */
static void test_overlap(void **state) {
  size_t n_findings = 0;
  (void)state;
  draw_binary(4000, 6, 3);
  plant(0, 0.05);
  plant(1, 0.6);
  struct measure_stories stories = tell();
  for (size_t k = 0; k < stories.n; k++) {
    n_findings += stories.story[k].severity != NULL;
  }
  assert_string_equal(stories.story[0].where, "x0 = 1");
  assert_int_equal(n_findings, 1);
  search_close(&made);
  draw_binary(4000, 6, 3); /* two that share rows: the second is told without them */
  plant(0, 0.05);
  plant(1, 0.6);
  plant(2, 0.6);
  stories = tell();
  assert_true(stories.n >= 2);
  assert_non_null(stories.story[1].severity);
  const char *first = stories.story[0].where, *second = stories.story[1].where;
  assert_true(
      (strcmp(first, "x0 = 1") == 0 && strcmp(second, "x1 = 1, outside the slices above") == 0) ||
      (strcmp(first, "x1 = 1") == 0 && strcmp(second, "x0 = 1, outside the slices above") == 0));
  search_close(&made);
}

static void test_threads(void **state) {
  char where[2][256];
  double value[2];
  (void)state;
  draw_binary(2000, 8, 4);
  plant(0, 0.2);
  for (size_t k = 0; k < 2; k++) {
    made.n_threads = 1 + 3 * k;
    struct measure_stories stories = tell();
    assert_true(stories.n >= 1);
    snprintf(where[k], sizeof where[k], "%s", stories.story[0].where);
    value[k] = stories.story[0].law.value;
    search_close(&made);
  }
  assert_string_equal(where[0], where[1]);
  assert_true(value[0] == value[1]);
}

static void test_clusters(void **state) {
  (void)state;
  draw_binary(2000, 3, 3);
  plant(0, 0.1);
  plant(1 << 2, 0.5);
  made.has_cluster = true;
  struct measure_stories stories = tell();
  assert_string_equal(stories.story[0].where, "x2 = 1");
  assert_string_equal(stories.story[0].law.method, "wilson-effective");
  assert_true(stories.story[0].law.df > 20 && stories.story[0].law.df < 100);
  search_close(&made);
}

static void test_nothing(void **state) {
  (void)state;
  draw_binary(59, 2, 3);
  struct measure_stories stories = tell();
  assert_int_equal(stories.n, 0);
  assert_non_null(strstr(stories.reason, "59 rows are too few"));
  assert_non_null(strstr(stories.reason, "it takes 60"));
  search_close(&made);
  draw_binary(500, 3, 1);
  stories = tell();
  assert_int_equal(stories.n, 0);
  assert_non_null(strstr(stories.reason, "no feature has two different values"));
  search_close(&made);
  draw_binary(500, 3, 3); /* no errors at all */
  stories = tell();
  assert_int_equal(stories.n, 0);
  assert_non_null(stories.reason);
  search_close(&made);
}

/* A thousand equal rows of each of four kinds: every row draws its half for itself. Kept together
 * or split evenly, the second half would repeat the first one's chance, and noise be discovered in
 * every other run. */
static void test_equal_rows(void **state) {
  size_t n_discovered = 0;
  (void)state;
  for (uint64_t run = 0; run < 100; run++) {
    draw_binary(4000, 2, 1);
    made.seed = run;
    for (size_t i = 0; i < made.n; i++) {
      made.feature[0][i] = (double)(i / 2000);
      made.feature[1][i] = (double)(i / 1000 % 2);
    }
    plant(0, 0.2);
    for (size_t i = 0; i < made.n; i++) {
      const bool is_wrong = made.prediction[i] != made.label[i];
      made.key[i] = i / 1000 * 4 + made.label[i] * 2 + is_wrong;
    }
    for (size_t i = 0; i < made.n; i += 1000) { /* in the order of the keys, as a frame is */
      qsort(made.key + i, 1000, sizeof *made.key, compare_keys);
      for (size_t k = i; k < i + 1000; k++) {
        made.label[k] = made.key[k] >> 1 & 1;
        made.prediction[k] = made.label[k] ^ (made.key[k] & 1);
      }
    }
    struct measure_stories stories = tell();
    bool any = false;
    for (size_t k = 0; k < stories.n; k++) {
      any = any || stories.story[k].severity != NULL;
    }
    n_discovered += any;
    search_close(&made);
  }
  assert_in_range(n_discovered, 0, 11); /* 5 + 3 standard errors of 2.2 */
}

static void test_memory(void **state) {
  (void)state;
  draw_binary(400, 3, 3);
  plant(0, 0.2);
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  for (long k = 0;; k++) {
    struct measure_stories stories = {0};
    memory_fail_after(k);
    const nonet_status status =
        correctness_worst_slice.tell(&correctness_worst_slice, &made.view, &stories, NULL);
    const long n_made = memory_fail_after(-1);
    if (status == NONET_OK && n_made <= k) {
      assert_true(k > 10);
      break;
    }
    assert_true(status == NONET_E_MEMORY || status == NONET_OK); /* a sentence may do without */
  }
  search_close(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_planted), cmocka_unit_test(test_baseline),
      cmocka_unit_test(test_classes), cmocka_unit_test(test_overlap),
      cmocka_unit_test(test_threads), cmocka_unit_test(test_clusters),
      cmocka_unit_test(test_nothing), cmocka_unit_test(test_equal_rows),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
