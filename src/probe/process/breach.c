/*
 * Breaches of the contract of a model's inputs (breach.h): up to BREACH_ROWS rows are asked as they
 * are, then with one thing changed in all of them. Kept, by way:
 *
 *   missing column    an error that names the column
 *   extra column      the same bytes as without it, or an error that names it
 *   null              an error that names the column; an answer where missing values are declared:
 *                     the rows have nulls there themselves, or the runtime documents them (trees of
 *                     XGBoost and LightGBM)
 *   unseen category   (columns of texts) an error that names the column; LightGBM documents it as
 *                     missing
 *   wrong type        an error that names the column
 *   huge value        (columns of numbers) an error that names the column, or finite answers
 *
 * Cases:
 *  1. The first BREACH_COLUMNS of the model's columns are tried; how many there are is said.
 *  2. Scores that are not finite are no answer, whatever is declared.
 *  3. What a null, or an unseen text, is taken for is found by asking 0, or the empty text: the
 * same bytes mean the same thing.
 *  4. A list (an image) has no unseen category and no huge value.
 *  5. Each is asked of a model opened for it: the types of the rows may be others, and a session
 * that met an error is not asked again.
 */
#include "probe/process/breach.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/process/altered.h"
#include "probe/process/answered.h"

#define BREACH_ROWS 64
#define BREACH_COLUMNS 16
#define BREACH_REAL 1e30
#define BREACH_INTEGER 4611686018427387904.0 /* 2^62 */
#define BREACH_WORD "nonet: never seen"

struct breaching {
  const struct driver *driver;
  const json_t *request, *spec;
  const struct driver_rows *rows;
  size_t n_rows;
  struct answered plain; /* the rows as they are */
  struct probe_contract *found;
  enum probe_breach breach;
};

static const char *kind_of(const struct breaching *own) {
  const char *kind = json_string_value(json_object_get(own->spec, "kind"));
  return kind == NULL ? "" : kind;
}

/* ---- one question ---- */

struct outcome {
  struct answered answered;
  nonet_error error;
  bool is_answered, is_finite, is_plain; /* is_plain: as the rows as they are, to the byte */
};

static bool is_same(const struct breaching *own, const struct answered *a,
                    const struct answered *b) {
  return a->n_scores == b->n_scores &&
         memcmp(a->scores, b->scores, own->n_rows * a->n_scores * sizeof(double)) == 0 &&
         memcmp(a->labels, b->labels, own->n_rows * sizeof(uint32_t)) == 0;
}

/* False: out of memory. */
static bool ask(const struct breaching *own, const struct altered *altered,
                struct outcome *outcome) { /* 5 */
  *outcome = (struct outcome){.is_finite = true};
  nonet_status status = answered_afresh(own->driver, own->request, own->spec, &altered->rows,
                                        &outcome->answered, &outcome->error);
  outcome->is_answered = status == NONET_OK;
  for (size_t i = 0; outcome->is_answered && i < own->n_rows * outcome->answered.n_scores; i++) {
    outcome->is_finite = outcome->is_finite && isfinite(outcome->answered.scores[i]);
  }
  outcome->is_plain = outcome->is_answered && is_same(own, &outcome->answered, &own->plain);
  return status != NONET_E_MEMORY;
}

static nonet_status ask_value(const struct breaching *own, size_t column, const char *name,
                              enum altered_value what, double number, const char *text,
                              struct outcome *outcome, nonet_error *error) {
  struct altered altered = {0};
  *outcome = (struct outcome){0};
  nonet_status status = altered_init(&altered, own->rows, own->n_rows, error);
  if (status == NONET_OK) {
    status = altered_set(&altered, column, name, what, number, text, error);
  }
  if (status == NONET_OK && !ask(own, &altered, outcome)) {
    status = error_memory(error, 1, "an altered question");
  }
  altered_clear(&altered);
  return status;
}

/* ---- columns ---- */

