/*
 * The catalogue: one row per record, in the order of reports, and the picking of measures by what
 * people type.
 *
 * The cases of a list such as "correctness,correctness.f1@macro,auc":
 *  1. NULL or empty: every variant the task shows by default.
 *  2. An attribute's name: all of its measures for the task, as in 1.
 *  3. An id, or the part after its dot when that is unambiguous: its default variants for the task;
 * where it has none (f_beta), its first.
 *  4. id@suffix: a listed variant, else what the record's parser makes of it; two ways to write one
 * variant are one pick.
 *  5. An id of another task, or one that this build has not: reported in `absent`, not an error.
 *  6. Anything else: NONET_E_USAGE with the near names.
 *  7. A measure picked twice is picked once, and `is_named` if either was by id. The order is the
 * catalogue's, then the variants'.
 *  8. Suffixes hold ';' and '=', never ',': a plain split at commas is a split at depth 0.
 */
#include "measure/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"
#include "measure/records.h"

#define CATALOGUE_ADDRESS(name) &name,
static const struct measure *const catalogue[] = {MEASURE_RECORDS(CATALOGUE_ADDRESS)};
#define CATALOGUE_N (sizeof catalogue / sizeof *catalogue)

static const char *const attribute_names[N_ATTRIBUTES] = {
    "correctness", "robustness",       "efficiency", "scalability", "deployability",
    "fairness",    "interpretability", "privacy",    "security",    "data"};

/* What measures.md names and this build has not. A bare attribute among them means: nothing of it
 * yet. */
static const char *const known[] = {"correctness.ndcg",
                                    "correctness.map",
                                    "correctness.mrr",
                                    "correctness.hit_at",
                                    "correctness.subset_accuracy",
                                    "correctness.hamming",
                                    "correctness.lrap",
                                    "correctness.conformal_coverage",
                                    "correctness.conformal_width",
                                    "correctness.estimated_accuracy",
                                    "correctness.estimated_auc",
                                    "robustness.corruption_drop",
                                    "robustness.invariance",
                                    "robustness.directional",
                                    "robustness.missing_tolerance",
                                    "robustness.unseen_category_tolerance",
                                    "robustness.shift_psi",
                                    "robustness.shift_ks",
                                    "robustness.shift_js",
                                    "robustness.shift_wasserstein",
                                    "robustness.shift_mmd",
                                    "robustness.shift_domain_auc",
                                    "robustness.shift_performance",
                                    "robustness.ood_auroc",
                                    "robustness.ood_fpr95",
                                    "robustness.worst_group",
                                    "robustness.minority_drop",
                                    "robustness.local_lipschitz",
                                    "robustness.smoothed_radius",
                                    "robustness.stability",
                                    "scalability.throughput_curve",
                                    "scalability.usl_peak",
                                    "scalability.usl_contention",
                                    "scalability.usl_coherency",
                                    "scalability.max_rate_under_slo",
                                    "scalability.batch_scaling",
                                    "scalability.row_exponent",
                                    "scalability.strong_scaling",
                                    "scalability.memory_slope",
                                    "scalability.leak_slope",
                                    "scalability.overload_recovery",
                                    "scalability.error_rate_under_load",
                                    "deployability.protocol_conformance",
                                    "fairness.exposure_parity",
                                    "interpretability.importance_permutation",
                                    "interpretability.shapley",
                                    "interpretability.surrogate_fidelity",
                                    "interpretability.faithfulness",
                                    "interpretability.infidelity",
                                    "interpretability.completeness_residual",
                                    "interpretability.explanation_stability",
                                    "interpretability.rank_stability",
                                    "interpretability.complexity",
                                    "interpretability.sparseness",
                                    "interpretability.effective_complexity",
                                    "interpretability.monotonicity",
                                    "interpretability.interaction_strength",
                                    "interpretability.partial_dependence",
                                    "interpretability.accumulated_effects",
                                    "interpretability.spurious_reliance",
                                    "privacy.membership_auc",
                                    "privacy.membership_advantage",
                                    "privacy.membership_tpr_at_fpr",
                                    "privacy.dp_epsilon_audit",
                                    "privacy.attribute_inference",
                                    "privacy.duplicates",
                                    "privacy.near_duplicates",
                                    "privacy.uniqueness",
                                    "privacy.k_anonymity",
                                    "privacy.l_diversity",
                                    "privacy.t_closeness",
                                    "privacy.pii_columns",
                                    "privacy.memorised_values",
                                    "privacy.output_precision",
                                    "security.evasion_success",
                                    "security.minimal_perturbation",
                                    "security.queries_to_success",
                                    "security.extraction_fidelity",
                                    "security.poisoning_signature",
                                    "security.trigger_scan",
                                    "security.artifact_findings",
                                    "security.signature",
                                    "security.sponge_inflation",
                                    "security.output_exposure",
                                    "security.endpoint_hardening"};
