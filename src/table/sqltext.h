/* Pieces of SQL with everything quoted. */
#ifndef TABLE_SQLTEXT_H
#define TABLE_SQLTEXT_H

#include "base/text.h"

void sqltext_identifier(struct text *sql, const char *name); /* "a ""quoted"" name" */
void sqltext_literal(struct text *sql, const char *value);   /* 'it''s' */
/* A path as a literal whose wild cards are taken literally. */
void sqltext_path(struct text *sql, const char *path);

#endif
