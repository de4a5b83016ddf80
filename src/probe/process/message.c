/*
 * Replies of the helper to JSON and back (message.h).
 *
 * Cases:
 *  1. A field that is missing, of another type, negative or not finite: an error, never a default.
 *  2. Blocks that do not tile the times of their stream: an error; a chart would read past the end.
 *  3. A model that was asked must have times, one that was not must have none.
 */
#include "probe/process/message.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"

#define MOST_NUMBERS 10000000

/* ---- to JSON ---- */

json_t *message_of_error(const nonet_error *error, int stream) {
  return json_pack("{s:s, s:i}", "error", error->message, "stream", stream);
}

json_t *message_of_loads(const struct probe_loads *loads) {
  json_t *steps = json_array();
  for (size_t i = 0; i < loads->n_steps; i++) {
    const struct probe_load_step *step = &loads->step[i];
    json_t *row = json_pack("{s:I, s:b, s:s}", "rows", (json_int_t)step->n_rows, "ok",
                            (int)step->is_ok, "error", step->error);
    if (json_array_append_new(steps, row) != 0) {
      json_decref(steps);
      return NULL;
    }
  }
  return json_pack("{s:o}", "loads", steps);
}

json_t *message_of_determinism(const struct probe_determinism *found) {
  return json_pack("{s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}}", "determinism", "rows",
                   (json_int_t)found->n_rows, "runs", (json_int_t)found->n_runs, "repeats",
                   (json_int_t)found->n_repeats, "batch_sizes", (json_int_t)found->n_batch_sizes,
                   "threads", (json_int_t)found->n_threads, "orders", (json_int_t)found->n_orders,
                   "rows_changed", (json_int_t)found->n_rows_changed, "labels_changed",
                   (json_int_t)found->n_labels_changed, "largest_difference",
                   json_text_real(found->largest_difference));
}

static json_t *reals(const double *values, size_t n) {
  json_t *array = json_array();
  for (size_t i = 0; i < n; i++) {
    if (json_array_append_new(array, json_text_real(values[i])) != 0) {
      json_decref(array);
      return NULL;
    }
  }
  return array;
}

json_t *message_of_launch(const struct probe_launch *launch, double overhead_ns,
                          const char *no_power) {
  json_t *blocks = json_array();
  for (size_t i = 0; i < launch->n_blocks; i++) {
    const struct probe_block *block = &launch->blocks[i];
    json_t *row = json_pack("[i, I]", block->stream, (json_int_t)block->n);
    if (json_array_append_new(blocks, row) != 0) {
      json_decref(blocks);
      return NULL;
    }
  }
  return json_pack(
      "{s:{s:o, s:[o, o], s:[I, I], s:[f, f], s:[f, f], s:[o, o], s:f, s:f, s:f, s:f, "
      "s:s}}",
      "latency", "blocks", blocks, "ns", reals(launch->ns[STREAM_A], launch->n[STREAM_A]),
      reals(launch->ns[STREAM_B], launch->n[STREAM_B]), "warm_up",
      (json_int_t)launch->n_warm_up[STREAM_A], (json_int_t)launch->n_warm_up[STREAM_B], "open_ns",
      launch->open_ns[STREAM_A], launch->open_ns[STREAM_B], "cpu_ns", launch->cpu_ns[STREAM_A],
      launch->cpu_ns[STREAM_B], "energy_uj", json_text_real(launch->energy_uj[STREAM_A]),
      json_text_real(launch->energy_uj[STREAM_B]), "run_queue", launch->run_queue, "steal",
      launch->steal, "mhz", launch->mhz, "overhead_ns", overhead_ns, "no_power", no_power);
}

/* ---- from JSON ---- */

const char *message_error(const json_t *reply, int *stream) {
  const json_t *number = json_object_get(reply, "stream");
  json_int_t value = json_is_integer(number) ? json_integer_value(number) : -1;
  *stream = value == STREAM_A || value == STREAM_B ? (int)value : -1;
  return json_string_value(json_object_get(reply, "error"));
}

