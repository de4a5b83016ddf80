/*
 * The slices that were found, in a terminal: a number, its n, and the condition, which may be long
 * and is wrapped.
 */
#include "report/terminal_slices.h"

#include <string.h>

#include "report/words.h"

#define CELL_COLUMNS 26

void terminal_slices(struct page *page) {
  const json_t *rows = json_object_get(page->overall, "estimates");
  size_t n = 0;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    struct text line = {0};
    char count[32];
    if (strcmp(page_string(json_object_get(row, "scope"), "kind"), "slice") != 0 ||
        strcmp(page_string(row, "role"), "candidate") != 0) {
      continue;
    }
    if (n++ == 0) {
      page_heading(page, "Slices found");
    }
    text_append(page->text, "  ");
    page_interval(page, row, CELL_COLUMNS);
    page_count(count, page_number(row, "n"));
    text_printf(&line, " %s, n %s, ", page_string(row, "measure"), count);
    words_scope(&line, json_object_get(row, "scope"));
    page_wrap(page, line.data == NULL ? "" : line.data, CELL_COLUMNS + 2, 4);
    page_part_done(page, &line);
  }
}
