/*
 * Adjusted p-values.
 *
 * Sorted p(1) <= ... <= p(n) in a family of m >= n (the m - n others count as p = 1):
 *   Holm: max over j <= i of min(1, (m - j + 1) p(j)); Benjamini-Hochberg: min over j >= i of
 * min(1, m/j p(j)).
 *
 * 1. NaN counts as 1. 2. Ties get equal values, so the order of sorting does not matter. 3. n = 0
 * does nothing.
 */
#include "stats/multiple.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

struct member {
  double p;
  size_t place;
};

static int member_compare(const void *left, const void *right) {
  const struct member *a = left, *b = right;
  if (a->p != b->p) {
    return a->p < b->p ? -1 : 1;
  }
  return (a->place > b->place) - (a->place < b->place);
}

static nonet_status members_sorted(const double *p, size_t n, struct member **members,
                                   nonet_error *error) {
  *members = memory_new(n, sizeof **members);
  if (*members == NULL) {
    return error_memory(error, n * sizeof **members, "adjusting p-values");
  }
  for (size_t i = 0; i < n; i++) {
    (*members)[i] = (struct member){isnan(p[i]) ? 1 : p[i], i}; /* 1 */
  }
  qsort(*members, n, sizeof **members, member_compare);
  return NONET_OK;
}

nonet_status multiple_holm(const double *p, size_t n, size_t m, double *adjusted,
                           nonet_error *error) {
  if (n == 0) {
    return NONET_OK; /* 3 */
  }
  struct member *members;
  nonet_status status = members_sorted(p, n, &members, error);
  if (status != NONET_OK) {
    return status;
  }
  size_t family = m > n ? m : n;
  double largest = 0;
  for (size_t i = 0; i < n; i++) {
    largest = fmax(largest, fmin(1, (double)(family - i) * members[i].p));
    adjusted[members[i].place] = largest;
  }
  memory_free(members);
  return NONET_OK;
}

nonet_status multiple_benjamini_hochberg(const double *p, size_t n, size_t m, double *adjusted,
                                         nonet_error *error) {
  if (n == 0) {
    return NONET_OK; /* 3 */
  }
  struct member *members;
  nonet_status status = members_sorted(p, n, &members, error);
  if (status != NONET_OK) {
    return status;
  }
  double family = (double)(m > n ? m : n), smallest = 1;
  for (size_t i = n; i-- > 0;) {
    smallest = fmin(smallest, family / (double)(i + 1) * members[i].p);
    adjusted[members[i].place] = smallest;
  }
  memory_free(members);
  return NONET_OK;
}

void multiple_bonferroni(const double *p, size_t n, size_t m, double *adjusted) {
  double family = (double)(m > n ? m : n);
  for (size_t i = 0; i < n; i++) {
    adjusted[i] = isnan(p[i]) ? 1 : fmin(1, family * p[i]);
  }
}
