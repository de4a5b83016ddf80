/*
 * The judge's two promises by simulation, with real measures: AUC, recall, F1 and log-loss of two
 * models on the same rows, the latency ratio as t over launches, and accuracy in four groups as one
 * gate ("no group worse"), each through the measure floor as `compare` has it.
 *
 *   judge_measures_long [replicates = 10000]
 *
 * A population is a list of kinds of rows with their probabilities, so the true difference of every
 * measure is that of the kinds themselves, weighted. A margin set to exactly the true harm puts a
 * gate on its boundary. Three populations:
 *   harm    the candidate is worse in everything
 *   equal   both models err alike: exchangeable
 *   trade   the candidate ranks better and finds fewer positives
 *
 * The bootstrap of log-loss has 199 replicates here: 200·α is whole, so its size is that of more.
 *
 * Log-loss and latency may err alpha + 3 Monte-Carlo standard errors; AUC, tables and rates, and
 * what contains them, .07 + 3 (judgement: where a decision is allowed at all). Recall has few rows
 * at n = 200: its gate is open in most runs there. Exits 1 when a line fails.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "judge/judge_fixture.h"
#include "measure/catalogue.h"
#include "measure/measure_fixture.h"

#define N_GROUPS 4
#define N_LEVELS 10
#define N_KINDS (N_GROUPS * N_LEVELS * 9 * 2)
#define ROWS_MOST 200000
#define N_PILOT 2000 /* where the rows needed are put to the test */
#define N_LAUNCHES 20
#define ALPHA 0.05
#define TABLES 0.07

enum gate { AUC, RECALL, F1, LOG_LOSS, LATENCY, GROUPS, N_GATES };
static const char *const gate_name[] = {"auc",      "recall",  "f1",
                                        "log_loss", "latency", "no group worse"};
static const char *const gate_id[] = {
    "correctness.auc",     "correctness.recall", "correctness.f1", "correctness.log_loss", NULL,
    "correctness.accuracy"};

enum outcome { /* and one bit for each gate from SAFE_FAR and SAFE_NEAR on */
               FALSE_FAIL = 1 << 0,
               FALSE_IMPROVED = 1 << 1,
               EQUAL_PASS = 1 << 2,
               NEEDED_TRIED = 1 << 3,
               NEEDED_PASSED = 1 << 4,
               TRADE_NO_GAIN = 1 << 5,
               TRADE_LIMIT = 1 << 6,
               SAFE_FAR = 1 << 8,
               SAFE_NEAR = 1 << 16
};

struct population {
  const char *name;
  double noise[N_STREAMS], shift; /* of a model's logits; the candidate's shift */
  double ratio;                   /* of the candidate's latency */
  bool has_log_loss;
  uint32_t label[N_KINDS], prediction[N_STREAMS][N_KINDS], cell[N_KINDS];
  double score[N_STREAMS][N_KINDS], probability[N_KINDS], cumulated[N_KINDS];
  double truth[N_GATES], group_truth[N_GROUPS]; /* oriented; of groups the worst */
};

struct sample {
  size_t n;
  uint32_t label[ROWS_MOST], prediction[N_STREAMS][ROWS_MOST], cell[ROWS_MOST];
  double score[N_STREAMS][ROWS_MOST];
};

/* The laws of one sample; they borrow from the views. */
struct laws {
  struct inference law[N_GATES];
  struct judge_part part[N_GROUPS];
  double n[N_GATES];
  struct view view[1 + N_GROUPS];
  struct summary_set *set;
};

struct job {
  const struct population *population;
  size_t n;
  struct sample *sample; /* [workers] */
  unsigned *outcome;
  uint64_t first_id;
};

static struct catalogue_pick pick[N_GATES];
static const struct view_options options = {
    .seed = 1, .n_replicates = 199, .n_threads = 1, .level = 0.95, .quantile = 0.5};

/* ---- populations ---- */

