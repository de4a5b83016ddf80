/* The probes of two models, one of which may fail: reasons beside the stream, and the run goes on.
 * The models are the fake helper's; what stands here of src/model is what probe.c asks of it. */
#include "probe/probe.h"

#include <dirent.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/parallel.h"
#include "table/tablekit.h"

struct model {
  struct model_info info;
};

const struct model_info *model_info(const struct model *model) {
  return &model->info;
}

const char *const *model_columns(const struct model *model, size_t *n_columns) {
  static const char *const names[] = {"x", "word"};
  (void)model;
  *n_columns = 2;
  return names;
}

static struct table *table;

static int setup_table(void **state) {
  const char *path = tablekit_path("probe.parquet");
  nonet_error error = {""};
  (void)state;
  tablekit_copy("SELECT i / 7.0 AS x, 'w' || i AS word FROM range(50) t(i)", path, "parquet");
  const struct table_source source = {.path = path, .n_threads = 1};
  assert_int_equal(table_open(&source, &table, &error), NONET_OK);
  return 0;
}

static int teardown_table(void **state) {
  table_close(table);
  return tablekit_teardown(state);
}

static struct model file_model = {
    .info = {.kind = "onnx", .path = "none.onnx", .size_bytes = 1234, .sha256 = "ab12"}};
static struct model program = {.info = {.kind = "command", .sha256 = "cd34"}};

static const char *const changed[] = {"x", "word"};
static const char *reference; /* of the candidate; NULL: none */

static nonet_status run(const char *a, const char *b, unsigned probes, double budget_s,
                        const atomic_int *cancel, struct probe_answers *answers) {
  static const char *const classes[] = {"0", "1"};
  const struct model_options options[N_STREAMS] = {{.kind = "fake", .path = a},
                                                   {.kind = "fake", .path = b}};
  const struct probe_request request = {.probes = probes,
                                        .model = {&file_model, b != NULL ? &program : NULL},
                                        .options = {&options[0], &options[1]},
                                        .table = table,
                                        .target = {MODEL_BINARY, classes, 2},
                                        .threshold = {0.5, 0.5},
                                        .reference = {{&reference, reference != NULL}},
                                        .changed = {changed, 2},
                                        .budget_s = budget_s,
                                        .seed = 1};
  struct progress progress = {.cancel = cancel};
  nonet_error error = {""};
  *answers = (struct probe_answers){0};
  nonet_status status = probe_run(&request, answers, &progress, &error);
  assert_true(status == NONET_OK || strlen(error.message) > 0);
  return status;
}

static const unsigned all = PROBE_BIT(PROBE_ARTIFACT) | PROBE_BIT(PROBE_LOADS) |
                            PROBE_BIT(PROBE_DETERMINISM) | PROBE_BIT(PROBE_LATENCY);

static void test_two_models(void **state) {
  (void)state;
  struct probe_answers answers;
  assert_int_equal(run("plain", "moody", all, 0.6, NULL, &answers), NONET_OK);
  for (int s = 0; s < N_STREAMS; s++) {
    assert_int_equal(answers.stream[s].state[PROBE_LOADS].status, PROBE_ANSWERED);
    assert_int_equal(answers.stream[s].state[PROBE_DETERMINISM].status, PROBE_ANSWERED);
    assert_int_equal(answers.stream[s].state[PROBE_LATENCY].status, PROBE_ANSWERED);
    assert_int_equal(answers.stream[s].state[PROBE_TRAIN].status, PROBE_NOT_ASKED);
    assert_int_equal(answers.stream[s].loads.n_steps, 3);
  }
  assert_int_equal(answers.stream[0].artifact.size_bytes, 1234);
  assert_string_equal(answers.stream[0].artifact.sha256, "ab12");
  assert_int_equal(answers.stream[1].state[PROBE_ARTIFACT].status, PROBE_NOT_APPLICABLE);
  assert_int_equal(answers.stream[0].determinism.n_rows_changed, 0);
  /* rows 0 … 2 of 50 get .75 more in a batch of one, over the threshold */
  assert_int_equal(answers.stream[1].determinism.n_rows_changed, 3);
  assert_int_equal(answers.stream[1].determinism.n_labels_changed, 3);
  assert_true(answers.stream[1].determinism.largest_difference == 0.75);
  assert_true(answers.latency.n_launches >= 10 && answers.latency.n_launches <= 20);
  assert_int_equal(answers.latency.n_rows, 50);
  for (size_t i = 0; i < answers.latency.n_launches; i++) {
    const struct probe_launch *launch = &answers.latency.launches[i];
    assert_true(launch->n[STREAM_A] == launch->n[STREAM_B] && launch->n[STREAM_A] > 0);
  }
  probe_answers_clear(&answers);
}

