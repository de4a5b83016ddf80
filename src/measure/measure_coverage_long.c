/*
 * Simulated coverage of the measures' intervals: does a 95 % interval hold the truth in 95 of 100
 * samples, and does a paired law call a harm safe, or an equal model harmed, no oftener than 5 % a
 * side?
 *
 * A population is a list of kinds of rows with their probabilities, so the truth is the measure
 * itself of one row of each kind, weighted by its probability. A sample draws kinds at random; with
 * clusters a row copies its cluster's first row with probability 1/2, which leaves the population
 * as it is and gives an intra-cluster correlation of 1/4 and more.
 *
 *   measure_coverage_long [replicates = 10000]
 *
 * Single: coverage >= `least` − 3 Monte-Carlo standard errors, where `least` is .95 less the
 * shortfall that the record states. Paired: each of the two one-sided errors at alpha = .05 <=
 * `most` + 3 standard errors, undecided laws counted as never wrong; .07 is what judgement allows
 * for tables. Exits 1 when a line fails.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/philox.h"
#include "measure/catalogue.h"
#include "measure/measure_fixture.h"

#define KINDS_MOST 256
#define N_MOST 1000

struct population {
  size_t n, n_classes, n_scores;
  uint32_t label[KINDS_MOST], a[KINDS_MOST], b[KINDS_MOST];
  double pa[KINDS_MOST * 4], pb[KINDS_MOST * 4], probability[KINDS_MOST];
};

struct line {
  const char *id;
  bool is_pair;
  double bound; /* single: least coverage; pair: most error a side */
};

struct setting {
  const char *name;
  void (*make)(struct population *);
  enum task task;
  size_t n, n_clusters;
  bool weighted;
  struct line lines[16];
};

/* ---- populations ---- */

static void add(struct population *p, uint32_t label, uint32_t a, uint32_t b, double probability) {
  p->label[p->n] = label, p->a[p->n] = a, p->b[p->n] = b;
  p->probability[p->n++] = probability;
}

/* Two classes; A and B right with the given rates, and alike in `tied` of the rows. */
static void binary_rates(struct population *p, double prevalence, const double right_a[2],
                         const double right_b[2], double tied) {
  *p = (struct population){.n_classes = 2};
  for (uint32_t y = 0; y < 2; y++) {
    double share = y == 1 ? prevalence : 1 - prevalence;
    double qa = right_a[y], qb = right_b[y], both = tied * fmin(qa, qb) + (1 - tied) * qa * qb;
    add(p, y, y, y, share * both);
    add(p, y, y, 1 - y, share * (qa - both));
    add(p, y, 1 - y, y, share * (qb - both));
    add(p, y, 1 - y, 1 - y, share * (1 - qa - qb + both));
  }
}

static void common(struct population *p) {
  binary_rates(p, 0.3, (double[]){0.85, 0.75}, (double[]){0.87, 0.78}, 0.6);
}

static void rare(struct population *p) {
  binary_rates(p, 0.08, (double[]){0.95, 0.6}, (double[]){0.955, 0.65}, 0.7);
}

static void good(struct population *p) {
  binary_rates(p, 0.4, (double[]){0.97, 0.95}, (double[]){0.975, 0.96}, 0.5);
}

static void four_classes(struct population *p) {
  const double share[] = {0.45, 0.3, 0.15, 0.1}, right_a[] = {0.85, 0.75, 0.6, 0.5},
               right_b[] = {0.86, 0.78, 0.63, 0.5};
  *p = (struct population){.n_classes = 4};
  for (uint32_t y = 0; y < 4; y++) {
    for (uint32_t a = 0; a < 4; a++) {
      for (uint32_t b = 0; b < 4; b++) {
        double pa = a == y ? right_a[y] : (1 - right_a[y]) / 3,
               pb = b == y ? right_b[y] : (1 - right_b[y]) / 3;
        double same =
            a == b ? fmin(pa, pb)
                   : 0; /* half of the rows are answered alike as far as the margins let them */
        double rest_a = 0, left_a = 0, left_b = 0;
        for (uint32_t c = 0; c < 4; c++) {
          double qa = c == y ? right_a[y] : (1 - right_a[y]) / 3,
                 qb = c == y ? right_b[y] : (1 - right_b[y]) / 3;
          rest_a += qa - fmin(qa, qb);
          left_a = c == a ? qa - fmin(qa, qb) : left_a;
          left_b = c == b ? qb - fmin(qa, qb) : left_b;
        }
        double coupled = same + (rest_a > 0 ? left_a * left_b / rest_a : 0);
        add(p, y, a, b, share[y] * 0.5 * (coupled + pa * pb));
      }
    }
  }
}

