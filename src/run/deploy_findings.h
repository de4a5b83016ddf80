/* What the probes of deployability found that a person should read: findings of the run. */
#ifndef RUN_DEPLOY_FINDINGS_H
#define RUN_DEPLOY_FINDINGS_H

#include "evidence/evidence.h"
#include "probe/answers.h"

struct deploy_request {
  const struct probe_answers *answers;
  const char *broken[N_STREAMS]; /* why the model does not run here, which failed every probe but
                                    the one that says it; NULL: it runs */
};

nonet_status deploy_findings(const struct deploy_request *request, struct evidence *evidence,
                             nonet_error *error) NONET_NODISCARD;

#endif
