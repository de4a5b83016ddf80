/*
 * Logistic regression by Newton's method with step halving.
 *
 * η = offset + β0 + β1 x1 + β2 x2, p = 1/(1 + e^-η); score Σ (y - t p) x, information Σ t p (1 - p)
 * x xᵀ, with y positives of t trials. Iterated until no coefficient moves by more than 1e-9 of its
 * size, then once more (convergence is quadratic). e^x and logarithms are mathfn's, so that bytes
 * repeat.
 *
 * 1. One class only: no maximum, separated. 2. One covariate whose classes do not overlap (a shared
 * end point is no overlap): separated, seen before iterating. 3. Two covariates: separated when the
 * information has lost 10^10 of its first size while the likelihood still rises. 4. Singular
 * information (a constant covariate): not converged. 5. Points of weight 0 count nowhere.
 *
 * Sandwich: information⁻¹ (Σ_g s_g s_gᵀ) information⁻¹ · G/(G - 1), s_g the score of cluster g, G
 * the clusters that have rows.
 */
#include "stats/logistic.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/mathfn.h"

#define ITERATIONS_MOST 60

struct moments {
  double log_likelihood;
  double score[LOGISTIC_MOST];
  double information[LOGISTIC_MOST][LOGISTIC_MOST];
};

static double trials_of(const struct logistic_data *data, size_t i) {
  return data->trials == NULL ? 1 : data->trials[i];
}

static void row_of(const struct logistic_data *data, size_t i, double row[LOGISTIC_MOST]) {
  row[0] = 1;
  for (size_t j = 0; j < data->n_covariates; j++) {
    row[j + 1] = data->x[j][i];
  }
}

static double predictor(const struct logistic_data *data, size_t i, const double *row,
                        const double *beta) {
  double eta = data->offset == NULL ? 0 : data->offset[i];
  for (size_t j = 0; j <= data->n_covariates; j++) {
    eta += row[j] * beta[j];
  }
  return eta;
}

static void moments_at(const struct logistic_data *data, const double *beta, struct moments *m) {
  size_t size = data->n_covariates + 1;
  memset(m, 0, sizeof *m);
  for (size_t i = 0; i < data->n; i++) {
    double trials = trials_of(data, i), positives = data->positives[i], row[LOGISTIC_MOST];
    if (trials == 0) {
      continue; /* 5 */
    }
    row_of(data, i, row);
    double eta = predictor(data, i, row, beta);
    double e = mathfn_exp(-fabs(eta)), p = (eta < 0 ? e : 1) / (1 + e),
           q = (eta < 0 ? 1 : e) / (1 + e);
    /* log p = min(η, 0) - log(1 + e), log q = min(-η, 0) - log(1 + e) */
    m->log_likelihood += positives * fmin(eta, 0) + (trials - positives) * fmin(-eta, 0) -
                         trials * mathfn_log(1 + e);
    double residual = positives * q - (trials - positives) * p, weight = trials * p * q;
    for (size_t j = 0; j < size; j++) {
      m->score[j] += residual * row[j];
      for (size_t k = 0; k <= j; k++) {
        m->information[j][k] += weight * row[j] * row[k];
        m->information[k][j] = m->information[j][k];
      }
    }
  }
}

/* Inverse of a symmetric positive matrix by Cholesky; false when a pivot falls below 1e-13 of its
 * diagonal. */
