/*
 * Check: the main job, one straight road.
 *
 *   nonet.yaml -> models and tables opened -> sample -> every model once over it -> summaries
 *   -> probes -> measures -> court -> advice -> store
 *
 * Cases:
 *  1. Everything that can be wrong in a configuration, a model's file, a table's columns, the store
 * or an output is told before the first row is predicted.
 *  2. No baseline: requirements are judged, gates are not applicable.
 *  3. A probe that fails is a reason beside its measures, never an error of the run.
 *  4. The same rows, models and context again are the same look and give the same answer; grown
 * data are a further look (judgement.md's section on looks).
 *  5. Training rows are read only when something needs them: the generalisation gap.
 *  6. The columns whose values fairness.counterfactual_flip changes: those that columns: calls
 * protected, else the groups that a model reads.
 *  7. A model that lives in this process is asked in another first: what crashes or hangs there is
 * told, and would have taken the run with it.
 *  8. A model that does not run here is broken (contender.h): the run goes on, its file is
 * measured, what needs its predictions failed, and the verdict is never a PASS. A self-test and a
 * plan are of gates, which need both: there it is an error.
 */
#include "run/check.h"

#include <math.h>
#include <string.h>

#include "advise/advise.h"
#include "advise/findings_data.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "evidence/store.h"
#include "probe/probe.h"
#include "run/artifact_findings.h"
#include "run/court.h"
#include "run/deploy_findings.h"
#include "run/evaluate.h"
#include "run/note.h"
#include "run/rows.h"
#include "run/selftest_court.h"
#include "run/threshold.h"
#include "run/training.h"
#include "run/verdict.h"

struct check {
  nonet_options options; /* the run's, with what the configuration adds */
  struct config config;
  struct contender contender[N_STREAMS];
  struct rows rows;
  struct intake intake;
  struct probe_answers answers;
  struct store *store;
  struct store_look look;
  const char **changed; /* [n_changed] protected columns; borrowed names */
  size_t n_changed;
  double threshold[N_STREAMS]; /* NaN: the baseline's is the candidate's */
  const char *only; /* what is asked for, as catalogue_select reads it; NULL: everything */
  struct evidence *evidence;
  struct progress progress;
};

/* ---- opening: case 1 ---- */

static const char *word_or(const char *word, const char *otherwise) {
  return word != NULL ? word : otherwise;
}

static nonet_status refuse_stdin(const struct config *config, const struct config_source *source,
                                 nonet_error *error) {
  if (source->path == NULL || strcmp(source->shown, "-") != 0) {
    return NONET_OK;
  }
  return config_fail(config, source->at, error,
                     "a check reads its rows more than once: give a file, not stdin");
}

static nonet_status read_config(struct check *check, nonet_error *error) {
  struct config *config = &check->config;
  nonet_status status = config_read(word_or(check->options.config, "nonet.yaml"), config, error);
  if (status == NONET_OK && check->options.context != NULL) {
    status = config_set_context(config, check->options.context, error);
  }
  check->threshold[STREAM_A] = config->threshold.value;
  check->threshold[STREAM_B] = NAN;
  if (config->intersections > 0 && check->options.intersections <= 1) {
    check->options.intersections = (int)config->intersections;
  }
  if (status == NONET_OK && config->n_candidates > 1) {
    status = config_fail(config, config->candidates[1].at, error,
                         "this version judges one candidate at a time; found %zu: leave one in "
                         "candidates:, and check the others in turn",
                         config->n_candidates);
  }
  if (status == NONET_OK) {
    status = refuse_stdin(config, &config->test, error);
  }
  if (status == NONET_OK && config->train != NULL) {
    status = refuse_stdin(config, config->train, error);
  }
  return status;
}

