/*
 * Replies of a command: an Arrow IPC stream, one record batch for each batch of rows asked.
 *
 * Cases:
 * 1. Framing is ours: before the decoder sees a message, its eight first bytes are checked
 * (anything printed on stdout shows there and is shown), its sizes are held against limits, and its
 * parts are read; a message that claims more than it brings waits for the deadline, not for memory.
 * 2. The schema comes first. Columns: `score`, a number (binary P(positive) or its logit,
 * regression the value) or a list of K; or a column per class of the run, by the class's name;
 * and/or `prediction`, a class by its name or number (regression: the value). Others are not looked
 * at.
 * 3. As many rows as were asked, no null in a column that is used.
 * 4. Dictionaries (categories of pandas, factors of R) are resolved; compressed bodies are read.
 * 5. All processes of one model must answer alike: the first answer settles what the model gives.
 */
#include "model/command_parts.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nanoarrow/nanoarrow_ipc.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "model/gather.h"

#define REPLY_HEADER_MOST ((int64_t)16 << 20)
#define REPLY_BODY_MOST ((int64_t)1 << 30)

struct command_reply {
  command_read read;
  void *context;
  struct ArrowIpcDecoder guard; /* looks at a message before the stream does */
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct arrow_type *types;
  size_t n_types;
  unsigned char *message;
  size_t size, at, capacity; /* of the message at hand, and how far the stream has it */
  nonet_status status;       /* why a read failed */
  nonet_error error;
  size_t *scores; /* [width] columns; one when it is a list */
  size_t width;   /* 0: no scores */
  bool is_list;
  size_t prediction; /* SIZE_MAX: none */
};

/* ---- framing (case 1)
 * ----------------------------------------------------------------------------- */

static nonet_status not_arrow(const unsigned char *bytes, nonet_error *error) {
  char shown[9];
  for (int i = 0; i < 8; i++)
    shown[i] = isprint(bytes[i]) ? (char)bytes[i] : '.';
  shown[8] = '\0';
  return error_set(
      error, NONET_E_DATA,
      "the command wrote '%s…' where an Arrow message was expected; stdout is for Arrow "
      "alone, print to stderr",
      shown);
}

static nonet_status take_part(struct command_reply *reply, size_t n, nonet_error *error) {
  if (!memory_grow((void **)&reply->message, &reply->capacity, reply->size + n, 1))
    return error_memory(error, reply->size + n, "the command's answer");
  nonet_status status = reply->read(reply->context, reply->message + reply->size, n, error);
  if (!status)
    reply->size += n;
  return status;
}

static nonet_status take_message(struct command_reply *reply, nonet_error *error) {
  struct ArrowError why;
  int32_t length;
  ArrowErrorInit(&why);
  reply->size = reply->at = 0;
  nonet_status status = take_part(reply, 8, error);
  if (status)
    return status;
  if (memcmp(reply->message, "\xff\xff\xff\xff", 4) != 0)
    return not_arrow(reply->message, error);
  memcpy(&length, reply->message + 4, sizeof length); /* little-endian, like the machine */
  if (length == 0)
    return error_set(error, NONET_E_DATA,
                     "the command ended its Arrow stream before all rows were answered");
  if (length < 0 || length > REPLY_HEADER_MOST)
    return error_set(error, NONET_E_DATA, "the command announced a message of %d bytes", length);
  status = take_part(reply, (size_t)length, error);
  if (status)
    return status;
  struct ArrowBufferView header = {{reply->message}, (int64_t)reply->size};
  if (ArrowIpcDecoderVerifyHeader(&reply->guard, header, &why))
    return error_set(error, NONET_E_DATA, "the command's Arrow message is broken: %.300s",
                     why.message);
  if (reply->guard.body_size_bytes < 0 || reply->guard.body_size_bytes > REPLY_BODY_MOST)
    return error_set(error, NONET_E_DATA, "the command announced an answer of %lld bytes",
                     (long long)reply->guard.body_size_bytes);
  return take_part(reply, (size_t)reply->guard.body_size_bytes, error);
}

