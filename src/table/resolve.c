/*
 * From what the caller asked for to the meaning of every column.
 *
 * The task, when not given (in this order): one score and two label values → binary; several scores
 * or a list → multiclass; a float label → regression; anything else is an error that asks for
 * --task. Positive class: 1 or true of {0, 1}, {−1, 1} and booleans; otherwise --positive. Class
 * order: numbers ascending, strings bytewise, false < true; or --classes.
 *
 * Cases: 1. A label that is a float with two values is binary, with more it is regression: a look
 * at the first rows settles most without a scan. 2. Predictions without scores: their values are
 * classes too. 3. Multiclass scores in columns: the names of the columns are the classes, sorted,
 * and the columns move with them. 4. A part (--state) may have one class or no rows. 5. The
 * threshold is rounded to the type of the scores. 6. A label alone asks only what the task is. 7. A
 * group column of numbers with edges, or with many values, becomes ranges (ranges.h).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "table/domain.h"
#include "table/tableparts.h"

#define PROBE_ROWS 100000

struct resolving {
  struct table *table;
  const struct roles_request *request;
  struct roles *roles;
  struct domain_found found;
  struct progress *progress;
  nonet_error *error;
};

/* "(3 values: a, b, c)". */
static void list_names(struct text *text, char *const *names, size_t n) {
  text_printf(text, "%zu value%s: ", n, n == 1 ? "" : "s");
  for (size_t i = 0; i < n && i < 10; i++)
    text_printf(text, "%s'%.40s'", i ? ", " : "", names[i] ? names[i] : "null");
  text_append(text, n > 10 ? ", …" : "");
}

/* "BEFORE 'column' has N values: …AFTER". */
static nonet_status fail_with_values(const struct resolving *r, const struct valueset *set,
                                     const char *before, const char *column, const char *after) {
  struct text values = {0};
  list_names(&values, set->names, set->n);
  nonet_status status = error_set(r->error, NONET_E_DATA, "%s '%s' has %s%s", before, column,
                                  values.data ? values.data : "", after);
  text_clear(&values);
  return status;
}

static nonet_status short_memory(const struct resolving *r) {
  return error_memory(r->error, 4096, "the roles");
}

static nonet_status bind(struct resolving *r, const char *name, enum binding_use use,
                         const char *role, size_t *binding) {
  *binding = NO_BINDING;
  return name ? plan_bind(r->table, name, use, role, binding, r->error) : NONET_OK;
}

static nonet_status bind_scores(struct resolving *r, int s) {
  static const char *const role[N_STREAMS] = {"--score", "--baseline-score"};
  struct plan *plan = &r->table->plan;
  size_t n = r->request->n_scores[s];
  if (n == 0)
    return NONET_OK;
  plan->scores[s] = memory_new(n, sizeof *plan->scores[s]);
  if (!plan->scores[s])
    return short_memory(r);
  plan->n_scores[s] = n;
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < n && !status; k++) {
    status = bind(r, r->request->scores[s][k], USE_NUMBER, role[s], &plan->scores[s][k]);
    for (size_t j = 0; j < k && !status; j++)
      if (plan->scores[s][j] == plan->scores[s][k])
        status = error_set(r->error, NONET_E_USAGE, "%s: '%s' is given twice", role[s],
                           r->request->scores[s][k]);
  }
  return status;
}

static bool is_control(const struct resolving *r, size_t g) {
  return g >= r->request->n_groups;
}

/* What was asked for, edges and all: groups first, then controls. */
static const char *group_item(const struct resolving *r, size_t g) {
  return is_control(r, g) ? r->request->controls[g - r->request->n_groups] : r->request->groups[g];
}

static const char *group_name(const struct resolving *r, size_t g) {
  return r->table->plan.bindings[r->table->plan.groups[g]].request;
}

