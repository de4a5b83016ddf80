/*
 * The first nonet.yaml.
 *
 * Cases:
 *  1. A model named like baseline, old, current or champion is the baseline; of the others one
 * named like candidate, new or challenger, else the first, is the candidate; further ones are named
 * in a comment. None: a line to fill in.
 *  2. A table named like test, holdout or valid is the test data, train and pool (unlabelled)
 * likewise; a single table is the test data.
 *  3. The label: the only column that the model does not read and whose name is not that of another
 * role, else the only one of a usual name; otherwise the key is left out and the columns are
 * listed: `nonet check` then says what is missing.
 *  4. A model or table that cannot be opened (no runtime, broken): the file's line stays, with the
 * reason in `said`; nothing fails for it.
 *  5. What is written is read by config_parse without an error, but for a label that is not known.
 *  6. Paths and column names are quoted where YAML needs it; a name is never more than text.
 */
#include "policy/draft.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "model/loop.h"
#include "model/model.h"
#include "policy/context.h"
#include "policy/draft_find.h"
#include "policy/yaml.h"
#include "table/table.h"

enum { COLUMNS_MOST = 400, LISTED_MOST = 40 };

struct names {
  const char *item[COLUMNS_MOST];
  size_t n;
};

struct plan { /* everything that is known before a line is written */
  struct pool pool;
  struct draft_files files;
  const char *folder, *context, *from;
  size_t candidate, baseline; /* indices of models; n_models: none */
  const char *test, *train, *pool_rows;
  struct names columns; /* of the test table; none: not opened */
  struct names reads;   /* of the candidate */
  const char *label;
  struct text *said;
};

/* Roles that a column's name gives away. */
static const struct {
  const char *key, *example, *why;
  const char *const names[8];
} roles[] = {{"groups",
              "[sex, age_band]",
              "judged apart as well: no group may pay for the others",
              {"sex", "gender", "race", "ethnicity", "age_band", "age_group", NULL}},
             {"cluster",
              "person_id",
              "rows that belong together make intervals honest",
              {"household", "patient_id", "person_id", "user_id", "customer_id", "case_id", NULL}},
             {"weight", "weight", "sampling weights", {"weight", "weights", "fnlwgt", NULL}},
             {"id", "row_id", "recognises a row over runs", {"id", "row_id", "uuid", NULL}}};

/* ---- names ---------------------------------------------------------------------------------- */

static bool has_word(const char *name, const char *const *words) {
  for (; *words != NULL; words++) {
    if (strcasestr(name, *words) != NULL) {
      return true;
    }
  }
  return false;
}

