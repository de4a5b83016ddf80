/*
 * Findings of deployability, of the candidate: it is the one to be deployed. Of a baseline only
 * that it does not run here.
 *
 * Cases:
 *  1. It does not open or answer: critical, in the runtime's own words, and what to do.
 *  2. A breach of its inputs' contract that was not answered as the contract wants: a warning each.
 *  3. Another decision for the same row: an error; other bytes alone are the measure's note.
 *  4. Another decision than the framework's that trained it: an error.
 *  5. A probe whose process died or hung: a warning with the reason; the run went on.
 */
#include "run/deploy_findings.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

struct found {
  struct evidence *evidence;
  const char *id, *severity, *title, *remedy;
};

static void add(const struct found *found, const char *text) {
  static const char *const hurts[] = {"deployability"};
  const struct evidence_finding finding = {.id = found->id,
                                           .attribute = "deployability",
                                           .severity = found->severity,
                                           .title = found->title,
                                           .text = text,
                                           .hurts = hurts,
                                           .n_hurts = 1,
                                           .remedy = found->remedy};
  evidence_add_finding(found->evidence, &finding);
}

/* Case 1. */
static void add_loads(const struct found *found, const struct probe_loads *loads,
                      const char *broken, struct text *text) {
  for (size_t i = 0; i < loads->n_steps; i++) {
    const struct probe_load_step *step = &loads->step[i];
    if (!step->is_ok) {
      text->length = 0;
      if (step->n_rows == 0) {
        text_printf(text, "it does not open: %s", broken != NULL ? broken : step->error);
      } else {
        text_printf(text, "it opens, and does not answer %zu row%s: %s", step->n_rows,
                    step->n_rows == 1 ? "" : "s", broken != NULL ? broken : step->error);
      }
      add(found, text->data != NULL ? text->data : "");
    }
  }
}

/* Cases 3, 4. */
static void add_counts(struct evidence *evidence, const struct probe_stream *answers,
                       struct text *text) {
  const struct found moody = {evidence, "deployability.determinism", "error",
                              "The candidate changes its mind", NULL};
  const struct found parted = {evidence, "deployability.label_parity", "error",
                               "The candidate is not the model that was trained", NULL};
  if (answers->state[PROBE_DETERMINISM].status == PROBE_ANSWERED &&
      answers->determinism.n_labels_changed > 0) {
    text->length = 0;
    text_printf(text, "%zu of %zu rows got another decision when asked again",
                answers->determinism.n_labels_changed, answers->determinism.n_rows);
    add(&moody, text->data != NULL ? text->data : "");
  }
  if (answers->state[PROBE_PARITY].status == PROBE_ANSWERED &&
      answers->parity.n_same_labels < answers->parity.n_rows) {
    text->length = 0;
    text_printf(text,
                "%zu of %zu rows get another decision than in the reference predictions; scores "
                "are up to %.3g apart",
                answers->parity.n_rows - answers->parity.n_same_labels, answers->parity.n_rows,
                answers->parity.largest_absolute);
    add(&parted, text->data != NULL ? text->data : "");
  }
}

/* Case 2. */
static void add_breach(struct evidence *evidence, const char *text) {
  const struct found found = {evidence, "deployability.schema_contract", "warning",
                              strstr(text, PROBE_BREACH_UNNAMED) == NULL
                                  ? "A broken row is answered as if it were whole"
                                  : "A broken row ends in an error that does not name its column",
                              NULL};
  add(&found, text);
}

nonet_status deploy_findings(const struct deploy_request *request, struct evidence *evidence,
                             nonet_error *error) {
  static const char remedy[] =
      "try it alone with 'nonet check --only deployability', in the runtime it will live in; what "
      "it needs is among the measures of deployability; timeout: says how long an answer may take";
  const struct found loads = {evidence, "deployability.loads", "critical",
                              "The candidate does not run here", remedy};
  const struct found unfit = {evidence, "deployability.loads", "error",
                              "The baseline does not run here, so nothing is compared", remedy};
  const struct probe_stream *candidate = &request->answers->stream[STREAM_A];
  const char *const *broken = request->broken;
  struct text text = {0};
  if (candidate->state[PROBE_LOADS].status == PROBE_ANSWERED) {
    add_loads(&loads, &candidate->loads, broken[STREAM_A], &text);
  }
  if (broken[STREAM_B] != NULL) {
    add_loads(&unfit, &request->answers->stream[STREAM_B].loads, broken[STREAM_B], &text);
  }
  if (candidate->state[PROBE_CONTRACT].status == PROBE_ANSWERED) {
    for (size_t i = 0; i < candidate->contract.n_texts; i++) { /* 2 */
      add_breach(evidence, candidate->contract.text[i]);
    }
  }
  add_counts(evidence, candidate, &text);
  for (int id = 0; id < N_PROBES; id++) { /* 5 */
    if (candidate->state[id].status == PROBE_FAILED && id != PROBE_TRAIN &&
        broken[STREAM_A] == NULL) {
      const struct found found = {evidence, "deployability.probe", "warning",
                                  "The candidate could not be asked", NULL};
      text.length = 0;
      text_printf(&text, "%s: %s", probe_name((enum probe_id)id), candidate->state[id].reason);
      add(&found, text.data != NULL ? text.data : "");
    }
  }
  nonet_status status = text.failed ? error_memory(error, text.length, "findings") : NONET_OK;
  text_clear(&text);
  return status;
}
