/* Reports of an evidence handle: each is a renderer of the report floor that reads the document
 * alone. */
#include "api/api.h"

#include <string.h>

#include "base/error.h"

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

nonet_status nonet_report_terminal(const nonet_evidence *evidence,
                                   const nonet_terminal_options *options, char **text,
                                   nonet_error *error) {
  struct terminal_style style;
  struct text report = {0};
  *text = NULL;
  nonet_status status = api_terminal_style(options, &style, error);
  if (status == NONET_OK) {
    status = terminal_render(evidence->document->root, &style, &report, error);
  }
  if (status == NONET_OK) {
    return api_take_text(&report, "the report", text, error);
  }
  text_clear(&report);
  return status;
}
