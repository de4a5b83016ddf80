/* Margins: how much worse is still acceptable, as a person writes it. */
#ifndef POLICY_MARGIN_H
#define POLICY_MARGIN_H

#include <stdbool.h>

#include <nonet/status.h>

#include "measure/measure.h"
#include "policy/unit.h"

/* Absolute >= 0, or a share of the baseline's value ("5%" is 0.05, below 100 %). */
struct margin {
  double value;
  bool is_relative;
  const struct unit *unit; /* as written, until margin_settle */
};

nonet_status margin_parse(const char *text, struct margin *margin,
                          nonet_error *error) NONET_NODISCARD;
/* δ on the scale it is tested: itself, or of the log ratio: −log(1 − r) where higher is better,
 * log(1 + r) where lower is. */
double margin_delta(struct margin margin, bool higher_is_better);
/* Puts a parsed margin into the measure's unit: once. measure NULL: not built yet. */
nonet_status margin_settle(const char *id, const struct measure *measure, struct margin *margin,
                           nonet_error *error) NONET_NODISCARD;
/* May this measure be a gate with a margin of this form? NULL (not built yet): yes. */
nonet_status margin_allowed(const struct measure *measure, struct margin margin,
                            nonet_error *error) NONET_NODISCARD;

#endif
