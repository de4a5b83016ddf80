/*
 * nonet check: the main job. Exits with the verdict.
 *
 * Cases: 1. --explain-plan prints what would run and ends with 0. 2. --allow-inconclusive: what the
 * data cannot decide does not fail the job.
 */
#include <string.h>

#include "output.h"
#include "work.h"

static nonet_status run(const struct arguments *arguments, const nonet_options *given,
                        nonet_evidence **evidence, nonet_error *error) {
  nonet_options options = *given;
  options.config = arguments->n_operands == 1 ? arguments->operands[0] : NULL;
  return nonet_check(&options, evidence, error);
}

/* Case 1. */
static int explain(const struct command *command, const struct arguments *arguments) {
  nonet_options options = arguments->options;
  nonet_error error = {""};
  char *text = NULL;
  options.config = arguments->n_operands == 1 ? arguments->operands[0] : NULL;
  nonet_status status = watch_start(arguments, &options, NULL, &error);
  if (status == NONET_OK) {
    status = nonet_check_plan(&options, &text, &error);
  }
  if (watch_stop() && status != NONET_OK) {
    status = NONET_E_INTERRUPTED;
    snprintf(error.message, sizeof error.message, "stopped on request");
  }
  int code = status == NONET_OK ? output_write(command, text, strlen(text), 0)
                                : output_error(command, status, error.message);
  nonet_text_free(text);
  return code;
}

int cmd_check(const struct command *command, const struct arguments *arguments) {
  if (arguments->explain_plan) {
    return explain(command, arguments);
  }
  int code = work_run(command, arguments, run, true);
  return code == NONET_INCONCLUSIVE && arguments->allow_inconclusive ? 0 : code; /* case 2 */
}
