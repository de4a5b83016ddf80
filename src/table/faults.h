/* Values that cannot be used: the first of each kind, and how many. Added over workers without
 * regard to order. */
#ifndef TABLE_FAULTS_H
#define TABLE_FAULTS_H

#include "table/tableparts.h"

enum fault_kind { /* in the order a row is looked at */
                  FAULT_LABEL_OUTSIDE,
                  FAULT_NULL,
                  FAULT_NOT_FINITE,
                  FAULT_LIST_LENGTH,
                  FAULT_PREDICTION_OUTSIDE,
                  FAULT_NEGATIVE,
                  FAULT_CELL_CHANGED,
                  FAULT_BROKEN
};

struct fault {
  enum fault_kind kind;
  size_t binding;
  uint64_t n, row; /* how many; the first data row */
  char value[64];
};

#define FAULTS_MOST 64

struct faults {
  struct fault item[FAULTS_MOST];
  size_t n;
};

void faults_add(struct faults *faults, enum fault_kind kind, size_t binding, uint64_t row,
                const char *value);
void faults_merge(struct faults *into, const struct faults *other);
/* The message of the smallest row; NONET_OK when there is none. */
nonet_status faults_report(const struct faults *faults, const struct table *table,
                           const struct roles *roles, nonet_error *error);

#endif
