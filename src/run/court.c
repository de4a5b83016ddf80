/*
 * The court: who stands before the judge, and with which law.
 *
 * Cases (1, 2, 4, 6, 7 and 9 in court_list.c):
 *  1. The rows of a slot are alternatives: the first that this task, this build and this input
 * allow is the gate. When none is, the slot is NOT_MEASURED, with the reason of its first row for
 * the task.
 *  2. A margin of the configuration or the command line replaces that of the gate it names; on
 * another measure it makes a gate of the last tier that is none's primary.
 *  3. A margin in per cent is tested on the log ratio.
 *  4. --only and skip: leave a gate in the family, NOT_MEASURED as not asked for.
 *  5. A scope that no row is in, or a group too small for the context: a law that must not decide.
 *  6. Without a baseline there are no differences: gates are not applicable, requirements stand.
 *  7. At most five gates with sampling error.
 *  8. A number over the groups of a column: {sex} names it, {sex,race} the groups of both crossed;
 * with one group column it goes without saying, with several it must be said. A gate of every group
 * by itself (no group worse) without a column is over the groups of all of them.
 *  9. A baseline that does not run here: what needs it failed, which is not "not applicable".
 */
#include "run/court_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/fairness/gap_law.h"
#include "measure/fairness/group_primary.h"

/* A view of one scope, made once. */
struct court_room {
  const struct requirement_scope *scope;
  struct view view;
  struct view_column column;
  bool *in_scope;
  bool is_empty;
};

/* ---- rooms ---- */

static bool value_matches(const char *value, const char *wanted) {
  return value == NULL || wanted == NULL ? value == wanted : strcmp(value, wanted) == 0;
}

/* Cells where column = value holds; false when there is no such group column. */
static bool keep_cells(const struct roles *roles, const char *column, const char *value,
                       bool *in_scope) {
  for (size_t g = 0; g < roles_n_sensitive(roles); g++) {
    if (strcmp(roles->groups[g].column, column) == 0) {
      for (size_t c = 0; c < roles->n_cells; c++) {
        const uint32_t code = roles->cell_values[c * roles->n_groups + g];
        in_scope[c] = in_scope[c] && value_matches(roles->groups[g].values[code], value);
      }
      return true;
    }
  }
  return false;
}

nonet_status court_class(enum task task, char *const *classes, size_t n_classes, const char *name,
                         int *class_index, nonet_error *error) {
  *class_index = -1;
  for (size_t k = 0; name != NULL && k < n_classes; k++) {
    if (classes[k] != NULL && strcmp(classes[k], name) == 0) {
      *class_index = (int)k;
    }
  }
  if (name != NULL && (*class_index < 0 || task != TASK_MULTICLASS)) {
    return error_set(error, NONET_E_CONFIG, "{class=%s}: %s", name,
                     task == TASK_MULTICLASS ? "the label has no such class"
                                             : "only multiclass has measures per class");
  }
  return NONET_OK;
}

/* The number of groups when there is no such group column. */
static size_t column_index(const struct roles *roles, const char *column) {
  size_t g = 0;
  while (g < roles_n_sensitive(roles) && strcmp(roles->groups[g].column, column) != 0) {
    g++;
  }
  return g;
}

/* The group columns of a scope, a bit each; 0 and *unknown when one is not among the groups. */
static unsigned columns_of(const struct roles *roles, const struct requirement_scope *scope,
                           const char **unknown) {
  unsigned columns = 0;
  const size_t n = scope->n_columns > 0 ? scope->n_columns : scope->column != NULL;
  for (size_t i = 0; i < n; i++) {
    *unknown = scope->n_columns > 0 ? scope->columns[i] : scope->column;
    const size_t g = column_index(roles, *unknown);
    if (g == roles_n_sensitive(roles) || g >= VIEW_COLUMNS_MOST) {
      return 0;
    }
    columns |= 1u << g;
  }
  return columns;
}

/* Case 8: the scope that a case is judged in. */
static nonet_status resolve_scope(struct court *court, struct court_case *made,
                                  nonet_error *error) {
  const struct roles *roles = &court->request->intake->set->roles;
  const bool is_over_column = made->measure->scopes == IN_COLUMN;
  const char *column = made->scope->column;
  if (column != NULL && (made->measure->scopes & IN_COLUMN) == 0) {
    return error_set(error, NONET_E_CONFIG,
                     "%s{%s}: this measure is no number over the groups of a column; name one "
                     "group, {%s=…}",
                     made->id, column, column);
  }
  const char *unknown = NULL;
  if (column != NULL && columns_of(roles, made->scope, &unknown) == 0) {
    return error_set(error, NONET_E_CONFIG,
                     "%s{%s}: '%s' is not among the groups; name it in groups: or --group",
                     made->id, column, unknown);
  }
  if (!is_over_column || column != NULL) {
    return NONET_OK;
  }
  const bool is_of_all = made->measure->compare_groups != NULL && made->kind == JUDGE_GATE;
  const bool is_plain = made->scope->n_by == 0 && made->scope->class_name == NULL;
  if (!is_plain || (roles_n_sensitive(roles) > 1 && !is_of_all)) {
    return error_set(error, NONET_E_CONFIG,
                     "%s is one number over the groups of a column; name the column: %s{%s}",
                     made->id, made->id, roles->groups[0].column);
  }
  if (!is_of_all) {
    made->scope = &court->column_scopes[0];
  }
  return NONET_OK;
}

