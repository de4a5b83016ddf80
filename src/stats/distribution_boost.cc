/*
 * Boost.Math behind C names.
 *
 * Standalone, without exceptions and run-time types; nothing of libstdc++ is left to link. Errors
 * come back as NaN or infinity (errno policy; errno itself is restored, callers never see it
 * change). Doubles are not promoted to long double: the results would then depend on the width of
 * long double, which differs between x86-64 and arm64.
 *
 * The normal tail: erfc(-x/√2)/2 where the rounding of x/√2 alone would cost x²·2^-53 of relative
 * error, so the residual of the product is put back by one term of Taylor's series.
 */
#include <cerrno>
#include <cmath>
#include <limits>

#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "stats/distribution.h"

namespace {

namespace bm = boost::math;
namespace pol = boost::math::policies;

typedef pol::policy<
    pol::promote_float<false>, pol::promote_double<false>, pol::domain_error<pol::errno_on_error>,
    pol::pole_error<pol::errno_on_error>, pol::overflow_error<pol::errno_on_error>,
    pol::evaluation_error<pol::errno_on_error>, pol::rounding_error<pol::errno_on_error>,
    pol::indeterminate_result_error<pol::errno_on_error>, pol::discrete_quantile<pol::real>>
    quiet;

const quiet policy = quiet();
const double nan_value = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

struct errno_guard {
  int saved;
  errno_guard() : saved(errno) {}
  ~errno_guard() { errno = saved; }
};

bool is_share(double p) {
  return p >= 0 && p <= 1;
}
bool is_positive(double x) {
  return x > 0 && x < infinity;
}

/* erfc(-x/√2)/2 with the residual of the product repaired. */
double normal_lower(double x) {
  const double root_high = 0.70710678118654757, root_low = -4.8336466567264567e-17;
  double t = -x * root_high;
  double value = bm::erfc(t, policy);
  if (t > 0.5 && t < 40) {
    double residual = std::fma(-x, root_high, -t) - x * root_low;
    value -= 1.1283791670955126 * std::exp(-t * t) * residual;
  }
  return 0.5 * value;
}

double beta_lower(double x, double a, double b) {
  if (!is_share(x) || !is_positive(a) || !is_positive(b)) {
    return nan_value;
  }
  errno_guard guard;
  return bm::ibeta(a, b, x, policy);
}

double beta_upper(double x, double a, double b) {
  if (!is_share(x) || !is_positive(a) || !is_positive(b)) {
    return nan_value;
  }
  errno_guard guard;
  return bm::ibetac(a, b, x, policy);
}

} // namespace

