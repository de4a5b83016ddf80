/* What leaves the program: text on stdout, messages on stderr, the progress bar, and stopping. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "reports.h"

/* Writes all of it and returns `code`; a reader that went away (EPIPE) ends quietly with 0, any
   other failure is told and is NONET_E_IO. */
int output_write(const struct command *command, const char *text, size_t size_bytes, int code);
/* The same for something that is printed to a stream first. */
struct output {
  FILE *stream; /* in memory; NULL when memory is short */
  char *text;
  size_t size_bytes;
};
bool output_open(struct output *output);
/* Writes what was printed, frees it, returns the exit code. */
int output_close(struct output *output, const struct command *command, int code);
/* Puts what was printed into a file instead; frees it and takes the file. */
nonet_status output_commit(struct output *output, nonet_file *file, nonet_error *error);
/* Frees it, unwritten. */
void output_discard(struct output *output);

/* "nonet measure: MESSAGE" on stderr, for usage errors with a line that leads to the help; returns
   the status as exit code. `command` may be NULL. */
int output_error(const struct command *command, nonet_status status, const char *message);

/* How a report is to look on this stdout: width, colour, characters. */
nonet_terminal_options output_looks(const struct arguments *arguments);

/* Fills progress and cancel of the options: a bar or lines on stderr, and Ctrl-C, which must be
   able to abandon `unfinished` (NULL: nothing). Once per process. */
nonet_status watch_start(const struct arguments *arguments, nonet_options *options,
                         struct reports *unfinished, nonet_error *error);
/* Erases the bar; signals do again what they did before. True: it was stopped by one. */
bool watch_stop(void);

#endif
