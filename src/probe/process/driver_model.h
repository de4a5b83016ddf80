/* The models of src/model as a driver of the helper. */
#ifndef PROCESS_DRIVER_MODEL_H
#define PROCESS_DRIVER_MODEL_H

#include "probe/process/driver.h"

extern const struct driver driver_model; /* specs: model_spec.h */

#endif