static ArrowErrorCode read_message(struct ArrowIpcInputStream *input, uint8_t *to, int64_t size,
                                   int64_t *n_read, struct ArrowError *error) {
  struct command_reply *reply = input->private_data;
  *n_read = 0;
  if (reply->at == reply->size && size > 0) {
    reply->status = take_message(reply, &reply->error);
    if (reply->status) {
      ArrowErrorSet(error, "%s", reply->error.message);
      return EIO;
    }
  }
  size_t left = reply->size - reply->at, n = (size_t)size < left ? (size_t)size : left;
  if (n > 0)
    memcpy(to, reply->message + reply->at, n);
  reply->at += n;
  *n_read = (int64_t)n;
  return NANOARROW_OK;
}

static void release_input(struct ArrowIpcInputStream *input) {
  input->release = NULL;
}

nonet_status command_reply_open(command_read read, void *context, struct command_reply **made,
                                nonet_error *error) {
  struct command_reply *reply = memory_zeroed(1, sizeof *reply);
  *made = NULL;
  if (!reply)
    return error_memory(error, sizeof *reply, "a command's answers");
  reply->read = read;
  reply->context = context;
  reply->prediction = SIZE_MAX;
  struct ArrowIpcInputStream input = {read_message, release_input, reply};
  if (ArrowIpcDecoderInit(&reply->guard) ||
      ArrowIpcArrayStreamReaderInit(&reply->stream, &input, NULL)) {
    command_reply_close(reply);
    return error_memory(error, 1024, "a command's answers");
  }
  *made = reply;
  return NONET_OK;
}

void command_reply_close(struct command_reply *reply) {
  if (!reply)
    return;
  if (reply->guard.private_data)
    ArrowIpcDecoderReset(&reply->guard);
  if (reply->stream.release)
    reply->stream.release(&reply->stream);
  if (reply->schema.release)
    reply->schema.release(&reply->schema);
  for (size_t i = 0; i < reply->n_types; i++)
    arrow_type_clear(&reply->types[i]);
  memory_free(reply->types);
  memory_free(reply->scores);
  memory_free(reply->message);
  memory_free(reply);
}

/* Why the stream failed: our own reason where there is one. */
static nonet_status stream_failed(struct command_reply *reply, nonet_error *error) {
  if (reply->status)
    return error_set(error, reply->status, "%s", reply->error.message);
  const char *why = reply->stream.get_last_error(&reply->stream);
  return error_set(error, NONET_E_DATA, "the command's Arrow message is broken: %.300s",
                   why ? why : "no reason given");
}

/* ---- columns (case 2)
 * ------------------------------------------------------------------------------- */

static size_t find_column(const struct command_reply *reply, const char *name) {
  for (size_t i = 0; i < reply->n_types; i++)
    if (reply->schema.children[i]->name && strcmp(reply->schema.children[i]->name, name) == 0)
      return i;
  return SIZE_MAX;
}

static nonet_status wrong_type(const struct command_reply *reply, size_t column,
                               const char *expected, nonet_error *error) {
  char name[64];
  arrow_type_name(&reply->types[column], name, sizeof name);
  return error_set(error, NONET_E_DATA, "the command's column '%s' is %s; expected %s",
                   reply->schema.children[column]->name, name, expected);
}

static nonet_status no_columns(const struct command_reply *reply, const struct model *model,
                               nonet_error *error) {
  struct text text = {0};
  for (size_t i = 0; i < reply->n_types && i < 12; i++)
    text_printf(&text, "%s'%s'", i ? ", " : "", reply->schema.children[i]->name);
  nonet_status status = error_set(
      error, NONET_E_DATA,
      "the command answers with the columns %s; expected 'score'%s and/or 'prediction'",
      text.data ? text.data : "(none)",
      model->task == MODEL_REGRESSION ? "" : " (or one column per class, by the class's name)");
  text_clear(&text);
  return status;
}

