/*
 * nonet selftest: do the gates err as seldom as they promise, on these rows? Exits with the
 * verdict.
 *
 * Cases: 1. an operand that ends in .yaml or .yml, or none at all, is a configuration  2. else
 * rows, as compare reads them.
 */
#include <string.h>

#include "work.h"

static bool is_configuration(const struct arguments *arguments) {
  const char *name = arguments->n_operands == 1 ? arguments->operands[0] : ".yaml";
  const char *dot = strrchr(name, '.');
  return arguments->options.query == NULL && dot != NULL &&
         (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

static nonet_status run(const struct arguments *arguments, const nonet_options *given,
                        nonet_evidence **evidence, nonet_error *error) {
  nonet_options options = *given;
  nonet_status status = NONET_OK;
  if (is_configuration(arguments)) { /* 1 */
    options.config = arguments->n_operands == 1 ? arguments->operands[0] : NULL;
  } else {
    status = work_file(arguments, &options, error); /* 2 */
  }
  return status == NONET_OK ? nonet_selftest(&options, evidence, error) : status;
}

int cmd_selftest(const struct command *command, const struct arguments *arguments) {
  return work_run(command, arguments, run, true);
}
