/* UTF-8 one character at a time, strictly: no overlong forms, no surrogates, nothing above U+10FFFF
 * (RFC 3629). */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `bytes`, its code point in *code; 0 when it is not UTF-8 or there is
 * nothing. */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *code);
/* Is what stands there the beginning of a character whose end is missing? */
bool utf8_is_cut(const char *bytes, size_t length);
/* Lower case by simple rules (ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic), for comparing
 * names; no locale. */
uint32_t utf8_fold(uint32_t code);

#endif
