/*
 * Rows for requests (rows_file.h).
 *
 * Cases:
 *  1. A table larger than memory: of each batch only the rows that are kept are copied, and the
 * copies are joined at the end.
 *  2. No rows: nothing can be asked; said.
 *  3. A column is copied in the plain type of its kind (rowcopy.h), which every model that takes
 * the column takes too.
 */
#include "probe/process/rows_file.h"

#include <unistd.h>

#include <nanoarrow/nanoarrow_ipc.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/process/launch.h"
#include "probe/rowcopy.h"
#include "probe/sample.h"

struct copy {
  struct ArrowArray array; /* a struct of the kept rows of one batch */
};

struct gathered {
  const char *const *names;
  size_t n_columns;
  struct ArrowSchema schema; /* of the copies */
  struct arrow_type *source, *copied;
  struct copy *copies;
  size_t n_copies, capacity;
};

static void gathered_clear(struct gathered *gathered) {
  for (size_t i = 0; i < gathered->n_copies; i++) {
    if (gathered->copies[i].array.release != NULL) {
      gathered->copies[i].array.release(&gathered->copies[i].array);
    }
  }
  for (size_t c = 0; c < gathered->n_columns; c++) {
    if (gathered->source != NULL) {
      arrow_type_clear(&gathered->source[c]);
    }
    if (gathered->copied != NULL) {
      arrow_type_clear(&gathered->copied[c]);
    }
  }
  memory_free(gathered->source);
  memory_free(gathered->copied);
  memory_free(gathered->copies);
  if (gathered->schema.release != NULL) {
    gathered->schema.release(&gathered->schema);
  }
}

static nonet_status gathered_init(struct gathered *gathered, const struct ArrowSchema *schema,
                                  nonet_error *error) {
  size_t n = gathered->n_columns;
  gathered->source = memory_zeroed(n, sizeof *gathered->source);
  gathered->copied = memory_zeroed(n, sizeof *gathered->copied);
  ArrowSchemaInit(&gathered->schema);
  if (gathered->source == NULL || gathered->copied == NULL ||
      ArrowSchemaSetTypeStruct(&gathered->schema, (int64_t)n) != NANOARROW_OK) {
    return error_memory(error, n * sizeof *gathered->source, "the rows of requests");
  }
  nonet_status status = NONET_OK;
  for (size_t c = 0; c < n && status == NONET_OK; c++) {
    if (!arrow_type_init(&gathered->source[c], schema->children[c])) {
      return error_memory(error, sizeof *gathered->source, "a column's type");
    }
    status = rowcopy_schema(&gathered->source[c], gathered->names[c], gathered->schema.children[c],
                            error); /* 3 */
    if (status == NONET_OK &&
        !arrow_type_init(&gathered->copied[c], gathered->schema.children[c])) {
      status = error_memory(error, sizeof *gathered->copied, "a column's type");
    }
  }
  return status;
}

/* The spans' rows, by types of theirs, as one struct array. */
static nonet_status join(const struct gathered *gathered, const struct arrow_type *types,
                         const struct row_span *spans, size_t n_spans, struct ArrowArray *out,
                         nonet_error *error) {
  nonet_status status = NONET_OK;
  out->release = NULL;
  if (ArrowArrayInitFromSchema(out, &gathered->schema, NULL) != NANOARROW_OK) {
    return error_memory(error, sizeof *out, "the rows of requests");
  }
  out->length = 0;
  for (size_t i = 0; i < n_spans; i++) {
    out->length += spans[i].n;
  }
  for (size_t c = 0; c < gathered->n_columns && status == NONET_OK; c++) {
    out->children[c]->release(out->children[c]);
    status = rowcopy_column(&types[c], c, spans, n_spans, out->children[c], error);
  }
  if (status == NONET_OK &&
      ArrowArrayFinishBuilding(out, NANOARROW_VALIDATION_LEVEL_NONE, NULL) != NANOARROW_OK) {
    status = error_memory(error, sizeof *out, "the rows of requests");
  }
  if (status != NONET_OK) {
    out->release(out);
    out->release = NULL;
  }
  return status;
}

/* Adds the kept rows of a batch whose first row is `row` of the table (from 0). */
static nonet_status add_batch(struct gathered *gathered, const struct sample *sample,
                              const struct ArrowArray *array, uint64_t row, nonet_error *error) {
  struct row_span *spans = memory_new((size_t)array->length + 1, sizeof *spans);
  size_t n = 0;
  void *copies = gathered->copies;
  if (spans == NULL || !memory_grow(&copies, &gathered->capacity, gathered->n_copies + 1,
                                    sizeof *gathered->copies)) {
    memory_free(spans);
    return error_memory(error, (size_t)array->length * sizeof *spans, "the rows of requests");
  }
  gathered->copies = copies;
  for (int64_t i = 0; i < array->length; i++) {
    if (sample_keeps(sample, row + (uint64_t)i)) {
      spans[n++] = (struct row_span){array, i, 1, row + (uint64_t)i + 1};
    }
  }
  nonet_status status = NONET_OK;
  if (n > 0) {
    struct copy *copy = &gathered->copies[gathered->n_copies];
    status = join(gathered, gathered->source, spans, n, &copy->array, error);
    gathered->n_copies += status == NONET_OK;
  }
  memory_free(spans);
  return status;
}

