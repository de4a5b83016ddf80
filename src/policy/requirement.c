/*
 * Requirements from text.
 *
 *   requirement := measure op number [unit]  |  measure "in" number [unit] ".." number [unit]
 *   measure     := id ["@" variant] ["{" scope "}"]
 *   scope       := part { "," part }        part := name "=" value | name        both may be quoted
 *
 * Cases:
 *  1. The id: full, with its attribute; an unknown one is an error with near names; one of the
 * catalogue to come is taken and marked.
 *  2. Values of a scope: bare up to ',' or '}', trimmed, the comma of a range [25, 45) within; in
 * "…" or '…' anything, a doubled quote is one; bare null is the null value. The word class, bare,
 * is a class; the same column twice is an error.
 *  3. Names without values are the column of a gap, or the columns that it crosses: kept in the
 * order of their names, so that {sex,race} is {race,sex}.
 *  4. Units (unit.h) must fit the measure's.
 *  5. A bound outside the measure's range is refused (85 for a share); so is a range whose ends are
 * the wrong way round.
 *  6. "<", ">", "=", "==": refused with the hint.
 */
#include "policy/requirement.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "policy/unit.h"

#define TEXT_MOST 2000
#define SCOPE_MOST 16

const char *requirement_op_name(enum requirement_op op) {
  static const char *const names[] = {">=", "<=", "in"};
  return names[op];
}

nonet_status requirement_seconds(const char *text, double *seconds, nonet_error *error) {
  const char *at = text;
  const struct unit *unit = NULL;
  double value = 0;
  if (!unit_read(&at, &value, &unit) || *at != '\0' || unit == NULL ||
      unit->dimension != UNIT_TIME || value < 0) {
    return error_set(
        error, NONET_E_USAGE,
        "expected a time with its unit (us, ms, s, min, h), such as 60s; found '%.40s'", text);
  }
  *seconds = value * unit->factor;
  return NONET_OK;
}

/* ---- the measure and its scope ----------------------------------------------------------- */

/* How long the range "[25, 45)" is that stands here: its comma does not end a value. 0: none. */
static size_t range_length(const char *at, const char *stops) {
  const size_t inside = *at == '[' && strchr(stops, '=') == NULL ? strcspn(at, ")}") : 0;
  return at[inside] == ')' ? inside + 1 : 0;
}

/* A bare or quoted word; *at moves behind it and the blanks after it. Case 2. */
static nonet_status read_word(const char **at, const char *stops, char *word, bool *is_quoted,
                              nonet_error *error) {
  size_t n = 0;
  while (**at == ' ') {
    (*at)++;
  }
  char quote = **at;
  *is_quoted = quote == '"' || quote == '\'';
  if (*is_quoted) {
    for ((*at)++; **at != '\0'; (*at)++) {
      if (**at == quote && (*at)[1] != quote) {
        break;
      }
      *at += **at == quote;
      word[n++] = **at;
    }
    if (**at != quote) {
      return error_set(error, NONET_E_USAGE, "the quote %c is not closed in a scope", quote);
    }
    (*at)++;
  } else {
    const size_t whole = range_length(*at, stops);
    while (n < whole || (**at != '\0' && strchr(stops, **at) == NULL)) {
      word[n++] = *(*at)++;
    }
    while (n > 0 && word[n - 1] == ' ') {
      n--;
    }
  }
  word[n] = '\0';
  while (**at == ' ') {
    (*at)++;
  }
  return NONET_OK;
}

static nonet_status scope_error(nonet_error *error, const char *text) {
  return error_set(error, NONET_E_USAGE,
                   "expected a scope such as {sex=Female}, {race=\"Black, other\"}, {class=3} or "
                   "{sex}; found '%.80s'",
                   text);
}

static nonet_status add_part(struct requirement_scope *scope, struct pool *pool, const char *name,
                             bool is_class, const char *value, nonet_error *error) {
  char *kept = value == NULL ? NULL : pool_text(pool, value, strlen(value));
  char *column = pool_text(pool, name, strlen(name));
  if ((value != NULL && kept == NULL) || column == NULL) {
    return error_memory(error, strlen(name), "a scope");
  }
  if (is_class) {
    bool is_second = scope->class_name != NULL;
    scope->class_name = kept;
    return is_second || kept == NULL
               ? error_set(error, NONET_E_USAGE, "a scope has at most one class, and no null one")
               : NONET_OK;
  }
  for (size_t i = 0; i < scope->n_by; i++) {
    if (strcmp(scope->by_column[i], column) == 0) {
      return error_set(error, NONET_E_USAGE, "the column '%.60s' stands twice in a scope", column);
    }
  }
  scope->by_column[scope->n_by] = column;
  scope->by_value[scope->n_by++] = kept;
  return NONET_OK;
}

