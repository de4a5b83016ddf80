/*
 * Markdown for a pull request.
 *
 * The verdict and why, the forest as a table, the nine, the obstacle, what to do with lines to
 * copy; all else is folded away. The words are those of words.c.
 *
 * Cases:
 *  1. Names come from data: as code or escaped, so that none becomes markup or calls a person.
 *  2. Code hosts cut comments (GitHub at 65,536 characters): only what holds for all rows is
 * listed, and a table stops at TABLE_MOST rows with the number left out.
 *  3. Nothing judged: it says so and shows the numbers.
 *  4. Findings with one title are told once, with how many more there are.
 */
#include "report/markdown.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "report/markup.h"
#include "report/obstacle.h"
#include "report/outstanding.h"
#include "report/page.h"
#include "report/words.h"

#define BAR_COLUMNS 25
#define TABLE_MOST 60

static const char *said(const struct text *text) {
  return text->data == NULL ? "" : text->data;
}

/* Appends what `part` says as prose or as code, and clears it. */
static void take(struct text *text, struct text *part,
                 void (*append)(struct text *, const char *)) {
  append(text, said(part));
  text->failed = text->failed || part->failed;
  text_clear(part);
}

static void render_outstanding(struct text *text, const json_t *root) {
  json_t *lines = outstanding_lines(root);
  text->failed = text->failed || lines == NULL;
  for (size_t i = 0; i < json_array_size(lines); i++) {
    text_printf(text, "- **%s** ", page_string(json_array_get(lines, i), "mark"));
    markup_md(text, page_string(json_array_get(lines, i), "text"));
    text_append(text, i + 1 < json_array_size(lines) ? "\n" : "\n\n");
  }
  json_decref(lines);
}

static void render_head(struct text *text, const json_t *root) {
  const json_t *verdict = json_object_get(root, "verdict"),
               *because = json_object_get(verdict, "because");
  struct text part = {0};
  if (!words_is_judged(root)) { /* case 3 */
    text_printf(text, "### nonet %s: measured, not judged\n\n",
                page_string(json_object_get(root, "run"), "command"));
    render_outstanding(text, root);
    return;
  }
  words_state(&part, root);
  text_printf(text, "### nonet: %s\n\n", said(&part));
  text_clear(&part);
  words_headline(&part, root);
  take(text, &part, markup_md);
  text_append(text, "\n\n");
  for (size_t i = 0; i < json_array_size(because); i++) {
    const char *line = json_string_value(json_array_get(because, i));
    text_append(text, "- ");
    markup_md(text, line == NULL ? "" : line);
    text_append(text, "\n");
  }
  words_decide(&part, root);
  if (part.length > 0) {
    text_append(text, "- ");
    take(text, &part, markup_md);
    text_append(text, "\n");
  }
  text_append(text, "\n");
}

static void render_bar(struct text *text, const json_t *root, const json_t *gate) {
  struct text bar = {0};
  struct page page = {.root = root, .text = &bar};
  double margin = page_number(gate, "margin"), unit = margin > 0.0 ? margin : NAN;
  if (isfinite(page_number(gate, "difference") / unit)) {
    page_bar(&page, page_number(gate, "difference") / unit, page_number(gate, "low") / unit,
             page_number(gate, "high") / unit, -3.0, 3.0, -1.0, BAR_COLUMNS);
    take(text, &bar, markup_md_code);
  }
  text_clear(&bar);
}

static void render_forest(struct text *text, const json_t *root) {
  json_t *gates = words_gates(root);
  text->failed = text->failed || gates == NULL;
  if (json_array_size(gates) > 0) {
    text_append(text,
                "| tier | gate | worse ← −1 margin ┊ 0 → better | + better, of margin | state "
                "|\n|--:|---|---|---|---|\n");
  }
  for (size_t i = 0; i < json_array_size(gates); i++) {
    const json_t *gate = json_array_get(gates, i);
    char tier[32];
    struct text part = {0};
    page_plain(tier, page_number(gate, "tier"));
    text_printf(text, "| %s | ", tier);
    words_gate_name(&part, gate);
    take(text, &part, markup_md_code);
    text_append(text, " | ");
    render_bar(text, root, gate);
    text_append(text, " | ");
    words_gate_number(&part, root, gate);
    take(text, &part, markup_md);
    text_append(text, " | **");
    words_gate_state(&part, gate);
    take(text, &part, markup_md);
    text_append(text, "** |\n");
  }
  text_append(text, json_array_size(gates) > 0 ? "\n" : "");
  json_decref(gates);
}

