/* Commands: what small programs answer and how they misbehave; the splitting of words. The children
 * are Python with pyarrow (NONET_TEST_PYTHON) and sh. After every case no child is left, dead or
 * alive. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/command_parts.h"
#include "model/modelkit.h"

static const char *const no_yes[] = {"no", "yes"}, *const abc[] = {"a", "b", "c"};
static const char *const people[] = {"age", "visits", "job"};
static const struct model_target regression = {MODEL_REGRESSION, NULL, 0};
static const struct model_target binary = {MODEL_BINARY, no_yes, 2};
static const struct model_target multiclass = {MODEL_MULTICLASS, abc, 3};

/* A program around one line that makes `r`, a record batch, of `b`; d is b as lists of Python
 * values. */
static const char loop[] = "import sys, os, pyarrow as pa\n"
                           "w = None\n"
                           "for b in pa.ipc.open_stream(sys.stdin.buffer):\n"
                           "    d, n = b.to_pydict(), b.num_rows\n"
                           "    %s\n"
                           "    w = w or pa.ipc.new_stream(sys.stdout.buffer, r.schema)\n"
                           "    w.write_batch(r)\n"
                           "    sys.stdout.buffer.flush()\n";

static void answer_with(const char *program, const char *flag, const char *text,
                        const struct model_target *target, struct modelkit_rows *rows,
                        struct modelkit_answer *answer) {
  const char *argv[] = {program, flag, text};
  struct model_options options = {.kind = "command",
                                  .argv = argv,
                                  .n_argv = 3,
                                  .timeout_s = 30,
                                  .batch_rows = 20,
                                  .features = people,
                                  .n_features = 3};
  if (strstr(text, "sleep"))
    options.timeout_s = 0.5;
  modelkit_read("columns_text", rows);
  modelkit_answer(&options, target, rows, answer);
  assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
  assert_int_equal(errno, ECHILD);
}

static void answer_loop(const char *line, const struct model_target *target,
                        struct modelkit_rows *rows, struct modelkit_answer *answer) {
  char text[2048];
  snprintf(text, sizeof text, loop, line);
  answer_with(getenv("NONET_TEST_PYTHON"), "-c", text, target, rows, answer);
}

static double float_at(const struct modelkit_rows *rows, size_t b, size_t r) {
  return (double)((const float *)rows->batches[b].children[0]->buffers[1])[r];
}

/* Numbers, integers and texts arrive as they are. */
static void test_regression(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  answer_loop("r = pa.record_batch([[a + 100 * v + 1000 * len(j) for a, v, j in zip(d['age'], "
              "d['visits'], d['job'])]], names=['score'])",
              &regression, &rows, &answer);
  modelkit_expect(&answer, NONET_OK, NULL);
  size_t r = 0;
  for (size_t b = 0; b < rows.n_batches; b++)
    for (size_t i = 0; i < (size_t)rows.batches[b].length; i++, r++) {
      int64_t visits = ((const int64_t *)rows.batches[b].children[1]->buffers[1])[i];
      const int64_t *ends = rows.batches[b].children[2]->buffers[1];
      double expected = float_at(&rows, b, i) + 100.0 * (double)visits;
      assert_true(answer.scores[r] == expected + 1000.0 * (double)(ends[i + 1] - ends[i]));
    }
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
}

/* One process for all batches; a flood on its stderr stops nobody. */
static void test_one_process(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  answer_loop("sys.stderr.write('x' * 200000); r = pa.record_batch([[os.getpid()] * n], "
              "names=['prediction'])",
              &regression, &rows, &answer);
  modelkit_expect(&answer, NONET_OK, NULL);
  for (size_t r = 1; r < rows.n; r++)
    assert_true(answer.scores[r] == answer.scores[0] && answer.scores[r] > 1);
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
}

/* Columns per class in any order, and predictions as a dictionary. */
static void test_classes(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  answer_loop(
      "p = [v / 10 for v in d['visits']]; r = pa.record_batch([p, [1 - q for q in p], "
      "pa.array(['yes' if q > .5 else 'no' for q in p]).dictionary_encode()], names=['yes', "
      "'no', 'prediction'])",
      &binary, &rows, &answer);
  modelkit_expect(&answer, NONET_OK, NULL);
  assert_true(answer.gives_scores && answer.gives_labels);
  size_t r = 0;
  for (size_t b = 0; b < rows.n_batches; b++)
    for (size_t i = 0; i < (size_t)rows.batches[b].length; i++, r++) {
      int64_t visits = ((const int64_t *)rows.batches[b].children[1]->buffers[1])[i];
      assert_true(answer.scores[r] == (double)visits / 10);
      assert_int_equal(answer.labels[r], visits > 5);
    }
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
}

