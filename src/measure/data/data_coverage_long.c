/*
 * How often intervals of the data's own measures hold: argument 1 = samples per cell, seeded.
 *
 *   imbalance_ratio  2, 5 and 10 classes, equal and far from it
 *   label_shift      common and rare classes, with and without a shift, unequal sizes
 *   Cramér's V       columns of 2, 5 and 20 values for 2 and 3 classes, even and rare, that tell
 *                    nothing, little, much; the truth is V of the probabilities
 *
 * An interval of 95 % may miss in .05 + 3 Monte-Carlo standard errors.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/philox.h"
#include "measure/data/data_facts.h"
#include "measure/data/data_tells.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"

#define MOST_ROWS 4000
#define MOST_CLASSES 10
#define MOST_VALUES 20

static uint32_t label[MOST_ROWS], code[MOST_ROWS];
static struct philox_sequence random_state = {.seed = 1, .id = 871};
static int n_failed;

struct tally {
  double n, below, above, width;
};

static void tally_add(struct tally *tally, double truth, double low, double high) {
  tally->n += 1;
  tally->below += !(low <= truth + 1e-12); /* a missing bound fails, too */
  tally->above += !(truth <= high + 1e-12);
  tally->width += high - low;
}

static void report(const char *what, const struct tally *tally) {
  const double n = tally->n, covered = 1 - (tally->below + tally->above) / n;
  const bool fails = !(covered >= 0.95 - 3 * sqrt(0.05 * 0.95 / n));
  printf("%-58s held %.4f, low misses %.4f, high misses %.4f, width %.4f%s\n", what, covered,
         tally->below / n, tally->above / n, tally->width / n, fails ? "  FAILED" : "");
  n_failed += fails;
}

static uint32_t draw_of(const double *p, size_t k) {
  double u = philox_next_uniform(&random_state);
  size_t c = 0;
  while (c + 1 < k && u >= p[c]) {
    u -= p[c++];
  }
  return (uint32_t)c;
}

/* ---- imbalance ratio: each class has `step` times the rows of the one before ---- */

static void simulate_ratio(size_t n, size_t k, double step, int runs) {
  double p[MOST_CLASSES], sum = 0;
  struct tally tally = {0};
  char what[100];
  for (size_t c = 0; c < k; c++) {
    p[c] = pow(step, (double)c);
    sum += p[c];
  }
  for (size_t c = 0; c < k; c++) {
    p[c] /= sum;
  }
  const double truth = pow(step, (double)k - 1);
  for (int run = 0; run < runs; run++) {
    const bool all[] = {true};
    const struct view_options options = {.seed = 1, .n_threads = 1, .level = 0.95};
    const struct fixture fixture = {.task = k == 2 ? TASK_BINARY : TASK_MULTICLASS,
                                    .n = n,
                                    .n_classes = k,
                                    .label = label,
                                    .prediction = {label}};
    struct summary_set *set = NULL;
    struct view view;
    struct inference law;
    double low, high;
    for (size_t i = 0; i < n; i++) {
      label[i] = draw_of(p, k);
    }
    if (fixture_set(&fixture, &set, NULL) != NONET_OK ||
        view_init(set, all, -1, &options, &view, NULL) != NONET_OK ||
        data_imbalance_ratio.estimate(&data_imbalance_ratio, NULL, &view, STREAM_A, &law, NULL) !=
            NONET_OK) {
      exit(70);
    }
    inference_bounds(&law, 0.95, &low, &high);
    tally_add(&tally, truth, low, high);
    view_clear(&view);
    summary_free(set);
  }
  snprintf(what, sizeof what, "imbalance_ratio: %zu rows, %zu classes, truth %.4g", n, k, truth);
  report(what, &tally);
}

/* ---- label shift ---- */

static double shift_low, shift_high;

static nonet_status keep(void *context, int class_index, const char *column,
                         const struct inference *law, nonet_error *error) {
  (void)context, (void)column, (void)error;
  if (class_index == 1) {
    inference_bounds(law, 0.95, &shift_low, &shift_high);
  }
  return NONET_OK;
}

static uint64_t draw_count(size_t n, double p) {
  uint64_t k = 0;
  for (size_t i = 0; i < n; i++) {
    k += philox_next_uniform(&random_state) < p;
  }
  return k;
}

