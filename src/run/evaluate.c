/*
 * Evaluate: one view per scope, every picked measure in it, for each role.
 *
 * Cases:
 *  1. A measure the input cannot give (no scores, scores outside [0, 1], no baseline): once in
 * `skipped`; when --only named it and the data are at fault, an error.
 *     Measures that ask a model are not for columns: they go to `skipped` when --only asks for them
 * (by id or by attribute), and are not mentioned otherwise.
 *     Neither are those over groups when no group column is named.
 *     A model of the run that gave no predictions (it does not run here): failed, in its words.
 *  2. A number that does not exist in a scope (no positives in a group): value null and the reason
 * as a note; the scope is never dropped.
 *  4. A group of fewer rows than can be judged has no intervals by the bootstrap.
 *  3. Weights, clusters: the method of the law as the measure gave it; n_effective stated.
 */
#include "run/evaluate.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "measure/probed.h"
#include "measure/view.h"
#include "run/scopes.h"

static const char *direction_name(enum measure_direction direction) {
  static const char *const names[] = {"higher", "lower", "none"};
  return names[direction];
}

const char *evaluate_obstacle(const struct measure *measure, const struct intake *intake,
                              char *buffer, size_t size_bytes) {
  const struct summary_set *set = intake->set;
  const struct roles *roles = &set->roles;
  const bool has_b = roles->has_score[STREAM_B] || roles->has_prediction[STREAM_B];
  const unsigned of_predictions = NEEDS_SCORE | NEEDS_PROBABILITY | NEEDS_PREDICTION;
  const bool reads_predictions = (measure->needs & of_predictions) != 0 ||
                                 (measure->probes == 0 && measure->attribute != ATTRIBUTE_DATA);
  buffer[0] = '\0';
  if ((measure->tasks & (roles->task == TASK_BINARY       ? FOR_BINARY
                         : roles->task == TASK_MULTICLASS ? FOR_MULTICLASS
                                                          : FOR_REGRESSION)) == 0) {
    snprintf(buffer, size_bytes, "not applicable: the task is %s", task_name(roles->task));
  } else if (reads_predictions && intake->no_answers[STREAM_A] != NULL) {
    snprintf(buffer, size_bytes, "failed: the candidate gives no predictions: %s",
             intake->no_answers[STREAM_A]);
  } else if ((measure->needs & NEEDS_BASELINE) != 0 && intake->no_answers[STREAM_B] != NULL) {
    snprintf(buffer, size_bytes, "failed: the baseline gives no predictions: %s",
             intake->no_answers[STREAM_B]);
  } else if ((measure->needs & (NEEDS_SCORE | NEEDS_PROBABILITY)) != 0 &&
             !roles->has_score[STREAM_A]) {
    snprintf(buffer, size_bytes,
             "not applicable: needs scores (--score), only decisions were given");
  } else if ((measure->needs & NEEDS_PREDICTION) != 0 && !roles->has_prediction[STREAM_A]) {
    snprintf(buffer, size_bytes, "not applicable: needs class decisions");
  } else if ((measure->needs & NEEDS_BASELINE) != 0 && !has_b) {
    snprintf(buffer, size_bytes,
             "not applicable: needs a baseline (--baseline-score or --baseline-prediction)");
  } else if ((measure->needs & NEEDS_GROUPS) != 0 && roles_n_sensitive(roles) == 0) {
    snprintf(buffer, size_bytes, "not asked: needs group columns (groups: or --group)");
  } else if ((measure->needs & NEEDS_CONTROLS) != 0 && roles->n_controls == 0) {
    snprintf(buffer, size_bytes, "not asked: needs control columns (controls: or --control)");
  } else if ((measure->needs & NEEDS_FEATURES) != 0 &&
             (intake->frame == NULL ||
              (measure->attribute == ATTRIBUTE_DATA && intake->facts == NULL))) {
    snprintf(buffer, size_bytes, "not asked: needs the columns of features (--features)");
  } else if ((measure->needs & NEEDS_LABEL) != 0 && !roles->has_label) {
    snprintf(buffer, size_bytes, "not asked: needs the column of what is true (--label)");
  } else if ((measure->needs & NEEDS_TRAIN) != 0 && !intake->facts->has_train) {
    snprintf(buffer, size_bytes, "not asked: needs training rows (nonet data --train)");
  } else if ((measure->needs & NEEDS_TIME) != 0 && intake->facts->time == NULL) {
    snprintf(buffer, size_bytes, "not asked: needs the column of times (--time)");
  } else if ((measure->needs & NEEDS_PROBABILITY) != 0 && set->tally.n_outside_unit > 0) {
    snprintf(buffer, size_bytes,
             "not applicable: needs probabilities in [0, 1]; %llu scores lie outside, the first in "
             "row %llu (%.6g); turn them into probabilities first",
             (unsigned long long)set->tally.n_outside_unit,
             (unsigned long long)set->tally.first_outside_row, set->tally.first_outside_value);
  } else {
    return probed_obstacle(measure, intake->answers, STREAM_A, buffer, size_bytes);
  }
  return buffer[0] == '\0' ? NULL : buffer;
}

