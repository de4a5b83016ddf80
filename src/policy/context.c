/*
 * Presets of contexts and margins.
 *
 * Cases of a margin: 1. "0.01" absolute  2. "5%" of the baseline's value  3. negative, NaN, 100 %
 * and more, other text: an error that says what is allowed. Where the task's primary cannot be had
 * from the columns (decisions without scores), the next row of the slot is the gate.
 */
#include "policy/context.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/error.h"
#include "base/text.h"
#include "table/roles.h"

static const struct context_gate general_gates[] = {
    {1u << TASK_BINARY, 1, "correctness.auc", "0.01", 1, true,
     "one case-control pair in a hundred ranked worse is the least that users of a ranking notice"},
    {1u << TASK_BINARY, 1, "correctness.balanced_accuracy", "0.01", 1, true,
     "decisions without scores: one point of the mean recall of both classes, so that a rare class "
     "counts as much as a common one"},
    {1u << TASK_MULTICLASS, 1, "correctness.log_loss", "5%", 1, true,
     "five per cent more surprise per row; a share, because log-loss has no scale of its own"},
    {1u << TASK_MULTICLASS, 1, "correctness.balanced_accuracy", "0.01", 1, true,
     "decisions without probabilities: one point of the mean recall of all classes"},
    {1u << TASK_REGRESSION, 1, "correctness.rmse", "5%", 1, true,
     "five per cent more error; a share, because the label's unit is unknown here"},
};

static const struct context presets[] = {
    {"general", 1, 0.05, 0.8, general_gates, sizeof general_gates / sizeof general_gates[0]},
};

#define N_PRESETS (sizeof presets / sizeof presets[0])

nonet_status context_find(const char *name, const struct context **context, nonet_error *error) {
  const char *names[N_PRESETS];
  struct text near = {0};
  nonet_status status = NONET_OK;
  *context = NULL;
  for (size_t i = 0; i < N_PRESETS; i++) {
    names[i] = presets[i].name;
    if (strcmp(name == NULL ? "general" : name, presets[i].name) == 0) {
      *context = &presets[i];
    }
  }
  if (*context == NULL) {
    text_suggestion(&near, name, names, N_PRESETS);
    status = error_set(error, NONET_E_USAGE, "no context is named '%s'%s; this build has: general",
                       name, near.data == NULL ? "" : near.data);
  }
  text_clear(&near);
  return status;
}

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
