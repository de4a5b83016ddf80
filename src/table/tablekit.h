/* For the tests of this folder: tables out of SQL text and caller streams, rows collected in order.
 */
#ifndef TABLE_TABLEKIT_H
#define TABLE_TABLEKIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "table/tableparts.h"

/* The group teardown of every test program that uses the kit: closes the engine, removes the
 * folder. */
int tablekit_teardown(void **state);
/* A folder for the files of one test program. */
const char *tablekit_path(const char *name);
/* Writes a file; the size is taken of the text when 0. */
void tablekit_write(const char *path, const void *data, size_t size_bytes);
/* COPY (sql) TO path (FORMAT format), through the embedded engine. */
void tablekit_copy(const char *sql, const char *path, const char *format);
/* The result of SQL as a caller's stream that is already in memory. */
void tablekit_stream(const char *sql, struct ArrowArrayStream *stream);
/* Runs a statement of the embedded engine. */
void tablekit_run(const char *sql);

/* Everything a pass hands out, in the order of the source (one worker) or of arrival. */
struct tablekit_rows {
  size_t n, capacity;
  uint32_t *label, *cell, *prediction[N_STREAMS];
  double *target, *weight, *score[N_STREAMS];
  uint64_t *cluster, *id;
  struct roles roles;
  struct role_tally tally;
  nonet_status status;
  nonet_error error;
};

void tablekit_read(const struct table_source *source, const struct roles_request *request,
                   struct tablekit_rows *rows);
void tablekit_read_path(const char *path, const struct roles_request *request,
                        struct tablekit_rows *rows);
void tablekit_clear(struct tablekit_rows *rows);
/* Fails the test unless the status is so and the message has all the pieces (a NULL ends them). */
void tablekit_expect(const struct tablekit_rows *rows, nonet_status status, ...);

#endif
