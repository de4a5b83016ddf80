/*
 * Functions of a K×K table of label against prediction: the value, its gradient, and the
 * delta-method standard error.
 *
 * counts[label·K + prediction] >= 0 are doubles (weights fit). All functions are homogeneous of
 * degree 0 in the counts, so the gradient g with respect to the counts gives the influence of a row
 * in cell c as n·g[c], with Σ counts·g = 0, and the multinomial delta variance is Σ counts·g². A
 * value that is undefined (an empty denominator) is NaN, its gradient too. In binary tables class 1
 * is the positive class. Pure and thread-safe.
 */
#ifndef STATS_TABLE2_H
#define STATS_TABLE2_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

enum table2_function {
  TABLE2_ACCURACY,
  TABLE2_ERROR_RATE,
  TABLE2_BALANCED_ACCURACY, /* mean recall over the classes that occur as a label */
  TABLE2_PRECISION,         /* of class `positive`, as all down to JACCARD */
  TABLE2_RECALL,
  TABLE2_SPECIFICITY,
  TABLE2_NPV,
  TABLE2_FPR,
  TABLE2_FNR,
  TABLE2_PREVALENCE,
  TABLE2_PREDICTED_RATE,
  TABLE2_F_BETA,       /* (1 + β²)TP / ((1 + β²)TP + β²FN + FP) */
  TABLE2_JACCARD,      /* TP / (TP + FP + FN) */
  TABLE2_INFORMEDNESS, /* recall + specificity - 1 */
  TABLE2_MARKEDNESS,   /* precision + npv - 1 */
  TABLE2_MCC,          /* binary, and Gorodkin's R_K for K > 2; NaN with an empty margin */
  TABLE2_KAPPA,        /* Cohen 1960; disagreement weights 1 */
  TABLE2_KAPPA_LINEAR, /* |i - j| */
  TABLE2_KAPPA_QUADRATIC,
  TABLE2_N_FUNCTIONS
};

/* Averages of per-class precision, recall, F, Jaccard, specificity, npv, fpr, fnr. */
enum table2_average {
  TABLE2_ONE_CLASS, /* class `positive` against the rest */
  TABLE2_MACRO,     /* mean over the classes that occur as label or prediction; 0/0 counts 0, as
                       scikit-learn */
  TABLE2_WEIGHTED,  /* mean weighted by the labels' counts; 0/0 counts 0 */
  TABLE2_MICRO      /* of the summed one-against-rest tables */
};

struct table2_spec {
  enum table2_function function;
  enum table2_average
      average;     /* 0: ONE_CLASS; others are ignored by functions of the whole table */
  size_t positive; /* the class that counts as positive: 1 in binary tables */
  double beta;     /* of F; 0 is taken as 1 */
};

/* gradient: K² doubles, or NULL. n_classes >= 2. */
double table2_value(const struct table2_spec *spec, const double *counts, size_t n_classes,
                    double *gradient);
/* √Σ counts·g²: for kappa this is Fleiss, Cohen & Everitt's (1969) asymptotic standard error. */
double table2_se(const double *counts, const double *gradient, size_t n_classes);
/* value and se in one; fails with NONET_E_MEMORY only. se may be NULL. */
nonet_status table2_estimate(const struct table2_spec *spec, const double *counts, size_t n_classes,
                             double *value, double *se, nonet_error *error) NONET_NODISCARD;

/* ---- two predictions A and B of the same rows: joint[(label·K + a)·K + b] ---- */
/* The two K×K margins of the joint table. Either may be NULL. */
void table2_paired_margins(const double *joint, size_t n_classes, double *table_a, double *table_b);

struct table2_difference {
  double value_a, value_b, difference; /* A - B, from the raw table */
  double se;     /* delta, from the table with the discordant cells raised (below) */
  double se_raw; /* delta on the raw table, for reports */
};

/*
 * Standard error of f(A) - f(B): Σ joint'·(gA[label, a] - gB[label, b])², with joint' = the joint
 * table plus 4/(K²(K - 1)) in each of the K²(K - 1) cells where a ≠ b. In binary that is +1 in each
 * of the four discordant cells; for K > 2 the same four rows are spread evenly over the discordant
 * cells. Gradients are taken at the margins of joint'. Undefined values give NaN.
 */
nonet_status table2_paired_difference(const struct table2_spec *spec, const double *joint,
                                      size_t n_classes, struct table2_difference *difference,
                                      nonet_error *error) NONET_NODISCARD;
/* As above for θ_A - ratio·θ_B, the contrast of a relative margin (ratio 0.95 for "5 % worse").
 * difference is that contrast. */
nonet_status table2_paired_contrast(const struct table2_spec *spec, const double *joint,
                                    size_t n_classes, double ratio,
                                    struct table2_difference *difference,
                                    nonet_error *error) NONET_NODISCARD;

#endif
