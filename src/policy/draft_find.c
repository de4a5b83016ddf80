/*
 * Looking for models and tables.
 *
 * Cases: 1. hidden names and links to folders are passed over, one level down and no further.  2. a
 * .json is a model only when its first bytes are those of an XGBoost model ("learner"), a
 * .txt those of a LightGBM model ("tree", a line).  3. more
 * than SEEN_MOST names in a folder: the rest is not looked at; at most DRAFT_FILES_MOST of a
 * kind.  4. the order is bytewise, whatever the file system's is.
 */
#include "policy/draft_find.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

enum { SEEN_MOST = 4096 };

static const struct {
  const char *ending, *kind; /* NULL: a table; "": saved by its own library */
} endings[] = {{".onnx", "onnx"},  {".ubj", "xgboost"}, {".json", "xgboost"}, {".txt", "lightgbm"},
               {".parquet", NULL}, {".csv", NULL},      {".arrow", NULL},     {".joblib", ""},
               {".pkl", ""},       {".pt", ""}};

static bool ends_with(const char *name, const char *ending) {
  size_t length = strlen(name), tail = strlen(ending);
  return length > tail && strcmp(name + length - tail, ending) == 0;
}

/* Case 2. */
static bool is_model(const char *path, const char *ending) {
  char head[4097];
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  ssize_t n = file < 0 ? -1 : read(file, head, sizeof head - 1);
  if (file >= 0) {
    close(file);
  }
  head[n > 0 ? n : 0] = '\0';
  return strcmp(ending, ".json") == 0  ? strstr(head, "\"learner\"") != NULL
         : strcmp(ending, ".txt") == 0 ? strncmp(head, "tree\n", 5) == 0
                                       : true;
}

static void keep(struct draft_files *files, const char *name, const char *path) {
  for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
    if (!ends_with(name, endings[i].ending)) {
      continue;
    }
    const char *kind = endings[i].kind;
    if (kind == NULL && files->n_tables < DRAFT_FILES_MOST) {
      files->table[files->n_tables++] = name;
    } else if (kind != NULL && kind[0] == '\0' && files->n_saved < DRAFT_FILES_MOST) {
      files->saved[files->n_saved++] = name;
    } else if (kind != NULL && kind[0] != '\0' && files->n_models < DRAFT_FILES_MOST &&
               is_model(path, endings[i].ending)) {
      files->model_kind[files->n_models] = kind;
      files->model[files->n_models++] = name;
    }
  }
}

static int compare_names(const void *a, const void *b) {
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a folder, sorted; NULL items never. */
static nonet_status list(const char *folder, struct pool *pool, const char ***names, size_t *n,
                         nonet_error *error) {
  DIR *open_folder = opendir(folder[0] == '\0' ? "." : folder);
  const struct dirent *entry;
  nonet_status status = NONET_OK;
  *n = 0;
  *names = pool_new(pool, SEEN_MOST, sizeof **names);
  if (*names == NULL) {
    status = error_memory(error, SEEN_MOST, "a folder");
  }
  while (status == NONET_OK && open_folder != NULL && *n < SEEN_MOST &&
         (entry = readdir(open_folder)) != NULL) {
    if (entry->d_name[0] == '.') { /* case 1 */
      continue;
    }
    (*names)[*n] = pool_text(pool, entry->d_name, strlen(entry->d_name));
    if ((*names)[*n] == NULL) {
      status = error_memory(error, strlen(entry->d_name), "a folder");
    } else {
      (*n)++;
    }
  }
  if (open_folder != NULL) {
    closedir(open_folder);
  }
  if (status == NONET_OK) {
    qsort(*names, *n, sizeof **names, compare_names); /* case 4 */
  }
  return status;
}

/* `under`: "" or "models/", put before the names. */
static nonet_status look(const char *folder, const char *under, struct pool *pool,
                         struct draft_files *files, nonet_error *error) {
  const char **names = NULL;
  size_t n = 0, length = strlen(folder) + strlen(under);
  char *where = pool_new(pool, length + 1, 1);
  if (where == NULL) {
    return error_memory(error, length, "a folder");
  }
  memcpy(where, folder, strlen(folder));
  memcpy(where + strlen(folder), under, strlen(under));
  nonet_status status = list(where, pool, &names, &n, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    struct stat about;
    size_t size = length + strlen(names[i]) + 2;
    char *path = pool_new(pool, size, 1);
    if (path == NULL) {
      return error_memory(error, size, "a folder");
    }
    snprintf(path, size, "%s%s", where, names[i]);
    if (lstat(path, &about) != 0) {
      continue;
    }
    if (S_ISDIR(about.st_mode) && under[0] == '\0') {
      snprintf(path, size, "%s/", names[i]);
      status = look(folder, path, pool, files, error);
    } else if (stat(path, &about) == 0 && S_ISREG(about.st_mode)) {
      keep(files, path + strlen(folder), path);
    }
  }
  return status;
}

nonet_status draft_find(const char *folder, struct pool *pool, struct draft_files *files,
                        nonet_error *error) {
  *files = (struct draft_files){0};
  return look(folder, "", pool, files, error);
}
