/* YAML as a tree: places, limits, and what is refused. The text and the place of each error are
 * counted by hand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "policy/yaml.h"

static nonet_status parse(const char *text, struct pool *pool, struct yaml_node **root,
                          nonet_error *error) {
  error->message[0] = '\0';
  return yaml_parse(text, strlen(text), "f.yaml", pool, root, error);
}

static void test_tree(void **state) {
  struct pool pool = {0};
  struct yaml_node *root;
  nonet_error error;
  (void)state;
  assert_int_equal(
      parse("# head\na: 1\nb:\n  - x\n  - {c: \"2\", d: }\ne: ~\n", &pool, &root, &error),
      NONET_OK);
  assert_int_equal(root->kind, YAML_MAPPING);
  assert_int_equal(root->n, 3);
  assert_string_equal(root->key[0]->text, "a");
  assert_int_equal(root->key[0]->line, 2);
  assert_int_equal(root->item[0]->column, 4);
  const struct yaml_node *list = yaml_get(root, "b");
  assert_int_equal(list->kind, YAML_SEQUENCE);
  assert_int_equal(list->item[1]->item[0]->line, 5);
  assert_int_equal(list->item[1]->item[0]->column, 9);
  assert_false(list->item[1]->item[0]->is_plain);
  assert_true(yaml_is_null(list->item[1]->item[1]));
  assert_true(yaml_is_null(yaml_get(root, "e")));
  assert_null(yaml_get(root, "z"));
  pool_clear(&pool);
}

static void test_alias(void **state) {
  struct pool pool = {0};
  struct yaml_node *root;
  nonet_error error;
  (void)state;
  assert_int_equal(parse("a: &x [1, 2]\nb: *x\n", &pool, &root, &error), NONET_OK);
  assert_ptr_equal(root->item[0], root->item[1]);
  assert_int_equal(root->weight, 1 + 2 + 3 + 3);
  pool_clear(&pool);
}

/* Nine levels of nine: 9^9 values in 300 bytes. */
static void test_billion_laughs(void **state) {
  struct pool pool = {0};
  struct yaml_node *root;
  struct text text = {0};
  nonet_error error;
  (void)state;
  text_append(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
  for (int i = 1; i < 9; i++) {
    text_printf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
                i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
  }
  assert_int_equal(parse(text.data, &pool, &root, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "aliases count"));
  text_clear(&text);
  pool_clear(&pool);
}

static void test_refused(void **state) {
  static const struct {
    const char *text, *place, *says;
  } cases[] = {
      {"", "f.yaml:1:1", "is empty"},
      {"# only a comment\n", "f.yaml:1:1", "is empty"},
      {"~\n", "f.yaml:1:1", "is empty"},
      {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1", "'a' stands twice; the first is in line 1"},
      {"a: {b: 1, b: 2}\n", "f.yaml:1:11", "'b' stands twice"},
      {"a: !!str x\n", "f.yaml:1:10", "tags"},
      {"a: *x\n", "f.yaml:1:", "anchor"},
      {"a: &x [*x]\n", "f.yaml:1:", "anchor"},
      {"? [a, b]\n: 1\n", "f.yaml:1:3", "word as key; found a list"},
      {"a: 1\n---\nb: 2\n", "f.yaml:", "one document"},
      {"a: [1, 2\n", "f.yaml:", "is no YAML"},
      {"a: 1\n b: 2\n", "f.yaml:1:4", "is no YAML"},
      {"a: \"x\n", "f.yaml:", "is no YAML"},
      {"a: x\x01y\n", "f.yaml:1:5", "control character U+0001"},
      {"a: \xff\n", "f.yaml:1:4", "UTF-8"},
      {"a:\n\tb: 1\n", "f.yaml:2:", "is no YAML"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct pool pool = {0};
    struct yaml_node *root;
    nonet_error error;
    nonet_status status = parse(cases[i].text, &pool, &root, &error);
    if (status != NONET_E_CONFIG ||
        strncmp(error.message, cases[i].place, strlen(cases[i].place)) != 0 ||
        strstr(error.message, cases[i].says) == NULL) {
      fail_msg("case %zu: status %d, '%s'; expected %s … %s", i, status, error.message,
               cases[i].place, cases[i].says);
    }
    pool_clear(&pool);
  }
}

static void test_limits(void **state) {
  struct text text = {0};
  struct pool pool = {0};
  struct yaml_node *root;
  nonet_error error;
  (void)state;
  text_repeat(&text, "[", YAML_DEPTH_MOST);
  text_repeat(&text, "]", YAML_DEPTH_MOST);
  assert_int_equal(parse(text.data, &pool, &root, &error), NONET_OK);
  text_clear(&text);
  text_repeat(&text, "[", YAML_DEPTH_MOST + 1);
  text_repeat(&text, "]", YAML_DEPTH_MOST + 1);
  assert_int_equal(parse(text.data, &pool, &root, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "levels"));
  text_clear(&text);
  text_repeat(&text, "- x\n", YAML_NODES_MOST);
  assert_int_equal(parse(text.data, &pool, &root, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "values"));
  text_clear(&text);
  text_repeat(&text, "# sixteen bytes\n", YAML_BYTES_MOST / 16 + 1);
  assert_int_equal(parse(text.data, &pool, &root, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "bytes"));
  text_clear(&text);
  pool_clear(&pool);
}

static void test_load(void **state) {
  char folder[] = "/tmp/yaml_test_XXXXXX", path[100];
  struct pool pool = {0};
  const char *data = NULL;
  size_t size_bytes = 0;
  nonet_error error;
  (void)state;
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/x.yaml", folder);
  assert_int_equal(yaml_load(path, &pool, &data, &size_bytes, &error), NONET_E_NO_INPUT);
  assert_int_equal(yaml_load(folder, &pool, &data, &size_bytes, &error), NONET_E_CONFIG);
  assert_non_null(strstr(error.message, "a folder"));
  assert_int_equal(mkfifo(path, 0600), 0); /* must not hang */
  assert_int_equal(yaml_load(path, &pool, &data, &size_bytes, &error), NONET_E_CONFIG);
  unlink(path);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fputs("a: 1\n", file);
  fclose(file);
  assert_int_equal(yaml_load(path, &pool, &data, &size_bytes, &error), NONET_OK);
  assert_int_equal(size_bytes, 5);
  assert_memory_equal(data, "a: 1\n", 5);
  unlink(path);
  rmdir(folder);
  pool_clear(&pool);
}

static void test_memory(void **state) {
  (void)state;
  bool is_done = false;
  for (long n = 0; !is_done; n++) {
    struct pool pool = {0};
    struct yaml_node *root;
    nonet_error error;
    memory_fail_after(n);
    nonet_status status = parse("a: &x [1, {b: 2}, 3, 4, 5]\nc: *x\n", &pool, &root, &error);
    is_done = memory_fail_after(-1) <= n;
    assert_int_equal(status, is_done ? NONET_OK : NONET_E_MEMORY);
    assert_true(is_done || root == NULL);
    pool_clear(&pool);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tree),           cmocka_unit_test(test_alias),
      cmocka_unit_test(test_billion_laughs), cmocka_unit_test(test_refused),
      cmocka_unit_test(test_limits),         cmocka_unit_test(test_load),
      cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
