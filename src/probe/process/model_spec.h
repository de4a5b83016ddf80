/* A model's options on their way to the helper, which opens it again. */
#ifndef PROCESS_MODEL_SPEC_H
#define PROCESS_MODEL_SPEC_H

#include <jansson.h>

#include "model/model.h"

/* NULL when memory is short. */
json_t *model_spec(const struct model_options *options);

#endif