static double logistic(double x) {
  return 1.0 / (1.0 + exp(-x));
}

/* Ten levels of truth; each model sees it through an error of −1, 0 or 1 times its noise (a third
 * more of it in the first group), half of the time the same for both. */
static void make_population(struct population *p) {
  size_t k = 0;
  double sum = 0.0;
  for (uint32_t g = 0; g < N_GROUPS; g++) {
    for (int level = 0; level < N_LEVELS; level++) {
      const double x = -3.2 + 0.6 * level, truth = logistic(x), wide = g == 0 ? 4.0 / 3.0 : 1.0;
      for (int e = 0; e < 9; e++) {
        const double a = x + p->shift + wide * p->noise[STREAM_A] * (e % 3 - 1);
        const double b = x + wide * p->noise[STREAM_B] * (e / 3 - 1);
        const double share = (e % 3 == e / 3 ? 0.5 / 3.0 : 0.0) + 0.5 / 9.0;
        for (uint32_t y = 0; y < 2; y++, k++) {
          p->label[k] = y;
          p->cell[k] = g;
          p->score[STREAM_A][k] = logistic(a);
          p->score[STREAM_B][k] = logistic(b);
          p->prediction[STREAM_A][k] = p->score[STREAM_A][k] >= 0.5;
          p->prediction[STREAM_B][k] = p->score[STREAM_B][k] >= 0.5;
          p->probability[k] = share * (y == 1 ? truth : 1.0 - truth) / N_LEVELS / N_GROUPS;
          p->cumulated[k] = sum += p->probability[k];
        }
      }
    }
  }
}

