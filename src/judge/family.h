/* The members of one judgement: what each one's laws say (p-values, interval), the family they
 * form, and the states that follow. Internal to judge. */
#ifndef JUDGE_FAMILY_H
#define JUDGE_FAMILY_H

#include "judge/judge.h"

#define FAMILY_SHARE_SAFE 0.8  /* of alpha, SAFE of a gate that has a limit */
#define FAMILY_SHARE_GAINS 0.2 /* of alpha, the gains family where a gate has a limit */

/* One null value of a member that must be cleared: a part of a gate, an end of a requirement. All
 * are turned so that clearing means edge > 0. */
struct family_side {
  const struct inference *law;
  double null;
  bool upper;   /* cleared when the parameter is above the null */
  double edge;  /* the estimate's distance from the null, > 0 on the right side */
  double slack; /* the same if the models were equal; a requirement: edge */
  double se, n;
};

/* Parts of a gate, or ends of a requirement (at most two). */
size_t family_n_sides(const struct judge_member *member);
/* Side i for the null −margin_shift of a gate (its margin, its limit, minus its γ); a requirement
 * has nulls of its own. */
struct family_side family_side(const struct judge_member *member, size_t i, double margin_shift);

bool family_is_exact(const struct judge_member *member);
/* Measured, and every law of it may decide. */
bool family_can_decide(const struct judge_member *member);
/* A limit that counts: a gate below tier 1, no guard, and the context allows trade-offs. */
bool family_may_be_excused(const struct judge_member *member, const struct judge_rules *rules);
double family_gamma(const struct judge_member *member);

/* The largest overall p over the sides: "not cleared". */
double family_p_cleared(const struct judge_member *member, double margin_shift,
                        const struct looks *looks);

/* The standard errors of a member and its parts. */
void family_set_se(struct judge_member *member, double alpha);
/* Everything about one member that needs no other: value, interval, p_safe, p_harmed, p_limit,
 * alpha_used. */
void family_weigh(struct judge_member *member, const struct judge_rules *rules);
/* Holm over the family of n_family members. */
nonet_status family_adjust(struct judge_member *members, size_t n_members, size_t n_family,
                           nonet_error *error) NONET_NODISCARD;
/* The state before any excuse, and the states of the parts. */
void family_settle(struct judge_member *member, double alpha);

#endif
