/*
 * What a model owns: its texts, facts, notes and the columns it reads. Blocks are kept in one list
 * and go with the model, so that a description handed out stays valid until model_close. Notes may
 * come from several sessions at once: they are added under the model's lock, and each once.
 */
#include "model/model_parts.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

void *model_keep(struct model *model, size_t n, size_t size_bytes) {
  if (!memory_grow((void **)&model->kept, &model->kept_capacity, model->n_kept + 1,
                   sizeof *model->kept))
    return NULL;
  void *block = memory_zeroed(n, size_bytes);
  if (block)
    model->kept[model->n_kept++] = block;
  return block;
}

const char *model_keep_text(struct model *model, const char *text) {
  size_t length = strlen(text);
  char *copy = model_keep(model, length + 1, 1);
  if (copy)
    memcpy(copy, text, length);
  return copy;
}

nonet_status model_fact(struct model *model, const char *key, const char *value,
                        nonet_error *error) {
  struct model_fact fact = {model_keep_text(model, key), model_keep_text(model, value)};
  if (!fact.key || !fact.value ||
      !memory_grow((void **)&model->info.facts, &model->facts_capacity, model->info.n_facts + 1,
                   sizeof fact))
    return error_memory(error, sizeof fact, "the model's description");
  ((struct model_fact *)model->info.facts)[model->info.n_facts++] = fact;
  return NONET_OK;
}

static bool is_noted(const struct model *model, const char *note) {
  for (size_t i = 0; i < model->info.n_notes; i++)
    if (strcmp(model->info.notes[i], note) == 0)
      return true;
  return false;
}

nonet_status model_note(struct model *model, nonet_error *error, const char *format, ...) {
  struct text text = {0};
  va_list arguments;
  va_start(arguments, format);
  text_vprintf(&text, format, arguments);
  va_end(arguments);
  bool is_short = text.failed;
  pthread_mutex_lock(&model->lock);
  if (!is_short && !is_noted(model, text.data)) {
    const char *note = model_keep_text(model, text.data);
    is_short = !note || !memory_grow((void **)&model->info.notes, &model->notes_capacity,
                                     model->info.n_notes + 1, sizeof note);
    if (!is_short)
      ((const char **)model->info.notes)[model->info.n_notes++] = note;
  }
  pthread_mutex_unlock(&model->lock);
  text_clear(&text);
  return is_short ? error_memory(error, 256, "a note on the model") : NONET_OK;
}

nonet_status model_want(struct model *model, const char *column, const char *input, size_t *place,
                        nonet_error *error) {
  for (*place = 0; *place < model->n_columns; ++*place)
    if (strcmp(model->columns[*place], column) == 0)
      return NONET_OK;
  struct model_want want = {model_keep_text(model, column), model_keep_text(model, input)};
  size_t capacity = model->columns_capacity;
  if (!want.column || !want.input ||
      !memory_grow((void **)&model->wants, &capacity, model->n_columns + 1, sizeof want) ||
      !memory_grow((void **)&model->columns, &model->columns_capacity, model->n_columns + 1,
                   sizeof *model->columns))
    return error_memory(error, sizeof want, "the model's columns");
  model->wants[model->n_columns] = want;
  model->columns[model->n_columns++] = want.column;
  return NONET_OK;
}

nonet_status model_file(struct model *model, const char *path, nonet_error *error) {
  char hex[HASH_HEX_BYTES];
  struct stat facts;
  nonet_status status = hash_file_sha256_hex(path, hex, error);
  if (status)
    return status;
  if (stat(path, &facts) == 0)
    model->info.size_bytes = (uint64_t)facts.st_size;
  model->info.path = model_keep_text(model, path);
  model->info.sha256 = model_keep_text(model, hex);
  return model->info.path && model->info.sha256 ? NONET_OK
                                                : error_memory(error, sizeof hex, "the model");
}
