/*
 * The model card: sections after Mitchell et al., Model Cards for Model Reporting (2019): model,
 * intended context, data, verdict, quality by attribute, groups, limits, how it was made. Plain
 * Markdown that needs no renderer.
 *
 * Cases:
 *  1. What the evidence does not know is said, never guessed: the owner fills it in.
 *  2. What was not measured is listed under limits with its reason.
 *  3. Of many groups the card names the lowest and the highest; each is one of many, so the
 * extremes are partly chance, and it says so.
 */
#include "report/card.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/balance.h"
#include "report/markdown.h"
#include "report/markup.h"
#include "report/outstanding.h"
#include "report/page.h"
#include "report/words.h"

static const char *said(const struct text *text) {
  return text->data == NULL ? "" : text->data;
}

static void fact(struct text *text, const char *name, const char *value) {
  if (value[0] != '\0') {
    text_printf(text, "- %s: ", name);
    markup_md_code(text, value);
    text_append(text, "\n");
  }
}

/* "- candidate: onnx `models/boost.onnx`, sha256 `…`, runtime `…`" */
static void render_file(struct text *text, const json_t *model) {
  static const char *const keys[][2] = {
      {"path", ""}, {"sha256", "sha256 "}, {"runtime", "runtime "}};
  const char *comma = " ";
  text_append(text, "- ");
  markup_md(text, page_string(model, "role"));
  text_append(text, ": ");
  markup_md(text, page_string(model, "kind"));
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
    if (page_string(model, keys[k][0])[0] != '\0') {
      text_printf(text, "%s%s", comma, keys[k][1]);
      markup_md_code(text, page_string(model, keys[k][0]));
      comma = ", ";
    }
  }
  text_append(text, "\n");
}

static void render_model(struct text *text, const json_t *root) {
  const json_t *inputs = json_object_get(root, "inputs"),
               *models = json_object_get(inputs, "models");
  struct text name = {0};
  words_model(&name, root, "candidate");
  text_append(text, "# Model card: ");
  markup_md(text, name.length > 0 ? said(&name) : "candidate");
  text_append(text, "\n\n## Model\n\n");
  fact(text, "task", page_string(json_object_get(inputs, "config"), "task"));
  for (size_t i = 0; i < json_array_size(models); i++) {
    render_file(text, json_array_get(models, i));
  }
  if (json_array_size(models) == 0) {
    text_append(text, "- known by its predictions alone\n");
  }
  text_append(text, "- owner, licence, training: to be filled in by the owner\n\n"); /* case 1 */
  text->failed = text->failed || name.failed;
  text_clear(&name);
}

static void render_context(struct text *text, const json_t *root) {
  const json_t *verdict = json_object_get(root, "verdict");
  char version[32];
  text_append(text, "## Intended context\n\n");
  if (page_string(verdict, "context")[0] == '\0') {
    text_append(text, "No context was given: nothing was judged.\n\n");
    return;
  }
  page_plain(version, page_number(verdict, "context_version"));
  text_append(text, "Judged in the context ");
  markup_md_code(text, page_string(verdict, "context"));
  text_printf(text, ", version %s. Other uses were not judged.\n\n", version);
}

static void render_data(struct text *text, const json_t *root) {
  const json_t *data = json_object_get(json_object_get(root, "inputs"), "data");
  struct text balance = {0};
  text_append(text, "## Data\n\n");
  for (size_t i = 0; i < json_array_size(data); i++) {
    const json_t *row = json_array_get(data, i);
    char rows[32], used[32];
    page_count(rows, page_number(row, "rows"));
    page_count(used, page_number(row, "rows_used"));
    text_append(text, "- ");
    markup_md(text, page_string(row, "role"));
    text_append(text, ": ");
    markup_md_code(text, page_string(row, "source"));
    text_printf(text, ", %s of %s rows used\n", used, rows);
    fact(text, "sha256", page_string(row, "sha256"));
  }
  balance_say(&balance, root);
  text_append(text, balance.length > 0 ? "\n" : "");
  markup_md(text, said(&balance));
  text_append(text, "\n\n");
  text->failed = text->failed || balance.failed;
  text_clear(&balance);
}

static void render_verdict(struct text *text, const json_t *root) {
  const json_t *verdict = json_object_get(root, "verdict"),
               *because = json_object_get(verdict, "because");
  json_t *gates = words_gates(root);
  if (words_is_judged(root)) {
    struct text headline = {0};
    words_headline(&headline, root);
    text_append(text, "## Verdict: ");
    words_state(text, root);
    text_append(text, "\n\n");
    markup_md(text, said(&headline));
    text_append(text, "\n\n");
    text->failed = text->failed || headline.failed;
    text_clear(&headline);
    for (size_t i = 0; i < json_array_size(because); i++) {
      const char *line = json_string_value(json_array_get(because, i));
      text_append(text, "- ");
      markup_md(text, line == NULL ? "" : line);
      text_append(text, "\n");
    }
    for (size_t i = 0; i < json_array_size(gates); i++) {
      struct text sentence = {0};
      words_gate_sentence(&sentence, root, json_array_get(gates, i));
      text_append(text, "- ");
      markup_md(text, said(&sentence));
      text_append(text, "\n");
      text->failed = text->failed || sentence.failed;
      text_clear(&sentence);
    }
    text_append(text, "\n");
  }
  text->failed = text->failed || gates == NULL;
  json_decref(gates);
}

