/*
 * Gates.
 *
 * Cases:
 *  1. A slot of a context takes its first row whose measure the input allows; when none does, the
 * slot is NOT_MEASURED (not applicable): it blocks nothing, and with no gate left the verdict is
 * NONE.
 *  2. --margin on a gate replaces its margin; on another measure it makes a gate. A measure that is
 * never gated, has no paired form, or has no direction is refused with the reason.
 *  3. A margin in per cent is tested on the log ratio; refused where values may be 0 or below (r2,
 * mcc, kappa, bias).
 *  4. More than five gates with sampling error: refused, since an equal model would then hardly
 * pass.
 *  5. Without a store looks cannot be counted: the verdict says so.
 */
#include "run/gate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/split.h"
#include "judge/judge.h"
#include "measure/view.h"
#include "run/evaluate.h"

#define GATES_MOST 5

struct chosen {
  struct catalogue_pick *pick; /* one pick, owned; NULL: nothing in the slot can be measured */
  size_t n_pick;
  struct text id;
  const char *stated, *why;
  struct margin margin;
  int tier;
  bool is_primary;
  char obstacle[256];
};

struct court {
  struct chosen chosen[GATES_MOST + 1];
  struct judge_gate gate[GATES_MOST + 1];
  char note[GATES_MOST + 1][256];
  size_t n;
  double alpha, power;
};

void gate_plan_clear(struct gate_plan *plan) {
  for (size_t i = 0; i < plan->n_margins; i++) {
    memory_free(plan->margins[i].id);
    memory_free(plan->margins[i].stated);
  }
  memory_free(plan->margins);
  *plan = (struct gate_plan){0};
}

/* "ID=VALUE", split at the last '=' so that variants ("@bins=2") stay whole. */
static nonet_status read_margin(const char *item, struct gate_margin *margin, nonet_error *error) {
  const char *equals = strrchr(item, '=');
  struct catalogue_pick *picks = NULL;
  size_t n_picks = 0;
  if (equals == NULL || equals == item) {
    return error_set(error, NONET_E_USAGE,
                     "--margin expects ID=VALUE, such as correctness.auc=0.01 or "
                     "correctness.rmse=5%%; found '%.80s'",
                     item);
  }
  nonet_status status = margin_parse(equals + 1, &margin->margin, error);
  margin->id = memory_text(item);
  margin->stated = memory_text(equals + 1);
  if (status == NONET_OK && (margin->id == NULL || margin->stated == NULL)) {
    status = error_memory(error, strlen(item), "a margin");
  }
  if (status == NONET_OK) {
    margin->id[equals - item] = '\0';
  }
  static const enum task tasks[] = {
      TASK_BINARY, TASK_MULTICLASS,
      TASK_REGRESSION}; /* the task is not known before the data are */
  for (size_t i = 0; i < sizeof tasks / sizeof tasks[0] && status == NONET_OK && n_picks == 0;
       i++) {
    memory_free(picks);
    status = catalogue_select(margin->id, tasks[i], &picks, &n_picks, NULL, error);
  }
  if (status == NONET_OK) {
    const struct measure *measure = n_picks == 1 ? picks[0].measure : NULL;
    if (measure == NULL) {
      status = error_set(error, NONET_E_USAGE, "--margin needs one measure's id; '%.80s' names %zu",
                         margin->id, n_picks);
    } else if (measure->never_gated || measure->compare == NULL ||
               measure->direction == DIRECTION_NONE) {
      status = error_set(
          error, NONET_E_USAGE,
          "%s cannot be a gate: it has no paired difference that is better in one direction",
          margin->id);
    } else if (margin->margin.is_relative && measure->range[0] < 0.0) { /* case 3 */
      status = error_set(
          error, NONET_E_USAGE,
          "%s can be 0 or below, so a margin in per cent has no meaning; give an absolute one",
          margin->id);
    }
  }
  memory_free(picks);
  return status;
}

nonet_status gate_plan_make(const nonet_options *options, struct gate_plan *plan,
                            nonet_error *error) {
  struct split items = {0};
  *plan = (struct gate_plan){0};
  nonet_status status = context_find(options->context, &plan->context, error);
  if (status == NONET_OK) {
    status = split_list(options->margin, "--margin", &items, error);
  }
  if (status == NONET_OK && items.n > 0) {
    plan->margins = memory_zeroed(items.n, sizeof *plan->margins);
    status = plan->margins == NULL ? error_memory(error, items.n, "margins") : NONET_OK;
  }
  for (size_t i = 0; i < items.n && status == NONET_OK; i++) {
    plan->n_margins = i + 1;
    status = read_margin(items.item[i], &plan->margins[i], error);
  }
  split_clear(&items);
  return status;
}

