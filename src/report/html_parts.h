/* What the parts of the HTML report share: numbers that carry the evidence's digits, interval bars,
 * names, and finding an estimate in one step. */
#ifndef REPORT_HTML_PARTS_H
#define REPORT_HTML_PARTS_H

#include <stdbool.h>

#include <jansson.h>

#include "base/text.h"
#include "report/lookup.h"

struct html {
  const json_t *root;
  json_t *overall; /* the same without the estimates of groups, which may be many */
  struct text *text;
  struct lookup lookup; /* of the estimates */
  bool is_paired;       /* there is a baseline */
};

/* False when memory is short. */
bool html_open(struct html *html, const json_t *root, struct text *text);
void html_close(struct html *html);

void html_raw(struct html *html, const char *format, ...) NONET_PRINTF(2, 3);
void html_text(struct html *html, const char *utf8); /* escaped */
/* Escapes what `part` holds and clears it. */
void html_take(struct html *html, struct text *part);

/* <data value="0.91234567">0.912</data>; not finite: an en dash that says so to a screen reader. */
void html_data(struct html *html, double value, const char *shown);
/* The same, shown with the digits that low and high support. */
void html_number(struct html *html, double value, double low, double high);
void html_count(struct html *html, double n);
/* "0.912 [0.900, 0.924]" of an estimate or of a requirement's row (words.h); NULL: a dash. */
void html_interval(struct html *html, const json_t *estimate);

/* An interval as a picture of its own width; `mark` NaN: no line there. Hidden from screen readers:
   the numbers stand beside it. */
struct html_bar {
  double value, low, high;
  const char *tone; /* a class: "good", "candidate" … */
};
void html_bars(struct html *html, const struct html_bar *bars, size_t n, double from, double to,
               double mark, double zero);

const json_t *html_estimate(struct html *html, const char *measure, const char *role,
                            const json_t *scope);
/* The title of a measure, else its id. */
const char *html_title(const struct html *html, const char *measure);
void html_unit(struct html *html, const char *measure); /* ", seconds"; nothing without one */
const char *html_tone(int tone);                        /* of words.h, as a class */
/* A line to copy. */
void html_command(struct html *html, const char *command);

#endif
