/*
 * Starting, bounding and burying the helper (launch.h).
 *
 * Request and rows are unlinked files, so that a helper that dies early cannot block or signal who
 * writes; the reply comes through a pipe; what it prints goes to a file, of which the last line is
 * kept for the message.
 *
 * Cases:
 *  1. It hangs: killed after limit_s, and so are the processes of its group.
 *  2. It crashes: the signal is named; it ends with an exit code and no reply: the code, and its
 * last words.
 *  3. It ends while a process that the model started keeps the pipe open: its end is what counts.
 *  4. It says more than REPLY_MOST bytes, or no JSON: killed; said.
 *  5. The caller wants to stop: killed within a tenth of a second.
 *  6. The host ignores SIGCHLD, and the process is reaped without us: the reply alone decides.
 *  7. The group is killed before its leader is reaped, so that the number still means this process.
 *  8. Descriptors are moved above those the helper uses before they are put in their place.
 */
#include "probe/process/launch.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json_text.h"
#include "probe/process/helper.h"

#define REPLY_MOST (64u << 20)
#define SLICE_MS 100
#define SAFE_DESCRIPTOR 16

extern char **environ;

/* ---- files ---- */

int launch_file(nonet_error *error) {
  const char *folder = getenv("TMPDIR");
  char path[PATH_MAX];
  (void)snprintf(path, sizeof path, "%s/nonet-XXXXXX",
                 folder != NULL && *folder != '\0' ? folder : "/tmp");
  int fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
  if (fd < 0) {
    (void)error_set(error, NONET_E_IO, "no temporary file can be made in %s: %s; set TMPDIR",
                    folder != NULL && *folder != '\0' ? folder : "/tmp", strerror(errno));
    return -1;
  }
  (void)unlink(path);
  return fd;
}

nonet_status launch_write(int fd, const void *data, size_t size_bytes, nonet_error *error) {
  const char *at = data;
  while (size_bytes > 0) {
    ssize_t n = write(fd, at, size_bytes);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return error_set(error, NONET_E_IO, "a temporary file cannot be written: %s",
                       strerror(errno));
    }
    at += n;
    size_bytes -= (size_t)n;
  }
  return NONET_OK;
}

/* ---- where the helper is ---- */

static bool is_program(const char *path) {
  return access(path, X_OK) == 0;
}

nonet_status launch_helper(char path[4096], nonet_error *error) {
  static const char *const places[] = {"nonet-probe", "probe/nonet-probe",
                                       "../libexec/nonet/nonet-probe",
                                       "../../libexec/nonet/nonet-probe"};
  const char *named = getenv("NONET_PROBE");
  char own[PATH_MAX] = "";
  Dl_info info;
  if (named != NULL && *named != '\0') {
    (void)snprintf(path, 4096, "%s", named);
    return is_program(path) ? NONET_OK
                            : error_set(error, NONET_E_UNAVAILABLE,
                                        "NONET_PROBE names %s, which is not a program", named);
  }
  /* The library this code is in, or the program when it is linked into one. */
  if (dladdr((void *)(uintptr_t)launch_helper, &info) == 0 || info.dli_fname == NULL ||
      realpath(info.dli_fname, own) == NULL) {
    own[0] = '\0';
    if (realpath("/proc/self/exe", own) == NULL) {
      own[0] = '\0';
    }
  }
  char *slash = strrchr(own, '/');
  if (slash != NULL) {
    *slash = '\0';
  }
  for (size_t i = 0; i < sizeof places / sizeof *places && slash != NULL; i++) {
    (void)snprintf(path, 4096, "%s/%s", own, places[i]);
    if (is_program(path)) {
      return NONET_OK;
    }
  }
  return error_set(error, NONET_E_UNAVAILABLE,
                   "the helper nonet-probe is not beside the library (%s) nor in libexec; install "
                   "it, or name it in NONET_PROBE",
                   own);
}

/* ---- one process ---- */

struct child {
  pid_t pid;
  int reply;       /* our end of the pipe */
  int said;        /* what it prints */
  bool is_over;    /* it ended, and *info says how, unless is_unknown */
  bool is_unknown; /* 6 */
  siginfo_t info;
};

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* 8. Closes `fd` and gives one that is out of the way; −1 on failure. */
static int moved(int fd) {
  int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, SAFE_DESCRIPTOR);
  if (fd >= 0) {
    (void)close(fd);
  }
  return high;
}

