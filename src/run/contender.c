/*
 * Contenders.
 *
 * Cases: 1. Answers that stand in columns have no file: their identity is that of the columns'
 * names, which is theirs as long as the data are (whose hash stands beside it wherever both
 * matter).
 * 2. `output:` names a tensor or what its numbers are; only the second is known to the model floor.
 * 3. A model that crashes or hangs while it is loaded does so in a process of its own first.
 * 4. A file that is such a model, and that its runtime refuses, that crashes or hangs, or whose
 * external data are not there, is broken: what can be said without opening it is kept. A file that
 * is no such model, and features that do not fit it, are mistakes.
 * 5. The external data of an ONNX file belong to its identity.
 */
#include "run/contender.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "artifact/artifact.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "probe/opening.h"

static nonet_status model_words(const struct config *config, const struct config_model *model,
                                struct model_options *options, nonet_error *error) {
  *options = (struct model_options){.kind = model->kind,
                                    .path = model->path,
                                    .argv = model->command.item,
                                    .n_argv = model->command.n,
                                    .folder = config->folder[0] == '\0' ? NULL : config->folder,
                                    .timeout_s = model->timeout_s,
                                    .batch_rows = model->batch_rows,
                                    .provider = model->provider,
                                    .features = config->features.item,
                                    .n_features = config->features.n};
  if (model->output != NULL && !model_output_of(model->output, &options->output)) {
    return config_fail(config, model->at, error,
                       "output: is auto, probability or logit; found '%.60s'", model->output);
  }
  if (model->layout != NULL && !model_layout_of(model->layout, &options->layout)) {
    return config_fail(config, model->at, error, "layout: is auto, nhwc or nchw; found '%.60s'",
                       model->layout);
  }
  return NONET_OK;
}

/* Case 1. */
static void identify_columns(const struct config_model *model, char identity[65]) {
  struct text names = {0};
  for (size_t i = 0; i < model->score.n; i++) {
    text_printf(&names, "score\n%s\n", model->score.item[i]);
  }
  if (model->prediction != NULL) {
    text_printf(&names, "prediction\n%s\n", model->prediction);
  }
  hash_sha256_hex(names.data, names.length, identity);
  text_clear(&names);
}

/* ---- broken: case 4 ---- */

/* "onnxruntime 1.32.0" of its kind; "" when there is none. */
static void find_runtime(const char *kind, char runtime[64]) {
  struct text lines = {0};
  char name[32];
  snprintf(name, sizeof name, "%s ", strcmp(kind, "onnx") == 0 ? "onnxruntime" : kind);
  model_runtimes(&lines);
  const char *found = lines.data == NULL ? NULL : strstr(lines.data, name);
  if (found != NULL) {
    snprintf(runtime, 64, "%.*s", (int)strcspn(found, "(\n"), found);
    runtime[strcspn(runtime + strlen(name), " ") + strlen(name)] = '\0';
  }
  text_clear(&lines);
}

static nonet_status describe_unopened(struct contender *contender, const char *why,
                                      nonet_error *error) {
  const struct model_options *options = &contender->options;
  struct stat facts;
  nonet_status status = hash_file_sha256_hex(options->path, contender->sha256, error);
  if (status != NONET_OK) {
    return status;
  }
  contender->info = (struct model_info){.kind = options->kind,
                                        .path = options->path,
                                        .sha256 = contender->sha256,
                                        .runtime = contender->runtime};
  if (stat(options->path, &facts) == 0) {
    contender->info.size_bytes = (uint64_t)facts.st_size;
  }
  const char *slash = strrchr(options->path, '/');
  const size_t length = strlen(options->path);
  const bool is_named = strncmp(why, options->path, length) == 0; /* the file's name will do */
  snprintf(contender->broken, sizeof contender->broken, "%s%s",
           !is_named       ? ""
           : slash == NULL ? options->path
                           : slash + 1,
           is_named ? why + length : why);
  return NONET_OK;
}

bool contender_is_broken(const struct contender *contender) {
  return contender->broken[0] != '\0';
}

void contender_break(struct contender *contender, size_t n_rows, const char *why) {
  const struct model_info *info = model_info(contender->model);
  snprintf(contender->sha256, sizeof contender->sha256, "%s", info->sha256);
  snprintf(contender->runtime, sizeof contender->runtime, "%s", info->runtime);
  contender->info = (struct model_info){.kind = contender->options.kind,
                                        .path = contender->options.path,
                                        .sha256 = contender->sha256,
                                        .size_bytes = info->size_bytes,
                                        .runtime = contender->runtime};
  snprintf(contender->broken, sizeof contender->broken, "%s", why);
  contender->n_unanswered = n_rows;
  model_close(contender->model);
  contender->model = NULL;
}

nonet_status contender_refuse(const struct config *config, const struct contender *contender,
                              nonet_error *error) {
  return !contender_is_broken(contender)
             ? NONET_OK
             : error_set(error, NONET_E_DATA, "%s:%u: %s does not run here: %s", config->path,
                         contender->config->at.line, contender->config->name, contender->broken);
}

/* ---- opening ---- */

