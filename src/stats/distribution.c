/*
 * The distributions that Boost.Math lacks: Kolmogorov's limit and the range of k normals; and short
 * combinations of those it has.
 *
 * Kolmogorov:  P(K > x) = 2 Σ (-1)^(j-1) e^(-2 j² x²), used for x >= 0.82;
 *              P(K <= x) = √(2π)/x Σ e^(-(2j-1)² π² / (8 x²)) below, where the first series needs
 * many terms. Range:       P(R > q) = k ∫ φ(z) Φ(z)^(k-1) [1 - (1 - Φ(z-q)/Φ(z))^(k-1)] dz, from
 * P(R <= q) = k ∫ φ(z) [Φ(z) - Φ(z-q)]^(k-1) dz and 1 = k ∫ φ Φ^(k-1): no subtraction from 1, so
 * small tails keep their digits. The trapezoid rule converges geometrically on such integrands; at
 * h = 1/16 halving h changes nothing above 1e-14 for k from 2 to 10^6 (distribution_test.c).
 *
 * 1. x <= 0 is below everything. 2. NaN and arguments outside the domain give NaN. 3. Of 2
 * normals P(R > q) = 2·P(Z > q/√2); of k the quantile lies between that of 2 and Bonferroni's over
 * the pairs, P(R > q) <= k(k − 1)·P(Z > q/√2), nearly equal in the far tail.
 */
#include "stats/distribution.h"

#include <math.h>

#include "stats/root.h"

double distribution_normal_z(double level) {
  return level > 0 && level < 1 ? distribution_normal_quantile_sf((1 - level) / 2) : NAN;
}

double distribution_t_z(double level, double df) {
  return level > 0 && level < 1 ? distribution_t_quantile_sf((1 - level) / 2, df) : NAN;
}

double distribution_chi_square_cdf(double x, double df) {
  return x <= 0 && df > 0 ? 0 : distribution_gamma_cdf(x / 2, df / 2);
}

double distribution_chi_square_sf(double x, double df) {
  return x <= 0 && df > 0 ? 1 : distribution_gamma_sf(x / 2, df / 2);
}

double distribution_chi_square_quantile(double p, double df) {
  return 2 * distribution_gamma_quantile(p, df / 2);
}

double distribution_log_choose(double n, double k) {
  if (!(k >= 0) || !(k <= n) || isinf(n)) {
    return NAN;
  }
  return distribution_log_gamma(n + 1) - distribution_log_gamma(k + 1) -
         distribution_log_gamma(n - k + 1);
}

static const double KOLMOGOROV_SWITCH = 0.82;
static const double PI = 3.14159265358979323846;

static double kolmogorov_lower_series(double x) {
  double sum = 0;
  for (int j = 1; j <= 9; j += 2) {
    sum += exp(-(double)(j * j) * PI * PI / (8 * x * x));
  }
  return sqrt(2 * PI) / x * sum;
}

static double kolmogorov_upper_series(double x) {
  double sum = 0;
  for (int j = 9; j >= 1; j--) {
    double term = exp(-2.0 * j * j * x * x);
    sum += j % 2 ? term : -term;
  }
  return 2 * sum;
}

double distribution_kolmogorov_sf(double x) {
  if (isnan(x)) {
    return NAN;
  }
  if (x <= 0) {
    return 1;
  }
  return x < KOLMOGOROV_SWITCH ? 1 - kolmogorov_lower_series(x) : kolmogorov_upper_series(x);
}

double distribution_kolmogorov_cdf(double x) {
  if (isnan(x)) {
    return NAN;
  }
  if (x <= 0) {
    return 0;
  }
  return x < KOLMOGOROV_SWITCH ? kolmogorov_lower_series(x) : 1 - kolmogorov_upper_series(x);
}

/* k φ(z) Φ(z)^(k-1), times 1 - (1 - Φ(z-q)/Φ(z))^(k-1) or its complement */
static double range_integrand(double z, double q, double k, int upper) {
  double top = distribution_normal_cdf(z);
  if (top == 0) {
    return 0;
  }
  double density = exp(-0.5 * z * z) * 0.39894228040143268 * k * pow(top, k - 1);
  double log_inside = (k - 1) * log1p(-distribution_normal_cdf(z - q) / top);
  return density * (upper ? -expm1(log_inside) : exp(log_inside));
}

static double range_integral(double q, double k, int upper) {
  const double step = 1.0 / 16;
  double sum = 0;
  for (double z = -12; z <= 14 + q / 2; z += step) {
    sum += range_integrand(z, q, k, upper);
  }
  return sum * step;
}

double distribution_range_sf(double q, double k) {
  if (isnan(q) || !(k >= 2) || isinf(k)) {
    return NAN;
  }
  if (q <= 0) {
    return 1;
  }
  if (k == 2) {
    return 2 * distribution_normal_sf(q / sqrt(2)); /* 3 */
  }
  return q > 80 ? 0 : fmin(1, range_integral(q, k, 1));
}

double distribution_range_cdf(double q, double k) {
  if (isnan(q) || !(k >= 2) || isinf(k)) {
    return NAN;
  }
  if (q <= 0) {
    return 0;
  }
  return q > 80 ? 1 : fmin(1, range_integral(q, k, 0));
}

struct range_problem {
  double p, k;
};

static double range_excess(const void *context, double q) {
  const struct range_problem *problem = context;
  return problem->p <= 0.5 ? distribution_range_cdf(q, problem->k) - problem->p
                           : (1 - problem->p) - distribution_range_sf(q, problem->k);
}

double distribution_range_quantile(double p, double k) {
  if (!(p >= 0) || !(p <= 1) || !(k >= 2) || isinf(k)) {
    return NAN;
  }
  if (p == 0 || p == 1) {
    return p == 0 ? 0 : INFINITY;
  }
  /* 3 */
  struct range_problem problem = {p, k};
  double least = sqrt(2) * distribution_normal_quantile_sf((1 - p) / 2);
  double most = sqrt(2) * distribution_normal_quantile_sf((1 - p) / (k * (k - 1)));
  return k == 2 ? least
                : root_find(range_excess, &problem, fmax(0, least - 1e-6), most + 1e-6, 1e-13);
}
