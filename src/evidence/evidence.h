/*
 * Evidence: the one document of a run (contract.md, nonet/evidence/1), built piece by piece,
 * finished once.
 *
 * Builders copy what they are given. After evidence_finish the document is sorted, carries its
 * digest and does not change. Reports and the store read evidence->root (a jansson tree) and
 * nothing else, so the document carries each measure's title, unit and definition. After an
 * allocation failure the builders do nothing; evidence_finish tells.
 */
#ifndef EVIDENCE_EVIDENCE_H
#define EVIDENCE_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <nonet/status.h>

enum evidence_scope_kind { SCOPE_ALL, SCOPE_GROUP, SCOPE_CLASS, SCOPE_COLUMN, SCOPE_SLICE };

/* Borrowed by the builders. A group's class: SCOPE_GROUP with class_name. */
struct evidence_scope {
  enum evidence_scope_kind kind;
  size_t n_by;
  const char *const *by_column;
  const char *const *by_value; /* NULL entry: the null group */
  const char *class_name;      /* SCOPE_CLASS, or a group's class */
  const char *column;          /* SCOPE_COLUMN; of columns that are crossed "sex*race" */
  size_t n_columns;            /* crossed: their names; else 0 */
  const char *const *columns;
  const char *where; /* SCOPE_SLICE: the conditions in words */
};

enum evidence_role { ROLE_CANDIDATE, ROLE_BASELINE, ROLE_DIFFERENCE };

/* Not finite = null. */
struct evidence_estimate {
  const char *measure; /* full id with @variant */
  const char *attribute;
  enum evidence_role role;
  struct evidence_scope scope;
  double value, low, high, level;
  const char *method;
  double n, n_effective;
  size_t n_notes;
  const char *const *notes;
};

struct evidence_curve {
  const char *measure;
  enum evidence_role role;
  struct evidence_scope scope;
  size_t n_points;
  const double *x, *y, *low, *high; /* low and high may be NULL */
  const char *const *labels;        /* names of the points; NULL: they have none */
  double level;
  const char *method; /* of the band; NULL: there is none */
  double n;
  size_t n_notes;
  const char *const *notes;
};

/* One row of "judgements"; NaN = null, NULL = null. */
struct evidence_judgement {
  const char *measure;
  struct evidence_scope scope;
  const char *kind; /* non_inferiority, requirement, gain */
  double difference, low, high, level;
  const char *method;
  const char *op;
  double threshold, threshold_high; /* the upper end of "in"; else NaN */
  double margin;                    /* δ on the scale of difference */
  const char *margin_stated;        /* as the person wrote it: "0.01", "5%" */
  const char *scale; /* of difference, low, high, margin: "difference", "log_ratio" or "value" */
  double p_safe, p_harmed, p_harmed_adjusted;
  const char *state, *reason;
  const char *why; /* the reason of the margin, as the context gives it */
  int tier;
  bool is_primary, is_guard;
  double alpha_used, limit;
  const char *gain;
  double p_gain;
  int look;
  double n_needed, n_fail;
  const char *excused_by;
};

struct evidence_finding {
  const char *id, *attribute, *severity, *title, *text;
  const char *const *hurts;
  size_t n_hurts;
  json_t *where;       /* borrowed; NULL: {} */
  const char *remedy;  /* what helps, one sentence; NULL: nothing is said */
  const char *command; /* a line for a shell that begins the remedy; NULL: there is none */
};

struct evidence {
  json_t *root;
  bool failed; /* an allocation failed */
  bool is_finished;
};

nonet_status evidence_new(const char *command, struct evidence **evidence,
                          nonet_error *error) NONET_NODISCARD;
void evidence_free(struct evidence *evidence);

/* run and inputs; `key` is a field of "run", "config" or "machine". Values, left_out and fields
 * (objects) are stolen; NULL is a failed allocation. */
void evidence_set_run(struct evidence *evidence, const char *key, json_t *value);
void evidence_set_config(struct evidence *evidence, const char *key, json_t *value);
void evidence_set_machine(struct evidence *evidence, const char *key, json_t *value);
void evidence_add_data(struct evidence *evidence, const char *role, const char *source,
                       uint64_t rows, uint64_t rows_used, const char *sha256, json_t *left_out);
void evidence_add_model(struct evidence *evidence, const char *role, const char *kind,
                        json_t *fields);
void evidence_add_measure(struct evidence *evidence, const char *id, const char *title,
                          const char *definition, const char *unit, const char *direction,
                          const char *source);
/* A measure that is a curve: what its axes are called, after evidence_add_measure. */
void evidence_add_axes(struct evidence *evidence, const char *id, const char *axis_x,
                       const char *axis_y);
void evidence_add_estimate(struct evidence *evidence, const struct evidence_estimate *estimate);
void evidence_add_curve(struct evidence *evidence, const struct evidence_curve *curve);
void evidence_add_judgement(struct evidence *evidence, const struct evidence_judgement *judgement);
void evidence_add_finding(struct evidence *evidence, const struct evidence_finding *finding);
void evidence_add_action(struct evidence *evidence, const char *title, const char *why,
                         const char *expected, const char *command);
void evidence_add_skipped(struct evidence *evidence, const char *measure, const char *reason);
void evidence_add_timing(struct evidence *evidence, const char *what, double seconds);
/* The verdict object is stolen. */
void evidence_set_verdict(struct evidence *evidence, json_t *verdict);

/* Sorts, counts the actions' ranks, takes the digest and the run id. */
nonet_status evidence_finish(struct evidence *evidence, nonet_error *error) NONET_NODISCARD;

/* SHA-256 (hex) over the canonical JSON of estimates, curves, judgements and findings without
 * timing measures. */
nonet_status evidence_digest(const json_t *root, char hex[65], nonet_error *error) NONET_NODISCARD;

/* Parses and checks a document: schema name, required parts, types. Newer optional fields are kept
 * and ignored. */
nonet_status evidence_parse(const char *data, size_t size_bytes, const char *source,
                            struct evidence **evidence, nonet_error *error) NONET_NODISCARD;

#endif
