/*
 * The family: p-values, Holm, states.
 *
 * A member clears its null when all its sides do, so
 *   p_safe   = max over sides of p(H0: not beyond the null)     intersection-union (Berger 1982)
 *   p_harmed = min(1, K · min over the K sides of p(H0: not on the wrong side))      Bonferroni
 * A gate has one side, d > −δ; "no group worse" one for each group; a requirement one for each end
 * that binds (a range: two one-sided tests, Schuirmann 1987). p_harmed is then adjusted by Holm
 * over the m members of the family (Holm 1979), p_safe needs no correction. With looks, each side's
 * p is the overall one first.
 *
 * The interval inverts these tests: [min of the parts' lower bounds, min of their upper bounds at
 * 1 − 2α/K] for parts.
 *
 * Cases:
 *  1. A law that is missing or must not decide: p = 1, and still a member.
 *  2. Not measured: NOT_MEASURED, p = 1, and still a member unless it is not applicable.
 *  3. Exact: SAFE iff d >= −δ, MET iff within the range, both with what rounding of a logarithm may
 *     take (EXACT_SLACK); outside the family.
 *  4. A part is called HARMED when the gate is and the part's own K·p stands where the gate's
 * would.
 */
#include "judge/family.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"
#include "stats/multiple.h"

#define EXACT_SLACK 1e-12

size_t family_n_sides(const struct judge_member *member) {
  if (member->kind == JUDGE_REQUIREMENT) {
    return (size_t)isfinite(member->range_low) + (size_t)isfinite(member->range_high);
  }
  return member->parts == NULL ? 1 : member->n_parts;
}

struct family_side family_side(const struct judge_member *member, size_t i, double margin_shift) {
  struct family_side side = {.law = &member->law, .null = -margin_shift, .upper = true};
  side.n = member->n;
  side.se = member->se;
  if (member->kind == JUDGE_REQUIREMENT) {
    side.upper = i == 0 && isfinite(member->range_low);
    side.null = side.upper ? member->range_low : member->range_high;
  } else if (member->parts != NULL) {
    side.law = &member->parts[i].law;
    side.n = member->parts[i].n;
    side.se = member->parts[i].se;
  }
  side.edge = side.upper ? side.law->value - side.null : side.null - side.law->value;
  side.slack = member->kind == JUDGE_REQUIREMENT ? side.edge : margin_shift;
  return side;
}

static bool law_decides(const struct inference *law) {
  return law->kind != INFERENCE_MISSING && law->undecided == NULL;
}

bool family_is_exact(const struct judge_member *member) {
  bool is_exact = true;
  if (member->is_exact || member->absence != ABSENCE_NONE) {
    return member->is_exact;
  }
  for (size_t i = 0; i < family_n_sides(member) && is_exact; i++) {
    is_exact = family_side(member, i, 0.0).law->kind == INFERENCE_EXACT;
  }
  return is_exact && family_n_sides(member) > 0;
}

bool family_can_decide(const struct judge_member *member) {
  bool decides = member->absence == ABSENCE_NONE && family_n_sides(member) > 0;
  for (size_t i = 0; decides && i < family_n_sides(member); i++) {
    decides = law_decides(family_side(member, i, 0.0).law);
  }
  return decides;
}

bool family_may_be_excused(const struct judge_member *member, const struct judge_rules *rules) {
  return rules->allows_tradeoffs && member->kind == JUDGE_GATE && member->tier > 1 &&
         !member->is_guard && isfinite(member->limit) && member->limit > member->margin;
}

double family_gamma(const struct judge_member *member) {
  return isnan(member->gamma) ? member->margin : member->gamma;
}

