/* What a model's file says, as the probe of artifacts tells it to measures. */
#ifndef PROBE_ARTIFACT_FACTS_H
#define PROBE_ARTIFACT_FACTS_H

#include "model/model.h"
#include "probe/answers.h"

/* Reads the files of a model that was opened. A file that cannot be read, and a kind whose files
 * are not, leave is_read false and say why: never an error. */
void artifact_facts(const struct model_info *info, struct probe_artifact *facts);

#endif
