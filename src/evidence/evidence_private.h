/* What the evidence files share: putting a freshly made value into the tree, with one place that
 * notices a failed allocation. */
#ifndef EVIDENCE_EVIDENCE_PRIVATE_H
#define EVIDENCE_EVIDENCE_PRIVATE_H

#include "evidence/evidence.h"

/* Steal `value`; NULL (a failed allocation) sets evidence->failed. */
void evidence_put(struct evidence *evidence, json_t *object, const char *key, json_t *value);
void evidence_push(struct evidence *evidence, const char *list, json_t *value);

#endif
