/*
 * Gains, and the trade-offs they pay for.
 *
 * One Holm family over the primaries of all non-guard tiers and all candidates: IMPROVED when d > 0
 * is proven, GAINED when d > γ is (γ: by default the gate's own δ). A gate made of parts has gained
 * when all its parts have.
 *
 * A gate with a limit L > δ is EXCUSED when it is not SAFE at δ, is SAFE at L, and the primary of a
 * strictly higher tier of the same candidate has GAINED; one gain excuses one gate. A gate at or
 * beyond δ without a true gain above it then passes only by an error: SAFE at δ, which is held
 * against 0.8 α, or a false gain, 0.2 α: together at most α. Both shares are fixed by the context.
 *
 * What a gate may take is nested by tier, so a greedy choice is best: gates in the order of need
 * (harmed before undecided, then the more critical), each taking the least critical gain it may.
 *
 * Cases:
 *  1. An exact primary: gained or not, outside the family.
 *  2. A primary that was not measured or cannot decide: p = 1, and still a member.
 */
#include "judge/gains.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "judge/family.h"
#include "stats/multiple.h"

bool gains_is_split(const struct judge_member *members, size_t n_members,
                    const struct judge_rules *rules) {
  bool is_split = false;
  for (size_t i = 0; i < n_members && !is_split; i++) {
    is_split = family_may_be_excused(&members[i], rules);
  }
  return is_split;
}

bool gains_is_member(const struct judge_member *member) {
  return member->kind == JUDGE_GATE && member->is_primary && !member->is_guard &&
         member->absence != ABSENCE_NOT_APPLICABLE;
}

static bool is_sampled(const struct judge_member *member) {
  return gains_is_member(member) && !family_is_exact(member);
}

size_t gains_family_size(const struct judge_member *members, size_t n_members) {
  size_t n = 0;
  for (size_t i = 0; i < n_members; i++) {
    n += is_sampled(&members[i]);
  }
  return n;
}

/* An exact change is a gain only when it is one: the slack that favours SAFE must not. */
static double p_beyond(const struct judge_member *member, double by, const struct looks *looks) {
  if (member->absence == ABSENCE_NONE && family_is_exact(member)) {
    double least = INFINITY;
    for (size_t i = 0; i < family_n_sides(member); i++) {
      least = fmin(least, family_side(member, i, 0.0).edge);
    }
    return least > by ? 0.0 : 1.0; /* 1 */
  }
  return family_p_cleared(member, -by, looks);
}

static nonet_status holm(struct judge_member *members, size_t n_members, bool is_gained,
                         const struct looks *looks, double *p, nonet_error *error) {
  size_t n = 0;
  for (size_t i = 0; i < n_members; i++) {
    struct judge_member *member = &members[i];
    double *out = is_gained ? &member->p_gained : &member->p_gain;
    if (gains_is_member(member)) {
      *out = p_beyond(member, is_gained ? family_gamma(member) : 0.0, looks);
      p[n] = *out;
      n += is_sampled(member);
    }
  }
  nonet_status status = multiple_holm(p, n, n, p, error);
  n = 0;
  for (size_t i = 0; i < n_members && status == NONET_OK; i++) {
    if (is_sampled(&members[i])) {
      *(is_gained ? &members[i].p_gained : &members[i].p_gain) = p[n++];
    }
  }
  return status;
}

nonet_status gains_find(struct judge_member *members, size_t n_members,
                        const struct judge_rules *rules, double alpha_gains, nonet_error *error) {
  double *p = memory_new(n_members + 1, sizeof *p);
  nonet_status status = p == NULL ? error_memory(error, n_members * sizeof *p, "gains") : NONET_OK;
  if (status == NONET_OK) {
    status = holm(members, n_members, false, rules->looks, p, error);
  }
  if (status == NONET_OK) {
    status = holm(members, n_members, true, rules->looks, p, error);
  }
  for (size_t i = 0; i < n_members && status == NONET_OK; i++) {
    struct judge_member *member = &members[i];
    member->gain = member->p_gained <= alpha_gains ? GAIN_GAINED
                   : member->p_gain <= alpha_gains ? GAIN_IMPROVED
                                                   : GAIN_NONE; /* NaN: not a member */
  }
  memory_free(p);
  return status;
}

static bool may_excuse(const struct judge_member *gain, const struct judge_member *gate) {
  return gains_is_member(gain) && gain->candidate == gate->candidate && gain->tier < gate->tier;
}

static bool is_used(const struct judge_member *members, size_t n_members, size_t gain) {
  bool used = false;
  for (size_t i = 0; i < n_members && !used; i++) {
    used = members[i].excused_by == gain;
  }
  return used;
}

