/*
 * The past in a terminal.
 *
 * runs: one line each, latest last: when, id, verdict, context, rows, candidate. series: for each
 * data source its runs one under the other, value and interval as a bar on one common scale, so
 * that the eye follows the points downwards; ▲ ▼ where the interval of the change since the run
 * above excludes 0, with that difference.
 *
 * Cases: 1. no run  2. a value without an interval, or none  3. one run: nothing to compare
 * 4. width under 60 is taken as 60; a row stays within
 * the width: bars take what numbers leave, then the change loses its interval, the list its context
 */
#include "report/past.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "report/page.h"

#define WHEN_COLUMNS 17
#define ID_COLUMNS 9
#define NUMBER_COLUMNS 25
#define CHANGE_COLUMNS 32
#define CHANGE_NARROW 11
#define VERDICT_COLUMNS 13
#define CONTEXT_COLUMNS 23
#define ROWS_COLUMNS 11
#define WIDE 92 /* from here on the list has room for a context, the chart for change intervals */

/* "2026-01-02T03:04:05Z" as "2026-01-02 03:04". */
static void write_when(struct page *page, const char *started) {
  char when[17];
  snprintf(when, sizeof when, "%.16s", started);
  char *between = strchr(when, 'T');
  if (between != NULL) {
    *between = ' ';
  }
  page_cell(page, when, WHEN_COLUMNS);
}

static void write_id(struct page *page, const char *id) {
  char begin[9];
  snprintf(begin, sizeof begin, "%.8s", id);
  page_cell(page, begin, ID_COLUMNS);
}

static void write_verdict(struct page *page, const char *state, int columns) {
  bool is_pass = strcmp(state, "PASS") == 0, is_fail = strcmp(state, "FAIL") == 0;
  page_ink(page, is_pass ? INK_GREEN : is_fail ? INK_RED : INK_PLAIN);
  page_cell(page, state, columns);
  page_ink(page, INK_PLAIN);
}

/* ---- runs ---- */

static void write_context(struct page *page, const json_t *run) {
  char context[64];
  if (page_string(run, "context")[0] != '\0') {
    snprintf(context, sizeof context, "%.40s v%.0f", page_string(run, "context"),
             page_number(run, "context_version"));
  } else {
    snprintf(context, sizeof context, "%.40s", page_string(run, "command"));
  }
  page_cell(page, context, CONTEXT_COLUMNS);
}

static void write_run(struct page *page, const json_t *run) {
  bool is_wide = page->style.columns >= WIDE;
  const char *candidate = page_string(run, "candidate");
  size_t used = WHEN_COLUMNS + ID_COLUMNS + VERDICT_COLUMNS + ROWS_COLUMNS + 2 +
                (is_wide ? CONTEXT_COLUMNS : 0);
  size_t room = page->style.columns - used, columns = text_columns(candidate);
  char rows[32];
  page_count(rows, page_number(run, "n_rows"));
  write_when(page, page_string(run, "started"));
  write_id(page, page_string(run, "id"));
  write_verdict(page, page_string(run, "verdict"), VERDICT_COLUMNS);
  if (is_wide) {
    write_context(page, run);
  }
  page_cell(page, rows, -ROWS_COLUMNS);
  text_append(page->text, "  ");
  page_cell(page, candidate, (int)(columns < room ? columns : room));
  text_append(page->text, "\n");
}

static void write_runs(struct page *page, const json_t *runs) {
  page_ink(page, INK_DIM);
  page_cell(page, "started", WHEN_COLUMNS);
  page_cell(page, "run", ID_COLUMNS);
  page_cell(page, "verdict", VERDICT_COLUMNS);
  if (page->style.columns >= WIDE) {
    page_cell(page, "context", CONTEXT_COLUMNS);
  }
  page_cell(page, "rows", -ROWS_COLUMNS);
  text_append(page->text, page->style.columns >= WIDE ? "  candidate" : "  model");
  page_ink(page, INK_PLAIN);
  text_append(page->text, "\n");
  for (size_t i = 0; i < json_array_size(runs); i++) {
    write_run(page, json_array_get(runs, i));
  }
  text_append(page->text, "\n");
  page_wrap(page, "nonet report RUN shows one again; nonet history --measure ID charts a measure",
            0, 0);
}

/* ---- a measure ---- */

struct scale {
  double from, to;
};

static struct scale scale_of(const json_t *points) {
  static const char *const keys[] = {"value", "low", "high"};
  struct scale scale = {INFINITY, -INFINITY};
  for (size_t i = 0; i < json_array_size(points); i++) {
    for (int k = 0; k < 3; k++) {
      double at = page_number(json_array_get(points, i), keys[k]);
      if (isfinite(at)) {
        scale.from = fmin(scale.from, at);
        scale.to = fmax(scale.to, at);
      }
    }
  }
  if (scale.from == scale.to) { /* case 2: exact and never changed */
    scale.from -= 0.5;
    scale.to += 0.5;
  }
  return scale;
}

