/* The catalogue: every measure of this build in the order of reports, and finding them by what
 * people type. */
#ifndef MEASURE_CATALOGUE_H
#define MEASURE_CATALOGUE_H

#include "base/text.h"
#include "measure/measure.h"

size_t catalogue_n(void);
const struct measure *catalogue_at(size_t i);
/* "correctness" …; NULL beyond the last. */
const char *catalogue_attribute_name(enum measure_attribute attribute);

struct catalogue_pick {
  const struct measure *measure;
  struct measure_variant
      variant;   /* its suffix text belongs to the list that was parsed, or to the record */
  bool is_named; /* an id of --only, not the default set and not a whole attribute */
};

/* `list`: NULL = everything the task shows by default; else comma list of ids (with @variant) and
   attributes, split at depth 0. Unknown names: NONET_E_USAGE with near names; names of measures.md
   that this build does not have yet (catalogue_known) go to `absent`, comma separated. The caller
   frees *picks with memory_free; order is the catalogue's. */
nonet_status catalogue_select(const char *list, enum task task, struct catalogue_pick **picks,
                              size_t *n_picks, struct text *absent,
                              nonet_error *error) NONET_NODISCARD;
/* Where it is computed for a task: IN_ALL | IN_GROUP | IN_CLASS | IN_COLUMN (binary and regression:
 * never IN_CLASS). */
unsigned catalogue_scopes(const struct catalogue_pick *pick, enum task task);
/* The id with its variant: "correctness.f1@macro". */
void catalogue_full_id(const struct catalogue_pick *pick, struct text *text);
/* Ids that the whole product will have, and this build has not: for `skipped` with reason not_built
 * instead of a usage error. */
bool catalogue_known(const char *id);
/* Hash over ids, variants and definitions' versions: state files carry it. */
uint64_t catalogue_hash(void);

#endif