/* Case 3: the columns of one number over their groups, the first of them read. */
static nonet_status read_columns(const char *text, const char **at, char *name, struct pool *pool,
                                 struct requirement_scope *scope, nonet_error *error) {
  struct text crossed = {0};
  bool is_quoted;
  nonet_status status = NONET_OK;
  scope->columns = pool_new(pool, SCOPE_MOST, sizeof *scope->columns);
  if (scope->columns == NULL) {
    return error_memory(error, SCOPE_MOST, "a scope");
  }
  for (size_t n = 0; status == NONET_OK; n++) {
    for (size_t i = 0; i < n; i++) {
      if (strcmp(scope->columns[i], name) == 0) {
        text_clear(&crossed);
        return error_set(error, NONET_E_USAGE, "the column '%.60s' stands twice in a scope", name);
      }
    }
    if (name[0] == '\0' || n == SCOPE_MOST || (**at != ',' && **at != '}')) {
      text_clear(&crossed);
      return scope_error(error, text);
    }
    const char *column = pool_text(pool, name, strlen(name));
    size_t place = n;
    for (; column != NULL && place > 0 && strcmp(scope->columns[place - 1], column) > 0; place--) {
      scope->columns[place] = scope->columns[place - 1];
    }
    scope->columns[place] = column;
    scope->n_columns = n > 0 ? n + 1 : 0;
    if (*(*at)++ == '}') {
      for (size_t i = 0; column != NULL && i <= n; i++) {
        text_printf(&crossed, "%s%s", i == 0 ? "" : "*", scope->columns[i]);
      }
      scope->column = crossed.failed ? NULL : pool_text(pool, crossed.data, crossed.length);
      text_clear(&crossed);
      return scope->column == NULL || column == NULL ? error_memory(error, strlen(name), "a scope")
                                                     : NONET_OK;
    }
    status = column == NULL ? error_memory(error, strlen(name), "a scope")
                            : read_word(at, "=,}", name, &is_quoted, error);
  }
  text_clear(&crossed);
  return status;
}

/* From behind '{' to behind '}'. */
static nonet_status read_scope(const char *text, const char **at, struct pool *pool,
                               struct requirement_scope *scope, nonet_error *error) {
  char name[TEXT_MOST + 1], value[TEXT_MOST + 1];
  nonet_status status = NONET_OK;
  scope->by_column = pool_new(pool, SCOPE_MOST, sizeof *scope->by_column);
  scope->by_value = pool_new(pool, SCOPE_MOST, sizeof *scope->by_value);
  if (scope->by_column == NULL || scope->by_value == NULL) {
    return error_memory(error, SCOPE_MOST, "a scope");
  }
  for (size_t n = 0; status == NONET_OK; n++) {
    bool is_name_quoted, is_value_quoted = false;
    status = read_word(at, "=,}", name, &is_name_quoted, error);
    if (status == NONET_OK && (name[0] == '\0' || n == SCOPE_MOST)) {
      return scope_error(error, text);
    }
    if (status == NONET_OK && **at != '=' && n == 0) { /* case 3 */
      return read_columns(text, at, name, pool, scope, error);
    }
    if (status == NONET_OK && *(*at)++ != '=') {
      return scope_error(error, text);
    }
    if (status == NONET_OK) {
      status = read_word(at, ",}", value, &is_value_quoted, error);
    }
    if (status == NONET_OK) {
      bool is_null = !is_value_quoted && strcmp(value, "null") == 0;
      bool is_class = !is_name_quoted && strcmp(name, "class") == 0;
      if (!is_value_quoted && value[0] == '\0') {
        return scope_error(error, text);
      }
      status = add_part(scope, pool, name, is_class, is_null ? NULL : value, error);
    }
    if (status == NONET_OK && **at == '}') {
      (*at)++;
      return NONET_OK;
    }
    if (status == NONET_OK && *(*at)++ != ',') {
      return scope_error(error, text);
    }
  }
  return status;
}

