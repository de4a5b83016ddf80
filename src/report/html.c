/*
 * The page: one file that opens offline and asks the network for nothing.
 *
 * Decision first (verdict, why, what stands in the way, the first thing to do), then the forest of
 * gates, the nine, a section per attribute, what was not measured, where it comes from, and the
 * action list last, as in every format.
 *
 * Cases:
 *  1. All numbers and tables are HTML: without script, on paper and read aloud nothing is missing
 * but the drawn curves and dots.
 *  2. Text from data is escaped everywhere; besides, the content security policy allows no script
 * but ours (by its hash) and no request at all.
 *  3. Below 3 MB: the script is some 0.9 MB, and tables of groups stop at TABLES_MOST_BYTES.
 *  4. Nothing judged (measure, merge): it says so instead of a verdict.
 *  5. What was not measured is never green: it is named with its reason. Of data alone none of the
 *     nine is measured, and none is shown.
 */
#include "report/html.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json_text.h"
#include "report/balance.h"
#include "report/html_attribute.h"
#include "report/html_curve.h"
#include "report/html_gates.h"
#include "report/obstacle.h"
#include "report/outstanding.h"
#include "report/page.h"
#include "report/report_asset.h"
#include "report/words.h"

#define TABLES_MOST_BYTES 1500000

static const json_t *part(const struct html *html, const char *key) {
  return json_object_get(html->root, key);
}

static bool is_judged(const struct html *html) {
  return words_is_judged(html->root);
}

/* Case 4: the verdict's state, for its tone and sign. */
static const char *state_of(const struct html *html) {
  const char *state = page_string(part(html, "verdict"), "state");
  return !is_judged(html) || strcmp(state, "NONE") == 0 ? "NOT JUDGED" : state;
}

static enum words_tone tone_of(const struct html *html) {
  return words_tone(state_of(html));
}

/* Has any of the nine a number, a finding or a curve; of data alone none has. */
static bool is_any_measured(const struct html *html) {
  bool found = false;
  for (size_t i = 0; i < WORDS_ATTRIBUTES && !found; i++) {
    found = html_attribute_is_there(html->root, words_attributes[i]);
  }
  return found;
}

static void render_state(struct html *html) {
  struct text told = {0};
  words_state(&told, html->root);
  if (strcmp(state_of(html), "NOT JUDGED") == 0) {
    html_raw(html, "NOT JUDGED");
    text_clear(&told);
  }
  html_take(html, &told);
}

static void render_head(struct html *html) {
  struct text model = {0};
  words_model(&model, html->root, "candidate");
  html_raw(html,
           "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
           "'sha256-%s'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action "
           "'none'\">\n<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=color-scheme content=\"light dark\">\n<title>",
           report_asset_script_sha256); /* case 2 */
  render_state(html);
  html_raw(html, " · ");
  html_take(html, &model);
  html_raw(html, " · nonet</title>\n<style>");
  text_append_n(html->text, report_asset_style, report_asset_style_bytes);
  html_raw(html,
           "</style>\n</head>\n<body>\n<a class=skip href=#decision>Skip to the decision</a>\n");
}

static void render_link(struct html *html, const char *anchor, const char *name) {
  html_raw(html, "<li><a href=#%s>%s</a></li>", anchor, name);
}

static void render_top(struct html *html) {
  const json_t *run = part(html, "run");
  html_raw(html, "<header class=top><p class=brand><b>nonet</b> <span>");
  html_text(html, page_string(run, "command"));
  html_raw(html, "</span></p><p class=when>run <code>");
  html_text(html, page_string(run, "id"));
  html_raw(html, "</code> <time>");
  html_text(html, page_string(run, "started"));
  html_raw(html, "</time></p>\n<nav aria-label=Sections><ul>");
  render_link(html, "decision", "Decision");
  if (json_array_size(part(html, "judgements")) > 0) {
    render_link(html, "gates", "Gates");
  }
  if (is_judged(html) || is_any_measured(html)) {
    render_link(html, "nine", "The nine");
  }
  for (size_t i = 0; i <= WORDS_ATTRIBUTES; i++) {
    const char *name = i < WORDS_ATTRIBUTES ? words_attributes[i] : "data";
    if (html_attribute_is_there(html->root, name)) {
      char title[32] = "";
      strncat(title, name, sizeof title - 1);
      title[0] = (char)(title[0] - 'a' + 'A');
      render_link(html, name, title);
    }
  }
  json_t *skipped = words_skipped(html->overall);
  if (json_object_size(skipped) > 0) {
    render_link(html, "skipped", "Not measured");
  }
  json_decref(skipped);
  render_link(html, "provenance", "Provenance");
  if (json_array_size(part(html, "actions")) > 0) {
    render_link(html, "actions", "What to do");
  }
  html_raw(html, "</ul></nav></header>\n<main>\n");
}

