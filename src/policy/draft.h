/* A first nonet.yaml, fitted to the models and tables of its folder. What is certain is filled in;
 * what is not stands there as a comment with the choices. */
#ifndef POLICY_DRAFT_H
#define POLICY_DRAFT_H

#include <nonet/status.h>

#include "base/text.h"

/* Writes `path`, and with `from` ("sklearn", "pytorch") score.py beside it; both or neither, and
 * never over a file that is there: NONET_E_CREATE. `said` gets what was found and what is left to
 * do. */
nonet_status draft_write(const char *path, const char *context, const char *from, struct text *said,
                         nonet_error *error) NONET_NODISCARD;

#endif
