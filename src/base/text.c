/*
 * Growing UTF-8 text, and names near a mistyped one.
 *
 *  1. After an allocation failure `failed` is set and stays; every later append does nothing.
 *  2. Numbers: the first of %.15g, %.16g, %.17g that strtod reads back as the same double. A
 * decimal of up to 15 digits survives the way to a double and back, so whatever has a short name
 * gets it; 17 digits always do. Subnormals have fewer bits and may need fewer digits than 15, so
 * they start at %.1g (5e-324).
 *  3. Formatting happens in the "C" locale of this thread alone (base/c_locale.h).
 *  4. Damerau-Levenshtein, unrestricted (Lowrance and Wagner 1975): the fewest insertions,
 * deletions, replacements and swaps of neighbours, also with letters in between. For the last row
 * i' < i where b_j stood in a, and the last column j' < j where b matched a_i: d(i,j) = min(
 * d(i-1,j-1) + [a_i != b_j], d(i-1,j) + 1, d(i,j-1) + 1, d(i'-1,j'-1) + (i-i'-1) + 1 + (j-j'-1) )
 */
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/memory.h"
#include "base/utf8.h"

#define TEXT_NAME_CODES 128
#define TEXT_NEAR_MOST 16
#define TEXT_SUGGESTIONS 3

/* Room for `length` more bytes and the terminator. */
static bool text_reserve(struct text *text, size_t length) {
  if (text->failed) {
    return false;
  }
  void *data = text->data;
  if (length >= SIZE_MAX - text->length ||
      !memory_grow(&data, &text->capacity, text->length + length + 1, 1)) {
    text->failed = true; /* 1 */
    return false;
  }
  text->data = data;
  return true;
}

void text_append_n(struct text *text, const char *piece, size_t length) {
  if (!text_reserve(text, length)) {
    return;
  }
  if (length > 0) {
    memcpy(text->data + text->length, piece, length);
  }
  text->length += length;
  text->data[text->length] = '\0';
}

void text_append(struct text *text, const char *piece) {
  text_append_n(text, piece, strlen(piece));
}

void text_vprintf(struct text *text, const char *format, va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  void *previous = c_locale_enter(); /* 3 */
  int length = vsnprintf(NULL, 0, format, arguments);
  if (length < 0) {
    text->failed = true;
  } else if (text_reserve(text, (size_t)length)) {
    (void)vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
    text->length += (size_t)length;
  }
  c_locale_leave(previous);
  va_end(again);
}

void text_printf(struct text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  text_vprintf(text, format, arguments);
  va_end(arguments);
}

void text_repeat(struct text *text, const char *piece, size_t times) {
  size_t length = strlen(piece);
  if (length != 0 && times > (SIZE_MAX - 1) / length) {
    text->failed = true;
    return;
  }
  if (length * times == 0 || !text_reserve(text, length * times)) {
    return;
  }
  for (size_t i = 0; i < times; i++) {
    text_append_n(text, piece, length);
  }
}

size_t text_digits(double value, char buffer[TEXT_NUMBER_BYTES]) {
  int length;
  void *previous = c_locale_enter(); /* 3 */
  int n_digits = value != 0 && fabs(value) < DBL_MIN ? 1 : 15;
  do { /* 2 */
    length = snprintf(buffer, TEXT_NUMBER_BYTES, "%.*g", n_digits, value);
  } while (n_digits++ < 17 && strtod(buffer, NULL) != value);
  c_locale_leave(previous);
  return (size_t)length;
}

void text_number(struct text *text, double value) {
  char buffer[TEXT_NUMBER_BYTES];
  if (!isfinite(value)) {
    text_append(text, "null");
    return;
  }
  text_append_n(text, buffer, text_digits(value, buffer));
}

void text_grouped(struct text *text, unsigned long long value) {
  char digits[TEXT_NUMBER_BYTES];
  int length = snprintf(digits, sizeof digits, "%llu", value);
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0) {
      text_append(text, ",");
    }
    text_append_n(text, digits + i, 1);
  }
}

void text_clear(struct text *text) {
  memory_free(text->data);
  *text = (struct text){0};
}

char *text_take(struct text *text) {
  text_append_n(text, "", 0); /* an empty text gets its terminator */
  char *data = NULL;
  if (!text->failed) {
    data = text->data;
    text->data = NULL;
  }
  text_clear(text);
  return data;
}

bool text_is_utf8(const char *bytes, size_t length) {
  uint32_t code;
  for (size_t at = 0, used; at < length; at += used) {
    used = utf8_decode(bytes + at, length - at, &code);
    if (used == 0) {
      return false;
    }
  }
  return true;
}

