/*
 * Page: the small craft of a report in columns.
 *
 * Cases:
 *  1. Widths are columns of the terminal, not bytes.  2. A number shows the digits its interval
 * supports, never more than six, and never "nan".
 *  3. A note is told once, at the foot, under a number.  4. ASCII style: every drawing has a plain
 * twin.
 *  5. Names and values come from data: control characters in them never reach the terminal.
 */
#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/utf8.h"

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
  } else if (wanted > 0) {
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

void page_wrap(struct page *page, const char *utf8, size_t at, size_t indent) {
  size_t start = at;
  const char *word = utf8;
  while (*word != '\0') {
    size_t bytes = strcspn(word, " ");
    bytes += word[bytes] == ' ' && word[bytes + 1] == '%' ? 1 + strcspn(word + bytes + 1, " ") : 0;
    char piece[512];
    snprintf(piece, sizeof piece, "%.*s", (int)(bytes < 500 ? bytes : 500), word);
    size_t columns = text_columns(piece);
    if (at > start && at + 1 + columns > page->style.columns) {
      text_append(page->text, "\n");
      text_repeat(page->text, " ", indent);
      at = start = indent;
    } else if (at > start) {
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

void page_severity(struct page *page, const char *mark) {
  static const struct {
    const char *mark;
    enum page_ink ink;
  } inks[] = {{"critical", INK_RED},
              {"error", INK_RED},
              {"warning", INK_YELLOW},
              {"open", INK_YELLOW},
              {"proven", INK_BOLD}};
  for (size_t i = 0; i < sizeof inks / sizeof *inks; i++) {
    if (strcmp(inks[i].mark, mark) == 0) {
      page_ink(page, inks[i].ink);
    }
  }
  text_printf(page->text, "  %-9s", mark);
  page_ink(page, INK_PLAIN);
}

/* Case 2: `digits` of the half-width; without one, four significant digits of the value itself. */
static int decimals_of(double size, double half, int digits) {
  int decimals = 4;
  if (isfinite(half) && half > 0.0) {
    decimals = half > 1e-9 ? digits - 1 - (int)floor(log10(half)) : 6;
  } else if (size >= 1.0) {
    decimals = 3 - (int)floor(log10(size));
  }
  return decimals < 0 ? 0 : (decimals > 6 ? 6 : decimals);
}

/* "1,234,567.5" */
static void group_thousands(char out[32]) {
  char *start = out + (out[0] == '-');
  size_t whole = strspn(start, "0123456789"), length = strlen(out);
  for (size_t left = whole; left > 3 && length < 31; length++) {
    left -= 3;
    memmove(start + left + 1, start + left, strlen(start + left) + 1);
    start[left] = ',';
  }
}

void page_value(char out[32], double value, double low, double high, int digits) {
  void *locale = c_locale_enter();
  double half = 0.5 * (high - low), size = fabs(value);
  bool has_half = isfinite(half) && half > 0.0;
  if (!isfinite(value)) {
    snprintf(out, 32, "–");
  } else if (size <= 0.0 && !has_half) {
    snprintf(out, 32, "0");
  } else if (size >= 1e9 ||
             (size > 0.0 && size < (has_half ? 1e-6 : 1e-3) && !(has_half && half > 1e-6))) {
    snprintf(out, 32, "%.3g", value);
  } else {
    const bool is_count = !has_half && size >= 2 && rint(value) >= value && rint(value) <= value;
    snprintf(out, 32, "%.*f", is_count ? 0 : decimals_of(size, half, digits), value);
    if (out[0] == '-' && strspn(out + 1, "0.") == strlen(out + 1)) { /* no "-0.00" */
      memmove(out, out + 1, strlen(out));
    }
    group_thousands(out);
  }
  c_locale_leave(locale);
}

void page_plain(char out[32], double value) {
  void *locale = c_locale_enter();
  if (isfinite(value)) {
    snprintf(out, 32, "%.6g", value);
  } else {
    snprintf(out, 32, "–");
  }
  c_locale_leave(locale);
}

void page_count(char out[32], double n) {
  char digits[24];
  size_t used = 0;
  if (!(isfinite(n) && n >= 0.0 && n < 1.8e19)) {
    snprintf(out, 32, "–");
    return;
  }
  int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)(n + 0.5));
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) {
      out[used++] = ',';
    }
    out[used++] = digits[i];
  }
  out[used] = '\0';
}

