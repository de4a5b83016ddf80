/*
 * One block for each sensitive column.
 *
 * Cases:
 *  1. The first note of a gap says between which groups it lies: it stands in the row, the other
 *     notes are marked.
 *  2. A number that is there for the pair alone (no group worse) has only a difference.
 *  3. With a baseline its value and the difference stand beside the candidate's where there is
 * room.
 */
#include "report/terminal_gaps.h"

#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS 32
#define CELL_COLUMNS 26
#define MOST_COLUMNS 64 /* sensitive columns shown */

static bool is_over(const json_t *row, const char *column) {
  return strcmp(page_string(row, "attribute"), "data") != 0 &&
         strcmp(page_string(json_object_get(row, "scope"), "column"), column) == 0;
}

/* Does an earlier row of the same column and measure stand in the list? */
static bool is_first(const json_t *rows, size_t i) {
  const json_t *row = json_array_get(rows, i);
  for (size_t k = 0; k < i; k++) {
    const json_t *earlier = json_array_get(rows, k);
    if (is_over(earlier, page_string(json_object_get(row, "scope"), "column")) &&
        strcmp(page_string(earlier, "measure"), page_string(row, "measure")) == 0) {
      return false;
    }
  }
  return true;
}

static void render_row(struct page *page, const json_t *row, size_t n_cells) {
  static const char *const roles[] = {"candidate", "baseline", "difference"};
  const json_t *scope = json_object_get(row, "scope"), *notes = json_object_get(row, "notes");
  const char *id = page_string(row, "measure"), *dot = strchr(id, '.');
  char name[128], marks[32];
  snprintf(name, sizeof name, "  %s", dot == NULL ? id : dot + 1);
  page_cell(page, name, NAME_COLUMNS);
  for (size_t r = 0; r < n_cells; r++) {
    text_append(page->text, " ");
    const json_t *shown = page_estimate(page, id, roles[r], scope);
    page_interval(page, n_cells == 1 && shown == NULL ? row : shown, CELL_COLUMNS); /* 2 */
  }
  const bool says_where = json_array_size(notes) > 0 && page_string(row, "low")[0] == '\0' &&
                          json_is_number(json_object_get(row, "low"));
  text_append(page->text, " ");
  if (says_where && n_cells == 1) { /* 1 */
    const size_t taken = NAME_COLUMNS + CELL_COLUMNS + 10;
    page_cell(page, json_string_value(json_array_get(notes, 0)),
              page->style.columns > taken + 10 ? (int)(page->style.columns - taken) : 10);
  }
  page_note_marks(page, row, says_where ? 1 : 0, marks);
  if (marks[0] != '\0') {
    text_printf(page->text, "  (%s)", marks);
  }
  while (page->text->length > 0 && page->text->data[page->text->length - 1] == ' ') {
    page->text->data[--page->text->length] = '\0';
  }
  text_append(page->text, "\n");
}

static void render_column(struct page *page, const char *column) {
  const json_t *rows = json_object_get(page->root, "estimates");
  bool has_baseline = false;
  struct text title = {0};
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    has_baseline = has_baseline ||
                   (is_over(row, column) && strcmp(page_string(row, "role"), "difference") == 0);
  }
  const size_t room = page->style.columns > NAME_COLUMNS ? page->style.columns - NAME_COLUMNS : 0;
  const size_t n_cells = !has_baseline ? 1 : room >= 3 * (CELL_COLUMNS + 1) ? 3 : 1;
  text_printf(&title, "Fairness over %s", column);
  page_heading(page, title.data == NULL ? "" : title.data);
  page_part_done(page, &title);
  if (n_cells == 3) {
    page_ink(page, INK_DIM);
    page_cell(page, "", NAME_COLUMNS + 1);
    page_cell(page, "candidate", CELL_COLUMNS + 1);
    page_cell(page, "baseline", CELL_COLUMNS + 1);
    text_append(page->text, "difference");
    page_ink(page, INK_PLAIN);
    text_append(page->text, "\n");
  }
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_over(row, column) && is_first(rows, i)) {
      render_row(page, row, n_cells);
    }
  }
}

void terminal_gaps(struct page *page) {
  const json_t *rows = json_object_get(page->root, "estimates");
  const char *seen[MOST_COLUMNS];
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    const char *column = page_string(json_object_get(row, "scope"), "column");
    size_t k = 0;
    while (k < n && strcmp(seen[k], column) != 0) {
      k++;
    }
    if (column[0] != '\0' && is_over(row, column) && k == n && n < MOST_COLUMNS) {
      seen[n++] = column;
      render_column(page, column);
    }
  }
}