static int spawn(struct child *child, const char *helper, int request, int rows, int reply) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t none;
  char *argv[] = {(char *)"nonet-probe", NULL};
  (void)sigemptyset(&none);
  int code = posix_spawn_file_actions_init(&actions);
  if (code != 0) {
    return code;
  }
  code = posix_spawnattr_init(&attributes);
  if (code == 0) {
    const int to[] = {HELPER_REQUEST, HELPER_ROWS, HELPER_REPLY, 1, 2};
    const int from[] = {request, rows, reply, child->said, child->said};
    code = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    for (size_t i = 0; i < sizeof to / sizeof *to && code == 0; i++) {
      code = posix_spawn_file_actions_adddup2(&actions, from[i], to[i]);
    }
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    code =
        code != 0 ? code : posix_spawn(&child->pid, helper, &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
  }
  (void)posix_spawn_file_actions_destroy(&actions);
  return code;
}

static nonet_status child_start(struct child *child, const struct launch *launch,
                                nonet_error *error) {
  int request = -1, rows = -1, ends[2] = {-1, -1};
  struct text text = {0};
  *child = (struct child){.pid = -1, .reply = -1, .said = -1};
  json_text_write(&text, launch->request, JSON_TEXT_COMPACT);
  request = moved(launch_file(error));
  child->said = moved(launch_file(error));
  rows = fcntl(launch->rows_fd, F_DUPFD_CLOEXEC, SAFE_DESCRIPTOR);
  nonet_status status = NONET_OK;
  if (text.failed) {
    status = error_memory(error, text.length, "a request");
  } else if (request < 0 || child->said < 0 || rows < 0 || pipe2(ends, O_CLOEXEC) != 0) {
    status = error_set(error, NONET_E_IO, "no files for the helper: %s", strerror(errno));
  } else {
    ends[0] = moved(ends[0]);
    ends[1] = moved(ends[1]);
    child->reply = ends[0];
    status = launch_write(request, text.data, text.length, error);
  }
  if (status == NONET_OK && (lseek(request, 0, SEEK_SET) != 0 || lseek(rows, 0, SEEK_SET) != 0)) {
    status = error_set(error, NONET_E_IO, "a temporary file cannot be read: %s", strerror(errno));
  }
  if (status == NONET_OK) {
    if (launch->spawned_ns != NULL) {
      *launch->spawned_ns = 1e9 * now_s();
    }
    int code = spawn(child, launch->helper, request, rows, ends[1]);
    if (code != 0) {
      child->pid = -1;
      status = error_set(error, NONET_E_UNAVAILABLE, "the helper %s cannot be started: %s",
                         launch->helper, strerror(code));
    }
  }
  const int done[] = {request, rows, ends[1]};
  for (size_t i = 0; i < sizeof done / sizeof *done; i++) {
    if (done[i] >= 0) {
      (void)close(done[i]);
    }
  }
  text_clear(&text);
  return status;
}

/* Did it end? It stays a zombie, so that its number stays its own. */
static void child_look(struct child *child) {
  siginfo_t info = {0};
  if (!child->is_over && waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    child->is_over = child->is_unknown = errno == ECHILD; /* 6 */
  } else if (!child->is_over && info.si_pid == child->pid) {
    child->is_over = true;
    child->info = info;
  }
}

static void child_bury(struct child *child) {
  if (child->pid > 0) {
    (void)kill(-child->pid, SIGKILL); /* 7: the group; and the child, should it not lead one yet */
    (void)kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
  }
  if (child->reply >= 0) {
    (void)close(child->reply);
  }
  if (child->said >= 0) {
    (void)close(child->said);
  }
}

/* Reads what is there. False at the end of the pipe or of our patience (4). */
static bool child_hear(struct child *child, struct text *text) {
  char piece[65536];
  ssize_t n = read(child->reply, piece, sizeof piece);
  if (n > 0) {
    text_append_n(text, piece, (size_t)n);
  }
  return (n > 0 && !text->failed && text->length <= REPLY_MOST) || (n < 0 && errno == EINTR);
}

