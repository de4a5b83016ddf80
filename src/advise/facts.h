/* Facts: what rules look up in a document, and the commands they suggest. The document is borrowed;
 * what is not there is NULL, "" or NaN. */
#ifndef ADVISE_FACTS_H
#define ADVISE_FACTS_H

#include <stdbool.h>

#include <jansson.h>

#include "base/text.h"

double facts_number(const json_t *object, const char *key);
const char *facts_text(const json_t *object, const char *key);

const json_t *facts_config(const json_t *root);
const json_t *facts_verdict(const json_t *root);
bool facts_is_verdict(const json_t *root, const char *state);
/* Rows of the test data that were used. */
double facts_rows(const json_t *root);
bool facts_is_check(const json_t *root);

/* The estimate of a role over all rows. */
const json_t *facts_estimate(const json_t *root, const char *measure, const char *role);
/* The first judgement with this state whose measure begins with `begin` ("" for any), the most
   critical tier first. */
const json_t *facts_judgement(const json_t *root, const char *state, const char *begin);
/* Why a measure was skipped. */
const char *facts_skipped(const json_t *root, const char *measure);

/* "dead = 1", or "positive" when the document does not say. */
void facts_positive(const json_t *root, struct text *text);
/* The id with its scope: "correctness.recall{sex=Female}", "fairness.auc_gap{sex}". */
void facts_id(const json_t *row, struct text *text);

/* Is an estimate or a judgement about a gap over a sensitive column. */
bool facts_is_gap(const json_t *row);

bool facts_is_data(const json_t *root);
/* The path of the rows in this role ("train", "test"); "" when they came otherwise. */
const char *facts_source(const json_t *root, const char *role);

/* A word as a shell reads it back; " --name VALUE", a column's name or a list of them. */
void facts_quoted(struct text *text, const char *word);
void facts_option(struct text *text, const char *name, const json_t *value);

/* " --label L --group G …": all that the run knew of a table and its rows, without a model. */
void facts_table_options(const json_t *root, struct text *text);

/* "nonet rebalance TRAIN -o balanced.parquet --label L --method M", with --group where one is
   given; nothing when the run knew no training rows in a file. nonet data: the file it read. */
void facts_rebalance(const json_t *root, const char *method, const char *group, struct text *text);

/* A line for a shell that makes the run again as `command`, with `more` at its end: files and
   columns as they were, quoted where a shell would misread them. Of a check: "nonet check". */
void facts_command(const json_t *root, const char *command, const char *more, struct text *text);

#endif
