/* Classes by name and by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model/class_map.h"

static int64_t text(const struct class_map *map, const char *name) {
  return class_map_text(map, name, strlen(name));
}

static void test_words(void **state) {
  (void)state;
  static const char *const names[] = {"sea", "farm", "town", "far"};
  struct class_map map;
  assert_int_equal(class_map_init(&map, names, 4, NULL), NONET_OK);
  assert_int_equal(text(&map, "farm"), 1);
  assert_int_equal(text(&map, "far"), 3);
  assert_int_equal(text(&map, "farms"), -1);
  assert_int_equal(text(&map, ""), -1);
  assert_int_equal(class_map_int(&map, 2), 2); /* a place */
  assert_int_equal(text(&map, "2"), 2);
  assert_int_equal(class_map_int(&map, 4), -1);
  assert_int_equal(class_map_int(&map, -1), -1);
  assert_int_equal(class_map_int(&map, 1000000), -1);
  class_map_clear(&map);
}

/* Numbers are names, never places, even where only one class is a number. */
static void test_numbers(void **state) {
  (void)state;
  static const char *const signs[] = {"-1", "1"}, *const mixed[] = {"3", "other"};
  struct class_map map;
  assert_int_equal(class_map_init(&map, signs, 2, NULL), NONET_OK);
  assert_int_equal(class_map_int(&map, 1), 1);
  assert_int_equal(class_map_int(&map, -1), 0);
  assert_int_equal(class_map_int(&map, 0), -1);
  class_map_clear(&map);
  assert_int_equal(class_map_init(&map, mixed, 2, NULL), NONET_OK);
  assert_int_equal(class_map_int(&map, 3), 0);
  assert_int_equal(class_map_int(&map, 1), -1);
  class_map_clear(&map);
  assert_int_equal(class_map_init(&map, NULL, 0, NULL), NONET_OK);
  assert_int_equal(text(&map, "a"), -1);
  class_map_clear(&map);
}

static void test_short_memory(void **state) {
  (void)state;
  static const char *const names[] = {"a", "b"};
  struct class_map map;
  for (long k = 0; k < 4; k++) {
    memory_fail_after(k);
    nonet_status status = class_map_init(&map, names, 2, NULL);
    memory_fail_after(-1);
    assert_int_equal(status, NONET_E_MEMORY);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_words),
      cmocka_unit_test(test_numbers),
      cmocka_unit_test(test_short_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
