/*
 * For tests: cmocka, and assertions on doubles that show both values. (cmocka's assert_float_equal
 * compares in single precision and passes whenever one of the two is NaN: not used here, and
 * tools/check-shape refuses it.)
 */
#ifndef STATS_NEAR_CHECK_H
#define STATS_NEAR_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* |got - want| <= tolerance·max(|want|, floor): relative, but absolute below `floor`. NaN equals
 * NaN, inf inf. */
#define NEAR_WITHIN(got, want, tolerance, floor)                                                   \
  near_check((got), (want), (tolerance), (floor), #got, __FILE__, __LINE__)
/* |got - want| <= most, whatever their size. NaN equals NaN alone. */
#define CLOSE(got, want, most) close_check((got), (want), (most), #got, __FILE__, __LINE__)
#define NEAR(got, want) NEAR_WITHIN(got, want, 1e-12, 1e-290)

static inline void near_fail(double got, double want, const char *what, const char *file,
                             int line) {
  print_error("%s:%d: %s is %.17g, expected %.17g (off by %.3g)\n", file, line, what, got, want,
              fabs(got - want));
  _fail(file, line);
}

static inline int close_is(double got, double want, double most) {
  return got == want || (isnan(got) && isnan(want)) || fabs(got - want) <= most;
}

static inline void close_check(double got, double want, double most, const char *what,
                               const char *file, int line) {
  if (!close_is(got, want, most)) {
    near_fail(got, want, what, file, line);
  }
}

static inline void near_check(double got, double want, double tolerance, double floor,
                              const char *what, const char *file, int line) {
  if (!close_is(got, want, tolerance * fmax(fabs(want), floor))) {
    near_fail(got, want, what, file, line);
  }
}

#endif
