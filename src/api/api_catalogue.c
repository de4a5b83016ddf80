/*
 * The catalogue as a program sees it: a record of the measure floor with its bits put into words.
 *
 * Strings live as long as the library without an allocation that could fail: the words for a set of
 * bits are looked up in a table of all sets, and the lists of variants, which only the records
 * know, are written once into a fixed room. The test walks the catalogue and finds a room too
 * small.
 */
#include <nonet/nonet.h>

#include <stdio.h>
#include <string.h>
#include <threads.h>

#include "base/text.h"
#include "measure/catalogue.h"
#include "probe/answers.h"

#define VARIANTS_MEASURES 512
#define VARIANTS_BYTES 32768

static char variants_room[VARIANTS_BYTES];
static const char *variants_of_measure[VARIANTS_MEASURES]; /* NULL: none */
static once_flag variants_once = ONCE_FLAG_INIT;

static void variants_write(void) {
  size_t used = 0;
  for (size_t i = 0; i < catalogue_n() && i < VARIANTS_MEASURES; i++) {
    const struct measure_variant *variant = catalogue_at(i)->variants;
    size_t start = used;
    for (; variant != NULL && variant->suffix != NULL; variant++) {
      size_t length = strlen(variant->suffix);
      if (length == 0 || used + length + 3 > VARIANTS_BYTES) {
        continue;
      }
      used += (size_t)snprintf(variants_room + used, VARIANTS_BYTES - used, "%s%s",
                               used > start ? ", " : "", variant->suffix);
    }
    if (used > start) {
      variants_of_measure[i] = variants_room + start;
      used++; /* the terminator */
    }
  }
}

static const char *tasks_in_words(unsigned tasks) {
  static const char *const words[] = {"none",
                                      "binary",
                                      "multiclass",
                                      "binary, multiclass",
                                      "regression",
                                      "binary, regression",
                                      "multiclass, regression",
                                      "binary, multiclass, regression"};
  return words[tasks & (FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION)];
}

static const char *needs_in_words(unsigned needs) {
  static const char *const words[] = {"label",
                                      "prediction",
                                      "score",
                                      "prediction, score",
                                      "probability",
                                      "prediction, probability",
                                      "probability",
                                      "prediction, probability",
                                      "baseline",
                                      "prediction, baseline",
                                      "score, baseline",
                                      "prediction, score, baseline",
                                      "probability, baseline",
                                      "prediction, probability, baseline",
                                      "probability, baseline",
                                      "prediction, probability, baseline"};
  return words[needs & (NEEDS_PREDICTION | NEEDS_SCORE | NEEDS_PROBABILITY | NEEDS_BASELINE)];
}

/* A measure of what a model is asked needs that before anything of the rows. */
static const char *probes_in_words(const struct measure *measure) {
  if (measure->probes == 0) {
    return needs_in_words(measure->needs);
  }
  return (measure->probes & PROBE_BIT(PROBE_TRAIN)) != 0 ? "model, training rows" : "model";
}

static const char *direction_in_words(enum measure_direction direction) {
  switch (direction) {
  case DIRECTION_HIGHER:
    return "higher";
  case DIRECTION_LOWER:
    return "lower";
  default:
    return "none";
  }
}

size_t nonet_catalogue_size(void) {
  return catalogue_n();
}

int nonet_catalogue_at(size_t index, nonet_measure_info *info) {
  if (index >= catalogue_n()) {
    return 0;
  }
  call_once(&variants_once, variants_write);
  const struct measure *measure = catalogue_at(index);
  *info = (nonet_measure_info){
      .id = measure->id,
      .attribute = catalogue_attribute_name(measure->attribute),
      .title = measure->title,
      .definition = measure->definition,
      .formula = measure->formula,
      .source = measure->source,
      .unit = measure->unit,
      .direction = direction_in_words(measure->direction),
      .tasks = tasks_in_words(measure->tasks),
      .needs = probes_in_words(measure),
      .interval = measure->interval,
      .interval_weighted = measure->interval_weighted,
      .shortfall = measure->shortfall,
      .variants = index < VARIANTS_MEASURES ? variants_of_measure[index] : NULL,
      .range_low = measure->range[0],
      .range_high = measure->range[1],
      .is_primary = measure->primary_of != 0,
      .axis_x = measure->axis_x,
      .axis_y = measure->axis_y,
  };
  return 1;
}

size_t nonet_nearest(const char *wanted, const char *const *names, size_t n_names, size_t n_most,
                     size_t *nearest) {
  return text_nearest(wanted, names, n_names, n_most, nearest);
}