static void render_nine(struct text *text, const json_t *root) {
  struct text part = {0};
  const char *dot = "**Nine:** ";
  for (size_t i = 0; i < WORDS_ATTRIBUTES; i++) {
    enum words_tone tone;
    const char *words = words_attribute(root, words_attributes[i], &tone);
    if (tone != TONE_NONE) {
      text_printf(text, "%s%s %s", dot, words_attributes[i], words);
      dot = " · ";
    }
  }
  words_coverage(&part, root);
  if (part.length > 0) {
    text_append(text, dot);
    take(text, &part, markup_md);
    text_append(text, "\n\n");
  }
  obstacle_say(&part, root);
  if (part.length > 0) {
    text_append(text, "**Obstacle:** ");
    take(text, &part, markup_md);
    text_append(text, "\n\n");
  }
  text_clear(&part);
}

static bool is_alike(const json_t *finding, const json_t *other) {
  return strcmp(page_string(finding, "title"), page_string(other, "title")) == 0 &&
         strcmp(page_string(finding, "severity"), page_string(other, "severity")) == 0;
}

/* How many findings have this title, from `i` on; 0 when an earlier one has it. */
static size_t n_alike(const json_t *findings, size_t i) {
  const json_t *finding = json_array_get(findings, i);
  size_t n = 0;
  for (size_t k = 0; k < i; k++) {
    if (is_alike(finding, json_array_get(findings, k))) {
      return 0;
    }
  }
  for (size_t k = i; k < json_array_size(findings); k++) {
    n += is_alike(finding, json_array_get(findings, k));
  }
  return n;
}

/* Case 4. Folded, since what to do about them stands above. */
static void render_findings(struct text *text, const json_t *root) {
  json_t *findings = outstanding_findings(root);
  const size_t n = json_array_size(findings);
  text->failed = text->failed || findings == NULL;
  if (n > 0) {
    text_printf(text, "<details><summary>%zu finding%s</summary>\n\n", n, n == 1 ? "" : "s");
  }
  for (size_t i = 0; i < n; i++) {
    const size_t same = n_alike(findings, i);
    struct text line = {0};
    if (same > 0) {
      words_finding(&line, json_array_get(findings, i));
      text_append(text, "- ");
      take(text, &line, markup_md);
      if (same > 1) {
        text_printf(text, "; and %zu more like it", same - 1);
      }
      text_append(text, "\n");
    }
  }
  text_append(text, n > 0 ? "\n</details>\n\n" : "");
  json_decref(findings);
}

static void render_actions(struct text *text, const json_t *root) {
  const json_t *actions = json_object_get(root, "actions");
  text_append(text, json_array_size(actions) > 0 ? "**What to do**\n\n" : "");
  for (size_t i = 0; i < json_array_size(actions); i++) {
    const json_t *action = json_array_get(actions, i);
    text_printf(text, "%zu. **", i + 1);
    markup_md(text, page_string(action, "title"));
    text_append(text, "** – ");
    markup_md(text, page_string(action, "why"));
    text_append(text, "; expected: ");
    markup_md(text, page_string(action, "expected"));
    text_append(text, "\n\n");
    if (page_string(action, "command")[0] != '\0') {
      markup_md_command(text, page_string(action, "command"));
      text_append(text, "\n");
    }
  }
}

static void append_interval(struct text *text, const json_t *estimate) {
  char value[32], low[32], high[32];
  double l = page_number(estimate, "low"), h = page_number(estimate, "high");
  page_value(value, page_number(estimate, "value"), l, h, 2);
  text_append(text, value);
  if (words_is_exact(estimate)) {
    text_append(text, " exact");
  } else if (isfinite(l) || isfinite(h)) {
    page_value(low, l, l, h, 2);
    page_value(high, h, l, h, 2);
    text_printf(text, " [%s, %s]", low, high);
  }
}

