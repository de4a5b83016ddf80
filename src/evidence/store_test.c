/*
 * Store: what is kept comes back as it was; what is no store of this version is refused with
 * nothing changed; places, prefixes, damage; threads that write at once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <pthread.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "evidence/store_fixture.h"

static void expect(nonet_status got, nonet_status status, const nonet_error *error,
                   const char *says) {
  if (got != status || strstr(error->message, says) == NULL) {
    fail_msg("status %d, expected %d with \"%s\"; it says: %s", got, status, says, error->message);
  }
}

static void refused(const char *path, enum store_mode mode, nonet_status status, const char *says) {
  struct store *store = NULL;
  nonet_error error = {""};
  expect(store_open(path, mode, &store, &error), status, &error, says);
  assert_null(store);
}

static void keep(struct store *store, const struct evidence *evidence) {
  nonet_error error = {""};
  expect(store_put(store, evidence, NULL, &error), NONET_OK, &error, "");
}

static void test_scope_text(void **state) {
  (void)state;
  static const struct {
    const char *scope, *text;
  } cases[] = {
      {"{\"kind\":\"all\"}", ""},
      {"{\"kind\":\"group\",\"by\":{\"sex\":\"Female\"}}", "{sex=Female}"},
      {"{\"kind\":\"group\",\"by\":{\"sex\":\"Female\",\"race\":\"Black, other\"}}",
       "{sex=Female,race=\"Black, other\"}"},
      {"{\"kind\":\"group\",\"by\":{\"sex\":null}}", "{sex=null}"},
      {"{\"kind\":\"group\",\"by\":{\"sex\":\"null\"}}", "{sex=\"null\"}"},
      {"{\"kind\":\"group\",\"by\":{\"a=b\":\"say \\\"x\\\"\"}}", "{\"a=b\"=\"say \"\"x\"\"\"}"},
      {"{\"kind\":\"group\",\"by\":{\"sex\":\"\"},\"class\":\"3\"}", "{sex=\"\",class=3}"},
      {"{\"kind\":\"class\",\"class\":\"3\"}", "{class=3}"},
      {"{\"kind\":\"column\",\"column\":\"sex\"}", "{\"column\":\"sex\",\"kind\":\"column\"}"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    json_t *scope = json_loads(cases[i].scope, 0, NULL);
    struct text text = {0};
    text_append(&text, "");
    store_scope_text(&text, scope);
    assert_string_equal(text.data, cases[i].text);
    text_clear(&text);
    json_decref(scope);
  }
}

static void test_places(void **state) {
  const struct fixture_folder *folder = *state;
  char path[160];
  struct store *store = NULL;
  refused("postgresql://me:secret@host/db", STORE_WRITE, NONET_E_UNAVAILABLE, "PostgreSQL");
  refused("redis://host", STORE_READ, NONET_E_UNAVAILABLE, "redis");
  refused("", STORE_WRITE, NONET_E_USAGE, "empty");
  refused(folder->path, STORE_WRITE, NONET_E_CREATE, "a folder");
  refused(folder->path, STORE_READ, NONET_E_DATA, "a folder");
  refused(folder->store, STORE_READ, NONET_E_NO_INPUT, "nonet check");
  snprintf(path, sizeof path, "%s/missing/nonet.db", folder->path);
  refused(path, STORE_WRITE, NONET_E_CREATE, "cannot be made");
  assert_int_equal(store_open("none", STORE_WRITE, &store, NULL), NONET_OK);
  assert_null(store);
  assert_null(store_path(store));
  /* names that SQLite would read as its own */
  assert_int_equal(chdir(folder->path), 0);
  assert_int_equal(store_open(":memory:", STORE_WRITE, &store, NULL), NONET_OK);
  store_close(store);
  assert_int_equal(access(":memory:", F_OK), 0);
  assert_int_equal(store_open("file:a?mode=ro", STORE_WRITE, &store, NULL), NONET_OK);
  store_close(store);
  assert_int_equal(access("file:a?mode=ro", F_OK), 0);
  assert_int_equal(chdir("/"), 0);
}

static void test_password_is_not_told(void **state) {
  (void)state;
  struct store *store = NULL;
  nonet_error error = {""};
  assert_int_equal(store_open("postgres://me:secret@host/db", STORE_WRITE, &store, &error),
                   NONET_E_UNAVAILABLE);
  assert_null(strstr(error.message, "secret"));
}

