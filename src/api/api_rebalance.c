/* nonet_rebalance: options of any version in, a table and two texts out. */
#include "api/api.h"

#include <nanoarrow/nanoarrow.h>

#include "remedy/rebalance_file.h"

nonet_status nonet_rebalance(const nonet_options *given, char **text, char **json,
                             nonet_error *error) {
  nonet_options options;
  *text = *json = NULL;
  nonet_status status = api_read_options(given, &options, error);
  if (status != NONET_OK) {
    return status;
  }
  status = rebalance_file(&options, text, json, error);
  if (options.stream != NULL && options.stream->release != NULL) {
    options.stream->release(options.stream);
  }
  return status;
}
