/*
 * The judge's two promises by simulation, with laws that are exactly what they say: t over n rows
 * of normal differences. judge_measures_long.c does the same with real measures.
 *
 *   judge_size_long [replicates = 10000]
 *
 * For 1, 5 and 15 gates, independent and correlated (.5), n = 200, 2,000 and 20,000, margins of a
 * tenth of a row's standard deviation (δ/se = 1.4, 4.5, 14):
 *   false FAIL       every gate exactly at its margin
 *   false PASS       the first gate exactly at its margin, the others equal, or far on the good
 * side false IMPROVED   every gate equal n_needed         equal models, INCONCLUSIVE: new rows up
 * to the number printed, PASS then trade-offs (five gates: one primary above four with a limit of
 * three margins), looks at grown data, and beside them what gates that compare point estimates do.
 *
 * A rate may be alpha + 3 Monte-Carlo standard errors. n_needed promises .8: within .03 where gates
 * are independent; correlated gates pass together, so the bound that sums their failures gives
 * more. Exits 1 when a line fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "judge/judge_fixture.h"

#define GATES_MOST 15
#define ALPHA 0.05
#define MARGIN 0.1 /* in standard deviations of a row's difference */
#define FAR (10.0 * MARGIN)
#define LIMIT (3.0 * MARGIN)
#define LOOKS 5

enum outcome {
  FALSE_FAIL = 1 << 0,
  FALSE_PASS_EQUAL = 1 << 1,
  FALSE_PASS_FAR = 1 << 2,
  FALSE_IMPROVED = 1 << 3,
  NEEDED_TRIED = 1 << 4,
  NEEDED_PASSED = 1 << 5,
  POINT_FAIL = 1 << 6,        /* equal models, no margin: some estimate is below 0 */
  POINT_MARGIN_FAIL = 1 << 7, /* every gate at its margin: some estimate is below −δ */
  POINT_MARGIN_PASS = 1 << 8, /* one gate at its margin: no estimate is below −δ */
  TRADE_NO_GAIN = 1 << 9,     /* one gate at −δ, the primary above exactly at γ */
  TRADE_BETWEEN = 1 << 10,    /* one gate between δ and L, the primary above exactly at γ */
  TRADE_LIMIT = 1 << 11,      /* one gate exactly at −L, a true gain above */
  EQUAL_PASS = 1 << 12,
  LOOK_PASS = 1 << 13,
  LOOK_FAIL = 1 << 14,
  LOOK_IMPROVED = 1 << 15,
  NAIVE_PASS = 1 << 16, /* five looks at the whole alpha */
  NAIVE_FAIL = 1 << 17
};

struct line {
  const char *name;
  unsigned bit, among; /* among: only replicates with this bit; 0: all */
  double least, most;  /* NaN: shown, not held */
};

struct setting {
  size_t n_gates;
  double rho;
  double n;
};

struct job {
  struct setting setting;
  void (*replicate)(const struct job *job, struct philox_sequence *random, unsigned *outcome);
  struct looks looks[LOOKS];
  unsigned *outcome;
  uint64_t first_id;
};

/* The estimates of n rows: correlated means, and a standard deviation of its own for each gate
 * (chi-square by Wilson & Hilferty 1931). */
static void draw(const struct setting *setting, double n, struct philox_sequence *random,
                 double *mean, double *sd) {
  const double common = sqrt(setting->rho) * fixture_normal(random), k = 2.0 / (9.0 * (n - 1.0));
  for (size_t i = 0; i < setting->n_gates; i++) {
    const double own = sqrt(1.0 - setting->rho) * fixture_normal(random);
    const double root = 1.0 - k + sqrt(k) * fixture_normal(random);
    mean[i] = (common + own) / sqrt(n);
    sd[i] = sqrt(root * root * root);
  }
}

static struct judge_member gate_of(double shift, double mean, double sd, double n) {
  struct judge_member gate = fixture_gate(shift + mean, sd / sqrt(n), MARGIN, n);
  gate.law.df = n - 1.0;
  return gate;
}

static enum judge_verdict judge(struct judge_member *gates, size_t n, const struct looks *looks,
                                bool allows_tradeoffs, struct judge_candidate *candidate) {
  struct judge_rules rules = fixture_rules();
  struct judge_result result;
  rules.looks = looks;
  rules.allows_tradeoffs = allows_tradeoffs;
  if (judge_members(gates, n, &rules, candidate, &result, NULL) != NONET_OK) {
    abort();
  }
  return result.verdict;
}

