/*
 * A small reader of Universal Binary JSON (ubjson.org, draft 12) into a jansson tree.
 *
 * Values: Z T F, i U I l L, d D, S, [ ] with and without a type and a count, { } with and without a
 * count. What XGBoost never writes (high-precision numbers, characters, objects of one type) is
 * refused.
 *
 * Cases:
 *  1. A count promises no more elements than bytes are left: every element takes one at least, also
 * in arrays of one type, where types of no width are refused.
 *  2. Deeper than UBJ_DEPTH: refused.
 *  3. Keys and texts must be UTF-8 without NUL, as everywhere in jansson.
 *  4. Numbers that are not finite become null: JSON has none.
 */
#include "artifact/ubj.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"

struct reader {
  const uint8_t *start, *at, *end;
  nonet_error *error;
};

static nonet_status damaged(const struct reader *reader, const char *what) {
  return error_set(reader->error, NONET_E_DATA,
                   "no whole UBJSON: %s at byte %zu; was the file cut, or is it something else?",
                   what, (size_t)(reader->at - reader->start));
}

static int width_of(char type) {
  switch (type) {
  case 'i':
  case 'U':
    return 1;
  case 'I':
    return 2;
  case 'l':
  case 'd':
    return 4;
  case 'L':
  case 'D':
    return 8;
  default:
    return 0;
  }
}

/* Big-endian bits of a value of `width` bytes, which are there. */
static uint64_t take_bits(struct reader *reader, int width) {
  uint64_t bits = 0;
  for (int i = 0; i < width; i++) {
    bits = bits << 8 | *reader->at++;
  }
  return bits;
}

static json_t *take_number(struct reader *reader, char type) {
  uint64_t bits = take_bits(reader, width_of(type));
  uint32_t low = (uint32_t)bits;
  double wide;
  float narrow;
  memcpy(&wide, &bits, sizeof wide);
  memcpy(&narrow, &low, sizeof narrow);
  switch (type) {
  case 'i':
    return json_integer((int8_t)bits);
  case 'U':
    return json_integer((uint8_t)bits);
  case 'I':
    return json_integer((int16_t)bits);
  case 'l':
    return json_integer((int32_t)bits);
  case 'L':
    return json_integer((int64_t)bits);
  case 'd':
    return isfinite(narrow) ? json_real((double)narrow) : json_null(); /* 4 */
  default:
    return isfinite(wide) ? json_real(wide) : json_null();
  }
}

static size_t left(const struct reader *reader) {
  return (size_t)(reader->end - reader->at);
}

static bool take_char(struct reader *reader, char wanted) {
  bool is_there = left(reader) > 0 && (char)*reader->at == wanted;
  reader->at += is_there;
  return is_there;
}

/* A length: an integer with its type; case 1. */
static nonet_status take_count(struct reader *reader, size_t *n) {
  char type = left(reader) > 0 ? (char)*reader->at++ : '\0';
  int width = width_of(type);
  if (width == 0 || type == 'd' || type == 'D' || left(reader) < (size_t)width) {
    return damaged(reader, "no length where one belongs");
  }
  json_t *number = take_number(reader, type);
  json_int_t value = json_integer_value(number);
  json_decref(number);
  if (value < 0 || (uint64_t)value > left(reader)) {
    return damaged(reader, "a length that is longer than the file");
  }
  *n = (size_t)value;
  return NONET_OK;
}

static nonet_status take_value(struct reader *reader, char type, int depth, json_t **value);

static nonet_status take_next(struct reader *reader, int depth, json_t **value) {
  if (left(reader) == 0) {
    return damaged(reader, "the end where a value belongs");
  }
  char type = (char)*reader->at++;
  return take_value(reader, type, depth, value);
}

static nonet_status take_array(struct reader *reader, int depth, json_t *array) {
  char type = '\0';
  size_t n = SIZE_MAX;
  nonet_status status = NONET_OK;
  if (take_char(reader, '$')) {
    type = left(reader) > 0 ? (char)*reader->at++ : '\0';
    if (width_of(type) == 0) { /* 1 */
      return damaged(reader, "an array of a type that has no width");
    }
  }
  bool has_count = take_char(reader, '#');
  if (has_count) {
    status = take_count(reader, &n);
  } else if (type != '\0') {
    return damaged(reader, "an array of one type without its length");
  }
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    json_t *item = NULL;
    if (!has_count && take_char(reader, ']')) {
      break;
    }
    status =
        type != '\0' ? take_value(reader, type, depth, &item) : take_next(reader, depth, &item);
    if (status == NONET_OK && json_array_append_new(array, item) != 0) {
      status = error_memory(reader->error, 1, "a booster");
    }
  }
  return status;
}

static nonet_status take_object(struct reader *reader, int depth, json_t *object) {
  size_t n = SIZE_MAX, length;
  bool has_count = take_char(reader, '#');
  nonet_status status = has_count ? take_count(reader, &n) : NONET_OK;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    json_t *item = NULL;
    if (!has_count && take_char(reader, '}')) {
      break;
    }
    status = take_count(reader, &length);
    if (status != NONET_OK) {
      break;
    }
    const char *key = (const char *)reader->at;
    if (memchr(key, 0, length) != NULL) { /* 3 */
      return damaged(reader, "a key with a NUL in it");
    }
    reader->at += length;
    status = take_next(reader, depth, &item);
    if (status == NONET_OK && json_object_setn_new(object, key, length, item) != 0) {
      status = damaged(reader, "a key that is no UTF-8 text");
    }
  }
  return status;
}

static nonet_status take_text(struct reader *reader, json_t **value) {
  size_t length;
  nonet_status status = take_count(reader, &length);
  if (status == NONET_OK) {
    *value = json_stringn((const char *)reader->at, length); /* 3 */
    status = *value == NULL ? damaged(reader, "a text that is no UTF-8") : NONET_OK;
    reader->at += length;
  }
  return status;
}

static nonet_status take_value(struct reader *reader, char type, int depth, json_t **value) {
  nonet_status status = NONET_OK;
  if (depth > UBJ_DEPTH) { /* 2 */
    return damaged(reader, "more than 64 values in one another");
  }
  if (type == '[' || type == '{') {
    *value = type == '[' ? json_array() : json_object();
    status = *value == NULL ? error_memory(reader->error, 1, "a booster")
             : type == '['  ? take_array(reader, depth + 1, *value)
                            : take_object(reader, depth + 1, *value);
  } else if (type == 'S') {
    status = take_text(reader, value);
  } else if (type == 'Z' || type == 'T' || type == 'F') {
    *value = type == 'Z' ? json_null() : json_boolean(type == 'T');
  } else if (width_of(type) > 0 && left(reader) >= (size_t)width_of(type)) {
    *value = take_number(reader, type);
  } else {
    status = damaged(reader, "no value of a known type");
  }
  if (status != NONET_OK) {
    json_decref(*value);
    *value = NULL;
  }
  return status;
}

nonet_status ubj_parse(const void *data, size_t size_bytes, json_t **value, nonet_error *error) {
  struct reader reader = {data, data, (const uint8_t *)data + size_bytes, error};
  *value = NULL;
  return take_next(&reader, 0, value);
}
