/*
 * The column of --time. Rows are halved at its median: numbers by their size, all else by the
 * letters of its text, which for dates and clock times is the order of time.
 *
 * Cases:
 *  1. Texts keep the order of time when they begin with a year of four digits or a clock time, and
 *     digits stand in the same places of all (the first SHAPE_BYTES, a date): 2024-3-9 and
 *     2024-3-10 do not. A shorter text may end where another goes on, but not within a number.
 *  2. Lists and structs have no order here. 3. No values at all: nothing to refuse.
 */
#include "run/time_column.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

#define SHAPE_BYTES 10
#define EXPECTED "expected numbers, dates, or texts such as 2024-03-09 12:00"

const char **time_column_features(char *const *features, size_t n_features, const char *time,
                                  size_t *n) {
  const char **all = memory_new(n_features + 1, sizeof *all);
  bool has_time = time == NULL;
  *n = n_features;
  for (size_t i = 0; i < n_features && all != NULL; i++) {
    all[i] = features[i];
    has_time = has_time || strcmp(features[i], time) == 0;
  }
  if (!has_time && all != NULL) {
    all[(*n)++] = time;
  }
  return all;
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool begins_as_time(const char *text) {
  const size_t n_digits = strspn(text, "0123456789");
  return n_digits >= 4 || (n_digits == 2 && text[2] == ':');
}

/* Case 1. */
static bool has_shape_of(const char *text, const char *other) {
  size_t i = 0;
  while (i < SHAPE_BYTES && text[i] != '\0' && other[i] != '\0') {
    if (is_digit(text[i]) != is_digit(other[i]) || (!is_digit(text[i]) && text[i] != other[i])) {
      return false;
    }
    i++;
  }
  return i == SHAPE_BYTES || (!is_digit(text[i]) && !is_digit(other[i]));
}

static nonet_status check_texts(const struct frame_column *column, nonet_error *error) {
  for (size_t v = 0; v < column->n_values; v++) {
    if (!begins_as_time(column->values[v]) || !has_shape_of(column->values[v], column->values[0])) {
      return error_set(error, NONET_E_DATA,
                       "--time: " EXPECTED ", found '%s'%s%s%s in column '%s', whose letters do "
                       "not sort as time passes; make them dates first, as in --query \"select * "
                       "replace (strptime(%s, '%%d.%%m.%%Y') as %s) from 'FILE'\"",
                       column->values[v], v > 0 ? " beside '" : "", v > 0 ? column->values[0] : "",
                       v > 0 ? "'" : "", column->name, column->name, column->name);
    }
  }
  return NONET_OK;
}

nonet_status time_column_check(const struct frame *frame, const char *name, nonet_error *error) {
  for (size_t i = 0; i < frame->n_left_out; i++) {
    if (strcmp(frame->left_out[i].name, name) == 0) { /* 2 */
      return error_set(error, NONET_E_DATA, "--time: " EXPECTED ", found type %s in column '%s'",
                       frame->left_out[i].type, name);
    }
  }
  const struct frame_column *column = frame_find(frame, name);
  return column != NULL && column->kind == FRAME_CATEGORY ? check_texts(column, error) : NONET_OK;
}
