/*
 * How rows are answered that break the contract of the model's inputs.
 *
 *   questions answered as the contract wants / questions asked
 *
 * A question is one column and one way of breaking it: the column missing, null, of another type,
 * with a text never seen, with a huge value; and once a column that nobody asked for. What is
 * wanted is a clear error (it names the column) or a declared behaviour; which, by way, stands at
 * the head of probe/process/breach.c.
 *
 * Cases:
 *  1. What was not kept is told in words, each a note and a finding of the run.
 *  2. More columns than are tried: how many were is said.
 *  3. A way that asks nothing of this model (no texts, no numbers) counts nothing.
 */
#include "measure/probed.h"
#include "measure/records.h"

static double asked(const struct probe_contract *found) {
  double n = 0;
  for (int b = 0; b < N_BREACHES; b++) {
    n += (double)found->n_asked[b];
  }
  return n;
}

static double share(const struct probe_contract *found) {
  double kept = 0;
  for (int b = 0; b < N_BREACHES; b++) {
    kept += (double)found->n_kept[b];
  }
  return kept / asked(found);
}

static double share_of(const struct measure *measure, const struct probe_stream *found) {
  (void)measure;
  return share(&found->contract);
}

static nonet_status contract_estimate(const struct measure *measure,
                                      const struct measure_variant *variant, struct view *view,
                                      int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_stream *answers = probed_stream(measure, view, stream, out);
  if (answers == NULL) {
    return NONET_OK;
  }
  const struct probe_contract *found = &answers->contract;
  probed_exact(measure, view, share(found), asked(found), out);
  if (found->n_columns < found->n_columns_all) { /* 2 */
    view_note(view, "%zu of the %zu columns it reads were tried", found->n_columns,
              found->n_columns_all);
  }
  for (int b = 0; b < N_BREACHES; b++) { /* 3 */
    if (found->n_asked[b] > found->n_kept[b]) {
      view_note(view, "%s: %zu of %zu answered as the contract wants",
                probe_breach_name((enum probe_breach)b), found->n_kept[b], found->n_asked[b]);
    }
  }
  return NONET_OK;
}

static nonet_status contract_compare(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  probed_exact_compare(measure, view, share_of, out);
  return NONET_OK;
}

const struct measure deployability_schema_contract = {
    .id = "deployability.schema_contract",
    .attribute = ATTRIBUTE_DEPLOYABILITY,
    .title = "Contract of the inputs",
    .definition = "Share of broken rows (a column missing, extra, null, of a wrong type, with a "
                  "category never seen, with a huge value; one column at a time) that the model, "
                  "as nonet feeds it, answers with an error that names the column or with a "
                  "declared behaviour.",
    .formula = "questions answered as the contract wants / questions asked",
    .source = "the model asked in a process of its own; what counts as declared: "
              "docs/config.md, \"The contract of the inputs\"",
    .unit = "",
    .direction = DIRECTION_HIGHER,
    .range = {0, 1},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_CONTRACT),
    .cost = COST_SCAN,
    .interval = "exact",
    .interval_weighted = "exact",
    .estimate = contract_estimate,
    .compare = contract_compare,
};
