/*
 * Requirements and the measures they speak of, as people write them:
 *
 *   correctness.auc >= 0.85                     a bound on the measure
 *   correctness.recall{sex=Female} >= 60%       in one group; {race="Black, other"} where a value
 *                                               has blanks, commas or braces; null is the null
 * value correctness.recall@macro{class=3} >= 0.5    in one class ("class" in quotes is a column)
 *   fairness.accuracy_gap{sex} <= 0.05          over one sensitive column; {sex,race}: crossed
 *   efficiency.latency_p99 <= 5ms               with a unit where the measure has one
 *   correctness.calibration_slope in 0.8..1.25  in a range
 *
 * Everything read lives in the pool that is handed in. Errors are NONET_E_USAGE without a place:
 * who reads them from a file puts FILE:LINE:COLUMN before them.
 */
#ifndef POLICY_REQUIREMENT_H
#define POLICY_REQUIREMENT_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

#include "base/text.h"
#include "measure/catalogue.h"
#include "policy/pool.h"

struct requirement_scope {
  size_t n_by; /* groups: the columns and values that all hold; 0 and the rest NULL: all rows */
  const char **by_column;
  const char **by_value;  /* a NULL entry is the null value */
  const char *class_name; /* a class, alone or inside the group */
  const char *column;     /* one gap over this column, or "sex*race"; then the groups are empty */
  size_t n_columns;       /* crossed: their names; else 0 */
  const char **columns;
};

enum requirement_op { REQUIREMENT_AT_LEAST, REQUIREMENT_AT_MOST, REQUIREMENT_IN };

struct requirement {
  const char *measure; /* full id, with @variant as written */
  bool is_built;       /* false: this build cannot measure it yet */
  struct requirement_scope scope;
  enum requirement_op op;
  /* In the measure's unit. An end that does not bind is infinite. Not built: seconds, bytes,
   * shares.
   */
  double low, high;
  const char *text; /* as stated */
  unsigned line, column;
};

const char *requirement_op_name(enum requirement_op op); /* ">=", "<=", "in" */

nonet_status requirement_parse(const char *text, struct pool *pool, struct requirement *requirement,
                               nonet_error *error) NONET_NODISCARD;

/* "correctness.recall{sex=Female}" alone. *record is NULL when this build has not got the measure
 * yet; an unknown id is an error with the near ones. */
nonet_status requirement_measure(const char *text, struct pool *pool, const char **measure,
                                 struct requirement_scope *scope, const struct measure **record,
                                 nonet_error *error) NONET_NODISCARD;
bool requirement_scope_equal(const struct requirement_scope *a, const struct requirement_scope *b);
/* "{sex=Female}" as requirement_measure reads it; nothing for all rows. */
void requirement_scope_text(const struct requirement_scope *scope, struct text *text);

/* "5ms", "60s", "2 h": seconds. */
nonet_status requirement_seconds(const char *text, double *seconds,
                                 nonet_error *error) NONET_NODISCARD;

#endif
