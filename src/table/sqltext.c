/* SQL quoting: the one place where a name or a value becomes part of a statement. */
#include "table/sqltext.h"

#include <string.h>

static void quoted(struct text *sql, const char *value, char quote) {
  text_append_n(sql, &quote, 1);
  for (; *value; value++) {
    text_append_n(sql, value, 1);
    if (*value == quote)
      text_append_n(sql, &quote, 1);
  }
  text_append_n(sql, &quote, 1);
}

void sqltext_identifier(struct text *sql, const char *name) {
  quoted(sql, name, '"');
}

void sqltext_literal(struct text *sql, const char *value) {
  quoted(sql, value, '\'');
}

void sqltext_path(struct text *sql, const char *path) {
  struct text escaped = {0};
  for (; *path; path++) {
    if (strchr("*?[", *path))
      text_printf(&escaped, "[%c]", *path);
    else
      text_append_n(&escaped, path, 1);
  }
  sql->failed |= escaped.failed;
  sqltext_literal(sql, escaped.data ? escaped.data : "");
  text_clear(&escaped);
}
