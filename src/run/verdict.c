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

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

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

/* ---- because ---- */

struct because {
  json_t *list;
  struct text text;
};

static void say(struct because *because) {
  if (because->text.data != NULL && !because->text.failed) {
    json_array_append_new(because->list, json_string(because->text.data));
  }
  text_clear(&because->text);
}

static void name_case(struct text *text, const struct court_case *made) {
  text_append(text, made->id);
  requirement_scope_text(made->scope, text);
}

static size_t count_state(const struct court *court, enum judge_state state) {
  size_t n = 0;
  for (size_t i = 0; i < court->n; i++) {
    n += court->members[i].state == state;
  }
  return n;
}

/* An oriented difference as a person reads it: a log ratio in per cent of the baseline's value. */
static double shown(const struct court_case *made, double d) {
  if (made->kind != JUDGE_GATE || !made->margin.is_relative) {
    return d;
  }
  return 100.0 * (made->measure->direction == DIRECTION_HIGHER ? expm1(d) : -expm1(-d));
}

/* The decimals that keep two digits of an interval's half-width; -1 without one. */
static int decimals_of(double low, double high) {
  const double half = 0.5 * (high - low);
  if (!(half > 0.0) || !isfinite(half)) {
    return -1;
  }
  return (int)fmin(6.0, fmax(0.0, 1.0 - floor(log10(half))));
}

/* Whole thousands apart; else with these decimals, or four significant digits for -1. */
static void add_amount(struct text *text, const struct court_case *made, double d, int decimals) {
  const double value = shown(made, d);
  const bool is_gate = made->kind == JUDGE_GATE;
  if (fabs(value) >= 1e4 && fabs(value) < 1e15) {
    text_append(text, value < 0.0 ? "-" : is_gate ? "+" : "");
    text_grouped(text, (unsigned long long)llround(fabs(value)));
  } else if (decimals < 0) {
    text_printf(text, is_gate ? "%+.4g" : "%.4g", value);
  } else {
    text_printf(text, is_gate ? "%+.*f" : "%.*f", decimals, value);
  }
  text_append(text, is_gate && made->margin.is_relative ? " %" : "");
}

/* "by +0.030 (+0.012 to +0.048)"; an exact one has no interval. */
static void add_difference(struct text *text, const struct court *court, size_t i) {
  const struct judge_member *member = &court->members[i];
  const struct court_case *made = &court->cases[i];
  const int decimals =
      member->is_exact ? -1 : decimals_of(shown(made, member->low), shown(made, member->high));
  add_amount(text, made, member->value, decimals);
  if (!member->is_exact) {
    text_append(text, " (");
    add_amount(text, made, member->low, decimals);
    text_append(text, " to ");
    add_amount(text, made, member->high, decimals);
    text_append(text, ")");
  }
}

static void say_harms(struct because *because, const struct court *court) {
  for (size_t i = 0; i < court->n; i++) {
    const struct judge_member *member = &court->members[i];
    if (member->state != STATE_HARMED && member->state != STATE_VIOLATED) {
      continue;
    }
    if (member->state == STATE_HARMED) {
      name_case(&because->text, &court->cases[i]);
      text_printf(&because->text, " is worse than its margin %s: ", court->cases[i].stated);
    } else {
      text_printf(&because->text, "%s is not met: the value is ", court->cases[i].stated);
    }
    add_difference(&because->text, court, i);
    if (!member->is_exact) {
      const double p = member->p_harmed_adjusted;
      text_printf(&because->text, p < 0.0001 ? ", adjusted p < 0.0001" : ", adjusted p %.2g", p);
    }
    say(because);
  }
}

/* What a gain elsewhere does not excuse: a gain of a lower or equal tier. */
static void say_no_excuse(struct because *because, const struct court *court) {
  for (size_t h = 0; h < court->n; h++) {
    for (size_t g = 0; g < court->n && court->members[h].state == STATE_HARMED; g++) {
      const struct judge_member *gain = &court->members[g];
      if (gain->gain != GAIN_NONE && gain->tier >= court->members[h].tier) {
        text_printf(&because->text, "%s, ", court->cases[g].id);
        add_amount(&because->text, &court->cases[g], gain->value, -1);
        text_printf(&because->text, ", excuses nothing: its tier %d is not above tier %d",
                    gain->tier, court->members[h].tier);
        say(because);
      }
    }
  }
}

