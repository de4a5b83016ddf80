/*
 * `data:` and `columns:` of nonet.yaml.
 *
 * Cases:
 *  1. A source is a path or glob, or a mapping with a path or a query; a driver needs a query and a
 * uri. The format is one of those that the table floor reads.
 *  2. test and label are needed.
 *  3. One column, one role of label, weight, cluster, id, query_id and time: a label that is also a
 * feature would leak, so both of these are errors.
 *  4. sample: rows from 1 up, a seed, columns to keep in proportion.
 *  5. Constraints of a column: min ≤ max, categories without a range; none twice.
 *  6. A group column of numbers may have edges behind its name (table/ranges.h).
 */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "policy/config_private.h"
#include "table/ranges.h"

static nonet_status read_format(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  static const char *const words[] = {"csv", "parquet", "json", "arrow", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  *(const char **)into = words[index];
  return status;
}

static nonet_status read_path(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) {
  struct config_source *source = into;
  source->shown = node->text;
  return fields_path(reader, node, &source->path, error);
}

static nonet_status read_query(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  struct config_source *source = into;
  source->shown = node->text;
  return fields_expanded(reader, node, &source->query, error);
}

static const struct field source_fields[] = {
    {"path", read_path, 0},
    {"query", read_query, 0},
    {"driver", fields_expanded, offsetof(struct config_source, driver)},
    {"uri", fields_expanded, offsetof(struct config_source, uri)},
    {"format", read_format, offsetof(struct config_source, format)},
    {NULL, NULL, 0}};

/* Case 1. */
static nonet_status read_source(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  struct config_source *source = into;
  source->at = (struct config_place){node->line, node->column};
  if (node->kind == YAML_SCALAR) {
    return read_path(reader, node, source, error);
  }
  nonet_status status = fields_read(reader, node, "a source of rows", source_fields, source, error);
  if (status != NONET_OK) {
    return status;
  }
  if ((source->path == NULL) == (source->query == NULL)) {
    return fields_fail(reader, node, error, "expected a path or a query, one of them");
  }
  if (source->path != NULL && (source->driver != NULL || source->uri != NULL)) {
    return fields_fail(reader, node, error,
                       "a path takes no driver and no uri; those need a query");
  }
  if ((source->driver == NULL) != (source->uri == NULL)) {
    return fields_fail(reader, node, error, "driver and uri go together; %s is missing",
                       source->driver == NULL ? "driver" : "uri");
  }
  if (source->query != NULL && source->format != NULL) {
    return fields_fail(reader, node, error, "format is for a path; a query has none");
  }
  return NONET_OK;
}

static nonet_status read_other_source(const struct fields_reader *reader,
                                      const struct yaml_node *node, void *into,
                                      nonet_error *error) {
  struct config_source *source = pool_new(reader->pool, 1, sizeof *source);
  if (source == NULL) {
    return error_memory(error, sizeof *source, "a source of rows");
  }
  *(struct config_source **)into = source;
  return read_source(reader, node, source, error);
}

static nonet_status read_label(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) {
  struct config *config = into;
  config->label_at = (struct config_place){node->line, node->column};
  return fields_text(reader, node, &config->label, error);
}

static const struct field sample_fields[] = {
    {"rows", fields_count, offsetof(struct config, sample.rows)},
    {"seed", fields_whole, offsetof(struct config, sample.seed)},
    {"stratify", fields_list, offsetof(struct config, sample.stratify)},
    {NULL, NULL, 0}};

static nonet_status read_sample(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  struct config *config = into;
  nonet_status status = fields_read(reader, node, "a sample", sample_fields, config, error);
  if (status == NONET_OK && config->sample.rows == 0) { /* case 4 */
    status = fields_fail(reader, node, error, "expected rows: how many the sample takes");
  }
  return status;
}

/* Case 6. */
static nonet_status read_columns(const struct fields_reader *reader, const struct yaml_node *node,
                                 struct config_list *items, struct config_list *names,
                                 nonet_error *error) {
  nonet_status status = fields_list(reader, node, items, error);
  const char **name = status == NONET_OK ? pool_new(reader->pool, items->n, sizeof *name) : NULL;
  if (status == NONET_OK && name == NULL) {
    status = error_memory(error, items->n * sizeof *name, "a configuration");
  }
  for (size_t i = 0; status == NONET_OK && i < items->n; i++) {
    struct ranges ranges = {0};
    name[i] = pool_text(reader->pool, items->item[i], ranges_name_length(items->item[i]));
    status = name[i] == NULL
                 ? error_memory(error, 64, "a configuration")
                 : fields_at(reader, node, ranges_read(items->item[i], &ranges, error), error);
    ranges_clear(&ranges);
    for (size_t k = 0; status == NONET_OK && k < i; k++) {
      if (strcmp(name[k], name[i]) == 0) {
        status = fields_fail(reader, node, error, "'%.60s' stands twice in the list", name[i]);
      }
    }
  }
  if (status == NONET_OK) {
    *names = (struct config_list){name, items->n};
  }
  return status;
}

static nonet_status read_groups(const struct fields_reader *reader, const struct yaml_node *node,
                                void *into, nonet_error *error) {
  struct config *config = into;
  return read_columns(reader, node, &config->group_items, &config->groups, error);
}

static nonet_status read_controls(const struct fields_reader *reader, const struct yaml_node *node,
                                  void *into, nonet_error *error) {
  struct config *config = into;
  return read_columns(reader, node, &config->control_items, &config->controls, error);
}

static nonet_status read_intersections(const struct fields_reader *reader,
                                       const struct yaml_node *node, void *into,
                                       nonet_error *error) {
  struct config *config = into;
  nonet_status status = fields_count(reader, node, &config->intersections, error);
  if (status == NONET_OK && (config->intersections < 1 || config->intersections > 8)) {
    status =
        fields_expected(reader, node, "how many columns are crossed at most, from 1 to 8", error);
  }
  return status;
}

static const struct field data_fields[] = {
    {"test", read_source, offsetof(struct config, test)},
    {"train", read_other_source, offsetof(struct config, train)},
    {"pool", read_other_source, offsetof(struct config, pool_rows)},
    {"label", read_label, 0},
    {"positive", fields_text, offsetof(struct config, positive)},
    {"classes", fields_list, offsetof(struct config, classes)},
    {"features", fields_list, offsetof(struct config, features)},
    {"groups", read_groups, 0},
    {"controls", read_controls, 0},
    {"intersections", read_intersections, 0},
    {"reference", fields_list, offsetof(struct config, reference)},
    {"weight", fields_text, offsetof(struct config, weight)},
    {"cluster", fields_text, offsetof(struct config, cluster)},
    {"id", fields_text, offsetof(struct config, id)},
    {"query_id", fields_text, offsetof(struct config, query_id)},
    {"time", fields_text, offsetof(struct config, time)},
    {"sample", read_sample, 0},
    {NULL, NULL, 0}};

/* Case 3. */
static nonet_status check_label(const struct fields_reader *reader, const struct yaml_node *node,
                                const struct config *config, nonet_error *error) {
  const char *const single[] = {config->weight, config->cluster, config->id, config->query_id};
  static const char *const names[] = {"weight", "cluster", "id", "query_id"};
  for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
    if (single[i] != NULL && strcmp(single[i], config->label) == 0) {
      return fields_fail(reader, yaml_get(node, names[i]), error,
                         "'%.60s' is the label; it cannot be the %s too", config->label, names[i]);
    }
  }
  for (size_t i = 0; i < config->features.n; i++) {
    if (strcmp(config->features.item[i], config->label) == 0) {
      return fields_fail(reader, yaml_get(node, "features"), error,
                         "'%.60s' is the label; a model that is given it has nothing to tell",
                         config->label);
    }
  }
  return NONET_OK;
}

