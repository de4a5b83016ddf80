/*
 * The best of several candidates.
 *
 * For each tier, from the most critical, and each primary in it: the candidate with the best
 * estimate leads, and those proven worse than it by more than δ are dropped. Which one leads is
 * chosen by the data, so the proof covers every ordered pair of the k that take part: with T the
 * statistic of the pair and R_k the range of k standard normals, p = P(R_k > √2·T) (Tukey 1953;
 * conservative for unequal and correlated estimates, Hayter 1984).
 *
 * Cases:
 *  1. A primary that could not be judged for a candidate drops no one by it.
 *  2. A tier in which every candidate is worse than another on some primary drops none: a tie.
 *  3. Guards do not choose.
 */
#include "judge/candidates.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "judge/family.h"
#include "judge/gains.h"
#include "stats/distribution.h"

/* The p-value of "not worse by more than δ", simultaneous over the ordered pairs of k. */
static double p_worse(const struct candidates_pair *pair, bool a_is_worse, double margin,
                      size_t k) {
  const double p =
      a_is_worse ? inference_p(&pair->law, -margin, false) : inference_p(&pair->law, margin, true);
  if (pair->law.kind == INFERENCE_MISSING || pair->law.undecided != NULL || p >= 0.5) {
    return 1.0; /* 1 */
  }
  if (pair->law.kind == INFERENCE_EXACT || p <= 0.0) {
    return p;
  }
  return distribution_range_sf(M_SQRT2 * distribution_normal_quantile_sf(p), (double)k);
}

static bool takes_part(const struct judge_member *member, int tier, const bool *is_in) {
  return gains_is_member(member) && member->tier == tier && is_in[member->candidate] &&
         family_can_decide(member);
}

/* The member of the same primary with the best estimate among those still in. Members of one
 * primary are those that pairs connect. */
static size_t leader_of(const struct judge_member *members, const struct candidates_pair *pairs,
                        size_t n_pairs, size_t member, const bool *is_in) {
  size_t best = member;
  for (size_t i = 0; i < n_pairs; i++) {
    const size_t a = pairs[i].member_a, b = pairs[i].member_b;
    const size_t other = a == member ? b : (b == member ? a : JUDGE_NOBODY);
    if (other != JUDGE_NOBODY && takes_part(&members[other], members[member].tier, is_in) &&
        members[other].value > members[best].value) {
      best = other;
    }
  }
  return best;
}

static bool is_worse(const struct judge_member *members, const struct candidates_pair *pairs,
                     size_t n_pairs, size_t member, size_t leader, double alpha, size_t k) {
  bool worse = false;
  for (size_t i = 0; i < n_pairs && !worse; i++) {
    const bool is_a = pairs[i].member_a == member && pairs[i].member_b == leader;
    const bool is_b = pairs[i].member_b == member && pairs[i].member_a == leader;
    worse = (is_a || is_b) && p_worse(&pairs[i], is_a, members[member].margin, k) <= alpha;
  }
  return worse;
}

/* Proven worse than the leader of one of the tier's primaries? */
static bool is_dropped(const struct judge_member *members, size_t n_members,
                       const struct candidates_pair *pairs, size_t n_pairs, double alpha,
                       size_t candidate, int tier, const bool *is_in, size_t k) {
  bool dropped = false;
  for (size_t i = 0; i < n_members && !dropped; i++) {
    if (members[i].candidate == candidate && takes_part(&members[i], tier, is_in)) {
      const size_t leader = leader_of(members, pairs, n_pairs, i, is_in);
      dropped = leader != i && is_worse(members, pairs, n_pairs, i, leader, alpha, k);
    }
  }
  return dropped;
}

static size_t count(const bool *is_in, size_t n) {
  size_t k = 0;
  for (size_t c = 0; c < n; c++) {
    k += is_in[c];
  }
  return k;
}

static int last_tier(const struct judge_member *members, size_t n_members) {
  int last = 0;
  for (size_t i = 0; i < n_members; i++) {
    last = members[i].tier > last ? members[i].tier : last;
  }
  return last;
}

nonet_status candidates_best(const struct judge_member *members, size_t n_members,
                             const struct candidates_pair *pairs, size_t n_pairs, double alpha,
                             bool *is_best, size_t n_candidates, nonet_error *error) {
  const size_t k = count(is_best, n_candidates);
  bool *stays = memory_new(n_candidates + 1, sizeof *stays);
  nonet_status status =
      stays == NULL ? error_memory(error, n_candidates, "the best candidate") : NONET_OK;
  for (int tier = 1; status == NONET_OK && tier <= last_tier(members, n_members); tier++) {
    for (size_t c = 0; c < n_candidates; c++) {
      stays[c] =
          is_best[c] && !is_dropped(members, n_members, pairs, n_pairs, alpha, c, tier, is_best, k);
    }
    if (count(stays, n_candidates) > 0) { /* 2 */
      memcpy(is_best, stays, n_candidates * sizeof *stays);
    }
  }
  memory_free(stays);
  return status;
}

void candidates_bounds(const struct judge_member *member, size_t k, double *low, double *high) {
  const double alpha = (1.0 - member->level) / 2.0;
  inference_bounds(&member->law, 1.0 - 2.0 * alpha / (double)(k > 1 ? k : 1), low, high);
}
