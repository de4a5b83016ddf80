/* What all kinds share: kinds, words of options, the fit to a table, decisions on what numbers are.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "model/loop.h"
#include "model/model_parts.h"
#include "model/modelkit.h"

static const char *const zero_one[] = {"0", "1"}, *const abc[] = {"a", "b", "c"};

static void test_kinds(void **state) {
  (void)state;
  size_t n;
  const struct model_kind *kinds = model_kinds(&n);
  assert_int_equal(n, 7);
  for (size_t i = 0; i < n; i++) {
    struct model *model;
    nonet_error error = {""};
    struct model_options options = {.kind = kinds[i].name};
    assert_true(strlen(kinds[i].what) > 10);
    assert_int_equal(model_open(&options, &model, &error), NONET_E_CONFIG);
    assert_null(model);
    if (kinds[i].missing)
      assert_non_null(strstr(error.message, kinds[i].missing));
  }
  struct model *model;
  nonet_error error;
  struct model_options options = {.kind = "onyx"};
  assert_int_equal(model_open(&options, &model, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "did you mean 'onnx'"));
}

static void test_option_words(void **state) {
  (void)state;
  enum model_output output;
  enum model_layout layout;
  assert_true(model_output_of("logit", &output) && output == MODEL_OUTPUT_LOGIT);
  assert_true(model_output_of("auto", &output) && output == MODEL_OUTPUT_AUTO);
  assert_false(model_output_of("logits", &output));
  assert_true(model_layout_of("nchw", &layout) && layout == MODEL_LAYOUT_NCHW);
  assert_false(model_layout_of("NCHW", &layout));
}

static struct model *open_onnx(const char *file, const struct modelkit_rows *rows,
                               enum model_task task, const char *const *classes, size_t n) {
  struct model_options options = {.kind = "onnx", .path = modelkit_path(file)};
  struct model_target target = {task, classes, n};
  struct model *model;
  nonet_error error = {""};
  assert_int_equal(model_open(&options, &model, &error), NONET_OK);
  if (model_bind(model, &rows->schema, &target, &error))
    fail_msg("%s", error.message);
  return model;
}

/* A column in another place of a wider table is found; a second bind replaces the first. */
static void test_by_name(void **state) {
  (void)state;
  static const char *const names[] = {"y", "x3", "x0", "x1", "x2"}, *const fewer[] = {"x0", "x1",
                                                                                      "x2"};
  struct modelkit_rows rows;
  modelkit_read("sigmoid", &rows);
  struct model *model = open_onnx("sigmoid.onnx", &rows, MODEL_BINARY, zero_one, 2);
  nonet_error error;
  assert_int_equal(model_fit_names(model, names, 5, NULL), NONET_OK);
  assert_int_equal(model_fit_names(model, fewer, 3, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "'x3'"));
  struct ArrowSchema *swap = rows.schema.children[0];
  rows.schema.children[0] = rows.schema.children[2];
  rows.schema.children[2] = swap;
  struct ArrowArray *first = rows.batches[0].children[0];
  rows.batches[0].children[0] = rows.batches[0].children[2];
  rows.batches[0].children[2] = first;
  struct model_target target = {MODEL_BINARY, zero_one, 2};
  assert_int_equal(model_bind(model, &rows.schema, &target, NULL), NONET_OK);
  struct model_session *session;
  double scores[64];
  assert_int_equal(model_session_open(model, &session, NULL), NONET_OK);
  assert_int_equal(model_predict(session, &rows.batches[0], scores, NULL, NULL), NONET_OK);
  for (size_t r = 0; r < (size_t)rows.batches[0].length; r++)
    assert_true(fabs(scores[r] - modelkit_number(&rows, "e0", r)) < 1e-6);
  model_session_close(session);
  model_close(model);
  modelkit_clear(&rows);
}

/* A slice of a struct array (an offset of its own) is read from where it begins. */
static void test_offset(void **state) {
  (void)state;
  struct modelkit_rows rows;
  double scores[64];
  struct model_session *session;
  modelkit_read("sigmoid", &rows);
  struct model *model = open_onnx("sigmoid.onnx", &rows, MODEL_BINARY, zero_one, 2);
  assert_int_equal(model_session_open(model, &session, NULL), NONET_OK);
  struct ArrowArray slice = rows.batches[0];
  slice.offset = 5;
  slice.length -= 5;
  assert_int_equal(model_predict(session, &slice, scores, NULL, NULL), NONET_OK);
  for (size_t r = 0; r < (size_t)slice.length; r++)
    assert_true(fabs(scores[r] - modelkit_number(&rows, "e0", r + 5)) < 1e-6);
  slice.length += 1; /* one more than the columns have */
  assert_int_equal(model_predict(session, &slice, scores, NULL, NULL), NONET_E_DATA);
  model_session_close(session);
  model_close(model);
  modelkit_clear(&rows);
}