static void render_box(struct html *html, const char *title, struct text *words) {
  if (words->length > 0) {
    html_raw(html, "<div class=box><h2>%s</h2><p>", title);
    html_take(html, words);
    html_raw(html, "</p></div>\n");
  }
  text_clear(words);
}

static void render_first_action(struct html *html) {
  const json_t *action = json_array_get(part(html, "actions"), 0);
  if (action == NULL) {
    return;
  }
  html_raw(html, "<div class=box><h2>First thing to do</h2><p>");
  html_text(html, page_string(action, "title"));
  html_raw(html, "</p>");
  if (page_string(action, "command")[0] != '\0') {
    html_command(html, page_string(action, "command"));
  }
  html_raw(html, "<p><a href=#actions>All actions, with reasons</a></p></div>\n");
}

static void render_because(struct html *html) {
  const json_t *because = json_object_get(part(html, "verdict"), "because");
  struct text tightest = {0};
  for (size_t i = 0; i < json_array_size(because); i++) {
    const char *line = json_string_value(json_array_get(because, i));
    html_raw(html, i == 0 ? "<p class=because>" : (i == 1 ? "<ul class=why><li>" : "<li>"));
    html_text(html, line == NULL ? "" : line);
    html_raw(html, i == 0 ? "</p>\n" : "</li>\n");
  }
  words_tightest(&tightest, html->root);
  if (tightest.length > 0) {
    html_raw(html, json_array_size(because) > 1 ? "<li>" : "<ul class=why><li>");
    html_take(html, &tightest);
    html_raw(html, "</li>");
  }
  html_raw(html, json_array_size(because) > 1 || tightest.data != NULL ? "</ul>\n" : "");
  text_clear(&tightest);
}

static void render_outstanding(struct html *html) {
  json_t *lines = outstanding_lines(html->overall);
  html->text->failed = html->text->failed || lines == NULL;
  for (size_t i = 0; i < json_array_size(lines); i++) {
    html_raw(html, i == 0 ? "<h2 class=small>What stands out</h2>\n<ul class=why><li>" : "<li>");
    html_raw(html, "<b>");
    html_text(html, page_string(json_array_get(lines, i), "mark"));
    html_raw(html, "</b> ");
    html_text(html, page_string(json_array_get(lines, i), "text"));
    html_raw(html, "</li>\n");
  }
  html_raw(html, json_array_size(lines) > 0 ? "</ul>\n" : "");
  json_decref(lines);
}

static void render_decision(struct html *html) {
  static const char *const signs[] = {"–", "✓", "?", "✕"};
  struct text words = {0};
  html_raw(html,
           "<section id=decision class=\"decision %s\" aria-labelledby=decision-title "
           "tabindex=-1>\n<h1 id=decision-title><span class=sign aria-hidden=true>%s</span> ",
           html_tone(tone_of(html)), signs[tone_of(html)]);
  render_state(html);
  html_raw(html, "</h1>\n<p class=headline>");
  words_headline(&words, html->root);
  const char *said = words.data == NULL ? "" : words.data;
  html_text(html, strncmp(said, " · ", strlen(" · ")) == 0 ? said + strlen(" · ") : said);
  text_clear(&words);
  html_raw(html, "</p>\n");
  if (is_judged(html)) {
    render_because(html);
  } else {
    html_raw(html, "<p class=because>%s</p>\n",
             is_any_measured(html)
                 ? "Numbers with their intervals. Nothing was asked to be judged."
                 : "What these rows can tell, and what stands in the way. No model was asked.");
    balance_say(&words, html->overall);
    if (words.length > 0) {
      html_raw(html, "<p>");
      html_take(html, &words);
      html_raw(html, "</p>\n");
    }
    text_clear(&words);
    render_outstanding(html);
  }
  html_raw(html, "<div class=boxes>");
  words_decide(&words, html->root);
  render_box(html, "What would decide it", &words);
  if (is_judged(html)) { /* else it leads what stands out */
    obstacle_say(&words, html->overall);
  }
  render_box(html, "Obstacle", &words);
  render_first_action(html);
  html_raw(html, "</div></section>\n");
}

