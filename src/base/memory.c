/*
 * Memory from one place.
 *
 * Every block has a header of 16 bytes right before what the caller sees: its size, and how far it
 * lies inside what malloc gave.
 *
 *   raw            header   block
 *   |<-- offset ---------->|<-- size_bytes -->|(slack)|
 *
 *  1. Blocks of MEMORY_ALIGNMENT bytes and more begin on a multiple of it; smaller ones follow the
 * header directly.
 *  2. Zeroed blocks come from calloc, which takes big ones as pages from the system that cost
 * nothing until touched.
 *  3. Resizing goes through realloc, which moves big blocks by their pages; where the new place is
 * aligned otherwise, the bytes are shifted after it. A block that shrinks below the alignment is
 * copied, since its bytes may lie past the new end.
 *  4. n * size_bytes and the room for header and alignment are checked; nothing beyond PTRDIFF_MAX
 * is asked for.
 *  5. Size 0 gives a block, so that NULL always means that memory is short.
 *  6. Large blocks that are about to be filled ask for huge pages: a fault and a TLB entry for 2
 * MiB instead of 4 KiB. Zeroed ones do not, since they may stay mostly untouched.
 *  7. Under the address sanitizer the slack is poisoned, so that one byte too far is found as with
 * plain malloc.
 */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* madvise */
#endif
#include "base/memory.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_POISONS 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define MEMORY_POISONS 1
#endif
#if defined(MEMORY_POISONS)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(place, size) ((void)(place), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(place, size) ((void)(place), (void)(size))
#endif

#define MEMORY_ALIGNMENT 64
#define MEMORY_FIRST_CAPACITY 8
#define MEMORY_HUGE_PAGE ((uintptr_t)2 << 20)
#define MEMORY_HUGE_LEAST ((size_t)8 << 20) /* blocks that are worth the call */

struct memory_header {
  size_t size_bytes;
  size_t offset; /* from raw to the block */
};

static atomic_bool memory_walking;
static atomic_long memory_left;
static atomic_long memory_made;

long memory_fail_after(long n) {
  atomic_store(&memory_walking, false);
  long made = atomic_exchange(&memory_made, 0);
  atomic_store(&memory_left, n);
  atomic_store(&memory_walking, n >= 0);
  return made;
}

static bool memory_refuses(void) {
  if (!atomic_load_explicit(&memory_walking, memory_order_relaxed)) {
    return false;
  }
  (void)atomic_fetch_add(&memory_made, 1);
  return atomic_fetch_sub(&memory_left, 1) == 0;
}

/* What to ask malloc for; false when that is no size (4). */
static bool memory_total(size_t n, size_t size_each, size_t *size_bytes, size_t *total) {
  if (__builtin_mul_overflow(n, size_each, size_bytes)) {
    return false;
  }
  size_t room =
      sizeof(struct memory_header) + (*size_bytes >= MEMORY_ALIGNMENT ? MEMORY_ALIGNMENT : 0);
  return !__builtin_add_overflow(*size_bytes, room, total) && *total <= PTRDIFF_MAX;
}

static size_t memory_offset(const void *raw, size_t size_bytes) {
  size_t offset = sizeof(struct memory_header);
  if (size_bytes >= MEMORY_ALIGNMENT) { /* 1 */
    size_t past = (size_t)(((uintptr_t)raw + offset) % MEMORY_ALIGNMENT);
    offset += past == 0 ? 0 : MEMORY_ALIGNMENT - past;
  }
  return offset;
}

static struct memory_header memory_header(const void *block) {
  struct memory_header header;
  memcpy(&header, (const char *)block - sizeof header, sizeof header);
  return header;
}

/* Writes the header, hands out the block and poisons what lies behind it (7). */
static void *memory_place(void *raw, size_t total, size_t size_bytes, size_t offset) {
  char *block = (char *)raw + offset;
  struct memory_header header = {.size_bytes = size_bytes, .offset = offset};
  memcpy(block - sizeof header, &header, sizeof header);
  ASAN_POISON_MEMORY_REGION(block + size_bytes, total - offset - size_bytes);
  return block;
}

