/*
 * Classical tests.
 *
 * Kolmogorov-Smirnov, two samples, exact: with h = max |i n2 - j n1|, v(i, j) = P(a random path
 * from (0, 0) to (i, j) meets |i n2 - j n1| >= h) is 1 on such points and else (i v(i-1, j) + j
 * v(i, j-1))/(i + j): all terms are positive, so small p keep their digits (the usual 1 - P(inside)
 * does not). O(n1 n2) time, one row of memory. Cochran-Mantel-Haenszel: (|Σ (a - E a)| -
 * correction)² / Σ Var a; odds ratio Σ ad/n / Σ bc/n. The correction is dropped where it is larger
 * than the deviation, as in R.
 *
 * 1. Ties: distribution functions are compared only after the last of equal values. 2. Empty
 * samples: NaN.
 */
#include "stats/tests.h"

#include <math.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"

#define KS_EXACT_MOST 10000

struct tests_result tests_mcnemar(double b, double c) {
  if (!(b >= 0) || !(c >= 0)) {
    return (struct tests_result){NAN, NAN};
  }
  if (b + c == 0) {
    return (struct tests_result){0, 1};
  }
  double statistic = (b - c) * (b - c) / (b + c);
  return (struct tests_result){statistic, distribution_chi_square_sf(statistic, 1)};
}

struct tests_result tests_mcnemar_exact(uint64_t b, uint64_t c) {
  double least = (double)(b < c ? b : c);
  return (struct tests_result){
      least, fmin(1, 2 * distribution_binomial_cdf(least, (double)b + (double)c, 0.5))};
}

struct tests_cmh tests_cochran_mantel_haenszel(const double *tables, size_t n_strata,
                                               double correction) {
  double deviation = 0, variance = 0, top = 0, bottom = 0;
  for (size_t s = 0; s < n_strata; s++) {
    double a = tables[4 * s], b = tables[4 * s + 1], c = tables[4 * s + 2], d = tables[4 * s + 3];
    double n = a + b + c + d;
    if (!(n >= 2)) {
      continue;
    }
    deviation += a - (a + b) * (a + c) / n;
    variance += (a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1));
    top += a * d / n;
    bottom += b * c / n;
  }
  double size = fabs(deviation);
  double shrunk = size >= correction ? size - correction : size;
  double statistic = variance > 0 ? shrunk * shrunk / variance : NAN;
  return (struct tests_cmh){statistic, distribution_chi_square_sf(statistic, 1), top / bottom};
}

/* δ = Σ(a n2 − b n1)/n / Σ n1 n2/n;  variance (δ ΣP + ΣQ)/(Σ n1 n2/n)² with
   P = (n1² b − n2² a + n1 n2 (n2 − n1)/2)/n²,  Q = (a d + b c)/(2n)   (Sato 1989) */
struct tests_common tests_common_risk_difference(const double *tables, size_t n_strata) {
  double top = 0, weight = 0, p = 0, q = 0;
  for (size_t s = 0; s < n_strata; s++) {
    double a = tables[4 * s], b = tables[4 * s + 1], c = tables[4 * s + 2], d = tables[4 * s + 3];
    double n1 = a + c, n2 = b + d, n = n1 + n2;
    if (!(n1 > 0 && n2 > 0)) {
      continue;
    }
    top += (a * n2 - b * n1) / n;
    weight += n1 * n2 / n;
    p += (n1 * n1 * b - n2 * n2 * a + n1 * n2 * (n2 - n1) / 2) / (n * n);
    q += (a * d + b * c) / (2 * n);
  }
  double difference = weight > 0 ? top / weight : NAN;
  return (struct tests_common){difference, sqrt(fmax(0, difference * p + q)) / weight};
}

/* R = Σ ad/n, S = Σ bc/n; P = (a + d)/n, Q = (b + c)/n; variance ΣPR/2R² + Σ(PS + QR)/2RS + ΣQS/2S²
 * (Robins, Breslow & Greenland 1986). R or S of 0: no finite ratio. */
