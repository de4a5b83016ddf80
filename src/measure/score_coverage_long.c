/*
 * Simulated coverage of the intervals of calibration and regression measures, and of the band of
 * the ROC curve: does a 95 % interval hold the truth in 95 of 100 samples?
 *
 * A population is POINTS equally likely points, drawn once: (p, q) with q the probability that p
 * comes true, or (label, prediction). So the truth is known without error: of regression, the
 * measure of all points; of calibration, the measure of each p once with weight q as a positive and
 * once with weight 1 − q as a negative; of ece, sqrt(Σ ((mean p − mean q) of a group)²/15) over its
 * groups (the debiased estimate of a population that is given by weights would be debiased
 * wrongly). The true ROC curve is that of all p with these weights; a band holds it when it does so
 * at every point drawn. A sample draws points with replacement. With clusters a row copies its
 * cluster's first row with probability 1/2, which leaves the population as it is.
 *
 * ece is simulated as ece@exact: the groups and the law of its replicates are the same, and only p
 * that share a micro-bin tell them apart; 65,536 micro-bins are slow to draw for a few hundred
 * rows.
 *
 *   score_coverage_long [replicates = 10000]
 *
 * A line fails when coverage < `least` − 3 Monte-Carlo standard errors, where `least` is .95 less
 * the shortfall that the record states. Exits 1 when a line fails.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/philox.h"
#include "measure/catalogue.h"
#include "measure/measure_fixture.h"
#include "stats/distribution.h"
#include "stats/mathfn.h"

#define POINTS 4096
#define N_MOST 1000
#define LINES_MOST 16
#define ECE_GROUPS 15

struct population {
  double score[POINTS];
  double target[POINTS]; /* regression: the label; else q */
};

struct line {
  const char *id;
  double least;
};

struct setting {
  const char *name;
  void (*make)(struct population *);
  enum task task;
  size_t n, n_clusters;
  struct line lines[LINES_MOST];
};

/* ---- populations ---- */

static double normal(struct philox_sequence *draws) {
  return distribution_normal_quantile(philox_next_uniform(draws));
}

/* Labels of mean 10 and deviation 3, errors of deviation 1.5 and mean 0.3. */
static void normal_errors(struct population *p) {
  struct philox_sequence draws = {.seed = 41};
  for (size_t i = 0; i < POINTS; i++) {
    p->target[i] = 10 + 3 * normal(&draws);
    p->score[i] = p->target[i] + 0.3 + 1.5 * normal(&draws);
  }
}

/* Labels far from 0 to one side, errors in proportion. */
static void lognormal(struct population *p) {
  struct philox_sequence draws = {.seed = 42};
  for (size_t i = 0; i < POINTS; i++) {
    p->target[i] = mathfn_exp(normal(&draws));
    p->score[i] = p->target[i] * mathfn_exp(0.3 * normal(&draws));
  }
}

/* Errors by Student's t with 3 degrees of freedom. */
static void heavy_tails(struct population *p) {
  struct philox_sequence draws = {.seed = 43};
  for (size_t i = 0; i < POINTS; i++) {
    double squares = 0;
    for (int k = 0; k < 3; k++) {
      double z = normal(&draws);
      squares += z * z;
    }
    p->target[i] = 10 + 3 * normal(&draws);
    p->score[i] = p->target[i] + normal(&draws) / sqrt(squares / 3);
  }
}

/* q = sigmoid(shift + slope · logit p), logit p normal. */
static void probabilities(struct population *p, double mean, double shift, double slope) {
  struct philox_sequence draws = {.seed = 44};
  for (size_t i = 0; i < POINTS; i++) {
    double logit = mean + 1.5 * normal(&draws);
    p->score[i] = mathfn_sigmoid(logit);
    p->target[i] = mathfn_sigmoid(shift + slope * logit);
  }
}

static void calibrated(struct population *p) {
  probabilities(p, -0.5, 0, 1);
}

