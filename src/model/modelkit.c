/* Reads the fixtures through nanoarrow alone, so that the floor below is not trusted twice. */
#include "model/modelkit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <nanoarrow/nanoarrow_ipc.h>

#include "base/memory.h"

const char *modelkit_path(const char *name) {
  static char path[1024];
  snprintf(path, sizeof path, "%s/%s", NONET_TEST_MODELS, name);
  return path;
}

void modelkit_read(const char *name, struct modelkit_rows *rows) {
  struct ArrowIpcInputStream input;
  struct ArrowArrayStream stream = {0};
  char file_name[64];
  *rows = (struct modelkit_rows){0};
  snprintf(file_name, sizeof file_name, "%s.arrow", name);
  FILE *file = fopen(modelkit_path(file_name), "rb");
  assert_non_null(file);
  assert_int_equal(ArrowIpcInputStreamInitFile(&input, file, 1), 0);
  assert_int_equal(ArrowIpcArrayStreamReaderInit(&stream, &input, NULL), 0);
  assert_int_equal(stream.get_schema(&stream, &rows->schema), 0);
  for (;; rows->n_batches++) {
    assert_true(rows->n_batches < MODELKIT_BATCHES);
    struct ArrowArray *batch = &rows->batches[rows->n_batches];
    assert_int_equal(stream.get_next(&stream, batch), 0);
    if (!batch->release)
      break;
    rows->n += (size_t)batch->length;
  }
  stream.release(&stream);
  assert_true(rows->n > 0);
}

void modelkit_clear(struct modelkit_rows *rows) {
  for (size_t i = 0; i < rows->n_batches; i++)
    rows->batches[i].release(&rows->batches[i]);
  rows->schema.release(&rows->schema);
}

/* The column of the batch that holds row *r, which becomes the row inside it. */
static const struct ArrowArray *find(const struct modelkit_rows *rows, const char *column,
                                     size_t *r) {
  size_t b = 0, c = 0;
  while (*r >= (size_t)rows->batches[b].length)
    *r -= (size_t)rows->batches[b++].length;
  while (strcmp(rows->schema.children[c]->name, column) != 0)
    assert_true((int64_t)++c < rows->schema.n_children);
  return rows->batches[b].children[c];
}

double modelkit_number(const struct modelkit_rows *rows, const char *column, size_t r) {
  const struct ArrowArray *array = find(rows, column, &r);
  return ((const double *)array->buffers[1])[(size_t)array->offset + r];
}

void modelkit_text(const struct modelkit_rows *rows, const char *column, size_t r, char text[64]) {
  const struct ArrowArray *array = find(rows, column, &r);
  const int32_t *offsets = (const int32_t *)array->buffers[1] + array->offset;
  snprintf(text, 64, "%.*s", (int)(offsets[r + 1] - offsets[r]),
           (const char *)array->buffers[2] + offsets[r]);
}

static nonet_status answer_rows(struct model_session *session, const struct modelkit_rows *rows,
                                struct modelkit_answer *answer) {
  size_t done = 0, added = 0;
  nonet_status status = NONET_OK;
  for (size_t b = 0; b < rows->n_batches && !status; b++)
    for (int64_t at = 0; at < rows->batches[b].length && !status;) {
      int64_t left = rows->batches[b].length - at, room = (int64_t)model_session_room(session);
      int64_t n = left < room ? left : room;
      status =
          model_session_add(session, &rows->batches[b], at, n, done + added + 1, &answer->error);
      at += n;
      added += (size_t)n;
      if (status || (model_session_room(session) && done + added < rows->n))
        continue;
      status = model_session_run(session, answer->scores + done * answer->n_scores,
                                 answer->labels + done, &answer->error);
      done += added;
      added = 0;
    }
  return status;
}

void modelkit_answer(const struct model_options *options, const struct model_target *target,
                     const struct modelkit_rows *rows, struct modelkit_answer *answer) {
  struct model *model = NULL;
  struct model_session *session = NULL;
  *answer = (struct modelkit_answer){0};
  nonet_status status = model_open(options, &model, &answer->error);
  if (!status)
    status = model_bind(model, &rows->schema, target, &answer->error);
  if (!status) {
    answer->n_scores = model_n_scores(model);
    answer->scores = calloc(rows->n * answer->n_scores, sizeof(double));
    answer->labels = calloc(rows->n, sizeof(uint32_t));
    status = model_session_open(model, &session, &answer->error);
  }
  if (!status)
    status = answer_rows(session, rows, answer);
  model_session_close(session);
  if (!status)
    status = model_settle(model, answer->scores, rows->n, &answer->error);
  if (model) {
    answer->gives_scores = model_gives_scores(model);
    answer->gives_labels = model_gives_labels(model);
    for (size_t i = 0; i < model_info(model)->n_notes; i++)
      snprintf(answer->notes + strlen(answer->notes), sizeof answer->notes - strlen(answer->notes),
               "%s\n", model_info(model)->notes[i]);
  }
  answer->status = status;
  model_close(model);
}

