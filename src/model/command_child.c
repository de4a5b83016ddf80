/*
 * A process of the user's with pipes on its stdin, stdout and stderr.
 *
 * Cases:
 * 1. Started without a shell, in a process group of its own (unless whoever started us ends ours as
 *    a whole: a probe's helper), with the default signals and an empty mask; our ends are
 * close-on-exec, so that two children never hold each other's pipes.
 * 2. Nobody waits for each other: while we write, what it says on stdout is kept and on stderr
 * read.
 * 3. The host never sees SIGPIPE: it is blocked in this thread around a write, and one that the
 * write raised is taken before the mask goes back.
 * 4. Death: its exit code or signal, and the last lines of its stderr, are in the message. A
 * program that does not exist is NONET_E_NO_INPUT.
 * 5. Silence: when a batch is not answered by the deadline, the whole group is killed.
 * 6. The end: stdin is closed, which ends a program that reads to the end; after a moment the group
 *    is killed. It is always reaped, and only it.
 */
#include "model/command_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"

#define CHILD_GRACE_MS 1000
#define CHILD_READ_BYTES 65536

extern char **environ;

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void close_end(int *end) {
  if (*end >= 0)
    close(*end);
  *end = -1;
}

/* A pipe whose ends are none of 0, 1, 2, which the child's own are put on. */
static int make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC))
    return errno;
  for (int i = 0; i < 2; i++) {
    int raised = ends[i] > 2 ? ends[i] : fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
    if (raised < 0)
      return errno;
    if (raised != ends[i])
      close(ends[i]);
    ends[i] = raised;
  }
  return 0;
}

/* ---- start --------------------------------------------------------------------------------------
 */

static int spawn(struct command_child *child, char *const *argv, const char *folder,
                 int ends[3][2]) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  sigaddset(&defaults, SIGXFSZ);
  sigaddset(&defaults, SIGINT);
  int bad = posix_spawn_file_actions_init(&actions);
  if (bad)
    return bad;
  bad = posix_spawnattr_init(&attributes);
  if (!bad) {
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes,
                             (short)(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                     (child->leads_group ? POSIX_SPAWN_SETPGROUP : 0)));
    bad = folder ? posix_spawn_file_actions_addchdir_np(&actions, folder) : 0;
    for (int i = 0; i < 3 && !bad; i++)
      bad = posix_spawn_file_actions_adddup2(&actions, ends[i][i != 0], i);
    if (!bad)
      bad = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&actions);
  return bad;
}

nonet_status command_child_open(struct command_child *child, char *const *argv, const char *folder,
                                bool leads_group, double timeout_s, nonet_error *error) {
  int ends[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
  *child = (struct command_child){
      .leads_group = leads_group, .to = -1, .from = -1, .log = -1, .timeout_s = timeout_s};
  int bad = 0;
  for (int i = 0; i < 3 && !bad; i++)
    bad = make_pipe(ends[i]);
  if (!bad)
    bad = spawn(child, argv, folder, ends);
  close_end(&ends[0][0]);
  close_end(&ends[1][1]);
  close_end(&ends[2][1]);
  child->to = ends[0][1];
  child->from = ends[1][0];
  child->log = ends[2][0];
  if (!bad)
    for (int i = 0; i < 3; i++) {
      int end = i == 0 ? child->to : i == 1 ? child->from : child->log;
      fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK);
    }
  if (!bad)
    return NONET_OK;
  child->pid = 0;
  command_child_close(child);
  return error_set(error, bad == ENOENT ? NONET_E_NO_INPUT : NONET_E_UNAVAILABLE,
                   "the command '%s' cannot be started%s%s: %s", argv[0], folder ? " in " : "",
                   folder ? folder : "", strerror(bad));
}

/* ---- end
 * ------------------------------------------------------------------------------------------ */

