/*
 * Looks at grown data: alpha spending after O'Brien & Fleming.
 *
 * At information time t the statistic is Z = B(t)/√t, B a Brownian motion. Look k at time t_k
 * rejects when Z > c_k, and c_k is the boundary with
 *   P(no crossing before, Z_k > c_k) = α*(t_k) − α*(t_{k−1}),   α*(t) = 2 − 2Φ(z₁₋α/₂/√t)
 * (Lan & DeMets 1983). With b = c√t the density of B(t_k) on the paths that have not crossed is
 *   f_k(s) = ∫ from −∞ to b_{k−1} of f_{k−1}(u) φ((s − u)/√Δ)/√Δ du,   Δ = t_k − t_{k−1}
 * (Armitage, McPherson & Rowe 1969), carried on a grid by Simpson's rule with steps of a sixth of
 * the narrower of the two kernels beside it (STEPS). The nominal level is 1 − Φ(c_k).
 *
 * A look's overall p-value is the least alpha whose boundary it crosses: every hypothesis then has
 * its own boundary, and Holm over overall p-values keeps the family's error (Maurer & Bretz 2013).
 * The boundary is tabulated at 71 levels, in probits where it is almost straight, and interpolated
 * by cubics.
 *
 * Cases:
 *  1. The first look: α*(t) itself.
 *  2. So early that nothing can be spent in double precision: a boundary that nothing crosses.
 *  3. A step below LOOKS_LEAST_STEP: level 0, and the path stays where it was.
 *  4. p = 0 stays 0 and p above every boundary is 1.
 */
#include "judge/looks.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/memory.h"
#include "stats/distribution.h"

#define STEPS 6       /* per kernel width: levels to 1e-6 against ten times as many */
#define REACH 9.0     /* a kernel's tails beyond this many widths are below 1e-18 */
#define NEVER (-40.0) /* as Φ⁻¹: no p-value is that small */
#define NODE_FIRST (-7.0)
#define NODE_STEP 0.1

/* The density of the paths that have not crossed, on a grid that ends at the boundary. */
struct path {
  double *value;
  size_t n; /* odd */
  double low, step, t;
};

double looks_spent(double alpha, double t) {
  return t > 0.0
             ? 2.0 * distribution_normal_sf(distribution_normal_quantile_sf(alpha / 2.0) / sqrt(t))
             : 0.0;
}

static double simpson_weight(size_t i, size_t n) {
  return i == 0 || i == n - 1 ? 1.0 / 3.0 : (i % 2 == 1 ? 4.0 / 3.0 : 2.0 / 3.0);
}

/* P(not crossed before, B(t + delta) > b). */
static double path_beyond(const struct path *path, double delta, double b) {
  double sum = 0.0;
  for (size_t i = 0; i < path->n; i++) {
    const double u = path->low + path->step * (double)i;
    sum +=
        simpson_weight(i, path->n) * path->value[i] * distribution_normal_sf((b - u) / sqrt(delta));
  }
  return sum * path->step;
}

/* The b with path_beyond = spend, by bisection. */
static double path_boundary(const struct path *path, double delta, double spend) {
  double low = path->low, high = -NEVER;
  for (int i = 0; i < 60; i++) {
    const double middle = 0.5 * (low + high);
    if (path_beyond(path, delta, middle) > spend) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}

static nonet_status path_grid(struct path *path, double t, double b, double width,
                              nonet_error *error) {
  const double high = fmin(b, 12.0 * sqrt(t));
  path->low = fmin(-8.0 * sqrt(t), high - sqrt(t));
  path->t = t;
  path->n = 2 * (size_t)ceil((high - path->low) * STEPS / (2.0 * width)) + 1;
  path->step = (high - path->low) / (double)(path->n - 1);
  path->value = memory_new(path->n, sizeof *path->value);
  return path->value == NULL ? error_memory(error, path->n * sizeof(double), "looks") : NONET_OK;
}

/* f_k from f_{k−1}; of the kernel only what lies within REACH. */
static void path_advance(const struct path *from, struct path *to) {
  const double width = sqrt(to->t - from->t), scale = from->step / (width * sqrt(2.0 * M_PI));
  for (size_t j = 0; j < to->n; j++) {
    const double s = to->low + to->step * (double)j;
    const double first = floor((s - REACH * width - from->low) / from->step);
    const double last = ceil((s + REACH * width - from->low) / from->step);
    const size_t end = last < 0.0 ? 0 : (size_t)fmin(last + 1.0, (double)from->n);
    double sum = 0.0;
    for (size_t i = (size_t)fmax(first, 0.0); i < end; i++) {
      const double x = (s - from->low - from->step * (double)i) / width;
      sum += simpson_weight(i, from->n) * from->value[i] * exp(-0.5 * x * x);
    }
    to->value[j] = sum * scale;
  }
}

static void path_start(struct path *path) {
  for (size_t i = 0; i < path->n; i++) {
    const double s = path->low + path->step * (double)i;
    path->value[i] = exp(-0.5 * s * s / path->t) / sqrt(2.0 * M_PI * path->t);
  }
}

/* The widths of the kernels on both sides of look k's grid. */
static double grid_width(const double *t, size_t n, size_t k, double before) {
  double next = before;
  for (size_t j = k + 1; j < n && next == before; j++) {
    next = t[j] - t[k] >= LOOKS_LEAST_STEP ? t[j] - t[k] : before;
  }
  return sqrt(fmin(before, next));
}

/* One look: its boundary as a z, and the path beyond it. */
static nonet_status look(struct path *path, double alpha, const double *t, size_t n, size_t k,
                         double *z, nonet_error *error) {
  struct path next = {0};
  const bool is_first = path->value == NULL;
  const double delta = is_first ? t[k] : t[k] - path->t;
  const double spend = looks_spent(alpha, t[k]) - (is_first ? 0.0 : looks_spent(alpha, path->t));
  *z = -NEVER;
  if (delta < LOOKS_LEAST_STEP) {
    return NONET_OK; /* 3 */
  }
  if (spend > 0.0) { /* else case 2 */
    *z = is_first ? distribution_normal_quantile_sf(spend)
                  : path_boundary(path, delta, spend) / sqrt(t[k]);
  }
  nonet_status status = path_grid(&next, t[k], *z * sqrt(t[k]), grid_width(t, n, k, delta), error);
  if (status == NONET_OK && is_first) {
    path_start(&next);
  } else if (status == NONET_OK) {
    path_advance(path, &next);
  }
  memory_free(path->value);
  *path = next;
  return status;
}

/* The boundaries of n looks as z; only the last is given when `all` is false. */
static nonet_status boundaries(double alpha, const double *t, size_t n, double *z, bool all,
                               nonet_error *error) {
  struct path path = {0};
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < n && status == NONET_OK; k++) {
    status = look(&path, alpha, t, n, k, all ? &z[k] : z, error);
  }
  memory_free(path.value);
  return status;
}

