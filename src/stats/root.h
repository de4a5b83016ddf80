/* A root of a continuous function of one variable between two points of opposite sign. */
#ifndef STATS_ROOT_H
#define STATS_ROOT_H

typedef double (*root_function)(const void *context, double x);

/* Brent 1973. f(low) and f(high) have opposite signs or one is 0 (else NaN). Stops when the bracket
   is within tolerance + 2^-51·|x|, or at 200 evaluations. NaN values of f give NaN. */
double root_find(root_function f, const void *context, double low, double high, double tolerance);

#endif
