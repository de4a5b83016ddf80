/* Contexts and the first configuration: the policy floor behind the public API. */
#include "api/api.h"

#include "base/error.h"
#include "base/json_text.h"
#include "policy/context.h"
#include "policy/draft.h"

const char *nonet_context_name(size_t index) {
  return context_preset(index);
}

nonet_status nonet_context_title(const char *name, char **title, nonet_error *error) {
  struct context context;
  struct text text = {0};
  *title = NULL;
  nonet_status status = context_find(name, &context, error);
  if (status != NONET_OK) {
    return status;
  }
  text_append(&text, context.title);
  context_clear(&context);
  return api_take_text(&text, "a context", title, error);
}

nonet_status nonet_context_yaml(const char *name, char **yaml, nonet_error *error) {
  struct context context;
  struct text text = {0};
  *yaml = NULL;
  nonet_status status = context_find(name, &context, error);
  if (status != NONET_OK) {
    return status;
  }
  context_yaml(&context, &text);
  context_clear(&context);
  return api_take_text(&text, "a context", yaml, error);
}

nonet_status nonet_context_json(const char *name, char **json, nonet_error *error) {
  struct context context;
  struct text text = {0};
  *json = NULL;
  nonet_status status = context_find(name, &context, error);
  if (status != NONET_OK) {
    return status;
  }
  json_t *root = context_json(&context);
  context_clear(&context);
  if (root == NULL) {
    return error_memory(error, 1000, "a context");
  }
  json_text_write(&text, root, JSON_TEXT_INDENTED);
  text_append(&text, "\n");
  json_decref(root);
  return api_take_text(&text, "a context", json, error);
}

nonet_status nonet_context_diff(const char *from, const char *to, char **text, int *differs,
                                nonet_error *error) {
  struct context a, b = {0};
  struct text lines = {0};
  *text = NULL;
  nonet_status status = context_find(from, &a, error);
  if (status == NONET_OK) {
    status = context_find(to, &b, error);
  }
  if (status == NONET_OK) {
    text_append(&lines, "");
    *differs = context_diff(&a, &b, &lines);
    status = api_take_text(&lines, "a difference", text, error);
  }
  context_clear(&a);
  context_clear(&b);
  return status;
}

nonet_status nonet_init(const char *path, const char *context, const char *from, char **said,
                        nonet_error *error) {
  struct text text = {0};
  *said = NULL;
  nonet_status status = draft_write(path == NULL ? "nonet.yaml" : path,
                                    context == NULL ? "general" : context, from, &text, error);
  if (status != NONET_OK) {
    text_clear(&text);
    return status;
  }
  return api_take_text(&text, "what was found", said, error);
}
