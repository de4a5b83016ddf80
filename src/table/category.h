/* From values to codes: the class of a label, the value of a group column. Immutable once made,
 * shared by all workers. */
#ifndef TABLE_CATEGORY_H
#define TABLE_CATEGORY_H

#include "table/arrowcol.h"

#define CATEGORY_NULL UINT32_MAX
#define CATEGORY_UNKNOWN (UINT32_MAX - 1)

struct category;

/* names[k] has code k; a NULL name is the null value (its code is given to nulls) only when
 * null_is_value. */
nonet_status category_new(char *const *names, size_t n, bool null_is_value,
                          struct category **category, nonet_error *error) NONET_NODISCARD;
/* The values are ranges of numbers: code k is range k, from now on. Borrowed. */
struct ranges;
void category_set_ranges(struct category *category, const struct ranges *ranges);
void category_free(struct category *category);

uint32_t category_find(const struct category *category, const struct value *value);

/* Codes of n rows. *clean: every code is a code (no CATEGORY_NULL, no CATEGORY_UNKNOWN). */
nonet_status category_encode(const struct category *category, const struct arrowcol *column,
                             int64_t start, int64_t n, uint32_t *codes, bool *clean,
                             nonet_error *error) NONET_NODISCARD;

#endif
