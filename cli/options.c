/*
 * Options: one table, and what reads it.
 *
 * The cases of a command line:
 *  1. --name VALUE and --name=VALUE; a value may begin with one dash (--positive -1); one that
 * begins with two is taken for an option, so that a forgotten value is told: --name=--value says
 * it.
 *  2. "--" ends the options; "-" is an operand (stdin).
 *  3. An unknown name: near names of this command, or the commands that do have it.
 *  4. An option with a value given twice is an error: a list is one value with commas.
 *  5. -o is --output, and
 *  6. -h and --help win over everything else, so that help can be had in the middle of a long line.
 */
#include "options.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80
#define HELP_COLUMN 30

#define AT(field) offsetof(struct arguments, field)
#define MEASURES (CMD_MEASURE | CMD_COMPARE)
#define MODELS (CMD_MEASURE | CMD_COMPARE | CMD_SELFTEST)
#define ROWS (MODELS | CMD_DATA)
#define TABLES (ROWS | CMD_REBALANCE)
#define ESTIMATES (CMD_MEASURE | CMD_COMPARE | CMD_DATA | CMD_MERGE | CMD_CHECK)
#define RUNS (ESTIMATES | CMD_SELFTEST)
#define REPORTS (RUNS | CMD_REPORT)
#define SHOWS (REPORTS | CMD_CATALOGUE | CMD_HISTORY | CMD_REBALANCE)
#define EVERY (SHOWS | CMD_COMPLETION | CMD_CONTEXT | CMD_INIT)

