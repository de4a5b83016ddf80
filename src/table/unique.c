/*
 * Ids must be unique. Through SQL where there is SQL (the engine sorts on disk when memory is
 * short); else by sorting the keys, which are a bijection of integers and a 64-bit hash of texts
 * (two of 1e8 different texts collide with probability 3e-4, and then the message names a duplicate
 * that is none).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "table/tableparts.h"

struct keys {
  uint64_t *key;
  size_t n, capacity;
};

static int compare_keys(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static nonet_status duplicate(const struct table *table, const char *column, const char *value,
                              uint64_t n_extra, nonet_error *error) {
  return error_set(error, NONET_E_DATA,
                   "--id: column '%s' of %s is not unique: %s%s%s (%llu rows too many)", column,
                   table->name, value ? "'" : "", value ? value : "some values occur twice",
                   value ? "' occurs twice or more" : "", (unsigned long long)n_extra);
}

static bool add_keys(struct keys *keys, const struct arrowcol *column) {
  void *key = keys->key;
  bool fits =
      memory_grow(&key, &keys->capacity, keys->n + (size_t)column->length, sizeof *keys->key);
  keys->key = key;
  char buffer[ARROWCOL_TEXT_BYTES];
  for (int64_t i = 0; fits && i < column->length; i++) {
    struct value value = arrowcol_value(column, i, buffer);
    if (value.kind != VALUE_NULL) /* nulls are the pass's to name */
      keys->key[keys->n++] = value_key(&value);
  }
  return fits;
}

/* Finds a value with the key, for the message. */
static nonet_status name_duplicate(struct table *table, size_t id, uint64_t key, uint64_t n_extra,
                                   nonet_error *error) {
  struct scan scan;
  const char *column = table->plan.bindings[id].request;
  nonet_status status = scan_open(&scan, table, &id, 1, SCAN_ROWS, NO_BINDING, 0, error);
  for (bool found = false; !status && !found;) {
    struct ArrowArray array;
    struct arrowcol values;
    bool owned;
    status = scan_next(&scan, &array, &owned, error);
    if (status || !array.release)
      break;
    char buffer[ARROWCOL_TEXT_BYTES], name_buffer[VALUE_NAME_BYTES], shown[128];
    bool bound = arrowcol_bind(&values, &scan.types[0], array.children[scan.child[0]]);
    values.offset += array.offset;
    for (int64_t i = 0; bound && i < array.length && !found; i++) {
      struct value value = arrowcol_value(&values, i, buffer);
      const char *name;
      size_t length;
      if (value.kind == VALUE_NULL || value_key(&value) != key)
        continue;
      value_name(&value, name_buffer, &name, &length);
      snprintf(shown, sizeof shown, "%.*s", (int)(length < 100 ? length : 100), name);
      status = duplicate(table, column, shown, n_extra, error);
      found = true;
    }
    if (owned)
      array.release(&array);
  }
  scan_close(&scan);
  return status ? status : duplicate(table, column, NULL, n_extra, error);
}

static nonet_status check_keys(struct table *table, size_t id, nonet_error *error) {
  struct scan scan;
  struct keys keys = {0};
  nonet_status status = scan_open(&scan, table, &id, 1, SCAN_ROWS, NO_BINDING, 0, error);
  while (!status) {
    struct ArrowArray array;
    struct arrowcol column;
    bool owned;
    status = scan_next(&scan, &array, &owned, error);
    if (status || !array.release)
      break;
    if (scan.child[0] >= (size_t)array.n_children ||
        !arrowcol_bind(&column, &scan.types[0], array.children[scan.child[0]]) ||
        column.length < array.length + array.offset) {
      status = error_set(error, NONET_E_DATA, "%s: " ARROWCOL_BROKEN, table->name,
                         table->plan.bindings[id].request);
    } else {
      column.offset += array.offset;
      column.length = array.length;
      if (!add_keys(&keys, &column))
        status = error_memory(error, (size_t)column.length * 8, "the ids");
    }
    if (owned)
      array.release(&array);
  }
  scan_close(&scan);
  uint64_t n_extra = 0, first = 0;
  if (!status && keys.n > 1)
    qsort(keys.key, keys.n, sizeof *keys.key, compare_keys);
  for (size_t i = 1; !status && i < keys.n; i++)
    if (keys.key[i] == keys.key[i - 1]) {
      first = n_extra++ ? first : keys.key[i];
    }
  memory_free(keys.key);
  return status || !n_extra ? status : name_duplicate(table, id, first, n_extra, error);
}

struct answer {
  struct text value;
  uint64_t n;
};

/* Rows: the number of extra rows, then one value. */
static nonet_status take_answer(void *context, const char *text, size_t length,
                                nonet_error *error) {
  (void)error;
  struct answer *answer = context;
  if (answer->n == 0)
    answer->n = strtoull(text, NULL, 10) + 1;
  else
    text_append_n(&answer->value, text, length < 100 ? length : 100);
  return NONET_OK;
}

nonet_status unique_check(struct table *table, size_t id, nonet_error *error) {
  if (table->kind != SOURCE_CSV && table->kind != SOURCE_ENGINE)
    return check_keys(table, id, error);
  struct text rows = {0}, sql = {0};
  nonet_status status = scan_sql(table, id, &rows, error);
  text_printf(&sql,
              "WITH v AS (SELECT nonet_0 AS v, count(*) AS n FROM (%s) WHERE nonet_0 IS NOT NULL "
              "GROUP BY nonet_0 HAVING count(*) > 1) "
              "SELECT t FROM (SELECT 0 AS o, coalesce(sum(n - 1), 0)::BIGINT::VARCHAR AS t FROM v "
              "UNION ALL SELECT 1, min(v)::VARCHAR FROM v "
              "HAVING count(*) > 0) ORDER BY o",
              rows.data ? rows.data : "");
  struct answer answer = {{0}, 0};
  if (!status && (sql.failed || rows.failed))
    status = error_memory(error, sql.length, "a query");
  if (!status) {
    status = engine_each_text(table->engine, sql.data, take_answer, &answer, error);
    if (status)
      status = error_context(error, status, "%s", table->name);
  }
  if (!status && answer.n > 1)
    status = duplicate(table, table->plan.bindings[id].request,
                       answer.value.data ? answer.value.data : "", answer.n - 1, error);
  text_clear(&answer.value);
  text_clear(&rows);
  text_clear(&sql);
  return status;
}
