/*
 * What a booster's file says: XGBoost's JSON or UBJSON, LightGBM's text.
 *
 *   parameters  one a node (a threshold or a leaf's value); a linear booster's weights
 *   flops       sum over trees of the mean depth of their leaves, + 1 a tree for the sum; linear:
 *               2 a weight
 *   bytes       16 a node on that path: threshold, feature, two children
 *
 * Cases:
 *  1. UBJSON begins with "{" and a length ('L', 'i' …), JSON with "{" and a quote or white space.
 *  2. XGBoost before 1.6 wrote a binary form of its own: refused, with the way out.
 *  3. A dart booster holds its trees one level deeper.
 *  4. LightGBM numbers inner nodes from 0 and leaves −1, −2 …; a tree of one leaf has no children.
 *  5. LightGBM trees that are linear in their leaves, and categories as bit sets: the counts are of
 * nodes, so nothing changes but the work in the leaf, which is not counted.
 */
#include "artifact/booster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "artifact/trees.h"
#include "artifact/ubj.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "base/text.h"

#define NODE_BYTES 16

static void settle_cost(struct artifact *artifact) {
  const struct artifact_trees *trees = &artifact->trees;
  artifact->n_parameters += trees->n_nodes;
  artifact->cost.flops += trees->path + (double)trees->n_trees;
  artifact->cost.traffic_bytes += NODE_BYTES * (trees->path + (double)trees->n_trees);
}

/* ---- XGBoost ---- */

static const char *json_word(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static bool read_children(const json_t *list, int64_t *to, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const json_t *item = json_array_get(list, i);
    if (!json_is_integer(item)) {
      return false;
    }
    to[i] = json_integer_value(item);
  }
  return true;
}

static nonet_status add_json_tree(const json_t *tree, size_t place, struct artifact *artifact,
                                  nonet_error *error) {
  const json_t *left = json_object_get(tree, "left_children"),
               *right = json_object_get(tree, "right_children");
  const size_t n = json_array_size(left);
  int64_t *children = memory_new(2 * n, sizeof *children);
  if (children == NULL) {
    return error_memory(error, 2 * n * sizeof *children, "a tree");
  }
  bool is_tree = n > 0 && json_array_size(right) == n && read_children(left, children, n) &&
                 read_children(right, children + n, n) &&
                 trees_add(children, children + n, n, &artifact->trees);
  memory_free(children);
  return is_tree ? NONET_OK
                 : error_set(error, NONET_E_DATA,
                             "tree %zu of the booster is no tree: left_children and right_children "
                             "do not lead from its root to leaves",
                             place);
}

static nonet_status read_trees(const json_t *model, struct artifact *artifact, nonet_error *error) {
  const json_t *trees = json_object_get(model, "trees");
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < json_array_size(trees) && status == NONET_OK; i++) {
    status = add_json_tree(json_array_get(trees, i), i, artifact, error);
  }
  return status;
}

static nonet_status read_xgboost(const json_t *root, struct artifact *artifact,
                                 nonet_error *error) {
  const json_t *learner = json_object_get(root, "learner"),
               *booster = json_object_get(learner, "gradient_booster"),
               *version = json_object_get(root, "version"),
               *deeper = json_object_get(booster, "gbtree"), *model;
  struct text text = {0};
  if (!json_is_object(booster)) {
    return error_set(error, NONET_E_DATA,
                     "no XGBoost model: there is no learner.gradient_booster in it; save it with "
                     "save_model('model.ubj') or ('model.json')");
  }
  model = json_object_get(deeper != NULL ? deeper : booster, "model"); /* 3 */
  for (size_t i = 0; i < json_array_size(version) && i < 3; i++) {
    text_printf(&text, "%s%lld", i == 0 ? "" : ".",
                (long long)json_integer_value(json_array_get(version, i)));
  }
  artifact->version = artifact_keep_text(artifact, text.data == NULL ? "" : text.data);
  text_clear(&text);
  artifact->objective =
      artifact_keep_text(artifact, json_word(json_object_get(learner, "objective"), "name"));
  artifact->n_features =
      strtoull(json_word(json_object_get(learner, "learner_model_param"), "num_feature"), NULL, 10);
  if (artifact->version == NULL || artifact->objective == NULL) {
    return error_memory(error, 64, "a booster");
  }
  size_t n_weights = json_array_size(json_object_get(model, "weights"));
  nonet_status status = read_trees(model, artifact, error);
  artifact->n_parameters = n_weights;
  artifact->cost.flops = 2 * (double)n_weights;
  artifact->cost.traffic_bytes = 4 * (double)n_weights;
  settle_cost(artifact);
  return status;
}

