/*
 * Real processes, a real clock, and a neighbour that never rests: the gate of latency on a machine
 * that is busy.
 *
 *   A/A    a model against itself: false HARMED at a margin of 0, per run, at most alpha = .05 (and
 *          three Monte-Carlo standard errors) for p50 and p99
 *   slow   a model slowed by a fifth: HARMED against a margin of 10 %, in at least .8 of the runs
 * of 60 s, p99 too
 *
 * usage: latency_busy_long RUNS_AA RUNS_SLOW SECONDS_AA SECONDS_SLOW [LAUNCHES_SLOW]
 *
 * The seconds are a launch's; a run has 10 launches unless the slow ones are told another number.
 * The models are the fake helper's: arithmetic of some 10 µs. The neighbours are as many processes
 * as there are cores, each in a loop.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "measure/efficiency/latency.h"
#include "measure/measure_fixture.h"
#include "measure/records.h"
#include "probe/process/launch.h"
#include "probe/process/message.h"
#include "probe/process/rows_file.h"
#include "probe/process/timed_plan.h"
#include "stats/distribution.h"
#include "table/tablekit.h"

#define NEIGHBOURS_MOST 64

static const struct measure_variant plain = {.suffix = ""};
static const struct measure *const gates[] = {&efficiency_latency_p50, &efficiency_latency_p99};
#define N_GATES (sizeof gates / sizeof *gates)

static int rows_fd = -1;
static char helper[4096];
static struct summary_set *set;

/* ---- neighbours ---- */

static size_t start_neighbours(pid_t pid[NEIGHBOURS_MOST]) {
  size_t n = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
  n = n < NEIGHBOURS_MOST ? n : NEIGHBOURS_MOST;
  for (size_t i = 0; i < n; i++) {
    pid[i] = fork();
    if (pid[i] == 0) {
#ifdef __linux__
      (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
      for (volatile double x = 1;; x = x * 1.0000001) {
      }
    }
  }
  return n;
}

static void stop_neighbours(const pid_t *pid, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (pid[i] > 0) {
      (void)kill(pid[i], SIGKILL);
      (void)waitpid(pid[i], NULL, 0);
    }
  }
}

/* ---- one run ---- */

static void add_launch(struct probe_latency *latency, const char *candidate, size_t run,
                       size_t number, double seconds) {
  static const bool both[N_STREAMS] = {true, true};
  struct probe_launch launch;
  nonet_error error = {""};
  json_t *reply = NULL;
  double overhead_ns;
  json_t *request = json_pack("{s:s, s:s, s:[], s:f, s:I, s:I, s:i, s:f, s:[{s:s}, {s:s}]}", "what",
                              "latency", "task", "binary", "classes", "threshold", 0.5, "seed",
                              (json_int_t)run, "launch", (json_int_t)number, "threads", 1,
                              "seconds", seconds, "models", "path", candidate, "path", "work 100");
  const struct launch one = {
      .helper = helper, .rows_fd = rows_fd, .request = request, .limit_s = 60 + 10 * seconds};
  nonet_status status = launch_run(&one, &reply, &error);
  if (status == NONET_OK) {
    status = message_launch(reply, both, &launch, &overhead_ns, &error);
  }
  if (status == NONET_OK) {
    status = probe_latency_add(latency, &launch, &error);
  }
  if (status != NONET_OK) {
    fprintf(stderr, "%s\n", error.message);
  }
  json_decref(request);
  json_decref(reply);
}

/* Is "no slower than `most` times" rejected at alpha .05, as the judge would? −1: undecided by
 * name. */
static int is_harmed(const struct inference *law, double most) {
  double a = law->pair_value[0], b = law->pair_value[1];
  if (law->kind == INFERENCE_MISSING) {
    return -1;
  }
  double se = sqrt(law->pair_variance[0] / (a * a) + law->pair_variance[1] / (b * b) -
                   2 * law->pair_covariance / (a * b));
  return log(a / b) - log(most) > distribution_t_z(0.90, law->df) * se;
}

struct tally {
  size_t harmed, open;
};

