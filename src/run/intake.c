/*
 * Intake: the one pass over the rows.
 *
 * Cases:
 *  1. Each worker adds to its own summary set; sets are merged at the end. All kinds are
 *     order-free, so it does not matter who had which rows.
 *  2. The kinds kept are the union of what the picked measures read: `--only correctness.accuracy`
 *     keeps no scores.
 *  3. A state is written before anything is measured: a part may have one class or no rows. Of
 *     features it holds nothing.
 *  4. Memory: half of --memory (default: half of the machine's or cgroup's) goes to the multisets,
 *     which spill beyond it.
 *  5. Cancelled or failed: everything is freed, no file is left.
 *  6. What is mistyped or missing in the options, a name in --only too, is told before a file is
 *     opened.
 */
#include "run/intake.h"

#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/machine.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/split.h"
#include "measure/measure.h"
#include "run/intake_private.h"
#include "run/reference_group.h"
#include "table/table.h"

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

struct pass {
  struct summary_set **sets;
};

size_t intake_threads(const nonet_options *options) {
  return options->threads > 0 ? options->threads : parallel_cores();
}

uint64_t intake_memory(const nonet_options *options) {
  return options->memory_bytes > 0 ? options->memory_bytes : machine_memory_bytes() / 2;
}

static nonet_status add_batch(void *context, size_t worker, const struct role_batch *batch,
                              nonet_error *error) {
  struct pass *pass = context;
  return summary_add(pass->sets[worker], batch, error);
}

static void free_sets(struct summary_set **sets, size_t n) {
  for (size_t i = 0; sets != NULL && i < n; i++) {
    summary_free(sets[i]);
  }
  memory_free(sets);
}

/* Case 2. */
static unsigned kinds_of(const struct catalogue_pick *picks, size_t n_picks, bool is_judged) {
  unsigned kinds = SUMMARY_COUNT_TABLE;
  for (size_t i = 0; i < n_picks; i++) {
    kinds |= picks[i].measure->kinds;
    kinds |= (picks[i].measure->kinds_small & SUMMARY_MULTISET) != 0 ? SUMMARY_ROWS_IF_SMALL : 0u;
  }
  return is_judged ? kinds | SUMMARY_MULTISET
                   : kinds; /* whether a mean may decide is seen in its rows */
}

static nonet_status read_rows(struct intake_job *job, nonet_error *error) {
  const size_t n_workers = table_n_workers(job->table);
  /* Two parts of labels and decisions alone can hold equal counts: the file tells them apart. */
  const char *source = job->options->state != NULL ? table_sha256(job->table) : NULL;
  const struct summary_options summary = {
      .kinds = kinds_of(job->intake->picks, job->intake->n_picks, job->kind == INTAKE_COMPARE),
      .memory_bytes = intake_memory(job->options) / 2,
      .n_workers = n_workers,
      .quantile = 0.5,
      .source_hash = source == NULL ? 0 : hash_64(source, strlen(source), 0)};
  struct pass pass = {memory_zeroed(n_workers, sizeof(struct summary_set *))};
  struct role_tally tally = {0};
  nonet_status status = NONET_OK;
  if (pass.sets == NULL) {
    status = error_memory(error, n_workers * sizeof(struct summary_set *), "the workers");
    goto done;
  }
  for (size_t i = 0; i < n_workers && status == NONET_OK; i++) {
    status = summary_new(&job->roles, &summary, &pass.sets[i], error);
  }
  if (status == NONET_OK && job->roles.has_label) { /* without one the profile counts the rows */
    status = table_pass(job->table, &job->roles, add_batch, &pass, &tally, &job->progress, error);
  }
  for (size_t i = 1; i < n_workers && status == NONET_OK; i++) { /* case 1 */
    status = summary_merge(pass.sets[0], pass.sets[i], error);
  }
  if (status == NONET_OK) {
    pass.sets[0]->tally = tally;
    status = summary_finish(pass.sets[0], intake_threads(job->options), &job->progress, error);
  }
  if (status == NONET_OK) {
    job->intake->set = pass.sets[0];
    pass.sets[0] = NULL;
  }
done:
  free_sets(pass.sets, n_workers);
  return status;
}

static nonet_status roles_of_no_label(struct roles *roles, nonet_error *error) {
  memset(roles, 0, sizeof *roles);
  roles->task = TASK_REGRESSION;
  roles->n_cells = 1;
  roles->cell_values = memory_zeroed(1, sizeof *roles->cell_values);
  return roles->cell_values != NULL ? NONET_OK
                                    : error_memory(error, sizeof *roles, "the roles of columns");
}