void page_part_done(struct page *page, struct text *part) {
  page->text->failed = page->text->failed || part->failed;
  text_clear(part);
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

/* Numbers in order, three or more in a row as "4-6". */
static void write_marks(const size_t *number, size_t n, char out[32]) {
  size_t used = 0;
  for (size_t i = 0; i < n && used < 20;) {
    size_t last = i;
    while (last + 1 < n && number[last + 1] == number[last] + 1) {
      last++;
    }
    const bool is_range = last >= i + 2;
    used += (size_t)snprintf(out + used, 32 - used, "%s%zu", used == 0 ? "" : ",", number[i]);
    if (is_range) {
      used += (size_t)snprintf(out + used, 32 - used, "-%zu", number[last]);
    }
    i = is_range ? last + 1 : i + 1;
  }
}

void page_note_marks(struct page *page, const json_t *estimate, size_t from, char out[32]) {
  const json_t *notes = json_object_get(estimate, "notes");
  size_t number[8], n = 0;
  out[0] = '\0';
  for (size_t i = from; i < json_array_size(notes) && n < sizeof number / sizeof *number; i++) {
    const char *note = json_string_value(json_array_get(notes, i));
    const size_t mark = note == NULL ? 0 : page_note(page, note);
    size_t at = 0;
    while (at < n && number[at] < mark) {
      at++;
    }
    if (mark > 0 && (at == n || number[at] > mark)) {
      memmove(number + at + 1, number + at, (n - at) * sizeof *number);
      number[at] = mark;
      n++;
    }
  }
  write_marks(number, n, out);
}

/* Value [low, high] with two or one digit of the half-width, the value alone when neither
 * fits. */
void page_interval(struct page *page, const json_t *row, size_t width) {
  char value[32], low[32], high[32], cell[112];
  double v = page_number(row, "value"), l = page_number(row, "low"), h = page_number(row, "high");
  bool has_bounds =
           (isfinite(l) || isfinite(h)) && strcmp(page_string(row, "method"), "exact") != 0,
       fits = !has_bounds;
  page_value(value, v, l, h, 2);
  snprintf(cell, sizeof cell, "%s", row == NULL ? "" : value);
  for (int digits = 2; digits >= 1 && !fits; digits--) {
    page_value(value, v, l, h, digits);
    page_value(low, l, l, h, digits);
    page_value(high, h, l, h, digits);
    fits = (size_t)snprintf(NULL, 0, "%s [%s, %s]", value, low, high) <= width;
    if (fits) {
      snprintf(cell, sizeof cell, "%s [%s, %s]", value, low, high);
    }
  }
  page_cell(page, cell, (int)width);
}

/* The cell of x among `width`, at most a few outside: lround of anything larger is not defined. */
static long cell_of(double x, double from, double to, size_t width) {
  double at = (x - from) / (to - from) * (double)(width - 1);
  return lround(fmin(fmax(at, -2.0), (double)width + 1.0));
}

void page_bar(struct page *page, double value, double low, double high, double from, double to,
              double mark, size_t width) {
  enum { BLANK, LEFT, LINE, RIGHT, POINT, BELOW, ABOVE, MARK };
  static const char *const plain[] = {" ", "|", "-", "|", "o", "<", ">", ":"}, *const drawn[] = {
                                                                                   " ", "├", "─",
                                                                                   "┤", "●", "‹",
                                                                                   "›", "┊"};
  const char *const *glyph = page->style.ascii ? plain : drawn;
  if (!isfinite(value) || !(to > from) || width < 2) {
    text_repeat(page->text, " ", width);
    return;
  }
  const long last = (long)width - 1, at = cell_of(value, from, to, width),
             line = isfinite(mark) ? cell_of(mark, from, to, width) : -1;
  const long a = isfinite(low) ? cell_of(low, from, to, width) : at,
             b = isfinite(high) ? cell_of(high, from, to, width) : at;
  for (long i = 0; i <= last; i++) {
    int cell = i == line ? MARK : BLANK;
    if (i >= a && i <= b) {
      cell = i == a ? LEFT : (i == b ? RIGHT : LINE);
    }
    if (i == 0 && a < 0) {
      cell = BELOW;
    } else if (i == last && b > last) {
      cell = ABOVE;
    }
    text_append(page->text, glyph[i == at ? POINT : cell]);
  }
}

bool page_is_all(const json_t *scope) {
  return strcmp(page_string(scope, "kind"), "all") == 0;
}

bool page_is_group(const json_t *scope) {
  return strcmp(page_string(scope, "kind"), "group") == 0;
}

json_t *page_overall(const json_t *root) {
  json_t *rows = json_object_get(root, "estimates"), *kept = json_array(),
         *made = json_copy((json_t *)root);
  bool failed = kept == NULL || json_object_size(made) != json_object_size(root);
  for (size_t i = 0; i < json_array_size(rows) && !failed; i++) {
    json_t *row = json_array_get(rows, i);
    failed = !page_is_group(json_object_get(row, "scope")) && json_array_append(kept, row) != 0;
  }
  if (failed || (rows != NULL && json_object_set(made, "estimates", kept) != 0)) {
    json_decref(made);
    made = NULL;
  }
  json_decref(kept);
  return made;
}

const json_t *page_estimate(const json_t *root, const char *measure, const char *role,
                            const json_t *scope) {
  const json_t *estimates = json_object_get(root, "estimates");
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

/* Case 5. C0, DEL and C1; a blank stands for a tab or the end of a line. */
static void clean_text(struct text *out, const char *utf8, size_t length) {
  for (size_t i = 0; i < length;) {
    uint32_t code;
    size_t bytes = utf8_decode(utf8 + i, length - i, &code);
    if (bytes == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) {
      text_append(out, bytes == 1 && (code == '\t' || code == '\n') ? " " : "\xef\xbf\xbd");
    } else {
      text_append_n(out, utf8 + i, bytes);
    }
    i += bytes == 0 ? 1 : bytes;
  }
}

static json_t *cleaned_string(const json_t *value) {
  struct text out = {0};
  clean_text(&out, json_string_value(value), json_string_length(value));
  json_t *made = out.failed ? NULL : json_string(out.data == NULL ? "" : out.data);
  text_clear(&out);
  return made;
}

static json_t *cleaned_object(const json_t *value) {
  json_t *made = json_object();
  const char *key;
  json_t *item;
  json_object_foreach((json_t *)value, key, item) {
    struct text name = {0};
    clean_text(&name, key, strlen(key));
    if (name.failed ||
        json_object_set_new(made, name.data == NULL ? "" : name.data, page_cleaned(item)) != 0) {
      json_decref(made);
      made = NULL;
    }
    text_clear(&name);
    if (made == NULL) {
      break;
    }
  }
  return made;
}

static bool is_clean_text(const char *utf8, size_t length) {
  size_t i = 0;
  while (i < length && utf8[i] >= 0x20 && utf8[i] < 0x7f) {
    i++;
  }
  struct text out = {0};
  clean_text(&out, utf8 + i, length - i);
  const bool is_clean = out.length == length - i &&
                        memcmp(out.data == NULL ? "" : out.data, utf8 + i, out.length) == 0;
  text_clear(&out);
  return is_clean;
}

static bool is_clean(const json_t *value) {
  bool is = true;
  if (json_is_string(value)) {
    is = is_clean_text(json_string_value(value), json_string_length(value));
  } else if (json_is_object(value)) {
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)value, key, item) {
      is = is && is_clean_text(key, strlen(key)) && is_clean(item);
    }
  } else {
    for (size_t i = 0; i < json_array_size(value) && is; i++) {
      is = is_clean(json_array_get(value, i));
    }
  }
  return is;
}