void modelkit_answer_clear(struct modelkit_answer *answer) {
  free(answer->scores);
  free(answer->labels);
}

void modelkit_expect(const struct modelkit_answer *answer, nonet_status status, ...) {
  va_list pieces;
  const char *piece;
  if (answer->status != status)
    fail_msg("status %d, expected %d: %s", (int)answer->status, (int)status, answer->error.message);
  va_start(pieces, status);
  while ((piece = va_arg(pieces, const char *)) != NULL)
    if (!strstr(answer->error.message, piece))
      fail_msg("no '%s' in: %s", piece, answer->error.message);
  va_end(pieces);
}

static bool has_column(const struct modelkit_rows *rows, const char *column) {
  for (int64_t c = 0; c < rows->schema.n_children; c++)
    if (strcmp(rows->schema.children[c]->name, column) == 0)
      return true;
  return false;
}

void modelkit_compare(const struct modelkit_answer *answer, const struct model_target *target,
                      const struct modelkit_rows *rows, double slack) {
  if (answer->status)
    fail_msg("%s", answer->error.message);
  size_t first = target->task == MODEL_BINARY && has_column(rows, "e1"); /* P(positive) of two */
  for (size_t r = 0; r < rows->n && answer->gives_scores; r++)
    for (size_t k = 0; k < answer->n_scores; k++) {
      char column[24];
      snprintf(column, sizeof column, "e%zu", first + k);
      double expected = modelkit_number(rows, column, r);
      double found = answer->scores[r * answer->n_scores + k];
      if (!(fabs(found - expected) <= slack))
        fail_msg("row %zu, score %zu: %.17g, expected %.17g", r + 1, k, found, expected);
    }
  for (size_t r = 0; r < rows->n && answer->gives_labels; r++) {
    char expected[64];
    modelkit_text(rows, "label", r, expected);
    if (target->n_classes == 2 && strlen(expected) == 1 && strlen(target->classes[0]) > 1)
      assert_int_equal(answer->labels[r], atoi(expected)); /* numbered classes */
    else
      assert_string_equal(target->classes[answer->labels[r]], expected);
  }
}

/* ---- boosters ---- */

struct model_options modelkit_options(const char *kind, const char *file) {
  static char path[1024];
  snprintf(path, sizeof path, "%s", modelkit_path(file));
  return (struct model_options){.kind = kind, .path = path};
}

static struct model_options options_of(const char *kind, const struct modelkit_case *one) {
  struct model_options options = modelkit_options(kind, one->file);
  options.features = one->features;
  options.n_features = one->n_features;
  return options;
}

void modelkit_golden(const char *kind, const struct modelkit_case *cases, size_t n) {
  static const struct {
    size_t batch_rows, threads;
  } ways[] = {{0, 0}, {7, 0}, {0, 2}};
  for (size_t i = 0; i < n; i++)
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
      struct modelkit_rows rows;
      struct modelkit_answer answer;
      struct model_options options = options_of(kind, &cases[i]);
      options.batch_rows = ways[w].batch_rows;
      options.threads = ways[w].threads;
      modelkit_read(cases[i].rows, &rows);
      modelkit_answer(&options, &cases[i].target, &rows, &answer);
      modelkit_expect(&answer, NONET_OK, NULL);
      assert_true(answer.gives_scores);
      assert_false(answer.gives_labels);
      modelkit_compare(&answer, &cases[i].target, &rows, 0);
      modelkit_answer_clear(&answer);
      modelkit_clear(&rows);
    }
}

void modelkit_misfits(const char *kind, const struct modelkit_misfit *misfits, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct modelkit_rows rows;
    struct modelkit_answer answer;
    struct model_options options = modelkit_options(kind, misfits[i].file);
    modelkit_read(misfits[i].rows, &rows);
    modelkit_answer(&options, &misfits[i].target, &rows, &answer);
    modelkit_expect(&answer, misfits[i].status, misfits[i].piece, misfits[i].other, NULL);
    assert_null(answer.scores);
    modelkit_clear(&rows);
  }
}

void modelkit_short_memory(const char *kind, const struct modelkit_case *one) {
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  modelkit_read(one->rows, &rows);
  for (long k = 0; k < 200; k++) {
    struct model_options options = options_of(kind, one);
    memory_fail_after(k);
    modelkit_answer(&options, &one->target, &rows, &answer);
    long made = memory_fail_after(-1);
    nonet_status status = answer.status;
    modelkit_answer_clear(&answer);
    if (made <= k) {
      assert_int_equal(status, NONET_OK);
      assert_true(k > 20);
      modelkit_clear(&rows);
      return;
    }
    assert_int_equal(status, NONET_E_MEMORY);
  }
  fail_msg("more than 200 allocations");
}
