/*
 * Words: the sentences that every format of the report shares, so that a terminal, a page and a
 * pull request say the same.
 *
 * Cases:
 *  1. What fails is read first, then what is open, then what holds; inside by tier, then as the
 * evidence has it.
 *  2. An attribute is as good as its worst gate; a gain counts only when nothing of it is open or
 * worse. What was not judged is never called good.
 *  3. Log ratios are told as per cent of the baseline: with d = ±log(A/B), positive better, exp(d)
 * − 1 where higher is better, −(exp(−d) − 1) = 1 − A/B where lower is: three times as slow is −200
 * %.
 *  4. A requirement has no margin: it shows the candidate's number (its own, on the scale "value",
 * else that of the estimate) and what it must be, as it was written.
 *  5. Everything is optional but what evidence_parse checks: a document of a newer version or one
 * written by hand still reads.
 *  6. Exact, and no margin: nothing to measure the difference in, and 0 is equal.
 *  7. A measure without a number for any role is no row of a table: it stands among what was not
 *     measured, by its first note.
 */
#include "report/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/page.h"

const char *const words_attributes[WORDS_ATTRIBUTES] = {
    "correctness", "robustness",       "efficiency", "scalability", "deployability",
    "fairness",    "interpretability", "privacy",    "security"};

static const struct {
  const char *state, *meaning;
  enum words_tone tone;
  int rank;
} states[] = {
    {"HARMED", "proven worse than its margin", TONE_BAD, 0},
    {"VIOLATED", "proven to miss the requirement", TONE_BAD, 0},
    {"UNDECIDED", "these rows cannot tell", TONE_OPEN, 1},
    {"NOT_MEASURED", "could not be measured", TONE_OPEN, 2},
    {"EXCUSED", "worse within its limit, paid for by a proven gain in a higher tier", TONE_OPEN, 3},
    {"SAFE", "proven not worse than its margin", TONE_GOOD, 4},
    {"MET", "proven to meet the requirement", TONE_GOOD, 4},
    {"PASS", "no gated measure is worse than its margin", TONE_GOOD, 4},
    {"FAIL", "a gated measure is worse than its margin", TONE_BAD, 0},
    {"INCONCLUSIVE", "the data cannot decide", TONE_OPEN, 1}};

#define N_STATES (sizeof states / sizeof states[0])

static size_t state_index(const char *state) {
  size_t i = 0;
  while (i < N_STATES && strcmp(states[i].state, state) != 0) {
    i++;
  }
  return i;
}

enum words_tone words_tone(const char *state) {
  size_t i = state_index(state);
  return i < N_STATES ? states[i].tone : TONE_NONE;
}

const char *words_state_meaning(const char *state) {
  size_t i = state_index(state);
  return i < N_STATES ? states[i].meaning : "";
}

bool words_is_judged(const json_t *root) {
  static const char *const judging[] = {"compare", "check", "remedy"};
  const char *command = page_string(json_object_get(root, "run"), "command");
  bool is_judged = json_array_size(json_object_get(root, "judgements")) > 0;
  for (size_t i = 0; i < sizeof judging / sizeof *judging; i++) {
    is_judged = is_judged || strcmp(command, judging[i]) == 0;
  }
  return is_judged;
}

/* Case 1: rank, then tier. */
static double reading_order(const json_t *gate) {
  size_t i = state_index(page_string(gate, "state"));
  double tier = page_number(gate, "tier");
  return 1000.0 * (i < N_STATES ? states[i].rank : 3) + (isfinite(tier) ? fmin(tier, 999.0) : 0.0);
}

json_t *words_gates(const json_t *root) {
  const json_t *rows = json_object_get(root, "judgements");
  json_t *sorted = json_array();
  for (size_t i = 0; i < json_array_size(rows) && sorted != NULL; i++) {
    json_t *gate = json_array_get(rows, i);
    size_t at = json_array_size(sorted);
    while (at > 0 && reading_order(json_array_get(sorted, at - 1)) > reading_order(gate)) {
      at--;
    }
    if (json_array_insert(sorted, at, gate) != 0) {
      json_decref(sorted);
      sorted = NULL;
    }
  }
  return sorted;
}

