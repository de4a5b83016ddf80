/* Links against their definition: the nearest of each row, every pair looked at. */
#include "learn/tomek.h"

#include "base/memory.h"
#include "learn/learn_fixture.h"

static void test_definition(void **state) {
  (void)state;
  for (size_t c = 0; c < N_FIXTURE_CASES; c++) {
    struct fixture f = fixture_case(c, 3);
    size_t n = f.rows.n_rows, n_links = 99, n_wanted = 0;
    struct fixture_pair *pairs = malloc(n * sizeof *pairs);
    uint32_t *nearest = malloc(n * sizeof *nearest), *partner = malloc(n * sizeof *partner);
    for (size_t i = 0; i < n && n > 1; i++) {
      fixture_sorted(&f, i, pairs);
      nearest[i] = pairs[0].row;
      /* beyond the largest double there is no nearest */
      nearest[i] = isinf(pairs[0].distance2) ? NEIGHBOURS_NONE : nearest[i];
    }
    assert_int_equal(tomek_links(&f.rows, f.label, 3, 2, partner, &n_links, NULL, NULL), NONET_OK);
    for (size_t i = 0; i < n && n > 1; i++) {
      uint32_t other = nearest[i];
      bool is_link =
          other != NEIGHBOURS_NONE && nearest[other] == i && f.label[i] != f.label[other];
      assert_int_equal(partner[i], is_link ? other : NEIGHBOURS_NONE);
      n_wanted += is_link;
    }
    assert_int_equal(n_links * 2, n_wanted);
    free(pairs);
    free(nearest);
    free(partner);
    fixture_clear(&f);
  }
}

static void test_memory(void **state) {
  (void)state;
  struct fixture f = fixture_make(200, 3, 0, 0, 0, 1, 2);
  uint32_t partner[200];
  size_t n_links;
  nonet_status status = NONET_E_MEMORY;
  for (long k = 0; k < 300 && status != NONET_OK; k++) {
    memory_fail_after(k);
    status = tomek_links(&f.rows, f.label, 2, 1, partner, &n_links, NULL, NULL);
    memory_fail_after(-1);
    assert_true(status == NONET_OK || status == NONET_E_MEMORY);
  }
  assert_int_equal(status, NONET_OK);
  fixture_clear(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_definition),
                                     cmocka_unit_test(test_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
