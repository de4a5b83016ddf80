/* For the tests of this folder: cmocka, and an assertion on doubles that shows both values. */
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
#define NEAR(got, want) NEAR_WITHIN(got, want, 1e-12, 1e-290)

static inline void near_check(double got, double want, double tolerance, double floor,
                              const char *what, const char *file, int line) {
  int same = got == want || (isnan(got) && isnan(want)) ||
             fabs(got - want) <= tolerance * fmax(fabs(want), floor);
  if (!same) {
    print_error("%s:%d: %s is %.17g, expected %.17g (off by %.3g)\n", file, line, what, got, want,
                fabs(got - want));
    _fail(file, line);
  }
}

#endif
