/*
 * Keeping a run: the document as it is, and the rows that history and looks ask for.
 *
 * Cases:
 *  1. One transaction: another process sees all of a run or nothing of it, and so does whoever
 *     comes after a kill or a full disk.
 *  2. The same document again (its id is the hash of its content): nothing changes.
 *  3. A look whose number was taken meanwhile by other rows: nothing is written (store_look.c).
 *  4. Several estimates with one measure, scope and role (several candidates): the first is the
 *     one in history; the document keeps all.
 */
#include <math.h>
#include <string.h>

#include <zstd.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "evidence/store_private.h"

#define KEEPING "keeping a run in"

static const char *field(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static double real(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

static nonet_status pack(const json_t *root, struct text *json, void **packed, size_t *packed_bytes,
                         nonet_error *error) {
  json_text_write(json, root, JSON_TEXT_COMPACT);
  if (json->failed) {
    return error_memory(error, json->length, "the run to keep");
  }
  if (json->length > STORE_DOCUMENT_BYTES) {
    return error_set(error, NONET_E_DATA,
                     "the document has %zu bytes, a store keeps up to %d: measure fewer groups at "
                     "once",
                     json->length, STORE_DOCUMENT_BYTES);
  }
  size_t room = ZSTD_compressBound(json->length);
  *packed = memory_new(room, 1);
  if (*packed == NULL) {
    return error_memory(error, room, "the run to keep");
  }
  *packed_bytes = ZSTD_compress(*packed, room, json->data, json->length, 3);
  return ZSTD_isError(*packed_bytes) ? error_memory(error, room, "the run to keep") : NONET_OK;
}

static nonet_status write_run(struct store *store, const json_t *root, int64_t *place,
                              nonet_error *error) {
  const json_t *run = json_object_get(root, "run"), *verdict = json_object_get(root, "verdict");
  struct text json = {0};
  struct store_query query = {.store = store};
  void *packed = NULL;
  size_t packed_bytes = 0;
  nonet_status status = pack(root, &json, &packed, &packed_bytes, error);
  if (status == NONET_OK) {
    store_query_init(&query, store, KEEPING,
                     "INSERT INTO runs (id, started, command, context, context_version, verdict, "
                     "digest, n_bytes, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    store_bind_text(&query, 1, field(run, "id"));
    store_bind_text(&query, 2, field(run, "started"));
    store_bind_text(&query, 3, field(run, "command"));
    store_bind_text(&query, 4, field(verdict, "context"));
    store_bind_whole(&query, 5, json_integer_value(json_object_get(verdict, "context_version")));
    store_bind_text(&query, 6, field(verdict, "state"));
    store_bind_text(&query, 7, field(root, "digest"));
    store_bind_whole(&query, 8, (int64_t)json.length);
    store_bind_blob(&query, 9, packed, packed_bytes);
    store_do(&query);
    *place = sqlite3_last_insert_rowid(store->database);
    status = store_query_end(&query, error);
  }
  text_clear(&json);
  memory_free(packed);
  return status;
}

static nonet_status write_models(struct store *store, const json_t *models, int64_t place,
                                 nonet_error *error) {
  struct store_query query;
  store_query_init(&query, store, KEEPING,
                   "INSERT INTO models (run, position, role, kind, path, sha256) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  for (size_t i = 0; i < json_array_size(models); i++) {
    const json_t *row = json_array_get(models, i);
    store_bind_whole(&query, 1, place);
    store_bind_whole(&query, 2, (int64_t)i);
    store_bind_text(&query, 3, field(row, "role"));
    store_bind_text(&query, 4, field(row, "kind"));
    store_bind_text(&query, 5, field(row, "path"));
    store_bind_text(&query, 6, field(row, "sha256"));
    store_do(&query);
  }
  return store_query_end(&query, error);
}

static nonet_status write_data(struct store *store, const json_t *data, int64_t place,
                               nonet_error *error) {
  struct store_query query;
  store_query_init(&query, store, KEEPING,
                   "INSERT INTO data (run, position, role, source, sha256, rows_used) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  for (size_t i = 0; i < json_array_size(data); i++) {
    const json_t *row = json_array_get(data, i);
    store_bind_whole(&query, 1, place);
    store_bind_whole(&query, 2, (int64_t)i);
    store_bind_text(&query, 3, field(row, "role"));
    store_bind_text(&query, 4, field(row, "source"));
    store_bind_text(&query, 5, field(row, "sha256"));
    store_bind_whole(&query, 6, json_integer_value(json_object_get(row, "rows_used")));
    store_do(&query);
  }
  return store_query_end(&query, error);
}

static nonet_status write_estimates(struct store *store, const json_t *estimates, int64_t place,
                                    nonet_error *error) {
  static const char *const numbers[] = {"value", "low", "high", "level", "n"};
  struct store_query query;
  struct text scope = {0};
  store_query_init(&query, store, KEEPING,
                   "INSERT OR IGNORE INTO estimates "
                   "(run, measure, scope, role, value, low, high, level, n) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"); /* case 4 */
  for (size_t i = 0; i < json_array_size(estimates) && query.rc == SQLITE_OK; i++) {
    const json_t *row = json_array_get(estimates, i);
    scope.length = 0;
    text_append(&scope, "");
    store_scope_text(&scope, json_object_get(row, "scope"));
    if (scope.failed) {
      query.rc = SQLITE_NOMEM;
    }
    store_bind_whole(&query, 1, place);
    store_bind_text(&query, 2, field(row, "measure"));
    store_bind_text(&query, 3, scope.data);
    store_bind_text(&query, 4, field(row, "role"));
    for (int k = 0; k < 5; k++) {
      store_bind_real(&query, 5 + k, real(row, numbers[k]));
    }
    store_do(&query);
  }
  text_clear(&scope);
  return store_query_end(&query, error);
}

/* Case 2. */
static nonet_status is_kept(struct store *store, const json_t *root, bool *is_there,
                            nonet_error *error) {
  const char *id = field(json_object_get(root, "run"), "id");
  struct store_query query;
  bool is_same = true;
  store_query_init(&query, store, KEEPING, "SELECT digest FROM runs WHERE id = ?1");
  store_bind_text(&query, 1, id);
  *is_there = store_next(&query);
  if (*is_there) {
    char *digest = store_column_text(&query, 0);
    is_same = digest != NULL && strcmp(digest, field(root, "digest")) == 0;
    memory_free(digest);
  }
  nonet_status status = store_query_end(&query, error);
  if (status == NONET_OK && !is_same) {
    status =
        error_set(error, NONET_E_DATA, "%s: another run with the id %.12s is kept there; run again",
                  store->path, id);
  }
  return status;
}

static nonet_status write_all(struct store *store, const json_t *root,
                              const struct store_look_put *look, nonet_error *error) {
  const json_t *inputs = json_object_get(root, "inputs");
  int64_t place = 0;
  nonet_status status = write_run(store, root, &place, error);
  if (status == NONET_OK) {
    status = write_models(store, json_object_get(inputs, "models"), place, error);
  }
  if (status == NONET_OK) {
    status = write_data(store, json_object_get(inputs, "data"), place, error);
  }
  if (status == NONET_OK) {
    status = write_estimates(store, json_object_get(root, "estimates"), place, error);
  }
  if (status == NONET_OK && look != NULL) {
    status = store_look_write(store, look, field(json_object_get(root, "run"), "id"),
                              field(json_object_get(root, "verdict"), "state"), error);
  }
  return status;
}

nonet_status store_put(struct store *store, const struct evidence *evidence,
                       const struct store_look_put *look, nonet_error *error) {
  bool is_there = false;
  if (store == NULL) {
    return NONET_OK;
  }
  if (!evidence->is_finished) {
    return error_set(error, NONET_E_INTERNAL, "a run is kept before it is finished");
  }
  nonet_status status = store_run_sql(store, KEEPING, "BEGIN IMMEDIATE", error); /* case 1 */
  if (status != NONET_OK) {
    return status;
  }
  status = is_kept(store, evidence->root, &is_there, error);
  if (status == NONET_OK && !is_there) {
    status = write_all(store, evidence->root, look, error);
  }
  if (status == NONET_OK) {
    status = store_run_sql(store, KEEPING, "COMMIT", error);
  }
  if (status != NONET_OK) {
    sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  }
  return status;
}
