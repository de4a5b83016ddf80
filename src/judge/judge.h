/*
 * The judge: from laws to states and one verdict, with the two error promises of a gate:
 *   false FAIL  (no gate worse than its margin, no requirement missed, yet FAIL)  <= alpha
 *   false PASS  (a gate beyond its limit, or beyond its margin without a limit or a true gain in a
 *                strictly higher tier, or a requirement missed, yet PASS)           <= alpha
 * both asymptotic and one-sided. What the data cannot decide is INCONCLUSIVE, with the rows that
 * would decide it.
 *
 * Pure: it reads struct inference and knows neither measures nor data; no I/O, no state. The caller
 * hands in every gate and requirement of the resolved context, for every candidate, whether or not
 * it was measured: they are one family, whose size is fixed before any data are seen.
 *
 * Differences of gates are oriented: positive is better. Laws of requirements are of the measure
 * itself, in its unit.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

#include "judge/looks.h"
#include "measure/inference.h"

enum judge_kind { JUDGE_GATE, JUDGE_REQUIREMENT };
enum judge_state {
  STATE_SAFE,
  STATE_EXCUSED,
  STATE_HARMED,
  STATE_UNDECIDED,
  STATE_MET,
  STATE_VIOLATED,
  STATE_NOT_MEASURED
};
/* Why a member was not measured. A gate that is not applicable blocks nothing and is not counted;
 * another absence blocks PASS unless coverage is partial. A requirement that was not measured is
 * never met: it blocks PASS whatever the reason. */
enum judge_absence {
  ABSENCE_NONE,
  ABSENCE_NOT_APPLICABLE,
  ABSENCE_NOT_BUILT,
  ABSENCE_NOT_ASKED,
  ABSENCE_FAILED
};
enum judge_gain { GAIN_NONE, GAIN_IMPROVED, GAIN_GAINED };
enum judge_verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_NONE };
/* What more of would decide a member: labelled rows, or launches of the programs. */
enum judge_unit { UNIT_ROWS, UNIT_LAUNCHES, N_JUDGE_UNITS };

#define JUDGE_NOBODY ((size_t)-1)

const char *judge_kind_name(enum judge_kind kind); /* "non_inferiority", "requirement" */
const char *judge_state_name(enum judge_state state);
const char *judge_absence_name(enum judge_absence absence); /* "not_applicable" …; NULL: NONE */
const char *judge_gain_name(enum judge_gain gain);          /* NULL for GAIN_NONE */
const char *judge_verdict_name(enum judge_verdict verdict);

/* One group of a gate that is made of several ("no group worse"). Every group of the data is a
 * part, also one too small to judge (its law MISSING or undecided): the gate is then UNDECIDED. */
struct judge_part {
  /* in */
  struct inference law; /* of the group's oriented difference */
  double n;             /* rows the law rests on */
  /* out */
  enum judge_state state;
  double p_safe, p_harmed; /* of this part alone, before Bonferroni and Holm */
  double low, high;        /* the part's own interval, at the member's level */
  double se;               /* the standard error its law acts with */
  double n_needed;         /* as the member's */
};

struct judge_member {
  /* in */
  enum judge_kind kind;
  size_t candidate; /* 0 … n_candidates − 1 */
  enum judge_absence absence;
  bool is_exact;            /* by its record without sampling error: outside the family */
  struct inference law;     /* MISSING or law.undecided: cannot decide, p = 1, still counted */
  struct judge_part *parts; /* several laws as one gate (then `law` is not read), else NULL */
  size_t n_parts;
  double margin; /* gate: δ >= 0 on the law's scale */
  double limit;  /* gate: L > δ; NaN: none. Never in tier 1, never a guard: then not read */
  double gamma;  /* gate: a gain must exceed it to be GAINED; NaN: the margin */
  double range_low, range_high; /* requirement: what is allowed; the end that does not bind is ∓∞ */
  double n; /* rows (positives, launches …) the law rests on: the unit of n_needed */
  enum judge_unit unit;
  int tier;        /* 1 = most critical */
  bool is_primary; /* its attribute's primary: takes part in the gains family */
  bool is_guard;   /* must not be harmed; neither excuses nor is excused */
  /* out */
  enum judge_state state;
  enum judge_gain gain;
  double se;               /* judge_law_se of the law; NaN for parts, which have their own */
  double value, low, high; /* estimate and its interval: the two-sided inversion of its own test;
                              of parts: the worst part's value, the bounds of the minimum */
  double level;            /* of [low, high]: 1 − 2·(nominal alpha of this look) */
  double alpha_used;       /* what p_safe is held against, overall (0.8 α with a limit) */
  /* With looks every p is the overall one (looks.h): SAFE when p_safe <= alpha_used. */
  double p_safe, p_harmed;  /* before Holm: safe or met; harmed or violated */
  double p_harmed_adjusted; /* Holm over the family */
  double p_limit;           /* of "beyond the limit"; NaN without one */
  double p_gain, p_gained;  /* Holm over the gains family, for 0 and for γ; NaN outside it */
  double n_needed;   /* in `n`'s unit: SAFE with probability `power` if the models are equal (a
                        requirement: MET if its estimate is true); NaN: none would do, or decided */
  double n_fail;     /* that would prove the harm the estimate shows; NaN where it shows none */
  double n_gain;     /* a primary: that would prove the gain the estimate shows (GAINED); NaN: none.
                        A HARMED gate with a limit: the least n_gain of those that could excuse it */
  size_t n_gain_of;  /* HARMED with a limit: the member whose n_gain that is, else JUDGE_NOBODY */
  size_t excused_by; /* index of the member whose gain excuses this one, else JUDGE_NOBODY */
  size_t worst_part; /* the part with the largest p_safe of those with a value; 0 without parts */
};