nonet_status config_data_read(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) {
  struct config *config = into;
  nonet_status status = fields_read(reader, node, "data", data_fields, config, error);
  if (status != NONET_OK) {
    return status;
  }
  if (config->test.at.line == 0) { /* case 2 */
    return fields_fail(reader, node, error, "expected test: the rows to judge on");
  }
  if (config->label == NULL) {
    return fields_fail(reader, node, error, "expected label: the column with what is true");
  }
  return check_label(reader, node, config, error);
}

/* ---- columns ------------------------------------------------------------------------------- */

static nonet_status read_monotone(const struct fields_reader *reader, const struct yaml_node *node,
                                  void *into, nonet_error *error) {
  static const char *const words[] = {"increasing", "decreasing", NULL};
  size_t index = 0;
  nonet_status status = fields_word(reader, node, words, &index, error);
  *(enum config_monotone *)into = index == 0 ? MONOTONE_INCREASING : MONOTONE_DECREASING;
  return status;
}

static const struct field column_fields[] = {
    {"immutable", fields_bool, offsetof(struct config_column, immutable)},
    {"integer", fields_bool, offsetof(struct config_column, integer)},
    {"protected", fields_bool, offsetof(struct config_column, is_protected)},
    {"monotone", read_monotone, offsetof(struct config_column, monotone)},
    {"min", fields_real, offsetof(struct config_column, min)},
    {"max", fields_real, offsetof(struct config_column, max)},
    {"categories", fields_list, offsetof(struct config_column, categories)},
    {NULL, NULL, 0}};

static nonet_status read_column(const struct fields_reader *reader, const struct yaml_node *key,
                                const struct yaml_node *node, struct config_column *column,
                                nonet_error *error) {
  *column = (struct config_column){
      .name = key->text, .min = -INFINITY, .max = INFINITY, .at = {key->line, key->column}};
  nonet_status status =
      fields_read(reader, node, "a column's constraints", column_fields, column, error);
  bool has_range = isfinite(column->min) || isfinite(column->max);
  if (status == NONET_OK && column->min > column->max) { /* case 5 */
    status = fields_fail(reader, node, error, "min is above max");
  }
  if (status == NONET_OK && column->categories.n > 0 && (has_range || column->integer)) {
    status =
        fields_fail(reader, node, error, "a column has categories or a range of numbers, not both");
  }
  return status;
}

nonet_status config_data_columns(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) {
  struct config *config = into;
  if (node->kind != YAML_MAPPING) {
    return fields_expected(reader, node, "a mapping of column names to their constraints", error);
  }
  config->columns = pool_new(reader->pool, node->n, sizeof *config->columns);
  config->n_columns = node->n;
  nonet_status status =
      config->columns == NULL ? error_memory(error, node->n, "columns") : NONET_OK;
  for (size_t i = 0; i < node->n && status == NONET_OK; i++) {
    status = read_column(reader, node->key[i], node->item[i], &config->columns[i], error);
  }
  return status;
}
