/* The header of a CSV file, read by ourselves, and the place of a data row in it. */
#ifndef TABLE_CSVHEAD_H
#define TABLE_CSVHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

struct csvhead {
  char delimiter;
  char **names; /* as written, unquoted; an empty one is called column0, column1 … by its place */
  size_t n_names;
};

/* From the first bytes of a file; *complete tells whether the header record ended within them (with
   is_all, the end ends it). An incomplete header leaves `head` empty. `source` is the name for
   messages. */
nonet_status csvhead_parse(const char *data, size_t size_bytes, bool is_all, const char *source,
                           struct csvhead *head, bool *complete,
                           nonet_error *error) NONET_NODISCARD;
nonet_status csvhead_read(const char *path, const char *source, struct csvhead *head,
                          nonet_error *error) NONET_NODISCARD;
void csvhead_clear(struct csvhead *head);
bool csvhead_equal(const struct csvhead *a, const struct csvhead *b);

/* The line (1-based, of the file) where data row `row` (1-based) begins; 0 when it cannot be told.
   The row count of the file, when it has fewer rows, is in *n_rows. */
uint64_t csvhead_line_of_row(const char *path, const struct csvhead *head, uint64_t row,
                             uint64_t *n_rows);

#endif
