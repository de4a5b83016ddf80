/*
 * A court over rows that are written here: 400 rows, two models that differ in a few of them, a
 * context of the caller's. For the tests of the court and of the verdict.
 */
#ifndef RUN_COURT_FIXTURE_H
#define RUN_COURT_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/court.h"

/* 400 rows whose two models differ in a few; decisions alone when `has_scores` is false. */
static void read_rows(bool has_scores, struct intake *intake) {
  char path[] = "/tmp/nonet-court-XXXXXX";
  nonet_options options = {.label = "y",
                           .threshold = 0.5,
                           .intersections = 1,
                           .level = 0.95,
                           .replicates = 100,
                           .seed = 1,
                           .threads = 1,
                           .group = "g",
                           .format = "csv"};
  struct evidence *evidence = NULL;
  nonet_error error = {""};
  int descriptor = mkstemp(path);
  FILE *file = fdopen(descriptor, "w");
  assert_non_null(file);
  fputs("y,g,a,b\n", file);
  for (int i = 0; i < 400; i++) {
    const int y = i % 3 == 0, wrong = i % 7 == 0;
    fprintf(file, "%d,%s,%d,%d\n", y, i < 12 ? "few" : "many", wrong ? 1 - y : y,
            wrong != (i % 29 == 0) ? 1 - y : y);
  }
  fclose(file);
  options.file = path;
  *(has_scores ? &options.score : &options.prediction) = "a";
  *(has_scores ? &options.baseline_score : &options.baseline_prediction) = "b";
  assert_int_equal(evidence_new("compare", &evidence, &error), NONET_OK);
  nonet_status status = intake_read(&options, true, NULL, evidence, intake, &error);
  assert_string_equal(error.message, "");
  assert_int_equal(status, NONET_OK);
  evidence_free(evidence);
  unlink(path);
}

struct made {
  struct context context;
  struct intake intake;
  struct court_margins margins;
  struct court_request request;
  struct court court;
};

static const nonet_options run_options = {
    .level = 0.95, .replicates = 100, .seed = 1, .threads = 1};

/* `yaml`: the context. */
static void open_court(struct made *made, const char *yaml, bool has_scores, const char *margins,
                       const char *skip) {
  nonet_error error = {""};
  *made = (struct made){0};
  assert_int_equal(context_parse(yaml, strlen(yaml), "test.yaml", "", &made->context, &error),
                   NONET_OK);
  assert_int_equal(court_margins_read(margins, &made->margins, &error), NONET_OK);
  read_rows(has_scores, &made->intake);
  made->request = (struct court_request){.options = &run_options,
                                         .context = &made->context,
                                         .margins = made->margins.item,
                                         .n_margins = made->margins.n,
                                         .skip = skip,
                                         .is_partial = made->context.is_partial,
                                         .intake = &made->intake,
                                         .has_baseline = true};
  nonet_status status = court_open(&made->court, &made->request, &error);
  assert_string_equal(error.message, "");
  assert_int_equal(status, NONET_OK);
}

static void close_court(struct made *made) {
  court_close(&made->court);
  court_margins_clear(&made->margins);
  intake_clear(&made->intake);
  context_clear(&made->context);
}

#endif
