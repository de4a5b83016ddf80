/*
 * Columns copied row by row.
 *
 * Cases: 1. integers of any width become 64 bits, signed unless the source was unsigned; floats
 * keep their width, so that a threshold is rounded as it would be in the file. 2. Decimals become
 * doubles.
 * 3. Texts, dates and times become texts as a role reads them; a dictionary becomes its values.
 * 4. Lists of numbers become lists of doubles. 5. Nulls stay nulls; the all-null type too.
 * 6. Anything else has no role.
 */
#include "probe/rowcopy.h"

#include "base/error.h"

static enum ArrowType copied_type(const struct arrow_type *type) {
  switch (type->kind) {
  case ARROWCOL_BOOL:
    return NANOARROW_TYPE_BOOL;
  case ARROWCOL_INT:
    return type->storage == NANOARROW_TYPE_UINT64 && !type->is_dictionary ? NANOARROW_TYPE_UINT64
                                                                          : NANOARROW_TYPE_INT64;
  case ARROWCOL_FLOAT16:
  case ARROWCOL_FLOAT32:
    return NANOARROW_TYPE_FLOAT;
  case ARROWCOL_FLOAT64:
  case ARROWCOL_DECIMAL:
    return NANOARROW_TYPE_DOUBLE;
  case ARROWCOL_TEXT:
  case ARROWCOL_DATE:
    return NANOARROW_TYPE_STRING;
  case ARROWCOL_LIST:
    return NANOARROW_TYPE_LIST;
  case ARROWCOL_NULL:
    return NANOARROW_TYPE_NA;
  case ARROWCOL_OTHER:
    break;
  }
  return NANOARROW_TYPE_UNINITIALIZED; /* case 6 */
}

nonet_status rowcopy_schema(const struct arrow_type *type, const char *name,
                            struct ArrowSchema *schema, nonet_error *error) {
  char found[128];
  enum ArrowType copied = copied_type(type);
  if (copied == NANOARROW_TYPE_UNINITIALIZED) {
    arrow_type_name(type, found, sizeof found);
    return error_set(error, NONET_E_DATA,
                     "column '%s' is %s; a role needs numbers, texts, booleans, dates or a list of "
                     "numbers",
                     name, found);
  }
  bool fits = ArrowSchemaSetType(schema, copied) == NANOARROW_OK &&
              ArrowSchemaSetName(schema, name) == NANOARROW_OK;
  if (fits && copied == NANOARROW_TYPE_LIST) {
    fits = ArrowSchemaSetType(schema->children[0], NANOARROW_TYPE_DOUBLE) == NANOARROW_OK;
  }
  return fits ? NONET_OK : error_memory(error, sizeof *schema, "a column");
}

static int append_list(const struct arrowcol *column, const struct arrowcol *item, int64_t row,
                       struct ArrowArray *out) {
  int64_t first = 0, n = 0;
  int code = NANOARROW_OK;
  double number;
  if (!arrowcol_list_bounds(column, row, &first, &n)) {
    return ArrowArrayAppendNull(out, 1);
  }
  for (int64_t i = 0; i < n && code == NANOARROW_OK; i++) {
    (void)arrowcol_doubles(item, first + i, 1, &number, 1);
    code = arrowcol_is_null(item, first + i) ? ArrowArrayAppendNull(out->children[0], 1)
                                             : ArrowArrayAppendDouble(out->children[0], number);
  }
  return code == NANOARROW_OK ? ArrowArrayFinishElement(out) : code;
}

static int append_value(enum ArrowType copied, const struct arrowcol *column, int64_t row,
                        struct ArrowArray *out) {
  char buffer[ARROWCOL_TEXT_BYTES];
  double number;
  if (arrowcol_is_null(column, row)) { /* case 5 */
    return ArrowArrayAppendNull(out, 1);
  }
  if (copied == NANOARROW_TYPE_FLOAT || copied == NANOARROW_TYPE_DOUBLE) {
    (void)arrowcol_doubles(column, row, 1, &number, 1);
    return ArrowArrayAppendDouble(out, number);
  }
  struct value value = arrowcol_value(column, row, buffer);
  switch (copied) {
  case NANOARROW_TYPE_UINT64: /* beyond what a value's integer holds */
    return ArrowArrayAppendUInt(
        out, ((const uint64_t *)column->array->buffers[1])[column->offset + row]);
  case NANOARROW_TYPE_STRING:
    return ArrowArrayAppendString(out, (struct ArrowStringView){value.text, (int64_t)value.length});
  default:
    return ArrowArrayAppendInt(out, value.number);
  }
}

static nonet_status append_span(const struct arrow_type *type, size_t child,
                                const struct row_span *span, struct ArrowArray *out,
                                nonet_error *error) {
  const enum ArrowType copied = copied_type(type);
  struct arrowcol column, item = {0};
  if (!arrowcol_bind(&column, type, span->array->children[child]) ||
      (copied == NANOARROW_TYPE_LIST && !arrowcol_item(&column, &item))) {
    return error_set(error, NONET_E_DATA, "a batch of the table is broken: buffers are missing");
  }
  int code = NANOARROW_OK;
  for (int64_t row = span->start; row < span->start + span->n && code == NANOARROW_OK; row++) {
    code = copied == NANOARROW_TYPE_LIST ? append_list(&column, &item, row, out)
                                         : append_value(copied, &column, row, out);
  }
  return code == NANOARROW_OK ? NONET_OK : error_memory(error, (size_t)span->n, "a column's copy");
}

nonet_status rowcopy_column(const struct arrow_type *type, size_t child,
                            const struct row_span *spans, size_t n_spans, struct ArrowArray *column,
                            nonet_error *error) {
  struct ArrowSchema schema;
  ArrowSchemaInit(&schema);
  column->release = NULL;
  nonet_status status = rowcopy_schema(type, "", &schema, error);
  if (status == NONET_OK && (ArrowArrayInitFromSchema(column, &schema, NULL) != NANOARROW_OK ||
                             ArrowArrayStartAppending(column) != NANOARROW_OK)) {
    status = error_memory(error, sizeof *column, "a column's copy");
  }
  for (size_t i = 0; i < n_spans && status == NONET_OK; i++) {
    status = append_span(type, child, &spans[i], column, error);
  }
  if (status == NONET_OK && ArrowArrayFinishBuildingDefault(column, NULL) != NANOARROW_OK) {
    status = error_memory(error, sizeof *column, "a column's copy");
  }
  if (status != NONET_OK && column->release != NULL) {
    column->release(column);
    column->release = NULL;
  }
  if (schema.release != NULL) {
    schema.release(&schema);
  }
  return status;
}
