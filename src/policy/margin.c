/*
 * Margins.
 *
 * Cases: 1. "0.01" absolute  2. "5%" of the baseline's value  3. negative, NaN, 100 % and more,
 * other text: an error that says what is allowed.  4. A measure that is never gated, has no paired
 * form or no direction can be no gate.  5. A margin in per cent is tested on the log ratio: refused
 * where values may be 0 or below (r2, mcc, kappa, bias).
 */
#include "policy/margin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/error.h"

nonet_status margin_parse(const char *text, struct margin *margin, nonet_error *error) {
  char *end = NULL;
  void *locale = c_locale_enter();
  double value = strtod(text, &end);
  c_locale_leave(locale);
  bool has_number = end != text;
  margin->is_relative = has_number && strcmp(end, "%") == 0;
  margin->value = margin->is_relative ? value / 100.0 : value;
  if (!has_number || (*end != '\0' && !margin->is_relative) || !isfinite(value) || value < 0.0 ||
      (margin->is_relative && value >= 100.0)) {
    return error_set(error, NONET_E_USAGE,
                     "a margin is a number from 0 up (0.01) or a share of the baseline's value "
                     "below 100%% (5%%); found '%.40s'",
                     text);
  }
  return NONET_OK;
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
