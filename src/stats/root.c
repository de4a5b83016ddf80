/*
 * Brent's method: inverse quadratic or secant steps, a bisection when they do not shrink the
 * bracket fast enough.
 *
 * 1. An end that is a root is returned as it is. 2. Equal signs or NaN give NaN. 3. Infinite values
 * of f are fine (they only carry a sign: the step is then a bisection).
 *
 * R. P. Brent, Algorithms for Minimization without Derivatives, 1973, chapter 4.
 */
#include "stats/root.h"

#include <math.h>
#include <stdbool.h>

struct bracket {
  double a, fa; /* the previous best */
  double b, fb; /* the best */
  double c, fc; /* the other side */
  double step, before;
};

static void interpolate(struct bracket *s, double half, double tolerance) {
  double p, q, r, t = s->fb / s->fa;
  if (s->a == s->c) {
    p = 2 * half * t;
    q = 1 - t;
  } else {
    q = s->fa / s->fc;
    r = s->fb / s->fc;
    p = t * (2 * half * q * (q - r) - (s->b - s->a) * (r - 1));
    q = (q - 1) * (r - 1) * (t - 1);
  }
  if (p > 0) {
    q = -q;
  }
  p = fabs(p);
  double most = fmin(3 * half * q - fabs(tolerance * q), fabs(s->before * q));
  if (2 * p < most) {
    s->before = s->step;
    s->step = p / q;
  } else {
    s->before = s->step = half;
  }
}

double root_find(root_function f, const void *context, double low, double high, double tolerance) {
  struct bracket s = {low, f(context, low), high, f(context, high), 0, 0, 0, 0};
  if (isnan(s.fa) || isnan(s.fb)) {
    return NAN; /* 2 */
  }
  if (s.fa == 0 || s.fb == 0) {
    return s.fa == 0 ? low : high; /* 1 */
  }
  if ((s.fa > 0) == (s.fb > 0)) {
    return NAN; /* 2 */
  }
  s.c = s.b;
  s.fc = s.fb;
  for (int i = 0; i < 200; i++) {
    if ((s.fb > 0) == (s.fc > 0)) {
      s.c = s.a;
      s.fc = s.fa;
      s.before = s.step = s.b - s.a;
    }
    if (fabs(s.fc) < fabs(s.fb)) {
      s.a = s.b, s.b = s.c, s.c = s.a;
      s.fa = s.fb, s.fb = s.fc, s.fc = s.fa;
    }
    double near = 0x1p-52 * fabs(s.b) + 0.5 * tolerance;
    double half = 0.5 * (s.c - s.b);
    if (fabs(half) <= near || s.fb == 0) {
      return s.b;
    }
    bool finite = isfinite(s.fa) && isfinite(s.fb) && isfinite(s.fc); /* 3 */
    if (finite && fabs(s.before) >= near && fabs(s.fa) > fabs(s.fb)) {
      interpolate(&s, half, near);
    } else {
      s.before = s.step = half;
    }
    s.a = s.b;
    s.fa = s.fb;
    s.b += fabs(s.step) > near ? s.step : copysign(near, half);
    s.fb = f(context, s.b);
    if (isnan(s.fb)) {
      return NAN;
    }
  }
  return s.b;
}
