/*
 * Values and their names.
 *
 * Cases: 1. −0.0 is 0. 2. Integral doubles below 2^53 are integers. 3. Texts that read as numbers
 * are only numbers where the file has no types; that is decided by valueset.c, not here. 4. Keys:
 * integers go through the finaliser of SplitMix64 (Steele, Lea, Flood 2014), a bijection, so that
 * different integers never collide; everything else through XXH3 of its name. 5. A float32 has the
 * name of its shortest digits: 0.1f is "0.1".
 */
#include "table/value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/hash.h"
#include "base/text.h"

#define KEY_SEED 0x6e6f6e65742d6964ULL

struct value value_bool(bool value) {
  return (struct value){.kind = VALUE_BOOL, .number = value};
}

struct value value_int(int64_t value) {
  return (struct value){.kind = VALUE_INT, .number = value};
}

struct value value_double(double value) {
  if (value > -9007199254740992.0 && value < 9007199254740992.0 && value == (double)(int64_t)value)
    return (struct value){.kind = VALUE_INT, .is_float_column = true, .number = (int64_t)value};
  return (struct value){.kind = VALUE_FLOAT, .is_float_column = true, .real = value};
}

/* The decimal of fewest places that reads back as the float, as a double. m and 10^k are exact, so
 * their quotient is what reading the text would give (Clinger 1990); where m is nearly a tie, or
 * more places are needed, false. */
static bool shortest_of_few(float value, double *shortest) {
  static const double ten[] = {1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
                               1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};
  for (size_t k = 1; k < sizeof ten / sizeof *ten; k++) {
    const double scaled = (double)value * ten[k], m = rint(scaled), back = m / ten[k];
    if ((float)back == value) {
      *shortest = back;
      return fabs(m) < 1e15 && fabs(scaled - m) < 0.499;
    }
  }
  return false;
}

struct value value_float(float value) {
  if (!isfinite(value) || (fabsf(value) < 9.0e15f && value == (float)(int64_t)value))
    return value_double((double)value);
  double few;
  if (shortest_of_few(value, &few))
    return value_double(few);
  char digits[32];
  float back = 0;
  void *locale = c_locale_enter();
  for (int precision = 1; precision <= 9; precision++) {
    snprintf(digits, sizeof digits, "%.*g", precision, (double)value);
    back = strtof(digits, NULL);
    if (back == value)
      break;
  }
  double shortest = strtod(digits, NULL);
  c_locale_leave(locale);
  return value_double(shortest);
}

struct value value_text(const char *text, size_t length) {
  return (struct value){.kind = VALUE_TEXT, .text = text, .length = length};
}

_Static_assert(VALUE_NAME_BYTES >= TEXT_NUMBER_BYTES, "a number is a name");

/* Digits of a double that is not integral: shortest text that reads back. */
static size_t real_name(double value, char buffer[VALUE_NAME_BYTES]) {
  if (isnan(value))
    return (size_t)snprintf(buffer, VALUE_NAME_BYTES, "NaN");
  if (isinf(value))
    return (size_t)snprintf(buffer, VALUE_NAME_BYTES, value < 0 ? "-Infinity" : "Infinity");
  return text_digits(value, buffer);
}

void value_name(const struct value *value, char buffer[VALUE_NAME_BYTES], const char **name,
                size_t *length) {
  *name = buffer;
  switch (value->kind) {
  case VALUE_TEXT:
    *name = value->text;
    *length = value->length;
    return;
  case VALUE_BOOL:
    *length = (size_t)snprintf(buffer, VALUE_NAME_BYTES, "%s", value->number ? "true" : "false");
    return;
  case VALUE_INT:
    *length = (size_t)snprintf(buffer, VALUE_NAME_BYTES, "%lld", (long long)value->number);
    return;
  case VALUE_FLOAT:
    *length = real_name(value->real, buffer);
    return;
  case VALUE_NULL:
    break;
  }
  *length = (size_t)snprintf(buffer, VALUE_NAME_BYTES, "null");
}

uint64_t value_key_int(int64_t value) {
  uint64_t z = (uint64_t)value + 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

uint64_t value_key(const struct value *value) {
  int64_t number;
  if (value->kind == VALUE_INT)
    return value_key_int(value->number);
  if (value->kind == VALUE_TEXT && value_parse_int(value->text, value->length, &number))
    return value_key_int(number);
  char buffer[VALUE_NAME_BYTES];
  const char *name;
  size_t length;
  value_name(value, buffer, &name, &length);
  return hash_64(name, length, KEY_SEED);
}

bool value_parse_int(const char *text, size_t length, int64_t *value) {
  size_t i = length > 0 && text[0] == '-' ? 1 : 0;
  if (length == i || length > 20 || (text[i] == '0' && length > 1))
    return false;
  uint64_t magnitude = 0;
  for (size_t k = i; k < length; k++) {
    unsigned digit = (unsigned)(unsigned char)text[k] - '0';
    if (digit > 9 || magnitude > (UINT64_MAX - digit) / 10)
      return false;
    magnitude = magnitude * 10 + digit;
  }
  if (magnitude > (uint64_t)INT64_MAX + i)
    return false;
  *value = i ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
  return true;
}

bool value_parse_number(const char *text, size_t length, double *value) {
  char copy[64];
  if (length == 0 || length >= sizeof copy)
    return false;
  for (size_t i = 0; i < length; i++)
    if (!strchr("0123456789+-.eE", text[i]) || text[i] == '\0')
      return false;
  memcpy(copy, text, length);
  copy[length] = '\0';
  char *end;
  void *locale = c_locale_enter();
  *value = strtod(copy, &end);
  c_locale_leave(locale);
  return end == copy + length && isfinite(*value);
}

bool value_parse_bool(const char *text, size_t length, bool *value) {
  static const char *const words[2] = {"false", "true"};
  for (int w = 0; w < 2; w++) {
    if (length != strlen(words[w]))
      continue;
    size_t i = 0;
    while (i < length && (text[i] | 0x20) == words[w][i])
      i++;
    if (i == length) {
      *value = w == 1;
      return true;
    }
  }
  return false;
}

static int compare_numbers(const void *a, const void *b) {
  const char *x = *(char *const *)a, *y = *(char *const *)b;
  int64_t i, j;
  if (value_parse_int(x, strlen(x), &i) && value_parse_int(y, strlen(y), &j))
    return i < j ? -1 : i > j;
  double u = 0, v = 0;
  bool has_u = value_parse_number(x, strlen(x), &u), has_v = value_parse_number(y, strlen(y), &v);
  if (has_u != has_v) /* NaN and infinities of float columns stand behind the numbers */
    return has_u ? -1 : 1;
  if (!has_u)
    return strcmp(x, y);
  return u < v ? -1 : u > v;
}

static int compare_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

void value_names_sort(char **names, size_t n, bool as_numbers) {
  if (n > 1)
    qsort(names, n, sizeof *names, as_numbers ? compare_numbers : compare_bytes);
}