static void test_lists_and_labels(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  answer_loop("r = pa.record_batch([[[.5, .25, .25]] * n], names=['score'])", &multiclass, &rows,
              &answer);
  modelkit_expect(&answer, NONET_OK, NULL);
  assert_true(answer.scores[147] == .5 && answer.scores[149] == .25);
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
  answer_loop("r = pa.record_batch([['c'] * n], names=['prediction'])", &multiclass, &rows,
              &answer);
  modelkit_expect(&answer, NONET_OK, NULL);
  assert_true(!answer.gives_scores && answer.gives_labels);
  assert_int_equal(answer.labels[49], 2);
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
  answer_loop("r = pa.record_batch([[3.0 - v for v in d['visits']]], names=['score'])", &binary,
              &rows, &answer);
  modelkit_expect(&answer, NONET_OK, NULL);
  assert_non_null(strstr(answer.notes, "sigmoid applied"));
  for (size_t r = 0; r < rows.n; r++)
    assert_true(answer.scores[r] > 0 && answer.scores[r] < 1);
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
}

struct bad {
  const char *line; /* of Python; or of sh, when it begins with "sh:" */
  const struct model_target *target;
  nonet_status status;
  const char *piece, *other;
};

static const struct bad bads[] = {
    {"sh:echo boom >&2; echo bang >&2; exit 3", &binary, NONET_E_DATA, "exit code 3", "boom\nbang"},
    {"sh:kill -9 $$", &binary, NONET_E_DATA, "signal 9", "Killed"},
    {"sh:exit 0", &binary, NONET_E_DATA, "ended before all rows", ""},
    {"sh:exec sleep 100", &binary, NONET_E_DATA, "within 0.5 s", "flush"},
    {"sh:exec 1>&-; sleep 100 2>&- & cat >/dev/null; wait", &binary, NONET_E_DATA,
     "closed its output", ""},
    {"sh:echo Loading the model; cat >/dev/null", &binary, NONET_E_DATA, "'Loading ", "stderr"},
    {"sh:printf '\\377\\377\\377\\377\\377\\377\\377\\177'; cat >/dev/null", &binary, NONET_E_DATA,
     "announced", ""},
    {"sh:printf '\\377\\377\\377\\377\\020\\000\\000\\0000123456789abcdef'; cat >/dev/null",
     &binary, NONET_E_DATA, "is broken", ""},
    {"sh:printf '\\377\\377\\377\\377\\000\\000\\000\\000'; cat >/dev/null", &binary, NONET_E_DATA,
     "ended its Arrow stream", ""},
    {"r = pa.record_batch([[.5] * (n - 1)], names=['score'])", &binary, NONET_E_DATA,
     "answered 19 rows for a batch of 20", ""},
    {"r = pa.record_batch([['high'] * n], names=['score'])", &binary, NONET_E_DATA,
     "'score' is text", "a number"},
    {"r = pa.record_batch([[.5] * n], names=['p'])", &binary, NONET_E_DATA, "'p'", "'score'"},
    {"r = pa.record_batch([[.5] * n], names=['yes'])", &binary, NONET_E_DATA,
     "none for the class 'no'", ""},
    {"r = pa.record_batch([[.5] * n], names=['score'])", &multiclass, NONET_E_DATA,
     "one number per class", ""},
    {"r = pa.record_batch([[[.5, .5]] * n], names=['score'])", &multiclass, NONET_E_DATA,
     "row 1:", "(3)"},
    {"r = pa.record_batch([['maybe'] * n], names=['prediction'])", &binary, NONET_E_DATA,
     "row 1:", "'maybe'"},
    {"r = pa.record_batch([[.5] * (n - 1) + [None]], names=['score'])", &binary, NONET_E_DATA,
     "row 20:", "is null"},
    {"r = pa.record_batch([[.5] * n], names=['score']); w = w or "
     "pa.ipc.new_stream(sys.stdout.buffer, r.schema); w.write_batch(r)",
     /* Seen before the next batch is sent ("more after its last answer"), or as the answer to it
        ("20 rows for a batch of 10"): which of the two hangs on the pipe's timing. */
     &binary, NONET_E_DATA, "answer", "batch of"},
    {"sys.exit('no such model')", &binary, NONET_E_DATA, "exit code 1", "no such model"},
};

static void test_misbehaviour(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
    struct modelkit_rows rows;
    struct modelkit_answer answer;
    if (strncmp(bads[i].line, "sh:", 3) == 0)
      answer_with("sh", "-c", bads[i].line + 3, bads[i].target, &rows, &answer);
    else
      answer_loop(bads[i].line, bads[i].target, &rows, &answer);
    if (answer.status != bads[i].status)
      print_message("%s\n", bads[i].line);
    modelkit_expect(&answer, bads[i].status, bads[i].piece, bads[i].other, NULL);
    modelkit_answer_clear(&answer);
    modelkit_clear(&rows);
  }
}