struct judge_rules {
  double alpha;    /* 0.05, one-sided */
  double power;    /* 0.8 */
  size_t n_family; /* members of the family fixed beforehand; 0: as counted in those given */
  size_t n_candidates;
  const bool *is_identical; /* [n_candidates] same hash as the baseline: exactly equal; NULL: no */
  bool allows_tradeoffs;
  bool is_partial;               /* coverage: partial */
  bool is_late;                  /* looks: 1 and the data have grown since: INCONCLUSIVE at best */
  const struct looks *looks;     /* looks: grow; NULL: this look has the whole alpha */
  double n_today[N_JUDGE_UNITS]; /* labelled rows and launches of today; 0: the largest n */
};

struct judge_candidate {
  enum judge_verdict verdict;
  double p_pass, p_pass_adjusted; /* the least alpha at which it passes; Holm over candidates. NaN:
                                     an absent member blocks at any alpha */
  double n_needed[N_JUDGE_UNITS]; /* today's times the factor that gives PASS with probability
                                     `power` if the models are equal; NaN: none, not needed */
};

struct judge_result {
  enum judge_verdict verdict; /* PASS: a candidate passes; FAIL: all fail */
  size_t n_family;
  double alpha_gains; /* the gains family's share: 0.2 α where a gate has a limit, else α */
  double n_needed[N_JUDGE_UNITS]; /* the least of the open candidates; NaN: none */
};

/* Sets every `out` field of the members (and of their parts) and candidates[rules->n_candidates].
 * NONET_E_MEMORY only. */
nonet_status judge_members(struct judge_member *members, size_t n_members,
                           const struct judge_rules *rules, struct judge_candidate *candidates,
                           struct judge_result *result, nonet_error *error) NONET_NODISCARD;

/* The size of the family of these members: those with sampling error that are applicable. */
size_t judge_family_size(const struct judge_member *members, size_t n_members);

/* Does what was not measured block PASS? */
bool judge_blocks(const struct judge_member *member, bool is_partial);

/* The law of the oriented log ratio ±log(A/B), for margins given in per cent. MISSING when a part
 * is not positive or not known. */
struct inference judge_log_ratio(const struct inference *difference, bool higher_is_better);

/* For --explain-plan, before anything is judged. */
struct judge_planned {
  /* in */
  double margin, se; /* the standard error expected at the rows there are */
  bool has_limit;
  /* out */
  double ratio; /* δ/se */
  double power; /* chance of SAFE if the models are equal */
};
/* The chance that an equal candidate passes all of them: at least `*least` (no assumption), `*p` if
 * they were independent. */
void judge_plan_power(struct judge_planned *planned, size_t n, const struct judge_rules *rules,
                      double *p, double *least);

/* The standard error a law of any kind acts with: from the width of its interval. NaN: none. */
double judge_law_se(const struct inference *law, double alpha);

/* looks: grow. The rows at which alpha will be spent: those that give PASS with probability `power`
 * by the standard errors alone (d = 0; requirements at their estimates). NaN: none would do. To be
 * frozen at the first look; information is then n/n_max. Sets the members' `se` alone. */
double judge_n_max(struct judge_member *members, size_t n_members, const struct judge_rules *rules);

#endif
