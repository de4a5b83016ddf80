/* Documents for the rules' tests: JSON as it stands, with ' for ". */
#ifndef ADVISE_ADVISE_FIXTURE_H
#define ADVISE_ADVISE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise/rules.h"

static inline json_t *fixture_json(const char *text) {
  char *copy = strdup(text);
  json_error_t error;
  for (char *c = copy; *c != '\0'; c++) {
    *c = *c == '\'' ? '"' : *c;
  }
  json_t *root = json_loads(copy, 0, &error);
  if (root == NULL) {
    fprintf(stderr, "%s: %s\n", copy, error.text);
    abort();
  }
  free(copy);
  return root;
}

/* One estimate of the candidate over all rows. */
#define ESTIMATE(measure, value, low, high, n)                                                     \
  "{'measure':'" measure "','role':'candidate','scope':{'kind':'all'},'value':" value              \
  ",'low':" low ",'high':" high ",'level':0.95,'n':" n "}"

#define INPUTS                                                                                     \
  "'inputs':{'config':{'task':'binary','label':'dead','positive':'1','score':['p'],"               \
  "'baseline_score':['q'],'threshold':0.5,'cluster':'case_id'},"                                   \
  "'data':[{'role':'train','source':'t.csv','rows_used':5},"                                       \
  "{'role':'test','source':'my rows.csv','rows_used':1000}],'models':[]}"

/* Applies the rule; title, why and command in one text, or NULL when it does not apply. */
static inline const char *fixture_apply(rule_find find, const char *document) {
  static char said[4096];
  struct advice advice = {0};
  json_t *root = fixture_json(document);
  bool applies = find(root, &advice);
  snprintf(said, sizeof said, "%s | %s | %s", advice.title.data == NULL ? "-" : advice.title.data,
           advice.why.data == NULL ? "-" : advice.why.data,
           advice.command.data == NULL ? "-" : advice.command.data);
  bool is_whole = !advice.title.failed && !advice.why.failed && !advice.command.failed &&
                  (!applies || (advice.title.data != NULL && advice.why.data != NULL));
  text_clear(&advice.title);
  text_clear(&advice.why);
  text_clear(&advice.command);
  json_decref(root);
  if (!is_whole) {
    fprintf(stderr, "half an action: %s\n", said);
    abort();
  }
  return applies ? said : NULL;
}

#define assert_says(find, document, piece)                                                         \
  do {                                                                                             \
    const char *said_ = fixture_apply(find, document);                                             \
    if (said_ == NULL || strstr(said_, piece) == NULL) {                                           \
      fail_msg("expected \"%s\" in: %s", piece, said_ == NULL ? "nothing" : said_);                \
    }                                                                                              \
  } while (0)

#define assert_silent(find, document)                                                              \
  do {                                                                                             \
    const char *said_ = fixture_apply(find, document);                                             \
    if (said_ != NULL) {                                                                           \
      fail_msg("expected nothing, found: %s", said_);                                              \
    }                                                                                              \
  } while (0)

#endif
