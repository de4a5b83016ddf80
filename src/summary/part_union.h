/* Parts of one whole: do their roles fit together, and how do their codes map to the whole's. */
#ifndef SUMMARY_PART_UNION_H
#define SUMMARY_PART_UNION_H

#include "summary/code_map.h"
#include "table/roles.h"

/* The columns a part was made from must be the same, also for a part without rows; NONET_E_DATA
 * names what differs. */
nonet_status part_union_columns(const struct roles *a, const struct roles *b,
                                nonet_error *error) NONET_NODISCARD;
/* Fills `whole` (roles_clear) and the maps (part_union_clear_map) of both parts; NONET_E_DATA names
 * the field that differs. */
nonet_status part_union_make(const struct roles *a, const struct roles *b, struct roles *whole,
                             struct code_map *map_a, struct code_map *map_b,
                             nonet_error *error) NONET_NODISCARD;
void part_union_clear_map(struct code_map *map);
bool part_union_is_identity(const struct code_map *map, const struct roles *part,
                            const struct roles *whole);

#endif
