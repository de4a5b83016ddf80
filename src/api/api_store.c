/* The store's handle: kept runs in, kept runs and their history out. NULL inside is the store that
 * keeps nothing ("none"). */
#include "api/api.h"

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "evidence/history.h"
#include "report/past.h"

struct nonet_store {
  struct store *file; /* NULL: none */
};

nonet_status nonet_store_open(const char *where, int writes, nonet_store **store,
                              nonet_error *error) {
  nonet_store *made = memory_zeroed(1, sizeof *made);
  *store = NULL;
  if (made == NULL) {
    return error_memory(error, sizeof *made, "the store");
  }
  nonet_status status =
      store_open(where, writes != 0 ? STORE_WRITE : STORE_READ, &made->file, error);
  if (status != NONET_OK) {
    memory_free(made);
    return status;
  }
  *store = made;
  return NONET_OK;
}

void nonet_store_free(nonet_store *store) {
  if (store != NULL) {
    store_close(store->file);
    memory_free(store);
  }
}

nonet_status nonet_store_put(nonet_store *store, const nonet_evidence *evidence,
                             nonet_error *error) {
  return store_put(store->file, evidence->document, NULL, error);
}

nonet_status nonet_store_get(nonet_store *store, const char *prefix, nonet_evidence **evidence,
                             nonet_error *error) {
  nonet_evidence *made = memory_zeroed(1, sizeof *made);
  *evidence = NULL;
  if (made == NULL) {
    return error_memory(error, sizeof *made, "the evidence");
  }
  nonet_status status = store_get(store->file, prefix, &made->document, error);
  if (status != NONET_OK) {
    nonet_evidence_free(made);
    return status;
  }
  *evidence = made;
  return NONET_OK;
}

static nonet_status history(nonet_store *store, const char *measure, json_t **root,
                            nonet_error *error) {
  return measure == NULL ? history_runs(store->file, root, error)
                         : history_series(store->file, measure, root, error);
}

nonet_status nonet_history_json(nonet_store *store, const char *measure, char **json,
                                nonet_error *error) {
  json_t *root = NULL;
  struct text text = {0};
  *json = NULL;
  nonet_status status = history(store, measure, &root, error);
  if (status == NONET_OK) {
    json_text_write(&text, root, JSON_TEXT_INDENTED);
    text_append(&text, "\n");
    status = api_take_text(&text, "the history as JSON", json, error);
  }
  json_decref(root);
  return status;
}

nonet_status nonet_history_terminal(nonet_store *store, const char *measure,
                                    const nonet_terminal_options *options, char **text,
                                    nonet_error *error) {
  struct terminal_style style;
  json_t *root = NULL;
  struct text page = {0};
  *text = NULL;
  nonet_status status = api_terminal_style(options, &style, error);
  if (status == NONET_OK) {
    status = history(store, measure, &root, error);
  }
  if (status == NONET_OK) {
    status = past_render(root, &style, &page, error);
  }
  if (status == NONET_OK) {
    status = api_take_text(&page, "the history", text, error);
  }
  text_clear(&page);
  json_decref(root);
  return status;
}
