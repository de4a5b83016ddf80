/*
 * The forest: all gates on one scale, difference over margin, with the line at -1.
 *
 * Cases:
 *  1. The unit of a row is its own margin, so gates of different measures compare; beyond -3 … +3
 * an arrow.
 *  2. A requirement, or a margin of 0, has no such unit: its numbers stand without a bar, and it
 * says why.
 *  3. Log ratios are shown in per cent and carry the evidence's number.
 *  4. What fails comes first (words_gates).
 */
#include "report/html_gates.h"

#include <math.h>
#include <string.h>

#include "report/page.h"
#include "report/words.h"

static bool is_requirement(const json_t *gate) {
  return strcmp(page_string(gate, "kind"), "requirement") == 0;
}

/* Case 3: one of difference, low, high. */
static void difference(struct html *html, const json_t *gate, const char *key) {
  bool is_percent;
  const double low = words_shown(html->root, gate, "low", &is_percent),
               high = words_shown(html->root, gate, "high", &is_percent),
               value = words_shown(html->root, gate, key, &is_percent);
  char number[32];
  struct text shown = {0};
  page_value(number, value, low, high, 2);
  text_printf(&shown, "%s%s%s", value > 0.0 ? "+" : "", number, is_percent ? " %" : "");
  html_data(html, page_number(gate, key), shown.data == NULL ? "" : shown.data);
  html->text->failed = html->text->failed || shown.failed;
  text_clear(&shown);
}

static void render_numbers(struct html *html, const json_t *gate) {
  const bool is_measured = isfinite(page_number(gate, "difference"));
  struct text margin = {0};
  html_raw(html, "<td class=num data-label=\"Difference of margin\">");
  if (is_requirement(gate)) {
    html_interval(html, words_requirement(html->root, gate));
  } else {
    if (is_measured) {
      difference(html, gate, "difference");
    }
    if (is_measured && words_is_exact(gate)) {
      html_raw(html, " <span class=ci>exact</span>");
    } else if (isfinite(page_number(gate, "low")) || isfinite(page_number(gate, "high"))) {
      html_raw(html, " <span class=ci>[");
      difference(html, gate, "low");
      html_raw(html, ", ");
      difference(html, gate, "high");
      html_raw(html, "]</span>");
    }
    if (!is_measured || !words_is_exact(gate) || page_number(gate, "margin") > 0.0) {
      html_raw(html, " <span class=of>%s ", is_measured ? "of" : "margin");
      words_margin(&margin, gate);
      html_take(html, &margin);
      html_raw(html, "</span>");
    }
  }
  html_raw(html, "</td>");
}

static void render_bar(struct html *html, const json_t *gate) {
  const double margin = page_number(gate, "margin"),
               unit = margin > 0.0 && !is_requirement(gate) ? margin : NAN;
  const struct html_bar bar = {page_number(gate, "difference") / unit,
                               page_number(gate, "low") / unit, page_number(gate, "high") / unit,
                               html_tone(words_tone(page_string(gate, "state")))};
  html_raw(html, "<td class=forest data-label=\"In margins\">");
  if (isfinite(bar.value)) {
    html_bars(html, &bar, 1, -3.0, 3.0, -1.0, 0.0);
  } else { /* case 2 */
    const bool is_absent = strcmp(page_string(gate, "state"), "NOT_MEASURED") == 0;
    html_raw(html, "<span class=note>%s</span>",
             is_absent ? "not measured"
                       : (is_requirement(gate) ? "a requirement: no margin"
                                               : "no margin: none may be worse"));
  }
  html_raw(html, "</td>");
}

static void render_fact(struct html *html, const char *name, const json_t *gate, const char *key) {
  double value = page_number(gate, key);
  char shown[32];
  if (isfinite(value)) {
    page_plain(shown, value);
    html_raw(html, "<div><dt>%s</dt><dd>", name);
    html_data(html, value, shown);
    html_raw(html, "</dd></div>");
  }
}

static void render_words(struct html *html, const char *name, const json_t *gate, const char *key) {
  if (page_string(gate, key)[0] != '\0') {
    html_raw(html, "<div><dt>%s</dt><dd>", name);
    html_text(html, page_string(gate, key));
    html_raw(html, "</dd></div>");
  }
}

