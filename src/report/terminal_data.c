/*
 * The data, as a picture: a line for all rows and one for each group, a cell for each class with
 * its rows and how well recall can be known on them, the wider the bar the less.
 *
 *                         dead = 0                  dead = 1
 *   all rows          8,508 ±0.011             371 ±0.051 #
 *   age_band=16-24    1,204 ±0.028              14 ±0.232 #####  not known
 *
 * And what was found, the worst first, each with what to do.
 *
 * Cases:
 *  1. Many classes: the rarest as many as fit. Many groups: those where the rarest class has the
 *     fewest rows, in this order, and the number left out.
 *  2. No classes (a number to predict, or no label): the findings alone.
 */
#include "report/terminal_data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/words.h"

#define NAME_COLUMNS 26
#define CELL_COLUMNS 26
#define BAR_MOST 10 /* ±0.5: nothing is known */
#define GROUPS_MOST 12
#define CLASSES_MOST 3
#define KNOWN_WELL 0.05 /* as the findings say it (advise/findings_data.c) */
#define KNOWN_BADLY 0.10
#define ID "data.group_by_class"

static const char *config_text(const struct page *page, const char *key) {
  return page_string(json_object_get(json_object_get(page->root, "inputs"), "config"), key);
}

static bool is_known(const json_t *row) {
  return strcmp(page_string(row, "measure"), ID) == 0;
}

static const json_t *scope_of(const json_t *row) {
  return json_object_get(row, "scope");
}

static int by_rows(const void *a, const void *b) {
  const double x = page_number(*(const json_t *const *)a, "n"),
               y = page_number(*(const json_t *const *)b, "n");
  return x < y ? -1 : x > y;
}

/* The rows of the picture, borrowed rows in a new array; NULL when memory is short. */
static json_t *known_rows(const json_t *root) {
  const json_t *rows = json_object_get(root, "estimates");
  json_t *known = json_array();
  for (size_t i = 0; i < json_array_size(rows) && known != NULL; i++) {
    json_t *row = json_array_get(rows, i);
    if (is_known(row) && json_array_append(known, row) != 0) {
      json_decref(known);
      known = NULL;
    }
  }
  return known;
}

/* Case 1: some of the rows in ascending order of their n; the caller frees. */
static const json_t **pick(const json_t *rows, bool (*is_picked)(const json_t *, const void *),
                           const void *context, size_t *n) {
  const json_t **found = memory_new(json_array_size(rows) + 1, sizeof *found);
  *n = 0;
  for (size_t i = 0; found != NULL && i < json_array_size(rows); i++) {
    if (is_picked(json_array_get(rows, i), context)) {
      found[(*n)++] = json_array_get(rows, i);
    }
  }
  if (*n > 1) {
    qsort((void *)found, *n, sizeof *found, by_rows);
  }
  return found;
}

static bool is_class_row(const json_t *row, const void *context) {
  (void)context;
  return strcmp(page_string(scope_of(row), "kind"), "class") == 0;
}

/* Groups of the class that `context` names. */
static bool is_group_row(const json_t *row, const void *context) {
  return page_is_group(scope_of(row)) && strcmp(page_string(scope_of(row), "class"), context) == 0;
}

/* The row of another class in the same group. */
static const json_t *beside(const json_t *rows, const json_t *row, const char *class_name) {
  const json_t *by = json_object_get(scope_of(row), "by");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *other = json_array_get(rows, i);
    const json_t *other_by = json_object_get(scope_of(other), "by");
    if (strcmp(page_string(scope_of(other), "class"), class_name) == 0 &&
        (by == NULL ? other_by == NULL : json_equal((json_t *)by, (json_t *)other_by))) {
      return other;
    }
  }
  return NULL;
}

