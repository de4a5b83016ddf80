/*
 * Parts of the page.
 *
 * Cases:
 *  1. A number shows what its interval supports and carries all digits of the evidence in
 * <data value>, so that a reader, a script and a test see the same number.
 *  2. null is an en dash that is read as "no number"; never an empty cell, never 0.
 *  3. Bars are SVG in per cent of their cell: they stretch, print and need no script. What lies
 * outside the range ends in an arrow at the edge.
 */
#include "report/html_parts.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "report/markup.h"
#include "report/page.h"
#include "report/words.h"

bool html_open(struct html *html, const json_t *root, struct text *text) {
  const json_t *estimates = json_object_get(root, "estimates");
  *html = (struct html){.root = root, .overall = page_overall(root), .text = text};
  for (size_t i = 0; i < json_array_size(estimates) && !html->is_paired; i++) {
    html->is_paired = strcmp(page_string(json_array_get(estimates, i), "role"), "baseline") == 0;
  }
  return lookup_open(&html->lookup, estimates) && html->overall != NULL;
}

void html_close(struct html *html) {
  lookup_close(&html->lookup);
  json_decref(html->overall);
}

const json_t *html_estimate(struct html *html, const char *measure, const char *role,
                            const json_t *scope) {
  const json_t *found = lookup_find(&html->lookup, measure, role, scope);
  html->text->failed = html->text->failed || html->lookup.failed;
  return found;
}

void html_raw(struct html *html, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  text_vprintf(html->text, format, arguments);
  va_end(arguments);
}

void html_text(struct html *html, const char *utf8) {
  markup_xml(html->text, utf8);
}

void html_take(struct html *html, struct text *part) {
  markup_xml(html->text, part->data == NULL ? "" : part->data);
  html->text->failed = html->text->failed || part->failed;
  text_clear(part);
}

/* Cases 1 and 2. */
void html_data(struct html *html, double value, const char *shown) {
  if (!isfinite(value)) {
    html_raw(html, "<span class=null role=img aria-label=\"no number\">–</span>");
    return;
  }
  html_raw(html, "<data value=\"");
  text_number(html->text, value);
  html_raw(html, "\">%s</data>", shown);
}

void html_number(struct html *html, double value, double low, double high) {
  char shown[32];
  page_value(shown, value, low, high, 2);
  html_data(html, value, shown);
}

void html_count(struct html *html, double n) {
  char shown[32];
  page_count(shown, n);
  html_data(html, n, shown);
}

void html_interval(struct html *html, const json_t *estimate) {
  const char *key = json_object_get(estimate, "value") != NULL ? "value" : "difference";
  double low = page_number(estimate, "low"), high = page_number(estimate, "high");
  html_number(html, page_number(estimate, key), low, high);
  if (words_is_exact(estimate)) {
    html_raw(html, " <span class=ci>exact</span>");
  } else if (isfinite(low) || isfinite(high)) {
    html_raw(html, " <span class=ci>[");
    html_number(html, low, low, high);
    html_raw(html, ", ");
    html_number(html, high, low, high);
    html_raw(html, "]</span>");
  }
}

/* Per cent of the cell, at most a little outside. */
static double percent(double x, double from, double to) {
  return 2.0 + 96.0 * fmin(fmax((x - from) / (to - from), -0.02), 1.02);
}

static void line(struct html *html, const char *tone, double x, const char *y1, const char *y2) {
  html_raw(html, "<line class=\"%s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%s\" y2=\"%s\"/>", tone, x, x,
           y1, y2);
}

/* Case 3. */
void html_bars(struct html *html, const struct html_bar *bars, size_t n, double from, double to,
               double mark, double zero) {
  if (!(to > from)) {
    return;
  }
  html_raw(html, "<svg class=bar aria-hidden=true focusable=false>");
  if (isfinite(zero)) {
    line(html, "zero", percent(zero, from, to), "0", "100%");
  }
  if (isfinite(mark)) {
    line(html, "mark", percent(mark, from, to), "0", "100%");
  }
  for (size_t i = 0; i < n; i++) {
    const double y = 100.0 * ((double)i + 1.0) / ((double)n + 1.0);
    const double low = isfinite(bars[i].low) ? bars[i].low : bars[i].value,
                 high = isfinite(bars[i].high) ? bars[i].high : bars[i].value;
    if (!isfinite(bars[i].value)) {
      continue;
    }
    if (low <= to && high >= from) {
      html_raw(html,
               "<line class=\"span %s\" x1=\"%.2f%%\" x2=\"%.2f%%\" y1=\"%.0f%%\" y2=\"%.0f%%\"/>",
               bars[i].tone, percent(low, from, to), percent(high, from, to), y, y);
    }
    if (bars[i].value >= from && bars[i].value <= to) {
      html_raw(html, "<circle class=\"%s\" cx=\"%.2f%%\" cy=\"%.0f%%\" r=\"%s\"/>", bars[i].tone,
               percent(bars[i].value, from, to), y, n > 1 ? "3" : "4.5");
    }
    if (low < from) {
      html_raw(html, "<text class=\"%s\" x=\"0\" y=\"%.0f%%\" dy=\".36em\">‹</text>", bars[i].tone,
               y);
    }
    if (high > to) {
      html_raw(html,
               "<text class=\"%s\" x=\"100%%\" y=\"%.0f%%\" dy=\".36em\" text-anchor=end>›</text>",
               bars[i].tone, y);
    }
  }
  html_raw(html, "</svg>");
}

const char *html_title(const struct html *html, const char *measure) {
  const json_t *known = json_object_get(json_object_get(html->root, "measures"), measure);
  const char *title = page_string(known, "title");
  return title[0] == '\0' ? measure : title;
}

void html_unit(struct html *html, const char *measure) {
  const json_t *known = json_object_get(json_object_get(html->root, "measures"), measure);
  const char *unit = page_string(known, "unit");
  if (unit[0] != '\0') {
    html_raw(html, "<span class=unit>, ");
    html_text(html, unit);
    html_raw(html, "</span>");
  }
}

const char *html_tone(int tone) {
  static const char *const classes[] = {"none", "good", "open", "bad"};
  return classes[tone];
}

void html_command(struct html *html, const char *command) {
  html_raw(html, "<div class=command><pre tabindex=0><code>");
  html_text(html, command);
  html_raw(html, "</code></pre><button type=button class=copy>Copy</button></div>");
}
