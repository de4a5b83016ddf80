/*
 * Philox4x32-10 against the known answers of Random123 (kat_vectors), the library's convention
 * against the plain function, and the uniform draws against what a uniform law says of them.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/philox.h"

struct known_answer {
  uint32_t counter[4], key[2], word[4];
};

/* Random123-1.14.0, tests/kat_vectors, "philox4x32 10". */
static const struct known_answer known_answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

static void test_known_answers(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof known_answers / sizeof *known_answers; i++) {
    struct philox_block block = philox_4x32_10(known_answers[i].counter, known_answers[i].key);
    assert_memory_equal(block.word, known_answers[i].word, sizeof block.word);
  }
}

static void test_row_convention(void **state) {
  (void)state;
  struct philox_block zero = philox_row(0, (enum philox_stream)0, 0, 0);
  assert_memory_equal(zero.word, known_answers[0].word, sizeof zero.word);
  /* The third known answer: its counter word 2, 13198a2e, is stream 13 with index high 198a2e. */
  struct philox_block third = philox_row(0x299f31d0a4093822u, (enum philox_stream)0x13,
                                         0x85a308d3243f6a88u, 0x00198a2e03707344u);
  assert_memory_equal(third.word, known_answers[2].word, sizeof third.word);
}

static void test_sequence_is_the_blocks_in_order(void **state) {
  (void)state;
  struct philox_sequence sequence = {.seed = 7, .id = 11};
  for (uint64_t i = 0; i < 40; i++) {
    struct philox_block block = philox_row(7, PHILOX_SIMULATE, 11, i / 4);
    assert_int_equal(philox_next_u32(&sequence), block.word[i % 4]);
  }
  struct philox_sequence jumped = {.seed = 7, .id = 11, .position = 40};
  assert_int_equal(philox_next_u32(&sequence), philox_next_u32(&jumped));
}

/* n draws: mean 1/2 with standard error sqrt(1/12/n); chi-squared of 64 cells has mean 63 and
 * variance 126. */
static void test_uniform(void **state) {
  (void)state;
  enum { N = 200000, CELLS = 64 };
  struct philox_sequence sequence = {.seed = 1};
  double sum = 0;
  unsigned count[CELLS] = {0};
  for (int i = 0; i < N; i++) {
    double u = philox_next_uniform(&sequence);
    assert_true(u > 0 && u < 1);
    double odd = u * 0x1p53;
    assert_true(odd == floor(odd) && fmod(odd, 2) == 1);
    sum += u;
    count[(int)(u * CELLS)]++;
  }
  assert_true(fabs(sum / N - 0.5) < 5 * sqrt(1.0 / 12 / N));
  double chi_squared = 0, expected = (double)N / CELLS;
  for (int i = 0; i < CELLS; i++) {
    chi_squared += (count[i] - expected) * (count[i] - expected) / expected;
  }
  assert_true(fabs(chi_squared - 63) < 5 * sqrt(126));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_known_answers),
      cmocka_unit_test(test_row_convention),
      cmocka_unit_test(test_sequence_is_the_blocks_in_order),
      cmocka_unit_test(test_uniform),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