static void render_cell(struct page *page, const json_t *row, bool is_last) {
  char count[32], cell[96], bar[BAR_MOST + 1];
  const double half = page_number(row, "value");
  const size_t n_bar = isfinite(half) ? (size_t)(half / 0.5 * BAR_MOST + 0.5) : 0;
  memset(bar, '#', sizeof bar);
  bar[n_bar < BAR_MOST ? n_bar : BAR_MOST] = '\0';
  page_count(count, page_number(row, "n"));
  snprintf(cell, sizeof cell, "%9s ±%.3f %s", count, half, bar);
  page_ink(page, half > KNOWN_BADLY ? INK_RED : half > KNOWN_WELL ? INK_YELLOW : INK_PLAIN);
  page_cell(page, cell, CELL_COLUMNS);
  if (is_last && half > KNOWN_BADLY) {
    text_append(page->text, " not known");
  }
  page_ink(page, INK_PLAIN);
}

static void end_line(struct page *page) {
  while (page->text->length > 0 && page->text->data[page->text->length - 1] == ' ') {
    page->text->data[--page->text->length] = '\0';
  }
  text_append(page->text, "\n");
}

/* The classes beside each other, the rarest last, and the columns that names take before them. */
struct picture {
  const json_t *rows, *const *classes;
  size_t n_classes, name_columns;
};

static void group_name(const json_t *row, struct text *name) {
  json_t *group =
      json_pack("{s:s, s:O}", "kind", "group", "by", json_object_get(scope_of(row), "by"));
  words_scope(name, group);
  json_decref(group);
}

/* As wide as the longest name, where there is room for it. */
static size_t name_columns(struct page *page, const json_t *const *groups, size_t n_groups,
                           size_t n_classes) {
  const size_t taken = n_classes * CELL_COLUMNS + sizeof " not known" - 1,
               most = page->style.columns > taken + NAME_COLUMNS ? page->style.columns - taken
                                                                 : NAME_COLUMNS;
  size_t widest = NAME_COLUMNS;
  for (size_t g = 0; g < n_groups && g < GROUPS_MOST; g++) {
    struct text name = {0};
    group_name(groups[g], &name);
    const size_t columns = 3 + text_columns(name.data == NULL ? "" : name.data);
    widest = columns > widest ? columns : widest;
    page_part_done(page, &name);
  }
  return widest < most ? widest : most;
}

static void render_line(struct page *page, const char *name, const json_t *row,
                        const struct picture *picture) {
  const json_t *const *classes = picture->classes;
  const size_t n_classes = picture->n_classes;
  char shown[128];
  snprintf(shown, sizeof shown, "  %s", name);
  page_cell(page, shown, (int)picture->name_columns);
  for (size_t c = n_classes; c-- > 0;) { /* the rarest last, beside its words */
    render_cell(page, beside(picture->rows, row, page_string(scope_of(classes[c]), "class")),
                c == 0);
  }
  end_line(page);
}

static void render_head(struct page *page, const struct picture *picture) {
  page_ink(page, INK_DIM);
  page_cell(page, "", (int)picture->name_columns);
  for (size_t c = picture->n_classes; c-- > 0;) {
    char name[128];
    snprintf(name, sizeof name, "  %s = %s", config_text(page, "label"),
             page_string(scope_of(picture->classes[c]), "class"));
    if (text_columns(name) >= CELL_COLUMNS) { /* the class tells more than the label's name */
      snprintf(name, sizeof name, "  %s", page_string(scope_of(picture->classes[c]), "class"));
    }
    page_cell(page, name, CELL_COLUMNS);
  }
  page_ink(page, INK_PLAIN);
  end_line(page);
}

static void render_picture(struct page *page, const struct picture *picture,
                           const json_t *const *groups, size_t n_groups) {
  page_heading(page, "How well recall of each class can be known: rows, and ± at the worst");
  render_head(page, picture);
  render_line(page, "all rows", picture->classes[0], picture);
  for (size_t g = 0; g < n_groups && g < GROUPS_MOST; g++) {
    struct text name = {0};
    group_name(groups[g], &name);
    render_line(page, name.data == NULL ? "" : name.data, groups[g], picture);
    page_part_done(page, &name);
  }
  if (n_groups > GROUPS_MOST) {
    page_line(page, "  … and %zu groups with more rows, in the JSON", n_groups - GROUPS_MOST);
  }
}

