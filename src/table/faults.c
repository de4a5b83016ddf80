/* What is wrong with the rows, in words: the column, the row (and the line of a CSV file), the
 * value, how many. */
#include "table/faults.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "table/csvrel.h"

void faults_add(struct faults *faults, enum fault_kind kind, size_t binding, uint64_t row,
                const char *value) {
  size_t i = 0;
  while (i < faults->n && (faults->item[i].kind != kind || faults->item[i].binding != binding))
    i++;
  if (i == FAULTS_MOST)
    i--; /* more columns are wrong than anybody reads about */
  struct fault *fault = &faults->item[i];
  if (i == faults->n) {
    *fault = (struct fault){.kind = kind, .binding = binding, .row = UINT64_MAX};
    faults->n++;
  }
  fault->n++;
  if (row < fault->row) {
    fault->row = row;
    snprintf(fault->value, sizeof fault->value, "%s", value);
  }
}

void faults_merge(struct faults *into, const struct faults *other) {
  for (size_t k = 0; k < other->n; k++) {
    const struct fault *fault = &other->item[k];
    faults_add(into, fault->kind, fault->binding, fault->row, fault->value);
    for (size_t i = 0; i < into->n; i++)
      if (into->item[i].kind == fault->kind && into->item[i].binding == fault->binding)
        into->item[i].n += fault->n - 1;
  }
}

static const char *advice(const struct fault *fault, const struct roles *roles, size_t label) {
  switch (fault->kind) {
  case FAULT_LABEL_OUTSIDE:
    return roles->n_scores > 1 ? "; name the classes of the score columns with --classes" : "";
  case FAULT_NULL:
  case FAULT_NOT_FINITE:
    return fault->binding == label ? "" : "; --invalid drop leaves such rows out and counts them";
  default:
    return "";
  }
}

static void describe(struct text *text, const struct fault *fault, const struct roles *roles) {
  switch (fault->kind) {
  case FAULT_LABEL_OUTSIDE:
  case FAULT_PREDICTION_OUTSIDE:
    text_printf(text, "'%s' is none of the %zu classes (", fault->value, roles->n_classes);
    for (size_t c = 0; c < roles->n_classes && c < 10; c++)
      text_printf(text, "%s'%.40s'", c ? ", " : "", roles->classes[c] ? roles->classes[c] : "?");
    text_append(text, roles->n_classes > 10 ? ", …)" : ")");
    return;
  case FAULT_NULL:
    text_append(text, "null where a value is needed");
    return;
  case FAULT_NOT_FINITE:
    text_printf(text, "%s where a finite number is needed", fault->value);
    return;
  case FAULT_LIST_LENGTH:
    text_printf(text, "a list of %s numbers where %zu (one per class) are needed", fault->value,
                roles->n_classes);
    return;
  case FAULT_NEGATIVE:
    text_printf(text, "the weight %s is negative", fault->value);
    return;
  case FAULT_CELL_CHANGED:
    text_append(text,
                "a value that was not there a moment ago: the source changed while it was read");
    return;
  case FAULT_BROKEN:
    text_append(text, "the data are broken");
    return;
  }
}

nonet_status faults_report(const struct faults *faults, const struct table *table,
                           const struct roles *roles, nonet_error *error) {
  const struct fault *first = NULL;
  for (size_t i = 0; i < faults->n; i++) {
    const struct fault *fault = &faults->item[i];
    if (!first || fault->row < first->row ||
        (fault->row == first->row && fault->kind < first->kind) ||
        (fault->row == first->row && fault->kind == first->kind && fault->binding < first->binding))
      first = fault;
  }
  if (!first)
    return NONET_OK;
  struct text text = {0};
  text_printf(&text, "%s: column '%.120s', data row %llu", table->name,
              table->plan.bindings[first->binding].request, (unsigned long long)first->row);
  if (table->kind == SOURCE_CSV)
    csvrel_line(table, first->row, &text);
  text_append(&text, ": ");
  describe(&text, first, roles);
  text_append(&text, " (");
  text_grouped(&text, first->n);
  text_printf(&text, " such row%s)%s", first->n == 1 ? "" : "s",
              advice(first, roles, table->plan.label));
  nonet_status status =
      error_set(error, NONET_E_DATA, "%s", text.data ? text.data : "invalid values");
  text_clear(&text);
  return status;
}