static nonet_status find_scores(struct command_reply *reply, const struct model *model,
                                nonet_error *error) {
  size_t n_classes = model->classes.n, score = find_column(reply, "score"), found = 0;
  reply->scores = memory_new(n_classes ? n_classes : 1, sizeof *reply->scores);
  if (!reply->scores)
    return error_memory(error, n_classes * sizeof *reply->scores, "a command's answers");
  if (model->task == MODEL_REGRESSION && score == SIZE_MAX)
    score = find_column(reply, "prediction");
  if (score != SIZE_MAX) {
    const struct arrow_type *type = &reply->types[score];
    reply->scores[0] = score;
    reply->is_list = type->kind == ARROWCOL_LIST;
    reply->width = reply->is_list ? n_classes : 1;
    bool is_right = reply->is_list ? n_classes > 0 && arrow_type_is_number(type->item)
                                   : model->task != MODEL_MULTICLASS && arrow_type_is_number(type);
    return is_right ? NONET_OK
                    : wrong_type(reply, score,
                                 model->task == MODEL_MULTICLASS
                                     ? "a list of one number per class, or one column per class"
                                     : "a number",
                                 error);
  }
  for (size_t k = 0; k < n_classes; k++) {
    reply->scores[k] = find_column(reply, model->classes.names[k]);
    found += reply->scores[k] != SIZE_MAX;
    if (reply->scores[k] != SIZE_MAX && !arrow_type_is_number(&reply->types[reply->scores[k]]))
      return wrong_type(reply, reply->scores[k], "a number", error);
  }
  for (size_t k = 0; k < n_classes && found > 0; k++)
    if (reply->scores[k] == SIZE_MAX)
      return error_set(
          error, NONET_E_DATA,
          "the command answers with a column per class, and none for the class '%.100s'",
          model->classes.names[k]);
  reply->width = found;
  return NONET_OK;
}

static nonet_status find_prediction(struct command_reply *reply, const struct model *model,
                                    nonet_error *error) {
  size_t column = model->task == MODEL_REGRESSION ? SIZE_MAX : find_column(reply, "prediction");
  reply->prediction = column;
  if (column == SIZE_MAX)
    return reply->width ? NONET_OK : no_columns(reply, model, error);
  enum arrowcol_kind kind = reply->types[column].kind;
  bool is_right = kind == ARROWCOL_TEXT || kind == ARROWCOL_INT || kind == ARROWCOL_BOOL ||
                  kind == ARROWCOL_FLOAT32 || kind == ARROWCOL_FLOAT64;
  return is_right ? NONET_OK : wrong_type(reply, column, "a class: text, integer or bool", error);
}

/* Case 5. */
static nonet_status agree(struct command_reply *reply, struct model *model, nonet_error *error) {
  nonet_status status = NONET_OK;
  bool has_labels = reply->prediction != SIZE_MAX;
  pthread_mutex_lock(&model->lock);
  if (!model->gives_scores && !model->gives_labels) {
    if (reply->width)
      status = model_set_width(model, reply->width, NULL, "score", error);
    model->gives_labels = has_labels;
  } else if (model->gives_labels != has_labels || model->gives_scores != (reply->width > 0) ||
             (reply->width && reply->width != model->width)) {
    status = error_set(error, NONET_E_DATA,
                       "a second process of the command answers with other columns than the first");
  }
  pthread_mutex_unlock(&model->lock);
  return status;
}

static nonet_status read_schema(struct command_reply *reply, struct model *model,
                                nonet_error *error) {
  if (reply->stream.get_schema(&reply->stream, &reply->schema))
    return stream_failed(reply, error);
  size_t n = (size_t)reply->schema.n_children;
  reply->types = memory_zeroed(n, sizeof *reply->types);
  if (!reply->types)
    return error_memory(error, n * sizeof *reply->types, "a command's answers");
  for (reply->n_types = 0; reply->n_types < n; reply->n_types++)
    if (!arrow_type_init(&reply->types[reply->n_types], reply->schema.children[reply->n_types])) {
      arrow_type_clear(&reply->types[reply->n_types]);
      return error_memory(error, 64, "a command's answers");
    }
  nonet_status status = find_scores(reply, model, error);
  if (!status)
    status = find_prediction(reply, model, error);
  return status ? status : agree(reply, model, error);
}

/* ---- values (case 3)
 * ---------------------------------------------------------------------------------- */