static bool is_word(const char *name, const char *const *words) {
  for (; *words != NULL; words++) {
    if (strcasecmp(name, *words) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_in(const struct names *names, const char *name) {
  for (size_t i = 0; i < names->n; i++) {
    if (strcmp(names->item[i], name) == 0) {
      return true;
    }
  }
  return false;
}

static nonet_status add_name(struct plan *plan, struct names *names, const char *name,
                             nonet_error *error) {
  if (names->n < COLUMNS_MOST) {
    names->item[names->n] = pool_text(&plan->pool, name, strlen(name));
    if (names->item[names->n] == NULL) {
      return error_memory(error, strlen(name), "a column's name");
    }
    names->n++;
  }
  return NONET_OK;
}

/* ---- what is what --------------------------------------------------------------------------- */

/* Case 1. */
static void choose_models(struct plan *plan) {
  static const char *const old[] = {"baseline", "old", "current", "champion", NULL};
  static const char *const new[] = {"candidate", "new", "challenger", NULL};
  const struct draft_files *files = &plan->files;
  plan->candidate = plan->baseline = files->n_models;
  for (size_t i = files->n_models; i-- > 0;) {
    if (files->n_models > 1 && has_word(files->model[i], old)) {
      plan->baseline = i;
    }
  }
  for (size_t i = files->n_models; i-- > 0;) {
    bool is_better = plan->candidate == files->n_models || has_word(files->model[i], new) ||
                     !has_word(files->model[plan->candidate], new);
    if (i != plan->baseline && is_better) {
      plan->candidate = i;
    }
  }
}

/* Case 2. */
static void choose_tables(struct plan *plan) {
  static const char *const test[] = {"test", "holdout", "valid", NULL};
  static const char *const train[] = {"train", NULL};
  static const char *const pool[] = {"pool", "unlabel", NULL};
  const struct draft_files *files = &plan->files;
  for (size_t i = files->n_tables; i-- > 0;) {
    const char **role = has_word(files->table[i], test)    ? &plan->test
                        : has_word(files->table[i], train) ? &plan->train
                        : has_word(files->table[i], pool)  ? &plan->pool_rows
                                                           : NULL;
    if (role != NULL) {
      *role = files->table[i];
    }
  }
  if (plan->test == NULL && files->n_tables == 1) {
    plan->test = files->table[0];
    plan->train = plan->pool_rows = NULL;
  }
}

static const char *in_folder(struct plan *plan, const char *name) {
  size_t size = strlen(plan->folder) + strlen(name) + 1;
  char *path = pool_new(&plan->pool, size, 1);
  if (path != NULL) {
    snprintf(path, size, "%s%s", plan->folder, name);
  }
  return path;
}

/* Case 4. */
static nonet_status read_columns(struct plan *plan, nonet_error *error) {
  struct table *table = NULL;
  nonet_error why = {""};
  const char *path = plan->test == NULL ? NULL : in_folder(plan, plan->test);
  if (path == NULL) {
    return plan->test == NULL ? NONET_OK : error_memory(error, 100, "a path");
  }
  const struct table_source source = {.path = path};
  nonet_status status = table_open(&source, &table, &why);
  if (status != NONET_OK) {
    text_printf(plan->said, "  its columns could not be read: %s\n", why.message);
    return status == NONET_E_MEMORY ? error_memory(error, 100, "a table") : NONET_OK;
  }
  for (size_t i = 0; i < table_n_columns(table) && status == NONET_OK; i++) {
    status = add_name(plan, &plan->columns, table_column(table, i).name, error);
  }
  table_close(table);
  return status;
}

static nonet_status read_model(struct plan *plan, nonet_error *error) {
  struct model *model = NULL;
  nonet_error why = {""};
  size_t n = 0;
  if (plan->candidate == plan->files.n_models) {
    return NONET_OK;
  }
  const char *path = in_folder(plan, plan->files.model[plan->candidate]);
  if (path == NULL) {
    return error_memory(error, 100, "a path");
  }
  const struct model_options options = {.kind = plan->files.model_kind[plan->candidate],
                                        .path = path};
  nonet_status status = model_open(&options, &model, &why);
  if (status != NONET_OK) {
    text_printf(plan->said, "  the candidate could not be opened: %s\n", why.message);
    return status == NONET_E_MEMORY ? error_memory(error, 100, "a model") : NONET_OK;
  }
  const char *const *columns = model_columns(model, &n);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    status = add_name(plan, &plan->reads, columns[i], error);
  }
  model_close(model);
  return status;
}

static bool has_role(const char *name) {
  for (size_t r = 0; r < sizeof roles / sizeof *roles; r++) {
    if (is_word(name, roles[r].names)) {
      return true;
    }
  }
  return false;
}

/* Case 3. */
static void choose_label(struct plan *plan) {
  static const char *const usual[] = {"label",  "target", "y",      "class",    "outcome",
                                      "y_true", "truth",  "labels", "response", NULL};
  size_t n_left = 0, n_usual = 0;
  const char *left = NULL, *named = NULL;
  for (size_t i = 0; i < plan->columns.n; i++) {
    const char *name = plan->columns.item[i];
    if (is_in(&plan->reads, name) || has_role(name)) {
      continue;
    }
    left = name;
    n_left++;
    if (is_word(name, usual)) {
      named = name;
      n_usual++;
    }
  }
  plan->label = plan->reads.n > 0 && n_left == 1 ? left : n_usual == 1 ? named : NULL;
}

/* ---- the text ------------------------------------------------------------------------------- */

static void append_list(struct text *yaml, const struct names *names, const char *but) {
  const char *separator = "";
  for (size_t i = 0; i < names->n; i++) {
    if (but != NULL && strcmp(names->item[i], but) == 0) {
      continue;
    }
    text_append(yaml, separator);
    yaml_word(yaml, names->item[i]);
    separator = ", ";
  }
}

/* The columns to choose from, in a comment. */
static void append_choices(struct text *yaml, const struct plan *plan) {
  size_t n = 0;
  for (size_t i = 0; i < plan->columns.n && n < LISTED_MOST; i++) {
    if (!is_in(&plan->reads, plan->columns.item[i])) {
      text_append(yaml, n++ == 0 ? " one of: " : ", ");
      yaml_word(yaml, plan->columns.item[i]);
    }
  }
}

static void append_model(struct text *yaml, const struct plan *plan, size_t i) {
  text_printf(yaml, "{%s: ", plan->files.model_kind[i]);
  yaml_word(yaml, plan->files.model[i]);
  text_append(yaml, "}\n");
}

static void append_loop(struct text *yaml, const struct plan *plan) {
  bool is_torch = strcmp(plan->from, "pytorch") == 0;
  const char *saved = is_torch ? "model.pt" : "model.joblib";
  for (size_t i = plan->files.n_saved; i-- > 0;) {
    const char *ending = strrchr(plan->files.saved[i], '.');
    if ((strcmp(ending, ".pt") == 0) == is_torch) {
      saved = plan->files.saved[i];
    }
  }
  text_append(yaml, "  candidate: {command: [python3, score.py, ");
  yaml_word(yaml, saved);
  text_append(yaml, is_torch ? "], output: logit}   # or probability\n" : "]}\n");
}

static void append_models(struct text *yaml, const struct plan *plan) {
  const struct draft_files *files = &plan->files;
  text_append(yaml, "models:\n");
  if (plan->from != NULL) {
    append_loop(yaml, plan);
  } else if (plan->candidate < files->n_models) {
    text_append(yaml, "  candidate: ");
    append_model(yaml, plan, plan->candidate);
  } else {
    text_append(yaml,
                "  candidate: {onnx: models/candidate.onnx}   # no model was found: name yours. "
                "Also xgboost:, lightgbm:, command:,\n"
                "  # or columns: {score: p} where the predictions stand in the table already\n");
  }
  if (plan->baseline < files->n_models) {
    text_append(yaml, "  baseline: ");
    append_model(yaml, plan, plan->baseline);
  } else {
    text_append(yaml, "  # baseline: {onnx: models/baseline.onnx}   # what is in use now; without "
                      "it only `require:` is judged\n");
  }
  for (size_t i = 0; i < files->n_models; i++) {
    if (i != plan->baseline && (i != plan->candidate || plan->from != NULL)) {
      text_append(yaml, "  # found too: ");
      append_model(yaml, plan, i);
    }
  }
}

static void append_source(struct text *yaml, const char *role, const char *table,
                          const char *otherwise) {
  text_printf(yaml, "  %s%s: ", table == NULL ? "# " : "", role);
  yaml_word(yaml, table == NULL ? otherwise : table);
  text_append(yaml, "\n");
}

static void append_roles(struct text *yaml, const struct plan *plan) {
  for (size_t r = 0; r < sizeof roles / sizeof *roles; r++) {
    struct names found = {.n = 0};
    for (size_t i = 0; i < plan->columns.n; i++) {
      const char *name = plan->columns.item[i];
      if (is_word(name, roles[r].names) &&
          (plan->label == NULL || strcmp(name, plan->label) != 0)) {
        found.item[found.n++] = name;
      }
    }
    text_printf(yaml, "  # %s: ", roles[r].key);
    if (found.n == 0) {
      text_append(yaml, roles[r].example);
    } else {
      text_append(yaml, r == 0 ? "[" : "");
      found.n = r == 0 ? found.n : 1;
      append_list(yaml, &found, NULL);
      text_append(yaml, r == 0 ? "]" : "");
    }
    text_printf(yaml, "   # %s%s\n", found.n == 0 ? "" : "found; ", roles[r].why);
  }
}

static void append_data(struct text *yaml, const struct plan *plan) {
  text_append(yaml, "data:\n  test: ");
  yaml_word(yaml, plan->test == NULL ? "data/test.parquet" : plan->test);
  text_append(yaml, plan->test == NULL
                        ? "   # not found: name yours, rows no model was trained on\n"
                        : "   # rows that no model was trained on\n");
  for (size_t i = 0; i < plan->files.n_tables && plan->test == NULL; i++) {
    text_append(yaml, "  # found: ");
    yaml_word(yaml, plan->files.table[i]);
    text_append(yaml, "\n");
  }
  append_source(yaml, "train", plan->train, "data/train.parquet");
  append_source(yaml, "pool", plan->pool_rows, "data/unlabelled.parquet");
  if (plan->label != NULL) {
    text_append(yaml, "  label: ");
    yaml_word(yaml, plan->label);
    text_append(yaml, "\n");
  } else {
    text_append(yaml, "  # label:   # the column with what is true;");
    append_choices(yaml, plan);
    text_append(yaml, "\n");
  }
  text_append(yaml,
              "  # positive: \"yes\"   # the value that counts as positive; known for 0/1 and "
              "true/false\n");
  if (plan->from != NULL && plan->label != NULL && plan->columns.n > 1) {
    text_append(yaml, "  features: [");
    append_list(yaml, &plan->columns, plan->label);
    text_append(yaml, "]   # what the program is given, in this order\n");
  } else {
    text_append(yaml, "  # features: [a, b]   # default: what the model names\n");
  }
  append_roles(yaml, plan);
  text_append(yaml, "  # sample: {rows: 20000, seed: 1}   # default: all rows\n");
}

static void append_yaml(struct text *yaml, const struct plan *plan) {
  text_append(
      yaml, "# What `nonet check` reads; written by `nonet init`. Lines behind # are choices.\n"
            "nonet: 1\n"
            "# task: binary   # or multiclass, regression; default: from the label and the model\n"
            "context: ");
  yaml_word(yaml, plan->context);
  text_append(yaml, "   # what matters where it will live: nonet context list, show, diff\n");
  append_models(yaml, plan);
  append_data(yaml, plan);
  text_append(yaml, "# require:   # bounds of its own, with or without a baseline\n"
                    "#   - correctness.auc >= 0.85\n"
                    "#   - correctness.recall{sex=Female} >= 0.5\n"
                    "#   - efficiency.latency_p99 <= 5ms\n"
                    "# margins: {correctness.auc: 0.005}   # instead of the context's\n"
                    "# threshold: 0.5   # or {maximise: f1, on: train}, {cost: {fp: 1, fn: 5}}\n"
                    "# budget: 60s   # for probes that take time\n"
                    "# store: nonet.db   # where runs are kept; or none\n");
}

/* ---- writing -------------------------------------------------------------------------------- */

static nonet_status refuse_existing(const char *path, nonet_error *error) {
  struct stat about;
  if (lstat(path, &about) == 0) {
    return error_set(error, NONET_E_CREATE,
                     "%s is there already and is never written over; name another file, or move it "
                     "away",
                     path);
  }
  return NONET_OK;
}

/* Both or neither. */
static nonet_status store(const char *path, const struct text *yaml, const char *loop_path,
                          const char *loop, nonet_error *error) {
  struct atomic_file *file = NULL;
  nonet_status status = atomic_file_open(path, &file, error);
  if (status == NONET_OK) {
    status = atomic_file_write(file, yaml->data, yaml->length, error);
  }
  if (status == NONET_OK && loop != NULL) {
    status = atomic_file_store(loop_path, loop, strlen(loop), error);
  }
  if (status != NONET_OK) {
    atomic_file_abandon(file);
    return status;
  }
  status = atomic_file_commit(file, error);
  if (status != NONET_OK && loop != NULL) {
    remove(loop_path);
  }
  return status;
}

static void tell(const struct plan *plan, const char *path, const char *loop_path) {
  struct text head = {0};
  const struct draft_files *files = &plan->files;
  text_printf(&head, "Wrote %s%s%s\n", path, loop_path == NULL ? "" : " and ",
              loop_path == NULL ? "" : loop_path);
  text_printf(&head, "  candidate: %s\n",
              plan->from != NULL                  ? "score.py, which you may edit"
              : plan->candidate < files->n_models ? files->model[plan->candidate]
                                                  : "none found; name yours");
  text_printf(&head, "  baseline: %s\n",
              plan->baseline < files->n_models ? files->model[plan->baseline] : "none found");
  text_printf(&head, "  test data: %s\n",
              plan->test == NULL ? "none found; name yours" : plan->test);
  text_printf(&head, "  label: %s\n",
              plan->label == NULL ? "to be chosen, in the file" : plan->label);
  text_append(&head, plan->said->data == NULL ? "" : plan->said->data);
  text_printf(&head, "Next: nonet check %s\n", path);
  text_clear(plan->said);
  *plan->said = head;
}

static nonet_status fill(struct plan *plan, nonet_error *error) {
  nonet_status status = draft_find(plan->folder, &plan->pool, &plan->files, error);
  if (status != NONET_OK) {
    return status;
  }
  choose_models(plan);
  choose_tables(plan);
  status = read_columns(plan, error);
  if (status == NONET_OK && plan->from == NULL) {
    status = read_model(plan, error);
  }
  choose_label(plan);
  return status;
}

nonet_status draft_write(const char *path, const char *context, const char *from, struct text *said,
                         nonet_error *error) {
  struct plan plan = {.context = context, .from = from, .said = said};
  struct context checked = {0};
  struct text yaml = {0};
  const char *slash = strrchr(path, '/'), *loop = from == NULL ? NULL : model_loop(from);
  const char *loop_path = NULL;
  nonet_status status = context_find(context, &checked, error);
  context_clear(&checked);
  if (status == NONET_OK && from != NULL && loop == NULL) {
    status =
        error_set(error, NONET_E_USAGE, "expected --from sklearn or pytorch; found '%.60s'", from);
  }
  plan.folder = pool_text(&plan.pool, path, slash == NULL ? 0 : (size_t)(slash - path) + 1);
  if (status == NONET_OK && plan.folder != NULL && loop != NULL) {
    loop_path = in_folder(&plan, "score.py");
  }
  if (status == NONET_OK && (plan.folder == NULL || (loop != NULL && loop_path == NULL))) {
    status = error_memory(error, strlen(path), "a path");
  }
  if (status == NONET_OK) {
    status = refuse_existing(path, error);
  }
  if (status == NONET_OK && loop_path != NULL) {
    status = refuse_existing(loop_path, error);
  }
  if (status == NONET_OK) {
    status = fill(&plan, error);
  }
  if (status == NONET_OK) {
    append_yaml(&yaml, &plan);
    tell(&plan, path, loop_path);
    status = yaml.failed || said->failed ? error_memory(error, yaml.length, "a configuration")
                                         : store(path, &yaml, loop_path, loop, error);
  }
  text_clear(&yaml);
  pool_clear(&plan.pool);
  return status;
}
