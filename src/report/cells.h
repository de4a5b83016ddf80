/* Groups × classes: the estimates of `data` that say how much is known of a group's class, as
 * tables. */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include <jansson.h>

/* The tables in a new array; NULL when memory is short. Each is
 * {"first": its first cell, "classes": {class: true}, "groups": {key: {class: cell}}}, in the
 * order of the evidence; a class that a group has no row of is not in it. */
json_t *cells_tables(const json_t *root);

/* The scope of a cell without the class: {"kind": "group", "by": …}, new. */
json_t *cells_group(const json_t *cell);

/* Half the width of the interval of a share in this cell: the value itself where it is exact, as
 * data.group_by_class is, else half of high − low. */
double cells_half(const json_t *cell);

#endif
