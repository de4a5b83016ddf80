/*
 * Where the time of a request goes (profile.h): ONNX Runtime writes an event for each operator it
 * ran, one JSON object a line, in the order in which they ended.
 *
 *   of an operator   "cat": "Node", "name": "NODE_kernel_time", "args": {"op_name": TYPE}, its own
 *                    time: "dur" less that of the operators that ran within it
 *   of a run         "name": "model_run": all operators since the last such line were its
 *   of a request     the sums over the last n runs / n
 *
 * Cases:
 *  1. Opening answers a row, and calls are tried (6): their runs come first and are left out; fewer
 * runs than requests is an error.
 *  2. The body of a loop or a branch is told before its operator, which holds its time too: events
 *     within [ts, ts + dur] of a later one are taken off it.
 *  3. Times are whole microseconds, cut: an operator of less shows as 0. Who reads is told how many
 *     calls there are; nothing is added for it.
 *  4. The file is opened and unlinked, and its folder removed, as soon as the runtime made it: a
 *     model that then crashes leaves nothing. One that crashes while it is opened leaves it to the
 *     parent (profile_folder_close).
 *  6. Keeping a profile takes some microseconds an operator, ten times what a small one takes on
 * one row (the trees of examples/crash: 9 µs a row, 93 with the profile). So calls have the fewest
 *     rows, 1, 2, 4 … 512, with which the profile makes them at most a quarter longer; a model of a
 *     fixed batch has that. How long the call takes without is told beside.
 *  7. A neighbour that takes the core in the middle of a run would stand with the operator it hit:
 *     runs of more than twice the median are left out, and counted.
 *  5. More types of operators than are told: the last is all that are left, under the name "other".
 */
#include "probe/process/profile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"

#define TRIES 9
#define ROWS_MOST 512
#define BEARABLE 1.25
#define INTERRUPTED 2.0
#define REQUESTS_MOST 100
#define REQUESTS_LEAST 3
#define LINE_MOST (1u << 20)
#define FILE_MOST (512ll << 20)
#define NS_PER_US 1000.0

/* ---- the folder ---- */

nonet_status profile_folder_open(char path[PROFILE_PATH_BYTES], nonet_error *error) {
  const char *folder = getenv("TMPDIR");
  folder = folder != NULL && *folder != '\0' ? folder : "/tmp";
  (void)snprintf(path, PROFILE_PATH_BYTES, "%s/nonet-profile-XXXXXX", folder);
  return mkdtemp(path) != NULL /* mode 0700 */
             ? NONET_OK
             : error_set(error, NONET_E_IO, "no temporary folder can be made in %s: %s; set TMPDIR",
                         folder, strerror(errno));
}

