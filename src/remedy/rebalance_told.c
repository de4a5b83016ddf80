/*
 * What was done, as a table for a person and as JSON for a program. Columns that say nothing (no
 * row copied, no weights) are left out of the table; JSON has them always.
 */
#include <math.h>
#include <string.h>

#include "base/json_text.h"
#include "base/memory.h"
#include "base/text.h"
#include "remedy/rebalance_file.h"

/* --- text --- */

static void append_cell(struct text *text, size_t width, const char *cell) {
  size_t columns = text_columns(cell);
  text_repeat(text, " ", width > columns ? width - columns : 0);
  text_append(text, cell);
}

static void append_count(struct text *text, size_t value) {
  struct text cell = {0};
  text_grouped(&cell, value);
  append_cell(text, 14, cell.data != NULL ? cell.data : "");
  text->failed |= cell.failed;
  text_clear(&cell);
}

static void append_row(struct text *text, const struct rebalance_summary *summary,
                       const struct rebalance_count *count, size_t width) {
  text_printf(text, "  %s", count->name);
  text_repeat(text, " ", width - text_columns(count->name));
  append_count(text, count->before);
  append_count(text, count->after);
  if (summary->all.made > 0) {
    append_count(text, count->made);
  }
  if (summary->all.copied > 0) {
    append_count(text, count->copied);
  }
  if (summary->all.removed > 0) {
    append_count(text, count->removed);
  }
  if (summary->weight_name != NULL) {
    struct text cell = {0};
    text_printf(&cell, "%.6g", count->weight);
    append_cell(text, 14, cell.data != NULL ? cell.data : "");
    text->failed |= cell.failed;
    text_clear(&cell);
  }
  text_append(text, "\n");
}

static void append_head(struct text *text, const struct rebalance_summary *summary, size_t width) {
  text_append(text, "\n  class");
  text_repeat(text, " ", width - 5);
  append_cell(text, 14, "before");
  append_cell(text, 14, "after");
  append_cell(text, summary->all.made > 0 ? 14 : 0, summary->all.made > 0 ? "made" : "");
  append_cell(text, summary->all.copied > 0 ? 14 : 0, summary->all.copied > 0 ? "copied" : "");
  append_cell(text, summary->all.removed > 0 ? 14 : 0, summary->all.removed > 0 ? "removed" : "");
  append_cell(text, summary->weight_name != NULL ? 14 : 0,
              summary->weight_name != NULL ? "weight" : "");
  text_append(text, "\n");
}

static void append_how(struct text *text, const struct rebalance_summary *summary) {
  const struct rebalance_info *info = summary->info;
  text_printf(text, "%s: %s\n", info->name, info->does);
  text_printf(text, "%s, label %s", summary->source, summary->label);
  if (info->k > 0) {
    text_printf(text, ", k = %zu", summary->k);
  }
  if (info->takes_ratio) {
    text_printf(text, ", ratio %g", summary->ratio);
  }
  if (info->takes_seed) {
    text_printf(text, ", seed %llu", (unsigned long long)summary->seed);
  }
  if (info->needs_features) {
    size_t n = summary->columns->n_numbers, c = summary->columns->n_categories;
    text_printf(text, ", distances over %zu number%s", n, n == 1 ? "" : "s");
    if (c > 0) {
      text_printf(text, " and %zu categor%s", c, c == 1 ? "y" : "ies");
    }
  }
  text_append(text, "\n");
}

char *rebalance_told_text(const struct rebalance_summary *summary) {
  struct text text = {0};
  size_t width = 5;
  for (size_t c = 0; c < summary->n_classes; c++) {
    size_t columns = text_columns(summary->classes[c].name);
    width = columns > width ? columns : width;
  }
  append_how(&text, summary);
  append_head(&text, summary, width);
  for (size_t c = 0; c < summary->n_classes; c++) {
    append_row(&text, summary, &summary->classes[c], width);
  }
  append_row(&text, summary, &summary->all, width);
  text_printf(&text, "\n%s: ", summary->output);
  text_grouped(&text, summary->all.after);
  text_append(&text, " rows");
  if (summary->weight_name != NULL) {
    text_printf(&text, ", weights in column %s", summary->weight_name);
  }
  text_append(&text, "\nFor training alone: measure and judge on rows as they came.\n");
  return text_take(&text);
}

/* --- JSON --- */

static json_t *count_json(const struct rebalance_count *count) {
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "before", (json_int_t)count->before, "after",
                   (json_int_t)count->after, "made", (json_int_t)count->made, "copied",
                   (json_int_t)count->copied, "removed", (json_int_t)count->removed, "weight",
                   json_text_real(count->weight));
}

static json_t *classes_json(const struct rebalance_summary *summary) {
  json_t *classes = json_array();
  for (size_t c = 0; c < summary->n_classes; c++) {
    json_t *row = count_json(&summary->classes[c]);
    if (json_object_set_new(row, "class", json_string(summary->classes[c].name)) != 0 ||
        json_array_append_new(classes, row) != 0) {
      json_decref(classes);
      return NULL;
    }
  }
  return classes;
}

static json_t *features_json(const struct columns_in *columns, bool are_numbers) {
  json_t *names = json_array();
  size_t n = are_numbers ? columns->n_numbers : columns->n_categories;
  for (size_t i = 0; i < n; i++) {
    const char *name = are_numbers ? columns->number_name[i] : columns->categories[i].name;
    (void)json_array_append_new(names, json_string(name));
  }
  return names;
}

char *rebalance_told_json(const struct rebalance_summary *summary) {
  const struct rebalance_info *info = summary->info;
  struct text text = {0};
  json_t *document = json_pack(
      "{s:s, s:{s:s, s:s}, s:s, s:s, s:o, s:o, s:o, s:s?, s:{s:s, s:s?}, s:s, s:o, s:o, s:o, s:o}",
      "schema", "nonet/rebalance/1", "tool", "version", nonet_version(), "commit", nonet_commit(),
      "method", info->name, "label", summary->label, "k",
      info->k > 0 ? json_integer((json_int_t)summary->k) : json_null(), "ratio",
      info->takes_ratio ? json_text_real(summary->ratio) : json_null(), "seed",
      info->takes_seed ? json_integer((json_int_t)summary->seed) : json_null(), "weight",
      summary->weight_name, "data", "source", summary->source, "sha256", summary->sha256, "output",
      summary->output, "features", features_json(summary->columns, true), "categorical",
      features_json(summary->columns, false), "rows", count_json(&summary->all), "classes",
      classes_json(summary));
  if (document == NULL) {
    return NULL;
  }
  json_text_write(&text, document, JSON_TEXT_INDENTED);
  text_append(&text, "\n");
  json_decref(document);
  return text_take(&text);
}