static void say_purchases(struct because *because, const struct court *court) {
  for (size_t i = 0; i < court->n; i++) {
    if (court->members[i].state == STATE_EXCUSED) {
      name_case(&because->text, &court->cases[i]);
      text_printf(
          &because->text,
          " may be worse than its margin %s but not than its limit: excused by the gain in %s",
          court->cases[i].stated, court->cases[court->members[i].excused_by].id);
      say(because);
    }
  }
}

static void say_gains(struct because *because, const struct court *court) {
  for (size_t i = 0; i < court->n; i++) {
    const struct judge_member *member = &court->members[i];
    if (member->gain != GAIN_NONE) {
      text_printf(&because->text, "Proven better: %s by ", court->cases[i].id);
      add_difference(&because->text, court, i);
      say(because);
    }
  }
}

static bool is_open(const struct judge_member *member) {
  return member->state == STATE_UNDECIDED;
}

/* What is open in the most critical tier that has something open: there the answer is wanted first.
 */
static void say_open(struct because *because, const struct court *court) {
  int tier = INT_MAX;
  for (size_t i = 0; i < court->n; i++) {
    const int of_this = court->members[i].tier;
    tier = is_open(&court->members[i]) && of_this < tier ? of_this : tier;
  }
  for (size_t i = 0; i < court->n; i++) {
    const struct judge_member *member = &court->members[i];
    const struct court_case *made = &court->cases[i];
    if (!is_open(member) || member->tier != tier) {
      continue;
    }
    if (made->kind == JUDGE_GATE) {
      text_append(&because->text, "Open: ");
      name_case(&because->text, made);
      text_printf(&because->text, ", margin %s: ", made->stated);
    } else {
      text_printf(&because->text, "Open: %s: ", made->stated);
    }
    if (isfinite(member->value)) {
      add_difference(&because->text, court, i);
    }
    if (made->reason[0] != '\0') {
      text_printf(&because->text, "%s%s", isfinite(member->value) ? "; " : "", made->reason);
    } else if (isfinite(member->n_needed)) {
      text_append(&because->text, "; about ");
      text_grouped(&because->text, (unsigned long long)member->n_needed);
      text_printf(&because->text, " %s would decide",
                  member->unit == UNIT_LAUNCHES ? "launches" : "rows");
    }
    say(because);
  }
}

static size_t count_measured(const struct court *court, enum judge_kind kind) {
  size_t n = 0;
  for (size_t i = 0; i < court->n; i++) {
    n += court->members[i].kind == kind && court->members[i].absence == ABSENCE_NONE;
  }
  return n;
}

static size_t count_requirements(const struct court *court) {
  size_t n = 0;
  for (size_t i = 0; i < court->n; i++) {
    n += court->members[i].kind == JUDGE_REQUIREMENT;
  }
  return n;
}

static void say_headline(struct because *because, const struct court *court,
                         enum judge_verdict verdict) {
  const size_t n_gates = count_measured(court, JUDGE_GATE), n_met = count_state(court, STATE_MET);
  const size_t n_required = count_measured(court, JUDGE_REQUIREMENT);
  const size_t n_safe = count_state(court, STATE_SAFE),
               n_open = count_state(court, STATE_UNDECIDED),
               n_absent = court->n - n_gates - n_required;
  const size_t n_excused = count_state(court, STATE_EXCUSED);
  if (verdict == VERDICT_PASS && n_excused > 0) {
    text_printf(&because->text,
                "No gated measure is worse than it may be (%zu of %zu proven within the margin, "
                "%zu excused, at alpha %g)",
                n_safe, n_gates, n_excused, court->request->context->alpha);
    say(because);
  } else if (verdict == VERDICT_PASS && n_gates > 0) {
    text_printf(&because->text,
                "No gated measure is worse than its margin (%zu of %zu proven at alpha %g)", n_safe,
                n_gates, court->request->context->alpha);
    say(because);
  } else if (verdict == VERDICT_INCONCLUSIVE) {
    text_printf(&because->text, "Nothing proven worse; %zu of %zu %s undecided", n_open,
                n_gates + n_required, n_required == 0 ? "gates" : "gates and requirements");
    if (n_absent > 0) {
      text_printf(&because->text, ", %zu not measured", n_absent);
    }
    say(because);
    say_open(because, court);
  } else if (verdict == VERDICT_NONE) {
    text_append(&because->text,
                "Nothing was judged: no gate of the context can be measured here, and nothing is "
                "required");
    say(because);
  }
  if (count_requirements(court) > 0 && verdict != VERDICT_FAIL) {
    text_printf(&because->text, "%zu of %zu requirements met", n_met, count_requirements(court));
    say(because);
  }
}

