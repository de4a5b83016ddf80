/* How many rows would decide. Internal to judge; judge_n_max, judge_plan_power and judge_law_se of
 * judge.h stand in the same file. */
#ifndef JUDGE_ROWS_NEEDED_H
#define JUDGE_ROWS_NEEDED_H

#include "judge/judge.h"

/* n_needed of an UNDECIDED member (and of its undecided parts), n_fail, and a primary's n_gain. */
void rows_needed_member(struct judge_member *member, const struct judge_rules *rules,
                        size_t n_family, double alpha_gains, size_t n_gains);
/* A HARMED gate with a limit: the least n_gain (in today's multiples) that could excuse it. */
void rows_needed_excuse(struct judge_member *members, size_t n_members, size_t gate,
                        const struct judge_rules *rules);
/* Rows and launches that give the candidate PASS with probability `power` if the models are equal.
 */
void rows_needed_verdict(const struct judge_member *members, size_t n_members, size_t candidate,
                         const struct judge_rules *rules, double n_needed[N_JUDGE_UNITS]);

#endif