/* Unlinks all files of the folder and removes it; *fd: the first that was there, opened. */
static void take_files(const char *path, int *fd) {
  DIR *folder = opendir(path);
  const struct dirent *entry;
  while (folder != NULL && (entry = readdir(folder)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
      continue;
    }
    if (fd != NULL && *fd < 0) {
      *fd = openat(dirfd(folder), entry->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    (void)unlinkat(dirfd(folder), entry->d_name, 0);
  }
  if (folder != NULL) {
    (void)closedir(folder);
  }
  (void)rmdir(path);
}

void profile_folder_close(const char *path) {
  take_files(path, NULL);
}

/* ---- reading ---- */

struct event {
  double start, end;
};

struct sums {
  json_t *types;     /* TYPE: [calls, µs] */
  json_t *nodes;     /* NODE: [calls, µs, TYPE] */
  struct event *run; /* of this run, none within another */
  size_t n_run, capacity;
  double session_us, inside_us, calls;
};

/* The runs of a file, in order: how long each took, and whether it counts. */
struct runs {
  double *us;
  bool *is_kept;
  size_t n, capacity, kept_capacity;
};

static nonet_status bad_profile(nonet_error *error, const char *what) {
  return error_set(error, NONET_E_DATA, "the runtime's profile %s", what);
}

static void cut(struct text *line, size_t length) {
  if (line->length > length) {
    line->length = length;
    line->data[length] = '\0';
  }
}

/* The next line without its comma; *is_over: there is none. */
static nonet_status next_line(FILE *file, struct text *line, bool *is_over, nonet_error *error) {
  char piece[4096];
  bool is_whole = false;
  cut(line, 0);
  while (!is_whole && line->length < LINE_MOST && fgets(piece, sizeof piece, file) != NULL) {
    text_append(line, piece);
    is_whole = line->length > 0 && line->data[line->length - 1] == '\n';
  }
  *is_over = line->length == 0;
  if (line->failed) {
    return error_memory(error, line->length, "a line of a profile");
  }
  if (line->length >= LINE_MOST) {
    return bad_profile(error, "has a line of more than a million characters");
  }
  while (line->length > 0 && strchr("\r\n,", line->data[line->length - 1]) != NULL) {
    cut(line, line->length - 1);
  }
  return NONET_OK;
}

static bool is_run(const struct text *line) {
  return line->length > 0 && strstr(line->data, "\"model_run\"") != NULL;
}

static double number(const json_t *object, const char *key) {
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : NAN;
}

/* 2. What the event took itself. */
static nonet_status own_time(struct sums *sums, double start, double took, double *own,
                             nonet_error *error) {
  *own = took;
  while (sums->n_run > 0 && sums->run[sums->n_run - 1].start >= start) {
    const struct event *inner = &sums->run[--sums->n_run];
    *own -= inner->end - inner->start;
  }
  *own = fmax(*own, 0);
  if (!memory_grow((void **)&sums->run, &sums->capacity, sums->n_run + 1, sizeof *sums->run)) {
    return error_memory(error, sums->n_run * sizeof *sums->run, "events of a profile");
  }
  sums->run[sums->n_run++] = (struct event){start, start + took};
  return NONET_OK;
}

static bool add_to(json_t *table, const char *name, double us, const char *type) {
  json_t *row = json_object_get(table, name);
  if (row == NULL) {
    row = json_pack("[f, f, s]", 1.0, us, type);
    return json_object_set_new(table, name, row) == 0;
  }
  return json_array_set_new(row, 0, json_real(1 + json_number_value(json_array_get(row, 0)))) ==
             0 &&
         json_array_set_new(row, 1, json_real(us + json_number_value(json_array_get(row, 1)))) == 0;
}

static nonet_status add_node(struct sums *sums, const json_t *event, nonet_error *error) {
  static const char ending[] = "_kernel_time";
  const char *name = json_string_value(json_object_get(event, "name"));
  const char *type = json_string_value(json_object_get(json_object_get(event, "args"), "op_name"));
  const size_t length = name == NULL ? 0 : strlen(name), n_ending = sizeof ending - 1;
  double start = number(event, "ts"), took = number(event, "dur"), own = 0;
  char node[PROBE_TEXT_BYTES];
  if (length < n_ending || strcmp(name + length - n_ending, ending) != 0) {
    return NONET_OK; /* a fence, a copy */
  }
  if (type == NULL || !(start >= 0) || !(took >= 0)) {
    return bad_profile(error, "has an operator without a type or a time");
  }
  nonet_status status = own_time(sums, start, took, &own, error);
  (void)snprintf(node, sizeof node, "%.*s", (int)(length - n_ending), name);
  if (status == NONET_OK && !(add_to(sums->types, type, own, type) &&
                              add_to(sums->nodes, *node == '\0' ? type : node, own, type))) {
    status = error_memory(error, length, "sums of a profile");
  }
  sums->inside_us += own;
  sums->calls += 1;
  return status;
}

static nonet_status add_line(struct sums *sums, const struct text *line, nonet_error *error) {
  json_t *event = NULL;
  if (line->length == 0 || line->data[0] != '{') {
    return NONET_OK; /* the brackets around all */
  }
  nonet_status status =
      json_text_parse(line->data, line->length, "the runtime's profile", &event, error);
  if (status != NONET_OK) {
    return status;
  }
  const char *kind = json_string_value(json_object_get(event, "cat"));
  if (is_run(line)) {
    double took = number(event, "dur");
    sums->session_us += took;
    sums->n_run = 0;
    status = took >= 0 ? NONET_OK : bad_profile(error, "has a run without a time");
  } else if (kind != NULL && strcmp(kind, "Node") == 0) {
    status = add_node(sums, event, error);
  }
  json_decref(event);
  return status;
}

static nonet_status add_run(struct runs *runs, const struct text *line, nonet_error *error) {
  json_t *event = NULL;
  nonet_status status =
      json_text_parse(line->data, line->length, "the runtime's profile", &event, error);
  if (status == NONET_OK &&
      (!memory_grow((void **)&runs->us, &runs->capacity, runs->n + 1, sizeof *runs->us) ||
       !memory_grow((void **)&runs->is_kept, &runs->kept_capacity, runs->n + 1,
                    sizeof *runs->is_kept))) {
    status = error_memory(error, runs->n * sizeof *runs->us, "runs of a profile");
  }
  if (status == NONET_OK) {
    runs->us[runs->n] = number(event, "dur");
    status = runs->us[runs->n++] >= 0 ? NONET_OK : bad_profile(error, "has a run without a time");
  }
  json_decref(event);
  return status;
}

/* One pass over the lines: finds the runs (sums NULL), or sums what is of runs that are kept. */
static nonet_status pass(FILE *file, struct runs *runs, struct sums *sums, nonet_error *error) {
  struct text line = {0};
  bool is_over = false;
  size_t run = 0;
  nonet_status status = NONET_OK;
  rewind(file);
  while (status == NONET_OK && !is_over) {
    status = next_line(file, &line, &is_over, error);
    if (status == NONET_OK && sums != NULL && run < runs->n && runs->is_kept[run]) {
      status = add_line(sums, &line, error);
    } else if (status == NONET_OK && sums == NULL && is_run(&line)) {
      status = add_run(runs, &line, error);
    }
    run += is_run(&line);
  }
  text_clear(&line);
  return status;
}

static int compare_double(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_of(double *x, size_t n) {
  qsort(x, n, sizeof *x, compare_double);
  return x[n / 2];
}

/* 7. Of the last n runs those that took at most INTERRUPTED medians, as did their requests; the
 * mean time of these. */
static nonet_status keep_runs(struct runs *runs, const double *request_ns, size_t n,
                              struct probe_profile *found, nonet_error *error) {
  double *sorted = memory_new(n, sizeof *sorted), all_ns = 0;
  if (sorted == NULL) {
    return error_memory(error, n * sizeof *sorted, "runs of a profile");
  }
  memcpy(sorted, runs->us + runs->n - n, n * sizeof *sorted);
  const double most_us = fmax(INTERRUPTED * median_of(sorted, n), 1);
  memcpy(sorted, request_ns, n * sizeof *sorted);
  const double most_ns = INTERRUPTED * median_of(sorted, n);
  found->n_requests = 0;
  for (size_t i = 0; i < runs->n; i++) {
    const size_t first = runs->n - n;
    runs->is_kept[i] = i >= first && runs->us[i] <= most_us && request_ns[i - first] <= most_ns;
    found->n_requests += runs->is_kept[i];
    all_ns += runs->is_kept[i] ? request_ns[i - first] : 0;
  }
  found->n_left_out = n - found->n_requests;
  found->request_ns = all_ns / (double)found->n_requests;
  memory_free(sorted);
  return NONET_OK;
}

/* ---- by time ---- */

static double us_of(const json_t *row) {
  return json_number_value(json_array_get(row, 1));
}

/* The costliest that is left in the table, taken out of it. */
static void take_most(json_t *table, double n, struct probe_operator *out, char *type) {
  const char *name, *most = NULL;
  json_t *row, *best = NULL;
  json_object_foreach(table, name, row) {
    if (best == NULL || us_of(row) > us_of(best) ||
        (us_of(row) == us_of(best) && strcmp(name, most) < 0)) {
      best = row;
      most = name;
    }
  }
  if (best == NULL) {
    return;
  }
  probe_text(out->name, most);
  out->calls = json_number_value(json_array_get(best, 0)) / n;
  out->ns = NS_PER_US * us_of(best) / n;
  if (type != NULL) {
    probe_text(type, json_string_value(json_array_get(best, 2)));
  }
  (void)json_object_del(table, most);
}

static void take_rest(const json_t *table, double n, struct probe_operator *out) {
  const char *name;
  json_t *row;
  *out = (struct probe_operator){.name = "other"};
  json_object_foreach((json_t *)table, name, row) {
    out->calls += json_number_value(json_array_get(row, 0)) / n;
    out->ns += NS_PER_US * us_of(row) / n;
  }
}

static void settle(struct sums *sums, struct probe_profile *found) {
  const double n = (double)found->n_requests;
  found->session_ns = NS_PER_US * sums->session_us / n;
  found->inside_ns = NS_PER_US * sums->inside_us / n;
  found->calls = sums->calls / n;
  found->n_types_all = json_object_size(sums->types);
  found->n_types = found->n_types_all < PROBE_OPERATORS ? found->n_types_all : PROBE_OPERATORS;
  for (size_t i = 0; i < found->n_types; i++) {
    if (i + 1 == PROBE_OPERATORS && found->n_types_all > PROBE_OPERATORS) { /* 5 */
      take_rest(sums->types, n, &found->type[i]);
    } else {
      take_most(sums->types, n, &found->type[i], NULL);
    }
  }
  take_most(sums->nodes, n, &found->node, found->node_type);
}

static nonet_status sum_file(FILE *file, const double *request_ns, size_t n, struct runs *runs,
                             struct sums *sums, struct probe_profile *found, nonet_error *error) {
  nonet_status status = pass(file, runs, NULL, error);
  if (status == NONET_OK && runs->n < n) { /* 1 */
    status = error_set(error, NONET_E_DATA,
                       "the runtime's profile has %zu runs; expected %zu or more", runs->n, n);
  }
  if (status == NONET_OK) {
    status = keep_runs(runs, request_ns, n, found, error);
  }
  if (status == NONET_OK && found->n_requests == 0) {
    status = bad_profile(error, "has no run that was not interrupted");
  }
  if (status == NONET_OK) {
    status = pass(file, runs, sums, error);
  }
  if (status == NONET_OK && sums->calls == 0) {
    status = bad_profile(error, "names no operators");
  }
  if (status == NONET_OK) {
    settle(sums, found);
  }
  return status;
}

nonet_status profile_sum(int fd, const double *request_ns, size_t n, struct probe_profile *found,
                         nonet_error *error) {
  struct sums sums = {.types = json_object(), .nodes = json_object()};
  struct runs runs = {0};
  int copy = dup(fd);
  FILE *file = copy < 0 ? NULL : fdopen(copy, "r");
  nonet_status status;
  if (sums.types == NULL || sums.nodes == NULL) {
    status = error_memory(error, 1, "sums of a profile");
  } else if (file == NULL) {
    status = bad_profile(error, "cannot be read");
  } else {
    status = sum_file(file, request_ns, n, &runs, &sums, found, error);
  }
  if (file != NULL) {
    (void)fclose(file);
  } else if (copy >= 0) {
    (void)close(copy);
  }
  memory_free(runs.us);
  memory_free(runs.is_kept);
  memory_free(sums.run);
  json_decref(sums.types);
  json_decref(sums.nodes);
  return status;
}

/* ---- asking ---- */

static double now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

/* One model, opened twice: with the profile, and without. */
struct asked {
  const struct driver *driver;
  const struct driver_rows *rows;
  void *model[2], *session[2];
  size_t most_rows; /* in a call */
  double *scores;
  uint32_t *labels;
};

enum { PROFILED, PLAIN };

static nonet_status ask_once(struct asked *asked, int which, size_t n_rows, size_t number,
                             double *ns, nonet_error *error) {
  size_t n_calls = asked->rows->n / n_rows, start = n_rows * (number % n_calls);
  double before = now_ns();
  nonet_status status = asked->driver->answer(asked->session[which], asked->rows, start, n_rows,
                                              asked->scores, asked->labels, error);
  *ns = now_ns() - before;
  return status;
}

/* Medians of TRIES calls with and without the profile, in turn. */
static nonet_status try_size(struct asked *asked, size_t n_rows, double median_ns[2],
                             nonet_error *error) {
  double ns[2][TRIES];
  nonet_status status = NONET_OK;
  for (size_t k = 0; k < 2 * TRIES && status == NONET_OK; k++) {
    status = ask_once(asked, (int)(k % 2), n_rows, k / 2, &ns[k % 2][k / 2], error);
  }
  for (int which = 0; which < 2 && status == NONET_OK; which++) {
    median_ns[which] = median_of(ns[which], TRIES);
  }
  return status;
}

/* 6. */
static nonet_status choose_rows(struct asked *asked, struct probe_profile *found,
                                nonet_error *error) {
  const size_t fixed = asked->driver->fixed_batch(asked->model[PLAIN]);
  size_t n_rows = fixed > 0 ? fixed : 1;
  double median_ns[2] = {0, 0};
  nonet_status status =
      n_rows <= asked->most_rows
          ? try_size(asked, n_rows, median_ns, error)
          : error_set(error, NONET_E_DATA, "a batch of %zu rows is more than there are", fixed);
  while (status == NONET_OK && fixed == 0 && median_ns[PROFILED] > BEARABLE * median_ns[PLAIN] &&
         2 * n_rows <= asked->most_rows) {
    n_rows *= 2;
    status = try_size(asked, n_rows, median_ns, error);
  }
  found->n_rows = n_rows;
  found->plain_ns = median_ns[PLAIN];
  return status;
}

/* The calls that are kept: at most REQUESTS_MOST and, after REQUESTS_LEAST, until time is over. */
static nonet_status ask_kept(struct asked *asked, double seconds, size_t n_rows,
                             double ns[REQUESTS_MOST], size_t *n, nonet_error *error) {
  const double start = now_ns();
  nonet_status status = NONET_OK;
  for (*n = 0; *n < REQUESTS_MOST && status == NONET_OK; ++*n) {
    if (*n >= REQUESTS_LEAST && now_ns() - start > 1e9 * seconds) {
      break;
    }
    status = ask_once(asked, PROFILED, n_rows, *n, &ns[*n], error);
  }
  return status;
}

static nonet_status asked_open(struct asked *asked, const json_t *request, const json_t *spec,
                               int *fd, nonet_error *error) {
  const char *folder = json_string_value(json_object_get(request, "profile"));
  json_t *plain = json_copy((json_t *)request);
  size_t n_scores = 1;
  nonet_status status = plain == NULL ? error_memory(error, 1, "a request") : NONET_OK;
  (void)json_object_del(plain, "profile");
  for (int which = 0; which < 2 && status == NONET_OK; which++) {
    status = asked->driver->open(which == PROFILED ? request : plain, spec, asked->most_rows,
                                 asked->rows, &asked->model[which], error);
    if (which == PROFILED && folder != NULL) {
      take_files(folder, fd); /* 4 */
    }
    if (status == NONET_OK) {
      status = asked->driver->session_open(asked->model[which], &asked->session[which], error);
    }
  }
  json_decref(plain);
  if (status == NONET_OK && *fd < 0) {
    status = bad_profile(error, "was not made");
  }
  if (status == NONET_OK) {
    n_scores = asked->driver->n_scores(asked->model[PLAIN]);
    asked->scores = memory_zeroed(asked->most_rows * n_scores, sizeof *asked->scores);
    asked->labels = memory_zeroed(asked->most_rows, sizeof *asked->labels);
    if (asked->scores == NULL || asked->labels == NULL) {
      status = error_memory(error, asked->most_rows * n_scores * sizeof(double), "answers");
    }
  }
  return status;
}

static void asked_close(struct asked *asked) {
  for (int which = 0; which < 2; which++) {
    if (asked->session[which] != NULL) {
      asked->driver->session_close(asked->session[which]);
    }
    if (asked->model[which] != NULL) {
      asked->driver->close(asked->model[which]);
    }
  }
  memory_free(asked->scores);
  memory_free(asked->labels);
}

nonet_status profile_ask(const struct driver *driver, const json_t *request, const json_t *spec,
                         const struct driver_rows *rows, struct probe_profile *found,
                         nonet_error *error) {
  struct asked asked = {
      .driver = driver, .rows = rows, .most_rows = rows->n < ROWS_MOST ? rows->n : ROWS_MOST};
  double ns[REQUESTS_MOST];
  size_t n = 0;
  int fd = -1;
  *found = (struct probe_profile){0};
  nonet_status status = asked_open(&asked, request, spec, &fd, error);
  if (status == NONET_OK) {
    status = choose_rows(&asked, found, error);
  }
  if (status == NONET_OK) {
    status = ask_kept(&asked, json_number_value(json_object_get(request, "seconds")), found->n_rows,
                      ns, &n, error);
  }
  if (status == NONET_OK) {
    status = driver->profile_end(asked.model[PROFILED], error);
  }
  if (status == NONET_OK && lseek(fd, 0, SEEK_END) > FILE_MOST) {
    status = bad_profile(error, "is larger than 512 MiB");
  }
  if (status == NONET_OK) {
    status = profile_sum(fd, ns, n, found, error);
  }
  asked_close(&asked);
  if (fd >= 0) {
    (void)close(fd);
  }
  return status;
}

/* ---- to the parent ---- */

static json_t *operator_json(const struct probe_operator *operator) {
  return json_pack("[s, f, f]", operator->name, operator->calls, operator->ns);
}

json_t *profile_json(const struct probe_profile *found) {
  json_t *types = json_array();
  for (size_t i = 0; i < found->n_types; i++) {
    if (json_array_append_new(types, operator_json(&found->type[i])) != 0) {
      json_decref(types);
      return NULL;
    }
  }
  return json_pack("{s:{s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:o, s:o, s:s}}", "profile",
                   "requests", (json_int_t)found->n_requests, "left_out",
                   (json_int_t)found->n_left_out, "rows", (json_int_t)found->n_rows, "request_ns",
                   found->request_ns, "plain_ns", found->plain_ns, "session_ns", found->session_ns,
                   "inside_ns", found->inside_ns, "calls", found->calls, "types_all",
                   (json_int_t)found->n_types_all, "types", types, "node",
                   operator_json(&found->node), "node_type", found->node_type);
}

static bool take_number(const json_t *value, double *out) {
  *out = json_is_number(value) ? json_number_value(value) : NAN;
  return *out >= 0 && *out <= 1e18;
}

static bool take_operator(const json_t *row, struct probe_operator *out) {
  const char *name = json_string_value(json_array_get(row, 0));
  probe_text(out->name, name == NULL ? "" : name);
  return name != NULL && take_number(json_array_get(row, 1), &out->calls) &&
         take_number(json_array_get(row, 2), &out->ns);
}

nonet_status profile_take(const json_t *reply, struct probe_profile *found, nonet_error *error) {
  const json_t *row = json_object_get(reply, "profile"), *types = json_object_get(row, "types");
  const char *node_type = json_string_value(json_object_get(row, "node_type"));
  double n = 0, n_all = 0, n_rows = 0, n_left_out = 0;
  *found = (struct probe_profile){.n_types = json_array_size(types)};
  bool is_good = found->n_types >= 1 && found->n_types <= PROBE_OPERATORS && node_type != NULL &&
                 take_number(json_object_get(row, "requests"), &n) && n >= 1 &&
                 take_number(json_object_get(row, "types_all"), &n_all) &&
                 n_all >= (double)found->n_types &&
                 take_number(json_object_get(row, "request_ns"), &found->request_ns) &&
                 take_number(json_object_get(row, "left_out"), &n_left_out) &&
                 take_number(json_object_get(row, "rows"), &n_rows) && n_rows >= 1 &&
                 take_number(json_object_get(row, "plain_ns"), &found->plain_ns) &&
                 take_number(json_object_get(row, "session_ns"), &found->session_ns) &&
                 take_number(json_object_get(row, "inside_ns"), &found->inside_ns) &&
                 take_number(json_object_get(row, "calls"), &found->calls) &&
                 take_operator(json_object_get(row, "node"), &found->node) &&
                 found->request_ns > 0 && found->plain_ns > 0;
  for (size_t i = 0; i < found->n_types && is_good; i++) {
    is_good = take_operator(json_array_get(types, i), &found->type[i]);
  }
  if (!is_good) {
    return error_set(error, NONET_E_DATA, "the helper's answer has no sound 'profile'");
  }
  probe_text(found->node_type, node_type);
  found->n_requests = (size_t)n;
  found->n_rows = (size_t)n_rows;
  found->n_left_out = (size_t)n_left_out;
  found->n_types_all = (size_t)n_all;
  return NONET_OK;
}