struct evaluation {
  const nonet_options *options;
  const struct intake *intake;
  struct evidence *evidence;
};

static void write_estimate(const struct evaluation *run, const char *id,
                           const struct measure *measure, enum evidence_role role,
                           const struct scope *scope, const struct view *view,
                           const struct inference *law) {
  const char *notes[VIEW_NOTES + 2];
  struct evidence_estimate row = {.measure = id,
                                  .attribute = catalogue_attribute_name(measure->attribute),
                                  .role = role,
                                  .scope = scope->as_written,
                                  .value = law->value,
                                  .low = NAN,
                                  .high = NAN,
                                  .level = run->options->level,
                                  .method = law->kind == INFERENCE_EXACT ? "exact" : law->method,
                                  .n = view->n,
                                  .n_effective = view->n_effective,
                                  .notes = notes};
  if (law->kind == INFERENCE_EXACT) {
    row.low = row.high = law->value;
  } else if (law->kind == INFERENCE_MISSING) {
    notes[row.n_notes++] = law->reason == NULL ? "no interval can be given" : law->reason;
  } else {
    inference_bounds(law, run->options->level, &row.low, &row.high);
  }
  for (size_t i = 0; i < view->n_notes; i++) {
    notes[row.n_notes++] = view->note[i];
  }
  evidence_add_estimate(run->evidence, &row);
}

static void write_curve(const struct evaluation *run, const char *id, enum evidence_role role,
                        const struct scope *scope, const struct view *view,
                        const struct measure_curve *curve) {
  const char *notes[VIEW_NOTES + 1];
  struct evidence_curve row = {.measure = id,
                               .role = role,
                               .scope = scope->as_written,
                               .n_points = curve->n_points,
                               .x = curve->x,
                               .y = curve->y,
                               .low = curve->low,
                               .high = curve->high,
                               .level = run->options->level,
                               .method = curve->method,
                               .labels = curve->labels,
                               .n = view->n,
                               .notes = notes};
  if (curve->reason != NULL) {
    notes[row.n_notes++] = curve->reason;
  }
  for (size_t i = 0; i < view->n_notes; i++) {
    notes[row.n_notes++] = view->note[i];
  }
  evidence_add_curve(run->evidence, &row);
}

/* The reported difference of two AUCs is DeLong's own interval, as readers and other packages have
 * it; the gate's is wider (inference.h). */
static struct inference as_reported(struct inference law) {
  if (law.kind == INFERENCE_AUC_PAIR) {
    law.kind = INFERENCE_T;
    law.method = "delong";
    law.scale = SCALE_IDENTITY;
    law.df = INFINITY;
    law.se =
        sqrt(fmax(law.pair_variance[0] + law.pair_variance[1] - 2.0 * law.pair_covariance, 0.0));
  }
  return law;
}

/* What probes found needs no predictions. */
static bool has_stream(const struct measure *measure, const struct intake *intake, int stream) {
  const struct roles *roles = &intake->set->roles;
  if (measure->probes != 0 && intake->no_answers[stream] != NULL) {
    return true;
  }
  bool needs_score = (measure->needs & (NEEDS_SCORE | NEEDS_PROBABILITY)) != 0;
  return needs_score ? roles->has_score[stream]
                     : (roles->has_score[stream] || roles->has_prediction[stream]);
}

