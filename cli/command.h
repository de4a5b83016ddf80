/*
 * What the files of the command line share. A subcommand is one record in main.c and one file
 * cmd_NAME.c; an option is one record in options.c. Help, parsing, usage errors and shell
 * completion all read these records.
 *
 * This folder uses include/nonet and libc, nothing else.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <nonet/nonet.h>

/* The subcommands as bits: which options belong to which. */
enum {
  CMD_MEASURE = 1 << 0,
  CMD_COMPARE = 1 << 1,
  CMD_MERGE = 1 << 2,
  CMD_CATALOGUE = 1 << 3,
  CMD_COMPLETION = 1 << 4,
  CMD_REPORT = 1 << 5,
  CMD_CHECK = 1 << 6,
  CMD_HISTORY = 1 << 12,
  CMD_CONTEXT = 1 << 13,
  CMD_INIT = 1 << 14,
  CMD_SELFTEST = 1 << 15,
  CMD_REBALANCE = 1 << 16,
  CMD_DATA = 1 << 17
};

#define N_REPORTS 6 /* options that take the file of a report: the fields json … card below */

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* What a command line said. Strings are those of argv. */
struct arguments {
  nonet_options options;
  const char **operands; /* [n_operands] what is no option, in order */
  size_t n_operands;
  const char *json, *html, *junit, *sarif, *markdown, *card; /* NULL: not asked for */
  const char *measure;                                       /* --measure; NULL: not given */
  const char *from;                                          /* init: --from; NULL: not given */
  int explain_plan, allow_inconclusive;
  int quiet, no_color, help;
  enum log_level log_level;
};

struct command {
  const char *name;
  unsigned bit;
  const char *summary;  /* one line for `nonet --help`; of a planned command too */
  const char *operands; /* "FILE|-|--query SQL"; NULL: the command is not built yet */
  const char *about;    /* a paragraph for its help */
  const char *examples; /* lines that run, from the root of the source tree */
  size_t n_operands_most;
  int (*run)(const struct command *command, const struct arguments *arguments);
};

/* The table in main.c; ends with a NULL name. */
extern const struct command commands[];

int cmd_measure(const struct command *command, const struct arguments *arguments);
int cmd_compare(const struct command *command, const struct arguments *arguments);
int cmd_data(const struct command *command, const struct arguments *arguments);
int cmd_merge(const struct command *command, const struct arguments *arguments);
int cmd_check(const struct command *command, const struct arguments *arguments);
int cmd_selftest(const struct command *command, const struct arguments *arguments);
int cmd_rebalance(const struct command *command, const struct arguments *arguments);
int cmd_catalogue(const struct command *command, const struct arguments *arguments);
int cmd_history(const struct command *command, const struct arguments *arguments);
int cmd_context(const struct command *command, const struct arguments *arguments);
int cmd_init(const struct command *command, const struct arguments *arguments);
int cmd_completion(const struct command *command, const struct arguments *arguments);
int cmd_report(const struct command *command, const struct arguments *arguments);

#endif