/* One side's overall p: of "not cleared", or of "not on the wrong side". */
static double side_p(const struct family_side *side, bool cleared, const struct looks *looks) {
  if (!law_decides(side->law)) {
    return 1.0; /* 1 */
  }
  if (side->law->kind == INFERENCE_EXACT) { /* 3 */
    const bool is_clear = side->edge >= -EXACT_SLACK * fmax(1.0, fabs(side->null));
    return is_clear == cleared ? 0.0 : 1.0;
  }
  return looks_overall(looks, inference_p(side->law, side->null, side->upper == cleared));
}

double family_p_cleared(const struct judge_member *member, double margin_shift,
                        const struct looks *looks) {
  const size_t n_sides = family_n_sides(member);
  double p = member->absence == ABSENCE_NONE && n_sides > 0 ? 0.0 : 1.0;
  for (size_t i = 0; i < n_sides && p < 1.0; i++) {
    const struct family_side side = family_side(member, i, margin_shift);
    p = fmax(p, side_p(&side, true, looks));
  }
  return p;
}

static double p_crossed(const struct judge_member *member, const struct looks *looks) {
  const size_t n_sides = family_n_sides(member);
  double p = 1.0;
  for (size_t i = 0; i < n_sides && member->absence == ABSENCE_NONE; i++) {
    const struct family_side side = family_side(member, i, member->margin);
    p = fmin(p, (double)n_sides * side_p(&side, false, looks));
  }
  return p;
}

/* The minimum over parts: below it nothing unless every part has a lower bound; above it the least
 * of simultaneous upper bounds. */
static void set_interval_of_parts(struct judge_member *member, double alpha) {
  bool all_bounded = true;
  member->low = member->high = INFINITY;
  for (size_t i = 0; i < member->n_parts; i++) {
    struct judge_part *part = &member->parts[i];
    double low, high;
    inference_bounds(&part->law, 1.0 - 2.0 * alpha / (double)member->n_parts, &low, &high);
    inference_bounds(&part->law, member->level, &part->low, &part->high);
    all_bounded = all_bounded && !isnan(part->low);
    member->low = fmin(member->low, part->low);
    member->high = fmin(member->high, high); /* fmin passes over NaN */
  }
  member->low = all_bounded && member->n_parts > 0 ? member->low : NAN;
  member->high = isinf(member->high) ? NAN : member->high;
}

static void set_interval(struct judge_member *member, double alpha) {
  member->level = 1.0 - 2.0 * alpha;
  member->value = member->low = member->high = NAN;
  if (member->absence == ABSENCE_NONE && member->parts == NULL) {
    member->value = member->law.value;
    inference_bounds(&member->law, member->level, &member->low, &member->high);
  } else if (member->absence == ABSENCE_NONE && member->n_parts > 0) {
    member->value = member->parts[member->worst_part].law.value;
    set_interval_of_parts(member, alpha);
  }
}

static void weigh_parts(struct judge_member *member, const struct looks *looks) {
  member->worst_part = 0;
  for (size_t i = 0; i < member->n_parts; i++) {
    struct judge_part *part = &member->parts[i], *worst = &member->parts[member->worst_part];
    const struct family_side side = family_side(member, i, member->margin);
    part->p_safe = side_p(&side, true, looks);
    part->p_harmed = side_p(&side, false, looks);
    part->low = part->high = part->n_needed = NAN;
    part->state = STATE_UNDECIDED;
    const bool is_known = !isnan(part->law.value), is_worst_known = !isnan(worst->law.value);
    if (is_known != is_worst_known) {
      member->worst_part = is_known ? i : member->worst_part;
    } else if (part->p_safe > worst->p_safe ||
               (part->p_safe == worst->p_safe && part->law.value < worst->law.value)) {
      member->worst_part = i;
    }
  }
}

void family_set_se(struct judge_member *member, double alpha) {
  member->se = member->absence == ABSENCE_NONE && member->parts == NULL
                   ? judge_law_se(&member->law, alpha)
                   : NAN;
  for (size_t i = 0; i < member->n_parts; i++) {
    member->parts[i].se = judge_law_se(&member->parts[i].law, alpha);
  }
}

