/*
 * Contexts from YAML: presets, files and inline mappings, each perhaps over another.
 *
 * Cases:
 *  1. A name is a preset; with a '/' or ending in .yaml or .yml it is a path, relative to the file
 * that names it.
 *  2. extends: the other is read first, whole, and this one is written over it: a tier list and a
 * guard list replace, gates are merged by measure, scope and task (context_gates.c), budgets and
 * references are added. A chain longer than CONTEXT_EXTENDS_MOST (a circle is one) is refused.
 *  3. Attributes in no tier: without any list of guards, scalability and deployability are guards;
 * the others share one last tier. An attribute named twice is an error; a list of guards takes its
 * members out of the tiers of what it extends, and the other way round. Tiers left empty close up.
 *  4. Errors carry the file they are in, which may be another than the one that was asked for.
 */
#include "policy/context.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "policy/context_private.h"
#include "policy/presets.h"

struct draft { /* where the readers of a context write */
  struct context *context;
  const struct yaml_node *tiers, *guard, *gates;
  const char *extends;
};

const char *context_preset(size_t i) {
  return i < PRESETS_N ? presets[i].name : NULL;
}

const char *context_preset_yaml(const char *name) {
  for (size_t i = 0; i < PRESETS_N; i++) {
    if (strcmp(presets[i].name, name) == 0) {
      return presets[i].yaml;
    }
  }
  return NULL;
}

/* ---- single keys ---------------------------------------------------------------------------- */

static nonet_status read_version(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  size_t version = 0;
  nonet_status status = fields_count(reader, node, &version, error);
  if (status == NONET_OK && version > INT_MAX) {
    return fields_expected(reader, node, "a version from 1 up", error);
  }
  ((struct draft *)into)->context->version = (int)version;
  return status;
}

static nonet_status read_between(const struct fields_reader *reader, const struct yaml_node *node,
                                 double low, double high, double *into, nonet_error *error) {
  double value = 0;
  char expected[80];
  nonet_status status = fields_real(reader, node, &value, error);
  if (status == NONET_OK && !(value > low && value < high)) {
    snprintf(expected, sizeof expected, "a number above %g and below %g", low, high);
    return fields_expected(reader, node, expected, error);
  }
  *into = value;
  return status;
}

static nonet_status read_alpha(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  return read_between(reader, node, 0.0, 0.5, &((struct draft *)into)->context->alpha, error);
}

static nonet_status read_power(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  return read_between(reader, node, 0.5, 1.0, &((struct draft *)into)->context->power, error);
}

static nonet_status read_min_group(const struct fields_reader *reader, const struct yaml_node *node,
                                   void *into, nonet_error *error) {
  return fields_count(reader, node, &((struct draft *)into)->context->min_group, error);
}

static nonet_status read_tradeoffs(const struct fields_reader *reader, const struct yaml_node *node,
                                   void *into, nonet_error *error) {
  static const char *const words[] = {"none", "allow", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct draft *)into)->context->allows_tradeoffs = index == 1;
  return status;
}

static nonet_status read_looks(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  static const char *const words[] = {"1", "grow", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct draft *)into)->context->looks = index == 1 ? LOOKS_GROW : LOOKS_ONE;
  return status;
}