/* A scope speaks of columns that must be read as groups. */
static nonet_status check_scope(const struct config *config, const struct requirement_scope *scope,
                                struct config_place at, nonet_error *error) {
  for (size_t i = 0; i < scope->n_by; i++) {
    bool is_group = false;
    for (size_t g = 0; g < config->groups.n; g++) {
      is_group = is_group || strcmp(config->groups.item[g], scope->by_column[i]) == 0;
    }
    if (!is_group) {
      return config_fail(config, at, error,
                         "'%s' is not among the groups; add it to data: groups: [%s]",
                         scope->by_column[i], scope->by_column[i]);
    }
  }
  return NONET_OK;
}

static nonet_status check_asked(struct check *check, nonet_error *error) {
  const struct config *config = &check->config;
  struct catalogue_pick *picks = NULL;
  size_t n = 0;
  check->only = check->options.only != NULL ? check->options.only : config->only;
  nonet_status status = catalogue_select(check->only, TASK_AUTO, &picks, &n, NULL, error);
  memory_free(picks);
  for (size_t i = 0; i < config->n_require && status == NONET_OK; i++) {
    const struct requirement *wanted = &config->require[i];
    status = check_scope(config, &wanted->scope,
                         (struct config_place){wanted->line, wanted->column}, error);
  }
  for (size_t i = 0; i < config->n_margins && status == NONET_OK; i++) {
    status = check_scope(config, &config->margins[i].scope, config->margins[i].at, error);
  }
  if (status == NONET_OK && check->options.resume) {
    status = error_set(error, NONET_E_USAGE,
                       "--resume is not built yet: a check of this version starts anew");
  }
  return status;
}

static nonet_status open_models(struct check *check, nonet_error *error) {
  nonet_status status = contender_open(&check->config, &check->config.candidates[0],
                                       &check->contender[STREAM_A], error);
  if (status == NONET_OK) {
    status =
        contender_open(&check->config, check->config.baseline, &check->contender[STREAM_B], error);
  }
  return status;
}

static struct rows_request rows_request_of(struct check *check) {
  return (struct rows_request){.options = &check->options,
                               .config = &check->config,
                               .contender = check->contender,
                               .only = check->only,
                               .threshold = check->threshold[STREAM_A],
                               .baseline_threshold = check->threshold[STREAM_B]};
}

/* A scope speaks of classes that the label has: told with its place, before any row is predicted.
 */
static nonet_status check_class(const struct check *check, const struct requirement_scope *scope,
                                struct config_place at, nonet_error *error) {
  const struct rows *rows = &check->rows;
  nonet_error why = {{0}};
  int class_index;
  nonet_status status = court_class(rows->task, rows->classes, rows->n_classes, scope->class_name,
                                    &class_index, &why);
  return status == NONET_OK
             ? status
             : config_fail(&check->config, at, error, "%s; the label is '%s', the task %s",
                           why.message, check->config.label, task_name(rows->task));
}

static nonet_status check_classes(const struct check *check, nonet_error *error) {
  const struct config *config = &check->config;
  nonet_status status = NONET_OK;
  for (size_t i = 0; i < config->n_require && status == NONET_OK; i++) {
    const struct requirement *wanted = &config->require[i];
    status = check_class(check, &wanted->scope, (struct config_place){wanted->line, wanted->column},
                         error);
  }
  for (size_t i = 0; i < config->n_margins && status == NONET_OK; i++) {
    status = check_class(check, &config->margins[i].scope, config->margins[i].at, error);
  }
  return status;
}

/* Training rows that are not there are told now; those that do not fit are a reason of their probe
 * (training.c). */
static nonet_status look_at_training(const struct check *check, const struct rows_request *request,
                                     nonet_error *error) {
  struct catalogue_pick *picks = NULL;
  size_t n = 0;
  bool is_wanted = false;
  if (check->config.train == NULL) {
    return NONET_OK;
  }
  nonet_status status = catalogue_select(check->only, check->rows.task, &picks, &n, NULL, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    is_wanted = is_wanted || (picks[i].measure->probes & PROBE_BIT(PROBE_TRAIN)) != 0;
  }
  memory_free(picks);
  if (status == NONET_OK && is_wanted) {
    status = rows_look(request, check->config.train, error);
    status = status == NONET_E_DATA ? NONET_OK : status;
  }
  return status;
}

