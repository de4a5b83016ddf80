/*
 * Inference: an estimate together with its sampling law, so that a p-value at any null value and a
 * bound are one test inverted.
 *
 * A measure fills one struct inference; inference_bounds gives the two-sided interval, inference_p
 * the one-sided p-value. No measure knows of verdicts, and no verdict knows of methods. All
 * functions are pure and thread-safe.
 */
#ifndef MEASURE_INFERENCE_H
#define MEASURE_INFERENCE_H

#include <stdbool.h>
#include <stddef.h>

enum inference_kind {
  INFERENCE_MISSING,  /* no interval can be given; `reason` says why */
  INFERENCE_EXACT,    /* no sampling error */
  INFERENCE_T,        /* value ± t(df)·se on the scale below; df = infinity: normal */
  INFERENCE_WILSON,   /* proportion successes / trials (trials may be an effective size), mapped by
                         `transform`; df > 0 and finite: t(df) */
  INFERENCE_TANGO,    /* paired proportions: b, c discordant of n; below 20 discordant the exact
                         unconditional test */
  INFERENCE_AUC_PAIR, /* difference of two correlated AUCs: plain DeLong and MOVER of logit-DeLong
                         limits; p is the larger, bounds the wider */
  INFERENCE_REPLICATES, /* sorted bootstrap replicates, percentile or BCa; a p from k of B is (k +
                           1)/(B + 1), bounds are order statistics */
  INFERENCE_BOOT_T,     /* studentised replicates: value, se, sorted t* */
  INFERENCE_LIMITS /* a closed form given as a function of the level (order statistics, MOVER …)
                      through `bounds` */
};

enum inference_scale { SCALE_IDENTITY, SCALE_LOGIT, SCALE_LOG, SCALE_FISHER_Z };

/* Start from inference_none(). Borrowed pointers must live as long as the inference is used (they
 * belong to the view's arena). */
struct inference {
  enum inference_kind kind;
  const char *method; /* the name in the evidence: "wilson", "delong", "tango" … never NULL */
  const char *reason; /* INFERENCE_MISSING: why, a sentence with numbers. LIMITS: what could not be
                         judged (a group too small), so that `p` is 1 towards it; else NULL */
  double value;       /* the point estimate in the measure's unit; NaN: null */
  double null_low, null_high; /* the parameter's range; bounds are cut to it (delong: not cut) */
  enum inference_scale scale; /* INFERENCE_T, BOOT_T */
  double se, df;              /* INFERENCE_T, BOOT_T: on the scale; se = 0 gives the value itself */
  double successes, trials;   /* WILSON */
  double (*transform)(double); /* WILSON: monotone increasing map of the proportion (F1 = 2J/(1+J));
                                  NULL: identity */
  double b, c, n;              /* TANGO: A right and B wrong; A wrong and B right; rows */
  /* A paired difference's parts, NaN where they are not known: judge forms other contrasts of them
     (relative margins: log ratio). AUC_PAIR needs them: the two AUCs, their DeLong variances and
     covariance. Never negated. */
  double pair_value[2], pair_variance[2], pair_covariance;
  const char *undecided; /* a paired law that must not decide (judgement.md §1: too few discordant
                            rows, clusters …): why; else NULL */
  const double *replicates; /* REPLICATES, BOOT_T: sorted ascending, finite */
  size_t n_replicates;
  double acceleration; /* REPLICATES: BCa when finite, percentile when NaN */
  void (*bounds)(const struct inference *, double level, double *low,
                 double *high); /* LIMITS: monotone in level */
  /* LIMITS: the one-sided p in closed form; NULL: by bisection on the level of `bounds`. */
  double (*p)(const struct inference *, double null, bool upper);
  const void *context; /* LIMITS */
  bool is_negated; /* private: the law is of −θ; every field above but value and null_* is of θ */
};

/* MISSING, value NaN, range all reals, df infinite, pair_* and acceleration NaN, everything else
 * zero. */
struct inference inference_none(const char *method);

/* Two-sided interval at `level`; NaN, NaN when there is none. */
void inference_bounds(const struct inference *inference, double level, double *low, double *high);

/* One-sided p-value. upper = true: H0 θ <= null against θ > null; false: H0 θ >= null against θ <
 * null. 1 when MISSING; 0 or 1 when EXACT. */
double inference_p(const struct inference *inference, double null, bool upper);

/* The same law for −θ (a measure where lower is better, oriented). */
struct inference inference_negated(const struct inference *inference);

#endif
