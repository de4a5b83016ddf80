/*
 * A context as JSON, as YAML, and against another one.
 *
 * Cases:
 *  1. YAML that context_parse reads back as the same context: a word that YAML could take for
 * something else is quoted; a long sentence is folded at blanks, unless blanks in it must stay.
 *  2. The difference of two contexts: what changes a verdict (tiers, guards, gates with margin and
 * limit, rules, budgets), not names, reasons or references. Gates are the same when measure, scope
 * and a task are.
 *  3. Memory short: JSON is NULL, a text has `failed`.
 */
#include <math.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"
#include "policy/context.h"
#include "policy/yaml.h"

static const struct {
  enum task task;
  const char *name;
} tasks[] = {{TASK_BINARY, "binary"},
             {TASK_MULTICLASS, "multiclass"},
             {TASK_REGRESSION, "regression"},
             {TASK_RANKING, "ranking"},
             {TASK_MULTILABEL, "multilabel"}};
#define N_TASKS (sizeof tasks / sizeof *tasks)

/* ---- JSON ----------------------------------------------------------------------------------- */

static void set(json_t *object, const char *key, json_t *value, bool *failed) {
  *failed = json_object_set_new(object, key, value) != 0 || *failed;
}

static json_t *text_json(const char *text) {
  return text == NULL ? json_null() : json_string(text);
}

static json_t *scope_json(const struct requirement_scope *scope) {
  struct text text = {0};
  text_append(&text, "");
  requirement_scope_text(scope, &text);
  json_t *value = text.failed ? NULL : json_string(text.data);
  text_clear(&text);
  return value;
}

