/*
 * Reading runs back: one document, the list of runs, one measure over runs.
 *
 * Cases:
 *  1. A prefix that is no hexadecimal, too short, of no run, of several: each with what to do.
 *  2. A document that does not unpack, is larger than it says, or is no evidence (evidence_parse
 *     checks its parts and its digest): NONET_E_DATA with the run's id; the other runs stay
 *     readable.
 *  3. A measure that no run has: near names of those that have.
 *  4. No store (NULL): no run.
 */
#include <math.h>
#include <string.h>

#include <zstd.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "base/text.h"
#include "evidence/store_private.h"

#define READING "reading"
#define PREFIX_LEAST 4

/* ---- scopes in ids ---- */

/* Quoted where a comma list would be misread, or a null group be meant. */
static void append_word(struct text *text, const char *word) {
  bool is_plain = word[0] != '\0' && strpbrk(word, " ,={}\"'") == NULL && strcmp(word, "null") != 0;
  text_append(text, is_plain ? "" : "\"");
  for (const char *c = word; *c != '\0'; c++) {
    text_append(text, *c == '"' ? "\"" : ""); /* doubled inside */
    text_append_n(text, c, 1);
  }
  text_append(text, is_plain ? "" : "\"");
}

void store_scope_text(struct text *text, const json_t *scope) {
  const char *kind = json_string_value(json_object_get(scope, "kind"));
  const char *class_name = json_string_value(json_object_get(scope, "class"));
  json_t *by = json_object_get(scope, "by"), *value;
  const char *column, *comma = "{";
  if (scope == NULL || (kind != NULL && strcmp(kind, "all") == 0)) {
    return;
  }
  if (kind == NULL || (strcmp(kind, "group") != 0 && strcmp(kind, "class") != 0)) {
    json_text_write(text, scope, JSON_TEXT_CANONICAL);
    return;
  }
  json_object_foreach(by, column, value) {
    text_append(text, comma);
    append_word(text, column);
    text_append(text, "=");
    if (json_is_string(value)) {
      append_word(text, json_string_value(value));
    } else {
      text_append(text, "null");
    }
    comma = ",";
  }
  if (class_name != NULL) {
    text_printf(text, "%sclass=", comma);
    append_word(text, class_name);
  }
  text_append(text, "}");
}

/* ---- one document ---- */

/* Case 1. */
static nonet_status check_prefix(const char *prefix, nonet_error *error) {
  size_t length = strlen(prefix);
  if (length < PREFIX_LEAST || strspn(prefix, "0123456789abcdef") != length) {
    return error_set(error, NONET_E_USAGE,
                     "'%.80s' is no run id: expected its first %d or more of 12 digits 0-9 a-f, as "
                     "nonet history lists them",
                     prefix, PREFIX_LEAST);
  }
  return NONET_OK;
}

/* Case 2. */
static nonet_status unpack(const void *packed, size_t packed_bytes, int64_t n_bytes, char **json,
                           const char *name, nonet_error *error) {
  unsigned long long stated = ZSTD_getFrameContentSize(packed, packed_bytes);
  if (n_bytes < 0 || n_bytes > STORE_DOCUMENT_BYTES || stated != (unsigned long long)n_bytes) {
    return error_set(error, NONET_E_DATA,
                     "%s: the kept document is damaged: its size is not what "
                     "was written",
                     name);
  }
  *json = memory_new((size_t)n_bytes, 1);
  if (*json == NULL) {
    return error_memory(error, (size_t)n_bytes, "the kept run");
  }
  size_t made = ZSTD_decompress(*json, (size_t)n_bytes, packed, packed_bytes);
  if (ZSTD_isError(made) || made != (size_t)n_bytes) {
    return error_set(error, NONET_E_DATA, "%s: the kept document is damaged: %s", name,
                     ZSTD_isError(made) ? ZSTD_getErrorName(made) : "it is too short");
  }
  return NONET_OK;
}