json_t *page_cleaned(const json_t *value) {
  json_t *made = NULL;
  if (is_clean(value)) {
    made = json_incref((json_t *)value);
  } else if (json_is_string(value)) {
    made = cleaned_string(value);
  } else if (json_is_object(value)) {
    made = cleaned_object(value);
  } else {
    made = json_array();
    for (size_t i = 0; i < json_array_size(value) && made != NULL; i++) {
      if (json_array_append_new(made, page_cleaned(json_array_get(value, i))) != 0) {
        json_decref(made);
        made = NULL;
      }
    }
  }
  return made;
}

void page_to_ascii(struct text *text, size_t from) {
  static const char *const twins[][2] = {
      {"·", "|"},  {"…", "~"},  {"–", "-"},  {"—", "-"}, {"−", "-"}, {"★", "*"},  {"≤", "<="},
      {"≥", ">="}, {"±", "+-"}, {"→", "->"}, {"×", "x"}, {"’", "'"}, {"“", "\""}, {"”", "\""}};
  struct text out = {0};
  for (size_t i = from; i < text->length && !text->failed;) {
    uint32_t code;
    size_t bytes = utf8_decode(text->data + i, text->length - i, &code), t = 0;
    char one[8] = "";
    bytes = bytes == 0 ? 1 : bytes;
    memcpy(one, text->data + i, bytes);
    while (t < sizeof twins / sizeof twins[0] && strcmp(twins[t][0], one) != 0) {
      t++;
    }
    if ((unsigned char)one[0] < 0x80) {
      text_append_n(&out, one, 1);
    } else if (t < sizeof twins / sizeof twins[0]) {
      text_append(&out, twins[t][1]);
    } else {
      text_repeat(&out, "?", text_columns(one));
    }
    i += bytes;
  }
  if (text->length > from) {
    text->length = from;
    text_append_n(text, out.data == NULL ? "" : out.data, out.length);
    text->failed = text->failed || out.failed;
  }
  text_clear(&out);
}