const struct option_record option_table[] = {
    {"query", OPTION_TEXT, AT(options.query), TABLES, "The rows", "SQL", NULL,
     "read the rows of this query instead of a file"},
    {"format", OPTION_TEXT, AT(options.format), TABLES, "The rows", "NAME",
     "csv parquet json arrow", "csv, parquet, json or arrow; by default told from the name"},
    {"driver", OPTION_TEXT, AT(options.driver), ROWS, "The rows", "NAME", NULL,
     "send --query to another database through this ADBC driver"},
    {"uri", OPTION_TEXT, AT(options.uri), ROWS, "The rows", "URI", NULL,
     "the database that --driver opens"},

    {"label", OPTION_TEXT, AT(options.label), TABLES, "Columns", "COL", NULL, "what was true"},
    {"score", OPTION_TEXT, AT(options.score), MODELS, "Columns", "COL[,COL...]", NULL,
     "the model's scores: one column, or one per class"},
    {"prediction", OPTION_TEXT, AT(options.prediction), MODELS, "Columns", "COL", NULL,
     "the model's decision, when there is no score"},
    {"baseline-score", OPTION_TEXT, AT(options.baseline_score), MODELS, "Columns", "COL[,COL...]",
     NULL, "scores of the model to compare with, on the same rows"},
    {"baseline-prediction", OPTION_TEXT, AT(options.baseline_prediction), MODELS, "Columns", "COL",
     NULL, "decisions of the model to compare with"},
    {"group", OPTION_TEXT, AT(options.group), ROWS, "Columns", "COL[,COL...]", NULL,
     "measure each group of these columns as well"},
    {"intersections", OPTION_DEPTH, AT(options.intersections), MODELS | CMD_DATA | CMD_MERGE,
     "Columns", "DEPTH", NULL, "cross the group columns up to this depth (1)"},
    {"control", OPTION_TEXT, AT(options.control), MODELS, "Columns", "COL[,COL...]", NULL,
     "columns that may explain a gap between groups"},
    {"reference", OPTION_TEXT, AT(options.reference), MODELS | CMD_MERGE, "Columns",
     "COL=GROUP[,...]", NULL, "take gaps against this group (between all pairs)"},
    {"weight", OPTION_TEXT, AT(options.weight), ROWS, "Columns", "COL", NULL,
     "how much each row counts"},
    {"cluster", OPTION_TEXT, AT(options.cluster), ROWS, "Columns", "COL", NULL,
     "rows that belong together, such as a household"},
    {"id", OPTION_TEXT, AT(options.id), ROWS, "Columns", "COL", NULL,
     "what names a row, once each"},
    {"query-id", OPTION_TEXT, AT(options.query_id), MEASURES, "Columns", "COL", NULL,
     "which query a row answers (ranking)"},
    {"time", OPTION_TEXT, AT(options.time), MEASURES | CMD_DATA, "Columns", "COL", NULL,
     "when a row happened"},
    {"features", OPTION_TEXT, AT(options.features), MEASURES | CMD_DATA, "Columns", "COL[,COL...]",
     NULL, "what the model saw"},
    {"train", OPTION_TEXT, AT(options.train), CMD_DATA, "Columns", "FILE", "@file",
     "the rows that a model learnt from, to compare with"},
    {"features", OPTION_TEXT, AT(options.features), CMD_REBALANCE, "Columns", "COL[,COL...]", NULL,
     "the columns of distances (all but the label)"},
    {"categorical", OPTION_TEXT, AT(options.categorical), CMD_REBALANCE, "Columns", "COL[,COL...]",
     NULL, "of these, what is a category: for smote-nc"},
    {"group", OPTION_TEXT, AT(options.group), CMD_REBALANCE, "Columns", "COL[,COL...]", NULL,
     "for group-weights: what the label is to be independent of"},

    {"method", OPTION_TEXT, AT(options.method), CMD_REBALANCE, "How to balance", "NAME",
     "random-over random-under smote smote-nc borderline-smote adasyn tomek enn nearmiss-1 "
     "nearmiss-2 nearmiss-3 smote-tomek smote-enn class-weights group-weights",
     "copy: random-over; make: smote, smote-nc, borderline-smote, adasyn; take out: random-under, "
     "tomek, enn, nearmiss-1, nearmiss-2, nearmiss-3; both: smote-tomek, smote-enn; weigh: "
     "class-weights, group-weights"},
    {"ratio", OPTION_REAL, AT(options.ratio), CMD_REBALANCE, "How to balance", "R", NULL,
     "rows of the smaller classes over the largest's, up to 1 (1)"},
    {"k", OPTION_COUNT, AT(options.k), CMD_REBALANCE, "How to balance", "N", NULL,
     "neighbours that are looked at (smote and its kin 5, enn and nearmiss 3)"},
    {"weight-name", OPTION_TEXT, AT(options.weight_name), CMD_REBALANCE, "How to balance", "NAME",
     NULL, "the new column of the weights (weight)"},

    {"task", OPTION_TEXT, AT(options.task), ROWS, "What to measure", "NAME",
     "binary multiclass regression",
     "binary, multiclass or regression; by default told from label and scores"},
    {"positive", OPTION_TEXT, AT(options.positive), ROWS, "What to measure", "VALUE", NULL,
     "the label that counts as positive (binary)"},
    {"classes", OPTION_TEXT, AT(options.classes), ROWS, "What to measure", "A,B,...", NULL,
     "the classes, in the order of the score columns"},
    {"threshold", OPTION_REAL, AT(options.threshold), MODELS, "What to measure", "NUMBER", NULL,
     "a score from here on says positive (0.5)"},
    {"baseline-threshold", OPTION_REAL, AT(options.baseline_threshold), MODELS, "What to measure",
     "NUMBER", NULL, "the same of the baseline (as --threshold)"},
    {"only", OPTION_TEXT, AT(options.only), ESTIMATES, "What to measure", "LIST", "@measures",
     "measures and attributes to report: see nonet catalogue"},
    {"level", OPTION_REAL, AT(options.level), ESTIMATES, "What to measure", "NUMBER", NULL,
     "how sure the intervals are (0.95)"},
    {"replicates", OPTION_COUNT, AT(options.replicates), ESTIMATES, "What to measure", "N", NULL,
     "bootstrap replicates, where one is needed (1000)"},
    {"invalid", OPTION_TEXT, AT(options.invalid), ROWS, "What to measure", "fail|drop", "fail drop",
     "what to do with rows that cannot be measured (fail)"},

    {"margin", OPTION_TEXT, AT(options.margin), CMD_COMPARE | CMD_SELFTEST, "Judging",
     "ID=VALUE[,...]", NULL,
     "how much worse still counts as no worse: correctness.auc=0.005, or 5%"},
    {"context", OPTION_TEXT, AT(options.context), CMD_COMPARE | CMD_CHECK | CMD_SELFTEST | CMD_INIT,
     "Judging", "NAME",
     "general real-time safety-critical regulated-decision personal-data edge adversarial batch",
     "where the model will live: its gates and margins (general; check: the configuration's)"},
    {"allow-inconclusive", OPTION_FLAG, AT(allow_inconclusive), CMD_CHECK, "Judging", NULL, NULL,
     "exit with 0 where the data cannot decide"},
    {"explain-plan", OPTION_FLAG, AT(explain_plan), CMD_CHECK, "Judging", NULL, NULL,
     "tell what would run, at what cost, and how likely an equal model passes; judge nothing"},

    {"sample", OPTION_SIZE, AT(options.sample_rows), CMD_CHECK | CMD_SELFTEST, "Rows and time", "N",
     NULL, "judge so many rows, drawn by their content (all, or the configuration's number)"},
    {"budget", OPTION_SECONDS, AT(options.budget_seconds), CMD_CHECK, "Rows and time", "TIME", NULL,
     "time for the probes that time a model: 60s, 5min (the configuration's)"},

    {"measure", OPTION_TEXT, AT(measure), CMD_HISTORY, "The runs", "ID", "@measures",
     "chart this measure over the runs; of a group: 'ID{sex=Female}'"},
    {"store", OPTION_TEXT, AT(options.store), CMD_HISTORY | CMD_CHECK | CMD_REPORT, "The runs",
     "PATH|none", "@file", "the file of kept runs (~/.local/share/nonet/nonet.db)"},
    {"resume", OPTION_FLAG, AT(options.resume), CMD_CHECK, "The runs", NULL, NULL,
     "go on with an interrupted check (not built yet: a check starts anew)"},

    {"from", OPTION_TEXT, AT(from), CMD_INIT, "Output", "LIBRARY", "sklearn pytorch",
     "also write score.py, the loop that answers with a model of this library"},
    {"output", OPTION_TEXT, AT(options.output), CMD_REBALANCE, "Output", "FILE", "@file",
     "the new table, also -o: Parquet or CSV by its ending"},
    {"json", OPTION_TEXT, AT(json), SHOWS | CMD_CONTEXT, "Output", "FILE", "@file",
     "write the whole record here; - is stdout, with nothing else on it"},
    {"html", OPTION_TEXT, AT(html), REPORTS, "Output", "FILE", "@file",
     "write a page that opens offline: verdict, gates, numbers, charts"},
    {"junit", OPTION_TEXT, AT(junit), REPORTS, "Output", "FILE", "@file",
     "write JUnit XML: a test case per gate"},
    {"sarif", OPTION_TEXT, AT(sarif), REPORTS, "Output", "FILE", "@file",
     "write SARIF 2.1.0: what failed, is open or was found"},
    {"markdown", OPTION_TEXT, AT(markdown), REPORTS, "Output", "FILE", "@file",
     "write Markdown for the comment of a pull request"},
    {"card", OPTION_TEXT, AT(card), REPORTS, "Output", "FILE", "@file", "write a model card"},
    {"state", OPTION_TEXT, AT(options.state), CMD_MEASURE, "Output", "FILE", "@file",
     "also write what nonet merge needs of these rows"},
    {"quiet", OPTION_FLAG, AT(quiet), SHOWS | CMD_CONTEXT | CMD_INIT, "Output", NULL, NULL,
     "no report and no progress: only what was asked for, and errors"},
    {"no-color", OPTION_FLAG, AT(no_color), SHOWS, "Output", NULL, NULL,
     "no colours, as with NO_COLOR in the environment"},
    {"log-level", OPTION_LEVEL, AT(log_level), SHOWS, "Output", "NAME", "error warn info debug",
     "error, warn (a progress bar on a terminal), info (stages) or debug"},

    {"seed", OPTION_SEED, AT(options.seed), RUNS | CMD_CATALOGUE | CMD_REBALANCE, "The run", "N",
     NULL, "what random draws start from (1); the same rows and seed give the same numbers"},
    {"threads", OPTION_SIZE, AT(options.threads), RUNS | CMD_CATALOGUE | CMD_REBALANCE, "The run",
     "N", NULL, "threads to use (all cores); never changes a number"},
    {"memory", OPTION_BYTES, AT(options.memory_bytes), RUNS | CMD_CATALOGUE | CMD_REBALANCE,
     "The run", "SIZE", NULL, "memory to stay within, such as 800M or 4G (half of the machine)"},
    {"batch-rows", OPTION_SIZE, AT(options.batch_rows), RUNS | CMD_CATALOGUE, "The run", "N", NULL,
     "rows taken at a time; never changes a number"},
    {"help", OPTION_FLAG, AT(help), EVERY, "The run", NULL, NULL, "this page"},
    {NULL, OPTION_FLAG, 0, 0, NULL, NULL, NULL, NULL},
};