/* Probabilities of two models and a label that follows the truth between them. */
static void probabilities(struct population *p) {
  *p = (struct population){.n_classes = 2, .n_scores = 1};
  for (int i = 0; i < 10; i++) {
    for (int j = -1; j <= 1; j++) {
      double truth = 0.02 + 0.1 * i, other = fmin(0.97, fmax(0.015, truth + 0.06 * j));
      for (uint32_t y = 0; y < 2; y++) {
        p->pa[p->n] = 0.9 * truth + 0.05;
        p->pb[p->n] = other;
        add(p, y, p->pa[p->n] >= 0.5, p->pb[p->n] >= 0.5, (y == 1 ? truth : 1 - truth) / 30);
      }
    }
  }
}

static const struct setting settings[] = {
    {"common: n 300, 30 % positive",
     common,
     TASK_BINARY,
     300,
     0,
     false,
     {{"accuracy", false, 0.945},
      {"recall", false, 0.945},
      {"precision", false, 0.945},
      {"npv", false, 0.945},
      {"f1", false, 0.94},
      {"f_beta@2", false, 0.94},
      {"jaccard", false, 0.94},
      {"balanced_accuracy", false, 0.94},
      {"informedness", false, 0.94},
      {"markedness", false, 0.94},
      {"mcc", false, 0.94},
      {"kappa", false, 0.94},
      {"lift_over_dummy", false, 0.94},
      {NULL, false, 0}}},
    {"rare: n 500, 8 % positive",
     rare,
     TASK_BINARY,
     500,
     0,
     false,
     {{"recall", false, 0.94},
      {"precision", false, 0.94},
      {"f1", false, 0.94},
      {"f_beta@2", false, 0.94},
      {"balanced_accuracy", false, 0.94},
      {"markedness", false, 0.94},
      {"mcc", false, 0.925},
      {"kappa", false, 0.925},
      {NULL, false, 0}}},
    {"good: n 200, 95-97 % right",
     good,
     TASK_BINARY,
     200,
     0,
     false,
     {{"accuracy", false, 0.94},
      {"recall", false, 0.94},
      {"f1", false, 0.94},
      {"balanced_accuracy", false, 0.94},
      {"mcc", false, 0.925},
      {"kappa", false, 0.925},
      {"flip_rate", false, 0.94},
      {"negative_flip_rate", false, 0.94},
      {NULL, false, 0}}},
    {"four classes: n 300",
     four_classes,
     TASK_MULTICLASS,
     300,
     0,
     false,
     {{"accuracy", false, 0.945},
      {"balanced_accuracy", false, 0.94},
      {"precision@macro", false, 0.93},
      {"recall@macro", false, 0.93},
      {"f1@macro", false, 0.93},
      {"f1@weighted", false, 0.935},
      {"jaccard@macro", false, 0.93},
      {"jaccard@micro", false, 0.945},
      {"mcc", false, 0.935},
      {"kappa", false, 0.935},
      {"kappa@quadratic", false, 0.92},
      {NULL, false, 0}}},
    {"common pairs: n 300, 90 positives",
     common,
     TASK_BINARY,
     300,
     0,
     false,
     {{"accuracy", true, 0.06},
      {"recall", true, 0.06},
      {"specificity", true, 0.06},
      {"precision", true, 0.07},
      {"npv", true, 0.07},
      {"f1", true, 0.07},
      {"jaccard", true, 0.07},
      {"balanced_accuracy", true, 0.07},
      {"mcc", true, 0.07},
      {"kappa", true, 0.07},
      {"informedness", true, 0.07},
      {NULL, false, 0}}},
    {"rare pairs: n 320, 25 positives",
     rare,
     TASK_BINARY,
     320,
     0,
     false,
     {{"accuracy", true, 0.06},
      {"recall", true, 0.06},
      {"precision", true, 0.07},
      {"f1", true, 0.07},
      {"balanced_accuracy", true, 0.07},
      {"mcc", true, 0.07},
      {"kappa", true, 0.07},
      {NULL, false, 0}}},
    {"four classes pairs: n 300",
     four_classes,
     TASK_MULTICLASS,
     300,
     0,
     false,
     {{"accuracy", true, 0.06},
      {"f1@macro", true, 0.07},
      {"f1@weighted", true, 0.07},
      {"precision@macro", true, 0.07},
      {"balanced_accuracy", true, 0.07},
      {"mcc", true, 0.07},
      {"kappa", true, 0.07},
      {NULL, false, 0}}},
    {"probabilities: n 200",
     probabilities,
     TASK_BINARY,
     200,
     0,
     false,
     {{"log_loss", false, 0.94},
      {"brier", false, 0.94},
      {"prediction_difference", false, 0.94},
      {"log_loss", true, 0.06},
      {"brier", true, 0.06},
      {NULL, false, 0}}},
    {"probabilities: n 1000",
     probabilities,
     TASK_BINARY,
     1000,
     0,
     false,
     {{"log_loss", false, 0.945},
      {"brier", false, 0.945},
      {"log_loss", true, 0.06},
      {"brier", true, 0.06},
      {"auc", false, 0.945},
      {"auc", true, 0.06},
      {NULL, false, 0}}},
    {"40 clusters of 10",
     common,
     TASK_BINARY,
     400,
     40,
     false,
     {{"accuracy", false, 0.935},
      {"recall", false, 0.93},
      {"precision", false, 0.93},
      {"f1", false, 0.93},
      {"mcc", false, 0.92},
      {"balanced_accuracy", false, 0.92},
      {"accuracy", true, 0.07},
      {"f1", true, 0.07},
      {"mcc", true, 0.07},
      {NULL, false, 0}}},
    {"weights: n 400, n_effective 0.7 n",
     common,
     TASK_BINARY,
     400,
     0,
     true,
     {{"accuracy", false, 0.94},
      {"recall", false, 0.935},
      {"f1", false, 0.935},
      {"mcc", false, 0.93},
      {"accuracy", true, 0.06},
      {"f1", true, 0.07},
      {NULL, false, 0}}},
    {"probabilities, 40 clusters of 10",
     probabilities,
     TASK_BINARY,
     400,
     40,
     false,
     {{"log_loss", false, 0.925},
      {"brier", false, 0.93},
      {"log_loss", true, 0.07},
      {"brier", true, 0.07},
      {NULL, false, 0}}},
};
#define N_SETTINGS (sizeof settings / sizeof *settings)

