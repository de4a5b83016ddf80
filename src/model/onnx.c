/*
 * Models in ONNX, by ONNX Runtime.
 *
 * Cases: 1. One runtime session a model, run by every session of ours: it is thread-safe, and its
 * own threads are off (intra-op 1, inter-op 1, no spinning, sequential, deterministic kernels), so
 * that a batch gives the same bytes on any machine of one kind; more are asked for only to be
 * timed, and then wait as the runtime has them wait by default. 2. Every session of ours has its
 * own buffers; tensors over them are made once for the usual number of rows and used again. 3. A
 * fixed batch size: pieces of that size, the last filled up with its last row and cut. 4. On
 * opening, a row of zeros (and empty texts) is answered: it shows the widths and the classes that
 * shapes leave open, and that the model runs at all. A model that does not like zeros is not an
 * error until one of those is needed. 5. Providers: cpu; cuda where the library has it, else
 * NONET_E_UNAVAILABLE.
 */
#include "model/onnx_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

/* ---- open ----------------------------------------------------------------------------------- */

static OrtStatus *set_options(const struct onnx_api *api, OrtSessionOptions *options,
                              const struct model_options *asked, size_t threads) {
  OrtStatus *failed = api->SetIntraOpNumThreads(options, (int)threads);
  if (!failed)
    failed = api->SetInterOpNumThreads(options, 1);
  if (!failed)
    failed = api->SetSessionExecutionMode(options, ORT_SEQUENTIAL);
  if (!failed)
    failed = api->SetDeterministicCompute(options, true);
  if (!failed)
    failed = api->SetSessionLogSeverityLevel(options, ORT_LOGGING_LEVEL_FATAL);
  if (!failed && threads == 1)
    failed = api->AddSessionConfigEntry(options, "session.intra_op.allow_spinning", "0");
  if (!failed && asked->profile)
    failed = api->EnableProfiling(options, asked->profile);
  return failed;
}

/* Case 5. */
static nonet_status set_provider(struct model *model, const struct onnx_api *api,
                                 OrtSessionOptions *options, const char *provider,
                                 nonet_error *error) {
  static const char *const names[] = {"cpu", "cuda"};
  model->info.provider = "cpu";
  if (!provider || strcmp(provider, "cpu") == 0)
    return NONET_OK;
  if (strcmp(provider, "cuda") != 0) {
    struct text near = {0};
    text_suggestion(&near, provider, names, 2);
    nonet_status status =
        error_set(error, NONET_E_CONFIG, "the provider '%s' is not known%s: cpu or cuda", provider,
                  near.data ? near.data : "");
    text_clear(&near);
    return status;
  }
  model->info.provider = "cuda";
  OrtCUDAProviderOptionsV2 *cuda = NULL;
  OrtStatus *failed = api->CreateCUDAProviderOptions(&cuda);
  if (!failed)
    failed = api->SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda);
  if (cuda)
    api->ReleaseCUDAProviderOptions(cuda);
  return onnx_api_check(api, failed, NONET_E_UNAVAILABLE,
                        "this ONNX Runtime has no cuda (name one that has it in NONET_ONNXRUNTIME)",
                        error);
}

static nonet_status load(struct model *model, const struct model_options *options,
                         nonet_error *error) {
  struct onnx_model *onnx = model->self;
  const struct onnx_api *api = onnx->api;
  OrtSessionOptions *made = NULL;
  OrtStatus *failed = api->CreateSessionOptions(&made);
  if (!failed)
    failed = set_options(api, made, options, model->threads);
  nonet_status status =
      onnx_api_check(api, failed, NONET_E_INTERNAL, "ONNX Runtime's options", error);
  if (!status)
    status = set_provider(model, api, made, options->provider, error);
  if (!status) {
    failed = api->CreateSession(api->env, options->path, made, &onnx->session);
    if (failed && options->is_refused)
      *options->is_refused = true;
    status = onnx_remedy(api, failed, options->path, error);
  }
  if (made)
    api->ReleaseSessionOptions(made);
  return status;
}

