/* The distinct values of one column, in the order met, then sorted names. Grows up to a limit; more
 * is the caller's error. */
#ifndef TABLE_VALUESET_H
#define TABLE_VALUESET_H

#include "table/value.h"

struct valueset {
  char **names; /* canonical names; owned */
  size_t n, capacity;
  uint32_t *slots; /* open addressing: 1 + index, 0 = free */
  size_t n_slots;
  bool is_ordered; /* the order met is the order: finish sorts nothing */
  bool is_untyped; /* texts of a file without types: numbers are found out at the end */
  bool saw_bool, saw_int, saw_float, saw_text, saw_null;
};

#define VALUESET_NULL UINT32_MAX

void valueset_clear(struct valueset *set);
/* *index of the value (VALUESET_NULL for null). False when memory is short. */
bool valueset_add(struct valueset *set, const struct value *value, uint32_t *index) NONET_NODISCARD;
bool valueset_add_name(struct valueset *set, const char *name, size_t length,
                       uint32_t *index) NONET_NODISCARD;
/* Takes the flags of another set (its values are added by the caller, who needs their indices). */
void valueset_merge_flags(struct valueset *set, const struct valueset *other);

/*
 * Settles an untyped set: all numbers → numbers with canonical names ("1.0" → "1"), all true/false
 * in any case → booleans. Then sorts: numbers ascending, otherwise bytewise. map[old index] = new
 * index (equal names fall together); map may be NULL.
 */
bool valueset_finish(struct valueset *set, uint32_t *map) NONET_NODISCARD;
bool valueset_is_numeric(const struct valueset *set);

#endif
