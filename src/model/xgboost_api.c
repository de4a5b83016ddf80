/*
 * Loading XGBoost: once for the process, behind a lock. Its log goes nowhere: a library never
 * prints. A library that lacks a function we call is too old, and told so.
 */
#include "model/xgboost_api.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"
#include "model/runtime_library.h"

static const struct runtime_library library = {"xgboost", "NONET_XGBOOST", "libxgboost.so",
                                               "xgboost/lib/libxgboost.so", "xgboost-cpu==3.2.0"};

static void be_quiet(const char *message) {
  (void)message;
}

static nonet_status open_once(struct xgboost_api *api, nonet_error *error) {
  void *handle;
  int major = 0, minor = 0, patch = 0;
  nonet_status status = runtime_library_open(&library, &handle, api->path, sizeof api->path, error);
  if (status)
    return status;
#define XGBOOST_API_FIND(name, result, arguments)                                                  \
  api->name = (result(*) arguments)(uintptr_t)dlsym(handle, #name);                                \
  if (!api->name)                                                                                  \
    return error_set(error, NONET_E_UNAVAILABLE, "%s has no %s: XGBoost 1.7 or newer is needed",   \
                     api->path, #name);
  XGBOOST_API_CALLS(XGBOOST_API_FIND)
#undef XGBOOST_API_FIND
  api->XGBoostVersion(&major, &minor, &patch);
  snprintf(api->runtime, sizeof api->runtime, "xgboost %d.%d.%d", major, minor, patch);
  return api->XGBRegisterLogCallback(be_quiet) ? error_set(error, NONET_E_INTERNAL, "%s: %.300s",
                                                           api->runtime, api->XGBGetLastError())
                                               : NONET_OK;
}

nonet_status xgboost_api_open(const struct xgboost_api **api, nonet_error *error) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static struct xgboost_api opened;
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