static const enum evidence_role stream_roles[N_STREAMS] = {ROLE_CANDIDATE, ROLE_BASELINE};

/* Case 2, for a curve. */
static nonet_status draw_one(const struct evaluation *run, const struct measure *measure,
                             const char *id, const struct scope *scope, struct view *view,
                             nonet_error *error) {
  struct measure_curve curve;
  nonet_status status = NONET_OK;
  for (int stream = 0; stream < N_STREAMS && status == NONET_OK; stream++) {
    if (has_stream(measure, run->intake, stream)) {
      view->n_notes = 0;
      status = measure->draw(measure, view, stream, &curve, error);
      if (status == NONET_OK) {
        write_curve(run, id, stream_roles[stream], scope, view, &curve);
      }
    }
  }
  return status == NONET_OK ? status : error_context(error, status, "%s", id);
}

static void write_finding(const struct evaluation *run, const char *id,
                          const struct measure *measure, const struct measure_story *story) {
  json_t *where = json_object();
  struct evidence_finding finding = {.id = id,
                                     .attribute = catalogue_attribute_name(measure->attribute),
                                     .severity = story->severity,
                                     .title = story->title,
                                     .text = story->text,
                                     .hurts = story->hurts,
                                     .where = where,
                                     .remedy = story->remedy};
  while (finding.n_hurts < MEASURE_HURTS && story->hurts[finding.n_hurts] != NULL) {
    finding.n_hurts++;
  }
  if (where == NULL || (story->where != NULL &&
                        json_object_set_new(where, "slice", json_string(story->where)) != 0)) {
    run->evidence->failed = true;
  }
  evidence_add_finding(run->evidence, &finding);
  json_decref(where);
}

/* What a search found; nothing to search in: one estimate of null with the reason. */
static nonet_status tell_one(const struct evaluation *run, const struct measure *measure,
                             const char *id, const struct scope *scope, struct view *view,
                             nonet_error *error) {
  struct measure_stories stories = {0};
  struct inference none = inference_none(measure->interval);
  view->n_notes = 0;
  nonet_status status = measure->tell(measure, view, &stories, error);
  if (status != NONET_OK) {
    return error_context(error, status, "%s", id);
  }
  if (stories.n == 0) {
    none.reason = stories.reason != NULL ? stories.reason : "the search found nothing";
    write_estimate(run, id, measure, ROLE_CANDIDATE, scope, view, &none);
  }
  for (size_t i = 0; i < stories.n; i++) {
    const struct measure_story *story = &stories.story[i];
    struct scope of_story = *scope;
    if (story->where != NULL) {
      of_story.as_written = (struct evidence_scope){.kind = SCOPE_SLICE, .where = story->where};
    } else if (story->class_name != NULL) {
      of_story.as_written =
          (struct evidence_scope){.kind = SCOPE_CLASS, .class_name = story->class_name};
    }
    view->n = story->n;
    view->n_effective = story->n_effective;
    view->n_notes = 0;
    if (story->note != NULL) {
      view_note(view, "%s", story->note);
    }
    write_estimate(run, id, measure, ROLE_CANDIDATE, &of_story, view, &story->law);
    if (story->severity != NULL) {
      write_finding(run, id, measure, story);
    }
  }
  return NONET_OK;
}

/* Where a measure that gives several numbers writes them. */
struct several {
  const struct evaluation *run;
  const struct measure *measure;
  const char *id;
  const struct scope *scope;
  const struct view *view;
};

static nonet_status write_several(void *context, int class_index, const char *column,
                                  const struct inference *law, nonet_error *error) {
  const struct several *several = context;
  struct scope scope = *several->scope;
  (void)error;
  if (class_index >= 0) {
    const char *name = several->run->intake->set->roles.classes[class_index];
    scope.as_written.kind = scope.as_written.kind == SCOPE_ALL ? SCOPE_CLASS : SCOPE_GROUP;
    scope.as_written.class_name = name == NULL ? "" : name;
  }
  if (column != NULL) {
    scope.as_written.kind = SCOPE_COLUMN;
    scope.as_written.column = column;
  }
  write_estimate(several->run, several->id, several->measure, ROLE_CANDIDATE, &scope, several->view,
                 law);
  return NONET_OK;
}

