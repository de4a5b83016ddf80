/*
 * Classes by name.
 *
 * Cases: 1. A name is the canonical one of src/table/value.h: 1, 1.0 and the text "1" are the same
 * class. 2. A model trained on encoded labels answers 0 … K − 1 where the run's classes have words:
 * these are places in the run's order (encoders sort as we do), but only when no class is a number
 * itself, so that nothing is ever guessed between two readings. 3. Anything else is no class: −1.
 */
#include "model/class_map.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "table/value.h"

#define CLASS_MAP_SHOWN 8

static int64_t find_exact(const struct class_map *map, const char *text, size_t length) {
  size_t low = 0, high = map->n;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    const char *name = map->names[map->order[middle]];
    size_t n = strlen(name), least = n < length ? n : length;
    int order = memcmp(text, name, least);
    if (order == 0 && n == length)
      return (int64_t)map->order[middle];
    if (order < 0 || (order == 0 && length < n))
      high = middle;
    else
      low = middle + 1;
  }
  return -1;
}

int64_t class_map_text(const struct class_map *map, const char *text, size_t length) {
  int64_t found = find_exact(map, text, length), place;
  if (found < 0 && map->by_position && value_parse_int(text, length, &place) && place >= 0 &&
      (uint64_t)place < map->n)
    return place;
  return found;
}

static int64_t find_int(const struct class_map *map, int64_t number) {
  struct value value = value_int(number);
  char buffer[VALUE_NAME_BYTES];
  const char *name;
  size_t length;
  value_name(&value, buffer, &name, &length);
  return class_map_text(map, name, length);
}

int64_t class_map_int(const struct class_map *map, int64_t value) {
  return value >= 0 && value < CLASS_MAP_SMALL ? map->small[value] : find_int(map, value);
}

/* Insertion: the names come sorted or nearly so. */
static void sort_order(struct class_map *map) {
  for (size_t i = 0; i < map->n; i++) {
    size_t at = i;
    while (at > 0 && strcmp(map->names[map->order[at - 1]], map->names[i]) > 0) {
      map->order[at] = map->order[at - 1];
      at--;
    }
    map->order[at] = i;
  }
}

nonet_status class_map_init(struct class_map *map, const char *const *names, size_t n,
                            nonet_error *error) {
  *map = (struct class_map){.names = memory_zeroed(n, sizeof *map->names),
                            .order = memory_new(n, sizeof *map->order),
                            .by_position = true};
  bool is_short = !map->names || !map->order;
  for (size_t i = 0; i < n && !is_short; i++) {
    double number;
    map->names[i] = memory_text(names[i]);
    is_short = !map->names[i];
    map->n = i + 1;
    map->by_position &= !value_parse_number(names[i], strlen(names[i]), &number);
  }
  if (is_short) {
    class_map_clear(map);
    return error_memory(error, n * sizeof *map->names, "the classes");
  }
  sort_order(map);
  for (int64_t i = 0; i < CLASS_MAP_SMALL; i++)
    map->small[i] = (int32_t)find_int(map, i);
  return NONET_OK;
}

void class_map_clear(struct class_map *map) {
  for (size_t i = 0; i < map->n && map->names; i++)
    memory_free(map->names[i]);
  memory_free(map->names);
  memory_free(map->order);
  *map = (struct class_map){0};
}

void class_map_list(struct text *text, const char *const *names, size_t n) {
  for (size_t i = 0; i < n && i < CLASS_MAP_SHOWN; i++)
    text_printf(text, "%s'%.60s'", i ? ", " : "", names[i]);
  if (n > CLASS_MAP_SHOWN)
    text_printf(text, " … (%zu)", n);
}
