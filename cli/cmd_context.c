/*
 * nonet context: lists, shows, compares and checks contexts.
 *
 * Cases: 1. The first operand is the verb; each takes its number of names. 2. diff: 0 equal, 1
 * different (contract.md §1). 3. --json is for list and show: - is stdout with nothing else on it.
 */
#include <string.h>

#include "output.h"

enum verb { VERB_LIST, VERB_SHOW, VERB_DIFF, VERB_CHECK };

static const struct {
  const char *name;
  size_t n_names;
  const char *takes;
  bool has_json;
} verbs[] = {{"list", 0, "no name", true},
             {"show", 1, "one name", true},
             {"diff", 2, "two names", false},
             {"check", 1, "one file", false}};
#define N_VERBS (sizeof verbs / sizeof *verbs)

static void print_list(FILE *out, bool is_json, nonet_status *status, nonet_error *error) {
  fputs(is_json ? "[\n" : "", out);
  for (size_t i = 0; *status == NONET_OK && nonet_context_name(i) != NULL; i++) {
    char *text = NULL;
    const char *name = nonet_context_name(i);
    *status =
        is_json ? nonet_context_json(name, &text, error) : nonet_context_title(name, &text, error);
    if (*status == NONET_OK && is_json) {
      fprintf(out, "%s%s", i == 0 ? "" : ",", text);
    } else if (*status == NONET_OK) {
      fprintf(out, "%-20s %s\n", name, text);
    }
    nonet_text_free(text);
  }
  fputs(is_json ? "]\n" : "", out);
}

static int print_diff(const struct command *command, const struct arguments *arguments) {
  nonet_error error = {""};
  char *text = NULL;
  int differs = 0;
  nonet_status status =
      nonet_context_diff(arguments->operands[1], arguments->operands[2], &text, &differs, &error);
  if (status != NONET_OK) {
    return output_error(command, status, error.message);
  }
  int code = output_write(command, text, arguments->quiet ? 0 : strlen(text), differs ? 1 : 0);
  nonet_text_free(text);
  return code;
}

static int print_check(const struct command *command, const struct arguments *arguments) {
  nonet_error error = {""};
  char *text = NULL, line[400];
  nonet_status status = nonet_context_yaml(arguments->operands[1], &text, &error);
  nonet_text_free(text);
  if (status != NONET_OK) {
    return output_error(command, status, error.message);
  }
  snprintf(line, sizeof line, "%.380s: ok\n", arguments->operands[1]);
  return output_write(command, line, arguments->quiet ? 0 : strlen(line), 0);
}

/* list and show, as text or JSON. */
static int print_contexts(const struct command *command, const struct arguments *arguments,
                          enum verb verb) {
  bool is_json = arguments->json != NULL;
  bool is_stdout = !is_json || strcmp(arguments->json, "-") == 0;
  nonet_error error = {""};
  nonet_file *file = NULL;
  struct output output;
  char *text = NULL;
  nonet_status status = is_stdout ? NONET_OK : nonet_file_open(arguments->json, &file, &error);
  if (status != NONET_OK) {
    return output_error(command, status, error.message);
  }
  if (!output_open(&output)) {
    nonet_file_abandon(file);
    return output_error(command, NONET_E_MEMORY, "out of memory for the text to print");
  }
  if (verb == VERB_LIST) {
    print_list(output.stream, is_json, &status, &error);
  } else {
    status = is_json ? nonet_context_json(arguments->operands[1], &text, &error)
                     : nonet_context_yaml(arguments->operands[1], &text, &error);
    fputs(status == NONET_OK ? text : "", output.stream);
    nonet_text_free(text);
  }
  if (status == NONET_OK && file != NULL) {
    status = output_commit(&output, file, &error);
    return status == NONET_OK ? 0 : output_error(command, status, error.message);
  }
  if (status != NONET_OK) {
    nonet_file_abandon(file);
    output_discard(&output);
    return output_error(command, status, error.message);
  }
  return output_close(&output, command, 0);
}

int cmd_context(const struct command *command, const struct arguments *arguments) {
  const char *word = arguments->n_operands > 0 ? arguments->operands[0] : "";
  char message[200];
  for (size_t i = 0; i < N_VERBS; i++) {
    if (strcmp(verbs[i].name, word) != 0) {
      continue;
    }
    if (arguments->n_operands - 1 != verbs[i].n_names) { /* case 1 */
      snprintf(message, sizeof message, "%s takes %s, found %zu", word, verbs[i].takes,
               arguments->n_operands - 1);
      return output_error(command, NONET_E_USAGE, message);
    }
    if (arguments->json != NULL && !verbs[i].has_json) { /* case 3 */
      snprintf(message, sizeof message, "%s writes no JSON; list and show do", word);
      return output_error(command, NONET_E_USAGE, message);
    }
    return i == VERB_DIFF    ? print_diff(command, arguments)
           : i == VERB_CHECK ? print_check(command, arguments)
                             : print_contexts(command, arguments, (enum verb)i);
  }
  snprintf(message, sizeof message, "expected list, show, diff or check; found '%.60s'", word);
  return output_error(command, NONET_E_USAGE, message);
}