static nonet_status take_document(struct store_query *query, struct evidence **evidence,
                                  nonet_error *error) {
  struct text name = {0};
  char *id = store_column_text(query, 0), *json = NULL;
  int64_t n_bytes = sqlite3_column_int64(query->statement, 1);
  const void *packed = sqlite3_column_blob(query->statement, 2);
  size_t packed_bytes = (size_t)sqlite3_column_bytes(query->statement, 2);
  nonet_status status = NONET_OK;
  text_printf(&name, "%s: run %s", query->store->path, id == NULL ? "" : id);
  if (query->rc != SQLITE_OK) {
    status = store_fail(query->store, query->rc, READING, error);
  } else if (name.failed) {
    status = error_memory(error, 0, "the kept run");
  } else {
    status = unpack(packed, packed_bytes, n_bytes, &json, name.data, error);
  }
  if (status == NONET_OK) {
    status = evidence_parse(json, (size_t)n_bytes, name.data, evidence, error);
  }
  text_clear(&name);
  memory_free(id);
  memory_free(json);
  return status;
}

nonet_status store_get(struct store *store, const char *prefix, struct evidence **evidence,
                       nonet_error *error) {
  struct store_query query;
  nonet_status status = check_prefix(prefix, error), ended;
  *evidence = NULL;
  if (status != NONET_OK) {
    return status;
  }
  if (store == NULL) { /* case 4 */
    return error_set(error, NONET_E_NO_INPUT,
                     "no run begins with %s: no run is kept; nonet check keeps its runs, or name a "
                     "store with --store",
                     prefix);
  }
  store_query_init(&query, store, READING,
                   "SELECT id, n_bytes, document, (SELECT count(*) FROM runs WHERE substr(id, 1, "
                   "?2) = ?1) FROM runs WHERE substr(id, 1, ?2) = ?1 LIMIT 1");
  store_bind_text(&query, 1, prefix);
  store_bind_whole(&query, 2, (int64_t)strlen(prefix));
  bool is_there = store_next(&query);
  int n = is_there ? sqlite3_column_int(query.statement, 3) : 0;
  if (n == 1) {
    status = take_document(&query, evidence, error);
  } else if (query.rc == SQLITE_OK) {
    status = n == 0 ? error_set(error, NONET_E_NO_INPUT,
                                "%s: no run begins with %s; nonet history lists them", store->path,
                                prefix)
                    : error_set(error, NONET_E_USAGE,
                                "%s: %d runs begin with %s; give more of the id (nonet history)",
                                store->path, n, prefix);
  }
  if (status != NONET_OK) {
    sqlite3_finalize(query.statement);
    return status;
  }
  ended = store_query_end(&query, error);
  if (ended != NONET_OK) {
    evidence_free(*evidence);
    *evidence = NULL;
  }
  return ended;
}

/* ---- lists ---- */

/* Of the rows of `models` or `data` that belong to run r, the first of a role. */
#define OF_MODEL(column, role)                                                                     \
  "(SELECT " column " FROM models WHERE run = r.place AND role = '" role "' LIMIT 1)"
#define OF_DATA(column)                                                                            \
  "(SELECT " column " FROM data WHERE run = r.place ORDER BY role <> 'test', position LIMIT 1)"

nonet_status store_list(struct store *store, struct store_runs *runs, nonet_error *error) {
  struct store_query query;
  size_t capacity = 0;
  *runs = (struct store_runs){0};
  if (store == NULL) {
    return NONET_OK;
  }
  store_query_init(
      &query, store, READING,
      "SELECT id, started, command, context, verdict, digest, " OF_MODEL(
          "path",
          "candidate") ", " OF_DATA("source") ", context_version, " OF_DATA("rows_used") " FROM "
                                                                                         "runs r "
                                                                                         "ORDER BY "
                                                                                         "started, "
                                                                                         "place");
  while (store_next(&query)) {
    if (!memory_grow((void **)&runs->run, &capacity, runs->n + 1, sizeof *runs->run)) {
      query.rc = SQLITE_NOMEM;
      break;
    }
    struct store_run *run = &runs->run[runs->n++];
    char **const texts[] = {&run->id,      &run->started, &run->command,   &run->context,
                            &run->verdict, &run->digest,  &run->candidate, &run->source};
    for (int k = 0; k < 8; k++) {
      *texts[k] = store_column_text(&query, k);
    }
    run->context_version = sqlite3_column_int(query.statement, 8);
    run->n_rows = (uint64_t)sqlite3_column_int64(query.statement, 9);
  }
  nonet_status status = store_query_end(&query, error);
  if (status != NONET_OK) {
    store_runs_clear(runs);
  }
  return status;
}