static json_t *tasks_json(unsigned mask) {
  json_t *list = json_array();
  for (size_t i = 0; i < N_TASKS; i++) {
    if ((mask >> tasks[i].task & 1u) != 0 &&
        json_array_append_new(list, json_string(tasks[i].name)) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *gate_json(const struct context_gate *gate, bool *failed) {
  json_t *row = json_object();
  set(row, "measure", json_string(gate->measure), failed);
  set(row, "scope", scope_json(&gate->scope), failed);
  set(row, "task", tasks_json(gate->task), failed);
  set(row, "slot", text_json(gate->slot_name), failed);
  set(row, "tier", gate->is_guard ? json_null() : json_integer(gate->tier), failed);
  set(row, "primary", json_boolean(gate->primary_of != 0), failed);
  set(row, "guard", json_boolean(gate->is_guard), failed);
  set(row, "exact", json_boolean(gate->is_exact), failed);
  set(row, "built", json_boolean(gate->is_built), failed);
  set(row, "margin", json_string(gate->margin), failed);
  set(row, "limit", text_json(gate->limit), failed);
  set(row, "why", text_json(gate->why), failed);
  return row;
}

static json_t *tiers_json(const struct context *context, bool *failed) {
  json_t *list = json_array();
  for (int tier = 1; tier <= context->n_tiers; tier++) {
    json_t *names = json_array();
    for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
      if (context->tier[a] == tier) {
        *failed =
            json_array_append_new(
                names, json_string(catalogue_attribute_name((enum measure_attribute)a))) != 0 ||
            *failed;
      }
    }
    *failed = json_array_append_new(list, names) != 0 || *failed;
  }
  return list;
}

static json_t *guards_json(const struct context *context, bool *failed) {
  json_t *list = json_array();
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    if (context->is_guard[a]) {
      *failed = json_array_append_new(
                    list, json_string(catalogue_attribute_name((enum measure_attribute)a))) != 0 ||
                *failed;
    }
  }
  return list;
}

static const struct {
  const char *name;
  size_t offset;
} factors[] = {{"co2_g_per_kwh", offsetof(struct context_factors, co2_g_per_kwh)},
               {"cost_per_cpu_hour", offsetof(struct context_factors, cost_per_cpu_hour)}};
#define N_FACTORS (sizeof factors / sizeof *factors)

static double factor_of(const struct context *context, size_t i) {
  return *(const double *)((const char *)&context->factors + factors[i].offset);
}

/* Those that are given. */
static json_t *factors_json(const struct context *context, bool *failed) {
  json_t *row = json_object();
  for (size_t i = 0; i < N_FACTORS; i++) {
    if (factor_of(context, i) > 0) {
      set(row, factors[i].name, json_text_real(factor_of(context, i)), failed);
    }
  }
  return row;
}

json_t *context_json(const struct context *context) {
  bool failed = false;
  json_t *root = json_object(), *gates = json_array(), *budgets = json_array(),
         *references = json_array();
  for (size_t i = 0; i < context->n_gates; i++) {
    failed = json_array_append_new(gates, gate_json(&context->gates[i], &failed)) != 0 || failed;
  }
  for (size_t i = 0; i < context->n_budgets; i++) {
    failed = json_array_append_new(budgets, json_string(context->budgets[i].text)) != 0 || failed;
  }
  for (size_t i = 0; i < context->n_references; i++) {
    failed = json_array_append_new(references, json_string(context->references[i])) != 0 || failed;
  }
  set(root, "name", json_string(context->name), &failed);
  set(root, "title", json_string(context->title), &failed);
  set(root, "version", json_integer(context->version), &failed);
  set(root, "extends", text_json(context->extends), &failed);
  set(root, "tiers", tiers_json(context, &failed), &failed);
  set(root, "guard", guards_json(context, &failed), &failed);
  set(root, "gates", gates, &failed);
  set(root, "alpha", json_text_real(context->alpha), &failed);
  set(root, "power", json_text_real(context->power), &failed);
  set(root, "min_group", json_integer((json_int_t)context->min_group), &failed);
  set(root, "tradeoffs", json_string(context->allows_tradeoffs ? "allow" : "none"), &failed);
  set(root, "looks", json_string(context->looks == LOOKS_GROW ? "grow" : "1"), &failed);
  set(root, "coverage", json_string(context->is_partial ? "partial" : "full"), &failed);
  set(root, "budgets", budgets, &failed);
  set(root, "factors", factors_json(context, &failed), &failed);
  set(root, "references", references, &failed);
  if (failed) {
    json_decref(root);
    return NULL;
  }
  return root;
}

/* ---- YAML (case 1) -------------------------------------------------------------------------- */

/* A sentence behind "key: ": folded when long. */
static void append_sentence(struct text *text, const char *sentence, size_t indent) {
  size_t length = strlen(sentence), column = 0;
  bool can_fold = strpbrk(sentence, "\n\r\t") == NULL && strstr(sentence, "  ") == NULL &&
                  sentence[0] != ' ' && length > 0 && sentence[length - 1] != ' ';
  if (!can_fold || length < 60) {
    yaml_quoted(text, sentence);
    return;
  }
  text_append(text, ">-");
  for (const char *at = sentence; *at != '\0';) {
    size_t word = strcspn(at, " ");
    if (column == 0 || column + 1 + word > 96) {
      text_append(text, "\n");
      text_repeat(text, " ", indent);
      column = indent;
    } else {
      text_append(text, " ");
      column++;
    }
    text_append_n(text, at, word);
    column += word;
    at += word + strspn(at + word, " ");
  }
}

static void append_attributes(struct text *text, const struct context *context, int tier) {
  bool is_first = true;
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    if (tier == 0 ? context->is_guard[a] : context->tier[a] == tier) {
      text_printf(text, "%s%s", is_first ? "" : ", ",
                  catalogue_attribute_name((enum measure_attribute)a));
      is_first = false;
    }
  }
}

static void append_tasks(struct text *text, unsigned mask) {
  const char *separator = "";
  text_append(text, "[");
  for (size_t i = 0; i < N_TASKS; i++) {
    if ((mask >> tasks[i].task & 1u) != 0) {
      text_printf(text, "%s%s", separator, tasks[i].name);
      separator = ", ";
    }
  }
  text_append(text, "]");
}

static void append_measure(struct text *text, const struct context_gate *gate) {
  struct text whole = {0};
  text_append(&whole, gate->measure);
  requirement_scope_text(&gate->scope, &whole);
  if (whole.failed) {
    text->failed = true;
  } else {
    yaml_word(text, whole.data);
  }
  text_clear(&whole);
}

static void append_gate(struct text *text, const struct context_gate *gate) {
  text_append(text, "  - measure: ");
  append_measure(text, gate);
  text_append(text, gate->is_built ? "" : " # this build cannot measure it yet");
  text_append(text, "\n    task: ");
  append_tasks(text, gate->task);
  if (gate->slot_name != NULL) {
    text_append(text, "\n    slot: ");
    yaml_word(text, gate->slot_name);
  }
  text_printf(text, "\n    margin: %s", gate->margin);
  if (gate->limit != NULL) {
    text_printf(text, "\n    limit: %s", gate->limit);
  }
  text_append(text, "\n    why: ");
  append_sentence(text, gate->why, 6);
  text_append(text, "\n");
}

