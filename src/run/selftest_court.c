/*
 * What the self-test found, in words.
 *
 * Cases:
 *  1. A requirement speaks of one model alone: a swap says nothing of it. On a gap, groups change
 *     places instead, where it bounds the side on which groups are served unequally.
 *  2. Exact measures have no error to test; timings would have to be taken again; what was not
 *     measured has nothing to swap. All are told in `skipped`.
 *  3. A gate without an injector is tested at equality only, and so is one whose harm does not fit.
 */
#include "run/selftest_court.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "run/selftest.h"

struct trial {
  const struct court *court;
  struct selftest_gate *gates; /* [n] */
  size_t *which;               /* [n] the court's case of each */
  size_t n;
};

/* NULL: it can be tested; else why not. */
static const char *obstacle(const struct court *court, size_t i) {
  const struct judge_member *member = &court->members[i];
  const struct court_case *made = &court->cases[i];
  const struct regrouped_gap *gap =
      made->measure != NULL ? regrouped_gap_of(made->measure, &made->variant) : NULL;
  if (member->kind == JUDGE_REQUIREMENT && gap == NULL) {
    return "not applicable: a requirement is about one model, and a swap is about two"; /* 1 */
  }
  if (member->absence != ABSENCE_NONE) {
    return made->reason; /* 2 */
  }
  if (member->is_exact) {
    return "not applicable: it is exact and cannot err";
  }
  if (made->measure->probes != 0) {
    return "not built: swaps are of rows, and this gate rests on a probe";
  }
  if (member->kind == JUDGE_REQUIREMENT &&
      made->requirement->op != (gap->is_ratio ? REQUIREMENT_AT_LEAST : REQUIREMENT_AT_MOST)) {
    return "not applicable: equal groups say nothing of a gap that must be there";
  }
  return NULL;
}

static nonet_status gather(struct trial *trial, struct evidence *evidence, nonet_error *error) {
  const struct court *court = trial->court;
  trial->gates = memory_zeroed(court->n + 1, sizeof *trial->gates);
  trial->which = memory_zeroed(court->n + 1, sizeof *trial->which);
  if (trial->gates == NULL || trial->which == NULL) {
    return error_memory(error, court->n * sizeof *trial->gates, "the self-test");
  }
  for (size_t i = 0; i < court->n; i++) {
    const struct court_case *made = &court->cases[i];
    const char *why = obstacle(court, i);
    struct text name = {0};
    if (why != NULL) {
      court_case_name(&name, made);
      evidence_add_skipped(evidence, name.data, why);
      text_clear(&name);
      continue;
    }
    const bool is_requirement = made->kind == JUDGE_REQUIREMENT;
    const struct judge_member *member = &court->members[i];
    struct selftest_gate *gate = &trial->gates[trial->n];
    *gate = (struct selftest_gate){.way = is_requirement ? SELFTEST_REGROUPED
                                          : made->measure->compare_groups != NULL ? SELFTEST_EACH
                                                                                  : SELFTEST_SWAP,
                                   .measure = made->measure,
                                   .variant = &made->variant,
                                   .margin = !is_requirement                ? member->margin
                                             : isfinite(member->range_high) ? member->range_high
                                                                            : member->range_low,
                                   .is_relative = !is_requirement && made->margin.is_relative};
    gate->n_columns = court_columns(court, i, gate->columns);
    court_scope(court, i, &gate->scope.in_scope, &gate->scope.class_index);
    trial->which[trial->n++] = i;
  }
  return NONET_OK;
}

/* ---- words ---- */

static void say_share(struct text *text, const char *before, double share) {
  text_printf(text, "%s%.1f %%", before, 100.0 * share);
}

/* The words of a way, one for each place in the sentence. */
struct wording {
  const char *improved, *at_zero, *at_margin, *harmed, *power, *of_equal, *at_twice;
};

static struct wording wording_of(enum selftest_way way) {
  static const struct wording ways[] = {
      [SELFTEST_SWAP] = {"Equal models: IMPROVED in ", ", worse than 0 in ",
                         "; with a harm of exactly the margin: SAFE in ", ", HARMED in ",
                         "SAFE in ", " of equal models",
                         ", a harm of twice the margin is found in "},
      [SELFTEST_EACH] = {"", "Equal models: a group worse than 0 in ",
                         "; with a harm of exactly the margin in the largest group: SAFE in ",
                         ", HARMED in ", "SAFE in ", " of equal models",
                         ", a harm of twice the margin there is found in "},
      [SELFTEST_REGROUPED] = {"", "Equal groups: a gap is proven in ",
                              "; with a gap of exactly what is allowed: MET in ", ", VIOLATED in ",
                              "MET in ", " of equal groups", ", a gap twice as wide is found in "}};
  return ways[way];
}