/* The data are measured once, whatever models there are. */
static nonet_status evaluate_data(const struct evaluation *run, const struct catalogue_pick *pick,
                                  const char *id, const struct scope *scope, struct view *view,
                                  nonet_error *error) {
  const struct measure *measure = pick->measure;
  struct several several = {run, measure, id, scope, view};
  struct inference law = inference_none(measure->interval);
  nonet_status status;
  view->n_notes = 0;
  if (measure->each != NULL) {
    status = measure->each(measure, &pick->variant, view, write_several, &several, error);
  } else {
    status = measure->estimate(measure, &pick->variant, view, STREAM_A, &law, error);
    if (status == NONET_OK) {
      write_estimate(run, id, measure, ROLE_CANDIDATE, scope, view, &law);
    }
  }
  return status == NONET_OK ? status : error_context(error, status, "%s", id);
}

/* Case 2: estimates of one measure in one scope. */
static nonet_status evaluate_one(const struct evaluation *run, const struct catalogue_pick *pick,
                                 const char *id, const struct scope *scope, struct view *view,
                                 nonet_error *error) {
  const struct measure *measure = pick->measure;
  const bool is_about_pair = (measure->needs & NEEDS_BASELINE) != 0;
  struct inference law;
  nonet_status status = NONET_OK;
  for (int stream = 0; stream < N_STREAMS && status == NONET_OK; stream++) {
    if (measure->estimate != NULL && has_stream(measure, run->intake, stream) &&
        !(is_about_pair && stream == STREAM_B)) {
      view->n_notes = 0;
      law = inference_none(measure->interval);
      status = measure->estimate(measure, &pick->variant, view, stream, &law, error);
      if (status == NONET_OK) {
        write_estimate(run, id, measure, stream_roles[stream], scope, view, &law);
      }
    }
  }
  if (status == NONET_OK && measure->compare != NULL &&
      (!is_about_pair || measure->estimate == NULL) && has_stream(measure, run->intake, STREAM_B)) {
    view->n_notes = 0;
    law = inference_none(measure->interval);
    status = measure->compare(measure, &pick->variant, view, &law, error);
    if (status == NONET_OK) {
      law = as_reported(law);
      write_estimate(run, id, measure, ROLE_DIFFERENCE, scope, view, &law);
    }
  }
  return status == NONET_OK ? status : error_context(error, status, "%s", id);
}

static unsigned scope_bit(const struct scope *scope) {
  return scope->class_index >= 0                  ? IN_CLASS
         : scope->as_written.kind == SCOPE_COLUMN ? IN_COLUMN
         : scope->as_written.kind == SCOPE_ALL    ? IN_ALL
                                                  : IN_GROUP;
}

static nonet_status evaluate_scope(const struct evaluation *run, const struct scope *scope,
                                   const struct view_options *view_options,
                                   struct progress *progress, nonet_error *error) {
  const struct intake *intake = run->intake;
  struct view view;
  struct text id = {0};
  nonet_status status =
      view_init(intake->set, scope->in_scope, scope->class_index, view_options, &view, error);
  if (status != NONET_OK) {
    return status;
  }
  view.answers = intake->answers;
  view.frame = intake->frame;
  view.facts = intake->facts;
  if (scope->as_written.kind == SCOPE_GROUP) { /* 4 */
    double n = 0, n_effective = 0;
    status = view_size(&view, &n, &n_effective, error);
    view.is_small = n < VIEW_MIN_GROUP;
  }
  struct view_column column = {0};
  if (status == NONET_OK && scope->columns != 0) {
    status = view_column_init(&view, scope->columns, &column, error);
    view.column = &column;
  }
  for (size_t i = 0; i < intake->n_picks && status == NONET_OK; i++) {
    const struct catalogue_pick *pick = &intake->picks[i];
    char obstacle[256];
    if ((catalogue_scopes(pick, intake->set->roles.task) & scope_bit(scope)) != 0 &&
        evaluate_obstacle(pick->measure, intake, obstacle, sizeof obstacle) == NULL) {
      id.length = 0;
      catalogue_full_id(pick, &id);
      status =
          id.failed ? error_memory(error, 0, "a measure's id") : progress_check(progress, error);
      if (status == NONET_OK) {
        status = pick->measure->attribute == ATTRIBUTE_DATA
                     ? evaluate_data(run, pick, id.data, scope, &view, error)
                 : pick->measure->draw != NULL
                     ? draw_one(run, pick->measure, id.data, scope, &view, error)
                 : pick->measure->tell != NULL
                     ? tell_one(run, pick->measure, id.data, scope, &view, error)
                     : evaluate_one(run, pick, id.data, scope, &view, error);
      }
    }
  }
  text_clear(&id);
  view_column_clear(&column);
  view_clear(&view);
  return status;
}