/* ---- the head ---- */

static const json_t *config_of(const json_t *root) {
  return json_object_get(json_object_get(root, "inputs"), "config");
}

/* A configured value: text, or a list as its first and last item. */
static bool append_words(struct text *text, const json_t *value) {
  size_t n = json_array_size(value);
  const char *first = json_string_value(n > 0 ? json_array_get(value, 0) : value),
             *last = n > 1 ? json_string_value(json_array_get(value, n - 1)) : NULL;
  text_printf(text, "%s%s%s", first == NULL ? "" : first, last == NULL ? "" : " … ",
              last == NULL ? "" : last);
  return text->length > 0;
}

void words_model(struct text *text, const json_t *root, const char *role) {
  const json_t *models = json_object_get(json_object_get(root, "inputs"), "models"),
               *config = config_of(root);
  const bool is_candidate = strcmp(role, "candidate") == 0;
  struct text name = {0};
  bool found = append_words(&name, json_object_get(config, role));
  for (size_t i = 0; i < json_array_size(models) && !found; i++) {
    const json_t *model = json_array_get(models, i);
    if (strcmp(page_string(model, "role"), role) == 0) {
      const char *path = page_string(model, "path"), *slash = strrchr(path, '/');
      text_append(&name, slash == NULL ? path : slash + 1);
      found = name.length > 0;
    }
  }
  found = found ||
          append_words(&name, json_object_get(config, is_candidate ? "score" : "baseline_score"));
  if (!found) {
    append_words(&name,
                 json_object_get(config, is_candidate ? "prediction" : "baseline_prediction"));
  }
  text_append(text, name.data == NULL ? "" : name.data);
  text->failed = text->failed || name.failed;
  text_clear(&name);
}

static void append_rows(struct text *text, const json_t *root) {
  const json_t *data = json_array_get(json_object_get(json_object_get(root, "inputs"), "data"), 0);
  double rows = page_number(data, "rows"), used = page_number(data, "rows_used");
  char count[32];
  if (!isfinite(used)) {
    return;
  }
  page_count(count, used);
  text_printf(text, " · %s rows", count);
  if (rows > used) {
    page_count(count, rows);
    text_printf(text, " of %s", count);
  } else {
    text_append(text, " (all)");
  }
}

static void append_versus(struct text *text, const json_t *root) {
  static const char *const roles[] = {"candidate", "baseline"};
  const char *dot = text->length > 0 ? " · " : "";
  if (strcmp(page_string(json_object_get(root, "run"), "command"), "data") == 0) {
    return; /* rows alone: there is no model */
  }
  for (size_t i = 0; i < 2; i++) {
    struct text name = {0};
    words_model(&name, root, roles[i]);
    const bool is_named = name.length > 0 && strcmp(name.data, roles[i]) != 0;
    if (i == 0 || name.length > 0 || words_is_judged(root)) {
      text_printf(text, "%s%s%s%s", i == 0 ? dot : " vs ", roles[i], is_named ? " " : "",
                  is_named ? name.data : "");
    }
    text->failed = text->failed || name.failed;
    text_clear(&name);
  }
}

void words_headline(struct text *text, const json_t *root) {
  const json_t *verdict = json_object_get(root, "verdict");
  char number[32];
  text_append(text, page_string(verdict, "context"));
  if (isfinite(page_number(verdict, "context_version"))) {
    page_plain(number, page_number(verdict, "context_version"));
    text_printf(text, " v%s", number);
  }
  append_versus(text, root);
  append_rows(text, root);
  if (isfinite(page_number(verdict, "alpha"))) {
    page_plain(number, page_number(verdict, "alpha"));
    text_printf(text, " · alpha %s, one-sided", number);
  }
}