#define N_OPTIONS (sizeof option_table / sizeof *option_table - 1)

/* ---- parsing ---- */

static nonet_status wrong(nonet_error *error, const char *format, ...) NONET_PRINTF(2, 3);
static nonet_status wrong(nonet_error *error, const char *format, ...) {
  va_list list;
  va_start(list, format);
  vsnprintf(error->message, sizeof error->message, format, list);
  va_end(list);
  return NONET_E_USAGE;
}

static const struct option_record *option_find(const char *name, size_t length,
                                               unsigned commands_of) {
  for (const struct option_record *record = option_table; record->name != NULL; record++) {
    if ((record->commands & commands_of) != 0 && strlen(record->name) == length &&
        strncmp(record->name, name, length) == 0) {
      return record;
    }
  }
  return NULL;
}

/* Case 3. */
static nonet_status option_unknown(const struct command *command, const char *name, size_t length,
                                   nonet_error *error) {
  const char *names[N_OPTIONS];
  size_t n_names = 0, near[2];
  char wanted[64], owners[160] = "";
  snprintf(wanted, sizeof wanted, "%.*s", (int)length, name);
  for (size_t i = 0; i < N_OPTIONS; i++) {
    if ((option_table[i].commands & command->bit) != 0) {
      names[n_names++] = option_table[i].name;
    }
  }
  const struct option_record *elsewhere = option_find(name, length, ~0u);
  for (const struct command *other = commands; elsewhere != NULL && other->name != NULL; other++) {
    if ((other->bit & elsewhere->commands) != 0) {
      size_t used = strlen(owners);
      snprintf(owners + used, sizeof owners - used, "%s%s", used > 0 ? ", " : "", other->name);
    }
  }
  if (elsewhere != NULL) {
    return wrong(error, "--%s is not an option of %s (it is one of %s)", wanted, command->name,
                 owners);
  }
  size_t n_near = nonet_nearest(wanted, names, n_names, 2, near);
  if (n_near == 0) {
    return wrong(error, "unknown option --%s", wanted);
  }
  return wrong(error, "unknown option --%s (did you mean --%s%s%s?)", wanted, names[near[0]],
               n_near > 1 ? " or --" : "", n_near > 1 ? names[near[1]] : "");
}

