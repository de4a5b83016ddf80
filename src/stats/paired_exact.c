/*
 * The exact unconditional test of a paired difference: the null family has p_B - p_C = δ fixed, the
 * nuisance is the share of discordant rows π = p_B + p_C in [|δ|, 1]; p = sup over π of P(Z(B, C)
 * >= z observed), Z Tango's score at δ.
 *
 * How it stays fast. M = B + C is binomial(n, π) and B given M = m is binomial(m, θ), θ = (π +
 * δ)/(2π). For each m the rejected tables are B >= k(m), because Z grows with b at fixed m; k(m) is
 * found once, each from the one before. Then for a π P = Σ_m w_m T_m,   w_m = binomial weight,
 * walked outwards from its mode,   T_m = P(B_m >= k(m)), T_{m+1} at the same k is T_m + θ P(B_m = k
 * - 1), and a step of k takes one more binomial term off: one exponential per m, and only the m
 * within 9 standard deviations of nπ count. P is smooth in √(nπ) on the scale ½ (the standard
 * deviation of √Poisson), so a grid of 0.1 (0.5 beyond nπ = 100) and a golden section around its
 * best points find the supremum. No n² tables: the cost does not grow with n beyond MOST rows of M.
 *
 * 1. n <= MOST: all π. 2. Larger n: all π with nπ up to NEAR; beyond, B - C is a sum of thousands
 * of signs and P is the normal tail at z, which joins the supremum in their place (largest distance
 * at nπ of 3,000 to 3,500, all b + c < 20: 2.2e-5 where p <= .06, 3.7e-3, half a lattice step, at p
 * = .5). 3. n|δ| > NEAR, or more than MOST/4 discordant rows: Tango's own p. 4. One tail is the
 * other with b and c, and the sign of δ, changed. 5. Ties of Z within 1e-10 are one table, so that
 * rounding cannot split a region.
 * 6. p is a sum of doubles: absolute error 1e-12.
 * 7. A bound needs to know only on which side of its tail p lies, which mostly shows before all of
 * π is looked at.
 * 8. Thousands of small groups have few different tables: the last intervals of a thread are kept,
 * which changes nothing but the time.
 * 9. Up to SMALL rows a term is a product of factorials and powers from tables, without an
 * exponential: a power that underflows leaves a term below 1e-257.
 */
#include "stats/paired.h"

#include <math.h>
#include <stdbool.h>

#include "stats/distribution.h"

#define MOST 4096
#define NEAR 3500.0
#define SMALL 168 /* 9; 170! is the last factorial in doubles */

struct exact_problem {
  double n, delta, z;
  int m_most;          /* the largest m in the tables below */
  int first[MOST + 1]; /* k(m); m + 1 where nothing is rejected */
  double log_factorial[MOST + 2];
  double factorial[SMALL + 2]; /* where m_most <= SMALL */
};

/* θ and 1 - θ as what terms need of them. */
struct exact_odds {
  double log_yes, log_no;
  double yes[SMALL + 2], no[SMALL + 2]; /* powers, where m_most <= SMALL */
};

static void problem_fill(struct exact_problem *p) {
  p->log_factorial[0] = 0;
  for (int m = 1; m <= p->m_most + 1; m++) {
    p->log_factorial[m] = distribution_log_gamma(m + 1.0);
  }
  p->factorial[0] = 1;
  for (int m = 1; p->m_most <= SMALL && m <= p->m_most + 1; m++) {
    p->factorial[m] = p->factorial[m - 1] * m;
  }
  double limit = p->z - 1e-10 * fmax(1, fabs(p->z)); /* 5 */
  int k = 0;
  for (int m = 0; m <= p->m_most; m++) {
    while (k > 0 && paired_tango_z(k - 1, m - k + 1, p->n, p->delta) >= limit) {
      k--;
    }
    while (k <= m && paired_tango_z(k, m - k, p->n, p->delta) < limit) {
      k++;
    }
    p->first[m] = k;
  }
}

static void odds_fill(const struct exact_problem *p, double theta, struct exact_odds *odds) {
  odds->log_yes = log(theta);
  odds->log_no = log1p(-theta);
  odds->yes[0] = odds->no[0] = 1;
  for (int m = 1; p->m_most <= SMALL && m <= p->m_most + 1; m++) {
    odds->yes[m] = odds->yes[m - 1] * theta;
    odds->no[m] = odds->no[m - 1] * (1 - theta);
  }
}