static void say_absent(struct because *because, const struct court *court) {
  for (size_t i = 0; i < court->n; i++) {
    if (judge_blocks(&court->members[i], court->request->is_partial)) {
      name_case(&because->text, &court->cases[i]);
      text_printf(&because->text, " was not measured and blocks PASS: %s", court->cases[i].reason);
      say(because);
    }
  }
}

static bool has_timings(const struct court *court) {
  for (size_t i = 0; i < court->n; i++) {
    if (court->members[i].absence == ABSENCE_NONE && court_is_timed(court->cases[i].measure)) {
      return true;
    }
  }
  return false;
}

/* Cases 1 and 3. */
static void say_looks(struct because *because, const struct court *court,
                      const struct judge_rules *rules) {
  const struct store_look *look = court->request->look;
  if (!court->request->has_store) {
    text_append(&because->text, "No store is kept, so earlier looks at these data are not counted");
    say(because);
  } else if (rules->is_late && isfinite(look->n_max) &&
             court->request->context->looks != LOOKS_ONE) {
    text_printf(&because->text,
                "This is look %d at the question, and its rows add nothing to the looks before "
                "(alpha is spent at %.0f rows): INCONCLUSIVE at best (rows that were never judged "
                "open a new question)",
                look->number, look->n_max);
    say(because);
  } else if (rules->is_late) {
    text_printf(
        &because->text,
        "This is look %d at the question on grown data, and the first had the whole alpha: "
        "INCONCLUSIVE at best (rows that were never judged open a new question; looks: grow "
        "plans for several)",
        look->number);
    say(because);
  } else if (look != NULL && look->is_repeat) {
    text_append(&because->text, "The same rows as before: the same look");
    say(because);
  }
  if (look != NULL && look->n_runs > 0 && has_timings(court)) { /* case 5 */
    text_printf(
        &because->text,
        "Timings were measured anew: look %d at them; that one of so many looks calls a timing "
        "harmed, or safe, falsely has probability up to %.2g (%.2g in each)",
        look->n_runs + 1, 1 - pow(1 - rules->alpha, look->n_runs + 1), rules->alpha);
    say(because);
  }
  if (look != NULL && look->n_candidates > 1) {
    text_printf(&because->text,
                "%zu candidates were judged on these data: up to %.2g of them may pass falsely",
                look->n_candidates, (double)look->n_candidates * rules->alpha);
    say(because);
  }
}

/* Case 6. */
static void say_broken(struct because *because, const struct court *court) {
  static const char *const names[N_STREAMS] = {"candidate", "baseline"};
  for (int s = 0; s < N_STREAMS; s++) {
    const char *why = court->request->intake->no_answers[s];
    if (why != NULL) {
      text_printf(&because->text, "The %s does not run here: %s", names[s], why);
      say(because);
    }
  }
}

static json_t *because_json(const struct court *court, const struct judge_rules *rules,
                            enum judge_verdict verdict) {
  struct because because = {.list = json_array()};
  say_broken(&because, court);
  say_harms(&because, court);
  say_no_excuse(&because, court);
  say_headline(&because, court, verdict);
  say_purchases(&because, court);
  say_gains(&because, court);
  say_absent(&because, court);
  text_append(&because.text, "Judged on ");
  text_grouped(&because.text, court->request->intake->set->tally.n_used);
  text_append(&because.text, " rows; the two models are taken as fixed: retraining and shift are "
                             "not in the intervals");
  if (verdict != VERDICT_NONE) {
    say(&because);
  }
  text_clear(&because.text);
  say_looks(&because, court, rules);
  return because.list;
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
      "because", because_json(court, rules, result->verdict), "coverage",
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
  name_case(text, made);
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
