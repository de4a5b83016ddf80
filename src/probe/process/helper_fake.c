/*
 * nonet-probe of the tests: its models are words in the request's `path`, and do what no model
 * should: sleep, crash, hang, refuse, chatter, leave children behind, change their mind.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "probe/process/helper.h"

struct fake {
  char word[32];
  FILE *profile; /* NULL: none is kept */
};

static bool is(const struct fake *fake, const char *word) {
  return strcmp(fake->word, word) == 0;
}

static nonet_status fake_open(const json_t *request, const json_t *spec, size_t batch_rows,
                              const struct driver_rows *rows, void **model, nonet_error *error) {
  struct fake *fake = memory_zeroed(1, sizeof *fake);
  const char *word = json_string_value(json_object_get(spec, "path"));
  (void)batch_rows;
  (void)rows;
  *model = NULL;
  if (fake == NULL || word == NULL) {
    memory_free(fake);
    return error_set(error, NONET_E_DATA, "a fake model needs a path");
  }
  (void)snprintf(fake->word, sizeof fake->word, "%s", word);
  if (is(fake, "refuse")) {
    memory_free(fake);
    return error_set(error, NONET_E_DATA, "no operator 'Foo' in opset 99");
  }
  if (is(fake, "one thread") && json_integer_value(json_object_get(spec, "threads")) > 1) {
    memory_free(fake);
    return error_set(error, NONET_E_DATA, "only one thread can be had");
  }
  if (is(fake, "last words")) {
    fputs("some noise\nterminate called after throwing 'Ort::Exception'\n", stderr);
    exit(3);
  }
  if (is(fake, "garbage")) {
    memory_free(fake);
    exit(write(HELPER_REPLY, "}}}", 3) == 3 ? 0 : 1);
  }
  if (is(fake, "children") && fork() == 0) { /* keeps the pipe open, and would outlive everyone */
    for (;;) {
      pause();
    }
  }
  const char *folder = json_string_value(json_object_get(request, "profile"));
  if (folder != NULL && !is(fake, "no profile")) {
    char path[4200];
    (void)snprintf(path, sizeof path, "%s/fake.json", folder);
    fake->profile = fopen(path, "w");
  }
  if (folder != NULL && is(fake, "crash early")) {
    (void)raise(SIGKILL);
  }
  *model = fake;
  return NONET_OK;
}

/* Two operators a call, A of 3 µs and B of 5, in a run of 10. */
static void tell_profile(const struct fake *fake) {
  if (fake->profile != NULL) {
    fputs(
        "{\"cat\":\"Node\",\"name\":\"a_kernel_time\",\"ts\":1,\"dur\":3,\"args\":{\"op_name\":"
        "\"A\"}},\n{\"cat\":\"Node\",\"name\":\"b_kernel_time\",\"ts\":4,\"dur\":5,\"args\":{"
        "\"op_name\":\"B\"}},\n{\"cat\":\"Session\",\"name\":\"model_run\",\"ts\":0,\"dur\":10},\n",
        fake->profile);
  }
}

static nonet_status fake_profile_end(void *model, nonet_error *error) {
  struct fake *fake = model;
  (void)error;
  (void)fflush(fake->profile);
  return NONET_OK;
}

static void fake_close(void *model) {
  struct fake *fake = model;
  if (fake->profile != NULL) {
    (void)fclose(fake->profile);
  }
  memory_free(fake);
}

static size_t fake_n_scores(const void *model) {
  (void)model;
  return 1;
}

static size_t fake_fixed_batch(const void *model) {
  return is(model, "fixed") ? 4 : 0;
}

static nonet_status fake_session_open(void *model, void **session, nonet_error *error) {
  (void)error;
  *session = model;
  return NONET_OK;
}

static void fake_session_close(void *session) {
  (void)session;
}

/* Some 10 µs of arithmetic; "work 120" takes a fifth more. */
static void work(const struct fake *fake) {
  volatile double x = 1;
  long n = strtol(fake->word + strlen("work"), NULL, 10);
  for (long i = 0; i < 40 * (n > 0 ? n : 100); i++) {
    x = x * 1.0000001 + 1e-9;
  }
}

static nonet_status fake_answer(void *session, const struct driver_rows *rows, size_t start,
                                size_t n, double *scores, uint32_t *labels, nonet_error *error) {
  const struct fake *fake = session;
  (void)labels;
  tell_profile(fake);
  if (is(fake, "crash")) {
    (void)raise(SIGKILL);
  }
  while (is(fake, "hang")) {
    pause();
  }
  if (strncmp(fake->word, "work", 4) == 0) {
    work(fake);
  }
  if (is(fake, "slow")) {
    (void)nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
  }
  if (is(fake, "fixed") && n == 5) {
    return error_set(error, NONET_E_DATA, "Got 5 rows, expected 4");
  }
  const double *x = NULL; /* the answers are a column's: x = i / 7 of 50 rows in the tests */
  for (int64_t c = 0; c < rows->schema.n_children; c++) {
    const struct ArrowSchema *schema = rows->schema.children[c];
    if (strcmp(schema->name, "x") == 0 && strcmp(schema->format, "g") == 0) {
      x = (const double *)rows->array.children[c]->buffers[1] + rows->array.children[c]->offset;
    }
  }
  if (x == NULL) {
    return error_set(error, NONET_E_DATA, "column 'x' is not there, or has no numbers");
  }
  for (size_t i = 0; i < n; i++) { /* one score in [0, 1); "moody" is off alone in a batch of one */
    scores[i] = is(fake, "places") ? (double)(start + i) / (double)rows->n : x[start + i] * 7 / 50;
    scores[i] += is(fake, "moody") && n == 1 && start + i < 3 ? 0.75 : 0;
  }
  return NONET_OK;
}

static const struct driver fake_driver = {
    .open = fake_open,
    .close = fake_close,
    .profile_end = fake_profile_end,
    .n_scores = fake_n_scores,
    .fixed_batch = fake_fixed_batch,
    .session_open = fake_session_open,
    .session_close = fake_session_close,
    .answer = fake_answer,
};

int main(void) {
  return helper_main(&fake_driver);
}
