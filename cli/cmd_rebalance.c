/*
 * nonet rebalance: a table with its classes balanced.
 *
 * Cases: 1. The record's file is opened before the work and written after the table is in place.
 * 2. --json - : the record and no table on stdout. 3. Whatever a stopped run complains of, it was
 * stopped, unless its table was in place by then.
 */
#include "work.h"

#include <string.h>

#include "output.h"

static nonet_status check_outputs(const struct arguments *arguments, nonet_error *error) {
  const char *output = arguments->options.output;
  if (output != NULL && arguments->json != NULL && strcmp(output, arguments->json) == 0) {
    snprintf(error->message, sizeof error->message,
             "-o and --json both name %.300s; name two files", output);
    return NONET_E_USAGE;
  }
  return NONET_OK;
}

/* 1 */
static nonet_status write_record(struct reports *reports, const char *json, nonet_error *error) {
  nonet_file *file = reports->file[0];
  reports->file[0] = NULL;
  return file != NULL ? nonet_file_commit(file, json, error) : NONET_OK;
}

int cmd_rebalance(const struct command *command, const struct arguments *arguments) {
  nonet_options options = arguments->options;
  struct reports reports = {0};
  nonet_error error = {""};
  char *text = NULL, *json = NULL;
  bool is_json_only = arguments->json != NULL && strcmp(arguments->json, "-") == 0;
  nonet_status status = work_file(arguments, &options, &error);
  if (status == NONET_OK) {
    status = check_outputs(arguments, &error);
  }
  if (status == NONET_OK) {
    status = reports_open(&reports, arguments, &error);
  }
  if (status == NONET_OK) {
    status = watch_start(arguments, &options, &reports, &error);
  }
  if (status == NONET_OK) {
    status = nonet_rebalance(&options, &text, &json, &error);
  }
  if (watch_stop() && status != NONET_OK) { /* 3 */
    status = NONET_E_INTERRUPTED;
    snprintf(error.message, sizeof error.message, "stopped on request");
  }
  if (status == NONET_OK) {
    status = write_record(&reports, json, &error);
  }
  reports_abandon(&reports);
  int code = 0;
  const char *printed = is_json_only ? json : arguments->quiet ? NULL : text; /* 2 */
  if (status != NONET_OK) {
    code = output_error(command, status, error.message);
  } else if (printed != NULL) {
    code = output_write(command, printed, strlen(printed), 0);
  }
  nonet_text_free(text);
  nonet_text_free(json);
  return code;
}
