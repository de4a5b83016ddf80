/* What the terminal's sections share: numbers as people read them, cells that line up, bars,
 * colours, looking rows up. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "report/terminal.h"

enum page_ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GREEN, INK_RED, INK_YELLOW };

struct page {
  const json_t *root;    /* the document */
  const json_t *overall; /* the same without the estimates of groups, which may be many */
  struct terminal_style style;
  struct text *text;
  json_t *notes; /* footnotes in the order they were first needed */
};

const char *page_string(const json_t *object, const char *key); /* "" when absent */
double page_number(const json_t *object, const char *key);      /* NaN when null or absent */

void page_ink(struct page *page, enum page_ink ink);
/* Text padded (or cut, with an ellipsis) to a width in columns; negative width: right-aligned. */
void page_cell(struct page *page, const char *utf8, int width);
void page_line(struct page *page, const char *format, ...) NONET_PRINTF(2, 3);
/* Breaks `utf8` at blanks, never before a "%", so that it fits, each further line after `indent`
 * blanks; `at` columns of the first line are taken. */
void page_wrap(struct page *page, const char *utf8, size_t at, size_t indent);
void page_heading(struct page *page, const char *title);
/* A mark at the head of a line ("warning", "proven") in its colour, over the first 11 columns. */
void page_severity(struct page *page, const char *mark);

/* A number with the digits its interval supports: the half-width keeps `digits` significant ones.
 * Not finite: an en dash. */
void page_value(char out[32], double value, double low, double high, int digits);
/* A number as it is ("3", "0.05"); not finite: an en dash. */
void page_plain(char out[32], double value);
/* Counts: "8,879". */
void page_count(char out[32], double n);

/* Clears a text that was made for the page; what memory it was short of, the page is short of. */
void page_part_done(struct page *page, struct text *part);

/* The number of a footnote ("1" …), adding it when it is new; 0 for no note. */
size_t page_note(struct page *page, const char *note);
/* The marks of all notes of an estimate: "1,3" or "". */
void page_note_marks(struct page *page, const json_t *estimate, size_t from, char out[32]);
/* "0.626 [0.609, 0.642]" in a cell of this width, with as many digits as fit. */
void page_interval(struct page *page, const json_t *estimate, size_t width);

/* The interval low–high with its value on a range, `width` columns: ├──●──┤ or |--o--|; what lies
   outside is an arrow. `mark`: a place where an empty cell shows a line; NaN for none. */
void page_bar(struct page *page, double value, double low, double high, double from, double to,
              double mark, size_t width);

/* The estimate of a measure, role and scope (NULL: all rows) in a document, by a search through all
 * of them (lookup.h where there are many); NULL when there is none. Scopes compare as JSON. */
const json_t *page_estimate(const json_t *root, const char *measure, const char *role,
                            const json_t *scope);
bool page_is_all(const json_t *scope);
bool page_is_group(const json_t *scope);
/* A document with the same parts but no estimates of groups; NULL when memory is short. */
json_t *page_overall(const json_t *root);

/* A document as a terminal may have it: control characters (which could move the cursor or fake a
 * line) become U+FFFD. What has none is shared, not copied. NULL when memory is short. */
json_t *page_cleaned(const json_t *value);
/* What stands in `text` from byte `from` on, in ASCII: drawings and punctuation as their plain
 * twins, any other character as "?" for each column. */
void page_to_ascii(struct text *text, size_t from);

#endif
