/*
 * The configuration as resolved, as JSON.
 *
 * Cases:
 *  1. What the file says, text as written: a ${NAME} stays a ${NAME}, so that nothing it held is
 * kept. Plain words that are numbers or booleans become such.
 *  2. A password written into a URI (scheme://user:password@host) is replaced by "***".
 *  3. Defaults are filled in: threshold, budget, coverage, sample seed; the context in full.
 *  4. The tree may share nodes (aliases); its expanded size is bounded by YAML_NODES_MOST.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"
#include "policy/config_private.h"

/* Case 2. */
static json_t *text_json(const char *word) {
  const char *scheme = strstr(word, "://"), *host = scheme == NULL ? NULL : scheme + 3;
  const char *at = host == NULL ? NULL : strchr(host, '@');
  const char *colon = at == NULL ? NULL : memchr(host, ':', (size_t)(at - host));
  if (colon == NULL || memchr(host, '/', (size_t)(at - host)) != NULL ||
      strncmp(colon + 1, "${", 2) == 0) {
    return json_string(word);
  }
  struct text text = {0};
  text_append_n(&text, word, (size_t)(colon - word) + 1);
  text_append(&text, "***");
  text_append(&text, at);
  json_t *value = text.failed ? NULL : json_string(text.data);
  text_clear(&text);
  return value;
}

static json_t *scalar_json(const struct yaml_node *node) {
  const char *word = node->text;
  char *end = NULL;
  if (!node->is_plain) {
    return text_json(word);
  }
  if (yaml_is_null(node)) {
    return json_null();
  }
  if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) {
    return json_boolean(word[0] == 't');
  }
  if (word[0] == '\0' || word[strspn(word, "+-.eE0123456789")] != '\0') {
    return text_json(word);
  }
  errno = 0;
  long long whole = strtoll(word, &end, 10);
  if (*end == '\0' && end != word && errno == 0 && word[0] != '+' &&
      (word[0] != '0' || word[1] == '\0')) {
    return json_integer(whole);
  }
  void *locale = c_locale_enter();
  double value = strtod(word, &end);
  c_locale_leave(locale);
  return *end == '\0' && end != word && isfinite(value) ? json_real(value) : text_json(word);
}

/* Case 1. Depth is bounded by YAML_DEPTH_MOST times the aliases' own depth, which is finished
 * trees: under YAML_NODES_MOST. */
static json_t *tree_json(const struct yaml_node *node) {
  if (node->kind == YAML_SCALAR) {
    return scalar_json(node);
  }
  json_t *value = node->kind == YAML_MAPPING ? json_object() : json_array();
  for (size_t i = 0; i < node->n && value != NULL; i++) {
    json_t *item = tree_json(node->item[i]);
    int failed = node->kind == YAML_MAPPING ? json_object_set_new(value, node->key[i]->text, item)
                                            : json_array_append_new(value, item);
    if (failed != 0) {
      json_decref(value);
      value = NULL;
    }
  }
  return value;
}

static bool set_missing(json_t *object, const char *key, json_t *value) {
  if (json_object_get(object, key) != NULL) {
    json_decref(value);
    return true;
  }
  return json_object_set_new(object, key, value) == 0;
}

nonet_status config_json_context(struct config *config, nonet_error *error) {
  bool is_done =
      json_object_set_new(config->resolved, "context", context_json(&config->context)) == 0 &&
      json_object_set_new(config->resolved, "coverage",
                          json_string(config->is_partial ? "partial" : "full")) == 0;
  return is_done ? NONET_OK : error_memory(error, 1000, "the configuration as resolved");
}

/* Case 3. */
nonet_status config_json_make(const struct yaml_node *root, struct config *config,
                              nonet_error *error) {
  config->resolved = tree_json(root);
  bool is_done = config->resolved != NULL &&
                 set_missing(config->resolved, "threshold", json_real(config->threshold.value)) &&
                 json_object_set_new(config->resolved, "budget_seconds",
                                     json_text_real(config->budget_s)) == 0;
  json_t *sample =
      is_done ? json_object_get(json_object_get(config->resolved, "data"), "sample") : NULL;
  if (json_is_object(sample)) {
    is_done = set_missing(sample, "seed", json_integer((json_int_t)config->sample.seed));
  }
  if (!is_done) {
    return error_memory(error, 1000, "the configuration as resolved");
  }
  json_object_del(config->resolved, "budget");
  return config_json_context(config, error);
}

json_t *config_json(const struct config *config) {
  return config->resolved;
}