#define KNOWN_N (sizeof known / sizeof *known)

size_t catalogue_n(void) {
  return CATALOGUE_N;
}

const struct measure *catalogue_at(size_t i) {
  return catalogue[i];
}

const char *catalogue_attribute_name(enum measure_attribute attribute) {
  return (unsigned)attribute < N_ATTRIBUTES ? attribute_names[attribute] : NULL;
}

static const struct measure_variant plain_variants[] = {
    {.suffix = "", .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION}, {.suffix = NULL}};

static const struct measure_variant *variants_of(const struct measure *measure) {
  return measure->variants != NULL ? measure->variants : plain_variants;
}

static unsigned task_bit(enum task task) {
  switch (task) {
  case TASK_BINARY:
    return FOR_BINARY;
  case TASK_MULTICLASS:
    return FOR_MULTICLASS;
  case TASK_REGRESSION:
    return FOR_REGRESSION;
  default:
    return 0;
  }
}

bool catalogue_known(const char *id) {
  size_t length = strcspn(id, "@");
  for (size_t i = 0; i < KNOWN_N; i++) {
    if (strlen(known[i]) == length && strncmp(known[i], id, length) == 0) {
      return true;
    }
  }
  return false;
}

void catalogue_full_id(const struct catalogue_pick *pick, struct text *text) {
  text_append(text, pick->measure->id);
  if (pick->variant.suffix[0] != '\0') {
    text_append(text, "@");
    text_append(text, pick->variant.suffix);
  }
}

unsigned catalogue_scopes(const struct catalogue_pick *pick, enum task task) {
  unsigned scopes = pick->measure->scopes;
  if (task != TASK_MULTICLASS) {
    return scopes & (IN_ALL | IN_GROUP | IN_COLUMN);
  }
  return pick->variant.scopes_multiclass != 0 ? pick->variant.scopes_multiclass
                                              : scopes & (IN_ALL | IN_GROUP | IN_COLUMN);
}

uint64_t catalogue_hash(void) {
  uint64_t hash = 0x6e6f6e6574ULL;
  for (size_t i = 0; i < CATALOGUE_N; i++) {
    const struct measure *measure = catalogue[i];
    hash = hash_mix(hash, hash_64(measure->id, strlen(measure->id), 1));
    hash = hash_mix(hash, hash_64(measure->definition, strlen(measure->definition), 2));
    hash = hash_mix(hash, hash_64(measure->formula, strlen(measure->formula), 3));
    for (const struct measure_variant *variant = variants_of(measure); variant->suffix != NULL;
         variant++) {
      hash = hash_mix(hash, hash_64(variant->suffix, strlen(variant->suffix), 4));
    }
  }
  return hash;
}

/* ---- picking ---- */

struct selection {
  struct catalogue_pick *picks;
  size_t *place; /* catalogue index · 1,000,000 + order of the variant */
  size_t n, capacity, place_capacity;
  unsigned task;
  struct text *absent;
};

static bool same_variant(const struct measure_variant *a, const struct measure_variant *b) {
  const char *word_a = a->word != NULL ? a->word : "", *word_b = b->word != NULL ? b->word : "";
  if (strcmp(a->suffix, b->suffix) == 0) {
    return true;
  }
  bool has_numbers = a->number[0] != 0 || a->number[1] != 0;
  return has_numbers && a->number[0] == b->number[0] && a->number[1] == b->number[1] &&
         strcmp(word_a, word_b) == 0;
}

static nonet_status selection_add(struct selection *selection, size_t row, size_t order,
                                  const struct measure_variant *variant, bool is_named,
                                  nonet_error *error) {
  for (size_t i = 0; i < selection->n; i++) {
    if (selection->picks[i].measure == catalogue[row] &&
        same_variant(&selection->picks[i].variant, variant)) {
      selection->picks[i].is_named = selection->picks[i].is_named || is_named; /* 7 */
      return NONET_OK;
    }
  }
  if (!memory_grow((void **)&selection->picks, &selection->capacity, selection->n + 1,
                   sizeof *selection->picks) ||
      !memory_grow((void **)&selection->place, &selection->place_capacity, selection->n + 1,
                   sizeof *selection->place)) {
    return error_memory(error, (selection->n + 1) * sizeof *selection->picks,
                        "the chosen measures");
  }
  size_t place = row * 1000000 + order, at = selection->n++;
  while (at > 0 && selection->place[at - 1] > place) {
    selection->picks[at] = selection->picks[at - 1];
    selection->place[at] = selection->place[at - 1];
    at--;
  }
  selection->picks[at] = (struct catalogue_pick){catalogue[row], *variant, is_named};
  selection->place[at] = place;
  return NONET_OK;
}

