/* nonet compare: two models on the same rows, judged in a context. Exits with the verdict. */
#include "work.h"

static nonet_status run(const struct arguments *arguments, const nonet_options *given,
                        nonet_evidence **evidence, nonet_error *error) {
  nonet_options options = *given;
  nonet_status status = work_file(arguments, &options, error);
  return status == NONET_OK ? nonet_compare(&options, evidence, error) : status;
}

int cmd_compare(const struct command *command, const struct arguments *arguments) {
  return work_run(command, arguments, run, true);
}