static nonet_status check_sums(const struct role_tally *tally, nonet_error *error) {
  if (tally->n_sum_off == 0) {
    return NONET_OK;
  }
  return error_set(error, NONET_E_DATA,
                   "--score: the scores of a row must sum to 1 within 0.001; %llu rows do not, the "
                   "first is data row %llu; give probabilities, one "
                   "column per class, or --prediction alone",
                   (unsigned long long)tally->n_sum_off,
                   (unsigned long long)tally->first_sum_off_row);
}

/* Does another task have it? `name` may carry a variant. */
static bool is_built(const char *name) {
  const size_t length = strcspn(name, "@");
  for (size_t i = 0; i < catalogue_n(); i++) {
    const char *id = catalogue_at(i)->id;
    if (strncmp(id, name, length) == 0 && id[length] == '\0') {
      return true;
    }
  }
  return false;
}

static nonet_status pick_measures(const nonet_options *options, enum task task,
                                  struct evidence *evidence, struct intake *intake,
                                  nonet_error *error) {
  struct text absent = {0};
  struct split names = {0};
  char other_task[80];
  snprintf(other_task, sizeof other_task, "not applicable: the task is %s", task_name(task));
  nonet_status status =
      catalogue_select(options->only, task, &intake->picks, &intake->n_picks, &absent, error);
  if (status == NONET_OK && absent.length > 0) {
    status = split_list(absent.data, "--only", &names, error);
  }
  for (size_t i = 0; i < names.n && status == NONET_OK; i++) {
    evidence_add_skipped(evidence, names.item[i],
                         is_built(names.item[i])
                             ? other_task
                             : "not built: this measure is planned and not in this version");
  }
  split_clear(&names);
  text_clear(&absent);
  return status;
}

/* Case 6: names and options, the columns last. */
static nonet_status open_source(struct intake_job *job, const struct intake_origin *origin,
                                struct roles_request *request, nonet_error *error) {
  const nonet_options *options = job->options;
  const struct table_source source = {.name = origin != NULL ? origin->shown : NULL,
                                      .path = options->file,
                                      .query = options->query,
                                      .format = options->format,
                                      .driver = options->driver,
                                      .uri = options->uri,
                                      .stream = options->stream,
                                      .n_threads = intake_threads(options),
                                      .memory_bytes = intake_memory(options),
                                      .cancel = (const atomic_int *)options->cancel,
                                      .batch_rows = options->batch_rows};
  nonet_status status = intake_options_check(options, job->kind, error);
  if (status == NONET_OK) {
    status = intake_lists_fill(options, &job->lists, error);
  }
  if (status == NONET_OK) {
    status = intake_features_check(job, error);
  }
  if (status == NONET_OK) {
    status = intake_options_request(options, &job->lists, request, error);
  }
  if (status == NONET_OK) {
    bool reads;
    status = intake_reads_features(options->only, TASK_AUTO, &reads, error);
  }
  if (status == NONET_OK) {
    status = table_open(&source, &job->table, error);
  }
  if (status == NONET_OK && job->kind == INTAKE_DATA) {
    status = intake_features_name(job, error);
  }
  return status;
}

static nonet_status read_table(struct intake_job *job, const struct roles_request *request,
                               nonet_error *error) {
  const nonet_options *options = job->options;
  struct intake *intake = job->intake;
  nonet_status status = options->label == NULL ? roles_of_no_label(&job->roles, error)
                                               : table_resolve(job->table, request, &job->roles,
                                                               &job->progress, error);
  if (status == NONET_OK) {
    status = pick_measures(options, job->roles.task, job->evidence, intake, error);
  }
  if (status == NONET_OK) {
    status = read_rows(job, error);
  }
  if (status == NONET_OK) {
    status = check_sums(&intake->set->tally, error);
  }
  if (status == NONET_OK) {
    status =
        reference_group_set(options->reference, options->state != NULL, &intake->set->roles, error);
  }
  if (status == NONET_OK) {
    status = intake_features_read(job, error);
  }
  if (status == NONET_OK && options->state != NULL) { /* case 3 */
    status = summary_save(intake->set, options->state, catalogue_hash(), error);
  }
  return status;
}

