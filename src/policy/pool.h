/* Memory that lives as long as one configuration or context: everything read is taken from here
 * and one call gives it back. Starts zeroed; one thread at a time. */
#ifndef POLICY_POOL_H
#define POLICY_POOL_H

#include <stddef.h>

#include <nonet/status.h>

struct pool {
  struct pool_block *last;
};

void *pool_new(struct pool *pool, size_t n, size_t size_bytes) NONET_NODISCARD; /* zeroed */
char *pool_text(struct pool *pool, const char *text, size_t length) NONET_NODISCARD;
void pool_clear(struct pool *pool);

#endif
