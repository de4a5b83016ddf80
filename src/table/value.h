/*
 * A value of a label, prediction, group, cluster or id column, whatever type and file it came from.
 *
 * Values that a person reads as the same are the same: 1 of any integer width, 1.0, and the text
 * "1" in a file without types all have the name "1". So a label column of integers meets a
 * prediction column of floats, and CSV meets Parquet.
 */
#ifndef TABLE_VALUE_H
#define TABLE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

enum value_kind { VALUE_NULL, VALUE_BOOL, VALUE_INT, VALUE_FLOAT, VALUE_TEXT };

struct value {
  enum value_kind kind;
  bool is_float_column; /* an integral number of a float column: kind INT, but not evidence of an
                           integer label */
  int64_t number;       /* BOOL, INT */
  double real;          /* FLOAT: never integral below 2^53, may be NaN */
  const char *text;     /* TEXT; borrowed, not terminated */
  size_t length;
};

struct value value_bool(bool value);
struct value value_int(int64_t value);
struct value value_double(double value); /* integral values become INT with is_float_column set */
struct value value_float(float value);   /* the double with its shortest digits */
struct value value_text(const char *text, size_t length);

/* The canonical name, into `buffer` unless it is a text (then borrowed). */
#define VALUE_NAME_BYTES 40
void value_name(const struct value *value, char buffer[VALUE_NAME_BYTES], const char **name,
                size_t *length);

/* The 64-bit key of a cluster or id: a bijection of integers (texts that read as integers too), a
 * hash of the name otherwise. */
uint64_t value_key(const struct value *value);
uint64_t value_key_int(int64_t value);

/* Text that reads as an integer in its shortest form ("17", "-3"; not "017", "+3", "1.0"). */
bool value_parse_int(const char *text, size_t length, int64_t *value);
/* Text that reads as a number as a whole, locale-free; "nan" and "inf" do not count. */
bool value_parse_number(const char *text, size_t length, double *value);
/* true, false in any case. */
bool value_parse_bool(const char *text, size_t length, bool *value);

/* Numbers ascending, or bytewise; false < true follows from the bytes. */
void value_names_sort(char **names, size_t n, bool as_numbers);

#endif