static bool any_gain(const struct judge_member *gates, size_t n) {
  bool any = false;
  for (size_t i = 0; i < n; i++) {
    any = any || gates[i].gain != GAIN_NONE;
  }
  return any;
}

static void shift_all(const struct setting *s, const double *mean, const double *sd, double first,
                      double others, struct judge_member *gates) {
  for (size_t i = 0; i < s->n_gates; i++) {
    gates[i] = gate_of(i == 0 ? first : others, mean[i], sd[i], s->n);
  }
}

/* More rows at d = 0 until the number printed, pooled with those of today. */
static bool passes_when_grown(const struct setting *s, const double *mean, const double *sd,
                              double total, struct philox_sequence *random) {
  double more_mean[GATES_MOST], more_sd[GATES_MOST];
  struct judge_member gates[GATES_MOST];
  struct judge_candidate candidate;
  const double more = total - s->n;
  if (more < 2.0) {
    return true;
  }
  draw(s, more, random, more_mean, more_sd);
  for (size_t i = 0; i < s->n_gates; i++) {
    const double between = mean[i] - more_mean[i];
    const double squares = (s->n - 1.0) * sd[i] * sd[i] + (more - 1.0) * more_sd[i] * more_sd[i] +
                           s->n * more / total * between * between;
    gates[i] = gate_of(0.0, (s->n * mean[i] + more * more_mean[i]) / total,
                       sqrt(squares / (total - 1.0)), total);
  }
  return judge(gates, s->n_gates, NULL, false, &candidate) == VERDICT_PASS;
}

static unsigned point_gates(const struct setting *s, const double *mean) {
  bool below_0 = false, others_below = false;
  for (size_t i = 0; i < s->n_gates; i++) {
    below_0 = below_0 || mean[i] < 0.0;
    others_below = others_below || (i > 0 && mean[i] < -MARGIN);
  }
  /* All at the margin is below the margin exactly when equality is below 0. */
  return (below_0 ? POINT_FAIL | POINT_MARGIN_FAIL : 0) |
         (mean[0] >= 0.0 && !others_below ? POINT_MARGIN_PASS : 0);
}

static void replicate_plain(const struct job *job, struct philox_sequence *random,
                            unsigned *outcome) {
  const struct setting *s = &job->setting;
  double mean[GATES_MOST], sd[GATES_MOST];
  struct judge_member gates[GATES_MOST];
  struct judge_candidate candidate;
  draw(s, s->n, random, mean, sd);
  *outcome = point_gates(s, mean);
  shift_all(s, mean, sd, -MARGIN, -MARGIN, gates);
  *outcome |= judge(gates, s->n_gates, NULL, false, &candidate) == VERDICT_FAIL ? FALSE_FAIL : 0;
  shift_all(s, mean, sd, -MARGIN, 0.0, gates);
  *outcome |=
      judge(gates, s->n_gates, NULL, false, &candidate) == VERDICT_PASS ? FALSE_PASS_EQUAL : 0;
  shift_all(s, mean, sd, -MARGIN, FAR, gates);
  *outcome |=
      judge(gates, s->n_gates, NULL, false, &candidate) == VERDICT_PASS ? FALSE_PASS_FAR : 0;
  shift_all(s, mean, sd, 0.0, 0.0, gates);
  *outcome |= judge(gates, s->n_gates, NULL, false, &candidate) == VERDICT_PASS ? EQUAL_PASS : 0;
  *outcome |= any_gain(gates, s->n_gates) ? FALSE_IMPROVED : 0;
  if (!isnan(candidate.n_needed[UNIT_ROWS])) {
    *outcome |= NEEDED_TRIED;
    *outcome |=
        passes_when_grown(s, mean, sd, candidate.n_needed[UNIT_ROWS], random) ? NEEDED_PASSED : 0;
  }
}

static bool trade_passes(const struct setting *s, const double *mean, const double *sd,
                         double primary, double second) {
  struct judge_member gates[GATES_MOST];
  struct judge_candidate candidate;
  shift_all(s, mean, sd, primary, 0.0, gates);
  gates[1] = gate_of(second, mean[1], sd[1], s->n);
  for (size_t i = 1; i < s->n_gates; i++) {
    gates[i].tier = 2;
    gates[i].limit = LIMIT;
    gates[i].is_primary = false;
  }
  return judge(gates, s->n_gates, NULL, true, &candidate) == VERDICT_PASS;
}

