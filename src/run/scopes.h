/* Scopes: all rows, every group of every group column, their intersections up to a depth; each also
 * by class where the task has classes. */
#ifndef RUN_SCOPES_H
#define RUN_SCOPES_H

#include "evidence/evidence.h"
#include "table/roles.h"

struct scope {
  struct evidence_scope as_written; /* borrows from the roles and from this struct */
  char *name;                       /* of columns that are crossed */
  bool *in_scope;                   /* [n_cells] */
  int class_index;                  /* −1: every class together */
  unsigned columns; /* 0; else every group of these columns of the roles (a bit each), crossed, for
                       one number over them */
};

struct scopes {
  struct scope *scope; /* [n]: all first, then groups by depth, columns and values, after each its
                          classes; then the columns and their crossings, smaller sets first */
  size_t n;
};

/* with_classes: also one scope per class (multiclass). depth: columns crossed at most. */
nonet_status scopes_list(const struct roles *roles, size_t depth, bool with_classes,
                         struct scopes *scopes, nonet_error *error) NONET_NODISCARD;
void scopes_clear(struct scopes *scopes);

#endif