static nonet_status gather(struct gathered *gathered, struct table *table,
                           const struct sample *sample, struct progress *progress,
                           nonet_error *error) {
  struct table_columns *columns = NULL;
  uint64_t row = 0;
  nonet_status status =
      table_columns_open(table, gathered->names, gathered->n_columns, "probes", &columns, error);
  if (status == NONET_OK) {
    status = gathered_init(gathered, table_columns_schema(columns), error);
  }
  while (status == NONET_OK) {
    struct ArrowArray array = {0};
    status = table_columns_next(columns, &array, error);
    if (status != NONET_OK || array.release == NULL) {
      break;
    }
    status = add_batch(gathered, sample, &array, row, error); /* 1 */
    row += (uint64_t)array.length;
    array.release(&array);
    if (status == NONET_OK) {
      status = progress_check(progress, error);
    }
  }
  if (columns != NULL) {
    table_columns_close(columns);
  }
  return status;
}

static nonet_status join_copies(const struct gathered *gathered, struct ArrowArray *all,
                                nonet_error *error) {
  struct row_span *spans = memory_new(gathered->n_copies + 1, sizeof *spans);
  if (spans == NULL) {
    return error_memory(error, gathered->n_copies * sizeof *spans, "the rows of requests");
  }
  for (size_t i = 0; i < gathered->n_copies; i++) {
    const struct ArrowArray *array = &gathered->copies[i].array;
    spans[i] = (struct row_span){array, 0, array->length, 1};
  }
  nonet_status status = join(gathered, gathered->copied, spans, gathered->n_copies, all, error);
  memory_free(spans);
  return status;
}

static nonet_status write_stream(const struct ArrowSchema *schema, const struct ArrowArray *array,
                                 int fd, nonet_error *error) {
  struct ArrowBuffer buffer;
  struct ArrowIpcOutputStream output = {0};
  struct ArrowIpcWriter writer = {0};
  struct ArrowArrayView view = {0};
  struct ArrowError why = {{0}};
  ArrowBufferInit(&buffer);
  int code = ArrowIpcOutputStreamInitBuffer(&output, &buffer);
  if (code == NANOARROW_OK) {
    code = ArrowIpcWriterInit(&writer, &output);
  }
  if (code == NANOARROW_OK) {
    code = ArrowArrayViewInitFromSchema(&view, schema, &why);
    if (code == NANOARROW_OK) {
      code = ArrowArrayViewSetArray(&view, array, &why);
    }
    if (code == NANOARROW_OK) {
      code = ArrowIpcWriterWriteSchema(&writer, schema, &why);
    }
    if (code == NANOARROW_OK) {
      code = ArrowIpcWriterWriteArrayView(&writer, &view, &why);
    }
    if (code == NANOARROW_OK) {
      code = ArrowIpcWriterWriteArrayView(&writer, NULL, &why);
    }
    ArrowArrayViewReset(&view);
    ArrowIpcWriterReset(&writer);
  }
  nonet_status status = code == NANOARROW_OK
                            ? launch_write(fd, buffer.data, (size_t)buffer.size_bytes, error)
                            : error_set(error, NONET_E_DATA,
                                        "the rows of requests cannot be written: %s", why.message);
  ArrowBufferReset(&buffer);
  return status;
}

nonet_status rows_file(struct table *table, const char *const *columns, size_t n_columns,
                       size_t n_most, uint64_t seed, int *fd, size_t *n_rows,
                       struct progress *progress, nonet_error *error) {
  const struct sample_request request = {
      .n_rows = n_most, .seed = seed, .columns = columns, .n_columns = n_columns};
  struct gathered gathered = {.names = columns, .n_columns = n_columns};
  struct sample sample = {0};
  struct ArrowArray all = {0};
  *fd = -1;
  *n_rows = 0;
  nonet_status status = sample_draw(table, &request, &sample, progress, error);
  if (status == NONET_OK) {
    status = gather(&gathered, table, &sample, progress, error);
  }
  if (status == NONET_OK && gathered.n_copies == 0) {
    status = error_set(error, NONET_E_DATA, "the test data have no rows to ask"); /* 2 */
  }
  if (status == NONET_OK) {
    status = join_copies(&gathered, &all, error);
  }
  if (status == NONET_OK) {
    *n_rows = (size_t)all.length;
    *fd = launch_file(error);
    status = *fd < 0 ? NONET_E_IO : write_stream(&gathered.schema, &all, *fd, error);
  }
  if (status != NONET_OK && *fd >= 0) {
    (void)close(*fd);
    *fd = -1;
  }
  if (all.release != NULL) {
    all.release(&all);
  }
  gathered_clear(&gathered);
  sample_clear(&sample);
  return status;
}
