/*
 * nonet: the command line. This file is the table of subcommands and what chooses among them; each
 * subcommand is a file cmd_NAME.c, each option a row in options.c.
 *
 * Cases:
 *  1. A closed stdin, stdout or stderr (`>&-`) is given /dev/null, so that no file that is opened
 * later gets its number and is written into.
 *  2. SIGPIPE is ignored: a reader that goes away is an error of write, which ends quietly.
 * SIGXFSZ too: a file beyond `ulimit -f` is one that cannot be written.
 *  3. A planned subcommand says so; an unknown one gets near names; a file in its place gets the
 * hint.
 */
#include "command.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "output.h"

#define CRASH "examples/crash/predictions.parquet --label dead --score candidate"

const struct command commands[] = {
    {"check", CMD_CHECK, "the main job: models and data of a nonet.yaml, a verdict", "[nonet.yaml]",
     "Asks the models of a configuration about its rows, measures both, judges the candidate by "
     "the "
     "gates of the context and exits with the verdict: 0 PASS (or nothing to judge), 1 FAIL, 2 "
     "INCONCLUSIVE. The run is kept in the store.",
     "  nonet check examples/crash/nonet.yaml --budget 20s --html /tmp/crash.html\n", 1, cmd_check},
    {"init", CMD_INIT, "writes a first nonet.yaml for the models and data it finds", "[nonet.yaml]",
     "Looks into the folder for models and tables and writes a commented configuration fitted to "
     "them: what is certain is filled in, what is not is a choice to make. With --from also the "
     "loop that answers with a scikit-learn or PyTorch model. Never writes over a file.",
     "  nonet init examples/crash/first.yaml --context real-time && rm examples/crash/first.yaml\n",
     1, cmd_init},
    {"context", CMD_CONTEXT, "what matters where a model will live: list, show, compare, check",
     "list|show NAME|diff A B|check FILE",
     "A context puts the nine attributes in order and names the gates, their margins and why. NAME "
     "is a preset or a file that ends in .yaml. show prints the whole as YAML to keep and edit; "
     "diff "
     "exits with 0 when nothing that a verdict depends on differs, else with 1.",
     "  nonet context show real-time\n"
     "  nonet context diff real-time safety-critical || test $? -eq 1\n",
     3, cmd_context},
    {"measure", CMD_MEASURE, "numbers with intervals for a model's predictions",
     "FILE|-|--query SQL",
     "Reads rows with what was true (--label) and what a model said (--score or --prediction) and "
     "reports every measure that fits, each with its interval. FILE is CSV, Parquet, JSON or "
     "Arrow, "
     "a glob in quotes, or - for stdin. With the columns of a second model, both and their paired "
     "difference. Exits with 0.",
     "  nonet measure " CRASH " --group sex,age_band\n", 1, cmd_measure},
    {"compare", CMD_COMPARE, "may this model replace that one? A verdict", "FILE|-|--query SQL",
     "Measures two models on the same rows, judges the difference by the gates of a context and "
     "exits with the verdict: 0 PASS (or nothing to judge), 1 FAIL, 2 INCONCLUSIVE.",
     "  nonet compare " CRASH " --baseline-score baseline --cluster case_id --margin "
     "correctness.auc=0.02\n",
     1, cmd_compare},
    {"selftest", CMD_SELFTEST, "do the gates keep their promises on these rows?",
     "[nonet.yaml|FILE|-|--query SQL]",
     "Swaps candidate and baseline at random, 1,000 times, so that they are equal, puts harms of a "
     "known size in, and counts how often the gates of the context err: 0 they err no more often "
     "than they promise, 1 one does, 2 these rows cannot tell. Also how often they would find a "
     "harm of twice the margin. Rows are read as by compare, a configuration as by check.",
     "  nonet selftest " CRASH " --baseline-score baseline\n", 1, cmd_selftest},
    {"data", CMD_DATA, "where imbalance and other defects of a table bite", "FILE|-|--query SQL",
     "Says of a table, without any model: which class of which group is known too badly to judge, "
     "where classes overlap, which rows are copies, which column gives the label away; each with "
     "its interval, what it hurts and the remedy. Every column but the label is a feature unless "
     "--features names them. Exits with 0.",
     "  nonet data examples/crash/test.parquet --label dead --group sex --train "
     "examples/crash/train.parquet\n",
     1, cmd_data},
    {"merge", CMD_MERGE, "the states of parts, measured as one table", "STATE...",
     "Each part of a table is measured where it lies with nonet measure --state; merging the "
     "states "
     "gives the same numbers as one run over all rows. Roles, options and types of the parts must "
     "be the same.",
     "  nonet measure " CRASH " --state /tmp/crash.state --quiet\n"
     "  nonet merge /tmp/crash.state\n",
     (size_t)-1, cmd_merge},
    {"rebalance", CMD_REBALANCE, "a table with its classes balanced", "FILE|-|--query SQL",
     "Writes the table again with rows taken out, copied, made or weighed. Rows and columns that "
     "stay are untouched and in their order; copies, then made rows stand behind them. Made rows "
     "have label and features, and null elsewhere. Without --features distances use every column "
     "but the label, on the scale it has. For training alone: judge a model on rows as they came.",
     "  nonet rebalance examples/crash/predictions.parquet -o /tmp/even.parquet --label dead "
     "--method random-under --ratio 0.5\n",
     1, cmd_rebalance},
    {"catalogue", CMD_CATALOGUE, "every measure of this build, and what it means", "[ID...]",
     "Lists the measures; with ids or attributes, tells all about them: definition, formula, "
     "source, "
     "and how their intervals are made.",
     "  nonet catalogue correctness.mcc\n", (size_t)-1, cmd_catalogue},
    {"history", CMD_HISTORY, "the runs of the past, and what changed", "",
     "Lists the runs that were kept. With --measure, a chart of one measure over the runs of each "
     "data source; a change is marked when the interval of the difference excludes 0, and not when "
     "two intervals fail to overlap. nonet report ID shows a run again.",
     "  nonet history\n", 0, cmd_history},
    {"completion", CMD_COMPLETION, "completion for a shell: bash, zsh or fish", "bash|zsh|fish",
     "Prints a script that teaches the shell nonet's subcommands and options.",
     "  nonet completion bash > /tmp/nonet.bash\n", 1, cmd_completion},
    {"report", CMD_REPORT, "any report from kept evidence", "EVIDENCE.json|RUN-ID|-",
     "Shows a run again from its evidence, without the data: on the terminal, or in the formats "
     "that are asked for. Exits with 0.",
     "  nonet compare " CRASH " --baseline-score baseline --json /tmp/crash.json --quiet\n"
     "  nonet report /tmp/crash.json --html /tmp/crash.html --markdown -\n",
     1, cmd_report},
    {"remedy", 0, "tries remedies and keeps what passes", NULL, NULL, NULL, 0, NULL},
    {"label", 0, "which labels would decide the verdict", NULL, NULL, NULL, 0, NULL},
    {"serve", 0, "the past in a browser", NULL, NULL, NULL, 0, NULL},
    {"scan", 0, "a security scan of model files", NULL, NULL, NULL, 0, NULL},
    {"elicit", 0, "a context from people's rankings", NULL, NULL, NULL, 0, NULL},
    {NULL, 0, NULL, NULL, NULL, NULL, 0, NULL},
};

