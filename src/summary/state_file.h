/* Inside of the state file; the public part is summary_save, summary_load and summary_parse in
 * summary.h. */
#ifndef SUMMARY_STATE_FILE_H
#define SUMMARY_STATE_FILE_H

#include "summary/state_bytes.h"
#include "summary/summary.h"

/* The resolved roles as bytes, and back (roles_clear by the caller, also after a failure). */
void state_roles_write(const struct roles *roles, struct state_writer *writer);
nonet_status state_roles_read(struct state_reader *reader, struct roles *roles,
                              nonet_error *error) NONET_NODISCARD;

/* The fingerprint of one finished set, as merged parts keep it. */
nonet_status summary_part_of(const struct summary_set *set, struct summary_part *part,
                             nonet_error *error) NONET_NODISCARD;

#endif