/* A tensor of zeros or empty texts for one row (or one batch, where that is fixed). */
static nonet_status zeros(const struct onnx_model *onnx, const struct onnx_input *input,
                          OrtValue **value, nonet_error *error) {
  const struct onnx_api *api = onnx->api;
  int64_t dims[ONNX_DIMS];
  size_t n = 1;
  void *data = NULL;
  for (size_t d = 0; d < input->n_dims; d++) {
    dims[d] = input->dims[d] > 0 ? input->dims[d] : d == 0 ? 1 : 0;
    n *= (size_t)dims[d];
  }
  if (n == 0)
    return error_set(error, NONET_E_DATA, "the input '%s' leaves its size open", input->name);
  OrtStatus *failed = api->CreateTensorAsOrtValue(api->allocator, dims, input->n_dims,
                                                  onnx_describe_type(input->element), value);
  if (!failed && input->element != ELEMENT_STRING)
    failed = api->GetTensorMutableData(*value, &data);
  if (data)
    memset(data, 0, n * element_bytes(input->element));
  return onnx_api_check(api, failed, NONET_E_DATA, "a row of zeros", error);
}

static void release_values(const struct onnx_api *api, OrtValue **values, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (values[i])
      api->ReleaseValue(values[i]);
}

/* Case 4: the reason of a failure is kept in why_no_zeros. */
static nonet_status answer_zeros(struct model *model, nonet_error *error) {
  struct onnx_model *onnx = model->self;
  const struct onnx_api *api = onnx->api;
  size_t n_in = onnx->n_inputs, n_out = onnx->n_outputs;
  OrtValue **values = memory_zeroed(n_in + n_out, sizeof(OrtValue *));
  const char **names = memory_new(n_out, sizeof *names);
  nonet_error reason = {""};
  nonet_status status = NONET_OK, answered = NONET_OK;
  if (!values || !names) {
    status = error_memory(error, (n_in + n_out) * sizeof *values, "a row of zeros");
    goto done;
  }
  for (size_t i = 0; i < n_in && !answered; i++)
    answered = zeros(onnx, &onnx->inputs[i], &values[i], &reason);
  for (size_t i = 0; i < n_out; i++)
    names[i] = onnx->outputs[i].name;
  if (!answered)
    answered =
        onnx_api_check(api,
                       api->Run(onnx->session, NULL, onnx->input_names,
                                (const OrtValue *const *)values, n_in, names, n_out, values + n_in),
                       NONET_E_DATA, "a row of zeros", &reason);
  if (!answered)
    answered = onnx_answer_widths(model, values + n_in, &reason);
  if (answered)
    snprintf(onnx->why_no_zeros, sizeof onnx->why_no_zeros, "%.250s", reason.message);
  release_values(api, values, n_in + n_out);
done:
  memory_free(values);
  memory_free(names);
  return status;
}

static nonet_status onnx_open(struct model *model, const struct model_options *options,
                              nonet_error *error) {
  if (!options->path)
    return error_set(error, NONET_E_CONFIG, "an onnx model needs the path of its file");
  nonet_status status = model_file(model, options->path, error);
  struct onnx_model *onnx = model_keep(model, 1, sizeof *onnx);
  if (!status && !onnx)
    status = error_memory(error, sizeof *onnx, "a model");
  if (status)
    return status;
  status = onnx_api_open(&onnx->api, error);
  if (status)
    return status;
  model->self = onnx;
  model->info.runtime = onnx->api->runtime;
  status = load(model, options, error);
  if (!status)
    status = onnx_head_facts(model, options->path, error);
  if (!status)
    status = onnx_describe(model, error);
  if (!status)
    status = onnx_inputs_plan(model, options->features, options->n_features, error);
  return status ? status : answer_zeros(model, error);
}

static void onnx_close(struct model *model) {
  struct onnx_model *onnx = model->self;
  if (onnx->session)
    onnx->api->ReleaseSession(onnx->session);
}

static nonet_status onnx_profile_end(struct model *model, nonet_error *error) {
  const struct onnx_model *onnx = model->self;
  const struct onnx_api *api = onnx->api;
  char *name = NULL;
  OrtStatus *failed = api->SessionEndProfiling(onnx->session, api->allocator, &name);
  if (name)
    onnx_api_drop(api, api->AllocatorFree(api->allocator, name));
  return onnx_api_check(api, failed, NONET_E_DATA, "the profile", error);
}

