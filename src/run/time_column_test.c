/* Which columns tell earlier rows from later ones. */
#include "run/time_column.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

static nonet_error error;

static nonet_status check(char **values, size_t n) {
  struct frame_column column = {
      .name = "t", .kind = FRAME_CATEGORY, .values = values, .n_values = n};
  const struct frame frame = {.n_columns = 1, .columns = &column};
  return time_column_check(&frame, "t", &error);
}

#define CHECK(...) check((char *[]){__VA_ARGS__}, sizeof(char *[]){__VA_ARGS__} / sizeof(char *))

static void test_texts(void **state) {
  (void)state;
  assert_int_equal(CHECK("2024-03-09", "2024-03-10"), NONET_OK);
  assert_int_equal(CHECK("2024-03-09 11:00:00", "2024-03-09 11:00:00.5"), NONET_OK);
  assert_int_equal(CHECK("2024-03", "2024-03-10"), NONET_OK);
  assert_int_equal(CHECK("20240309", "20240310"), NONET_OK);
  assert_int_equal(CHECK("2023Q4", "2024Q1"), NONET_OK);
  assert_int_equal(CHECK("09:30:00", "10:15:00"), NONET_OK);
  assert_int_equal(check(NULL, 0), NONET_OK);
  assert_int_equal(CHECK("2024-3-10", "2024-3-9"), NONET_E_DATA);
  assert_int_equal(CHECK("2024-10-1", "2024-3-9"), NONET_E_DATA);
  assert_int_equal(CHECK("2024-03-09", "2024/03/10"), NONET_E_DATA);
  assert_int_equal(CHECK("09.03.2024", "10.03.2024"), NONET_E_DATA);
  assert_int_equal(CHECK("", "2024-03-09"), NONET_E_DATA);
  assert_int_equal(CHECK("Monday", "Tuesday"), NONET_E_DATA);
  assert_non_null(strstr(error.message, "found 'Monday' in column 't'"));
  assert_int_equal(CHECK("202403", "20240309"), NONET_E_DATA);
  assert_non_null(strstr(error.message, "found '20240309' beside '202403' in column 't'"));
}

static void test_kinds(void **state) {
  (void)state;
  struct frame_column column = {.name = "n", .kind = FRAME_NUMBER};
  struct frame_left_out left_out = {.name = "l", .type = "list of int64"};
  const struct frame frame = {
      .n_columns = 1, .columns = &column, .n_left_out = 1, .left_out = &left_out};
  assert_int_equal(time_column_check(&frame, "n", &error), NONET_OK);
  assert_int_equal(time_column_check(&frame, "l", &error), NONET_E_DATA);
  assert_non_null(strstr(error.message, "found type list of int64 in column 'l'"));
}

static void test_features(void **state) {
  (void)state;
  char *const named[] = {"x", "day"};
  const char *const times[] = {NULL, "day", "at"};
  for (size_t i = 0; i < 3; i++) {
    size_t n;
    const char **all = time_column_features(named, 2, times[i], &n);
    assert_int_equal(n, i < 2 ? 2 : 3);
    assert_string_equal(all[1], "day");
    assert_string_equal(all[n - 1], i < 2 ? "day" : "at");
    memory_free(all);
  }
}

static void test_features_without_memory(void **state) {
  (void)state;
  char *const named[] = {"x"};
  size_t n;
  memory_fail_after(0);
  assert_null(time_column_features(named, 1, "day", &n));
  memory_fail_after(-1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts), cmocka_unit_test(test_kinds),
                                     cmocka_unit_test(test_features),
                                     cmocka_unit_test(test_features_without_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
