/*
 * Files that are there whole or not at all: written to a temporary file beside the target, synced,
 * renamed. A target that cannot be made (no folder, no right, a directory) is found at open:
 * NONET_E_CREATE, before any work is done. What is no regular file (/dev/stdout, /dev/fd/3, a FIFO)
 * is written directly. A link stays; what it points to is replaced. An older target keeps its mode;
 * a new one follows the umask. One thread at a time per handle. A disk that fills is NONET_E_IO at
 * write or commit; the temporary file is removed and an older target stays as it was. Where the
 * file system can, it has no name before commit, so that a process that is killed leaves none.
 */
#ifndef BASE_ATOMIC_FILE_H
#define BASE_ATOMIC_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

struct atomic_file;

nonet_status atomic_file_open(const char *path, struct atomic_file **file,
                              nonet_error *error) NONET_NODISCARD;
nonet_status atomic_file_write(struct atomic_file *file, const void *data, size_t size_bytes,
                               nonet_error *error) NONET_NODISCARD;
#define ATOMIC_FILE_HANDLE_BYTES 40
/* A path by which another library of this process can open the file for writing, for as long as
 * the handle is open. It must write from the start and not leave more behind than it wrote. */
void atomic_file_handle(const struct atomic_file *file, char path[ATOMIC_FILE_HANDLE_BYTES]);
/* Syncs, renames and frees; on failure the temporary file is gone and the handle freed. */
nonet_status atomic_file_commit(struct atomic_file *file, nonet_error *error) NONET_NODISCARD;
/* Gives up: removes the temporary file. NULL is fine. */
void atomic_file_abandon(struct atomic_file *file);
/* Test hook: the temporary file has a name from the start. Not thread-safe. */
void atomic_file_limit(bool named_only);
/* open + write + commit. */
nonet_status atomic_file_store(const char *path, const void *data, size_t size_bytes,
                               nonet_error *error) NONET_NODISCARD;

#endif
