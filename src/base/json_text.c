/*
 * JSON text (RFC 8259) out of a jansson tree, and back.
 *
 *  1. Reals as text_number writes them, with ".0" where neither dot nor exponent says that they are
 * reals, so that they read back as reals and the text of a text is the same text. Not finite: null.
 *  2. Strings: quote, backslash and everything below U+0020 are escaped; all else stands as it is,
 * in UTF-8 (jansson takes no other).
 *  3. Canonical: keys sorted bytewise; no white space. Compact and indented keep the order of
 * insertion.
 *  4. Indented: an array that holds only numbers and nulls stays on one line, since points of
 * curves are read that way.
 *  5. A tree deeper than JSON_TEXT_DEPTH, or one that holds itself, fails rather than run out of
 * stack.
 *  6. Parsing happens in the "C" locale of this thread: jansson turns the dot into the locale's
 * mark and asks strtod.
 */
#include "base/json_text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/error.h"
#include "base/memory.h"

#define JSON_TEXT_DEPTH 2048

struct json_writer {
  struct text *text;
  enum json_text_style style;
};

static void json_text_value(struct json_writer *writer, const json_t *value, size_t depth);

static void json_text_string(struct text *text, const char *string, size_t length) {
  text_append_n(text, "\"", 1);
  size_t begun = 0;
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)string[i];
    if (byte >= 0x20 && byte != '"' && byte != '\\') {
      continue;
    }
    text_append_n(text, string + begun, i - begun);
    begun = i + 1;
    static const char short_codes[] = "btn?fr"; /* U+0008 … U+000D; U+000B has none */
    if (byte == '"' || byte == '\\') {
      text_printf(text, "\\%c", byte);
    } else if (byte >= 8 && byte <= 13 && byte != 11) {
      text_printf(text, "\\%c", short_codes[byte - 8]);
    } else {
      text_printf(text, "\\u%04x", byte);
    }
  }
  text_append_n(text, string + begun, length - begun);
  text_append_n(text, "\"", 1);
}

static void json_text_write_real(struct text *text, double value) {
  size_t begun = text->length;
  text_number(text, value);
  if (isfinite(value) && !text->failed && strpbrk(text->data + begun, ".e") == NULL) {
    text_append(text, ".0"); /* 1 */
  }
}

static void json_text_line(struct json_writer *writer, size_t depth) {
  if (writer->style == JSON_TEXT_INDENTED) {
    text_append_n(writer->text, "\n", 1);
    text_repeat(writer->text, "  ", depth);
  }
}

static bool json_text_is_numbers(const json_t *array) {
  for (size_t i = 0; i < json_array_size(array); i++) {
    const json_t *item = json_array_get(array, i);
    if (!json_is_number(item) && !json_is_null(item)) {
      return false;
    }
  }
  return true;
}

static void json_text_array(struct json_writer *writer, const json_t *array, size_t depth) {
  size_t n = json_array_size(array);
  bool one_line = json_text_is_numbers(array); /* 4 */
  text_append_n(writer->text, "[", 1);
  for (size_t i = 0; i < n && !writer->text->failed; i++) {
    if (i > 0) {
      text_append(writer->text, one_line && writer->style == JSON_TEXT_INDENTED ? ", " : ",");
    }
    if (!one_line) {
      json_text_line(writer, depth + 1);
    }
    json_text_value(writer, json_array_get(array, i), depth + 1);
  }
  if (!one_line) {
    json_text_line(writer, depth);
  }
  text_append_n(writer->text, "]", 1);
}

static void json_text_member(struct json_writer *writer, const char *key, const json_t *value,
                             size_t depth, bool is_first) {
  text_append(writer->text, is_first ? "" : ",");
  json_text_line(writer, depth + 1);
  json_text_string(writer->text, key, strlen(key));
  text_append(writer->text, writer->style == JSON_TEXT_INDENTED ? ": " : ":");
  json_text_value(writer, value, depth + 1);
}

static int json_text_compare(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b); /* as unsigned bytes */
}

static void json_text_sorted_members(struct json_writer *writer, json_t *object, size_t depth) {
  size_t n = json_object_size(object);
  const char **keys = memory_new(n, sizeof *keys);
  if (keys == NULL) {
    writer->text->failed = true;
    return;
  }
  size_t n_keys = 0;
  for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
    keys[n_keys++] = json_object_iter_key(at);
  }
  qsort(keys, n_keys, sizeof *keys, json_text_compare);
  for (size_t i = 0; i < n_keys && !writer->text->failed; i++) {
    json_text_member(writer, keys[i], json_object_get(object, keys[i]), depth, i == 0);
  }
  memory_free(keys);
}

static void json_text_object(struct json_writer *writer, const json_t *value, size_t depth) {
  json_t *object =
      (json_t *)(uintptr_t)value; /* jansson's iterators take no const; nothing is changed */
  text_append_n(writer->text, "{", 1);
  if (writer->style == JSON_TEXT_CANONICAL) {
    json_text_sorted_members(writer, object, depth); /* 3 */
  } else {
    bool is_first = true;
    for (void *at = json_object_iter(object); at != NULL && !writer->text->failed;
         at = json_object_iter_next(object, at)) {
      json_text_member(writer, json_object_iter_key(at), json_object_iter_value(at), depth,
                       is_first);
      is_first = false;
    }
  }
  if (json_object_size(object) > 0) {
    json_text_line(writer, depth);
  }
  text_append_n(writer->text, "}", 1);
}

static void json_text_value(struct json_writer *writer, const json_t *value, size_t depth) {
  struct text *text = writer->text;
  if (depth > JSON_TEXT_DEPTH || value == NULL) {
    text->failed = true; /* 5 */
    return;
  }
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    json_text_object(writer, value, depth);
    break;
  case JSON_ARRAY:
    json_text_array(writer, value, depth);
    break;
  case JSON_STRING:
    json_text_string(text, json_string_value(value), json_string_length(value));
    break;
  case JSON_INTEGER:
    text_printf(text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    break;
  case JSON_REAL:
    json_text_write_real(text, json_real_value(value));
    break;
  case JSON_TRUE:
    text_append(text, "true");
    break;
  case JSON_FALSE:
    text_append(text, "false");
    break;
  case JSON_NULL:
    text_append(text, "null");
    break;
  }
}

void json_text_write(struct text *text, const json_t *value, enum json_text_style style) {
  struct json_writer writer = {.text = text, .style = style};
  json_text_value(&writer, value, 0);
}

json_t *json_text_real(double value) {
  return isfinite(value) ? json_real(value) : json_null();
}

nonet_status json_text_parse(const char *data, size_t size_bytes, const char *source,
                             json_t **value, nonet_error *error) {
  json_error_t found;
  void *previous = c_locale_enter(); /* 6 */
  *value = json_loadb(data != NULL ? data : "", size_bytes,
                      JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &found);
  c_locale_leave(previous);
  if (*value != NULL) {
    return NONET_OK;
  }
  if (size_bytes == 0) {
    return error_set(error, NONET_E_DATA, "%s: empty; a JSON value was expected", source);
  }
  if (json_error_code(&found) == json_error_out_of_memory ||
      found.text[0] == '\0') { /* jansson says nothing when its memory ends */
    return error_memory(error, size_bytes, source);
  }
  return error_set(error, NONET_E_DATA, "%s: line %d, column %d: not JSON: %s", source, found.line,
                   found.column, found.text);
}