static bool reads_column(const struct contender *contender, const char *name) {
  size_t n = 0;
  const char *const *columns =
      contender->model != NULL ? model_columns(contender->model, &n) : NULL;
  for (size_t i = 0; i < n; i++) {
    if (strcmp(columns[i], name) == 0) {
      return true;
    }
  }
  return false;
}

/* Case 6. */
static nonet_status find_changed(struct check *check, nonet_error *error) {
  const struct config *config = &check->config;
  check->changed = memory_new(config->n_columns + config->groups.n + 1, sizeof *check->changed);
  if (check->changed == NULL) {
    return error_memory(error, config->n_columns * sizeof *check->changed, "protected columns");
  }
  for (size_t i = 0; i < config->n_columns; i++) {
    if (config->columns[i].is_protected) {
      check->changed[check->n_changed++] = config->columns[i].name;
    }
  }
  const bool is_said = check->n_changed > 0;
  for (size_t i = 0; i < config->groups.n && !is_said; i++) {
    const char *name = config->groups.item[i];
    if (reads_column(&check->contender[STREAM_A], name) ||
        reads_column(&check->contender[STREAM_B], name)) {
      check->changed[check->n_changed++] = name;
    }
  }
  return NONET_OK;
}

static nonet_status open_all(struct check *check, nonet_error *error) {
  nonet_status status = read_config(check, error);
  if (status == NONET_OK) {
    status = check_asked(check, error);
  }
  if (status == NONET_OK) {
    status = open_models(check, error);
  }
  if (status == NONET_OK) {
    struct rows_request request = rows_request_of(check);
    status = rows_open(&request, &check->config.test, &check->rows, &check->progress, error);
    if (status == NONET_OK) {
      status = check_classes(check, error);
    }
    if (status == NONET_OK) {
      status = look_at_training(check, &request, error);
    }
  }
  return status == NONET_OK ? find_changed(check, error) : status;
}

/* ---- looks: case 4 ---- */

static struct store_question question_of(const struct check *check) {
  const struct config *config = &check->config;
  return (struct store_question){.candidate = check->contender[STREAM_A].identity,
                                 .baseline = check->contender[STREAM_B].identity,
                                 .context = config->context.name,
                                 .context_version = config->context.version,
                                 .source = config->test.shown,
                                 .data = check->rows.content,
                                 .n_rows = check->intake.set->tally.n_used};
}

static nonet_status find_look(struct check *check, nonet_error *error) {
  const struct store_question question = question_of(check);
  return store_look_find(check->store, &question, &check->look, error);
}

/* ---- the road ---- */

/* measures.skip: leaves the picks, and says so. */
static nonet_status leave_out(struct check *check, nonet_error *error) {
  struct intake *intake = &check->intake;
  struct catalogue_pick *skipped = NULL;
  struct text id = {0};
  size_t n_skipped = 0, n = 0;
  nonet_status status = NONET_OK;
  if (check->config.skip == NULL) {
    return NONET_OK;
  }
  status =
      catalogue_select(check->config.skip, check->rows.task, &skipped, &n_skipped, NULL, error);
  for (size_t i = 0; i < intake->n_picks && status == NONET_OK; i++) {
    bool is_skipped = false;
    for (size_t k = 0; k < n_skipped; k++) {
      is_skipped = is_skipped || skipped[k].measure == intake->picks[i].measure;
    }
    if (is_skipped) {
      id.length = 0;
      catalogue_full_id(&intake->picks[i], &id);
      evidence_add_skipped(check->evidence, id.data, "not asked: measures.skip names it");
    } else {
      intake->picks[n++] = intake->picks[i];
    }
  }
  intake->n_picks = status == NONET_OK ? n : intake->n_picks;
  memory_free(skipped);
  text_clear(&id);
  return status;
}

