/*
 * Numeric group columns as ranges.
 *
 *   q_j    the smallest value with at least j/4 of the rows at or below it, j = 1, 2, 3
 *   step   the largest of 1, 2, 5 times a power of ten that is at most (q_3 − q_1)/5
 *   edges  the q_j rounded to multiples of step, each once, those that part the values
 *
 * Cases:
 *  1. q_1 = q_3: no rounding. No edge is left when the quartiles are all the least value (an amount
 *     that is mostly 0): the one edge is the next larger value.
 *  2. Integers keep edges that are integers.
 *  3. The values are counted by their sortable bits; beyond VALUES_MOST different ones the lowest
 *     bits are dropped until they are fewer. How many are dropped follows from the values alone, so
 *     that the order of rows, batches and files leaves no trace.
 *  4. Integers of which no two are alike in many rows, or more than VALUES_MOST of them, are ids:
 *     refused, unless edges are stated.
 *  5. Null and NaN are the missing value, a group of its own. Infinities lie in the first and last
 *     range and move no edge.
 *  6. Texts of files without types count as numbers when they all read as numbers; so do nan, inf
 * and infinity.
 */
#include "table/ranges.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/memory.h"
#include "table/tableparts.h"

#define VALUES_MOST (1u << 20)
#define EDGES_MOST 100

void ranges_clear(struct ranges *ranges) {
  memory_free(ranges->edge);
  memory_free(ranges->rule);
  *ranges = (struct ranges){0};
}

/* ---- stated edges ---- */

static bool is_list_of_numbers(const char *text) {
  for (;;) {
    double number;
    size_t length = strcspn(text, ",");
    const size_t blank = strspn(text, " ");
    size_t end = length;
    while (end > blank && text[end - 1] == ' ') {
      end--;
    }
    if (blank >= end || !value_parse_number(text + blank, end - blank, &number)) {
      return false;
    }
    if (text[length] == '\0') {
      return true;
    }
    text += length + 1;
  }
}

size_t ranges_name_length(const char *item) {
  const char *colon = strrchr(item, ':');
  return colon != NULL && colon > item && colon[-1] != ':' && is_list_of_numbers(colon + 1)
             ? (size_t)(colon - item)
             : strlen(item);
}

nonet_status ranges_join(char **item, size_t *n, nonet_error *error) {
  size_t kept = 0;
  for (size_t i = 0; i < *n; i++) {
    const bool joins = kept > 0 && item[kept - 1][ranges_name_length(item[kept - 1])] != '\0' &&
                       is_list_of_numbers(item[i]);
    if (!joins) {
      item[kept++] = item[i];
      continue;
    }
    struct text both = {0};
    text_printf(&both, "%s,%s", item[kept - 1], item[i]);
    memory_free(item[kept - 1]);
    memory_free(item[i]);
    item[kept - 1] = text_take(&both);
    if (item[kept - 1] == NULL) {
      for (size_t k = i + 1; k < *n; k++) {
        memory_free(item[k]);
      }
      *n = kept - 1;
      return error_memory(error, 64, "the edges of ranges");
    }
  }
  *n = kept;
  return NONET_OK;
}

static void append_number(struct text *text, double number) {
  const struct value value = value_double(number);
  char buffer[VALUE_NAME_BYTES];
  const char *name;
  size_t length;
  value_name(&value, buffer, &name, &length);
  text_append_n(text, name, length);
}

/* The rule: `how` and the edges. */
static nonet_status write_rule(struct ranges *ranges, const char *how, nonet_error *error) {
  struct text rule = {0};
  text_append(&rule, how);
  for (size_t i = 0; i < ranges->n; i++) {
    text_append(&rule, i == 0 ? ": " : ", ");
    append_number(&rule, ranges->edge[i]);
  }
  ranges->rule = text_take(&rule);
  return ranges->rule == NULL ? error_memory(error, 64, "the rule of ranges") : NONET_OK;
}

