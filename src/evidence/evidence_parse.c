/*
 * Reading evidence back: the checks of a document that comes from outside.
 *
 * Cases:
 *  1. Not JSON: line and column from the parser.  2. Not an object, or another schema: what was
 * expected and found.
 *  3. A part missing or of another type: its path.  4. Newer optional fields are kept and ignored
 * (evidence/1 only gains fields).
 *  5. The digest is taken again: a document edited by hand is refused, since reports would show
 * numbers nobody measured.
 */
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "evidence/evidence_private.h"

struct part {
  const char *key;
  json_type type;
};

static const char *type_name(json_type type) {
  static const char *const names[] = {"an object", "an array", "a string", "an integer",
                                      "a number",  "true",     "false",    "null"};
  return names[type];
}

/* `type` JSON_REAL: a number or null. JSON_NULL: a string or null. JSON_TRUE: a boolean. */
static bool has_type(const json_t *value, json_type type) {
  switch (type) {
  case JSON_REAL:
    return json_is_number(value) || json_is_null(value);
  case JSON_NULL:
    return json_is_string(value) || json_is_null(value);
  case JSON_TRUE:
    return json_is_boolean(value);
  default:
    return value != NULL && json_typeof(value) == type;
  }
}

static nonet_status check_parts(const json_t *object, const struct part *parts, size_t n,
                                const char *source, const char *path, nonet_error *error) {
  for (size_t i = 0; i < n; i++) {
    const json_t *value = json_object_get(object, parts[i].key);
    if (!has_type(value, parts[i].type)) {
      return error_set(
          error, NONET_E_DATA,
          "%s: %s%s must be %s%s, found %s; the file is not evidence of nonet, or was edited",
          source, path, parts[i].key, type_name(parts[i].type),
          parts[i].type == JSON_REAL ? " or null"
                                     : (parts[i].type == JSON_NULL ? " or a string" : ""),
          value == NULL ? "nothing" : type_name(json_typeof(value)));
    }
  }
  return NONET_OK;
}

static nonet_status check_rows(const json_t *root, const char *list, const struct part *parts,
                               size_t n, const char *source, nonet_error *error) {
  const json_t *array = json_object_get(root, list);
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < json_array_size(array) && status == NONET_OK; i++) {
    char path[64];
    const json_t *row = json_array_get(array, i);
    snprintf(path, sizeof path, "%s[%zu].", list, i);
    if (!json_is_object(row)) {
      status = error_set(error, NONET_E_DATA, "%s: %s[%zu] must be an object, found %s", source,
                         list, i, type_name(json_typeof(row)));
    } else {
      status = check_parts(row, parts, n, source, path, error);
    }
  }
  return status;
}

