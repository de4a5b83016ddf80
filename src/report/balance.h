/* How good the answers are and how fast, in plain sentences that every format shares. */
#ifndef REPORT_BALANCE_H
#define REPORT_BALANCE_H

#include <jansson.h>

#include "base/text.h"

/* The share of the positive class and what it means for accuracy; of several classes the one of
 * which least is found; of a number how far it is off; then times. Nothing where none of it was
 * measured. */
void balance_say(struct text *text, const json_t *root);

#endif