static nonet_status garbled(nonet_error *error, const char *what) {
  return error_set(error, NONET_E_DATA, "the helper's answer has no sound '%s'", what); /* 1 */
}

static bool read_number(const json_t *value, double most, double *out) {
  *out = json_is_number(value) ? json_number_value(value) : NAN;
  return *out >= 0 && *out <= most;
}

static bool read_count(const json_t *object, const char *key, size_t *out) {
  double value;
  const json_t *field = json_object_get(object, key);
  bool is_good = json_is_integer(field) && read_number(field, MOST_NUMBERS, &value);
  *out = is_good ? (size_t)value : 0;
  return is_good;
}

nonet_status message_loads(const json_t *reply, struct probe_loads *loads, nonet_error *error) {
  const json_t *steps = json_object_get(reply, "loads");
  *loads = (struct probe_loads){.n_steps = json_array_size(steps)};
  if (loads->n_steps < 1 || loads->n_steps > PROBE_LOAD_STEPS) {
    return garbled(error, "loads");
  }
  for (size_t i = 0; i < loads->n_steps; i++) {
    const json_t *row = json_array_get(steps, i), *ok = json_object_get(row, "ok");
    const char *text = json_string_value(json_object_get(row, "error"));
    if (!read_count(row, "rows", &loads->step[i].n_rows) || !json_is_boolean(ok) || text == NULL) {
      return garbled(error, "loads");
    }
    loads->step[i].is_ok = json_is_true(ok);
    probe_text(loads->step[i].error, text);
  }
  return NONET_OK;
}

nonet_status message_determinism(const json_t *reply, struct probe_determinism *found,
                                 nonet_error *error) {
  const json_t *row = json_object_get(reply, "determinism");
  *found = (struct probe_determinism){0};
  struct {
    const char *key;
    size_t *count;
  } fields[] = {{"rows", &found->n_rows},
                {"runs", &found->n_runs},
                {"repeats", &found->n_repeats},
                {"batch_sizes", &found->n_batch_sizes},
                {"threads", &found->n_threads},
                {"orders", &found->n_orders},
                {"rows_changed", &found->n_rows_changed},
                {"labels_changed", &found->n_labels_changed}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (!read_count(row, fields[i].key, fields[i].count)) {
      return garbled(error, fields[i].key);
    }
  }
  const json_t *largest = json_object_get(row, "largest_difference");
  if (json_is_null(largest)) {
    found->largest_difference = INFINITY; /* an answer was not finite in one run only */
  } else if (!read_number(largest, INFINITY, &found->largest_difference)) {
    return garbled(error, "largest_difference");
  }
  if (found->n_rows == 0 || found->n_rows_changed > found->n_rows ||
      found->n_labels_changed > found->n_rows) {
    return garbled(error, "rows_changed");
  }
  return NONET_OK;
}

/* Two numbers, one for each stream. */
static bool read_pair(const json_t *object, const char *key, double most, double out[N_STREAMS]) {
  const json_t *pair = json_object_get(object, key);
  return json_array_size(pair) == N_STREAMS &&
         read_number(json_array_get(pair, STREAM_A), most, &out[STREAM_A]) &&
         read_number(json_array_get(pair, STREAM_B), most, &out[STREAM_B]);
}

static nonet_status read_times(const json_t *array, double **out, size_t *n, nonet_error *error) {
  *n = json_array_size(array);
  if (!json_is_array(array) || *n > MOST_NUMBERS) {
    *n = 0;
    return garbled(error, "ns");
  }
  *out = memory_new(*n + 1, sizeof **out);
  if (*out == NULL) {
    return error_memory(error, *n * sizeof **out, "times of requests");
  }
  for (size_t i = 0; i < *n; i++) {
    if (!read_number(json_array_get(array, i), 1e18, &(*out)[i])) {
      return garbled(error, "ns");
    }
  }
  return NONET_OK;
}

