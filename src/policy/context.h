/*
 * Contexts: what matters where the model will live, in order. Which attributes come first, which
 * measures are gates, at what margin, and why.
 *
 * Presets are the files of contexts/, embedded when the library is built; a user's file and an
 * inline mapping in nonet.yaml are read by the same reader and may extend one. Everything is
 * checked when it is read: a struct context is whole. Errors of files are NONET_E_CONFIG with
 * FILE:LINE:COLUMN.
 *
 * Ownership: the caller clears a context; all it points to lives in its pool.
 */
#ifndef POLICY_CONTEXT_H
#define POLICY_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include <nonet/status.h>

#include "base/text.h"
#include "policy/margin.h"
#include "policy/pool.h"
#include "policy/requirement.h"

enum {
  CONTEXT_N_ATTRIBUTES = ATTRIBUTE_DATA
}; /* the nine, in the order of enum measure_attribute */
enum { CONTEXT_GATES_MOST = 5 }; /* with sampling error, for one task */

/* A gate of a context. The rows of a `slot` are alternatives: the first whose task fits and whose
 * measure the input allows is the gate of that slot. */
struct context_gate {
  unsigned task;         /* 1 << enum task, for every task the row is for */
  int slot;              /* 1 … in the order of the file */
  const char *slot_name; /* NULL: a slot of its own */
  const char *measure;   /* full id */
  bool is_built;         /* false: NOT_MEASURED, not_built */
  enum measure_attribute attribute;
  struct requirement_scope scope;
  const char *margin; /* as a person writes it: "0.01", "5%" */
  struct margin delta;
  const char *limit; /* as written; NULL: none, the gate is never excused */
  struct margin limit_delta;
  bool is_exact;       /* no sampling error: bytes, loads; outside the family */
  int tier;            /* of its attribute; a guard's is that of the last tier */
  bool is_guard;       /* must not be harmed; neither excuses nor is excused */
  unsigned primary_of; /* 1 << enum task: where it is its attribute's primary (the first slot) */
  const char *why;
  const char *source; /* the file it stands in */
  unsigned line, column;
};

/* What times and energies are worth where the model will live; 0: not given. */
struct context_factors {
  double co2_g_per_kwh, cost_per_cpu_hour;
};

enum context_looks { LOOKS_ONE, LOOKS_GROW };

struct context {
  const char *name;
  const char *title;   /* one sentence: where it is for */
  const char *extends; /* the name it was made from; NULL: none */
  int version;
  int tier[CONTEXT_N_ATTRIBUTES]; /* 1 = most critical; ties allowed; a guard: 0 */
  bool is_guard[CONTEXT_N_ATTRIBUTES];
  bool has_guards; /* a guard list was given: nothing else is one by default */
  int n_tiers;
  double alpha, power; /* 0.05 one-sided, 0.8 */
  size_t min_group;    /* 30 */
  bool allows_tradeoffs;
  enum context_looks looks;
  bool is_partial; /* coverage: partial */
  struct context_gate *gates;
  size_t n_gates;
  struct requirement *budgets; /* requirements that the context brings with it */
  size_t n_budgets;
  struct context_factors factors;
  const char **references;
  size_t n_references;
  struct pool pool;
};

/* NULL name: "general". A preset's name, or a path (it has a '/' or ends in .yaml or .yml).
 * NONET_E_USAGE with near names when there is no such preset. */
nonet_status context_find(const char *name, struct context *context,
                          nonet_error *error) NONET_NODISCARD;
/* A context file from memory; `source` names it in messages, `folder` is where a relative extends:
 * is looked for. */
nonet_status context_parse(const char *data, size_t size_bytes, const char *source,
                           const char *folder, struct context *context,
                           nonet_error *error) NONET_NODISCARD;
void context_clear(struct context *context);

/* Preset names in the order of presentation; NULL beyond the last. */
const char *context_preset(size_t i);
/* The YAML text of a preset, as embedded; NULL when there is none of that name. */
const char *context_preset_yaml(const char *name);

/* The whole context as JSON, for evidence and `--json`; NULL when memory is short. */
json_t *context_json(const struct context *context) NONET_NODISCARD;
/* The whole context as a file that context_parse reads back as the same: to read and to edit. */
void context_yaml(const struct context *context, struct text *text);
/* What changes from a to b, one line each; false when nothing does. Names and reasons do not count.
 */
bool context_diff(const struct context *a, const struct context *b, struct text *text);

#endif
