/*
 * Margins.
 *
 * Cases: 1. "0.01", "0.2ms" absolute; without a unit in the measure's own  2. "5%" of the
 * baseline's value  3. negative, NaN, 100 % and more, other text: an error that says what is
 * allowed.  4. A measure that is never gated, has no paired form or no direction can be no
 * gate.  5. A margin in per cent is tested on the log ratio: refused where values may be 0 or below
 * (r2, mcc, kappa, bias).
 */
#include "policy/margin.h"

#include <math.h>

#include "base/error.h"

nonet_status margin_parse(const char *text, struct margin *margin, nonet_error *error) {
  const char *at = text;
  double value = 0;
  const struct unit *unit = NULL;
  bool is_whole = unit_read(&at, &value, &unit) && *at == '\0';
  *margin = (struct margin){.is_relative = unit != NULL && unit->dimension == UNIT_SHARE};
  margin->unit = margin->is_relative ? NULL : unit;
  margin->value = margin->is_relative ? value / 100.0 : value;
  if (!is_whole || value < 0.0 || (margin->is_relative && value >= 100.0)) {
    return error_set(error, NONET_E_USAGE,
                     "a margin is a number from 0 up, with its unit where it is a time or a size "
                     "(0.01, 0.2ms, 1MB), or a share of the baseline's value below 100%% (5%%); "
                     "found '%.40s'",
                     text);
  }
  return NONET_OK;
}

nonet_status margin_settle(const char *id, const struct measure *measure, struct margin *margin,
                           nonet_error *error) {
  if (margin->is_relative || margin->unit == NULL) { /* 1 */
    return NONET_OK;
  }
  nonet_status status = unit_scale("its margin", id, measure, margin->unit, &margin->value, error);
  margin->unit = NULL;
  return status;
}

double margin_delta(struct margin margin, bool higher_is_better) {
  if (!margin.is_relative) {
    return margin.value;
  }
  return higher_is_better ? -log(1.0 - margin.value) : log(1.0 + margin.value);
}

nonet_status margin_allowed(const struct measure *measure, struct margin margin,
                            nonet_error *error) {
  if (measure == NULL) {
    return NONET_OK;
  }
  bool has_pair = measure->compare != NULL || measure->kinds == 0; /* no rows read: a probe pairs */
  if (measure->never_gated || measure->direction == DIRECTION_NONE || !has_pair) { /* case 4 */
    return error_set(error, NONET_E_USAGE,
                     "%s cannot be a gate: it has no paired difference that is better in one "
                     "direction",
                     measure->id);
  }
  /* A gate of every group by itself is tested on each group's value of the primary, which is not
   * below 0. */
  if (margin.is_relative && measure->range[0] < 0.0 &&
      measure->compare_groups == NULL) { /* case 5 */
    return error_set(error, NONET_E_USAGE,
                     "%s can be 0 or below, so a margin in per cent has no meaning; give an "
                     "absolute one",
                     measure->id);
  }
  return NONET_OK;
}
