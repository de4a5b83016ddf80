/*
 * Values to codes.
 *
 * Cases: 1. Names that are one run of integers lo, lo + 1, … in order (0 and 1; the digits): code =
 * value − lo, a loop the compiler vectorises. 2. Other integers and numbers: a small hash table. 3.
 * Texts: a hash table whose keys are the bytes themselves up to eight. 4. Dictionaries: each
 * dictionary value is looked up once per batch. 5. Booleans meet {0, 1} and "true"/"false" alike.
 * 6. Texts of files without types: "1.0" finds the class 1, "True" finds true, but an exact name
 * goes first. 7. Ranges of numbers: by their edges (ranges.h).
 */
#include "table/category.h"

#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "table/ranges.h"

struct number_slot {
  int64_t key;
  uint32_t code_plus_1;
};

struct text_slot {
  uint64_t key; /* the bytes when length <= 8, else XXH3 */
  const char *name;
  uint32_t length;
  uint32_t code_plus_1;
};

struct category {
  size_t n;
  size_t mask; /* slots − 1 of each table */
  struct number_slot *integers;
  struct number_slot *reals; /* keyed by the bits of the double */
  struct text_slot *texts;
  char *bytes; /* copies of the names */
  bool is_run; /* case 1 */
  int64_t run_low;
  uint32_t null_code;
  uint32_t bool_codes[2];
  const struct ranges *ranges; /* 7; NULL: names */
};

static uint64_t spread(uint64_t key) {
  return (key * 0x9e3779b97f4a7c15ULL) >> 20;
}

/* Up to eight bytes as a number, without reading past them. */
static inline uint64_t small_key(const char *text, size_t length) {
  uint32_t a = 0, b = 0;
  if (length >= 4) {
    memcpy(&a, text, 4);
    memcpy(&b, text + length - 4, 4);
    return (uint64_t)a | (uint64_t)b << 32;
  }
  for (size_t i = 0; i < length; i++)
    a |= (uint32_t)(unsigned char)text[i] << (8 * i);
  return a;
}

static inline uint64_t text_key(const char *text, size_t length) {
  return length <= 8 ? small_key(text, length) : hash_64(text, length, 2);
}

static uint32_t find_number(const struct number_slot *slots, size_t mask, int64_t key) {
  for (size_t at = spread((uint64_t)key) & mask; slots[at].code_plus_1; at = (at + 1) & mask)
    if (slots[at].key == key)
      return slots[at].code_plus_1 - 1;
  return CATEGORY_UNKNOWN;
}

static void put_number(struct number_slot *slots, size_t mask, int64_t key, uint32_t code) {
  size_t at = spread((uint64_t)key) & mask;
  while (slots[at].code_plus_1 && slots[at].key != key)
    at = (at + 1) & mask;
  if (!slots[at].code_plus_1)
    slots[at] = (struct number_slot){key, code + 1};
}

static inline uint32_t find_text_exact(const struct category *category, const char *text,
                                       size_t length) {
  uint64_t key = text_key(text, length);
  size_t at = spread(key + length) & category->mask;
  for (; category->texts[at].code_plus_1; at = (at + 1) & category->mask) {
    const struct text_slot *slot = &category->texts[at];
    if (slot->key == key && slot->length == length &&
        (length <= 8 || memcmp(slot->name, text, length) == 0))
      return slot->code_plus_1 - 1;
  }
  return CATEGORY_UNKNOWN;
}

static void put_text(struct category *category, const char *name, size_t length, uint32_t code) {
  uint64_t key = text_key(name, length);
  size_t at = spread(key + length) & category->mask;
  while (category->texts[at].code_plus_1)
    at = (at + 1) & category->mask;
  category->texts[at] = (struct text_slot){key, name, (uint32_t)length, code + 1};
}

static int64_t real_bits(double real) {
  int64_t bits;
  memcpy(&bits, &real, sizeof bits);
  return bits;
}

static void put_name(struct category *category, const char *name, uint32_t code) {
  size_t length = strlen(name);
  put_text(category, name, length, code);
  int64_t integer;
  double real;
  if (value_parse_int(name, length, &integer))
    put_number(category->integers, category->mask, integer, code);
  else if (value_parse_number(name, length, &real))
    put_number(category->reals, category->mask, real_bits(real), code);
}

/* Booleans have the codes of true and false, or else of 1 and 0; and 1 and 0 those of true and
 * false (case 5). */
static void settle_booleans(struct category *category) {
  static const char *const words[2] = {"false", "true"};
  for (int b = 0; b < 2; b++) {
    uint32_t code = find_text_exact(category, words[b], strlen(words[b]));
    if (code == CATEGORY_UNKNOWN)
      code = find_number(category->integers, category->mask, b);
    else
      put_number(category->integers, category->mask, b, code);
    category->bool_codes[b] = code;
  }
}

