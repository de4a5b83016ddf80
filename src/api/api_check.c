/* Check: a configuration in, an evidence handle or a plan out. */
#include "api/api.h"

#include "base/error.h"
#include "base/memory.h"
#include "run/check.h"

nonet_status nonet_check_plan(const nonet_options *given, char **text, nonet_error *error) {
  nonet_options options;
  struct text plan = {0};
  *text = NULL;
  nonet_status status = api_read_options(given, &options, error);
  if (status == NONET_OK) {
    status = run_check_plan(&options, &plan, error);
  }
  if (status != NONET_OK) {
    text_clear(&plan);
    return status;
  }
  return api_take_text(&plan, "the plan", text, error);
}
