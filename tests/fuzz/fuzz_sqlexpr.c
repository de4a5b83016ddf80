/* Any text as a column entry: accepted texts must be one scalar expression, so that they stand in
 * brackets inside a SELECT. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "table/sqlexpr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct engine *engine;

/* By how the message begins: a name of the text may stand in it. */
static int is_syntax(const nonet_error *error) {
  return strncmp(error->message, "Parser Error", 12) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const columns[] = {"y", "p", "a b", "g"};
  bool used[4];
  nonet_error error;
  if (size > 300)
    return 0;
  if (!engine) {
    if (engine_open(1, 1000000000, NULL, &engine, &error))
      return 0; /* no engine on this machine: nothing to parse with */
    if (!engine_run(engine, "SELECT (y;)", &error) || !is_syntax(&error))
      abort(); /* the engine says it in other words */
  }
  char *text = malloc(size + 1);
  memcpy(text, data, size);
  text[size] = '\0';
  if (sqlexpr_check(engine, text, columns, 4, used, &error) == NONET_OK) {
    /* It must prepare, or fail for its types, over a table of one row; never for its syntax. */
    struct text sql = {0};
    text_printf(&sql,
                "SELECT (%s\n) FROM (SELECT 1 AS y, 0.5 AS p, 'x' AS \"a b\", 2 AS g) AS "
                "nonet_rows LIMIT 0",
                text);
    if (engine_run(engine, sql.data, &error) && is_syntax(&error))
      abort();
    text_clear(&sql);
  }
  nonet_status status = sqlexpr_check_tree(text, strlen(text), text, columns, 4, used, &error);
  (void)status;
  free(text);
  return 0;
}