void store_runs_clear(struct store_runs *runs) {
  for (size_t i = 0; i < runs->n; i++) {
    struct store_run *run = &runs->run[i];
    char *const texts[] = {run->id,      run->started, run->command,   run->context,
                           run->verdict, run->digest,  run->candidate, run->source};
    for (int k = 0; k < 8; k++) {
      memory_free(texts[k]);
    }
  }
  memory_free(runs->run);
  *runs = (struct store_runs){0};
}

/* Case 3. */
static nonet_status unknown_measure(struct store *store, const char *asked, const char *base,
                                    nonet_error *error) {
  struct store_query query;
  struct text near = {0};
  const char **names = NULL;
  size_t n = 0, capacity = 0;
  bool is_known = false;
  store_query_init(&query, store, READING, "SELECT DISTINCT measure FROM estimates");
  while (store_next(&query)) {
    char *name = store_column_text(&query, 0);
    if (name != NULL && memory_grow((void **)&names, &capacity, n + 1, sizeof *names)) {
      is_known |= strcmp(name, base) == 0;
      names[n++] = name;
    } else {
      memory_free(name);
      query.rc = query.rc == SQLITE_OK ? SQLITE_NOMEM : query.rc;
    }
  }
  nonet_status status = store_query_end(&query, error);
  if (status == NONET_OK) {
    text_append(&near, "");
    if (!is_known) {
      text_suggestion(&near, base, names, n);
    }
    status = error_set(error, NONET_E_DATA, "%s: no run has %.200s%s%s", store->path, asked,
                       is_known ? ": the measure is there, this scope of it is not" : "",
                       near.data == NULL ? "" : near.data);
  }
  for (size_t i = 0; i < n; i++) {
    memory_free((char *)names[i]);
  }
  memory_free(names);
  text_clear(&near);
  return status;
}

static void take_point(struct store_query *query, struct store_point *point) {
  char **const texts[] = {&point->id,   &point->started,   &point->verdict, &point->source,
                          &point->data, &point->candidate, &point->baseline};
  double *const numbers[] = {&point->value,      &point->low,        &point->high,
                             &point->level,      &point->n,          &point->change,
                             &point->change_low, &point->change_high};
  for (int k = 0; k < 7; k++) {
    *texts[k] = store_column_text(query, k);
  }
  for (int k = 0; k < 8; k++) {
    *numbers[k] = store_column_real(query, 7 + k);
  }
}

