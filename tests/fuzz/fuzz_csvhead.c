/* Any bytes as the beginning of a CSV file. */
#include <stdint.h>
#include <stdlib.h>

#include "table/csvhead.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct csvhead head;
  nonet_error error;
  bool complete;
  for (int is_all = 0; is_all < 2; is_all++) {
    if (csvhead_parse((const char *)data, size, is_all, "fuzz", &head, &complete, &error) ==
            NONET_OK &&
        complete && head.n_names == 0)
      abort();
    csvhead_clear(&head);
  }
  return 0;
}
