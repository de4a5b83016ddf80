/*
 * The catalogue as a program sees it: a record of the measure floor with its bits put into words.
 *
 * Strings live as long as the library without an allocation that could fail: the words for a set of
 * tasks are looked up in a table of all sets, and the lists of variants and needs, which only the
 * records know, are written once into a fixed room. The test walks the catalogue and finds a room
 * too small.
 */
#include <nonet/nonet.h>

#include <stdio.h>
#include <string.h>
#include <threads.h>

#include "base/text.h"
#include "measure/catalogue.h"
#include "probe/answers.h"

#define ROOM_MEASURES 512
#define ROOM_BYTES 49152

static char room[ROOM_BYTES];
static size_t room_used;
static const char *variants_of_measure[ROOM_MEASURES]; /* NULL: none */
static const char *needs_of_measure[ROOM_MEASURES];
static once_flag room_once = ONCE_FLAG_INIT;

/* One more word of the list that begins at `start`. */
static void room_add(size_t start, const char *word) {
  if (word[0] != '\0' && room_used + strlen(word) + 3 <= ROOM_BYTES) {
    room_used += (size_t)snprintf(room + room_used, ROOM_BYTES - room_used, "%s%s",
                                  room_used > start ? ", " : "", word);
  }
}

/* The list, NULL when it has no word. */
static const char *room_end(size_t start) {
  if (room_used == start) {
    return NULL;
  }
  room_used++; /* the terminator */
  return room + start;
}

static void room_write(void) {
  for (size_t i = 0; i < catalogue_n() && i < ROOM_MEASURES; i++) {
    const struct measure *measure = catalogue_at(i);
    size_t start = room_used;
    for (const struct measure_variant *v = measure->variants; v != NULL && v->suffix != NULL; v++) {
      room_add(start, v->suffix);
    }
    variants_of_measure[i] = room_end(start);
    start = room_used;
    room_add(start, (measure->needs & NEEDS_PREDICTION) != 0 ? "prediction" : "");
    room_add(start, (measure->needs & NEEDS_PROBABILITY) != 0 ? "probability"
                    : (measure->needs & NEEDS_SCORE) != 0     ? "score"
                                                              : "");
    room_add(start, (measure->needs & NEEDS_BASELINE) != 0 ? "baseline" : "");
    room_add(start, (measure->needs & NEEDS_GROUPS) != 0 ? "groups" : "");
    room_add(start, (measure->needs & NEEDS_CONTROLS) != 0 ? "controls" : "");
    room_add(start, (measure->needs & NEEDS_FEATURES) != 0 ? "features" : "");
    room_add(start, (measure->needs & NEEDS_TRAIN) != 0 ? "training rows" : "");
    room_add(start, (measure->needs & NEEDS_TIME) != 0 ? "time" : "");
    needs_of_measure[i] = room_end(start);
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

/* A measure of what a model is asked needs that before anything of the rows. */
static const char *needs_in_words(const struct measure *measure, size_t index) {
  if (measure->probes == 0) {
    const char *needs = index < ROOM_MEASURES ? needs_of_measure[index] : NULL;
    return needs != NULL ? needs : "label";
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
  call_once(&room_once, room_write);
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
      .needs = needs_in_words(measure, index),
      .interval = measure->interval,
      .interval_weighted = measure->interval_weighted,
      .shortfall = measure->shortfall,
      .variants = index < ROOM_MEASURES ? variants_of_measure[index] : NULL,
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
