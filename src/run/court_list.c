/*
 * Who stands before the judge: the gates of a context, those of other margins, and the
 * requirements, each with what keeps it from being measured here.
 *
 * The cases are those of court.c: 1, 2, 4, 6, 7 and 9.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/probed.h"
#include "run/court_private.h"
#include "run/evaluate.h"

static const struct requirement_scope all_rows;
static const char not_built[] = "not built: this measure is planned and not in this version";

/* ---- who was asked for ---- */

/* Does a list of ids and attributes name this measure? NULL: `otherwise`. */
static nonet_status names_measure(const char *list, const struct measure *measure, enum task task,
                                  bool otherwise, bool *names, nonet_error *error) {
  struct catalogue_pick *picks = NULL;
  struct text absent = {0};
  size_t n = 0;
  *names = otherwise;
  if (list == NULL) {
    return NONET_OK;
  }
  nonet_status status = catalogue_select(list, task, &picks, &n, &absent, error);
  *names = false;
  for (size_t i = 0; i < n; i++) {
    *names = *names || picks[i].measure == measure;
  }
  memory_free(picks);
  text_clear(&absent);
  return status;
}

/* The pick of a full id for the task; NULL when the measure does not exist for it. */
static nonet_status find_pick(const char *id, enum task task, struct court_case *made,
                              nonet_error *error) {
  struct text full = {0};
  size_t n = 0;
  nonet_status status = catalogue_select(id, task, &made->pick, &n, NULL, error);
  made->measure = NULL;
  for (size_t i = 0; i < n; i++) {
    full.length = 0;
    catalogue_full_id(&made->pick[i], &full);
    if (n == 1 || (full.data != NULL && strcmp(full.data, id) == 0)) {
      made->measure = made->pick[i].measure;
      made->variant = made->pick[i].variant;
    }
  }
  text_clear(&full);
  return status;
}

/* On the scale of the test; per cent of a measure that nobody knows: NaN. */
static double margin_of(const struct court_case *made) {
  if (made->measure == NULL) {
    return made->margin.is_relative ? NAN : made->margin.value;
  }
  return margin_delta(made->margin, made->measure->direction == DIRECTION_HIGHER);
}

static void absent(struct court_case *made, struct judge_member *member, enum judge_absence why,
                   const char *reason) {
  member->absence = why;
  snprintf(made->reason, sizeof made->reason, "%s", reason);
}

/* "failed: …" of evaluate_obstacle. */
static enum judge_absence absence_of(const char *obstacle) {
  static const struct {
    const char *word;
    enum judge_absence absence;
  } words[] = {{"failed", ABSENCE_FAILED},
               {"not asked", ABSENCE_NOT_ASKED},
               {"not built", ABSENCE_NOT_BUILT}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (strncmp(obstacle, words[i].word, strlen(words[i].word)) == 0) {
      return words[i].absence;
    }
  }
  return ABSENCE_NOT_APPLICABLE;
}

/* What this kind of case cannot be asked of, whatever the input; NULL: nothing is in the way. */
static const char *unfit(const struct court_request *request, const struct court_case *made) {
  if (made->kind == JUDGE_GATE && !request->has_baseline) { /* case 6 */
    return "not applicable: there is no baseline";
  }
  if (made->kind == JUDGE_GATE && made->measure->compare == NULL) {
    return "not applicable: the measure has no paired difference";
  }
  if (made->kind == JUDGE_REQUIREMENT && made->measure->estimate == NULL) {
    return "not applicable: it is no number of one model; a gate of it stands in margins:";
  }
  return NULL;
}

/* Case 9. */
static const char *baseline_obstacle(const struct court_request *request,
                                     const struct court_case *made, char *buffer,
                                     size_t size_bytes) {
  const struct intake *intake = request->intake;
  if (made->kind != JUDGE_GATE || intake->no_answers[STREAM_B] == NULL) {
    return NULL;
  }
  if (made->measure->probes != 0) {
    return probed_obstacle(made->measure, intake->answers, STREAM_B, buffer, size_bytes);
  }
  snprintf(buffer, size_bytes, "failed: the baseline gives no predictions: %s",
           intake->no_answers[STREAM_B]);
  return buffer;
}

