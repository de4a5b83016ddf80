/* The bias scan: a planted subset counted by itself, of two classes, three and numbers; a model off
 * everywhere, weights. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/records.h"
#include "measure/search_fixture.h"

static struct philox_sequence random_state = {.seed = 1, .id = 850};
static struct search_fixture made;

/* Odds times q where x0 is 1, times q_all elsewhere. */
static void draw(size_t n, double q, double q_all) {
  made = (struct search_fixture){.task = TASK_BINARY, .seed = 1, .n_threads = 2};
  search_draw(&made, n, 4, 3, &random_state);
  for (size_t i = 0; i < n; i++) {
    const double p = 0.1 + 0.5 * philox_next_uniform(&random_state);
    const double odds = made.feature[0][i] == 1 ? q : q_all;
    made.score[i] = p;
    made.prediction[i] = p >= 0.5;
    made.label[i] = philox_next_uniform(&random_state) < odds * p / (1 - p + odds * p);
  }
}

static struct measure_stories tell(void) {
  struct measure_stories stories = {0};
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  assert_int_equal(fairness_bias_scan.tell(&fairness_bias_scan, &made.view, &stories, NULL),
                   NONET_OK);
  return stories;
}

static void test_planted(void **state) {
  (void)state;
  draw(3000, 4, 1);
  struct measure_stories stories = tell();
  const struct measure_story *more = &stories.story[0];
  assert_true(stories.n >= 1);
  assert_string_equal(more->where, "x0 = 1");
  assert_non_null(more->severity);
  assert_non_null(strstr(more->text, "under-predicted"));
  double n = 0, positive = 0, expected = 0, low, high;
  for (size_t i = 0; i < made.n; i++) {
    if ((philox_row(1, PHILOX_HALVES, made.key[i], 1).word[0] & 1) != 0 &&
        made.feature[0][i] == 1) {
      n++;
      positive += made.label[i];
      expected += made.score[i];
    }
  }
  assert_true(more->n == n);
  assert_true(fabs(more->law.value - (positive - expected) / n) < 1e-12);
  inference_bounds(&more->law, 0.95, &low, &high);
  /* Wilson 1927: centre and half width at z = 1.959964 */
  const double z = 1.959963984540054, rate = positive / n;
  const double centre = (rate + z * z / 2 / n) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / 4 / n / n);
  assert_true(fabs(low - (centre - half - expected / n)) < 1e-12);
  assert_true(fabs(high - (centre + half - expected / n)) < 1e-12);
  search_close(&made);
}

static bool is_second(size_t i) {
  return (philox_row(1, PHILOX_HALVES, made.key[i], 1).word[0] & 1) != 0;
}

/* A baseline that expects .3 everywhere: of any rows. */
static void test_baseline(void **state) {
  static double baseline[SEARCH_ROWS];
  struct measure_stories stories = {0};
  (void)state;
  draw(3000, 4, 1);
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  for (size_t i = 0; i < made.n; i++) {
    baseline[i] = 0.3;
  }
  made.frame.score[STREAM_B] = baseline;
  assert_int_equal(fairness_bias_scan.tell(&fairness_bias_scan, &made.view, &stories, NULL),
                   NONET_OK);
  assert_string_equal(stories.story[0].where, "x0 = 1");
  assert_non_null(strstr(stories.story[0].text, "; the baseline's expected on the same rows: 0.3"));
  search_close(&made);
  stories = tell(); /* without one nothing is said */
  assert_null(strstr(stories.story[0].text, "baseline"));
  search_close(&made);
}

/* Three classes of a third each; class 2 is three times as common as said where x1 is 0. */
static void test_classes(void **state) {
  double n = 0, n_2 = 0;
  bool is_found = false;
  (void)state;
  made =
      (struct search_fixture){.task = TASK_MULTICLASS, .n_classes = 3, .seed = 1, .n_threads = 2};
  search_draw(&made, 3000, 4, 3, &random_state);
  for (size_t i = 0; i < made.n; i++) {
    const double u = philox_next_uniform(&random_state);
    const double rate = made.feature[1][i] == 0 ? 0.6 : 0.2;
    made.label[i] = u < rate ? 2 : u < rate + (1 - rate) / 2;
    made.score[3 * i] = made.score[3 * i + 1] = 0.4;
    made.score[3 * i + 2] = 0.2;
    n += is_second(i) && made.feature[1][i] == 0;
    n_2 += is_second(i) && made.feature[1][i] == 0 && made.label[i] == 2;
  }
  struct measure_stories stories = tell();
  for (size_t k = 0; k < stories.n; k++) {
    const struct measure_story *story = &stories.story[k];
    if (strcmp(story->where, "x1 = 0 (class c02)") == 0) {
      is_found = true;
      assert_non_null(story->severity);
      assert_non_null(strstr(story->text, "under-predicted"));
      assert_true(story->n == n);
      assert_true(fabs(story->law.value - (n_2 / n - 0.2)) < 1e-12);
    } else { /* what is more of class 2 is less of the others there */
      assert_true(story->severity == NULL || strstr(story->where, "x1 = 0 (class ") != NULL);
    }
  }
  assert_true(is_found);
  search_close(&made);
}