static unsigned wanted_probes(const struct check *check) {
  unsigned probes = 0;
  for (size_t i = 0; i < check->intake.n_picks; i++) {
    probes |= check->intake.picks[i].measure->probes;
  }
  return probes;
}

/* Before the rows are read, no decision is asked for. */
static double threshold_of(const struct check *check, int stream) {
  return check->intake.set != NULL ? check->intake.set->roles.threshold[stream] : 0.5;
}

static struct probe_columns reference_of(const struct contender *contender) {
  return contender->config == NULL ? (struct probe_columns){NULL, 0}
                                   : (struct probe_columns){contender->config->reference.item,
                                                            contender->config->reference.n};
}

static struct probe_broken broken_of(const struct contender *contender) {
  return contender_is_broken(contender)
             ? (struct probe_broken){contender->broken, contender->n_unanswered, &contender->info}
             : (struct probe_broken){NULL, 0, NULL};
}

static struct probe_request probe_request_of(const struct check *check) {
  return (struct probe_request){
      .probes = wanted_probes(check),
      .model = {check->contender[STREAM_A].model, check->contender[STREAM_B].model},
      .options = {&check->contender[STREAM_A].options, &check->contender[STREAM_B].options},
      .broken = {broken_of(&check->contender[STREAM_A]), broken_of(&check->contender[STREAM_B])},
      .table = check->rows.table,
      .target = rows_target(&check->rows),
      .threshold = {threshold_of(check, STREAM_A), threshold_of(check, STREAM_B)},
      .reference = {reference_of(&check->contender[STREAM_A]),
                    reference_of(&check->contender[STREAM_B])},
      .changed = {check->changed, check->n_changed},
      .cluster = check->config.cluster,
      .budget_s = check->options.budget_seconds > 0 ? check->options.budget_seconds
                                                    : check->config.budget_s,
      .seed = check->options.seed};
}

/* What the first requirement of a latency allows, in its unit, which is ms; 0: there is none. */
static double deadline_ms(const struct requirement *require, size_t n) {
  for (size_t i = 0; i < n; i++) {
    if (strncmp(require[i].measure, "efficiency.latency_", 19) == 0 &&
        require[i].op == REQUIREMENT_AT_MOST && require[i].is_built) {
      return require[i].high;
    }
  }
  return 0;
}

/* Case 3. */
static nonet_status run_probes(struct check *check, nonet_error *error) {
  const struct probe_request request = probe_request_of(check);
  const struct config *config = &check->config;
  check->answers.factors =
      (struct probe_factors){.slo_ms = deadline_ms(config->require, config->n_require),
                             .co2_g_per_kwh = config->context.factors.co2_g_per_kwh,
                             .cost_per_cpu_hour = config->context.factors.cost_per_cpu_hour};
  if (check->answers.factors.slo_ms == 0) {
    check->answers.factors.slo_ms = deadline_ms(config->context.budgets, config->context.n_budgets);
  }
  nonet_status status = probe_run(&request, &check->answers, &check->progress, error);
  note_load(check->evidence, &check->answers);
  return status;
}

static struct court_request court_request_of(const struct check *check) {
  const struct config *config = &check->config;
  const bool has_baseline = check->contender[STREAM_B].config != NULL;
  return (struct court_request){.options = &check->options,
                                .context = &config->context,
                                .margins = config->margins,
                                .n_margins = config->n_margins,
                                .require = config->require,
                                .n_require = config->n_require,
                                .only = check->only,
                                .skip = config->skip,
                                .is_partial = config->is_partial,
                                .intake = &check->intake,
                                .has_baseline = has_baseline,
                                .is_identical = has_baseline &&
                                                strcmp(check->contender[STREAM_A].identity,
                                                       check->contender[STREAM_B].identity) == 0,
                                .has_store = check->store != NULL,
                                .look = check->store != NULL ? &check->look : NULL};
}

