/*
 * The judge of gates.
 *
 * For each gate i with oriented difference d and margin δ (judgement of non-inferiority,
 * intersection-union for PASS, Holm for harm): p_safe    p-value of H0: d <= −δ;  SAFE when p_safe
 * <= α. No correction: PASS needs every gate SAFE (Berger 1982). p_harmed  p-value of H0: d >= −δ;
 * HARMED when its Holm-adjusted value over the m members of the family is <= α (Holm 1979). gains
 * one Holm family over the primaries of all non-guard tiers: IMPROVED when d > 0 is proven, GAINED
 * when d > δ is. Rows needed: with σ = se·√n and new rows at d = 0, the chance to be SAFE at N rows
 * is π(N) = Φ([n(d̂ + δ) + (N − n)δ − z₁₋α σ√N] / [σ√(N − n)]); per gate the smallest N with π >=
 * power; for the verdict the smallest N with Σ(1 − π) <= 1 − power.
 *
 * Cases:
 *  1. A law that is missing or must not decide: UNDECIDED with p = 1, and still a member of the
 * family.
 *  2. Not measured: NOT_MEASURED; blocks PASS unless it is not applicable.
 *  3. δ = 0: only a proven gain is SAFE; no number of equal rows will do, n_needed is NaN.
 *  4. An exact difference: SAFE iff d >= −δ, else HARMED, and outside the family.
 *  5. No gate at all: verdict NONE.
 */
#include "judge/judge.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"
#include "stats/multiple.h"

#define ROWS_MOST 1e12 /* beyond this no one collects labels: "none would do" */

const char *judge_state_name(enum judge_state state) {
  static const char *const names[] = {"SAFE", "EXCUSED", "HARMED", "UNDECIDED", "NOT_MEASURED"};
  return names[state];
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
  ratio.kind = INFERENCE_MISSING;
  ratio.reason = "a margin in per cent needs both values above 0 and their covariance";
  ratio.value = NAN;
  if (a > 0.0 && b > 0.0 && isfinite(difference->pair_covariance)) {
    const double variance = difference->pair_variance[0] / (a * a) +
                            difference->pair_variance[1] / (b * b) -
                            2.0 * difference->pair_covariance / (a * b);
    ratio.kind = INFERENCE_T;
    ratio.method = "log-ratio-delta";
    ratio.reason = NULL;
    ratio.scale = SCALE_IDENTITY;
    ratio.value = sign * log(a / b);
    ratio.se = sqrt(fmax(variance, 0.0));
    ratio.df = difference->df > 0.0 ? difference->df : INFINITY;
    ratio.null_low = -INFINITY;
    ratio.null_high = INFINITY;
  }
  return ratio;
}

static bool can_decide(const struct judge_gate *gate) {
  return !gate->is_not_measured && gate->law.kind != INFERENCE_MISSING &&
         gate->law.undecided == NULL;
}

static void set_p_values(struct judge_gate *gate, double alpha) {
  gate->p_safe = gate->p_harmed = gate->p_harmed_adjusted = gate->p_gain = 1.0;
  gate->low = gate->high = gate->n_needed = gate->n_fail = NAN;
  gate->gain = GAIN_NONE;
  if (!gate->is_not_measured && gate->law.kind != INFERENCE_MISSING) {
    inference_bounds(&gate->law, 1.0 - 2.0 * alpha, &gate->low, &gate->high);
  }
  if (can_decide(gate)) { /* else case 1 */
    gate->p_safe = inference_p(&gate->law, -gate->margin, true);
    gate->p_harmed = inference_p(&gate->law, -gate->margin, false);
  }
}

/* Holm over the family of n_family members, of which some may not have been reached; exact gates
 * are outside it (case 4). */