/* Until the pipe ends or the process does; false: its time is over. */
static nonet_status child_wait(struct child *child, const struct launch *launch, struct text *text,
                               bool *is_late, nonet_error *error) {
  double end_s = now_s() + launch->limit_s;
  nonet_status status = NONET_OK;
  bool is_open = true;
  *is_late = false;
  while (status == NONET_OK && (is_open || !child->is_over)) {
    struct pollfd pipe_end = {.fd = is_open ? child->reply : -1, .events = POLLIN};
    int n = poll(&pipe_end, 1, is_open ? SLICE_MS : 1);
    if (n > 0) {
      is_open = child_hear(child, text);
    } else {
      child_look(child);
      is_open = is_open && !child->is_over; /* 3 */
    }
    *is_late = now_s() > end_s;
    if (*is_late || text->failed || text->length > REPLY_MOST) {
      break; /* 1, 4 */
    }
    status = progress_check(launch->progress, error); /* 5 */
  }
  return status;
}

/* The last line it printed, "" when there is none. */
static void last_words(const struct child *child, char words[200]) {
  char end[4096];
  off_t size = lseek(child->said, 0, SEEK_END);
  off_t from = size > (off_t)sizeof end ? size - (off_t)sizeof end : 0;
  ssize_t n = size < 0 ? 0 : pread(child->said, end, sizeof end, from);
  words[0] = '\0';
  while (n > 0 && (end[n - 1] == '\n' || end[n - 1] == ' ')) {
    n--;
  }
  ssize_t start = n;
  while (start > 0 && end[start - 1] != '\n') {
    start--;
  }
  if (n > start) {
    (void)snprintf(words, 200, "%.*s", (int)(n - start), end + start);
  }
}

static const char *signal_words(int number) {
  switch (number) {
  case SIGSEGV:
    return "segmentation fault";
  case SIGABRT:
    return "it aborted";
  case SIGBUS:
    return "bus error";
  case SIGILL:
    return "illegal instruction";
  case SIGFPE:
    return "arithmetic error";
  case SIGKILL:
    return "killed, perhaps for memory";
  default:
    return "ended by a signal";
  }
}

/* What a silent end is called. */
static nonet_status explain(const struct child *child, const struct launch *launch, bool is_late,
                            size_t length, nonet_error *error) {
  char words[200];
  last_words(child, words);
  const char *colon = words[0] != '\0' ? "; its last words: " : "";
  if (is_late) {
    return error_set(error, NONET_E_DATA,
                     "the process that asks the model did not answer within %.3g s and was "
                     "stopped%s%s",
                     launch->limit_s, colon, words);
  }
  if (length > REPLY_MOST) {
    return error_set(error, NONET_E_DATA, "the helper's answer has no end and was cut off");
  }
  if (!child->is_unknown && child->info.si_code != CLD_EXITED) {
    return error_set(error, NONET_E_DATA,
                     "the process that asks the model crashed (%s, signal %d)%s%s",
                     signal_words(child->info.si_status), child->info.si_status, colon, words);
  }
  return error_set(error, NONET_E_DATA,
                   "the process that asks the model ended without an answer (exit code %d)%s%s",
                   child->info.si_status, colon, words);
}

nonet_status launch_run(const struct launch *launch, json_t **reply, nonet_error *error) {
  struct child child;
  struct text text = {0};
  bool is_late = false;
  *reply = NULL;
  nonet_status status = child_start(&child, launch, error);
  if (status == NONET_OK) {
    status = child_wait(&child, launch, &text, &is_late, error);
  }
  if (status == NONET_OK && text.failed) {
    status = error_memory(error, text.length, "the helper's answer");
  }
  bool is_sound =
      status == NONET_OK && !is_late && text.length > 0 && text.length <= REPLY_MOST &&
      json_text_parse(text.data, text.length, "the helper's answer", reply, NULL) == NONET_OK;
  if (status == NONET_OK && !is_sound) {
    status = explain(&child, launch, is_late, text.length, error); /* 1, 2, 4 */
  }
  child_bury(&child);
  text_clear(&text);
  return status;
}
