/* Any bytes as an evidence document: what is accepted must be rendered, and read back after writing
 * as the same document. */
#include <stdint.h>
#include <stdlib.h>

#include "base/json_text.h"
#include "evidence/evidence.h"
#include "report/terminal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(const struct evidence *evidence) {
  const struct terminal_style style = {.columns = 60, .ascii = true};
  struct text text = {0};
  struct evidence *back = NULL;
  nonet_error error;
  json_text_write(&text, evidence->root, JSON_TEXT_INDENTED);
  if (!text.failed) {
    if (evidence_parse(text.data, text.length, "again", &back, &error) != NONET_OK ||
        !json_equal(back->root, evidence->root))
      abort();
    evidence_free(back);
  }
  text_clear(&text);
  nonet_status status = terminal_render(evidence->root, &style, &text, &error);
  for (size_t i = 0; status == NONET_OK && i < text.length; i++)
    if (text.data[i] != '\n' && (text.data[i] < 0x20 || text.data[i] > 0x7e))
      abort();
  text_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct evidence *evidence = NULL;
  nonet_error error;
  if (evidence_parse((const char *)data, size, "fuzz", &evidence, &error) == NONET_OK)
    take(evidence);
  evidence_free(evidence);
  json_t *root = NULL; /* the report reads documents of other versions too: any JSON */
  struct text text = {0};
  const struct terminal_style style = {.columns = 100};
  if (json_text_parse((const char *)data, size, "fuzz", &root, &error) == NONET_OK &&
      terminal_render(root, &style, &text, &error) != NONET_OK && !text.failed)
    abort();
  text_clear(&text);
  json_decref(root);
  return 0;
}
