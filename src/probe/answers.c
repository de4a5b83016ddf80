/*
 * The life of what probes found (answers.h).
 *
 * Cases:
 *  1. Zeroed answers: nothing was asked; clearing them, and clearing twice, is fine.
 *  2. A reason longer than its place ends after a word, with "…"; it comes from runtimes, whose
 *     messages have no bound, no promise of UTF-8, and lines.
 *  3. A launch that is added changes hands: the caller's struct is zeroed, also when memory is
 * short (then its arrays are freed).
 */
#include "probe/answers.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/utf8.h"

const char *probe_name(enum probe_id id) {
  static const char *const names[N_PROBES] = {
      "artifact", "loads",  "determinism", "latency",        "starts",  "batches",
      "train",    "parity", "contract",    "counterfactual", "profile", "threads"};
  return (unsigned)id < N_PROBES ? names[id] : "";
}

const char *probe_breach_name(enum probe_breach breach) {
  static const char *const names[N_BREACHES] = {"missing column",  "extra column", "null",
                                                "unseen category", "wrong type",   "huge value"};
  return (unsigned)breach < N_BREACHES ? names[breach] : "";
}

/* Case 2: of a full place what ends before a blank, or, of a word without end, whole characters. */
static size_t cut_at_word(char to[PROBE_TEXT_BYTES]) {
  static const char more[] = "…";
  const size_t most = PROBE_TEXT_BYTES - sizeof more;
  size_t at = most;
  while (at > most / 2 && to[at - 1] != ' ') {
    at--;
  }
  if (at == most / 2) {
    for (at = most - 1; at > 0 && ((unsigned char)to[at] & 0xc0) == 0x80;) {
      at--;
    }
  }
  while (at > 0 && to[at - 1] == ' ') {
    at--;
  }
  memcpy(to + at, more, sizeof more - 1);
  return at + sizeof more - 1;
}

void probe_text(char to[PROBE_TEXT_BYTES], const char *from) {
  size_t length = strlen(from), at = 0, n = 0;
  while (at < length) {
    uint32_t code;
    size_t used = utf8_decode(from + at, length - at, &code);
    bool is_plain = used > 0 && code >= ' ';
    size_t room = is_plain ? used : 1;
    if (n + room >= PROBE_TEXT_BYTES) {
      n = cut_at_word(to); /* 2 */
      break;
    }
    memcpy(to + n, is_plain ? from + at : used > 0 ? " " : "?", room);
    n += room;
    at += used > 0 ? used : 1;
  }
  while (n > 0 && to[n - 1] == ' ') {
    n--;
  }
  to[n] = '\0';
}

void probe_fail(struct probe_answers *answers, enum probe_id id, int stream,
                enum probe_status status, const char *format, ...) {
  struct probe_state *state = &answers->stream[stream].state[id];
  char text[2 * NONET_ERROR_BYTES];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  probe_text(state->reason, text);
  state->status = status;
}

void probe_launch_clear(struct probe_launch *launch) {
  memory_free(launch->blocks);
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(launch->ns[s]);
  }
  *launch = (struct probe_launch){0};
}

nonet_status probe_latency_add(struct probe_latency *latency, struct probe_launch *launch,
                               nonet_error *error) {
  size_t n_bytes = (latency->n_launches + 1) * sizeof *latency->launches;
  void *grown = memory_resize(latency->launches, 1, n_bytes);
  if (grown == NULL) {
    probe_launch_clear(launch); /* 3 */
    return error_memory(error, n_bytes, "a launch's times");
  }
  latency->launches = grown;
  latency->launches[latency->n_launches++] = *launch;
  *launch = (struct probe_launch){0};
  return NONET_OK;
}

void probe_answers_clear(struct probe_answers *answers) {
  for (size_t i = 0; i < answers->latency.n_launches; i++) {
    probe_launch_clear(&answers->latency.launches[i]);
  }
  memory_free(answers->latency.launches);
  for (int s = 0; s < N_STREAMS; s++) {
    memory_free(answers->stream[s].counterfactual.flips);
    memory_free(answers->stream[s].counterfactual.clusters);
  }
  *answers = (struct probe_answers){0}; /* 1 */
}