nonet_status ranges_read(const char *item, struct ranges *ranges, nonet_error *error) {
  const size_t name = ranges_name_length(item);
  *ranges = (struct ranges){0};
  if (item[name] == '\0') {
    return NONET_OK;
  }
  ranges->edge = memory_new(EDGES_MOST, sizeof *ranges->edge);
  if (ranges->edge == NULL) {
    return error_memory(error, EDGES_MOST * sizeof *ranges->edge, "the edges of ranges");
  }
  for (const char *at = item + name; *at != '\0';) {
    at += 1 + strspn(at + 1, " ");
    size_t length = strcspn(at, ", ");
    double edge = NAN;
    (void)value_parse_number(at, length, &edge);
    const bool ascends = ranges->n == 0 || edge > ranges->edge[ranges->n - 1];
    if (!ascends || ranges->n == EDGES_MOST) {
      ranges_clear(ranges);
      return error_set(error, NONET_E_USAGE,
                       "the edges of '%.*s' must ascend, at most %d of them, such as age:25,45,65; "
                       "found '%.80s'",
                       (int)name, item, EDGES_MOST, item + name + 1);
    }
    ranges->edge[ranges->n++] = edge;
    at += strcspn(at, ",");
  }
  return write_rule(ranges, "as stated", error);
}

/* ---- a value's range ---- */

/* What programs write for numbers that have no digits, in any case: nan, inf, -Infinity. */
static bool parse_word(const char *text, size_t length, double *number) {
  static const struct {
    const char *word;
    double number;
  } words[] = {{"nan", NAN}, {"inf", INFINITY}, {"infinity", INFINITY}};
  const bool has_sign = length > 0 && (text[0] == '-' || text[0] == '+');
  for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
    if (length - has_sign == strlen(words[w].word) &&
        strncasecmp(text + has_sign, words[w].word, length - has_sign) == 0) {
      *number = has_sign && text[0] == '-' ? -words[w].number : words[w].number;
      return true;
    }
  }
  return false;
}

/* False: no number; *number NaN: missing (5). */
static bool number_of(const struct value *value, double *number) {
  *number = NAN;
  switch (value->kind) {
  case VALUE_NULL:
    return true;
  case VALUE_INT:
    *number = (double)value->number;
    return true;
  case VALUE_FLOAT:
    *number = value->real;
    return true;
  case VALUE_TEXT:
    return value_parse_number(value->text, value->length, number) || /* 6 */
           parse_word(value->text, value->length, number);
  case VALUE_BOOL:
    break;
  }
  return false;
}

