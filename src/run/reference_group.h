/* The groups that gaps are taken against. */
#ifndef RUN_REFERENCE_GROUP_H
#define RUN_REFERENCE_GROUP_H

#include "table/roles.h"

/* "sex=Male,race=White" into the domains of the roles; NULL: none. A column that is no group, or
 * one named twice: NONET_E_USAGE; a group that does not occur: NONET_E_DATA with near names, but in
 * a part of a whole all pairs, since other parts may have it. */
nonet_status reference_group_set(const char *list, bool is_part, struct roles *roles,
                                 nonet_error *error) NONET_NODISCARD;

#endif
