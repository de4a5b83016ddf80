/*
 * Two proportions on the same rows: score methods.
 *
 * Tango: z(δ) = (b - c - nδ) / √(n (2q + δ(1 - δ))), q the larger root of A q² + B q + C = 0 with A
 * = 2n, B = -b - c + (2n - b + c) δ, C = -c δ (1 - δ): the restricted maximum likelihood of the
 * share of c rows. Of the two forms of the root the one without cancellation is taken. Newcombe's
 * method 10: Wilson bounds of both margins, combined with the correlation φ of the 2x2 table, its
 * numerator ad - bc drawn towards 0 by n/2 where it is positive.
 *
 * 1. Where the variance is 0 (δ = ±1; δ = 0 with no discordant row), z is ±inf, or 0 where the data
 * are exactly there.
 * 2. An empty margin: φ = 0. 3. n = 0 or b + c > n: NaN.
 *
 * T. Tango, Statistics in Medicine 17 (1998) 891-908; R. G. Newcombe, ibid. 2635-2650.
 */
#include "stats/paired.h"

#include <math.h>
#include <stdbool.h>

#include "stats/distribution.h"
#include "stats/root.h"

static const struct interval nowhere = {NAN, NAN, NAN};

struct discordant {
  double b, c, n, z;
};

static bool discordant_valid(double b, double c, double n) {
  return n > 0 && n < INFINITY && b >= 0 && c >= 0 && b + c <= n;
}

double paired_tango_z(double b, double c, double n, double null) {
  if (!discordant_valid(b, c, n) || !(null >= -1 && null <= 1)) {
    return NAN;
  }
  double spread = null * (1 - null);
  double linear = -b - c + (2 * n - b + c) * null, constant = -c * spread;
  double root = sqrt(fmax(0, linear * linear - 8 * n * constant));
  double q = linear > 0 ? -2 * constant / (linear + root) : (root - linear) / (4 * n);
  double variance = n * (2 * q + spread);
  double difference = b - c - n * null;
  if (!(variance > 0)) { /* 1 */
    return difference > 0 ? INFINITY : difference < 0 ? -INFINITY : 0;
  }
  return difference / sqrt(variance);
}

double paired_tango_p(double b, double c, double n, double null, enum interval_side side) {
  if (!discordant_valid(b, c, n) || isnan(null)) {
    return NAN;
  }
  if (null < -1 || null > 1) {
    return (null < -1) == (side == INTERVAL_GREATER) ? 0 : 1;
  }
  double z = paired_tango_z(b, c, n, null);
  return distribution_normal_sf(side == INTERVAL_GREATER ? z : -z);
}

static double tango_excess(const void *context, double delta) {
  const struct discordant *d = context;
  return paired_tango_z(d->b, d->c, d->n, delta) - d->z;
}

struct interval paired_tango(double b, double c, double n, double level) {
  double z = distribution_normal_z(level);
  if (!discordant_valid(b, c, n) || isnan(z)) {
    return nowhere;
  }
  double value = (b - c) / n;
  struct discordant low = {b, c, n, z}, high = {b, c, n, -z};
  return (struct interval){value, value > -1 ? root_find(tango_excess, &low, -1, value, 1e-16) : -1,
                           value < 1 ? root_find(tango_excess, &high, value, 1, 1e-16) : 1};
}

struct newcombe_context {
  double a, b, c, n;
};

static struct interval newcombe_family(const void *context, double z) {
  const struct newcombe_context *t = context;
  double d = t->n - t->a - t->b - t->c;
  double cross = t->a * d - t->b * t->c;
  if (cross > 0) {
    cross = fmax(0, cross - t->n / 2);
  }
  double margins = (t->a + t->b) * (t->c + d) * (t->a + t->c) * (t->b + d);
  double phi = margins > 0 ? cross / sqrt(margins) : 0; /* 2 */
  return interval_mover_difference(interval_wilson_z(t->a + t->b, t->n, z),
                                   interval_wilson_z(t->a + t->c, t->n, z), phi);
}

static bool newcombe_valid(double a, double b, double c, double n) {
  return discordant_valid(b, c, n) && a >= 0 && a + b + c <= n;
}

struct interval paired_newcombe(double a, double b, double c, double n, double level) {
  double z = distribution_normal_z(level);
  struct newcombe_context t = {a, b, c, n};
  return newcombe_valid(a, b, c, n) && !isnan(z) ? newcombe_family(&t, z) : nowhere;
}

double paired_newcombe_p(double a, double b, double c, double n, double null,
                         enum interval_side side) {
  struct newcombe_context t = {a, b, c, n};
  return newcombe_valid(a, b, c, n) ? interval_p_by_inversion(newcombe_family, &t, null, side)
                                    : NAN;
}

double paired_p(uint64_t b, uint64_t c, uint64_t n, double null, enum interval_side side) {
  return b + c < PAIRED_EXACT_BELOW ? paired_exact_p(b, c, n, null, side)
                                    : paired_tango_p((double)b, (double)c, (double)n, null, side);
}

struct interval paired_interval(uint64_t b, uint64_t c, uint64_t n, double level) {
  return b + c < PAIRED_EXACT_BELOW ? paired_exact(b, c, n, level)
                                    : paired_tango((double)b, (double)c, (double)n, level);
}