const char *words_primary(const json_t *root) {
  static const char *const primaries[][2] = {{"binary", "correctness.auc"},
                                             {"multiclass", "correctness.log_loss"},
                                             {"regression", "correctness.rmse"}};
  const char *task = page_string(config_of(root), "task");
  for (size_t i = 0; i < sizeof primaries / sizeof *primaries; i++) {
    if (strcmp(primaries[i][0], task) == 0) {
      return primaries[i][1];
    }
  }
  return "";
}

/* ---- the nine ---- */

static const struct {
  const char *coverage, *words;
} coverages[] = {{"not_built", "not built yet"},
                 {"not_asked", "not asked for"},
                 {"not_applicable", "not applicable"},
                 {"failed", "failed"},
                 {"measured", "measured, not judged"}};

static bool has_estimate(const json_t *root, const char *attribute) {
  const json_t *rows = json_object_get(root, "estimates");
  bool found = false;
  for (size_t i = 0; i < json_array_size(rows) && !found; i++) {
    found = strcmp(page_string(json_array_get(rows, i), "attribute"), attribute) == 0;
  }
  return found;
}

/* Case 2: what the gates of an attribute say together; NULL when it has none. */
static const char *judged_words(const json_t *root, const char *attribute, enum words_tone *tone) {
  static const char *const by_rank[] = {"worse", "undecided", "a gate not measured", "excused",
                                        "not worse"};
  const json_t *gates = json_object_get(root, "judgements");
  const size_t length = strlen(attribute);
  int worst = 5;
  bool is_better = false, only_required = true;
  for (size_t i = 0; i < json_array_size(gates); i++) {
    const json_t *gate = json_array_get(gates, i);
    const char *id = page_string(gate, "measure");
    if (strncmp(id, attribute, length) != 0 || id[length] != '.') {
      continue;
    }
    size_t state = state_index(page_string(gate, "state"));
    int rank = state < N_STATES ? states[state].rank : 2;
    if (rank < worst) {
      worst = rank;
      *tone = rank == 4 ? TONE_GOOD : (rank == 0 ? TONE_BAD : TONE_OPEN);
    }
    is_better = is_better || page_string(gate, "gain")[0] != '\0';
    only_required = only_required && strcmp(page_string(gate, "kind"), "requirement") == 0;
  }
  if (worst == 5) {
    return NULL;
  }
  if (only_required && (worst == 0 || worst == 4)) {
    return worst == 0 ? "a requirement missed" : "requirements met";
  }
  return worst == 4 && is_better ? "proven better" : by_rank[worst];
}

const char *words_attribute(const json_t *root, const char *attribute, enum words_tone *tone) {
  const char *words = judged_words(root, attribute, tone);
  const char *coverage =
      page_string(json_object_get(json_object_get(root, "verdict"), "coverage"), attribute);
  if (words != NULL) {
    return words;
  }
  *tone = TONE_NONE;
  for (size_t i = 0; i < sizeof coverages / sizeof *coverages; i++) {
    if (strcmp(coverages[i].coverage, coverage) == 0) {
      return coverages[i].words;
    }
  }
  return has_estimate(root, attribute) ? "measured, not judged" : "not measured";
}

