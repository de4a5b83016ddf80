/*
 * Numbers as people type them behind an option: strictly, as a whole, with a dot whatever the
 * locale (this program sets none).
 *
 * Cases: 1. Only digits, sign, dot and exponent: strtod's "inf", "nan" and hexadecimal are refused.
 * 2. A sign before a whole number is refused, since strtoull would wrap it round. 3. Bytes take K,
 * M, G or T (powers of 1,024; "B" or "iB" may follow) and a fraction: 1.5G. 4. Times are seconds
 * unless ms, s, min or h follows.
 */
#include "options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool number_real(const char *text, double *value) {
  char *end = NULL;
  if (text[0] == '\0' || strspn(text, "0123456789+-.eE") != strlen(text)) { /* 1 */
    return false;
  }
  errno = 0;
  *value = strtod(text, &end);
  return *end == '\0' && errno == 0;
}

bool number_whole(const char *text, uint64_t most, uint64_t *value) {
  if (text[0] == '\0' || strspn(text, "0123456789") != strlen(text)) { /* 2 */
    return false;
  }
  errno = 0;
  unsigned long long number = strtoull(text, NULL, 10);
  *value = number;
  return errno == 0 && number <= most;
}

bool number_bytes(const char *text, uint64_t *value) {
  static const char suffixes[] = "KMGT";
  char digits[32];
  double number;
  size_t length = strspn(text, "0123456789.");
  const char *suffix = text + length;
  if (length == 0 || length >= sizeof digits) {
    return false;
  }
  memcpy(digits, text, length);
  digits[length] = '\0';
  if (!number_real(digits, &number)) {
    return false;
  }
  double unit = 1.0;
  const char *found = *suffix != '\0' ? strchr(suffixes, toupper((unsigned char)*suffix)) : NULL;
  if (found != NULL) { /* 3 */
    for (const char *step = suffixes; step <= found; step++) {
      unit *= 1024.0;
    }
    suffix++;
    suffix += strcmp(suffix, "iB") == 0 ? 2 : 0;
  }
  suffix += strcmp(suffix, "B") == 0;
  number *= unit;
  if (*suffix != '\0' || !(number >= 1.0) || number >= 0x1p63) {
    return false;
  }
  *value = (uint64_t)number;
  return true;
}

bool number_seconds(const char *text, double *value) {
  static const struct {
    const char *name;
    double seconds;
  } units[] = {{"", 1.0}, {"s", 1.0}, {"ms", 1e-3}, {"min", 60.0}, {"m", 60.0}, {"h", 3600.0}};
  char digits[32];
  size_t length = strspn(text, "0123456789.");
  if (length == 0 || length >= sizeof digits) {
    return false;
  }
  memcpy(digits, text, length);
  digits[length] = '\0';
  if (!number_real(digits, value) || !(*value > 0.0)) {
    return false;
  }
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) { /* 4 */
    if (strcmp(text + length, units[i].name) == 0) {
      *value *= units[i].seconds;
      return true;
    }
  }
  return false;
}
