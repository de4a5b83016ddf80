/* Groups × classes: the estimates of `data` that say how much is known of a group's class, as
 * tables. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include <stdbool.h>

#include <jansson.h>

/* Those estimates of the candidate, borrowed rows in a new array; NULL when memory is short. */
json_t *cells_of(const json_t *root);

/* Are two cells of one table: the same measure over the same columns. */
bool cells_are_of_table(const json_t *cell, const json_t *other);

/* No earlier cell of its table is of the same table, group or class. */
enum cells_likeness { CELLS_TABLE, CELLS_GROUP, CELLS_CLASS };
bool cells_is_first(const json_t *cells, size_t i, enum cells_likeness likeness);

/* The cell of the group of `group` and this class; NULL when there is none. */
const json_t *cells_at(const json_t *cells, const json_t *group, const char *name);

const char *cells_class(const json_t *cell);
/* Its scope without the class: {"kind": "group", "by": …}, new. */
json_t *cells_group(const json_t *cell);

/* Half the width of the interval of a share in this cell: the value itself where it is exact, as
 * data.group_by_class is, else half of high − low. */
double cells_half(const json_t *cell);

#endif