static nonet_status check_times(const double *t, size_t n, nonet_error *error) {
  bool ascends = n > 0 && n <= LOOKS_MOST;
  for (size_t k = 0; k < n && ascends; k++) {
    ascends = t[k] > 0.0 && t[k] <= 1.0 && (k == 0 || t[k] >= t[k - 1]);
  }
  return ascends ? NONET_OK
                 : error_set(error, NONET_E_INTERNAL,
                             "looks expect 1 to %d information times ascending in (0, 1]; found "
                             "%zu, or some out of order",
                             LOOKS_MOST, n);
}

nonet_status looks_nominal(double alpha, const double *t, size_t n, double *level,
                           nonet_error *error) {
  nonet_status status = check_times(t, n, error);
  if (status == NONET_OK) {
    status = boundaries(alpha, t, n, level, true, error);
  }
  for (size_t k = 0; k < n && status == NONET_OK; k++) {
    level[k] = level[k] >= -NEVER ? 0.0 : distribution_normal_sf(level[k]);
  }
  return status;
}

nonet_status looks_init(struct looks *looks, const double *t, size_t n, nonet_error *error) {
  nonet_status status = check_times(t, n, error);
  double highest = NEVER;
  looks->n = n;
  for (size_t i = 0; i < LOOKS_NODES && status == NONET_OK; i++) {
    const double alpha = distribution_normal_cdf(NODE_FIRST + NODE_STEP * (double)i);
    double z = -NEVER;
    status = boundaries(alpha, t, n, &z, false, error);
    highest = fmax(highest, -z);
    looks->nominal_z[i] = highest;
  }
  return status;
}

/* y at x through the four nodes around it (Lagrange); x lies in [x[i], x[i + 1]]. Where the table
 * begins, ends or stands at NEVER: the straight line. */
static double through(const double *x, const double *y, size_t i, double at) {
  const bool is_straight = i == 0 || i + 2 >= LOOKS_NODES || x[i - 1] <= NEVER ||
                           y[i - 1] <= NEVER || !(x[i - 1] < x[i] && x[i + 1] < x[i + 2]);
  const size_t first = is_straight ? i : i - 1, last = is_straight ? i + 1 : i + 2;
  double sum = 0.0;
  for (size_t j = first; j <= last; j++) {
    double term = y[j];
    for (size_t k = first; k <= last; k++) {
      term *= k == j ? 1.0 : (at - x[k]) / (x[j] - x[k]);
    }
    sum += term;
  }
  return sum;
}

static void nodes(double *overall_z) {
  for (size_t i = 0; i < LOOKS_NODES; i++) {
    overall_z[i] = NODE_FIRST + NODE_STEP * (double)i;
  }
}

/* The last node at or below `at`, so that the next is above it; at most the last but one. */
static size_t bracket(const double *x, double at) {
  size_t i = 0;
  while (i + 2 < LOOKS_NODES && x[i + 1] < at) {
    i++;
  }
  return i;
}

double looks_level(const struct looks *looks, double alpha) {
  double overall_z[LOOKS_NODES];
  if (looks == NULL) {
    return alpha;
  }
  nodes(overall_z);
  const double z = distribution_normal_quantile(alpha);
  const size_t i = bracket(overall_z, z);
  return looks->nominal_z[i] <= NEVER
             ? 0.0
             : distribution_normal_cdf(through(overall_z, looks->nominal_z, i, z));
}

double looks_overall(const struct looks *looks, double p) {
  double overall_z[LOOKS_NODES];
  if (looks == NULL || !(p > 0.0)) {
    return p; /* 4 */
  }
  nodes(overall_z);
  const double z = distribution_normal_quantile(fmin(p, 1.0));
  const size_t i = bracket(looks->nominal_z, z);
  if (z > looks->nominal_z[LOOKS_NODES - 1]) {
    return 1.0; /* 4 */
  }
  return distribution_normal_cdf(
      looks->nominal_z[i] <= NEVER ? overall_z[i + 1] : through(looks->nominal_z, overall_z, i, z));
}