static void write_estimate(struct page *page, const json_t *point) {
  double value = page_number(point, "value"), low = page_number(point, "low"),
         high = page_number(point, "high");
  char shown[32], from[32], to[32], cell[112];
  page_value(shown, value, low, high, 2);
  page_value(from, low, low, high, 2);
  page_value(to, high, low, high, 2);
  snprintf(cell, sizeof cell, isfinite(low) && isfinite(high) ? "%s [%s, %s]" : "%s", shown, from,
           to);
  page_cell(page, cell, NUMBER_COLUMNS);
}

static bool write_change(struct page *page, const json_t *change) {
  double difference = page_number(change, "difference"), low = page_number(change, "low"),
         high = page_number(change, "high");
  char shown[32], from[32], to[32]; /* case 3: no change */
  bool is_up = difference > 0.0;
  if (!json_is_true(json_object_get(change, "excludes_0"))) {
    text_append(page->text, "\n");
    return false;
  }
  page_value(shown, difference, low, high, 2);
  page_value(from, low, low, high, 2);
  page_value(to, high, low, high, 2);
  page_ink(page, INK_BOLD);
  text_printf(page->text, " %s %s%s", page->style.ascii ? (is_up ? "^" : "v") : (is_up ? "▲" : "▼"),
              is_up ? "+" : "", shown);
  page_ink(page, INK_PLAIN);
  if (page->style.columns >= WIDE) {
    text_printf(page->text, " [%s, %s]", from, to);
  }
  text_append(page->text, "\n");
  return true;
}

static size_t write_points(struct page *page, const json_t *points) {
  struct scale scale = scale_of(points);
  size_t taken = WHEN_COLUMNS + ID_COLUMNS + NUMBER_COLUMNS +
                 (page->style.columns >= WIDE ? CHANGE_COLUMNS : CHANGE_NARROW);
  size_t width = page->style.columns > taken + 8 ? page->style.columns - taken : 0, n_marked = 0;
  for (size_t i = 0; i < json_array_size(points); i++) {
    const json_t *point = json_array_get(points, i);
    write_when(page, page_string(point, "started"));
    write_id(page, page_string(point, "run"));
    write_estimate(page, point);
    if (width > 0) {
      page_bar(page, page_number(point, "value"), page_number(point, "low"),
               page_number(point, "high"), scale.from, scale.to, NAN, width);
    }
    n_marked += write_change(page, json_object_get(point, "change"));
  }
  return n_marked;
}

static void write_series(struct page *page, const json_t *series) {
  size_t n_marked = 0;
  page_ink(page, INK_BOLD);
  page_line(page, "%s over the runs", page_string(page->root, "measure"));
  page_ink(page, INK_PLAIN);
  for (size_t i = 0; i < json_array_size(series); i++) {
    const json_t *one = json_array_get(series, i);
    text_append(page->text, "\n");
    page_line(page, "%s", page_string(one, "source"));
    n_marked += write_points(page, json_object_get(one, "points"));
  }
  text_append(page->text, "\n");
  if (n_marked > 0) {
    page_wrap(page,
              "A mark: the interval of the change since the run above excludes 0 (paired where the "
              "run measured the one above as its baseline on the same rows; else both intervals as "
              "independent, which on shared rows marks late rather than early)",
              0, 0);
  } else {
    page_wrap(page, "No change excludes 0: what moved is within the noise of the samples", 0, 0);
  }
}

nonet_status past_render(const json_t *root, const struct terminal_style *style, struct text *text,
                         nonet_error *error) {
  json_t *clean = page_cleaned(root);
  struct page page = {.root = clean, .style = *style, .text = text};
  size_t from = text->length;
  page.style.columns = style->columns == 0 ? 100 : style->columns;
  page.style.columns = page.style.columns < 60 ? 60 : page.style.columns; /* case 4 */
  if (clean == NULL) {
    return error_memory(error, 0, "the history");
  }
  if (json_array_size(json_object_get(clean, "series")) > 0) {
    write_series(&page, json_object_get(clean, "series"));
  } else if (json_array_size(json_object_get(clean, "runs")) == 0) { /* case 1 */
    page_wrap(&page, "No run is kept. `nonet check` keeps its runs, unless its store is none.", 0,
              0);
  } else {
    write_runs(&page, json_object_get(clean, "runs"));
  }
  if (style->ascii) {
    page_to_ascii(text, from);
  }
  json_decref(clean);
  return text->failed ? error_memory(error, text->length, "the history") : NONET_OK;
}
