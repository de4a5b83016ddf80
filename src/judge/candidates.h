/*
 * Several candidates: which of those that pass is best, tier by tier.
 *
 * In each tier a candidate is dropped when it is proven worse, by more than the margin, than the
 * candidate with the tier's best estimate. The best is chosen by the data, so the proof is
 * simultaneous over all ordered pairs (max-T, closed form: the range of k normals over √2). Those
 * left after the last tier are tied.
 */
#ifndef JUDGE_CANDIDATES_H
#define JUDGE_CANDIDATES_H

#include "judge/judge.h"

/* The paired law of two candidates on one primary, oriented: a − b. Every pair of candidates that
 * pass has one, in one of the two orders. */
struct candidates_pair {
  size_t member_a, member_b; /* that primary's gates of both */
  struct inference law;
};

/* is_best[n_candidates]: in, who takes part (those that pass); out, who is left. */
nonet_status candidates_best(const struct judge_member *members, size_t n_members,
                             const struct candidates_pair *pairs, size_t n_pairs, double alpha,
                             bool *is_best, size_t n_candidates,
                             nonet_error *error) NONET_NODISCARD;

/* The winner's interval (one law, no parts), simultaneous over the k candidates it was chosen from
 * (Bonferroni). */
void candidates_bounds(const struct judge_member *member, size_t k, double *low, double *high);

#endif
