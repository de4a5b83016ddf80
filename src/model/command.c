/*
 * A model that is a program of the user's: features as an Arrow IPC stream on its stdin,
 * predictions as one on its stdout. One process a session, alive as long as the session; a batch of
 * rows is one record batch in and one out.
 *
 * Cases: 1. No shell (command_words.c), its own working folder. 2. It reads the columns listed
 * under features:, under their names; a program names none itself. 3. Types on the wire are plain
 * ones: dictionaries and views as texts, decimals and halves as floats; integers, booleans, dates
 * and lists as they are; a null is a null. 4. Whatever it does wrong is one error of one batch
 * (command_child.c, command_reply.c); after an error the session's process is ended, and the next
 * run starts another. 5. More than one answer to a batch is an error, for the next would be read
 * wrong.
 */
#include "model/command_parts.h"

#include <stdio.h>
#include <string.h>

#include <nanoarrow/nanoarrow_ipc.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

#define COMMAND_TIMEOUT_S 60.0

struct command_model {
  struct command_words words;
  const char *folder; /* NULL: ours */
  bool in_our_group;
  double timeout_s;
};

struct command_session {
  struct command_child child;
  struct command_reply *reply;
  struct ArrowSchema schema; /* on the wire */
  struct ArrowArray rows;
  struct ArrowBuffer bytes;
  struct ArrowIpcWriter writer;
  bool is_running, has_answered;
};

/* ---- open
 * ------------------------------------------------------------------------------------------- */

/* The words, and what stands in the files they name: another script is another model. */
static nonet_status describe(struct model *model, nonet_error *error) {
  const struct command_model *own = model->self;
  struct text line = {0}, hashed = {0};
  char hex[HASH_HEX_BYTES], path[4096];
  for (size_t i = 0; i < own->words.n; i++) {
    const char *word = own->words.word[i];
    bool is_below = own->folder && word[0] != '/';
    snprintf(path, sizeof path, "%s%s%s", is_below ? own->folder : "", is_below ? "/" : "", word);
    if (hash_file_sha256_hex(path, hex, NULL))
      hex[0] = '\0';
    text_printf(&line, "%s%s", i ? " " : "", word);
    text_printf(&hashed, "%s\n%s\n", word, hex);
  }
  if (!line.failed && !hashed.failed) {
    hash_sha256_hex(hashed.data, hashed.length, hex);
    model->info.path = model_keep_text(model, line.data);
    model->info.sha256 = model_keep_text(model, hex);
  }
  text_clear(&line);
  text_clear(&hashed);
  model->info.runtime = "command";
  return model->info.path && model->info.sha256 ? NONET_OK
                                                : error_memory(error, 256, "the command");
}

static nonet_status command_open(struct model *model, const struct model_options *options,
                                 nonet_error *error) {
  struct command_model *own = model_keep(model, 1, sizeof *own);
  if (!own)
    return error_memory(error, sizeof *own, "a model");
  model->self = own;
  own->in_our_group = options->in_our_group;
  own->timeout_s = options->timeout_s > 0 ? options->timeout_s : COMMAND_TIMEOUT_S;
  nonet_status status =
      options->argv
          ? command_words_copy(options->argv, options->n_argv, &own->words, error)
          : command_words_split(options->command ? options->command : "", &own->words, error);
  if (!status && options->folder) {
    own->folder = model_keep_text(model, options->folder);
    status = own->folder ? NONET_OK : error_memory(error, 64, "the command's folder");
  }
  if (!status && options->n_features == 0) /* case 2 */
    status =
        error_set(error, NONET_E_CONFIG,
                  "a command names no columns of its own; list those it reads under features:");
  for (size_t i = 0; i < options->n_features && !status; i++) {
    size_t place;
    status = model_want(model, options->features[i], options->features[i], &place, error);
  }
  return status ? status : describe(model, error);
}

static void command_close(struct model *model) {
  command_words_clear(&((struct command_model *)model->self)->words);
}

/* ---- types on the wire (case 3)
 * ----------------------------------------------------------------------- */

static enum ArrowType wire_type(const struct arrow_type *type) {
  switch (type->kind) {
  case ARROWCOL_BOOL:
    return NANOARROW_TYPE_BOOL;
  case ARROWCOL_INT:
    return type->is_dictionary ? NANOARROW_TYPE_UNINITIALIZED : type->storage;
  case ARROWCOL_FLOAT16:
  case ARROWCOL_FLOAT32:
    return NANOARROW_TYPE_FLOAT;
  case ARROWCOL_FLOAT64:
  case ARROWCOL_DECIMAL:
    return NANOARROW_TYPE_DOUBLE;
  case ARROWCOL_TEXT:
    return NANOARROW_TYPE_STRING;
  case ARROWCOL_DATE:
    return type->is_dictionary ? NANOARROW_TYPE_UNINITIALIZED : type->logical;
  case ARROWCOL_NULL:
    return NANOARROW_TYPE_NA;
  case ARROWCOL_LIST:
    return NANOARROW_TYPE_LIST;
  case ARROWCOL_OTHER:
    break;
  }
  return NANOARROW_TYPE_UNINITIALIZED;
}

