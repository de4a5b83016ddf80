/* Units as people write them behind a number: 5ms, 20MB, 3%. */
#ifndef POLICY_UNIT_H
#define POLICY_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

#include "measure/measure.h"

enum unit_dimension { UNIT_NONE, UNIT_SHARE, UNIT_TIME, UNIT_BYTES };

struct unit {
  const char *name;
  enum unit_dimension dimension;
  double factor; /* to seconds, bytes, shares */
};

/* A number and its unit (NULL: none); *at moves behind them. False: there is none. */
bool unit_read(const char **at, double *value, const struct unit **unit);
/* A value that was written with `unit`, into the unit of the measure; record NULL: not built yet,
 * then seconds, bytes or shares by its id. NONET_E_USAGE when the unit does not fit. */
nonet_status unit_scale(const char *text, const char *id, const struct measure *record,
                        const struct unit *unit, double *value, nonet_error *error) NONET_NODISCARD;

#endif