static void test_no_program(void **state) {
  (void)state;
  struct modelkit_rows rows;
  struct modelkit_answer answer;
  answer_with("./no-such-program", "", "", &binary, &rows, &answer);
  modelkit_expect(&answer, NONET_E_NO_INPUT, "./no-such-program", NULL);
  modelkit_answer_clear(&answer);
  modelkit_clear(&rows);
  struct model *model;
  nonet_error error;
  struct model_options options = {.kind = "command", .command = "cat"};
  assert_int_equal(model_open(&options, &model, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "features:"));
}

/* A child that does not read: writing to it raises no signal in this process. */
static void test_no_sigpipe(void **state) {
  (void)state;
  struct command_child child;
  char *argv[] = {"sh", "-c", "exec 0<&-; sleep 0.2", NULL};
  char *big = calloc(1 << 20, 1);
  nonet_error error;
  signal(SIGPIPE, SIG_DFL);
  assert_int_equal(command_child_open(&child, argv, NULL, true, 10, NULL), NONET_OK);
  command_child_begin(&child);
  assert_int_equal(command_child_write(&child, big, 1 << 20, &error), NONET_E_DATA);
  command_child_close(&child);
  sigset_t pending;
  sigpending(&pending);
  assert_false(sigismember(&pending, SIGPIPE));
  free(big);
}

/* A child that answers while it is still being written to. */
static void test_both_ways(void **state) {
  (void)state;
  struct command_child child;
  char *argv[] = {"cat", NULL};
  size_t size = 3 << 20;
  unsigned char *sent = malloc(size), *back = malloc(size);
  for (size_t i = 0; i < size; i++)
    sent[i] = (unsigned char)(i * 7 + i / 256);
  assert_int_equal(command_child_open(&child, argv, "/", true, 20, NULL), NONET_OK);
  command_child_begin(&child);
  assert_int_equal(command_child_write(&child, sent, size, NULL), NONET_OK);
  assert_int_equal(command_child_read(&child, back, size, NULL), NONET_OK);
  assert_memory_equal(sent, back, size);
  command_child_close(&child);
  free(sent);
  free(back);
}

/* The end of a child that ignores the end of its stdin: killed after a moment, with what it
 * started. */
static void test_stubborn_end(void **state) {
  (void)state;
  struct command_child child;
  struct timespec from, to;
  char *argv[] = {"sh", "-c", "trap '' TERM; sleep 100 & sleep 100", NULL};
  assert_int_equal(command_child_open(&child, argv, NULL, true, 10, NULL), NONET_OK);
  pid_t group = child.pid;
  clock_gettime(CLOCK_MONOTONIC, &from);
  command_child_close(&child);
  clock_gettime(CLOCK_MONOTONIC, &to);
  assert_true(to.tv_sec - from.tv_sec < 10);
  for (int i = 0; i < 200 && kill(-group, 0) == 0; i++)
    nanosleep(&(struct timespec){0, 10000000}, NULL);
  assert_int_equal(kill(-group, 0), -1);
}

static void expect_words(const char *text, ...) {
  struct command_words words;
  va_list expected;
  const char *word;
  size_t n = 0;
  assert_int_equal(command_words_split(text, &words, NULL), NONET_OK);
  va_start(expected, text);
  for (; (word = va_arg(expected, const char *)) != NULL; n++) {
    assert_true(n < words.n);
    assert_string_equal(words.word[n], word);
  }
  va_end(expected);
  assert_int_equal(words.n, n);
  assert_null(words.word[n]);
  command_words_clear(&words);
}

static void test_words(void **state) {
  (void)state;
  struct command_words words;
  expect_words("python3 score.py model.pt", "python3", "score.py", "model.pt", NULL);
  expect_words("  a\t'b c'  \"d e\"\n", "a", "b c", "d e", NULL);
  expect_words("a'b c'd \"\" ''", "ab cd", "", "", NULL);
  expect_words("a\\ b \"c\\\"d\" '\\' \"e\\f\"", "a b", "c\"d", "\\", "e\\f", NULL);
  expect_words("'$HOME' \"a|b\" \\*", "$HOME", "a|b", "*", NULL);
  static const char *const wrong[] = {"",      "  ",   "'a", "a \"b",  "a\\", "a | b",
                                      "a > b", "a; b", "$A", "\"$A\"", "a*",  "`a`"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(command_words_split(wrong[i], &words, NULL), NONET_E_CONFIG);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_regression),   cmocka_unit_test(test_one_process),
      cmocka_unit_test(test_classes),      cmocka_unit_test(test_lists_and_labels),
      cmocka_unit_test(test_misbehaviour), cmocka_unit_test(test_no_program),
      cmocka_unit_test(test_no_sigpipe),   cmocka_unit_test(test_both_ways),
      cmocka_unit_test(test_stubborn_end), cmocka_unit_test(test_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
