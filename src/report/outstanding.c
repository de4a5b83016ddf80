/*
 * What stands out, in one order: what is wrong, imbalance before all else that is a warning, what
 * is proven against the model, what is to be kept in mind, what is open, what is proven for it.
 *
 * Cases:
 *  1. A threshold that calls every row positive, or none: all numbers of decisions below it say
 *     nothing, so it comes first. selection_rate is a share of counts: 0 and 1 are exact.
 *  2. Findings that are more than information, worst first, by title and evidence; what helps is
 *     said by the actions. A rare class explains most of what stands below it.
 *  3. Is the model more often right than one that always answers the most common class, or nearer
 *     than one that always answers the mean: proven, or open. Where classes are rare this is what a
 * high accuracy hides.
 *  4. Over each sensitive column the proven gap that is largest at its safe end (low of a
 *     difference, high of a ratio); only shares between 0 and 1 are comparable, so gaps in a unit,
 *     log ratios and indices without two groups stay in the tables. Beside a gap in how often
 *     groups are called positive, that of the error rates (OPEN_GAP) of a point or more where it is
 * proven too: the first may follow from how often they are, the second may not.
 *  5. Nothing is proven over a column: how large a gap may still be, since "not proven" is not
 *     "equal": that of the error rates (OPEN_GAP), else the largest.
 *  6. Groups too small to judge, by the note that names them and what they need.
 *  7. More than OUTSTANDING_MOST: the rest stands in the tables below, where it is complete.
 */
#include "report/outstanding.h"

#include <math.h>
#include <string.h>

#include "base/text.h"
#include "report/page.h"
#include "report/words.h"

#define OPEN_GAP "fairness.equalized_odds_difference"
#define FOUR_FIFTHS 0.8 /* 29 CFR 1607.4(D) */
#define POINT 0.01      /* smaller gaps are proven by many rows and matter to few */

static const char too_small[] = "too small to judge";

static bool has_role(const json_t *row, const char *role) {
  return strcmp(page_string(row, "role"), role) == 0;
}

static const char *column_of(const json_t *row) {
  return page_string(json_object_get(row, "scope"), "column");
}

static bool holds(const json_t *strings, const char *string) {
  bool found = false;
  for (size_t i = 0; i < json_array_size(strings) && !found; i++) {
    found = strcmp(json_string_value(json_array_get(strings, i)), string) == 0;
  }
  return found;
}

/* A list in the making: NULL once memory was short. */
static void add(json_t **list, json_t *item) {
  if (*list == NULL || json_array_append_new(*list, item) != 0) {
    json_decref(*list);
    *list = NULL;
  }
}

static void add_line(json_t **list, const char *mark, struct text *text) {
  add(list, text->failed || text->data == NULL
                ? NULL
                : json_pack("{s:s, s:s}", "mark", mark, "text", text->data));
  text_clear(text);
}

json_t *outstanding_columns(const json_t *root) {
  const json_t *rows = json_object_get(root, "estimates");
  json_t *columns = json_array();
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (strcmp(page_string(json_object_get(row, "scope"), "kind"), "column") == 0 &&
        strcmp(page_string(row, "attribute"), "fairness") == 0 && !holds(columns, column_of(row))) {
      add(&columns, json_string(column_of(row)));
    }
  }
  return columns;
}

json_t *outstanding_findings(const json_t *root) {
  static const char *const severities[] = {"critical", "error", "warning", "info"};
  const json_t *rows = json_object_get(root, "findings");
  json_t *sorted = json_array();
  for (size_t s = 0; s < sizeof severities / sizeof *severities; s++) {
    for (size_t i = 0; i < json_array_size(rows); i++) {
      json_t *row = json_array_get(rows, i);
      if (strcmp(page_string(row, "severity"), severities[s]) == 0) {
        add(&sorted, json_incref(row));
      }
    }
  }
  return sorted;
}

static bool is_ratio(const json_t *row) {
  const char *id = page_string(row, "measure"), *at = strstr(id, "_ratio");
  return at != NULL && (at[6] == '\0' || at[6] == '@');
}

int outstanding_is_proven(const json_t *row) {
  return is_ratio(row) ? page_number(row, "high") < 1.0 : page_number(row, "low") > 0.0;
}

json_t *outstanding_too_small(const json_t *root, const char *column) {
  const json_t *rows = json_object_get(root, "estimates");
  json_t *found = json_array();
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i), *notes = json_object_get(row, "notes");
    for (size_t k = 0; strcmp(column_of(row), column) == 0 && k < json_array_size(notes); k++) {
      const char *note = json_string_value(json_array_get(notes, k));
      const char *from = note == NULL ? NULL : strstr(note, too_small);
      if (from != NULL && !holds(found, from)) {
        add(&found, json_string(from));
      }
    }
  }
  return found;
}

