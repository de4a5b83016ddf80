/*
 * The court: the gates of a context and the requirements of a configuration, each with the law of
 * its difference or its value from what was measured, brought before the judge; the answer in the
 * evidence.
 */
#ifndef RUN_COURT_H
#define RUN_COURT_H

#include "evidence/store.h"
#include "judge/judge.h"
#include "measure/view.h"
#include "policy/config.h"
#include "run/intake.h"

struct court_request {
  const nonet_options *options;
  const struct context *context;
  const struct config_margin *margins; /* replace a gate's margin, or make a gate */
  size_t n_margins;
  const struct requirement *require; /* beside those of the context */
  size_t n_require;
  const char *only, *skip; /* what was asked for; NULL: everything, nothing */
  bool is_partial;         /* coverage */
  const struct intake *intake;
  bool has_baseline;
  bool is_identical;             /* both models have one hash */
  bool has_store;                /* looks are counted */
  const struct store_look *look; /* NULL: the first */
};

/* One gate or requirement, as it was asked for. */
struct court_case {
  enum judge_kind kind;
  const char *id;
  const struct requirement_scope *scope;
  const struct requirement *requirement;
  const char *stated, *why; /* the margin or the requirement as written; the reason, or NULL */
  struct margin margin, limit;
  bool has_limit;
  struct catalogue_pick *pick; /* one pick, owned; NULL: not built */
  const struct measure *measure;
  struct measure_variant variant;
  const char *
      *part_names;  /* [n_parts] of a gate over groups, "sex=Female"; owned, the names are not */
  char reason[320]; /* why it was not measured or cannot decide; "" */
};

struct court {
  const struct court_request *request;
  struct court_case *cases;     /* [n] */
  struct judge_member *members; /* [n] the same, for the judge */
  size_t n, capacity;
  struct court_room *rooms; /* views by scope; the laws borrow from them */
  size_t n_rooms;
  struct requirement_scope *column_scopes; /* [n_groups] one for each group column */
  struct view_options view_options;
};

/* Lists the cases and fills the laws of those that can be measured. */
nonet_status court_open(struct court *court, const struct court_request *request,
                        nonet_error *error) NONET_NODISCARD;
void court_close(struct court *court);
/* The place of a scope's class among the label's (−1: it names none). NONET_E_CONFIG: the label has
 * no such class, or classes have no measures. */
nonet_status court_class(enum task task, char *const *classes, size_t n_classes, const char *name,
                         int *class_index, nonet_error *error) NONET_NODISCARD;
/* Appends "fairness.no_group_worse{sex}": a case as a person names it. */
void court_case_name(struct text *text, const struct court_case *made);
/* Is it taken anew in every run, by a clock or a counter? NULL (not built yet): no. */
bool court_is_timed(const struct measure *measure);
/* The rows and the class (−1: none) of a measured case; borrowed. */
void court_scope(const struct court *court, size_t i, const bool **in_scope, int *class_index);
/* Over which groups a measured case is a number or a gate: sets of group columns, a bit each, in
 * columns[VIEW_COLUMNS_MOST]; how many sets. */
size_t court_columns(const struct court *court, size_t i, unsigned *columns);

/* After the judgement: names in the reason the group that lost most, of a gate over groups that is
 * not SAFE. */
void court_name_worst(struct court *court, size_t i);

/* --margin ID=VALUE[,...] of a command line. */
struct court_margins {
  struct config_margin *item;
  size_t n;
  struct pool pool;
};
nonet_status court_margins_read(const char *list, struct court_margins *margins,
                                nonet_error *error) NONET_NODISCARD;
void court_margins_clear(struct court_margins *margins);

#endif