static void selection_absent(struct selection *selection, const char *name, size_t length) {
  if (selection->absent != NULL) {
    if (selection->absent->length > 0) {
      text_append(selection->absent, ",");
    }
    text_append_n(selection->absent, name, length);
  }
}

/* The variants that the task shows; where there are none and the measure was named, its first. */
static nonet_status selection_add_measure(struct selection *selection, size_t row, bool is_named,
                                          nonet_error *error) {
  const struct measure_variant *variants = variants_of(catalogue[row]);
  bool any = false;
  nonet_status status = NONET_OK;
  for (size_t v = 0; variants[v].suffix != NULL && status == NONET_OK; v++) {
    if ((variants[v].tasks & selection->task) != 0) {
      status = selection_add(selection, row, v, &variants[v], is_named, error);
      any = true;
    }
  }
  if (!any && is_named && status == NONET_OK) {
    status = selection_add(selection, row, 0, &variants[0], true, error); /* 3 */
  }
  return status;
}

static nonet_status selection_add_attribute(struct selection *selection, size_t attribute,
                                            nonet_error *error) {
  nonet_status status = NONET_OK;
  bool any = false;
  for (size_t row = 0; row < CATALOGUE_N && status == NONET_OK; row++) {
    if ((size_t)catalogue[row]->attribute == attribute &&
        (catalogue[row]->tasks & selection->task) != 0) {
      status = selection_add_measure(selection, row, false, error);
      any = true;
    }
  }
  if (!any) {
    for (size_t i = 0; i < KNOWN_N; i++) {
      if (strncmp(known[i], attribute_names[attribute], strlen(attribute_names[attribute])) == 0) {
        selection_absent(selection, known[i], strlen(known[i]));
      }
    }
  }
  return status;
}

static bool is_name(const char *name, size_t length, const char *wanted) {
  return strlen(wanted) == length && strncmp(name, wanted, length) == 0;
}

/* The row of an id or of the part after its dot; CATALOGUE_N when there is none. */
static size_t find_row(const char *name, size_t length) {
  for (size_t row = 0; row < CATALOGUE_N; row++) {
    const char *dot = strchr(catalogue[row]->id, '.');
    if (is_name(name, length, catalogue[row]->id) || is_name(name, length, dot + 1)) {
      return row;
    }
  }
  return CATALOGUE_N;
}

static nonet_status unknown_name(const char *name, nonet_error *error) {
  const char *names[N_ATTRIBUTES + CATALOGUE_N + KNOWN_N];
  size_t n = 0;
  for (size_t i = 0; i < N_ATTRIBUTES; i++) {
    names[n++] = attribute_names[i];
  }
  for (size_t i = 0; i < CATALOGUE_N; i++) {
    names[n++] = catalogue[i]->id;
  }
  for (size_t i = 0; i < KNOWN_N; i++) {
    names[n++] = known[i];
  }
  struct text near = {0};
  text_suggestion(&near, name, names, n);
  if (near.length == 0 &&
      strchr(name, '.') == NULL) { /* "acuracy": try with the first attribute's name before it */
    struct text full = {0};
    text_printf(&full, "correctness.%s", name);
    if (!full.failed) {
      text_suggestion(&near, full.data, names, n);
    }
    text_clear(&full);
  }
  nonet_status status =
      error_set(error, NONET_E_USAGE,
                "--only: no measure or attribute is called '%s'%s; 'nonet catalogue' lists them",
                name, near.data != NULL ? near.data : "");
  text_clear(&near);
  return status;
}

