/*
 * nonet report: a kept run again, in any format, from its evidence alone.
 *
 * Cases: 1. Asked for files or for a format on stdout, it prints no terminal report besides.  2. -
 * reads stdin.  3. Evidence that was edited or cut is refused by the library, which takes its
 * digest again.  4. What is no file and reads like a run's id is looked up in the store.
 */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Everything of a stream; *text is for free(). */
static nonet_status slurp(FILE *stream, const char *name, char **text, size_t *size_bytes,
                          nonet_error *error) {
  char piece[65536];
  FILE *whole = open_memstream(text, size_bytes);
  size_t n = 0;
  bool is_whole = whole != NULL;
  while (is_whole && (n = fread(piece, 1, sizeof piece, stream)) > 0) {
    is_whole = fwrite(piece, 1, n, whole) == n;
  }
  const int why = errno;
  if (whole != NULL && fclose(whole) != 0) {
    is_whole = false;
  }
  if (ferror(stream)) {
    snprintf(error->message, sizeof error->message, "cannot read %.300s: %s", name, strerror(why));
    return why == EISDIR ? NONET_E_DATA : NONET_E_IO;
  }
  if (!is_whole) {
    snprintf(error->message, sizeof error->message, "out of memory for %.300s", name);
    return NONET_E_MEMORY;
  }
  return NONET_OK;
}

static nonet_status read_evidence(const char *name, nonet_evidence **evidence, nonet_error *error) {
  const bool is_stdin = strcmp(name, "-") == 0; /* case 2 */
  FILE *stream = is_stdin ? stdin : fopen(name, "rb");
  char *text = NULL;
  size_t size_bytes = 0;
  if (stream == NULL) {
    snprintf(error->message, sizeof error->message,
             "cannot open %.300s: %s; expected a file that --json wrote", name, strerror(errno));
    return errno == ENOENT || errno == ENOTDIR ? NONET_E_NO_INPUT : NONET_E_IO;
  }
  nonet_status status = slurp(stream, is_stdin ? "stdin" : name, &text, &size_bytes, error);
  if (status == NONET_OK) {
    status = nonet_evidence_parse(text, size_bytes, is_stdin ? "stdin" : name, evidence, error);
  }
  if (!is_stdin) {
    fclose(stream);
  }
  free(text);
  return status;
}

/* Case 4: hexadecimal digits, as many as a prefix needs and no more than an id has. */
static bool is_run_id(const char *name) {
  const size_t length = strspn(name, "0123456789abcdef");
  return length >= 4 && length <= 64 && name[length] == '\0' && access(name, F_OK) != 0;
}

static nonet_status find_run(const char *where, const char *id, nonet_evidence **evidence,
                             nonet_error *error) {
  nonet_store *store = NULL;
  nonet_status status = nonet_store_open(where, 0, &store, error);
  if (status == NONET_OK) {
    status = nonet_store_get(store, id, evidence, error);
  }
  nonet_store_free(store);
  return status;
}

int cmd_report(const struct command *command, const struct arguments *arguments) {
  struct arguments asked = *arguments;
  struct reports reports = {0};
  nonet_evidence *evidence = NULL;
  nonet_error error = {""};
  char *printed = NULL;
  nonet_status status = NONET_OK;
  int code = 0;
  if (arguments->n_operands == 0) {
    return output_error(
        command, NONET_E_USAGE,
        "no evidence: expected a file that --json wrote, - for stdin, or the id of a kept run");
  }
  asked.quiet = asked.quiet || asked.json != NULL || asked.html != NULL || asked.junit != NULL ||
                asked.sarif != NULL || asked.markdown != NULL || asked.card != NULL; /* case 1 */
  status = reports_open(&reports, &asked, &error);
  if (status == NONET_OK) {
    const char *name = arguments->operands[0];
    status = is_run_id(name) ? find_run(arguments->options.store, name, &evidence, &error)
                             : read_evidence(name, &evidence, &error);
  }
  if (status == NONET_OK) {
    status = reports_write(&reports, &asked, evidence, &printed, &error);
  }
  reports_abandon(&reports);
  if (status != NONET_OK) {
    code = output_error(command, status, error.message);
  } else if (printed != NULL) {
    code = output_write(command, printed, strlen(printed), 0);
  }
  nonet_text_free(printed);
  nonet_evidence_free(evidence);
  return code;
}
