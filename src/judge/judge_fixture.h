/* Members for the judge's tests and simulations: normal laws with a known standard error. */
#ifndef JUDGE_FIXTURE_H
#define JUDGE_FIXTURE_H

#include <math.h>

#include "base/philox.h"
#include "judge/judge.h"
#include "stats/distribution.h"

static inline struct inference fixture_law(double value, double se) {
  struct inference law = inference_none("normal");
  law.kind = INFERENCE_T;
  law.value = value;
  law.se = se;
  return law;
}

static inline struct judge_member fixture_gate(double d, double se, double margin, double n) {
  return (struct judge_member){.kind = JUDGE_GATE,
                               .law = fixture_law(d, se),
                               .margin = margin,
                               .limit = NAN,
                               .gamma = NAN,
                               .range_low = -INFINITY,
                               .range_high = INFINITY,
                               .n = n,
                               .tier = 1,
                               .is_primary = true};
}

static inline struct judge_member fixture_requirement(double value, double se, double low,
                                                      double high, double n) {
  struct judge_member member = fixture_gate(value, se, 0.0, n);
  member.kind = JUDGE_REQUIREMENT;
  member.range_low = low;
  member.range_high = high;
  member.is_primary = false;
  return member;
}

static inline struct judge_rules fixture_rules(void) {
  return (struct judge_rules){.alpha = 0.05, .power = 0.8, .n_candidates = 1};
}

static inline double fixture_normal(struct philox_sequence *random) {
  return distribution_normal_quantile(philox_next_uniform(random));
}

#endif