static nonet_status read_blocks(const json_t *array, struct probe_launch *launch,
                                nonet_error *error) {
  size_t at[N_STREAMS] = {0, 0}, n = json_array_size(array);
  launch->blocks = memory_zeroed(n + 1, sizeof *launch->blocks);
  if (launch->blocks == NULL) {
    return error_memory(error, n * sizeof *launch->blocks, "blocks of requests");
  }
  for (; launch->n_blocks < n; launch->n_blocks++) {
    const json_t *row = json_array_get(array, launch->n_blocks);
    double stream, size;
    if (json_array_size(row) != 2 || !read_number(json_array_get(row, 0), 1, &stream) ||
        !read_number(json_array_get(row, 1), MOST_NUMBERS, &size)) {
      return garbled(error, "blocks");
    }
    int s = stream < 1 ? STREAM_A : STREAM_B;
    launch->blocks[launch->n_blocks] = (struct probe_block){s, at[s], (size_t)size};
    at[s] += (size_t)size;
  }
  return at[STREAM_A] == launch->n[STREAM_A] && at[STREAM_B] == launch->n[STREAM_B]
             ? NONET_OK
             : garbled(error, "blocks"); /* 2 */
}

/* Null: there is no counter. */
static bool read_energy(const json_t *row, struct probe_launch *launch) {
  const json_t *pair = json_object_get(row, "energy_uj");
  bool is_good = json_array_size(pair) == N_STREAMS;
  for (int s = 0; s < N_STREAMS && is_good; s++) {
    const json_t *value = json_array_get(pair, (size_t)s);
    launch->energy_uj[s] = NAN;
    is_good = json_is_null(value) || read_number(value, 1e18, &launch->energy_uj[s]);
  }
  return is_good;
}

static nonet_status read_launch(const json_t *row, const bool has[N_STREAMS],
                                struct probe_launch *launch, double *overhead_ns,
                                nonet_error *error) {
  const json_t *ns = json_object_get(row, "ns");
  double warm_up[N_STREAMS];
  nonet_status status = json_array_size(ns) == N_STREAMS ? NONET_OK : garbled(error, "ns");
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = read_times(json_array_get(ns, (size_t)s), &launch->ns[s], &launch->n[s], error);
    if (status == NONET_OK && (launch->n[s] > 0) != has[s]) {
      status = garbled(error, "ns"); /* 3 */
    }
  }
  if (status == NONET_OK) {
    status = read_blocks(json_object_get(row, "blocks"), launch, error);
  }
  if (status == NONET_OK &&
      (!read_pair(row, "warm_up", MOST_NUMBERS, warm_up) ||
       !read_pair(row, "open_ns", 1e18, launch->open_ns) ||
       !read_number(json_object_get(row, "run_queue"), 1e9, &launch->run_queue) ||
       !read_number(json_object_get(row, "steal"), 1, &launch->steal) ||
       !read_number(json_object_get(row, "mhz"), 1e9, &launch->mhz) ||
       !read_pair(row, "cpu_ns", 1e18, launch->cpu_ns) || !read_energy(row, launch) ||
       !read_number(json_object_get(row, "overhead_ns"), 1e18, overhead_ns))) {
    status = garbled(error, "latency");
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    launch->n_warm_up[s] = (size_t)warm_up[s];
  }
  return status;
}

nonet_status message_launch(const json_t *reply, const bool has[N_STREAMS],
                            struct probe_launch *launch, double *overhead_ns, nonet_error *error) {
  *launch = (struct probe_launch){0};
  *overhead_ns = 0;
  nonet_status status =
      read_launch(json_object_get(reply, "latency"), has, launch, overhead_ns, error);
  if (status != NONET_OK) {
    probe_launch_clear(launch);
  }
  return status;
}

void message_no_power(const json_t *reply, char to[PROBE_TEXT_BYTES]) {
  const char *said =
      json_string_value(json_object_get(json_object_get(reply, "latency"), "no_power"));
  probe_text(to, said == NULL ? "" : said);
}

/* ---- starts ---- */

