/*
 * SARIF 2.1.0 (OASIS, 27 March 2020): what code hosts show beside the code.
 *
 * Cases:
 *  1. A result per gate that did not pass. HARMED, VIOLATED: kind fail, level error. UNDECIDED,
 * NOT_MEASURED: kind open ("insufficient information to decide", 3.27.9), which has no level
 * (3.27.10). EXCUSED: kind review. Gates that hold are no results: hosts show every result as an
 * alert.
 *  2. A result per finding: critical and error are errors, warning is one, info is a note.
 *  3. Hosts want a place: the configuration, else the candidate's file, else the data, line 1.
 * Characters that a URI reserves are encoded; an address with a scheme stays.
 *  4. An alert is the same alert in the next run when rule and scope are: the fingerprint is their
 * hash, without numbers.
 */
#include "report/sarif.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "report/page.h"
#include "report/words.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"

struct sarif {
  const json_t *root;
  json_t *rules, *rule_of; /* rule_of: id to index */
  json_t *results;
  bool failed;
};

static void put(struct sarif *sarif, json_t *object, const char *key, json_t *value) {
  sarif->failed = json_object_set_new(object, key, value) != 0 || sarif->failed;
}

static json_t *string_of(struct sarif *sarif, struct text *text) {
  json_t *string = json_string(text->data == NULL ? "" : text->data);
  sarif->failed = sarif->failed || text->failed || string == NULL;
  text_clear(text);
  return string;
}

static json_t *message(const char *text) {
  return json_pack("{s:s}", "text", text);
}

/* Case 3. */
static json_t *place_uri(struct sarif *sarif) {
  const json_t *inputs = json_object_get(sarif->root, "inputs");
  const char *path = page_string(json_object_get(inputs, "config"), "path");
  const json_t *models = json_object_get(inputs, "models");
  struct text uri = {0};
  for (size_t i = 0; i < json_array_size(models) && path[0] == '\0'; i++) {
    path = strcmp(page_string(json_array_get(models, i), "role"), "candidate") == 0
               ? page_string(json_array_get(models, i), "path")
               : path;
  }
  if (path[0] == '\0') {
    path = page_string(json_array_get(json_object_get(inputs, "data"), 0), "source");
  }
  if (path[0] == '\0' || strcmp(path, "-") == 0) {
    path = "nonet.yaml";
  }
  for (const char *at = path; *at != '\0'; at++) {
    const unsigned char byte = (unsigned char)*at;
    if (isalnum(byte) || strchr("/-._~", byte) != NULL || (byte == ':' && strstr(path, "://"))) {
      text_append_n(&uri, at, 1);
    } else {
      text_printf(&uri, "%%%02X", byte);
    }
  }
  return string_of(sarif, &uri);
}

/* The index of a rule, which is made when it is new. */
static json_int_t rule_index(struct sarif *sarif, const char *id, const char *title,
                             const char *definition) {
  const json_t *known = json_object_get(sarif->rule_of, id);
  if (known != NULL) {
    return json_integer_value(known);
  }
  json_int_t index = (json_int_t)json_array_size(sarif->rules);
  json_t *rule = json_pack("{s:s, s:o, s:o}", "id", id, "shortDescription",
                           message(title[0] == '\0' ? id : title), "fullDescription",
                           message(definition[0] == '\0' ? id : definition));
  sarif->failed = json_array_append_new(sarif->rules, rule) != 0 || sarif->failed;
  put(sarif, sarif->rule_of, id, json_integer(index));
  return index;
}

/* Takes `result` (without place, rule and fingerprint). */
static void add(struct sarif *sarif, json_t *result, const char *id, json_int_t index,
                const char *identity) {
  char hex[HASH_HEX_BYTES];
  hash_sha256_hex(identity, strlen(identity), hex); /* case 4 */
  hex[32] = '\0';
  put(sarif, result, "ruleId", json_string(id));
  put(sarif, result, "ruleIndex", json_integer(index));
  put(sarif, result, "locations",
      json_pack("[{s:{s:{s:o}, s:{s:i}}}]", "physicalLocation", "artifactLocation", "uri",
                place_uri(sarif), "region", "startLine", 1));
  put(sarif, result, "partialFingerprints", json_pack("{s:s}", "nonet/v1", hex));
  sarif->failed = json_array_append_new(sarif->results, result) != 0 || sarif->failed;
}

