/*
 * nonet history: the runs that were kept, and one measure over them.
 *
 * Cases: 1. no store yet, or a measure that no run has: told, with the exit code of contract.md.
 * 2. --json - : the document and no table.
 */
#include "command.h"

#include <string.h>

#include "output.h"

int cmd_history(const struct command *command, const struct arguments *arguments) {
  bool is_json_only = arguments->json != NULL && strcmp(arguments->json, "-") == 0;
  nonet_terminal_options looks = output_looks(arguments);
  nonet_error error = {""};
  nonet_store *store = NULL;
  nonet_file *file = NULL;
  char *json = NULL, *text = NULL;
  int code = 0;
  nonet_status status = NONET_OK;
  if (arguments->json != NULL && !is_json_only) {
    status = nonet_file_open(arguments->json, &file, &error);
  }
  if (status == NONET_OK) {
    status = nonet_store_open(arguments->options.store, 0, &store, &error);
  }
  if (status == NONET_OK && arguments->json != NULL) {
    status = nonet_history_json(store, arguments->measure, &json, &error);
  }
  if (status == NONET_OK && !is_json_only && !arguments->quiet) {
    status = nonet_history_terminal(store, arguments->measure, &looks, &text, &error);
  }
  if (status == NONET_OK && file != NULL) {
    status = nonet_file_commit(file, json, &error);
    file = NULL;
  }
  nonet_file_abandon(file);
  nonet_store_free(store);
  const char *printed = is_json_only ? json : text;
  if (status != NONET_OK) {
    code = output_error(command, status, error.message);
  } else if (printed != NULL) {
    code = output_write(command, printed, strlen(printed), 0);
  }
  nonet_text_free(json);
  nonet_text_free(text);
  return code;
}
