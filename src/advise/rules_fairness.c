/*
 * Rules of fairness and of the data behind it.
 *
 * Cases:
 *  1. A requirement on a gap that is proven missed: what the group needs is weight in training (its
 *     label independent of the group: Kamiran & Calders 2012, Reweighing), not a threshold of its
 *     own: that would close the gap too, and treats people differently by the protected column
 *     itself, which needs a lawyer and not a tool (Ricci v. DeStefano, 557 U.S. 557 (2009)).
 *  2. One that is open: n_needed of the judgement, spent on the group with the fewest rows, since
 *     the smallest group decides how well a gap is known.
 *  3. A group that the candidate serves worse than the baseline does, in a context that gates this.
 *  4. Groups too small to judge, out of the note "too small to judge: race=X has 18 rows and needs
 *     30"; any other reason in it has no number of rows.
 *  5. A proven gap that nobody judged: somebody should say what is acceptable before the next look.
 *     The four-fifths rule (29 CFR 1607.4(D)) is an example, named as one; it speaks of being
 *     chosen, so of a positive that people want.
 *  6. A rare class of which less than half is found: weights in training, of the training rows.
 *     Test rows are never resampled: they stand for the people the model will meet.
 *  7. The command names the training rows where the run knew them; else there is none.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "advise/facts.h"
#include "advise/rules.h"

#define RARE_SHARE 0.1
#define RECALL_LEAST 0.5
#define GAP_LEAST 0.01 /* a point: smaller ones are proven by many rows and matter to few */

static const char too_small[] = "too small to judge: ";

static const char *first_note(const json_t *row) {
  const char *note = json_string_value(json_array_get(json_object_get(row, "notes"), 0));
  return note == NULL ? "" : note;
}

static bool is_candidate(const json_t *row) {
  return strcmp(facts_text(row, "role"), "candidate") == 0;
}

/* The gap a judgement is about. */
static const json_t *gap_of(const json_t *root, const json_t *judgement) {
  const json_t *rows = json_object_get(root, "estimates"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows) && found == NULL; i++) {
    const json_t *row = json_array_get(rows, i);
    if (is_candidate(row) &&
        strcmp(facts_text(row, "measure"), facts_text(judgement, "measure")) == 0 &&
        json_equal(json_object_get(row, "scope"), json_object_get(judgement, "scope"))) {
      found = row;
    }
  }
  return found;
}

static const json_t *judged_gap(const json_t *root, const char *state) {
  const json_t *rows = json_object_get(root, "judgements"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows) && found == NULL; i++) {
    const json_t *row = json_array_get(rows, i);
    found = facts_is_gap(row) && strcmp(facts_text(row, "state"), state) == 0 ? row : NULL;
  }
  return found;
}

static void append_number(struct text *text, const json_t *row, const char *key) {
  text_printf(text, "%.3g [%.3g, %.3g]", facts_number(row, key), facts_number(row, "low"),
              facts_number(row, "high"));
}

/* Case 1. */
bool rule_gap_violated(const json_t *root, struct advice *advice) {
  const json_t *row = judged_gap(root, "VIOLATED");
  const char *column = facts_text(json_object_get(row, "scope"), "column");
  if (row == NULL) {
    return false;
  }
  text_printf(
      &advice->title,
      "Train again with weights that make the label independent of %s; a threshold per group "
      "is legally delicate: ask before you set one",
      column);
  facts_id(row, &advice->why);
  text_append(&advice->why, " is ");
  append_number(&advice->why, row, "difference");
  text_printf(&advice->why, " (%s), and the requirement is %s", first_note(gap_of(root, row)),
              facts_text(row, "margin_stated"));
  facts_rebalance(root, "group-weights", column, &advice->command);
  return true;
}

/* ---- groups ---- */

/* The group of a column with the fewest rows: "sex=Female"; false when no estimate is by group. */
static bool smallest_group(const json_t *root, const char *column, struct text *name) {
  const json_t *rows = json_object_get(root, "estimates"), *smallest = NULL;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i);
    const json_t *by = json_object_get(json_object_get(row, "scope"), "by");
    if (is_candidate(row) && json_object_size(by) == 1 && json_object_get(by, column) != NULL &&
        strcmp(facts_text(row, "measure"), "fairness.selection_rate") == 0 &&
        (smallest == NULL || facts_number(row, "n") < facts_number(smallest, "n"))) {
      smallest = row;
    }
  }
  if (smallest == NULL) {
    return false;
  }
  const json_t *value =
      json_object_get(json_object_get(json_object_get(smallest, "scope"), "by"), column);
  text_printf(name, "%s=%s", column, json_is_string(value) ? json_string_value(value) : "null");
  return true;
}

/* Case 2. */
bool rule_gap_undecided(const json_t *root, struct advice *advice) {
  const json_t *row = judged_gap(root, "UNDECIDED");
  const char *column = facts_text(json_object_get(row, "scope"), "column"),
             *reason = facts_text(row, "reason");
  const double needed = facts_number(row, "n_needed");
  struct text group = {0};
  if (row == NULL) {
    return false;
  }
  if (needed > facts_rows(root) && needed < 1e15) {
    text_append(&advice->title, "Label about ");
    text_grouped(&advice->title, (unsigned long long)(needed - facts_rows(root)));
    text_append(&advice->title, " more rows");
  } else {
    text_append(&advice->title, "Label more rows");
  }
  if (smallest_group(root, column, &group)) {
    text_printf(&advice->title, ", above all of %s: the smallest group decides", group.data);
  }
  facts_id(row, &advice->why);
  text_append(&advice->why, " is ");
  append_number(&advice->why, row, "difference");
  text_printf(&advice->why, ", which neither meets nor misses %s%s%s",
              facts_text(row, "margin_stated"), reason[0] == '\0' ? "" : "; ", reason);
  advice->title.failed |= group.failed;
  text_clear(&group);
  return true;
}

