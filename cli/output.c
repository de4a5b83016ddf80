/*
 * Writing on stdout and stderr.
 *
 * Cases:
 *  1. Everything is made in memory first and written last, so a failed run leaves nothing on
 * stdout.
 *  2. EPIPE: the reader has seen enough (`| head`); exit 0 without a word (SIGPIPE is ignored in
 * main).
 *  3. A full disk behind stdout is NONET_E_IO with the system's reason.
 *  4. Colour only on a terminal that is not "dumb", without --no-color and NO_COLOR (no-color.org:
 * set and not empty). Characters beyond ASCII unless the locale names another character set.
 */
#include "output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "options.h"

int output_write(const struct command *command, const char *text, size_t size_bytes, int code) {
  while (size_bytes > 0) {
    ssize_t n = write(STDOUT_FILENO, text, size_bytes);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0 && errno == EPIPE) { /* case 2 */
      return 0;
    }
    if (n < 0) { /* case 3 */
      char message[160];
      snprintf(message, sizeof message, "cannot write to stdout: %s", strerror(errno));
      return output_error(command, NONET_E_IO, message);
    }
    text += n;
    size_bytes -= (size_t)n;
  }
  return code;
}

bool output_open(struct output *output) {
  *output = (struct output){0};
  output->stream = open_memstream(&output->text, &output->size_bytes);
  return output->stream != NULL;
}

int output_close(struct output *output, const struct command *command, int code) {
  if (output->stream == NULL || fclose(output->stream) != 0) {
    free(output->text);
    return output_error(command, NONET_E_MEMORY, "out of memory for the text to print");
  }
  code = output_write(command, output->text, output->size_bytes, code);
  free(output->text);
  return code;
}

nonet_status output_commit(struct output *output, nonet_file *file, nonet_error *error) {
  nonet_status status = NONET_E_MEMORY;
  if (fclose(output->stream) == 0) {
    status = nonet_file_commit(file, output->text, error);
  } else {
    snprintf(error->message, sizeof error->message, "out of memory for the text to write");
    nonet_file_abandon(file);
  }
  free(output->text);
  return status;
}

void output_discard(struct output *output) {
  (void)fclose(output->stream);
  free(output->text);
}

int output_error(const struct command *command, nonet_status status, const char *message) {
  const char *name = command != NULL ? command->name : "";
  const char *space = command != NULL ? " " : "";
  fprintf(stderr, "nonet%s%s: %s\n", space, name, message);
  if (status == NONET_E_USAGE) {
    fprintf(stderr, "  nonet%s%s --help shows how it is used\n", space, name);
  }
  return (int)status;
}

/* The locale's character set by its name, as setlocale would choose it; none named: UTF-8. */
static bool is_ascii_only(void) {
  static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    const char *value = getenv(names[i]);
    if (value != NULL && value[0] != '\0') {
      return strcasestr(value, "utf-8") == NULL && strcasestr(value, "utf8") == NULL;
    }
  }
  return false;
}

nonet_terminal_options output_looks(const struct arguments *arguments) {
  nonet_terminal_options looks;
  struct winsize size;
  uint64_t columns;
  const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM"), *asked = getenv("COLUMNS");
  bool is_terminal = isatty(STDOUT_FILENO);
  nonet_terminal_options_init(&looks);
  looks.color = is_terminal && !arguments->no_color && (no_color == NULL || no_color[0] == '\0') &&
                term != NULL && strcmp(term, "dumb") != 0; /* case 4 */
  looks.ascii = is_ascii_only();
  if (asked != NULL && number_whole(asked, 1000, &columns) && columns > 0) {
    looks.columns = (size_t)columns;
  } else if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    looks.columns = size.ws_col;
  }
  return looks;
}
