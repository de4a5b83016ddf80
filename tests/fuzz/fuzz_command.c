/* Any bytes as the answers of a command, read for every kind of task, two batches of three rows
 * each. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "model/command_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
  const uint8_t *data;
  size_t left;
};

static nonet_status read_input(void *context, void *to, size_t n, nonet_error *error) {
  struct input *input = context;
  if (n > input->left)
    return error_set(error, NONET_E_DATA, "the end");
  if (n)
    memcpy(to, input->data, n);
  input->data += n;
  input->left -= n;
  return NONET_OK;
}

static void answer(struct model *model, const uint8_t *data, size_t size) {
  static const uint64_t rows[] = {1, 2, 3};
  struct input input = {data, size};
  struct command_reply *reply;
  nonet_error error;
  double raw[3 * 3], scores[3 * 3];
  uint32_t labels[3];
  if (command_reply_open(read_input, &input, &reply, &error))
    abort();
  nonet_status status = NONET_OK;
  for (int i = 0; i < 2 && !status; i++) {
    status = command_reply_next(reply, model, rows, 3, raw, labels, &error);
    if (!status && model_gives_scores(model))
      status = model_finish(model, raw, rows, 3, scores, &error);
  }
  command_reply_close(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const classes[] = {"a", "b", "c"}, *const features[] = {"x"};
  static const struct model_target targets[] = {
      {MODEL_BINARY, classes, 2}, {MODEL_MULTICLASS, classes, 3}, {MODEL_REGRESSION, NULL, 0}};
  struct model_options options = {
      .kind = "command", .command = "cat", .features = features, .n_features = 1};
  struct ArrowSchema table;
  struct model *model;
  ArrowSchemaInit(&table);
  if (ArrowSchemaSetTypeStruct(&table, 1) ||
      ArrowSchemaSetType(table.children[0], NANOARROW_TYPE_INT32) ||
      ArrowSchemaSetName(table.children[0], "x") || model_open(&options, &model, NULL))
    abort();
  for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
    if (model_bind(model, &table, &targets[t], NULL))
      abort();
    answer(model, data, size);
  }
  model_close(model);
  table.release(&table);
  return 0;
}