static nonet_status bind_groups(struct resolving *r) {
  struct plan *plan = &r->table->plan;
  const size_t n = r->request->n_groups + r->request->n_controls;
  plan->groups = memory_new(n + 1, sizeof *plan->groups);
  plan->ranges = memory_zeroed(n + 1, sizeof *plan->ranges);
  nonet_status status = plan->groups && plan->ranges ? NONET_OK : short_memory(r);
  for (size_t g = 0; g < n && !status; g++) {
    const char *option = is_control(r, g) ? "--control" : "--group", *item = group_item(r, g);
    char *name = memory_text(item);
    status = name ? ranges_read(item, &plan->ranges[g], r->error) : short_memory(r);
    if (!status) {
      name[ranges_name_length(item)] = '\0';
      status = bind(r, name, USE_CATEGORY, option, &plan->groups[g]);
    }
    memory_free(name);
    for (size_t h = 0; h < g && !status; h++)
      if (plan->groups[h] == plan->groups[g])
        status =
            error_set(r->error, NONET_E_USAGE, "%s: '%s' is given twice%s", option, item,
                      is_control(r, g) && !is_control(r, h) ? ", as a group and as a control" : "");
    plan->n_groups = g + 1;
  }
  return status;
}

static nonet_status bind_all(struct resolving *r) {
  static const char *const role[N_STREAMS] = {"--prediction", "--baseline-prediction"};
  struct plan *plan = &r->table->plan;
  const struct roles_request *request = r->request;
  size_t ignored;
  enum binding_use label_use = request->task == TASK_REGRESSION ? USE_NUMBER : USE_CATEGORY;
  nonet_status status = bind(r, request->label, label_use, "--label", &plan->label);
  for (int s = 0; s < N_STREAMS; s++) {
    plan->prediction[s] = NO_BINDING;
    if (!status)
      status = bind_scores(r, s);
    if (!status)
      status = bind(r, request->prediction[s], USE_CATEGORY, role[s], &plan->prediction[s]);
  }
  if (!status)
    status = bind(r, request->weight, USE_NUMBER, "--weight", &plan->weight);
  if (!status)
    status = bind(r, request->cluster, USE_KEY, "--cluster", &plan->cluster);
  if (!status)
    status = bind(r, request->id, USE_KEY, "--id", &plan->id);
  if (!status)
    status = bind_groups(r);
  if (!status)
    status = bind(r, request->query_id, USE_KEY, "--query-id", &ignored);
  if (!status)
    status = bind(r, request->time, USE_KEY, "--time", &ignored);
  return status ? status : plan_settle_types(r->table, r->error);
}

static nonet_status wrong_type(const struct resolving *r, const char *role, size_t binding,
                               const char *expected) {
  char type[128];
  arrow_type_name(&r->table->plan.bindings[binding].type, type, sizeof type);
  return error_set(r->error, NONET_E_DATA, "%s: column '%s' is %s%s; expected %s", role,
                   r->table->plan.bindings[binding].request,
                   strncmp(type, "list", 4) == 0 ? "a " : "", type, expected);
}

static nonet_status check_category(const struct resolving *r, const char *role, size_t binding) {
  if (binding == NO_BINDING)
    return NONET_OK;
  enum arrowcol_kind kind = r->table->plan.bindings[binding].type.kind;
  if (kind == ARROWCOL_LIST || kind == ARROWCOL_OTHER)
    return wrong_type(r, role, binding, "numbers, texts, booleans or dates");
  return NONET_OK;
}

static nonet_status check_number(const struct resolving *r, const char *role, size_t binding) {
  if (binding == NO_BINDING || arrow_type_is_number(&r->table->plan.bindings[binding].type))
    return NONET_OK;
  return wrong_type(r, role, binding, "numbers");
}

static nonet_status check_scores(struct resolving *r, int s) {
  static const char *const role[N_STREAMS] = {"--score", "--baseline-score"};
  struct plan *plan = &r->table->plan;
  for (size_t k = 0; k < plan->n_scores[s]; k++) {
    const struct arrow_type *type = &plan->bindings[plan->scores[s][k]].type;
    if (type->kind != ARROWCOL_LIST) {
      nonet_status status = check_number(r, role[s], plan->scores[s][k]);
      if (status)
        return status;
      continue;
    }
    if (plan->n_scores[s] > 1)
      return wrong_type(r, role[s], plan->scores[s][k],
                        "one number per row where several score columns are given");
    if (!arrow_type_is_number(type->item))
      return wrong_type(r, role[s], plan->scores[s][k], "a list of numbers");
    plan->score_is_list[s] = true;
  }
  return NONET_OK;
}