static void overconfident(struct population *p) {
  probabilities(p, -0.5, 0.3, 0.6);
}

static void rare(struct population *p) {
  probabilities(p, -4, -0.3, 0.9);
}

#define CALIBRATION_LINES(intercept)                                                               \
  {"calibration_slope", 0.945}, {"calibration_intercept", intercept}, {"ece@exact", 0.945},        \
      {"brier", 0.945}, {"log_loss", 0.945}
#define ROC_LINE {"roc", 0.95}

static const struct setting settings[] = {
    {"normal errors: n 50",
     normal_errors,
     TASK_REGRESSION,
     50,
     0,
     {{"rmse", 0.945},
      {"mae", 0.945},
      {"bias", 0.945},
      {"r2", 0.94},
      {"mape", 0.915},
      {"smape", 0.925},
      {"pinball", 0.945},
      {"median_ae", 0.945},
      {"spearman", 0.945},
      {"kendall", 0.945},
      {"concordance", 0.925},
      {NULL, 0}}},
    {"normal errors: n 300",
     normal_errors,
     TASK_REGRESSION,
     300,
     0,
     {{"rmse", 0.945},
      {"mae", 0.945},
      {"bias", 0.945},
      {"r2", 0.945},
      {"mape", 0.92},
      {"smape", 0.935},
      {"pinball", 0.945},
      {"median_ae", 0.945},
      {"spearman", 0.945},
      {"kendall", 0.945},
      {"concordance", 0.945},
      {NULL, 0}}},
    {"log-normal labels: n 300",
     lognormal,
     TASK_REGRESSION,
     300,
     0,
     {{"rmse", 0.65},
      {"mae", 0.91},
      {"bias", 0.93},
      {"r2", 0.685},
      {"mape", 0.945},
      {"smape", 0.945},
      {"pinball", 0.91},
      {"median_ae", 0.945},
      {"spearman", 0.945},
      {"kendall", 0.945},
      {"concordance", 0.7},
      {NULL, 0}}},
    {"errors of t(3): n 300",
     heavy_tails,
     TASK_REGRESSION,
     300,
     0,
     {{"rmse", 0.83},
      {"mae", 0.935},
      {"bias", 0.945},
      {"r2", 0.845},
      {"mape", 0.855},
      {"smape", 0.925},
      {"pinball", 0.935},
      {"median_ae", 0.945},
      {"spearman", 0.94},
      {"kendall", 0.945},
      {"concordance", 0.825},
      {NULL, 0}}},
    {"normal errors: 40 clusters of 10",
     normal_errors,
     TASK_REGRESSION,
     400,
     40,
     {{"rmse", 0.935},
      {"mae", 0.945},
      {"bias", 0.945},
      {"r2", 0.94},
      {"mape", 0.915},
      {"smape", 0.925},
      {"pinball", 0.945},
      {"median_ae", 0.945},
      {"spearman", 0.945},
      {"kendall", 0.945},
      {"concordance", 0.945},
      {NULL, 0}}},
    {"calibrated: n 200", calibrated, TASK_BINARY, 200, 0, {CALIBRATION_LINES(0.945), ROC_LINE}},
    {"overconfident: n 200", overconfident, TASK_BINARY, 200, 0, {CALIBRATION_LINES(0.925)}},
    {"overconfident: n 1000", overconfident, TASK_BINARY, 1000, 0, {CALIBRATION_LINES(0.92)}},
    {"rare: n 1000, 4 % positive",
     rare,
     TASK_BINARY,
     1000,
     0,
     {CALIBRATION_LINES(0.945), ROC_LINE}},
    {"overconfident: 40 clusters of 10",
     overconfident,
     TASK_BINARY,
     400,
     40,
     {{"calibration_slope", 0.94},
      {"calibration_intercept", 0.945},
      {"ece@exact", 0.945},
      {"brier", 0.94},
      {"log_loss", 0.935}}},
};
#define N_SETTINGS (sizeof settings / sizeof *settings)

