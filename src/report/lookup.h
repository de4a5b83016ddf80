/* Estimates found by what they are: measure, role and scope, in one step however many there are. */
#ifndef REPORT_LOOKUP_H
#define REPORT_LOOKUP_H

#include <stdbool.h>

#include <jansson.h>

struct lookup {
  json_t *blocks;   /* measure and role to their rows, in order */
  json_t *by_scope; /* measure and role to {scope: row}, made when the block is first asked for */
  bool failed;      /* memory was short: what is not found may be there */
};

/* Borrows the rows, an array of estimates or NULL for none. False when memory is short; close it
 * then too. */
bool lookup_open(struct lookup *lookup, const json_t *rows);
void lookup_close(struct lookup *lookup);
/* The first such row; NULL when there is none. */
const json_t *lookup_find(struct lookup *lookup, const char *measure, const char *role,
                          const json_t *scope);

#endif
