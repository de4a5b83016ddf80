/*
 * Command lines of remedies, out of what a document says of its data.
 *
 * Cases:
 *  1. nonet rebalance is for rows to learn from: the training rows of a run, or the table that
 *     nonet data was shown. Test rows are never changed.
 *  2. Distances take numbers without gaps: columns that have fences of outliers are numbers; those
 *     that tell the label, name a row or have missing values are left out. More than NAMES_MOST
 *     columns make no line, and neither do training rows whose gaps the run does not know.
 *  3. A column is left out by naming the other features where they are few, else by "select *
 *     exclude"; a quote in its name is doubled, and so is one in the path. Without any feature left
 *     there is nothing to look at.
 *  4. A count of columns with its names in one note is read where the count is one: a name may hold
 *     the comma that parts two.
 */
#include "advise/remedy_line.h"

#include <math.h>
#include <string.h>

#include "advise/facts.h"

#define NAMES_MOST 12

static const char *column_of(const json_t *row) {
  return facts_text(json_object_get(row, "scope"), "column");
}

/* The row of a measure over one column. */
static const json_t *over(const json_t *root, const char *measure, const char *column) {
  const json_t *rows = json_object_get(root, "estimates"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows) && found == NULL; i++) {
    const json_t *row = json_array_get(rows, i);
    found = strcmp(facts_text(row, "measure"), measure) == 0 && strcmp(column_of(row), column) == 0
                ? row
                : NULL;
  }
  return found;
}

void remedy_line_weigh(const json_t *root, struct text *text) {
  facts_rebalance(root, "class-weights", "", text);
}

void remedy_line_regression(const json_t *root, struct text *text) {
  const char *source = facts_source(root, "test");
  if (facts_is_data(root) && source[0] != '\0') {
    text_append(text, "nonet data ");
    facts_quoted(text, source);
    facts_table_options(root, text);
    text_append(text, " --task regression");
  }
}

/* ---- case 2 ---- */

static bool is_named_in_note(const json_t *root, const char *measure, const char *column) {
  const json_t *notes = json_object_get(facts_estimate(root, measure, "candidate"), "notes");
  const char *note = json_string_value(json_array_get(notes, 0));
  return note != NULL && strstr(note, column) != NULL;
}

/* Of the training rows the run may know which columns have gaps: "missing_in_train". */
static bool is_gap_in_train(const json_t *root, const char *column) {
  const json_t *names = json_object_get(facts_config(root), "missing_in_train");
  bool found = false;
  for (size_t i = 0; i < json_array_size(names) && !found; i++) {
    const char *name = json_string_value(json_array_get(names, i));
    found = name != NULL && strcmp(name, column) == 0;
  }
  return found;
}

static bool is_distance(const json_t *root, const char *column) {
  const json_t *missing = over(root, "data.missingness", column),
               *leak = over(root, "data.leaking_columns", column);
  return over(root, "data.outliers", column) != NULL && !(facts_number(missing, "value") > 0) &&
         !(facts_number(leak, "low") >= REMEDY_TELLS_ALL) &&
         !is_named_in_note(root, "data.id_columns", column) &&
         !is_named_in_note(root, "data.constant_columns", column) && !is_gap_in_train(root, column);
}

void remedy_line_clean(const json_t *root, struct text *text) {
  const json_t *features = json_object_get(facts_config(root), "features");
  json_t *kept = json_array();
  for (size_t i = 0; i < json_array_size(features); i++) {
    const char *name = json_string_value(json_array_get(features, i));
    if (name != NULL && is_distance(root, name)) {
      json_array_append_new(kept, json_string(name));
    }
  }
  const bool is_known = facts_source(root, "train")[0] == '\0' ||
                        json_object_get(facts_config(root), "missing_in_train") != NULL;
  if (is_known && json_array_size(kept) > 0 && json_array_size(kept) <= NAMES_MOST) {
    facts_rebalance(root, "tomek", "", text);
    if (text->length > 0) {
      facts_option(text, "features", kept);
    }
  }
  text->failed |= kept == NULL;
  json_decref(kept);
}

/* ---- case 3 ---- */

static void append_doubled(struct text *text, const char *word, char quote) {
  text_append_n(text, &quote, 1);
  for (; *word != '\0'; word++) {
    text_append_n(text, word, 1);
    if (*word == quote) {
      text_append_n(text, word, 1);
    }
  }
  text_append_n(text, &quote, 1);
}

/* The features that are not among `names`; NULL when memory is short. */
static json_t *features_without(const json_t *root, const json_t *names) {
  const json_t *features = json_object_get(facts_config(root), "features");
  json_t *kept = json_array();
  for (size_t i = 0; i < json_array_size(features) && kept != NULL; i++) {
    json_t *feature = json_array_get(features, i);
    bool is_out = false;
    for (size_t k = 0; k < json_array_size(names) && !is_out; k++) {
      is_out = json_equal(feature, json_array_get(names, k));
    }
    if (!is_out && json_array_append(kept, feature) != 0) {
      json_decref(kept);
      kept = NULL;
    }
  }
  return kept;
}

static void append_query(const char *source, const json_t *names, struct text *text) {
  struct text query = {0};
  text_append(&query, "select * exclude (");
  for (size_t i = 0; i < json_array_size(names); i++) {
    text_append(&query, i == 0 ? "" : ", ");
    append_doubled(&query, json_string_value(json_array_get(names, i)), '"');
  }
  text_append(&query, ") from ");
  append_doubled(&query, source, '\'');
  text_append(text, "--query ");
  facts_quoted(text, query.data == NULL ? "" : query.data);
  text->failed |= query.failed;
  text_clear(&query);
}

/* Takes `names`. */
static void append_without(const json_t *root, json_t *names, struct text *text) {
  const char *source = facts_source(root, "test");
  json_t *kept = features_without(root, names);
  const size_t n_kept = json_array_size(kept);
  if (facts_is_data(root) && source[0] != '\0' && n_kept > 0 && json_array_size(names) > 0 &&
      json_array_size(names) <= NAMES_MOST) {
    text_append(text, "nonet data ");
    if (n_kept > NAMES_MOST) {
      append_query(source, names, text);
    } else {
      facts_quoted(text, source);
    }
    facts_table_options(root, text);
    if (n_kept <= NAMES_MOST) {
      facts_option(text, "features", kept);
    }
    if (facts_source(root, "train")[0] != '\0') {
      text_append(text, " --train ");
      facts_quoted(text, facts_source(root, "train"));
    }
  }
  text->failed |= kept == NULL || names == NULL;
  json_decref(kept);
  json_decref(names);
}

void remedy_line_without_leaks(const json_t *root, struct text *text) {
  const json_t *rows = json_object_get(root, "estimates");
  json_t *names = json_array();
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(facts_text(row, "measure"), "data.leaking_columns") == 0 &&
        facts_number(row, "low") >= REMEDY_TELLS_ALL) {
      json_array_append_new(names, json_string(column_of(row)));
    }
  }
  append_without(root, names, text);
}

/* Case 4. */
static void without_one(const json_t *root, const char *measure, struct text *text) {
  const json_t *row = facts_estimate(root, measure, "candidate");
  const json_t *note = json_array_get(json_object_get(row, "notes"), 0);
  if (facts_number(row, "value") == 1.0 && json_is_string(note)) {
    append_without(root, json_pack("[O]", note), text);
  }
}

void remedy_line_without_id(const json_t *root, struct text *text) {
  without_one(root, "data.id_columns", text);
}

void remedy_line_without_constant(const json_t *root, struct text *text) {
  without_one(root, "data.constant_columns", text);
}
