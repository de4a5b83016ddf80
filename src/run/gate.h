/* Gates: a context and the margins of the command line to judgements, a verdict and what to do
 * next. */
#ifndef RUN_GATE_H
#define RUN_GATE_H

#include "policy/context.h"
#include "run/intake.h"

/* One --margin of the command line. */
struct gate_margin {
  char *id; /* full id */
  char *stated;
  struct margin margin;
};

struct gate_plan {
  struct context context;
  struct gate_margin *margins;
  size_t n_margins;
};

/* Reads --context and --margin; everything wrong in them is found here, before any data. */
nonet_status gate_plan_make(const nonet_options *options, struct gate_plan *plan,
                            nonet_error *error) NONET_NODISCARD;
void gate_plan_clear(struct gate_plan *plan);

/* The gates of the context for the task (a --margin on a gate replaces its margin; on another
 * measure it makes a gate of tier 1), judged over all rows. */
nonet_status gate_judge(const nonet_options *options, const struct gate_plan *plan,
                        const struct intake *intake, struct evidence *evidence,
                        nonet_error *error) NONET_NODISCARD;

#endif