static nonet_status read_coverage(const struct fields_reader *reader, const struct yaml_node *node,
                                  void *into, nonet_error *error) {
  static const char *const words[] = {"full", "partial", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  ((struct draft *)into)->context->is_partial = index == 1;
  return status;
}

static nonet_status read_title(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  return fields_text(reader, node, &((struct draft *)into)->context->title, error);
}

static nonet_status read_extends(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  (void)reader, (void)node, (void)into, (void)error; /* read before all other keys */
  return NONET_OK;
}

static nonet_status keep_tiers(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  (void)reader, (void)error;
  ((struct draft *)into)->tiers = node;
  return NONET_OK;
}

static nonet_status keep_guard(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  (void)reader, (void)error;
  ((struct draft *)into)->guard = node;
  return NONET_OK;
}

static nonet_status keep_gates(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  (void)reader, (void)error;
  ((struct draft *)into)->gates = node;
  return NONET_OK;
}

static nonet_status read_budgets(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  struct context *context = ((struct draft *)into)->context;
  return context_requirements(reader, node, &context->budgets, &context->n_budgets, error);
}

static nonet_status read_factor(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  nonet_status status = fields_real(reader, node, into, error);
  return status == NONET_OK && !(*(double *)into > 0)
             ? fields_expected(reader, node, "a number above 0", error)
             : status;
}

static nonet_status read_factors(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  static const struct field fields[] = {
      {"co2_g_per_kwh", read_factor, offsetof(struct context_factors, co2_g_per_kwh)},
      {"cost_per_cpu_hour", read_factor, offsetof(struct context_factors, cost_per_cpu_hour)},
      {NULL, NULL, 0}};
  return fields_read(reader, node, "factors", fields, &((struct draft *)into)->context->factors,
                     error);
}

static nonet_status read_references(const struct fields_reader *reader,
                                    const struct yaml_node *node, void *into, nonet_error *error) {
  struct context *context = ((struct draft *)into)->context;
  struct config_list list;
  nonet_status status = fields_list(reader, node, &list, error);
  if (status != NONET_OK) {
    return status;
  }
  const char **all =
      pool_new(reader->pool, context->n_references + list.n, sizeof *context->references);
  if (all == NULL) {
    return error_memory(error, list.n, "references");
  }
  for (size_t i = 0; i < context->n_references + list.n; i++) {
    all[i] =
        i < context->n_references ? context->references[i] : list.item[i - context->n_references];
  }
  context->references = all;
  context->n_references += list.n;
  return NONET_OK;
}

static const struct field context_fields[] = {
    {"extends", read_extends, 0},       {"version", read_version, 0},
    {"title", read_title, 0},           {"tiers", keep_tiers, 0},
    {"guard", keep_guard, 0},           {"gates", keep_gates, 0},
    {"alpha", read_alpha, 0},           {"power", read_power, 0},
    {"min_group", read_min_group, 0},   {"tradeoffs", read_tradeoffs, 0},
    {"looks", read_looks, 0},           {"coverage", read_coverage, 0},
    {"budgets", read_budgets, 0},       {"factors", read_factors, 0},
    {"references", read_references, 0}, {NULL, NULL, 0}};

/* ---- tiers ---------------------------------------------------------------------------------- */

/* Puts one attribute into `tier` (0: a guard) of what this file says. Case 3. */
static nonet_status place_attribute(const struct fields_reader *reader,
                                    const struct yaml_node *node, int tier, int said[],
                                    nonet_error *error) {
  const char *names[CONTEXT_N_ATTRIBUTES + 1] = {NULL};
  size_t index = 0;
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    names[a] = catalogue_attribute_name((enum measure_attribute)a);
  }
  nonet_status status = fields_word(reader, node, names, &index, error);
  if (status == NONET_OK && said[index] >= 0) {
    status = fields_fail(reader, node, error, "%s has its place already", names[index]);
  }
  if (status == NONET_OK) {
    said[index] = tier;
  }
  return status;
}

static nonet_status read_tiers(const struct fields_reader *reader, const struct draft *draft,
                               int said[], nonet_error *error) {
  const struct yaml_node *tiers = draft->tiers, *guard = draft->guard;
  nonet_status status = NONET_OK;
  if (tiers != NULL && (tiers->kind != YAML_SEQUENCE || tiers->n == 0)) {
    return fields_expected(
        reader, tiers, "a list of attributes, the most critical first; a list inside it is a tie",
        error);
  }
  for (size_t i = 0; tiers != NULL && i < tiers->n && status == NONET_OK; i++) {
    const struct yaml_node *tier = tiers->item[i];
    bool is_tie = tier->kind == YAML_SEQUENCE;
    for (size_t k = 0; k < (is_tie ? tier->n : 1) && status == NONET_OK; k++) {
      status = place_attribute(reader, is_tie ? tier->item[k] : tier, (int)i + 1, said, error);
    }
  }
  bool is_list = guard != NULL && guard->kind == YAML_SEQUENCE;
  for (size_t i = 0; guard != NULL && i < (is_list ? guard->n : 1) && status == NONET_OK; i++) {
    status = place_attribute(reader, is_list ? guard->item[i] : guard, 0, said, error);
  }
  return status;
}

static nonet_status take_tiers(const struct fields_reader *reader, const struct draft *draft,
                               nonet_error *error) {
  struct context *context = draft->context;
  int said[CONTEXT_N_ATTRIBUTES];
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    said[a] = -1;
  }
  nonet_status status = read_tiers(reader, draft, said, error);
  context->has_guards = context->has_guards || draft->guard != NULL;
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES && status == NONET_OK; a++) {
    bool was_guard = context->is_guard[a];
    if (said[a] >= 0) {
      context->tier[a] = said[a];
      context->is_guard[a] = said[a] == 0;
    } else if (draft->tiers != NULL) { /* the list replaces */
      context->tier[a] = 0;
      context->is_guard[a] = was_guard && draft->guard == NULL;
    } else if (draft->guard != NULL && was_guard) {
      context->is_guard[a] = false;
    }
  }
  return status;
}

