/* The check of a column entry that is no column: one scalar expression over the file's columns, or
 * an error. */
#ifndef TABLE_SQLEXPR_H
#define TABLE_SQLEXPR_H

#include "table/engine.h"

/* A lone name: never SQL. */
bool sqlexpr_is_bare(const char *text);

/* Parses `text` with the engine's own parser and walks the tree against lists of what is allowed.
   used[i] is set for each column that occurs (a column is found by its exact name, then ignoring
   case). NONET_E_DATA for an unknown column, NONET_E_USAGE otherwise. */
nonet_status sqlexpr_check(struct engine *engine, const char *text, const char *const *columns,
                           size_t n_columns, bool *used, nonet_error *error) NONET_NODISCARD;
/* The second half, on the parser's answer (JSON text): what the fuzzer feeds. */
nonet_status sqlexpr_check_tree(const char *tree, size_t length, const char *text,
                                const char *const *columns, size_t n_columns, bool *used,
                                nonet_error *error) NONET_NODISCARD;

#endif