/* Case 1. */
static nonet_status find_measure(const char *id, const struct measure **record,
                                 nonet_error *error) {
  static const enum task tasks[] = {TASK_BINARY, TASK_MULTICLASS, TASK_REGRESSION};
  struct catalogue_pick *picks = NULL;
  size_t n_picks = 0;
  nonet_status status = NONET_OK;
  *record = NULL;
  for (size_t i = 0; i < sizeof tasks / sizeof *tasks && status == NONET_OK && n_picks == 0; i++) {
    memory_free(picks);
    picks = NULL;
    status = catalogue_select(id, tasks[i], &picks, &n_picks, NULL, error);
  }
  if (status == NONET_OK && n_picks > 0) {
    *record = picks[0].measure;
    size_t length = strcspn(id, "@");
    if (strlen((*record)->id) != length || strncmp((*record)->id, id, length) != 0) {
      status = error_set(error, NONET_E_USAGE, "expected one measure's full id; found '%.80s'%s%s",
                         id, n_picks == 1 ? "; write " : "", n_picks == 1 ? (*record)->id : "");
    }
  } else if (status == NONET_OK && !catalogue_known(id)) {
    status = error_set(error, NONET_E_USAGE, "expected one measure's full id; found '%.80s'", id);
  }
  memory_free(picks);
  return status;
}

/* The id and scope at the beginning of `text`; *at moves behind them. */
static nonet_status read_measure(const char *text, const char **at, struct pool *pool,
                                 const char **measure, struct requirement_scope *scope,
                                 const struct measure **record, nonet_error *error) {
  *scope = (struct requirement_scope){0};
  *record = NULL;
  if (strlen(text) > TEXT_MOST) {
    return error_set(error, NONET_E_USAGE, "expected at most %d bytes; found %zu", TEXT_MOST,
                     strlen(text));
  }
  *at = text + strspn(text, " ");
  size_t length = strcspn(*at, " {<>");
  /* "a.b>=1": a variant such as @bins=2 may hold '=', never '<' or '>'. */
  char *id = pool_text(pool, *at, length);
  if (id == NULL) {
    return error_memory(error, length, "a measure");
  }
  if (length == 0 || strchr(id, '.') == NULL || strchr(id, ',') != NULL) {
    return error_set(error, NONET_E_USAGE,
                     "expected a measure's full id such as correctness.auc; found '%.80s'", text);
  }
  *at += length;
  *measure = id;
  nonet_status status = find_measure(id, record, error);
  if (status == NONET_OK && **at == '{') {
    (*at)++;
    status = read_scope(text, at, pool, scope, error);
  }
  if (status == NONET_OK) { /* after an error *at may stand behind the end */
    *at += strspn(*at, " ");
  }
  return status;
}

nonet_status requirement_measure(const char *text, struct pool *pool, const char **measure,
                                 struct requirement_scope *scope, const struct measure **record,
                                 nonet_error *error) {
  const char *at = text;
  nonet_status status = read_measure(text, &at, pool, measure, scope, record, error);
  if (status == NONET_OK && *at != '\0') {
    status =
        error_set(error, NONET_E_USAGE, "expected a measure and its scope; found also '%.40s'", at);
  }
  return status;
}

/* ---- bounds ------------------------------------------------------------------------------ */

/* Case 5. */
static nonet_status check_range(const struct requirement *requirement, const struct measure *record,
                                double bound, nonet_error *error) {
  if (record != NULL && isfinite(bound) && (bound < record->range[0] || bound > record->range[1])) {
    return error_set(error, NONET_E_USAGE,
                     "%s lies between %g and %g; no bound outside can mean anything: '%.80s'",
                     requirement->measure, record->range[0], record->range[1], requirement->text);
  }
  return NONET_OK;
}

static nonet_status read_bounds(const char *at, const struct measure *record,
                                struct requirement *requirement, nonet_error *error) {
  const struct unit *first = NULL, *second = NULL;
  double low = 0, high = 0;
  const char *text = requirement->text;
  bool is_whole = unit_read(&at, &low, &first);
  if (is_whole && requirement->op == REQUIREMENT_IN) {
    is_whole = strncmp(at, "..", 2) == 0;
    at += is_whole ? 2 : 0;
    is_whole = is_whole && unit_read(&at, &high, &second);
  }
  if (!is_whole || *at != '\0') {
    return error_set(error, NONET_E_USAGE, "expected %s; found '%.120s'",
                     requirement->op == REQUIREMENT_IN
                         ? "a range such as 0.8..1.25 behind 'in'"
                         : "a number, with a unit where the measure has one, behind >= or <=",
                     text);
  }
  nonet_status status =
      unit_scale(text, requirement->measure, record, first == NULL ? second : first, &low, error);
  if (status == NONET_OK && requirement->op == REQUIREMENT_IN) {
    status = unit_scale(text, requirement->measure, record, second, &high, error);
  }
  if (status == NONET_OK && requirement->op == REQUIREMENT_IN && !(low < high)) {
    status = error_set(error, NONET_E_USAGE,
                       "a range goes from the smaller to the larger end; found '%.120s'", text);
  }
  requirement->low = requirement->op == REQUIREMENT_AT_MOST ? -INFINITY : low;
  requirement->high = requirement->op == REQUIREMENT_IN        ? high
                      : requirement->op == REQUIREMENT_AT_MOST ? low
                                                               : INFINITY;
  if (status == NONET_OK) {
    status = check_range(requirement, record, requirement->low, error);
  }
  return status == NONET_OK ? check_range(requirement, record, requirement->high, error) : status;
}