nonet_status booster_read_xgboost(const char *data, size_t size_bytes, struct artifact *artifact,
                                  nonet_error *error) {
  json_t *root = NULL;
  if (size_bytes >= 4 && memcmp(data, "binf", 4) == 0) { /* 2 */
    return error_set(error, NONET_E_DATA,
                     "XGBoost's old binary form is not read; save the model again with "
                     "save_model('model.ubj')");
  }
  const bool is_binary = size_bytes > 1 && data[0] == '{' && strchr("iUIlL#", data[1]) != NULL &&
                         data[1] != '\0'; /* 1 */
  nonet_status status = is_binary ? ubj_parse(data, size_bytes, &root, error)
                                  : json_text_parse(data, size_bytes, "the model", &root, error);
  if (status == NONET_OK) {
    status = read_xgboost(root, artifact, error);
  }
  json_decref(root);
  return status;
}

/* ---- LightGBM ---- */

struct lines {
  const char *at, *end;
  struct artifact *artifact;
  size_t n_leaves; /* of the tree being read; 0: none */
  int64_t *left, *right;
  nonet_error *error;
};

struct line {
  const char *text;
  size_t length;
};

static bool next_line(struct lines *lines, struct line *line) {
  if (lines->at >= lines->end) {
    return false;
  }
  const char *stop = memchr(lines->at, '\n', (size_t)(lines->end - lines->at));
  line->text = lines->at;
  line->length = (size_t)((stop == NULL ? lines->end : stop) - lines->at);
  lines->at = stop == NULL ? lines->end : stop + 1;
  line->length -= line->length > 0 && line->text[line->length - 1] == '\r';
  return true;
}

/* "key=value": the value. */
static bool has_key(const struct line *line, const char *key, struct line *value) {
  size_t n = strlen(key);
  if (line->length <= n || memcmp(line->text, key, n) != 0 || line->text[n] != '=') {
    return false;
  }
  *value = (struct line){line->text + n + 1, line->length - n - 1};
  return true;
}

/* A whole number at the start; *value moves behind it and one space. */
static bool take_int(struct line *value, int64_t *number) {
  char digits[24];
  size_t n = 0;
  while (n < value->length && n < sizeof digits - 1 && value->text[n] != ' ') {
    digits[n] = value->text[n];
    n++;
  }
  digits[n] = '\0';
  char *stop;
  errno = 0;
  *number = strtoll(digits, &stop, 10);
  size_t behind = n < value->length && value->text[n] == ' ' ? n + 1 : n;
  value->text += behind;
  value->length -= behind;
  return n > 0 && *stop == '\0' && errno == 0;
}

static nonet_status no_tree(const struct lines *lines, const char *what) {
  return error_set(lines->error, NONET_E_DATA, "tree %llu of the LightGBM model: %s; was it cut?",
                   (unsigned long long)lines->artifact->trees.n_trees, what);
}

/* Case 4: leaves stand behind the inner nodes. */
static nonet_status read_side(struct lines *lines, struct line value, int64_t **side) {
  const size_t n_inner = lines->n_leaves - 1, n = lines->n_leaves + n_inner;
  if (lines->n_leaves < 2 || *side != NULL || value.length / 2 + 1 < n_inner) {
    return no_tree(lines, "children that do not fit its number of leaves");
  }
  *side = memory_new(n, sizeof **side);
  if (*side == NULL) {
    return error_memory(lines->error, n * sizeof **side, "a tree");
  }
  for (size_t i = 0; i < n; i++) {
    int64_t child = -1;
    if (i < n_inner && !take_int(&value, &child)) {
      return no_tree(lines, "fewer children than it has inner nodes");
    }
    (*side)[i] = i >= n_inner ? -1 : child >= 0 ? child : (int64_t)n_inner + ~child;
  }
  return NONET_OK;
}

