/* What stands in the candidate's file that a person must act on: findings of the run. */
#ifndef RUN_ARTIFACT_FINDINGS_H
#define RUN_ARTIFACT_FINDINGS_H

#include "evidence/evidence.h"
#include "probe/answers.h"

nonet_status artifact_findings(const struct probe_artifact *artifact, struct evidence *evidence,
                               nonet_error *error) NONET_NODISCARD;

#endif
