/* JSON text out of a jansson tree, with numbers that read back as the same double and nothing that
 * is not JSON. */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <jansson.h>

#include "base/text.h"

enum json_text_style {
  JSON_TEXT_COMPACT,   /* no white space, keys in insertion order */
  JSON_TEXT_CANONICAL, /* no white space, keys sorted bytewise: what digests are taken of */
  JSON_TEXT_INDENTED   /* two spaces; arrays of numbers stay on one line */
};

/* Reals always carry a dot or an exponent, so that they read back as reals; integers stay integers.
   Sets text->failed when memory is short or the tree is deeper than 2,048. */
void json_text_write(struct text *text, const json_t *value, enum json_text_style style);
/* A JSON real, or null when the value is not finite. */
json_t *json_text_real(double value);
/* Parses any one JSON value (no duplicate keys, no NUL in strings); free it with json_decref.
 * NONET_E_DATA names line, column and what was expected. `source` is the name used in the message.
 */
nonet_status json_text_parse(const char *data, size_t size_bytes, const char *source,
                             json_t **value, nonet_error *error) NONET_NODISCARD;

#endif