static bool is_sendable(const struct arrow_type *type) {
  if (type->kind == ARROWCOL_LIST)
    return arrow_type_is_number(type->item) &&
           wire_type(type->item) != NANOARROW_TYPE_UNINITIALIZED;
  return wire_type(type) != NANOARROW_TYPE_UNINITIALIZED;
}

static nonet_status command_bind(struct model *model, nonet_error *error) {
  for (size_t c = 0; c < model->n_columns; c++) {
    char name[64];
    if (is_sendable(&model->types[c]))
      continue;
    arrow_type_name(&model->types[c], name, sizeof name);
    return error_set(error, NONET_E_DATA,
                     "column '%s' is %s, which is not sent to a command; cast it in the query",
                     model->columns[c], name);
  }
  model->width =
      model->classes.n ? model->classes.n : 1; /* the most; the first answer settles it */
  return NONET_OK;
}

static int set_type(struct ArrowSchema *schema, const struct arrow_type *type,
                    const struct ArrowSchema *from) {
  if (type->kind == ARROWCOL_DATE && from)
    return ArrowSchemaSetFormat(schema, from->format);
  if (type->kind != ARROWCOL_LIST)
    return ArrowSchemaSetType(schema, wire_type(type));
  int bad =
      type->storage == NANOARROW_TYPE_FIXED_SIZE_LIST
          ? ArrowSchemaSetTypeFixedSize(schema, NANOARROW_TYPE_FIXED_SIZE_LIST, type->width_bytes)
          : ArrowSchemaSetType(schema, NANOARROW_TYPE_LIST);
  return bad ? bad : set_type(schema->children[0], type->item, NULL);
}

static int make_schema(const struct model *model, struct ArrowSchema *schema) {
  ArrowSchemaInit(schema);
  int bad = ArrowSchemaSetTypeStruct(schema, (int64_t)model->n_columns);
  for (size_t c = 0; c < model->n_columns && !bad; c++) {
    bad = set_type(schema->children[c], &model->types[c], &model->schemas[c]);
    if (!bad)
      bad = ArrowSchemaSetName(schema->children[c], model->columns[c]);
  }
  return bad;
}

static int append_value(struct ArrowArray *to, const struct arrowcol *column, int64_t row) {
  const struct arrow_type *type = column->type;
  const char *text;
  size_t length;
  int64_t integer;
  double number;
  if (arrowcol_is_null(column, row))
    return ArrowArrayAppendNull(to, 1);
  switch (type->kind) {
  case ARROWCOL_TEXT:
    if (!gather_text(column, row, &text, &length))
      return ArrowArrayAppendNull(to, 1);
    return ArrowArrayAppendString(to, (struct ArrowStringView){text, (int64_t)length});
  case ARROWCOL_INT:
  case ARROWCOL_DATE:
    if (arrowcol_int64(column, row, &integer))
      return ArrowArrayAppendInt(to, integer);
    return ArrowArrayAppendUInt(to, (uint64_t)integer);
  case ARROWCOL_BOOL:
    return ArrowArrayAppendInt(to, ArrowBitGet(column->array->buffers[1], column->offset + row));
  default:
    arrowcol_doubles(column, row, 1, &number, 1);
    return ArrowArrayAppendDouble(to, number);
  }
}

static int append_list(struct ArrowArray *to, const struct arrowcol *column, int64_t row) {
  struct arrowcol item;
  int64_t first, n;
  if (!arrowcol_item(column, &item) || !arrowcol_list_bounds(column, row, &first, &n))
    return ArrowArrayAppendNull(to, 1);
  int bad = NANOARROW_OK;
  for (int64_t k = 0; k < n && !bad; k++)
    bad = append_value(to->children[0], &item, first + k);
  return bad ? bad : ArrowArrayFinishElement(to);
}