/* P(B_m = k); 9 */
static double term(const struct exact_problem *p, int m, int k, const struct exact_odds *odds) {
  if (k < 0 || k > m) {
    return 0;
  }
  if (p->m_most <= SMALL) {
    return p->factorial[m] / (p->factorial[k] * p->factorial[m - k]) * odds->yes[k] *
           odds->no[m - k];
  }
  return exp(p->log_factorial[m] - p->log_factorial[k] - p->log_factorial[m - k] +
             k * odds->log_yes + (m - k) * odds->log_no);
}

static double tail_step(const struct exact_problem *p, double tail, int m, double theta,
                        const struct exact_odds *odds) {
  int k = p->first[m], next = p->first[m + 1];
  tail += theta * term(p, m, k - 1, odds);
  for (; k < next; k++) {
    tail -= term(p, m + 1, k, odds);
  }
  for (; k > next; k--) {
    tail += term(p, m + 1, k - 1, odds);
  }
  return tail;
}

/* P(B_m >= k(m)) at once */
static double tail_at(const struct exact_problem *p, int m, double theta) {
  return distribution_binomial_sf(p->first[m] - 1, m, theta);
}

static double probability(const struct exact_problem *p, double share) {
  double theta = fmax(0, fmin(1, (share + p->delta) / (2 * share)));
  double mean = p->n * share, spread = 9 * sqrt(mean * (1 - share)) + 40;
  int from = (int)fmax(0, mean - spread), to = (int)fmin(p->m_most, mean + spread);
  int mode = (int)fmax(from, fmin(to, floor(mean)));
  bool certain = theta == 0 || theta == 1;
  struct exact_odds odds;
  if (!certain) {
    odds_fill(p, theta, &odds);
  }
  double ratio = share / (1 - share);
  /* weights below the mode are walked down first, so that the tails can be walked up in one pass */
  double weight = distribution_binomial_pmf(mode, p->n, share);
  for (int m = mode; m > from; m--) {
    weight *= m / ((p->n - m + 1) * ratio);
  }
  if (share >= 1) {
    return tail_at(p, p->m_most, theta);
  }
  if (weight < 1e-290) { /* underflow on the way down: start where there is some weight */
    from = mode - (int)(spread / 2) > from ? mode - (int)(spread / 2) : from;
    weight = distribution_binomial_pmf(from, p->n, share);
  }
  double tail = tail_at(p, from, theta), sum = 0;
  for (int m = from; m <= to; m++) {
    sum += weight * tail;
    if (m < to) {
      tail = certain ? tail_at(p, m + 1, theta) : tail_step(p, tail, m, theta, &odds);
      weight *= (p->n - m) / (m + 1) * ratio;
    }
  }
  return fmax(0, fmin(1, sum));
}

static double probability_at_root(const struct exact_problem *p, double root) {
  return probability(p, fmin(1, root * root / p->n));
}

static double golden_maximum(const struct exact_problem *p, double low, double high) {
  const double golden = 0.61803398874989485;
  double x1 = high - golden * (high - low), x2 = low + golden * (high - low);
  double f1 = probability_at_root(p, x1), f2 = probability_at_root(p, x2);
  for (int i = 0; i < 22; i++) {
    if (f1 < f2) {
      low = x1, x1 = x2, f1 = f2;
      x2 = low + golden * (high - low);
      f2 = probability_at_root(p, x2);
    } else {
      high = x2, x2 = x1, f2 = f1;
      x1 = high - golden * (high - low);
      f1 = probability_at_root(p, x1);
    }
  }
  return fmax(f1, f2);
}

/* The supremum over roots in [first, last]: the grid, then each local maximum that could still win.
 * Where only p <= tail is asked (7; else infinite): as soon as that is settled, what has been
 * found.
 */
static double supremum(const struct exact_problem *p, double first, double last, double tail) {
  double before = -1, here = probability_at_root(p, first), at = first, at_before = first;
  double best = here;
  while (at < last && best <= tail) {
    double next_at = fmin(last, at + (at < 10 ? 0.1 : 0.5));
    double next = probability_at_root(p, next_at);
    if (here >= before && here >= next && here > best - 0.02 * best) {
      best = fmax(best, golden_maximum(p, at_before, next_at));
    }
    best = fmax(best, next);
    before = here, here = next;
    at_before = at, at = next_at;
  }
  return best;
}

