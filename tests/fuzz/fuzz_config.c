/* Any bytes as nonet.yaml: what is accepted has models, a label and a resolved form that is JSON.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json_text.h"
#include "policy/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct config config;
  struct text text = {0};
  json_t *back = NULL;
  nonet_error error;
  nonet_status status = config_parse((const char *)data, size, "fuzz.yaml", &config, &error);
  if (status == NONET_OK) {
    json_text_write(&text, config_json(&config), JSON_TEXT_COMPACT);
    if (config.n_candidates == 0 || config.label == NULL || text.failed ||
        json_text_parse(text.data, text.length, "resolved", &back, &error) != NONET_OK)
      abort();
  }
  json_decref(back);
  text_clear(&text);
  config_clear(&config);
  return 0;
}