static nonet_status check_types(struct resolving *r) {
  const struct plan *plan = &r->table->plan;
  nonet_status status = NONET_OK;
  if (plan->label != NO_BINDING)
    status = r->request->task == TASK_REGRESSION ? check_number(r, "--label", plan->label)
                                                 : check_category(r, "--label", plan->label);
  for (int s = 0; s < N_STREAMS && !status; s++) {
    status = check_scores(r, s);
    if (!status)
      status = check_category(r, s ? "--baseline-prediction" : "--prediction", plan->prediction[s]);
  }
  for (size_t g = 0; g < plan->n_groups && !status; g++)
    status = check_category(r, is_control(r, g) ? "--control" : "--group", plan->groups[g]);
  if (!status)
    status = check_number(r, "--weight", plan->weight);
  if (!status)
    status = check_category(r, "--cluster", plan->cluster);
  return status ? status : check_category(r, "--id", plan->id);
}

static bool has_several_scores(const struct plan *plan) {
  return plan->n_scores[STREAM_A] > 1 || plan->score_is_list[STREAM_A] ||
         plan->n_scores[STREAM_B] > 1 || plan->score_is_list[STREAM_B];
}

static double threshold_of(const struct roles_request *request, int stream) {
  return stream == STREAM_B && request->baseline_threshold ? *request->baseline_threshold
                                                           : request->threshold;
}

static nonet_status check_request(struct resolving *r) {
  const struct roles_request *request = r->request;
  const struct plan *plan = &r->table->plan;
  if (request->task == TASK_RANKING || request->task == TASK_MULTILABEL)
    return error_set(r->error, NONET_E_USAGE,
                     "--task %s is not built yet: binary, multiclass and regression are",
                     task_name(request->task));
  if (!request->label && request->n_scores[STREAM_A] == 0 && !request->prediction[STREAM_A])
    return error_set(r->error, NONET_E_USAGE,
                     "nothing to measure: give --label and --score or --prediction");
  if ((request->n_scores[STREAM_B] || request->prediction[STREAM_B]) &&
      !request->n_scores[STREAM_A] && !request->prediction[STREAM_A])
    return error_set(r->error, NONET_E_USAGE,
                     "a baseline needs a candidate: give --score or --prediction too");
  for (int s = 0; s < N_STREAMS; s++)
    if (!isfinite(threshold_of(request, s)))
      return error_set(r->error, NONET_E_USAGE, "%s must be a number",
                       s == STREAM_A ? "--threshold" : "--baseline-threshold");
  for (size_t i = 0; i < request->n_classes; i++)
    for (size_t j = 0; j < i; j++)
      if (strcmp(request->classes[i], request->classes[j]) == 0)
        return error_set(r->error, NONET_E_USAGE, "--classes: '%s' is given twice",
                         request->classes[i]);
  if (request->task == TASK_BINARY && has_several_scores(plan))
    return error_set(r->error, NONET_E_DATA,
                     "--task binary takes one score per row; '%s' is a list or one of several "
                     "(multiclass takes one per class)",
                     request->scores[plan->n_scores[STREAM_A] ? STREAM_A : STREAM_B][0]);
  if (request->task == TASK_REGRESSION &&
      (has_several_scores(plan) || request->prediction[0] || request->prediction[1]))
    return error_set(r->error, NONET_E_USAGE,
                     "--task regression takes one --score, which is the prediction");
  return NONET_OK;
}

/* Case 1: is a label column of numbers a regression target? Only asked when the task is open. */
static nonet_status probe_regression(struct resolving *r, bool *is_regression) {
  struct plan *plan = &r->table->plan;
  *is_regression = false;
  const struct arrow_type *type = &plan->bindings[plan->label].type;
  bool is_float =
      !type->is_dictionary && (type->kind == ARROWCOL_FLOAT16 || type->kind == ARROWCOL_FLOAT32 ||
                               type->kind == ARROWCOL_FLOAT64 || type->kind == ARROWCOL_DECIMAL);
  if (!is_float && !plan->bindings[plan->label].is_untyped)
    return NONET_OK;
  struct domain_wanted wanted = {.label = plan->label,
                                 .prediction = {NO_BINDING, NO_BINDING},
                                 .not_null = plan->label,
                                 .limit = PROBE_ROWS};
  struct domain_found found;
  nonet_status status = domain_find(r->table, &wanted, &found, r->progress, r->error);
  if (!status)
    *is_regression =
        found.labels.n > 2 && valueset_is_numeric(&found.labels) && found.labels.saw_float;
  if (!status)
    domain_clear(&found);
  return status;
}