static void append_gates(struct text *text, const struct context *context) {
  text_append(text, context->n_gates == 0 ? "gates: []\n" : "gates:\n");
  for (size_t i = 0; i < context->n_gates; i++) {
    append_gate(text, &context->gates[i]);
  }
}

static void append_list(struct text *text, const char *key, size_t n, const char *const *item) {
  if (n > 0) {
    text_printf(text, "%s:\n", key);
  }
  for (size_t i = 0; i < n; i++) {
    text_append(text, "  - ");
    append_sentence(text, item[i], 4);
    text_append(text, "\n");
  }
}

void context_yaml(const struct context *context, struct text *text) {
  text_printf(text, "# %s\n", context->name);
  text_append(text, "title: ");
  append_sentence(text, context->title[0] == '\0' ? "a context" : context->title, 2);
  text_printf(text, "\nversion: %d\ntiers:\n", context->version);
  for (int tier = 1; tier <= context->n_tiers; tier++) {
    text_append(text, "  - [");
    append_attributes(text, context, tier);
    text_append(text, "]\n");
  }
  text_append(text, "guard: [");
  append_attributes(text, context, 0);
  text_append(text, "]\n");
  append_gates(text, context);
  text_append(text, "alpha: ");
  text_number(text, context->alpha);
  text_append(text, "\npower: ");
  text_number(text, context->power);
  text_printf(text, "\nmin_group: %zu\ntradeoffs: %s\nlooks: %s\ncoverage: %s\n",
              context->min_group, context->allows_tradeoffs ? "allow" : "none",
              context->looks == LOOKS_GROW ? "grow" : "1",
              context->is_partial ? "partial" : "full");
  text_append(text, context->n_budgets > 0 ? "budgets:\n" : "");
  for (size_t i = 0; i < context->n_budgets; i++) {
    text_append(text, "  - ");
    yaml_quoted(text, context->budgets[i].text);
    text_append(text, "\n");
  }
  for (size_t i = 0, n = 0; i < N_FACTORS; i++) {
    if (factor_of(context, i) > 0) {
      text_printf(text, "%s  %s: ", n++ == 0 ? "factors:\n" : "", factors[i].name);
      text_number(text, factor_of(context, i));
      text_append(text, "\n");
    }
  }
  append_list(text, "references", context->n_references, context->references);
}

/* ---- differences (case 2) ------------------------------------------------------------------- */

static void append_place(struct text *text, const struct context *context, int a) {
  if (context->is_guard[a]) {
    text_append(text, "guard");
  } else {
    text_printf(text, "tier %d", context->tier[a]);
  }
}

static bool diff_tiers(const struct context *a, const struct context *b, struct text *text) {
  bool differs = false;
  for (int i = 0; i < CONTEXT_N_ATTRIBUTES; i++) {
    if (a->tier[i] == b->tier[i] && a->is_guard[i] == b->is_guard[i]) {
      continue;
    }
    differs = true;
    text_printf(text, "%s: ", catalogue_attribute_name((enum measure_attribute)i));
    append_place(text, a, i);
    text_append(text, " -> ");
    append_place(text, b, i);
    text_append(text, "\n");
  }
  return differs;
}

static bool diff_words(struct text *text, const char *key, const char *a, const char *b) {
  bool differs = strcmp(a, b) != 0;
  if (differs) {
    text_printf(text, "%s: %s -> %s\n", key, a, b);
  }
  return differs;
}

static bool diff_numbers(struct text *text, const char *key, double a, double b) {
  if (a == b) {
    return false;
  }
  text_printf(text, "%s: ", key);
  text_number(text, a);
  text_append(text, " -> ");
  text_number(text, b);
  text_append(text, "\n");
  return true;
}

static void append_gate_name(struct text *text, const struct context_gate *gate) {
  text_append(text, gate->measure);
  requirement_scope_text(&gate->scope, text);
  const unsigned built = 1u << TASK_BINARY | 1u << TASK_MULTICLASS | 1u << TASK_REGRESSION;
  if ((gate->task & built) != built) { /* not for every task */
    text_append(text, " ");
    append_tasks(text, gate->task);
  }
}