void words_coverage(struct text *text, const json_t *root) {
  const json_t *coverage = json_object_get(json_object_get(root, "verdict"), "coverage");
  size_t n_judged = 0, n_reasons = 0;
  const char *key;
  json_t *value;
  if (json_object_size(coverage) == 0) {
    return;
  }
  json_object_foreach((json_t *)coverage, key, value) {
    n_judged += json_is_string(value) && strcmp(json_string_value(value), "judged") == 0;
  }
  text_printf(text, "Judged: %zu of 9", n_judged);
  for (size_t c = 0; c < sizeof coverages / sizeof *coverages; c++) {
    size_t n = 0;
    for (size_t a = 0; a < WORDS_ATTRIBUTES; a++) {
      if (strcmp(page_string(coverage, words_attributes[a]), coverages[c].coverage) == 0) {
        text_printf(text, "%s%s", n == 0 ? (n_reasons == 0 ? " (" : "; ") : ", ",
                    n == 0 ? coverages[c].words : "");
        text_printf(text, "%s%s", n == 0 ? ": " : "", words_attributes[a]);
        n_reasons += n == 0;
        n++;
      }
    }
  }
  text_append(text, n_reasons > 0 ? ")" : "");
}

/* ---- sentences ---- */

void words_decide(struct text *text, const json_t *root) {
  const json_t *verdict = json_object_get(root, "verdict");
  const json_t *data = json_array_get(json_object_get(json_object_get(root, "inputs"), "data"), 0);
  double needed = page_number(verdict, "n_needed"), used = page_number(data, "rows_used"),
         launches = page_number(verdict, "n_launches_needed");
  char count[32];
  if (strcmp(page_string(verdict, "state"), "INCONCLUSIVE") != 0) {
    return;
  }
  if (isfinite(launches)) {
    page_count(count, launches);
    text_printf(text, "About %s launches of each model would decide the timing.%s", count,
                isfinite(needed) ? " " : "");
  }
  if (!isfinite(needed)) {
    return;
  }
  page_count(count, needed);
  text_printf(text, "About %s rows in all would decide it", count);
  if (needed > used) {
    page_count(count, needed - used);
    text_printf(text, ", %s more than now", count);
  }
  text_append(text, ": PASS in 4 of 5 cases if the models are equal.");
}

static const json_t *estimate_of(const json_t *root, const char *measure, const json_t *scope) {
  return page_estimate(root, measure, "candidate", scope);
}

/* ---- gates ---- */

static void append_value(struct text *text, const json_t *value) {
  if (json_is_number(value)) {
    text_number(text, json_number_value(value));
  } else {
    text_append(text,
                json_is_string(value)
                    ? json_string_value(value)
                    : (json_is_true(value) ? "true" : (json_is_false(value) ? "false" : "null")));
  }
}

/* A slice: "age < 25 and sex = Female" as it was found, or its conditions one by one. A bin is
 * [from, to], open at an end that is null. */
static void append_where(struct text *text, const json_t *where) {
  const char *key, *and = "where ";
  json_t *value;
  if (json_is_string(where)) {
    text_printf(text, "where %s", json_string_value(where));
  }
  json_object_foreach((json_t *)where, key, value) {
    const json_t *from = json_array_get(value, 0), *to = json_array_get(value, 1);
    text_printf(text, "%s%s", and, key);
    and = " and ";
    if (!json_is_array(value)) {
      text_append(text, "=");
      append_value(text, value);
    } else if (json_is_null(from) || json_is_null(to)) {
      text_append(text, json_is_null(from) ? " < " : " >= ");
      append_value(text, json_is_null(from) ? to : from);
    } else {
      text_append(text, " in [");
      append_value(text, from);
      text_append(text, ", ");
      append_value(text, to);
      text_append(text, ")");
    }
  }
}