/* Only advice, for the huge pages that lie whole inside the block (6). */
static void memory_advise(void *raw, size_t total) {
#ifdef MADV_HUGEPAGE
  if (total >= MEMORY_HUGE_LEAST) {
    uintptr_t begin = ((uintptr_t)raw + MEMORY_HUGE_PAGE - 1) & ~(MEMORY_HUGE_PAGE - 1),
              end = ((uintptr_t)raw + total) & ~(MEMORY_HUGE_PAGE - 1);
    (void)madvise((char *)raw + (begin - (uintptr_t)raw), end - begin, MADV_HUGEPAGE);
  }
#else
  (void)raw, (void)total;
#endif
}

static void *memory_get(size_t n, size_t size_each, bool zeroed) {
  size_t size_bytes, total;
  if (memory_refuses() || !memory_total(n, size_each, &size_bytes, &total)) {
    return NULL;
  }
  void *raw = zeroed ? calloc(1, total) : malloc(total); /* 2 */
  if (raw != NULL && !zeroed) {
    memory_advise(raw, total);
  }
  return raw != NULL ? memory_place(raw, total, size_bytes, memory_offset(raw, size_bytes)) : NULL;
}

void *memory_new(size_t n, size_t size_bytes) {
  return memory_get(n, size_bytes, false);
}

void *memory_zeroed(size_t n, size_t size_bytes) {
  return memory_get(n, size_bytes, true);
}

static void *memory_shrink(void *block, size_t size_bytes, size_t total) {
  void *raw = malloc(total);
  if (raw == NULL) {
    return NULL;
  }
  void *copy = memory_place(raw, total, size_bytes, memory_offset(raw, size_bytes));
  memcpy(copy, block, size_bytes);
  memory_free(block);
  return copy;
}

void *memory_resize(void *block, size_t n, size_t size_each) {
  if (block == NULL) {
    return memory_new(n, size_each);
  }
  size_t size_bytes, total;
  if (memory_refuses() || !memory_total(n, size_each, &size_bytes, &total)) {
    return NULL;
  }
  struct memory_header old = memory_header(block);
  if (old.size_bytes >= MEMORY_ALIGNMENT && size_bytes < MEMORY_ALIGNMENT) {
    return memory_shrink(block, size_bytes, total); /* 3 */
  }
  size_t old_total;
  (void)memory_total(old.size_bytes, 1, &old.size_bytes, &old_total);
  size_t slack = old_total - old.offset - old.size_bytes;
  ASAN_UNPOISON_MEMORY_REGION((char *)block + old.size_bytes, slack);
  char *raw = realloc((char *)block - old.offset, total);
  if (raw == NULL) {
    ASAN_POISON_MEMORY_REGION((char *)block + old.size_bytes, slack);
    return NULL;
  }
  size_t offset = memory_offset(raw, size_bytes);
  if (offset != old.offset) { /* 3 */
    memmove(raw + offset, raw + old.offset,
            old.size_bytes < size_bytes ? old.size_bytes : size_bytes);
  }
  return memory_place(raw, total, size_bytes, offset);
}

char *memory_text(const char *text) {
  if (text == NULL) {
    return NULL;
  }
  size_t size_bytes = strlen(text) + 1;
  char *copy = memory_new(size_bytes, 1);
  if (copy != NULL) {
    memcpy(copy, text, size_bytes);
  }
  return copy;
}

void memory_free(void *block) {
  if (block != NULL) {
    free((char *)block - memory_header(block).offset);
  }
}

_Bool memory_grow(void **array, size_t *capacity, size_t n_wanted, size_t size_bytes) {
  if (n_wanted <= *capacity) {
    return true;
  }
  size_t n = *capacity > SIZE_MAX / 2 ? n_wanted : *capacity * 2;
  n = n < MEMORY_FIRST_CAPACITY ? MEMORY_FIRST_CAPACITY : n;
  n = n < n_wanted ? n_wanted : n;
  void *grown = memory_resize(*array, n, size_bytes);
  if (grown == NULL) {
    return false;
  }
  *array = grown;
  *capacity = n;
  return true;
}
