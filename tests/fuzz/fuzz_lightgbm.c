/* Any bytes as the text of a LightGBM model: what we read of it ourselves, words and categories. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/lightgbm_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct lightgbm_file file;
  nonet_error error = {""};
  char path[64];
  int fd = memfd_create("model", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, size) != (ssize_t)size)
    abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  nonet_status status = lightgbm_file_read(path, &file, &error);
  if (status && error.message[0] == '\0')
    abort();
  const char *word;
  size_t n = 0, length, total = 0;
  while (lightgbm_file_word(&file.infos, n, &word, &length) && n < 64) {
    total += length + (size_t)lightgbm_file_is_category(word, length);
    n++;
  }
  if (total > file.infos.length + n)
    abort();
  lightgbm_file_clear(&file);
  close(fd);
  return 0;
}