uint32_t ranges_code(const struct ranges *ranges, const struct value *value) {
  double number;
  if (!number_of(value, &number)) {
    return RANGES_NO_NUMBER;
  }
  if (isnan(number)) {
    return RANGES_NULL;
  }
  size_t low = 0, high = ranges->n;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (ranges->edge[middle] <= number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return (uint32_t)low;
}

void ranges_name(const struct ranges *ranges, size_t k, struct text *name) {
  if (k == 0) {
    text_append(name, "under ");
    append_number(name, ranges->edge[0]);
  } else if (k == ranges->n) {
    append_number(name, ranges->edge[k - 1]);
    text_append(name, " or more");
  } else {
    text_append(name, "[");
    append_number(name, ranges->edge[k - 1]);
    text_append(name, ", ");
    append_number(name, ranges->edge[k]);
    text_append(name, ")");
  }
}

/* ---- counts of values (3) ---- */

struct counted {
  uint64_t key; /* sortable bits, the `dropped` lowest gone */
  uint64_t n;   /* 0: free */
};

struct counts {
  struct counted *slot;
  size_t n_slots, n_used;
  unsigned dropped;
  uint64_t n_rows;
  bool is_integer, is_number;
};

/* Bits whose order is that of the numbers, −0 being 0. */
static uint64_t sortable(double number) {
  uint64_t bits;
  number += 0.0;
  memcpy(&bits, &number, sizeof bits);
  return bits ^ ((bits >> 63) != 0 ? UINT64_MAX : 1ULL << 63);
}

static void count_key(struct counts *counts, uint64_t key, uint64_t n) {
  size_t at = (size_t)((key * 0x9e3779b97f4a7c15ULL) >> 20) & (counts->n_slots - 1);
  while (counts->slot[at].n > 0 && counts->slot[at].key != key) {
    at = (at + 1) & (counts->n_slots - 1);
  }
  counts->n_used += counts->slot[at].n == 0;
  counts->slot[at].key = key;
  counts->slot[at].n += n;
}

/* Room for one more: a larger table, or coarser keys. */
static bool make_room(struct counts *counts) {
  if (counts->n_used < counts->n_slots / 2 && counts->n_used <= VALUES_MOST) {
    return true;
  }
  const bool is_coarser = counts->n_used > VALUES_MOST;
  struct counts next = *counts;
  next.n_slots = counts->n_slots == 0 ? 1024 : counts->n_slots * (is_coarser ? 1 : 2);
  next.slot = memory_zeroed(next.n_slots, sizeof *next.slot);
  next.n_used = 0;
  next.dropped += is_coarser;
  if (next.slot == NULL) {
    return false;
  }
  for (size_t i = 0; i < counts->n_slots; i++) {
    if (counts->slot[i].n > 0) {
      count_key(&next, counts->slot[i].key >> is_coarser, counts->slot[i].n);
    }
  }
  memory_free(counts->slot);
  *counts = next;
  return make_room(counts);
}

static nonet_status count_column(struct counts *counts, const struct arrowcol *column,
                                 const struct arrowcol *not_null, nonet_error *error) {
  char buffer[ARROWCOL_TEXT_BYTES];
  for (int64_t i = 0; i < column->length && counts->is_number; i++) {
    struct value value = arrowcol_value(column, i, buffer);
    double number;
    if (not_null != NULL && arrowcol_is_null(not_null, i)) {
      continue;
    }
    counts->is_number = number_of(&value, &number);
    if (!counts->is_number || !isfinite(number)) { /* 5 */
      continue;
    }
    counts->is_integer = counts->is_integer && number == floor(number);
    counts->n_rows++;
    if (!make_room(counts)) {
      return error_memory(error, 2 * counts->n_slots * sizeof *counts->slot, "a column's values");
    }
    count_key(counts, sortable(number) >> counts->dropped, 1);
  }
  return NONET_OK;
}

static nonet_status bind_child(const struct scan *scan, const struct ArrowArray *array, size_t k,
                               const char *name, struct arrowcol *column, nonet_error *error) {
  const size_t child = scan->child[k];
  if (child >= (size_t)array->n_children ||
      !arrowcol_bind(column, &scan->types[k], array->children[child]) ||
      column->length < array->length + array->offset) {
    return error_set(error, NONET_E_DATA, "%s: " ARROWCOL_BROKEN, scan->table->name, name);
  }
  column->offset += array->offset;
  column->length = array->length;
  return NONET_OK;
}

static nonet_status count_values(struct table *table, size_t binding, size_t not_null,
                                 struct counts *counts, nonet_error *error) {
  const size_t wanted[2] = {binding, not_null};
  const size_t n_wanted = not_null != NO_BINDING && not_null != binding ? 2 : 1;
  const char *name = table->plan.bindings[binding].request;
  struct scan scan = {.table = table};
  *counts = (struct counts){.is_integer = true, .is_number = true};
  nonet_status status = scan_open(&scan, table, wanted, n_wanted, SCAN_ROWS, NO_BINDING, 0, error);
  while (status == NONET_OK && counts->is_number) {
    struct ArrowArray array = {0};
    struct arrowcol column[2];
    bool is_owned = false;
    status = scan_next(&scan, &array, &is_owned, error);
    if (status != NONET_OK || array.release == NULL) {
      break;
    }
    for (size_t k = 0; k < n_wanted && status == NONET_OK; k++) {
      status = bind_child(&scan, &array, k, name, &column[k], error);
    }
    if (status == NONET_OK) {
      status = count_column(counts, &column[0], n_wanted == 2 ? &column[1] : NULL, error);
    }
    if (is_owned) {
      array.release(&array);
    }
  }
  scan_close(&scan);
  if (status == NONET_OK && !make_room(counts)) {
    status = error_memory(error, 2 * counts->n_slots * sizeof *counts->slot, "a column's values");
  }
  return status;
}

/* ---- edges from counts ---- */

static int compare_counted(const void *a, const void *b) {
  const struct counted *x = a, *y = b;
  return (x->key > y->key) - (x->key < y->key);
}

static double value_of(const struct counts *counts, size_t i) {
  const uint64_t key = counts->slot[i].key << counts->dropped;
  const uint64_t bits = key ^ ((key >> 63) != 0 ? 1ULL << 63 : UINT64_MAX);
  double number;
  memcpy(&number, &bits, sizeof number);
  return number;
}

/* The values in order, at the front. */
static void sort_values(struct counts *counts) {
  size_t n = 0;
  for (size_t i = 0; i < counts->n_slots; i++) {
    if (counts->slot[i].n > 0) {
      counts->slot[n++] = counts->slot[i];
    }
  }
  qsort(counts->slot, n, sizeof *counts->slot, compare_counted);
}

/* Where among the sorted values the share j/4 of the rows is reached. */
static size_t quartile(const struct counts *counts, unsigned j) {
  uint64_t seen = 0;
  for (size_t i = 0; i < counts->n_used; i++) {
    seen += counts->slot[i].n;
    if (4 * seen >= j * counts->n_rows) {
      return i;
    }
  }
  return counts->n_used - 1;
}

/* A number to the nearest multiple of 1, 2 or 5 times 10^power, without what doubles would add. */
static double round_to(double value, double digit, int power) {
  const double ten = pow(10, abs(power));
  return power >= 0 ? floor(value / (digit * ten) + 0.5) * (digit * ten)
                    : floor(value / digit * ten + 0.5) * digit / ten;
}

static void find_edges(const struct counts *counts, struct ranges *ranges, double *step) {
  static const double digits[] = {5, 2, 1};
  size_t at[3];
  for (unsigned j = 1; j <= 3; j++) {
    at[j - 1] = quartile(counts, j);
  }
  const double least = value_of(counts, 0), most = value_of(counts, counts->n_used - 1);
  const double wide = (value_of(counts, at[2]) - value_of(counts, at[0])) / 5;
  double digit = 0;
  int power = 0;
  *step = 0;
  if (wide > 0 && isfinite(wide)) {
    power = (int)floor(log10(wide));
    for (size_t d = 0; d < 3 && digit == 0; d++) {
      digit = digits[d] * pow(10, power) <= wide ? digits[d] : 0;
    }
    digit = digit == 0 ? 1 : digit;
    if (counts->is_integer && power < 0) { /* 2 */
      digit = 1;
      power = 0;
    }
    *step = digit * pow(10, power);
  }
  for (size_t j = 0; j < 3; j++) {
    const double value = value_of(counts, at[j]);
    const double edge = digit > 0 ? round_to(value, digit, power) : value; /* 1 */
    if (edge > least && edge <= most && (ranges->n == 0 || edge > ranges->edge[ranges->n - 1])) {
      ranges->edge[ranges->n++] = edge;
    }
  }
  if (ranges->n == 0) { /* 1 */
    ranges->edge[ranges->n++] = value_of(counts, at[1] + 1 < counts->n_used ? at[1] + 1 : at[1]);
  }
}

static nonet_status refuse(const struct table *table, size_t binding, const char *why,
                           nonet_error *error) {
  const char *name = table->plan.bindings[binding].request;
  return error_set(
      error, NONET_E_DATA,
      "--group: column '%s' %s; state the edges of its ranges, such as %s:25,45,65, or "
      "leave it out",
      name, why, name);
}

nonet_status ranges_find(struct table *table, size_t binding, size_t not_null, bool is_part,
                         struct ranges *ranges, nonet_error *error) {
  struct counts counts;
  double step = 0;
  char how[80] = "by quartiles";
  *ranges = (struct ranges){0};
  nonet_status status = count_values(table, binding, not_null, &counts, error);
  if (status != NONET_OK || !counts.is_number || counts.n_used <= RANGES_FEW) {
    goto done;
  }
  if (is_part) {
    status = refuse(table, binding,
                    "has many numbers, and the parts of a whole need the same ranges", error);
  } else if (counts.is_integer && /* 4 */
             (counts.dropped > 0 ||
              (counts.n_rows >= RANGES_ROWS && counts.n_used == counts.n_rows))) {
    status =
        refuse(table, binding, "has another whole number in (almost) every row, like an id", error);
  } else if ((ranges->edge = memory_new(3, sizeof *ranges->edge)) == NULL) {
    status = error_memory(error, 3 * sizeof *ranges->edge, "the edges of ranges");
  } else {
    sort_values(&counts);
    find_edges(&counts, ranges, &step);
    if (step > 0) {
      snprintf(how, sizeof how, "by quartiles, rounded to %g", step);
    }
    status = write_rule(ranges, how, error);
  }
done:
  memory_free(counts.slot);
  return status;
}
