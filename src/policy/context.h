/*
 * Contexts: what matters where the model will live, in order. A const table of presets: which
 * measures are gates, at what margin, and why.
 */
#ifndef POLICY_CONTEXT_H
#define POLICY_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

/* A gate of a context. `measure` is a full id; the first row of a `slot` whose measure the input
 * allows is the gate of that slot. */
struct context_gate {
  unsigned task; /* 1 << enum task */
  int slot;
  const char *measure;
  const char *margin; /* as a person writes it: "0.01", "5%" */
  int tier;
  bool is_primary;
  const char *why;
};

struct context {
  const char *name;
  int version;
  double alpha, power;
  const struct context_gate *gates;
  size_t n_gates;
};

/* NULL name: "general". NONET_E_USAGE with near names when there is no such preset. */
nonet_status context_find(const char *name, const struct context **context,
                          nonet_error *error) NONET_NODISCARD;

/* A margin as written: absolute >= 0, or a share of the baseline's value ("5%" is 0.05, below 100
 * %). */
struct margin {
  double value;
  bool is_relative;
};

nonet_status margin_parse(const char *text, struct margin *margin,
                          nonet_error *error) NONET_NODISCARD;
/* δ on the scale it is tested: itself, or of the log ratio: −log(1 − r) where higher is better,
 * log(1 + r) where lower is. */
double margin_delta(struct margin margin, bool higher_is_better);

#endif
