/*
 * Hashes. XXH3 (xxhash) gives the same value on every machine; SHA-256 comes from libsodium, whose
 * hash needs no set-up call.
 *
 *  1. data NULL with size 0 is the empty string.
 *  2. hash_mix: f(f(key + golden) ^ word) with f the finalizer of SplitMix64 (Steele, Lea, Flood
 * 2014; Stafford's mix 13). Both steps are one-to-one, so for one key no two words collide, and for
 * one word no two keys.
 *  3. Files are read in pieces of 64 KiB; a directory opens but does not read, so it is told apart
 * first.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/error.h"

#define HASH_PIECE_BYTES 65536

uint64_t hash_64(const void *data, size_t size_bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(data != NULL ? data : "", size_bytes, seed); /* 1 */
}

struct hash_128 hash_128(const void *data, size_t size_bytes) {
  XXH128_hash_t hash = XXH3_128bits(data != NULL ? data : "", size_bytes); /* 1 */
  return (struct hash_128){.low = hash.low64, .high = hash.high64};
}

static uint64_t hash_finish(uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

uint64_t hash_mix(uint64_t key, uint64_t word) {
  return hash_finish(hash_finish(key + 0x9E3779B97F4A7C15u) ^ word); /* 2 */
}

static void hash_hex(const unsigned char *digest, char hex[HASH_HEX_BYTES]) {
  (void)sodium_bin2hex(hex, HASH_HEX_BYTES, digest, crypto_hash_sha256_BYTES);
}

void hash_sha256_hex(const void *data, size_t size_bytes, char hex[HASH_HEX_BYTES]) {
  unsigned char digest[crypto_hash_sha256_BYTES];
  (void)crypto_hash_sha256(digest, data != NULL ? data : (const void *)"", size_bytes); /* 1 */
  hash_hex(digest, hex);
}

static nonet_status hash_open(const char *path, int *file, nonet_error *error) {
  do {
    *file = open(path, O_RDONLY | O_CLOEXEC);
  } while (*file < 0 && errno == EINTR);
  if (*file < 0) {
    bool missing = errno == ENOENT || errno == ENOTDIR;
    return error_set(error, missing ? NONET_E_NO_INPUT : NONET_E_IO, "cannot open %s: %s", path,
                     strerror(errno));
  }
  struct stat status;
  if (fstat(*file, &status) == 0 && S_ISDIR(status.st_mode)) { /* 3 */
    return error_set(error, NONET_E_DATA, "%s is a directory; a file was expected", path);
  }
  return NONET_OK;
}

nonet_status hash_file_sha256_hex(const char *path, char hex[HASH_HEX_BYTES], nonet_error *error) {
  int file = -1;
  hex[0] = '\0';
  nonet_status status = hash_open(path, &file, error);
  if (status != NONET_OK) {
    goto done;
  }
  crypto_hash_sha256_state state;
  (void)crypto_hash_sha256_init(&state);
  for (;;) {
    unsigned char piece[HASH_PIECE_BYTES];
    ssize_t n_read = read(file, piece, sizeof piece);
    if (n_read == 0) {
      break;
    }
    if (n_read < 0 && errno == EINTR) {
      continue;
    }
    if (n_read < 0) {
      status = error_set(error, NONET_E_IO, "cannot read %s: %s", path, strerror(errno));
      goto done;
    }
    (void)crypto_hash_sha256_update(&state, piece, (unsigned long long)n_read);
  }
  unsigned char digest[crypto_hash_sha256_BYTES];
  (void)crypto_hash_sha256_final(&state, digest);
  hash_hex(digest, hex);

done:
  if (file >= 0) {
    (void)close(file);
  }
  return status;
}
