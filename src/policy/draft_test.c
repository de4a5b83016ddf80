/* The first nonet.yaml: what is found, what is guessed, and that it can be read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "policy/config.h"
#include "policy/draft.h"

static char folder[64];

static const char *in_folder(const char *name) {
  static char path[4][200];
  static int turn;
  turn = (turn + 1) % 4;
  snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
  return path[turn];
}

static void write_file(const char *name, const char *text) {
  FILE *file = fopen(in_folder(name), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
}

static char *read_file(const char *name) {
  static char text[20000];
  FILE *file = fopen(in_folder(name), "r");
  assert_non_null(file);
  text[fread(text, 1, sizeof text - 1, file)] = '\0';
  fclose(file);
  return text;
}

static int make_folder(void **state) {
  (void)state;
  strcpy(folder, "/tmp/draft_test_XXXXXX");
  return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state) {
  char command[100];
  (void)state;
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command);
}

static nonet_status draft(const char *context, const char *from, struct text *said,
                          nonet_error *error) {
  error->message[0] = '\0';
  return draft_write(in_folder("nonet.yaml"), context, from, said, error);
}

static void test_found(void **state) {
  struct config config;
  struct text said = {0};
  nonet_error error;
  (void)state;
  mkdir(in_folder("models"), 0700);
  write_file("models/old.onnx", "no model");
  write_file("models/a.onnx", "no model");
  write_file("models/new one.onnx", "no model");
  write_file("notes.json", "{\"x\": 1}");
  write_file("rows_test.csv", "a,\"b, c\",sex,target\n1,2,F,0\n");
  write_file("rows_train.csv", "a,\"b, c\",sex,target\n1,2,F,0\n");
  if (draft("real-time", NULL, &said, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  assert_non_null(strstr(said.data, "label: target\n"));
  assert_non_null(strstr(said.data, "could not be opened")); /* it is no model: said, not failed */
  if (config_read(in_folder("nonet.yaml"), &config, &error) != NONET_OK) {
    fail_msg("%s\n%s", error.message, read_file("nonet.yaml"));
  }
  assert_string_equal(config.candidates->path, in_folder("models/new one.onnx"));
  assert_string_equal(config.baseline->path, in_folder("models/old.onnx"));
  assert_string_equal(config.test.path, in_folder("rows_test.csv"));
  assert_string_equal(config.train->path, in_folder("rows_train.csv"));
  assert_string_equal(config.label, "target");
  assert_string_equal(config.context.name, "real-time");
  config_clear(&config);
  const char *yaml = read_file("nonet.yaml");
  assert_non_null(strstr(yaml, "# found too: {onnx: models/a.onnx}"));
  assert_non_null(strstr(yaml, "# groups: [sex]"));
  assert_null(strstr(yaml, "notes.json"));
  text_clear(&said);
}

static void test_ambiguous(void **state) {
  struct config config;
  struct text said = {0};
  nonet_error error;
  (void)state;
  write_file("a.csv", "y,\"lab\n el\",target\n1,2,0\n");
  write_file("model.json", "{\"learner\":{}}");
  write_file("notes.txt", "trees\n");
  write_file("leaves.txt", "tree\nversion=v4\n");
  assert_int_equal(draft("general", NULL, &said, &error), NONET_OK);
  assert_non_null(strstr(said.data, "to be chosen"));
  const char *yaml = read_file("nonet.yaml");
  assert_non_null(strstr(yaml, "{xgboost: model.json}"));
  assert_non_null(strstr(yaml, "{lightgbm: leaves.txt}"));
  assert_null(strstr(yaml, "notes.txt"));
  assert_non_null(strstr(yaml, "one of: y, \"lab\\n el\", target"));
  assert_int_equal(config_read(in_folder("nonet.yaml"), &config, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "expected label"));
  config_clear(&config);
  text_clear(&said);
}

static void test_empty_folder(void **state) {
  struct text said = {0};
  nonet_error error;
  (void)state;
  assert_int_equal(draft("general", NULL, &said, &error), NONET_OK);
  assert_non_null(strstr(said.data, "candidate: none found"));
  text_clear(&said);
}

static void test_loop(void **state) {
  struct config config;
  struct text said = {0};
  nonet_error error;
  (void)state;
  write_file("forest.joblib", "x");
  write_file("test.csv", "age,hours,label\n1,2,0\n");
  if (draft("general", "sklearn", &said, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  assert_non_null(strstr(read_file("score.py"), "joblib"));
  if (config_read(in_folder("nonet.yaml"), &config, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
  assert_string_equal(config.candidates->command.item[2], "forest.joblib");
  assert_int_equal(config.features.n, 2);
  assert_string_equal(config.features.item[1], "hours");
  config_clear(&config);
  text_clear(&said);
  unlink(in_folder("nonet.yaml"));
  assert_int_equal(draft("general", "pytorch", &said, &error), NONET_E_CREATE); /* score.py */
  assert_int_equal(access(in_folder("nonet.yaml"), F_OK), -1);
  text_clear(&said);
}

static void test_refused(void **state) {
  struct text said = {0};
  nonet_error error;
  (void)state;
  assert_int_equal(draft("generl", NULL, &said, &error), NONET_E_USAGE);
  assert_int_equal(draft("general", "torch", &said, &error), NONET_E_USAGE);
  assert_int_equal(draft_write("/nonexistent/x.yaml", "general", NULL, &said, &error),
                   NONET_E_CREATE);
  text_clear(&said);
  write_file("nonet.yaml", "mine\n");
  assert_int_equal(draft("general", NULL, &said, &error), NONET_E_CREATE);
  assert_string_equal(read_file("nonet.yaml"), "mine\n");
  text_clear(&said);
}

static void test_memory(void **state) {
  (void)state;
  write_file("old.onnx", "x");
  write_file("new.onnx", "x");
  bool is_done = false;
  for (long n = 0; !is_done; n += 7) { /* the presets alone are thousands of allocations */
    struct text said = {0};
    nonet_error error;
    unlink(in_folder("nonet.yaml"));
    memory_fail_after(n);
    nonet_status status = draft("general", NULL, &said, &error);
    is_done = memory_fail_after(-1) <= n;
    bool is_there = access(in_folder("nonet.yaml"), F_OK) == 0;
    assert_true(is_done ? status == NONET_OK : status == NONET_E_MEMORY || status == NONET_OK);
    assert_int_equal(is_there, status == NONET_OK);
    text_clear(&said);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(test_found, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_ambiguous, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_empty_folder, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_loop, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_refused, make_folder, remove_folder),
      cmocka_unit_test_setup_teardown(test_memory, make_folder, remove_folder)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