/* ---- the nine ---- */

/* The first gate of an attribute that is not over all rows, where the card has no other number. */
static void render_card_gate(struct html *html, const char *attribute) {
  json_t *gates = words_gates(html->root);
  const size_t length = strlen(attribute);
  for (size_t i = 0; i < json_array_size(gates); i++) {
    const json_t *gate = json_array_get(gates, i);
    const char *id = page_string(gate, "measure");
    if (strncmp(id, attribute, length) == 0 && id[length] == '.') {
      struct text number = {0};
      words_gate_number(&number, html->root, gate);
      html_raw(html, "<p class=figure>");
      html_take(html, &number);
      html_raw(html, "</p><p class=what>");
      html_text(html, html_title(html, id));
      html_raw(html,
               isfinite(page_number(gate, "difference")) ? ", difference of margin</p>" : "</p>");
      break;
    }
  }
  json_decref(gates);
}

/* What a card shows of an attribute: the gate that fails or is open, else its primary, else the
 * task's primary or the first estimate over all rows. */
static const char *card_measure(const struct html *html, const char *attribute) {
  const json_t *rows = json_object_get(html->overall, "estimates");
  json_t *gates = words_gates(html->root);
  const size_t length = strlen(attribute);
  const char *chosen = NULL;
  bool is_settled = false;
  for (size_t i = 0; i < json_array_size(gates) && !is_settled; i++) {
    const json_t *gate = json_array_get(gates, i);
    const char *id = page_string(gate, "measure");
    if (strncmp(id, attribute, length) == 0 && id[length] == '.' &&
        page_is_all(json_object_get(gate, "scope"))) {
      const bool is_good = words_tone(page_string(gate, "state")) == TONE_GOOD;
      const bool is_primary = json_is_true(json_object_get(gate, "primary"));
      is_settled = (!is_good && chosen == NULL) || is_primary;
      chosen = chosen == NULL || is_primary ? id : chosen;
    }
  }
  json_decref(gates); /* ids live in the document */
  is_settled = chosen != NULL;
  for (size_t i = 0; i < json_array_size(rows) && !is_settled; i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(page_string(row, "attribute"), attribute) == 0 &&
        page_is_all(json_object_get(row, "scope"))) {
      is_settled = strcmp(page_string(row, "measure"), words_primary(html->root)) == 0;
      chosen = chosen == NULL || is_settled ? page_string(row, "measure") : chosen;
    }
  }
  return chosen;
}

/* A number over all rows says little of fairness: where groups were named, how unlike they are
 * chosen over the column where that is worst. */
static const json_t *card_gap(const struct html *html) {
  const json_t *rows = json_object_get(html->overall, "estimates"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(page_string(row, "measure"), "fairness.demographic_parity_ratio") == 0 &&
        strcmp(page_string(row, "role"), "candidate") == 0 &&
        strcmp(page_string(json_object_get(row, "scope"), "kind"), "column") == 0 &&
        isfinite(page_number(row, "value")) &&
        (found == NULL || page_number(row, "value") < page_number(found, "value"))) {
      found = row;
    }
  }
  return found;
}

static bool has_gate(const struct html *html, const char *attribute) {
  const json_t *gates = part(html, "judgements");
  const size_t length = strlen(attribute);
  bool found = false;
  for (size_t i = 0; i < json_array_size(gates) && !found; i++) {
    const char *id = page_string(json_array_get(gates, i), "measure");
    found = strncmp(id, attribute, length) == 0 && id[length] == '.';
  }
  return found;
}

static const json_t *card_estimate(struct html *html, const char *attribute) {
  const char *measure = card_measure(html, attribute);
  const bool is_fairness = strcmp(attribute, "fairness") == 0;
  const json_t *estimate = is_fairness && !has_gate(html, attribute) ? card_gap(html) : NULL;
  if (estimate == NULL && measure != NULL && !(is_fairness && has_gate(html, attribute))) {
    json_t *all = json_pack("{s:s}", "kind", "all");
    estimate = html_estimate(html, measure, "candidate", all);
    json_decref(all);
  }
  return estimate;
}