struct tests_common tests_common_log_odds_ratio(const double *tables, size_t n_strata) {
  double r = 0, s = 0, pr = 0, mixed = 0, qs = 0;
  for (size_t k = 0; k < n_strata; k++) {
    double a = tables[4 * k], b = tables[4 * k + 1], c = tables[4 * k + 2], d = tables[4 * k + 3];
    double n = a + b + c + d;
    if (!(n > 0)) {
      continue;
    }
    double p = (a + d) / n, q = (b + c) / n, up = a * d / n, down = b * c / n;
    r += up;
    s += down;
    pr += p * up;
    mixed += p * down + q * up;
    qs += q * down;
  }
  if (!(r > 0 && s > 0)) {
    return (struct tests_common){NAN, NAN};
  }
  double variance = pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s);
  return (struct tests_common){log(r / s), sqrt(variance)};
}

struct tests_result tests_hosmer_lemeshow(const double *n, const double *observed,
                                          const double *expected, size_t n_bins) {
  double statistic = 0;
  size_t n_used = 0;
  for (size_t i = 0; i < n_bins; i++) {
    if (!(n[i] > 0)) {
      continue;
    }
    n_used++;
    double gap = observed[i] - expected[i];
    if (gap != 0) {
      statistic += gap * gap / (expected[i] * (1 - expected[i] / n[i]));
    }
  }
  double p = n_used > 2 ? distribution_chi_square_sf(statistic, (double)n_used - 2) : NAN;
  return (struct tests_result){n_used > 0 ? statistic : NAN, p};
}

static int64_t distance(size_t i, size_t j, size_t n_1, size_t n_2) {
  int64_t gap = (int64_t)(i * n_2) - (int64_t)(j * n_1);
  return gap < 0 ? -gap : gap;
}

static nonet_status ks_exact(int64_t h, size_t n_1, size_t n_2, double *p, nonet_error *error) {
  double *v = memory_new(n_2 + 1, sizeof *v);
  if (v == NULL) {
    return error_memory(error, (n_2 + 1) * sizeof *v, "an exact Kolmogorov-Smirnov test");
  }
  for (size_t i = 0; i <= n_1; i++) {
    for (size_t j = 0; j <= n_2; j++) {
      if (distance(i, j, n_1, n_2) >= h) {
        v[j] = 1;
      } else if (i == 0) {
        v[j] = j == 0 ? 0 : v[j - 1];
      } else if (j > 0) {
        v[j] = ((double)i * v[j] + (double)j * v[j - 1]) / (double)(i + j);
      }
    }
  }
  *p = v[n_2];
  memory_free(v);
  return NONET_OK;
}

static nonet_status ks_p(int64_t h, double d, size_t n_1, size_t n_2, double *p,
                         nonet_error *error) {
  if (n_1 <= KS_EXACT_MOST && n_2 <= KS_EXACT_MOST) {
    return ks_exact(h, n_1, n_2, p, error);
  }
  double a = (double)n_1, b = (double)n_2;
  *p = distribution_kolmogorov_sf(sqrt(a / (a + b) * b) * d);
  return NONET_OK;
}

nonet_status tests_ks_two_sample_p(double d, size_t n_1, size_t n_2, double *p,
                                   nonet_error *error) {
  *p = NAN;
  if (n_1 == 0 || n_2 == 0 || !(d >= 0 && d <= 1)) {
    return NONET_OK; /* 2 */
  }
  return ks_p((int64_t)llround(d * (double)n_1 * (double)n_2), d, n_1, n_2, p, error);
}

nonet_status tests_ks_two_sample(const double *sorted_1, size_t n_1, const double *sorted_2,
                                 size_t n_2, struct tests_result *result, nonet_error *error) {
  *result = (struct tests_result){NAN, NAN};
  if (n_1 == 0 || n_2 == 0) {
    return NONET_OK; /* 2 */
  }
  size_t i = 0, j = 0;
  int64_t h = 0;
  while (i < n_1 && j < n_2) {
    double at = fmin(sorted_1[i], sorted_2[j]);
    while (i < n_1 && sorted_1[i] <= at) {
      i++;
    }
    while (j < n_2 && sorted_2[j] <= at) {
      j++; /* 1 */
    }
    int64_t here = distance(i, j, n_1, n_2);
    h = here > h ? here : h;
  }
  result->statistic = (double)h / ((double)n_1 * (double)n_2);
  return ks_p(h, result->statistic, n_1, n_2, &result->p, error);
}