static void one_run(const char *candidate, double most, size_t run, size_t n_launches,
                    double seconds, struct tally tally[N_GATES]) {
  struct probe_answers answers = {0};
  struct view view;
  for (size_t i = 0; i < n_launches; i++) {
    add_launch(&answers.latency, candidate, run, i, seconds);
  }
  answers.stream[STREAM_A].state[PROBE_LATENCY].status = PROBE_ANSWERED;
  answers.stream[STREAM_B].state[PROBE_LATENCY].status = PROBE_ANSWERED;
  for (size_t g = 0; g < N_GATES; g++) {
    struct inference law = inference_none("not run");
    int found = -1;
    if (fixture_view(set, -1, &view, NULL) == NONET_OK) {
      view.answers = &answers;
      if (gates[g]->compare(gates[g], &plain, &view, &law, NULL) == NONET_OK) {
        found = is_harmed(&law, most);
      }
      view_clear(&view);
    }
    tally[g].harmed += found == 1;
    tally[g].open += found < 0;
  }
  probe_answers_clear(&answers);
}

static bool runs_hold(const char *name, const char *candidate, double most, size_t n,
                      size_t n_launches, double seconds, bool is_aa) {
  struct tally tally[N_GATES] = {{0}};
  double slack = 3 * sqrt(.05 * .95 / (double)n);
  bool is_good = true;
  for (size_t run = 0; run < n; run++) {
    one_run(candidate, most, run, n_launches, seconds, tally);
  }
  printf("%-5s %zu runs of %zu launches of %.3g s:", name, n, n_launches, seconds);
  for (size_t g = 0; g < N_GATES; g++) {
    double share = (double)tally[g].harmed / (double)n;
    bool holds = is_aa ? share <= .05 + slack && (g > 0 || 2 * tally[g].open < n) : share >= .8;
    printf("  %s harmed %.3f, open %zu%s", strchr(gates[g]->id, '_') + 1, share, tally[g].open,
           holds ? "" : " *");
    is_good = is_good && holds;
  }
  printf("\n");
  return is_good;
}

/* ---- together ---- */

static bool open_rows(void) {
  static const char *const names[] = {"x"};
  const char *path = tablekit_path("busy.parquet");
  struct table *table = NULL;
  size_t n_rows = 0;
  tablekit_copy("SELECT i / 7.0 AS x FROM range(100) t(i)", path, "parquet");
  const struct table_source source = {.path = path, .n_threads = 1};
  bool is_open = table_open(&source, &table, NULL) == NONET_OK &&
                 rows_file(table, names, 1, 100, 1, &rows_fd, &n_rows, NULL, NULL) == NONET_OK &&
                 launch_helper(helper, NULL) == NONET_OK;
  table_close(table);
  return is_open;
}

int main(int argc, char **argv) {
  const uint32_t y[] = {0, 1}, p[] = {0, 1};
  struct fixture fixture = {
      .task = TASK_BINARY, .n = 2, .n_classes = 2, .label = y, .prediction = {p, p}};
  pid_t pid[NEIGHBOURS_MOST];
  if (argc != 5 && argc != 6) {
    fprintf(stderr, "usage: latency_busy_long RUNS_AA RUNS_SLOW SECONDS_AA SECONDS_SLOW "
                    "[LAUNCHES_SLOW]\n");
    return 64;
  }
  bool is_good = open_rows() && fixture_set(&fixture, &set, NULL) == NONET_OK;
  size_t n = start_neighbours(pid);
  is_good = is_good && runs_hold("A/A", "work 100", 1, strtoull(argv[1], NULL, 10), TIMED_PLAN_FEW,
                                 atof(argv[3]), true);
  is_good =
      runs_hold("slow", "work 120", 1.1, strtoull(argv[2], NULL, 10),
                argc == 6 ? strtoull(argv[5], NULL, 10) : TIMED_PLAN_FEW, atof(argv[4]), false) &&
      is_good;
  stop_neighbours(pid, n);
  (void)close(rows_fd);
  (void)tablekit_teardown(NULL);
  summary_free(set);
  printf("%s\n", is_good ? "holds" : "does not hold");
  return is_good ? 0 : 1;
}