static nonet_status read_points(struct store *store, const char *measure, const char *scope,
                                struct store_series *series, nonet_error *error) {
  struct store_query query;
  size_t capacity = 0;
  store_query_init(
      &query, store, READING,
      "SELECT id, started, verdict, source, data, candidate, baseline, value, low, "
      "high, level, n, "
      "change, change_low, change_high FROM (SELECT r.place, r.id, r.started, "
      "r.verdict, " OF_DATA("source") " AS source, " OF_DATA("sha256") " AS data, " OF_MODEL(
          "sha256", "candidate") " AS "
                                 "candidate,"
                                 " " OF_MODEL("sha256", "baselin"
                                                        "e") " A"
                                                             "S "
                                                             "ba"
                                                             "se"
                                                             "li"
                                                             "ne"
                                                             ", "
                                                             "e."
                                                             "va"
                                                             "lu"
                                                             "e,"
                                                             " e"
                                                             ".l"
                                                             "ow"
                                                             ", "
                                                             "e."
                                                             "hi"
                                                             "gh"
                                                             ", "
                                                             "e."
                                                             "le"
                                                             "ve"
                                                             "l,"
                                                             " e"
                                                             ".n"
                                                             ","
                                                             " d"
                                                             ".v"
                                                             "al"
                                                             "ue"
                                                             " A"
                                                             "S "
                                                             "ch"
                                                             "an"
                                                             "ge"
                                                             ", "
                                                             "d."
                                                             "lo"
                                                             "w "
                                                             "AS"
                                                             " c"
                                                             "ha"
                                                             "ng"
                                                             "e_"
                                                             "lo"
                                                             "w,"
                                                             " d"
                                                             ".h"
                                                             "ig"
                                                             "h "
                                                             "AS"
                                                             " c"
                                                             "ha"
                                                             "ng"
                                                             "e_"
                                                             "hi"
                                                             "gh"
                                                             " F"
                                                             "RO"
                                                             "M "
                                                             "es"
                                                             "ti"
                                                             "ma"
                                                             "te"
                                                             "s "
                                                             "e "
                                                             "JO"
                                                             "IN"
                                                             " r"
                                                             "un"
                                                             "s "
                                                             "r "
                                                             "ON"
                                                             " r"
                                                             ".p"
                                                             "la"
                                                             "ce"
                                                             " ="
                                                             " e"
                                                             ".r"
                                                             "un"
                                                             " L"
                                                             "EF"
                                                             "T "
                                                             "JO"
                                                             "IN"
                                                             " e"
                                                             "st"
                                                             "im"
                                                             "at"
                                                             "es"
                                                             " d"
                                                             " O"
                                                             "N "
                                                             "d."
                                                             "me"
                                                             "as"
                                                             "ur"
                                                             "e "
                                                             "= "
                                                             "e."
                                                             "me"
                                                             "as"
                                                             "ur"
                                                             "e "
                                                             "AN"
                                                             "D "
                                                             "d."
                                                             "sc"
                                                             "op"
                                                             "e "
                                                             "= "
                                                             "e."
                                                             "sc"
                                                             "op"
                                                             "e "
                                                             "AN"
                                                             "D "
                                                             "d."
                                                             "ro"
                                                             "le"
                                                             " ="
                                                             " '"
                                                             "di"
                                                             "ff"
                                                             "er"
                                                             "en"
                                                             "ce"
                                                             "' "
                                                             "AN"
                                                             "D "
                                                             "d."
                                                             "ru"
                                                             "n "
                                                             "= "
                                                             "e."
                                                             "ru"
                                                             "n"
                                                             " W"
                                                             "HE"
                                                             "RE"
                                                             " e"
                                                             ".m"
                                                             "ea"
                                                             "su"
                                                             "re"
                                                             " ="
                                                             " ?"
                                                             "1 "
                                                             "AN"
                                                             "D "
                                                             "e."
                                                             "sc"
                                                             "op"
                                                             "e "
                                                             "= "
                                                             "?2"
                                                             " A"
                                                             "ND"
                                                             " e"
                                                             ".r"
                                                             "ol"
                                                             "e "
                                                             "= "
                                                             "'c"
                                                             "an"
                                                             "di"
                                                             "da"
                                                             "te"
                                                             "')"
                                                             " O"
                                                             "RD"
                                                             "ER"
                                                             " B"
                                                             "Y "
                                                             "mi"
                                                             "n("
                                                             "st"
                                                             "ar"
                                                             "te"
                                                             "d)"
                                                             " O"
                                                             "VE"
                                                             "R "
                                                             "(P"
                                                             "AR"
                                                             "TI"
                                                             "TI"
                                                             "ON"
                                                             " B"
                                                             "Y "
                                                             "so"
                                                             "ur"
                                                             "ce"
                                                             "),"
                                                             " s"
                                                             "ou"
                                                             "rc"
                                                             "e,"
                                                             " s"
                                                             "ta"
                                                             "rt"
                                                             "ed"
                                                             ", "
                                                             "pl"
                                                             "ac"
                                                             "e");
  store_bind_text(&query, 1, measure);
  store_bind_text(&query, 2, scope);
  while (store_next(&query)) {
    if (!memory_grow((void **)&series->point, &capacity, series->n + 1, sizeof *series->point)) {
      query.rc = SQLITE_NOMEM;
      break;
    }
    take_point(&query, &series->point[series->n++]);
  }
  return store_query_end(&query, error);
}

nonet_status store_series(struct store *store, const char *measure, struct store_series *series,
                          nonet_error *error) {
  size_t length = strcspn(measure, "{");
  char *base = NULL;
  *series = (struct store_series){0};
  if (store == NULL) {
    return NONET_OK;
  }
  base = memory_text(measure);
  if (base == NULL) {
    return error_memory(error, length, "the store");
  }
  base[length] = '\0';
  nonet_status status = read_points(store, base, measure + length, series, error);
  if (status == NONET_OK && series->n == 0) {
    status = unknown_measure(store, measure, base, error);
  }
  memory_free(base);
  if (status != NONET_OK) {
    store_series_clear(series);
  }
  return status;
}

void store_series_clear(struct store_series *series) {
  for (size_t i = 0; i < series->n; i++) {
    struct store_point *point = &series->point[i];
    char *const texts[] = {point->id,   point->started,   point->verdict, point->source,
                           point->data, point->candidate, point->baseline};
    for (int k = 0; k < 7; k++) {
      memory_free(texts[k]);
    }
  }
  memory_free(series->point);
  *series = (struct store_series){0};
}
