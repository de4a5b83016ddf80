/*
 * The difference of two gaps (judgement.md §4 of the design: the bootstrap of it calls a harm safe
 * in 20 to 25 of a hundred samples).
 *
 *   M = max over items of x, an item being an ordered pair, x = θ_a − θ_b (or a group, x = θ_a)
 *   M_1 − M_2 <= u   if every item i of the first model has an item j of the second with
 *                    x_1i − x_2j <= u: of all i at once (intersection-union: nothing to pay), of
 *                    some j (Bonferroni over the items, tail/m)
 *   upper bound      max over i of min over j of the upper bound of x_1i − x_2j at tail/m
 *   lower bound      the mirror image: min over j of max over i of the lower ones
 *   a contrast       up to four estimates, combined by MOVER with the correlation of the two
 *                    estimates of one group (Zou & Donner 2008); groups are independent, and
 *                    families (true and false positive rates) rest on different rows
 *
 * Cases:
 *  1. The least of a measure is −max of its negatives.
 *  2. An outer item whose inner extreme cannot change the outer one is left at once. With the
 * largest items first on both sides that is so after a look or two: n² steps, not n⁴.
 *  3. Rounding may take a sum of squares with correlations below 0: it is 0 then.
 *  4. A tail so small that 1 − 2·tail is 1 in doubles has no limits: tails stop at 1e-15, as in
 * gap.c.
 */
#include "stats/gap_change.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "stats/distribution.h"

#define NO_GROUP ((size_t)-1)
#define LEAST_TAIL 1e-15 /* 4 */

static const struct interval nowhere = {NAN, NAN, NAN};

/* An estimate and how far its limits are. */
struct reach {
  double value, down, up;
};

struct item {
  size_t family, a, b;
  double value; /* x */
};

struct change {
  const struct gap_change_family *families;
  struct reach *reach[2]; /* [family · n + group] */
  struct item *item[2];   /* [n_items] of each model, the largest x first (2) */
  size_t n, n_items;
  bool is_negative; /* 1: x = −θ */
};

/* θ of a model in a group, as x has it. */
static struct reach reach_of(const struct change *change, int model, const struct item *item,
                             size_t group) {
  const struct reach reach = change->reach[model][item->family * change->n + group];
  return change->is_negative ? (struct reach){-reach.value, reach.up, reach.down} : reach;
}

static int largest_first(const void *left, const void *right) {
  const struct item *a = left, *b = right;
  return (a->value < b->value) - (a->value > b->value);
}

/* x of a model's items, in order. */
static void sort_items(struct change *change, int model) {
  for (size_t i = 0; i < change->n_items; i++) {
    struct item *item = &change->item[model][i];
    const double a = reach_of(change, model, item, item->a).value;
    item->value = item->b == NO_GROUP ? a : a - reach_of(change, model, item, item->b).value;
  }
  qsort(change->item[model], change->n_items, sizeof(struct item), largest_first);
}

/* How far the estimate of one place in the contrast can take it: the first model's a and the
 * second's b count up, the other two down. */
static double distance(const struct change *change, int model, const struct item *item,
                       bool is_second, bool upwards) {
  const size_t group = is_second ? item->b : item->a;
  if (group == NO_GROUP) {
    return 0;
  }
  const struct reach reach = reach_of(change, model, item, group);
  const bool counts_up = (model == 0) != is_second;
  return counts_up == upwards ? reach.up : reach.down;
}

/* The bound of x_1i − x_2j. */
static double contrast(const struct change *change, const struct item *i, const struct item *j,
                       bool upwards) {
  const double a = distance(change, 0, i, false, upwards),
               b = distance(change, 0, i, true, upwards);
  const double c = distance(change, 1, j, false, upwards),
               d = distance(change, 1, j, true, upwards);
  double squares = a * a + b * b + c * c + d * d;
  if (i->family == j->family) { /* signs: a +, b −, c −, d + */
    const double *correlation = change->families[i->family].correlation;
    squares -= i->a == j->a ? 2 * correlation[i->a] * a * c : 0;
    squares += i->a == j->b ? 2 * correlation[i->a] * a * d : 0;
    squares += i->b == j->a ? 2 * correlation[j->a] * b * c : 0;
    squares -= i->b == j->b && i->b != NO_GROUP ? 2 * correlation[i->b] * b * d : 0;
  }
  const double value = i->value - j->value;
  const double reach = sqrt(fmax(0, squares)); /* 3 */
  return upwards ? value + reach : value - reach;
}

