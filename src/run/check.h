/* Check: a configuration's models and data, judged in its context. */
#ifndef RUN_CHECK_H
#define RUN_CHECK_H

#include <nonet/nonet.h>

#include "base/text.h"
#include "evidence/evidence.h"

/* The caller frees *evidence with evidence_free. */
nonet_status run_check(const nonet_options *options, struct evidence **evidence,
                       nonet_error *error) NONET_NODISCARD;
/* What would run, in words; nothing is judged, nothing is kept. */
nonet_status run_check_plan(const nonet_options *options, struct text *text,
                            nonet_error *error) NONET_NODISCARD;
/* The self-test of the gates of a configuration on its rows; nothing is kept. */
nonet_status run_check_selftest(const nonet_options *options, struct evidence **evidence,
                                nonet_error *error) NONET_NODISCARD;

#endif