static void replicate_trade(const struct job *job, struct philox_sequence *random,
                            unsigned *outcome) {
  const struct setting *s = &job->setting;
  double mean[GATES_MOST], sd[GATES_MOST];
  draw(s, s->n, random, mean, sd);
  *outcome = (trade_passes(s, mean, sd, MARGIN, -MARGIN) ? TRADE_NO_GAIN : 0) |
             (trade_passes(s, mean, sd, MARGIN, -1.5 * MARGIN) ? TRADE_BETWEEN : 0) |
             (trade_passes(s, mean, sd, FAR, -LIMIT) ? TRADE_LIMIT : 0);
}

/* Five looks, each with a fifth of the rows more. */
static void replicate_looks(const struct job *job, struct philox_sequence *random,
                            unsigned *outcome) {
  const struct setting *s = &job->setting;
  const double step = s->n / LOOKS;
  double sum[GATES_MOST] = {0}, mean[GATES_MOST], sd[GATES_MOST];
  struct judge_member gates[GATES_MOST];
  struct judge_candidate candidate;
  *outcome = 0;
  for (size_t k = 0; k < LOOKS; k++) {
    struct setting today = *s;
    today.n = step * (double)(k + 1);
    draw(s, step, random, mean, sd);
    for (size_t i = 0; i < s->n_gates; i++) {
      sum[i] += step * mean[i];
      mean[i] = sum[i] / today.n;
      sd[i] = 1.0;
    }
    for (int naive = 0; naive < 2; naive++) {
      const struct looks *looks = naive ? NULL : &job->looks[k];
      shift_all(&today, mean, sd, -MARGIN, FAR, gates);
      *outcome |= judge(gates, s->n_gates, looks, false, &candidate) == VERDICT_PASS
                      ? (naive ? NAIVE_PASS : LOOK_PASS)
                      : 0;
      shift_all(&today, mean, sd, -MARGIN, -MARGIN, gates);
      *outcome |= judge(gates, s->n_gates, looks, false, &candidate) == VERDICT_FAIL
                      ? (naive ? NAIVE_FAIL : LOOK_FAIL)
                      : 0;
    }
    shift_all(&today, mean, sd, 0.0, 0.0, gates);
    (void)judge(gates, s->n_gates, &job->looks[k], false, &candidate);
    *outcome |= any_gain(gates, s->n_gates) ? LOOK_IMPROVED : 0;
  }
}

static nonet_status one_replicate(void *context, size_t item, size_t worker, nonet_error *error) {
  const struct job *job = context;
  struct philox_sequence random = {.seed = 1999, .id = job->first_id + item};
  (void)worker;
  (void)error;
  job->replicate(job, &random, &job->outcome[item]);
  return NONET_OK;
}

static int report(const struct job *job, const struct line *lines, size_t n_lines,
                  size_t replicates) {
  int failed = 0;
  printf("%2zu gates, correlation %.1f, n %6.0f", job->setting.n_gates, job->setting.rho,
         job->setting.n);
  for (size_t i = 0; i < n_lines; i++) {
    size_t n = 0, hits = 0;
    for (size_t r = 0; r < replicates; r++) {
      const bool counts = (job->outcome[r] & lines[i].among) == lines[i].among;
      n += counts;
      hits += counts && (job->outcome[r] & lines[i].bit) != 0;
    }
    const double rate = n > 0 ? (double)hits / (double)n : NAN;
    const double least = lines[i].least, most = lines[i].most;
    const double slack_most = 3.0 * sqrt(most * (1.0 - most) / (double)n);
    const double slack_least = 3.0 * sqrt(least * (1.0 - least) / (double)n);
    const bool fails = n > 0 && (rate > most + slack_most || rate < least - slack_least);
    printf("  %s %.4f%s", lines[i].name, rate, fails ? " FAILS" : "");
    failed += fails;
  }
  printf("\n");
  return failed;
}

static int run(struct job *job, const struct line *lines, size_t n_lines, size_t replicates) {
  nonet_error error = {{0}};
  job->first_id += (uint64_t)1 << 32;
  if (parallel_for(parallel_cores(), replicates, one_replicate, job, &error) != NONET_OK) {
    (void)fprintf(stderr, "%s\n", error.message);
    exit(1);
  }
  return report(job, lines, n_lines, replicates);
}

