/*
 * A row of numbers: a measure over a scope, of candidate, baseline and their difference.
 *
 * Cases:
 *  1. Candidate and baseline of one row share the range of their own intervals, since different
 * measures have different units.
 *  2. One model alone is drawn on 0 … 1 where its measure is a share, else not at all.
 */
#include "report/html_row.h"

#include <math.h>

#include "report/page.h"
#include "report/words.h"

struct html_trio html_row_trio(struct html *html, const json_t *candidate) {
  const char *id = page_string(candidate, "measure");
  const json_t *scope = json_object_get(candidate, "scope");
  return (struct html_trio){candidate, html_estimate(html, id, "baseline", scope),
                            html_estimate(html, id, "difference", scope)};
}

void html_row_widen(double range[2], const json_t *estimate) {
  static const char *const keys[] = {"value", "low", "high"};
  for (size_t k = 0; k < 3; k++) {
    double x = page_number(estimate, keys[k]);
    if (isfinite(x)) {
      range[0] = fmin(range[0], x);
      range[1] = fmax(range[1], x);
    }
  }
}

/* Case 1. */
void html_row_bar(struct html *html, const struct html_trio *trio, const double range[2]) {
  const struct html_bar bars[] = {
      {page_number(trio->candidate, "value"), page_number(trio->candidate, "low"),
       page_number(trio->candidate, "high"), "candidate"},
      {page_number(trio->baseline, "value"), page_number(trio->baseline, "low"),
       page_number(trio->baseline, "high"), "baseline"}};
  html_raw(html, "<td class=range>");
  html_bars(html, bars, html->is_paired ? 2 : 1, range[0], range[1], NAN, NAN);
  html_raw(html, "</td>");
}

void html_row_cells(struct html *html, const struct html_trio *trio) {
  html_raw(html, "<td class=num data-label=%s>", html->is_paired ? "Candidate" : "Value");
  html_interval(html, trio->candidate);
  html_raw(html, "</td>");
  if (html->is_paired) {
    html_raw(html, "<td class=num data-label=Baseline>");
    html_interval(html, trio->baseline);
    html_raw(html, "</td><td class=num data-label=Difference>");
    html_interval(html, trio->difference);
    html_raw(html, "</td>");
  }
  html_raw(html, "<td class=num data-label=n>");
  html_count(html, page_number(trio->candidate, "n"));
  html_raw(html, "</td>");
}

static void render_fact(struct html *html, const char *name, const char *value) {
  if (value[0] != '\0') {
    html_raw(html, "<div><dt>%s</dt><dd>", name);
    html_text(html, value);
    html_raw(html, "</dd></div>");
  }
}

static void render_notes(struct html *html, const json_t *estimate, const char *role) {
  const json_t *notes = json_object_get(estimate, "notes");
  for (size_t i = 0; i < json_array_size(notes); i++) {
    const char *note = json_string_value(json_array_get(notes, i));
    html_raw(html, "<div><dt>note, %s</dt><dd>", role);
    html_text(html, note == NULL ? "" : note);
    html_raw(html, "</dd></div>");
  }
}

/* The name, which opens to definition, method, n, notes and the command. */
void html_row_name(struct html *html, const struct html_trio *trio) {
  const char *id = page_string(trio->candidate, "measure");
  const json_t *measure = json_object_get(json_object_get(html->root, "measures"), id);
  struct text scope = {0}, command = {0};
  char level[32];
  words_scope(&scope, json_object_get(trio->candidate, "scope"));
  words_command(&command, html->root, id);
  page_plain(level, page_number(trio->candidate, "level"));
  html_raw(html, "<th scope=row><details class=about><summary><span class=title>");
  html_text(html, html_title(html, id));
  html_unit(html, id);
  html_raw(html, "</span> <code>");
  html_text(html, id);
  html_raw(html, "</code>");
  if (scope.length > 0) {
    html_raw(html, " <bdi class=scope>");
    html_take(html, &scope);
    html_raw(html, "</bdi>");
  }
  html_raw(html, "</summary><div class=more><p>");
  html_text(html, page_string(measure, "definition"));
  html_raw(html, "</p><dl class=facts>");
  render_fact(html, "method", page_string(trio->candidate, "method"));
  render_fact(html, "method of the difference", page_string(trio->difference, "method"));
  html_raw(html, "<div><dt>level</dt><dd>");
  html_data(html, page_number(trio->candidate, "level"), level);
  html_raw(html, "</dd></div><div><dt>effective n</dt><dd>");
  html_count(html, page_number(trio->candidate, "n_effective"));
  html_raw(html, "</dd></div>");
  render_fact(html, "unit", page_string(measure, "unit"));
  render_fact(html, "better is", page_string(measure, "direction"));
  render_fact(html, "source", page_string(measure, "source"));
  render_notes(html, trio->candidate, "candidate");
  render_notes(html, trio->baseline, "baseline");
  render_notes(html, trio->difference, "difference");
  html_raw(html, "</dl>");
  if (command.length > 0) {
    html_command(html, command.data);
  }
  html_raw(html, "</div></details></th>");
  html->text->failed = html->text->failed || command.failed;
  text_clear(&scope);
  text_clear(&command);
}

void html_row_open(struct html *html, const char *first, const char *caption, const char *last) {
  html_raw(html,
           "<table class=estimates role=table><caption class=hidden>%s</caption>"
           "<thead><tr><th scope=col>%s</th><th scope=col class=range><span "
           "class=hidden>Intervals</span>%s</th><th scope=col class=num>%s</th>",
           caption, first,
           html->is_paired ? "<span class=key aria-hidden=true><i class=candidate></i>candidate <i "
                             "class=baseline></i>baseline</span>"
                           : "",
           html->is_paired ? "Candidate" : "Value");
  html_raw(html, "%s<th scope=col class=num>n</th>",
           html->is_paired ? "<th scope=col class=num>Baseline</th><th scope=col "
                             "class=num>Difference</th>"
                           : "");
  if (last != NULL) {
    html_raw(html, "<th scope=col>%s</th>", last);
  }
  html_raw(html, "</tr></thead><tbody>\n");
}

/* Case 2. */
void html_row(struct html *html, const struct html_trio *trio) {
  double range[2] = {INFINITY, -INFINITY};
  html_row_widen(range, trio->candidate);
  html_row_widen(range, trio->baseline);
  if (!html->is_paired && range[0] >= 0.0 && range[1] <= 1.0) {
    range[0] = 0.0;
    range[1] = 1.0;
  } else if (!html->is_paired) {
    range[1] = range[0];
  }
  html_row_name(html, trio);
  html_row_bar(html, trio, range);
  html_row_cells(html, trio);
}
