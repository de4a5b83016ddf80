/*
 * What this build found on this machine: one line per runtime.
 *
 * DuckDB and the model runtimes are really opened and asked, so that the line is what a run would
 * meet. A runtime that is
 * not there is an answer, not an error: its line says how to get it.
 */
#include "api/api.h"

#include <string.h>

#include "base/error.h"
#include "model/model.h"
#include "table/engine.h"

#define RUNTIMES_MEMORY_BYTES ((uint64_t)256 << 20)

static nonet_status append_row(void *context, const char *text, size_t length, nonet_error *error) {
  (void)error;
  text_append_n(context, text, length);
  return NONET_OK;
}

/* "duckdb 1.5.5", or "duckdb: " and what the engine says about its absence. */
static nonet_status append_duckdb(struct text *lines, nonet_error *error) {
  nonet_error reason = {""};
  struct engine *engine = NULL;
  struct text version = {0};
  nonet_status status = engine_open(1, RUNTIMES_MEMORY_BYTES, NULL, &engine, &reason);
  if (status == NONET_OK) {
    status = engine_each_text(engine, "select version()", append_row, &version, &reason);
  }
  if (status == NONET_OK && version.data != NULL) {
    text_printf(lines, "duckdb %s\n", version.data + (version.data[0] == 'v'));
  } else if (status == NONET_E_MEMORY) {
    status = error_set(error, status, "%s", reason.message);
  } else {
    text_printf(lines, "duckdb: not available; %s\n", reason.message);
    status = NONET_OK;
  }
  engine_close(engine);
  text_clear(&version);
  return status;
}

nonet_status nonet_runtimes(char **text, nonet_error *error) {
  struct text lines = {0};
  *text = NULL;
  nonet_status status = append_duckdb(&lines, error);
  model_runtimes(&lines);
  text_append(&lines, "adbc driver manager " NONET_ADBC_MANAGER_VERSION "\n");
  if (status == NONET_OK) {
    return api_take_text(&lines, "the list of runtimes", text, error);
  }
  text_clear(&lines);
  return status;
}