/* ---- the sentences ---- */

static const json_t *overall(const json_t *root, const char *measure) {
  return page_estimate(root, measure, "candidate", NULL);
}

/* Case 1. */
static bool say_threshold(const json_t *root, json_t **lines) {
  const json_t *config = json_object_get(json_object_get(root, "inputs"), "config");
  const double rate = page_number(overall(root, "fairness.selection_rate"), "value"),
               threshold = page_number(config, "threshold");
  struct text line = {0};
  const bool applies = (rate == 0.0 || rate == 1.0) && isfinite(threshold) &&
                       json_object_get(config, "score") != NULL;
  if (applies) {
    text_printf(&line, "%s row is called positive at threshold ", rate == 1.0 ? "Every" : "No");
    text_number(&line, threshold);
    text_append(&line, ", so numbers of decisions say nothing");
    add_line(lines, "error", &line);
  }
  return applies;
}

static bool is_imbalance(const json_t *finding) {
  return strcmp(page_string(finding, "id"), "data.class_imbalance") == 0;
}

/* Case 2. */
static void say_findings(const json_t *root, const char *severity, bool of_imbalance,
                         json_t **lines) {
  const json_t *rows = json_object_get(root, "findings");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    struct text line = {0};
    if (strcmp(page_string(row, "severity"), severity) == 0 && is_imbalance(row) == of_imbalance) {
      text_printf(&line, "%s: %s", page_string(row, "title"), page_string(row, "evidence"));
      add_line(lines, severity, &line);
    }
  }
}

static void say_number(struct text *line, const json_t *row, const char *key) {
  char shown[32];
  page_value(shown, page_number(row, key), page_number(row, "low"), page_number(row, "high"), 2);
  text_append(line, shown);
}

static void say_interval(struct text *line, const json_t *row) {
  say_number(line, row, "value");
  text_append(line, " [");
  say_number(line, row, "low");
  text_append(line, ", ");
  say_number(line, row, "high");
  text_append(line, "]");
}

/* Case 3: for the model, or against it and open. */
static void say_skill(const json_t *root, bool is_for, json_t **lines) {
  const json_t *lift = overall(root, "correctness.lift_over_dummy"),
               *row = lift == NULL ? overall(root, "correctness.rmse_skill") : lift;
  const double low = page_number(row, "low"), high = page_number(row, "high");
  struct text line = {0};
  if (!isfinite(low) || !isfinite(high) || (low > 0.0) != is_for) {
    return;
  }
  text_append(&line, low > 0.0 ? "" : high < 0.0 ? "Not " : "Not proven to be ");
  if (lift == NULL) {
    text_append(&line, "nearer to the truth than always answering the mean: rmse skill ");
  } else {
    text_append(&line, "more often right than always answering the most common class: difference ");
  }
  say_interval(&line, row);
  if (low > 0.0 && line.data != NULL) {
    line.data[0] = (char)(line.data[0] - 'a' + 'A');
  }
  add_line(lines, low > 0.0 || high < 0.0 ? "proven" : "open", &line);
}

/* Case 4: a log ratio is no share. */
static bool is_share(const json_t *row, const json_t *measure) {
  return page_string(measure, "unit")[0] == '\0' &&
         strcmp(page_string(row, "measure"), "fairness.differential_fairness") != 0;
}

/* How far the safe end of a gap is from equality; negative: not comparable. */
static double distance(const json_t *row) {
  const double low = page_number(row, "low"), high = page_number(row, "high");
  const json_t *notes = json_object_get(row, "notes");
  const char *note = json_string_value(json_array_get(notes, 0));
  if (note == NULL || strncmp(note, "from ", 5) != 0 || !isfinite(low) || !isfinite(high)) {
    return -1.0;
  }
  return is_ratio(row) ? 1.0 - high : low;
}

/* The gap over a column that is largest at its safe end, for what is proven. For what may be, that
 * of both error rates, since a rate of a few rows may always be anything; else the largest. */
static const json_t *largest(const json_t *root, const char *column, bool is_safe_end) {
  const json_t *rows = json_object_get(root, "estimates"), *found = NULL;
  double best = -INFINITY;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i),
                 *measure = json_object_get(json_object_get(root, "measures"),
                                            page_string(row, "measure"));
    const double safe = distance(row),
                 size = is_safe_end ? safe : (is_ratio(row) ? NAN : page_number(row, "high"));
    const bool is_telling = !is_safe_end && strcmp(page_string(row, "measure"), OPEN_GAP) == 0;
    if (strcmp(column_of(row), column) == 0 && has_role(row, "candidate") && safe >= 0.0 &&
        is_share(row, measure) && (size > best || (is_telling && isfinite(size)))) {
      best = is_telling ? INFINITY : size;
      found = row;
    }
  }
  return found;
}