struct column {
  const char *name;
  size_t at;
  bool is_text, is_number, has_nulls;
};

static nonet_status look(const struct breaching *own, size_t i, struct column *column,
                         nonet_error *error) {
  struct ArrowSchemaView view;
  const json_t *columns = json_object_get(own->request, "columns");
  const char *name = json_string_value(json_array_get(columns, i));
  int64_t at = name == NULL ? -1 : altered_find(own->rows, name);
  if (at < 0 || ArrowSchemaViewInit(&view, own->rows->schema.children[at], NULL) != NANOARROW_OK) {
    return error_set(error, NONET_E_INTERNAL, "the request's columns are not among its rows");
  }
  *column = (struct column){
      .name = name,
      .at = (size_t)at,
      .is_text = view.type == NANOARROW_TYPE_STRING,
      .is_number = view.type == NANOARROW_TYPE_INT64 || view.type == NANOARROW_TYPE_UINT64 ||
                   view.type == NANOARROW_TYPE_FLOAT || view.type == NANOARROW_TYPE_DOUBLE,
      .has_nulls = own->rows->array.children[at]->null_count != 0};
  return NONET_OK;
}

/* ---- what was found ---- */

static void note(const struct breaching *own, bool is_kept, const char *format, const char *name,
                 const char *rest) {
  struct probe_contract *found = own->found;
  char text[2 * NONET_ERROR_BYTES];
  found->n_asked[own->breach]++;
  found->n_kept[own->breach] += is_kept;
  if (!is_kept && found->n_texts < PROBE_BREACH_TEXTS) {
    (void)snprintf(text, sizeof text, format, name, rest);
    probe_text(found->text[found->n_texts++], text);
  }
}

/* An error that names the column is kept; one that does not is told. True: it was an error. */
static bool note_error(const struct breaching *own, const char *what, const char *name,
                       const struct outcome *outcome) {
  char format[128];
  if (outcome->is_answered) {
    return false;
  }
  (void)snprintf(format, sizeof format, "%s in `%%s`: " PROBE_BREACH_UNNAMED ": %%s", what);
  note(own, strstr(outcome->error.message, name) != NULL, format, name, outcome->error.message);
  return true;
}

/* Case 3: "as if it were 0", or as it may. */
static nonet_status taken_for(const struct breaching *own, const struct column *column,
                              const struct outcome *outcome, const char **as, nonet_error *error) {
  struct outcome other;
  *as = "with a number";
  if (!outcome->is_finite) {
    *as = "with a score that is no number";
    return NONET_OK;
  }
  if (!column->is_text && !column->is_number) {
    return NONET_OK;
  }
  nonet_status status =
      ask_value(own, column->at, column->name, column->is_text ? ALTERED_TEXT : ALTERED_INTEGER, 0,
                "", &other, error);
  if (status == NONET_OK && other.is_answered &&
      is_same(own, &other.answered, &outcome->answered)) {
    *as = column->is_text ? "as if it were an empty text" : "as if it were 0";
  }
  answered_clear(&other.answered);
  return status;
}

/* ---- the ways ---- */

static nonet_status try_missing(const struct breaching *own, const struct column *column,
                                nonet_error *error) {
  struct altered altered = {0};
  struct outcome outcome = {0};
  nonet_status status = altered_init(&altered, own->rows, own->n_rows, error);
  if (status == NONET_OK) {
    altered_drop(&altered, column->at);
    status = ask(own, &altered, &outcome) ? NONET_OK : error_memory(error, 1, "a question");
  }
  if (status == NONET_OK && !note_error(own, "a missing column", column->name, &outcome)) {
    note(own, false, "without the column `%s` it answers all the same%s", column->name, "");
  }
  answered_clear(&outcome.answered);
  altered_clear(&altered);
  return status;
}

