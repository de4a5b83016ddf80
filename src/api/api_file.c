/* Output files that are there whole or not at all (base/atomic_file), for the programs above. */
#include <nonet/nonet.h>

#include <string.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/memory.h"

struct nonet_file {
  struct atomic_file *target;
};

nonet_status nonet_file_open(const char *path, nonet_file **file, nonet_error *error) {
  nonet_file *made = memory_zeroed(1, sizeof *made);
  *file = NULL;
  if (made == NULL) {
    return error_memory(error, sizeof *made, "an output file");
  }
  nonet_status status = atomic_file_open(path, &made->target, error);
  if (status != NONET_OK) {
    memory_free(made);
    return status;
  }
  *file = made;
  return NONET_OK;
}

nonet_status nonet_file_commit(nonet_file *file, const char *text, nonet_error *error) {
  nonet_status status = atomic_file_write(file->target, text, strlen(text), error);
  if (status == NONET_OK) {
    status = atomic_file_commit(file->target, error);
  } else {
    atomic_file_abandon(file->target);
  }
  memory_free(file);
  return status;
}

void nonet_file_abandon(nonet_file *file) {
  if (file != NULL) {
    atomic_file_abandon(file->target);
    memory_free(file);
  }
}