void words_scope(struct text *text, const json_t *scope) {
  const char *kind = page_string(scope, "kind"), *key;
  const char *comma = "";
  json_t *value;
  if (strcmp(kind, "all") == 0) {
    return;
  }
  if (strcmp(kind, "slice") == 0 && json_object_get(scope, "where") != NULL) {
    append_where(text, json_object_get(scope, "where"));
    return;
  }
  json_object_foreach(json_object_get(scope, "by"), key, value) {
    text_printf(text, "%s%s=%s", comma, key,
                json_is_string(value) ? json_string_value(value) : "null");
    comma = ", ";
  }
  if (page_string(scope, "class")[0] != '\0') {
    text_printf(text, "%sclass %s", comma, page_string(scope, "class"));
  } else if (page_string(scope, "column")[0] != '\0') {
    text_printf(text, "over %s", page_string(scope, "column"));
  } else if (comma[0] == '\0') { /* kinds of later versions: what they say, as it is */
    json_object_foreach((json_t *)scope, key, value) {
      if (strcmp(key, "kind") != 0 && (json_is_string(value) || json_is_number(value))) {
        text_printf(text, "%s%s=", comma, key);
        if (json_is_string(value)) {
          text_append(text, json_string_value(value));
        } else {
          text_number(text, json_number_value(value));
        }
        comma = ", ";
      }
    }
    text_append(text, comma[0] == '\0' ? kind : "");
  }
}

static bool is_requirement(const json_t *gate) {
  return strcmp(page_string(gate, "kind"), "requirement") == 0;
}

/* "correctness.recall{sex=Female} >= 0.6" is written with its measure, ">= 0.6" without. */
static bool is_written_whole(const json_t *gate) {
  const char *id = page_string(gate, "measure");
  return is_requirement(gate) && strncmp(page_string(gate, "margin_stated"), id, strlen(id)) == 0;
}

void words_gate_name(struct text *text, const json_t *gate) {
  struct text scope = {0};
  if (is_written_whole(gate)) {
    text_append(text, page_string(gate, "margin_stated"));
    return;
  }
  text_append(text, page_string(gate, "measure"));
  words_scope(&scope, json_object_get(gate, "scope"));
  if (scope.length > 0) {
    text_printf(text, " (%s)", scope.data);
  }
  text->failed = text->failed || scope.failed;
  text_clear(&scope);
  if (is_requirement(gate) && page_string(gate, "margin_stated")[0] != '\0') {
    text_printf(text, " %s", page_string(gate, "margin_stated"));
  } else if (is_requirement(gate)) {
    text_printf(text, " %s ", page_string(gate, "op"));
    text_number(text, page_number(gate, "threshold"));
    if (isfinite(page_number(gate, "threshold_high"))) {
      text_append(text, "..");
      text_number(text, page_number(gate, "threshold_high"));
    }
  }
}

/* Case 3. */
double words_shown(const json_t *root, const json_t *gate, const char *key, bool *is_percent) {
  const json_t *measure =
      json_object_get(json_object_get(root, "measures"), page_string(gate, "measure"));
  double d = page_number(gate, key);
  *is_percent = strcmp(page_string(gate, "scale"), "log_ratio") == 0;
  if (!*is_percent) {
    return d;
  }
  return strcmp(page_string(measure, "direction"), "lower") == 0 ? -100.0 * expm1(-d)
                                                                 : 100.0 * expm1(d);
}

static void append_difference(struct text *text, const json_t *root, const json_t *gate,
                              const char *key) {
  bool is_percent;
  double value = words_shown(root, gate, key, &is_percent);
  char number[32];
  page_value(number, value, words_shown(root, gate, "low", &is_percent),
             words_shown(root, gate, "high", &is_percent), 2);
  text_printf(text, "%s%s%s", value > 0.0 ? "+" : "", number,
              is_percent && isfinite(value) ? " %" : "");
}

const char *words_reason(const json_t *root, const json_t *gate) {
  const char *reason = page_string(gate, "reason"), *id = page_string(gate, "measure");
  const json_t *skipped = json_object_get(root, "skipped");
  if (strcmp(page_string(gate, "state"), "NOT_MEASURED") != 0) {
    return reason;
  }
  for (size_t i = 0; i < json_array_size(skipped); i++) {
    const json_t *row = json_array_get(skipped, i);
    if (strcmp(page_string(row, "measure"), id) == 0) {
      return page_string(row, "reason");
    }
  }
  for (size_t i = 0; i < sizeof coverages / sizeof *coverages; i++) {
    if (strcmp(coverages[i].coverage, reason) == 0) {
      return coverages[i].words;
    }
  }
  return reason;
}