static void test_default_place(void **state) {
  const struct fixture_folder *folder = *state;
  char path[160], expected[192];
  struct store *store = NULL;
  struct stat about;
  snprintf(path, sizeof path, "%s/data/deep", folder->path);
  setenv("XDG_DATA_HOME", path, 1);
  assert_int_equal(store_open(NULL, STORE_READ, &store, NULL), NONET_OK);
  assert_null(store);                       /* as none */
  assert_int_equal(stat(path, &about), -1); /* reading makes nothing */
  assert_int_equal(store_open(NULL, STORE_WRITE, &store, NULL), NONET_OK);
  snprintf(expected, sizeof expected, "%s/nonet/nonet.db", path);
  assert_string_equal(store_path(store), expected);
  store_close(store);
  assert_int_equal(stat(path, &about), 0);
  assert_int_equal(about.st_mode & 0777, 0700);
  setenv("XDG_DATA_HOME", "relative", 1); /* ignored, says the specification */
  setenv("HOME", folder->path, 1);
  assert_int_equal(store_open(NULL, STORE_WRITE, &store, NULL), NONET_OK);
  snprintf(expected, sizeof expected, "%s/.local/share/nonet/nonet.db", folder->path);
  assert_string_equal(store_path(store), expected);
  store_close(store);
  unsetenv("XDG_DATA_HOME");
  unsetenv("HOME");
  refused(NULL, STORE_WRITE, NONET_E_CREATE, "HOME");
}

static void test_round_trip(void **state) {
  const struct fixture_folder *folder = *state;
  struct fixture_run later = FIXTURE_RUN;
  later.started = "2026-01-03T00:00:00Z";
  struct evidence *first = fixture_run_make(&FIXTURE_RUN), *second = fixture_run_make(&later),
                  *back = NULL;
  nonet_error error = {""};
  struct store_runs runs;
  struct store *store = fixture_open(folder, STORE_WRITE);
  keep(store, second); /* kept first, started later */
  keep(store, first);
  keep(store, first); /* again: nothing changes */
  store_close(store);
  store = fixture_open(folder, STORE_READ);
  expect(store_list(store, &runs, &error), NONET_OK, &error, "");
  assert_int_equal(runs.n, 2);
  const struct store_run *run = &runs.run[0];
  assert_string_equal(run->id, fixture_id(first));
  assert_string_equal(runs.run[1].id, fixture_id(second));
  assert_string_equal(run->started, "2026-01-02T03:04:05Z");
  assert_string_equal(run->command, "check");
  assert_string_equal(run->context, "real-time");
  assert_int_equal(run->context_version, 2);
  assert_string_equal(run->verdict, "PASS");
  assert_string_equal(run->candidate, "boost.onnx");
  assert_string_equal(run->source, "rows.parquet"); /* not the training rows before it */
  assert_int_equal(run->n_rows, 1000);
  expect(store_get(store, fixture_id(first), &back, &error), NONET_OK, &error, "");
  assert_true(json_equal(back->root, first->root));
  evidence_free(back);
  store_runs_clear(&runs);
  store_close(store);
  evidence_free(first);
  evidence_free(second);
}

static void test_prefix(void **state) {
  const struct fixture_folder *folder = *state;
  struct evidence *evidence = fixture_run_make(&FIXTURE_RUN), *back = NULL;
  struct store *store = fixture_open(folder, STORE_WRITE);
  nonet_error error = {""};
  char prefix[8];
  keep(store, evidence);
  snprintf(prefix, sizeof prefix, "%.4s", fixture_id(evidence));
  expect(store_get(store, prefix, &back, &error), NONET_OK, &error, "");
  evidence_free(back);
  expect(store_get(store, "abc", &back, &error), NONET_E_USAGE, &error, "4 or more");
  expect(store_get(store, "run.json", &back, &error), NONET_E_USAGE, &error, "'run.json'");
  expect(store_get(store, "0000000000000", &back, &error), NONET_E_NO_INPUT, &error, "no run");
  expect(store_get(NULL, "00000000", &back, &error), NONET_E_NO_INPUT, &error, "no run is kept");
  struct text twin = {0};
  text_printf(&twin,
              "INSERT INTO runs SELECT NULL, '%sffffffff', started, command, context, "
              "context_version, verdict, digest, n_bytes, document FROM runs",
              prefix);
  fixture_sql(folder->store, twin.data);
  text_clear(&twin);
  expect(store_get(store, prefix, &back, &error), NONET_E_USAGE, &error, "2 runs begin with");
  store_close(store);
  evidence_free(evidence);
}

