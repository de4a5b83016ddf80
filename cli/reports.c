/*
 * The files of a run.
 *
 * Cases:
 *  1. An output that is one of the inputs, or two outputs in one file, is a usage error: a run
 * never destroys what it reads.
 *  2. "-" is stdout, for one format; then nothing else is printed there.
 *  3. Targets are opened before the work: a path that cannot be made is found at once.
 *  4. All formats are made before the first file is replaced: when memory ends, none is.
 *  5. A file that cannot be written (a full disk) stops there; those before it are whole.
 */
#include "reports.h"

#include <string.h>
#include <sys/stat.h>

#include "output.h"

static const struct {
  const char *format; /* also the option */
  size_t offset;
} table[N_REPORTS] = {
    {"json", offsetof(struct arguments, json)},
    {"html", offsetof(struct arguments, html)},
    {"junit", offsetof(struct arguments, junit)},
    {"sarif", offsetof(struct arguments, sarif)},
    {"markdown", offsetof(struct arguments, markdown)},
    {"card", offsetof(struct arguments, card)},
};

static const char *target(const struct arguments *arguments, size_t i) {
  return *(const char *const *)(const void *)((const char *)arguments + table[i].offset);
}

static bool is_stdout(const char *path) {
  return path != NULL && strcmp(path, "-") == 0;
}

static bool is_same_file(const char *a, const char *b) {
  struct stat first, second;
  if (a == NULL || b == NULL || is_stdout(a) || is_stdout(b)) {
    return false;
  }
  if (strcmp(a, b) == 0) {
    return strncmp(a, "/dev/", 5) != 0;
  }
  return stat(a, &first) == 0 && stat(b, &second) == 0 && S_ISREG(first.st_mode) &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static nonet_status clash(nonet_error *error, const char *one, const char *other,
                          const char *path) {
  snprintf(error->message, sizeof error->message, "--%s and --%s both name %.300s; name two %s",
           one, other, is_stdout(path) ? "stdout" : path, is_stdout(path) ? "places" : "files");
  return NONET_E_USAGE;
}

static nonet_status overwrites(nonet_error *error, const char *option, const char *path) {
  snprintf(error->message, sizeof error->message,
           "--%s %.300s would overwrite an input; name another file", option, path);
  return NONET_E_USAGE;
}

/* Case 1; `name` and `path` of an output beside outputs 0 … n and all inputs. */
static nonet_status check_output(const struct arguments *arguments, const char *name,
                                 const char *path, size_t n, nonet_error *error) {
  for (size_t k = 0; k < arguments->n_operands; k++) {
    if (is_same_file(path, arguments->operands[k])) {
      return overwrites(error, name, path);
    }
  }
  for (size_t k = 0; k < n; k++) {
    const char *other = target(arguments, k);
    if (is_same_file(path, other) || (is_stdout(path) && is_stdout(other))) { /* case 2 */
      return clash(error, table[k].format, name, path);
    }
  }
  return NONET_OK;
}

nonet_status reports_open(struct reports *reports, const struct arguments *arguments,
                          nonet_error *error) {
  nonet_status status = NONET_OK;
  *reports = (struct reports){0};
  for (size_t i = 0; i < N_REPORTS && status == NONET_OK; i++) {
    const char *path = target(arguments, i);
    status = path == NULL ? NONET_OK : check_output(arguments, table[i].format, path, i, error);
  }
  if (status == NONET_OK && arguments->options.state != NULL) {
    status = check_output(arguments, "state", arguments->options.state, N_REPORTS, error);
  }
  for (size_t i = 0; i < N_REPORTS && status == NONET_OK; i++) { /* case 3 */
    const char *path = target(arguments, i);
    if (path != NULL && !is_stdout(path)) {
      status = nonet_file_open(path, &reports->file[i], error);
    }
  }
  if (status != NONET_OK) {
    reports_abandon(reports);
  }
  return status;
}

nonet_status reports_write(struct reports *reports, const struct arguments *arguments,
                           const nonet_evidence *evidence, char **printed, nonet_error *error) {
  char *text[N_REPORTS] = {NULL};
  nonet_status status = NONET_OK;
  *printed = NULL;
  for (size_t i = 0; i < N_REPORTS && status == NONET_OK; i++) { /* case 4 */
    if (target(arguments, i) != NULL) {
      status = nonet_report(evidence, table[i].format, NULL, &text[i], error);
    }
    if (status == NONET_OK && is_stdout(target(arguments, i))) {
      *printed = text[i];
      text[i] = NULL;
    }
  }
  if (status == NONET_OK && *printed == NULL && !arguments->quiet) {
    nonet_terminal_options looks = output_looks(arguments);
    status = nonet_report(evidence, "terminal", &looks, printed, error);
  }
  for (size_t i = 0; i < N_REPORTS && status == NONET_OK; i++) { /* case 5 */
    if (reports->file[i] != NULL) {
      status = nonet_file_commit(reports->file[i], text[i], error);
      reports->file[i] = NULL;
    }
  }
  for (size_t i = 0; i < N_REPORTS; i++) {
    nonet_text_free(text[i]);
  }
  if (status != NONET_OK) {
    nonet_text_free(*printed);
    *printed = NULL;
    reports_abandon(reports);
  }
  return status;
}

void reports_abandon(struct reports *reports) {
  for (size_t i = 0; reports != NULL && i < N_REPORTS; i++) {
    nonet_file_abandon(reports->file[i]);
    reports->file[i] = NULL;
  }
}