static nonet_status adjust_harm(struct judge_gate *gates, size_t n_gates, size_t n_family,
                                double *p, size_t *member, nonet_error *error) {
  size_t n = 0;
  for (size_t i = 0; i < n_gates; i++) {
    gates[i].p_harmed_adjusted = gates[i].p_harmed;
    if (gates[i].law.kind != INFERENCE_EXACT) {
      member[n] = i;
      p[n++] = gates[i].p_harmed;
    }
  }
  nonet_status status = multiple_holm(p, n, n_family, p, error);
  for (size_t k = 0; k < n; k++) {
    gates[member[k]].p_harmed_adjusted = p[k];
  }
  return status;
}

/* One step of the gains family: every candidate for a gain whose adjusted p-value for d >
 * null_share·δ is <= α gets `gain`. */
static nonet_status find_gains(struct judge_gate *gates, size_t n_gates, double alpha,
                               double null_share, enum judge_gain gain, double *p, size_t *member,
                               nonet_error *error) {
  size_t n = 0;
  for (size_t i = 0; i < n_gates; i++) {
    if (gates[i].is_primary && !gates[i].is_guard) {
      member[n] = i;
      p[n++] = can_decide(&gates[i])
                   ? inference_p(&gates[i].law, null_share * gates[i].margin, true)
                   : 1.0;
    }
  }
  nonet_status status = multiple_holm(p, n, n, p, error);
  for (size_t k = 0; k < n; k++) {
    struct judge_gate *gate = &gates[member[k]];
    gate->p_gain = gain == GAIN_IMPROVED ? p[k] : gate->p_gain;
    gate->gain = p[k] <= alpha ? gain : gate->gain;
  }
  return status;
}

static void set_state(struct judge_gate *gate, double alpha) {
  if (gate->is_not_measured) {
    gate->state = STATE_NOT_MEASURED; /* case 2 */
  } else if (gate->law.kind == INFERENCE_EXACT) {
    gate->state = gate->law.value >= -gate->margin ? STATE_SAFE : STATE_HARMED;
  } else if (gate->p_safe <= alpha) {
    gate->state = STATE_SAFE;
  } else if (gate->p_harmed_adjusted <= alpha) {
    gate->state = STATE_HARMED;
  } else {
    gate->state = STATE_UNDECIDED;
  }
}

/* The law's standard error whatever its kind: from the width of the interval it gives. */
static double law_se(const struct judge_gate *gate, double alpha) {
  return (gate->high - gate->low) / (2.0 * distribution_normal_quantile(1.0 - alpha));
}

static double chance_safe(const struct judge_gate *gate, double alpha, double n_total) {
  const double sigma = law_se(gate, alpha) * sqrt(gate->n), n = gate->n, more = n_total - gate->n;
  const double z = distribution_normal_quantile(1.0 - alpha);
  double top =
      n * (gate->law.value + gate->margin) + more * gate->margin - z * sigma * sqrt(n_total);
  if (!(sigma >= 0.0) || !(more > 0.0)) {
    return NAN;
  }
  return sigma == 0.0 ? (top > 0.0) : distribution_normal_cdf(top / (sigma * sqrt(more)));
}

/* Σ over the gates (or the one gate) of the chance not to be SAFE at `scale` times today's rows. */
static double chance_lost(const struct judge_gate *gates, size_t n_gates, double alpha,
                          double scale) {
  double lost = 0.0;
  for (size_t i = 0; i < n_gates; i++) {
    if (gates[i].law.kind != INFERENCE_EXACT && !gates[i].is_not_measured) {
      lost += 1.0 - chance_safe(&gates[i], alpha, gates[i].n * scale);
    }
  }
  return lost;
}

/* The smallest multiple of today's rows with chance_lost <= 1 − power: doubling, then bisection.
 * NaN when none is found. */
