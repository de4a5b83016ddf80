/*
 * What the evidence says of the rows: whose they are and how many were used, and the configuration
 * as it was resolved, which a reader needs to make the run again.
 */
#include "run/intake_private.h"

void intake_note_data(struct evidence *evidence, const struct summary_set *set,
                      const struct intake_origin *origin) {
  const struct role_tally *tally = &set->tally;
  json_t *left_out = json_pack("{s:I, s:I}", "label_null", (json_int_t)tally->n_label_null,
                               "invalid", (json_int_t)tally->n_invalid);
  if (origin->n_rows > tally->n_rows) {
    evidence->failed |=
        json_object_set_new(left_out, "not_sampled",
                            json_integer((json_int_t)(origin->n_rows - tally->n_rows))) != 0;
  }
  evidence_add_data(evidence, "test", origin->source,
                    origin->n_rows > 0 ? origin->n_rows : tally->n_rows, tally->n_used,
                    origin->sha256, left_out);
}

static json_t *names_json(char **names, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) {
    if (json_array_append_new(list, names[i] == NULL ? json_null() : json_string(names[i])) != 0) {
      json_decref(list);
      return NULL;
    }
  }
  return list;
}

static json_t *text_json(const char *text) {
  return text == NULL ? json_null() : json_string(text);
}

/* By which rules columns of numbers became groups. */
static void note_ranges(struct evidence *evidence, const struct roles *roles) {
  json_t *ranges = json_object();
  for (size_t g = 0; g < roles->n_groups; g++) {
    if (roles->groups[g].rule != NULL &&
        json_object_set_new(ranges, roles->groups[g].column, json_string(roles->groups[g].rule)) !=
            0) {
      evidence->failed = true;
    }
  }
  if (json_object_size(ranges) > 0) {
    evidence_set_config(evidence, "ranges", ranges);
  } else {
    json_decref(ranges);
  }
}

static void note_references(struct evidence *evidence, const struct roles *roles) {
  json_t *references = json_object();
  for (size_t g = 0; g < roles->n_groups; g++) {
    const struct domain *domain = &roles->groups[g];
    if (domain->reference > 0) {
      const char *value = domain->values[domain->reference - 1];
      evidence->failed |= json_object_set_new(references, domain->column, text_json(value)) != 0;
    }
  }
  if (json_object_size(references) > 0) {
    evidence_set_config(evidence, "reference", references);
  } else {
    json_decref(references);
  }
}

static void note_groups(struct evidence *evidence, const struct roles *roles) {
  json_t *groups = json_array();
  json_t *controls = json_array();
  for (size_t g = 0; g < roles->n_groups; g++) {
    json_array_append_new(g < roles_n_sensitive(roles) ? groups : controls,
                          json_string(roles->groups[g].column));
  }
  evidence_set_config(evidence, "groups", groups);
  note_ranges(evidence, roles);
  note_references(evidence, roles);
  if (roles->n_controls > 0) {
    evidence_set_config(evidence, "controls", controls);
  } else {
    json_decref(controls);
  }
}

/* Columns that weigh rows, hold them together, or name them. */
static void note_columns(struct evidence *evidence, const struct roles *roles) {
  const struct {
    const char *key, *column;
    bool is_there;
  } wanted[] = {{"weight", roles->weight_column, roles->has_weight},
                {"cluster", roles->cluster_column, roles->has_cluster},
                {"id", roles->id_column, roles->has_id}};
  for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
    if (wanted[i].is_there) {
      evidence_set_config(evidence, wanted[i].key, text_json(wanted[i].column));
    }
  }
}

/* The configuration as resolved: what a reader needs to make the run again. */
void intake_note_roles(struct evidence *evidence, const struct roles *roles) {
  static const char *const score_keys[N_STREAMS] = {"score", "baseline_score"};
  static const char *const prediction_keys[N_STREAMS] = {"prediction", "baseline_prediction"};
  if (roles->has_label) {
    evidence_set_config(evidence, "task", json_string(task_name(roles->task)));
  }
  evidence_set_config(evidence, "label", text_json(roles->label_column));
  for (int stream = 0; stream < N_STREAMS; stream++) {
    if (roles->has_score[stream] && roles->score_columns[stream] != NULL) {
      size_t n = roles->score_columns[stream][0] != NULL && roles->n_scores > 1 &&
                         roles->score_columns[stream][1] == NULL
                     ? 1
                     : roles->n_scores;
      evidence_set_config(evidence, score_keys[stream],
                          names_json(roles->score_columns[stream], n));
    }
    if (roles->prediction_given[stream]) {
      evidence_set_config(evidence, prediction_keys[stream],
                          text_json(roles->prediction_column[stream]));
    }
  }
  if (roles->n_classes > 0) {
    evidence_set_config(evidence, "classes", names_json(roles->classes, roles->n_classes));
  }
  if (roles->task == TASK_BINARY) {
    evidence_set_config(evidence, "positive", text_json(roles->classes[1]));
    evidence_set_config(evidence, "threshold", json_real(roles->threshold[STREAM_A]));
    if (roles->has_score[STREAM_B]) {
      evidence_set_config(evidence, "baseline_threshold", json_real(roles->threshold[STREAM_B]));
    }
  }
  note_groups(evidence, roles);
  note_columns(evidence, roles);
}

void intake_note_models(struct evidence *evidence, const struct roles *roles) {
  static const char *const names[N_STREAMS] = {"candidate", "baseline"};
  for (int stream = 0; stream < N_STREAMS; stream++) {
    if (roles->has_score[stream] || roles->has_prediction[stream]) {
      const char *column = roles->has_score[stream] && roles->score_columns[stream] != NULL
                               ? roles->score_columns[stream][0]
                               : roles->prediction_column[stream];
      evidence_add_model(evidence, names[stream], "columns",
                         json_pack("{s:o}", "path", text_json(column)));
    }
  }
}

/* The columns with missing values, which no distance can be made of; NULL when memory is short. */
static json_t *missing_json(const struct data_profile *profile) {
  json_t *names = json_array();
  for (size_t i = 0; i < profile->n_columns && names != NULL; i++) {
    if (profile->columns[i].n_null > 0 &&
        json_array_append_new(names, json_string(profile->columns[i].name)) != 0) {
      json_decref(names);
      names = NULL;
    }
  }
  return names;
}

void intake_note_features(const struct intake_job *job) {
  const struct data_facts *facts = job->intake->facts;
  const struct split *features = &job->lists.features;
  if (job->options->time != NULL) {
    evidence_set_config(job->evidence, "time", json_string(job->options->time));
  }
  if (features->n > 0) {
    evidence_set_config(job->evidence, "features", names_json(features->item, features->n));
  }
  if (facts != NULL && facts->has_train) {
    evidence_set_config(job->evidence, "missing_in_train", missing_json(&facts->train));
    evidence_add_data(job->evidence, "train", facts->train_source, facts->train.n_rows,
                      facts->train.n_rows, facts->train_sha256, json_object());
  }
}
