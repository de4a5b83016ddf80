/*
 * Rows needed.
 *
 * With σ = se·√n, an estimate d̂ of n rows, and new rows whose mean difference is μ, the chance that
 * N rows clear the null is
 *   π(N) = Φ([n·edge + (N − n)·slack − z₁₋α σ√N] / [σ√(N − n)]),   edge = d̂ + δ
 * with slack = δ for a gate (the models are equal, μ = 0) and slack = edge for a requirement (its
 * estimate is true). Per member the smallest N with Σ over its sides of (1 − π) <= 1 − power; for
 * the verdict the smallest common multiple s of today's rows with Σ over all open sides <= 1 −
 * power (Bonferroni: no independence is assumed). Only what is short is multiplied: when all
 * launches' members are decided, more rows alone are asked for.
 *
 *   n_fail = σ²(z₁₋α/mK + z_power)²/edge²   when edge < 0: proves the harm
 *   n_gain = σ²(z₁₋α/k + z_power)²/(d̂ − γ)²   when d̂ > γ: proves the gain in a family of k
 *
 * Cases:
 *  1. δ = 0, or a requirement on the wrong side of its estimate: NaN, no number of rows will do.
 *  2. A law without a width, or one that must not decide: NaN, no formula says.
 *  3. A gate already SAFE counts in the sum with the others of its unit: it is judged again too.
 *  4. Several candidates: each is held against alpha/K, as Holm's first step does.
 */
#include "judge/rows_needed.h"

#include <math.h>

#include "judge/family.h"
#include "stats/distribution.h"

#define ROWS_MOST 1e12 /* beyond this no one collects labels: "none would do" */

double judge_law_se(const struct inference *law, double alpha) {
  double low, high;
  inference_bounds(law, 1.0 - 2.0 * alpha, &low, &high);
  return (high - low) / (2.0 * distribution_normal_quantile_sf(alpha));
}

/* 1 − π at s times today's rows; from_zero: the rows of today count as not yet seen. */
static double side_lost(const struct family_side *side, double alpha, double s, bool from_zero) {
  const double n = from_zero ? 0.0 : side->n, total = side->n * s;
  const double sigma = side->se * sqrt(side->n);
  const double top = n * side->edge + (total - n) * side->slack -
                     distribution_normal_quantile_sf(alpha) * sigma * sqrt(total);
  if (!(sigma >= 0.0) || !(total > n)) {
    return NAN;
  }
  return sigma == 0.0 ? (top <= 0.0) : distribution_normal_sf(top / (sigma * sqrt(total - n)));
}

static double member_lost(const struct judge_member *member, double alpha, double s,
                          bool from_zero) {
  double lost = 0.0;
  for (size_t i = 0; i < family_n_sides(member); i++) {
    const struct family_side side = family_side(member, i, member->margin);
    lost += side_lost(&side, alpha, s, from_zero);
  }
  return lost;
}

/* A set of members whose chances add up. */
struct open_set {
  const struct judge_member *members;
  size_t n_members, candidate;
  const struct judge_rules *rules;
  bool is_open[N_JUDGE_UNITS];
  bool from_zero;
};

static bool is_sampled(const struct judge_member *member, size_t candidate) {
  return member->candidate == candidate && member->absence == ABSENCE_NONE &&
         !family_is_exact(member);
}

static double held_against(const struct judge_member *member, const struct judge_rules *rules) {
  const double share = family_may_be_excused(member, rules) ? FAMILY_SHARE_SAFE : 1.0;
  return share * rules->alpha / (double)(rules->n_candidates > 1 ? rules->n_candidates : 1); /* 4 */
}

static double set_lost(const struct open_set *set, double s) {
  double lost = 0.0;
  for (size_t i = 0; i < set->n_members; i++) {
    const struct judge_member *member = &set->members[i];
    if (is_sampled(member, set->candidate) && set->is_open[member->unit] &&
        member->state != STATE_EXCUSED) {
      lost += member_lost(member, held_against(member, set->rules), s, set->from_zero);
    }
  }
  return lost;
}

typedef double (*lost_at)(const void *context, double s);

/* The smallest multiple s of today's rows with lost <= 1 − power: doubling, then bisection. */
static double scale_needed(lost_at lost, const void *context, double power, double first,
                           double n_today) {
  double low = first, step = 1.0 / 1024.0;
  while (!(lost(context, low + step) <= 1.0 - power)) {
    if ((low + step) * n_today > ROWS_MOST) {
      return NAN; /* 1, 2 */
    }
    low += step;
    step *= 2.0;
  }
  double high = low + step;
  for (int i = 0; i < 60; i++) {
    const double middle = 0.5 * (low + high);
    if (lost(context, middle) <= 1.0 - power) {
      high = middle;
    } else {
      low = middle;
    }
  }
  return high;
}