static void settle_run(struct category *category, char *const *names, size_t n,
                       bool null_is_value) {
  size_t n_named = null_is_value && n > 0 && !names[n - 1] ? n - 1 : n;
  int64_t low = 0, value;
  category->is_run = n_named > 0;
  for (size_t i = 0; i < n_named && category->is_run; i++) {
    bool is_int = names[i] && value_parse_int(names[i], strlen(names[i]), &value);
    if (is_int && i == 0)
      low = value;
    category->is_run = is_int && (uint64_t)value - (uint64_t)low == i;
  }
  category->run_low = low;
}

nonet_status category_new(char *const *names, size_t n, bool null_is_value, struct category **made,
                          nonet_error *error) {
  *made = NULL;
  size_t n_slots = 16, n_bytes = 0;
  while (n_slots < 2 * (n + 2))
    n_slots *= 2;
  for (size_t i = 0; i < n; i++)
    n_bytes += names[i] ? strlen(names[i]) + 1 : 0;
  struct category *category = memory_zeroed(1, sizeof *category);
  if (!category)
    return error_memory(error, sizeof *category, "a category");
  category->n = n;
  category->mask = n_slots - 1;
  category->null_code = CATEGORY_NULL;
  category->integers = memory_zeroed(n_slots, sizeof *category->integers);
  category->reals = memory_zeroed(n_slots, sizeof *category->reals);
  category->texts = memory_zeroed(n_slots, sizeof *category->texts);
  category->bytes = memory_new(n_bytes + 1, 1);
  if (!category->integers || !category->reals || !category->texts || !category->bytes) {
    category_free(category);
    return error_memory(error, n_slots * 64, "a category");
  }
  char *at = category->bytes;
  for (size_t i = 0; i < n; i++) {
    if (!names[i]) {
      if (null_is_value)
        category->null_code = (uint32_t)i;
      continue;
    }
    size_t size = strlen(names[i]) + 1;
    memcpy(at, names[i], size);
    put_name(category, at, (uint32_t)i);
    at += size;
  }
  settle_booleans(category);
  settle_run(category, names, n, null_is_value);
  *made = category;
  return NONET_OK;
}

void category_set_ranges(struct category *category, const struct ranges *ranges) {
  category->ranges = ranges;
}

static uint32_t find_range(const struct category *category, const struct value *value) {
  const uint32_t code = ranges_code(category->ranges, value);
  return code == RANGES_NULL        ? category->null_code
         : code == RANGES_NO_NUMBER ? CATEGORY_UNKNOWN
                                    : code;
}

void category_free(struct category *category) {
  if (!category)
    return;
  memory_free(category->integers);
  memory_free(category->reals);
  memory_free(category->texts);
  memory_free(category->bytes);
  memory_free(category);
}

/* Case 6. */
static uint32_t find_text_loose(const struct category *category, const char *text, size_t length) {
  double number;
  bool word;
  if (value_parse_number(text, length, &number)) {
    struct value value = value_double(number);
    return value.kind == VALUE_INT
               ? find_number(category->integers, category->mask, value.number)
               : find_number(category->reals, category->mask, real_bits(value.real));
  }
  if (value_parse_bool(text, length, &word))
    return category->bool_codes[word];
  return CATEGORY_UNKNOWN;
}

uint32_t category_find(const struct category *category, const struct value *value) {
  uint32_t code;
  char buffer[VALUE_NAME_BYTES];
  const char *name;
  size_t length;
  if (category->ranges)
    return find_range(category, value);
  switch (value->kind) {
  case VALUE_NULL:
    return category->null_code;
  case VALUE_BOOL:
    return category->bool_codes[value->number != 0];
  case VALUE_INT:
    return find_number(category->integers, category->mask, value->number);
  case VALUE_FLOAT:
    code = find_number(category->reals, category->mask, real_bits(value->real));
    if (code != CATEGORY_UNKNOWN)
      return code;
    value_name(value, buffer, &name, &length);
    return find_text_exact(category, name, length);
  case VALUE_TEXT:
    code = find_text_exact(category, value->text, value->length);
    return code != CATEGORY_UNKNOWN ? code : find_text_loose(category, value->text, value->length);
  }
  return CATEGORY_UNKNOWN;
}

/* Case 1, one loop per integer type: subtract, keep the low half, remember what lies outside. */
#define ENCODE_RUN(type)                                                                           \
  do {                                                                                             \
    const type *from = (const type *)column->array->buffers[1] + column->offset + start;           \
    for (int64_t k = 0; k < n; k++) {                                                              \
      uint64_t code = (uint64_t)from[k] - low;                                                     \
      high |= code;                                                                                \
      codes[k] = (uint32_t)code;                                                                   \
    }                                                                                              \
  } while (0)

