/*
 * Contenders.
 *
 * Cases: 1. Answers that stand in columns have no file: their identity is that of the columns'
 * names, which is theirs as long as the data are (whose hash stands beside it wherever both
 * matter).
 * 2. `output:` names a tensor or what its numbers are; only the second is known to the model floor.
 * 3. A model that crashes or hangs while it is loaded does so in a process of its own first.
 * 4. An ONNX file's external data are looked for before the runtime is asked, and a refusal of the
 * runtime is explained by what the file asks for: a newer opset, a custom operator.
 */
#include "run/contender.h"

#include <limits.h>
#include <string.h>

#include "artifact/artifact.h"
#include "artifact/onnx_runtimes.h"
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

/* Case 3: files that can be read without a runtime are, before one is asked. */
static nonet_status look_at_file(const struct model_options *options, nonet_error *error) {
  struct artifact artifact;
  if (strcmp(options->kind, "onnx") != 0) {
    return NONET_OK;
  }
  nonet_status status = artifact_read(options->kind, options->path, &artifact, error);
  if (status == NONET_OK) {
    status = artifact_complete(&artifact, options->path, error);
    artifact_clear(&artifact);
  }
  return status;
}

/* What the file asks for that the runtime may not have, behind the runtime's own words. */
static nonet_status explain_refusal(const struct model_options *options, nonet_status status,
                                    nonet_error *error) {
  struct artifact artifact;
  nonet_error said = *error, unsaid;
  if (strcmp(options->kind, "onnx") != 0 || status != NONET_E_DATA ||
      artifact_read(options->kind, options->path, &artifact, &unsaid) != NONET_OK) {
    return status;
  }
  const struct onnx_runtime *first = onnx_runtimes_first(&artifact);
  for (size_t i = 0; i < artifact.n_ops; i++) {
    if (artifact.ops[i].is_custom) {
      status = error_set(error, status,
                         "it needs the operator %s of the domain %s, which no official runtime "
                         "brings; export it without, or judge its predictions in columns: %s",
                         artifact.ops[i].type, artifact.ops[i].domain, said.message);
      break;
    }
  }
  if (first == NULL || !onnx_runtimes_is_oldest(first)) {
    said = *error;
    status = error_set(
        error, status, "opset %lld, IR %lld: needs ONNX Runtime 1.%d or newer: %s",
        (long long)onnx_runtimes_asked(&artifact, ""), (long long)artifact.ir_version,
        first == NULL ? onnx_runtimes_of(INT_MAX)->minor + 1 : first->minor, said.message);
  }
  artifact_clear(&artifact);
  return status;
}

nonet_status contender_open(const struct config *config, const struct config_model *model,
                            struct contender *contender, nonet_error *error) {
  *contender = (struct contender){.config = model};
  if (model == NULL) {
    return NONET_OK;
  }
  if (strcmp(model->kind, "columns") == 0) {
    identify_columns(model, contender->identity);
    return NONET_OK;
  }
  nonet_status status = model_words(config, model, &contender->options, error);
  if (status == NONET_OK) {
    nonet_error unsaid;
    nonet_error *why = error != NULL ? error : &unsaid;
    status = look_at_file(&contender->options, why);
    if (status == NONET_OK) {
      status = opening_try(&contender->options, why); /* 3 */
    }
    if (status == NONET_OK) {
      status = model_open(&contender->options, &contender->model, why);
      status = explain_refusal(&contender->options, status, why);
    }
    status = status == NONET_OK ? status
                                : error_context(error, status, "%s:%u: %s", config->path,
                                                model->at.line, model->name);
  }
  if (status == NONET_OK) {
    memcpy(contender->identity, model_info(contender->model)->sha256, sizeof contender->identity);
  }
  return status;
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

static json_t *notes_json(const struct model_info *info) {
  json_t *notes = json_array();
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
  if (contender->model == NULL) {
    const char *column = config->score.n > 0 ? config->score.item[0] : config->prediction;
    evidence_add_model(evidence, role, config->kind,
                       json_pack("{s:s, s:s}", "name", config->name, "path", column));
    return;
  }
  const struct model_info *info = model_info(contender->model);
  evidence_add_model(evidence, role, info->kind,
                     json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:o, s:o, s:o, s:o}", "name",
                               config->name, "path", config->shown, "sha256", info->sha256,
                               "runtime", info->runtime, "batch", (json_int_t)info->batch_rows,
                               "bytes", (json_int_t)info->size_bytes, "inputs",
                               tensors_json(info->inputs, info->n_inputs), "outputs",
                               tensors_json(info->outputs, info->n_outputs), "facts",
                               facts_json(info), "notes", notes_json(info)));
}
