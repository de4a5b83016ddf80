/*
 * Contenders: the candidate and the baseline of a configuration, opened; what each reads of the
 * table, and what the evidence says of it. One that does not run here is broken: it has no model to
 * ask, what its file says is known, and the run goes on.
 */
#ifndef RUN_CONTENDER_H
#define RUN_CONTENDER_H

#include "base/hash.h"
#include "evidence/evidence.h"
#include "model/model.h"
#include "policy/config.h"

struct contender {
  const struct config_model *config; /* NULL: there is none */
  struct model *model;               /* NULL: its answers stand in columns, or it is broken */
  struct model_options options;      /* what it was opened with; borrowed from the configuration */
  char identity[HASH_HEX_BYTES];     /* of the model with all its files, or of the columns' names;
                                        "" without one */
  char broken[NONET_ERROR_BYTES];    /* why it does not run here, in its own words; "": it does */
  size_t n_unanswered;               /* rows that it was asked then; 0: it does not open */
  struct model_info info;            /* of a broken one: its kind and file */
  char sha256[HASH_HEX_BYTES], runtime[64]; /* `info` borrows them */
};

/* Opens what the configuration names; reads no row. Errors stand at the model's line; a model that
 * its runtime refuses, and one that crashes or hangs while it is loaded, is broken and no error. */
nonet_status contender_open(const struct config *config, const struct config_model *model,
                            struct contender *contender, nonet_error *error) NONET_NODISCARD;
void contender_close(struct contender *contender);

bool contender_is_broken(const struct contender *contender);
/* Says that an open one does not answer n_rows rows, and closes its model. */
void contender_break(struct contender *contender, size_t n_rows, const char *why);
/* As an error of the configuration, for commands that cannot go on without it. NONET_OK: it is not
 * broken. */
nonet_status contender_refuse(const struct config *config, const struct contender *contender,
                              nonet_error *error) NONET_NODISCARD;

void contender_note(struct evidence *evidence, const char *role, const struct contender *contender);

#endif