/* Waits up to `wait_ms`; true when it is gone, with what it left in *how (−1: not known). */
static bool reap(struct command_child *child, int wait_ms, int *how) {
  *how = -1;
  for (int waited = 0;; waited += 5) {
    pid_t got = waitpid(child->pid, how, WNOHANG);
    if (got == child->pid || (got < 0 && errno != EINTR)) {
      *how = got == child->pid ? *how : -1;
      if (child->leads_group)
        kill(-child->pid, SIGKILL); /* what it started and left behind */
      child->pid = 0;
      return true;
    }
    if (waited >= wait_ms)
      return false;
    nanosleep(&(struct timespec){0, 5000000}, NULL);
  }
}

static void kill_group(struct command_child *child) {
  int how;
  if (child->pid <= 0)
    return;
  if (child->leads_group)
    kill(-child->pid, SIGKILL);
  kill(child->pid, SIGKILL);
  while (!reap(child, 1000, &how))
    ;
}

void command_child_close(struct command_child *child) {
  int how;
  close_end(&child->to);
  if (child->pid > 0 && !reap(child, CHILD_GRACE_MS, &how))
    kill_group(child);
  close_end(&child->from);
  close_end(&child->log);
  memory_free(child->ahead);
  child->ahead = NULL;
  child->ahead_from = child->ahead_to = child->ahead_capacity = 0;
}

/* ---- talk
 * ------------------------------------------------------------------------------------------- */

/* Reads what stderr has; its last bytes are kept. False: it was closed. */
static bool read_log(struct command_child *child) {
  char piece[4096];
  ssize_t n;
  while ((n = read(child->log, piece, sizeof piece)) > 0) {
    size_t size = (size_t)n, skip = size > sizeof child->tail ? size - sizeof child->tail : 0;
    size -= skip;
    size_t keep = sizeof child->tail - size;
    keep = child->tail_size < keep ? child->tail_size : keep;
    memmove(child->tail, child->tail + child->tail_size - keep, keep);
    memcpy(child->tail + keep, piece + skip, size);
    child->tail_size = keep + size;
  }
  return n < 0 && (errno == EAGAIN || errno == EINTR);
}

nonet_status command_child_explain(struct command_child *child, nonet_status status,
                                   nonet_error *error) {
  if (child->log >= 0)
    read_log(child);
  size_t end = child->tail_size, from;
  while (end > 0 && child->tail[end - 1] == '\n')
    end--;
  from = end;
  for (int lines = 0; from > 0 && end - from < 400; from--)
    if (child->tail[from - 1] == '\n' && ++lines == 3)
      break;
  if (!error || end == from)
    return status;
  nonet_error before = *error;
  return error_set(error, status, "%.500s; its last words on stderr:\n%.*s", before.message,
                   (int)(end - from), child->tail + from);
}

/* Case 4. */
static nonet_status died(struct command_child *child, nonet_error *error) {
  int how;
  if (!reap(child, CHILD_GRACE_MS, &how)) {
    kill_group(child);
    error_set(error, NONET_E_DATA, "the command closed its output before all rows were answered");
  } else if (how >= 0 && WIFSIGNALED(how)) {
    error_set(error, NONET_E_DATA, "the command was ended by signal %d (%s)", WTERMSIG(how),
              strsignal(WTERMSIG(how)));
  } else if (how >= 0 && WEXITSTATUS(how) != 0) {
    error_set(error, NONET_E_DATA, "the command ended with exit code %d", WEXITSTATUS(how));
  } else {
    error_set(
        error, NONET_E_DATA,
        "the command ended before all rows were answered; it must answer every batch until its "
        "stdin ends");
  }
  return command_child_explain(child, NONET_E_DATA, error);
}

/* Case 5. */
static nonet_status silent(struct command_child *child, nonet_error *error) {
  kill_group(child);
  error_set(error, NONET_E_DATA,
            "the command did not answer a batch within %g s and was ended; flush stdout after each "
            "batch, or give it more time (timeout:)",
            child->timeout_s);
  return command_child_explain(child, NONET_E_DATA, error);
}

void command_child_begin(struct command_child *child) {
  child->deadline = now_s() + child->timeout_s;
}

