/*
 * The run's classes, and which of them a model means by what it answers.
 */
#ifndef MODEL_CLASS_MAP_H
#define MODEL_CLASS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

#define CLASS_MAP_SMALL 256

struct class_map {
  char **names; /* [n] */
  size_t n;
  size_t *order;                  /* indices by name, bytewise */
  bool by_position;               /* no name is a number, so that 0 … n − 1 can only be places */
  int32_t small[CLASS_MAP_SMALL]; /* the classes of the integers 0 …; −1: none */
};

nonet_status class_map_init(struct class_map *map, const char *const *names, size_t n,
                            nonet_error *error) NONET_NODISCARD;
void class_map_clear(struct class_map *map);
/* The index of a class; −1: no class of the run. */
int64_t class_map_text(const struct class_map *map, const char *text, size_t length);
int64_t class_map_int(const struct class_map *map, int64_t value);
/* "a, b, c … (12)" for a message. */
struct text;
void class_map_list(struct text *text, const char *const *names, size_t n);

#endif
