/*
 * Files that are there whole or not at all.
 *
 *  1. /dev/stdout, /dev/stderr, /dev/fd/N and /proc/self/fd/N are descriptors this process has:
 * they are duplicated, so that what was written before stays and the place in the file is shared.
 * Anything else that exists and is no regular file (a FIFO, a device) is opened and written
 * directly; there is nothing to replace.
 *  2. A link is followed by hand, so that a dangling one works too: the file it points to is
 * replaced, the link stays.
 *  3. The temporary file stands beside the target, so that the rename stays within one file system;
 * its name is drawn at random and made with O_EXCL, so that nothing is overwritten and no planted
 * link followed.
 *  4. All steps go by a handle on the folder: a changed working directory changes nothing.
 *  5. A new file gets 0666 less the umask. An older one's mode (and owner, where allowed) is put on
 * the temporary file, which nobody else can read until then; one that may not be written is not
 * replaced either.
 *  6. After a write has failed, commit fails too: half a file never takes the target's place.
 *  7. A reader that went away (a closed pipe) would kill the process by SIGPIPE; for the length of
 * a write to a special target this thread holds that signal back and takes it away, and the write
 * returns EPIPE.
 *  8. File systems that cannot sync a folder or a file say EINVAL or ENOTSUP: that is no failure of
 * ours.
 *  9. Where the file system can (O_TMPFILE), the temporary file has no name until it is whole: a
 * process that is killed leaves nothing behind.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "base/atomic_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "base/error.h"
#include "base/memory.h"

#define ATOMIC_FILE_LINKS 40
#define ATOMIC_FILE_TRIES 100
#define ATOMIC_FILE_NAME_BYTES                                                                     \
  200 /* of the target's name in the temporary one; NAME_MAX is 255                                \
       */

struct atomic_file {
  int fd;
  int folder;                   /* -1: written directly */
  bool failed;                  /* 6 */
  bool is_unnamed;              /* 9 */
  char temporary[NAME_MAX + 1]; /* both in folder */
  char target[NAME_MAX + 1];
  char path[PATH_MAX]; /* as the caller gave it, for messages */
};

static nonet_status atomic_file_fail(const struct atomic_file *file, nonet_status status,
                                     const char *what, nonet_error *error) {
  const char *hint =
      errno == ENOSPC || errno == EDQUOT ? "; make room or choose another place" : "";
  return error_set(error, status, "%s: cannot %s: %s%s", file->path, what, strerror(errno), hint);
}

/* The descriptor that a name like /dev/stdout stands for, -1 when it is none (1). */
static int atomic_file_descriptor(const char *path) {
  if (strcmp(path, "/dev/stdout") == 0) {
    return STDOUT_FILENO;
  }
  if (strcmp(path, "/dev/stderr") == 0) {
    return STDERR_FILENO;
  }
  static const char *const prefixes[] = {"/dev/fd/", "/proc/self/fd/"};
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    size_t length = strlen(prefixes[i]);
    if (strncmp(path, prefixes[i], length) == 0 && isdigit((unsigned char)path[length])) {
      char *end;
      long number = strtol(path + length, &end, 10);
      return *end == '\0' && number <= INT_MAX ? (int)number : -1;
    }
  }
  return -1;
}

static nonet_status atomic_file_open_direct(struct atomic_file *file, nonet_error *error) {
  int number = atomic_file_descriptor(file->path);
  do {
    file->fd = number >= 0 ? fcntl(number, F_DUPFD_CLOEXEC, 3)
                           : open(file->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  } while (file->fd < 0 && errno == EINTR);
  return file->fd < 0 ? atomic_file_fail(file, NONET_E_CREATE, "open it for writing", error)
                      : NONET_OK;
}

/* Puts what the links at `place` end at into `place` (2); false with errno when they do not. */
static bool atomic_file_follow(char place[PATH_MAX]) {
  for (int n_links = 0; n_links <= ATOMIC_FILE_LINKS; n_links++) {
    char link[PATH_MAX];
    ssize_t length = readlink(place, link, sizeof link - 1);
    if (length < 0) {
      return errno == EINVAL || errno == ENOENT; /* no link, or nothing there yet */
    }
    link[length] = '\0';
    char *slash = strrchr(place, '/');
    size_t kept = link[0] == '/' || slash == NULL ? 0 : (size_t)(slash + 1 - place);
    if (kept + (size_t)length >= PATH_MAX) {
      errno = ENAMETOOLONG;
      return false;
    }
    memcpy(place + kept, link, (size_t)length + 1);
  }
  errno = ELOOP;
  return false;
}

/* Opens the folder of `place` and keeps the name in it (4). */
static nonet_status atomic_file_open_folder(struct atomic_file *file, char place[PATH_MAX],
                                            nonet_error *error) {
  char *slash = strrchr(place, '/');
  const char *name = slash != NULL ? slash + 1 : place;
  if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
    return error_set(error, NONET_E_CREATE, "%s is a folder; the name of a file was expected",
                     file->path);
  }
  if (strlen(name) > NAME_MAX) {
    errno = ENAMETOOLONG;
    return atomic_file_fail(file, NONET_E_CREATE, "make it", error);
  }
  memcpy(file->target, name, strlen(name) + 1);
  if (slash != NULL) {
    slash[slash == place ? 1 : 0] = '\0';
  }
  const char *folder = slash != NULL ? place : ".";
#if defined(O_PATH)
  file->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
#else
  file->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
#endif
  if (file->folder < 0) {
    return error_set(error, NONET_E_CREATE,
                     "%s: cannot use the folder %s: %s; make it first or choose another",
                     file->path, folder, strerror(errno));
  }
  return NONET_OK;
}