static double lost_set(const void *context, double s) {
  return set_lost(context, s);
}

struct open_side {
  struct family_side side;
  double alpha;
};

static double lost_side(const void *context, double s) {
  const struct open_side *open = context;
  return side_lost(&open->side, open->alpha, s, false);
}

struct open_member {
  const struct judge_member *member;
  double alpha;
};

static double lost_member(const void *context, double s) {
  const struct open_member *open = context;
  return member_lost(open->member, open->alpha, s, false);
}

static double ceiling(double n, double s) {
  return ceil(n * s * (1.0 - 1e-12)); /* not one more by the rounding of s */
}

/* 1: nothing but luck would clear it. */
static bool is_hopeless(const struct judge_member *member) {
  bool hopeless = member->kind == JUDGE_GATE && !(member->margin > 0.0);
  for (size_t i = 0; i < family_n_sides(member) && !hopeless; i++) {
    hopeless = !(family_side(member, i, member->margin).slack > 0.0);
  }
  return hopeless;
}

/* Something that its law could not judge (a group too small) lies on the side it must clear: more
 * rows like today's do not bring it there. */
static bool is_open(const struct judge_member *member) {
  return member->parts == NULL && member->law.kind != INFERENCE_MISSING &&
         member->law.reason != NULL;
}

/* The multiple of today's rows that proves an effect of size `edge` against `alpha`. */
static double scale_to_prove(const struct family_side *side, double edge, double alpha,
                             const struct judge_rules *rules) {
  const double z =
      distribution_normal_quantile_sf(alpha) + distribution_normal_quantile(rules->power);
  return side->se * side->se * z * z / (edge * edge);
}

static void set_n_fail(struct judge_member *member, const struct judge_rules *rules,
                       size_t n_family) {
  const size_t n_sides = family_n_sides(member);
  double least = INFINITY;
  for (size_t i = 0; i < n_sides; i++) {
    const struct family_side side = family_side(member, i, member->margin);
    if (side.edge < 0.0) {
      const double alpha = rules->alpha / (double)n_family / (double)n_sides;
      least = fmin(least, scale_to_prove(&side, side.edge, alpha, rules));
    }
  }
  member->n_fail = isfinite(least) ? ceiling(member->n, least) : NAN;
}

static void set_n_gain(struct judge_member *member, const struct judge_rules *rules,
                       double alpha_gains, size_t n_gains) {
  double most = 0.0;
  for (size_t i = 0; i < family_n_sides(member); i++) {
    const struct family_side side = family_side(member, i, -family_gamma(member));
    const double scale = scale_to_prove(&side, side.edge, alpha_gains / (double)n_gains, rules);
    most = side.edge > 0.0 && most >= 0.0 ? fmax(most, scale) : -1.0;
  }
  member->n_gain = most > 0.0 && isfinite(most) ? ceiling(member->n, most) : NAN;
}

static void set_parts(struct judge_member *member, const struct judge_rules *rules) {
  for (size_t i = 0; i < member->n_parts; i++) {
    struct open_side open = {family_side(member, i, member->margin), member->alpha_used};
    struct judge_part *part = &member->parts[i];
    if (part->state == STATE_UNDECIDED && part->law.undecided == NULL && part->n > 0.0 &&
        member->margin > 0.0) {
      const double s = scale_needed(lost_side, &open, rules->power, 1.0, part->n);
      part->n_needed = isnan(s) ? NAN : ceiling(part->n, s);
    }
  }
}

void rows_needed_member(struct judge_member *member, const struct judge_rules *rules,
                        size_t n_family, double alpha_gains, size_t n_gains) {
  const struct open_member open = {member, member->alpha_used};
  set_parts(member, rules);
  if (!family_can_decide(member) || is_open(member) || family_is_exact(member) ||
      !(member->n > 0.0)) {
    return; /* 2 */
  }
  if (member->state == STATE_UNDECIDED) {
    if (!is_hopeless(member)) {
      const double s = scale_needed(lost_member, &open, rules->power, 1.0, member->n);
      member->n_needed = isnan(s) ? NAN : ceiling(member->n, s);
    }
    set_n_fail(member, rules, n_family);
  }
  if (!isnan(member->p_gained) && member->gain != GAIN_GAINED) {
    set_n_gain(member, rules, alpha_gains, n_gains);
  }
}

