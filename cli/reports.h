/*
 * The files a run leaves: --json, --html, --junit, --sarif, --markdown, --card, the same for every
 * command that makes evidence. Opened before the work, written after it, each whole or not at all.
 */
#ifndef CLI_REPORTS_H
#define CLI_REPORTS_H

#include "command.h"

struct reports {
  nonet_file *file[N_REPORTS];
};

/* Checks that no output is an input or another output and that at most one is "-", then opens all.
   On failure nothing is left open. */
nonet_status reports_open(struct reports *reports, const struct arguments *arguments,
                          nonet_error *error);
/* Writes every file. *printed is what belongs on stdout, for nonet_text_free: the format asked for
   as "-", else the terminal report, else (--quiet) NULL. Closes `reports`. */
nonet_status reports_write(struct reports *reports, const struct arguments *arguments,
                           const nonet_evidence *evidence, char **printed, nonet_error *error);
/* Removes what was begun. */
void reports_abandon(struct reports *reports);

#endif
