/*
 * Advice: from what a run found to what to do next. One const table of rules; each looks at the
 * document alone and says title, reason, expected effect and a command to copy.
 */
#ifndef ADVISE_ADVISE_H
#define ADVISE_ADVISE_H

#include "evidence/evidence.h"

#define ADVISE_MOST 7 /* actions of one document */

/* Adds ranked actions to a document that is complete but for them: call it after the last
   judgement, estimate, skipped entry and the verdict, and before evidence_finish. What concerns the
   verdict comes first. Rules that find nothing say nothing. */
nonet_status advise_actions(struct evidence *evidence, nonet_error *error) NONET_NODISCARD;

#endif