static double scale_needed(const struct judge_gate *gates, size_t n_gates,
                           const struct judge_rules *rules, double n_today) {
  double low = 1.0, high = 1.0 + 1.0 / 1024.0;
  while (high * n_today <= ROWS_MOST &&
         !(chance_lost(gates, n_gates, rules->alpha, high) <= 1.0 - rules->power)) {
    low = high;
    high = 1.0 + 2.0 * (high - 1.0);
  }
  if (high * n_today > ROWS_MOST) {
    return NAN; /* case 3, or a law without a width */
  }
  for (int i = 0; i < 60; i++) {
    double middle = 0.5 * (low + high);
    if (chance_lost(gates, n_gates, rules->alpha, middle) <= 1.0 - rules->power) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}

static void set_rows_needed(struct judge_gate *gate, const struct judge_rules *rules,
                            size_t n_family) {
  if (gate->state == STATE_UNDECIDED && can_decide(gate) && gate->n > 0.0) {
    gate->n_needed = ceil(gate->n * scale_needed(gate, 1, rules, gate->n));
    if (gate->law.value < -gate->margin) {
      const double sigma = law_se(gate, rules->alpha) * sqrt(gate->n),
                   d = gate->law.value + gate->margin;
      const double z = distribution_normal_quantile(1.0 - rules->alpha / (double)n_family) +
                       distribution_normal_quantile(rules->power);
      gate->n_fail = ceil(sigma * sigma * z * z / (d * d));
    }
  }
}

static enum judge_verdict verdict_of(const struct judge_gate *gates, size_t n_gates) {
  enum judge_verdict verdict = n_gates == 0 ? VERDICT_NONE : VERDICT_PASS;
  for (size_t i = 0; i < n_gates; i++) {
    bool passes = gates[i].state == STATE_SAFE || gates[i].state == STATE_EXCUSED ||
                  (gates[i].state == STATE_NOT_MEASURED && !gates[i].is_blocking);
    if (gates[i].state == STATE_HARMED) {
      verdict = VERDICT_FAIL;
    } else if (!passes && verdict == VERDICT_PASS) {
      verdict = VERDICT_INCONCLUSIVE;
    }
  }
  return verdict;
}

nonet_status judge_gates(struct judge_gate *gates, size_t n_gates, const struct judge_rules *rules,
                         struct judge_result *result, nonet_error *error) {
  size_t n_family = 0;
  double *p = memory_new(n_gates + 1, sizeof *p);
  size_t *member = memory_new(n_gates + 1, sizeof *member);
  nonet_status status = NONET_OK;
  double n_today = 0.0;
  bool all_can_decide = true;
  if (p == NULL || member == NULL) {
    status = error_memory(error, n_gates * sizeof *p, "judging");
    goto done;
  }
  for (size_t i = 0; i < n_gates; i++) {
    set_p_values(&gates[i], rules->alpha);
    n_today = fmax(n_today, gates[i].n);
    all_can_decide = all_can_decide && (can_decide(&gates[i]) || gates[i].is_not_measured);
    n_family += gates[i].law.kind != INFERENCE_EXACT;
  }
  n_family = rules->n_family > n_family ? rules->n_family : n_family;
  status = adjust_harm(gates, n_gates, n_family, p, member, error);
  if (status == NONET_OK) {
    status = find_gains(gates, n_gates, rules->alpha, 0.0, GAIN_IMPROVED, p, member, error);
  }
  if (status == NONET_OK) {
    status = find_gains(gates, n_gates, rules->alpha, 1.0, GAIN_GAINED, p, member, error);
  }
  for (size_t i = 0; i < n_gates; i++) {
    set_state(&gates[i], rules->alpha);
    set_rows_needed(&gates[i], rules, n_family);
  }
  result->n_family = n_family;
  result->verdict = verdict_of(gates, n_gates);
  result->n_needed = NAN;
  if (result->verdict == VERDICT_INCONCLUSIVE && n_today > 0.0 &&
      all_can_decide) { /* else no formula says how many rows will do */
    result->n_needed = ceil(n_today * scale_needed(gates, n_gates, rules, n_today));
  }
done:
  memory_free(p);
  memory_free(member);
  return status;
}