static nonet_status open_room(struct court *court, struct court_room *room,
                              const struct requirement_scope *scope, nonet_error *error) {
  const struct intake *intake = court->request->intake;
  const struct roles *roles = &intake->set->roles;
  int class_index = -1;
  *room = (struct court_room){.scope = scope};
  room->in_scope = memory_new(roles->n_cells, sizeof *room->in_scope);
  if (room->in_scope == NULL) {
    return error_memory(error, roles->n_cells, "a scope");
  }
  memset(room->in_scope, 1, roles->n_cells * sizeof *room->in_scope);
  for (size_t i = 0; i < scope->n_by; i++) {
    if (!keep_cells(roles, scope->by_column[i], scope->by_value[i], room->in_scope)) {
      return error_set(error, NONET_E_CONFIG,
                       "{%s=…}: '%s' is not among the groups; name it in groups: or --group",
                       scope->by_column[i], scope->by_column[i]);
    }
  }
  room->is_empty = true;
  for (size_t c = 0; c < roles->n_cells; c++) {
    room->is_empty = room->is_empty && !room->in_scope[c];
  }
  nonet_status status = court_class(roles->task, roles->classes, roles->n_classes,
                                    scope->class_name, &class_index, error);
  if (status == NONET_OK) {
    status = view_init(intake->set, room->in_scope, class_index, &court->view_options, &room->view,
                       error);
    room->view.answers = intake->answers;
    room->view.frame = intake->frame;
    room->view.facts = intake->facts;
  }
  if (status == NONET_OK && scope->column != NULL) { /* case 8 */
    const char *unknown;
    status =
        view_column_init(&room->view, columns_of(roles, scope, &unknown), &room->column, error);
    room->view.column = &room->column;
  }
  return status;
}

static nonet_status find_room(struct court *court, const struct requirement_scope *scope,
                              struct court_room **room, nonet_error *error) {
  for (size_t i = 0; i < court->n_rooms; i++) {
    if (requirement_scope_equal(court->rooms[i].scope, scope)) {
      *room = &court->rooms[i];
      return NONET_OK;
    }
  }
  *room = &court->rooms[court->n_rooms++];
  return open_room(court, *room, scope, error);
}

/* ---- laws ---- */

static void undecided(struct court *court, size_t i, const char *reason) {
  court->members[i].law = inference_none(court->cases[i].measure->interval);
  court->members[i].law.reason = reason;
  snprintf(court->cases[i].reason, sizeof court->cases[i].reason, "%s", reason);
}

static double limit_of(const struct court_case *made, bool is_higher) {
  return made->has_limit ? margin_delta(made->limit, is_higher) : NAN;
}

static nonet_status gate_law(struct court *court, size_t i, struct view *view, nonet_error *error) {
  const struct court_case *made = &court->cases[i];
  struct judge_member *member = &court->members[i];
  const bool is_higher = made->measure->direction == DIRECTION_HIGHER;
  struct inference law = inference_none(made->measure->interval);
  nonet_status status = made->measure->compare(made->measure, &made->variant, view, &law, error);
  if (status == NONET_OK) {
    member->law = made->margin.is_relative ? judge_log_ratio(&law, is_higher) /* case 3 */
                  : is_higher              ? law
                                           : inference_negated(&law);
    member->limit = limit_of(made, is_higher);
  }
  return status;
}

/* Another part of the gate: a law of one group. */
static nonet_status add_part(struct court *court, size_t i, const struct view *view, size_t k,
                             const struct inference *law, double n, nonet_error *error) {
  struct court_case *made = &court->cases[i];
  struct judge_member *member = &court->members[i];
  const bool is_higher = group_primary(view)->direction == DIRECTION_HIGHER;
  struct judge_part *parts = memory_resize(member->parts, member->n_parts + 1, sizeof *parts);
  const char **names =
      parts == NULL ? NULL
                    : memory_resize((void *)made->part_names, member->n_parts + 1, sizeof *names);
  member->parts = parts != NULL ? parts : member->parts;
  made->part_names = names != NULL ? names : made->part_names;
  if (parts == NULL || names == NULL) {
    return error_memory(error, sizeof *parts, "the groups of a gate");
  }
  parts[member->n_parts] = (struct judge_part){
      .law = made->margin.is_relative ? judge_log_ratio(law, is_higher) : *law, .n = n};
  names[member->n_parts++] = gap_law_group_name((struct view *)view, k);
  member->margin = margin_delta(made->margin, is_higher);
  member->limit = limit_of(made, is_higher);
  return NONET_OK;
}

