/* What the files of intake share: one source that is being read. */
#ifndef RUN_INTAKE_PRIVATE_H
#define RUN_INTAKE_PRIVATE_H

#include "base/progress.h"
#include "base/split.h"
#include "run/intake.h"
#include "table/table.h"

/* Which columns a command cannot do without. */
enum intake_kind { INTAKE_MEASURE, INTAKE_COMPARE, INTAKE_UNANSWERED, INTAKE_DATA };

/* The lists of an options struct, split; borrowed by the roles request. */
struct intake_lists {
  struct split score[N_STREAMS], classes, group, control, features;
};

struct intake_job {
  const nonet_options *options;
  enum intake_kind kind;
  struct progress progress;
  struct intake_lists lists;
  struct table *table;
  struct roles roles; /* as the table resolves them; the set has its own */
  struct evidence *evidence;
  struct intake *intake; /* the answer */
};

/* Bytes that one run may take: the option, else half of the machine's. */
uint64_t intake_memory(const nonet_options *options);

/* NONET_E_USAGE: an option is missing, or says what cannot be. No file is opened for it. */
nonet_status intake_options_check(const nonet_options *options, enum intake_kind kind,
                                  nonet_error *error) NONET_NODISCARD;
nonet_status intake_lists_fill(const nonet_options *options, struct intake_lists *lists,
                               nonet_error *error) NONET_NODISCARD;
void intake_lists_clear(struct intake_lists *lists);
/* Borrows from the options and the lists. */
nonet_status intake_options_request(const nonet_options *options, const struct intake_lists *lists,
                                    struct roles_request *request,
                                    nonet_error *error) NONET_NODISCARD;

/* NONET_E_USAGE: a feature is named twice, or is the label of data alone. */
nonet_status intake_features_check(const struct intake_job *job,
                                   nonet_error *error) NONET_NODISCARD;
/* Of data alone, where none are named: lists.features from the open table. */
nonet_status intake_features_name(struct intake_job *job, nonet_error *error) NONET_NODISCARD;
/* The frame and the facts, if a picked measure reads features. */
nonet_status intake_features_read(struct intake_job *job, nonet_error *error) NONET_NODISCARD;

/* To the configuration, the models and the data of the evidence; what does not fit into memory
 * stands in evidence->failed. */
void intake_note_roles(struct evidence *evidence, const struct roles *roles);
void intake_note_models(struct evidence *evidence, const struct roles *roles);
void intake_note_data(struct evidence *evidence, const struct summary_set *set,
                      const struct intake_origin *origin);
/* What only a table has: the time, the features, the training rows. */
void intake_note_features(const struct intake_job *job);

#endif
