/* Reports of an evidence handle: each is a renderer of the report floor that reads the document
 * alone. */
#include "api/api.h"

#include <string.h>

#include "base/error.h"
#include "report/report.h"

void nonet_terminal_options_init(nonet_terminal_options *options) {
  *options = (nonet_terminal_options){.struct_size = sizeof *options, .columns = 100};
}

nonet_status api_terminal_style(const nonet_terminal_options *options, struct terminal_style *style,
                                nonet_error *error) {
  nonet_terminal_options known;
  nonet_terminal_options_init(&known);
  if (options != NULL) {
    if (options->struct_size < sizeof options->struct_size || options->struct_size > sizeof known) {
      return error_set(error, NONET_E_USAGE,
                       "terminal options have struct_size %zu, expected %zu: call "
                       "nonet_terminal_options_init first",
                       options->struct_size, sizeof known);
    }
    memcpy(&known, options, options->struct_size);
  }
  *style = (struct terminal_style){known.columns, known.color != 0, known.ascii != 0};
  return NONET_OK;
}

nonet_status nonet_report(const nonet_evidence *evidence, const char *format,
                          const nonet_terminal_options *options, char **text, nonet_error *error) {
  struct terminal_style style;
  struct text report = {0};
  *text = NULL;
  nonet_status status = api_terminal_style(options, &style, error);
  if (status == NONET_OK) {
    status = report_render(evidence->document->root, format, &style, &report, error);
  }
  if (status == NONET_OK) {
    return api_take_text(&report, "the report", text, error);
  }
  text_clear(&report);
  return status;
}

nonet_status nonet_report_terminal(const nonet_evidence *evidence,
                                   const nonet_terminal_options *options, char **text,
                                   nonet_error *error) {
  return nonet_report(evidence, "terminal", options, text, error);
}

size_t nonet_reports_size(void) {
  size_t n = 0;
  while (report_formats[n].name != NULL) {
    n++;
  }
  return n;
}

int nonet_reports_at(size_t index, nonet_report_info *info) {
  if (index >= nonet_reports_size()) {
    return 0;
  }
  const struct report_format *format = &report_formats[index];
  *info = (nonet_report_info){format->name, format->option, format->media_type, format->summary};
  return 1;
}
