/* The table of options: parsing and help; completion reads it too. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "command.h"

enum option_kind {
  OPTION_FLAG,    /* int */
  OPTION_TEXT,    /* const char * */
  OPTION_REAL,    /* double */
  OPTION_DEPTH,   /* int, 1 and more */
  OPTION_COUNT,   /* size_t, 1 and more */
  OPTION_SIZE,    /* size_t; 0 is the default */
  OPTION_SEED,    /* uint64_t */
  OPTION_BYTES,   /* uint64_t, with a suffix K, M, G or T */
  OPTION_SECONDS, /* double, with a suffix ms, s, min or h */
  OPTION_LEVEL    /* enum log_level */
};

struct option_record {
  const char *name; /* without the dashes: the field of nonet_options with '-' for '_' */
  enum option_kind kind;
  size_t offset; /* into struct arguments */
  unsigned commands;
  const char *section; /* heading of the help */
  const char *value;   /* "COL"; NULL: a flag */
  const char *choices; /* "csv parquet": for completion; "@file", "@measures"; NULL: anything */
  const char *help;
};

/* Ends with a NULL name. */
extern const struct option_record option_table[];

/* Fills `arguments` from argv[0 … n). On a usage error the message names what is wrong and what is
   near. arguments->operands must have room for n. */
nonet_status options_parse(const struct command *command, int n, char **argv,
                           struct arguments *arguments, nonet_error *error);
/* The help of one subcommand. */
void options_help(const struct command *command, FILE *out);
/* Writes `text` in lines of at most 80 columns; the first starts where the caller stands
   (`column`), further ones at `indent`. */
void options_wrap(FILE *out, const char *text, size_t column, size_t indent);

/* The numbers of options. False: not one, or out of range. */
bool number_real(const char *text, double *value);
bool number_whole(const char *text, uint64_t most, uint64_t *value);
bool number_bytes(const char *text, uint64_t *value);
bool number_seconds(const char *text, double *value);

#endif
