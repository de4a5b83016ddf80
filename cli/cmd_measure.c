/* nonet measure: numbers with intervals, for one model or for two and their difference. Exits with
 * 0 whatever it found. */
#include "work.h"

static nonet_status run(const struct arguments *arguments, const nonet_options *given,
                        nonet_evidence **evidence, nonet_error *error) {
  nonet_options options = *given;
  nonet_status status = work_file(arguments, &options, error);
  return status == NONET_OK ? nonet_measure(&options, evidence, error) : status;
}

int cmd_measure(const struct command *command, const struct arguments *arguments) {
  return work_run(command, arguments, run, false);
}