/* The groups that cannot be judged, as many as fit before the room for the worst one. */
static void say_undecided_parts(struct court_case *made, const struct judge_member *member) {
  size_t n_open = 0;
  made->reason[0] = '\0';
  for (size_t k = 0; k < member->n_parts; k++) {
    const struct inference *law = &member->parts[k].law;
    const char *why = law->undecided != NULL           ? law->undecided
                      : law->kind == INFERENCE_MISSING ? law->reason
                                                       : NULL;
    const size_t length = strlen(made->reason);
    if (why != NULL && length + strlen(why) + 100 < sizeof made->reason) {
      snprintf(made->reason + length, sizeof made->reason - length, "%s%s",
               n_open++ == 0 ? "" : "; ", why);
    }
  }
}

/* Case 8: every group of one column or of all. */
static nonet_status parts_law(struct court *court, size_t i, nonet_error *error) {
  struct court_case *made = &court->cases[i];
  struct judge_member *member = &court->members[i];
  const size_t n_columns =
      made->scope->column != NULL ? 1 : roles_n_sensitive(&court->request->intake->set->roles);
  nonet_status status = NONET_OK;
  for (size_t g = 0; g < n_columns && status == NONET_OK; g++) {
    struct court_room *room;
    status = find_room(court, made->scope->column != NULL ? made->scope : &court->column_scopes[g],
                       &room, error);
    const size_t n_groups = status == NONET_OK ? room->column.n_groups : 0;
    struct inference *laws =
        status == NONET_OK ? view_arena(&room->view, n_groups + 1, sizeof *laws) : NULL;
    double *n = laws != NULL ? view_arena(&room->view, n_groups + 1, sizeof *n) : NULL;
    if (status == NONET_OK && n == NULL) {
      status = error_memory(error, n_groups * sizeof *laws, "the groups of a gate");
    }
    if (status == NONET_OK) {
      status = made->measure->compare_groups(made->measure, &room->view, laws, n, error);
    }
    for (size_t k = 0; k < n_groups && status == NONET_OK; k++) {
      status = add_part(court, i, &room->view, k, &laws[k], n[k], error);
      member->n += g == 0 ? n[k] : 0;
    }
  }
  member->law.method = made->measure->interval;
  say_undecided_parts(made, member);
  return status == NONET_OK ? status : error_context(error, status, "%s", made->id);
}

void court_name_worst(struct court *court, size_t i) {
  struct court_case *made = &court->cases[i];
  const struct judge_member *member = &court->members[i];
  const size_t length = strlen(made->reason);
  size_t worst = 0; /* the least value: worst_part is the one that is hardest to call SAFE */
  for (size_t k = 1; k < member->n_parts; k++) {
    const double value = member->parts[k].law.value, least = member->parts[worst].law.value;
    worst = value < least || isnan(least) ? k : worst;
  }
  if (member->n_parts > 0 && member->state != STATE_SAFE) {
    snprintf(made->reason + length, sizeof made->reason - length,
             "%sthe largest loss is in %s (%+.3g, %.0f rows)", length == 0 ? "" : "; ",
             made->part_names[worst], member->parts[worst].law.value, member->parts[worst].n);
  }
}

void court_case_name(struct text *text, const struct court_case *made) {
  text_append(text, made->id);
  requirement_scope_text(made->scope, text);
}

bool court_is_timed(const struct measure *measure) {
  const unsigned timed =
      PROBE_BIT(PROBE_LATENCY) | PROBE_BIT(PROBE_STARTS) | PROBE_BIT(PROBE_BATCHES);
  return measure != NULL && (measure->probes & timed) != 0;
}

static nonet_status requirement_law(struct court *court, size_t i, struct view *view,
                                    nonet_error *error) {
  const struct court_case *made = &court->cases[i];
  struct inference law = inference_none(made->measure->interval);
  nonet_status status =
      made->measure->estimate(made->measure, &made->variant, view, STREAM_A, &law, error);
  court->members[i].law = law;
  return status;
}