/* Case 3. */
bool rule_group_worse(const json_t *root, struct advice *advice) {
  const json_t *row = facts_judgement(root, "HARMED", "fairness.no_group_worse");
  const char *reason = facts_text(row, "reason");
  const json_t *groups = json_object_get(facts_config(root), "groups");
  const char *column = json_string_value(json_array_get(groups, 0));
  if (row == NULL) {
    return false;
  }
  text_append(&advice->title, "Keep the baseline; give the group that loses more training rows, or "
                              "more weight");
  text_append(&advice->why, "one group is served worse by more than ");
  text_append(&advice->why, facts_text(row, "margin_stated"));
  text_append(&advice->why, ": ");
  append_number(&advice->why, row, "difference");
  text_printf(&advice->why, "%s%s", reason[0] == '\0' ? "" : "; ", reason);
  facts_rebalance(root, "group-weights", column == NULL ? "" : column, &advice->command);
  return true;
}

/* "race=X has 18 rows and needs 30" out of a note; 0 when it gives no numbers. */
static unsigned missing_rows(const char *note, char group[96]) {
  const char *has = strstr(note, " has "), *semicolon = strchr(note, ';');
  unsigned rows, needed;
  if (has == NULL || (semicolon != NULL && semicolon < has) || (size_t)(has - note) > 95 ||
      sscanf(has, " has %u rows and needs %u", &rows, &needed) != 2 || needed <= rows) {
    return 0;
  }
  snprintf(group, 96, "%.*s", (int)(has - note), note);
  return needed - rows;
}

/* Case 4. */
bool rule_too_small(const json_t *root, struct advice *advice) {
  const json_t *rows = json_object_get(root, "estimates");
  for (size_t i = 0; i < json_array_size(rows); i++) {
    const json_t *row = json_array_get(rows, i), *notes = json_object_get(row, "notes");
    for (size_t k = 0; k < json_array_size(notes) && facts_is_gap(row); k++) {
      const char *note = json_string_value(json_array_get(notes, k));
      const char *from = note == NULL ? NULL : strstr(note, too_small);
      char group[96];
      const unsigned missing = from == NULL ? 0 : missing_rows(from + strlen(too_small), group);
      if (missing > 0) {
        text_printf(&advice->title, "Collect at least %u more rows of %s", missing, group);
        text_append(&advice->why, from);
        return true;
      }
    }
  }
  return false;
}

/* ---- nobody judged ---- */

static bool is_any_gap_judged(const json_t *root) {
  const json_t *rows = json_object_get(root, "judgements");
  bool found = false;
  for (size_t i = 0; i < json_array_size(rows) && !found; i++) {
    found = facts_is_gap(json_array_get(rows, i));
  }
  return found;
}

/* Case 5: chosen equally often is what the four-fifths rule speaks of. */
bool rule_gap_proven(const json_t *root, struct advice *advice) {
  const json_t *rows = json_object_get(root, "estimates"), *found = NULL;
  for (size_t i = 0; i < json_array_size(rows) && !is_any_gap_judged(root); i++) {
    const json_t *row = json_array_get(rows, i);
    if (facts_is_gap(row) && is_candidate(row) && facts_number(row, "low") >= GAP_LEAST &&
        strcmp(facts_text(row, "measure"), "fairness.demographic_parity_difference") == 0 &&
        (found == NULL || facts_number(row, "low") > facts_number(found, "low"))) {
      found = row;
    }
  }
  if (found == NULL) {
    return false;
  }
  const char *column = facts_text(json_object_get(found, "scope"), "column");
  text_printf(&advice->title,
              "Say which gap over %s is acceptable, as a requirement in nonet.yaml (nonet init "
              "writes one): for example fairness.demographic_parity_ratio{%s} >= 0.8, the "
              "four-fifths rule, where positive is a favour",
              column, column);
  text_append(&advice->why, "groups are not called ");
  facts_positive(root, &advice->why);
  text_append(&advice->why, " equally often, and that is proven: the difference is ");
  append_number(&advice->why, found, "value");
  text_printf(&advice->why, " (%s)", first_note(found));
  return true;
}

/* Case 6. */
bool rule_rebalance(const json_t *root, struct advice *advice) {
  const json_t *recall = facts_estimate(root, "correctness.recall", "candidate");
  const double share =
      facts_number(facts_estimate(root, "correctness.prevalence", "candidate"), "value");
  facts_rebalance(root, "class-weights", "", &advice->command);
  if (!(share < RARE_SHARE) || !(facts_number(recall, "high") < RECALL_LEAST) ||
      advice->command.length == 0) {
    text_clear(&advice->command);
    return false;
  }
  text_append(&advice->title,
              "Train again with weights for the classes, on the training rows alone: "
              "test rows stay as they are");
  text_printf(&advice->why, "%.3g %% of the rows are ", 100.0 * share);
  facts_positive(root, &advice->why);
  text_append(&advice->why, " and recall is ");
  append_number(&advice->why, recall, "value");
  return true;
}
