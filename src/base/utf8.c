/*
 * Strict UTF-8 (RFC 3629, Unicode 15 table 3-7). The second byte carries the exceptions:
 *
 *   lead      second    why
 *   C2..DF    80..BF    C0 and C1 would be overlong
 *   E0        A0..BF    less would be overlong
 *   E1..EF    80..BF    but ED: 80..9F, more would be a surrogate
 *   F0        90..BF    less would be overlong
 *   F1..F3    80..BF
 *   F4        80..8F    more would be above U+10FFFF
 */
#include "base/utf8.h"

struct utf8_shape {
  size_t size;             /* 0: no character begins so */
  unsigned char low, high; /* what the second byte may be */
};

static struct utf8_shape utf8_shape(unsigned char lead) {
  if (lead < 0x80) {
    return (struct utf8_shape){1, 0, 0};
  }
  if (lead < 0xC2 || lead > 0xF4) {
    return (struct utf8_shape){0, 0, 0};
  }
  if (lead < 0xE0) {
    return (struct utf8_shape){2, 0x80, 0xBF};
  }
  if (lead < 0xF0) {
    return (struct utf8_shape){3, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF};
  }
  return (struct utf8_shape){4, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF};
}

/* How many of the character's bytes, of those that are there, are right. */
static size_t utf8_right(const unsigned char *bytes, size_t length, struct utf8_shape shape) {
  size_t n_right = 1;
  while (n_right < shape.size && n_right < length) {
    unsigned char low = n_right == 1 ? shape.low : 0x80;
    unsigned char high = n_right == 1 ? shape.high : 0xBF;
    if (bytes[n_right] < low || bytes[n_right] > high) {
      break;
    }
    n_right++;
  }
  return n_right;
}

size_t utf8_decode(const char *text, size_t length, uint32_t *code) {
  if (length == 0) {
    return 0;
  }
  const unsigned char *bytes = (const unsigned char *)text;
  struct utf8_shape shape = utf8_shape(bytes[0]);
  if (shape.size == 0 || utf8_right(bytes, length, shape) < shape.size) {
    return 0;
  }
  static const unsigned char lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  uint32_t value = bytes[0] & lead_bits[shape.size];
  for (size_t i = 1; i < shape.size; i++) {
    value = value << 6 | (bytes[i] & 0x3Fu);
  }
  *code = value;
  return shape.size;
}

bool utf8_is_cut(const char *text, size_t length) {
  if (length == 0) {
    return false;
  }
  const unsigned char *bytes = (const unsigned char *)text;
  struct utf8_shape shape = utf8_shape(bytes[0]);
  return shape.size > length && utf8_right(bytes, length, shape) == length;
}

uint32_t utf8_fold(uint32_t code) {
  if ((code >= 'A' && code <= 'Z') || (code >= 0xC0 && code <= 0xDE && code != 0xD7) ||
      (code >= 0x391 && code <= 0x3A9 && code != 0x3A2) || (code >= 0x410 && code <= 0x42F)) {
    return code + 32;
  }
  if (code >= 0x400 && code <= 0x40F) {
    return code + 80;
  }
  /* Latin Extended-A: pairs, capital first; even capitals but for two stretches. 130, 131, 138 and
   * 149 are no pairs. */
  bool odd_capital = (code >= 0x139 && code <= 0x148) || (code >= 0x179 && code <= 0x17E);
  bool even_capital = (code >= 0x100 && code <= 0x137 && code != 0x130 && code != 0x131) ||
                      (code >= 0x14A && code <= 0x177);
  if ((odd_capital && code % 2 == 1) || (even_capital && code % 2 == 0)) {
    return code + 1;
  }
  return code == 0x178 ? 0xFF : code;
}
