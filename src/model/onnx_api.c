/*
 * Opening ONNX Runtime.
 *
 * Cases: 1. Once for the process, behind a lock; the environment is quiet (only what is fatal is
 * logged, a library never prints) and stays. 2. A library older than version 17 of the API is told
 * with its version. 3. A failure is not remembered: the next call looks again. 4. Its official
 * builds report to their makers (since 1.32 on Linux too: an uploader, an id of the device under
 * the home, a file in the temporary folder). A tool that speaks of privacy does not:
 * ORT_DISABLE_TELEMETRY is set, unless the user set it, before the library is loaded, which is when
 * it is read; for libraries that do not know it events are switched off as soon as there is an
 * environment.
 */
#include "model/onnx_api.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "model/runtime_library.h"

/* What OrtGetApiBase hands out: the first two members of OrtApiBase. */
struct onnx_api_base {
  const void *const *(*get_api)(uint32_t version);
  const char *(*get_version)(void);
};

static const struct runtime_library library = {
    "onnxruntime", "NONET_ONNXRUNTIME", "libonnxruntime.so.1",
    "onnxruntime/capi/libonnxruntime.so*", "onnxruntime==1.32.0"};

nonet_status onnx_api_check(const struct onnx_api *api, OrtStatus *status, nonet_status as,
                            const char *what, nonet_error *error) {
  if (!status)
    return NONET_OK;
  as = error_set(error, as, "%s: %.600s", what, api->GetErrorMessage(status));
  api->ReleaseStatus(status);
  return as;
}

void onnx_api_drop(const struct onnx_api *api, OrtStatus *status) {
  if (status)
    api->ReleaseStatus(status);
}

static void fill(struct onnx_api *api, const void *const *places) {
#define ONNX_API_FILL(place, name, result, arguments)                                              \
  api->name = (result(*) arguments)(uintptr_t)places[place];
  ONNX_API_CALLS(ONNX_API_FILL)
#undef ONNX_API_FILL
}

static nonet_status open_once(struct onnx_api *api, nonet_error *error) {
  void *handle;
  (void)setenv("ORT_DISABLE_TELEMETRY", "1", 0); /* case 4 */
  nonet_status status = runtime_library_open(&library, &handle, api->path, sizeof api->path, error);
  if (status)
    return status;
  const struct onnx_api_base *(*get_base)(void) =
      (const struct onnx_api_base *(*)(void))(uintptr_t)dlsym(handle, "OrtGetApiBase");
  const struct onnx_api_base *base = get_base ? get_base() : NULL;
  const void *const *places = base ? base->get_api(ONNX_API_VERSION) : NULL;
  if (!places)
    return error_set(error, NONET_E_UNAVAILABLE,
                     "%s is onnxruntime %s; " ONNX_API_RELEASE " or newer is needed", api->path,
                     base ? base->get_version() : "of no known kind");
  fill(api, places);
  snprintf(api->runtime, sizeof api->runtime, "onnxruntime %s", base->get_version());
  status = onnx_api_check(api, api->GetAllocatorWithDefaultOptions(&api->allocator),
                          NONET_E_INTERNAL, api->runtime, error);
  if (!status)
    status = onnx_api_check(
        api, api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &api->memory),
        NONET_E_INTERNAL, api->runtime, error);
  if (!status)
    status = onnx_api_check(api, api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "nonet", &api->env),
                            NONET_E_INTERNAL, api->runtime, error);
  if (!status)
    onnx_api_drop(api, api->DisableTelemetryEvents(api->env)); /* case 4 */
  return status;
}

nonet_status onnx_api_open(const struct onnx_api **api, nonet_error *error) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static struct onnx_api opened;
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