static nonet_status onnx_bind(struct model *model, nonet_error *error) {
  nonet_status status = onnx_inputs_check(model, error);
  return status ? status : onnx_outputs_choose(model, error);
}

/* ---- sessions ---------------------------------------------------------------------------------
 */

struct onnx_texts {
  char *bytes; /* texts with their ends, one behind the other */
  size_t size, capacity;
  size_t *starts; /* [rows] */
  const char **texts;
};

struct onnx_session {
  unsigned char **buffers; /* [n_inputs] capacity × width elements; texts have none */
  struct onnx_texts *texts;
  OrtValue **values; /* [n_inputs] over the buffers' beginning, for `made_rows` rows */
  size_t made_rows;
  unsigned char *turned; /* a row of an image before it is turned */
};

static void onnx_session_close(struct model_session *session) {
  struct onnx_session *own = session->self;
  const struct onnx_model *onnx = session->model->self;
  for (size_t i = 0; i < onnx->n_inputs; i++) {
    if (own->buffers)
      memory_free(own->buffers[i]);
    if (own->texts) {
      memory_free(own->texts[i].bytes);
      memory_free(own->texts[i].starts);
      memory_free(own->texts[i].texts);
    }
  }
  if (own->values)
    release_values(onnx->api, own->values, onnx->n_inputs);
  memory_free(own->buffers);
  memory_free(own->texts);
  memory_free(own->values);
  memory_free(own->turned);
  memory_free(own);
}

static nonet_status onnx_session_open(struct model_session *session, nonet_error *error) {
  const struct onnx_model *onnx = session->model->self;
  struct onnx_session *own = memory_zeroed(1, sizeof *own);
  session->self = own;
  if (!own)
    return error_memory(error, sizeof *own, "a session");
  own->buffers = memory_zeroed(onnx->n_inputs, sizeof *own->buffers);
  own->texts = memory_zeroed(onnx->n_inputs, sizeof *own->texts);
  own->values = memory_zeroed(onnx->n_inputs, sizeof(OrtValue *));
  bool is_short = !own->buffers || !own->texts || !own->values;
  size_t widest = 1;
  for (size_t i = 0; i < onnx->n_inputs && !is_short; i++) {
    const struct onnx_input *input = &onnx->inputs[i];
    size_t n = session->capacity * input->width, row = input->width * element_bytes(input->element);
    if (input->element == ELEMENT_STRING) {
      own->texts[i].starts = memory_new(n, sizeof(size_t));
      own->texts[i].texts = memory_new(n, sizeof(char *));
      is_short = !own->texts[i].starts || !own->texts[i].texts;
    } else {
      own->buffers[i] = memory_new(n, element_bytes(input->element));
      is_short = !own->buffers[i];
    }
    widest = input->channels && row > widest ? row : widest;
  }
  own->turned = is_short ? NULL : memory_new(widest, 1);
  return own->turned ? NONET_OK : error_memory(error, session->capacity * 8, "a session's buffers");
}

static nonet_status add_texts(struct model_session *session, const struct onnx_input *input,
                              struct onnx_texts *texts, size_t place, int64_t start, int64_t n,
                              nonet_error *error) {
  const struct arrowcol *column = &session->columns[input->columns[place]];
  for (int64_t k = 0; k < n; k++) {
    const char *data;
    size_t length;
    if (!gather_text(column, start + k, &data, &length) || memchr(data, 0, length))
      return model_bad_value(session, input->columns[place], k,
                             "is null or no text, and the input has no null; fill it in the query "
                             "(coalesce)",
                             error);
    if (!memory_grow((void **)&texts->bytes, &texts->capacity, texts->size + length + 1, 1))
      return error_memory(error, texts->size + length, "the model's texts");
    memcpy(texts->bytes + texts->size, data, length);
    texts->bytes[texts->size + length] = '\0';
    texts->starts[(session->n_rows + (size_t)k) * input->width + place] = texts->size;
    texts->size += length + 1;
  }
  return NONET_OK;
}

/* Case 6 of onnx_inputs.c: one row from pixels × channels to channels × pixels, or back. */
static void turn(const struct onnx_input *input, const unsigned char *from, unsigned char *to) {
  size_t bytes = element_bytes(input->element);
  size_t rows = input->is_turned_to_nchw ? input->pixels : input->channels;
  size_t columns = input->width / rows;
  for (size_t r = 0; r < rows; r++)
    for (size_t c = 0; c < columns; c++)
      memcpy(to + (c * rows + r) * bytes, from + (r * columns + c) * bytes, bytes);
}

