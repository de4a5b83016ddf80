/*
 * Distinct values of a column.
 *
 * Cases: 1. Null is a value of its own, without a name. 2. 1 and 1.0 are one value. 3. In a file
 * without types "0.50" and "0.5" are one number once every value of the column is a number, and two
 * texts otherwise; so is "True" and "true" for booleans.
 */
#include "table/valueset.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

void valueset_clear(struct valueset *set) {
  for (size_t i = 0; i < set->n; i++)
    memory_free(set->names[i]);
  memory_free(set->names);
  memory_free(set->slots);
  *set = (struct valueset){0};
}

static size_t slot_of(const struct valueset *set, const char *name, size_t length) {
  size_t at = (size_t)hash_64(name, length, 1) & (set->n_slots - 1);
  while (set->slots[at]) {
    const char *other = set->names[set->slots[at] - 1];
    if (strlen(other) == length && memcmp(other, name, length) == 0)
      break;
    at = (at + 1) & (set->n_slots - 1);
  }
  return at;
}

static bool rehash(struct valueset *set) {
  size_t n_slots = set->n_slots ? set->n_slots * 2 : 64;
  uint32_t *slots = memory_zeroed(n_slots, sizeof *slots);
  if (!slots)
    return false;
  memory_free(set->slots);
  set->slots = slots;
  set->n_slots = n_slots;
  for (size_t i = 0; i < set->n; i++)
    set->slots[slot_of(set, set->names[i], strlen(set->names[i]))] = (uint32_t)i + 1;
  return true;
}

bool valueset_add_name(struct valueset *set, const char *name, size_t length, uint32_t *index) {
  const char *end = length ? memchr(name, '\0', length) : NULL;
  if (end) /* names are C strings: a text with a zero byte ends there */
    length = (size_t)(end - name);
  if ((set->n + 1) * 2 > set->n_slots && !rehash(set))
    return false;
  size_t slot = slot_of(set, name, length);
  if (!set->slots[slot]) {
    void *names = set->names;
    bool fits = memory_grow(&names, &set->capacity, set->n + 1, sizeof *set->names);
    set->names = names;
    char *copy = fits ? memory_new(length + 1, 1) : NULL;
    if (!copy)
      return false;
    if (length)
      memcpy(copy, name, length);
    copy[length] = '\0';
    set->names[set->n++] = copy;
    set->slots[slot] = (uint32_t)set->n;
  }
  *index = set->slots[slot] - 1;
  return true;
}

bool valueset_add(struct valueset *set, const struct value *value, uint32_t *index) {
  *index = VALUESET_NULL;
  switch (value->kind) {
  case VALUE_NULL:
    set->saw_null = true;
    return true;
  case VALUE_BOOL:
    set->saw_bool = true;
    break;
  case VALUE_INT:
  case VALUE_FLOAT:
    set->saw_float |= value->is_float_column;
    set->saw_int |= !value->is_float_column;
    break;
  case VALUE_TEXT:
    set->saw_text = true;
    break;
  }
  char buffer[VALUE_NAME_BYTES];
  const char *name;
  size_t length;
  value_name(value, buffer, &name, &length);
  return valueset_add_name(set, name, length, index);
}

void valueset_merge_flags(struct valueset *set, const struct valueset *other) {
  set->is_untyped |= other->is_untyped;
  set->saw_bool |= other->saw_bool;
  set->saw_int |= other->saw_int;
  set->saw_float |= other->saw_float;
  set->saw_text |= other->saw_text;
  set->saw_null |= other->saw_null;
}

bool valueset_is_numeric(const struct valueset *set) {
  return !set->saw_text && !set->saw_bool && (set->saw_int || set->saw_float);
}

static bool rename_value(char **name, const struct value *value) {
  char buffer[VALUE_NAME_BYTES];
  const char *canonical;
  size_t length;
  value_name(value, buffer, &canonical, &length);
  char *copy = memory_text(canonical);
  if (!copy)
    return false;
  memory_free(*name);
  *name = copy;
  return true;
}

/* What an untyped column turns out to hold, and its canonical names. */
static bool settle_untyped(struct valueset *set) {
  bool all_int = set->n > 0, all_number = set->n > 0, all_bool = set->n > 0, word;
  int64_t integer;
  double number;
  for (size_t i = 0; i < set->n; i++) {
    size_t length = strlen(set->names[i]);
    all_int &= value_parse_int(set->names[i], length, &integer);
    all_number &= value_parse_number(set->names[i], length, &number);
    all_bool &= value_parse_bool(set->names[i], length, &word);
  }
  if (!all_number && !all_bool)
    return true;
  set->saw_text = false;
  set->saw_int = all_int;
  set->saw_float = all_number && !all_int;
  set->saw_bool = all_bool;
  for (size_t i = 0; i < set->n && !all_int; i++) {
    struct value value;
    if (all_bool) {
      (void)value_parse_bool(set->names[i], strlen(set->names[i]), &word);
      value = value_bool(word);
    } else {
      (void)value_parse_number(set->names[i], strlen(set->names[i]), &number);
      value = value_double(number);
    }
    if (!rename_value(&set->names[i], &value))
      return false;
  }
  return true;
}

bool valueset_finish(struct valueset *set, uint32_t *map) {
  if (set->is_ordered) {
    for (size_t i = 0; i < set->n && map; i++)
      map[i] = (uint32_t)i;
    return true;
  }
  if (set->is_untyped && set->saw_text && !settle_untyped(set))
    return false;
  char **sorted = memory_new(set->n + 1, sizeof *sorted);
  if (!sorted)
    return false;
  for (size_t i = 0; i < set->n; i++)
    sorted[i] = set->names[i];
  value_names_sort(sorted, set->n, valueset_is_numeric(set));
  size_t n_unique = 0;
  for (size_t i = 0; i < set->n; i++)
    if (i == 0 || strcmp(sorted[i], sorted[n_unique - 1]) != 0)
      sorted[n_unique++] = sorted[i];
  /* The unique names move into the set; others are freed after the map is made. */
  struct valueset next = {0};
  bool made = true;
  uint32_t index;
  for (size_t i = 0; i < n_unique && made; i++)
    made = valueset_add_name(&next, sorted[i], strlen(sorted[i]), &index);
  for (size_t i = 0; i < set->n && made && map; i++)
    made = valueset_add_name(&next, set->names[i], strlen(set->names[i]), &map[i]);
  memory_free(sorted);
  if (!made) {
    valueset_clear(&next);
    return false;
  }
  valueset_merge_flags(&next, set);
  next.is_untyped = false;
  valueset_clear(set);
  *set = next;
  return true;
}