/* Whether it can be measured here; else the member's absence and the reason. */
static nonet_status find_obstacle(const struct court_request *request, struct court_case *made,
                                  struct judge_member *member, nonet_error *error) {
  const struct intake *intake = request->intake;
  const enum task task = intake->set->roles.task;
  char buffer[256];
  bool is_only = true, is_skipped = false;
  if (made->measure == NULL) {
    snprintf(buffer, sizeof buffer, "not applicable: the task is %s", task_name(task));
    absent(made, member, ABSENCE_NOT_APPLICABLE, buffer);
    return NONET_OK;
  }
  const char *obstacle = unfit(request, made);
  if (obstacle == NULL) {
    obstacle = evaluate_obstacle(made->measure, intake, buffer, sizeof buffer);
  }
  if (obstacle == NULL) {
    obstacle = baseline_obstacle(request, made, buffer, sizeof buffer);
  }
  if (obstacle != NULL) {
    absent(made, member, absence_of(obstacle), obstacle);
    return NONET_OK;
  }
  nonet_status status = names_measure(request->only, made->measure, task, true, &is_only, error);
  if (status == NONET_OK) {
    status = names_measure(request->skip, made->measure, task, false, &is_skipped, error);
  }
  if (status == NONET_OK && (!is_only || is_skipped)) { /* case 4 */
    absent(made, member, ABSENCE_NOT_ASKED,
           is_skipped ? "not asked: measures.skip names it" : "not asked: --only leaves it out");
  }
  return status;
}

static void drop_pick(struct court_case *made) {
  memory_free(made->pick);
  made->pick = NULL;
}

/* The measure of a case, and what keeps it from being measured here. */
static nonet_status settle(const struct court_request *request, bool is_built,
                           struct court_case *made, struct judge_member *member,
                           nonet_error *error) {
  if (!is_built) {
    absent(made, member, ABSENCE_NOT_BUILT, not_built);
    return NONET_OK;
  }
  nonet_status status = find_pick(made->id, request->intake->set->roles.task, made, error);
  if (status == NONET_OK) {
    status = find_obstacle(request, made, member, error);
  }
  if (status != NONET_OK) { /* the court closes the cases that it has counted */
    drop_pick(made);
  }
  return status;
}

/* ---- the list of cases ---- */

static nonet_status new_case(struct court *court, nonet_error *error) {
  size_t capacity = court->capacity;
  void *cases = court->cases, *members = court->members;
  bool fits = memory_grow(&cases, &capacity, court->n + 1, sizeof *court->cases);
  court->cases = cases;
  fits = fits && memory_grow(&members, &court->capacity, court->n + 1, sizeof *court->members);
  court->members = members;
  if (!fits) {
    return error_memory(error, sizeof *court->cases, "a gate");
  }
  court->cases[court->n] = (struct court_case){.scope = &all_rows};
  court->members[court->n] = (struct judge_member){.limit = NAN,
                                                   .gamma = NAN,
                                                   .range_low = -INFINITY,
                                                   .range_high = INFINITY,
                                                   .law = inference_none("none"),
                                                   .excused_by = JUDGE_NOBODY,
                                                   .n_gain_of = JUDGE_NOBODY};
  return NONET_OK;
}

static const struct config_margin *margin_for(const struct court_request *request, const char *id,
                                              const struct requirement_scope *scope) {
  for (size_t i = 0; i < request->n_margins; i++) {
    if (strcmp(request->margins[i].id, id) == 0 &&
        requirement_scope_equal(&request->margins[i].scope, scope)) {
      return &request->margins[i];
    }
  }
  return NULL;
}

/* Fills the case behind the last one from a row of the context; whether it fits stands in
 * `absence`. */
static nonet_status try_gate(struct court *court, const struct context_gate *gate,
                             nonet_error *error) {
  const struct court_request *request = court->request;
  const enum task task = request->intake->set->roles.task;
  nonet_status status = new_case(court, error);
  if (status != NONET_OK) {
    return status;
  }
  struct court_case *made = &court->cases[court->n];
  struct judge_member *member = &court->members[court->n];
  const struct config_margin *stated =
      margin_for(request, gate->measure, &gate->scope); /* case 2 */
  made->kind = member->kind = JUDGE_GATE;
  made->id = gate->measure;
  made->scope = &gate->scope;
  made->why = gate->why;
  made->margin = stated != NULL ? stated->margin : gate->delta;
  made->stated = stated != NULL ? stated->stated : gate->margin;
  made->has_limit = gate->limit != NULL;
  made->limit = gate->limit_delta;
  member->is_exact = gate->is_exact;
  member->tier = gate->tier;
  member->is_guard = gate->is_guard;
  member->is_primary = (gate->primary_of & 1u << task) != 0;
  status = settle(request, gate->is_built, made, member, error);
  member->margin = margin_of(made);
  return status;
}