/* `item` is terminated and lives as long as the list (suffixes point into it). */
static nonet_status selection_add_item(struct selection *selection, const char *item,
                                       nonet_error *error) {
  size_t length = strcspn(item, "@");
  const char *suffix = item[length] == '@' ? item + length + 1 : NULL;
  for (size_t i = 0; i < N_ATTRIBUTES && suffix == NULL; i++) {
    if (strcmp(item, attribute_names[i]) == 0) {
      return selection_add_attribute(selection, i, error); /* 2 */
    }
  }
  size_t row = find_row(item, length);
  if (row == CATALOGUE_N) {
    if (catalogue_known(item)) {
      selection_absent(selection, item, strlen(item)); /* 5 */
      return NONET_OK;
    }
    return unknown_name(item, error); /* 6 */
  }
  if ((catalogue[row]->tasks & selection->task) == 0) {
    selection_absent(selection, item, strlen(item)); /* 5 */
    return NONET_OK;
  }
  if (suffix == NULL) {
    return selection_add_measure(selection, row, true, error);
  }
  const struct measure_variant *variants = variants_of(catalogue[row]);
  for (size_t v = 0; variants[v].suffix != NULL; v++) {
    if (strcmp(variants[v].suffix, suffix) == 0 && suffix[0] != '\0') {
      return selection_add(selection, row, v, &variants[v], true, error); /* 4 */
    }
  }
  struct measure_variant parsed = {.suffix = suffix};
  if (catalogue[row]->parse_variant != NULL && catalogue[row]->parse_variant(suffix, &parsed)) {
    return selection_add(selection, row, 1000 + selection->n, &parsed, true, error);
  }
  struct text listed = {0};
  for (size_t v = 0; variants[v].suffix != NULL; v++) {
    text_printf(&listed, "%s%s%s", listed.length > 0 ? ", " : "",
                variants[v].suffix[0] != '\0' ? "@" : "nothing", variants[v].suffix);
  }
  nonet_status status =
      error_set(error, NONET_E_USAGE, "--only: %s has no variant '@%s'; after the id may stand: %s",
                catalogue[row]->id, suffix, listed.data != NULL ? listed.data : "");
  text_clear(&listed);
  return status;
}

/* One item of the list at `start`, trimmed, as a string that outlives the call: the parts are
 * written into the picks' own block (see select). */
static nonet_status selection_parse(struct selection *selection, char *list, nonet_error *error) {
  nonet_status status = NONET_OK;
  for (char *item = list; item != NULL && status == NONET_OK;) {
    char *comma = strchr(item, ',');
    if (comma != NULL) {
      *comma = '\0';
    }
    item += strspn(item, " \t");
    size_t length = strlen(item);
    while (length > 0 && (item[length - 1] == ' ' || item[length - 1] == '\t')) {
      item[--length] = '\0';
    }
    if (length > 0) {
      status = selection_add_item(selection, item, error);
    }
    item = comma != NULL ? comma + 1 : NULL;
  }
  return status;
}

/* One block for picks and the text of the list, so that the caller frees once. */
static nonet_status selection_pack(const struct selection *selection, const char *copy,
                                   size_t size_bytes, struct catalogue_pick **picks,
                                   nonet_error *error) {
  size_t picks_bytes = selection->n * sizeof **picks;
  *picks = memory_new(1, picks_bytes + size_bytes);
  if (*picks == NULL) {
    return error_memory(error, picks_bytes + size_bytes, "the chosen measures");
  }
  char *text = (char *)*picks + picks_bytes;
  memcpy(text, copy, size_bytes);
  for (size_t i = 0; i < selection->n; i++) {
    (*picks)[i] = selection->picks[i];
    const char *suffix = selection->picks[i].variant.suffix;
    if (suffix >= copy && suffix < copy + size_bytes) {
      (*picks)[i].variant.suffix = text + (suffix - copy);
    }
  }
  return NONET_OK;
}

nonet_status catalogue_select(const char *list, enum task task, struct catalogue_pick **picks,
                              size_t *n_picks, struct text *absent, nonet_error *error) {
  struct selection selection = {.task = task_bit(task), .absent = absent};
  *picks = NULL;
  *n_picks = 0;
  char *copy = memory_text(list != NULL ? list : "");
  nonet_status status = NONET_OK;
  if (copy == NULL) {
    return error_memory(error, 1, "the list of measures");
  }
  size_t size_bytes = strlen(copy) + 1;
  if (strspn(copy, " \t,") == strlen(copy)) {
    for (size_t row = 0; row < CATALOGUE_N && status == NONET_OK; row++) { /* 1 */
      if ((catalogue[row]->tasks & selection.task) != 0) {
        status = selection_add_measure(&selection, row, false, error);
      }
    }
  } else {
    status = selection_parse(&selection, copy, error);
  }
  if (status == NONET_OK) {
    status = selection_pack(&selection, copy, size_bytes, picks, error);
    *n_picks = status == NONET_OK ? selection.n : 0;
  }
  memory_free(selection.picks);
  memory_free(selection.place);
  memory_free(copy);
  return status;
}