static void render_card(struct html *html, const char *attribute) {
  enum words_tone tone;
  const char *words = words_attribute(html->root, attribute, &tone);
  const bool is_there = html_attribute_is_there(html->root, attribute);
  const json_t *estimate = card_estimate(html, attribute);
  html_raw(html, "<li class=\"card %s%s\"><h3>", html_tone(tone),
           is_there || tone != TONE_NONE ? "" : " absent");
  html_raw(html, is_there ? "<a href=#%s>%s</a>" : "%s%s", is_there ? attribute : "", attribute);
  html_raw(html, "</h3><p class=status><span class=\"chip %s\">%s</span></p>", html_tone(tone),
           words);
  if (estimate != NULL) {
    html_raw(html, "<p class=figure>");
    html_interval(html, estimate);
    struct text scope = {0};
    words_scope(&scope, json_object_get(estimate, "scope"));
    html_raw(html, "</p><p class=what>");
    html_text(html, html_title(html, page_string(estimate, "measure")));
    html_unit(html, page_string(estimate, "measure"));
    html_raw(html, scope.length > 0 ? " " : "");
    html_take(html, &scope);
    html_raw(html, "</p>");
  } else {
    render_card_gate(html, attribute);
  }
  html_raw(html, "</li>\n");
}

static void render_nine(struct html *html) {
  struct text coverage = {0};
  html_raw(html, "<section id=nine aria-labelledby=nine-title><h2 id=nine-title>The nine</h2>\n");
  words_coverage(&coverage, html->root);
  if (coverage.length > 0) {
    html_raw(html, "<p class=lead>");
    html_take(html, &coverage);
    html_raw(html, ". What was not measured is not known to be good.</p>\n");
  }
  text_clear(&coverage);
  html_raw(html, "<ul class=cards role=list>\n");
  for (size_t i = 0; i < WORDS_ATTRIBUTES; i++) {
    render_card(html, words_attributes[i]);
  }
  html_raw(html, "</ul></section>\n");
}

/* ---- the end of the page ---- */

static void render_skipped(struct html *html) {
  json_t *by_reason = words_skipped(html->overall), *names;
  const char *reason;
  html->text->failed = html->text->failed || by_reason == NULL;
  if (json_object_size(by_reason) > 0) {
    html_raw(html, "<section id=skipped aria-labelledby=skipped-title><h2 id=skipped-title>Not "
                   "measured</h2>\n<dl class=skipped>\n");
  }
  json_object_foreach(by_reason, reason, names) {
    html_raw(html, "<div><dt>");
    html_text(html, reason);
    html_raw(html, "</dt><dd>");
    for (size_t i = 0; i < json_array_size(names); i++) {
      const char *name = json_string_value(json_array_get(names, i));
      html_raw(html, i == 0 ? "<code>" : " <code>");
      html_text(html, name == NULL ? "" : name);
      html_raw(html, "</code>");
    }
    html_raw(html, "</dd></div>\n");
  }
  html_raw(html, json_object_size(by_reason) > 0 ? "</dl></section>\n" : "");
  json_decref(by_reason);
}

/* One value of any kind as text or number. */
static void render_value(struct html *html, const json_t *value) {
  if (json_is_string(value)) {
    html_text(html, json_string_value(value));
  } else if (json_is_number(value)) {
    struct text shown = {0};
    text_number(&shown, json_number_value(value));
    html_data(html, json_number_value(value), shown.data == NULL ? "" : shown.data);
    html->text->failed = html->text->failed || shown.failed;
    text_clear(&shown);
  } else {
    struct text json = {0};
    json_text_write(&json, value, JSON_TEXT_COMPACT);
    html_take(html, &json);
  }
}

static void render_object(struct html *html, const char *title, const json_t *object) {
  const char *key;
  json_t *value;
  if (json_object_size(object) == 0) {
    return;
  }
  html_raw(html, "<h3>%s</h3><dl class=facts>\n", title);
  json_object_foreach((json_t *)object, key, value) {
    html_raw(html, "<div><dt>");
    html_text(html, key);
    html_raw(html, "</dt><dd>");
    render_value(html, value);
    html_raw(html, "</dd></div>\n");
  }
  html_raw(html, "</dl>\n");
}

