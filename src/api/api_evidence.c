/*
 * The evidence handle: its verdict, its JSON, and reading it back.
 *
 * Cases: 1. No verdict in the document (measure, merge) is NONE.  2. A document read from outside
 * is checked by the evidence floor before a handle exists.  3. NULL handles: no verdict, a free
 * that does nothing.
 */
#include "api/api.h"

#include <string.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"

nonet_status api_take_text(struct text *text, const char *what, char **taken, nonet_error *error) {
  size_t size_bytes = text->length + 1;
  *taken = text_take(text);
  text_clear(text);
  return *taken != NULL ? NONET_OK : error_memory(error, size_bytes, what);
}

nonet_verdict nonet_evidence_verdict(const nonet_evidence *evidence) {
  static const struct {
    const char *state;
    nonet_verdict verdict;
  } known[] = {{"PASS", NONET_PASS}, {"FAIL", NONET_FAIL}, {"INCONCLUSIVE", NONET_INCONCLUSIVE}};
  const json_t *root = evidence != NULL ? evidence->document->root : NULL;
  const char *state = json_string_value(json_object_get(json_object_get(root, "verdict"), "state"));
  for (size_t i = 0; state != NULL && i < sizeof known / sizeof *known; i++) {
    if (strcmp(known[i].state, state) == 0) {
      return known[i].verdict;
    }
  }
  return NONET_NONE; /* case 1 */
}

nonet_status nonet_evidence_json(const nonet_evidence *evidence, char **json, nonet_error *error) {
  struct text text = {0};
  json_text_write(&text, evidence->document->root, JSON_TEXT_INDENTED);
  if (text.length == 0 || text.data[text.length - 1] != '\n') {
    text_append(&text, "\n");
  }
  return api_take_text(&text, "the evidence as JSON", json, error);
}

nonet_status nonet_evidence_parse(const char *json, size_t size_bytes, const char *source,
                                  nonet_evidence **evidence, nonet_error *error) {
  nonet_evidence *made = memory_zeroed(1, sizeof *made);
  *evidence = NULL;
  if (made == NULL) {
    return error_memory(error, sizeof *made, "the evidence");
  }
  nonet_status status = evidence_parse(json, size_bytes, source, &made->document, error);
  if (status != NONET_OK) {
    nonet_evidence_free(made);
    return status;
  }
  *evidence = made;
  return NONET_OK;
}

void nonet_evidence_free(nonet_evidence *evidence) {
  if (evidence != NULL) {
    evidence_free(evidence->document);
    memory_free(evidence);
  }
}

void nonet_text_free(char *text) {
  memory_free(text);
}