static void test_baseline_in_columns(void **state) {
  (void)state;
  struct probe_answers answers;
  assert_int_equal(run("plain", NULL, all, 0.3, NULL, &answers), NONET_OK);
  assert_int_equal(answers.stream[0].state[PROBE_LATENCY].status, PROBE_ANSWERED);
  assert_int_equal(answers.stream[1].state[PROBE_LATENCY].status, PROBE_NOT_APPLICABLE);
  assert_int_equal(answers.stream[1].state[PROBE_ARTIFACT].status, PROBE_NOT_APPLICABLE);
  probe_answers_clear(&answers);
}

static void test_models_that_fail(void **state) {
  (void)state;
  struct probe_answers answers;
  assert_int_equal(run("plain", "refuse", all, 0.3, NULL, &answers), NONET_OK);
  assert_int_equal(answers.stream[0].state[PROBE_LATENCY].status, PROBE_ANSWERED); /* 2 */
  assert_int_equal(answers.stream[1].state[PROBE_LATENCY].status, PROBE_FAILED);
  assert_non_null(strstr(answers.stream[1].state[PROBE_LATENCY].reason, "Foo"));
  assert_false(answers.stream[1].loads.step[0].is_ok);
  assert_int_equal(answers.stream[1].state[PROBE_DETERMINISM].status, PROBE_FAILED);
  probe_answers_clear(&answers);
  assert_int_equal(run("crash", "plain", all, 0.3, NULL, &answers), NONET_OK); /* 3 */
  assert_int_equal(answers.stream[0].state[PROBE_LOADS].status, PROBE_ANSWERED);
  assert_false(answers.stream[0].loads.step[0].is_ok);
  assert_int_equal(answers.stream[0].state[PROBE_LATENCY].status, PROBE_FAILED);
  assert_non_null(strstr(answers.stream[0].state[PROBE_LATENCY].reason, "crashed"));
  assert_int_equal(answers.stream[1].state[PROBE_LATENCY].status, PROBE_FAILED);
  assert_int_equal(answers.stream[1].state[PROBE_DETERMINISM].status, PROBE_ANSWERED);
  assert_int_equal(answers.latency.n_failed, 1);
  probe_answers_clear(&answers);
}

/* The fake answers i/50 to x = i/7, i = 0 … 49, and takes no notice of the words. */
static void test_contract(void **state) {
  (void)state;
  struct probe_answers answers;
  static const struct {
    size_t asked, kept;
  } expected[N_BREACHES] = {
      [BREACH_MISSING] = {2, 1}, /* the words are not missed */
      [BREACH_EXTRA] = {1, 1},   [BREACH_NULL] = {2, 0}, [BREACH_UNSEEN] = {1, 0},
      [BREACH_TYPE] = {2, 1},    [BREACH_HUGE] = {1, 1},
  };
  static const char *const texts[] = {
      "without the column `word` it answers all the same",
      "a null in `x` is answered as if it were 0",
      "a null in `word` is answered as if it were an empty text",
      "a category never seen in `word` is answered as if it were an empty text",
      "`word` is answered with numbers in place of its texts"};
  assert_int_equal(run("plain", "crash", PROBE_BIT(PROBE_CONTRACT), 1, NULL, &answers), NONET_OK);
  const struct probe_contract *found = &answers.stream[0].contract;
  assert_int_equal(answers.stream[0].state[PROBE_CONTRACT].status, PROBE_ANSWERED);
  for (int b = 0; b < N_BREACHES; b++) {
    assert_int_equal(found->n_asked[b], expected[b].asked);
    assert_int_equal(found->n_kept[b], expected[b].kept);
  }
  assert_int_equal(found->n_texts, sizeof texts / sizeof *texts);
  for (size_t i = 0; i < found->n_texts; i++) {
    assert_string_equal(found->text[i], texts[i]);
  }
  found = &answers.stream[1].contract; /* dies each time: six times one breach that was not kept */
  assert_int_equal(found->n_texts, N_BREACHES);
  assert_non_null(strstr(found->text[2], "null: the process that asks the model crashed"));
  probe_answers_clear(&answers);
}

static void test_parity(void **state) {
  (void)state;
  struct probe_answers answers;
  reference = "x";
  nonet_status status = run("plain", "plain", PROBE_BIT(PROBE_PARITY), 1, NULL, &answers);
  reference = NULL;
  assert_int_equal(status, NONET_OK);
  const struct probe_parity *found = &answers.stream[0].parity;
  assert_int_equal(answers.stream[0].state[PROBE_PARITY].status, PROBE_ANSWERED);
  assert_int_equal(answers.stream[1].state[PROBE_PARITY].status, PROBE_NOT_APPLICABLE);
  assert_int_equal(found->n_rows, 50);
  assert_int_equal(found->n_same_labels, 29); /* i/50 and i/7 on either side of .5: i = 4 … 24 */
  assert_true(fabs(found->largest_absolute - (7 - 0.98)) < 1e-12);
  assert_true(fabs(found->largest_relative - 0.86) < 1e-12); /* 1 − 7/50 in every row */
  probe_answers_clear(&answers);
}