/* Case 1. */
static nonet_status add_slot(struct court *court, size_t first, size_t end, nonet_error *error) {
  const struct context *context = court->request->context;
  const unsigned task = 1u << court->request->intake->set->roles.task;
  size_t chosen = end;
  nonet_status status = NONET_OK;
  for (size_t i = first; i < end && status == NONET_OK; i++) {
    if ((context->gates[i].task & task) == 0) {
      continue;
    }
    chosen = chosen == end ? i : chosen;
    status = try_gate(court, &context->gates[i], error);
    if (status == NONET_OK && court->members[court->n].absence == ABSENCE_NONE) {
      court->n++;
      return NONET_OK;
    }
    if (status == NONET_OK) {
      drop_pick(&court->cases[court->n]);
    }
  }
  if (status == NONET_OK && chosen < end) {
    status = try_gate(court, &context->gates[chosen], error);
    court->n += status == NONET_OK;
  }
  return status;
}

static nonet_status add_context(struct court *court, nonet_error *error) {
  const struct context *context = court->request->context;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < context->n_gates && status == NONET_OK;) {
    size_t end = i + 1;
    while (end < context->n_gates && context->gates[end].slot == context->gates[i].slot) {
      end++;
    }
    status = add_slot(court, i, end, error);
    i = end;
  }
  return status;
}

static bool is_there(const struct court *court, const struct config_margin *margin) {
  for (size_t i = 0; i < court->n; i++) {
    if (court->cases[i].kind == JUDGE_GATE && strcmp(court->cases[i].id, margin->id) == 0 &&
        requirement_scope_equal(court->cases[i].scope, &margin->scope)) {
      return true;
    }
  }
  return false;
}

/* Case 2: the margins that are not on a gate of the context. */
static nonet_status add_margin(struct court *court, const struct config_margin *margin,
                               nonet_error *error) {
  const struct context *context = court->request->context;
  nonet_status status = new_case(court, error);
  if (status != NONET_OK) {
    return status;
  }
  struct court_case *made = &court->cases[court->n];
  struct judge_member *member = &court->members[court->n];
  made->kind = member->kind = JUDGE_GATE;
  made->id = margin->id;
  made->scope = &margin->scope;
  made->margin = margin->margin;
  made->stated = margin->stated;
  status = settle(court->request, margin->is_built, made, member, error);
  const int tier = made->measure != NULL ? context->tier[made->measure->attribute] : 0;
  member->tier = tier > 0 ? tier : context->n_tiers > 0 ? context->n_tiers : 1;
  member->margin = margin_of(made);
  court->n += status == NONET_OK;
  return status;
}

static nonet_status add_requirement(struct court *court, const struct requirement *requirement,
                                    nonet_error *error) {
  nonet_status status = new_case(court, error);
  if (status != NONET_OK) {
    return status;
  }
  struct court_case *made = &court->cases[court->n];
  struct judge_member *member = &court->members[court->n];
  made->kind = member->kind = JUDGE_REQUIREMENT;
  made->id = requirement->measure;
  made->scope = &requirement->scope;
  made->requirement = requirement;
  made->stated = requirement->text;
  member->range_low = requirement->op == REQUIREMENT_AT_MOST ? -INFINITY : requirement->low;
  member->range_high = requirement->op == REQUIREMENT_AT_LEAST ? INFINITY : requirement->high;
  member->tier = 1;
  status = settle(court->request, requirement->is_built, made, member, error);
  court->n += status == NONET_OK;
  return status;
}

/* Case 7. */
static nonet_status check_number(const struct court *court, nonet_error *error) {
  size_t n = 0;
  for (size_t i = 0; i < court->n; i++) {
    n += court->cases[i].kind == JUDGE_GATE && !court->members[i].is_exact;
  }
  if (n > CONTEXT_GATES_MOST) {
    return error_set(error, NONET_E_USAGE,
                     "%zu gates with sampling error, at most %d: an equal model would hardly pass "
                     "more; leave out a margin",
                     n, CONTEXT_GATES_MOST);
  }
  return NONET_OK;
}

nonet_status court_list(struct court *court, nonet_error *error) {
  const struct court_request *request = court->request;
  nonet_status status = add_context(court, error);
  for (size_t i = 0; i < request->n_margins && status == NONET_OK; i++) {
    if (!is_there(court, &request->margins[i])) {
      status = add_margin(court, &request->margins[i], error);
    }
  }
  if (status == NONET_OK) {
    status = check_number(court, error);
  }
  for (size_t i = 0; i < request->context->n_budgets && status == NONET_OK; i++) {
    status = add_requirement(court, &request->context->budgets[i], error);
  }
  for (size_t i = 0; i < request->n_require && status == NONET_OK; i++) {
    status = add_requirement(court, &request->require[i], error);
  }
  return status;
}