/* What a command line would have wrong stands here in the file. */
static nonet_status open_court(const struct check *check, const struct court_request *request,
                               struct court *court, nonet_error *error) {
  nonet_status status = court_open(court, request, error);
  if (status != NONET_E_USAGE && status != NONET_E_CONFIG) {
    return status;
  }
  return error_context(error, NONET_E_CONFIG, "%s", check->config.path);
}

static nonet_status judge(struct check *check, struct verdict_outcome *outcome,
                          nonet_error *error) {
  const struct court_request request = court_request_of(check);
  struct court court;
  nonet_status status = open_court(check, &request, &court, error);
  if (status == NONET_OK) {
    status = verdict_reach(&court, check->evidence, outcome, error);
  }
  court_close(&court);
  return status;
}

static bool is_program(const struct contender *contender) {
  return contender->model != NULL && strcmp(contender->options.kind, "command") == 0;
}

/* Case 7. A program is a process of its own already, and is not started once more for this. */
static nonet_status ask_first(struct check *check, nonet_error *error) {
  struct probe_request request = probe_request_of(check);
  request.probes = PROBE_BIT(PROBE_LOADS);
  for (int s = 0; s < N_STREAMS; s++) {
    request.model[s] = is_program(&check->contender[s]) ? NULL : request.model[s];
  }
  nonet_status status = probe_run(&request, &check->answers, &check->progress, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    struct probe_loads *loads = &check->answers.stream[s].loads;
    if (is_program(&check->contender[s])) {
      check->answers.stream[s].state[PROBE_LOADS].status = PROBE_NOT_ASKED; /* yet */
    } else if (check->contender[s].model != NULL && loads->is_dead) {
      contender_break(&check->contender[s], 1, loads->step[0].error);
      loads->step[0] = (struct probe_load_step){.is_ok = true}; /* it opened, here too */
    }
  }
  return status;
}

/* threshold: {maximise: …}. */
static nonet_status choose_thresholds(struct check *check, struct rows_request *request,
                                      size_t n_sample, nonet_error *error) {
  const struct config *config = &check->config;
  if (config->threshold.kind != THRESHOLD_MAXIMISE) {
    return NONET_OK;
  }
  if (contender_is_broken(&check->contender[STREAM_A])) { /* nothing to decide about */
    check->threshold[STREAM_A] = 0.5;
    *request = rows_request_of(check);
    return NONET_OK;
  }
  if (check->rows.task != TASK_BINARY) {
    return config_fail(config, config->threshold.at, error,
                       "a threshold makes decisions in a binary task; the task is %s",
                       task_name(check->rows.task));
  }
  nonet_status status = threshold_choose(request, n_sample, check->threshold, check->evidence,
                                         &check->progress, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) { /* decisions need none */
    check->threshold[s] = isnan(check->threshold[s]) ? 0.5 : check->threshold[s];
  }
  *request = rows_request_of(check);
  return status;
}

/* Everything that is asked of models and rows. */
static nonet_status read_all(struct check *check, nonet_error *error) {
  struct rows_request request = rows_request_of(check);
  const size_t n_sample =
      check->options.sample_rows > 0 ? check->options.sample_rows : check->config.sample.rows;
  nonet_status status = ask_first(check, error);
  if (status == NONET_OK) {
    status = choose_thresholds(check, &request, n_sample, error);
  }
  if (status == NONET_OK) {
    status = rows_read(&request, &check->rows, n_sample, check->evidence, &check->intake,
                       &check->progress, error);
  }
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) { /* case 8 */
    const bool is_broken = contender_is_broken(&check->contender[s]);
    check->intake.no_answers[s] = is_broken ? check->contender[s].broken : NULL;
  }
  if (status == NONET_OK) {
    status = leave_out(check, error);
  }
  if (status == NONET_OK) {
    const bool is_wanted = (wanted_probes(check) & PROBE_BIT(PROBE_TRAIN)) != 0;
    status = training_read(&request, is_wanted, n_sample, &check->answers, check->evidence,
                           &check->progress, error);
  }
  check->intake.answers = &check->answers;
  return status;
}