/* Case 3: defaults, and no holes. */
nonet_status context_finish(struct context *context, nonet_error *error) {
  int last = 0, n_tiers = 0;
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    last = context->tier[a] > last ? context->tier[a] : last;
  }
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    if (context->tier[a] == 0 && !context->is_guard[a]) {
      bool is_guard =
          !context->has_guards && (a == ATTRIBUTE_SCALABILITY || a == ATTRIBUTE_DEPLOYABILITY);
      context->is_guard[a] = is_guard;
      context->tier[a] = is_guard ? 0 : last + 1;
    }
  }
  for (int tier = 1; tier <= last + 1; tier++) {
    bool is_used = false;
    for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
      is_used = is_used || context->tier[a] == tier;
    }
    n_tiers += is_used;
    for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
      if (context->tier[a] == tier) {
        context->tier[a] = n_tiers; /* n_tiers <= tier: never taken for a later one */
      }
    }
  }
  context->n_tiers = n_tiers;
  return context_gates_finish(context, error);
}

/* ---- whole contexts ------------------------------------------------------------------------- */

/* Case 2. */
nonet_status context_read(const struct fields_reader *reader, const struct yaml_node *node,
                          int depth, struct context *context, nonet_error *error) {
  struct draft draft = {.context = context};
  const struct yaml_node *extends = yaml_get(node, "extends");
  nonet_status status = NONET_OK;
  if (extends != NULL) {
    status = fields_text(reader, extends, &draft.extends, error);
    if (status == NONET_OK && depth == CONTEXT_EXTENDS_MOST) {
      return fields_fail(reader, extends, error,
                         "contexts extend one another more than %d times: is it a circle?",
                         CONTEXT_EXTENDS_MOST);
    }
    if (status == NONET_OK) {
      status = context_load(draft.extends, reader->folder, depth + 1, context, error);
      if (status == NONET_E_USAGE || status == NONET_E_NO_INPUT) {
        status = fields_at(reader, extends, status, error);
      }
    }
    context->extends = draft.extends;
  }
  if (status == NONET_OK) {
    status = fields_read(reader, node, "a context", context_fields, &draft, error);
  }
  if (status == NONET_OK) {
    status = take_tiers(reader, &draft, error);
  }
  if (status == NONET_OK && draft.gates != NULL) {
    status = context_gates_read(reader, draft.gates, context, error);
  }
  return status;
}

static nonet_status read_bytes(const char *data, size_t size_bytes, const char *source,
                               const char *folder, int depth, struct context *context,
                               nonet_error *error) {
  struct yaml_node *root = NULL;
  const char *kept = pool_text(&context->pool, source, strlen(source));
  nonet_status status = kept == NULL ? error_memory(error, strlen(source), "a context") : NONET_OK;
  if (status == NONET_OK) {
    status = yaml_parse(data, size_bytes, kept, &context->pool, &root, error);
  }
  const struct fields_reader reader = {kept, folder, &context->pool};
  return status == NONET_OK ? context_read(&reader, root, depth, context, error) : status;
}

static bool is_path(const char *name) {
  size_t length = strlen(name);
  return strchr(name, '/') != NULL || (length > 5 && strcmp(name + length - 5, ".yaml") == 0) ||
         (length > 4 && strcmp(name + length - 4, ".yml") == 0);
}

/* The folder of a path, with its '/'; "" for none. */
static char *folder_of(struct pool *pool, const char *path) {
  const char *slash = strrchr(path, '/');
  return pool_text(pool, path, slash == NULL ? 0 : (size_t)(slash - path) + 1);
}

/* The file's name without folder and ending. */
static char *stem_of(struct pool *pool, const char *path) {
  const char *slash = strrchr(path, '/'), *start = slash == NULL ? path : slash + 1;
  const char *dot = strrchr(start, '.');
  return pool_text(pool, start,
                   dot == NULL || dot == start ? strlen(start) : (size_t)(dot - start));
}

