/*
 * The verdict.
 *
 * Cases:
 *  1. looks: 1 (the default): the first look at a question has the whole alpha; the same rows again
 * are the same look; grown data are INCONCLUSIVE at best, and the verdict says why.
 *  2. looks: grow: alpha is spent over the looks at information times n/n_max, n_max frozen at the
 *     first one. Rows that add nothing to the look before, or come when all is spent, have no
 *     alpha: INCONCLUSIVE at best.
 *  3. Without a store looks cannot be counted: the verdict says so.
 *  4. Coverage of the nine: judged, measured, not built, or why nothing of it was measured.
 *  5. Timings are taken anew in every run, also on the same rows: each run is a look of theirs,
 * with the whole alpha; they are not blocked, but the look and the level over all looks are said.
 *  6. A candidate or a baseline that does not run here is never a PASS, whatever was judged without
 * it; neither NONE, which would let the candidate go on.
 */
#include "run/verdict.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "run/verdict_because.h"

/* ---- rules ---- */

/* Case 2. */
static nonet_status spend_over_looks(const struct court *court, const struct store_look *look,
                                     double n_max, struct judge_rules *rules, struct looks *looks,
                                     nonet_error *error) {
  double times[LOOKS_MOST];
  size_t n = 0;
  for (size_t i = 0; i < look->n_past && n < LOOKS_MOST - 1; i++) {
    const double t = fmin(1.0, (double)look->past[i].n_rows / n_max);
    if (n == 0 || t > times[n - 1]) {
      times[n++] = t;
    }
  }
  const double now = fmin(1.0, (double)court->request->intake->set->tally.n_used / n_max);
  if (n > 0 && now <= times[n - 1]) {
    rules->is_late = true;
    return NONET_OK;
  }
  times[n++] = now;
  rules->looks = looks;
  return looks_init(looks, times, n, error);
}

nonet_status verdict_rules(const struct court *court, struct judge_rules *rules,
                           struct looks *looks, nonet_error *error) {
  const struct court_request *request = court->request;
  const struct store_look *look = request->look;
  nonet_status status = NONET_OK;
  *rules = (struct judge_rules){.alpha = request->context->alpha,
                                .power = request->context->power,
                                .n_candidates = 1,
                                .is_identical = &request->is_identical,
                                .allows_tradeoffs = request->context->allows_tradeoffs,
                                .is_partial = request->is_partial};
  rules->n_today[UNIT_ROWS] = (double)request->intake->set->tally.n_used;
  if (request->intake->answers != NULL) {
    rules->n_today[UNIT_LAUNCHES] = (double)request->intake->answers->latency.n_launches;
  }
  if (look != NULL && request->context->looks == LOOKS_ONE) {
    rules->is_late = look->number > 1; /* case 1 */
  } else if (look != NULL) {
    double n_max = look->n_max;
    if (!isfinite(n_max)) {
      n_max = judge_n_max(court->members, court->n, rules);
    }
    if (isfinite(n_max) && n_max > 0.0) {
      status = spend_over_looks(court, look, n_max, rules, looks, error);
    } else {
      rules->is_late = look->number > 1; /* no number of rows would do: as with looks: 1 */
    }
  }
  return status;
}

/* ---- judgements ---- */

static struct evidence_scope as_written(const struct requirement_scope *scope) {
  struct evidence_scope written = {.kind = SCOPE_ALL,
                                   .n_by = scope->n_by,
                                   .by_column = scope->by_column,
                                   .by_value = scope->by_value,
                                   .class_name = scope->class_name,
                                   .column = scope->column,
                                   .n_columns = scope->n_columns,
                                   .columns = scope->columns};
  if (scope->n_by > 0) {
    written.kind = SCOPE_GROUP;
  } else if (scope->class_name != NULL) {
    written.kind = SCOPE_CLASS;
  } else if (scope->column != NULL) {
    written.kind = SCOPE_COLUMN;
  }
  return written;
}

static const char *reason_of(const struct court_case *made, const struct judge_member *member) {
  if (member->absence != ABSENCE_NONE) {
    return judge_absence_name(member->absence);
  }
  return made->reason[0] == '\0' ? NULL : made->reason;
}

static double threshold_of(const struct judge_member *member) {
  return isfinite(member->range_low) ? member->range_low : member->range_high;
}

static double threshold_high_of(const struct judge_member *member) {
  return isfinite(member->range_low) && isfinite(member->range_high) ? member->range_high : NAN;
}

/* Case 5; a timing that was not taken is no look at it. */
static int look_of(const struct court *court, size_t i) {
  const struct store_look *look = court->request->look;
  bool is_anew =
      court->members[i].absence == ABSENCE_NONE && court_is_timed(court->cases[i].measure);
  return look == NULL ? 1 : is_anew ? look->n_runs + 1 : look->number;
}

