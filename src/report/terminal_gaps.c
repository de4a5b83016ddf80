/*
 * One block for each sensitive column.
 *
 * Cases:
 *  1. The first note of a gap says between which groups it lies: it stands in the row, the other
 *     notes are marked.
 *  2. A number that is there for the pair alone (no group worse) has only a difference.
 *  3. With a baseline its value and the difference stand beside the candidate's where there is
 * room.
 *  4. "from A 0.1 to B 0.3" is longer than its room: the names give way, the longer one first,
 * never the numbers.
 */
#include "report/terminal_gaps.h"

#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS 31
#define CELL_COLUMNS 24
#define MARK_COLUMNS 8  /* "  (12,13)" */
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

/* Case 4: the four parts of "from A 0.1 to B 0.3": the first " to " that a number stands before. */
struct pair {
  char low[160], high[160]; /* names */
  const char *low_number, *high_number;
  size_t n_low, n_high; /* bytes of the numbers */
};

static bool is_number(const char *from, const char *to) {
  return from < to && strspn(from, "0123456789.e+-") >= (size_t)(to - from);
}

static const char *last_blank(const char *from, const char *to) {
  const char *blank = NULL;
  for (const char *c = from; c < to; c++) {
    blank = *c == ' ' ? c : blank;
  }
  return blank;
}

static bool part_pair(const char *note, struct pair *pair) {
  const char *start = note + 5, *end = note + strlen(note);
  for (const char *to = strstr(start, " to "); to != NULL; to = strstr(to + 1, " to ")) {
    const char *a = last_blank(start, to), *b = last_blank(to + 4, end);
    if (a == NULL || b == NULL || !is_number(a + 1, to) || !is_number(b + 1, end) ||
        a - start >= 160 || b - to - 4 >= 160) {
      continue;
    }
    snprintf(pair->low, sizeof pair->low, "%.*s", (int)(a - start), start);
    snprintf(pair->high, sizeof pair->high, "%.*s", (int)(b - to - 4), to + 4);
    pair->low_number = a + 1;
    pair->n_low = (size_t)(to - a - 1);
    pair->high_number = b + 1;
    pair->n_high = (size_t)(end - b - 1);
    return true;
  }
  return false;
}

static void render_where(struct page *page, const char *note, size_t room) {
  struct pair pair;
  const size_t words = sizeof "from   to  " - 1;
  if (text_columns(note) <= room || strncmp(note, "from ", 5) != 0 || !part_pair(note, &pair) ||
      room < words + pair.n_low + pair.n_high + 2 * 4) {
    page_cell(page, note, (int)room);
    return;
  }
  const size_t left = room - words - pair.n_low - pair.n_high;
  size_t low = text_columns(pair.low), high = text_columns(pair.high);
  if (low > left / 2 && high > left / 2) {
    low = left / 2;
    high = left - low;
  } else if (low > high) {
    low = left - high;
  } else {
    high = left - low;
  }
  text_append(page->text, "from ");
  page_cell(page, pair.low, (int)low);
  text_printf(page->text, " %.*s to ", (int)pair.n_low, pair.low_number);
  page_cell(page, pair.high, (int)high);
  text_printf(page->text, " %.*s", (int)pair.n_high, pair.high_number);
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
    const json_t *shown = page_estimate(page->overall, id, roles[r], scope);
    page_interval(page, n_cells == 1 && shown == NULL ? row : shown, CELL_COLUMNS); /* 2 */
  }
  const bool says_where = json_array_size(notes) > 0 && page_string(row, "low")[0] == '\0' &&
                          json_is_number(json_object_get(row, "low"));
  text_append(page->text, " ");
  page_note_marks(page, row, says_where ? 1 : 0, marks);
  if (says_where && n_cells == 1) { /* 1 */
    const size_t taken = NAME_COLUMNS + CELL_COLUMNS + 2 + (marks[0] == '\0' ? 0 : MARK_COLUMNS);
    render_where(page, json_string_value(json_array_get(notes, 0)),
                 page->style.columns > taken + 10 ? page->style.columns - taken : 10);
  }
  if (marks[0] != '\0') {
    text_printf(page->text, "  (%s)", marks);
  }
  while (page->text->length > 0 && page->text->data[page->text->length - 1] == ' ') {
    page->text->data[--page->text->length] = '\0';
  }
  text_append(page->text, "\n");
}

static void render_column(struct page *page, const char *column) {
  const json_t *rows = json_object_get(page->overall, "estimates");
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
  const json_t *rows = json_object_get(page->overall, "estimates");
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