static nonet_status load_file(const char *name, const char *folder, int depth,
                              struct context *context, nonet_error *error) {
  const char *data = NULL;
  size_t size_bytes = 0, length = strlen(folder) + strlen(name) + 1;
  char *path = pool_new(&context->pool, length, 1);
  if (path == NULL) {
    return error_memory(error, length, "a context's path");
  }
  snprintf(path, length, "%s%s", name[0] == '/' ? "" : folder, name);
  char *own_folder = folder_of(&context->pool, path), *stem = stem_of(&context->pool, path);
  if (own_folder == NULL || stem == NULL) {
    return error_memory(error, length, "a context's path");
  }
  nonet_status status = yaml_load(path, &context->pool, &data, &size_bytes, error);
  if (status == NONET_OK) {
    status = read_bytes(data, size_bytes, path, own_folder, depth, context, error);
  }
  context->name = stem;
  return status;
}

static nonet_status no_preset(const char *name, nonet_error *error) {
  const char *names[PRESETS_N];
  struct text near = {0}, all = {0};
  for (size_t i = 0; i < PRESETS_N; i++) {
    names[i] = presets[i].name;
    text_printf(&all, "%s%s", i == 0 ? "" : ", ", names[i]);
  }
  text_suggestion(&near, name, names, PRESETS_N);
  nonet_status status =
      near.failed || all.failed
          ? error_memory(error, 100, "a message")
          : error_set(error, NONET_E_USAGE,
                      "no context is named '%.80s'%s; there are: %s (a file's name ends in .yaml)",
                      name, near.data == NULL ? "" : near.data, all.data);
  text_clear(&near);
  text_clear(&all);
  return status;
}

/* Case 1. */
nonet_status context_load(const char *name, const char *folder, int depth, struct context *context,
                          nonet_error *error) {
  if (is_path(name)) {
    return load_file(name, folder, depth, context, error);
  }
  for (size_t i = 0; i < PRESETS_N; i++) {
    if (strcmp(name, presets[i].name) == 0) {
      char source[80];
      snprintf(source, sizeof source, "contexts/%s.yaml", presets[i].name);
      nonet_status status =
          read_bytes(presets[i].yaml, strlen(presets[i].yaml), source, "", depth, context, error);
      context->name = presets[i].name;
      return status;
    }
  }
  return no_preset(name, error);
}

static void context_defaults(struct context *context) {
  *context = (struct context){
      .name = "", .title = "", .version = 1, .alpha = 0.05, .power = 0.8, .min_group = 30};
}

static nonet_status finished(nonet_status status, struct context *context, nonet_error *error) {
  if (status == NONET_OK) {
    status = context_finish(context, error);
  }
  if (status != NONET_OK) {
    context_clear(context);
  }
  return status;
}

nonet_status context_find(const char *name, struct context *context, nonet_error *error) {
  context_defaults(context);
  return finished(context_load(name == NULL ? "general" : name, "", 0, context, error), context,
                  error);
}

nonet_status context_parse(const char *data, size_t size_bytes, const char *source,
                           const char *folder, struct context *context, nonet_error *error) {
  context_defaults(context);
  context->name = stem_of(&context->pool, source);
  nonet_status status =
      context->name == NULL ? error_memory(error, strlen(source), "a context") : NONET_OK;
  if (status == NONET_OK) {
    const char *name = context->name;
    status = read_bytes(data, size_bytes, source, folder, 0, context, error);
    context->name = name;
  }
  return finished(status, context, error);
}

nonet_status context_of_node(const struct fields_reader *reader, const struct yaml_node *node,
                             struct context *context, nonet_error *error) {
  context_defaults(context);
  if (node->kind != YAML_MAPPING) {
    const char *name = NULL;
    nonet_status status = fields_text(reader, node, &name, error);
    if (status == NONET_OK) {
      status = context_load(name, reader->folder, 0, context, error);
      if (status == NONET_E_USAGE || status == NONET_E_NO_INPUT) {
        status = fields_at(reader, node, status, error);
      }
    }
    return finished(status, context, error);
  }
  const struct fields_reader own = {reader->source, reader->folder, &context->pool};
  nonet_status status = context_read(&own, node, 0, context, error);
  if (status == NONET_OK) {
    const char *base = context->extends == NULL ? "" : context->name;
    size_t length = strlen(base) + 30;
    char *name = pool_new(&context->pool, length, 1);
    if (name == NULL) {
      status = error_memory(error, length, "a context");
    } else {
      snprintf(name, length, "%s%s", base, base[0] == '\0' ? "own" : " (changed)");
      context->name = name;
    }
  }
  return finished(status, context, error);
}

void context_clear(struct context *context) {
  pool_clear(&context->pool);
  *context = (struct context){0};
}
