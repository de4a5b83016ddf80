/*
 * Loading LightGBM: once for the process, behind a lock.
 *
 * Cases: 1. The library does not tell its version; its wheel has it in a file beside the library's
 * folder. 2. The library wants the system's OpenMP (libgomp.so.1), which a machine without a
 * compiler may lack: the loader's words say so, and we the package.
 */
#include "model/lightgbm_api.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "model/runtime_library.h"

static const struct runtime_library library = {"lightgbm", "NONET_LIGHTGBM", "lib_lightgbm.so",
                                               "lightgbm/lib/lib_lightgbm.so", "lightgbm==4.7.0"};

static void drop_line(const char *message) {
  (void)message;
}

void lightgbm_api_quiet(const struct lightgbm_api *api) {
  (void)api->LGBM_RegisterLogCallback(drop_line);
}

/* Case 1: ".../lightgbm/lib/lib_lightgbm.so" has ".../lightgbm/VERSION.txt". */
static void read_version(struct lightgbm_api *api) {
  char path[sizeof api->path + 16], version[32] = "";
  snprintf(api->runtime, sizeof api->runtime, "lightgbm");
  const char *end = strstr(api->path, "/lib/lib_lightgbm");
  if (!end)
    return;
  snprintf(path, sizeof path, "%.*s/VERSION.txt", (int)(end - api->path), api->path);
  FILE *file = fopen(path, "rb");
  if (file && fscanf(file, "%31[0-9.]", version) == 1)
    snprintf(api->runtime, sizeof api->runtime, "lightgbm %s", version);
  if (file)
    fclose(file);
}

static nonet_status open_once(struct lightgbm_api *api, nonet_error *error) {
  void *handle;
  nonet_status status = runtime_library_open(&library, &handle, api->path, sizeof api->path, error);
  if (status) { /* case 2 */
    bool is_openmp = error && strstr(error->message, "libgomp") != NULL;
    return is_openmp ? error_context(error, status, "sudo apt-get install libgomp1") : status;
  }
#define LIGHTGBM_API_FIND(name, result, arguments)                                                 \
  api->name = (result(*) arguments)(uintptr_t)dlsym(handle, #name);                                \
  if (!api->name)                                                                                  \
    return error_set(error, NONET_E_UNAVAILABLE, "%s has no %s: LightGBM 4 or newer is needed",    \
                     api->path, #name);
  LIGHTGBM_API_CALLS(LIGHTGBM_API_FIND)
#undef LIGHTGBM_API_FIND
  read_version(api);
  return NONET_OK;
}

nonet_status lightgbm_api_open(const struct lightgbm_api **api, nonet_error *error) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static struct lightgbm_api opened;
  static bool is_open;
  nonet_status status = NONET_OK;
  pthread_mutex_lock(&lock);
  if (!is_open)
    status = open_once(&opened, error);
  is_open = is_open || status == NONET_OK;
  pthread_mutex_unlock(&lock);
  *api = status ? NULL : &opened;
  return status;
}
