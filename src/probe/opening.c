/*
 * Loading a model in a process of its own first (opening.h).
 *
 * Cases: 1. a command runs in processes of its own anyway.  2. No helper, or none can be started: a
 * run without it is as it was before.  3. A model that cannot be loaded: an answer, not a harm.
 */
#include "probe/opening.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "probe/process/launch.h"
#include "probe/process/model_spec.h"

nonet_status opening_try(const struct model_options *options, nonet_error *error) {
  char helper[4096];
  nonet_error why = {{0}};
  if (strcmp(options->kind, "command") == 0 || launch_helper(helper, &why) != NONET_OK) { /* 1, 2 */
    return NONET_OK;
  }
  int rows_fd = launch_file(&why);
  json_t *spec = model_spec(options), *reply = NULL;
  json_t *request =
      spec == NULL ? NULL : json_pack("{s:s, s:[O, n]}", "what", "opening", "models", spec);
  nonet_status status = NONET_OK;
  if (request == NULL) {
    status = error_memory(error, 1, "a request");
  } else if (rows_fd >= 0) {
    const struct launch launch = {.helper = helper,
                                  .rows_fd = rows_fd,
                                  .request = request,
                                  .limit_s = options->timeout_s > 0 ? options->timeout_s
                                                                    : OPENING_LIMIT_S};
    status = launch_run(&launch, &reply, &why);
    status = status == NONET_E_DATA
                 ? error_set(error, status, "it cannot be loaded without harm: %s", why.message)
             : status == NONET_E_MEMORY ? error_memory(error, 1, "a launch")
                                        : NONET_OK;
  }
  if (rows_fd >= 0) {
    (void)close(rows_fd);
  }
  json_decref(spec);
  json_decref(request);
  json_decref(reply);
  return status;
}