static nonet_status become_regression(struct resolving *r) {
  struct plan *plan = &r->table->plan;
  r->roles->task = TASK_REGRESSION;
  if (r->request->label && plan->bindings[plan->label].use != USE_NUMBER) {
    nonet_status status = bind(r, r->request->label, USE_NUMBER, "--label", &plan->label);
    if (!status)
      status = plan_settle_types(r->table, r->error);
    if (!status)
      status = check_number(r, "--label", plan->label);
    if (status)
      return status;
  }
  if (plan->n_scores[STREAM_A] == 0 && r->request->prediction[STREAM_A])
    return error_set(r->error, NONET_E_USAGE,
                     "the label '%s' or its predictions hold fractions, which means regression: "
                     "give the predicted numbers with --score instead of --prediction (or --task "
                     "multiclass if its values are classes)",
                     r->request->label ? r->request->label : "");
  return NONET_OK;
}

/* Case 7: columns of numbers with many values become ranges. *any: some did. */
static nonet_status find_ranges(struct resolving *r, const struct domain_wanted *wanted,
                                bool *any) {
  struct plan *plan = &r->table->plan;
  nonet_status status = NONET_OK;
  *any = false;
  for (size_t g = 0; g < plan->n_groups && !status; g++) {
    const struct binding *binding = &plan->bindings[plan->groups[g]];
    const struct valueset *set = &r->found.groups[g];
    const bool may_be = r->found.too_many_cells
                            ? binding->is_untyped || arrow_type_is_number(&binding->type)
                            : valueset_is_numeric(set) && set->n > RANGES_FEW;
    if (!may_be || plan->ranges[g].n > 0)
      continue;
    status = ranges_find(r->table, plan->groups[g], wanted->not_null, r->request->is_part,
                         &plan->ranges[g], r->error);
    *any |= plan->ranges[g].n > 0;
  }
  return status;
}

/* Whether the classes must be collected, and from where. */
static nonet_status scan_domain(struct resolving *r) {
  struct plan *plan = &r->table->plan;
  const struct roles_request *request = r->request;
  bool regression = r->roles->task == TASK_REGRESSION;
  bool named_by_columns = plan->n_scores[STREAM_A] > 1 || plan->n_scores[STREAM_B] > 1;
  bool classes_known = regression || request->n_classes > 0 || named_by_columns;
  struct domain_wanted wanted = {.label = NO_BINDING,
                                 .prediction = {NO_BINDING, NO_BINDING},
                                 .not_null = plan->label,
                                 .groups = plan->groups,
                                 .ranges = plan->ranges,
                                 .n_groups = plan->n_groups};
  if (!classes_known) {
    wanted.label = plan->label;
    bool has_scores = plan->n_scores[STREAM_A] || plan->n_scores[STREAM_B];
    for (int s = 0; s < N_STREAMS; s++)
      if (!has_scores || plan->label == NO_BINDING)
        wanted.prediction[s] = plan->prediction[s];
  }
  if (wanted.label == NO_BINDING && wanted.prediction[0] == NO_BINDING &&
      wanted.prediction[1] == NO_BINDING && wanted.n_groups == 0)
    return NONET_OK;
  nonet_status status = domain_find(r->table, &wanted, &r->found, r->progress, r->error);
  bool again = false;
  if (!status)
    status = find_ranges(r, &wanted, &again);
  if (!status && again) {
    domain_clear(&r->found);
    status = domain_find(r->table, &wanted, &r->found, r->progress, r->error);
  }
  return !status && r->found.too_many_cells
             ? domain_too_many(r->table, &wanted, &r->found, r->error)
             : status;
}