static int run_plain(struct job *job, size_t replicates) {
  static const size_t n_gates[] = {1, 5, 15};
  static const double rho[] = {0.0, 0.5}, n[] = {200, 2000, 20000};
  int failed = 0;
  job->replicate = replicate_plain;
  for (size_t g = 0; g < 3; g++) {
    for (size_t r = 0; r < (g == 0 ? 1 : 2); r++) {
      for (size_t k = 0; k < 3; k++) {
        const bool is_bound = g > 0 && r > 0; /* correlated: more than .8 */
        const struct line lines[] = {
            {"false FAIL", FALSE_FAIL, 0, NAN, ALPHA},
            {"false PASS (others equal)", FALSE_PASS_EQUAL, 0, NAN, ALPHA},
            {"(others far)", FALSE_PASS_FAR, 0, NAN, ALPHA},
            {"false IMPROVED", FALSE_IMPROVED, 0, NAN, ALPHA},
            {"equal: PASS", EQUAL_PASS, 0, NAN, NAN},
            {"PASS at n_needed", NEEDED_PASSED, NEEDED_TRIED, 0.77, is_bound ? NAN : 0.83},
            {"point gates: equal FAIL", POINT_FAIL, 0, NAN, NAN},
            {"with margin: FAIL", POINT_MARGIN_FAIL, 0, NAN, NAN},
            {"PASS", POINT_MARGIN_PASS, 0, NAN, NAN}};
        job->setting = (struct setting){n_gates[g], rho[r], n[k]};
        failed += run(job, lines, sizeof lines / sizeof lines[0], replicates);
      }
    }
  }
  return failed;
}

static int run_trade(struct job *job, size_t replicates) {
  static const double rho[] = {0.0, 0.5}, n[] = {200, 2000, 20000};
  static const struct line lines[] = {
      {"trade-offs, false PASS: no gain, at the margin", TRADE_NO_GAIN, 0, NAN, ALPHA},
      {"no gain, between margin and limit", TRADE_BETWEEN, 0, NAN, ALPHA},
      {"true gain, at the limit", TRADE_LIMIT, 0, NAN, ALPHA}};
  int failed = 0;
  job->replicate = replicate_trade;
  for (size_t r = 0; r < 2; r++) {
    for (size_t k = 0; k < 3; k++) {
      job->setting = (struct setting){5, rho[r], n[k]};
      failed += run(job, lines, sizeof lines / sizeof lines[0], replicates);
    }
  }
  return failed;
}

static int run_looks(struct job *job, size_t replicates) {
  static const size_t n_gates[] = {1, 5};
  static const struct line lines[] = {
      {"five looks, spending: false PASS", LOOK_PASS, 0, NAN, ALPHA},
      {"false FAIL", LOOK_FAIL, 0, NAN, ALPHA},
      {"false IMPROVED", LOOK_IMPROVED, 0, NAN, ALPHA},
      {"whole alpha at each look: false PASS", NAIVE_PASS, 0, NAN, NAN},
      {"false FAIL", NAIVE_FAIL, 0, NAN, NAN}};
  const double t[LOOKS] = {0.2, 0.4, 0.6, 0.8, 1.0};
  int failed = 0;
  job->replicate = replicate_looks;
  for (size_t k = 0; k < LOOKS; k++) {
    if (looks_init(&job->looks[k], t, k + 1, NULL) != NONET_OK) {
      return 1;
    }
  }
  for (size_t g = 0; g < 2; g++) {
    job->setting = (struct setting){n_gates[g], 0.0, 2000};
    failed += run(job, lines, sizeof lines / sizeof lines[0], replicates);
  }
  return failed;
}

int main(int argc, char **argv) {
  const size_t replicates = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 10000;
  static struct job job;
  job.outcome = memory_zeroed(replicates + 1, sizeof *job.outcome);
  if (job.outcome == NULL || replicates == 0) {
    return 1;
  }
  const int failed =
      run_plain(&job, replicates) + run_trade(&job, replicates) + run_looks(&job, replicates);
  memory_free(job.outcome);
  printf("%d lines fail with %zu replicates\n", failed, replicates);
  return failed > 0;
}