/* The same from the intervals that are there when they stand at alpha: some laws cost much to
 * invert. */
static void set_se(struct judge_member *member, double alpha) {
  const double z = distribution_normal_quantile_sf(alpha);
  if (member->level != 1.0 - 2.0 * alpha) {
    family_set_se(member, alpha);
    return;
  }
  member->se = member->parts == NULL ? (member->high - member->low) / (2.0 * z) : NAN;
  for (size_t i = 0; i < member->n_parts; i++) {
    member->parts[i].se = (member->parts[i].high - member->parts[i].low) / (2.0 * z);
  }
}

void family_weigh(struct judge_member *member, const struct judge_rules *rules) {
  const bool has_limit = family_may_be_excused(member, rules);
  member->gain = GAIN_NONE;
  member->n_needed = member->n_fail = member->n_gain = NAN;
  member->p_gain = member->p_gained = NAN;
  member->excused_by = member->n_gain_of = JUDGE_NOBODY;
  member->alpha_used = rules->alpha * (has_limit ? FAMILY_SHARE_SAFE : 1.0);
  weigh_parts(member, rules->looks);
  set_interval(member, looks_level(rules->looks, member->alpha_used));
  set_se(member, rules->alpha);
  member->p_safe = family_p_cleared(member, member->margin, rules->looks);
  member->p_harmed = p_crossed(member, rules->looks);
  member->p_limit = has_limit ? family_p_cleared(member, member->limit, rules->looks) : NAN;
}

nonet_status family_adjust(struct judge_member *members, size_t n_members, size_t n_family,
                           nonet_error *error) {
  size_t n = 0;
  double *p = memory_new(n_members + 1, sizeof *p);
  nonet_status status =
      p == NULL ? error_memory(error, n_members * sizeof *p, "judging") : NONET_OK;
  for (size_t i = 0; i < n_members && status == NONET_OK; i++) {
    members[i].p_harmed_adjusted = members[i].p_harmed;
    if (!family_is_exact(&members[i]) && members[i].absence != ABSENCE_NOT_APPLICABLE) {
      p[n++] = members[i].p_harmed;
    }
  }
  if (status == NONET_OK) {
    status = multiple_holm(p, n, n_family > n ? n_family : n, p, error);
  }
  n = 0;
  for (size_t i = 0; i < n_members && status == NONET_OK; i++) {
    if (!family_is_exact(&members[i]) && members[i].absence != ABSENCE_NOT_APPLICABLE) {
      members[i].p_harmed_adjusted = p[n++];
    }
  }
  memory_free(p);
  return status;
}

static void settle_parts(struct judge_member *member, double alpha) {
  /* 4: the largest p_harmed of the gate that Holm would still have rejected. */
  const double most = member->p_harmed_adjusted > 0.0
                          ? member->p_harmed * alpha / member->p_harmed_adjusted
                          : alpha;
  for (size_t i = 0; i < member->n_parts; i++) {
    struct judge_part *part = &member->parts[i];
    if (part->p_safe <= member->alpha_used) {
      part->state = STATE_SAFE;
    } else if (member->state == STATE_HARMED && (double)member->n_parts * part->p_harmed <= most) {
      part->state = STATE_HARMED;
    }
  }
}

void family_settle(struct judge_member *member, double alpha) {
  const bool is_gate = member->kind == JUDGE_GATE;
  if (member->absence != ABSENCE_NONE) {
    member->state = STATE_NOT_MEASURED; /* 2 */
  } else if (member->p_safe <= member->alpha_used) {
    member->state = is_gate ? STATE_SAFE : STATE_MET;
  } else if (member->p_harmed_adjusted <= alpha) {
    member->state = is_gate ? STATE_HARMED : STATE_VIOLATED;
  } else {
    member->state = STATE_UNDECIDED;
  }
  settle_parts(member, alpha);
}