void terminal_data_picture(struct page *page) {
  size_t n_all = 0, n_groups = 0;
  json_t *known = known_rows(page->root);
  const json_t **classes = pick(known, is_class_row, NULL, &n_all), **groups = NULL;
  const size_t room = (page->style.columns - NAME_COLUMNS - 10) / CELL_COLUMNS;
  size_t n = n_all < CLASSES_MOST ? n_all : CLASSES_MOST;
  n = n < room ? n : room > 0 ? room : 1;
  page->text->failed = page->text->failed || known == NULL || classes == NULL;
  if (n_all == 0) { /* case 2 */
    goto done;
  }
  groups = pick(known, is_group_row, page_string(scope_of(classes[0]), "class"), &n_groups);
  page->text->failed = page->text->failed || groups == NULL;
  const struct picture picture = {known, classes, n, name_columns(page, groups, n_groups, n)};
  render_picture(page, &picture, groups, n_groups);
  if (n_all > n) {
    page_line(page, "  … the rarest %zu of %zu classes", n, n_all);
  }
done:
  memory_free((void *)classes);
  memory_free((void *)groups);
  json_decref(known);
}

static void render_hurts(struct text *text, const json_t *finding) {
  const json_t *hurts = json_object_get(finding, "hurts");
  for (size_t i = 0; i < json_array_size(hurts); i++) {
    text_printf(text, "%s%s", i == 0 ? "hurts " : ", ",
                json_string_value(json_array_get(hurts, i)));
  }
}

/* The evidence, then what to do on lines of its own. */
static void render_finding(struct page *page, const json_t *finding) {
  const char *remedy = page_string(finding, "remedy"), *command = page_string(finding, "command");
  struct text said = {0}, hurts = {0};
  page_severity(page, page_string(finding, "severity"));
  render_hurts(&hurts, finding);
  text_printf(&said, "%s: %s", page_string(finding, "title"), page_string(finding, "evidence"));
  if (hurts.length > 0) {
    text_printf(&said, " (%s)", hurts.data);
  }
  page_wrap(page, said.data == NULL ? "" : said.data, 11, 11);
  if (remedy[0] != '\0') {
    text_append(page->text, "           do: ");
    page_wrap(page, remedy, 15, 15);
  }
  if (command[0] != '\0') {
    page_line(page, "           %s", command);
  }
  page_part_done(page, &said);
  page_part_done(page, &hurts);
}

static bool is_of_data(const json_t *finding) {
  return strcmp(page_string(finding, "attribute"), "data") == 0;
}

bool terminal_data_is_rare(const json_t *root) {
  const json_t *rows = json_object_get(root, "findings");
  bool found = false;
  for (size_t i = 0; i < json_array_size(rows) && !found; i++) {
    const json_t *row = json_array_get(rows, i);
    const char *id = page_string(row, "id");
    found = strcmp(page_string(row, "severity"), "info") != 0 &&
            (strcmp(id, "data.class_imbalance") == 0 || strcmp(id, "data.few_rows") == 0 ||
             strcmp(id, ID) == 0);
  }
  return found;
}

void terminal_data_findings(struct page *page, bool is_info) {
  static const char *const severities[] = {"critical", "error", "warning", "info"};
  const json_t *rows = json_object_get(page->root, "findings");
  size_t n = 0;
  for (size_t s = is_info ? 3 : 0; s < (is_info ? 4 : 3); s++) {
    for (size_t i = 0; i < json_array_size(rows); i++) {
      const json_t *row = json_array_get(rows, i);
      if (is_of_data(row) && strcmp(page_string(row, "severity"), severities[s]) == 0) {
        if (n++ == 0) {
          page_heading(page, is_info ? "Seen as well" : "Proven of the data, and what to do");
        }
        render_finding(page, row);
      }
    }
  }
}
