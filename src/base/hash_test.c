/*
 * Hashes against published values: XXH3 from the xxHash reference program (`xxhsum -H3` and `-H2`
 * of an empty input), SHA-256 from FIPS 180-4's examples ("abc", the empty string, a million times
 * 'a').
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/hash.h"

#define SHA256_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define SHA256_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA256_MILLION "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

static void test_xxh3(void **state) {
  (void)state;
  assert_true(hash_64("", 0, 0) == 0x2d06800538d394c2u);
  assert_true(hash_64(NULL, 0, 0) == 0x2d06800538d394c2u);
  struct hash_128 hash = hash_128(NULL, 0);
  assert_true(hash.high == 0x99aa06d3014798d8u && hash.low == 0x6001c324468d497fu);
  assert_true(hash_64("a", 1, 0) != hash_64("a", 1, 1));
}

/* Order matters; small words in both places never meet. */
static int compare_words(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void test_mix(void **state) {
  (void)state;
  enum { N = 300 };
  static uint64_t mixed[N * N];
  for (uint64_t i = 0; i < N; i++) {
    for (uint64_t j = 0; j < N; j++) {
      mixed[i * N + j] = hash_mix(i, j);
    }
  }
  qsort(mixed, N * N, sizeof *mixed, compare_words);
  for (size_t i = 1; i < N * N; i++) {
    assert_true(mixed[i] != mixed[i - 1]);
  }
  assert_true(hash_mix(1, 2) != hash_mix(2, 1));
}

static void test_sha256(void **state) {
  (void)state;
  char hex[HASH_HEX_BYTES];
  hash_sha256_hex(NULL, 0, hex);
  assert_string_equal(hex, SHA256_EMPTY);
  hash_sha256_hex("abc", 3, hex);
  assert_string_equal(hex, SHA256_ABC);
}

static void test_file(void **state) {
  (void)state;
  char path[] = "/tmp/nonet_hash_XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  char hex[HASH_HEX_BYTES];
  nonet_error error;
  assert_int_equal(hash_file_sha256_hex(path, hex, &error), NONET_OK);
  assert_string_equal(hex, SHA256_EMPTY);
  FILE *file = fdopen(fd, "w");
  for (int i = 0; i < 1000000; i++) {
    fputc('a', file);
  }
  fclose(file);
  assert_int_equal(hash_file_sha256_hex(path, hex, &error), NONET_OK);
  assert_string_equal(hex, SHA256_MILLION);
  unlink(path);
  assert_int_equal(hash_file_sha256_hex(path, hex, &error), NONET_E_NO_INPUT);
  assert_non_null(strstr(error.message, path));
  assert_int_equal(hash_file_sha256_hex("/tmp", hex, &error), NONET_E_DATA);
  assert_int_equal(hash_file_sha256_hex("/tmp", hex, NULL), NONET_E_DATA);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_xxh3),
      cmocka_unit_test(test_mix),
      cmocka_unit_test(test_sha256),
      cmocka_unit_test(test_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
