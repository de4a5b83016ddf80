/*
 * The verdict.
 *
 * Every gate and requirement of every candidate is weighed (family.c), the family's harms are
 * adjusted together, gains are found and spent (gains.c), and for each candidate
 *   1. FAIL           when something HARMED or VIOLATED is not excused;
 *   2. PASS           when every gate is SAFE or EXCUSED and every requirement MET: an
 *                     intersection-union test, p_pass = the least alpha at which that holds
 * (without limits: the largest p_safe), adjusted by Holm over the candidates;
 *   3. INCONCLUSIVE   otherwise.
 *
 * Cases:
 *  1. The same model twice: every difference is exactly 0, whatever the margin.
 *  2. Not measured: judge_blocks says what blocks PASS.
 *  3. Nothing measured and nothing blocks: NONE.
 *  4. A later look at grown data where only one was planned: never PASS.
 *  5. Several candidates: PASS when one passes, FAIL when all fail.
 */
#include "judge/judge.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "judge/family.h"
#include "judge/gains.h"
#include "judge/rows_needed.h"
#include "stats/multiple.h"

const char *judge_kind_name(enum judge_kind kind) {
  static const char *const names[] = {"non_inferiority", "requirement"};
  return names[kind];
}

const char *judge_state_name(enum judge_state state) {
  static const char *const names[] = {"SAFE", "EXCUSED",  "HARMED",      "UNDECIDED",
                                      "MET",  "VIOLATED", "NOT_MEASURED"};
  return names[state];
}

const char *judge_absence_name(enum judge_absence absence) {
  static const char *const names[] = {NULL, "not_applicable", "not_built", "not_asked", "failed"};
  return names[absence];
}

const char *judge_gain_name(enum judge_gain gain) {
  static const char *const names[] = {NULL, "IMPROVED", "GAINED"};
  return names[gain];
}

const char *judge_verdict_name(enum judge_verdict verdict) {
  static const char *const names[] = {"PASS", "FAIL", "INCONCLUSIVE", "NONE"};
  return names[verdict];
}

struct inference judge_log_ratio(const struct inference *difference, bool higher_is_better) {
  struct inference ratio = *difference;
  const double a = difference->pair_value[0], b = difference->pair_value[1];
  const double sign = higher_is_better ? 1.0 : -1.0;
  const bool is_exact = difference->kind == INFERENCE_EXACT;
  ratio.kind = INFERENCE_MISSING;
  if (difference->kind != INFERENCE_MISSING || ratio.reason == NULL) { /* else its own reason */
    ratio.reason = "a margin in per cent needs both values above 0 and their covariance";
  }
  ratio.value = NAN;
  if (a > 0.0 && b > 0.0 && (is_exact || isfinite(difference->pair_covariance))) {
    const double variance = difference->pair_variance[0] / (a * a) +
                            difference->pair_variance[1] / (b * b) -
                            2.0 * difference->pair_covariance / (a * b);
    ratio.kind = is_exact ? INFERENCE_EXACT : INFERENCE_T;
    ratio.method = is_exact ? difference->method : "log-ratio-delta";
    ratio.reason = NULL;
    ratio.scale = SCALE_IDENTITY;
    ratio.value = sign * log(a / b);
    ratio.se = is_exact ? 0.0 : sqrt(fmax(variance, 0.0));
    ratio.df = difference->df > 0.0 ? difference->df : INFINITY;
    ratio.null_low = -INFINITY;
    ratio.null_high = INFINITY;
    ratio.is_negated = false;
  }
  return ratio;
}

bool judge_blocks(const struct judge_member *member, bool is_partial) {
  if (member->absence == ABSENCE_NONE) {
    return false;
  }
  return member->kind == JUDGE_REQUIREMENT ||
         (member->absence != ABSENCE_NOT_APPLICABLE && !is_partial);
}

size_t judge_family_size(const struct judge_member *members, size_t n_members) {
  size_t n = 0;
  for (size_t i = 0; i < n_members; i++) {
    n += !family_is_exact(&members[i]) && members[i].absence != ABSENCE_NOT_APPLICABLE;
  }
  return n;
}

static struct inference exactly_equal(void) {
  struct inference law = inference_none("identical");
  law.kind = INFERENCE_EXACT;
  law.value = 0.0;
  return law;
}

/* 1 */
static void make_equal(struct judge_member *member) {
  if (member->kind == JUDGE_GATE && member->absence == ABSENCE_NONE) {
    member->law = exactly_equal();
    for (size_t i = 0; i < member->n_parts; i++) {
      member->parts[i].law = exactly_equal();
    }
  }
}