/* The unused gain of the least critical tier that may excuse the gate. */
static size_t find_gain(const struct judge_member *members, size_t n_members, size_t gate) {
  size_t best = JUDGE_NOBODY;
  for (size_t i = 0; i < n_members; i++) {
    if (members[i].gain == GAIN_GAINED && may_excuse(&members[i], &members[gate]) &&
        !is_used(members, n_members, i) &&
        (best == JUDGE_NOBODY || members[i].tier > members[best].tier)) {
      best = i;
    }
  }
  return best;
}

/* The next gate to excuse: not looked at before, of the given state, of the most critical tier. */
static size_t next_gate(const struct judge_member *members, size_t n_members,
                        const struct judge_rules *rules, enum judge_state state, const bool *seen) {
  size_t best = JUDGE_NOBODY;
  for (size_t i = 0; i < n_members; i++) {
    if (!seen[i] && members[i].state == state && family_may_be_excused(&members[i], rules) &&
        members[i].p_limit <= rules->alpha &&
        (best == JUDGE_NOBODY || members[i].tier < members[best].tier)) {
      best = i;
    }
  }
  return best;
}

nonet_status gains_excuse(struct judge_member *members, size_t n_members,
                          const struct judge_rules *rules, nonet_error *error) {
  static const enum judge_state order[] = {STATE_HARMED, STATE_UNDECIDED};
  bool *seen = memory_zeroed(n_members + 1, sizeof *seen);
  for (size_t k = 0; k < 2 && seen != NULL; k++) {
    size_t gate = next_gate(members, n_members, rules, order[k], seen);
    while (gate != JUDGE_NOBODY) {
      const size_t gain = find_gain(members, n_members, gate);
      seen[gate] = true;
      members[gate].excused_by = gain;
      members[gate].state = gain == JUDGE_NOBODY ? order[k] : STATE_EXCUSED;
      gate = next_gate(members, n_members, rules, order[k], seen);
    }
  }
  nonet_status status = seen == NULL ? error_memory(error, n_members, "trade-offs") : NONET_OK;
  memory_free(seen);
  return status;
}

/* ---- the least alpha that passes ---- */

static double share_safe(const struct judge_member *member, const struct judge_rules *rules) {
  return family_may_be_excused(member, rules) ? FAMILY_SHARE_SAFE : 1.0;
}

static bool needs_excuse(const struct judge_member *member, size_t candidate,
                         const struct judge_rules *rules, double alpha) {
  return member->candidate == candidate && member->absence == ABSENCE_NONE &&
         member->p_safe / share_safe(member, rules) > alpha;
}

/* Nested sets can be matched when, up to every tier, those in need are not more than the gains
 * above it (Hall 1935). */
static bool can_be_excused(const struct judge_member *members, size_t n_members, size_t gate,
                           const struct judge_rules *rules, double alpha) {
  const struct judge_member *member = &members[gate];
  size_t n_needs = 0, n_gains = 0;
  for (size_t i = 0; i < n_members; i++) {
    n_needs += needs_excuse(&members[i], member->candidate, rules, alpha) &&
               members[i].tier <= member->tier;
    n_gains += may_excuse(&members[i], member) && members[i].p_gained / FAMILY_SHARE_GAINS <= alpha;
  }
  return family_may_be_excused(member, rules) && member->p_limit <= alpha && n_needs <= n_gains;
}

static bool passes_at(const struct judge_member *members, size_t n_members, size_t candidate,
                      const struct judge_rules *rules, double alpha) {
  bool passes = true;
  for (size_t i = 0; i < n_members && passes; i++) {
    passes = !needs_excuse(&members[i], candidate, rules, alpha) ||
             can_be_excused(members, n_members, i, rules, alpha);
  }
  return passes;
}

double gains_p_pass(const struct judge_member *members, size_t n_members, size_t candidate,
                    const struct judge_rules *rules) {
  double least = 1.0;
  for (size_t i = 0; i < n_members; i++) {
    if (members[i].candidate == candidate && judge_blocks(&members[i], rules->is_partial)) {
      return NAN;
    }
  }
  if (passes_at(members, n_members, candidate, rules, 0.0)) {
    return 0.0;
  }
  /* The verdict changes only where one of these p-values is passed. */
  for (size_t i = 0; i < n_members; i++) {
    const double at[] = {members[i].p_safe / share_safe(&members[i], rules), members[i].p_limit,
                         members[i].p_gained / FAMILY_SHARE_GAINS};
    for (size_t k = 0; k < sizeof at / sizeof at[0]; k++) {
      if (at[k] < least && members[i].candidate == candidate &&
          passes_at(members, n_members, candidate, rules, at[k])) {
        least = at[k];
      }
    }
  }
  return least;
}
