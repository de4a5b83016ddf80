/*
 * One run: outputs are checked, the library works, the record is written, the report is printed.
 *
 * Cases:
 *  1. An output that is one of the inputs, or two outputs in one file, is a usage error: a run
 * never destroys what it reads.
 *  2. The JSON target is opened before the work, so that a typing error in its path costs no time.
 *  3. The record is on disk before the report goes to stdout: a closed stdout costs the report
 * alone.
 *  4. --json - : the record on stdout and no report.
 *  5. Whatever a stopped run complains of, it was stopped.
 */
#include "work.h"

#include <string.h>
#include <sys/stat.h>

#include "output.h"

static bool is_same_file(const char *a, const char *b) {
  struct stat first, second;
  if (a == NULL || b == NULL || strcmp(a, "-") == 0 || strcmp(b, "-") == 0) {
    return false;
  }
  if (strcmp(a, b) == 0) {
    return strncmp(a, "/dev/", 5) != 0;
  }
  return stat(a, &first) == 0 && stat(b, &second) == 0 && S_ISREG(first.st_mode) &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* Case 1. */
static nonet_status check_outputs(const struct arguments *arguments, nonet_error *error) {
  const char *outputs[] = {arguments->json, arguments->options.state};
  static const char *const names[] = {"--json", "--state"};
  for (size_t i = 0; i < 2; i++) {
    for (size_t k = 0; k < arguments->n_operands; k++) {
      if (is_same_file(outputs[i], arguments->operands[k])) {
        snprintf(error->message, sizeof error->message,
                 "%s %.300s would overwrite an input; name another file", names[i], outputs[i]);
        return NONET_E_USAGE;
      }
    }
  }
  if (is_same_file(outputs[0], outputs[1])) {
    snprintf(error->message, sizeof error->message,
             "--json and --state both name %.300s; name two files", outputs[0]);
    return NONET_E_USAGE;
  }
  return NONET_OK;
}

nonet_status work_file(const struct arguments *arguments, nonet_options *options,
                       nonet_error *error) {
  if (arguments->n_operands == 1 && options->query != NULL) {
    snprintf(error->message, sizeof error->message,
             "rows come from FILE or from --query, not from both; a query names its files itself: "
             "select * from 'data.parquet'");
    return NONET_E_USAGE;
  }
  if (arguments->n_operands == 0 && options->query == NULL) {
    snprintf(error->message, sizeof error->message,
             "no rows: expected a FILE, - for stdin, or --query SQL");
    return NONET_E_USAGE;
  }
  options->file = arguments->n_operands == 1 ? arguments->operands[0] : NULL;
  return NONET_OK;
}

/* Cases 3 and 4; takes the file. */
static nonet_status keep(const struct arguments *arguments, const nonet_evidence *evidence,
                         nonet_file **file, char **printed, nonet_error *error) {
  bool is_json_only = arguments->json != NULL && strcmp(arguments->json, "-") == 0;
  nonet_terminal_options looks = output_looks(arguments);
  nonet_status status = NONET_OK;
  char *json = NULL;
  if (arguments->json != NULL) {
    status = nonet_evidence_json(evidence, &json, error);
  }
  if (status == NONET_OK && !is_json_only && !arguments->quiet) {
    status = nonet_report_terminal(evidence, &looks, printed, error);
  }
  if (status == NONET_OK && *file != NULL) {
    status = nonet_file_commit(*file, json, error);
    *file = NULL;
  }
  if (status == NONET_OK && is_json_only) {
    *printed = json;
    json = NULL;
  }
  nonet_text_free(json);
  return status;
}

static int exit_code(const nonet_evidence *evidence, bool is_judging) {
  nonet_verdict verdict = is_judging ? nonet_evidence_verdict(evidence) : NONET_NONE;
  return verdict == NONET_FAIL || verdict == NONET_INCONCLUSIVE ? (int)verdict : 0;
}

int work_run(const struct command *command, const struct arguments *arguments,
             work_function function, bool is_judging) {
  nonet_options options = arguments->options;
  nonet_evidence *evidence = NULL;
  nonet_file *file = NULL;
  nonet_error error = {""};
  char *printed = NULL;
  int code = 0;
  nonet_status status = check_outputs(arguments, &error);
  if (status == NONET_OK && arguments->json != NULL && strcmp(arguments->json, "-") != 0) {
    status = nonet_file_open(arguments->json, &file, &error); /* case 2 */
  }
  if (status == NONET_OK) {
    status = watch_start(arguments, &options, file, &error);
  }
  if (status == NONET_OK) {
    status = function(arguments, &options, &evidence, &error);
  }
  if (watch_stop() && status != NONET_OK) { /* case 5 */
    status = NONET_E_INTERRUPTED;
    snprintf(error.message, sizeof error.message, "stopped on request");
  }
  if (status == NONET_OK) {
    status = keep(arguments, evidence, &file, &printed, &error);
  }
  nonet_file_abandon(file);
  if (status != NONET_OK) {
    code = output_error(command, status, error.message);
  } else {
    code = exit_code(evidence, is_judging);
    code = printed != NULL ? output_write(command, printed, strlen(printed), code) : code;
  }
  nonet_text_free(printed);
  nonet_evidence_free(evidence);
  return code;
}