static nonet_status fill_law(struct court *court, size_t i, nonet_error *error) {
  struct court_case *made = &court->cases[i];
  struct judge_member *member = &court->members[i];
  struct court_room *room;
  nonet_status status = resolve_scope(court, made, error);
  if (status == NONET_OK && made->kind == JUDGE_GATE && made->measure->compare_groups != NULL) {
    return parts_law(court, i, error);
  }
  if (status == NONET_OK) {
    status = find_room(court, made->scope, &room, error);
  }
  if (status == NONET_OK && room->is_empty) { /* case 5 */
    undecided(court, i, "no row is in this scope");
    return NONET_OK;
  }
  if (status != NONET_OK) {
    return error_context(error, status, "%s", made->id);
  }
  room->view.n_notes = 0;
  status = made->kind == JUDGE_GATE ? gate_law(court, i, &room->view, error)
                                    : requirement_law(court, i, &room->view, error);
  if (status != NONET_OK) {
    return error_context(error, status, "%s", made->id);
  }
  member->n = room->view.n;
  member->is_exact = member->is_exact || member->law.kind == INFERENCE_EXACT;
  member->unit = court_is_timed(made->measure) ? UNIT_LAUNCHES : UNIT_ROWS;
  const char *open = member->law.undecided != NULL ? member->law.undecided : member->law.reason;
  snprintf(made->reason, sizeof made->reason, "%s", open == NULL ? "" : open);
  if (made->scope->n_by > 0 && room->view.n < (double)court->request->context->min_group) {
    snprintf(made->reason, sizeof made->reason,
             "too small to judge: it rests on %.0f rows, the context asks for %zu", room->view.n,
             court->request->context->min_group);
    member->law.undecided = made->reason;
  }
  return NONET_OK;
}

nonet_status court_open(struct court *court, const struct court_request *request,
                        nonet_error *error) {
  *court = (struct court){.request = request,
                          .view_options = {.seed = request->options->seed,
                                           .n_replicates = request->options->replicates,
                                           .n_threads = intake_threads(request->options),
                                           .level = request->options->level,
                                           .quantile = 0.5,
                                           .min_group = request->context->min_group}};
  const struct roles *roles = &request->intake->set->roles;
  nonet_status status = court_list(court, error);
  court->column_scopes = memory_zeroed(roles->n_groups + 1, sizeof *court->column_scopes);
  if (status == NONET_OK && court->column_scopes == NULL) {
    status = error_memory(error, roles->n_groups * sizeof *court->column_scopes, "the scopes");
  }
  for (size_t g = 0; g < roles_n_sensitive(roles) && status == NONET_OK; g++) {
    court->column_scopes[g].column = roles->groups[g].column;
  }
  if (status == NONET_OK) {
    court->rooms = memory_zeroed(court->n + roles->n_groups + 1, sizeof *court->rooms);
    status = court->rooms == NULL
                 ? error_memory(error, court->n * sizeof *court->rooms, "the scopes")
                 : NONET_OK;
  }
  for (size_t i = 0; i < court->n && status == NONET_OK; i++) {
    if (court->members[i].absence == ABSENCE_NONE) {
      status = fill_law(court, i, error);
    }
  }
  return status;
}

void court_close(struct court *court) {
  for (size_t i = 0; i < court->n_rooms; i++) {
    view_column_clear(&court->rooms[i].column);
    view_clear(&court->rooms[i].view);
    memory_free(court->rooms[i].in_scope);
  }
  for (size_t i = 0; i < court->n; i++) {
    memory_free(court->cases[i].pick);
    memory_free((void *)court->cases[i].part_names);
    memory_free(court->members[i].parts);
  }
  memory_free(court->column_scopes);
  memory_free(court->rooms);
  memory_free(court->cases);
  memory_free(court->members);
  *court = (struct court){0};
}

static bool is_of_all_columns(const struct court_case *made) {
  return made->kind == JUDGE_GATE && made->measure->compare_groups != NULL &&
         made->scope->column == NULL;
}

size_t court_columns(const struct court *court, size_t i, unsigned *columns) {
  const struct court_case *made = &court->cases[i];
  const struct roles *roles = &court->request->intake->set->roles;
  const char *unknown;
  size_t n = 0;
  for (size_t g = 0; is_of_all_columns(made) && g < roles_n_sensitive(roles); g++) {
    if (g < VIEW_COLUMNS_MOST) {
      columns[n++] = 1u << g;
    }
  }
  if (made->scope->column != NULL) {
    columns[n++] = columns_of(roles, made->scope, &unknown);
  }
  return n;
}

void court_scope(const struct court *court, size_t i, const bool **in_scope, int *class_index) {
  const struct requirement_scope *scope =
      is_of_all_columns(&court->cases[i]) ? &court->column_scopes[0] : court->cases[i].scope;
  size_t room = 0;
  while (!requirement_scope_equal(court->rooms[room].scope, scope)) {
    room++;
  }
  *in_scope = court->rooms[room].in_scope;
  *class_index = court->rooms[room].view.class_index;
}
