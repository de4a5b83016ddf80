/* Any bytes as a context file: what is accepted is shown as a file that reads back as the same. */
#include <stdint.h>
#include <stdlib.h>

#include "policy/context.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct context context, back = {0};
  struct text yaml = {0}, difference = {0};
  nonet_error error;
  if (context_parse((const char *)data, size, "fuzz.yaml", "", &context, &error) == NONET_OK) {
    context_yaml(&context, &yaml);
    if (yaml.failed ||
        context_parse(yaml.data, yaml.length, "again.yaml", "", &back, &error) != NONET_OK ||
        context_diff(&context, &back, &difference))
      abort();
  }
  text_clear(&yaml);
  text_clear(&difference);
  context_clear(&context);
  context_clear(&back);
  return 0;
}