static nonet_status add_lists(struct model_session *session, const struct onnx_input *input,
                              unsigned char *buffer, int64_t start, int64_t n, nonet_error *error) {
  const struct arrowcol *column = &session->columns[input->columns[0]];
  struct onnx_session *own = session->self;
  struct arrowcol item;
  char why[160];
  if (!arrowcol_item(column, &item))
    return model_bad_value(session, input->columns[0], 0, "has no values in its lists", error);
  for (int64_t k = 0; k < n; k++) {
    int64_t first, length, fault;
    const char *reason = "is null";
    size_t bytes = element_bytes(input->element);
    unsigned char *to = buffer + (session->n_rows + (size_t)k) * input->width * bytes;
    if (!arrowcol_list_bounds(column, start + k, &first, &length))
      return model_bad_value(session, input->columns[0], k, reason, error);
    if ((size_t)length != input->width) {
      snprintf(why, sizeof why, "has %lld values; the model takes %zu a row", (long long)length,
               input->width);
      return model_bad_value(session, input->columns[0], k, why, error);
    }
    if (!gather_numbers(&item, first, length, input->element, input->channels ? own->turned : to, 1,
                        &fault, &reason)) {
      snprintf(why, sizeof why, "at value %lld of its list %s", (long long)fault + 1, reason);
      return model_bad_value(session, input->columns[0], k, why, error);
    }
    if (input->channels)
      turn(input, own->turned, to);
  }
  return NONET_OK;
}

static nonet_status add_numbers(struct model_session *session, const struct onnx_input *input,
                                unsigned char *buffer, int64_t start, int64_t n,
                                nonet_error *error) {
  size_t bytes = element_bytes(input->element);
  for (size_t c = 0; c < input->n_columns; c++) {
    int64_t fault = 0;
    const char *why = "";
    unsigned char *to = buffer + (session->n_rows * input->width + c) * bytes;
    if (!gather_numbers(&session->columns[input->columns[c]], start, n, input->element, to,
                        input->width, &fault, &why))
      return model_bad_value(session, input->columns[c], fault, why, error);
  }
  return NONET_OK;
}

static nonet_status onnx_add(struct model_session *session, int64_t start, int64_t n,
                             nonet_error *error) {
  const struct onnx_model *onnx = session->model->self;
  struct onnx_session *own = session->self;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < onnx->n_inputs && !status; i++) {
    const struct onnx_input *input = &onnx->inputs[i];
    if (session->n_rows == 0)
      own->texts[i].size = 0;
    if (input->element == ELEMENT_STRING)
      for (size_t c = 0; c < input->n_columns && !status; c++)
        status = add_texts(session, input, &own->texts[i], c, start, n, error);
    else if (input->feed == ONNX_FEED_LIST)
      status = add_lists(session, input, own->buffers[i], start, n, error);
    else
      status = add_numbers(session, input, own->buffers[i], start, n, error);
  }
  return status;
}

/* A tensor over rows from … of an input's buffer. */
static OrtStatus *make_value(const struct onnx_model *onnx, const struct onnx_input *input,
                             const struct onnx_session *own, size_t i, size_t from, size_t n,
                             OrtValue **value) {
  const struct onnx_api *api = onnx->api;
  int64_t dims[ONNX_DIMS];
  size_t bytes = element_bytes(input->element);
  memcpy(dims, input->dims, sizeof dims);
  dims[0] = (int64_t)n;
  if (input->element != ELEMENT_STRING)
    return api->CreateTensorWithDataAsOrtValue(
        api->memory, own->buffers[i] + from * input->width * bytes, n * input->width * bytes, dims,
        input->n_dims, onnx_describe_type(input->element), value);
  OrtStatus *failed = api->CreateTensorAsOrtValue(api->allocator, dims, input->n_dims,
                                                  ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, value);
  if (failed)
    return failed;
  return api->FillStringTensor(*value, own->texts[i].texts + from * input->width, n * input->width);
}