/* The same where a broken model is an error: case 8. */
static nonet_status read_both(struct check *check, nonet_error *error) {
  nonet_status status = read_all(check, error);
  for (int s = 0; s < N_STREAMS && status == NONET_OK; s++) {
    status = contender_refuse(&check->config, &check->contender[s], error);
  }
  return status;
}

static nonet_status measure_all(struct check *check, nonet_error *error) {
  nonet_status status = read_all(check, error);
  if (status == NONET_OK) {
    status = run_probes(check, error);
  }
  if (status == NONET_OK) {
    const struct deploy_request of = {
        &check->answers,
        {broken_of(&check->contender[STREAM_A]).why, broken_of(&check->contender[STREAM_B]).why}};
    status = deploy_findings(&of, check->evidence, error);
  }
  if (status == NONET_OK) {
    status = artifact_findings(&check->answers.stream[STREAM_A].artifact, check->evidence, error);
  }
  if (status == NONET_OK) {
    status = evaluate_measures(&check->options, &check->intake, check->evidence, error);
  }
  return status == NONET_OK ? findings_data(check->evidence, error) : status;
}

static void note_inputs(struct check *check) {
  const char *candidate = check->contender[STREAM_A].config->name;
  evidence_set_config(check->evidence, "nonet_yaml", json_incref(config_json(&check->config)));
  evidence_set_config(check->evidence, "path", json_string(check->config.path));
  evidence_set_config(check->evidence, "candidate", json_string(candidate));
  contender_note(check->evidence, "candidate", &check->contender[STREAM_A]);
  if (check->contender[STREAM_B].config != NULL) {
    evidence_set_config(check->evidence, "baseline",
                        json_string(check->contender[STREAM_B].config->name));
    contender_note(check->evidence, "baseline", &check->contender[STREAM_B]);
  }
}

static nonet_status keep(struct check *check, const struct verdict_outcome *outcome,
                         nonet_error *error) {
  const struct store_question question = question_of(check);
  const struct store_look_put look = {&question, check->look.number, outcome->n_max};
  const bool is_judged =
      outcome->verdict != VERDICT_NONE && !contender_is_broken(&check->contender[STREAM_A]);
  return store_put(check->store, check->evidence, is_judged ? &look : NULL, error);
}

static nonet_status run_all(struct check *check, const struct note_clock *clock,
                            nonet_error *error) {
  struct verdict_outcome outcome = {VERDICT_NONE, NAN};
  nonet_status status =
      store_open(check->options.store != NULL ? check->options.store : check->config.store,
                 STORE_WRITE, &check->store, error);
  if (status == NONET_OK) {
    status = evidence_new("check", &check->evidence, error);
  }
  if (status == NONET_OK) {
    status = measure_all(check, error);
  }
  if (status == NONET_OK) {
    status = find_look(check, error);
  }
  if (status == NONET_OK) {
    note_inputs(check);
    status = judge(check, &outcome, error);
  }
  if (status == NONET_OK) {
    status = advise_actions(check->evidence, error);
  }
  if (status == NONET_OK) {
    note_run(check->evidence, &check->options, clock);
    status = evidence_finish(check->evidence, error);
  }
  return status == NONET_OK ? keep(check, &outcome, error) : status;
}

static void check_clear(struct check *check) {
  evidence_free(check->evidence);
  store_look_clear(&check->look);
  store_close(check->store);
  probe_answers_clear(&check->answers);
  memory_free(check->changed);
  intake_clear(&check->intake);
  rows_close(&check->rows);
  contender_close(&check->contender[STREAM_A]);
  contender_close(&check->contender[STREAM_B]);
  config_clear(&check->config);
}

static struct check check_start(const nonet_options *options) {
  return (struct check){.options = *options,
                        .progress = {.callback = options->progress,
                                     .context = options->progress_context,
                                     .cancel = (const atomic_int *)options->cancel}};
}

