/*
 * The jackknife of shares of neighbours against leaving each row out and looking anew, on drawn
 * rows with ties and copies; classes of one row, of none; clusters.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "learn/neighbours.h"
#include "measure/data/data_facts.h"
#include "measure/records.h"
#include "measure/search_fixture.h"

#define ROWS 60

static struct philox_sequence random_state = {.seed = 1, .id = 860};
static struct search_fixture made;
static struct data_facts facts;
static struct inference laws[2];

static void open_rows(size_t n, size_t n_values) {
  const bool skip[SEARCH_FEATURES] = {false};
  made = (struct search_fixture){.task = TASK_BINARY, .seed = 1, .n_threads = 1};
  search_draw(&made, n, 1, n_values, &random_state);
  for (size_t i = 0; i < n; i++) {
    const double shift = made.feature[0][i] / (double)n_values;
    made.label[i] = philox_next_uniform(&random_state) < 0.2 + 0.6 * shift;
    made.prediction[i] = 0;
    made.score[i] = 0;
  }
  assert_int_equal(search_open(&made, NULL), NONET_OK);
  facts = (struct data_facts){0};
  assert_int_equal(data_hood_make(&made.frame, skip, 2, 1, &facts.hood, NULL, NULL), NONET_OK);
  made.view.facts = &facts;
}

static void close_rows(void) {
  data_hood_clear(&facts.hood);
  search_close(&made);
}

static nonet_status keep(void *context, int class_index, const char *column,
                         const struct inference *law, nonet_error *error) {
  (void)context, (void)column, (void)error;
  laws[class_index] = *law;
  return NONET_OK;
}

/* The share with row `gone` taken out of the table (ROWS: none), everything found anew. Place 0 …
 * 3: safe … outlier of class 1; 4: nearest of another class; 5: links. */
static double share_without(size_t gone, int what) {
  const bool skip[SEARCH_FEATURES] = {false};
  double feature[ROWS], count = 0, of = 0;
  uint32_t label[ROWS];
  size_t n = 0;
  struct frame_column column = made.column[0];
  struct data_hood hood;
  for (size_t i = 0; i < made.n; i++) {
    if (i != gone) {
      feature[n] = made.feature[0][i];
      label[n++] = made.label[i];
    }
  }
  column.number = feature;
  const struct frame frame = {
      .n_source = n, .n_rows = n, .n_columns = 1, .columns = &column, .label = label};
  assert_int_equal(data_hood_make(&frame, skip, 2, 1, &hood, NULL, NULL), NONET_OK);
  for (size_t i = 0; i < n; i++) {
    const uint32_t *near = hood.near + i * HOOD_NEAR;
    size_t same = 0;
    for (size_t k = 0; k < HOOD_K; k++) {
      same += label[near[k]] == label[i];
    }
    const int category = same >= 4 ? 0 : same >= 2 ? 1 : same == 1 ? 2 : 3;
    of += what > 3 || label[i] == 1;
    count += what == 5   ? hood.partner[i] != NEIGHBOURS_NONE
             : what == 4 ? label[near[0]] != label[i]
                         : label[i] == 1 && category == what;
  }
  data_hood_clear(&hood);
  return count / of;
}

static double jackknife(int what) {
  double without[ROWS], mean = 0, squares = 0;
  for (size_t i = 0; i < made.n; i++) {
    without[i] = share_without(i, what);
    mean += without[i] / (double)made.n;
  }
  for (size_t i = 0; i < made.n; i++) {
    squares += (without[i] - mean) * (without[i] - mean);
  }
  return squares * ((double)made.n - 1) / (double)made.n;
}

static void ask(int what, struct inference *law) {
  if (what < 4) {
    assert_int_equal(data_overlap.each(&data_overlap, &data_overlap.variants[what], &made.view,
                                       keep, NULL, NULL),
                     NONET_OK);
    *law = laws[1];
    return;
  }
  const struct measure *measure = what == 4 ? &data_separability : &data_tomek_links;
  assert_int_equal(measure->estimate(measure, measure->variants, &made.view, STREAM_A, law, NULL),
                   NONET_OK);
}

/* One feature, so that standardising anew without a row changes nothing; with ties the value alone
 * is compared, for which of equally near rows is nearest may hang on the last bit of the scale. */
static void test_against_leaving_out(void **state) {
  size_t n_compared = 0;
  (void)state;
  for (int repeat = 0; repeat < 10; repeat++) {
    open_rows(ROWS, repeat % 2 == 0 ? 1000000 : 12);
    for (int what = 0; what < 6; what++) {
      struct inference law;
      const double share = share_without(ROWS, what), variance = jackknife(what);
      ask(what, &law);
      assert_true(fabs(law.value - share) < 1e-12);
      if (share > 0 && share < 1 && repeat % 2 == 0) {
        const double n = what < 4 ? made.view.n : ROWS;
        assert_true(fabs(law.trials / fmin(n, share * (1 - share) / variance) - 1) < 1e-9);
        n_compared++;
      }
    }
    close_rows();
  }
  assert_true(n_compared > 15);
}

static void test_clusters_and_empty_classes(void **state) {
  (void)state;
  struct inference law;
  double low, high;
  open_rows(ROWS, 12);
  made.frame.cluster = made.cluster;
  ask(4, &law);
  inference_bounds(&law, 0.95, &low, &high);
  assert_true(isnan(low) && isnan(high) && !isnan(law.value));
  assert_non_null(strstr(law.reason, "cluster"));
  made.frame.cluster = NULL;
  for (size_t i = 0; i < made.n; i++) {
    made.label[i] = 0;
  }
  ask(0, &law);
  assert_true(isnan(law.value));
  assert_string_equal(law.reason, "no rows");
  assert_true(laws[0].value == 1 && laws[0].trials == ROWS); /* all safe */
  close_rows();
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_leaving_out),
                                     cmocka_unit_test(test_clusters_and_empty_classes)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
