/*
 * Watching a run: progress on stderr, and Ctrl-C.
 *
 * Cases:
 *  1. A bar only where a person sees it: stderr is a terminal that can move its cursor, the level
 * is warn, and the stage has taken a moment. It is one line, redrawn, and erased at the end.
 *  2. info: one line when a stage begins. debug: every report as a line. Terminal or not.
 *  3. Rows without a known total show how many and how fast; with a total also the share and the
 * time left.
 *  4. SIGINT and SIGTERM ask the library to stop; the run ends with NONET_E_INTERRUPTED and removes
 *     what it had begun.
 *  5. The handler is installed without SA_RESTART, so that a read from a silent pipe ends too; what
 *     that read then complains of was the signal.
 *  6. A database that cannot be cancelled does not listen. Then, GRACE_S after the first signal, or
 *     HURRY_S after a second one, a waiting thread removes the unfinished output and ends the
 *     process.
 *  7. After a stop only the tidying is left, in no time: an impatient second signal shall not end
 * it.
 */
#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 24
#define BAR_AFTER_S 0.3
#define GRACE_S 3
#define HURRY_S 1

static struct {
  nonet_cancel *cancel;
  volatile sig_atomic_t n_signals;
  sem_t wake; /* posted by every signal, and at the end */
  atomic_bool is_over;
  bool has_waiter;
  pthread_t waiter;
  struct reports *unfinished;
  bool is_on, is_bar, is_drawn;
  enum log_level level;
  char stage[32];
  double stage_start_s;
  struct sigaction before_int, before_term;
} watch;

static double now_s(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void on_signal(int number) {
  int before = errno;
  (void)number;
  watch.n_signals++;
  nonet_cancel_request(watch.cancel);
  (void)sem_post(&watch.wake);
  errno = before;
}

/* 12345678 as 12,345,678. */
static void grouped(uint64_t number, char text[32]) {
  char digits[24];
  int n = snprintf(digits, sizeof digits, "%" PRIu64, number), used = 0;
  for (int i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0) {
      text[used++] = ',';
    }
    text[used++] = digits[i];
  }
  text[used] = '\0';
}

static const char *stage_words(const char *stage) {
  static const char *const words[][2] = {{"rows", "reading rows"},
                                         {"values", "finding labels and groups"},
                                         {"sort", "sorting scores"},
                                         {"measure", "measuring"}};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcmp(words[i][0], stage) == 0) {
      return words[i][1];
    }
  }
  return stage;
}

static void draw(uint64_t n_done, uint64_t n_total, double seconds) {
  char line[200], done[32], rate[32], bar[BAR_CELLS + 1];
  struct winsize size;
  size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
  bool is_rows = strcmp(watch.stage, "rows") == 0 || strcmp(watch.stage, "values") == 0;
  double per_s = seconds > 0.0 ? (double)n_done / seconds : 0.0;
  grouped(n_done, done);
  grouped((uint64_t)per_s, rate);
  if (n_total > 0 && n_done <= n_total) { /* case 3 */
    size_t full = (size_t)((double)n_done / (double)n_total * BAR_CELLS);
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', full);
    bar[BAR_CELLS] = '\0';
    double left_s = per_s > 0.0 ? (double)(n_total - n_done) / per_s : 0.0;
    snprintf(line, sizeof line, "%s [%s] %3.0f %%  %s%s  %s/s  %.0f:%02.0f left",
             stage_words(watch.stage), bar, 100.0 * (double)n_done / (double)n_total, done,
             is_rows ? " rows" : "", rate, (left_s - (double)((long)left_s % 60)) / 60.0,
             (double)((long)left_s % 60));
  } else {
    snprintf(line, sizeof line, "%s: %s%s  %s/s  %.0f s", stage_words(watch.stage), done,
             is_rows ? " rows" : "", rate, seconds);
  }
  line[width - 1 < sizeof line - 1 ? width - 1 : sizeof line - 1] = '\0';
  fprintf(stderr, "\r\033[K%s", line);
  fflush(stderr);
  watch.is_drawn = true;
}