static nonet_status set_level(const struct option_record *record, const char *value,
                              enum log_level *level, nonet_error *error) {
  static const char *const levels[] = {"error", "warn", "info", "debug"};
  for (int i = 0; i < 4; i++) {
    if (strcmp(levels[i], value) == 0) {
      *level = (enum log_level)i;
      return NONET_OK;
    }
  }
  return wrong(error, "--%s is error, warn, info or debug; found '%.60s'", record->name, value);
}

static nonet_status option_set(const struct option_record *record, const char *value,
                               struct arguments *arguments, nonet_error *error) {
  char *field = (char *)arguments + record->offset;
  uint64_t whole = 0;
  switch (record->kind) {
  case OPTION_FLAG:
    *(int *)(void *)field = 1;
    return NONET_OK;
  case OPTION_TEXT:
    if (value[0] == '\0') {
      return wrong(error, "--%s is empty; expected %s", record->name, record->value);
    }
    *(const char **)(void *)field = value;
    return NONET_OK;
  case OPTION_REAL:
    return number_real(value, (double *)(void *)field)
               ? NONET_OK
               : wrong(error, "--%s takes a number, such as 0.5; found '%.60s'", record->name,
                       value);
  case OPTION_BYTES:
    return number_bytes(value, (uint64_t *)(void *)field)
               ? NONET_OK
               : wrong(error, "--%s takes a size, such as 800M or 4G; found '%.60s'", record->name,
                       value);
  case OPTION_SECONDS:
    return number_seconds(value, (double *)(void *)field)
               ? NONET_OK
               : wrong(error, "--%s takes a time, such as 60s or 5min; found '%.60s'", record->name,
                       value);
  case OPTION_LEVEL:
    return set_level(record, value, (enum log_level *)(void *)field, error);
  case OPTION_DEPTH:
  case OPTION_COUNT:
  case OPTION_SIZE:
  case OPTION_SEED:
    break;
  }
  uint64_t most = record->kind == OPTION_SEED ? INT64_MAX : INT32_MAX;
  unsigned least = record->kind == OPTION_DEPTH || record->kind == OPTION_COUNT;
  if (!number_whole(value, most, &whole) || whole < least) {
    return wrong(error, "--%s takes a whole number from %u on; found '%.60s'", record->name, least,
                 value);
  }
  if (record->kind == OPTION_DEPTH) {
    *(int *)(void *)field = (int)whole;
  } else if (record->kind != OPTION_SEED) {
    *(size_t *)(void *)field = (size_t)whole;
  } else {
    *(uint64_t *)(void *)field = whole;
  }
  return NONET_OK;
}