json_t *message_of_start(const struct probe_start *start, double answered_ns, size_t n_rows,
                         const struct probe_launch *machine) {
  return json_pack("{s:{s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:f, s:f}}", "starts", "answered_ns",
                   answered_ns, "open_ns", start->open_ns, "warm_up", start->warm_up, "bare_bytes",
                   start->bare_bytes, "load_bytes", start->load_bytes, "peak_bytes",
                   start->peak_bytes, "rows", (json_int_t)n_rows, "run_queue", machine->run_queue,
                   "steal", machine->steal);
}

nonet_status message_start(const json_t *reply, double spawned_ns, struct probe_start *start,
                           size_t *n_rows, struct probe_launch *machine, nonet_error *error) {
  const json_t *row = json_object_get(reply, "starts");
  double answered_ns = 0;
  struct {
    const char *key;
    double most, *to;
  } fields[] = {
      {"answered_ns", 1e19, &answered_ns},        {"open_ns", 1e18, &start->open_ns},
      {"warm_up", MOST_NUMBERS, &start->warm_up}, {"bare_bytes", 1e18, &start->bare_bytes},
      {"load_bytes", 1e18, &start->load_bytes},   {"peak_bytes", 1e18, &start->peak_bytes},
      {"run_queue", 1e9, &machine->run_queue},    {"steal", 1, &machine->steal}};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (!read_number(json_object_get(row, fields[i].key), fields[i].most, fields[i].to)) {
      return garbled(error, fields[i].key);
    }
  }
  start->cold_ns = answered_ns - spawned_ns;
  if (!read_count(row, "rows", n_rows) || !(start->cold_ns > 0)) {
    return garbled(error, "starts");
  }
  return NONET_OK;
}

/* ---- batches ---- */

json_t *message_of_batches(const struct probe_batches *batches) {
  json_t *streams = json_array();
  for (int s = 0; s < N_STREAMS; s++) {
    json_t *rows = json_array();
    for (size_t k = 0; k < batches->n_sizes[s]; k++) {
      json_t *row =
          json_pack("[I, f]", (json_int_t)batches->size[s][k], batches->rate_per_s[s][0][k]);
      if (json_array_append_new(rows, row) != 0) {
        json_decref(rows);
        rows = NULL;
        break;
      }
    }
    if (json_array_append_new(streams, rows) != 0) {
      json_decref(streams);
      return NULL;
    }
  }
  return json_pack("{s:{s:o, s:f, s:f}}", "batches", "streams", streams, "run_queue",
                   batches->run_queue, "steal", batches->steal);
}

nonet_status message_batches(const json_t *reply, const bool has[N_STREAMS],
                             struct probe_batches *one, nonet_error *error) {
  const json_t *row = json_object_get(reply, "batches"), *streams = json_object_get(row, "streams");
  *one = (struct probe_batches){.n_launches = 1};
  bool is_good = json_array_size(streams) == N_STREAMS &&
                 read_number(json_object_get(row, "run_queue"), 1e9, &one->run_queue) &&
                 read_number(json_object_get(row, "steal"), 1, &one->steal);
  for (int s = 0; s < N_STREAMS && is_good; s++) {
    const json_t *rows = json_array_get(streams, (size_t)s);
    one->n_sizes[s] = json_array_size(rows);
    is_good = one->n_sizes[s] <= PROBE_BATCH_SIZES && (one->n_sizes[s] > 0) == has[s]; /* 3 */
    for (size_t k = 0; k < one->n_sizes[s] && is_good; k++) {
      const json_t *pair = json_array_get(rows, k);
      double size = 0;
      is_good = json_array_size(pair) == 2 &&
                read_number(json_array_get(pair, 0), MOST_NUMBERS, &size) && size >= 1 &&
                read_number(json_array_get(pair, 1), 1e15, &one->rate_per_s[s][0][k]) &&
                one->rate_per_s[s][0][k] > 0;
      one->size[s][k] = is_good ? (size_t)size : 0;
    }
  }
  return is_good ? NONET_OK : garbled(error, "batches");
}