static double exact_greater(double b, double c, double n, double delta, double tail) {
  double z = paired_tango_z(b, c, n, delta);
  if (n * fabs(delta) > NEAR || b + c > MOST / 4.0) {
    return distribution_normal_sf(z); /* 3 */
  }
  if (fabs(delta) == 1) {
    return (delta == 1 || b - c <= -n) ? 1 : 0;
  }
  struct exact_problem p = {.n = n, .delta = delta, .z = z, .m_most = n < MOST ? (int)n : MOST};
  problem_fill(&p);
  double first = sqrt(n * fabs(delta)), last = sqrt(n <= MOST ? n : NEAR);
  if (first == 0) {
    first = fmin(1e-6, last); /* no discordant rows at all: the limit of small π */
  }
  double best = supremum(&p, first, last, tail);
  return n <= MOST ? best : fmax(best, distribution_normal_sf(z)); /* 1, 2 */
}

static double exact_p(uint64_t b, uint64_t c, uint64_t n, double null, enum interval_side side,
                      double tail) {
  if (n == 0 || b > n || c > n || b + c > n || isnan(null)) {
    return NAN;
  }
  if (null < -1 || null > 1) {
    return (null < -1) == (side == INTERVAL_GREATER) ? 0 : 1;
  }
  return side == INTERVAL_GREATER
             ? exact_greater((double)b, (double)c, (double)n, null, tail)
             : exact_greater((double)c, (double)b, (double)n, -null, tail); /* 4 */
}

double paired_exact_p(uint64_t b, uint64_t c, uint64_t n, double null, enum interval_side side) {
  return exact_p(b, c, n, null, side, INFINITY);
}

/* The null in [outside, inside] where p passes the tail: p <= tail at outside, > tail at inside. */
static double crossing(uint64_t b, uint64_t c, uint64_t n, enum interval_side side, double tail,
                       double outside, double inside) {
  for (int i = 0; i < 40 && fabs(inside - outside) > 1e-7 * fabs(inside - outside) + 1e-12; i++) {
    double middle = 0.5 * (outside + inside);
    if (fabs(inside - outside) < 1e-6 / (double)n) {
      break;
    }
    if (exact_p(b, c, n, middle, side, tail) <= tail) {
      outside = middle;
    } else {
      inside = middle;
    }
  }
  return outside;
}

static struct interval exact_interval(uint64_t b, uint64_t c, uint64_t n, double level) {
  struct interval score = paired_tango((double)b, (double)c, (double)n, level);
  if (isnan(score.low) || isnan(score.high)) {
    return (struct interval){NAN, NAN, NAN};
  }
  double tail = (1 - level) / 2, value = score.value;
  double reach = 2 * fmax(value - score.low, 4.0 / (double)n), low = -1, high = 1;
  while (value - reach > -1) { /* widen until the null outside is rejected */
    if (exact_p(b, c, n, value - reach, INTERVAL_GREATER, tail) <= tail) {
      low = value - reach;
      break;
    }
    reach *= 2;
  }
  reach = 2 * fmax(score.high - value, 4.0 / (double)n);
  while (value + reach < 1) {
    if (exact_p(b, c, n, value + reach, INTERVAL_LESS, tail) <= tail) {
      high = value + reach;
      break;
    }
    reach *= 2;
  }
  if (value > -1) {
    low = crossing(b, c, n, INTERVAL_GREATER, tail, low, value);
  }
  if (value < 1) {
    high = crossing(b, c, n, INTERVAL_LESS, tail, high, value);
  }
  return (struct interval){value, low, high};
}

/* ---- what was asked last: 8 ---- */

#define KEPT 4096

struct kept_interval {
  uint64_t b, c, n;
  double level;
  struct interval interval;
};

struct interval paired_exact(uint64_t b, uint64_t c, uint64_t n, double level) {
  static _Thread_local struct kept_interval kept[KEPT]; /* n = 0: none, that is not asked of it */
  struct kept_interval *at = &kept[(n * 131 + b * 11 + c) % KEPT];
  if (n == 0 || at->b != b || at->c != c || at->n != n || at->level != level) {
    *at = (struct kept_interval){b, c, n, level, exact_interval(b, c, n, level)};
  }
  return at->interval;
}