static void note_source(const struct intake_job *job, const struct intake_origin *origin) {
  const struct intake_origin here = {table_name(job->table), table_name(job->table),
                                     table_sha256(job->table), 0};
  intake_note_roles(job->evidence, &job->intake->set->roles);
  if (origin == NULL && job->kind != INTAKE_DATA) {
    intake_note_models(job->evidence, &job->roles);
  }
  intake_note_data(job->evidence, job->intake->set, origin != NULL ? origin : &here);
  intake_note_features(job);
}

static struct progress progress_of(const nonet_options *options) {
  return (struct progress){.callback = options->progress,
                           .context = options->progress_context,
                           .cancel = (const atomic_int *)options->cancel};
}

static nonet_status read_source(const nonet_options *options, enum intake_kind kind,
                                const struct intake_origin *origin, struct evidence *evidence,
                                struct intake *intake, nonet_error *error) {
  struct intake_job job = {.options = options,
                           .kind = kind,
                           .progress = progress_of(options),
                           .evidence = evidence,
                           .intake = intake};
  struct roles_request request;
  const double start = seconds_now();
  *intake = (struct intake){0};
  nonet_status status = open_source(&job, origin, &request, error);
  if (status == NONET_OK) {
    status = read_table(&job, &request, error);
  }
  if (status == NONET_OK) {
    note_source(&job, origin);
    evidence_add_timing(evidence, "read", seconds_now() - start);
  } else {
    intake_clear(intake);
  }
  table_close(job.table);
  roles_clear(&job.roles);
  intake_lists_clear(&job.lists);
  return status;
}

nonet_status intake_read(const nonet_options *options, bool needs_baseline,
                         const struct intake_origin *origin, struct evidence *evidence,
                         struct intake *intake, nonet_error *error) {
  return read_source(options, needs_baseline ? INTAKE_COMPARE : INTAKE_MEASURE, origin, evidence,
                     intake, error);
}

nonet_status intake_unanswered(const nonet_options *options, const struct intake_origin *origin,
                               struct evidence *evidence, struct intake *intake,
                               nonet_error *error) {
  return read_source(options, INTAKE_UNANSWERED, origin, evidence, intake, error);
}

nonet_status intake_data(const nonet_options *options, struct evidence *evidence,
                         struct intake *intake, nonet_error *error) {
  return read_source(options, INTAKE_DATA, NULL, evidence, intake, error);
}

nonet_status intake_merge(const char *const *states, size_t n_states, const nonet_options *options,
                          struct evidence *evidence, struct intake *intake, nonet_error *error) {
  struct progress progress = progress_of(options);
  const struct summary_options summary = {
      .memory_bytes = intake_memory(options) / 2, .n_workers = 1, .quantile = 0.5};
  double start = seconds_now();
  nonet_status status =
      n_states > 0 ? NONET_OK : error_set(error, NONET_E_USAGE, "expected at least one state file");
  *intake = (struct intake){0};
  for (size_t i = 0; i < n_states && status == NONET_OK; i++) {
    struct summary_set *part = NULL;
    status = progress_check(&progress, error);
    if (status == NONET_OK) {
      status =
          summary_load(states[i], catalogue_hash(), &summary, i == 0 ? &intake->set : &part, error);
    }
    if (status == NONET_OK && i > 0) {
      status = summary_merge(intake->set, part, error);
      status = status == NONET_OK ? status : error_context(error, status, "%s", states[i]);
    }
    summary_free(part);
  }
  if (status == NONET_OK) {
    status = summary_finish(intake->set, intake_threads(options), &progress, error);
  }
  if (status == NONET_OK) {
    status = pick_measures(options, intake->set->roles.task, evidence, intake, error);
  }
  if (status == NONET_OK) {
    status = reference_group_set(options->reference, false, &intake->set->roles, error);
  }
  if (status == NONET_OK) {
    intake_note_roles(evidence, &intake->set->roles);
    intake_note_models(evidence, &intake->set->roles);
    const char *name = n_states == 1 ? states[0] : "merged parts";
    const struct intake_origin parts = {name, name, NULL, 0};
    intake_note_data(evidence, intake->set, &parts);
    evidence_add_timing(evidence, "read", seconds_now() - start);
  } else {
    intake_clear(intake);
  }
  return status;
}

void intake_clear(struct intake *intake) {
  if (intake->facts != NULL) {
    data_facts_clear(intake->facts);
    memory_free(intake->facts);
  }
  if (intake->frame != NULL) {
    frame_clear(intake->frame);
    memory_free(intake->frame);
  }
  summary_free(intake->set);
  memory_free(intake->picks);
  *intake = (struct intake){0};
}