static const struct gate_margin *margin_of(const struct gate_plan *plan, const char *id) {
  for (size_t i = 0; i < plan->n_margins; i++) {
    if (strcmp(plan->margins[i].id, id) == 0) {
      return &plan->margins[i];
    }
  }
  return NULL;
}

/* Adds a gate for `id`; false in *fits when the input does not allow it (the obstacle is written).
 */
static nonet_status choose(struct court *court, const char *id, const struct summary_set *set,
                           bool *fits, nonet_error *error) {
  struct chosen *chosen = &court->chosen[court->n];
  *chosen = (struct chosen){0};
  nonet_status status =
      catalogue_select(id, set->roles.task, &chosen->pick, &chosen->n_pick, NULL, error);
  *fits = false;
  if (status == NONET_OK && chosen->n_pick == 1) {
    *fits = evaluate_obstacle(chosen->pick->measure, set, NULL, chosen->obstacle,
                              sizeof chosen->obstacle) == NULL;
  } else if (status == NONET_OK) {
    snprintf(chosen->obstacle, sizeof chosen->obstacle, "not applicable: the task is %s",
             task_name(set->roles.task));
  }
  text_append(&chosen->id, id);
  if (status == NONET_OK && chosen->id.failed) {
    status = error_memory(error, strlen(id), "a gate");
  }
  return status;
}

static void forget(struct chosen *chosen) {
  memory_free(chosen->pick);
  text_clear(&chosen->id);
  chosen->pick = NULL;
}

static nonet_status choose_context(struct court *court, const struct gate_plan *plan,
                                   const struct summary_set *set, nonet_error *error) {
  int done_slot = 0;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < plan->context->n_gates && status == NONET_OK; i++) {
    const struct context_gate *row = &plan->context->gates[i];
    bool fits = false;
    if ((row->task & 1u << set->roles.task) == 0 || row->slot == done_slot) {
      continue;
    }
    status = choose(court, row->measure, set, &fits, error);
    if (status == NONET_OK && fits) { /* case 1 */
      const struct gate_margin *stated = margin_of(plan, row->measure);
      struct chosen *chosen = &court->chosen[court->n++];
      chosen->tier = row->tier;
      chosen->is_primary = row->is_primary;
      chosen->why = row->why;
      chosen->stated = stated != NULL ? stated->stated : row->margin;
      status = margin_parse(chosen->stated, &chosen->margin, error);
      done_slot = row->slot;
    } else {
      forget(&court->chosen[court->n]);
    }
  }
  return status;
}

/* Case 2: the margins that are not on a gate of the context. */
static nonet_status choose_margins(struct court *court, const struct gate_plan *plan,
                                   const struct summary_set *set, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < plan->n_margins && status == NONET_OK; i++) {
    bool is_there = false, fits = false;
    for (size_t g = 0; g < court->n; g++) {
      is_there = is_there || strcmp(court->chosen[g].id.data, plan->margins[i].id) == 0;
    }
    if (is_there) {
      continue;
    }
    if (court->n == GATES_MOST) { /* case 4 */
      return error_set(error, NONET_E_USAGE,
                       "at most %d gates with sampling error: an equal model would hardly pass "
                       "more; leave out a --margin",
                       GATES_MOST);
    }
    status = choose(court, plan->margins[i].id, set, &fits, error);
    struct chosen *chosen = &court->chosen[court->n];
    if (status == NONET_OK && !fits) {
      status =
          error_set(error, NONET_E_USAGE, "--margin %s: %s", plan->margins[i].id, chosen->obstacle);
    }
    if (status == NONET_OK) {
      chosen->tier = 1;
      chosen->stated = plan->margins[i].stated;
      chosen->margin = plan->margins[i].margin;
      chosen->why = "named on the command line";
      court->n++;
    } else {
      forget(chosen);
    }
  }
  return status;
}

static nonet_status fill_gate(struct court *court, size_t i, struct view *view,
                              nonet_error *error) {
  const struct chosen *chosen = &court->chosen[i];
  const struct measure *measure = chosen->pick->measure;
  const bool is_higher = measure->direction == DIRECTION_HIGHER;
  struct inference law = inference_none(measure->interval);
  view->n_notes = 0;
  nonet_status status = measure->compare(measure, &chosen->pick->variant, view, &law, error);
  if (status == NONET_OK) {
    struct inference oriented = chosen->margin.is_relative
                                    ? judge_log_ratio(&law, is_higher)
                                    : (is_higher ? law : inference_negated(&law));
    court->gate[i] = (struct judge_gate){.law = oriented,
                                         .margin = margin_delta(chosen->margin, is_higher),
                                         .n = view->n,
                                         .tier = chosen->tier,
                                         .is_primary = chosen->is_primary};
    const char *why_open = oriented.undecided != NULL ? oriented.undecided : oriented.reason;
    snprintf(court->note[i], sizeof court->note[i], "%s", why_open == NULL ? "" : why_open);
  }
  return status;
}

