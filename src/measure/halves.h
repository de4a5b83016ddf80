/*
 * Two halves of a frame, for searches: what is found in the first is measured in the second, once,
 * so that its value is unbiased and its p-value means what it says.
 *
 * A row's half is drawn by its key (of equal rows each draws for itself), a cluster's by its value:
 * the same for any order of the source's rows, and independent of everything in them. The columns
 * are the frame's features and the groups, in bins (learn/bins.h).
 */
#ifndef MEASURE_HALVES_H
#define MEASURE_HALVES_H

#include "learn/bins.h"
#include "measure/view.h"

#define HALVES_LEAST_ROWS 60 /* with fewer nothing is searched */

struct halves {
  const struct frame *frame;
  size_t n; /* rows */
  struct bins bins;
  bool *first, *second; /* [n] */
  uint32_t *unit;       /* [n] the row's cluster, numbered; without clusters the row's number */
  size_t n_first, n_second, n_units;
  size_t least_rows;  /* of a slice in the first half: 2 % of it, at least 15 */
  const char *reason; /* why nothing can be searched; NULL: it can. In the view's arena */
};

nonet_status halves_make(struct view *view, struct halves *halves,
                         nonet_error *error) NONET_NODISCARD;
void halves_clear(struct halves *halves);

/* The (weighted) mean of x over the rows marked `in`, less that over `out` (NULL: no rest), with
 * its variance by linearisation over units; df = the fewer units of both less 1, 0 when there are
 * fewer than two. n, n_effective and share (of the weight of the second half) are of `in`. */
struct halves_mean {
  double value, variance, df, n, n_effective, share;
};
nonet_status halves_mean(const struct halves *halves, const double *x, const bool *in,
                         const bool *out, struct halves_mean *mean,
                         nonet_error *error) NONET_NODISCARD;
/* The text moves to the view's arena and is cleared; a fixed one when memory is short. */
const char *halves_keep(struct view *view, struct text *text);
/* "8.1 % of the rows", and how it was found; in the view's arena. */
const char *halves_words(struct view *view, const struct halves *halves,
                         const struct halves_mean *mean);

#endif