/* As it stands inside a sentence: "score gap", but "AUC gap". */
static void say_title(struct text *line, const json_t *root, const json_t *row) {
  const char *id = page_string(row, "measure"),
             *title = page_string(json_object_get(json_object_get(root, "measures"), id), "title");
  const char *shown = title[0] == '\0' ? id : title;
  const bool is_word =
      shown[0] >= 'A' && shown[0] <= 'Z' && shown[1] != '\0' && (shown[1] < 'A' || shown[1] > 'Z');
  text_printf(line, "%c%s", is_word ? shown[0] - 'A' + 'a' : shown[0], shown + 1);
}

static bool is_parity(const json_t *row) {
  return strncmp(page_string(row, "measure"), "fairness.demographic_parity", 27) == 0;
}

/* "score gap 0.11, at least 0.03" */
static void say_bound(struct text *line, const json_t *root, const json_t *row) {
  say_title(line, root, row);
  text_append(line, " ");
  say_number(line, row, "value");
  text_append(line, is_ratio(row) ? ", at most " : ", at least ");
  say_number(line, row, is_ratio(row) ? "high" : "low");
}

/* Case 4: what stands beside the largest gap of a column. */
static void say_beside(struct text *line, const json_t *root, const char *column,
                       const json_t *row) {
  const json_t *rows = json_object_get(root, "estimates");
  if (strcmp(page_string(row, "measure"), "fairness.demographic_parity_ratio") == 0 &&
      page_number(row, "high") < FOUR_FIFTHS) {
    text_append(line, "; the four-fifths rule asks for 0.8 where positive is a favour");
  }
  for (size_t i = 0; i < json_array_size(rows) && is_parity(row); i++) {
    const json_t *errors = json_array_get(rows, i);
    if (strcmp(page_string(errors, "measure"), OPEN_GAP) == 0 && has_role(errors, "candidate") &&
        strcmp(column_of(errors), column) == 0 && page_number(errors, "low") >= POINT) {
      text_append(line, "; ");
      say_bound(line, root, errors);
    }
  }
}

/* Cases 4 and 5: of two marks the one that is asked for. */
static void say_gap(const json_t *root, const char *column, bool is_proven, json_t **lines) {
  const json_t *row = largest(root, column, true);
  struct text line = {0};
  if (row != NULL && outstanding_is_proven(row)) {
    text_printf(&line, "Over %s: ", column);
    say_bound(&line, root, row);
    text_printf(&line, " (%s%s)", is_parity(row) ? "share called positive " : "",
                json_string_value(json_array_get(json_object_get(row, "notes"), 0)));
    say_beside(&line, root, column, row);
    if (is_proven) {
      add_line(lines, "proven", &line);
    }
  } else if ((row = largest(root, column, false)) != NULL && !is_proven) {
    text_printf(&line, "No gap over %s is proven; the ", column);
    say_title(&line, root, row);
    text_append(&line, " may still be as large as ");
    say_number(&line, row, "high");
    add_line(lines, "open", &line);
  }
  text_clear(&line);
}

/* Case 6. */
static void say_too_small(const json_t *root, const char *column, json_t **lines) {
  json_t *notes = outstanding_too_small(root, column);
  if (json_array_size(notes) > 0) {
    struct text line = {0};
    const char *note = json_string_value(json_array_get(notes, 0));
    text_printf(&line, "T%s", note + 1);
    add_line(lines, "open", &line);
  }
  json_decref(notes);
}

json_t *outstanding_lines(const json_t *root) {
  json_t *lines = json_array(), *columns = outstanding_columns(root);
  if (columns == NULL) {
    json_decref(lines);
    return NULL;
  }
  const bool is_one_answer = say_threshold(root, &lines);
  const size_t n_columns = is_one_answer ? 0 : json_array_size(columns); /* they say nothing */
  say_findings(root, "critical", true, &lines);
  say_findings(root, "critical", false, &lines);
  say_findings(root, "error", true, &lines);
  say_findings(root, "error", false, &lines);
  say_findings(root, "warning", true, &lines);
  if (!is_one_answer) {
    say_skill(root, false, &lines);
  }
  for (int pass = 1; pass >= 0; pass--) {
    for (size_t i = 0; i < n_columns; i++) {
      say_gap(root, json_string_value(json_array_get(columns, i)), pass == 1, &lines);
    }
    if (pass == 1) {
      say_findings(root, "warning", false, &lines);
    }
  }
  for (size_t i = 0; i < n_columns; i++) {
    say_too_small(root, json_string_value(json_array_get(columns, i)), &lines);
  }
  if (!is_one_answer) {
    say_skill(root, true, &lines);
  }
  while (json_array_size(lines) > OUTSTANDING_MOST) { /* case 7 */
    json_array_remove(lines, json_array_size(lines) - 1);
  }
  json_decref(columns);
  return lines;
}
