/*
 * Curves.
 *
 * Cases:
 *  1. Curves over all rows only; candidate and baseline of one measure share a figure.
 *  2. The axes of known curves have names; others are x and y.
 *  3. Without script the figure stays away and the points are read in a folded table; a curve of
 * more than POINTS_MOST points shows every k-th there, the first and the last, and says so.
 *  5. Points with names are bars: a table under a heading of its own, widths in shares of the
 * longest, no figure and no script.
 *  4. The data for the script are JSON in which nothing can end the element (markup_script_json).
 */
#include "report/html_curve.h"

#include <math.h>
#include <string.h>

#include "base/json_text.h"
#include "report/markup.h"
#include "report/page.h"

#define POINTS_MOST 60

/* Case 2. */
static const struct {
  const char *measure, *x, *y, *guide, *scale; /* the axis that is logarithmic, or none */
} axes[] = {
    {"correctness.roc", "false positive rate", "true positive rate", "diagonal", ""},
    {"correctness.pr", "recall", "precision", "none", ""},
    {"correctness.reliability", "mean score", "share of positives", "diagonal", ""},
    {"efficiency.latency_curve", "share of requests answered", "milliseconds", "none", "y"},
    {"efficiency.batch_curve", "rows in a call", "rows a second", "none", "x"},
    {"efficiency.thread_curve", "rows in a call", "rate, two threads over one", "none", "x"},
};

static size_t axis_of(const char *measure) {
  size_t i = 0;
  while (i < sizeof axes / sizeof *axes && strcmp(axes[i].measure, measure) != 0) {
    i++;
  }
  return i;
}

static bool is_shown(const json_t *curve, const char *attribute) {
  const char *id = page_string(curve, "measure");
  const size_t length = strlen(attribute);
  return strncmp(id, attribute, length) == 0 && id[length] == '.' &&
         page_is_all(json_object_get(curve, "scope"));
}

bool html_curves_are_there(const json_t *root, const char *attribute) {
  const json_t *curves = json_object_get(root, "curves");
  for (size_t i = 0; i < json_array_size(curves); i++) {
    if (is_shown(json_array_get(curves, i), attribute)) {
      return true;
    }
  }
  return false;
}

