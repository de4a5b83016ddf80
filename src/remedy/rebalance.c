/*
 * The methods, and what is done by each: a table, then one short function a kind.
 *
 * Cases:
 *  1. Rows drawn with replacement are copies; which rows stay when some go is settled by one draw
 *     per row, the smallest stay: neither hangs on anything but seed and place.
 *  2. The cleaning methods take rows of every class but the smallest, after SMOTE of every class:
 *     imbalanced-learn's defaults. Made rows can go, too.
 *  3. Class weights n / (K·n_c); group weights n_g·n_c / (n·n_gc) (Kamiran & Calders 2012), which
 *     make label and group independent: both add up to n. A group without one of the classes gets
 *     no weight for what is not there, so that independence holds for the cells that are.
 *  4. One class: nothing to balance; told by whoever reads the labels.
 *  5. As many or fewer rows than k: cleaning cannot find k neighbours.
 */
#include "remedy/rebalance.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "learn/edited.h"
#include "learn/tomek.h"
#include "remedy/classes.h"
#include "remedy/nearmiss.h"
#include "remedy/synthetic.h"

#define ENN_K 3 /* after SMOTE, whose k is the option's */

static const struct rebalance_info infos[N_REBALANCE_METHODS] = {
    /* name, does, k, features, ratio, seed, weight */
    {"random-over", "copies rows of the smaller classes", 0, false, true, true, false},
    {"random-under", "takes rows of the larger classes out", 0, false, true, true, false},
    {"smote", "makes rows between near rows of a class", 5, true, true, true, false},
    {"smote-nc", "the same with categories: the commonest of the neighbours", 5, true, true, true,
     false},
    {"borderline-smote", "makes them from rows with many of other classes around", 5, true, true,
     true, false},
    {"adasyn", "makes more of them where more of other classes are around", 5, true, true, true,
     false},
    {"tomek", "takes out rows that form Tomek links with another class", 0, true, false, false,
     false},
    {"enn", "takes out rows with a row of another class among their k nearest", 3, true, false,
     false, false},
    {"nearmiss-1", "keeps the rows nearest to the smallest class", 3, true, true, false, false},
    {"nearmiss-2", "keeps the rows nearest to the farthest of the smallest class", 3, true, true,
     false, false},
    {"nearmiss-3", "keeps, of the rows around the smallest class, the farthest", 3, true, true,
     false, false},
    {"smote-tomek", "smote, then both rows of every Tomek link go", 5, true, true, true, false},
    {"smote-enn", "smote, then enn with k = 3 on all classes", 5, true, true, true, false},
    {"class-weights", "a column of weights with which every class counts the same", 0, false, false,
     false, true},
    {"group-weights", "weights with which label and group are independent", 0, false, false, false,
     true},
};

const struct rebalance_info *rebalance_info(enum rebalance_method method) {
  return &infos[method];
}

nonet_status rebalance_find(const char *name, enum rebalance_method *method, nonet_error *error) {
  const char *names[N_REBALANCE_METHODS];
  struct text text = {0};
  for (size_t i = 0; i < N_REBALANCE_METHODS; i++) {
    names[i] = infos[i].name;
    if (strcmp(name, names[i]) == 0) {
      *method = (enum rebalance_method)i;
      return NONET_OK;
    }
  }
  text_suggestion(&text, name, names, N_REBALANCE_METHODS);
  text_append(&text, "; the methods: ");
  for (size_t i = 0; i < N_REBALANCE_METHODS; i++) {
    text_printf(&text, "%s%s", i > 0 ? ", " : "", names[i]);
  }
  nonet_status status =
      text.failed ? error_memory(error, 1024, "a message")
                  : error_set(error, NONET_E_USAGE, "no method '%.60s'%s", name, text.data);
  text_clear(&text);
  return status;
}

/* --- random --- */

/* The places of a class's rows. */
static size_t places_of(const struct rebalance_input *input, uint32_t code, uint32_t *places) {
  size_t n = 0;
  for (size_t i = 0; i < input->rows.n_rows; i++) {
    if (input->label[i] == code) {
      places[n++] = (uint32_t)i;
    }
  }
  return n;
}

static void copy_some(const struct rebalance_input *input, uint32_t code, size_t n_more,
                      uint32_t *places, uint32_t *copies) {
  size_t n = places_of(input, code, places);
  for (size_t j = 0; j < n_more; j++) {
    copies[places[classes_pick(classes_draw(input->seed, code, j), n)]]++;
  }
}

struct lot {
  uint64_t draw;
  uint32_t place;
};

static int compare_lots(const void *a, const void *b) {
  const struct lot *x = a, *y = b;
  if (x->draw != y->draw) {
    return x->draw < y->draw ? -1 : 1;
  }
  return x->place < y->place ? -1 : x->place > y->place;
}

