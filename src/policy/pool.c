/*
 * A list of blocks, one per request: configurations are small, so nothing is won by packing them.
 *
 * Cases: 1. memory is short: NULL, and what was given before stays.  2. A size whose product
 * overflows: memory_zeroed refuses it.  3. A cleared pool can be used again.
 */
#include "policy/pool.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "base/memory.h"

struct pool_block {
  struct pool_block *before;
  alignas(max_align_t) char data[];
};

void *pool_new(struct pool *pool, size_t n, size_t size_bytes) {
  if (size_bytes != 0 && n > (SIZE_MAX - sizeof(struct pool_block)) / size_bytes) { /* case 2 */
    return NULL;
  }
  struct pool_block *block = memory_zeroed(1, sizeof *block + n * size_bytes);
  if (block == NULL) {
    return NULL;
  }
  block->before = pool->last;
  pool->last = block;
  return block->data;
}

char *pool_text(struct pool *pool, const char *text, size_t length) {
  char *copy = pool_new(pool, length + 1, 1);
  if (copy != NULL) {
    memcpy(copy, text, length);
  }
  return copy;
}

void pool_clear(struct pool *pool) {
  while (pool->last != NULL) {
    struct pool_block *block = pool->last;
    pool->last = block->before;
    memory_free(block);
  }
}