static void say_gate(struct text *text, const struct selftest_gate *gate, const char *reason) {
  const struct wording words = wording_of(gate->way);
  if (!isnan(gate->improved)) {
    say_share(text, words.improved, gate->improved);
  }
  say_share(text, words.at_zero, gate->harmed_at_zero);
  if (gate->n_injected > 0) {
    say_share(text, words.at_margin, gate->safe_at_margin);
    say_share(text, words.harmed, gate->harmed_at_margin);
  }
  text_printf(text, " (each may show up to %.1f %%). Power: ", 100.0 * gate->most);
  say_share(text, words.power, gate->safe_when_equal);
  text_append(text, words.of_equal);
  if (!isnan(gate->harmed_at_twice)) {
    say_share(text, words.at_twice, gate->harmed_at_twice);
  }
  if (gate->n_injected == 0) {
    text_append(text,
                gate->has_injector
                    ? "; a harm of that size does not fit into these rows"
                    : "; no injector: there is no way to put a harm of known size into it"); /* 3 */
  }
  if (gate->undecided > 0.0) {
    say_share(text, "; must not decide in ", gate->undecided);
    text_append(text, " of the repeats");
  }
  if (reason[0] != '\0' && (gate->undecided > 0.0 || gate->safe_when_equal == 0.0)) {
    text_printf(text, "; of the rows as they are: %s", reason);
  }
}

static json_t *number(double x) {
  return isnan(x) ? json_null() : json_real(x);
}

static json_t *numbers(const struct selftest_gate *gate) {
  const char *exchanged = gate->way == SELFTEST_REGROUPED ? "groups" : "models";
  return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "state",
                   selftest_state_name(gate->state), "exchanged", exchanged, "undecided",
                   number(gate->undecided), "improved", number(gate->improved), "harmed_at_zero",
                   number(gate->harmed_at_zero), "safe_at_margin", number(gate->safe_at_margin),
                   "harmed_at_margin", number(gate->harmed_at_margin), "safe_when_equal",
                   number(gate->safe_when_equal), "harmed_at_twice", number(gate->harmed_at_twice));
}

static void write_gate(const struct trial *trial, size_t g, struct evidence *evidence) {
  static const char *const severities[] = {"info", "error", "warning"};
  static const char *const said[] = {"errs no more often than it promises",
                                     "errs more often than it promises",
                                     "cannot be tested on these rows"};
  const struct selftest_gate *gate = &trial->gates[g];
  struct text id = {0}, title = {0}, text = {0};
  json_t *where = numbers(gate);
  const char *attribute = catalogue_attribute_name(gate->measure->attribute);
  text_append(&id, "selftest.");
  court_case_name(&id, &trial->court->cases[trial->which[g]]);
  court_case_name(&title, &trial->court->cases[trial->which[g]]);
  text_printf(&title, ": the %s %s", gate->way == SELFTEST_REGROUPED ? "requirement" : "gate",
              said[gate->state]);
  say_gate(&text, gate, trial->court->cases[trial->which[g]].reason);
  const struct evidence_finding finding = {.id = id.data,
                                           .attribute = attribute,
                                           .severity = severities[gate->state],
                                           .title = title.data,
                                           .text = text.data,
                                           .hurts = &attribute,
                                           .n_hurts = gate->state == SELFTEST_BROKEN,
                                           .where = where};
  evidence->failed |= id.failed || title.failed || text.failed || where == NULL;
  if (!evidence->failed) {
    evidence_add_finding(evidence, &finding);
  }
  json_decref(where);
  text_clear(&id);
  text_clear(&title);
  text_clear(&text);
}

static enum judge_verdict verdict_of(const struct trial *trial) {
  size_t n_open = 0;
  bool is_broken = false;
  for (size_t g = 0; g < trial->n; g++) {
    n_open += trial->gates[g].state == SELFTEST_OPEN;
    is_broken = is_broken || trial->gates[g].state == SELFTEST_BROKEN;
  }
  return trial->n == 0        ? VERDICT_NONE
         : is_broken          ? VERDICT_FAIL
         : n_open == trial->n ? VERDICT_INCONCLUSIVE
                              : VERDICT_PASS;
}