static bool is_named_only;

void atomic_file_limit(bool named_only) {
  is_named_only = named_only;
}

/* 9; false: it cannot be done here. A name is given through /proc, which may not be mounted. */
static bool atomic_file_make_unnamed(struct atomic_file *file, mode_t mode) {
#if defined(O_TMPFILE)
  char handle[ATOMIC_FILE_HANDLE_BYTES];
  if (is_named_only) {
    return false;
  }
  file->fd = openat(file->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
  atomic_file_handle(file, handle);
  if (file->fd >= 0 && access(handle, F_OK) != 0) {
    (void)close(file->fd);
    file->fd = -1;
  }
#endif
  file->is_unnamed = file->fd >= 0;
  return file->is_unnamed;
}

/* A name that nothing has beside the target (3), given to the file without one or to a new one;
 * false with errno. */
static bool atomic_file_give_name(struct atomic_file *file, mode_t mode) {
  char handle[ATOMIC_FILE_HANDLE_BYTES];
  atomic_file_handle(file, handle);
  for (int i = 0; i < ATOMIC_FILE_TRIES; i++) {
    uint64_t number;
    int result;
    randombytes_buf(&number, sizeof number);
    (void)snprintf(file->temporary, sizeof file->temporary, ".%.*s.%016llx", ATOMIC_FILE_NAME_BYTES,
                   file->target, (unsigned long long)number);
    if (file->is_unnamed) {
      result = linkat(AT_FDCWD, handle, file->folder, file->temporary, AT_SYMLINK_FOLLOW);
    } else {
      result = file->fd =
          openat(file->folder, file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    }
    if (result >= 0) {
      file->is_unnamed = false;
      return true;
    }
    if (errno != EEXIST && errno != EINTR) {
      break;
    }
  }
  file->temporary[0] = '\0';
  return false;
}

static bool atomic_file_make(struct atomic_file *file, mode_t mode) {
  return atomic_file_make_unnamed(file, mode) || atomic_file_give_name(file, mode);
}

/* The temporary file, with the mode of `old` when there is an older target (5). */
static nonet_status atomic_file_open_temporary(struct atomic_file *file, const struct stat *old,
                                               nonet_error *error) {
  if (old != NULL && faccessat(file->folder, file->target, W_OK, AT_EACCESS) != 0) {
    return atomic_file_fail(file, NONET_E_CREATE, "replace it", error);
  }
  if (!atomic_file_make(file, old != NULL ? 0600 : 0666)) {
    return atomic_file_fail(file, NONET_E_CREATE, "make a file in its folder", error);
  }
  if (old == NULL) {
    return NONET_OK;
  }
  struct stat made;
  if (fstat(file->fd, &made) == 0 && (made.st_uid != old->st_uid || made.st_gid != old->st_gid) &&
      fchown(file->fd, old->st_uid, old->st_gid) != 0) {
    errno = 0; /* only root may give files away */
  }
  if (fchmod(file->fd, old->st_mode & 07777) != 0) {
    return atomic_file_fail(file, NONET_E_CREATE, "give it the mode of the older file", error);
  }
  return NONET_OK;
}

static nonet_status atomic_file_open_any(struct atomic_file *file, nonet_error *error) {
  struct stat old;
  bool exists = stat(file->path, &old) == 0;
  if (atomic_file_descriptor(file->path) >= 0) {
    return atomic_file_open_direct(file, error);
  }
  if (exists && S_ISDIR(old.st_mode)) {
    return error_set(error, NONET_E_CREATE, "%s is a folder; the name of a file was expected",
                     file->path);
  }
  if (exists && !S_ISREG(old.st_mode)) {
    return atomic_file_open_direct(file, error);
  }
  char place[PATH_MAX];
  memcpy(place, file->path, sizeof place);
  if (!atomic_file_follow(place)) {
    return atomic_file_fail(file, NONET_E_CREATE, "make it", error);
  }
  nonet_status status = atomic_file_open_folder(file, place, error);
  return status != NONET_OK ? status
                            : atomic_file_open_temporary(file, exists ? &old : NULL, error);
}

nonet_status atomic_file_open(const char *path, struct atomic_file **opened, nonet_error *error) {
  *opened = NULL;
  size_t length = path != NULL ? strlen(path) : 0;
  if (length == 0 || length >= PATH_MAX) {
    return error_set(error, NONET_E_CREATE, "a file name of 1 to %d bytes was expected, found %zu",
                     PATH_MAX - 1, length);
  }
  struct atomic_file *file = memory_zeroed(1, sizeof *file);
  if (file == NULL) {
    return error_memory(error, sizeof *file, path);
  }
  file->fd = -1;
  file->folder = -1;
  memcpy(file->path, path, length + 1);
  nonet_status status = atomic_file_open_any(file, error);
  if (status != NONET_OK) {
    atomic_file_abandon(file);
    return status;
  }
  *opened = file;
  return NONET_OK;
}

static bool atomic_file_write_all(int fd, const char *data, size_t size_bytes) {
  while (size_bytes > 0) {
    ssize_t n_written = write(fd, data, size_bytes < SSIZE_MAX ? size_bytes : SSIZE_MAX);
    if (n_written < 0 && errno != EINTR) {
      return false;
    }
    if (n_written > 0) {
      data += n_written;
      size_bytes -= (size_t)n_written;
    }
  }
  return true;
}

/* (7). A SIGPIPE that was pending or blocked before stays as it was. */
static bool atomic_file_write_special(int fd, const char *data, size_t size_bytes) {
  sigset_t pipe_signal, before, pending;
  (void)sigemptyset(&pipe_signal);
  (void)sigaddset(&pipe_signal, SIGPIPE);
  (void)sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  bool held = pthread_sigmask(SIG_BLOCK, &pipe_signal, &before) == 0;
  bool written = atomic_file_write_all(fd, data, size_bytes);
  int why = errno;
  if (!written && why == EPIPE && held && !was_pending) {
    (void)sigpending(&pending);
    int taken;
    if (sigismember(&pending, SIGPIPE) == 1) {
      (void)sigwait(&pipe_signal, &taken);
    }
  }
  if (held) {
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  errno = why;
  return written;
}

nonet_status atomic_file_write(struct atomic_file *file, const void *data, size_t size_bytes,
                               nonet_error *error) {
  bool written = file->folder < 0 ? atomic_file_write_special(file->fd, data, size_bytes)
                                  : atomic_file_write_all(file->fd, data, size_bytes);
  if (!written) {
    file->failed = true;
    return atomic_file_fail(file, NONET_E_IO, "write to it", error);
  }
  return NONET_OK;
}

void atomic_file_handle(const struct atomic_file *file, char path[ATOMIC_FILE_HANDLE_BYTES]) {
  (void)snprintf(path, ATOMIC_FILE_HANDLE_BYTES, "/proc/self/fd/%d", file->fd);
}

/* Syncing where it can be done (8). */
static bool atomic_file_sync(int fd) {
  int result;
  do {
    result = fsync(fd);
  } while (result != 0 && errno == EINTR);
  return result == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS;
}

static bool atomic_file_sync_folder(const struct atomic_file *file) {
  int folder = openat(file->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) {
    return true; /* a folder that may be written but not read cannot be synced */
  }
  bool synced = atomic_file_sync(folder);
  int why = errno;
  (void)close(folder);
  errno = why;
  return synced;
}

static nonet_status atomic_file_finish(struct atomic_file *file, nonet_error *error) {
  if (file->failed) { /* 6 */
    return error_set(error, NONET_E_IO, "%s: not written, since a write to it failed", file->path);
  }
  bool direct = file->folder < 0;
  if (!direct && !atomic_file_sync(file->fd)) {
    return atomic_file_fail(file, NONET_E_IO, "sync it", error);
  }
  if (file->is_unnamed && !atomic_file_give_name(file, 0)) {
    return atomic_file_fail(file, NONET_E_IO, "give it a name", error);
  }
  int fd = file->fd;
  file->fd = -1;
  if (close(fd) != 0 && errno != EINTR) {
    return atomic_file_fail(file, NONET_E_IO, "close it", error);
  }
  if (direct) {
    return NONET_OK;
  }
  if (renameat(file->folder, file->temporary, file->folder, file->target) != 0) {
    return atomic_file_fail(file, NONET_E_IO, "put it in place", error);
  }
  file->temporary[0] = '\0';
  if (!atomic_file_sync_folder(file)) {
    return atomic_file_fail(file, NONET_E_IO, "sync its folder", error);
  }
  return NONET_OK;
}

nonet_status atomic_file_commit(struct atomic_file *file, nonet_error *error) {
  nonet_status status = atomic_file_finish(file, error);
  atomic_file_abandon(file);
  return status;
}

void atomic_file_abandon(struct atomic_file *file) {
  if (file == NULL) {
    return;
  }
  if (file->fd >= 0) {
    (void)close(file->fd);
  }
  if (file->temporary[0] != '\0') {
    (void)unlinkat(file->folder, file->temporary, 0);
  }
  if (file->folder >= 0) {
    (void)close(file->folder);
  }
  memory_free(file);
}

nonet_status atomic_file_store(const char *path, const void *data, size_t size_bytes,
                               nonet_error *error) {
  struct atomic_file *file;
  nonet_status status = atomic_file_open(path, &file, error);
  if (status != NONET_OK) {
    return status;
  }
  status = atomic_file_write(file, data, size_bytes, error);
  if (status != NONET_OK) {
    atomic_file_abandon(file);
    return status;
  }
  return atomic_file_commit(file, error);
}