static int print_help(void) {
  struct output output;
  if (output_open(&output)) {
    FILE *out = output.stream;
    fputs("nonet - nine measures of a model, one verdict\n\nusage: nonet COMMAND [options]\n\n",
          out);
    for (const struct command *command = commands; command->name != NULL; command++) {
      if (command->run != NULL) {
        fprintf(out, "  %-12s %s\n", command->name, command->summary);
      }
    }
    fputs("\n  nonet COMMAND --help   its options and an example\n"
          "  nonet --version        this build, and the runtimes it found\n\nPlanned: ",
          out);
    char planned[400] = "";
    for (const struct command *command = commands; command->name != NULL; command++) {
      if (command->run == NULL) {
        size_t used = strlen(planned);
        snprintf(planned + used, sizeof planned - used, "%s%s", used > 0 ? ", " : "",
                 command->name);
      }
    }
    options_wrap(out, planned, strlen("Planned: "), strlen("Planned: "));
    fputs("\nExit codes: 0 done or PASS, 1 FAIL, 2 INCONCLUSIVE, 64 usage, 65 data,\n"
          "66 no such file, 69 a runtime is missing, 70 internal, 71 memory, 73 and 74\n"
          "an output cannot be made or written, 78 configuration, 130 stopped.\n\nExample:\n",
          out);
    fputs(commands[0].examples, out);
  }
  return output_close(&output, NULL, 0);
}