static void render_quality(struct text *text, const json_t *root) {
  text_append(text, "## Quality\n\n");
  for (size_t i = 0; i < WORDS_ATTRIBUTES; i++) {
    enum words_tone tone;
    struct text table = {0};
    const char *words = words_attribute(root, words_attributes[i], &tone);
    text_printf(text, "### %s: %s\n\n", words_attributes[i], words);
    if (markdown_estimates(&table, root, words_attributes[i])) {
      text_printf(text, "%s\n", said(&table));
    }
    text->failed = text->failed || table.failed;
    text_clear(&table);
  }
}

/* The candidate's estimates of a measure by group: how many, and the rows with the extremes. */
static size_t group_extremes(const json_t *root, const char *measure, const json_t *extreme[2]) {
  const json_t *rows = json_object_get(root, "estimates");
  size_t n = 0;
  extreme[0] = extreme[1] = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i), *scope = json_object_get(row, "scope");
    double value = page_number(row, "value");
    if (strcmp(page_string(row, "measure"), measure) != 0 ||
        strcmp(page_string(row, "role"), "candidate") != 0 ||
        strcmp(page_string(scope, "kind"), "group") != 0 ||
        json_object_get(scope, "class") != NULL || !isfinite(value)) {
      continue;
    }
    n++;
    extreme[0] = extreme[0] == NULL || value < page_number(extreme[0], "value") ? row : extreme[0];
    extreme[1] = extreme[1] == NULL || value > page_number(extreme[1], "value") ? row : extreme[1];
  }
  return n;
}

static void render_groups(struct text *text, const json_t *root) {
  const json_t *measures = json_object_get(root, "measures"), *extreme[2];
  const char *id;
  json_t *measure;
  size_t n_told = 0;
  json_object_foreach((json_t *)measures, id, measure) {
    size_t n = group_extremes(root, id, extreme);
    if (n < 2) {
      continue;
    }
    text_append(text, n_told++ == 0 ? "## Groups\n\nThe lowest and the highest are the extremes of "
                                      "many estimates, so part of their distance is chance.\n\n"
                                      "| measure | groups | lowest | highest |\n|---|--:|---|---|\n"
                                    : "");
    text_append(text, "| ");
    markup_md_code(text, id);
    text_printf(text, " | %zu", n);
    for (size_t e = 0; e < 2; e++) {
      char value[32];
      struct text scope = {0};
      words_scope(&scope, json_object_get(extreme[e], "scope"));
      page_value(value, page_number(extreme[e], "value"), page_number(extreme[e], "low"),
                 page_number(extreme[e], "high"), 2);
      text_printf(text, " | %s ", value);
      markup_md_code(text, said(&scope));
      text->failed = text->failed || scope.failed;
      text_clear(&scope);
    }
    text_append(text, " |\n");
  }
  text_append(text, n_told > 0 ? "\n" : "");
}

static void render_limits(struct text *text, const json_t *root) {
  json_t *findings = outstanding_findings(root);
  struct text part = {0};
  text_append(text, "## Limits\n\n");
  words_coverage(&part, root);
  if (part.length > 0) {
    text_append(text, "- ");
    markup_md(text, said(&part));
    text_append(text, "\n");
  }
  text->failed = text->failed || part.failed;
  text_clear(&part);
  text_append(text, "- The intervals are those of sampling rows; retraining and a change of the "
                    "population are not in them.\n");
  for (size_t i = 0; i < json_array_size(findings); i++) {
    words_finding(&part, json_array_get(findings, i));
    text_append(text, "- ");
    markup_md(text, said(&part));
    text_append(text, "\n");
    text->failed = text->failed || part.failed;
    text_clear(&part);
  }
  text->failed = text->failed || findings == NULL;
  json_decref(findings);
  markdown_skipped(text, root); /* case 2 */
}

nonet_status card_render(const json_t *root, const struct terminal_style *style, struct text *text,
                         nonet_error *error) {
  const json_t *run = json_object_get(root, "run"), *tool = json_object_get(root, "tool");
  char seed[32];
  (void)style;
  render_model(text, root);
  render_context(text, root);
  render_data(text, root);
  render_verdict(text, root);
  render_quality(text, root);
  render_groups(text, root);
  render_limits(text, root);
  page_plain(seed, page_number(run, "seed"));
  text_append(text, "\n## How it was made\n\n");
  text_printf(text, "`nonet %s` %s, started ", page_string(run, "command"),
              page_string(tool, "version"));
  markup_md(text, page_string(run, "started"));
  text_printf(text, ", seed %s, digest `%.64s`\n", seed, page_string(root, "digest"));
  return text->failed ? error_memory(error, text->length, "the model card") : NONET_OK;
}
