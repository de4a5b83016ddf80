/*
 * Units (unit.h): us, ms, s, min, h; B, kB, MB, GB, KiB, MiB, GiB; %.
 *
 * Cases:
 *  1. They must fit the measure's unit. A time or a size without one is refused: nobody knows what
 * "5" means.
 *  2. "1..2" is a range: its dot belongs to no number. Hexadecimal and infinite numbers are none.
 *  3. The locale's decimal comma is none of ours.
 */
#include "policy/unit.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/error.h"

static const struct unit units[] = {
    {"us", UNIT_TIME, 1e-6},      {"ms", UNIT_TIME, 1e-3},         {"s", UNIT_TIME, 1},
    {"min", UNIT_TIME, 60},       {"h", UNIT_TIME, 3600},          {"B", UNIT_BYTES, 1},
    {"bytes", UNIT_BYTES, 1},     {"kB", UNIT_BYTES, 1e3},         {"KB", UNIT_BYTES, 1e3},
    {"MB", UNIT_BYTES, 1e6},      {"GB", UNIT_BYTES, 1e9},         {"KiB", UNIT_BYTES, 1024},
    {"MiB", UNIT_BYTES, 1048576}, {"GiB", UNIT_BYTES, 1073741824}, {"%", UNIT_SHARE, 0.01}};

/* Measures still to come whose bounds are times or sizes, so that a unit means something before the
 * record is there. */
static const struct {
  const char *id;
  enum unit_dimension dimension;
} planned[] = {
    {"efficiency.latency_", UNIT_TIME},        {"efficiency.cold_start", UNIT_TIME},
    {"efficiency.load_time", UNIT_TIME},       {"efficiency.warm_up", UNIT_TIME},
    {"efficiency.peak_memory", UNIT_BYTES},    {"efficiency.load_memory", UNIT_BYTES},
    {"efficiency.artifact_bytes", UNIT_BYTES}, {"scalability.overload_recovery", UNIT_TIME}};

static const struct unit *unit_of(const char *name, size_t length) {
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    if (strlen(units[i].name) == length && strncmp(units[i].name, name, length) == 0) {
      return &units[i];
    }
  }
  return NULL;
}

bool unit_read(const char **at, double *value, const struct unit **unit) {
  char *end = NULL;
  while (**at == ' ') {
    (*at)++;
  }
  /* "0.8..1.25": strtod stops at the second dot by itself. */
  if (strchr("+-.0123456789", **at) == NULL || **at == '\0') {
    return false;
  }
  void *locale = c_locale_enter();
  *value = strtod(*at, &end);
  c_locale_leave(locale);
  if (end == *at || !isfinite(*value) || strcspn(*at, "xX") < (size_t)(end - *at)) {
    return false;
  }
  if (end[-1] == '.' && *end == '.') { /* "1..2": the dot belongs to the range */
    end--;
  }
  *at = end;
  while (**at == ' ') {
    (*at)++;
  }
  size_t length = 0;
  while (isalpha((unsigned char)(*at)[length]) || (*at)[length] == '%') {
    length++;
  }
  *unit = length == 0 ? NULL : unit_of(*at, length);
  if (length > 0 && *unit == NULL) {
    return false;
  }
  *at += length;
  while (**at == ' ') {
    (*at)++;
  }
  return true;
}

/* What a measure's bounds are counted in, and its unit as a factor. */
static enum unit_dimension dimension_of(const struct measure *measure, const char *id,
                                        double *factor) {
  *factor = 1;
  if (measure != NULL) {
    const struct unit *unit = unit_of(measure->unit, strlen(measure->unit));
    if (unit != NULL) {
      *factor = unit->factor;
      return unit->dimension;
    }
    bool is_share = measure->unit[0] == '\0';
    return is_share ? UNIT_SHARE : UNIT_NONE;
  }
  for (size_t i = 0; i < sizeof planned / sizeof *planned; i++) {
    if (strncmp(id, planned[i].id, strlen(planned[i].id)) == 0) {
      return planned[i].dimension;
    }
  }
  return UNIT_SHARE;
}

nonet_status unit_scale(const char *text, const char *id, const struct measure *record,
                        const struct unit *unit, double *value, nonet_error *error) {
  double factor = 1;
  enum unit_dimension dimension = dimension_of(record, id, &factor);
  if (unit == NULL && dimension != UNIT_TIME && dimension != UNIT_BYTES) {
    return NONET_OK;
  }
  if (unit == NULL || unit->dimension != dimension) { /* 1 */
    static const char *const wanted[] = {"no unit", "no unit or %",
                                         "a time with its unit, such as 5ms",
                                         "a size with its unit, such as 20MB"};
    return error_set(error, NONET_E_USAGE, "%s takes %s; found '%.80s'", id, wanted[dimension],
                     text);
  }
  *value *= unit->factor / factor;
  return NONET_OK;
}
