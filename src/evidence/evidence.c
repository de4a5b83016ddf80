/*
 * Evidence: life, order, digest and run id of the document.
 *
 * Cases:
 *  1. The order of estimates is (attribute in the order of the nine, then data; measure; role;
 * scope): it depends on what was measured, never on which thread finished first. Scopes: all,
 * group, class, column; groups by their columns, then values, null last.
 *  2. The digest is SHA-256 of the canonical JSON (sorted keys, no white space, shortest round-trip
 * numbers) of estimates, curves, judgements and findings, without what was timed (efficiency and
 * scalability, unless exact) and without the commands of findings, which name files: the same rows
 * give the same digest.
 *  3. The run id is the start of the hash of the whole document, so two runs of one moment still
 * differ by their content.
 *  4. Memory ends: builders set `failed` and do nothing more; finish reports it.
 */
#include "evidence/evidence.h"

#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "base/text.h"
#include "evidence/evidence_private.h"

static const char *const attribute_order[] = {
    "correctness", "robustness",       "efficiency", "scalability", "deployability",
    "fairness",    "interpretability", "privacy",    "security",    "data"};
static const char *const role_order[] = {"candidate", "baseline", "difference"};
static const char *const scope_order[] = {"all",   "group",      "class", "column",      "pair",
                                          "slice", "corruption", "load",  "query_budget"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static size_t position_in(const char *const *names, size_t n, const char *name) {
  size_t i = 0;
  while (i < n && (name == NULL || strcmp(names[i], name) != 0)) {
    i++;
  }
  return i;
}

static const char *field(const json_t *object, const char *key) {
  return json_string_value(json_object_get(object, key));
}

static int compare_text(const char *a, const char *b) {
  if (a == NULL || b == NULL) { /* null last */
    return (a == NULL) - (b == NULL);
  }
  return strcmp(a, b);
}

static int compare_size(size_t a, size_t b) {
  return (a > b) - (a < b);
}

/* The columns of "by" in their order of insertion, then their values as text, null last. */
static int compare_by(const json_t *a, const json_t *b) {
  int order = compare_size(json_object_size(a), json_object_size(b));
  for (int pass = 0; pass < 2 && order == 0; pass++) {
    void *i = json_object_iter((json_t *)a), *j = json_object_iter((json_t *)b);
    while (order == 0 && i != NULL && j != NULL) {
      order = pass == 0 ? strcmp(json_object_iter_key(i), json_object_iter_key(j))
                        : compare_text(json_string_value(json_object_iter_value(i)),
                                       json_string_value(json_object_iter_value(j)));
      i = json_object_iter_next((json_t *)a, i);
      j = json_object_iter_next((json_t *)b, j);
    }
  }
  return order;
}

static int compare_scope(const json_t *a, const json_t *b) {
  int order = compare_size(position_in(scope_order, COUNT_OF(scope_order), field(a, "kind")),
                           position_in(scope_order, COUNT_OF(scope_order), field(b, "kind")));
  if (order == 0) {
    order = compare_by(json_object_get(a, "by"), json_object_get(b, "by"));
  }
  if (order == 0) {
    order = compare_text(field(a, "class"), field(b, "class"));
  }
  if (order == 0) {
    order = compare_text(field(a, "column"), field(b, "column"));
  }
  return order;
}

static size_t attribute_position(const char *measure) {
  const char *dot = measure == NULL ? NULL : strchr(measure, '.');
  size_t i = 0;
  while (dot != NULL && i < COUNT_OF(attribute_order) &&
         (strlen(attribute_order[i]) != (size_t)(dot - measure) ||
          strncmp(attribute_order[i], measure, (size_t)(dot - measure)) != 0)) {
    i++;
  }
  return dot == NULL ? COUNT_OF(attribute_order) : i;
}

/* A row with what is compared of it, looked up once. */
struct placed {
  json_t *row;
  const json_t *scope;
  const char *measure;
  unsigned attribute, role; /* positions in their orders */
};

static struct placed place(json_t *row) {
  const char *measure = field(row, "measure");
  return (struct placed){
      .row = row,
      .scope = json_object_get(row, "scope"),
      .measure = measure,
      .attribute = (unsigned)attribute_position(measure),
      .role = (unsigned)position_in(role_order, COUNT_OF(role_order), field(row, "role"))};
}

/* Case 1. */
static int compare_rows(const void *left, const void *right) {
  const struct placed *a = left, *b = right;
  int order = compare_size(a->attribute, b->attribute);
  if (order == 0) {
    order = compare_text(a->measure, b->measure);
  }
  if (order == 0) {
    order = compare_size(a->role, b->role);
  }
  return order == 0 ? compare_scope(a->scope, b->scope) : order;
}

static nonet_status sort_rows(json_t *root, const char *key, nonet_error *error) {
  json_t *array = json_object_get(root, key);
  size_t n = json_array_size(array);
  json_t *sorted = json_array();
  struct placed *rows = memory_new(n + 1, sizeof *rows);
  nonet_status status = NONET_OK;
  if (rows == NULL || sorted == NULL) {
    status = error_memory(error, n * sizeof *rows, "sorting the evidence");
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    rows[i] = place(json_array_get(array, i));
  }
  qsort(rows, n, sizeof *rows, compare_rows);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    if (json_array_append(sorted, rows[i].row) != 0) {
      status = error_memory(error, n * sizeof *rows, "sorting the evidence");
    }
  }
  if (status == NONET_OK && json_object_set(root, key, sorted) != 0) {
    status = error_memory(error, n * sizeof *rows, "sorting the evidence");
  }
done:
  memory_free(rows);
  json_decref(sorted);
  return status;
}

