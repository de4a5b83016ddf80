/* The domain scan: the distinct labels, and the values and combinations of the group columns,
 * before any row is handed out. */
#ifndef TABLE_DOMAIN_H
#define TABLE_DOMAIN_H

#include "base/progress.h"
#include "table/tableparts.h"
#include "table/valueset.h"

#define DOMAIN_CELLS_MOST 10000
#define DOMAIN_CLASSES_MOST 10000

struct domain_wanted {
  size_t label;                 /* binding, NO_BINDING: labels are not wanted */
  size_t prediction[N_STREAMS]; /* bindings whose values count as classes too, or NO_BINDING */
  size_t not_null;              /* binding whose null rows are left out */
  const size_t *groups;
  const struct ranges *ranges; /* [n_groups], n = 0: by value; NULL: all by value */
  size_t n_groups;
  uint64_t limit; /* look at the first rows only; 0: all */
};

struct domain_found {
  struct valueset labels;  /* of the label column alone */
  struct valueset classes; /* of label and predictions */
  struct valueset *groups; /* [n_groups] */
  size_t n_groups;
  uint32_t *cells; /* [n_cells][n_groups], sorted; VALUESET_NULL for null, which is last */
  size_t n_cells;
  bool too_many_cells;  /* more than DOMAIN_CELLS_MOST: groups and cells are not whole */
  bool too_many_labels; /* more than DOMAIN_CLASSES_MOST: the set is not whole */
};

/* NONET_E_DATA naming the group column with most values of those found. */
nonet_status domain_too_many(const struct table *table, const struct domain_wanted *wanted,
                             const struct domain_found *found, nonet_error *error) NONET_NODISCARD;
/* Sets are finished: sorted, untyped columns settled. */
nonet_status domain_find(struct table *table, const struct domain_wanted *wanted,
                         struct domain_found *found, struct progress *progress,
                         nonet_error *error) NONET_NODISCARD;
void domain_clear(struct domain_found *found);

#endif
