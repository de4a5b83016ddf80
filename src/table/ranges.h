/*
 * A numeric group column as ranges: edges stated behind its name ("age:25,45,65"), or found where a
 * column of numbers has more than RANGES_FEW values. With edges e_1 < … < e_n the ranges are under
 * e_1, [e_1, e_2), …, e_n or more: n + 1 of them, in this order. Immutable once made; the caller
 * clears it.
 */
#ifndef TABLE_RANGES_H
#define TABLE_RANGES_H

#include "base/text.h"
#include "table/value.h"

#define RANGES_FEW 20    /* values that may all be groups */
#define RANGES_ROWS 1000 /* so many rows of integers, no two alike: an id */

struct ranges {
  double *edge; /* [n] ascending; n = 0: no ranges, values are groups */
  size_t n;
  char *rule; /* "by quartiles, rounded to 2: 28, 38, 48" */
};

/* How much of "age:25,45" is the name: all of it when no edges stand behind it. */
size_t ranges_name_length(const char *item);
/* The edges of "age:25,45"; none gives n = 0. Edges that do not ascend: NONET_E_USAGE. */
nonet_status ranges_read(const char *item, struct ranges *ranges,
                         nonet_error *error) NONET_NODISCARD;
/* "age:25", "45", "65", as a comma list is split, are one item again: *n items are left. */
nonet_status ranges_join(char **item, size_t *n, nonet_error *error) NONET_NODISCARD;
void ranges_clear(struct ranges *ranges);

#define RANGES_NULL UINT32_MAX /* of null and of NaN */
#define RANGES_NO_NUMBER (UINT32_MAX - 1)

/* The range of a value, from 0. */
uint32_t ranges_code(const struct ranges *ranges, const struct value *value);
/* "under 25", "[25, 45)", "65 or more". */
void ranges_name(const struct ranges *ranges, size_t k, struct text *name);

struct table;
/* The edges of a column of numbers, by a pass over it; n = 0 when it holds anything else, or at
 * most RANGES_FEW values. Rows where `not_null` is null do not count. An id, or part of a source
 * (whose edges the other parts cannot know): NONET_E_DATA asking for edges. */
nonet_status ranges_find(struct table *table, size_t binding, size_t not_null, bool is_part,
                         struct ranges *ranges, nonet_error *error) NONET_NODISCARD;

#endif