/* Case 2: what a clock gave is not what must repeat. */
static bool is_timed(const json_t *row) {
  const char *measure = field(row, "measure");
  const char *method = field(row, "method");
  bool from_clock = measure != NULL && (strncmp(measure, "efficiency.", 11) == 0 ||
                                        strncmp(measure, "scalability.", 12) == 0);
  return from_clock && (method == NULL || strcmp(method, "exact") != 0);
}

static void digest_row(struct text *text, const json_t *row) {
  json_t *kept = NULL;
  if (json_object_get(row, "command") != NULL) {
    kept = json_copy((json_t *)row); /* short of memory it drops fields */
    text->failed |= json_object_size(kept) != json_object_size(row);
    json_object_del(kept, "command");
  }
  json_text_write(text, kept == NULL ? row : kept, JSON_TEXT_CANONICAL);
  json_decref(kept);
}

static void digest_part(struct text *text, const json_t *root, const char *key) {
  const json_t *array = json_object_get(root, key);
  const char *comma = "";
  text_printf(text, "\"%s\":[", key);
  for (size_t i = 0; i < json_array_size(array); i++) {
    const json_t *row = json_array_get(array, i);
    if (!is_timed(row)) {
      text_append(text, comma);
      digest_row(text, row);
      comma = ",";
    }
  }
  text_append(text, "]");
}

nonet_status evidence_digest(const json_t *root, char hex[65], nonet_error *error) {
  struct text text = {0};
  nonet_status status = NONET_OK;
  digest_part(&text, root, "estimates");
  digest_part(&text, root, "curves");
  digest_part(&text, root, "judgements");
  digest_part(&text, root, "findings");
  if (text.failed) {
    status = error_memory(error, text.length, "the evidence digest");
  } else {
    hash_sha256_hex(text.data, text.length, hex);
  }
  text_clear(&text);
  return status;
}

/* Case 3. */
static nonet_status set_identity(struct evidence *evidence, nonet_error *error) {
  char hex[HASH_HEX_BYTES];
  struct text text = {0};
  nonet_status status = evidence_digest(evidence->root, hex, error);
  if (status == NONET_OK) {
    evidence_put(evidence, evidence->root, "digest", json_string(hex));
    json_text_write(&text, evidence->root, JSON_TEXT_CANONICAL);
    if (text.failed || evidence->failed) {
      status = error_memory(error, text.length, "the evidence");
    }
  }
  if (status == NONET_OK) {
    hash_sha256_hex(text.data, text.length, hex);
    hex[12] = '\0';
    evidence_set_run(evidence, "id", json_string(hex));
  }
  text_clear(&text);
  return status;
}

nonet_status evidence_new(const char *command, struct evidence **evidence, nonet_error *error) {
  struct evidence *made = memory_zeroed(1, sizeof *made);
  static const char *const lists[] = {"estimates", "curves", "judgements", "findings", "actions"};
  *evidence = NULL;
  if (made == NULL) {
    return error_memory(error, sizeof *made, "the evidence");
  }
  made->root = json_object();
  made->failed = made->root == NULL;
  evidence_put(made, made->root, "schema", json_string("nonet/evidence/1"));
  evidence_put(made, made->root, "tool", json_object());
  evidence_put(made, made->root, "digest", json_null());
  evidence_put(made, made->root, "run", json_object());
  evidence_put(made, made->root, "inputs",
               json_pack("{s:{}, s:[], s:[], s:{}}", "config", "data", "models", "machine"));
  evidence_put(made, made->root, "measures", json_object());
  for (size_t i = 0; i < COUNT_OF(lists); i++) {
    evidence_put(made, made->root, lists[i], json_array());
  }
  evidence_put(made, made->root, "verdict",
               json_pack("{s:s, s:n, s:n, s:n, s:[], s:{}, s:n}", "state", "NONE", "context",
                         "context_version", "alpha", "because", "coverage", "n_needed"));
  evidence_put(made, made->root, "skipped", json_array());
  evidence_put(made, made->root, "timings", json_array());
  evidence_set_run(made, "id", json_null());
  evidence_set_run(made, "command", json_string(command));
  if (made->failed) {
    evidence_free(made);
    return error_memory(error, sizeof *made, "the evidence");
  }
  *evidence = made;
  return NONET_OK;
}

void evidence_free(struct evidence *evidence) {
  if (evidence != NULL) {
    json_decref(evidence->root);
    memory_free(evidence);
  }
}

nonet_status evidence_finish(struct evidence *evidence, nonet_error *error) {
  nonet_status status = NONET_OK;
  if (evidence->failed) {
    return error_memory(error, 0, "the evidence");
  }
  status = sort_rows(evidence->root, "estimates", error);
  if (status == NONET_OK) {
    status = sort_rows(evidence->root, "curves", error);
  }
  if (status == NONET_OK) {
    status = set_identity(evidence, error);
  }
  if (status == NONET_OK && evidence->failed) {
    status = error_memory(error, 0, "the evidence");
  }
  evidence->is_finished = status == NONET_OK;
  return status;
}
