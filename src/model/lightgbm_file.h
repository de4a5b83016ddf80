/*
 * What the text of a LightGBM model says of itself and its C API does not: objective, names,
 * which features are categories, and the categories that pandas had.
 */
#ifndef MODEL_LIGHTGBM_FILE_H
#define MODEL_LIGHTGBM_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/text.h"

struct lightgbm_file {
  struct text version, objective; /* "v4", "binary sigmoid:1"; "": a custom objective */
  struct text names, infos;       /* one word a feature, apart by one space */
  json_t *categories;             /* array of arrays; NULL: trained without pandas */
};

/* NONET_E_DATA: it does not begin as such a file does. lightgbm_file_clear also after an error. */
nonet_status lightgbm_file_read(const char *path, struct lightgbm_file *file,
                                nonet_error *error) NONET_NODISCARD;
void lightgbm_file_clear(struct lightgbm_file *file);

/* Word k (from 0) of a list; false when there are fewer. */
bool lightgbm_file_word(const struct text *list, size_t k, const char **word, size_t *length);
/* "-1:2:0:1" is a category's info, "[0:1]" a number's, "none" that of a feature never used. */
bool lightgbm_file_is_category(const char *info, size_t length);

#endif