extern "C" {

double distribution_normal_cdf(double x) {
  errno_guard guard;
  return std::isnan(x) ? nan_value : normal_lower(x);
}

double distribution_normal_sf(double x) {
  return distribution_normal_cdf(-x);
}

double distribution_normal_quantile(double p) {
  if (!is_share(p)) {
    return nan_value;
  }
  if (p == 0 || p == 1) {
    return p == 0 ? -infinity : infinity;
  }
  errno_guard guard;
  return -1.4142135623730951 * bm::erfc_inv(2 * p, policy);
}

double distribution_normal_quantile_sf(double q) {
  return -distribution_normal_quantile(q);
}

double distribution_t_sf(double t, double df) {
  if (std::isnan(t) || !(df > 0)) {
    return nan_value;
  }
  if (df == infinity || std::isinf(t)) {
    return distribution_normal_sf(t);
  }
  errno_guard guard;
  return bm::cdf(bm::complement(bm::students_t_distribution<double, quiet>(df), t));
}

double distribution_t_cdf(double t, double df) {
  return distribution_t_sf(-t, df);
}

double distribution_t_quantile(double p, double df) {
  if (!is_share(p) || !(df > 0)) {
    return nan_value;
  }
  if (df == infinity || p == 0 || p == 1) {
    return distribution_normal_quantile(p);
  }
  errno_guard guard;
  return bm::quantile(bm::students_t_distribution<double, quiet>(df), p);
}

double distribution_t_quantile_sf(double q, double df) {
  return -distribution_t_quantile(q, df);
}

double distribution_beta_cdf(double x, double a, double b) {
  return beta_lower(x, a, b);
}

double distribution_beta_sf(double x, double a, double b) {
  return beta_upper(x, a, b);
}

double distribution_beta_quantile(double p, double a, double b) {
  if (!is_share(p) || !is_positive(a) || !is_positive(b)) {
    return nan_value;
  }
  errno_guard guard;
  return bm::ibeta_inv(a, b, p, policy);
}

double distribution_beta_quantile_sf(double q, double a, double b) {
  if (!is_share(q) || !is_positive(a) || !is_positive(b)) {
    return nan_value;
  }
  errno_guard guard;
  return bm::ibetac_inv(a, b, q, policy);
}

double distribution_gamma_cdf(double x, double shape) {
  if (!(x >= 0) || !is_positive(shape)) {
    return nan_value;
  }
  errno_guard guard;
  return x == infinity ? 1 : bm::gamma_p(shape, x, policy);
}

double distribution_gamma_sf(double x, double shape) {
  if (!(x >= 0) || !is_positive(shape)) {
    return nan_value;
  }
  errno_guard guard;
  return x == infinity ? 0 : bm::gamma_q(shape, x, policy);
}

double distribution_gamma_quantile(double p, double shape) {
  if (!is_share(p) || !is_positive(shape)) {
    return nan_value;
  }
  errno_guard guard;
  return p == 1 ? infinity : bm::gamma_p_inv(shape, p, policy);
}

double distribution_noncentral_chi_square_cdf(double x, double df, double noncentrality) {
  if (!(x >= 0) || !is_positive(df) || !(noncentrality >= 0 && noncentrality < infinity)) {
    return nan_value;
  }
  errno_guard guard;
  if (x == infinity) {
    return 1;
  }
  return bm::cdf(bm::non_central_chi_squared_distribution<double, quiet>(df, noncentrality), x);
}

double distribution_f_cdf(double x, double df_numerator, double df_denominator) {
  if (!(x >= 0) || !is_positive(df_numerator) || !is_positive(df_denominator)) {
    return nan_value;
  }
  double top = df_numerator * x, sum = top + df_denominator;
  if (sum == infinity) {
    return 1;
  }
  /* The smaller of the two complementary arguments is the accurate one. */
  return top < df_denominator
             ? beta_lower(top / sum, df_numerator / 2, df_denominator / 2)
             : beta_upper(df_denominator / sum, df_denominator / 2, df_numerator / 2);
}

double distribution_f_sf(double x, double df_numerator, double df_denominator) {
  if (!(x >= 0) || !is_positive(df_numerator) || !is_positive(df_denominator)) {
    return nan_value;
  }
  double top = df_numerator * x, sum = top + df_denominator;
  if (sum == infinity) {
    return 0;
  }
  return top < df_denominator
             ? beta_upper(top / sum, df_numerator / 2, df_denominator / 2)
             : beta_lower(df_denominator / sum, df_denominator / 2, df_numerator / 2);
}

double distribution_f_quantile(double p, double df_numerator, double df_denominator) {
  if (!is_share(p) || !is_positive(df_numerator) || !is_positive(df_denominator)) {
    return nan_value;
  }
  errno_guard guard;
  double rest = 0;
  double x = bm::ibeta_inv(df_numerator / 2, df_denominator / 2, p, &rest, policy);
  return rest == 0 ? infinity : df_denominator * x / (df_numerator * rest);
}

double distribution_binomial_pmf(double k, double n, double p) {
  if (!(n >= 0) || n == infinity || !is_share(p) || std::isnan(k)) {
    return nan_value;
  }
  k = std::floor(k);
  if (k < 0 || k > n) {
    return 0;
  }
  if (p == 0 || p == 1) {
    return (p == 0 ? k == 0 : k == n) ? 1 : 0;
  }
  errno_guard guard;
  return bm::ibeta_derivative(k + 1, n - k + 1, p, policy) / (n + 1);
}

double distribution_binomial_cdf(double k, double n, double p) {
  if (!(n >= 0) || n == infinity || !is_share(p) || std::isnan(k)) {
    return nan_value;
  }
  k = std::floor(k);
  if (k < 0 || k >= n) {
    return k < 0 ? 0 : 1;
  }
  return beta_upper(p, k + 1, n - k);
}

double distribution_binomial_sf(double k, double n, double p) {
  if (!(n >= 0) || n == infinity || !is_share(p) || std::isnan(k)) {
    return nan_value;
  }
  k = std::floor(k);
  if (k < 0 || k >= n) {
    return k < 0 ? 1 : 0;
  }
  return beta_lower(p, k + 1, n - k);
}

double distribution_poisson_pmf(double k, double mean) {
  if (!(mean >= 0) || mean == infinity || std::isnan(k)) {
    return nan_value;
  }
  k = std::floor(k);
  if (k < 0 || mean == 0) {
    return k == 0 ? 1 : 0;
  }
  errno_guard guard;
  return bm::gamma_p_derivative(k + 1, mean, policy);
}

double distribution_poisson_cdf(double k, double mean) {
  if (!(mean >= 0) || mean == infinity || std::isnan(k)) {
    return nan_value;
  }
  k = std::floor(k);
  return k < 0 ? 0 : distribution_gamma_sf(mean, k + 1);
}

double distribution_poisson_sf(double k, double mean) {
  if (!(mean >= 0) || mean == infinity || std::isnan(k)) {
    return nan_value;
  }
  k = std::floor(k);
  return k < 0 ? 1 : distribution_gamma_cdf(mean, k + 1);
}

double distribution_log_gamma(double x) {
  if (!(x > 0)) {
    return nan_value;
  }
  errno_guard guard;
  return x == infinity ? infinity : bm::lgamma(x, policy);
}

double distribution_digamma(double x) {
  if (!(x > 0)) {
    return nan_value;
  }
  errno_guard guard;
  return x == infinity ? infinity : bm::digamma(x, policy);
}

} // extern "C"
