/*
 * Builders: plain structs to the rows of the document.
 *
 * Every builder copies what it is given; a number that is not finite becomes null. A failed
 * allocation sets evidence->failed once and is reported by evidence_finish, so callers need not
 * look after each row.
 */
#include <math.h>
#include <string.h>

#include "base/json_text.h"
#include "evidence/evidence_private.h"

static const char *const role_names[] = {"candidate", "baseline", "difference"};

void evidence_put(struct evidence *evidence, json_t *object, const char *key, json_t *value) {
  if (json_object_set_new(object, key, value) !=
      0) { /* NULL for either fails, and frees the value */
    evidence->failed = true;
  }
}

void evidence_push(struct evidence *evidence, const char *list, json_t *value) {
  if (value == NULL || json_array_append_new(json_object_get(evidence->root, list), value) != 0) {
    evidence->failed = true;
  }
}

static json_t *text_or_null(const char *text) {
  return text == NULL ? json_null() : json_string(text);
}

/* Whole counts are written as integers, effective sizes as numbers. */
static json_t *count_or_real(double value) {
  bool is_whole = isfinite(value) && value == floor(value) && fabs(value) < 9007199254740992.0;
  return is_whole ? json_integer((json_int_t)value) : json_text_real(value);
}

static json_t *strings_json(struct evidence *evidence, const char *const *strings, size_t n) {
  json_t *made = json_array();
  for (size_t i = 0; i < n; i++) {
    if (json_array_append_new(made, json_string(strings[i])) != 0) {
      evidence->failed = true;
    }
  }
  return made;
}

static json_t *scope_json(struct evidence *evidence, const struct evidence_scope *scope) {
  static const char *const kinds[] = {"all", "group", "class", "column", "slice"};
  json_t *made = json_object();
  evidence_put(evidence, made, "kind", json_string(kinds[scope->kind]));
  if (scope->kind == SCOPE_GROUP) {
    json_t *by = json_object();
    for (size_t i = 0; i < scope->n_by; i++) {
      evidence_put(evidence, by, scope->by_column[i], text_or_null(scope->by_value[i]));
    }
    evidence_put(evidence, made, "by", by);
  }
  if (scope->class_name != NULL) {
    evidence_put(evidence, made, "class", json_string(scope->class_name));
  }
  if (scope->kind == SCOPE_COLUMN) {
    evidence_put(evidence, made, "column", json_string(scope->column));
    if (scope->n_columns > 0) {
      evidence_put(evidence, made, "columns",
                   strings_json(evidence, scope->columns, scope->n_columns));
    }
  }
  if (scope->kind == SCOPE_SLICE) {
    evidence_put(evidence, made, "where", json_string(scope->where));
  }
  return made;
}

static json_t *reals_json(struct evidence *evidence, const double *values, size_t n) {
  json_t *made = json_array();
  for (size_t i = 0; values != NULL && i < n; i++) {
    if (json_array_append_new(made, json_text_real(values[i])) != 0) {
      evidence->failed = true;
    }
  }
  return made;
}

void evidence_set_run(struct evidence *evidence, const char *key, json_t *value) {
  evidence_put(evidence, json_object_get(evidence->root, "run"), key, value);
}

void evidence_set_config(struct evidence *evidence, const char *key, json_t *value) {
  evidence_put(evidence, json_object_get(json_object_get(evidence->root, "inputs"), "config"), key,
               value);
}

void evidence_set_machine(struct evidence *evidence, const char *key, json_t *value) {
  evidence_put(evidence, json_object_get(json_object_get(evidence->root, "inputs"), "machine"), key,
               value);
}

static void push_input(struct evidence *evidence, const char *list, json_t *value) {
  if (value == NULL ||
      json_array_append_new(json_object_get(json_object_get(evidence->root, "inputs"), list),
                            value) != 0) {
    evidence->failed = true;
  }
}

void evidence_add_data(struct evidence *evidence, const char *role, const char *source,
                       uint64_t rows, uint64_t rows_used, const char *sha256, json_t *left_out) {
  json_t *row = json_object();
  evidence_put(evidence, row, "role", json_string(role));
  evidence_put(evidence, row, "source", json_string(source));
  evidence_put(evidence, row, "rows", json_integer((json_int_t)rows));
  evidence_put(evidence, row, "rows_used", json_integer((json_int_t)rows_used));
  evidence_put(evidence, row, "sha256", text_or_null(sha256));
  evidence_put(evidence, row, "left_out", left_out);
  push_input(evidence, "data", row);
}

