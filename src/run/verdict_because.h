/* The sentences of a verdict. */
#ifndef RUN_VERDICT_BECAUSE_H
#define RUN_VERDICT_BECAUSE_H

#include <jansson.h>

#include "run/court.h"

/* A list of sentences of a judged court; NULL: no memory. The caller owns it. */
json_t *verdict_because(const struct court *court, const struct judge_rules *rules,
                        enum judge_verdict verdict);

#endif
