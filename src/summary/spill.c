/*
 * Temporary files (spill.h). The file is unlinked as soon as it is open, so it vanishes with the
 * process whatever happens; the mapping keeps it alive after the descriptor is closed.
 *
 * Cases: (1) the folder is not there or not writable; (2) the disk fills: ENOSPC or EDQUOT on
 * write; (3) a signal interrupts a write or the system takes only a part of it.
 */
#include "summary/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

#define SPILL_WORDS (64u * 1024) /* 256 KiB a write */

struct spill {
  int fd;
  size_t n_buffered;
  size_t size_bytes; /* in the file */
  char folder[512];
  uint32_t buffer[SPILL_WORDS];
};

static nonet_status open_failed(const char *folder, nonet_error *error) {
  return error_set(error, NONET_E_IO,
                   "the rows do not fit into memory and no temporary file can be made in %s: %s; "
                   "set TMPDIR to a "
                   "folder with room, or give more --memory",
                   folder, strerror(errno));
}

nonet_status spill_open(const char *folder, struct spill **out, nonet_error *error) {
  if (!folder)
    folder = getenv("TMPDIR");
  if (!folder || !*folder)
    folder = "/tmp";
  struct spill *spill = memory_new(1, sizeof *spill);
  if (!spill)
    return error_memory(error, sizeof *spill, "a temporary file");
  spill->n_buffered = spill->size_bytes = 0;
  (void)snprintf(spill->folder, sizeof spill->folder, "%s", folder);
  char path[600];
  (void)snprintf(path, sizeof path, "%s/nonet-XXXXXX", spill->folder);
  spill->fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
  if (spill->fd < 0) {
    nonet_status status = open_failed(spill->folder, error); /* (1) */
    memory_free(spill);
    return status;
  }
  (void)unlink(path);
  *out = spill;
  return NONET_OK;
}

static nonet_status flush(struct spill *spill, nonet_error *error) {
  const char *at = (const char *)spill->buffer;
  size_t left = spill->n_buffered * sizeof *spill->buffer;
  while (left > 0) {
    ssize_t n = write(spill->fd, at, left);
    if (n < 0 && errno == EINTR)
      continue;   /* (3) */
    if (n <= 0) { /* (2) */
      return error_set(error, NONET_E_IO,
                       "temporary file in %s: %s after %zu MB; set TMPDIR to a folder with more "
                       "room, or give more --memory",
                       spill->folder, n < 0 ? strerror(errno) : "nothing was written",
                       spill->size_bytes >> 20);
    }
    at += n;
    left -= (size_t)n;
    spill->size_bytes += (size_t)n;
  }
  spill->n_buffered = 0;
  return NONET_OK;
}

nonet_status spill_write(struct spill *spill, const uint32_t *words, size_t n_words,
                         nonet_error *error) {
  while (n_words > 0) {
    size_t room = SPILL_WORDS - spill->n_buffered, n = n_words < room ? n_words : room;
    memcpy(spill->buffer + spill->n_buffered, words, n * sizeof *words);
    spill->n_buffered += n;
    words += n;
    n_words -= n;
    if (spill->n_buffered < SPILL_WORDS)
      continue;
    nonet_status status = flush(spill, error);
    if (status)
      return status;
  }
  return NONET_OK;
}

nonet_status spill_map(struct spill *spill, uint32_t **words, size_t *size_bytes,
                       nonet_error *error) {
  *words = NULL;
  nonet_status status = flush(spill, error);
  *size_bytes = spill->size_bytes;
  if (!status && spill->size_bytes) {
    void *map = mmap(NULL, spill->size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE,
                     spill->fd, 0);
    if (map == MAP_FAILED)
      status = error_set(error, NONET_E_IO, "a temporary file of %zu MB in %s cannot be mapped: %s",
                         spill->size_bytes >> 20, spill->folder, strerror(errno));
    else
      *words = map;
  }
  spill_abandon(spill);
  return status;
}

void spill_unmap(uint32_t *words, size_t size_bytes) {
  if (words)
    (void)munmap(words, size_bytes);
}

void spill_abandon(struct spill *spill) {
  if (!spill)
    return;
  (void)close(spill->fd);
  memory_free(spill);
}