/* Cases 3, 4: *is_refused tells a model that does not run here from a mistake. Only a runtime that
 * answered is asked for its version: one that crashed would do so here. */
static nonet_status open_model(struct contender *contender, const struct artifact *artifact,
                               bool *is_refused, nonet_error *error) {
  struct model_options *options = &contender->options;
  nonet_status status =
      artifact == NULL ? NONET_OK : artifact_complete(artifact, options->path, error);
  if (status == NONET_OK) {
    status = opening_try(options, error);
  }
  *is_refused = status == NONET_E_DATA;
  if (status == NONET_OK) {
    options->is_refused = is_refused;
    status = model_open(options, &contender->model, error);
    options->is_refused = NULL;
    if (*is_refused) {
      find_runtime(options->kind, contender->runtime);
    }
  }
  return status;
}

/* Case 5. */
static nonet_status identify(struct contender *contender, const struct artifact *artifact,
                             nonet_error *error) {
  const char *sha256 =
      contender->model != NULL ? model_info(contender->model)->sha256 : contender->sha256;
  if (artifact != NULL) {
    return artifact_identity(artifact, contender->options.path, sha256, contender->identity, error);
  }
  memcpy(contender->identity, sha256, sizeof contender->identity);
  return NONET_OK;
}

static nonet_status open_file(struct contender *contender, nonet_error *error) {
  const struct model_options *options = &contender->options;
  const bool is_onnx = strcmp(options->kind, "onnx") == 0;
  struct artifact artifact = {0};
  bool is_refused = false, is_read = is_onnx;
  nonet_status status =
      is_onnx ? artifact_read(options->kind, options->path, &artifact, error) : NONET_OK;
  if (status == NONET_OK) {
    status = open_model(contender, is_onnx ? &artifact : NULL, &is_refused, error);
  }
  if (status == NONET_E_DATA && is_refused) {
    nonet_error why = *error;
    is_read = is_onnx || artifact_read(options->kind, options->path, &artifact, error) == NONET_OK;
    if (is_read) {
      status = describe_unopened(contender, why.message, error);
    } else {
      *error = why;
    }
  }
  if (status == NONET_OK) {
    status = identify(contender, is_read ? &artifact : NULL, error);
  }
  artifact_clear(&artifact);
  return status;
}

nonet_status contender_open(const struct config *config, const struct config_model *model,
                            struct contender *contender, nonet_error *error) {
  nonet_error unsaid, *why = error != NULL ? error : &unsaid;
  *contender = (struct contender){.config = model};
  if (model == NULL) {
    return NONET_OK;
  }
  if (strcmp(model->kind, "columns") == 0) {
    identify_columns(model, contender->identity);
    return NONET_OK;
  }
  nonet_status status = model_words(config, model, &contender->options, why);
  if (status != NONET_OK) {
    return status;
  }
  status = open_file(contender, why);
  return status == NONET_OK
             ? status
             : error_context(why, status, "%s:%u: %s", config->path, model->at.line, model->name);
}

void contender_close(struct contender *contender) {
  model_close(contender->model);
  *contender = (struct contender){0};
}

static json_t *tensors_json(const struct model_tensor *tensors, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) {
    json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", tensors[i].name, "type",
                                          tensors[i].type, "shape", tensors[i].shape));
  }
  return list;
}

static json_t *facts_json(const struct model_info *info) {
  json_t *facts = json_object();
  for (size_t i = 0; i < info->n_facts; i++) {
    json_object_set_new(facts, info->facts[i].key, json_string(info->facts[i].value));
  }
  return facts;
}

static json_t *notes_json(const struct contender *contender, const struct model_info *info) {
  json_t *notes = json_array();
  if (contender_is_broken(contender)) {
    json_array_append_new(notes, json_sprintf("does not run here: %s", contender->broken));
  }
  if (strcmp(info->sha256, contender->identity) != 0) {
    json_array_append_new(
        notes, json_sprintf("its external data are in sha256; the file's own is %s", info->sha256));
  }
  for (size_t i = 0; i < info->n_notes; i++) {
    json_array_append_new(notes, json_string(info->notes[i]));
  }
  return notes;
}

void contender_note(struct evidence *evidence, const char *role,
                    const struct contender *contender) {
  const struct config_model *config = contender->config;
  if (config == NULL) {
    return;
  }
  if (contender->model == NULL && !contender_is_broken(contender)) {
    const char *column = config->score.n > 0 ? config->score.item[0] : config->prediction;
    evidence_add_model(evidence, role, config->kind,
                       json_pack("{s:s, s:s}", "name", config->name, "path", column));
    return;
  }
  const struct model_info *info =
      contender->model != NULL ? model_info(contender->model) : &contender->info;
  evidence_add_model(evidence, role, info->kind,
                     json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "name",
                               config->name, "path", config->shown, "sha256", contender->identity,
                               "runtime", info->runtime, "batch", (json_int_t)info->batch_rows,
                               "bytes", (json_int_t)info->size_bytes, "inputs",
                               tensors_json(info->inputs, info->n_inputs), "outputs",
                               tensors_json(info->outputs, info->n_outputs), "facts",
                               facts_json(info), "notes", notes_json(contender, info)));
}