/* ---- truth ---- */

/* The true ROC curve from the highest p down: [k] after k points. */
struct roc {
  double fpr[POINTS + 1], tpr[POINTS + 1];
};

static int by_score(const void *left, const void *right) {
  const double *a = left, *b = right;
  return (a[0] > b[0]) - (a[0] < b[0]);
}

static double true_ece(const struct population *p) {
  static double pairs[POINTS][2];
  double squares = 0;
  for (size_t i = 0; i < POINTS; i++) {
    pairs[i][0] = p->score[i];
    pairs[i][1] = p->target[i];
  }
  qsort(pairs, POINTS, sizeof *pairs, by_score);
  for (size_t g = 0; g < ECE_GROUPS; g++) {
    size_t from = g * POINTS / ECE_GROUPS, to = (g + 1) * POINTS / ECE_GROUPS;
    double gap = 0, n = (double)(to - from);
    for (size_t i = from; i < to; i++) {
      gap += (pairs[i][0] - pairs[i][1]) / n;
    }
    squares += gap * gap * n / POINTS;
  }
  return sqrt(squares);
}

static void true_roc(const struct population *p, struct roc *roc) {
  static double pairs[POINTS][2];
  double positives = 0;
  for (size_t i = 0; i < POINTS; i++) {
    pairs[i][0] = p->score[i];
    pairs[i][1] = p->target[i];
    positives += p->target[i];
  }
  qsort(pairs, POINTS, sizeof *pairs, by_score);
  roc->fpr[0] = roc->tpr[0] = 0;
  for (size_t k = 1; k <= POINTS; k++) {
    double q = pairs[POINTS - k][1];
    roc->tpr[k] = roc->tpr[k - 1] + q / positives;
    roc->fpr[k] = roc->fpr[k - 1] + (1 - q) / (POINTS - positives);
  }
}

static const struct view_options quick = {
    .seed = 1, .n_replicates = 999, .n_threads = 1, .level = 0.95, .quantile = 0.5};

struct job {
  const struct setting *setting;
  struct population population;
  struct catalogue_pick pick[LINES_MOST];
  double truth[LINES_MOST];
  struct roc roc;
  size_t n_lines;
  signed char *outcome; /* [replicates][LINES_MOST] */
  uint64_t first_id;
};

enum { OUTCOME_HIT, OUTCOME_BELOW, OUTCOME_ABOVE, OUTCOME_MISSING };

static nonet_status open_view(const struct fixture *fixture, struct summary_set **set,
                              struct view *view, nonet_error *error) {
  static const bool scope[1] = {true};
  nonet_status status = fixture_set(fixture, set, error);
  return status == NONET_OK ? view_init(*set, scope, -1, &quick, view, error) : status;
}

static nonet_status find_picks(struct job *job, nonet_error *error) {
  nonet_status status = NONET_OK;
  job->n_lines = 0;
  while (job->n_lines < LINES_MOST && job->setting->lines[job->n_lines].id != NULL &&
         status == NONET_OK) {
    struct catalogue_pick *picks;
    size_t n;
    status = catalogue_select(job->setting->lines[job->n_lines].id, job->setting->task, &picks, &n,
                              NULL, error);
    if (status == NONET_OK) {
      job->pick[job->n_lines] = picks[0];
      job->pick[job->n_lines++].variant.suffix = "";
      memory_free(picks);
    }
  }
  return status;
}

