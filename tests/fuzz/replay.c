/* Replays a corpus: every file of the folders named, through one fuzz target. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(1);
  }
  size_t capacity = 1 << 22, size;
  uint8_t *data = malloc(capacity);
  size = fread(data, 1, capacity, file);
  fclose(file);
  uint8_t *exact = malloc(size ? size : 1); /* a read past the end is seen by the sanitizer */
  for (size_t i = 0; i < size; i++)
    exact[i] = data[i];
  free(data);
  LLVMFuzzerTestOneInput(exact, size);
  free(exact);
}

int main(int argc, char **argv) {
  size_t n = 0;
  for (int i = 1; i < argc; i++) {
    DIR *entries = opendir(argv[i]);
    struct dirent *entry;
    while (entries && (entry = readdir(entries)) != NULL) {
      char path[4096];
      if (entry->d_name[0] == '.')
        continue;
      snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
      replay_file(path);
      n++;
    }
    if (entries)
      closedir(entries);
  }
  printf("%zu inputs\n", n);
  return n == 0;
}
