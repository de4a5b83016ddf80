/* CSV files as SQL: which columns with which types. */
#ifndef TABLE_CSVREL_H
#define TABLE_CSVREL_H

#include "base/text.h"
#include "table/tableparts.h"

/* Reads the header of every file and sets the table's columns. */
nonet_status csvrel_open(struct table *table, nonet_error *error) NONET_NODISCARD;
/* Looks at all rows once and finds the types that expressions see. */
nonet_status csvrel_find_types(struct table *table, nonet_error *error) NONET_NODISCARD;
/* read_csv(…) with columns c0, c1 …; types[i] NULL is VARCHAR. */
void csvrel_append(const struct table *table, struct text *sql, const char *const *types);
/* ": line 17" (or ": file x, line 17") of a data row, or nothing. */
void csvrel_line(const struct table *table, uint64_t row, struct text *text);

#endif