static nonet_status settle_task(struct resolving *r) {
  struct plan *plan = &r->table->plan;
  const struct roles_request *request = r->request;
  const struct valueset *classes = &r->found.classes;
  const char *label = request->label ? request->label : "";
  if (r->roles->task != TASK_AUTO)
    return NONET_OK;
  if (has_several_scores(plan)) {
    r->roles->task = TASK_MULTICLASS;
    return NONET_OK;
  }
  size_t n = request->n_classes ? request->n_classes : classes->n;
  bool has_score = plan->n_scores[STREAM_A] || plan->n_scores[STREAM_B];
  if (n <= 2 && !r->found.too_many_labels) {
    r->roles->task = TASK_BINARY;
    return NONET_OK;
  }
  if (!has_score && !(valueset_is_numeric(classes) && classes->saw_float)) {
    r->roles->task = TASK_MULTICLASS;
    return NONET_OK;
  }
  if (valueset_is_numeric(classes) && classes->saw_float)
    return become_regression(r);
  if (request->n_classes)
    return error_set(
        r->error, NONET_E_DATA,
        "--classes names %zu classes but there is one score; binary takes two classes, multiclass "
        "one --score per class",
        n);
  if (valueset_is_numeric(classes))
    return fail_with_values(
        r, classes, "the label", label,
        "; integers, and one score: say --task regression, or give one --score per "
        "class for multiclass");
  return fail_with_values(r, classes, "the label", label,
                          "; one score means binary, which takes two values (multiclass takes one "
                          "--score per class)");
}

/* Names stand in evidence, which is UTF-8; only a column of bytes can hold anything else. */
static nonet_status check_utf8(const struct resolving *r, const char *role, const char *column,
                               const char *name) {
  if (!name || text_is_utf8(name, strlen(name)))
    return NONET_OK;
  return error_set(r->error, NONET_E_DATA,
                   "%s: column '%s' holds bytes that are no text in UTF-8; name another column, or "
                   "give the values names with --query, such as hex(%s)",
                   role, column, column);
}

static nonet_status set_classes(struct resolving *r, const char *const *names, size_t n) {
  r->roles->classes = memory_zeroed(n + 1, sizeof *r->roles->classes);
  if (!r->roles->classes)
    return short_memory(r);
  r->roles->n_classes = n;
  for (size_t i = 0; i < n; i++) {
    nonet_status status = check_utf8(r, "--label", r->request->label, names[i]);
    if (status)
      return status;
    if (names[i] && !(r->roles->classes[i] = memory_text(names[i])))
      return short_memory(r);
  }
  return NONET_OK;
}

/* The pairs whose positive class goes without saying. */
static bool known_pair(const char *const names[2], size_t n, const char *pair[2]) {
  static const char *const pairs[][2] = {{"0", "1"}, {"-1", "1"}, {"false", "true"}};
  for (size_t p = 0; p < 3; p++) {
    bool fits = true;
    for (size_t i = 0; i < n; i++)
      fits &= strcmp(names[i], pairs[p][0]) == 0 || strcmp(names[i], pairs[p][1]) == 0;
    if (fits) {
      pair[0] = pairs[p][0];
      pair[1] = pairs[p][1];
      return true;
    }
  }
  return false;
}