static void test_series(void **state) {
  const struct fixture_folder *folder = *state;
  struct fixture_run runs[] = {FIXTURE_RUN, FIXTURE_RUN, FIXTURE_RUN};
  struct store_series series;
  nonet_error error = {""};
  struct store *store = fixture_open(folder, STORE_WRITE);
  runs[0].started = "2026-01-03T00:00:00Z";
  runs[1].started = "2026-01-01T00:00:00Z"; /* the other source was there first */
  runs[1].source = "other.parquet";
  runs[2].started = "2026-01-02T00:00:00Z";
  runs[2].auc = 0.8;
  runs[2].change = 0.05;
  runs[2].change_half_width = 0.01;
  for (int i = 0; i < 3; i++) {
    struct evidence *evidence = fixture_run_make(&runs[i]);
    keep(store, evidence);
    evidence_free(evidence);
  }
  expect(store_series(store, "correctness.auc", &series, &error), NONET_OK, &error, "");
  assert_int_equal(series.n, 3);
  assert_string_equal(series.point[0].source, "other.parquet");
  assert_string_equal(series.point[1].started, "2026-01-02T00:00:00Z");
  assert_string_equal(series.point[2].started, "2026-01-03T00:00:00Z");
  const struct store_point *point = &series.point[1];
  assert_true(point->value == 0.8 && point->low == 0.8 - 0.02 && point->high == 0.8 + 0.02);
  assert_true(point->level == 0.95 && point->n == 1000.0);
  assert_true(point->change == 0.05 && point->change_low == 0.05 - 0.01);
  assert_true(series.point[2].change != series.point[2].change); /* none */
  assert_string_equal(point->candidate, "c0ffee");
  assert_string_equal(point->baseline, "ba5e");
  assert_string_equal(point->data, "da7a");
  store_series_clear(&series);
  expect(store_series(store, "correctness.recall{sex=Female}", &series, &error), NONET_OK, &error,
         "");
  assert_int_equal(series.n, 3);
  store_series_clear(&series);
  expect(store_series(store, "correctness.recall{sex=Male}", &series, &error), NONET_E_DATA, &error,
         "this scope");
  expect(store_series(store, "correctness.acu", &series, &error), NONET_E_DATA, &error,
         "did you mean 'correctness.auc'");
  store_close(store);
}

static void test_none_keeps_nothing(void **state) {
  (void)state;
  struct evidence *evidence = fixture_run_make(&FIXTURE_RUN);
  struct store_runs runs;
  struct store_series series;
  assert_int_equal(store_put(NULL, evidence, NULL, NULL), NONET_OK);
  assert_int_equal(store_list(NULL, &runs, NULL), NONET_OK);
  assert_int_equal(runs.n, 0);
  assert_int_equal(store_series(NULL, "correctness.auc", &series, NULL), NONET_OK);
  assert_int_equal(series.n, 0);
  store_close(NULL);
  evidence_free(evidence);
}

/* The file is made with one run in it, changed, and must be refused in both modes untouched. */
static void refused_unchanged(const struct fixture_folder *folder, nonet_status status,
                              const char *says) {
  size_t n_before, n_after;
  char *before = fixture_read_file(folder->store, &n_before), *after;
  refused(folder->store, STORE_READ, status, says);
  refused(folder->store, STORE_WRITE, status, says);
  after = fixture_read_file(folder->store, &n_after);
  assert_int_equal(n_before, n_after);
  assert_memory_equal(before, after, n_before);
  free(before);
  free(after);
}

static void test_newer(void **state) {
  const struct fixture_folder *folder = *state;
  store_close(fixture_open(folder, STORE_WRITE));
  fixture_sql(folder->store, "PRAGMA user_version=7; CREATE TABLE from_the_future (x)");
  refused_unchanged(folder, NONET_E_DATA, "version 7, this nonet reads up to 1");
  fixture_sql(folder->store, "PRAGMA user_version=-3");
  refused_unchanged(folder, NONET_E_DATA, "version -3");
}

static void test_of_another_program(void **state) {
  const struct fixture_folder *folder = *state;
  fixture_sql(folder->store, "CREATE TABLE addresses (name TEXT)");
  refused_unchanged(folder, NONET_E_DATA, "another program");
  fixture_sql(folder->store, "PRAGMA application_id=42; DROP TABLE addresses");
  refused_unchanged(folder, NONET_E_DATA, "another program");
}

static void test_no_database(void **state) {
  const struct fixture_folder *folder = *state;
  FILE *file = fopen(folder->store, "wb");
  for (int i = 0; i < 3000; i++) {
    fputs("y,p\n", file);
  }
  fclose(file);
  refused_unchanged(folder, NONET_E_DATA, "no SQLite database");
}

static void test_empty_file(void **state) {
  const struct fixture_folder *folder = *state;
  fclose(fopen(folder->store, "wb"));
  refused(folder->store, STORE_READ, NONET_E_NO_INPUT, "no run was kept yet");
  store_close(fixture_open(folder, STORE_WRITE)); /* becomes a store */
  assert_int_equal(fixture_count(folder, "PRAGMA user_version"), STORE_VERSION);
}