void evidence_add_model(struct evidence *evidence, const char *role, const char *kind,
                        json_t *fields) {
  json_t *row = json_object();
  evidence_put(evidence, row, "role", json_string(role));
  evidence_put(evidence, row, "kind", json_string(kind));
  evidence->failed |= json_object_update(row, fields) != 0;
  json_decref(fields);
  push_input(evidence, "models", row);
}

void evidence_add_measure(struct evidence *evidence, const char *id, const char *title,
                          const char *definition, const char *unit, const char *direction,
                          const char *source) {
  json_t *measures = json_object_get(evidence->root, "measures");
  if (json_object_get(measures, id) == NULL) {
    json_t *row = json_object();
    evidence_put(evidence, row, "title", json_string(title));
    evidence_put(evidence, row, "definition", json_string(definition));
    evidence_put(evidence, row, "unit", json_string(unit));
    evidence_put(evidence, row, "direction", json_string(direction));
    evidence_put(evidence, row, "source", json_string(source));
    evidence_put(evidence, measures, id, row);
  }
}

void evidence_add_axes(struct evidence *evidence, const char *id, const char *axis_x,
                       const char *axis_y) {
  json_t *row = json_object_get(json_object_get(evidence->root, "measures"), id);
  evidence_put(evidence, row, "axis_x", json_string(axis_x));
  evidence_put(evidence, row, "axis_y", json_string(axis_y));
}

void evidence_add_estimate(struct evidence *evidence, const struct evidence_estimate *estimate) {
  json_t *row = json_object();
  evidence_put(evidence, row, "measure", json_string(estimate->measure));
  evidence_put(evidence, row, "attribute", json_string(estimate->attribute));
  evidence_put(evidence, row, "role", json_string(role_names[estimate->role]));
  evidence_put(evidence, row, "scope", scope_json(evidence, &estimate->scope));
  evidence_put(evidence, row, "value", json_text_real(estimate->value));
  evidence_put(evidence, row, "low", json_text_real(estimate->low));
  evidence_put(evidence, row, "high", json_text_real(estimate->high));
  evidence_put(evidence, row, "level", json_text_real(estimate->level));
  evidence_put(evidence, row, "method", json_string(estimate->method));
  evidence_put(evidence, row, "n", count_or_real(estimate->n));
  evidence_put(evidence, row, "n_effective", count_or_real(estimate->n_effective));
  evidence_put(evidence, row, "notes", strings_json(evidence, estimate->notes, estimate->n_notes));
  evidence_push(evidence, "estimates", row);
}

void evidence_add_curve(struct evidence *evidence, const struct evidence_curve *curve) {
  json_t *row = json_object();
  size_t n_band = curve->low == NULL ? 0 : curve->n_points;
  evidence_put(evidence, row, "measure", json_string(curve->measure));
  evidence_put(evidence, row, "role", json_string(role_names[curve->role]));
  evidence_put(evidence, row, "scope", scope_json(evidence, &curve->scope));
  evidence_put(evidence, row, "x", reals_json(evidence, curve->x, curve->n_points));
  evidence_put(evidence, row, "y", reals_json(evidence, curve->y, curve->n_points));
  evidence_put(evidence, row, "low", reals_json(evidence, curve->low, n_band));
  evidence_put(evidence, row, "high", reals_json(evidence, curve->high, n_band));
  if (curve->labels != NULL) {
    evidence_put(evidence, row, "labels", strings_json(evidence, curve->labels, curve->n_points));
  }
  evidence_put(evidence, row, "level", json_text_real(curve->level));
  evidence_put(evidence, row, "method", text_or_null(curve->method));
  evidence_put(evidence, row, "n", count_or_real(curve->n));
  evidence_put(evidence, row, "notes", strings_json(evidence, curve->notes, curve->n_notes));
  evidence_push(evidence, "curves", row);
}

