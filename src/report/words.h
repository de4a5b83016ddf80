/* The words of a verdict, the same in every format: who was judged in which context, in which order
 * the gates are read, what a state means, what became of each of the nine attributes. */
#ifndef REPORT_WORDS_H
#define REPORT_WORDS_H

#include <stdbool.h>

#include <jansson.h>

#include "base/text.h"

#define WORDS_ATTRIBUTES 9
extern const char *const words_attributes[WORDS_ATTRIBUTES]; /* the nine, in their order */

enum words_tone { TONE_NONE, TONE_GOOD, TONE_OPEN, TONE_BAD };

/* Of a judgement's state or a verdict's. */
enum words_tone words_tone(const char *state);
/* "proven not worse than its margin"; "" for an unknown state. */
const char *words_state_meaning(const char *state);

/* Is there a verdict to show: judgements, or a command that judges. */
bool words_is_judged(const json_t *root);
/* The judgements in reading order (what fails, what is open, what was not measured, excused, safe;
   by tier inside): borrowed rows in a new array; NULL when memory is short. */
json_t *words_gates(const json_t *root);

/* "real-time v1 · candidate boost vs baseline logit · 8,214 rows (all) · alpha 0.05, one-sided" */
void words_headline(struct text *text, const json_t *root);
/* "Coverage 4 of 9." and what is missing, by reason. */
void words_coverage(struct text *text, const json_t *root);
/* The rows that would decide an open verdict; nothing when there is no such number. */
void words_decide(struct text *text, const json_t *root);
/* "" for all rows, "sex=Female, race=null", "class 3", "sex=Female, class 3", "over sex",
 * "where age < 25 and sex = Female". */
void words_scope(struct text *text, const json_t *scope);
/* The primary of correctness for the task: "correctness.auc"; "" when the task is not known. */
const char *words_primary(const json_t *root);
/* "correctness.recall (sex=Female)", "correctness.auc >= 0.85" */
void words_gate_name(struct text *text, const json_t *gate);
/* A gate's margin as it was written: "0.01", "25 %", "1,000,000". */
void words_margin(struct text *text, const json_t *gate);
/* "+0.0100 of 0.01", "+2.1 % of 10 %" (log ratios), "0.912 [0.900, 0.924]" for a requirement; not
 * measured: "margin 0.01". */
void words_gate_number(struct text *text, const json_t *root, const json_t *gate);
/* A gate's difference, low or high as people read it: the number itself, or for a log ratio the per
   cent by which the candidate is better (negative: worse; an artifact twice as large is -100 %). */
double words_shown(const json_t *root, const json_t *gate, const char *key, bool *is_percent);
/* Why a gate is as it is, as a sentence: its reason, or what was said when its measure was skipped;
   "" for none. */
const char *words_reason(const json_t *root, const json_t *gate);
/* What its n_needed counts: "rows" or "launches". */
const char *words_unit(const json_t *gate);
/* The verdict's state; "PASS on 3 of 9" where the rest was not measured and may not block. */
void words_state(struct text *text, const json_t *root);
/* A number without sampling error: its method says so, or its interval has no width. */
bool words_is_exact(const json_t *row);
/* Where the number of a requirement stands: its own row (value under "difference") or an estimate.
 */
const json_t *words_requirement(const json_t *root, const json_t *gate);
/* "UNDECIDED, n=12,345", "SAFE, IMPROVED" */
void words_gate_state(struct text *text, const json_t *gate);
/* The gate as one sentence: number, interval, margin, adjusted p, reason. */
void words_gate_sentence(struct text *text, const json_t *root, const json_t *gate);

/* What became of one of the nine: "proven better", "undecided", "not built yet" … */
const char *words_attribute(const json_t *root, const char *attribute, enum words_tone *tone);

/* "warning, Few positives: 14 of 9,000 rows; hurts correctness, robustness; what helps: …" */
void words_finding(struct text *text, const json_t *finding);

/* The line that makes the numbers of a measure again, for a shell; nothing when the evidence does
   not know enough. */
void words_command(struct text *text, const json_t *root, const char *measure);
/* The gate that holds by the least and by how much, where all hold; nothing otherwise. */
void words_tightest(struct text *text, const json_t *root);

/* Has a measure over all rows no number for any role, and a note that says why? It is no row of a
 * table then, and words_skipped tells it. */
bool words_is_blank(const json_t *root, const json_t *row);

/* The skipped measures by reason: {"reason": ["correctness.ece", …]}, new. */
json_t *words_skipped(const json_t *root);
/* candidate or baseline, as its owner calls it: a configured name, else the file, else the column;
   "" when nothing is known. */
void words_model(struct text *text, const json_t *root, const char *role);

#endif
