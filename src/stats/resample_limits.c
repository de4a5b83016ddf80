/*
 * Intervals and p-values from replicates.
 *
 * Percentile: quantiles (type 7) at α/2 and 1 − α/2. BCa (Efron 1987): at Φ(z₀ + (z₀ ± z)/(1 − a(z₀
 * ± z))), z₀ = Φ⁻¹ of the share below the estimate, ties half. Bootstrap-t: θ − t* quantiles × se.
 * Monte-Carlo p-values count the observed one: (k + 1)/(B + 1).
 *
 * Cases: 1 more than 1 % of the replicates missing, or fewer than 20 left: no interval; 2 all
 * replicates equal: a point (BCa as well); 3 the estimate outside all replicates: no BCa; 4 the
 * denominator of BCa not positive: the end of the sample.
 */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"
#include "stats/mathfn.h"
#include "stats/resample.h"
#include "stats/sortkey.h"

#define REPLICATES_LEAST 20

nonet_status resample_sample_init(const double *replicates, size_t n_replicates, size_t n_out,
                                  size_t k, struct resample_sample *sample, nonet_error *error) {
  *sample =
      (struct resample_sample){.sorted = memory_new(n_replicates + 1, sizeof *sample->sorted)};
  if (sample->sorted == NULL) {
    return error_memory(error, n_replicates * sizeof *sample->sorted, "bootstrap replicates");
  }
  uint64_t *keys = (uint64_t *)(void *)sample->sorted;
  for (size_t r = 0; r < n_replicates; r++) {
    double value = replicates[r * n_out + k];
    if (isfinite(value)) {
      uint64_t key = sortkey_f64(value);
      memcpy(keys + sample->n++, &key, sizeof key);
    }
  }
  sample->n_missing = n_replicates - sample->n;
  nonet_status status = sortkey_sort_u64(keys, sample->n, 1, error);
  if (status != NONET_OK) {
    resample_sample_clear(sample);
    return status;
  }
  double sum = 0, squares = 0;
  for (size_t i = 0; i < sample->n; i++) {
    uint64_t key;
    memcpy(&key, sample->sorted + i, sizeof key);
    sample->sorted[i] = sortkey_f64_value(key);
    sum += sample->sorted[i];
  }
  sample->mean = sum / (double)sample->n;
  for (size_t i = 0; i < sample->n; i++) {
    double d = sample->sorted[i] - sample->mean;
    squares += d * d;
  }
  sample->standard_error = sample->n > 1 ? sqrt(squares / (double)(sample->n - 1)) : NAN;
  return NONET_OK;
}

void resample_sample_clear(struct resample_sample *sample) {
  memory_free(sample->sorted);
  *sample = (struct resample_sample){.sorted = NULL};
}

