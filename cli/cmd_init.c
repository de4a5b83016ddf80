/* nonet init: a first nonet.yaml for what is in the folder. Never over a file that is there. */
#include <string.h>

#include "output.h"

int cmd_init(const struct command *command, const struct arguments *arguments) {
  nonet_error error = {""};
  char *said = NULL;
  const char *path = arguments->n_operands == 1 ? arguments->operands[0] : NULL;
  nonet_status status =
      nonet_init(path, arguments->options.context, arguments->from, &said, &error);
  if (status != NONET_OK) {
    return output_error(command, status, error.message);
  }
  int code = output_write(command, said, arguments->quiet ? 0 : strlen(said), 0);
  nonet_text_free(said);
  return code;
}
