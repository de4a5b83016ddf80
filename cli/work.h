/* The road that measure, compare and merge share. */
#ifndef CLI_WORK_H
#define CLI_WORK_H

#include "command.h"

typedef nonet_status (*work_function)(const struct arguments *arguments,
                                      const nonet_options *options, nonet_evidence **evidence,
                                      nonet_error *error);

/* Checks the outputs, runs, writes the JSON, prints the report. The exit code is the verdict's when
   `is_judging`, else 0. */
int work_run(const struct command *command, const struct arguments *arguments,
             work_function function, bool is_judging);
/* For measure and compare: the one operand as the file of the options. */
nonet_status work_file(const struct arguments *arguments, nonet_options *options,
                       nonet_error *error);

#endif
