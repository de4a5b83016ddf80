/*
 * The gate tests itself on the user's own rows: do its tests err as seldom as they promise here,
 * and would they find a harm of twice the margin?
 *
 * Candidate and baseline are swapped at random, many times (swapped.h): equal models, so that every
 * IMPROVED, and every HARMED with a margin of 0, is an error. With a harm of exactly the margin put
 * in (harm.h), every SAFE and every HARMED is one.
 *
 * A requirement on a gap is about one model: there groups change places instead (regrouped.h), and
 * the gap is 0; every VIOLATED of a gap beyond 0 is an error, and with a gap of exactly what is
 * allowed every MET and every VIOLATED is.
 */
#ifndef RUN_SELFTEST_H
#define RUN_SELFTEST_H

#include "base/progress.h"
#include "measure/view.h"
#include "run/harm.h"
#include "run/regrouped.h"

#define SELFTEST_REPEATS 1000

enum selftest_state {
  SELFTEST_HOLDS,  /* no error rate is above what so many repeats of a true alpha would show */
  SELFTEST_BROKEN, /* one is */
  SELFTEST_OPEN    /* the law must not decide on these rows in most repeats */
};
const char *selftest_state_name(enum selftest_state state);

enum selftest_way {
  SELFTEST_SWAP,     /* a gate: the models change places */
  SELFTEST_EACH,     /* a gate of every group by itself: likewise */
  SELFTEST_REGROUPED /* a requirement on a gap: groups change places */
};

struct selftest_gate {
  /* in */
  enum selftest_way way;
  const struct measure *measure;
  const struct measure_variant *variant;
  struct harm_scope scope;
  double margin;                       /* δ on the law's scale; of a requirement what is allowed */
  unsigned columns[VIEW_COLUMNS_MOST]; /* over the groups of these, each a set of group columns, a
                                          bit each: one, or several of SELFTEST_EACH */
  size_t n_columns;
  bool is_relative; /* that scale is the log ratio */
  /* out: shares of the repeats; NaN where there was none */
  enum selftest_state state;
  double undecided;
  double improved, harmed_at_zero;         /* equal models (groups): errors. NaN: cannot occur */
  double safe_at_margin, harmed_at_margin; /* a harm of exactly δ: errors. NaN: no injector */
  double safe_when_equal;                  /* power */
  double harmed_at_twice;                  /* power: 2δ, at alpha/m */
  bool has_injector;
  size_t n_injected; /* repeats in which the harm fitted */
  double promised;   /* alpha; of tables, rates and AUC 1.4 alpha */
  double most;       /* the largest rate that counts as that: + 3 standard errors */
};

struct selftest_request {
  const struct summary_set *set; /* finished, with rows of two models; of one, for requirements */
  double alpha;
  size_t n_family;  /* m */
  size_t min_group; /* as the context's; 0: VIEW_MIN_GROUP */
  size_t n_repeats, n_threads;
  uint64_t seed;
  struct progress *progress;
  void (*distort)(
      struct inference *law); /* for tests: what is wrong with the laws; NULL: nothing */
};

struct selftest_result {
  size_t n_rows;
  double pass_when_equal; /* every gate SAFE; NaN: no gate, requirements alone */
  bool is_broken;
};

nonet_status selftest_repeat(struct selftest_gate *gates, size_t n_gates,
                             const struct selftest_request *request, struct selftest_result *result,
                             nonet_error *error) NONET_NODISCARD;

#endif
