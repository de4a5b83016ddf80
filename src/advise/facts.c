/*
 * Facts of a document, and command lines out of its configuration.
 *
 * Cases of a command line:
 *  1. A check is made again by its nonet.yaml: "nonet check".
 *  2. measure and compare by file and columns; a query by --query; rows that came through a pipe or
 *     from memory as FILE, to be filled in.
 *  3. A word with anything but letters, digits and _ . / : = , @ % + - is quoted for a shell; a
 *     quote inside closes, escapes and opens again. A column with a comma is quoted for the list
 *     too.
 *  4. nonet rebalance reads one file of rows to learn from, the training rows of a run or the table
 *     that nonet data was shown: a query or a glob has no line.
 *  5. What was resolved stands in the line where it would be resolved otherwise: classes that are
 *     not the columns' names, a positive class that must be named, a threshold that is not 0.5, a
 *     number to predict, rows that were dropped.
 *  6. The groups stand in it as well, except where a few measures are asked for by name.
 */
#include "advise/facts.h"

#include <math.h>
#include <string.h>

#include "evidence/store.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@%+-"

double facts_number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *facts_text(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

const json_t *facts_config(const json_t *root) {
  return json_object_get(json_object_get(root, "inputs"), "config");
}

const json_t *facts_verdict(const json_t *root) {
  return json_object_get(root, "verdict");
}

bool facts_is_verdict(const json_t *root, const char *state) {
  return strcmp(facts_text(facts_verdict(root), "state"), state) == 0;
}

bool facts_is_check(const json_t *root) {
  return strcmp(facts_text(json_object_get(root, "run"), "command"), "check") == 0;
}

static const json_t *data_of(const json_t *root, const char *role) {
  const json_t *data = json_object_get(json_object_get(root, "inputs"), "data");
  for (size_t i = 0; i < json_array_size(data); i++) {
    if (strcmp(facts_text(json_array_get(data, i), "role"), role) == 0) {
      return json_array_get(data, i);
    }
  }
  return NULL;
}

bool facts_is_data(const json_t *root) {
  return strcmp(facts_text(json_object_get(root, "run"), "command"), "data") == 0;
}

/* Case 4: what a path looks like, and neither a query nor a glob. */
const char *facts_source(const json_t *root, const char *role) {
  const char *source = facts_text(data_of(root, role), "source");
  const bool is_query =
      strncasecmp(source, "select ", 7) == 0 || strncasecmp(source, "with ", 5) == 0;
  return is_query || strpbrk(source, "./") == NULL || strpbrk(source, "*?") != NULL ? "" : source;
}

double facts_rows(const json_t *root) {
  return facts_number(data_of(root, "test"), "rows_used");
}

const json_t *facts_estimate(const json_t *root, const char *measure, const char *role) {
  const json_t *rows = json_object_get(root, "estimates");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "measure"), measure) == 0 &&
        strcmp(facts_text(row, "role"), role) == 0 &&
        strcmp(facts_text(json_object_get(row, "scope"), "kind"), "all") == 0) {
      return row;
    }
  }
  return NULL;
}

const json_t *facts_judgement(const json_t *root, const char *state, const char *begin) {
  const json_t *rows = json_object_get(root, "judgements"), *first = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    bool fits = strcmp(facts_text(row, "state"), state) == 0 &&
                strncmp(facts_text(row, "measure"), begin, strlen(begin)) == 0;
    if (fits && (first == NULL || facts_number(row, "tier") < facts_number(first, "tier"))) {
      first = row;
    }
  }
  return first;
}

const char *facts_skipped(const json_t *root, const char *measure) {
  const json_t *rows = json_object_get(root, "skipped");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    if (strcmp(facts_text(json_array_get(rows, i), "measure"), measure) == 0) {
      return facts_text(json_array_get(rows, i), "reason");
    }
  }
  return "";
}