/* Case 5: "-o" as the command's --output; NULL: it has none, or the word is another. */
static char *long_form(const struct command *command, const char *word) {
  static char output[] = "--output";
  bool has_it = option_find("output", strlen("output"), command->bit) != NULL;
  return has_it && strcmp(word, "-o") == 0 ? output : NULL;
}

/* One option at argv[*at]; moves *at over what it took. */
static nonet_status parse_option(const struct command *command, int n, char **argv, int *at,
                                 bool *is_given, struct arguments *arguments, nonet_error *error) {
  const char *name = argv[*at] + 2;
  size_t length = strcspn(name, "=");
  const char *value = name[length] == '=' ? name + length + 1 : NULL;
  const struct option_record *record = option_find(name, length, command->bit);
  if (record == NULL) {
    return option_unknown(command, name, length, error);
  }
  if (record->kind == OPTION_FLAG && value != NULL) {
    return wrong(error, "--%s takes no value; found '%.60s'", record->name, value);
  }
  if (record->kind != OPTION_FLAG && value == NULL) { /* case 1 */
    if (*at + 1 >= n || strncmp(argv[*at + 1], "--", 2) == 0) {
      return wrong(error, "--%s needs a value: --%s %s", record->name, record->name, record->value);
    }
    value = argv[++*at];
  }
  if (record->kind != OPTION_FLAG && is_given[record - option_table]) { /* case 4 */
    return wrong(error, "--%s is given twice; write a list as one value with commas between",
                 record->name);
  }
  is_given[record - option_table] = true;
  return option_set(record, value, arguments, error);
}