static void erase(void) {
  if (watch.is_drawn) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
    watch.is_drawn = false;
  }
}

/* False: the time is up. */
static bool wait_for_wake(time_t most_s) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += most_s;
  while (sem_timedwait(&watch.wake, &until) != 0) {
    if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

/* Case 6: sleeps until the first signal, then gives the run some time. */
static void *wait_for_end(void *context) {
  (void)context;
  while (sem_wait(&watch.wake) != 0) {
  }
  if (!atomic_load(&watch.is_over) && wait_for_wake(GRACE_S) && !atomic_load(&watch.is_over)) {
    (void)wait_for_wake(HURRY_S);
  }
  if (!atomic_load(&watch.is_over)) {
    erase();
    reports_abandon(watch.unfinished);
    fputs("nonet: stopped on request\n", stderr);
    _exit(NONET_E_INTERRUPTED);
  }
  return NULL;
}

static void on_progress(void *context, const char *stage, uint64_t n_done, uint64_t n_total) {
  (void)context;
  double now = now_s();
  if (strncmp(watch.stage, stage, sizeof watch.stage - 1) != 0) {
    snprintf(watch.stage, sizeof watch.stage, "%s", stage);
    watch.stage_start_s = now;
    if (watch.level >= LOG_INFO) { /* case 2 */
      fprintf(stderr, "nonet: %s\n", stage_words(stage));
    }
  }
  double seconds = now - watch.stage_start_s;
  if (watch.level == LOG_DEBUG) {
    fprintf(stderr, "nonet: %s: %" PRIu64 " of %" PRIu64 ", %.3f s\n", stage, n_done, n_total,
            seconds);
  } else if (watch.is_bar && (watch.is_drawn || seconds >= BAR_AFTER_S)) { /* case 1 */
    draw(n_done, n_total, seconds);
  }
}

nonet_status watch_start(const struct arguments *arguments, nonet_options *options,
                         struct reports *unfinished, nonet_error *error) {
  const char *term = getenv("TERM");
  struct sigaction action = {.sa_handler = on_signal}; /* case 5 */
  sigset_t stopping, before;
  watch.cancel = nonet_cancel_new();
  if (watch.cancel == NULL || sem_init(&watch.wake, 0, 0) != 0) {
    snprintf(error->message, sizeof error->message, "out of memory at the start");
    nonet_cancel_free(watch.cancel);
    return NONET_E_MEMORY;
  }
  watch.unfinished = unfinished;
  watch.level = arguments->log_level;
  watch.is_bar = !arguments->quiet && watch.level == LOG_WARN && isatty(STDERR_FILENO) &&
                 term != NULL && strcmp(term, "dumb") != 0;
  sigemptyset(&stopping);
  sigaddset(&stopping, SIGINT);
  sigaddset(&stopping, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stopping, &before); /* signals are for the working threads */
  watch.has_waiter = pthread_create(&watch.waiter, NULL, wait_for_end, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &watch.before_int);
  sigaction(SIGTERM, &action, &watch.before_term);
  watch.is_on = true;
  options->cancel = watch.cancel;
  if (watch.is_bar || watch.level >= LOG_INFO) {
    options->progress = on_progress;
  }
  return NONET_OK;
}

bool watch_stop(void) {
  if (watch.is_on) {
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    const bool is_stopped = watch.n_signals > 0; /* case 7 */
    sigaction(SIGINT, is_stopped ? &ignore : &watch.before_int, NULL);
    sigaction(SIGTERM, is_stopped ? &ignore : &watch.before_term, NULL);
    atomic_store(&watch.is_over, true);
    (void)sem_post(&watch.wake);
    (void)sem_post(&watch.wake); /* one for each of the waiter's two waits */
    if (watch.has_waiter) {
      (void)pthread_join(watch.waiter, NULL);
    }
    erase();
    (void)sem_destroy(&watch.wake);
    nonet_cancel_free(watch.cancel);
    watch.cancel = NULL;
    watch.is_on = false;
  }
  return watch.n_signals > 0;
}