void facts_positive(const json_t *root, struct text *text) {
  const json_t *config = facts_config(root);
  const char *label = facts_text(config, "label"), *positive = facts_text(config, "positive");
  if (label[0] != '\0' && positive[0] != '\0') {
    text_printf(text, "%s = %s", label, positive);
  } else {
    text_append(text, "positive");
  }
}

bool facts_is_gap(const json_t *row) {
  return strncmp(facts_text(row, "measure"), "fairness.", 9) == 0 &&
         strcmp(facts_text(json_object_get(row, "scope"), "kind"), "column") == 0;
}

void facts_id(const json_t *row, struct text *text) {
  const json_t *scope = json_object_get(row, "scope");
  text_append(text, facts_text(row, "measure"));
  if (strcmp(facts_text(scope, "kind"), "column") == 0) {
    text_printf(text, "{%s}", facts_text(scope, "column"));
  } else {
    store_scope_text(text, scope);
  }
}

/* ---- command lines ---- */

/* Case 3. */
void facts_quoted(struct text *text, const char *word) {
  if (word[0] != '\0' && strspn(word, PLAIN) == strlen(word)) {
    text_append(text, word);
    return;
  }
  text_append(text, "'");
  for (const char *c = word; *c != '\0'; c++) {
    if (*c == '\'') {
      text_append(text, "'\\''");
    } else {
      text_append_n(text, c, 1);
    }
  }
  text_append(text, "'");
}

/* A column name, or several, as the value of an option. */
void facts_option(struct text *text, const char *name, const json_t *value) {
  struct text list = {0};
  size_t n = json_is_array(value) ? json_array_size(value) : 1;
  text_append(&list, "");
  for (size_t i = 0; i < n; i++) {
    const char *item = json_string_value(json_is_array(value) ? json_array_get(value, i) : value);
    bool needs_quotes = item != NULL && strpbrk(item, ",()[]{}'\"") != NULL;
    text_append(&list, i > 0 ? "," : "");
    text_append(&list, needs_quotes ? "\"" : "");
    for (const char *c = item == NULL ? "" : item; *c != '\0'; c++) {
      text_append_n(&list, c, 1);
      text_append(&list, needs_quotes && *c == '"' ? "\"" : "");
    }
    text_append(&list, needs_quotes ? "\"" : "");
  }
  if (list.length > 0) {
    text_printf(text, " --%s ", name);
    facts_quoted(text, list.data);
  }
  text->failed |= list.failed;
  text_clear(&list);
}

/* Case 2. */
static void append_source(struct text *text, const char *source) {
  bool is_query = strncasecmp(source, "select ", 7) == 0 || strncasecmp(source, "with ", 5) == 0;
  bool is_file = strpbrk(source, "./") != NULL;
  text_append(text, is_query ? " --query " : " ");
  facts_quoted(text, is_query || is_file ? source : "FILE");
}

static bool is_word_of(const char *word, const char *const *words, size_t n) {
  bool found = false;
  for (size_t i = 0; i < n && !found; i++) {
    found = strcmp(word, words[i]) == 0;
  }
  return found;
}

/* Case 5. */
static void append_resolved(const json_t *config, const char *more, struct text *text) {
  static const char *const told[] = {"", "1", "true"};
  const json_t *scores = json_object_get(config, "score"),
               *classes = json_object_get(config, "classes");
  const double threshold = facts_number(config, "threshold");
  if (json_array_size(scores) > 1 && json_array_size(classes) == json_array_size(scores) &&
      !json_equal((json_t *)scores, (json_t *)classes)) {
    facts_option(text, "classes", classes);
  }
  if (!is_word_of(facts_text(config, "positive"), told, sizeof told / sizeof *told)) {
    facts_option(text, "positive", json_object_get(config, "positive"));
  }
  if (isfinite(threshold) && threshold != 0.5 && strstr(more, "--threshold") == NULL) {
    text_append(text, " --threshold ");
    text_number(text, threshold);
  }
  if (strcmp(facts_text(config, "task"), "regression") == 0) {
    text_append(text, " --task regression");
  }
  if (strcmp(facts_text(config, "invalid"), "drop") == 0) {
    text_append(text, " --invalid drop");
  }
}