static nonet_status try_extra(const struct breaching *own, nonet_error *error) {
  static const char name[] = "nonet_extra";
  struct outcome outcome;
  nonet_status status = ask_value(own, (size_t)own->rows->schema.n_children, name, ALTERED_INTEGER,
                                  7, "", &outcome, error);
  if (status == NONET_OK && !note_error(own, "an extra column", name, &outcome)) {
    note(own, outcome.is_plain, "an extra column `%s` changes its answers%s", name, "");
  }
  answered_clear(&outcome.answered);
  return status;
}

static nonet_status try_null(const struct breaching *own, const struct column *column,
                             nonet_error *error) {
  struct outcome outcome;
  const char *as = "", *kind = kind_of(own);
  bool is_declared =
      column->has_nulls || strcmp(kind, "xgboost") == 0 || strcmp(kind, "lightgbm") == 0;
  nonet_status status =
      ask_value(own, column->at, column->name, ALTERED_NULL, 0, "", &outcome, error);
  if (status == NONET_OK && !note_error(own, "a null", column->name, &outcome)) {
    bool is_kept = is_declared && outcome.is_finite; /* 2 */
    status = is_kept ? NONET_OK : taken_for(own, column, &outcome, &as, error);
    if (status == NONET_OK) {
      note(own, is_kept, "a null in `%s` is answered %s", column->name, as);
    }
  }
  answered_clear(&outcome.answered);
  return status;
}

static nonet_status try_unseen(const struct breaching *own, const struct column *column,
                               nonet_error *error) {
  struct outcome outcome;
  const char *as = "";
  bool is_declared = strcmp(kind_of(own), "lightgbm") == 0;
  nonet_status status =
      ask_value(own, column->at, column->name, ALTERED_TEXT, 0, BREACH_WORD, &outcome, error);
  if (status == NONET_OK && !note_error(own, "a category never seen", column->name, &outcome)) {
    bool is_kept = is_declared && outcome.is_finite;
    status = is_kept ? NONET_OK : taken_for(own, column, &outcome, &as, error);
    if (status == NONET_OK) {
      note(own, is_kept, "a category never seen in `%s` is answered %s", column->name, as);
    }
  }
  answered_clear(&outcome.answered);
  return status;
}

static nonet_status try_type(const struct breaching *own, const struct column *column,
                             nonet_error *error) {
  struct outcome outcome;
  nonet_status status =
      ask_value(own, column->at, column->name, column->is_text ? ALTERED_REAL : ALTERED_TEXT, 1.5,
                "a text", &outcome, error);
  if (status == NONET_OK && !note_error(own, "a wrong type", column->name, &outcome)) {
    note(own, false, "`%s` is answered with %s", column->name,
         column->is_text ? "numbers in place of its texts" : "texts in place of its numbers");
  }
  answered_clear(&outcome.answered);
  return status;
}

static nonet_status try_huge(const struct breaching *own, const struct column *column,
                             nonet_error *error) {
  struct outcome outcome;
  struct ArrowSchemaView view;
  bool is_whole =
      ArrowSchemaViewInit(&view, own->rows->schema.children[column->at], NULL) == NANOARROW_OK &&
      (view.type == NANOARROW_TYPE_INT64 || view.type == NANOARROW_TYPE_UINT64);
  nonet_status status =
      ask_value(own, column->at, column->name, is_whole ? ALTERED_INTEGER : ALTERED_REAL,
                is_whole ? BREACH_INTEGER : BREACH_REAL, "", &outcome, error);
  if (status == NONET_OK && !note_error(own, "a huge value", column->name, &outcome)) {
    note(own, outcome.is_finite, "`%s` = %s is answered with a score that is no number",
         column->name, is_whole ? "4.6e18" : "1e30");
  }
  answered_clear(&outcome.answered);
  return status;
}