static void test_counterfactual(void **state) {
  (void)state;
  struct probe_answers answers;
  assert_int_equal(run("plain", "refuse", PROBE_BIT(PROBE_COUNTERFACTUAL), 1, NULL, &answers),
                   NONET_OK);
  const struct probe_counterfactual *found = &answers.stream[0].counterfactual;
  assert_int_equal(answers.stream[0].state[PROBE_COUNTERFACTUAL].status, PROBE_ANSWERED);
  assert_int_equal(answers.stream[1].state[PROBE_COUNTERFACTUAL].status, PROBE_FAILED);
  assert_true(found->n_rows == 50 && found->n_columns == 2);
  assert_int_equal(found->column[0].n_values, 5); /* quantiles on both sides of the threshold */
  assert_string_equal(found->column[0].worst_value, "0.5714285714285714"); /* i = 4 */
  assert_int_equal(found->column[0].n_worst, 25);
  assert_int_equal(found->column[1].n_values, 10);
  assert_int_equal(found->column[1].n_worst, 0);
  for (size_t i = 0; i < 50; i++) {
    assert_true(found->flips[i] == 1 && found->flips[50 + i] == 0);
  }
  probe_answers_clear(&answers);
}

/* Rounds of starts and of batches; a baseline that refuses leaves the candidate alone. */
static void test_rounds(void **state) {
  (void)state;
  const unsigned rounds = PROBE_BIT(PROBE_STARTS) | PROBE_BIT(PROBE_BATCHES);
  struct probe_answers answers;
  assert_int_equal(run("plain", "fixed", rounds, 20, NULL, &answers), NONET_OK);
  for (int s = 0; s < N_STREAMS; s++) {
    assert_int_equal(answers.stream[s].state[PROBE_STARTS].status, PROBE_ANSWERED);
    assert_int_equal(answers.stream[s].state[PROBE_BATCHES].status, PROBE_ANSWERED);
    assert_true(answers.starts.n >= 1 && answers.starts.n <= PROBE_ROUNDS_MOST);
    for (size_t i = 0; i < answers.starts.n; i++) {
      const struct probe_start *start = &answers.starts.start[s][i];
      assert_true(start->cold_ns > start->open_ns && start->warm_up >= 1);
      assert_true(start->bare_bytes > 0 && start->load_bytes >= start->bare_bytes);
      assert_true(start->peak_bytes >= start->load_bytes);
    }
  }
  /* 50 rows: sizes 1 … 32; a fixed batch of 4 has that one */
  assert_int_equal(answers.batches.n_sizes[STREAM_A], 6);
  assert_int_equal(answers.batches.size[STREAM_A][5], 32);
  assert_int_equal(answers.batches.n_sizes[STREAM_B], 1);
  assert_int_equal(answers.batches.size[STREAM_B][0], 4);
  assert_true(answers.batches.n_launches >= 1 && answers.batches.n_launches <= PROBE_ROUNDS_MOST);
  probe_answers_clear(&answers);
  assert_int_equal(run("plain", "refuse", rounds, 2, NULL, &answers), NONET_OK);
  assert_int_equal(answers.stream[0].state[PROBE_STARTS].status, PROBE_ANSWERED);
  assert_int_equal(answers.stream[1].state[PROBE_STARTS].status, PROBE_FAILED);
  assert_non_null(strstr(answers.stream[1].state[PROBE_BATCHES].reason, "Foo"));
  probe_answers_clear(&answers);
  assert_int_equal(run("crash", NULL, rounds, 2, NULL, &answers), NONET_OK);
  assert_non_null(strstr(answers.stream[0].state[PROBE_STARTS].reason, "crashed"));
  assert_int_equal(answers.starts.n, 0);
  probe_answers_clear(&answers);
}

/* Folders of profiles in `folder`, and none must stay. */
static size_t profiles_in(const char *folder) {
  size_t n = 0;
  DIR *open = opendir(folder);
  assert_non_null(open);
  for (const struct dirent *entry; (entry = readdir(open)) != NULL;) {
    n += strncmp(entry->d_name, "nonet-profile-", strlen("nonet-profile-")) == 0;
  }
  (void)closedir(open);
  return n;
}

