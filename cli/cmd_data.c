/* nonet data: what of the data themselves stands in the way. Exits with 0 whatever it found. */
#include "work.h"

static nonet_status run(const struct arguments *arguments, const nonet_options *given,
                        nonet_evidence **evidence, nonet_error *error) {
  nonet_options options = *given;
  nonet_status status = work_file(arguments, &options, error);
  return status == NONET_OK ? nonet_data(&options, evidence, error) : status;
}

int cmd_data(const struct command *command, const struct arguments *arguments) {
  return work_run(command, arguments, run, false);
}
