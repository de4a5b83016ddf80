/*
 * Lookup: estimates by measure, role and scope.
 *
 * A page of ten thousand groups asks for each of its cells; a search through a million rows for
 * each would take minutes. Rows are parted by measure and role once; the scopes of such a block
 * become keys when it is first asked for, since most blocks never are.
 *
 * Cases:
 *  1. Scopes are the same when they are equal as JSON: the key is their canonical text, in which
 * the order of columns does not count and 1 is not 1.0.
 *  2. Of two rows with one key the first counts.
 */
#include "report/lookup.h"

#include "base/json_text.h"
#include "report/page.h"

static void block_key(struct text *key, const char *measure, const char *role) {
  text_append(key, measure);
  text_append(key, " ");
  text_append(key, role);
}

/* Case 1. */
static void scope_key(struct text *key, const json_t *scope) {
  text_append(key, "");
  if (scope != NULL) {
    json_text_write(key, scope, JSON_TEXT_CANONICAL);
  }
}

static bool add_row(struct lookup *lookup, struct text *key, json_t *row) {
  key->length = 0;
  block_key(key, page_string(row, "measure"), page_string(row, "role"));
  if (key->failed) {
    return false;
  }
  json_t *block = json_object_get(lookup->blocks, key->data);
  if (block == NULL) {
    block = json_array();
    if (json_object_set_new(lookup->blocks, key->data, block) != 0) {
      return false;
    }
  }
  return json_array_append(block, row) == 0;
}

bool lookup_open(struct lookup *lookup, const json_t *rows) {
  struct text key = {0};
  *lookup = (struct lookup){.blocks = json_object(), .by_scope = json_object()};
  lookup->failed = lookup->blocks == NULL || lookup->by_scope == NULL;
  for (size_t i = 0; i < json_array_size(rows) && !lookup->failed; i++) {
    lookup->failed = !add_row(lookup, &key, json_array_get(rows, i));
  }
  text_clear(&key);
  return !lookup->failed;
}

void lookup_close(struct lookup *lookup) {
  json_decref(lookup->blocks);
  json_decref(lookup->by_scope);
  *lookup = (struct lookup){0};
}

/* Case 2: the rows of a block by their scopes; NULL when memory is short. */
static json_t *scopes_of(const json_t *block) {
  json_t *scopes = json_object();
  struct text key = {0};
  bool failed = scopes == NULL;
  for (size_t i = 0; i < json_array_size(block) && !failed; i++) {
    json_t *row = json_array_get(block, i);
    key.length = 0;
    scope_key(&key, json_object_get(row, "scope"));
    failed = key.failed || (json_object_get(scopes, key.data) == NULL &&
                            json_object_set(scopes, key.data, row) != 0);
  }
  text_clear(&key);
  if (failed) {
    json_decref(scopes);
    scopes = NULL;
  }
  return scopes;
}

const json_t *lookup_find(struct lookup *lookup, const char *measure, const char *role,
                          const json_t *scope) {
  struct text key = {0};
  block_key(&key, measure, role);
  const json_t *block = key.failed ? NULL : json_object_get(lookup->blocks, key.data),
               *found = NULL;
  json_t *scopes = block == NULL ? NULL : json_object_get(lookup->by_scope, key.data);
  if (block != NULL && scopes == NULL) {
    scopes = scopes_of(block);
    lookup->failed |= json_object_set_new(lookup->by_scope, key.data, scopes) != 0;
  }
  if (block != NULL && !lookup->failed) {
    key.length = 0;
    scope_key(&key, scope);
    found = key.failed ? NULL : json_object_get(scopes, key.data);
  }
  lookup->failed |= key.failed;
  text_clear(&key);
  return found;
}