static double upper_bound(const struct change *change) {
  double out = -INFINITY;
  for (size_t i = 0; i < change->n_items; i++) {
    double least = INFINITY;
    for (size_t j = 0; j < change->n_items && least > out; j++) { /* 2 */
      least = fmin(least, contrast(change, &change->item[0][i], &change->item[1][j], true));
    }
    out = fmax(out, least);
  }
  return out;
}

static double lower_bound(const struct change *change) {
  double out = INFINITY;
  for (size_t j = 0; j < change->n_items; j++) {
    double most = -INFINITY;
    for (size_t i = 0; i < change->n_items && most < out; i++) { /* 2 */
      most = fmax(most, contrast(change, &change->item[0][i], &change->item[1][j], false));
    }
    out = fmin(out, most);
  }
  return out;
}

static void list_items(struct change *change, size_t n_families, bool is_of_pairs) {
  for (size_t f = 0; f < n_families; f++) {
    for (size_t a = 0; a < change->n; a++) {
      for (size_t b = 0; b < (is_of_pairs ? change->n : 1); b++) {
        if (!is_of_pairs || gap_is_pair(&change->families[f].of[0], a, b)) {
          const struct item item = {f, a, is_of_pairs ? b : NO_GROUP, NAN};
          change->item[0][change->n_items] = change->item[1][change->n_items] = item;
          change->n_items++;
        }
      }
    }
  }
}

/* Every estimate at one tail; false when something is not there. */
static bool read_reaches(struct change *change, size_t n_families, double tail) {
  bool is_complete = true;
  for (size_t f = 0; f < n_families; f++) {
    for (int m = 0; m < 2; m++) {
      const struct gap_groups *groups = &change->families[f].of[m];
      for (size_t g = 0; g < change->n; g++) {
        const struct interval at = groups->family(groups->context, g, tail);
        change->reach[m][f * change->n + g] =
            (struct reach){at.value, at.value - at.low, at.high - at.value};
        is_complete = is_complete && !isnan(at.value) && !isnan(at.low) && !isnan(at.high) &&
                      !isnan(change->families[f].correlation[g]);
      }
    }
  }
  return is_complete;
}

struct interval gap_change(enum gap_kind kind, const struct gap_change_family *families,
                           size_t n_families, double tail) {
  const bool is_of_pairs = kind == GAP_DIFFERENCE;
  const size_t n = families[0].of[0].n, most = n_families * n * (is_of_pairs ? n : 1);
  struct interval out = nowhere;
  if (kind == GAP_RATIO || n < 2 || n > GAP_CHANGE_MOST || !(tail > 0 && tail < 0.5)) {
    return nowhere;
  }
  struct change change = {
      .families = families,
      .reach = {memory_new(n_families * n, sizeof(struct reach)),
                memory_new(n_families * n, sizeof(struct reach))},
      .item = {memory_new(most, sizeof(struct item)), memory_new(most, sizeof(struct item))},
      .n = n,
      .is_negative = kind == GAP_LEAST};
  if (change.reach[0] != NULL && change.reach[1] != NULL && change.item[0] != NULL &&
      change.item[1] != NULL) {
    list_items(&change, n_families, is_of_pairs);
    if (read_reaches(&change, n_families, fmax(LEAST_TAIL, tail / (double)change.n_items))) {
      sort_items(&change, 0);
      sort_items(&change, 1);
      out = (struct interval){change.item[0][0].value - change.item[1][0].value,
                              lower_bound(&change), upper_bound(&change)};
      out = change.is_negative ? (struct interval){-out.value, -out.high, -out.low} : out; /* 1 */
    }
  }
  memory_free(change.reach[0]);
  memory_free(change.reach[1]);
  memory_free(change.item[0]);
  memory_free(change.item[1]);
  return out;
}
