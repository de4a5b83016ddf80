/*
 * Parity with the framework that trained the model (parity.h).
 *
 *   absolute   max |a − r| over rows and scores        relative   max |a − r| / |r| over r ≠ 0
 *   labels     rows whose decision is the reference's, by the same rule and threshold
 *
 * Cases:
 *  1. A null in a reference column: the row has no reference and is left out.
 *  2. An answer or a reference that is not finite where the other is: infinitely apart.
 *  3. A model that answers labels alone has no scores to compare: an error.
 */
#include "probe/process/parity.h"

#include <math.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "probe/process/altered.h"
#include "probe/process/answered.h"

/* reference [rows × k], NaN where it is null; has [rows]. */
static nonet_status read_column(const struct driver_rows *rows, const char *name, size_t place,
                                size_t k, struct answered *reference, bool *has,
                                nonet_error *error) {
  struct arrow_type type = {0};
  struct arrowcol column;
  int64_t at = altered_find(rows, name);
  if (at < 0) {
    return error_set(error, NONET_E_DATA, "no reference column '%s' among the rows", name);
  }
  if (!arrow_type_init(&type, rows->schema.children[at])) {
    return error_memory(error, sizeof type, "a reference column");
  }
  nonet_status status = NONET_OK;
  if (!arrow_type_is_number(&type)) {
    status = error_set(error, NONET_E_DATA, "the reference column '%s' has no numbers", name);
  } else if (!arrowcol_bind(&column, &type, rows->array.children[at])) {
    status = error_set(error, NONET_E_DATA, ARROWCOL_BROKEN, name);
  } else {
    (void)arrowcol_doubles(&column, 0, (int64_t)rows->n, reference->scores + place, k);
    for (size_t i = 0; i < rows->n; i++) { /* 1 */
      has[i] = has[i] && !arrowcol_is_null(&column, (int64_t)i);
    }
  }
  arrow_type_clear(&type);
  return status;
}

static nonet_status read_reference(const json_t *names, const struct driver_rows *rows,
                                   struct answered *reference, bool *has, nonet_error *error) {
  size_t k = json_array_size(names);
  nonet_status status = NONET_OK;
  if (k != reference->n_scores) {
    return error_set(error, NONET_E_DATA,
                     "the reference has %zu columns and the model answers %zu numbers a row", k,
                     reference->n_scores);
  }
  for (size_t i = 0; i < rows->n; i++) {
    has[i] = true;
  }
  for (size_t c = 0; c < k && status == NONET_OK; c++) {
    const char *name = json_string_value(json_array_get(names, c));
    status = read_column(rows, name == NULL ? "" : name, c, k, reference, has, error);
  }
  return status;
}

static void compare(const struct answered *own, const struct answered *reference, const bool *has,
                    size_t n_rows, double threshold, struct probe_parity *found) {
  size_t k = own->n_scores;
  *found = (struct probe_parity){0};
  for (size_t i = 0; i < n_rows; i++) {
    if (!has[i]) {
      continue;
    }
    found->n_rows++;
    found->n_same_labels +=
        answered_decision(own, i, threshold) == answered_decision(reference, i, threshold);
    for (size_t c = i * k; c < (i + 1) * k; c++) {
      double a = own->scores[c], r = reference->scores[c], apart = fabs(a - r);
      apart = isnan(a) && isnan(r) ? 0 : isfinite(apart) ? apart : INFINITY; /* 2 */
      found->largest_absolute = fmax(found->largest_absolute, apart);
      found->largest_relative = fmax(found->largest_relative, r != 0 ? apart / fabs(r) : 0);
    }
  }
}

nonet_status parity_ask(const struct driver *driver, const json_t *request, const json_t *spec,
                        const struct driver_rows *rows, double threshold,
                        struct probe_parity *found, nonet_error *error) {
  struct answered own = {0}, reference = {0};
  bool *has = memory_zeroed(rows->n, sizeof *has);
  nonet_status status = has == NULL ? error_memory(error, rows->n, "reference rows")
                                    : answered_afresh(driver, request, spec, rows, &own, error);
  if (status == NONET_OK) {
    reference.n_scores = own.n_scores;
    reference.scores = memory_zeroed(rows->n * own.n_scores, sizeof(double));
    reference.labels = memory_zeroed(rows->n, sizeof(uint32_t));
    status =
        reference.scores == NULL || reference.labels == NULL
            ? error_memory(error, rows->n * own.n_scores * sizeof(double), "a reference")
            : read_reference(json_object_get(request, "reference"), rows, &reference, has, error);
  }
  if (status == NONET_OK) {
    compare(&own, &reference, has, rows->n, threshold, found);
    status = found->n_rows > 0 ? NONET_OK
                               : error_set(error, NONET_E_DATA,
                                           "none of %zu rows has a reference prediction", rows->n);
  }
  answered_clear(&own);
  answered_clear(&reference);
  memory_free(has);
  return status;
}

json_t *parity_json(const struct probe_parity *found) {
  return json_pack("{s:{s:I, s:I, s:o, s:o}}", "parity", "rows", (json_int_t)found->n_rows, "same",
                   (json_int_t)found->n_same_labels, "absolute",
                   json_text_real(found->largest_absolute), "relative",
                   json_text_real(found->largest_relative));
}

/* null: infinite (a relative difference from a subnormal, or case 2) */
static double distance(const json_t *row, const char *key) {
  const json_t *value = json_object_get(row, key);
  return json_is_number(value) ? json_number_value(value) : json_is_null(value) ? INFINITY : NAN;
}

nonet_status parity_take(const json_t *reply, struct probe_parity *found, nonet_error *error) {
  const json_t *row = json_object_get(reply, "parity");
  json_int_t n = json_integer_value(json_object_get(row, "rows"));
  json_int_t same = json_integer_value(json_object_get(row, "same"));
  *found = (struct probe_parity){.largest_absolute = distance(row, "absolute"),
                                 .largest_relative = distance(row, "relative")};
  if (n < 1 || same < 0 || same > n || !(found->largest_absolute >= 0) ||
      !(found->largest_relative >= 0)) {
    return error_set(error, NONET_E_DATA, "the helper's answer has no sound 'parity'");
  }
  found->n_rows = (size_t)n;
  found->n_same_labels = (size_t)same;
  return NONET_OK;
}
