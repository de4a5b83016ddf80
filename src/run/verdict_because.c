/*
 * Why: the sentences of a verdict, in the order in which a person asks.
 *
 *   what does not run · harms · what excuses none of them · the headline, what is open · what was
 *   bought · gains · what was not measured · on how many rows · looks
 *
 * Cases:
 *  1. Without a store looks cannot be counted: that is said.
 *  2. Grown data are a further look: what alpha is left, and what a new question takes.
 *  3. Timings are taken anew in every run: which look of theirs this is, and the level over all.
 *  4. A model that does not run here comes first: nothing else was judged as it should have been.
 *  5. A difference is oriented, positive for better; one on a log ratio is shown in per cent.
 */
#include "run/verdict_because.h"

#include <limits.h>
#include <math.h>

#include "base/text.h"

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

static size_t count_state(const struct court *court, enum judge_state state) {
  size_t n = 0;
  for (size_t i = 0; i < court->n; i++) {
    n += court->members[i].state == state;
  }
  return n;
}

/* Case 5: in per cent of the baseline's value. */
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
      court_case_name(&because->text, &court->cases[i]);
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
      court_case_name(&because->text, &court->cases[i]);
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
      court_case_name(&because->text, made);
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
      court_case_name(&because->text, &court->cases[i]);
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

/* Cases 1 and 2. */
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
  if (look != NULL && look->n_runs > 0 && has_timings(court)) { /* 3 */
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

/* Case 4. */
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

json_t *verdict_because(const struct court *court, const struct judge_rules *rules,
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
