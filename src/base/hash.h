/* Hashes: XXH3 for keys of rows, SHA-256 for what must be recognised later. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

/* XXH3 with a seed; the same on every machine. */
uint64_t hash_64(const void *data, size_t size_bytes, uint64_t seed);
struct hash_128 {
  uint64_t low, high;
};
struct hash_128 hash_128(const void *data, size_t size_bytes);
/* Mixes one more 64-bit word into a key; order matters. */
uint64_t hash_mix(uint64_t key, uint64_t word);

#define HASH_HEX_BYTES 65
void hash_sha256_hex(const void *data, size_t size_bytes, char hex[HASH_HEX_BYTES]);
/* Reads the file in pieces. NONET_E_NO_INPUT: it is not there; NONET_E_DATA: it is a directory;
 * NONET_E_IO: it cannot be read. */
nonet_status hash_file_sha256_hex(const char *path, char hex[HASH_HEX_BYTES],
                                  nonet_error *error) NONET_NODISCARD;

#endif