static int print_version(void) {
  struct output output;
  nonet_error error = {""};
  char *runtimes = NULL;
  nonet_status status = nonet_runtimes(&runtimes, &error);
  if (status != NONET_OK) {
    return output_error(NULL, status, error.message);
  }
  if (output_open(&output)) {
    fprintf(output.stream, "nonet %s (commit %s)\n%s", nonet_version(), nonet_commit(), runtimes);
  }
  nonet_text_free(runtimes);
  return output_close(&output, NULL, 0);
}

static const struct command *find(const char *name) {
  for (const struct command *command = commands; command->name != NULL; command++) {
    if (strcmp(command->name, name) == 0) {
      return command;
    }
  }
  return NULL;
}

/* Case 3. */
static int unknown(const char *word) {
  const char *names[sizeof commands / sizeof *commands];
  char message[400];
  size_t n_names = 0, near[2];
  while (commands[n_names].name != NULL) {
    names[n_names] = commands[n_names].name;
    n_names++;
  }
  if (word[0] == '-') {
    snprintf(message, sizeof message, "unknown option '%.100s' before a command", word);
    return output_error(NULL, NONET_E_USAGE, message);
  }
  size_t n_near = nonet_nearest(word, names, n_names, 2, near);
  if (n_near > 0) {
    snprintf(message, sizeof message, "no command '%.100s' (did you mean '%s'%s%s%s?)", word,
             names[near[0]], n_near > 1 ? " or '" : "", n_near > 1 ? names[near[1]] : "",
             n_near > 1 ? "'" : "");
  } else if (access(word, F_OK) == 0) {
    snprintf(message, sizeof message,
             "no command '%.100s'; to measure that file: nonet measure %.100s", word, word);
  } else {
    snprintf(message, sizeof message, "no command '%.100s'", word);
  }
  return output_error(NULL, NONET_E_USAGE, message);
}

static int not_built(const struct command *command) {
  char message[300];
  int used = snprintf(message, sizeof message, "not built yet; this build has");
  for (const struct command *other = commands; other->name != NULL; other++) {
    if (other->run != NULL) {
      used += snprintf(message + used, sizeof message - (size_t)used, "%s %s",
                       other == commands ? "" : ",", other->name);
    }
  }
  fprintf(stderr, "nonet %s: %s\n", command->name, message);
  return NONET_E_USAGE;
}

static int run_command(const struct command *command, int n, char **argv) {
  struct arguments arguments = {.log_level = LOG_WARN};
  nonet_error error = {""};
  int code;
  nonet_options_init(&arguments.options);
  arguments.operands = calloc((size_t)n + 1, sizeof *arguments.operands);
  if (arguments.operands == NULL) {
    return output_error(command, NONET_E_MEMORY, "out of memory at the start");
  }
  nonet_status status = options_parse(command, n, argv, &arguments, &error);
  if (status != NONET_OK) {
    code = output_error(command, status, error.message);
  } else if (arguments.help) {
    struct output output;
    if (output_open(&output)) {
      options_help(command, output.stream);
    }
    code = output_close(&output, command, 0);
  } else {
    code = command->run(command, &arguments);
  }
  free(arguments.operands);
  return code;
}

/* Case 1. */
static void keep_standard_files_open(void) {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++) {
    if (fcntl(number, F_GETFD) < 0) {
      int opened = open("/dev/null", number == STDIN_FILENO ? O_RDONLY : O_WRONLY);
      if (opened != number && opened >= 0) {
        (void)dup2(opened, number);
        (void)close(opened);
      }
    }
  }
}

int main(int argc, char **argv) {
  keep_standard_files_open();
  signal(SIGPIPE, SIG_IGN); /* case 2 */
  signal(SIGXFSZ, SIG_IGN);
  if (argc < 2) {
    return output_error(NULL, NONET_E_USAGE, "no command given; for example nonet measure FILE");
  }
  const char *word = argv[1];
  if (strcmp(word, "--version") == 0 || strcmp(word, "version") == 0) {
    return print_version();
  }
  bool is_help =
      strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0;
  if (is_help && argc == 2) {
    return print_help();
  }
  const struct command *command = find(is_help ? argv[2] : word);
  if (command == NULL) {
    return unknown(is_help ? argv[2] : word);
  }
  if (command->run == NULL) {
    return not_built(command);
  }
  static char help[] = "--help";
  char *help_argv[] = {help};
  return is_help ? run_command(command, 1, help_argv) : run_command(command, argc - 2, argv + 2);
}