static nonet_status try_column(const struct breaching *own, size_t i, nonet_error *error) {
  struct column column;
  nonet_status status = look(own, i, &column, error);
  if (status != NONET_OK) {
    return status;
  }
  switch (own->breach) {
  case BREACH_MISSING:
    return try_missing(own, &column, error);
  case BREACH_NULL:
    return try_null(own, &column, error);
  case BREACH_UNSEEN:
    return column.is_text ? try_unseen(own, &column, error) : NONET_OK; /* 4 */
  case BREACH_TYPE:
    return try_type(own, &column, error);
  case BREACH_HUGE:
    return column.is_number ? try_huge(own, &column, error) : NONET_OK;
  default:
    return NONET_OK;
  }
}

nonet_status breach_ask(const struct driver *driver, const json_t *request, const json_t *spec,
                        const struct driver_rows *rows, enum probe_breach breach,
                        struct probe_contract *found, nonet_error *error) {
  struct breaching own = {.driver = driver,
                          .request = request,
                          .spec = spec,
                          .rows = rows,
                          .n_rows = rows->n < BREACH_ROWS ? rows->n : BREACH_ROWS,
                          .found = found,
                          .breach = breach};
  struct altered plain = {0};
  size_t n = json_array_size(json_object_get(request, "columns"));
  *found = (struct probe_contract){.n_columns_all = n,
                                   .n_columns = n < BREACH_COLUMNS ? n : BREACH_COLUMNS}; /* 1 */
  nonet_status status = altered_init(&plain, rows, own.n_rows, error);
  if (status == NONET_OK) {
    status = answered_afresh(driver, request, spec, &plain.rows, &own.plain, error);
  }
  if (status == NONET_OK && breach == BREACH_EXTRA) {
    status = try_extra(&own, error);
  }
  for (size_t i = 0; i < found->n_columns && status == NONET_OK; i++) {
    status = try_column(&own, i, error);
  }
  answered_clear(&own.plain);
  altered_clear(&plain);
  return status;
}

/* ---- to the parent ---- */

json_t *breach_json(enum probe_breach breach, const struct probe_contract *found) {
  json_t *texts = json_array();
  for (size_t i = 0; i < found->n_texts; i++) {
    if (json_array_append_new(texts, json_string(found->text[i])) != 0) {
      json_decref(texts);
      return NULL;
    }
  }
  return json_pack("{s:{s:I, s:I, s:I, s:I, s:o}}", "contract", "asked",
                   (json_int_t)found->n_asked[breach], "kept", (json_int_t)found->n_kept[breach],
                   "columns", (json_int_t)found->n_columns, "columns_all",
                   (json_int_t)found->n_columns_all, "texts", texts);
}

nonet_status breach_take(const json_t *reply, enum probe_breach breach, struct probe_contract *all,
                         nonet_error *error) {
  const json_t *row = json_object_get(reply, "contract"), *texts = json_object_get(row, "texts");
  json_int_t asked = json_integer_value(json_object_get(row, "asked"));
  json_int_t kept = json_integer_value(json_object_get(row, "kept"));
  json_int_t columns = json_integer_value(json_object_get(row, "columns"));
  json_int_t columns_all = json_integer_value(json_object_get(row, "columns_all"));
  if (!json_is_array(texts) || asked < 0 || asked > BREACH_COLUMNS || kept < 0 || kept > asked ||
      columns < 0 || columns > BREACH_COLUMNS || columns_all < columns) {
    return error_set(error, NONET_E_DATA, "the helper's answer has no sound 'contract'");
  }
  all->n_asked[breach] = (size_t)asked;
  all->n_kept[breach] = (size_t)kept;
  all->n_columns = (size_t)columns;
  all->n_columns_all = (size_t)columns_all;
  for (size_t i = 0; i < json_array_size(texts) && all->n_texts < PROBE_BREACH_TEXTS; i++) {
    const char *text = json_string_value(json_array_get(texts, i));
    probe_text(all->text[all->n_texts++], text == NULL ? "" : text);
  }
  return NONET_OK;
}