static void render_provenance(struct html *html) {
  static const char *const lists[][2] = {{"data", "Data"}, {"models", "Model"}};
  const json_t *inputs = part(html, "inputs"), *timings = part(html, "timings");
  html_raw(html,
           "<section id=provenance aria-labelledby=provenance-title><h2 "
           "id=provenance-title>Provenance</h2>\n<p class=lead>The same rows, seed, build and "
           "machine type give the same digest: <code class=hash>");
  html_text(html, page_string(html->root, "digest"));
  html_raw(html, "</code></p>\n");
  render_object(html, "Run", part(html, "run"));
  for (size_t l = 0; l < 2; l++) {
    const json_t *rows = json_object_get(inputs, lists[l][0]);
    for (size_t i = 0; i < json_array_size(rows); i++) {
      render_object(html, lists[l][1], json_array_get(rows, i));
    }
  }
  render_object(html, "Tool", part(html, "tool"));
  html_raw(html, "<details><summary>Configuration as resolved, machine, timings</summary>\n");
  render_object(html, "Configuration", json_object_get(inputs, "config"));
  render_object(html, "Machine", json_object_get(inputs, "machine"));
  for (size_t i = 0; i < json_array_size(timings); i++) {
    const json_t *timing = json_array_get(timings, i);
    html_raw(html, i == 0 ? "<h3>Timings, in seconds</h3><dl class=facts>\n" : "");
    html_raw(html, "<div><dt>");
    html_text(html, page_string(timing, "what"));
    html_raw(html, "</dt><dd>");
    html_number(html, page_number(timing, "seconds"), NAN, NAN);
    html_raw(html, "</dd></div>\n");
  }
  html_raw(html, json_array_size(timings) > 0 ? "</dl>\n" : "");
  html_raw(html, "</details></section>\n");
}

static void render_actions(struct html *html) {
  const json_t *actions = part(html, "actions");
  if (json_array_size(actions) == 0) {
    return;
  }
  html_raw(html, "<section id=actions aria-labelledby=actions-title><h2 id=actions-title>What to "
                 "do</h2>\n<ol class=actions>\n");
  for (size_t i = 0; i < json_array_size(actions); i++) {
    const json_t *action = json_array_get(actions, i);
    html_raw(html, "<li><h3>");
    html_text(html, page_string(action, "title"));
    html_raw(html, "</h3><p><b>Why</b> ");
    html_text(html, page_string(action, "why"));
    html_raw(html, "</p><p><b>Expected</b> ");
    html_text(html, page_string(action, "expected"));
    html_raw(html, "</p>");
    if (page_string(action, "command")[0] != '\0') {
      html_command(html, page_string(action, "command"));
    }
    html_raw(html, "</li>\n");
  }
  html_raw(html, "</ol></section>\n");
}

static void render_foot(struct html *html) {
  html_raw(html, "</main>\n<footer><p>nonet ");
  html_text(html, page_string(part(html, "tool"), "version"));
  html_raw(html, " · every number stands in the evidence of this run with its method, level and "
                 "n</p></footer>\n<p id=said class=hidden role=status></p>\n");
  html_curve_data(html);
  html_raw(html, "<script>");
  text_append_n(html->text, report_asset_script, report_asset_script_bytes);
  html_raw(html, "</script>\n</body>\n</html>\n");
}

nonet_status html_render(const json_t *root, const struct terminal_style *style, struct text *text,
                         nonet_error *error) {
  struct html html;
  const size_t most_bytes = text->length + TABLES_MOST_BYTES; /* case 3 */
  bool failed = !html_open(&html, root, text);
  (void)style;
  if (!failed) {
    render_head(&html);
    render_top(&html);
    render_decision(&html);
    html_gates(&html);
    if (is_judged(&html) || is_any_measured(&html)) {
      render_nine(&html);
    }
    for (size_t i = 0; i <= WORDS_ATTRIBUTES; i++) {
      const char *name = i < WORDS_ATTRIBUTES ? words_attributes[i] : "data";
      if (html_attribute_is_there(root, name)) {
        html_attribute(&html, name, most_bytes);
      }
    }
    render_skipped(&html);
    render_provenance(&html);
    render_actions(&html);
    render_foot(&html);
    failed = text->failed;
  }
  html_close(&html);
  return failed ? error_memory(error, text->length, "the page") : NONET_OK;
}