static bool encode_run_loops(const struct arrowcol *column, int64_t start, int64_t n, uint64_t low,
                             uint32_t *codes, uint64_t *all_bits) {
  uint64_t high = 0;
  switch (column->type->storage) {
  case NANOARROW_TYPE_INT8:
    ENCODE_RUN(int8_t);
    break;
  case NANOARROW_TYPE_UINT8:
    ENCODE_RUN(uint8_t);
    break;
  case NANOARROW_TYPE_INT16:
    ENCODE_RUN(int16_t);
    break;
  case NANOARROW_TYPE_UINT16:
    ENCODE_RUN(uint16_t);
    break;
  case NANOARROW_TYPE_INT32:
    ENCODE_RUN(int32_t);
    break;
  case NANOARROW_TYPE_UINT32:
    ENCODE_RUN(uint32_t);
    break;
  case NANOARROW_TYPE_INT64:
    ENCODE_RUN(int64_t);
    break;
  case NANOARROW_TYPE_UINT64:
    ENCODE_RUN(uint64_t);
    break;
  default:
    return false;
  }
  *all_bits = high;
  return true;
}

/* True when all rows have codes; false leaves the rows to the careful loop. */
static bool encode_run(const struct category *category, const struct arrowcol *column,
                       int64_t start, int64_t n, uint32_t *codes) {
  uint64_t bits, n_codes = category->n - (category->null_code != CATEGORY_NULL);
  if (arrowcol_has_nulls(column, start, n) ||
      !encode_run_loops(column, start, n, (uint64_t)category->run_low, codes, &bits))
    return false;
  if (bits < n_codes) /* a | b is at least max(a, b), so nothing is outside */
    return true;
  if (bits > UINT32_MAX)
    return false;
  uint32_t outside = 0;
  for (int64_t k = 0; k < n; k++)
    outside |= codes[k] >= (uint32_t)n_codes;
  return !outside;
}

static nonet_status encode_dictionary(const struct category *category,
                                      const struct arrowcol *column, int64_t start, int64_t n,
                                      uint32_t *codes, nonet_error *error) {
  struct arrowcol item;
  if (!arrowcol_item(column, &item))
    return error_set(error, NONET_E_DATA, "a dictionary column has no dictionary");
  char buffer[ARROWCOL_TEXT_BYTES];
  uint32_t *table = NULL;
  if (item.length <= n) { /* a dictionary larger than the batch is not worth a table */
    table = memory_new((size_t)item.length + 1, sizeof *table);
    if (!table)
      return error_memory(error, (size_t)item.length * sizeof *table, "a dictionary");
    for (int64_t i = 0; i < item.length; i++) {
      struct value value = arrowcol_value(&item, i, buffer);
      table[i] = category_find(category, &value);
    }
  }
  for (int64_t k = 0; k < n; k++) {
    int64_t index = arrowcol_index(column, start + k);
    if (index >= 0 && table) {
      codes[k] = table[index];
    } else {
      struct value value = {.kind = VALUE_NULL};
      if (index >= 0)
        value = arrowcol_value(&item, index, buffer);
      codes[k] = category_find(category, &value);
    }
  }
  memory_free(table);
  return NONET_OK;
}

static void encode_text(const struct category *category, const struct arrowcol *column,
                        int64_t start, int64_t n, uint32_t *codes) {
  for (int64_t k = 0; k < n; k++) {
    const char *text;
    size_t length;
    if (arrowcol_is_null(column, start + k) || !arrowcol_text(column, start + k, &text, &length)) {
      codes[k] = category->null_code;
      continue;
    }
    uint32_t code = find_text_exact(category, text, length);
    codes[k] = code != CATEGORY_UNKNOWN ? code : find_text_loose(category, text, length);
  }
}

nonet_status category_encode(const struct category *category, const struct arrowcol *column,
                             int64_t start, int64_t n, uint32_t *codes, bool *clean,
                             nonet_error *error) {
  *clean = true;
  if (column->type->is_dictionary) {
    nonet_status status = encode_dictionary(category, column, start, n, codes, error);
    if (status)
      return status;
  } else if (column->type->kind == ARROWCOL_INT && category->is_run && !category->ranges &&
             encode_run(category, column, start, n, codes)) {
    return NONET_OK;
  } else if (column->type->kind == ARROWCOL_TEXT && !category->ranges) {
    encode_text(category, column, start, n, codes);
  } else {
    char buffer[ARROWCOL_TEXT_BYTES];
    for (int64_t k = 0; k < n; k++) {
      struct value value = arrowcol_value(column, start + k, buffer);
      codes[k] = category_find(category, &value);
    }
  }
  uint32_t unclean = 0;
  for (int64_t k = 0; k < n; k++)
    unclean |= codes[k] >= CATEGORY_UNKNOWN;
  *clean = !unclean;
  return NONET_OK;
}