/* Case 1, and the description of each measure that is there. */
static nonet_status describe_measures(const struct evaluation *run, bool *has_classes,
                                      nonet_error *error) {
  const struct intake *intake = run->intake;
  nonet_status status = NONET_OK;
  struct text id = {0};
  *has_classes = false;
  for (size_t i = 0; i < intake->n_picks && status == NONET_OK; i++) {
    const struct catalogue_pick *pick = &intake->picks[i];
    const struct measure *measure = pick->measure;
    char buffer[256];
    const char *obstacle = evaluate_obstacle(measure, intake, buffer, sizeof buffer);
    id.length = 0;
    catalogue_full_id(pick, &id);
    bool lacks_model = measure->probes != 0 && intake->answers == NULL;
    bool lacks_features = (measure->needs & NEEDS_FEATURES) != 0 && intake->frame == NULL;
    const struct roles *roles = &intake->set->roles;
    bool lacks_groups = ((measure->needs & NEEDS_GROUPS) != 0 && roles_n_sensitive(roles) == 0) ||
                        ((measure->needs & NEEDS_CONTROLS) != 0 && roles->n_controls == 0);
    bool lacks_data = measure->attribute == ATTRIBUTE_DATA && obstacle != NULL; /* was not asked */
    if (id.failed) {
      status = error_memory(error, 0, "a measure's id");
    } else if ((lacks_model || lacks_groups || lacks_features || lacks_data) &&
               (run->options->only == NULL || run->options->only[0] == '\0')) {
      continue;
    } else if (obstacle != NULL && pick->is_named && measure->probes == 0 &&
               intake->no_answers[STREAM_A] == NULL && intake->no_answers[STREAM_B] == NULL) {
      status = error_set(error, NONET_E_DATA, "%s cannot be measured: %s", id.data, obstacle);
    } else if (obstacle != NULL) {
      evidence_add_skipped(run->evidence, id.data, obstacle);
    } else {
      evidence_add_measure(run->evidence, id.data, measure->title, measure->definition,
                           measure->unit, direction_name(measure->direction), measure->source);
      if (measure->draw != NULL) {
        evidence_add_axes(run->evidence, id.data, measure->axis_x, measure->axis_y);
      }
      *has_classes =
          *has_classes || (catalogue_scopes(pick, intake->set->roles.task) & IN_CLASS) != 0;
    }
  }
  text_clear(&id);
  return status;
}

nonet_status evaluate_measures(const nonet_options *options, const struct intake *intake,
                               struct evidence *evidence, nonet_error *error) {
  const struct evaluation run = {options, intake, evidence};
  const struct view_options view_options = {.seed = options->seed,
                                            .n_replicates = options->replicates,
                                            .n_threads = intake_threads(options),
                                            .level = options->level,
                                            .quantile = 0.5};
  struct progress progress = {.callback = options->progress,
                              .context = options->progress_context,
                              .cancel = (const atomic_int *)options->cancel};
  struct scopes scopes = {0};
  bool has_classes;
  nonet_status status = describe_measures(&run, &has_classes, error);
  if (status == NONET_OK) {
    status = scopes_list(&intake->set->roles, (size_t)options->intersections,
                         has_classes && intake->set->roles.task == TASK_MULTICLASS, &scopes, error);
  }
  for (size_t i = 0; i < scopes.n && status == NONET_OK; i++) {
    progress_report(&progress, "measure", i, scopes.n);
    status = evaluate_scope(&run, &scopes.scope[i], &view_options, &progress, error);
  }
  scopes_clear(&scopes);
  return status;
}