/* ---- one sample ---- */

struct sample {
  uint32_t label[N_MOST], a[N_MOST], b[N_MOST];
  double pa[N_MOST], pb[N_MOST], weight[N_MOST];
  uint64_t cluster[N_MOST];
};

static size_t draw_kind(const struct population *p, struct philox_sequence *draws) {
  double u = philox_next_uniform(draws);
  for (size_t i = 0; i + 1 < p->n; i++) {
    u -= p->probability[i];
    if (u < 0) {
      return i;
    }
  }
  return p->n - 1;
}

static void draw_sample(const struct setting *setting, const struct population *p, uint64_t id,
                        struct sample *sample) {
  struct philox_sequence draws = {.seed = 2024, .id = id, .position = 0};
  size_t per = setting->n_clusters > 0 ? setting->n / setting->n_clusters : 1, leader = 0;
  for (size_t i = 0; i < setting->n; i++) {
    size_t kind = draw_kind(p, &draws);
    if (i % per == 0) {
      leader = kind;
    } else if (setting->n_clusters > 0 && philox_next_uniform(&draws) < 0.5) {
      kind = leader;
    }
    sample->label[i] = p->label[kind], sample->a[i] = p->a[kind], sample->b[i] = p->b[kind];
    sample->pa[i] = p->pa[kind], sample->pb[i] = p->pb[kind];
    sample->cluster[i] = i / per;
    sample->weight[i] = 0.2 + 2 * philox_next_uniform(&draws);
  }
}