/* Sums of the fake's profile; whatever becomes of its process, no file stays. */
static void test_profile(void **state) {
  (void)state;
  static const char *const bad[] = {"crash early", "crash", "no profile", "refuse"};
  char folder[] = "/tmp/nonet-test-XXXXXX";
  struct probe_answers answers;
  assert_non_null(mkdtemp(folder));
  (void)setenv("TMPDIR", folder, 1);
  assert_int_equal(run("plain", "plain", PROBE_BIT(PROBE_PROFILE), 1, NULL, &answers), NONET_OK);
  const struct probe_profile *found = &answers.stream[STREAM_A].profile;
  assert_int_equal(answers.stream[STREAM_A].state[PROBE_PROFILE].status, PROBE_ANSWERED);
  assert_int_equal(found->n_types, 2);
  assert_string_equal(found->type[0].name, "B");
  assert_true(found->type[0].ns == 5000 && found->type[1].ns == 3000 && found->type[1].calls == 1);
  assert_true(found->inside_ns == 8000 && found->session_ns == 10000 && found->calls == 2);
  assert_string_equal(found->node.name, "b");
  assert_string_equal(found->node_type, "B");
  assert_true(found->n_requests >= 3 && found->n_rows >= 1 && found->n_rows <= 32);
  assert_int_equal(answers.stream[STREAM_B].state[PROBE_PROFILE].status, PROBE_NOT_APPLICABLE);
  assert_non_null(strstr(answers.stream[STREAM_B].state[PROBE_PROFILE].reason, "'command'"));
  probe_answers_clear(&answers);
  assert_int_equal(profiles_in(folder), 0);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(run(bad[i], NULL, PROBE_BIT(PROBE_PROFILE), 1, NULL, &answers), NONET_OK);
    assert_int_equal(answers.stream[STREAM_A].state[PROBE_PROFILE].status, PROBE_FAILED);
    probe_answers_clear(&answers);
    assert_int_equal(profiles_in(folder), 0);
  }
  (void)unsetenv("TMPDIR");
  assert_int_equal(rmdir(folder), 0);
}

/* The candidate twice in each launch; the baseline is not asked. */
static void test_threads(void **state) {
  (void)state;
  struct probe_answers answers;
  assert_int_equal(run("plain", "plain", PROBE_BIT(PROBE_THREADS), 20, NULL, &answers), NONET_OK);
  assert_int_equal(answers.stream[STREAM_B].state[PROBE_THREADS].status, PROBE_NOT_APPLICABLE);
  if (parallel_cores() < 2) {
    assert_int_equal(answers.stream[STREAM_A].state[PROBE_THREADS].status, PROBE_NOT_APPLICABLE);
  } else {
    assert_int_equal(answers.stream[STREAM_A].state[PROBE_THREADS].status, PROBE_ANSWERED);
    assert_true(answers.threads.n_launches >= 1 && answers.batches.n_launches == 0);
    assert_true(answers.threads.n_sizes[0] == 6 && answers.threads.n_sizes[1] == 6);
    probe_answers_clear(&answers);
    assert_int_equal(run("one thread", NULL, PROBE_BIT(PROBE_THREADS), 2, NULL, &answers),
                     NONET_OK);
    assert_int_equal(answers.stream[STREAM_A].state[PROBE_THREADS].status, PROBE_FAILED);
    assert_non_null(strstr(answers.stream[STREAM_A].state[PROBE_THREADS].reason, "only one"));
  }
  probe_answers_clear(&answers);
}

static void test_slow_models_get_ten(void **state) {
  (void)state;
  struct probe_answers answers;
  assert_int_equal(run("slow", "slow", PROBE_BIT(PROBE_LATENCY), 0.5, NULL, &answers), NONET_OK);
  assert_int_equal(answers.latency.n_launches, 10);
  assert_int_equal(answers.stream[0].state[PROBE_LOADS].status, PROBE_NOT_ASKED);
  probe_answers_clear(&answers);
}

static void test_stops_on_request(void **state) {
  (void)state;
  struct probe_answers answers;
  atomic_int cancel = 1;
  assert_int_equal(run("hang", "hang", all, 0.5, &cancel, &answers), NONET_E_INTERRUPTED);
  probe_answers_clear(&answers);
}

static void test_costs(void **state) {
  (void)state;
  struct probe_request request = {.model = {&file_model, NULL}, .budget_s = 0};
  assert_true(probe_cost_seconds(&request, PROBE_LATENCY) == 60);
  request.budget_s = 5;
  assert_true(probe_cost_seconds(&request, PROBE_LATENCY) == 5);
  request.model[STREAM_A] = NULL;
  assert_true(probe_cost_seconds(&request, PROBE_LATENCY) == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_models),       cmocka_unit_test(test_baseline_in_columns),
      cmocka_unit_test(test_models_that_fail), cmocka_unit_test(test_slow_models_get_ten),
      cmocka_unit_test(test_stops_on_request), cmocka_unit_test(test_costs),
      cmocka_unit_test(test_contract),         cmocka_unit_test(test_parity),
      cmocka_unit_test(test_counterfactual),   cmocka_unit_test(test_rounds),
      cmocka_unit_test(test_profile),          cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, setup_table, teardown_table);
}