static void write_judgement(struct evidence *evidence, const struct court *court, size_t i) {
  const struct chosen *chosen = &court->chosen[i];
  const struct judge_gate *gate = &court->gate[i];
  const struct evidence_judgement row = {
      .measure = chosen->id.data,
      .scope = {.kind = SCOPE_ALL},
      .kind = "non_inferiority",
      .difference = gate->law.value,
      .low = gate->low,
      .high = gate->high,
      .level = 1.0 - 2.0 * court->alpha,
      .method = gate->law.method,
      .threshold = NAN,
      .margin = gate->margin,
      .margin_stated = chosen->stated,
      .scale = chosen->margin.is_relative ? "log_ratio" : "difference",
      .p_safe = gate->p_safe,
      .p_harmed = gate->p_harmed,
      .p_harmed_adjusted = gate->p_harmed_adjusted,
      .state = judge_state_name(gate->state),
      .reason = court->note[i][0] == '\0' ? NULL : court->note[i],
      .tier = gate->tier,
      .is_primary = gate->is_primary,
      .alpha_used = court->alpha,
      .limit = NAN,
      .gain = judge_gain_name(gate->gain),
      .p_gain = gate->is_primary ? gate->p_gain : NAN,
      .look = 1,
      .n_needed = gate->n_needed,
      .n_fail = gate->n_fail};
  evidence_add_judgement(evidence, &row);
}

static void say(json_t *because, struct text *text) {
  if (text->data != NULL && !text->failed) {
    json_array_append_new(because, json_string(text->data));
  }
  text_clear(text);
}

static json_t *because_json(const struct court *court, const struct judge_result *result,
                            const struct intake *intake) {
  json_t *because = json_array();
  size_t n_safe = 0, n_open = 0;
  struct text text = {0};
  for (size_t i = 0; i < court->n; i++) {
    n_safe += court->gate[i].state == STATE_SAFE;
    n_open += court->gate[i].state == STATE_UNDECIDED;
  }
  for (size_t i = 0; i < court->n; i++) {
    const struct judge_gate *gate = &court->gate[i];
    if (gate->state == STATE_HARMED) {
      text_printf(&text,
                  "%s is worse than its margin %s: difference %.4g (%.4g to %.4g), adjusted p %.3g",
                  court->chosen[i].id.data, court->chosen[i].stated, gate->law.value, gate->low,
                  gate->high, gate->p_harmed_adjusted);
      say(because, &text);
    }
  }
  if (result->verdict == VERDICT_PASS) {
    text_printf(&text, "No gated measure is worse than its margin (%zu of %zu proven at alpha %g)",
                n_safe, court->n, court->alpha);
    say(because, &text);
  } else if (result->verdict == VERDICT_INCONCLUSIVE) {
    text_printf(&text, "Nothing proven worse; %zu of %zu gates undecided", n_open, court->n);
    say(because, &text);
  } else if (result->verdict == VERDICT_NONE) {
    text_append(&text,
                "Nothing was judged: no gate of the context can be measured from these columns");
    say(because, &text);
  }
  for (size_t i = 0; i < court->n; i++) {
    if (court->gate[i].gain != GAIN_NONE) {
      text_printf(&text, "Proven better: %s by %.4g (%.4g to %.4g)", court->chosen[i].id.data,
                  court->gate[i].law.value, court->gate[i].low, court->gate[i].high);
      say(because, &text);
    }
  }
  text_printf(&text,
              "Judged on %llu rows; the two models are taken as fixed: retraining and shift are "
              "not in the intervals",
              (unsigned long long)intake->set->tally.n_used);
  say(because, &text);
  text_append(&text,
              "No store is kept, so earlier looks at these data are not counted"); /* case 5 */
  say(because, &text);
  return because;
}

static void write_verdict(struct evidence *evidence, const struct court *court,
                          const struct gate_plan *plan, const struct judge_result *result,
                          const struct intake *intake) {
  json_t *coverage = json_object(), *verdict = json_object();
  for (int a = 0; a < N_ATTRIBUTES - 1; a++) {
    const char *name = catalogue_attribute_name((enum measure_attribute)a);
    evidence->failed |= json_object_set_new(coverage, name,
                                            json_string(a == ATTRIBUTE_CORRECTNESS
                                                            ? (court->n > 0 ? "judged" : "measured")
                                                            : "not_built")) != 0;
  }
  evidence->failed |=
      json_object_set_new(verdict, "state", json_string(judge_verdict_name(result->verdict))) != 0;
  evidence->failed |=
      json_object_set_new(verdict, "context", json_string(plan->context->name)) != 0;
  evidence->failed |=
      json_object_set_new(verdict, "context_version", json_integer(plan->context->version)) != 0;
  evidence->failed |= json_object_set_new(verdict, "alpha", json_real(court->alpha)) != 0;
  evidence->failed |=
      json_object_set_new(verdict, "because", because_json(court, result, intake)) != 0;
  evidence->failed |= json_object_set_new(verdict, "coverage", coverage) != 0;
  evidence->failed |=
      json_object_set_new(verdict, "n_needed",
                          isfinite(result->n_needed) ? json_integer((json_int_t)result->n_needed)
                                                     : json_null()) != 0;
  evidence_set_verdict(evidence, verdict);
}