static void drop_some(const struct rebalance_input *input, uint32_t code, size_t n_stay,
                      uint32_t *places, struct lot *lots, uint32_t *copies) {
  size_t n = places_of(input, code, places);
  for (size_t i = 0; i < n; i++) {
    lots[i] = (struct lot){classes_draw(input->seed, code, places[i]).wide, places[i]};
  }
  qsort(lots, n, sizeof *lots, compare_lots);
  for (size_t i = n_stay; i < n; i++) {
    copies[lots[i].place] = 0;
  }
}

static nonet_status draw_rows(const struct rebalance_input *input, const struct classes *classes,
                              uint32_t *copies, nonet_error *error) {
  uint32_t *places = memory_new(input->rows.n_rows, sizeof *places);
  struct lot *lots = memory_new(input->rows.n_rows, sizeof *lots);
  nonet_status status = NONET_OK;
  if (places == NULL || lots == NULL) {
    status = error_memory(error, input->rows.n_rows * sizeof *lots, "draws");
  }
  for (uint32_t c = 0; c < classes->n && status == NONET_OK; c++) {
    size_t wanted = classes->wanted[c], count = classes->count[c];
    if (wanted > count) {
      copy_some(input, c, wanted - count, places, copies);
    } else if (wanted < count) {
      drop_some(input, c, wanted, places, lots, copies);
    }
  }
  memory_free(places);
  memory_free(lots);
  return status;
}

/* --- cleaning --- */

/* Which rows go, of `rows`; the smallest class's stay when `spared` is its code. */
static nonet_status clean(const struct rebalance_input *input, const struct neighbours_rows *rows,
                          const uint32_t *label, size_t k, uint32_t spared, bool *goes,
                          nonet_error *error) {
  size_t n = rows->n_rows, n_links;
  bool is_tomek = input->method == REBALANCE_TOMEK || input->method == REBALANCE_SMOTE_TOMEK;
  uint32_t *partner = memory_new(n, sizeof *partner);
  bool *is_edited = memory_new(input->n_classes, sizeof *is_edited);
  nonet_status status = NONET_OK;
  if (partner == NULL || is_edited == NULL) {
    status = error_memory(error, n * sizeof *partner, "rows to clean");
    goto done;
  }
  for (size_t c = 0; c < input->n_classes; c++) {
    is_edited[c] = c != spared;
  }
  if (is_tomek) {
    status = tomek_links(rows, label, input->n_classes, input->n_threads, partner, &n_links,
                         input->progress, error);
  } else if (n <= k) { /* 5 */
    status = error_set(error, NONET_E_DATA,
                       "%s looks at the %zu nearest rows of each, and there are %zu rows",
                       infos[input->method].name, k, n);
  } else {
    status = edited_rows(rows, label, input->n_classes, is_edited, k, input->n_threads, goes,
                         input->progress, error);
  }
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    goes[i] = is_tomek ? partner[i] != NEIGHBOURS_NONE && label[i] != spared : !goes[i];
  }
done:
  memory_free(partner);
  memory_free(is_edited);
  return status;
}

static nonet_status clean_source(const struct rebalance_input *input, const struct classes *classes,
                                 uint32_t *copies, nonet_error *error) {
  size_t k = input->k > 0 ? input->k : infos[input->method].k;
  bool *goes = memory_new(input->rows.n_rows, sizeof *goes);
  if (goes == NULL) {
    return error_memory(error, input->rows.n_rows, "rows to clean");
  }
  nonet_status status = clean(input, &input->rows, input->label, k, classes->smallest, goes, error);
  for (size_t i = 0; i < input->rows.n_rows && status == NONET_OK; i++) {
    copies[i] = !goes[i];
  }
  memory_free(goes);
  return status;
}

/* Moves made row `from` to `to`. */
static void move_made(struct rebalance_result *result, size_t d, size_t from, size_t to) {
  if (from != to) {
    memcpy(result->number + to * d, result->number + from * d, d * sizeof *result->number);
    result->label[to] = result->label[from];
    result->base[to] = result->base[from];
    result->partner[to] = result->partner[from];
  }
}

/* 2: rows of the source, then those that were made, cleaned as one. */
static nonet_status clean_all(const struct rebalance_input *input, struct rebalance_result *result,
                              nonet_error *error) {
  size_t n = input->rows.n_rows, m = result->n_made, d = input->rows.n_numbers;
  double *number = memory_new((n + m) * d, sizeof *number);
  uint32_t *label = memory_new(n + m, sizeof *label);
  bool *goes = memory_new(n + m, sizeof *goes);
  nonet_status status = NONET_OK;
  if (number == NULL || label == NULL || goes == NULL) {
    status = error_memory(error, (n + m) * d * sizeof *number, "rows to clean");
    goto done;
  }
  memcpy(number, input->rows.number, n * d * sizeof *number);
  memcpy(label, input->label, n * sizeof *label);
  if (m > 0) {
    memcpy(number + n * d, result->number, m * d * sizeof *number);
    memcpy(label + n, result->label, m * sizeof *label);
  }
  struct neighbours_rows rows = {.n_rows = n + m, .n_numbers = d, .number = number};
  status = clean(input, &rows, label, ENN_K, NEIGHBOURS_NONE, goes, error);
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    result->copies[i] = !goes[i];
  }
  result->n_made = 0;
  for (size_t i = 0; i < m && status == NONET_OK; i++) {
    if (!goes[n + i]) {
      move_made(result, d, i, result->n_made++);
    }
  }
