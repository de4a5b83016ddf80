/* Contenders: the candidate and the baseline of a configuration, opened; what each reads of the
 * table, and what the evidence says of it. */
#ifndef RUN_CONTENDER_H
#define RUN_CONTENDER_H

#include "evidence/evidence.h"
#include "model/model.h"
#include "policy/config.h"

struct contender {
  const struct config_model *config; /* NULL: there is none */
  struct model *model;               /* NULL: its answers stand in columns */
  struct model_options options;      /* what it was opened with; borrowed from the configuration */
  char identity[65]; /* SHA-256 of the model, or of the columns' names; "" without one */
};

/* Opens what the configuration names; reads no row. Errors stand at the model's line. */
nonet_status contender_open(const struct config *config, const struct config_model *model,
                            struct contender *contender, nonet_error *error) NONET_NODISCARD;
void contender_close(struct contender *contender);

void contender_note(struct evidence *evidence, const char *role, const struct contender *contender);

#endif
