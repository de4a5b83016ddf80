/*
 * Binding roles to columns.
 *
 * Cases: 1. An exact name goes first, whatever characters it has. 2. A name that occurs twice is an
 * error when it is asked for.
 * 3. A bare identifier that is no column is an error with near names, never SQL. 4. Anything else
 * is one scalar expression, checked before use, for the embedded engine alone. 5. A type that has
 * no name of its own here (times, intervals, UUIDs …) is read as text.
 */
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/csvrel.h"
#include "table/sqlexpr.h"
#include "table/tableparts.h"

void plan_clear(struct plan *plan) {
  for (size_t i = 0; i < plan->n_bindings; i++) {
    memory_free(plan->bindings[i].request);
    arrow_type_clear(&plan->bindings[i].type);
  }
  memory_free(plan->bindings);
  memory_free(plan->scores[STREAM_A]);
  memory_free(plan->scores[STREAM_B]);
  for (size_t g = 0; plan->ranges != NULL && g < plan->n_groups; g++)
    ranges_clear(&plan->ranges[g]);
  memory_free(plan->ranges);
  memory_free(plan->groups);
  memory_free(plan->in_expression);
  memset(plan, 0, sizeof *plan);
}

static nonet_status no_column(const struct table *table, const char *request, const char *role,
                              nonet_error *error) {
  struct text near = {0};
  text_suggestion(&near, request, (const char *const *)table->column_names, table->n_columns);
  if (!near.length) {
    text_append(&near, "; it has ");
    for (size_t i = 0; i < table->n_columns && near.length < 300; i++)
      text_printf(&near, "%s'%.60s'", i ? ", " : "", table->column_names[i]);
    if (table->n_columns == 0)
      text_append(&near, "no columns");
  }
  nonet_status status = error_set(error, NONET_E_DATA, "%s: %s has no column '%.200s'%s", role,
                                  table->name, request, near.data ? near.data : "");
  text_clear(&near);
  return status;
}

static size_t count_named(const struct table *table, const char *name, size_t *first) {
  size_t n = 0;
  *first = SIZE_MAX;
  for (size_t i = 0; i < table->n_columns; i++)
    if (strcmp(table->column_names[i], name) == 0) {
      *first = n ? *first : i;
      n++;
    }
  return n;
}

static nonet_status twice(const struct table *table, const char *name, size_t n, const char *role,
                          nonet_error *error) {
  return error_set(error, NONET_E_DATA,
                   "%s: %s has %zu columns named '%s'; rename them so that one can be meant", role,
                   table->name, n, name);
}

/* Case 4. */
static nonet_status check_expression(struct table *table, const char *request, const char *role,
                                     nonet_error *error) {
  struct plan *plan = &table->plan;
  if (!table->engine || !engine_is_embedded(table->engine) || table->kind == SOURCE_IPC)
    return error_set(error, NONET_E_DATA,
                     "%s: %s has no column '%.200s'; SQL expressions work on CSV, Parquet, JSON "
                     "and --query of the embedded engine only",
                     role, table->name, request);
  bool *used = memory_zeroed(table->n_columns + 1, sizeof *used);
  if (!plan->in_expression)
    plan->in_expression = memory_zeroed(table->n_columns + 1, sizeof *used);
  nonet_status status = NONET_OK;
  if (!used || !plan->in_expression)
    status = error_memory(error, table->n_columns, "an expression");
  if (!status) {
    status = sqlexpr_check(table->engine, request, (const char *const *)table->column_names,
                           table->n_columns, used, error);
    if (status)
      status = error_context(error, status, "%s", role);
  }
  for (size_t i = 0; i < table->n_columns && !status; i++) {
    size_t first, n = used[i] ? count_named(table, table->column_names[i], &first) : 0;
    if (n > 1)
      status = twice(table, table->column_names[i], n, role, error);
    plan->in_expression[i] |= used[i];
  }
  memory_free(used);
  return status;
}

nonet_status plan_bind(struct table *table, const char *request, enum binding_use use,
                       const char *role, size_t *binding, nonet_error *error) {
  struct plan *plan = &table->plan;
  for (size_t i = 0; i < plan->n_bindings; i++)
    if (plan->bindings[i].use == use && strcmp(plan->bindings[i].request, request) == 0) {
      *binding = i;
      return NONET_OK;
    }
  size_t column, n = count_named(table, request, &column);
  nonet_status status = NONET_OK;
  if (n > 1)
    status = twice(table, request, n, role, error);
  else if (n == 0 && sqlexpr_is_bare(request))
    status = no_column(table, request, role, error);
  else if (n == 0)
    status = check_expression(table, request, role, error);
  if (status)
    return status;
  void *bindings = plan->bindings;
  bool fits = memory_grow(&bindings, &plan->capacity, plan->n_bindings + 1, sizeof *plan->bindings);
  plan->bindings = bindings;
  char *copy = fits ? memory_text(request) : NULL;
  if (!copy)
    return error_memory(error, strlen(request), "a role");
  *binding = plan->n_bindings;
  plan->bindings[plan->n_bindings++] =
      (struct binding){.request = copy, .column = n ? column : SIZE_MAX, .use = use};
  return NONET_OK;
}

nonet_status plan_bind_columns(struct table *table, const char *const *requests, size_t n,
                               const char *what, size_t *bindings, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < n && !status; i++)
    status = plan_bind(table, requests[i], USE_CATEGORY, what, &bindings[i], error);
  if (status || table->kind != SOURCE_CSV)
    return status;
  struct plan *plan = &table->plan;
  if (!plan->in_expression)
    plan->in_expression = memory_zeroed(table->n_columns + 1, sizeof *plan->in_expression);
  if (!plan->in_expression)
    return error_memory(error, table->n_columns, "the types of columns");
  for (size_t i = 0; i < n; i++) {
    size_t column = plan->bindings[bindings[i]].column;
    if (column != SIZE_MAX)
      plan->in_expression[column] = true;
  }
  return NONET_OK;
}

nonet_status plan_settle_types(struct table *table, nonet_error *error) {
  struct plan *plan = &table->plan;
  size_t *all = memory_new(plan->n_bindings + 1, sizeof *all);
  if (!all)
    return error_memory(error, plan->n_bindings * sizeof *all, "the roles");
  for (size_t i = 0; i < plan->n_bindings; i++)
    all[i] = i;
  bool again = true;
  nonet_status status = NONET_OK;
  for (int round = 0; round < 2 && again && !status; round++) {
    struct scan scan;
    again = false;
    status = scan_open(&scan, table, all, plan->n_bindings, SCAN_TYPES, NO_BINDING, 0, error);
    for (size_t i = 0; i < plan->n_bindings && !status; i++) {
      struct binding *binding = &plan->bindings[i];
      arrow_type_clear(&binding->type);
      binding->type = scan.types[i];
      scan.types[i] = (struct arrow_type){0};
      bool is_csv_text = table->kind == SOURCE_CSV && binding->type.kind == ARROWCOL_TEXT;
      binding->is_untyped = is_csv_text && binding->column != SIZE_MAX;
      if (binding->type.kind == ARROWCOL_OTHER && binding->use != USE_NUMBER &&
          !binding->cast_text && (table->kind == SOURCE_ENGINE || table->kind == SOURCE_CSV))
        again = binding->cast_text = true;
    }
    scan_close(&scan);
  }
  memory_free(all);
  return status;
}
