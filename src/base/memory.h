/*
 * The one place memory comes from, so that a test can walk every allocation failure.
 *
 * All functions return NULL when memory is short; sizes are n * size_bytes with the product
 * checked. memory_free(NULL) is fine. A size of 0 gives a block too, so NULL always means failure.
 * Thread-safe. Blocks of 64 bytes and more are aligned to 64.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

#include <nonet/status.h>

void *memory_new(size_t n, size_t size_bytes) NONET_NODISCARD;    /* uninitialised */
void *memory_zeroed(size_t n, size_t size_bytes) NONET_NODISCARD; /* all bytes 0 */
void *memory_resize(void *block, size_t n,
                    size_t size_bytes) NONET_NODISCARD; /* block untouched on failure */
char *memory_text(const char *text) NONET_NODISCARD;    /* a copy; NULL gives NULL */
void memory_free(void *block);

/* Makes `*array` hold at least n_wanted elements, doubling; false when memory is short (array
 * untouched). */
_Bool memory_grow(void **array, size_t *capacity, size_t n_wanted,
                  size_t size_bytes) NONET_NODISCARD;

/* Test hook: the allocation after `n` further ones fails, once; a negative n turns it off. Returns
   how many allocations were made since the last call. Off by default; a counter that is only
   touched when a test switched it on. */
long memory_fail_after(long n);

#endif