static enum judge_verdict verdict_of(const struct judge_member *members, size_t n_members,
                                     size_t candidate, const struct judge_rules *rules,
                                     const struct judge_candidate *row) {
  bool is_harmed = false, is_anything = false;
  for (size_t i = 0; i < n_members; i++) {
    if (members[i].candidate == candidate) {
      is_harmed =
          is_harmed || members[i].state == STATE_HARMED || members[i].state == STATE_VIOLATED;
      is_anything = is_anything || members[i].absence == ABSENCE_NONE ||
                    judge_blocks(&members[i], rules->is_partial);
    }
  }
  if (!is_anything) {
    return VERDICT_NONE; /* 3 */
  }
  if (is_harmed) {
    return VERDICT_FAIL;
  }
  return row->p_pass_adjusted <= rules->alpha && !rules->is_late ? VERDICT_PASS
                                                                 : VERDICT_INCONCLUSIVE; /* 4 */
}

/* Holm over candidates; one that is blocked (NaN) is still a member. */
static nonet_status set_p_pass(const struct judge_member *members, size_t n_members,
                               const struct judge_rules *rules, struct judge_candidate *candidates,
                               nonet_error *error) {
  const size_t n = rules->n_candidates;
  double *p = memory_new(n + 1, sizeof *p);
  nonet_status status = p == NULL ? error_memory(error, n * sizeof *p, "judging") : NONET_OK;
  for (size_t c = 0; c < n && status == NONET_OK; c++) {
    p[c] = candidates[c].p_pass = gains_p_pass(members, n_members, c, rules);
  }
  if (status == NONET_OK) {
    status = multiple_holm(p, n, n, p, error);
  }
  for (size_t c = 0; c < n && status == NONET_OK; c++) {
    candidates[c].p_pass_adjusted = isnan(candidates[c].p_pass) ? NAN : p[c];
  }
  memory_free(p);
  return status;
}

static void set_verdicts(const struct judge_member *members, size_t n_members,
                         const struct judge_rules *rules, struct judge_candidate *candidates,
                         struct judge_result *result) {
  size_t n_of[VERDICT_NONE + 1] = {0};
  for (int unit = 0; unit < N_JUDGE_UNITS; unit++) {
    result->n_needed[unit] = NAN;
  }
  for (size_t c = 0; c < rules->n_candidates; c++) {
    struct judge_candidate *row = &candidates[c];
    row->verdict = verdict_of(members, n_members, c, rules, row);
    row->n_needed[UNIT_ROWS] = row->n_needed[UNIT_LAUNCHES] = NAN;
    if (row->verdict == VERDICT_INCONCLUSIVE) {
      rows_needed_verdict(members, n_members, c, rules, row->n_needed);
    }
    for (int unit = 0; unit < N_JUDGE_UNITS; unit++) {
      result->n_needed[unit] = fmin(result->n_needed[unit], row->n_needed[unit]);
    }
    n_of[row->verdict]++;
  }
  result->verdict = VERDICT_INCONCLUSIVE; /* 5 */
  if (n_of[VERDICT_PASS] > 0) {
    result->verdict = VERDICT_PASS;
    result->n_needed[UNIT_ROWS] = result->n_needed[UNIT_LAUNCHES] = NAN;
  } else if (n_of[VERDICT_NONE] == rules->n_candidates) {
    result->verdict = VERDICT_NONE;
  } else if (n_of[VERDICT_FAIL] + n_of[VERDICT_NONE] == rules->n_candidates) {
    result->verdict = VERDICT_FAIL;
  }
}

static void set_rows_needed(struct judge_member *members, size_t n_members,
                            const struct judge_rules *rules, const struct judge_result *result) {
  const size_t n_gains = gains_family_size(members, n_members);
  for (size_t i = 0; i < n_members; i++) {
    rows_needed_member(&members[i], rules, result->n_family, result->alpha_gains, n_gains);
  }
  for (size_t i = 0; i < n_members; i++) {
    if (members[i].state == STATE_HARMED) {
      rows_needed_excuse(members, n_members, i, rules);
    }
  }
}

nonet_status judge_members(struct judge_member *members, size_t n_members,
                           const struct judge_rules *rules, struct judge_candidate *candidates,
                           struct judge_result *result, nonet_error *error) {
  const size_t n_counted = judge_family_size(members, n_members);
  result->n_family = rules->n_family > n_counted ? rules->n_family : n_counted;
  result->alpha_gains =
      rules->alpha * (gains_is_split(members, n_members, rules) ? FAMILY_SHARE_GAINS : 1.0);
  for (size_t i = 0; i < n_members; i++) {
    if (rules->is_identical != NULL && rules->is_identical[members[i].candidate]) {
      make_equal(&members[i]);
    }
    family_weigh(&members[i], rules);
  }
  nonet_status status = family_adjust(members, n_members, result->n_family, error);
  if (status == NONET_OK) {
    status = gains_find(members, n_members, rules, result->alpha_gains, error);
  }
  for (size_t i = 0; i < n_members && status == NONET_OK; i++) {
    family_settle(&members[i], rules->alpha);
  }
  if (status == NONET_OK) {
    status = gains_excuse(members, n_members, rules, error);
  }
  if (status == NONET_OK) {
    status = set_p_pass(members, n_members, rules, candidates, error);
  }
  if (status == NONET_OK) {
    set_rows_needed(members, n_members, rules, result);
    set_verdicts(members, n_members, rules, candidates, result);
  }
  return status;
}