static double at(const json_t *curve, const char *key, size_t i) {
  const json_t *value = json_array_get(json_object_get(curve, key), i);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Case 3. */
static void render_points(struct html *html, const json_t *curve, size_t axis) {
  const size_t n = json_array_size(json_object_get(curve, "x"));
  const size_t step = n > POINTS_MOST ? (n + POINTS_MOST - 1) / POINTS_MOST : 1;
  const bool has_band = json_array_size(json_object_get(curve, "low")) == n;
  const bool is_known = axis < sizeof axes / sizeof *axes;
  html_raw(html, "<details class=points><summary>Points of the ");
  html_text(html, page_string(curve, "role"));
  html_raw(html,
           "%s</summary><table><thead><tr><th scope=col class=num>%s</th><th scope=col "
           "class=num>%s</th></tr></thead><tbody>\n",
           step > 1 ? ", some of them; all are in the JSON" : "", is_known ? axes[axis].x : "x",
           is_known ? axes[axis].y : "y");
  for (size_t i = 0; i < n; i++) {
    if (i % step != 0 && i + 1 != n) {
      continue;
    }
    double low = has_band ? at(curve, "low", i) : NAN, high = has_band ? at(curve, "high", i) : NAN;
    html_raw(html, "<tr><td class=num>");
    html_number(html, at(curve, "x", i), NAN, NAN);
    html_raw(html, "</td><td class=num>");
    html_number(html, at(curve, "y", i), low, high);
    if (has_band) {
      html_raw(html, " <span class=ci>[");
      html_number(html, low, low, high);
      html_raw(html, ", ");
      html_number(html, high, low, high);
      html_raw(html, "]</span>");
    }
    html_raw(html, "</td></tr>\n");
  }
  html_raw(html, "</tbody></table></details>");
}

static void render_measure(struct html *html, const char *id) {
  const json_t *curves = json_object_get(html->root, "curves");
  const size_t axis = axis_of(id);
  const bool is_known = axis < sizeof axes / sizeof *axes;
  html_raw(html, "<div class=curve><h4>");
  html_text(html, html_title(html, id));
  html_raw(html, "</h4><figure class=chart data-chart=curve data-measure=\"");
  html_text(html, id);
  html_raw(html, "\" data-title=\"");
  html_text(html, html_title(html, id));
  html_raw(html, "\" data-x=\"%s\" data-y=\"%s\" data-guide=%s data-log=\"%s\"></figure>",
           is_known ? axes[axis].x : "x", is_known ? axes[axis].y : "y",
           is_known ? axes[axis].guide : "none", is_known ? axes[axis].scale : "");
  for (size_t i = 0; i < json_array_size(curves); i++) {
    const json_t *curve = json_array_get(curves, i);
    if (strcmp(page_string(curve, "measure"), id) == 0 &&
        page_is_all(json_object_get(curve, "scope"))) {
      render_points(html, curve, axis);
    }
  }
  html_raw(html, "</div>\n");
}

static bool has_names(const json_t *curve) {
  return json_is_array(json_object_get(curve, "labels"));
}

/* Case 5. */
static void render_bars(struct html *html, const json_t *curve) {
  const json_t *labels = json_object_get(curve, "labels");
  const size_t n = json_array_size(labels);
  double most = 0;
  for (size_t i = 0; i < n; i++) {
    most = fmax(most, at(curve, "y", i));
  }
  html_raw(html, "<table class=bars><thead><tr><th scope=col>");
  html_text(html, page_string(curve, "role"));
  const char *unit = page_string(
      json_object_get(json_object_get(html->root, "measures"), page_string(curve, "measure")),
      "unit");
  html_raw(html, "</th><th scope=col class=num>");
  html_text(html, strcmp(unit, "us") == 0 ? "µs" : unit);
  html_raw(html, "</th><th scope=col>share of the longest</th></tr></thead><tbody>\n");
  for (size_t i = 0; i < n; i++) {
    const char *label = json_string_value(json_array_get(labels, i));
    const double y = at(curve, "y", i);
    const struct html_bar bar = {y, 0, y, page_string(curve, "role")};
    html_raw(html, "<tr><th scope=row>");
    html_text(html, label == NULL ? "" : label);
    html_raw(html, "</th><td class=num>");
    html_number(html, y, NAN, NAN);
    html_raw(html, "</td><td class=range>");
    html_bars(html, &bar, 1, 0, most, NAN, NAN);
    html_raw(html, "</td></tr>\n");
  }
  html_raw(html, "</tbody></table>");
}

static void render_named(struct html *html, const char *attribute) {
  const json_t *curves = json_object_get(html->root, "curves");
  const char *before = "";
  for (size_t i = 0; i < json_array_size(curves); i++) {
    const json_t *curve = json_array_get(curves, i);
    const char *id = page_string(curve, "measure");
    if (!is_shown(curve, attribute) || !has_names(curve) ||
        json_array_size(json_object_get(curve, "labels")) == 0) {
      continue;
    }
    if (strcmp(id, before) != 0) {
      html_raw(html, "<h3>");
      html_text(html, html_title(html, id));
      html_raw(html, "</h3>\n");
    }
    before = id;
    render_bars(html, curve);
  }
}

static bool is_first_of_measure(const json_t *curves, size_t i) {
  const char *id = page_string(json_array_get(curves, i), "measure");
  size_t k = 0;
  while (k < i && (strcmp(page_string(json_array_get(curves, k), "measure"), id) != 0 ||
                   !page_is_all(json_object_get(json_array_get(curves, k), "scope")))) {
    k++;
  }
  return k == i;
}

void html_curves(struct html *html, const char *attribute) {
  const json_t *curves = json_object_get(html->root, "curves");
  size_t n = 0;
  render_named(html, attribute);
  for (size_t i = 0; i < json_array_size(curves); i++) {
    const json_t *curve = json_array_get(curves, i);
    if (!is_shown(curve, attribute) || has_names(curve) ||
        !is_first_of_measure(curves, i)) { /* case 1 */
      continue;
    }
    html_raw(html, n++ == 0 ? "<h3>Curves</h3><p class=note>Bands are pointwise intervals.</p><div "
                              "class=curves>\n"
                            : "");
    render_measure(html, page_string(curve, "measure"));
  }
  html_raw(html, n > 0 ? "</div>\n" : "");
}

void html_curve_data(struct html *html) {
  const json_t *curves = json_object_get(html->root, "curves");
  struct text json = {0};
  const char *comma = "[";
  for (size_t i = 0; i < json_array_size(curves); i++) {
    const json_t *curve = json_array_get(curves, i);
    if (page_is_all(json_object_get(curve, "scope")) && !has_names(curve)) {
      text_append(&json, comma);
      json_text_write(&json, curve, JSON_TEXT_COMPACT);
      comma = ",";
    }
  }
  text_append(&json, json.length == 0 ? "[]" : "]");
  html_raw(html, "<script type=\"application/json\" id=curves>");
  markup_script_json(html->text, json.data == NULL ? "[]" : json.data); /* case 4 */
  html_raw(html, "</script>\n");
  html->text->failed = html->text->failed || json.failed;
  text_clear(&json);
}