/* Case 2: numbers at the buffers' beginning keep their tensor. */
static nonet_status make_values(struct model_session *session, size_t from, size_t n,
                                nonet_error *error) {
  const struct onnx_model *onnx = session->model->self;
  struct onnx_session *own = session->self;
  bool is_usual = from == 0 && own->made_rows == n;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < onnx->n_inputs && !status; i++) {
    const struct onnx_input *input = &onnx->inputs[i];
    if (is_usual && input->element != ELEMENT_STRING)
      continue;
    if (own->values[i])
      onnx->api->ReleaseValue(own->values[i]);
    own->values[i] = NULL;
    status = onnx_api_check(onnx->api, make_value(onnx, input, own, i, from, n, &own->values[i]),
                            NONET_E_INTERNAL, input->name, error);
  }
  own->made_rows = !status && from == 0 ? n : 0;
  return status;
}

/* Case 3. */
static void fill_up(struct model_session *session, size_t n, size_t padded) {
  const struct onnx_model *onnx = session->model->self;
  struct onnx_session *own = session->self;
  for (size_t i = 0; i < onnx->n_inputs; i++) {
    const struct onnx_input *input = &onnx->inputs[i];
    size_t row = input->width * element_bytes(input->element);
    for (size_t k = n; k < padded; k++) {
      if (input->element == ELEMENT_STRING)
        memcpy(own->texts[i].starts + k * input->width,
               own->texts[i].starts + (n - 1) * input->width, input->width * sizeof(size_t));
      else
        memcpy(own->buffers[i] + k * row, own->buffers[i] + (n - 1) * row, row);
    }
  }
}

static void place_texts(struct model_session *session, size_t n) {
  const struct onnx_model *onnx = session->model->self;
  struct onnx_session *own = session->self;
  for (size_t i = 0; i < onnx->n_inputs; i++)
    for (size_t k = 0; own->texts[i].starts && k < n * onnx->inputs[i].width; k++)
      own->texts[i].texts[k] = own->texts[i].bytes + own->texts[i].starts[k];
}

/* Rows from … from + n − 1, of which the first `real` are asked for. */
static nonet_status run_piece(struct model_session *session, size_t from, size_t n, size_t real,
                              double *raw, uint32_t *labels, nonet_error *error) {
  struct model *model = session->model;
  const struct onnx_model *onnx = model->self;
  struct onnx_session *own = session->self;
  OrtValue *answers[2] = {NULL, NULL};
  nonet_status status = make_values(session, from, n, error);
  if (status)
    return status;
  OrtStatus *failed =
      onnx->api->Run(onnx->session, NULL, onnx->input_names, (const OrtValue *const *)own->values,
                     onnx->n_inputs, onnx->chosen_names, onnx->n_chosen, answers);
  status = onnx_api_check(onnx->api, failed, NONET_E_DATA, "the model failed", error);
  if (!status && onnx->chosen[ONNX_SCORES])
    status = onnx_answer_scores(model, answers[onnx->place_of[ONNX_SCORES]], real,
                                raw + from * model->width, error);
  if (!status && onnx->chosen[ONNX_LABELS] && labels)
    status = onnx_answer_labels(model, answers[onnx->place_of[ONNX_LABELS]], session->rows + from,
                                real, labels + from, error);
  release_values(onnx->api, answers, 2);
  return status;
}

static nonet_status onnx_run(struct model_session *session, double *raw, uint32_t *labels,
                             nonet_error *error) {
  const struct onnx_model *onnx = session->model->self;
  size_t n = session->n_rows, piece = onnx->fixed_rows ? onnx->fixed_rows : n;
  size_t padded = (n + piece - 1) / piece * piece;
  fill_up(session, n, padded);
  place_texts(session, padded);
  nonet_status status = NONET_OK;
  for (size_t from = 0; from < n && !status; from += piece)
    status =
        run_piece(session, from, piece, n - from < piece ? n - from : piece, raw, labels, error);
  return status;
}

const struct model_driver onnx_driver = {
    .open = onnx_open,
    .close = onnx_close,
    .bind = onnx_bind,
    .session_open = onnx_session_open,
    .session_close = onnx_session_close,
    .add = onnx_add,
    .run = onnx_run,
    .profile_end = onnx_profile_end,
};
