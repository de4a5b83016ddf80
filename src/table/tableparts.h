/* What the files of this folder share about an open table; nothing outside the folder includes it.
 */
#ifndef TABLE_TABLEPARTS_H
#define TABLE_TABLEPARTS_H

#include "base/text.h"
#include "table/arrowcol.h"
#include "table/category.h"
#include "table/csvhead.h"
#include "table/engine.h"
#include "table/ranges.h"
#include "table/table.h"

enum source_kind {
  SOURCE_CSV,    /* files through the embedded engine, types by role */
  SOURCE_ENGINE, /* Parquet, JSON or SQL through the embedded engine */
  SOURCE_DRIVER, /* another ADBC driver */
  SOURCE_IPC,    /* Arrow IPC files */
  SOURCE_STREAM  /* a caller's stream, kept in memory */
};

/* How a column is read. */
enum binding_use {
  USE_CATEGORY, /* label, prediction, group: values with names */
  USE_NUMBER,   /* score, weight, target */
  USE_KEY       /* cluster, id */
};

struct binding {
  char *request; /* as asked for */
  size_t column; /* index of the column; SIZE_MAX: an expression */
  enum binding_use use;
  struct arrow_type type; /* what a scan hands out */
  bool cast_text;         /* a type without a name of its own here: the engine writes it as text */
  bool is_untyped;        /* texts of a file without types */
};

#define NO_BINDING SIZE_MAX

/* Where each role stands among the bindings; made by table_resolve, used by every pass. */
struct plan {
  struct binding *bindings;
  size_t n_bindings, capacity;
  size_t label, weight, cluster, id;
  size_t *scores[N_STREAMS]; /* in class order */
  size_t n_scores[N_STREAMS];
  bool score_is_list[N_STREAMS];
  size_t prediction[N_STREAMS];
  size_t *groups;        /* groups, then controls */
  struct ranges *ranges; /* [n_groups] of columns of numbers; n = 0: its values are groups */
  size_t n_groups;
  bool *in_expression; /* [n_columns] columns that some expression uses */
  bool drop_invalid;
  double threshold[N_STREAMS]; /* rounded to each stream's own type */
};

struct table {
  enum source_kind kind;
  char *name;
  char sha256[65];
  size_t n_threads, batch_rows;
  struct engine *engine;
  char **files;
  size_t n_files, files_capacity;
  int spool_fd;        /* stdin's copy, −1 */
  char *relation;      /* SQL that can stand behind FROM; not for CSV */
  char *query;         /* of another driver */
  struct csvhead head; /* CSV */
  char **column_names;
  char **column_types;
  struct arrow_type *types; /* of the columns; CSV has none */
  size_t n_columns;
  char **csv_types; /* SQL types found by a full look, for expressions; NULL until needed */
  struct ArrowArray *batches; /* SOURCE_STREAM */
  size_t n_batches, batches_capacity;
  struct plan plan;
  bool hands_rows; /* a pass hands out the data rows as well (frame.c) */
};

/* source.c */
nonet_status source_open(struct table *table, const struct table_source *source,
                         nonet_error *error) NONET_NODISCARD;
nonet_status source_set_columns(struct table *table, const struct ArrowSchema *schema,
                                nonet_error *error) NONET_NODISCARD;

/* ipcfile.c: a stream over one Arrow IPC file (file or stream format). */
nonet_status ipcfile_open(const char *path, const char *name, struct ArrowArrayStream *stream,
                          nonet_error *error) NONET_NODISCARD;
/* The same over bytes in memory, which are copied. */
nonet_status ipcfile_open_bytes(const void *data, size_t size_bytes, const char *name,
                                struct ArrowArrayStream *stream,
                                nonet_error *error) NONET_NODISCARD;

/* plan.c */
nonet_status plan_bind(struct table *table, const char *request, enum binding_use use,
                       const char *role, size_t *binding, nonet_error *error) NONET_NODISCARD;
/* Columns as they stand, for readers without roles; the types of a CSV are found by a look at all
 * of its rows, never at a sample. */
nonet_status plan_bind_columns(struct table *table, const char *const *requests, size_t n,
                               const char *what, size_t *bindings,
                               nonet_error *error) NONET_NODISCARD;
/* Settles the types of all bindings (one empty query, or the schema). */
nonet_status plan_settle_types(struct table *table, nonet_error *error) NONET_NODISCARD;
void plan_clear(struct plan *plan);

/* scan.c: the rows of some bindings. Column k of an array is binding wanted[k] by way of `child`.
 */
struct scan {
  struct table *table;
  struct engine_query query;
  struct ArrowArrayStream stream; /* IPC */
  size_t next_file, next_batch;
  size_t n_wanted;
  size_t *child;
  struct arrow_type *types; /* [n_wanted] */
};

enum scan_mode { SCAN_ROWS, SCAN_DISTINCT, SCAN_TYPES /* no rows */ };

/* DISTINCT is a permission: sources without SQL hand out all rows. `not_null` is a binding whose
   null rows may be left out, limit 0 is none. */
nonet_status scan_open(struct scan *scan, struct table *table, const size_t *wanted,
                       size_t n_wanted, enum scan_mode mode, size_t not_null, uint64_t limit,
                       nonet_error *error) NONET_NODISCARD;
/* array->release NULL: the end. *owned: the caller releases. */
nonet_status scan_next(struct scan *scan, struct ArrowArray *array, bool *owned,
                       nonet_error *error) NONET_NODISCARD;
void scan_close(struct scan *scan);
/* The SQL of a scan of one binding (column nonet_0); sources of the embedded engine only. */
nonet_status scan_sql(struct table *table, size_t binding, struct text *sql,
                      nonet_error *error) NONET_NODISCARD;

/* unique.c: NONET_E_DATA naming a value that occurs twice. */
nonet_status unique_check(struct table *table, size_t id, nonet_error *error) NONET_NODISCARD;

#endif