static bool invert(size_t size, double a[LOGISTIC_MOST][LOGISTIC_MOST],
                   double out[LOGISTIC_MOST][LOGISTIC_MOST]) {
  double l[LOGISTIC_MOST][LOGISTIC_MOST] = {{0}}, inverse[LOGISTIC_MOST][LOGISTIC_MOST] = {{0}};
  for (size_t j = 0; j < size; j++) {
    for (size_t k = 0; k <= j; k++) {
      double sum = a[j][k];
      for (size_t i = 0; i < k; i++) {
        sum -= l[j][i] * l[k][i];
      }
      if (j == k && !(sum > 1e-13 * a[j][j])) {
        return false; /* 4 */
      }
      l[j][k] = j == k ? sqrt(sum) : sum / l[k][k];
    }
  }
  for (size_t j = 0; j < size; j++) {
    inverse[j][j] = 1 / l[j][j];
    for (size_t i = j + 1; i < size; i++) {
      double sum = 0;
      for (size_t k = j; k < i; k++) {
        sum -= l[i][k] * inverse[k][j];
      }
      inverse[i][j] = sum / l[i][i];
    }
  }
  for (size_t j = 0; j < size; j++) {
    for (size_t k = 0; k < size; k++) {
      out[j][k] = 0;
      for (size_t i = j > k ? j : k; i < size; i++) {
        out[j][k] += inverse[i][j] * inverse[i][k];
      }
    }
  }
  return true;
}

static bool is_separated(const struct logistic_data *data) {
  double positives = 0, negatives = 0;
  double least[2] = {INFINITY, INFINITY}, most[2] = {-INFINITY, -INFINITY}; /* by class */
  for (size_t i = 0; i < data->n; i++) {
    double yes = data->positives[i], no = trials_of(data, i) - yes;
    positives += yes;
    negatives += no;
    for (int class = 0; class < 2 && data->n_covariates == 1; class++) {
      if ((class == 1 ? yes : no) > 0) {
        least[class] = fmin(least[class], data->x[0][i]);
        most[class] = fmax(most[class], data->x[0][i]);
      }
    }
  }
  if (positives == 0 || negatives == 0) {
    return true; /* 1 */
  }
  bool constant = fmin(least[0], least[1]) == fmax(most[0], most[1]);
  return data->n_covariates == 1 && !constant &&
         (most[0] <= least[1] || most[1] <= least[0]); /* 2 */
}

static nonet_status check(const struct logistic_data *data, nonet_error *error) {
  if (data->n_covariates > 2) {
    return error_set(error, NONET_E_INTERNAL, "logistic fit: at most 2 covariates, got %zu",
                     data->n_covariates);
  }
  for (size_t i = 0; i < data->n; i++) {
    double trials = trials_of(data, i), positives = data->positives[i];
    bool finite = data->offset == NULL || isfinite(data->offset[i]);
    for (size_t j = 0; j < data->n_covariates; j++) {
      finite = finite && isfinite(data->x[j][i]);
    }
    if (!finite) {
      return error_set(error, NONET_E_DATA,
                       "logistic fit: expected finite covariates, found one that is not in row %zu",
                       i + 1);
    }
    if (!(trials >= 0 && trials < INFINITY && positives >= 0 && positives <= trials)) {
      return error_set(error, NONET_E_DATA,
                       "logistic fit: expected 0 <= positives <= trials, found %g of %g in row %zu",
                       positives, trials, i + 1);
    }
    if (data->cluster != NULL && data->cluster[i] >= data->n_clusters) {
      return error_set(error, NONET_E_INTERNAL, "logistic fit: cluster %u of %zu in row %zu",
                       data->cluster[i], data->n_clusters, i + 1);
    }
  }
  return NONET_OK;
}

/* One halved Newton step; returns the largest relative move, or NaN when nothing rises. */
static double newton_step(const struct logistic_data *data, struct logistic_fit *fit,
                          struct moments *m) {
  size_t size = fit->n_coefficients;
  double step[LOGISTIC_MOST] = {0}, next[LOGISTIC_MOST] = {0}, largest = 0;
  for (size_t j = 0; j < size; j++) {
    for (size_t k = 0; k < size; k++) {
      step[j] += fit->covariance[j][k] * m->score[k];
    }
    largest = fmax(largest, fabs(step[j]) / fmax(fabs(fit->coefficient[j]), 1e-3));
  }
  struct moments after;
  for (int half = 0; half < 40; half++) {
    for (size_t j = 0; j < size; j++) {
      next[j] = fit->coefficient[j] + step[j];
    }
    moments_at(data, next, &after);
    if (after.log_likelihood >= m->log_likelihood - 1e-12 * fabs(m->log_likelihood)) {
      memcpy(fit->coefficient, next, sizeof next);
      *m = after;
      return largest;
    }
    for (size_t j = 0; j < size; j++) {
      step[j] /= 2;
    }
  }
  return NAN;
}