static void write_judgement(struct evidence *evidence, const struct court *court, size_t i) {
  const struct court_case *made = &court->cases[i];
  const struct judge_member *member = &court->members[i];
  const bool is_gate = made->kind == JUDGE_GATE;
  const struct evidence_judgement row = {
      .measure = made->id,
      .scope = as_written(made->scope),
      .kind = judge_kind_name(made->kind),
      .difference = member->value,
      .low = member->low,
      .high = member->high,
      .level = member->level,
      .method = member->law.method,
      .op = is_gate ? NULL : requirement_op_name(made->requirement->op),
      .threshold = is_gate ? NAN : threshold_of(member),
      .threshold_high = is_gate ? NAN : threshold_high_of(member),
      .margin = is_gate ? member->margin : NAN,
      .margin_stated = made->stated,
      .scale = !is_gate                   ? "value"
               : made->margin.is_relative ? "log_ratio"
                                          : "difference",
      .p_safe = member->p_safe,
      .p_harmed = member->p_harmed,
      .p_harmed_adjusted = member->p_harmed_adjusted,
      .state = judge_state_name(member->state),
      .reason = reason_of(made, member),
      .why = made->why,
      .tier = member->tier,
      .is_primary = member->is_primary,
      .is_guard = member->is_guard,
      .alpha_used = member->alpha_used,
      .limit = is_gate ? member->limit : NAN,
      .gain = judge_gain_name(member->gain),
      .p_gain = member->p_gain,
      .look = look_of(court, i),
      .n_needed = member->n_needed,
      .n_fail = member->n_fail,
      .excused_by =
          member->excused_by == JUDGE_NOBODY ? NULL : court->cases[member->excused_by].id};
  evidence_add_judgement(evidence, &row);
}

/* ---- the verdict ---- */

static bool is_judged(const struct court *court, enum measure_attribute attribute) {
  for (size_t i = 0; i < court->n; i++) {
    if (court->members[i].absence == ABSENCE_NONE &&
        court->cases[i].measure->attribute == attribute) {
      return true;
    }
  }
  return false;
}

static bool is_measured(const struct evidence *evidence, const char *attribute) {
  size_t i;
  json_t *row;
  json_array_foreach(json_object_get(evidence->root, "estimates"), i, row) {
    const char *name = json_string_value(json_object_get(row, "attribute"));
    if (name != NULL && strcmp(name, attribute) == 0) {
      return true;
    }
  }
  return false;
}

static bool is_built(enum measure_attribute attribute) {
  for (size_t i = 0; i < catalogue_n(); i++) {
    if (catalogue_at(i)->attribute == attribute) {
      return true;
    }
  }
  return false;
}

/* Why nothing of a built attribute was measured: the worst reason among what was skipped. */
static const char *absence_word(const struct evidence *evidence, const char *attribute) {
  size_t i;
  json_t *row;
  const char *word = "not_asked"; /* what was not chosen is not among the skipped */
  json_array_foreach(json_object_get(evidence->root, "skipped"), i, row) {
    const char *measure = json_string_value(json_object_get(row, "measure"));
    const char *reason = json_string_value(json_object_get(row, "reason"));
    if (strncmp(measure, attribute, strlen(attribute)) != 0) {
      continue;
    }
    if (strncmp(reason, "failed", 6) == 0) {
      return "failed";
    }
    word = strncmp(reason, "not asked", 9) == 0 ? word : "not_applicable";
  }
  return word;
}

/* Case 4. */
static json_t *coverage_json(const struct court *court, const struct evidence *evidence) {
  json_t *coverage = json_object();
  for (int a = 0; a < ATTRIBUTE_DATA; a++) {
    const enum measure_attribute attribute = (enum measure_attribute)a;
    const char *name = catalogue_attribute_name(attribute);
    const char *word = is_judged(court, attribute)   ? "judged"
                       : is_measured(evidence, name) ? "measured"
                       : !is_built(attribute)        ? "not_built"
                                                     : absence_word(evidence, name);
    json_object_set_new(coverage, name, json_string(word));
  }
  return coverage;
}

static json_t *whole_or_null(double value) {
  return isfinite(value) ? json_integer((json_int_t)value) : json_null();
}

