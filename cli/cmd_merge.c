/* nonet merge: the states of parts, measured as one table. */
#include "work.h"

#include <stdio.h>

static nonet_status run(const struct arguments *arguments, const nonet_options *options,
                        nonet_evidence **evidence, nonet_error *error) {
  if (arguments->n_operands == 0) {
    snprintf(error->message, sizeof error->message,
             "no states: expected files that nonet measure --state wrote");
    return NONET_E_USAGE;
  }
  return nonet_merge(arguments->operands, arguments->n_operands, options, evidence, error);
}

int cmd_merge(const struct command *command, const struct arguments *arguments) {
  return work_run(command, arguments, run, false);
}