static size_t draw_kind(const struct population *p, struct philox_sequence *random) {
  const double u = philox_next_uniform(random) * p->cumulated[N_KINDS - 1];
  size_t low = 0, high = N_KINDS - 1;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (p->cumulated[middle] < u) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/* Rows from..n of a sample, so that it can grow. */
static void draw_rows(const struct population *p, size_t from, size_t n,
                      struct philox_sequence *random, struct sample *sample) {
  for (size_t i = from; i < n; i++) {
    const size_t kind = draw_kind(p, random);
    sample->label[i] = p->label[kind];
    sample->cell[i] = p->cell[kind];
    for (int s = 0; s < N_STREAMS; s++) {
      sample->prediction[s][i] = p->prediction[s][kind];
      sample->score[s][i] = p->score[s][kind];
    }
  }
  sample->n = n;
}

/* t over launches of the log ratio: launches differ, and within one the noise is skewed. */
static struct inference latency_law(double ratio, struct philox_sequence *random) {
  double x[N_LAUNCHES], mean = 0.0, squares = 0.0;
  for (int i = 0; i < N_LAUNCHES; i++) {
    x[i] = log(ratio) + 0.05 * fixture_normal(random) +
           0.02 * (-log(philox_next_uniform(random)) - 1.0);
    mean += x[i] / N_LAUNCHES;
  }
  for (int i = 0; i < N_LAUNCHES; i++) {
    squares += (x[i] - mean) * (x[i] - mean);
  }
  struct inference law = fixture_law(-mean, sqrt(squares / (N_LAUNCHES - 1) / N_LAUNCHES));
  law.df = N_LAUNCHES - 1;
  return law;
}

/* ---- laws ---- */

static nonet_status compare(enum gate gate, struct view *view, struct inference *law,
                            nonet_error *error) {
  const struct measure *measure = pick[gate].measure;
  view->n_notes = 0;
  nonet_status status = measure->compare(measure, &pick[gate].variant, view, law, error);
  if (status == NONET_OK && measure->direction == DIRECTION_LOWER) {
    *law = inference_negated(law);
  }
  return status;
}

static void laws_close(struct laws *laws) {
  for (size_t v = 0; v < 1 + N_GROUPS; v++) {
    if (laws->view[v].cache != NULL) {
      view_clear(&laws->view[v]);
    }
  }
  summary_free(laws->set);
}

static nonet_status laws_open(const struct fixture *fixture, bool has_log_loss, struct laws *laws,
                              nonet_error *error) {
  bool scope[N_GROUPS] = {true, true, true, true};
  *laws = (struct laws){0};
  nonet_status status = fixture_set(fixture, &laws->set, error);
  if (status == NONET_OK) {
    status = view_init(laws->set, scope, -1, &options, &laws->view[0], error);
  }
  for (int g = AUC; g <= LOG_LOSS && status == NONET_OK; g++) {
    laws->law[g] = inference_none("not asked");
    if (g != LOG_LOSS || has_log_loss) {
      status = compare((enum gate)g, &laws->view[0], &laws->law[g], error);
      laws->n[g] = laws->view[0].n;
    }
  }
  for (size_t c = 0; c < N_GROUPS && status == NONET_OK; c++) {
    for (size_t k = 0; k < N_GROUPS; k++) {
      scope[k] = k == c;
    }
    status = view_init(laws->set, scope, -1, &options, &laws->view[1 + c], error);
    if (status == NONET_OK) {
      status = compare(GROUPS, &laws->view[1 + c], &laws->part[c].law, error);
      laws->part[c].n = laws->view[1 + c].n;
      laws->n[GROUPS] += laws->part[c].n;
    }
  }
  return status;
}

static nonet_status laws_of_sample(const struct sample *sample, bool has_log_loss,
                                   struct laws *laws, nonet_error *error) {
  const struct fixture fixture = {.task = TASK_BINARY,
                                  .n = sample->n,
                                  .n_classes = 2,
                                  .n_scores = 1,
                                  .n_cells = N_GROUPS,
                                  .label = sample->label,
                                  .cell = sample->cell,
                                  .prediction = {sample->prediction[0], sample->prediction[1]},
                                  .score = {sample->score[0], sample->score[1]}};
  return laws_open(&fixture, has_log_loss, laws, error);
}

static nonet_status find_truths(struct population *p, nonet_error *error) {
  const struct fixture fixture = {.task = TASK_BINARY,
                                  .n = N_KINDS,
                                  .n_classes = 2,
                                  .n_scores = 1,
                                  .n_cells = N_GROUPS,
                                  .label = p->label,
                                  .cell = p->cell,
                                  .weight = p->probability,
                                  .prediction = {p->prediction[0], p->prediction[1]},
                                  .score = {p->score[0], p->score[1]}};
  struct laws laws;
  nonet_status status = laws_open(&fixture, true, &laws, error);
  for (int g = AUC; g <= LOG_LOSS && status == NONET_OK; g++) {
    p->truth[g] = laws.law[g].value;
  }
  p->truth[LATENCY] = -log(p->ratio);
  p->truth[GROUPS] = INFINITY;
  for (size_t c = 0; c < N_GROUPS && status == NONET_OK; c++) {
    p->group_truth[c] = laws.part[c].law.value;
    p->truth[GROUPS] = fmin(p->truth[GROUPS], p->group_truth[c]);
  }
  laws_close(&laws);
  return status;
}

/* ---- one replicate ---- */

static struct judge_member member_of(struct laws *laws, enum gate gate, double margin) {
  struct judge_member member = fixture_gate(0.0, 0.0, margin, laws->n[gate]);
  member.law = laws->law[gate];
  if (gate == GROUPS) {
    member.parts = laws->part;
    member.n_parts = N_GROUPS;
  } else if (gate == LATENCY) {
    member.unit = UNIT_LAUNCHES;
    member.n = N_LAUNCHES;
  }
  return member;
}

static enum judge_verdict judge(struct judge_member *members, size_t n, size_t n_rows,
                                struct judge_candidate *candidate) {
  struct judge_rules rules = fixture_rules();
  struct judge_result result;
  rules.allows_tradeoffs = true;
  rules.n_today[UNIT_ROWS] = (double)n_rows;
  if (judge_members(members, n, &rules, candidate, &result, NULL) != NONET_OK) {
    abort();
  }
  return result.verdict;
}

/* Does every law of the member (or any) reject at `shift`? A state needs that before any
 * correction, so where it is not so the judge need not be asked: exact laws take their time. */
static bool rejects(const struct judge_member *member, double shift, bool upper, bool every) {
  size_t n = member->parts == NULL ? 1 : member->n_parts, n_rejects = 0;
  for (size_t i = 0; i < n; i++) {
    const struct inference *law = member->parts == NULL ? &member->law : &member->parts[i].law;
    n_rejects += law->undecided == NULL && inference_p(law, shift, upper) <= ALPHA;
  }
  return every ? n_rejects == n : n_rejects > 0;
}

/* One gate at its margin, the others with `times` their harm as margin (10: far; 2: near). */
static bool passes_with_one_at_margin(const struct population *p, struct laws *laws, int at,
                                      double times, size_t n_rows) {
  struct judge_member members[N_GATES];
  struct judge_candidate candidate;
  for (int g = 0; g < N_GATES; g++) {
    members[g] = member_of(laws, (enum gate)g, -p->truth[g] * (g == at ? 1.0 : times));
  }
  return judge(members, N_GATES, n_rows, &candidate) == VERDICT_PASS;
}

static unsigned judge_harm(const struct job *job, struct laws *laws) {
  const struct population *p = job->population;
  struct judge_member members[N_GATES];
  struct judge_candidate candidate;
  bool may_fail = false;
  unsigned outcome = 0;
  for (int g = 0; g < N_GATES; g++) {
    members[g] = member_of(laws, (enum gate)g, -p->truth[g]);
    may_fail = may_fail || rejects(&members[g], p->truth[g], false, false);
    if (rejects(&members[g], p->truth[g], true, true)) {
      outcome |= passes_with_one_at_margin(p, laws, g, 10.0, job->n) ? SAFE_FAR << g : 0;
      outcome |= passes_with_one_at_margin(p, laws, g, 2.0, job->n) ? SAFE_NEAR << g : 0;
    }
  }
  may_fail = may_fail && judge(members, N_GATES, job->n, &candidate) == VERDICT_FAIL;
  return outcome | (may_fail ? FALSE_FAIL : 0);
}

/* Equal models: no gain may show; and rows up to the number printed should give PASS. */
static nonet_status judge_equal(const struct job *job, struct laws *laws, struct sample *sample,
                                struct philox_sequence *random, unsigned *outcome,
                                nonet_error *error) {
  static const enum gate gates[] = {AUC, RECALL, F1, GROUPS};
  static const double margin[] = {0.01, 0.03, 0.02, 0.04};
  struct judge_member members[4];
  struct judge_candidate candidate;
  struct laws grown;
  nonet_status status = NONET_OK;
  bool may_gain = false, may_pass = true;
  for (size_t i = 0; i < 4; i++) {
    members[i] = member_of(laws, gates[i], margin[i]);
    may_gain = may_gain || rejects(&members[i], 0.0, true, true);
    may_pass = may_pass && rejects(&members[i], -margin[i], true, true);
  }
  if (!may_gain && !may_pass && job->n != N_PILOT) {
    return NONET_OK;
  }
  *outcome |= judge(members, 4, job->n, &candidate) == VERDICT_PASS ? EQUAL_PASS : 0;
  for (size_t i = 0; i < 4; i++) {
    *outcome |= members[i].gain != GAIN_NONE ? FALSE_IMPROVED : 0;
  }
  if (job->n == N_PILOT && candidate.n_needed[UNIT_ROWS] <= ROWS_MOST) {
    draw_rows(job->population, sample->n, (size_t)candidate.n_needed[UNIT_ROWS], random, sample);
    status = laws_of_sample(sample, false, &grown, error);
    for (size_t i = 0; i < 4; i++) {
      members[i] = member_of(&grown, gates[i], margin[i]);
    }
    *outcome |= NEEDED_TRIED;
    *outcome |= status == NONET_OK && judge(members, 4, sample->n, &candidate) == VERDICT_PASS
                    ? NEEDED_PASSED
                    : 0;
    laws_close(&grown);
  }
  return status;
}

/* AUC above recall and F1. No gain: γ is the true gain, and recall is exactly at its margin. Limit:
 * a true gain, and recall exactly at its limit. */
static unsigned judge_trade(const struct job *job, struct laws *laws) {
  static const enum gate gates[] = {AUC, RECALL, F1};
  const struct population *p = job->population;
  unsigned outcome = 0;
  for (int at_limit = 0; at_limit < 2; at_limit++) {
    struct judge_member members[3];
    struct judge_candidate candidate;
    for (size_t i = 0; i < 3; i++) {
      const double truth = p->truth[gates[i]];
      members[i] = member_of(laws, gates[i], i == 1 ? -truth * (at_limit ? 0.5 : 1.0) : 0.5);
      members[i].limit = i == 1 ? -truth * (at_limit ? 1.0 : 2.0) : NAN;
      members[i].gamma = at_limit ? 0.0 : truth;
      members[i].tier = i == 0 ? 1 : 2;
      members[i].is_primary = i == 0;
    }
    const bool may_pass = rejects(&members[1], -members[1].limit, true, true);
    outcome |= may_pass && judge(members, 3, job->n, &candidate) == VERDICT_PASS
                   ? (at_limit ? TRADE_LIMIT : TRADE_NO_GAIN)
                   : 0;
  }
  return outcome;
}

static nonet_status one_replicate(void *context, size_t item, size_t worker, nonet_error *error) {
  const struct job *job = context;
  const struct population *p = job->population;
  struct philox_sequence random = {.seed = 2027, .id = job->first_id + item};
  struct laws laws;
  unsigned *outcome = &job->outcome[item];
  *outcome = 0;
  draw_rows(p, 0, job->n, &random, &job->sample[worker]);
  nonet_status status = laws_of_sample(&job->sample[worker], p->has_log_loss, &laws, error);
  laws.law[LATENCY] = latency_law(p->ratio, &random);
  if (status == NONET_OK && p->name[0] == 'h') {
    *outcome = judge_harm(job, &laws);
  } else if (status == NONET_OK && p->name[0] == 'e') {
    status = judge_equal(job, &laws, &job->sample[worker], &random, outcome, error);
  } else if (status == NONET_OK) {
    *outcome = judge_trade(job, &laws);
  }
  laws_close(&laws);
  return status;
}

/* ---- lines ---- */

static int line(const struct job *job, size_t replicates, const char *name, unsigned bit,
                unsigned among, double least, double most) {
  size_t n = 0, hits = 0;
  for (size_t r = 0; r < replicates; r++) {
    const bool counts = (job->outcome[r] & among) == among;
    n += counts;
    hits += counts && (job->outcome[r] & bit) != 0;
  }
  const double rate = n > 0 ? (double)hits / (double)n : NAN;
  const double slack_most = 3.0 * sqrt(most * (1.0 - most) / (double)n);
  const double slack_least = 3.0 * sqrt(least * (1.0 - least) / (double)n);
  const bool fails = n > 0 && (rate > most + slack_most || rate < least - slack_least);
  printf("    %-44s %.4f%s\n", name, rate, fails ? "  FAILS" : "");
  return fails;
}

static int report(const struct job *job, size_t replicates) {
  int failed = 0;
  printf("  n %zu, %zu replicates\n", job->n, replicates);
  if (job->population->name[0] == 'h') {
    failed += line(job, replicates, "false FAIL, all at their margins", FALSE_FAIL, 0, NAN, TABLES);
    for (int g = 0; g < N_GATES; g++) {
      const double most = g == LOG_LOSS || g == LATENCY ? ALPHA : TABLES;
      char name[80];
      (void)snprintf(name, sizeof name, "false PASS, %s at its margin, others far", gate_name[g]);
      failed += line(job, replicates, name, SAFE_FAR << g, 0, NAN, most);
      (void)snprintf(name, sizeof name, "            %s at its margin, others near", gate_name[g]);
      failed += line(job, replicates, name, SAFE_NEAR << g, 0, NAN, most);
    }
  } else if (job->population->name[0] == 'e') {
    failed += line(job, replicates, "false IMPROVED", FALSE_IMPROVED, 0, NAN, ALPHA);
    failed += line(job, replicates, "PASS", EQUAL_PASS, 0, NAN, NAN);
    failed += line(job, replicates, "PASS at n_needed", NEEDED_PASSED, NEEDED_TRIED, 0.77, NAN);
  } else {
    failed += line(job, replicates, "false PASS, no gain, recall at its margin", TRADE_NO_GAIN, 0,
                   NAN, TABLES);
    failed += line(job, replicates, "            true gain, recall at its limit", TRADE_LIMIT, 0,
                   NAN, TABLES);
  }
  return failed;
}

static nonet_status run(struct population *p, size_t n, size_t replicates, struct job *job,
                        int *failed, nonet_error *error) {
  job->population = p;
  job->n = n;
  job->first_id += (uint64_t)1 << 32;
  nonet_status status = parallel_for(parallel_cores(), replicates, one_replicate, job, error);
  if (status == NONET_OK) {
    *failed += report(job, replicates);
  }
  return status;
}

static nonet_status prepare(struct population *p, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (int g = 0; g < N_GATES && status == NONET_OK; g++) {
    struct catalogue_pick *picks = NULL;
    size_t n;
    if (gate_id[g] != NULL) {
      status = catalogue_select(gate_id[g], TASK_BINARY, &picks, &n, NULL, error);
      pick[g] = status == NONET_OK ? picks[0] : pick[g];
      memory_free(picks);
    }
  }
  make_population(p);
  return status == NONET_OK ? find_truths(p, error) : status;
}

int main(int argc, char **argv) {
  static struct population populations[] = {
      {.name = "harm", .noise = {1.3, 0.8}, .shift = -0.15, .ratio = 1.1, .has_log_loss = true},
      {.name = "equal", .noise = {1.0, 1.0}, .ratio = 1.0},
      {.name = "trade", .noise = {0.6, 1.2}, .shift = -0.7, .ratio = 1.0}};
  static const size_t rows[] = {200, N_PILOT, 20000};
  const size_t replicates = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 10000;
  nonet_error error = {{0}};
  struct job job = {.sample = memory_zeroed(parallel_cores(), sizeof *job.sample),
                    .outcome = memory_zeroed(replicates + 1, sizeof *job.outcome)};
  nonet_status status = job.sample == NULL || job.outcome == NULL ? NONET_E_MEMORY : NONET_OK;
  int failed = 0;
  for (size_t i = 0; i < 3 && status == NONET_OK; i++) {
    status = prepare(&populations[i], &error);
    printf("%s: true differences", populations[i].name);
    for (int g = 0; g < N_GATES; g++) {
      printf("  %s %.4f", gate_name[g], populations[i].truth[g]);
    }
    printf("\n");
    for (size_t k = 0; k < 3 && status == NONET_OK; k++) {
      status = run(&populations[i], rows[k], replicates, &job, &failed, &error);
    }
  }
  memory_free(job.sample);
  memory_free(job.outcome);
  printf("%d lines fail with %zu replicates\n", failed, replicates);
  if (status != NONET_OK) {
    (void)fprintf(stderr, "%s\n", error.message);
  }
  return status != NONET_OK || failed > 0;
}