static void iterate(const struct logistic_data *data, struct logistic_fit *fit) {
  struct moments m;
  moments_at(data, fit->coefficient, &m);
  double first_size = m.information[0][0];
  bool last = false;
  for (int i = 0; i < ITERATIONS_MOST; i++) {
    fit->log_likelihood = m.log_likelihood;
    if (m.information[0][0] < 1e-10 * first_size) {
      fit->separated = true; /* 3 */
      return;
    }
    if (!invert(fit->n_coefficients, m.information, fit->covariance)) {
      return; /* 4 */
    }
    if (last) {
      fit->converged = true;
      return;
    }
    fit->n_iterations = i + 1;
    double move = newton_step(data, fit, &m);
    if (isnan(move)) {
      return;
    }
    last = move < 1e-9;
  }
}

static nonet_status sandwich(const struct logistic_data *data, struct logistic_fit *fit,
                             nonet_error *error) {
  size_t size = fit->n_coefficients;
  size_t n_groups = data->cluster == NULL ? data->n : data->n_clusters, n_used = 0;
  double *score = memory_zeroed(n_groups * (size + 1), sizeof *score); /* and the weight */
  double meat[LOGISTIC_MOST][LOGISTIC_MOST] = {{0}}, row[LOGISTIC_MOST];
  if (score == NULL) {
    return error_memory(error, n_groups * (size + 1) * sizeof *score, "cluster scores");
  }
  for (size_t i = 0; i < data->n; i++) {
    double *group = score + (data->cluster == NULL ? i : data->cluster[i]) * (size + 1);
    row_of(data, i, row);
    double p = mathfn_sigmoid(predictor(data, i, row, fit->coefficient));
    for (size_t j = 0; j < size; j++) {
      group[j] += (data->positives[i] - trials_of(data, i) * p) * row[j];
    }
    group[size] += trials_of(data, i);
  }
  for (size_t g = 0; g < n_groups; g++) {
    const double *group = score + g * (size + 1);
    n_used += group[size] > 0;
    for (size_t j = 0; j < size * size; j++) {
      meat[j / size][j % size] += group[j / size] * group[j % size];
    }
  }
  memory_free(score);
  double scale = n_used > 1 ? (double)n_used / (double)(n_used - 1) : NAN;
  for (size_t j = 0; j < size * size; j++) {
    double sum = 0;
    for (size_t k = 0; k < size * size; k++) {
      sum += fit->covariance[j / size][k / size] * meat[k / size][k % size] *
             fit->covariance[k % size][j % size];
    }
    fit->robust[j / size][j % size] = sum * scale;
  }
  return NONET_OK;
}

nonet_status logistic_fit(const struct logistic_data *data, struct logistic_fit *fit,
                          nonet_error *error) {
  memset(fit, 0, sizeof *fit);
  nonet_status status = check(data, error);
  if (status != NONET_OK) {
    return status;
  }
  fit->n_coefficients = data->n_covariates + 1;
  fit->separated = is_separated(data);
  if (!fit->separated) {
    iterate(data, fit);
  }
  if (fit->converged) {
    return sandwich(data, fit, error);
  }
  for (size_t j = 0; j < LOGISTIC_MOST * LOGISTIC_MOST; j++) {
    fit->covariance[j / LOGISTIC_MOST][j % LOGISTIC_MOST] = NAN;
    fit->robust[j / LOGISTIC_MOST][j % LOGISTIC_MOST] = NAN;
  }
  return NONET_OK;
}
