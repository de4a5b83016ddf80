/* What is saved reads back to the same bytes; what is damaged, cut off or foreign is refused,
 * wherever the damage is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "summary/summary_kit.h"

#define CATALOGUE UINT64_C(0x1234)

static char path[64], second[64];
static const struct summary_options options = {.n_workers = 1};

static unsigned char *read_file(const char *name, size_t *size) {
  FILE *file = fopen(name, "rb");
  assert_non_null(file);
  unsigned char *data = malloc(1 << 24);
  *size = fread(data, 1, 1 << 24, file);
  assert_int_equal(fclose(file), 0);
  return data;
}

static const struct kit_shape shapes[] = {
    {.task = TASK_BINARY, .n = 300, .n_classes = 2, .float32 = true, .n_groups = 2},
    {.task = TASK_MULTICLASS,
     .n = 300,
     .n_classes = 3,
     .two_streams = true,
     .n_levels = 4,
     .n_groups = 1},
    {.task = TASK_REGRESSION,
     .n = 200,
     .two_streams = true,
     .id = true,
     .weight = true,
     .cluster = true},
    {.task = TASK_MULTICLASS, .n = 100, .n_classes = 4, .only_predictions = true},
    {.task = TASK_BINARY, .n = 0, .n_classes = 2},
};

static void test_round_trip(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
    struct kit kit;
    nonet_error error = {0};
    kit_init(&kit, shapes[i]);
    size_t *order = kit_order(shapes[i].n, 1), size, size_second;
    struct summary_set *set = kit_set(&kit, order, shapes[i].n, 50, 2, 0), *back = NULL;
    assert_int_equal(summary_save(set, path, CATALOGUE, &error), NONET_OK);
    nonet_status status = summary_load(path, CATALOGUE, &options, &back, &error);
    if (status)
      fail_msg("%s", error.message);
    assert_true(back->is_finished);
    assert_int_equal(back->tally.n_rows, shapes[i].n);
    assert_int_equal(summary_fingerprint(set), summary_fingerprint(back));
    assert_int_equal(summary_save(back, second, CATALOGUE, &error), NONET_OK);
    unsigned char *data = read_file(path, &size), *data_second = read_file(second, &size_second);
    assert_int_equal(size, size_second);
    assert_memory_equal(data, data_second, size);
    free(data);
    free(data_second);
    summary_free(set);
    summary_free(back);
    free(order);
    kit_clear(&kit);
  }
}

static void test_damage(void **state) {
  (void)state;
  struct kit kit;
  size_t size;
  kit_init(&kit, (struct kit_shape){.task = TASK_BINARY,
                                    .n = 40,
                                    .n_classes = 2,
                                    .n_groups = 1,
                                    .two_streams = true,
                                    .n_levels = 5});
  size_t *order = kit_order(40, 0);
  struct summary_set *set = kit_set(&kit, order, 40, 50, 1, 0), *back;
  assert_int_equal(summary_save(set, path, CATALOGUE, NULL), NONET_OK);
  unsigned char *data = read_file(path, &size);
  for (size_t n = 0; n < size;
       n++) { /* an own block, so that a sanitizer sees a read past the end */
    unsigned char *cut = malloc(n + 1);
    nonet_error error = {0};
    memcpy(cut, data, n);
    assert_int_equal(summary_parse(cut, n, "part.state", CATALOGUE, &options, &back, &error),
                     NONET_E_DATA);
    assert_non_null(strstr(error.message, "part.state"));
    free(cut);
  }
  for (size_t n = 0; n < size; n++) {
    data[n] ^= 0x41;
    assert_int_equal(summary_parse(data, size, "part.state", CATALOGUE, &options, &back, NULL),
                     NONET_E_DATA);
    data[n] ^= 0x41;
  }
  assert_int_equal(summary_parse(data, size, "part.state", CATALOGUE, &options, &back, NULL),
                   NONET_OK);
  summary_free(back);
  nonet_error error;
  assert_int_equal(summary_parse(data, size, "part.state", CATALOGUE + 1, &options, &back, &error),
                   NONET_E_DATA);
  assert_non_null(strstr(error.message, "measures differ"));
  assert_int_equal(summary_parse("y,p\n1,0.5\n", 10, "x.csv", CATALOGUE, &options, &back, &error),
                   NONET_E_DATA);
  assert_non_null(strstr(error.message, "no nonet state file"));
  assert_int_equal(summary_load("/no/such.state", CATALOGUE, &options, &back, &error),
                   NONET_E_NO_INPUT);
  assert_int_equal(summary_load("/tmp", CATALOGUE, &options, &back, &error), NONET_E_DATA);
  assert_int_equal(summary_save(set, "/no/such/folder/x.state", CATALOGUE, &error), NONET_E_CREATE);
  free(data);
  free(order);
  summary_free(set);
  kit_clear(&kit);
}

static int remove_files(void **state) {
  (void)state;
  (void)unlink(path);
  (void)unlink(second);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip),
                                     cmocka_unit_test(test_damage)};
  (void)snprintf(path, sizeof path, "/tmp/nonet-state-%ld-a", (long)getpid());
  (void)snprintf(second, sizeof second, "/tmp/nonet-state-%ld-b", (long)getpid());
  return cmocka_run_group_tests(tests, NULL, remove_files);
}