static void render_name(struct html *html, const json_t *gate) {
  const char *id = page_string(gate, "measure");
  const json_t *measure = json_object_get(json_object_get(html->root, "measures"), id);
  struct text name = {0};
  words_gate_name(&name, gate);
  html_raw(html, "<th scope=row><details class=about><summary>");
  if (strcmp(html_title(html, id), id) != 0) { /* a measure of no catalogue has its id alone */
    html_raw(html, "<span class=title><bdi>");
    html_text(html, html_title(html, id));
    html_raw(html, "</bdi></span> ");
  }
  html_raw(html, "<code>");
  html_take(html, &name);
  html_raw(html, "</code></summary><div class=more><p>");
  html_text(html, page_string(measure, "definition"));
  html_raw(html, "</p><dl class=facts>");
  render_words(html, "why this margin", gate, "why");
  render_words(html, "method", gate, "method");
  render_words(html, "excused by", gate, "excused_by");
  render_fact(html, "p for SAFE", gate, "p_safe");
  render_fact(html, "p for HARMED", gate, "p_harmed");
  render_fact(html, "p for HARMED, all gates counted", gate, "p_harmed_adjusted");
  render_fact(html, "p for IMPROVED", gate, "p_gain");
  render_fact(html, "level of the interval", gate, "level");
  render_fact(html, "alpha used", gate, "alpha_used");
  render_fact(html, "limit", gate, "limit");
  render_fact(html, "threshold", gate, "threshold");
  render_fact(html, "margin, on the scale of the test", gate, "margin");
  render_fact(html, "n that would prove the harm", gate, "n_fail");
  render_fact(html, "look", gate, "look");
  html_raw(html, "</dl></div></details></th>");
}

static void render_gate(struct html *html, const json_t *gate) {
  const char *state = page_string(gate, "state"), *reason = words_reason(html->root, gate);
  const char *tone = html_tone(words_tone(state));
  double n_needed = page_number(gate, "n_needed");
  char tier[32];
  page_plain(tier, page_number(gate, "tier"));
  html_raw(html, "<tr class=\"gate %s\"><td class=tier data-label=Tier>", tone);
  html_data(html, page_number(gate, "tier"), tier);
  html_raw(html, "%s</td>", json_is_true(json_object_get(gate, "guard")) ? " guard" : "");
  render_name(html, gate);
  render_bar(html, gate);
  render_numbers(html, gate);
  html_raw(html, "<td class=state><span class=\"chip %s\">", tone);
  html_text(html, state);
  html_raw(html, "</span>");
  if (page_string(gate, "gain")[0] != '\0') {
    html_raw(html, " <span class=\"chip good\">");
    html_text(html, page_string(gate, "gain"));
    html_raw(html, "</span>");
  }
  html_raw(html, "<small>");
  html_text(html, reason[0] != '\0' ? reason : words_state_meaning(state));
  if (isfinite(n_needed)) {
    html_raw(html, "; <b>");
    html_count(html, n_needed);
    html_raw(html, "</b> %s needed", words_unit(gate));
  }
  html_raw(html, "</small></td></tr>\n");
}

void html_gates(struct html *html) {
  json_t *gates = words_gates(html->root);
  html->text->failed = html->text->failed || gates == NULL;
  if (json_array_size(gates) > 0) {
    html_raw(html,
             "<section id=gates aria-labelledby=gates-title><h2 id=gates-title>Gates</h2>\n"
             "<p class=lead>How much better (+) or worse (−) the candidate is, in units of what is "
             "still "
             "acceptable (the margin). Right of 0 is better. An interval wholly right of the line "
             "at −1 is proven not worse; wholly left of it is proven worse, if that holds with all "
             "gates counted; one that crosses the line is undecided.</p>\n"
             "<table class=forest role=table><caption class=hidden>Gates, what "
             "fails first</caption><thead><tr><th scope=col>Tier</th><th scope=col>Gate</th><th "
             "scope=col class=forest><span class=hidden>Difference in margins, from −3 to "
             "3</span><span class=axis aria-hidden=true><i style=\"left:18%%\">−2</i><i class=mark "
             "style=\"left:34%%\">−1</i><i style=\"left:50%%\">0</i><i "
             "style=\"left:66%%\">+1</i><i style=\"left:82%%\">+2</i></span></th><th scope=col "
             "class=num>Difference [interval] of margin</th><th scope=col>State</th></tr></thead>"
             "<tbody>\n");
    for (size_t i = 0; i < json_array_size(gates); i++) {
      render_gate(html, json_array_get(gates, i));
    }
    html_raw(html, "</tbody></table></section>\n");
  }
  json_decref(gates);
}
