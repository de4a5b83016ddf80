/* Gains and what they may buy: trade-offs only downwards. Internal to judge. */
#ifndef JUDGE_GAINS_H
#define JUDGE_GAINS_H

#include "judge/judge.h"

/* Does any gate have a limit that counts? Alpha is then split beforehand. */
bool gains_is_split(const struct judge_member *members, size_t n_members,
                    const struct judge_rules *rules);
/* Takes part in the gains family: a primary of a tier that is no guard. */
bool gains_is_member(const struct judge_member *member);
/* Those of them with sampling error: the size of the family. */
size_t gains_family_size(const struct judge_member *members, size_t n_members);

/* p_gain and p_gained by Holm over all candidates' primaries, and `gain` at alpha_gains. */
nonet_status gains_find(struct judge_member *members, size_t n_members,
                        const struct judge_rules *rules, double alpha_gains,
                        nonet_error *error) NONET_NODISCARD;

/* Turns into EXCUSED what the gains of a strictly higher tier excuse; one gain, one gate. */
nonet_status gains_excuse(struct judge_member *members, size_t n_members,
                          const struct judge_rules *rules, nonet_error *error) NONET_NODISCARD;

/* The least alpha at which the candidate passes; 1: at none below 1; NaN: something not measured
 * blocks at any. */
double gains_p_pass(const struct judge_member *members, size_t n_members, size_t candidate,
                    const struct judge_rules *rules);

#endif