/* Waits until one of the ends is ready; NONET_OK with *ready a mask of 1 to, 2 from. */
static nonet_status wait_for(struct command_child *child, bool is_writing, int *ready,
                             nonet_error *error) {
  for (*ready = 0; !*ready;) {
    struct pollfd ends[] = {{is_writing ? child->to : -1, POLLOUT, 0},
                            {child->from, POLLIN, 0},
                            {child->log, POLLIN, 0}};
    double left = child->deadline - now_s();
    if (child->pid <= 0 || left <= 0)
      return child->pid <= 0 ? error_set(error, NONET_E_DATA, "the command has ended")
                             : silent(child, error);
    int n = poll(ends, 3, left > 1 ? 1000 : (int)(left * 1000) + 1);
    if (n < 0 && errno != EINTR)
      return error_set(error, NONET_E_INTERNAL, "waiting for the command: %s", strerror(errno));
    if (n <= 0)
      continue;
    if (ends[2].revents && !read_log(child))
      close_end(&child->log);
    *ready = (ends[0].revents ? 1 : 0) | (ends[1].revents ? 2 : 0);
  }
  return NONET_OK;
}

/* Case 3. */
static ssize_t write_quietly(int end, const void *data, size_t size_bytes) {
  sigset_t pipe_only, before, pending;
  sigemptyset(&pipe_only);
  sigaddset(&pipe_only, SIGPIPE);
  sigpending(&pending);
  bool was_pending = sigismember(&pending, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
  ssize_t n = write(end, data, size_bytes);
  int why = errno;
  if (n < 0 && why == EPIPE && !was_pending)
    while (sigtimedwait(&pipe_only, NULL, &(struct timespec){0, 0}) < 0 && errno == EINTR)
      ;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = why;
  return n;
}

/* What stdout has, behind what was kept; *n 0: the end. */
static nonet_status read_ahead(struct command_child *child, ssize_t *n, nonet_error *error) {
  if (child->ahead_from == child->ahead_to)
    child->ahead_from = child->ahead_to = 0;
  if (!memory_grow((void **)&child->ahead, &child->ahead_capacity,
                   child->ahead_to + CHILD_READ_BYTES, 1))
    return error_memory(error, child->ahead_to + CHILD_READ_BYTES, "the command's answer");
  *n = read(child->from, child->ahead + child->ahead_to, CHILD_READ_BYTES);
  if (*n > 0)
    child->ahead_to += (size_t)*n;
  return NONET_OK;
}

nonet_status command_child_write(struct command_child *child, const void *data, size_t size_bytes,
                                 nonet_error *error) {
  const char *at = data;
  while (size_bytes > 0) {
    int ready;
    ssize_t n = 1;
    nonet_status status = wait_for(child, true, &ready, error);
    if (!status && ready & 2)
      status = read_ahead(child, &n, error);
    if (status)
      return status;
    if (n == 0)
      return died(child, error);
    n = ready & 1 ? write_quietly(child->to, at, size_bytes) : 0;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
      return died(child, error);
    at += n > 0 ? n : 0;
    size_bytes -= n > 0 ? (size_t)n : 0;
  }
  return NONET_OK;
}

nonet_status command_child_read(struct command_child *child, void *data, size_t size_bytes,
                                nonet_error *error) {
  while (child->ahead_to - child->ahead_from < size_bytes) {
    int ready;
    ssize_t n = -1;
    nonet_status status = wait_for(child, false, &ready, error);
    if (!status)
      status = read_ahead(child, &n, error);
    if (status)
      return status;
    if (n == 0)
      return died(child, error);
  }
  memcpy(data, child->ahead + child->ahead_from, size_bytes);
  child->ahead_from += size_bytes;
  return NONET_OK;
}

bool command_child_has_more(struct command_child *child) {
  struct pollfd end = {child->from, POLLIN, 0};
  return child->ahead_from < child->ahead_to || (poll(&end, 1, 0) > 0 && (end.revents & POLLIN));
}