static nonet_status finish_tree(struct lines *lines) {
  static const int64_t none = -1;
  nonet_status status = NONET_OK;
  const size_t n = 2 * lines->n_leaves - 1;
  if (lines->n_leaves == 0) {
    return NONET_OK;
  }
  const bool is_single = lines->n_leaves == 1;
  const int64_t *left = is_single ? &none : lines->left, *right = is_single ? &none : lines->right;
  if (left == NULL || right == NULL) {
    status = no_tree(lines, "without left_child and right_child");
  } else if (!trees_add(left, right, n, &lines->artifact->trees)) {
    status = no_tree(lines, "its children do not lead from the root to leaves");
  }
  memory_free(lines->left);
  memory_free(lines->right);
  lines->left = lines->right = NULL;
  lines->n_leaves = 0;
  return status;
}

static const char *keep_line(struct artifact *artifact, const struct line *line) {
  char *kept = artifact_keep(artifact, line->length + 1, 1);
  if (kept != NULL && line->length > 0) {
    memcpy(kept, line->text, line->length);
  }
  return kept;
}

static nonet_status read_line(struct lines *lines, const struct line *line) {
  struct artifact *artifact = lines->artifact;
  struct line value;
  int64_t number;
  if (has_key(line, "num_leaves", &value)) {
    nonet_status status = finish_tree(lines);
    if (status == NONET_OK && (!take_int(&value, &number) || number < 1 || number > INT32_MAX)) {
      status = no_tree(lines, "num_leaves is no number of leaves");
    }
    lines->n_leaves = status == NONET_OK ? (size_t)number : 0;
    return status;
  }
  if (has_key(line, "left_child", &value)) {
    return read_side(lines, value, &lines->left);
  }
  if (has_key(line, "right_child", &value)) {
    return read_side(lines, value, &lines->right);
  }
  if (has_key(line, "version", &value) && *artifact->version == '\0') {
    artifact->version = keep_line(artifact, &value);
  } else if (has_key(line, "objective", &value) && *artifact->objective == '\0') {
    artifact->objective = keep_line(artifact, &value);
  } else if (has_key(line, "max_feature_idx", &value) && take_int(&value, &number) && number >= 0) {
    artifact->n_features = (uint64_t)number + 1;
  }
  return artifact->version == NULL || artifact->objective == NULL
             ? error_memory(lines->error, line->length, "a booster")
             : NONET_OK;
}

nonet_status booster_read_lightgbm(const char *data, size_t size_bytes, struct artifact *artifact,
                                   nonet_error *error) {
  struct lines lines = {.at = data, .end = data + size_bytes, .artifact = artifact, .error = error};
  struct line line;
  nonet_status status = NONET_OK;
  if (!next_line(&lines, &line) || line.length != 4 || memcmp(line.text, "tree", 4) != 0) {
    return error_set(error, NONET_E_DATA,
                     "no LightGBM model: its text begins with a line 'tree'; save it with "
                     "booster.save_model('model.txt')");
  }
  bool has_end = false;
  while (status == NONET_OK && !has_end && next_line(&lines, &line)) {
    has_end = line.length == 12 && memcmp(line.text, "end of trees", 12) == 0;
    status = has_end ? NONET_OK : read_line(&lines, &line);
  }
  if (status == NONET_OK && !has_end) {
    status = no_tree(&lines, "no line 'end of trees' comes after it");
  }
  if (status == NONET_OK) {
    status = finish_tree(&lines);
  }
  memory_free(lines.left);
  memory_free(lines.right);
  settle_cost(artifact);
  return status;
}
