/*
 * Logistic regression on at most two covariates by Newton's method, for calibration slope and
 * intercept.
 *
 * A row is a point with `positives` of `trials` (both weights >= 0, positives <= trials): one per
 * sample, or one per distinct value. Sums run in the order given: hand in a canonical order where
 * bytes must repeat. Thread-safe.
 */
#ifndef STATS_LOGISTIC_H
#define STATS_LOGISTIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#define LOGISTIC_MOST 3

struct logistic_data {
  size_t n;
  size_t n_covariates;     /* 0, 1 or 2 */
  const double *x[2];      /* covariates, finite */
  const double *offset;    /* added to the linear predictor, or NULL: calibration in the large has
                              offset = logit(p), no covariate */
  const double *positives; /* n values */
  const double *trials;    /* n values, or NULL: all 1 */
  const uint32_t *cluster; /* n values in [0, n_clusters), or NULL: no clusters */
  size_t n_clusters;
};

struct logistic_fit {
  size_t n_coefficients; /* 1 + n_covariates: the intercept first */
  double coefficient[LOGISTIC_MOST];
  double covariance[LOGISTIC_MOST][LOGISTIC_MOST]; /* inverse information */
  double robust[LOGISTIC_MOST][LOGISTIC_MOST];     /* cluster sandwich, times G/(G - 1); rows are
                                                      clusters where none are given */
  double log_likelihood;
  int n_iterations;
  bool converged;
  bool separated; /* the likelihood has no maximum: one class only, or the covariates split the
                     classes */
};

/* NaN, a negative weight or positives > trials is NONET_E_DATA with the row. A fit that does not
   converge is NONET_OK with converged false and NaN covariances. */
nonet_status logistic_fit(const struct logistic_data *data, struct logistic_fit *fit,
                          nonet_error *error) NONET_NODISCARD;

#endif
