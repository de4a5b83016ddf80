/*
 * Gates of a context: rows of YAML, merged over those of what it extends, and what must hold.
 *
 * Cases:
 *  1. A row with the measure, scope and a task of one that is there changes what it names (margin,
 * limit, why); `margin: none` takes it out, `limit: none` takes the limit off. Twice in one list is
 * an error.
 *  2. `task`: one or several; not given: all that the measure is for.
 *  3. `slot`: rows with the same word are alternatives of one gate. Without, a row is its own slot.
 *  4. The primary of an attribute is its first slot for the task, over all rows.
 *  5. At most CONTEXT_GATES_MOST slots with sampling error for one task: five gates at power .8
 * each let an equal candidate pass in 33 % of runs, fifteen in 3.5 %.
 *  6. A limit is of the margin's form and above it, never in tier 1, never on a guard, never on an
 * exact measure.
 *  7. A measure of data (no attribute of the nine) is no gate.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/context_private.h"

static const char *const task_words[] = {"binary",  "multiclass", "regression",
                                         "ranking", "multilabel", NULL};
static const enum task task_of_word[] = {TASK_BINARY, TASK_MULTICLASS, TASK_REGRESSION,
                                         TASK_RANKING, TASK_MULTILABEL};
#define N_TASKS (sizeof task_of_word / sizeof *task_of_word)

/* Facts of a file or a graph, or same bytes or not: no sampling error. An id, or the beginning of
 * several. */
static const char *const exact_measures[] = {"efficiency.artifact_bytes",
                                             "efficiency.parameters",
                                             "efficiency.flops",
                                             "efficiency.memory_traffic",
                                             "deployability.loads",
                                             "deployability.determinism",
                                             "deployability.schema_contract",
                                             "deployability.opset_range",
                                             "deployability.custom_ops",
                                             "deployability.external_data",
                                             "deployability.dynamic_batch",
                                             "deployability.op_coverage",
                                             "deployability.protocol_conformance",
                                             "deployability.provenance",
                                             "robustness.stability",
                                             "security.artifact_findings",
                                             "security.signature",
                                             "security.output_exposure",
                                             "security.endpoint_hardening"};

struct row { /* one entry of `gates:` as read */
  struct context_gate gate;
  const struct yaml_node *scope;
  bool is_dropped, drops_limit;
  const struct measure *record;
};

static bool is_exact(const char *id) {
  for (size_t i = 0; i < sizeof exact_measures / sizeof *exact_measures; i++) {
    if (strcmp(id, exact_measures[i]) == 0) {
      return true;
    }
  }
  return false;
}

/* ---- the keys of a row ---------------------------------------------------------------------- */

static nonet_status read_measure(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  struct row *row = into;
  const char *text = NULL;
  nonet_status status = fields_text(reader, node, &text, error);
  if (status != NONET_OK) {
    return status;
  }
  status = requirement_measure(text, reader->pool, &row->gate.measure, &row->gate.scope,
                               &row->record, error);
  return fields_at(reader, node, status, error);
}

static nonet_status read_scope(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  (void)reader, (void)error; /* after the measure, whose own scope it must not meet */
  ((struct row *)into)->scope = node;
  return NONET_OK;
}

static nonet_status read_task(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) {
  bool is_list = node->kind == YAML_SEQUENCE;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < (is_list ? node->n : 1) && status == NONET_OK; i++) {
    size_t index = 0;
    status = fields_word(reader, is_list ? node->item[i] : node, task_words, &index, error);
    ((struct row *)into)->gate.task |= 1u << task_of_word[index];
  }
  return status;
}

static nonet_status read_slot(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) {
  return fields_text(reader, node, &((struct row *)into)->gate.slot_name, error);
}

static nonet_status read_one_margin(const struct fields_reader *reader,
                                    const struct yaml_node *node, const char **stated,
                                    struct margin *margin, bool *is_none, nonet_error *error) {
  nonet_status status = fields_text(reader, node, stated, error);
  *is_none = status == NONET_OK && strcmp(*stated, "none") == 0;
  if (*is_none) {
    *stated = NULL;
    return NONET_OK;
  }
  return status == NONET_OK ? fields_at(reader, node, margin_parse(*stated, margin, error), error)
                            : status;
}

static nonet_status read_margin(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  struct row *row = into;
  return read_one_margin(reader, node, &row->gate.margin, &row->gate.delta, &row->is_dropped,
                         error);
}

static nonet_status read_limit(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  struct row *row = into;
  return read_one_margin(reader, node, &row->gate.limit, &row->gate.limit_delta, &row->drops_limit,
                         error);
}