double resample_quantile(const double *sorted, size_t n, double probability) {
  if (n == 0 || !(probability >= 0 && probability <= 1)) {
    return NAN;
  }
  double place = probability * (double)(n - 1), below = floor(place);
  size_t i = (size_t)below;
  return i + 1 < n ? sorted[i] + (place - below) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static bool is_usable(const struct resample_sample *sample) { /* 1 */
  return sample->n >= REPLICATES_LEAST && 100 * sample->n_missing <= sample->n + sample->n_missing;
}

static void limits_at(const struct resample_sample *sample, double p_low, double p_high,
                      double *low, double *high) {
  bool usable = is_usable(sample);
  *low = usable ? resample_quantile(sample->sorted, sample->n, p_low) : NAN;
  *high = usable ? resample_quantile(sample->sorted, sample->n, p_high) : NAN;
}

void resample_percentile(const struct resample_sample *sample, double level, double *low,
                         double *high) {
  limits_at(sample, (1 - level) / 2, (1 + level) / 2, low, high);
}

/* Replicates below `value`, ties half, twice. */
static size_t twice_below(const struct resample_sample *sample, double value) {
  size_t twice = 0;
  for (size_t i = 0; i < sample->n; i++) {
    twice += sample->sorted[i] < value ? 2 : sample->sorted[i] == value;
  }
  return twice;
}

static double bca_probability(double centre, double acceleration, double z) {
  double denominator = 1 - acceleration * (centre + z);
  if (!(denominator > 0)) { /* 4 */
    return z > 0 ? 1 : 0;
  }
  return distribution_normal_cdf(centre + (centre + z) / denominator);
}

void resample_bca(const struct resample_sample *sample, double estimate, double acceleration,
                  double level, double *low, double *high) {
  *low = *high = NAN;
  size_t twice = twice_below(sample, estimate);
  if (!is_usable(sample) || twice == 0 || twice == 2 * sample->n || isnan(acceleration)) { /* 3 */
    return;
  }
  double centre = distribution_normal_quantile((double)twice / (2 * (double)sample->n)),
         z = distribution_normal_z(level);
  limits_at(sample, bca_probability(centre, acceleration, -z),
            bca_probability(centre, acceleration, z), low, high);
}

double resample_acceleration(const double *influence, const uint64_t *count, size_t n) {
  double squares = 0, cubes = 0;
  for (size_t i = 0; i < n; i++) {
    double times = count != NULL ? (double)count[i] : 1, square = influence[i] * influence[i];
    squares += times * square;
    cubes += times * square * influence[i];
  }
  return squares > 0 ? cubes / (6 * squares * sqrt(squares)) : 0;
}

void resample_normal(const struct resample_sample *sample, double estimate, double level,
                     double *low, double *high) {
  double step = is_usable(sample) ? distribution_normal_z(level) * sample->standard_error : NAN;
  *low = estimate - step;
  *high = estimate + step;
}

void resample_logit(const struct resample_sample *sample, double estimate, double level,
                    double *low, double *high) {
  *low = *high = NAN;
  if (is_usable(sample) && estimate > 0 && estimate < 1) {
    double step =
               distribution_normal_z(level) * sample->standard_error / (estimate * (1 - estimate)),
           centre = mathfn_logit(estimate);
    *low = mathfn_sigmoid(centre - step);
    *high = mathfn_sigmoid(centre + step);
  }
}

void resample_studentised(const struct resample_sample *sample, double estimate,
                          double standard_error, double level, double *low, double *high) {
  double t_low, t_high;
  limits_at(sample, (1 - level) / 2, (1 + level) / 2, &t_low, &t_high);
  *low = estimate - t_high * standard_error;
  *high = estimate - t_low * standard_error;
}

double resample_p_value(size_t n_as_extreme, size_t n_replicates) {
  return ((double)n_as_extreme + 1) / ((double)n_replicates + 1);
}

double resample_studentised_p(const struct resample_sample *sample, double estimate,
                              double standard_error, double null) {
  if (!is_usable(sample) || !(standard_error > 0)) {
    return NAN;
  }
  double observed = (estimate - null) / standard_error;
  size_t k = 0;
  for (size_t i = 0; i < sample->n; i++) {
    k += sample->sorted[i] >= observed;
  }
  return resample_p_value(k, sample->n);
}

double resample_percentile_p(const struct resample_sample *sample, double null) {
  if (!is_usable(sample)) {
    return NAN;
  }
  size_t k = 0;
  for (size_t i = 0; i < sample->n; i++) {
    k += sample->sorted[i] <= null;
  }
  return resample_p_value(k, sample->n);
}

bool resample_is_undecided(size_t n_as_extreme, size_t n_replicates, double threshold) {
  double n = (double)n_replicates, p = (double)n_as_extreme / n, z = distribution_normal_z(0.99),
         zz = z * z / n;
  double centre = (p + zz / 2) / (1 + zz),
         half = z * sqrt(p * (1 - p) / n + zz / (4 * n)) / (1 + zz);
  return n_replicates == 0 || (centre - half <= threshold && threshold <= centre + half);
}