static const struct context_gate *counterpart(const struct context *context,
                                              const struct context_gate *gate) {
  for (size_t i = 0; i < context->n_gates; i++) {
    const struct context_gate *other = &context->gates[i];
    if (strcmp(other->measure, gate->measure) == 0 && (other->task & gate->task) != 0 &&
        requirement_scope_equal(&other->scope, &gate->scope)) {
      return other;
    }
  }
  return NULL;
}

static bool diff_gate(const struct context_gate *a, const struct context_gate *b,
                      struct text *text) {
  const char *limit_a = a->limit == NULL ? "none" : a->limit;
  const char *limit_b = b->limit == NULL ? "none" : b->limit;
  struct text change = {0};
  bool differs = diff_words(&change, "  margin", a->margin, b->margin);
  differs |= diff_words(&change, "  limit", limit_a, limit_b);
  if (a->task != b->task) {
    text_append(&change, "  task: ");
    append_tasks(&change, a->task);
    text_append(&change, " -> ");
    append_tasks(&change, b->task);
    text_append(&change, "\n");
    differs = true;
  }
  if (a->primary_of != b->primary_of) {
    text_printf(&change, "  primary: %s -> %s\n", a->primary_of != 0 ? "yes" : "no",
                b->primary_of != 0 ? "yes" : "no");
    differs = true;
  }
  if (differs) {
    text_append(text, "gate ");
    append_gate_name(text, a);
    text_append(text, "\n");
    text_append(text, change.failed ? "" : change.data);
    text->failed |= change.failed;
  }
  text_clear(&change);
  return differs;
}

static bool diff_gates(const struct context *a, const struct context *b, struct text *text) {
  bool differs = false;
  for (size_t i = 0; i < a->n_gates; i++) {
    const struct context_gate *other = counterpart(b, &a->gates[i]);
    if (other != NULL) {
      differs |= diff_gate(&a->gates[i], other, text);
    } else {
      text_append(text, "gate ");
      append_gate_name(text, &a->gates[i]);
      text_printf(text, "  margin %s -> no gate\n", a->gates[i].margin);
      differs = true;
    }
  }
  for (size_t i = 0; i < b->n_gates; i++) {
    if (counterpart(a, &b->gates[i]) == NULL) {
      text_append(text, "gate ");
      append_gate_name(text, &b->gates[i]);
      text_printf(text, "  no gate -> margin %s\n", b->gates[i].margin);
      differs = true;
    }
  }
  return differs;
}

static bool diff_budgets(const struct context *a, const struct context *b, const char *from,
                         const char *to, struct text *text) {
  bool differs = false;
  for (size_t i = 0; i < a->n_budgets; i++) {
    bool is_there = false;
    for (size_t k = 0; k < b->n_budgets; k++) {
      is_there = is_there || strcmp(a->budgets[i].text, b->budgets[k].text) == 0;
    }
    if (!is_there) {
      text_printf(text, "budget %s: %s -> %s\n", a->budgets[i].text, from, to);
      differs = true;
    }
  }
  return differs;
}

bool context_diff(const struct context *a, const struct context *b, struct text *text) {
  bool differs = diff_tiers(a, b, text);
  differs |= diff_gates(a, b, text);
  differs |= diff_numbers(text, "alpha", a->alpha, b->alpha);
  differs |= diff_numbers(text, "power", a->power, b->power);
  differs |= diff_numbers(text, "min_group", (double)a->min_group, (double)b->min_group);
  differs |= diff_words(text, "tradeoffs", a->allows_tradeoffs ? "allow" : "none",
                        b->allows_tradeoffs ? "allow" : "none");
  differs |= diff_words(text, "looks", a->looks == LOOKS_GROW ? "grow" : "1",
                        b->looks == LOOKS_GROW ? "grow" : "1");
  differs |= diff_words(text, "coverage", a->is_partial ? "partial" : "full",
                        b->is_partial ? "partial" : "full");
  for (size_t i = 0; i < N_FACTORS; i++) {
    differs |= diff_numbers(text, factors[i].name, factor_of(a, i), factor_of(b, i));
  }
  differs |= diff_budgets(a, b, "yes", "no", text);
  differs |= diff_budgets(b, a, "no", "yes", text);
  return differs;
}