bool words_is_exact(const json_t *row) {
  double low = page_number(row, "low"), high = page_number(row, "high");
  return strcmp(page_string(row, "method"), "exact") == 0 ||
         (isfinite(low) && isfinite(high) && !(low < high) && !(low > high));
}

const char *words_unit(const json_t *gate) {
  const char *id = page_string(gate, "measure");
  return strncmp(id, "efficiency.", 11) == 0 || strncmp(id, "scalability.", 12) == 0 ? "launches"
                                                                                     : "rows";
}

void words_state(struct text *text, const json_t *root) {
  const json_t *verdict = json_object_get(root, "verdict"),
               *coverage = json_object_get(verdict, "coverage");
  const char *state = page_string(verdict, "state");
  size_t n_judged = 0;
  for (size_t a = 0; a < WORDS_ATTRIBUTES; a++) {
    n_judged += strcmp(page_string(coverage, words_attributes[a]), "judged") == 0;
  }
  text_append(text, state);
  if (strcmp(state, "PASS") == 0 && n_judged < WORDS_ATTRIBUTES &&
      strcmp(page_string(verdict, "coverage_mode"), "partial") == 0) {
    text_printf(text, " on %zu of 9", n_judged);
  }
}

/* An estimate, or the row of a requirement, whose value is called difference. */
static void append_estimate(struct text *text, const json_t *estimate) {
  char value[32], low[32], high[32];
  const bool is_row = json_object_get(estimate, "value") == NULL;
  double v = page_number(estimate, is_row ? "difference" : "value"),
         l = page_number(estimate, "low"), h = page_number(estimate, "high");
  page_value(value, v, l, h, 2);
  page_value(low, l, l, h, 2);
  page_value(high, h, l, h, 2);
  text_append(text, value);
  if (isfinite(l) || isfinite(h)) {
    text_printf(text, " [%s, %s]", low, high);
  }
}

const json_t *words_requirement(const json_t *root, const json_t *gate) {
  return strcmp(page_string(gate, "scale"), "value") == 0
             ? gate
             : estimate_of(root, page_string(gate, "measure"), json_object_get(gate, "scope"));
}

void words_margin(struct text *text, const json_t *gate) {
  const char *stated = page_string(gate, "margin_stated");
  const size_t length = strlen(stated), digits = strspn(stated, "0123456789"),
               number = strspn(stated, "0123456789.");
  char count[32];
  if (length == 0) {
    text_number(text, page_number(gate, "margin"));
  } else if (digits == length && length > 4 && length < 16) {
    page_count(count, strtod(stated, NULL));
    text_append(text, count);
  } else if (number > 0 && number < length && strcspn(stated, " =<>{") == length) { /* 5%, 1MB */
    text_append_n(text, stated, number);
    text_printf(text, " %s", stated + number);
  } else {
    text_append(text, stated);
  }
}

void words_gate_number(struct text *text, const json_t *root, const json_t *gate) {
  const bool is_measured = isfinite(page_number(gate, "difference"));
  if (is_requirement(gate)) { /* case 4 */
    append_estimate(text, words_requirement(root, gate));
    return;
  }
  const double difference = page_number(gate, "difference");
  if (is_measured && page_number(gate, "margin") <= 0.0 && words_is_exact(gate)) { /* case 6 */
    if (difference > 0.0 || difference < 0.0) {
      append_difference(text, root, gate, "difference");
    } else {
      text_append(text, "equal");
    }
    return;
  }
  if (is_measured) {
    append_difference(text, root, gate, "difference");
  }
  if (page_string(gate, "margin_stated")[0] != '\0' || isfinite(page_number(gate, "margin"))) {
    text_append(text, is_measured ? " of " : "margin ");
    words_margin(text, gate);
  }
}

