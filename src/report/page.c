/*
 * Page: the small craft of a report in columns.
 *
 * Cases:
 *  1. Widths are columns of the terminal, not bytes.  2. A number shows the digits its interval
 * supports, never more than six, and never "nan".
 *  3. A note is told once, at the foot, under a number.  4. ASCII style: every drawing has a plain
 * twin.
 */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"

const char *page_string(const json_t *object, const char *key) {
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

double page_number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

void page_ink(struct page *page, enum page_ink ink) {
  static const char *const codes[] = {"\033[0m",  "\033[1m",  "\033[2m",
                                      "\033[32m", "\033[31m", "\033[33m"};
  if (page->style.color) {
    text_append(page->text, codes[ink]);
  }
}

/* Bytes of the longest start of `utf8` that fits into `columns`. */
static size_t fitting_bytes(const char *utf8, size_t columns) {
  char piece[512];
  size_t fits = 0;
  for (size_t i = 0; utf8[i] != '\0' && i + 5 < sizeof piece;) {
    size_t next = i + 1;
    while (((unsigned char)utf8[next] & 0xC0u) == 0x80u) {
      next++;
    }
    if (next >= sizeof piece) {
      break;
    }
    memcpy(piece, utf8, next);
    piece[next] = '\0';
    if (text_columns(piece) > columns) {
      break;
    }
    fits = i = next;
  }
  return fits;
}

void page_cell(struct page *page, const char *utf8, int width) {
  size_t wanted = (size_t)(width < 0 ? -width : width), columns = text_columns(utf8);
  if (width < 0 && columns < wanted) {
    text_repeat(page->text, " ", wanted - columns);
  }
  if (columns <= wanted) {
    text_append(page->text, utf8);
  } else {
    text_append_n(page->text, utf8, fitting_bytes(utf8, wanted - 1));
    text_append(page->text, page->style.ascii ? "~" : "…");
  }
  if (width > 0 && columns < wanted) {
    text_repeat(page->text, " ", wanted - columns);
  }
}

void page_line(struct page *page, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  text_vprintf(page->text, format, arguments);
  va_end(arguments);
  text_append(page->text, "\n");
}

void page_wrap(struct page *page, const char *utf8, size_t indent) {
  size_t at = indent;
  const char *word = utf8;
  while (*word != '\0') {
    size_t bytes = strcspn(word, " ");
    char piece[512];
    snprintf(piece, sizeof piece, "%.*s", (int)(bytes < 500 ? bytes : 500), word);
    size_t columns = text_columns(piece);
    if (at > indent && at + 1 + columns > page->style.columns) {
      text_append(page->text, "\n");
      text_repeat(page->text, " ", indent);
      at = indent;
    } else if (at > indent) {
      text_append(page->text, " ");
      at++;
    }
    text_append_n(page->text, word, bytes);
    at += columns;
    word += bytes + strspn(word + bytes, " ");
  }
  text_append(page->text, "\n");
}

void page_heading(struct page *page, const char *title) {
  text_append(page->text, "\n");
  page_ink(page, INK_BOLD);
  text_append(page->text, title);
  page_ink(page, INK_PLAIN);
  text_append(page->text, "\n");
}

void page_value(char out[32], double value, double low, double high, int digits) {
  void *locale = c_locale_enter();
  double half = 0.5 * (high - low), size = fabs(value);
  int decimals = 4;
  if (!isfinite(value)) {
    snprintf(out, 32, "–");
  } else {
    if (isfinite(half) && half > 0.0) { /* case 2 */
      decimals = digits - 1 - (int)floor(log10(half));
    } else if (size >= 1.0) {
      decimals = 3 - (int)floor(log10(size));
    }
    decimals = decimals < 0 ? 0 : (decimals > 6 ? 6 : decimals);
    if (size >= 1e9 || (size > 0.0 && size < 1e-6)) {
      snprintf(out, 32, "%.3g", value);
    } else {
      snprintf(out, 32, "%.*f", decimals, value);
    }
  }
  c_locale_leave(locale);
}

void page_count(char out[32], double n) {
  struct text grouped = {0};
  if (isfinite(n) && n >= 0.0 && n < 1.8e19) {
    text_grouped(&grouped, (unsigned long long)(n + 0.5));
  }
  snprintf(out, 32, "%s", grouped.data == NULL ? "–" : grouped.data);
  text_clear(&grouped);
}

size_t page_note(struct page *page, const char *note) {
  size_t n = json_array_size(page->notes);
  for (size_t i = 0; i < n; i++) {
    if (strcmp(json_string_value(json_array_get(page->notes, i)), note) == 0) {
      return i + 1;
    }
  }
  return json_array_append_new(page->notes, json_string(note)) == 0 ? n + 1 : 0;
}

void page_note_marks(struct page *page, const json_t *estimate, char out[32]) {
  const json_t *notes = json_object_get(estimate, "notes");
  size_t used = 0;
  out[0] = '\0';
  for (size_t i = 0; i < json_array_size(notes) && used < 24; i++) {
    const char *note = json_string_value(json_array_get(notes, i));
    if (note != NULL) {
      used += (size_t)snprintf(out + used, 32 - used, "%s%zu", i == 0 ? "" : ",",
                               page_note(page, note));
    }
  }
}

void page_bar(struct page *page, double value, double low, double high, double from, double to,
              size_t width) {
  const char *const *glyph = page->style.ascii
                                 ? (const char *const[]){" ", "|", "-", "|", "o", "<", ">"}
                                 : (const char *const[]){" ", "├", "─", "┤", "●", "‹", "›"};
  if (!isfinite(value) || !(to > from)) {
    text_repeat(page->text, " ", width);
    return;
  }
  const double scale = (double)(width - 1) / (to - from);
  const long last = (long)width - 1;
  long at = lround((value - from) * scale);
  long a = isfinite(low) ? lround((low - from) * scale) : at,
       b = isfinite(high) ? lround((high - from) * scale) : at;
  for (long i = 0; i <= last; i++) {
    const char *cell = glyph[0];
    if (i >= a && i <= b) {
      cell = i == a ? glyph[1] : (i == b ? glyph[3] : glyph[2]);
    }
    if ((i == 0 && b < 0) || (i == 0 && a < 0 && b >= 0)) {
      cell = glyph[5];
    }
    if ((i == last && a > last) || (i == last && b > last && a <= last)) {
      cell = glyph[6];
    }
    text_append(page->text, i == at ? glyph[4] : cell);
  }
}

bool page_is_all(const json_t *scope) {
  return strcmp(page_string(scope, "kind"), "all") == 0;
}

const json_t *page_estimate(const struct page *page, const char *measure, const char *role,
                            const json_t *scope) {
  const json_t *estimates = json_object_get(page->root, "estimates");
  for (size_t i = 0; i < json_array_size(estimates); i++) {
    const json_t *row = json_array_get(estimates, i);
    if (strcmp(page_string(row, "measure"), measure) == 0 &&
        strcmp(page_string(row, "role"), role) == 0) {
      const json_t *its = json_object_get(row, "scope");
      if (scope == NULL ? page_is_all(its) : json_equal(its, scope)) {
        return row;
      }
    }
  }
  return NULL;
}
