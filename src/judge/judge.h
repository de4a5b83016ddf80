/*
 * The judge: from the laws of paired differences to states and one verdict, with the two error
 * promises of a gate: false FAIL  (no gate worse than its margin, yet FAIL)      with probability
 * <= alpha false PASS  (some gate worse than its margin, yet PASS)    with probability <= alpha
 * both asymptotically, one-sided. What the data cannot decide is INCONCLUSIVE, with the rows that
 * would decide it.
 *
 * Pure: it reads struct inference and knows neither measures nor data. Differences are oriented:
 * positive is better.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

#include "measure/inference.h"

enum judge_state { STATE_SAFE, STATE_EXCUSED, STATE_HARMED, STATE_UNDECIDED, STATE_NOT_MEASURED };
enum judge_gain { GAIN_NONE, GAIN_IMPROVED, GAIN_GAINED };
enum judge_verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_NONE };

const char *judge_state_name(enum judge_state state);
const char *judge_gain_name(enum judge_gain gain); /* NULL for GAIN_NONE */
const char *judge_verdict_name(enum judge_verdict verdict);

struct judge_gate {
  /* in */
  struct inference law; /* of the oriented difference; MISSING or law.undecided: cannot decide, p =
                           1, still counted */
  double margin;        /* δ >= 0 on the law's scale */
  double n;             /* rows the law rests on: the unit of n_needed */
  int tier;             /* 1 = most critical */
  bool is_primary;      /* takes part in the gains family */
  bool is_guard;        /* must not be harmed; neither excuses nor is excused */
  bool is_blocking;     /* not measured: blocks PASS (any reason but not applicable) */
  bool is_not_measured;
  /* out */
  enum judge_state state;
  enum judge_gain gain;
  double p_safe, p_harmed, p_harmed_adjusted, p_gain; /* p_gain: Holm-adjusted, for 0 */
  double low, high; /* two-sided 1 − 2α inversion of the same law */
  double n_needed;  /* rows for SAFE with probability `power` at equality; NaN: none would do, or
                       unknown */
  double n_fail;    /* rows that would prove the harm the estimate shows; NaN unless d < −δ */
};

struct judge_rules {
  double alpha;    /* 0.05, one-sided */
  double power;    /* 0.8 */
  size_t n_family; /* members of the family fixed beforehand; 0: the gates given */
};

struct judge_result {
  enum judge_verdict verdict;
  double n_needed; /* rows that give PASS with probability `power` if the models are equal; NaN:
                      none, or already PASS or FAIL */
  size_t n_family;
};

nonet_status judge_gates(struct judge_gate *gates, size_t n_gates, const struct judge_rules *rules,
                         struct judge_result *result, nonet_error *error) NONET_NODISCARD;

/* The law of the oriented log ratio ±log(A/B), for margins given in per cent. MISSING when a part
 * is not positive or not known. */
struct inference judge_log_ratio(const struct inference *difference, bool higher_is_better);

#endif