static void say(json_t *because, struct text *text) {
  if (text->data != NULL && !text->failed) {
    json_array_append_new(because, json_string(text->data));
  }
  text_clear(text);
}

static json_t *because_json(const struct trial *trial, const struct selftest_result *result) {
  json_t *because = json_array();
  struct text text = {0};
  size_t n_broken = 0, n_open = 0, n_regrouped = 0;
  for (size_t g = 0; g < trial->n; g++) {
    n_regrouped += trial->gates[g].way == SELFTEST_REGROUPED;
    n_broken += trial->gates[g].state == SELFTEST_BROKEN;
    n_open += trial->gates[g].state == SELFTEST_OPEN;
  }
  const char *what = n_regrouped == 0          ? "gates"
                     : n_regrouped == trial->n ? "requirements"
                                               : "gates and requirements";
  if (trial->n == 0) {
    text_append(&text,
                "Nothing was tested: no gate of the context rests on rows of two models, and "
                "no requirement is on a gap between groups");
    say(because, &text);
    return because;
  }
  if (n_open == trial->n) {
    text_printf(&text, "None of %zu %s can be tested: their laws must not decide on these rows",
                trial->n, what);
  } else if (n_broken == 0) {
    text_printf(&text, "None of %zu %s errs more often than it promises", trial->n, what);
  } else {
    text_printf(&text, "%zu of %zu %s err more often than they promise", n_broken, trial->n, what);
  }
  say(because, &text);
  text_append(&text, n_regrouped == 0 ? "Candidate and baseline were swapped at random, "
                     : n_regrouped == trial->n
                         ? "Groups were exchanged at random, "
                         : "Candidate and baseline were swapped at random, and for the "
                           "requirements on gaps groups were exchanged, ");
  text_grouped(&text, SELFTEST_REPEATS);
  text_append(&text, " times, on ");
  text_grouped(&text, result->n_rows);
  text_append(&text, " rows: rates below 1.4 times what is promised cannot be told from it");
  say(because, &text);
  if (!isnan(result->pass_when_equal)) {
    text_printf(&text, "Two equal models would pass all these gates in %.1f %% of cases",
                100.0 * result->pass_when_equal);
    say(because, &text);
  }
  return because;
}

static void write_verdict(const struct trial *trial, const struct selftest_result *result,
                          struct evidence *evidence) {
  const struct context *context = trial->court->request->context;
  json_t *coverage = json_object();
  for (int a = 0; a < CONTEXT_N_ATTRIBUTES; a++) {
    bool is_tested = false;
    for (size_t g = 0; g < trial->n; g++) {
      is_tested = is_tested || (int)trial->gates[g].measure->attribute == a;
    }
    json_object_set_new(coverage, catalogue_attribute_name((enum measure_attribute)a),
                        json_string(is_tested ? "measured" : "not_asked"));
  }
  json_t *verdict = json_pack(
      "{s:s, s:s, s:i, s:f, s:o, s:o, s:n}", "state", judge_verdict_name(verdict_of(trial)),
      "context", context->name, "context_version", context->version, "alpha", context->alpha,
      "because", because_json(trial, result), "coverage", coverage, "n_needed");
  evidence->failed |= verdict == NULL;
  evidence_set_verdict(evidence, verdict);
}

nonet_status selftest_court(const struct court *court, struct progress *progress,
                            struct evidence *evidence, nonet_error *error) {
  const struct court_request *asked = court->request;
  const struct selftest_request request = {.set = asked->intake->set,
                                           .alpha = asked->context->alpha,
                                           .n_family = judge_family_size(court->members, court->n),
                                           .min_group = asked->context->min_group,
                                           .n_repeats = SELFTEST_REPEATS,
                                           .n_threads = intake_threads(asked->options),
                                           .seed = asked->options->seed,
                                           .progress = progress};
  struct trial trial = {.court = court};
  struct selftest_result result = {0};
  nonet_status status = gather(&trial, evidence, error);
  if (status == NONET_OK && trial.n > 0) {
    status = selftest_repeat(trial.gates, trial.n, &request, &result, error);
  }
  for (size_t g = 0; g < trial.n && status == NONET_OK; g++) {
    write_gate(&trial, g, evidence);
  }
  if (status == NONET_OK) {
    write_verdict(&trial, &result, evidence);
  }
  memory_free(trial.gates);
  memory_free(trial.which);
  return status;
}