static nonet_status find_truths(struct job *job, nonet_error *error) {
  const struct population *p = &job->population;
  static uint32_t label[2 * POINTS];
  static double score[2 * POINTS], weight[2 * POINTS];
  struct fixture f = {.task = job->setting->task,
                      .n = POINTS,
                      .n_scores = 1,
                      .target = p->target,
                      .score = {p->score}};
  struct summary_set *set = NULL;
  struct view view = {0};
  if (job->setting->task == TASK_BINARY) {
    for (size_t i = 0; i < 2 * POINTS; i++) {
      label[i] = i < POINTS;
      score[i] = p->score[i % POINTS];
      weight[i] = i < POINTS ? p->target[i] : 1 - p->target[i % POINTS];
    }
    f = (struct fixture){.task = TASK_BINARY,
                         .n = (size_t)2 * POINTS,
                         .n_classes = 2,
                         .n_scores = 1,
                         .label = label,
                         .score = {score},
                         .weight = weight};
  }
  nonet_status status = open_view(&f, &set, &view, error);
  for (size_t i = 0; i < job->n_lines && status == NONET_OK; i++) {
    struct inference law;
    const struct catalogue_pick *pick = &job->pick[i];
    if (pick->measure->draw != NULL) {
      true_roc(p, &job->roc);
      continue;
    }
    if (strcmp(pick->measure->id, "correctness.ece") == 0) {
      job->truth[i] = true_ece(p);
      continue;
    }
    status = pick->measure->estimate(pick->measure, &pick->variant, &view, STREAM_A, &law, error);
    job->truth[i] = law.value;
  }
  if (view.cache != NULL) {
    view_clear(&view);
  }
  summary_free(set);
  return status;
}

/* ---- one sample ---- */

struct sample {
  uint32_t label[N_MOST];
  double score[N_MOST], target[N_MOST];
  uint64_t cluster[N_MOST];
};

static void draw_sample(const struct job *job, uint64_t id, struct sample *sample) {
  const struct setting *setting = job->setting;
  struct philox_sequence draws = {.seed = 2025, .id = id};
  size_t per = setting->n_clusters > 0 ? setting->n / setting->n_clusters : 1;
  for (size_t i = 0; i < setting->n; i++) {
    size_t leader = i - i % per;
    size_t point = (size_t)(philox_next_uniform(&draws) * POINTS) % POINTS;
    sample->cluster[i] = i / per;
    if (i != leader && philox_next_uniform(&draws) < 0.5) {
      sample->label[i] = sample->label[leader];
      sample->score[i] = sample->score[leader];
      sample->target[i] = sample->target[leader];
    } else {
      sample->score[i] = job->population.score[point];
      sample->target[i] = job->population.target[point];
      sample->label[i] = philox_next_uniform(&draws) < sample->target[i];
    }
  }
}

static int judge(const struct inference *law, double truth) {
  double low, high;
  if (law->kind == INFERENCE_MISSING) {
    return OUTCOME_MISSING;
  }
  inference_bounds(law, 0.95, &low, &high);
  return low > truth ? OUTCOME_BELOW : high < truth ? OUTCOME_ABOVE : OUTCOME_HIT;
}

/* At FPR x the true TPR lies between those of the steps around it. */
static int judge_roc(const struct measure_curve *curve, const struct roc *roc) {
  size_t k = 0;
  if (curve->n_points == 0) {
    return OUTCOME_MISSING;
  }
  for (size_t i = 0; i < curve->n_points; i++) {
    while (k < POINTS && roc->fpr[k + 1] <= curve->x[i]) {
      k++;
    }
    if (curve->low[i] > roc->tpr[k < POINTS ? k + 1 : k]) {
      return OUTCOME_BELOW;
    }
    if (curve->high[i] < roc->tpr[k]) {
      return OUTCOME_ABOVE;
    }
  }
  return OUTCOME_HIT;
}

static nonet_status judge_line(const struct job *job, size_t i, struct view *view,
                               signed char *outcome, nonet_error *error) {
  const struct catalogue_pick *pick = &job->pick[i];
  struct inference law;
  struct measure_curve curve;
  nonet_status status;
  view->n_notes = 0;
  if (pick->measure->draw != NULL) {
    status = pick->measure->draw(pick->measure, view, STREAM_A, &curve, error);
    *outcome = (signed char)(status == NONET_OK ? judge_roc(&curve, &job->roc) : OUTCOME_MISSING);
  } else {
    status = pick->measure->estimate(pick->measure, &pick->variant, view, STREAM_A, &law, error);
    *outcome = (signed char)(status == NONET_OK ? judge(&law, job->truth[i]) : OUTCOME_MISSING);
  }
  return status;
}