nonet_status requirement_parse(const char *text, struct pool *pool, struct requirement *requirement,
                               nonet_error *error) {
  const char *at = text;
  const struct measure *record = NULL;
  *requirement = (struct requirement){0};
  requirement->text = pool_text(pool, text, strlen(text));
  if (requirement->text == NULL) {
    return error_memory(error, strlen(text), "a requirement");
  }
  nonet_status status =
      read_measure(text, &at, pool, &requirement->measure, &requirement->scope, &record, error);
  if (status != NONET_OK) {
    return status;
  }
  requirement->is_built = record != NULL;
  if (strncmp(at, ">=", 2) == 0 || strncmp(at, "<=", 2) == 0) {
    requirement->op = at[0] == '>' ? REQUIREMENT_AT_LEAST : REQUIREMENT_AT_MOST;
  } else if (strncmp(at, "in ", 3) == 0) {
    requirement->op = REQUIREMENT_IN;
  } else { /* case 6 */
    return error_set(error, NONET_E_USAGE,
                     "expected >=, <= or 'in LOW..HIGH' behind the measure; found '%.80s'",
                     *at == '\0' ? text : at);
  }
  return read_bounds(at + 2, record, requirement, error);
}

/* ---- scopes among themselves --------------------------------------------------------------- */

static bool same(const char *a, const char *b) {
  return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool requirement_scope_equal(const struct requirement_scope *a, const struct requirement_scope *b) {
  bool is_equal = a->n_by == b->n_by && same(a->class_name, b->class_name) &&
                  same(a->column, b->column) && a->n_columns == b->n_columns;
  for (size_t i = 0; i < a->n_by && is_equal; i++) {
    bool is_there = false;
    for (size_t k = 0; k < b->n_by; k++) {
      is_there = is_there ||
                 (same(a->by_column[i], b->by_column[k]) && same(a->by_value[i], b->by_value[k]));
    }
    is_equal = is_there;
  }
  return is_equal;
}

static void append_quoted(struct text *text, const char *word) {
  text_append(text, "\"");
  for (; *word != '\0'; word++) {
    text_append_n(text, word, 1);
    if (*word == '"') {
      text_append(text, "\"");
    }
  }
  text_append(text, "\"");
}

static void append_word(struct text *text, const char *word, bool is_class_word) {
  bool is_bare = word[0] != '\0' && word[strcspn(word, " ,={}\"'")] == '\0' &&
                 strcmp(word, "null") != 0 && (is_class_word || strcmp(word, "class") != 0);
  is_bare ? text_append(text, word) : append_quoted(text, word);
}

void requirement_scope_text(const struct requirement_scope *scope, struct text *text) {
  if (scope->column != NULL) {
    text_append(text, "{");
    for (size_t i = 0; i < scope->n_columns; i++) {
      text_append(text, i == 0 ? "" : ",");
      append_word(text, scope->columns[i], false);
    }
    if (scope->n_columns == 0) {
      append_word(text, scope->column, false);
    }
    text_append(text, "}");
    return;
  }
  for (size_t i = 0; i < scope->n_by; i++) {
    text_append(text, i == 0 ? "{" : ", ");
    append_word(text, scope->by_column[i], false);
    text_append(text, "=");
    scope->by_value[i] == NULL ? text_append(text, "null")
                               : append_word(text, scope->by_value[i], true);
  }
  if (scope->class_name != NULL) {
    text_append(text, scope->n_by == 0 ? "{class=" : ", class=");
    append_word(text, scope->class_name, true);
  }
  if (scope->n_by > 0 || scope->class_name != NULL) {
    text_append(text, "}");
  }
}