static struct fixture fixture_of(const struct setting *setting, const struct population *p,
                                 const struct sample *sample) {
  struct fixture f = {.task = setting->task,
                      .n = setting->n,
                      .n_classes = p->n_classes,
                      .n_scores = p->n_scores,
                      .label = sample->label,
                      .prediction = {sample->a, sample->b},
                      .weight = setting->weighted ? sample->weight : NULL,
                      .cluster = setting->n_clusters > 0 ? sample->cluster : NULL};
  if (p->n_scores > 0) {
    f.score[0] = sample->pa, f.score[1] = sample->pb;
  } else {
    f.kinds = setting->weighted || setting->n_clusters > 0 ? 0 : SUMMARY_COUNT_TABLE;
  }
  return f;
}

static nonet_status law_of(const struct line *line, const struct catalogue_pick *pick,
                           struct view *view, struct inference *law, nonet_error *error) {
  view->n_notes = 0;
  return line->is_pair
             ? pick->measure->compare(pick->measure, &pick->variant, view, law, error)
             : pick->measure->estimate(pick->measure, &pick->variant, view, STREAM_A, law, error);
}

/* ---- one setting ---- */

enum outcome {
  OUTCOME_HIT = 1,
  OUTCOME_BELOW = 2,
  OUTCOME_ABOVE = 4,
  OUTCOME_MISSING = 8,
  OUTCOME_UNDECIDED = 16
};

struct job {
  const struct setting *setting;
  struct population population;
  struct catalogue_pick pick[16];
  double truth[16];
  size_t n_lines;
  unsigned char *outcome; /* [replicates][16] */
  uint64_t first_id;
};

static const struct view_options quick = {
    .seed = 1, .n_replicates = 999, .n_threads = 1, .level = 0.95, .quantile = 0.5};

static unsigned char judge(const struct line *line, const struct inference *law, double truth) {
  double low, high;
  if (law->kind == INFERENCE_MISSING) {
    return OUTCOME_MISSING;
  }
  if (line->is_pair) {
    if (law->undecided != NULL) {
      return OUTCOME_UNDECIDED;
    }
    bool safe = inference_p(law, truth, true) <= 0.05,
         harmed = inference_p(law, truth, false) <= 0.05;
    return (unsigned char)((safe ? OUTCOME_BELOW : 0) | (harmed ? OUTCOME_ABOVE : 0));
  }
  inference_bounds(law, 0.95, &low, &high);
  return low > truth ? OUTCOME_BELOW : high < truth ? OUTCOME_ABOVE : OUTCOME_HIT;
}

static nonet_status one_replicate(void *context, size_t item, size_t worker, nonet_error *error) {
  (void)worker;
  struct job *job = context;
  struct sample *sample = memory_zeroed(1, sizeof *sample);
  struct summary_set *set = NULL;
  struct view view = {0};
  bool scope[1] = {true};
  nonet_status status = sample == NULL ? NONET_E_MEMORY : NONET_OK;
  if (status == NONET_OK) {
    draw_sample(job->setting, &job->population, job->first_id + item, sample);
    struct fixture f = fixture_of(job->setting, &job->population, sample);
    status = fixture_set(&f, &set, error);
  }
  if (status == NONET_OK) {
    status = view_init(set, scope, -1, &quick, &view, error);
  }
  for (size_t i = 0; i < job->n_lines && status == NONET_OK; i++) {
    struct inference law;
    status = law_of(&job->setting->lines[i], &job->pick[i], &view, &law, error);
    job->outcome[item * 16 + i] =
        status == NONET_OK ? judge(&job->setting->lines[i], &law, job->truth[i]) : OUTCOME_MISSING;
  }
  if (view.cache != NULL) {
    view_clear(&view);
  }
  summary_free(set);
  memory_free(sample);
  return status;
}

