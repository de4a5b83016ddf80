/* Growing UTF-8 text, and names that are near a mistyped one. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

/* Starts zeroed: `struct text t = {0};`. After an allocation failure `failed` is set and appends do
 * nothing: check once, at the end. */
struct text {
  char *data; /* terminated; NULL while nothing was appended */
  size_t length;
  size_t capacity;
  bool failed;
};

void text_append(struct text *text, const char *piece);
void text_append_n(struct text *text, const char *piece, size_t length);
/* Formats with a dot in numbers, whatever locale the host set. */
void text_printf(struct text *text, const char *format, ...) NONET_PRINTF(2, 3);
void text_vprintf(struct text *text, const char *format, va_list arguments);
void text_repeat(struct text *text, const char *piece, size_t times);
/* Appends a double with the fewest digits that read back as the same double: the first that does of
   %.15g, %.16g, %.17g (of %.1g and up for subnormals). "0.1", "1e-300", "3", "null" when not
   finite; always a dot, whatever locale the host set. */
void text_number(struct text *text, double value);
/* The same digits of a finite double, without any memory; their number. */
#define TEXT_NUMBER_BYTES 40
size_t text_digits(double value, char buffer[TEXT_NUMBER_BYTES]);
/* Appends a whole number with thousands separators: 48,842. */
void text_grouped(struct text *text, unsigned long long value);
void text_clear(struct text *text);
/* Hands the string to the caller (memory_free); NULL when an append failed. An empty text gives "".
 */
char *text_take(struct text *text) NONET_NODISCARD;

/* Columns a terminal shows for a UTF-8 string: East Asian wide characters take two, combining and
   control characters none, a byte that is not UTF-8 one. */
size_t text_columns(const char *utf8);
bool text_is_utf8(const char *bytes, size_t length);

/* Up to n_most names near to `wanted` (case ignored; best first; Damerau-Levenshtein up to a third
   of its length, at least 1 when it has two letters or more). Returns how many, at most 16; `near`
   gets their indices. Ties keep their order. Names over 128 code points are near to nothing. */
size_t text_nearest(const char *wanted, const char *const *names, size_t n_names, size_t n_most,
                    size_t *near);
/* " (did you mean 'score' or 'scores'?)" for an error message, or "" when nothing is near. */
void text_suggestion(struct text *text, const char *wanted, const char *const *names,
                     size_t n_names);

#endif