/* Case 1. */
static void add_gate(struct sarif *sarif, const json_t *gate) {
  const char *state = page_string(gate, "state"), *id = page_string(gate, "measure");
  const json_t *measure = json_object_get(json_object_get(sarif->root, "measures"), id);
  struct text sentence = {0}, name = {0};
  if (strcmp(state, "SAFE") == 0 || strcmp(state, "MET") == 0) {
    return;
  }
  const bool is_fail = words_tone(state) == TONE_BAD, is_excused = strcmp(state, "EXCUSED") == 0;
  words_gate_sentence(&sentence, sarif->root, gate);
  words_gate_name(&name, gate);
  json_t *result = json_object();
  put(sarif, result, "kind", json_string(is_fail ? "fail" : (is_excused ? "review" : "open")));
  if (is_fail) {
    put(sarif, result, "level", json_string("error"));
  }
  put(sarif, result, "message", json_pack("{s:o}", "text", string_of(sarif, &sentence)));
  put(sarif, result, "properties",
      json_pack("{s:s, s:i}", "state", state, "tier",
                (int)json_integer_value(json_object_get(gate, "tier"))));
  add(sarif, result, id,
      rule_index(sarif, id, page_string(measure, "title"), page_string(measure, "definition")),
      name.data == NULL ? id : name.data);
  sarif->failed = sarif->failed || name.failed;
  text_clear(&name);
}

/* Case 2. */
static void add_finding(struct sarif *sarif, const json_t *finding) {
  const char *severity = page_string(finding, "severity"), *id = page_string(finding, "id");
  const char *level = strcmp(severity, "info") == 0
                          ? "note"
                          : (strcmp(severity, "warning") == 0 ? "warning" : "error");
  struct text said = {0}, identity = {0};
  text_printf(&said, "%s: %s", page_string(finding, "title"), page_string(finding, "evidence"));
  text_printf(&identity, "%s ", id);
  if (json_object_get(finding, "where") != NULL) {
    json_text_write(&identity, json_object_get(finding, "where"), JSON_TEXT_CANONICAL);
  }
  json_t *result = json_object();
  put(sarif, result, "kind", json_string("fail"));
  put(sarif, result, "level", json_string(level));
  put(sarif, result, "message", json_pack("{s:o}", "text", string_of(sarif, &said)));
  add(sarif, result, id, rule_index(sarif, id, page_string(finding, "title"), ""),
      identity.data == NULL ? id : identity.data);
  sarif->failed = sarif->failed || identity.failed;
  text_clear(&identity);
}

/* Takes rules and results. */
static json_t *run_of(struct sarif *sarif) {
  const json_t *root = sarif->root, *run = json_object_get(root, "run");
  const char *state = page_string(json_object_get(root, "verdict"), "state");
  int code = strcmp(state, "FAIL") == 0 ? 1 : (strcmp(state, "INCONCLUSIVE") == 0 ? 2 : 0);
  json_t *driver =
      json_pack("{s:s, s:s, s:O}", "name", "nonet", "semanticVersion",
                page_string(json_object_get(root, "tool"), "version"), "rules", sarif->rules);
  json_t *invocation = json_pack("{s:b, s:i}", "executionSuccessful", 1, "exitCode", code);
  if (page_string(run, "started")[0] != '\0') {
    put(sarif, invocation, "startTimeUtc", json_string(page_string(run, "started")));
  }
  return json_pack("{s:{s:o}, s:[o], s:{s:s}, s:O, s:{s:s, s:s}}", "tool", "driver", driver,
                   "invocations", invocation, "automationDetails", "id", "nonet/", "results",
                   sarif->results, "properties", "verdict", state, "digest",
                   page_string(root, "digest"));
}

nonet_status sarif_render(const json_t *root, const struct terminal_style *style, struct text *text,
                          nonet_error *error) {
  struct sarif sarif = {
      .root = root, .rules = json_array(), .rule_of = json_object(), .results = json_array()};
  const json_t *findings = json_object_get(root, "findings");
  json_t *gates = words_gates(root), *document = NULL;
  (void)style;
  sarif.failed =
      sarif.rules == NULL || sarif.rule_of == NULL || sarif.results == NULL || gates == NULL;
  for (size_t i = 0; i < json_array_size(gates); i++) {
    add_gate(&sarif, json_array_get(gates, i));
  }
  for (size_t i = 0; i < json_array_size(findings); i++) {
    add_finding(&sarif, json_array_get(findings, i));
  }
  if (!sarif.failed) {
    document = json_pack("{s:s, s:s, s:[o]}", "$schema", SCHEMA, "version", "2.1.0", "runs",
                         run_of(&sarif));
  }
  json_text_write(text, document, JSON_TEXT_INDENTED);
  text_append(text, "\n");
  const bool failed = text->failed || sarif.failed || document == NULL;
  json_decref(document);
  json_decref(gates);
  json_decref(sarif.rules);
  json_decref(sarif.rule_of);
  json_decref(sarif.results);
  return failed ? error_memory(error, text->length, "the SARIF report") : NONET_OK;
}