static nonet_status operand_too_many(const struct command *command, const char *word,
                                     nonet_error *error) {
  if ((command->bit & TABLES) != 0) { /* most likely a glob that the shell has expanded */
    return wrong(error,
                 "one FILE expected, found '%.200s' as well; several files are one glob in quotes: "
                 "'part-*.csv'",
                 word);
  }
  if (command->n_operands_most == 0) {
    return wrong(error, "no operand expected, found '%.200s'", word);
  }
  if (command->n_operands_most > 1) {
    return wrong(error, "at most %zu operands expected, found '%.200s' as well",
                 command->n_operands_most, word);
  }
  return wrong(error, "one operand expected, found '%.200s' as well", word);
}

nonet_status options_parse(const struct command *command, int n, char **argv,
                           struct arguments *arguments, nonet_error *error) {
  bool is_given[N_OPTIONS] = {false}, is_over = false;
  nonet_status status = NONET_OK;
  for (int at = 0; at < n && !is_over; at++) { /* case 6 */
    is_over = strcmp(argv[at], "--") == 0;
    arguments->help |= strcmp(argv[at], "-h") == 0 || strcmp(argv[at], "--help") == 0;
  }
  is_over = arguments->help;
  for (int at = 0; at < n && status == NONET_OK && !arguments->help; at++) {
    const char *word = argv[at];
    if (is_over || word[0] != '-' || word[1] == '\0') { /* case 2 */
      if (arguments->n_operands == command->n_operands_most) {
        return operand_too_many(command, word, error);
      }
      arguments->operands[arguments->n_operands++] = word;
    } else if (word[1] != '-' && long_form(command, word) == NULL) {
      status = wrong(error, "unknown option %.60s; long options begin with two dashes", word);
    } else if (strcmp(word, "--") == 0) {
      is_over = true;
    } else {
      argv[at] = word[1] != '-' ? long_form(command, word) : argv[at];
      status = parse_option(command, n, argv, &at, is_given, arguments, error);
    }
  }
  return status;
}

/* ---- help ---- */

void options_wrap(FILE *out, const char *text, size_t column, size_t indent) {
  while (*text != '\0') {
    size_t length = strcspn(text, " \n");
    if (column > indent && column + length > WIDTH) {
      fprintf(out, "\n%*s", (int)indent, "");
      column = indent;
    }
    fprintf(out, "%.*s", (int)length, text);
    column += length;
    text += length;
    if (*text == '\n') {
      fprintf(out, "\n%*s", (int)indent, "");
      column = indent;
      text++;
    } else if (*text == ' ') {
      text++;
      if (column + 1 + strcspn(text, " \n") <= WIDTH) {
        fputc(' ', out);
        column++;
      } else {
        fprintf(out, "\n%*s", (int)indent, "");
        column = indent;
      }
    }
  }
  fputc('\n', out);
}

void options_help(const struct command *command, FILE *out) {
  const char *section = "";
  fprintf(out, "nonet %s - %s\n\nusage: nonet %s %s%s[options]\n\n", command->name,
          command->summary, command->name, command->operands,
          command->operands[0] != '\0' ? " " : "");
  options_wrap(out, command->about, 0, 0);
  for (const struct option_record *record = option_table; record->name != NULL; record++) {
    if ((record->commands & command->bit) == 0) {
      continue;
    }
    if (strcmp(section, record->section) != 0) {
      section = record->section;
      fprintf(out, "\n%s:\n", section);
    }
    int used = fprintf(out, "  --%s%s%s", record->name, record->value != NULL ? " " : "",
                       record->value != NULL ? record->value : "");
    if (used + 2 > HELP_COLUMN) {
      fprintf(out, "\n%*s", HELP_COLUMN, "");
    } else {
      fprintf(out, "%*s", HELP_COLUMN - used, "");
    }
    options_wrap(out, record->help, HELP_COLUMN, HELP_COLUMN);
  }
  fprintf(out, "\nExample:\n%s", command->examples);
}