nonet_status run_check(const nonet_options *options, struct evidence **evidence,
                       nonet_error *error) {
  struct note_clock clock = note_clock_start();
  struct check check = check_start(options);
  *evidence = NULL;
  nonet_status status = open_all(&check, error);
  if (status == NONET_OK) {
    status = run_all(&check, &clock, error);
  }
  if (status == NONET_OK) {
    *evidence = check.evidence;
    check.evidence = NULL;
  }
  check_clear(&check);
  return status;
}

/* ---- the self-test ---- */

nonet_status run_check_selftest(const nonet_options *options, struct evidence **evidence,
                                nonet_error *error) {
  struct note_clock clock = note_clock_start();
  struct check check = check_start(options);
  struct court court = {0};
  struct court_request request;
  *evidence = NULL;
  nonet_status status = open_all(&check, error);
  if (status == NONET_OK) {
    status = evidence_new("selftest", &check.evidence, error);
  }
  if (status == NONET_OK) {
    status = read_both(&check, error);
  }
  if (status == NONET_OK) {
    note_inputs(&check);
    request = court_request_of(&check);
    status = open_court(&check, &request, &court, error);
  }
  if (status == NONET_OK) {
    status = selftest_court(&court, &check.progress, check.evidence, error);
  }
  if (status == NONET_OK) {
    note_run(check.evidence, &check.options, &clock);
    status = evidence_finish(check.evidence, error);
  }
  if (status == NONET_OK) {
    *evidence = check.evidence;
    check.evidence = NULL;
  }
  court_close(&court);
  check_clear(&check);
  return status;
}

/* ---- the plan ---- */

static void explain_inputs(const struct check *check, struct text *text) {
  static const char *const roles[N_STREAMS] = {"candidate", "baseline"};
  text_printf(text, "Context    %s v%d\n", check->config.context.name,
              check->config.context.version);
  for (int s = 0; s < N_STREAMS; s++) {
    const struct contender *contender = &check->contender[s];
    if (contender->config != NULL) {
      text_printf(text, "%-10s %s: %s%s%s\n", roles[s], contender->config->name,
                  contender->config->kind, contender->model != NULL ? " " : "",
                  contender->model != NULL ? contender->config->shown : "");
    }
  }
  text_printf(text, "Rows       %s: ", check->config.test.shown);
  text_grouped(text, check->intake.set->tally.n_used);
  text_append(text, " judged of ");
  text_grouped(text, check->rows.n_rows);
  text_append(text, "\n");
}

static void explain_measures(const struct check *check, struct text *text) {
  const unsigned probes = wanted_probes(check);
  text_printf(text, "Measures   %zu\n", check->intake.n_picks);
  for (int id = 0; id < N_PROBES; id++) {
    if ((probes & PROBE_BIT(id)) != 0) {
      const struct probe_request request = probe_request_of(check);
      text_printf(text, "  probe %-12s about %.3g s\n", probe_name((enum probe_id)id),
                  probe_cost_seconds(&request, (enum probe_id)id));
    }
  }
}

/* The rows are predicted, for the standard errors; no difference is looked at, nothing is kept. */
nonet_status run_check_plan(const nonet_options *options, struct text *text, nonet_error *error) {
  struct check check = check_start(options);
  struct court court = {0};
  struct court_request request;
  nonet_status status = open_all(&check, error);
  if (status == NONET_OK) {
    status = evidence_new("check", &check.evidence, error);
  }
  if (status == NONET_OK) {
    status = read_both(&check, error);
  }
  if (status == NONET_OK) {
    explain_inputs(&check, text);
    explain_measures(&check, text);
    request = court_request_of(&check);
    status = open_court(&check, &request, &court, error);
  }
  if (status == NONET_OK) {
    status = verdict_explain(&court, text, error);
  }
  court_close(&court);
  check_clear(&check);
  return status;
}
