/*
 * A model of src/model in the helper (driver.h).
 *
 * Cases:
 *  1. A model whose first input has a number for its first size is fixed to that batch.
 *  2. More rows than a session has room for: in pieces.
 *  3. Task and classes are the request's; the model's columns are found by name in the rows.
 *  4. A profile is asked for: it is kept in the folder that the request names.
 */
#include "probe/process/driver_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "model/model.h"
#include "probe/process/profile.h"
#include "table/roles.h"

/* ---- words ---- */

/* A list of words, borrowed from the tree; the array is the caller's (memory_free). */
static nonet_status words_of(const json_t *object, const char *key, const char ***words, size_t *n,
                             nonet_error *error) {
  const json_t *list = json_object_get(object, key);
  *n = json_array_size(list);
  *words = *n > 0 ? memory_new(*n, sizeof **words) : NULL;
  if (*n > 0 && *words == NULL) {
    return error_memory(error, *n * sizeof **words, "words of a request");
  }
  for (size_t i = 0; i < *n; i++) {
    (*words)[i] = json_string_value(json_array_get(list, i));
    if ((*words)[i] == NULL) {
      return error_set(error, NONET_E_INTERNAL, "the request's '%s' is no list of words", key);
    }
  }
  return NONET_OK;
}

static const char *text_of(const json_t *object, const char *key) {
  return json_string_value(json_object_get(object, key));
}

/* ---- the model ---- */

struct held {
  struct model *model;
  size_t batch_rows, fixed;
};

static bool task_of(const char *name, enum model_task *task) {
  static const char *const names[] = {[MODEL_BINARY] = "binary",
                                      [MODEL_MULTICLASS] = "multiclass",
                                      [MODEL_REGRESSION] = "regression"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (name != NULL && strcmp(names[i], name) == 0) {
      *task = (enum model_task)i;
      return true;
    }
  }
  return false;
}

static nonet_status bind(struct model *model, const json_t *request, const struct driver_rows *rows,
                         nonet_error *error) {
  struct model_target target = {0};
  const char **classes = NULL;
  if (!task_of(text_of(request, "task"), &target.task)) {
    return error_set(error, NONET_E_INTERNAL, "the request has no task");
  }
  nonet_status status = words_of(request, "classes", &classes, &target.n_classes, error); /* 3 */
  target.classes = classes;
  if (status == NONET_OK) {
    status = model_bind(model, &rows->schema, &target, error);
  }
  memory_free(classes);
  return status;
}

/* 1. "[1, 28, 28]" */
static size_t fixed_of(const struct model_info *info) {
  const char *shape = info->n_inputs > 0 ? info->inputs[0].shape : "";
  char *end;
  long size = shape[0] == '[' ? strtol(shape + 1, &end, 10) : 0;
  return size > 0 ? (size_t)size : 0;
}

static nonet_status held_open(const json_t *request, const json_t *spec, size_t batch_rows,
                              const struct driver_rows *rows, void **out, nonet_error *error) {
  struct held *held = memory_zeroed(1, sizeof *held);
  const char **argv = NULL, **features = NULL, *profile = text_of(request, "profile");
  char prefix[PROFILE_PATH_BYTES];
  struct model_options options = {
      .kind = text_of(spec, "kind"),
      .path = text_of(spec, "path"),
      .command = text_of(spec, "command"),
      .folder = text_of(spec, "folder"),
      .threads = (size_t)json_integer_value(json_object_get(spec, "threads")),
      .in_our_group = true, /* launch.c ends the helper's group, whatever it was doing */
      .provider = text_of(spec, "provider"),
      .timeout_s = json_number_value(json_object_get(spec, "timeout_s")),
      .batch_rows = (size_t)json_integer_value(json_object_get(spec, "batch_rows")),
      .output = (enum model_output)json_integer_value(json_object_get(spec, "output")),
      .layout = (enum model_layout)json_integer_value(json_object_get(spec, "layout"))};
  if (profile != NULL) { /* 4 */
    (void)snprintf(prefix, sizeof prefix, "%s/profile", profile);
    options.profile = prefix;
  }
  options.batch_rows = batch_rows > 0 ? batch_rows : options.batch_rows;
  *out = NULL;
  nonet_status status = held == NULL ? error_memory(error, sizeof *held, "a model")
                                     : words_of(spec, "argv", &argv, &options.n_argv, error);
  if (status == NONET_OK) {
    status = words_of(spec, "features", &features, &options.n_features, error);
  }
  options.argv = argv;
  options.features = features;
  if (status == NONET_OK) {
    status = model_open(&options, &held->model, error);
  }
  if (status == NONET_OK && rows != NULL) {
    status = bind(held->model, request, rows, error);
  }
  if (status == NONET_OK) {
    held->batch_rows = model_info(held->model)->batch_rows;
    held->fixed = fixed_of(model_info(held->model));
    *out = held;
  } else if (held != NULL) {
    model_close(held->model);
    memory_free(held);
  }
  memory_free(argv);
  memory_free(features);
  return status;
}

static void held_close(void *model) {
  struct held *held = model;
  model_close(held->model);
  memory_free(held);
}

static nonet_status held_profile_end(void *model, nonet_error *error) {
  return model_profile_end(((struct held *)model)->model, error);
}

static size_t held_n_scores(const void *model) {
  return model_n_scores(((const struct held *)model)->model);
}

static size_t held_fixed_batch(const void *model) {
  return ((const struct held *)model)->fixed;
}

struct held_session {
  struct model_session *session;
  size_t n_scores;
};

static nonet_status held_session_open(void *model, void **out, nonet_error *error) {
  struct held *held = model;
  struct held_session *session = memory_zeroed(1, sizeof *session);
  *out = NULL;
  nonet_status status = session == NULL ? error_memory(error, sizeof *session, "a session")
                                        : model_session_open(held->model, &session->session, error);
  if (status == NONET_OK) {
    session->n_scores = model_n_scores(held->model);
    *out = session;
  } else {
    memory_free(session);
  }
  return status;
}

static void held_session_close(void *session) {
  model_session_close(((struct held_session *)session)->session);
  memory_free(session);
}

static nonet_status held_answer(void *context, const struct driver_rows *rows, size_t start,
                                size_t n, double *scores, uint32_t *labels, nonet_error *error) {
  struct held_session *held = context;
  nonet_status status = NONET_OK;
  for (size_t at = 0; at < n && status == NONET_OK;) { /* 2 */
    size_t room = model_session_room(held->session), piece = n - at < room ? n - at : room;
    status = model_session_add(held->session, &rows->array, (int64_t)(start + at), (int64_t)piece,
                               start + at + 1, error);
    if (status == NONET_OK) {
      status = model_session_run(held->session, scores + at * held->n_scores, labels + at, error);
    }
    at += piece;
  }
  return status;
}

const struct driver driver_model = {
    .open = held_open,
    .close = held_close,
    .profile_end = held_profile_end,
    .n_scores = held_n_scores,
    .fixed_batch = held_fixed_batch,
    .session_open = held_session_open,
    .session_close = held_session_close,
    .answer = held_answer,
};