/* A name as folded code points. */
struct text_name {
  size_t n_codes; /* TEXT_NAME_CODES + 1: longer than that */
  uint32_t code[TEXT_NAME_CODES];
};

static void text_name_init(struct text_name *name, const char *utf8) {
  size_t length = strlen(utf8);
  name->n_codes = 0;
  for (size_t at = 0; at < length;) {
    uint32_t code;
    size_t used = utf8_decode(utf8 + at, length - at, &code);
    if (used == 0) {
      code = (unsigned char)utf8[at] + 0x110000u; /* a stray byte is like no character */
      used = 1;
    }
    at += used;
    if (name->n_codes == TEXT_NAME_CODES) {
      name->n_codes++;
      return;
    }
    name->code[name->n_codes++] = utf8_fold(code);
  }
}

static size_t text_least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* (4). Row and column 0 of d stand for i, j = -1 and hold a value no sum reaches. */
static size_t text_distance(const struct text_name *a, const struct text_name *b) {
  static const unsigned far = 4 * TEXT_NAME_CODES;
  uint16_t d[TEXT_NAME_CODES + 2][TEXT_NAME_CODES + 2];
  for (size_t i = 0; i <= a->n_codes; i++) {
    d[i + 1][0] = (uint16_t)far;
    d[i + 1][1] = (uint16_t)i;
  }
  for (size_t j = 0; j <= b->n_codes; j++) {
    d[0][j + 1] = (uint16_t)far;
    d[1][j + 1] = (uint16_t)j;
  }
  d[0][0] = (uint16_t)far;
  size_t last_row[TEXT_NAME_CODES] = {0}; /* for each j: the last i' < i with a_i' = b_j */
  for (size_t i = 1; i <= a->n_codes; i++) {
    size_t last_column = 0; /* the last j' < j with b_j' = a_i */
    for (size_t j = 1; j <= b->n_codes; j++) {
      bool same = a->code[i - 1] == b->code[j - 1];
      size_t row = last_row[j - 1], column = last_column;
      size_t best = d[i][j] + (same ? 0u : 1u);
      best = text_least(best, text_least(d[i][j + 1], d[i + 1][j]) + 1u);
      best = text_least(best, d[row][column] + (i - row - 1) + 1 + (j - column - 1));
      d[i + 1][j + 1] = (uint16_t)best;
      last_column = same ? j : last_column;
    }
    for (size_t j = 0; j < b->n_codes; j++) {
      last_row[j] = b->code[j] == a->code[i - 1] ? i : last_row[j];
    }
  }
  return d[a->n_codes + 1][b->n_codes + 1];
}

/* The distance of `name`, or `none` when it is beyond `limit`. */
static size_t text_name_distance(const struct text_name *wanted, const char *name, size_t limit,
                                 size_t none) {
  struct text_name other;
  text_name_init(&other, name);
  size_t longer = wanted->n_codes > other.n_codes ? wanted->n_codes : other.n_codes;
  size_t shorter = text_least(wanted->n_codes, other.n_codes);
  if (longer > TEXT_NAME_CODES || longer - shorter > limit) {
    return none;
  }
  size_t distance = text_distance(wanted, &other);
  return distance <= limit ? distance : none;
}

size_t text_nearest(const char *wanted, const char *const *names, size_t n_names, size_t n_most,
                    size_t *near) {
  struct text_name name;
  text_name_init(&name, wanted);
  size_t limit = name.n_codes / 3;
  limit = limit == 0 && name.n_codes >= 2 ? 1 : limit;
  n_most = text_least(n_most, TEXT_NEAR_MOST);
  size_t distances[TEXT_NEAR_MOST];
  size_t n_near = 0;
  for (size_t i = 0; i < n_names && n_most > 0; i++) {
    size_t distance = text_name_distance(&name, names[i], limit, SIZE_MAX);
    if (distance == SIZE_MAX || (n_near == n_most && distance >= distances[n_near - 1])) {
      continue;
    }
    size_t place = n_near < n_most ? n_near++ : n_near - 1;
    for (; place > 0 && distances[place - 1] > distance; place--) {
      distances[place] = distances[place - 1];
      near[place] = near[place - 1];
    }
    distances[place] = distance;
    near[place] = i;
  }
  return n_near;
}

void text_suggestion(struct text *text, const char *wanted, const char *const *names,
                     size_t n_names) {
  size_t near[TEXT_SUGGESTIONS];
  size_t n_near = text_nearest(wanted, names, n_names, TEXT_SUGGESTIONS, near);
  for (size_t i = 0; i < n_near; i++) {
    const char *before = i == 0 ? " (did you mean " : i + 1 == n_near ? " or " : ", ";
    text_printf(text, "%s'%s'", before, names[near[i]]);
  }
  text_append(text, n_near > 0 ? "?)" : "");
}