void rows_needed_excuse(struct judge_member *members, size_t n_members, size_t gate,
                        const struct judge_rules *rules) {
  struct judge_member *harmed = &members[gate];
  double least = INFINITY;
  for (size_t i = 0; i < n_members && family_may_be_excused(harmed, rules); i++) {
    const struct judge_member *gain = &members[i];
    if (gain->candidate == harmed->candidate && gain->tier < harmed->tier && !gain->is_guard &&
        gain->n_gain / gain->n < least) {
      least = gain->n_gain / gain->n;
      harmed->n_gain = gain->n_gain;
      harmed->n_gain_of = i;
    }
  }
}

static double units_today(const struct open_set *set, enum judge_unit unit) {
  double n = set->rules->n_today[unit];
  for (size_t i = 0; i < set->n_members && !(set->rules->n_today[unit] > 0.0); i++) {
    const struct judge_member *member = &set->members[i];
    n = is_sampled(member, set->candidate) && member->unit == unit ? fmax(n, member->n) : n;
  }
  return n;
}

/* Marks the units with something undecided; false when something undecided is not a matter of
 * rows. */
static bool find_open(struct open_set *set) {
  bool can_be_decided = true;
  for (size_t i = 0; i < set->n_members; i++) {
    const struct judge_member *member = &set->members[i];
    if (member->candidate != set->candidate) {
      continue;
    }
    if (member->absence != ABSENCE_NONE) {
      can_be_decided = can_be_decided && !judge_blocks(member, set->rules->is_partial);
    } else if (!family_is_exact(member) && member->state != STATE_EXCUSED &&
               member->p_safe > held_against(member, set->rules)) {
      set->is_open[member->unit] = true;
      can_be_decided = can_be_decided && family_can_decide(member) && !is_open(member) &&
                       member->n > 0.0 && !is_hopeless(member);
    }
  }
  return can_be_decided;
}

void rows_needed_verdict(const struct judge_member *members, size_t n_members, size_t candidate,
                         const struct judge_rules *rules, double n_needed[N_JUDGE_UNITS]) {
  struct open_set set = {members, n_members, candidate, rules, {false, false}, false};
  double n_today[N_JUDGE_UNITS], s = NAN;
  if (find_open(&set)) {
    n_today[UNIT_ROWS] = units_today(&set, UNIT_ROWS);
    n_today[UNIT_LAUNCHES] = units_today(&set, UNIT_LAUNCHES);
    s = set.is_open[UNIT_ROWS] || set.is_open[UNIT_LAUNCHES]
            ? scale_needed(lost_set, &set, rules->power, 1.0,
                           fmax(n_today[UNIT_ROWS], n_today[UNIT_LAUNCHES]))
            : NAN;
  }
  for (int unit = 0; unit < N_JUDGE_UNITS; unit++) {
    n_needed[unit] = set.is_open[unit] && !isnan(s) ? ceiling(n_today[unit], s) : NAN;
  }
}

double judge_n_max(struct judge_member *members, size_t n_members,
                   const struct judge_rules *rules) {
  const size_t n_candidates = rules->n_candidates > 1 ? rules->n_candidates : 1;
  double most = NAN;
  for (size_t i = 0; i < n_members; i++) {
    family_set_se(&members[i], rules->alpha);
  }
  for (size_t c = 0; c < n_candidates; c++) {
    struct open_set set = {members, n_members, c, rules, {true, false}, true};
    const double n_today = units_today(&set, UNIT_ROWS);
    if (n_today > 0.0) {
      const double s = scale_needed(lost_set, &set, rules->power, 0.0, n_today);
      most = isnan(s) ? INFINITY : fmax(most, ceiling(n_today, s));
    }
  }
  return isinf(most) ? NAN : most;
}

void judge_plan_power(struct judge_planned *planned, size_t n, const struct judge_rules *rules,
                      double *p, double *least) {
  *p = *least = 1.0;
  for (size_t i = 0; i < n; i++) {
    const double share = planned[i].has_limit && rules->allows_tradeoffs ? FAMILY_SHARE_SAFE : 1.0;
    const double z = distribution_normal_quantile_sf(share * rules->alpha);
    planned[i].ratio = planned[i].margin / planned[i].se;
    planned[i].power = distribution_normal_cdf(planned[i].ratio - z);
    *p *= planned[i].power;
    *least -= 1.0 - planned[i].power;
  }
  *least = fmax(*least, 0.0);
}
