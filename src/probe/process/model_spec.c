/*
 * A model's options as a part of a request (model_spec.h): an object of their own fields. What was
 * not given is not there. driver_model.c reads it.
 */
#include "probe/process/model_spec.h"

#include <stdbool.h>

static bool put(json_t *spec, const char *key, json_t *value) {
  return json_object_set_new(spec, key, value) == 0;
}

static bool put_text(json_t *spec, const char *key, const char *text) {
  return text == NULL || put(spec, key, json_string(text));
}

static bool put_words(json_t *spec, const char *key, const char *const *words, size_t n) {
  json_t *list = n > 0 ? json_array() : NULL;
  for (size_t i = 0; i < n; i++) {
    if (json_array_append_new(list, json_string(words[i])) != 0) {
      json_decref(list);
      return false;
    }
  }
  return n == 0 || put(spec, key, list);
}

json_t *model_spec(const struct model_options *options) {
  json_t *spec = json_object();
  bool is_whole = put_text(spec, "kind", options->kind) && put_text(spec, "path", options->path) &&
                  put_words(spec, "argv", options->argv, options->n_argv) &&
                  put_text(spec, "command", options->command) &&
                  put_text(spec, "folder", options->folder) &&
                  put(spec, "timeout_s", json_real(options->timeout_s)) &&
                  put(spec, "batch_rows", json_integer((json_int_t)options->batch_rows)) &&
                  put(spec, "output", json_integer(options->output)) &&
                  put(spec, "layout", json_integer(options->layout)) &&
                  put_text(spec, "provider", options->provider) &&
                  put_words(spec, "features", options->features, options->n_features);
  if (!is_whole) {
    json_decref(spec);
    return NULL;
  }
  return spec;
}