static nonet_status bind_column(const struct command_reply *reply, const struct ArrowArray *batch,
                                size_t column, const uint64_t *rows, size_t n,
                                struct arrowcol *bound, nonet_error *error) {
  if (!arrowcol_bind(bound, &reply->types[column], batch->children[column]) ||
      bound->length < (int64_t)n)
    return error_set(error, NONET_E_DATA, "the command's column '%s' is broken",
                     reply->schema.children[column]->name);
  for (size_t i = 0; i < n; i++)
    if (arrowcol_is_null(bound, (int64_t)i))
      return error_set(error, NONET_E_DATA, "row %llu: the command's column '%s' is null",
                       (unsigned long long)rows[i], reply->schema.children[column]->name);
  return NONET_OK;
}

static nonet_status read_list(const struct command_reply *reply, const struct arrowcol *column,
                              const uint64_t *rows, size_t n, double *raw, nonet_error *error) {
  struct arrowcol item;
  if (!arrowcol_item(column, &item))
    return error_set(error, NONET_E_DATA, "the command's column 'score' is broken");
  for (size_t i = 0; i < n; i++) {
    int64_t first, length;
    if (!arrowcol_list_bounds(column, (int64_t)i, &first, &length) ||
        (size_t)length != reply->width)
      return error_set(error, NONET_E_DATA,
                       "row %llu: the command's list in 'score' is not one number per class (%zu)",
                       (unsigned long long)rows[i], reply->width);
    arrowcol_doubles(&item, first, length, raw + i * reply->width, 1);
  }
  return NONET_OK;
}

static nonet_status read_scores(const struct command_reply *reply, const struct ArrowArray *batch,
                                const uint64_t *rows, size_t n, double *raw, nonet_error *error) {
  nonet_status status = NONET_OK;
  struct arrowcol column;
  size_t n_columns = reply->is_list ? 1 : reply->width;
  for (size_t k = 0; k < n_columns && !status; k++) {
    status = bind_column(reply, batch, reply->scores[k], rows, n, &column, error);
    if (!status && reply->is_list)
      status = read_list(reply, &column, rows, n, raw, error);
    else if (!status)
      arrowcol_doubles(&column, 0, (int64_t)n, raw + k, reply->width);
  }
  return status;
}

static nonet_status read_labels(const struct command_reply *reply, const struct model *model,
                                const struct ArrowArray *batch, const uint64_t *rows, size_t n,
                                uint32_t *labels, nonet_error *error) {
  struct arrowcol column;
  nonet_status status = bind_column(reply, batch, reply->prediction, rows, n, &column, error);
  for (size_t i = 0; i < n && !status; i++) {
    char buffer[ARROWCOL_TEXT_BYTES], name_buffer[VALUE_NAME_BYTES];
    struct value value = arrowcol_value(&column, (int64_t)i, buffer);
    const char *name = "";
    size_t length = 0;
    int64_t place = -1;
    if (value.kind != VALUE_NULL) {
      value_name(&value, name_buffer, &name, &length);
      place = class_map_text(&model->classes, name, length);
    }
    if (place < 0)
      status = error_set(error, NONET_E_DATA,
                         "row %llu: the command answered the class '%.*s', which is none of the "
                         "label's",
                         (unsigned long long)rows[i], (int)(length < 100 ? length : 100), name);
    else
      labels[i] = (uint32_t)place;
  }
  return status;
}

nonet_status command_reply_next(struct command_reply *reply, struct model *model,
                                const uint64_t *rows, size_t n, double *raw, uint32_t *labels,
                                nonet_error *error) {
  struct ArrowArray batch = {0};
  nonet_status status = reply->schema.release ? NONET_OK : read_schema(reply, model, error);
  if (status)
    return status;
  if (reply->stream.get_next(&reply->stream, &batch))
    return stream_failed(reply, error);
  if (!batch.release)
    return error_set(error, NONET_E_DATA, "the command ended its stream of answers");
  if (batch.length != (int64_t)n || batch.n_children != (int64_t)reply->n_types)
    status = error_set(error, NONET_E_DATA,
                       "the command answered %lld rows for a batch of %zu; it must answer as many, "
                       "in their order",
                       (long long)batch.length, n);
  if (!status && reply->width)
    status = read_scores(reply, &batch, rows, n, raw, error);
  if (!status && reply->prediction != SIZE_MAX && labels)
    status = read_labels(reply, model, &batch, rows, n, labels, error);
  batch.release(&batch);
  return status;
}