static nonet_status settle_binary(struct resolving *r) {
  const struct roles_request *request = r->request;
  const struct valueset *set = &r->found.classes;
  const char *names[2] = {NULL, NULL}, *pair[2];
  size_t n = request->n_classes ? request->n_classes : set->n;
  const char *label = request->label ? request->label : "";
  if (n > 2)
    return request->n_classes
               ? error_set(r->error, NONET_E_USAGE, "binary takes two --classes, not %zu", n)
               : fail_with_values(r, set, "binary needs a label with two values;", label, "");
  for (size_t i = 0; i < n; i++)
    names[i] = request->n_classes ? request->classes[i] : set->names[i];
  if (n == 0 && !request->is_part && request->label)
    return error_set(r->error, NONET_E_DATA, "%s has no rows with a label ('%s')", r->table->name,
                     label);
  if (n == 1 && !request->is_part && !request->n_classes && request->label)
    return error_set(r->error, NONET_E_DATA,
                     "the label '%s' has one class only ('%s'): nothing tells the classes apart; "
                     "two values are needed",
                     label, names[0]);
  const char *positive = request->positive;
  if (!positive && known_pair(names, n, pair) && n > 0)
    return set_classes(r, pair, 2);
  if (!positive && n == 0)
    return set_classes(r, names, 2);
  if (!positive) {
    if (request->n_classes == 2)
      return set_classes(r, names, 2); /* --classes says the order: negative, positive */
    return fail_with_values(r, set, "which class is the positive one? The label", label,
                            ": say --positive VALUE");
  }
  if (n == 2 && strcmp(names[0], positive) != 0 && strcmp(names[1], positive) != 0) {
    bool word;
    double number;
    struct value value = {.kind = VALUE_NULL};
    if (value_parse_bool(positive, strlen(positive), &word) && set->saw_bool)
      value = value_bool(word);
    else if (value_parse_number(positive, strlen(positive), &number) && valueset_is_numeric(set))
      value = value_double(number);
    char buffer[VALUE_NAME_BYTES];
    const char *name = NULL;
    size_t length = 0;
    if (value.kind != VALUE_NULL)
      value_name(&value, buffer, &name, &length);
    for (int i = 0; i < 2; i++)
      if (name && strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
        positive = names[i];
  }
  if (n == 2 && strcmp(names[0], positive) != 0 && strcmp(names[1], positive) != 0) {
    struct text values = {0};
    list_names(&values, (char *const *)names, 2);
    nonet_status status =
        error_set(r->error, NONET_E_DATA, "--positive '%s' is no value of '%s', which has %s",
                  positive, label, values.data ? values.data : "");
    text_clear(&values);
    return status;
  }
  const char *negative = NULL;
  for (size_t i = 0; i < n; i++)
    if (strcmp(names[i], positive) != 0)
      negative = names[i];
  if (!negative && n == 1 && known_pair(names, 1, pair))
    negative = strcmp(pair[0], positive) == 0 ? pair[1] : pair[0];
  const char *ordered[2] = {negative, positive};
  return set_classes(r, ordered, 2);
}

/* Case 3: --classes renames the columns in their order; else columns are sorted by the class they
 * name. */
static nonet_status classes_of_columns(struct resolving *r) {
  struct plan *plan = &r->table->plan;
  const struct roles_request *request = r->request;
  int first = plan->n_scores[STREAM_A] > 1 ? STREAM_A : STREAM_B;
  size_t n = plan->n_scores[first];
  if (request->n_classes) {
    if (request->n_classes != n)
      return error_set(r->error, NONET_E_USAGE,
                       "--classes names %zu classes, but there are %zu score columns",
                       request->n_classes, n);
    return set_classes(r, request->classes, n);
  }
  nonet_status status = set_classes(r, request->scores[first], n);
  if (status)
    return status;
  bool all_int = true;
  int64_t value;
  for (size_t k = 0; k < n; k++)
    all_int &= value_parse_int(r->roles->classes[k], strlen(r->roles->classes[k]), &value);
  value_names_sort(r->roles->classes, n, all_int);
  size_t *sorted = memory_new(n, sizeof *sorted);
  if (!sorted)
    return short_memory(r);
  for (int s = 0; s < N_STREAMS; s++) {
    if (s != first) /* the baseline's columns have other names: they follow the candidate's by
                       position */
      continue;
    for (size_t k = 0; k < n; k++)
      for (size_t j = 0; j < n; j++)
        if (strcmp(r->roles->classes[k], request->scores[s][j]) == 0)
          sorted[k] = j;
  }
  for (int s = 0; s < N_STREAMS && !status; s++) {
    if (plan->n_scores[s] != n)
      continue;
    size_t *moved = memory_new(n, sizeof *moved);
    if (!moved) {
      status = short_memory(r);
      break;
    }
    for (size_t k = 0; k < n; k++)
      moved[k] = plan->scores[s][sorted[k]];
    memory_free(plan->scores[s]);
    plan->scores[s] = moved;
  }
  memory_free(sorted);
  return status;
}

static nonet_status settle_multiclass(struct resolving *r) {
  struct plan *plan = &r->table->plan;
  const struct roles_request *request = r->request;
  nonet_status status;
  if (plan->n_scores[STREAM_A] > 1 || plan->n_scores[STREAM_B] > 1) {
    status = classes_of_columns(r);
  } else if (request->n_classes) {
    status = set_classes(r, request->classes, request->n_classes);
  } else {
    if (r->found.too_many_labels)
      return error_set(r->error, NONET_E_DATA,
                       "the label '%s' has more than %d values: too many for classes",
                       request->label, DOMAIN_CLASSES_MOST);
    if (r->found.classes.n == 0 && !request->is_part)
      return error_set(r->error, NONET_E_DATA, "%s has no rows with a label ('%s')", r->table->name,
                       request->label ? request->label : "");
    if (r->found.classes.n == 1 && !request->is_part)
      return error_set(r->error, NONET_E_DATA,
                       "the label '%s' has one class only ('%s'); at least two are needed",
                       request->label ? request->label : "", r->found.classes.names[0]);
    status = set_classes(r, (const char *const *)r->found.classes.names, r->found.classes.n);
  }
  for (int s = 0; s < N_STREAMS && !status; s++)
    if (plan->n_scores[s] && !plan->score_is_list[s] && plan->n_scores[s] != r->roles->n_classes)
      status =
          error_set(r->error, NONET_E_DATA,
                    "multiclass takes one %s per class (%zu), or one list column; %zu given",
                    s ? "--baseline-score" : "--score", r->roles->n_classes, plan->n_scores[s]);
  return status;
}

static nonet_status copy_name(const struct resolving *r, const char *name, char **copy) {
  if (name && !(*copy = memory_text(name)))
    return short_memory(r);
  return NONET_OK;
}

/* Cells by value codes; groups without rows leave one cell. */
static nonet_status take_groups(struct resolving *r) {
  struct roles *roles = r->roles;
  size_t n_groups = r->table->plan.n_groups;
  roles->n_cells = 1;
  if (n_groups == 0)
    return NONET_OK;
  roles->groups = memory_zeroed(n_groups, sizeof *roles->groups);
  roles->cell_values = memory_zeroed(r->found.n_cells * n_groups + 1, sizeof *roles->cell_values);
  if (!roles->groups || !roles->cell_values)
    return short_memory(r);
  roles->n_groups = n_groups;
  roles->n_controls = r->request->n_controls;
  for (size_t g = 0; g < n_groups; g++) {
    struct valueset *set = &r->found.groups[g];
    struct domain *domain = &roles->groups[g];
    domain->column = memory_text(group_name(r, g));
    domain->values = memory_zeroed(set->n + 2, sizeof *domain->values);
    if (!domain->column || !domain->values)
      return short_memory(r);
    for (size_t i = 0; i < set->n; i++) {
      nonet_status status = check_utf8(r, "--group", group_name(r, g), set->names[i]);
      if (status)
        return status;
      if (!(domain->values[domain->n_values++] = memory_text(set->names[i])))
        return short_memory(r);
    }
    domain->n_values += set->saw_null; /* its name is NULL */
    nonet_status status = copy_name(r, r->table->plan.ranges[g].rule, &domain->rule);
    if (status)
      return status;
  }
  for (size_t i = 0; i < r->found.n_cells * n_groups; i++) {
    uint32_t code = r->found.cells[i];
    roles->cell_values[i] =
        code == VALUESET_NULL ? (uint32_t)(roles->groups[i % n_groups].n_values - 1) : code;
  }
  roles->n_cells = r->found.n_cells ? r->found.n_cells : 1;
  return NONET_OK;
}

static nonet_status take_names(struct resolving *r) {
  struct roles *roles = r->roles;
  const struct roles_request *request = r->request;
  const struct plan *plan = &r->table->plan;
  nonet_status status = copy_name(r, request->label, &roles->label_column);
  if (!status)
    status = copy_name(r, request->weight, &roles->weight_column);
  if (!status)
    status = copy_name(r, request->cluster, &roles->cluster_column);
  if (!status)
    status = copy_name(r, request->id, &roles->id_column);
  for (int s = 0; s < N_STREAMS && !status; s++) {
    status = copy_name(r, request->prediction[s], &roles->prediction_column[s]);
    if (status || plan->n_scores[s] == 0)
      continue;
    roles->score_columns[s] = memory_zeroed(roles->n_scores + 1, sizeof *roles->score_columns[s]);
    if (!roles->score_columns[s])
      return short_memory(r);
    for (size_t k = 0; k < roles->n_scores && !status; k++) {
      size_t from = k < plan->n_scores[s] ? k : 0; /* a list column stands for all its classes */
      status =
          copy_name(r, plan->bindings[plan->scores[s][from]].request, &roles->score_columns[s][k]);
    }
  }
  return status;
}

static bool stream_is_float32(const struct plan *plan, int s) {
  for (size_t k = 0; k < plan->n_scores[s]; k++) {
    const struct arrow_type *type = &plan->bindings[plan->scores[s][k]].type;
    enum arrowcol_kind kind = plan->score_is_list[s] ? type->item->kind : type->kind;
    if (kind != ARROWCOL_FLOAT32 && kind != ARROWCOL_FLOAT16)
      return false;
  }
  return true;
}

static nonet_status fill_roles(struct resolving *r) {
  struct roles *roles = r->roles;
  struct plan *plan = &r->table->plan;
  bool regression = roles->task == TASK_REGRESSION,
       any_score = plan->n_scores[STREAM_A] || plan->n_scores[STREAM_B];
  roles->n_scores = !any_score ? 0 : roles->task == TASK_MULTICLASS ? roles->n_classes : 1;
  roles->has_label = plan->label != NO_BINDING;
  roles->has_weight = plan->weight != NO_BINDING;
  roles->has_cluster = plan->cluster != NO_BINDING;
  roles->has_id = plan->id != NO_BINDING;
  roles->score_is_float32 = any_score;
  for (int s = 0; s < N_STREAMS; s++) {
    roles->has_score[s] = plan->n_scores[s] > 0;
    roles->prediction_given[s] = plan->prediction[s] != NO_BINDING;
    roles->has_prediction[s] = !regression && (roles->has_score[s] || roles->prediction_given[s]);
    bool is_float32 = stream_is_float32(plan, s);
    roles->score_is_float32 &= is_float32;
    const double threshold = threshold_of(r->request, s);
    roles->threshold[s] = is_float32 && roles->has_score[s] ? (double)(float)threshold : threshold;
    plan->threshold[s] = roles->threshold[s];
  }
  plan->drop_invalid = r->request->drop_invalid;
  nonet_status status = take_groups(r);
  return status ? status : take_names(r);
}

nonet_status table_resolve(struct table *table, const struct roles_request *request,
                           struct roles *roles, struct progress *progress, nonet_error *error) {
  memset(roles, 0, sizeof *roles);
  plan_clear(&table->plan);
  table->plan.label = table->plan.weight = table->plan.cluster = table->plan.id = NO_BINDING;
  struct resolving r = {
      .table = table, .request = request, .roles = roles, .progress = progress, .error = error};
  bool is_regression = request->task == TASK_REGRESSION;
  roles->task = request->task;
  nonet_status status = bind_all(&r);
  if (!status)
    status = check_types(&r);
  if (!status)
    status = check_request(&r);
  bool is_open = request->task == TASK_AUTO && table->plan.label != NO_BINDING &&
                 !has_several_scores(&table->plan) && request->n_classes == 0 && !request->positive;
  if (!status && is_open)
    status = probe_regression(&r, &is_regression);
  if (!status && is_regression)
    status = become_regression(&r);
  if (!status)
    status = scan_domain(&r);
  if (!status)
    status = settle_task(&r);
  if (!status && roles->task == TASK_BINARY)
    status = settle_binary(&r);
  if (!status && roles->task == TASK_MULTICLASS)
    status = settle_multiclass(&r);
  if (!status)
    status = fill_roles(&r);
  if (!status && table->plan.id != NO_BINDING)
    status = unique_check(table, table->plan.id, error);
  domain_clear(&r.found);
  if (status)
    roles_clear(roles);
  return status;
}