void evidence_add_judgement(struct evidence *evidence, const struct evidence_judgement *j) {
  json_t *row = json_object();
  evidence_put(evidence, row, "measure", json_string(j->measure));
  evidence_put(evidence, row, "scope", scope_json(evidence, &j->scope));
  evidence_put(evidence, row, "kind", json_string(j->kind));
  evidence_put(evidence, row, "difference", json_text_real(j->difference));
  evidence_put(evidence, row, "low", json_text_real(j->low));
  evidence_put(evidence, row, "high", json_text_real(j->high));
  evidence_put(evidence, row, "level", json_text_real(j->level));
  evidence_put(evidence, row, "method", json_string(j->method));
  evidence_put(evidence, row, "op", text_or_null(j->op));
  evidence_put(evidence, row, "threshold", json_text_real(j->threshold));
  evidence_put(evidence, row, "threshold_high", json_text_real(j->threshold_high));
  evidence_put(evidence, row, "margin", json_text_real(j->margin));
  evidence_put(evidence, row, "margin_stated", text_or_null(j->margin_stated));
  evidence_put(evidence, row, "scale", json_string(j->scale));
  evidence_put(evidence, row, "p_safe", json_text_real(j->p_safe));
  evidence_put(evidence, row, "p_harmed", json_text_real(j->p_harmed));
  evidence_put(evidence, row, "p_harmed_adjusted", json_text_real(j->p_harmed_adjusted));
  evidence_put(evidence, row, "state", json_string(j->state));
  evidence_put(evidence, row, "reason", text_or_null(j->reason));
  evidence_put(evidence, row, "why", text_or_null(j->why));
  evidence_put(evidence, row, "tier", json_integer(j->tier));
  evidence_put(evidence, row, "primary", json_boolean(j->is_primary));
  evidence_put(evidence, row, "guard", json_boolean(j->is_guard));
  evidence_put(evidence, row, "alpha_used", json_text_real(j->alpha_used));
  evidence_put(evidence, row, "limit", json_text_real(j->limit));
  evidence_put(evidence, row, "gain", text_or_null(j->gain));
  evidence_put(evidence, row, "p_gain", json_text_real(j->p_gain));
  evidence_put(evidence, row, "look", json_integer(j->look));
  evidence_put(evidence, row, "n_needed", count_or_real(j->n_needed));
  evidence_put(evidence, row, "n_fail", count_or_real(j->n_fail));
  evidence_put(evidence, row, "excused_by", text_or_null(j->excused_by));
  evidence_push(evidence, "judgements", row);
}

void evidence_add_finding(struct evidence *evidence, const struct evidence_finding *finding) {
  json_t *row = json_object();
  evidence_put(evidence, row, "id", json_string(finding->id));
  evidence_put(evidence, row, "attribute", json_string(finding->attribute));
  evidence_put(evidence, row, "severity", json_string(finding->severity));
  evidence_put(evidence, row, "title", json_string(finding->title));
  evidence_put(evidence, row, "evidence", json_string(finding->text));
  evidence_put(evidence, row, "hurts", strings_json(evidence, finding->hurts, finding->n_hurts));
  evidence_put(evidence, row, "where",
               finding->where == NULL ? json_object() : json_incref(finding->where));
  if (finding->remedy != NULL) {
    evidence_put(evidence, row, "remedy", json_string(finding->remedy));
  }
  if (finding->command != NULL) {
    evidence_put(evidence, row, "command", json_string(finding->command));
  }
  evidence_push(evidence, "findings", row);
}

void evidence_add_action(struct evidence *evidence, const char *title, const char *why,
                         const char *expected, const char *command) {
  json_t *row = json_object();
  size_t rank = json_array_size(json_object_get(evidence->root, "actions")) + 1;
  evidence_put(evidence, row, "rank", json_integer((json_int_t)rank));
  evidence_put(evidence, row, "title", json_string(title));
  evidence_put(evidence, row, "why", json_string(why));
  evidence_put(evidence, row, "expected", json_string(expected));
  evidence_put(evidence, row, "command", text_or_null(command));
  evidence_push(evidence, "actions", row);
}

void evidence_add_skipped(struct evidence *evidence, const char *measure, const char *reason) {
  evidence_push(evidence, "skipped", json_pack("{s:s, s:s}", "measure", measure, "reason", reason));
}

void evidence_add_timing(struct evidence *evidence, const char *what, double seconds) {
  evidence_push(evidence, "timings", json_pack("{s:s, s:f}", "what", what, "seconds", seconds));
}

void evidence_set_verdict(struct evidence *evidence, json_t *verdict) {
  evidence_put(evidence, evidence->root, "verdict", verdict);
}