void facts_table_options(const json_t *root, struct text *text) {
  static const char *const keys[][2] = {{"label", "label"},   {"groups", "group"},
                                        {"weight", "weight"}, {"cluster", "cluster"},
                                        {"id", "id"},         {"time", "time"}};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    const json_t *value = json_object_get(facts_config(root), keys[i][0]);
    if (value != NULL) {
      facts_option(text, keys[i][1], value);
    }
  }
  append_resolved(facts_config(root), "", text);
}

void facts_command(const json_t *root, const char *command, const char *more, struct text *text) {
  static const struct {
    const char *key, *option;
    bool is_of_baseline, is_of_groups;
  } options[] = {{"label", "label", false, false},
                 {"score", "score", false, false},
                 {"prediction", "prediction", false, false},
                 {"baseline_score", "baseline-score", true, false},
                 {"baseline_prediction", "baseline-prediction", true, false},
                 {"groups", "group", false, true},
                 {"controls", "control", false, true},
                 {"weight", "weight", false, false},
                 {"cluster", "cluster", false, false},
                 {"id", "id", false, false}};
  const json_t *config = facts_config(root);
  bool has_baseline = strcmp(command, "compare") == 0,
       has_groups = strstr(more, "--only") == NULL && strstr(more, "--group") == NULL; /* 6 */
  if (facts_is_check(root)) {                                                          /* case 1 */
    const char *path = facts_text(config, "path");
    text_append(text, "nonet check");
    if (path[0] != '\0' && strcmp(path, "nonet.yaml") != 0) {
      append_source(text, path);
    }
    text_printf(text, "%s%s", more[0] == '\0' ? "" : " ", more);
    return;
  }
  text_printf(text, "nonet %s", command);
  append_source(text, facts_text(data_of(root, "test"), "source"));
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    const json_t *value = json_object_get(config, options[i].key);
    if (value != NULL && (has_baseline || !options[i].is_of_baseline) &&
        (has_groups || !options[i].is_of_groups)) {
      facts_option(text, options[i].option, value);
    }
  }
  append_resolved(config, more, text);
  text_printf(text, "%s%s", more[0] == '\0' ? "" : " ", more);
}

/* Is the column that the weights would be written to there already, as far as the run knows? */
static bool has_weight_column(const json_t *root) {
  const json_t *config = facts_config(root), *features = json_object_get(config, "features");
  bool found = strcmp(facts_text(config, "weight"), "weight") == 0;
  for (size_t i = 0; i < json_array_size(features) && !found; i++) {
    const char *name = json_string_value(json_array_get(features, i));
    found = name != NULL && strcmp(name, "weight") == 0;
  }
  return found;
}

/* Case 4. */
void facts_rebalance(const json_t *root, const char *method, const char *group, struct text *text) {
  const char *train = facts_source(root, "train"),
             *source = train[0] == '\0' && facts_is_data(root) ? facts_source(root, "test") : train,
             *label = facts_text(facts_config(root), "label");
  if (source[0] == '\0' || label[0] == '\0') {
    return;
  }
  text_append(text, "nonet rebalance ");
  facts_quoted(text, source);
  text_append(text, " -o balanced.parquet");
  facts_option(text, "label", json_object_get(facts_config(root), "label"));
  text_printf(text, " --method %s", method);
  if (strstr(method, "-weights") != NULL && has_weight_column(root)) {
    text_append(text, " --weight-name balance");
  }
  if (group[0] != '\0') {
    json_t *column = json_string(group);
    facts_option(text, "group", column);
    text->failed |= column == NULL;
    json_decref(column);
  }
}