static nonet_status one_replicate(void *context, size_t item, size_t worker, nonet_error *error) {
  (void)worker;
  struct job *job = context;
  const struct setting *setting = job->setting;
  struct sample *sample = memory_zeroed(1, sizeof *sample);
  struct summary_set *set = NULL;
  struct view view = {0};
  bool is_binary = setting->task == TASK_BINARY;
  if (sample == NULL) {
    return NONET_E_MEMORY;
  }
  draw_sample(job, job->first_id + item, sample);
  struct fixture f = {.task = setting->task,
                      .n = setting->n,
                      .n_classes = is_binary ? 2 : 0,
                      .n_scores = 1,
                      .label = is_binary ? sample->label : NULL,
                      .target = is_binary ? NULL : sample->target,
                      .score = {sample->score},
                      .cluster = setting->n_clusters > 0 ? sample->cluster : NULL,
                      .kinds = SUMMARY_COUNT_TABLE | SUMMARY_MOMENTS | SUMMARY_MULTISET |
                               (is_binary ? SUMMARY_MICROBINS : 0u)};
  nonet_status status = open_view(&f, &set, &view, error);
  for (size_t i = 0; i < job->n_lines && status == NONET_OK; i++) {
    status = judge_line(job, i, &view, &job->outcome[item * LINES_MOST + i], error);
  }
  if (view.cache != NULL) {
    view_clear(&view);
  }
  summary_free(set);
  memory_free(sample);
  return status;
}

static int report(const struct job *job, size_t replicates) {
  int failed = 0;
  for (size_t i = 0; i < job->n_lines; i++) {
    const struct line *line = &job->setting->lines[i];
    double n[4] = {0}, b = (double)replicates;
    for (size_t r = 0; r < replicates; r++) {
      n[job->outcome[r * LINES_MOST + i]]++;
    }
    double there = b - n[OUTCOME_MISSING], coverage = n[OUTCOME_HIT] / there,
           se = sqrt(line->least * (1 - line->least) / there);
    bool fails = !(coverage >= line->least - 3 * se) || n[OUTCOME_MISSING] > 0.5 * b;
    printf("  %-24s truth %8.4f  coverage %.4f  above %.4f  below %.4f  (least %.3f, se %.4f)  "
           "missing %.3f%s\n",
           line->id, job->truth[i], coverage, n[OUTCOME_BELOW] / there, n[OUTCOME_ABOVE] / there,
           line->least, se, n[OUTCOME_MISSING] / b, fails ? "  FAILS" : "");
    failed += fails;
  }
  (void)fflush(stdout);
  return failed;
}

int main(int argc, char **argv) {
  size_t replicates = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 10000;
  int failed = 0;
  static struct job job;
  for (size_t s = 0; s < N_SETTINGS; s++) {
    nonet_error error = {{0}};
    job = (struct job){.setting = &settings[s], .first_id = (uint64_t)s << 32};
    job.setting->make(&job.population);
    job.outcome = memory_zeroed(replicates, LINES_MOST);
    nonet_status status = job.outcome == NULL ? NONET_E_MEMORY : find_picks(&job, &error);
    if (status == NONET_OK) {
      status = find_truths(&job, &error);
    }
    if (status == NONET_OK) {
      status = parallel_for(parallel_cores(), replicates, one_replicate, &job, &error);
    }
    if (status != NONET_OK) {
      (void)fprintf(stderr, "%s: %s\n", settings[s].name, error.message);
      return (int)status;
    }
    printf("%s\n", settings[s].name);
    failed += report(&job, replicates);
    memory_free(job.outcome);
  }
  printf("%d lines fail with %zu replicates\n", failed, replicates);
  return failed > 0;
}