static void test_cut_file(void **state) {
  const struct fixture_folder *folder = *state;
  struct evidence *evidence = fixture_run_make(&FIXTURE_RUN), *back = NULL;
  struct store *store = fixture_open(folder, STORE_WRITE);
  nonet_error error = {""};
  struct stat about;
  keep(store, evidence);
  store_close(store);
  assert_int_equal(stat(folder->store, &about), 0);
  assert_int_equal(truncate(folder->store, about.st_size / 3), 0);
  nonet_status status = store_open(folder->store, STORE_READ, &store, &error);
  if (status == NONET_OK) {
    status = store_get(store, fixture_id(evidence), &back, &error);
  }
  expect(status, NONET_E_DATA, &error, "damaged");
  store_close(store);
  evidence_free(evidence);
}

static void test_damaged_document(void **state) {
  const struct fixture_folder *folder = *state;
  struct fixture_run other = FIXTURE_RUN;
  other.auc = 0.7;
  struct evidence *bad = fixture_run_make(&FIXTURE_RUN), *good = fixture_run_make(&other),
                  *back = NULL;
  nonet_error error = {""};
  static const char *const damages[] = {"document = zeroblob(40)", "n_bytes = n_bytes + 1",
                                        "n_bytes = -1",
                                        "document = substr(document, 1, length(document) - 9)"};
  for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
    struct text damage = {0};
    unlink(folder->store);
    struct store *store = fixture_open(folder, STORE_WRITE);
    keep(store, bad);
    keep(store, good);
    store_close(store);
    text_printf(&damage, "UPDATE runs SET %s WHERE id = '%s'", damages[i], fixture_id(bad));
    fixture_sql(folder->store, damage.data);
    text_clear(&damage);
    store = fixture_open(folder, STORE_READ);
    expect(store_get(store, fixture_id(bad), &back, &error), NONET_E_DATA, &error, "damaged");
    assert_non_null(strstr(error.message, fixture_id(bad)));
    expect(store_get(store, fixture_id(good), &back, &error), NONET_OK, &error, "");
    evidence_free(back);
    store_close(store);
  }
  evidence_free(bad);
  evidence_free(good);
}

static void test_tables_gone(void **state) {
  const struct fixture_folder *folder = *state;
  struct store_runs runs;
  nonet_error error = {""};
  store_close(fixture_open(folder, STORE_WRITE));
  fixture_sql(folder->store, "DROP TABLE runs; CREATE TABLE runs (id)");
  struct store *store = fixture_open(folder, STORE_READ);
  expect(store_list(store, &runs, &error), NONET_E_DATA, &error, "changed by another program");
  assert_null(runs.run);
  store_close(store);
}

#define N_THREADS 6
#define N_EACH 5

static void *put_several(void *argument) {
  const struct fixture_folder *folder = argument;
  static _Atomic int counter;
  for (int i = 0; i < N_EACH; i++) {
    char candidate[32];
    struct fixture_run run = FIXTURE_RUN;
    snprintf(candidate, sizeof candidate, "model-%d", counter++);
    run.candidate = candidate;
    struct evidence *evidence = fixture_run_make(&run);
    struct store *store = fixture_open(folder, STORE_WRITE); /* made by whoever is first */
    nonet_error error = {""};
    if (store_put(store, evidence, NULL, &error) != NONET_OK) {
      fprintf(stderr, "%s\n", error.message);
      abort();
    }
    store_close(store);
    evidence_free(evidence);
  }
  return NULL;
}

static void test_threads(void **state) {
  struct fixture_folder *folder = *state;
  pthread_t threads[N_THREADS];
  for (int i = 0; i < N_THREADS; i++) {
    assert_int_equal(pthread_create(&threads[i], NULL, put_several, folder), 0);
  }
  for (int i = 0; i < N_THREADS; i++) {
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  }
  assert_int_equal(fixture_count(folder, "SELECT count(*) FROM runs"), N_THREADS * N_EACH);
  assert_int_equal(fixture_count(folder, "SELECT count(*) FROM estimates"), 2 * N_THREADS * N_EACH);
}

#define IN_FOLDER(test)                                                                            \
  cmocka_unit_test_setup_teardown(test, fixture_folder_make, fixture_folder_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_scope_text),
      IN_FOLDER(test_places),
      cmocka_unit_test(test_password_is_not_told),
      IN_FOLDER(test_default_place),
      IN_FOLDER(test_round_trip),
      IN_FOLDER(test_prefix),
      IN_FOLDER(test_series),
      cmocka_unit_test(test_none_keeps_nothing),
      IN_FOLDER(test_newer),
      IN_FOLDER(test_of_another_program),
      IN_FOLDER(test_no_database),
      IN_FOLDER(test_empty_file),
      IN_FOLDER(test_cut_file),
      IN_FOLDER(test_damaged_document),
      IN_FOLDER(test_tables_gone),
      IN_FOLDER(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