static nonet_status command_add(struct model_session *session, int64_t start, int64_t n,
                                nonet_error *error) {
  const struct model *model = session->model;
  struct command_session *own = session->self;
  int bad = NANOARROW_OK;
  if (session->n_rows == 0) { /* what a failed add may have left */
    if (own->rows.release)
      own->rows.release(&own->rows);
    bad = ArrowArrayInitFromSchema(&own->rows, &own->schema, NULL);
    if (!bad)
      bad = ArrowArrayStartAppending(&own->rows);
  }
  for (size_t c = 0; c < model->n_columns && !bad; c++) {
    const struct arrowcol *column = &session->columns[c];
    bool is_list = column->type->kind == ARROWCOL_LIST;
    for (int64_t k = start; k < start + n && !bad; k++)
      bad = is_list ? append_list(own->rows.children[c], column, k)
                    : append_value(own->rows.children[c], column, k);
  }
  own->rows.length += n;
  return bad ? error_memory(error, (size_t)n * model->n_columns * 8, "rows for the command")
             : NONET_OK;
}

/* ---- run
 * ------------------------------------------------------------------------------------------------
 */

static nonet_status read_child(void *context, void *data, size_t size_bytes, nonet_error *error) {
  return command_child_read(context, data, size_bytes, error);
}

static void stop(struct command_session *own) {
  if (own->is_running)
    command_child_close(&own->child);
  command_reply_close(own->reply);
  own->reply = NULL;
  if (own->writer.private_data)
    ArrowIpcWriterReset(&own->writer);
  own->writer.private_data = NULL;
  ArrowBufferReset(&own->bytes);
  own->is_running = own->has_answered = false;
}

static nonet_status start(struct model_session *session, nonet_error *error) {
  const struct command_model *command = session->model->self;
  struct command_session *own = session->self;
  struct ArrowIpcOutputStream output;
  struct ArrowError why;
  nonet_status status = command_child_open(&own->child, command->words.word, command->folder,
                                           !command->in_our_group, command->timeout_s, error);
  if (status)
    return status;
  own->is_running = true;
  status = command_reply_open(read_child, &own->child, &own->reply, error);
  if (!status && (ArrowIpcOutputStreamInitBuffer(&output, &own->bytes) ||
                  ArrowIpcWriterInit(&own->writer, &output) ||
                  ArrowIpcWriterWriteSchema(&own->writer, &own->schema, &why)))
    status = error_memory(error, 1024, "the rows for the command");
  if (status)
    stop(own);
  return status;
}

static nonet_status encode(struct command_session *own, nonet_error *error) {
  struct ArrowArrayView view;
  struct ArrowError why;
  ArrowErrorInit(&why);
  int bad = ArrowArrayFinishBuildingDefault(&own->rows, &why);
  if (!bad)
    bad = ArrowArrayViewInitFromSchema(&view, &own->schema, &why);
  if (bad)
    return error_set(error, NONET_E_INTERNAL, "the rows for the command: %.200s", why.message);
  bad = ArrowArrayViewSetArray(&view, &own->rows, &why);
  if (!bad)
    bad = ArrowIpcWriterWriteArrayView(&own->writer, &view, &why);
  ArrowArrayViewReset(&view);
  return bad ? error_set(error, NONET_E_INTERNAL, "the rows for the command: %.200s", why.message)
             : NONET_OK;
}

static nonet_status command_run(struct model_session *session, double *raw, uint32_t *labels,
                                nonet_error *error) {
  struct command_session *own = session->self;
  nonet_status status = own->is_running ? NONET_OK : start(session, error);
  if (status)
    return status;
  status = encode(own, error);
  if (!status && own->has_answered && command_child_has_more(&own->child)) /* case 5 */
    status = error_set(error, NONET_E_DATA,
                       "the command wrote more after its last answer; one batch of rows is one "
                       "record batch of answers");
  command_child_begin(&own->child);
  if (!status)
    status =
        command_child_write(&own->child, own->bytes.data, (size_t)own->bytes.size_bytes, error);
  own->bytes.size_bytes = 0;
  if (!status)
    status = command_reply_next(own->reply, session->model, session->rows, session->n_rows, raw,
                                labels, error);
  own->has_answered = status == NONET_OK;
  if (status)
    stop(own); /* case 4 */
  return status;
}

static void command_session_close(struct model_session *session) {
  struct command_session *own = session->self;
  stop(own);
  if (own->rows.release)
    own->rows.release(&own->rows);
  if (own->schema.release)
    own->schema.release(&own->schema);
  memory_free(own);
}

static nonet_status command_session_open(struct model_session *session, nonet_error *error) {
  struct command_session *own = memory_zeroed(1, sizeof *own);
  session->self = own;
  if (!own)
    return error_memory(error, sizeof *own, "a session");
  ArrowBufferInit(&own->bytes);
  return make_schema(session->model, &own->schema)
             ? error_memory(error, 256, "the command's columns")
             : start(session, error);
}

const struct model_driver command_driver = {
    .open = command_open,
    .close = command_close,
    .bind = command_bind,
    .session_open = command_session_open,
    .session_close = command_session_close,
    .add = command_add,
    .run = command_run,
};
