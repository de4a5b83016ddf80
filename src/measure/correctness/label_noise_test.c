/* Labels in doubt through the measure: counts by class on rows made by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "measure/records.h"
#include "measure/search_fixture.h"

static struct philox_sequence random_state = {.seed = 1, .id = 860};
static struct search_fixture made;

/* Scores .9 and .1 by the true class, and `n_wrong` labels of each class turned. Thresholds are
 * .9 − .8·share of turned: every turned row is confidently of the other class. */
static void draw(size_t n, size_t n_wrong) {
  made = (struct search_fixture){.task = TASK_BINARY, .seed = 1, .n_threads = 1};
  search_draw(&made, n, 1, 2, &random_state);
  for (size_t i = 0; i < n; i++) {
    made.label[i] = i % 2;
    made.score[i] = made.label[i] ? 0.9 : 0.1;
    made.prediction[i] = made.label[i];
    made.label[i] = i < 2 * n_wrong ? 1 - made.label[i] : made.label[i];
  }
}

static struct measure_stories tell(void) {
  struct measure_stories stories = {0};
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  assert_int_equal(
      correctness_label_noise.tell(&correctness_label_noise, &made.view, &stories, NULL), NONET_OK);
  return stories;
}

static void test_turned(void **state) {
  (void)state;
  draw(200, 7);
  struct measure_stories stories = tell();
  assert_int_equal(stories.n, 3);
  assert_true(stories.story[0].law.value == 14.0 / 200);
  assert_int_equal(stories.story[0].law.kind, INFERENCE_MISSING);
  assert_string_equal(stories.story[0].title, "14 of 200 labels are in doubt (7 %)");
  assert_string_equal(stories.story[0].severity, "warning");
  assert_non_null(strstr(stories.story[0].text, "7 of 100 labelled c00, 7 of 100 labelled c01"));
  assert_string_equal(stories.story[2].class_name, "c01");
  assert_true(stories.story[2].law.value == 0.07 && stories.story[2].n == 100);
  search_close(&made);
}

static void test_clean(void **state) {
  (void)state;
  draw(200, 0);
  struct measure_stories stories = tell();
  assert_true(stories.story[0].law.value == 0);
  assert_null(stories.story[0].severity);
  search_close(&made);
}

static void test_memory(void **state) {
  (void)state;
  draw(100, 3);
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  for (long k = 0;; k++) {
    struct measure_stories stories = {0};
    memory_fail_after(k);
    const nonet_status status =
        correctness_label_noise.tell(&correctness_label_noise, &made.view, &stories, NULL);
    const long n_made = memory_fail_after(-1);
    if (status == NONET_OK && n_made <= k) {
      assert_true(k > 5);
      break;
    }
    assert_true(status == NONET_E_MEMORY || status == NONET_OK);
  }
  search_close(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_turned),
      cmocka_unit_test(test_clean),
      cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