void words_gate_state(struct text *text, const json_t *gate) {
  char count[32];
  text_append(text, page_string(gate, "state"));
  if (page_string(gate, "gain")[0] != '\0') {
    text_printf(text, ", %s", page_string(gate, "gain"));
  }
  if (isfinite(page_number(gate, "n_needed"))) {
    page_count(count, page_number(gate, "n_needed"));
    text_printf(text, " n=%s%s", count, words_unit(gate)[0] == 'l' ? " launches" : "");
  }
}

static void append_p(struct text *text, const json_t *gate, const char *key, const char *name) {
  double p = page_number(gate, key);
  if (isfinite(p)) {
    text_printf(text, p < 0.0001 ? "; %s < 0.0001" : "; %s = %.2g", name, p);
  }
}

void words_gate_sentence(struct text *text, const json_t *root, const json_t *gate) {
  const char *reason = words_reason(root, gate), *excuse = page_string(gate, "excused_by");
  words_gate_name(text, gate);
  text_printf(text, " is %s (%s)", page_string(gate, "state"),
              words_state_meaning(page_string(gate, "state")));
  if (is_requirement(gate) || isfinite(page_number(gate, "difference"))) {
    text_append(text, is_requirement(gate) ? ": candidate " : ": difference (+ is better) ");
    words_gate_number(text, root, gate);
  }
  const bool is_sure = words_is_exact(gate) && !is_requirement(gate);
  text_append(text, is_sure ? ", exact" : "");
  if (!is_requirement(gate) && !is_sure && isfinite(page_number(gate, "low"))) {
    text_append(text, ", interval ");
    append_difference(text, root, gate, "low");
    text_append(text, " to ");
    append_difference(text, root, gate, "high");
  }
  if (strcmp(page_string(gate, "state"), "NOT_MEASURED") != 0 && !is_sure) {
    append_p(text, gate, "p_harmed_adjusted", "p for HARMED, all gates counted");
    append_p(text, gate, "p_safe", "p for SAFE");
  }
  if (reason[0] != '\0') {
    text_printf(text, "; %s", reason);
  }
  if (excuse[0] != '\0') {
    text_printf(text, "; excused by %s", excuse);
  }
}

void words_finding(struct text *text, const json_t *finding) {
  const json_t *hurts = json_object_get(finding, "hurts");
  text_printf(text, "%s, %s: %s", page_string(finding, "severity"), page_string(finding, "title"),
              page_string(finding, "evidence"));
  for (size_t i = 0; i < json_array_size(hurts); i++) {
    const char *name = json_string_value(json_array_get(hurts, i));
    text_printf(text, "%s%s", i == 0 ? "; hurts " : ", ", name == NULL ? "" : name);
  }
  if (page_string(finding, "remedy")[0] != '\0') {
    text_printf(text, "; what helps: %s", page_string(finding, "remedy"));
  }
}

/* In single quotes; a quote inside ends them, stands escaped, and begins them again. */
static void append_quoted(struct text *text, const char *word) {
  text_append(text, "'");
  for (; *word != '\0'; word++) {
    if (*word == '\'') {
      text_append(text, "'\\''");
    } else {
      text_append_n(text, word, 1);
    }
  }
  text_append(text, "'");
}

static void append_option(struct text *text, const json_t *config, const char *key,
                          const char *option) {
  const json_t *value = json_object_get(config, key);
  struct text list = {0};
  for (size_t i = 0; i < json_array_size(value); i++) {
    const char *item = json_string_value(json_array_get(value, i));
    text_printf(&list, "%s%s", i == 0 ? "" : ",", item == NULL ? "" : item);
  }
  text_append(&list, json_is_string(value) ? json_string_value(value) : "");
  if (list.length > 0) {
    text_printf(text, " --%s ", option);
    append_quoted(text, list.data);
  }
  text->failed = text->failed || list.failed;
  text_clear(&list);
}