static nonet_status read_why(const struct fields_reader *reader, const struct yaml_node *node,
                             void *into, nonet_error *error) {
  return fields_text(reader, node, &((struct row *)into)->gate.why, error);
}

static const struct field row_fields[] = {{"measure", read_measure, 0}, {"scope", read_scope, 0},
                                          {"task", read_task, 0},       {"slot", read_slot, 0},
                                          {"margin", read_margin, 0},   {"limit", read_limit, 0},
                                          {"why", read_why, 0},         {NULL, NULL, 0}};

nonet_status context_gates_scope(const struct fields_reader *reader, const struct yaml_node *node,
                                 struct requirement_scope *scope, nonet_error *error) {
  if (scope->n_by > 0 || scope->class_name != NULL || scope->column != NULL) {
    return fields_fail(reader, node, error, "the scope stands behind the measure already");
  }
  if (node->kind != YAML_MAPPING || node->n == 0) {
    return fields_expected(reader, node,
                           "a scope such as {sex: Female}, {class: 3} or {column: sex}", error);
  }
  scope->by_column = pool_new(reader->pool, node->n, sizeof *scope->by_column);
  scope->by_value = pool_new(reader->pool, node->n, sizeof *scope->by_value);
  if (scope->by_column == NULL || scope->by_value == NULL) {
    return error_memory(error, node->n, "a scope");
  }
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < node->n && status == NONET_OK; i++) {
    const char *name = node->key[i]->text, *value = NULL;
    if (!yaml_is_null(node->item[i])) { /* null is the null value */
      status = fields_text(reader, node->item[i], &value, error);
    }
    if (strcmp(name, "class") == 0 || strcmp(name, "column") == 0) {
      *(name[1] == 'l' ? &scope->class_name : &scope->column) = value;
      if (value == NULL && status == NONET_OK) {
        status = fields_expected(reader, node->item[i], "a text", error);
      }
    } else {
      scope->by_column[scope->n_by] = name;
      scope->by_value[scope->n_by++] = value;
    }
  }
  if (status == NONET_OK && scope->column != NULL && node->n > 1) {
    status = fields_fail(reader, node, error, "a scope over a column has nothing beside it");
  }
  return status;
}

static unsigned tasks_of(const struct measure *record) {
  unsigned tasks = 0;
  for (size_t i = 0; i < N_TASKS; i++) {
    static const unsigned bits[N_TASKS] = {FOR_BINARY, FOR_MULTICLASS, FOR_REGRESSION, 0, 0};
    if (record == NULL || (record->tasks & bits[i]) != 0) {
      tasks |= 1u << task_of_word[i];
    }
  }
  return tasks;
}

static int attribute_of(const char *id) {
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    const char *name = catalogue_attribute_name((enum measure_attribute)a);
    size_t length = strlen(name);
    if (strncmp(id, name, length) == 0 && id[length] == '.') {
      return a;
    }
  }
  return -1;
}