static void write_verdict(struct evidence *evidence, const struct court *court,
                          const struct judge_rules *rules, const struct judge_result *result) {
  const struct context *context = court->request->context;
  const double labels = result->n_needed[UNIT_ROWS];
  json_t *verdict = json_pack(
      "{s:s, s:s, s:i, s:f, s:o, s:o, s:s, s:o}", "state", judge_verdict_name(result->verdict),
      "context", context->name, "context_version", context->version, "alpha", context->alpha,
      "because", verdict_because(court, rules, result->verdict), "coverage",
      coverage_json(court, evidence), "coverage_mode",
      court->request->is_partial ? "partial" : "full", "n_needed", whole_or_null(labels));
  if (isfinite(result->n_needed[UNIT_LAUNCHES])) {
    json_object_set_new(verdict, "n_launches_needed",
                        whole_or_null(result->n_needed[UNIT_LAUNCHES]));
  }
  if (rules->is_late) {
    json_object_set_new(verdict, "late", json_true());
  }
  evidence->failed |= verdict == NULL;
  evidence_set_verdict(evidence, verdict);
}

nonet_status verdict_reach(struct court *court, struct evidence *evidence,
                           struct verdict_outcome *outcome, nonet_error *error) {
  struct judge_rules rules;
  struct judge_result result;
  struct judge_candidate candidate;
  struct looks looks;
  *outcome = (struct verdict_outcome){VERDICT_NONE, NAN};
  nonet_status status = verdict_rules(court, &rules, &looks, error);
  if (status == NONET_OK) {
    status = judge_members(court->members, court->n, &rules, &candidate, &result, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  const char *const *no_answers = court->request->intake->no_answers;
  if ((no_answers[STREAM_A] != NULL || no_answers[STREAM_B] != NULL) &&
      result.verdict != VERDICT_FAIL) {
    result.verdict = VERDICT_INCONCLUSIVE; /* case 6 */
  }
  for (size_t i = 0; i < court->n; i++) {
    court_name_worst(court, i);
    write_judgement(evidence, court, i);
  }
  write_verdict(evidence, court, &rules, &result);
  outcome->verdict = result.verdict;
  outcome->n_max = judge_n_max(court->members, court->n, &rules);
  return NONET_OK;
}

/* ---- the plan ---- */

static bool is_planned(const struct judge_member *member) {
  return member->kind == JUDGE_GATE && member->absence == ABSENCE_NONE && !member->is_exact;
}

/* The gates that sampling error is in, in the order of the court. */
static size_t plan_gates(const struct court *court, struct judge_planned *planned) {
  size_t n = 0;
  for (size_t i = 0; i < court->n; i++) {
    const struct judge_member *member = &court->members[i];
    if (is_planned(member)) {
      planned[n++] =
          (struct judge_planned){.margin = member->margin,
                                 .se = judge_law_se(&member->law, court->request->context->alpha),
                                 .has_limit = isfinite(member->limit)};
    }
  }
  return n;
}

static void explain_case(const struct court *court, size_t i, const struct judge_planned *planned,
                         struct text *text) {
  const struct judge_member *member = &court->members[i];
  const struct court_case *made = &court->cases[i];
  text_printf(text, "  tier %d  ", member->tier);
  court_case_name(text, made);
  if (member->absence == ABSENCE_NOT_ASKED && made->measure->probes != 0) {
    text_append(text, ": measured by its probe when the check runs\n");
  } else if (member->absence != ABSENCE_NONE) {
    text_printf(text, ": %s\n", made->reason);
  } else if (member->kind == JUDGE_REQUIREMENT) {
    text_printf(text, ": required, %s\n", made->stated);
  } else if (member->is_exact) {
    text_printf(text, ", margin %s: exact\n", made->stated);
  } else {
    text_printf(text, ", margin %s: margin/se %.2f, SAFE with probability %.2f if equal\n",
                made->stated, planned->ratio, planned->power);
  }
}

nonet_status verdict_explain(const struct court *court, struct text *text, nonet_error *error) {
  struct judge_rules rules;
  struct looks looks;
  double p = NAN, least = NAN;
  struct judge_planned *planned = memory_zeroed(court->n + 1, sizeof *planned);
  nonet_status status = planned == NULL
                            ? error_memory(error, court->n * sizeof *planned, "the plan")
                            : verdict_rules(court, &rules, &looks, error);
  if (status == NONET_OK) {
    const size_t n = plan_gates(court, planned);
    judge_plan_power(planned, n, &rules, &p, &least);
    text_printf(text, "Gates (%zu in the family)\n", judge_family_size(court->members, court->n));
    for (size_t i = 0, k = 0; i < court->n; i++) {
      explain_case(court, i, &planned[k], text);
      k += is_planned(&court->members[i]);
    }
    if (n > 0) {
      text_printf(text,
                  "P(PASS | equal models): %.2f if the gates were independent, at least %.2f\n", p,
                  least);
    }
  }
  memory_free(planned);
  return status;
}