static nonet_status check_document(const json_t *root, const char *source, nonet_error *error) {
  static const struct part top[] = {
      {"tool", JSON_OBJECT},   {"digest", JSON_STRING},    {"run", JSON_OBJECT},
      {"inputs", JSON_OBJECT}, {"measures", JSON_OBJECT},  {"estimates", JSON_ARRAY},
      {"curves", JSON_ARRAY},  {"judgements", JSON_ARRAY}, {"findings", JSON_ARRAY},
      {"actions", JSON_ARRAY}, {"verdict", JSON_OBJECT},   {"skipped", JSON_ARRAY},
      {"timings", JSON_ARRAY}};
  static const struct part estimate[] = {
      {"measure", JSON_STRING}, {"attribute", JSON_STRING}, {"role", JSON_STRING},
      {"scope", JSON_OBJECT},   {"value", JSON_REAL},       {"low", JSON_REAL},
      {"high", JSON_REAL},      {"level", JSON_REAL},       {"method", JSON_STRING},
      {"n", JSON_REAL},         {"n_effective", JSON_REAL}, {"notes", JSON_ARRAY}};
  static const struct part curve[] = {{"measure", JSON_STRING},
                                      {"role", JSON_STRING},
                                      {"scope", JSON_OBJECT},
                                      {"x", JSON_ARRAY},
                                      {"y", JSON_ARRAY}};
  static const struct part judgement[] = {{"measure", JSON_STRING},
                                          {"scope", JSON_OBJECT},
                                          {"kind", JSON_STRING},
                                          {"difference", JSON_REAL},
                                          {"low", JSON_REAL},
                                          {"high", JSON_REAL},
                                          {"margin", JSON_REAL},
                                          {"state", JSON_STRING},
                                          {"tier", JSON_INTEGER},
                                          {"p_safe", JSON_REAL},
                                          {"p_harmed_adjusted", JSON_REAL}};
  static const struct part finding[] = {{"id", JSON_STRING},       {"attribute", JSON_STRING},
                                        {"severity", JSON_STRING}, {"title", JSON_STRING},
                                        {"evidence", JSON_STRING}, {"hurts", JSON_ARRAY}};
  static const struct part action[] = {{"title", JSON_STRING},
                                       {"why", JSON_STRING},
                                       {"expected", JSON_STRING},
                                       {"command", JSON_NULL}};
  static const struct part skipped[] = {{"measure", JSON_STRING}, {"reason", JSON_STRING}};
  static const struct part verdict[] = {{"state", JSON_STRING}, {"because", JSON_ARRAY}};
#define CHECK_ROWS(list, parts)                                                                    \
  if (status == NONET_OK)                                                                          \
  status = check_rows(root, list, parts, sizeof parts / sizeof parts[0], source, error)
  nonet_status status = check_parts(root, top, sizeof top / sizeof top[0], source, "", error);
  CHECK_ROWS("estimates", estimate);
  CHECK_ROWS("curves", curve);
  CHECK_ROWS("judgements", judgement);
  CHECK_ROWS("findings", finding);
  CHECK_ROWS("actions", action);
  CHECK_ROWS("skipped", skipped);
#undef CHECK_ROWS
  return status == NONET_OK
             ? check_parts(json_object_get(root, "verdict"), verdict, 2, source, "verdict.", error)
             : status;
}

/* Case 5. */
static nonet_status check_digest(const json_t *root, const char *source, nonet_error *error) {
  char hex[HASH_HEX_BYTES];
  const char *stated = json_string_value(json_object_get(root, "digest"));
  nonet_status status = evidence_digest(root, hex, error);
  if (status == NONET_OK && strcmp(hex, stated) != 0) {
    status = error_set(error, NONET_E_DATA,
                       "%s: the digest says %.12s… but the numbers give %.12s…; the file was "
                       "changed after the run: make it again",
                       source, stated, hex);
  }
  return status;
}

nonet_status evidence_parse(const char *data, size_t size_bytes, const char *source,
                            struct evidence **evidence, nonet_error *error) {
  json_t *root = NULL;
  struct evidence *made = NULL;
  nonet_status status = json_text_parse(data, size_bytes, source, &root, error);
  *evidence = NULL;
  if (status == NONET_OK) {
    const char *schema = json_string_value(json_object_get(root, "schema"));
    if (schema == NULL || strcmp(schema, "nonet/evidence/1") != 0) {
      status = error_set(error, NONET_E_DATA,
                         "%s: expected \"schema\": \"nonet/evidence/1\", found %s%.60s%s", source,
                         schema == NULL ? "" : "\"", schema == NULL ? "none" : schema,
                         schema == NULL ? "" : "\"");
    }
  }
  if (status == NONET_OK) {
    status = check_document(root, source, error);
  }
  if (status == NONET_OK) {
    status = check_digest(root, source, error);
  }
  if (status == NONET_OK) {
    made = memory_zeroed(1, sizeof *made);
    if (made == NULL) {
      status = error_memory(error, sizeof *made, "the evidence");
    }
  }
  if (status == NONET_OK) {
    made->root = json_incref(root);
    made->is_finished = true;
    *evidence = made;
  }
  json_decref(root);
  return status;
}