static nonet_status read_row(const struct fields_reader *reader, const struct yaml_node *node,
                             struct row *row, nonet_error *error) {
  *row = (struct row){0};
  nonet_status status = fields_read(reader, node, "a gate", row_fields, row, error);
  struct context_gate *gate = &row->gate;
  if (status == NONET_OK && gate->measure == NULL) {
    status = fields_fail(reader, node, error, "expected the gate's measure; it has none");
  }
  if (status == NONET_OK && row->scope != NULL) {
    status = context_gates_scope(reader, row->scope, &gate->scope, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  int attribute = attribute_of(gate->measure);
  if (attribute < 0) { /* case 7 */
    return fields_fail(reader, node, error,
                       "%s is of none of the nine attributes: it cannot be a gate", gate->measure);
  }
  if (gate->margin != NULL) {
    status = fields_at(reader, node, margin_allowed(row->record, gate->delta, error), error);
  }
  struct margin *margins[] = {gate->margin != NULL ? &gate->delta : NULL,
                              gate->limit != NULL ? &gate->limit_delta : NULL};
  for (size_t i = 0; i < 2 && status == NONET_OK; i++) {
    if (margins[i] != NULL) {
      status = fields_at(reader, node, margin_settle(gate->measure, row->record, margins[i], error),
                         error);
    }
  }
  gate->attribute = (enum measure_attribute)attribute;
  gate->is_built = row->record != NULL;
  gate->is_exact = is_exact(gate->measure);
  gate->source = reader->source;
  gate->line = node->line;
  gate->column = node->column;
  return status;
}

/* ---- merging -------------------------------------------------------------------------------- */

static bool is_same_gate(const struct context_gate *old, const struct context_gate *new) {
  return strcmp(old->measure, new->measure) == 0 &&
         requirement_scope_equal(&old->scope, &new->scope) &&
         (new->task == 0 || (old->task & new->task) != 0);
}

static void overlay(struct context_gate *old, const struct row *row) {
  const struct context_gate *new = &row->gate;
  if (new->margin != NULL) {
    old->margin = new->margin;
    old->delta = new->delta;
  }
  if (new->limit != NULL || row->drops_limit) {
    old->limit = new->limit;
    old->limit_delta = new->limit_delta;
  }
  old->task = new->task != 0 ? new->task : old->task;
  old->slot_name = new->slot_name != NULL ? new->slot_name : old->slot_name;
  old->why = new->why != NULL ? new->why : old->why;
  old->source = new->source;
  old->line = new->line;
  old->column = new->column;
}

static void drop(struct context *context, size_t i) {
  memmove(&context->gates[i], &context->gates[i + 1],
          (context->n_gates - i - 1) * sizeof *context->gates);
  context->n_gates--;
}

/* Case 1. */
static nonet_status merge_row(const struct fields_reader *reader, const struct yaml_node *node,
                              const struct row *row, struct context *context, nonet_error *error) {
  bool is_there = false;
  for (size_t i = context->n_gates; i-- > 0;) {
    struct context_gate *old = &context->gates[i];
    if (!is_same_gate(old, &row->gate)) {
      continue;
    }
    if (old->source == reader->source) {
      return fields_fail(reader, node, error, "%s is a gate already, in line %u", old->measure,
                         old->line);
    }
    is_there = true;
    row->is_dropped ? drop(context, i) : overlay(old, row);
  }
  if (is_there) {
    return NONET_OK;
  }
  if (row->is_dropped) {
    return fields_fail(reader, node, error,
                       "%s is no gate of what this extends: nothing to take out",
                       row->gate.measure);
  }
  if (row->gate.why == NULL) {
    return fields_fail(reader, node, error,
                       "expected why: a gate says why its margin is tolerable");
  }
  struct context_gate *gate = &context->gates[context->n_gates];
  *gate = row->gate;
  if (gate->margin == NULL && !gate->is_exact) {
    return fields_fail(reader, node, error,
                       "expected margin: how much worse is tolerable, such as 0.01 or 5%%");
  }
  gate->margin = gate->margin == NULL ? "0" : gate->margin;
  gate->task = gate->task == 0 ? tasks_of(row->record) : gate->task; /* case 2 */
  if ((gate->task & tasks_of(row->record)) != gate->task) {
    return fields_fail(reader, node, error, "%s is for other tasks than this gate names",
                       gate->measure);
  }
  context->n_gates++;
  return NONET_OK;
}

nonet_status context_gates_read(const struct fields_reader *reader, const struct yaml_node *node,
                                struct context *context, nonet_error *error) {
  if (node->kind != YAML_SEQUENCE) {
    return fields_expected(reader, node, "a list of gates", error);
  }
  size_t n = context->n_gates + node->n;
  struct context_gate *gates = pool_new(reader->pool, n, sizeof *gates);
  nonet_status status = gates == NULL ? error_memory(error, n, "gates") : NONET_OK;
  if (status == NONET_OK && context->n_gates > 0) {
    memcpy(gates, context->gates, context->n_gates * sizeof *gates);
  }
  context->gates = gates;
  for (size_t i = 0; i < node->n && status == NONET_OK; i++) {
    struct row row;
    status = read_row(reader, node->item[i], &row, error);
    if (status == NONET_OK) {
      status = merge_row(reader, node->item[i], &row, context, error);
    }
  }
  return status;
}

/* ---- finishing ------------------------------------------------------------------------------ */

static nonet_status gate_fail(const struct context_gate *gate, nonet_error *error,
                              const char *what) {
  return error_set(error, NONET_E_CONFIG, "%s:%u:%u: %s: %s", gate->source, gate->line,
                   gate->column, gate->measure, what);
}

/* Case 3. */
static nonet_status set_slots(struct context *context, nonet_error *error) {
  int n_slots = 0;
  for (size_t i = 0; i < context->n_gates; i++) {
    struct context_gate *gate = &context->gates[i];
    gate->slot = 0;
    for (size_t k = 0; k < i && gate->slot_name != NULL && gate->slot == 0; k++) {
      const struct context_gate *other = &context->gates[k];
      if (other->slot_name == NULL || strcmp(other->slot_name, gate->slot_name) != 0) {
        continue;
      }
      gate->slot = other->slot;
      if (other->attribute != gate->attribute) {
        return gate_fail(gate, error, "the alternatives of a slot are of one attribute");
      }
    }
    gate->slot = gate->slot == 0 ? ++n_slots : gate->slot;
  }
  return NONET_OK;
}

static bool is_over_all(const struct requirement_scope *scope) {
  return scope->n_by == 0 && scope->class_name == NULL;
}

/* Case 4. */
static void set_primaries(struct context *context) {
  for (size_t t = 0; t < N_TASKS; t++) {
    unsigned bit = 1u << task_of_word[t];
    int slot_of[CONTEXT_N_ATTRIBUTES] = {0};
    for (size_t i = 0; i < context->n_gates; i++) {
      struct context_gate *gate = &context->gates[i];
      if ((gate->task & bit) == 0 || !is_over_all(&gate->scope) || gate->is_exact) {
        continue;
      }
      int *slot = &slot_of[gate->attribute];
      *slot = *slot == 0 ? gate->slot : *slot;
      gate->primary_of |= *slot == gate->slot ? bit : 0;
    }
  }
}

/* Case 5. */
static nonet_status check_number(const struct context *context, nonet_error *error) {
  for (size_t t = 0; t < N_TASKS; t++) {
    int n = 0;
    for (size_t i = 0; i < context->n_gates; i++) {
      const struct context_gate *gate = &context->gates[i];
      bool is_new = !gate->is_exact && (gate->task & 1u << task_of_word[t]) != 0;
      for (size_t k = 0; k < i && is_new; k++) {
        const struct context_gate *other = &context->gates[k];
        is_new = other->slot != gate->slot || other->is_exact ||
                 (other->task & 1u << task_of_word[t]) == 0;
      }
      n += is_new;
      if (n > CONTEXT_GATES_MOST) {
        char what[200];
        snprintf(what, sizeof what,
                 "the %dth gate with sampling error for %s; at most %d, since an equal model would "
                 "hardly pass more",
                 n, task_words[t], CONTEXT_GATES_MOST);
        return gate_fail(gate, error, what);
      }
    }
  }
  return NONET_OK;
}

/* Case 6. */
static nonet_status check_limit(const struct context_gate *gate, nonet_error *error) {
  if (gate->limit == NULL) {
    return NONET_OK;
  }
  if (gate->is_exact || gate->is_guard || gate->tier == 1) {
    return gate_fail(gate, error,
                     gate->is_exact   ? "an exact measure has no limit, only a margin"
                     : gate->is_guard ? "a guard is never excused, so it has no limit"
                                      : "a gate of tier 1 is never excused, so it has no limit");
  }
  if (gate->limit_delta.is_relative != gate->delta.is_relative ||
      !(gate->limit_delta.value > gate->delta.value)) {
    return gate_fail(gate, error, "a limit has the form of the margin and is above it");
  }
  return NONET_OK;
}

nonet_status context_gates_finish(struct context *context, nonet_error *error) {
  nonet_status status = set_slots(context, error);
  for (size_t i = 0; i < context->n_gates && status == NONET_OK; i++) {
    struct context_gate *gate = &context->gates[i];
    gate->primary_of = 0;
    gate->is_guard = context->is_guard[gate->attribute];
    gate->tier = gate->is_guard ? context->n_tiers : context->tier[gate->attribute];
    status = check_limit(gate, error);
  }
  if (status == NONET_OK) {
    set_primaries(context);
    status = check_number(context, error);
  }
  return status;
}

nonet_status context_requirements(const struct fields_reader *reader, const struct yaml_node *node,
                                  struct requirement **list, size_t *n, nonet_error *error) {
  bool is_list = node->kind == YAML_SEQUENCE;
  size_t n_new = is_list ? node->n : 1;
  struct requirement *all = pool_new(reader->pool, *n + n_new, sizeof *all);
  nonet_status status = all == NULL ? error_memory(error, n_new, "requirements") : NONET_OK;
  if (status == NONET_OK && *n > 0) {
    memcpy(all, *list, *n * sizeof *all);
  }
  for (size_t i = 0; i < n_new && status == NONET_OK; i++) {
    const struct yaml_node *entry = is_list ? node->item[i] : node;
    struct requirement *requirement = &all[*n + i];
    const char *text = NULL;
    if (entry->kind != YAML_SCALAR) {
      return fields_expected(
          reader, entry,
          "a requirement such as correctness.auc >= 0.85; with a scope, in quotes "
          "where YAML reads its braces otherwise",
          error);
    }
    status = fields_text(reader, entry, &text, error);
    if (status == NONET_OK) {
      status = fields_at(reader, entry, requirement_parse(text, reader->pool, requirement, error),
                         error);
    }
    requirement->line = entry->line;
    requirement->column = entry->column;
  }
  *list = all;
  *n += n_new;
  return status;
}