static void simulate_shift(size_t n, double p, size_t n_train, double p_train, int runs) {
  struct tally tally = {0};
  char what[100];
  for (int run = 0; run < runs; run++) {
    const bool all[] = {true};
    const struct view_options options = {.seed = 1, .n_threads = 1, .level = 0.95};
    label[0] = 0;
    const struct fixture fixture = {
        .task = TASK_BINARY, .n = 1, .n_classes = 2, .label = label, .prediction = {label}};
    const uint64_t here = draw_count(n, p), there = draw_count(n_train, p_train);
    uint64_t rows[] = {n - here, here, 0}, train_rows[] = {n_train - there, there, 0};
    struct data_facts facts = {
        .profile = {.n_rows = n, .n_classes = 2, .class_rows = rows},
        .train = {.n_rows = n_train, .n_classes = 2, .class_rows = train_rows},
        .has_train = true};
    struct summary_set *set = NULL;
    struct view view;
    if (fixture_set(&fixture, &set, NULL) != NONET_OK ||
        view_init(set, all, -1, &options, &view, NULL) != NONET_OK) {
      exit(70);
    }
    view.facts = &facts;
    if (data_label_shift.each(&data_label_shift, NULL, &view, keep, NULL, NULL) != NONET_OK) {
      exit(70);
    }
    tally_add(&tally, p - p_train, shift_low, shift_high);
    view_clear(&view);
    summary_free(set);
  }
  snprintf(what, sizeof what, "label_shift: %.3g of %zu, %.3g of %zu in training", p, n, p_train,
           n_train);
  report(what, &tally);
}

/* ---- Cramér's V: the last class has a share from rate·(1 − spread) at the first value to
 * rate·(1 + spread) at the last; the others have equal shares of the rest ---- */

static void simulate_v(size_t n, size_t r, size_t k, double rate, double spread, int runs) {
  double p[MOST_VALUES][MOST_CLASSES], of[MOST_CLASSES] = {0}, phi2 = 0;
  struct tally tally = {0};
  char what[100];
  for (size_t v = 0; v < r; v++) {
    const double last = rate * (1 + spread * (2 * (double)v / (double)(r - 1) - 1));
    for (size_t c = 0; c < k; c++) {
      p[v][c] = c == k - 1 ? last : (1 - last) / (double)(k - 1);
      of[c] += p[v][c] / (double)r;
    }
  }
  for (size_t v = 0; v < r; v++) {
    for (size_t c = 0; c < k; c++) {
      phi2 += (p[v][c] - of[c]) * (p[v][c] - of[c]) / of[c] / (double)r;
    }
  }
  const double truth = sqrt(phi2 / ((double)(r < k ? r : k) - 1));
  for (int run = 0; run < runs; run++) {
    const struct frame_column column = {.kind = FRAME_CATEGORY, .code = code, .n_values = r};
    struct tells tells;
    double low, high;
    for (size_t i = 0; i < n; i++) {
      code[i] = (uint32_t)(philox_next_uniform(&random_state) * (double)r);
      label[i] = draw_of(p[code[i]], k);
    }
    if (data_tells_class(&column, label, n, k, 1, &tells, NULL) != NONET_OK) {
      exit(70);
    }
    data_tells_limits(&tells, 0.95, &low, &high);
    tally_add(&tally, truth, low, high);
  }
  snprintf(what, sizeof what, "V: %zu rows, %zu values, %zu classes, last %.2g, truth %.3f", n, r,
           k, rate, truth);
  report(what, &tally);
}

int main(int argc, char **argv) {
  const int runs = argc > 1 ? atoi(argv[1]) : 1000;
  if (runs < 1) {
    return 1;
  }
  simulate_ratio(300, 2, 1, runs);
  simulate_ratio(1000, 2, 9, runs);
  simulate_ratio(1000, 2, 99, runs);
  simulate_ratio(1000, 5, 1, runs);
  simulate_ratio(1000, 5, 2, runs);
  simulate_ratio(1000, 10, 1, runs);
  simulate_shift(500, 0.5, 2000, 0.5, runs);
  simulate_shift(500, 0.02, 2000, 0.02, runs);
  simulate_shift(300, 0.1, 1000, 0.3, runs);
  simulate_shift(1000, 0.005, 200, 0.01, runs);
  for (size_t k = 2; k <= 3; k++) {
    for (int s = 0; s < 6; s++) {
      const double rate = (double[]){0.5, 0.1}[s % 2], spread = (double[]){0, 0.3, 0.9}[s / 2];
      simulate_v(300, 2, k, rate, spread, runs);
      simulate_v(1000, 5, k, rate, spread, runs);
      simulate_v(1000, 20, k, rate, spread, runs);
    }
  }
  return n_failed > 0;
}