/* Labels are on average 2 more than predicted where x2 is 1, noise uniform on [-1, 1]. */
static void test_numbers(void **state) {
  double n = 0, sum = 0, square = 0, low, high;
  (void)state;
  made = (struct search_fixture){.task = TASK_REGRESSION, .seed = 1, .n_threads = 2};
  search_draw(&made, 800, 4, 3, &random_state);
  for (size_t i = 0; i < made.n; i++) {
    const double noise = 2 * philox_next_uniform(&random_state) - 1;
    made.score[i] = 100 * philox_next_uniform(&random_state);
    made.target[i] = made.score[i] + noise + (made.feature[2][i] == 1 ? 2 : 0);
    if (is_second(i) && made.feature[2][i] == 1) {
      n++;
      sum += made.target[i] - made.score[i];
      square += pow(made.target[i] - made.score[i], 2);
    }
  }
  struct measure_stories stories = tell();
  assert_true(stories.n >= 1);
  assert_string_equal(stories.story[0].where, "x2 = 1");
  assert_non_null(stories.story[0].severity);
  assert_non_null(strstr(stories.story[0].title, "on average where the model predicts"));
  assert_true(stories.story[0].n == n);
  assert_true(fabs(stories.story[0].law.value - sum / n) < 1e-9);
  /* Student's: mean ± t √(s²/n); t within .5 % of 1.959964 (1 + (z² + 1)/(4 df)) */
  const double se = sqrt((square - sum * sum / n) / (n - 1) / n);
  const double t = 1.959963984540054 * (1 + (1.959963984540054 * 1.959963984540054 + 1) / 4 / n);
  inference_bounds(&stories.story[0].law, 0.95, &low, &high);
  assert_true(fabs((high - low) / 2 / (t * se) - 1) < 0.005);
  search_close(&made);
  for (size_t i = 0; i < made.n; i++) { /* exact everywhere: nothing departs */
    made.target[i] = made.score[i];
  }
  stories = tell();
  assert_int_equal(stories.n, 0);
  assert_non_null(strstr(stories.reason, "no subset departs"));
  search_close(&made);
}

static void test_everywhere(void **state) {
  (void)state;
  draw(3000, 0.3, 0.3);
  struct measure_stories stories = tell();
  assert_int_equal(stories.n, 1);
  assert_string_equal(stories.story[0].where, "all rows");
  assert_non_null(strstr(stories.story[0].text, "over-predicted"));
  assert_true(stories.story[0].law.value < -0.1);
  search_close(&made);
}

static void test_weights(void **state) {
  (void)state;
  draw(3000, 4, 1);
  made.has_weight = true;
  struct measure_stories stories = tell();
  assert_string_equal(stories.story[0].where, "x0 = 1");
  assert_string_equal(stories.story[0].law.method, "t");
  search_close(&made);
}

static void test_too_few(void **state) {
  (void)state;
  draw(40, 4, 1);
  struct measure_stories stories = tell();
  assert_int_equal(stories.n, 0);
  assert_non_null(strstr(stories.reason, "it takes 60"));
  search_close(&made);
}

static void test_memory(void **state) {
  (void)state;
  draw(400, 4, 1);
  made.n_threads = 1;
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  made.options.n_threads = 1;
  for (long k = 0;; k++) {
    struct measure_stories stories = {0};
    memory_fail_after(k);
    const nonet_status status =
        fairness_bias_scan.tell(&fairness_bias_scan, &made.view, &stories, NULL);
    const long n_made = memory_fail_after(-1);
    if (status == NONET_OK && n_made <= k) {
      assert_true(k > 10);
      break;
    }
    assert_true(status == NONET_E_MEMORY || status == NONET_OK);
  }
  search_close(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_planted),    cmocka_unit_test(test_baseline),
      cmocka_unit_test(test_classes),    cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_everywhere), cmocka_unit_test(test_weights),
      cmocka_unit_test(test_too_few),    cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
