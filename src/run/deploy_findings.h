/* What the probes of deployability found that a person should read: findings of the run. */
#ifndef RUN_DEPLOY_FINDINGS_H
#define RUN_DEPLOY_FINDINGS_H

#include "evidence/evidence.h"
#include "probe/answers.h"

nonet_status deploy_findings(const struct probe_answers *answers, struct evidence *evidence,
                             nonet_error *error) NONET_NODISCARD;

#endif
