/*
 * nonet report: a kept run again, in any format, from its evidence alone.
 *
 * Cases: 1. Asked for files or for a format on stdout, it prints no terminal report besides.  2. -
 * reads stdin.  3. Evidence that was edited or cut is refused by the library, which takes its
 * digest again.
 */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

int cmd_report(const struct command *command, const struct arguments *arguments) {
  struct arguments asked = *arguments;
  struct reports reports = {0};
  nonet_evidence *evidence = NULL;
  nonet_error error = {""};
  char *printed = NULL;
  nonet_status status = NONET_OK;
  int code = 0;
  if (arguments->n_operands == 0) {
    return output_error(command, NONET_E_USAGE,
                        "no evidence: expected a file that --json wrote, or - for stdin");
  }
  asked.quiet = asked.quiet || asked.json != NULL || asked.html != NULL || asked.junit != NULL ||
                asked.sarif != NULL || asked.markdown != NULL || asked.card != NULL; /* case 1 */
  status = reports_open(&reports, &asked, &error);
  if (status == NONET_OK) {
    status = read_evidence(arguments->operands[0], &evidence, &error);
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