/* One number a row: decided over the whole sample, kept afterwards, contradictions told. */
static void test_settle(void **state) {
  (void)state;
  struct modelkit_rows rows;
  modelkit_read("sigmoid", &rows);
  struct model *model = open_onnx("sigmoid.onnx", &rows, MODEL_BINARY, zero_one, 2);
  double inside[] = {0, .25, 1 + 5e-6}, outside[] = {.5, -0.5, .9}, raw[] = {0};
  nonet_error error;
  assert_int_equal(model_settle(model, inside, 0, NULL),
                   NONET_OK); /* nothing seen, nothing decided */
  assert_int_equal(atomic_load(&model->link), MODEL_LINK_OPEN);
  assert_int_equal(model_settle(model, inside, 3, NULL), NONET_OK);
  assert_true(inside[0] == 0 && inside[1] == .25 && inside[2] == 1); /* rounding is put back */
  assert_non_null(strstr(model_info(model)->notes[0], "taken as P(positive)"));
  assert_int_equal(model_finish(model, outside, NULL, 3, outside, &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "row 2: the model answered -0.5"));
  model_close(model);
  model = open_onnx("sigmoid.onnx", &rows, MODEL_BINARY, zero_one, 2);
  assert_int_equal(model_settle(model, outside, 3, NULL), NONET_OK);
  assert_true(fabs(outside[1] - 1 / (1 + exp(.5))) < 1e-15);
  assert_int_equal(model_finish(model, raw, NULL, 1, raw, NULL), NONET_OK);
  assert_true(raw[0] == .5); /* a later sample, by the same decision */
  model_close(model);
  modelkit_clear(&rows);
}

/* Several numbers a row: probabilities, logits, and what is neither. */
static void test_decide(void **state) {
  (void)state;
  static const struct {
    double raw[6];
    nonet_status status;
    double first;
  } cases[] = {{{.5, .25, .25, 1, 0, 0}, NONET_OK, .5},
               {{0, 0, 0, 3, 0, 0}, NONET_OK, 1.0 / 3},
               {{.5, .5, .5, 1, 0, 0}, NONET_E_DATA, 0},
               {{1000, 1000, -1000, 0, 0, 0}, NONET_OK, .5},
               {{NAN, NAN, NAN, .2, .3, .5}, NONET_OK, NAN}};
  struct modelkit_rows rows;
  modelkit_read("logits", &rows);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct model *model = open_onnx("logits.onnx", &rows, MODEL_MULTICLASS, abc, 3);
    double scores[6] = {0};
    nonet_error error = {""};
    assert_int_equal(model_finish(model, cases[i].raw, NULL, 2, scores, &error), cases[i].status);
    if (cases[i].status)
      assert_non_null(strstr(error.message, "output: logit"));
    else
      assert_true(isnan(cases[i].first) ? isnan(scores[0])
                                        : fabs(scores[0] - cases[i].first) < 1e-15);
    model_close(model);
  }
  modelkit_clear(&rows);
}

struct worker {
  struct model *model;
  const struct ArrowArray *rows;
  double scores[64];
  nonet_status status;
};

static void *work(void *context) {
  struct worker *worker = context;
  struct model_session *session;
  worker->status = model_session_open(worker->model, &session, NULL);
  for (int i = 0; i < 50 && !worker->status; i++)
    worker->status = model_predict(session, worker->rows, worker->scores, NULL, NULL);
  model_session_close(session);
  return NULL;
}

/* Sessions of one model in several threads, the first of which decides what the numbers are. */
static void test_threads(void **state) {
  (void)state;
  enum { N_THREADS = 4 };
  struct modelkit_rows rows;
  struct worker workers[N_THREADS];
  pthread_t threads[N_THREADS];
  modelkit_read("logits", &rows);
  struct model *model = open_onnx("logits.onnx", &rows, MODEL_MULTICLASS, abc, 3);
  for (size_t t = 0; t < N_THREADS; t++) {
    workers[t] = (struct worker){.model = model, .rows = &rows.batches[0]};
    assert_int_equal(pthread_create(&threads[t], NULL, work, &workers[t]), 0);
  }
  for (size_t t = 0; t < N_THREADS; t++)
    pthread_join(threads[t], NULL);
  for (size_t t = 0; t < N_THREADS; t++) {
    assert_int_equal(workers[t].status, NONET_OK);
    assert_memory_equal(workers[t].scores, workers[0].scores, sizeof workers[0].scores);
  }
  assert_true(fabs(workers[0].scores[0] - modelkit_number(&rows, "e0", 0)) < 1e-15);
  assert_int_equal(model_info(model)->n_notes, 1);
  model_close(model);
  modelkit_clear(&rows);
}

static void test_loops_and_runtimes(void **state) {
  (void)state;
  struct text lines = {0};
  assert_non_null(strstr(model_loop("sklearn"), "predict_proba"));
  assert_non_null(strstr(model_loop("pytorch"), "torch.jit.load"));
  assert_null(model_loop("caffe"));
  model_runtimes(&lines);
  assert_non_null(strstr(lines.data, "onnxruntime "));
  assert_non_null(strstr(lines.data, "xgboost "));
  text_clear(&lines);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kinds),   cmocka_unit_test(test_option_words),
      cmocka_unit_test(test_by_name), cmocka_unit_test(test_offset),
      cmocka_unit_test(test_settle),  cmocka_unit_test(test_decide),
      cmocka_unit_test(test_threads), cmocka_unit_test(test_loops_and_runtimes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