static void write_action(struct evidence *evidence, const struct court *court,
                         const struct judge_result *result, const struct intake *intake) {
  struct text title = {0}, why = {0};
  if (result->verdict == VERDICT_INCONCLUSIVE && isfinite(result->n_needed)) {
    double more = result->n_needed - (double)intake->set->tally.n_used;
    text_append(&title, "Label about ");
    text_grouped(&title, (unsigned long long)fmax(more, 1.0));
    text_append(
        &title,
        " more rows, drawn as these were, and compare again on all of them as a new question");
    text_append(&why,
                "the data cannot tell an equal candidate from one that is worse than its margin");
    if (!title.failed && !why.failed) {
      evidence_add_action(evidence, title.data, why.data,
                          "PASS in 80 % of cases if the models are equal", NULL);
    }
  } else if (result->verdict == VERDICT_INCONCLUSIVE) {
    for (size_t i = 0; i < court->n && title.data == NULL; i++) {
      if (court->gate[i].state == STATE_UNDECIDED && court->note[i][0] != '\0') {
        text_printf(&title, "Collect rows that can decide %s", court->chosen[i].id.data);
        text_printf(&why, "it must not be decided on these: %s", court->note[i]);
      }
    }
    if (title.data != NULL && !title.failed && !why.failed) {
      evidence_add_action(
          evidence, title.data, why.data,
          "a law that may decide; how many rows that takes cannot be computed from these", NULL);
    }
  } else if (result->verdict == VERDICT_FAIL) {
    for (size_t i = 0; i < court->n; i++) {
      if (court->gate[i].state == STATE_HARMED) {
        text_printf(&title, "Keep the baseline; find what %s loses", court->chosen[i].id.data);
        text_printf(&why, "worse than the margin of %s: %.120s", court->chosen[i].stated,
                    court->chosen[i].why);
        break;
      }
    }
    if (title.data != NULL && !title.failed && !why.failed) {
      evidence_add_action(evidence, title.data, why.data,
                          "the groups and classes that lose most stand out",
                          "nonet measure … --group COL[,COL]");
    }
  }
  text_clear(&title);
  text_clear(&why);
}

nonet_status gate_judge(const nonet_options *options, const struct gate_plan *plan,
                        const struct intake *intake, struct evidence *evidence,
                        nonet_error *error) {
  const struct view_options view_options = {.seed = options->seed,
                                            .n_replicates = options->replicates,
                                            .n_threads = intake_threads(options),
                                            .level = options->level,
                                            .quantile = 0.5};
  struct court court = {.alpha = plan->context->alpha, .power = plan->context->power};
  struct judge_rules rules = {.alpha = court.alpha, .power = court.power};
  struct judge_result result;
  struct view view = {0};
  bool *in_scope = memory_new(intake->set->roles.n_cells, sizeof(bool));
  nonet_status status =
      in_scope == NULL ? error_memory(error, intake->set->roles.n_cells, "judging") : NONET_OK;
  if (status == NONET_OK) {
    memset(in_scope, 1, intake->set->roles.n_cells * sizeof(bool));
    status = choose_context(&court, plan, intake->set, error);
  }
  if (status == NONET_OK) {
    status = choose_margins(&court, plan, intake->set, error);
  }
  if (status == NONET_OK) {
    status = view_init(intake->set, in_scope, -1, &view_options, &view, error);
  }
  for (size_t i = 0; i < court.n && status == NONET_OK; i++) {
    status = fill_gate(&court, i, &view, error);
  }
  if (status == NONET_OK) {
    status = judge_gates(court.gate, court.n, &rules, &result, error);
  }
  for (size_t i = 0; i < court.n && status == NONET_OK; i++) {
    write_judgement(evidence, &court, i);
  }
  if (status == NONET_OK) {
    write_verdict(evidence, &court, plan, &result, intake);
    write_action(evidence, &court, &result, intake);
  }
  for (size_t i = 0; i < court.n; i++) {
    forget(&court.chosen[i]);
  }
  view_clear(&view);
  memory_free(in_scope);
  return status;
}