bool markdown_estimates(struct text *text, const json_t *root, const char *attribute) {
  const json_t *rows = json_object_get(root, "estimates");
  size_t n = 0;
  bool is_paired = false;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    is_paired = is_paired || strcmp(page_string(json_array_get(rows, i), "role"), "baseline") == 0;
  }
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i), *scope = json_object_get(row, "scope");
    const char *id = page_string(row, "measure");
    char count[32];
    if (strcmp(page_string(row, "attribute"), attribute) != 0 || !page_is_all(scope) ||
        strcmp(page_string(row, "role"), "candidate") != 0 || words_is_blank(root, row) ||
        n++ >= TABLE_MOST) {
      continue;
    }
    if (n == 1) {
      text_append(text, is_paired ? "| measure | candidate | baseline | difference | n |\n"
                                    "|---|---|---|---|--:|\n"
                                  : "| measure | value | n |\n|---|---|--:|\n");
    }
    text_append(text, "| ");
    markup_md_code(text, id);
    text_append(text, " | ");
    append_interval(text, row);
    for (size_t r = 0; is_paired && r < 2; r++) {
      text_append(text, " | ");
      append_interval(text, page_estimate(root, id, r == 0 ? "baseline" : "difference", scope));
    }
    page_count(count, page_number(row, "n"));
    text_printf(text, " | %s |\n", count);
  }
  if (n > TABLE_MOST) { /* case 2 */
    text_printf(text, "\n… and %zu more, in the JSON\n", n - TABLE_MOST);
  }
  return n > 0;
}

bool markdown_skipped(struct text *text, const json_t *root) {
  json_t *by_reason = words_skipped(root), *names;
  const char *reason;
  bool any = json_object_size(by_reason) > 0;
  json_object_foreach(by_reason, reason, names) {
    text_append(text, "- ");
    for (size_t i = 0; i < json_array_size(names); i++) {
      text_append(text, i == 0 ? "" : ", ");
      markup_md_code(text, json_string_value(json_array_get(names, i)));
    }
    text_append(text, ": ");
    markup_md(text, reason);
    text_append(text, "\n");
  }
  text->failed = text->failed || by_reason == NULL;
  json_decref(by_reason);
  return any;
}

static void render_folded(struct text *text, const json_t *root) {
  struct text numbers = {0}, skipped = {0};
  for (size_t i = 0; i <= WORDS_ATTRIBUTES; i++) {
    if (markdown_estimates(&numbers, root, i < WORDS_ATTRIBUTES ? words_attributes[i] : "data")) {
      text_append(&numbers, "\n");
    }
  }
  if (numbers.length > 0) {
    text_printf(text,
                "<details%s><summary>Every number over all rows, with its interval</summary>\n\n",
                words_is_judged(root) ? "" : " open");
    text_append(text, said(&numbers));
    text_append(text, "</details>\n\n");
  }
  if (markdown_skipped(&skipped, root)) {
    text_append(text, "<details><summary>Not measured, and why</summary>\n\n");
    text_append(text, said(&skipped));
    text_append(text, "\n</details>\n\n");
  }
  text->failed = text->failed || numbers.failed || skipped.failed;
  text_clear(&numbers);
  text_clear(&skipped);
}

nonet_status markdown_render(const json_t *root, const struct terminal_style *style,
                             struct text *text, nonet_error *error) {
  const json_t *run = json_object_get(root, "run");
  char seed[32];
  (void)style;
  render_head(text, root);
  render_forest(text, root);
  if (words_is_judged(root)) {
    render_nine(text, root);
  }
  render_actions(text, root);
  render_findings(text, root);
  render_folded(text, root);
  page_plain(seed, page_number(run, "seed"));
  text_printf(text, "<sub>nonet %s · run ", page_string(json_object_get(root, "tool"), "version"));
  markup_md(text, page_string(run, "id"));
  text_printf(text, " · digest %.12s · seed %s</sub>\n", page_string(root, "digest"), seed);
  return text->failed ? error_memory(error, text->length, "the Markdown report") : NONET_OK;
}