done:
  memory_free(number);
  memory_free(label);
  memory_free(goes);
  return status;
}

/* --- weights (3) --- */

static nonet_status weigh(const struct rebalance_input *input, const struct classes *classes,
                          double *weight, nonet_error *error) {
  size_t n = input->rows.n_rows, n_classes = input->n_classes;
  bool by_group = input->method == REBALANCE_GROUP_WEIGHTS;
  size_t n_groups = by_group ? input->n_groups : 1;
  size_t *cell = memory_zeroed(n_groups * n_classes, sizeof *cell);
  size_t *in_group = memory_zeroed(n_groups, sizeof *in_group);
  if (cell == NULL || in_group == NULL) {
    memory_free(cell);
    memory_free(in_group);
    return error_memory(error, n_groups * n_classes * sizeof *cell, "groups by class");
  }
  for (size_t i = 0; i < n; i++) {
    size_t group = by_group ? input->group[i] : 0;
    cell[group * n_classes + input->label[i]]++;
    in_group[group]++;
  }
  for (size_t i = 0; i < n; i++) {
    size_t group = by_group ? input->group[i] : 0, c = input->label[i];
    double count = (double)classes->count[c];
    weight[i] = by_group ? (double)in_group[group] * count /
                               ((double)n * (double)cell[group * n_classes + c])
                         : (double)n / ((double)n_classes * count);
  }
  memory_free(cell);
  memory_free(in_group);
  return NONET_OK;
}

/* --- one method --- */

static nonet_status set_wanted(const struct rebalance_input *input, struct classes *classes,
                               nonet_error *error) {
  switch (input->method) {
  case REBALANCE_RANDOM_UNDER:
  case REBALANCE_NEARMISS_1:
  case REBALANCE_NEARMISS_2:
  case REBALANCE_NEARMISS_3:
    return classes_lower(classes, input, error);
  default:
    return infos[input->method].takes_ratio ? classes_raise(classes, input, error) : NONET_OK;
  }
}

static nonet_status apply(const struct rebalance_input *input, const struct classes *classes,
                          struct rebalance_result *result, nonet_error *error) {
  nonet_status status = NONET_OK;
  switch (input->method) {
  case REBALANCE_RANDOM_OVER:
  case REBALANCE_RANDOM_UNDER:
    return draw_rows(input, classes, result->copies, error);
  case REBALANCE_TOMEK:
  case REBALANCE_ENN:
    return clean_source(input, classes, result->copies, error);
  case REBALANCE_NEARMISS_1:
  case REBALANCE_NEARMISS_2:
  case REBALANCE_NEARMISS_3:
    return nearmiss_keep(input, classes, result->copies, error);
  case REBALANCE_SMOTE_TOMEK:
  case REBALANCE_SMOTE_ENN:
    status = synthetic_make(input, classes, result, error);
    return status == NONET_OK ? clean_all(input, result, error) : status;
  case REBALANCE_CLASS_WEIGHTS:
  case REBALANCE_GROUP_WEIGHTS:
    return weigh(input, classes, result->weight, error);
  default:
    return synthetic_make(input, classes, result, error);
  }
}

nonet_status rebalance_rows(const struct rebalance_input *input, struct rebalance_result *result,
                            nonet_error *error) {
  size_t n = input->rows.n_rows;
  struct classes classes = {0};
  *result = (struct rebalance_result){.copies = memory_new(n, sizeof *result->copies)};
  bool fits = result->copies != NULL;
  if (fits && infos[input->method].adds_weight) {
    result->weight = memory_new(n, sizeof *result->weight);
    fits = result->weight != NULL;
  }
  nonet_status status =
      fits ? classes_init(&classes, input, error)
           : error_memory(error, n * (sizeof *result->copies + sizeof *result->weight), "rows");
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    result->copies[i] = 1;
  }
  if (status == NONET_OK) {
    status = set_wanted(input, &classes, error);
  }
  if (status == NONET_OK) {
    status = apply(input, &classes, result, error);
  }
  classes_clear(&classes);
  return status;
}

void rebalance_clear(struct rebalance_result *result) {
  memory_free(result->copies);
  memory_free(result->weight);
  memory_free(result->number);
  memory_free(result->category);
  memory_free(result->label);
  memory_free(result->base);
  memory_free(result->partner);
  memset(result, 0, sizeof *result);
}