/* The measures of the population itself. */
static nonet_status find_truths(struct job *job, nonet_error *error) {
  struct population *p = &job->population;
  struct fixture f = {.task = job->setting->task,
                      .n = p->n,
                      .n_classes = p->n_classes,
                      .n_scores = p->n_scores,
                      .label = p->label,
                      .prediction = {p->a, p->b},
                      .weight = p->probability};
  if (p->n_scores > 0) {
    f.score[0] = p->pa, f.score[1] = p->pb;
  }
  struct summary_set *set = NULL;
  struct view view = {0};
  bool scope[1] = {true};
  nonet_status status = fixture_set(&f, &set, error);
  if (status == NONET_OK) {
    status = view_init(set, scope, -1, &quick, &view, error);
  }
  for (job->n_lines = 0; job->setting->lines[job->n_lines].id != NULL && status == NONET_OK;
       job->n_lines++) {
    const struct line *line = &job->setting->lines[job->n_lines];
    struct catalogue_pick *picks;
    size_t n;
    struct inference law;
    status = catalogue_select(line->id, job->setting->task, &picks, &n, NULL, error);
    if (status == NONET_OK) {
      job->pick[job->n_lines] = picks[0];
      job->pick[job->n_lines].variant.suffix = "";
      memory_free(picks);
      status = law_of(line, &job->pick[job->n_lines], &view, &law, error);
      job->truth[job->n_lines] = law.value;
    }
  }
  if (view.cache != NULL) {
    view_clear(&view);
  }
  summary_free(set);
  return status;
}

static int report(const struct job *job, size_t replicates) {
  int failed = 0;
  for (size_t i = 0; i < job->n_lines; i++) {
    const struct line *line = &job->setting->lines[i];
    double below = 0, above = 0, missing = 0, undecided = 0, b = (double)replicates;
    for (size_t r = 0; r < replicates; r++) {
      unsigned char outcome = job->outcome[r * 16 + i];
      below += (outcome & OUTCOME_BELOW) != 0;
      above += (outcome & OUTCOME_ABOVE) != 0;
      missing += (outcome & OUTCOME_MISSING) != 0;
      undecided += (outcome & OUTCOME_UNDECIDED) != 0;
    }
    bool fails;
    if (line->is_pair) {
      double worst = fmax(below, above) / b, se = sqrt(line->bound * (1 - line->bound) / b);
      fails = worst > line->bound + 3 * se;
      printf("  %-24s difference  false safe %.4f  false harmed %.4f  (most %.3f, se %.4f)  "
             "undecided %.3f%s\n",
             line->id, below / b, above / b, line->bound, se, (undecided + missing) / b,
             fails ? "  FAILS" : "");
    } else {
      double n = b - missing, coverage = 1 - (below + above) / n,
             se = sqrt(line->bound * (1 - line->bound) / n);
      fails = coverage < line->bound - 3 * se || missing > 0.5 * b;
      printf(
          "  %-24s coverage %.4f  above %.4f  below %.4f  (least %.3f, se %.4f)  missing %.3f%s\n",
          line->id, coverage, below / n, above / n, line->bound, se, missing / b,
          fails ? "  FAILS" : "");
    }
    failed += fails;
  }
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
    job.outcome = memory_zeroed(replicates, 16);
    nonet_status status = job.outcome == NULL ? NONET_E_MEMORY : find_truths(&job, &error);
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
