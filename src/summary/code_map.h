/*
 * How the codes of one part become the codes of the whole: parts that were measured apart number
 * classes and cells by what they saw. Maps are increasing in classes (both sides are in class
 * order), so sorted records stay sorted.
 */
#ifndef SUMMARY_CODE_MAP_H
#define SUMMARY_CODE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct code_map {
  uint32_t *cell;       /* [n_cells of the part] code in the whole */
  uint32_t *class_code; /* [n_classes of the part] */
  size_t n_cells, n_classes;
  bool same_classes; /* class codes map to themselves */
};

static inline uint32_t code_map_cell(const struct code_map *map, uint32_t cell) {
  return map && map->cell ? map->cell[cell] : cell;
}

static inline uint32_t code_map_class(const struct code_map *map, uint32_t code) {
  return map && map->class_code ? map->class_code[code] : code;
}

#endif
