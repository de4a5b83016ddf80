/*
 * One run: outputs are checked, the library works, the files are written, the report is printed.
 *
 * Cases:
 *  1. Every output is checked and opened before the work (reports.c), so that a typing error in a
 * path costs no time.
 *  2. The files are on disk before anything goes to stdout: a closed stdout costs the report alone.
 *  3. Whatever a stopped run complains of, it was stopped.
 */
#include "work.h"

#include <string.h>

#include "output.h"

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

static int exit_code(const nonet_evidence *evidence, bool is_judging) {
  nonet_verdict verdict = is_judging ? nonet_evidence_verdict(evidence) : NONET_NONE;
  return verdict == NONET_FAIL || verdict == NONET_INCONCLUSIVE ? (int)verdict : 0;
}

int work_run(const struct command *command, const struct arguments *arguments,
             work_function function, bool is_judging) {
  nonet_options options = arguments->options;
  nonet_evidence *evidence = NULL;
  struct reports reports;
  nonet_error error = {""};
  char *printed = NULL;
  int code = 0;
  nonet_status status = reports_open(&reports, arguments, &error); /* case 1 */
  if (status == NONET_OK) {
    status = watch_start(arguments, &options, &reports, &error);
  }
  if (status == NONET_OK) {
    status = function(arguments, &options, &evidence, &error);
  }
  if (watch_stop() && status != NONET_OK) { /* case 3 */
    status = NONET_E_INTERRUPTED;
    snprintf(error.message, sizeof error.message, "stopped on request");
  }
  if (status == NONET_OK) {
    status = reports_write(&reports, arguments, evidence, &printed, &error); /* case 2 */
  }
  reports_abandon(&reports);
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
