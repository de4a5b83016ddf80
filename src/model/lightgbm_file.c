/*
 * The text of a LightGBM model: "tree", then KEY=VALUE lines until the first tree; behind the
 * trees its parameters and, written by the Python package alone, one line
 * pandas_categorical:[["a", "b"], [1, 2]] (or null): the categories of the frame's columns of that
 * type, in their order.
 *
 * Cases: 1. Not "tree" at its start: not such a file (LightGBM would read on for a while). 2. A
 * line of any length; lines of trees are passed over. 3. No objective: a custom one, the sums are
 * raw.
 * 4. A category list that cannot be read (NaN among the categories) is an error: without it a
 * column's values would be taken for codes.
 */
#include "model/lightgbm_file.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/json_text.h"

/* Case 2. The next line without its end; false at the end of the file. A line that begins with
   none of the keys is not kept beyond its first piece. */
static bool next_line(FILE *in, const char *const *keys, size_t n_keys, struct text *line) {
  char piece[4096];
  bool is_first = true, is_kept = true;
  line->length = 0;
  while (fgets(piece, sizeof piece, in)) {
    size_t n = strcspn(piece, "\n");
    bool is_end = piece[n] == '\n';
    if (is_first) {
      is_kept = false;
      for (size_t k = 0; k < n_keys; k++)
        is_kept = is_kept || strncmp(piece, keys[k], strlen(keys[k])) == 0;
    }
    if (is_first || is_kept)
      text_append_n(line, piece, n);
    is_first = false;
    if (is_end)
      return true;
  }
  return !is_first;
}

static void take(struct text *to, const struct text *line, const char *key) {
  if (line->data && strncmp(line->data, key, strlen(key)) == 0) {
    to->length = 0;
    text_append(to, line->data + strlen(key));
  }
}

static nonet_status read_lines(FILE *in, struct lightgbm_file *file, nonet_error *error) {
  static const char *const keys[] = {
      "tree", "version=", "objective=", "feature_names=", "feature_infos=", "pandas_categorical:"};
  struct text line = {0};
  nonet_status status = NONET_OK;
  bool is_head = true, is_model = false;
  for (size_t n = 0; next_line(in, keys, sizeof keys / sizeof *keys, &line); n++) {
    const char *text = line.data ? line.data : "";
    if (n == 0)
      is_model = strcmp(text, "tree") == 0 || strcmp(text, "tree\r") == 0;
    if (!is_model)
      break;
    is_head = is_head && strncmp(text, "Tree=", 5) != 0;
    if (is_head) {
      take(&file->version, &line, keys[1]);
      take(&file->objective, &line, keys[2]);
      take(&file->names, &line, keys[3]);
      take(&file->infos, &line, keys[4]);
    } else if (strncmp(text, keys[5], strlen(keys[5])) == 0 && !file->categories) {
      const char *list = text + strlen(keys[5]); /* case 4 */
      status = json_text_parse(list, strlen(list), "pandas_categorical", &file->categories, error);
      if (status)
        break;
    }
  }
  if (!status && (line.failed || file->version.failed || file->names.failed || file->infos.failed ||
                  file->objective.failed))
    status = error_memory(error, line.length, "the model's text");
  if (!status && !is_model) /* case 1 */
    status = error_set(error, NONET_E_DATA,
                       "expected the text of a LightGBM model (its first line is \"tree\"); save "
                       "it with booster.save_model");
  text_clear(&line);
  return status;
}

nonet_status lightgbm_file_read(const char *path, struct lightgbm_file *file, nonet_error *error) {
  *file = (struct lightgbm_file){0};
  FILE *in = fopen(path, "rb");
  if (!in)
    return error_set(error, NONET_E_NO_INPUT, "%s cannot be opened", path);
  nonet_status status = read_lines(in, file, error);
  if (!status && ferror(in))
    status = error_set(error, NONET_E_IO, "%s cannot be read", path);
  fclose(in);
  return status ? error_context(error, status, "%s", path) : NONET_OK;
}

void lightgbm_file_clear(struct lightgbm_file *file) {
  text_clear(&file->version);
  text_clear(&file->objective);
  text_clear(&file->names);
  text_clear(&file->infos);
  json_decref(file->categories);
  *file = (struct lightgbm_file){0};
}

bool lightgbm_file_word(const struct text *list, size_t k, const char **word, size_t *length) {
  const char *at = list->data ? list->data : "";
  for (;; k--) {
    *length = strcspn(at, " \r");
    *word = at;
    if (k == 0)
      return *length > 0;
    if (at[*length] != ' ')
      return false;
    at += *length + 1;
  }
}

bool lightgbm_file_is_category(const char *info, size_t length) {
  return length > 0 && info[0] != '[' && !(length == 4 && memcmp(info, "none", 4) == 0);
}
