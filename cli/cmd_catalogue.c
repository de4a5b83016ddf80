/*
 * nonet catalogue: what this build can measure.
 *
 * Cases: 1. No operand: one line per measure under its attribute.  2. Ids or attributes: everything
 * the record says; an unknown name is a usage error with near names.  3. --json: the same as data
 * (schema nonet/catalogue/1); an infinite end of a range is null.
 */
#include <math.h>
#include <string.h>

#include "options.h"
#include "output.h"

/* A string of JSON; the catalogue is UTF-8. */
static void json_string(FILE *out, const char *text) {
  if (text == NULL) {
    fputs("null", out);
    return;
  }
  fputc('"', out);
  for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
    if (*at == '"' || *at == '\\') {
      fprintf(out, "\\%c", *at);
    } else if (*at < 0x20) {
      fprintf(out, "\\u%04x", (unsigned)*at);
    } else {
      fputc(*at, out);
    }
  }
  fputc('"', out);
}

static void json_number(FILE *out, double value) {
  if (isfinite(value)) {
    fprintf(out, "%.17g", value);
  } else {
    fputs("null", out);
  }
}

static bool is_picked(const struct arguments *arguments, const nonet_measure_info *info) {
  for (size_t i = 0; i < arguments->n_operands; i++) {
    if (strcmp(arguments->operands[i], info->id) == 0 ||
        strcmp(arguments->operands[i], info->attribute) == 0) {
      return true;
    }
  }
  return arguments->n_operands == 0;
}

static void print_json(FILE *out, const struct arguments *arguments) {
  nonet_measure_info info;
  const char *separator = "";
  fputs("{\n  \"schema\": \"nonet/catalogue/1\",\n  \"tool\": {\"version\": ", out);
  json_string(out, nonet_version());
  fputs(", \"commit\": ", out);
  json_string(out, nonet_commit());
  fputs("},\n  \"measures\": [", out);
  for (size_t i = 0; nonet_catalogue_at(i, &info); i++) {
    const char *const fields[][2] = {{"id", info.id},
                                     {"attribute", info.attribute},
                                     {"title", info.title},
                                     {"definition", info.definition},
                                     {"formula", info.formula},
                                     {"source", info.source},
                                     {"unit", info.unit},
                                     {"direction", info.direction},
                                     {"tasks", info.tasks},
                                     {"needs", info.needs},
                                     {"interval", info.interval},
                                     {"interval_weighted", info.interval_weighted},
                                     {"shortfall", info.shortfall},
                                     {"variants", info.variants},
                                     {"axis_x", info.axis_x},
                                     {"axis_y", info.axis_y}};
    if (!is_picked(arguments, &info)) {
      continue;
    }
    fprintf(out, "%s\n    {", separator);
    for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
      fprintf(out, "\"%s\": ", fields[k][0]);
      json_string(out, fields[k][1]);
      fputs(", ", out);
    }
    fputs("\"range\": [", out);
    json_number(out, info.range_low);
    fputs(", ", out);
    json_number(out, info.range_high);
    fprintf(out, "], \"primary\": %s}", info.is_primary ? "true" : "false");
    separator = ",";
  }
  fputs("\n  ]\n}\n", out);
}

static void print_field(FILE *out, const char *name, const char *value) {
  if (value != NULL && value[0] != '\0') {
    fprintf(out, "  %-12s", name);
    options_wrap(out, value, 14, 14);
  }
}

static void print_record(FILE *out, const nonet_measure_info *info) {
  char range[80];
  snprintf(range, sizeof range, "%g to %g", info->range_low, info->range_high);
  fprintf(out, "%s: %s\n", info->id, info->title);
  print_field(out, "definition", info->definition);
  print_field(out, "formula", info->formula);
  print_field(out, "source", info->source);
  print_field(out, "unit", info->unit);
  print_field(out, "range", range);
  print_field(out, "better", info->direction);
  print_field(out, "tasks", info->tasks);
  print_field(out, "needs", info->needs);
  print_field(out, "variants", info->variants);
  print_field(out, "across", info->axis_x);
  print_field(out, "up", info->axis_y);
  print_field(out, "interval", info->interval);
  print_field(out, "weighted", info->interval_weighted);
  print_field(out, "shortfall", info->shortfall);
  fputc('\n', out);
}

static void print_list(FILE *out) {
  nonet_measure_info info;
  const char *attribute = "";
  for (size_t i = 0; nonet_catalogue_at(i, &info); i++) {
    if (strcmp(attribute, info.attribute) != 0) {
      fprintf(out, "%s%s\n", attribute[0] != '\0' ? "\n" : "", info.attribute);
      attribute = info.attribute;
    }
    fprintf(out, "%c %-36s %s\n", info.is_primary ? '*' : ' ', info.id, info.title);
  }
  fputs("\n* primary of a task. nonet catalogue ID tells all about one measure.\n", out);
}

static void print_text(FILE *out, const struct arguments *arguments) {
  nonet_measure_info info;
  if (arguments->n_operands == 0) {
    print_list(out);
    return;
  }
  for (size_t i = 0; nonet_catalogue_at(i, &info); i++) {
    if (is_picked(arguments, &info)) {
      print_record(out, &info);
    }
  }
}

/* Case 2. */
static nonet_status check_names(const struct arguments *arguments, nonet_error *error) {
  const char *names[2 * 512];
  size_t n_names = 0, near[2];
  const char *attribute = "";
  nonet_measure_info info;
  for (size_t i = 0; i < 512 && nonet_catalogue_at(i, &info); i++) {
    if (strcmp(attribute, info.attribute) != 0) {
      attribute = names[n_names++] = info.attribute;
    }
    names[n_names++] = info.id;
  }
  for (size_t i = 0; i < arguments->n_operands; i++) {
    bool is_known = false;
    for (size_t k = 0; k < n_names; k++) {
      is_known |= strcmp(names[k], arguments->operands[i]) == 0;
    }
    if (!is_known) {
      size_t n_near = nonet_nearest(arguments->operands[i], names, n_names, 2, near);
      snprintf(error->message, sizeof error->message, "no measure '%.100s' in this build%s%s%s",
               arguments->operands[i], n_near > 0 ? " (did you mean " : "",
               n_near > 0 ? names[near[0]] : "", n_near > 0 ? "?)" : "");
      return NONET_E_USAGE;
    }
  }
  return NONET_OK;
}

int cmd_catalogue(const struct command *command, const struct arguments *arguments) {
  struct output output;
  nonet_error error = {""};
  nonet_file *file = NULL;
  bool is_json_only = arguments->json != NULL && strcmp(arguments->json, "-") == 0;
  nonet_status status = check_names(arguments, &error);
  if (status == NONET_OK && arguments->json != NULL && !is_json_only) {
    status = nonet_file_open(arguments->json, &file, &error);
  }
  if (status == NONET_OK && file != NULL) {
    if (!output_open(&output)) {
      nonet_file_abandon(file);
      return output_error(command, NONET_E_MEMORY, "out of memory for the catalogue");
    }
    print_json(output.stream, arguments);
    status = output_commit(&output, file, &error);
  }
  if (status != NONET_OK) {
    return output_error(command, status, error.message);
  }
  if (arguments->quiet && !is_json_only) {
    return 0;
  }
  if (output_open(&output)) {
    (is_json_only ? print_json : print_text)(output.stream, arguments);
  }
  return output_close(&output, command, 0);
}