void words_command(struct text *text, const json_t *root, const char *measure) {
  static const char *const options[][2] = {{"label", "label"},
                                           {"score", "score"},
                                           {"prediction", "prediction"},
                                           {"baseline_score", "baseline-score"},
                                           {"baseline_prediction", "baseline-prediction"},
                                           {"groups", "group"},
                                           {"weight", "weight"},
                                           {"cluster", "cluster"},
                                           {"id", "id"},
                                           {"positive", "positive"}};
  const json_t *config = config_of(root);
  const char *command = page_string(json_object_get(root, "run"), "command"),
             *path = page_string(config, "path"),
             *source = page_string(
                 json_array_get(json_object_get(json_object_get(root, "inputs"), "data"), 0),
                 "source");
  if (strcmp(command, "check") == 0) {
    text_append(text, "nonet check ");
    if (path[0] != '\0') {
      append_quoted(text, path);
      text_append(text, " ");
    }
    text_append(text, "--only ");
    append_quoted(text, measure);
  } else if ((strcmp(command, "measure") == 0 || strcmp(command, "compare") == 0) &&
             source[0] != '\0' && page_string(config, "label")[0] != '\0') {
    text_append(text, "nonet measure ");
    append_quoted(text, source);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
      append_option(text, config, options[i][0], options[i][1]);
    }
    text_append(text, " --only ");
    append_quoted(text, measure);
  }
}

void words_tightest(struct text *text, const json_t *root) {
  const json_t *gates = json_object_get(root, "judgements"), *tightest = NULL;
  double least = INFINITY;
  if (strcmp(page_string(json_object_get(root, "verdict"), "state"), "PASS") != 0) {
    return;
  }
  for (size_t i = 0; i < json_array_size(gates); i++) {
    const json_t *gate = json_array_get(gates, i);
    double margin = page_number(gate, "margin");
    double left = (page_number(gate, "low") + margin) / margin;
    if (strcmp(page_string(gate, "state"), "SAFE") == 0 && margin > 0.0 && left < least) {
      least = left;
      tightest = gate;
    }
  }
  if (tightest != NULL) {
    text_append(text, "Tightest gate: ");
    words_gate_name(text, tightest);
    text_printf(text, ", whose interval ends %.2g margins above the line", least);
  }
}

/* Case 7. */
bool words_is_blank(const json_t *root, const json_t *row) {
  static const char *const roles[] = {"candidate", "baseline", "difference"};
  const char *id = page_string(row, "measure");
  bool is_blank = page_is_all(json_object_get(row, "scope")) && id[0] != '\0' &&
                  strcmp(page_string(row, "role"), "candidate") == 0 &&
                  json_is_string(json_array_get(json_object_get(row, "notes"), 0));
  for (size_t r = 0; r < sizeof roles / sizeof *roles && is_blank; r++) {
    is_blank = !isfinite(page_number(page_estimate(root, id, roles[r], NULL), "value"));
  }
  return is_blank;
}

static void add_reason(json_t *by_reason, const char *reason, json_t *measure) {
  json_t *list = json_object_get(by_reason, reason);
  if (list == NULL && json_object_set_new(by_reason, reason, json_array()) == 0) {
    list = json_object_get(by_reason, reason);
  }
  json_array_append(list, measure);
}

json_t *words_skipped(const json_t *root) {
  const json_t *skipped = json_object_get(root, "skipped"),
               *rows = json_object_get(root, "estimates");
  json_t *by_reason = json_object();
  for (size_t i = 0; i < json_array_size(skipped); i++) {
    const json_t *row = json_array_get(skipped, i);
    add_reason(by_reason, page_string(row, "reason"), json_object_get(row, "measure"));
  }
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    if (words_is_blank(root, row)) {
      add_reason(by_reason, json_string_value(json_array_get(json_object_get(row, "notes"), 0)),
                 json_object_get(row, "measure"));
    }
  }
  return by_reason;
}
