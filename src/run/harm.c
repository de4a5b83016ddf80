/*
 * Injected harms.
 *
 *   rates      a right answer of those that count is made wrong with probability δ/(share right)
 *   selection  a row that is chosen is not any more with probability δ/(share chosen)
 *   AUC        a positive's score becomes that of a random negative with probability δ/(AUC − 1/2)
 *   log-loss   the true class's probability times e^−δ: every row's loss + δ
 *   MAE        every error grows by δ, away from the target
 *
 * Each worsens the expected value by exactly δ. Other measures have no injector, and the self-test
 * says so.
 *
 * Cases:
 *  1. A harm larger than what there is to lose does not fit.
 *  2. Multiclass: a wrong answer is drawn from the other classes; what the true class loses in
 *     probability the others share in their proportion.
 *  3. A probability of the true class of 0: its loss is infinite, and the measure has said so
 * before.
 */
#include "run/harm.h"

#include <math.h>
#include <string.h>

#include "base/philox.h"

enum harm_kind { FLIP_ALL, FLIP_CLASS, FLIP_OTHERS, REFUSE, RANK, ROW_LOG_LOSS, ROW_ERROR };

struct harm {
  const char *id;
  enum harm_kind kind;
  bool counts_wrong; /* a share of wrong answers: the share right is 1 − value */
};

static const struct harm harms[] = {
    {"correctness.accuracy", FLIP_ALL, false},       {"correctness.error_rate", FLIP_ALL, true},
    {"correctness.recall", FLIP_CLASS, false},       {"correctness.fnr", FLIP_CLASS, true},
    {"correctness.specificity", FLIP_OTHERS, false}, {"correctness.fpr", FLIP_OTHERS, true},
    {"fairness.selection_rate", REFUSE, false},      {"correctness.auc", RANK, false},
    {"correctness.log_loss", ROW_LOG_LOSS, false},   {"correctness.mae", ROW_ERROR, false}};

const struct harm *harm_of(const struct measure *measure, const struct measure_variant *variant,
                           enum task task) {
  for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++) {
    const bool needs_binary =
        harms[i].kind == RANK || harms[i].kind == FLIP_OTHERS || harms[i].kind == REFUSE;
    if (strcmp(harms[i].id, measure->id) == 0 && variant->suffix[0] == '\0' &&
        (!needs_binary || task == TASK_BINARY)) {
      return &harms[i];
    }
  }
  return NULL;
}

bool harm_reads_ranks(const struct measure *measure) {
  static const char *const ids[] = {"correctness.auc",
                                    "correctness.auc_partial",
                                    "correctness.average_precision",
                                    "correctness.tpr_at_fpr",
                                    "correctness.recall_at_precision",
                                    "correctness.precision_at_recall",
                                    "correctness.f1_best",
                                    "correctness.lift_at",
                                    "correctness.gain",
                                    "correctness.spearman",
                                    "correctness.kendall"};
  bool reads = false;
  for (size_t i = 0; i < sizeof ids / sizeof ids[0] && !reads; i++) {
    reads = strcmp(ids[i], measure->id) == 0;
  }
  return reads;
}

static bool is_in(const struct swapped *swapped, const struct harm_scope *scope, size_t i) {
  return swapped->cell == NULL ? scope->in_scope[0] : scope->in_scope[swapped->cell[i]];
}

/* The class that recall is of: a scope's class, else the positive. */
static uint32_t class_of(const struct harm_scope *scope) {
  return scope->class_index >= 0 ? (uint32_t)scope->class_index : 1u;
}

static bool counts(const struct harm *harm, const struct harm_scope *scope, uint32_t label) {
  return harm->kind == FLIP_ALL || (label == class_of(scope)) == (harm->kind == FLIP_CLASS);
}

/* A draw of its own for every row, apart from the swaps. */
static struct philox_sequence row_draws(uint64_t seed, uint64_t repeat, size_t row) {
  return (struct philox_sequence){.seed = seed ^ (repeat << 20), .id = row};
}

static bool refuse(const struct harm_scope *scope, double share_chosen, double size, uint64_t seed,
                   uint64_t repeat, struct swapped *swapped) {
  const double q = size / share_chosen;
  uint32_t *prediction = swapped->prediction[STREAM_A];
  if (!(q >= 0.0 && q <= 1.0)) {
    return false; /* 1 */
  }
  for (size_t i = 0; i < swapped->rows->n; i++) {
    struct philox_sequence draws = row_draws(seed, repeat, i);
    if (prediction[i] == 1 && is_in(swapped, scope, i) && philox_next_uniform(&draws) < q) {
      prediction[i] = 0;
    }
  }
  return true;
}

static bool flip(const struct harm *harm, const struct harm_scope *scope, double share_right,
                 double size, uint64_t seed, uint64_t repeat, struct swapped *swapped) {
  const struct swapped_rows *rows = swapped->rows;
  const uint32_t k = (uint32_t)rows->roles.n_classes;
  const double q = size / share_right;
  uint32_t *prediction = swapped->prediction[STREAM_A];
  if (!(q >= 0.0 && q <= 1.0)) {
    return false; /* 1 */
  }
  for (size_t i = 0; i < rows->n; i++) {
    if (is_in(swapped, scope, i) && counts(harm, scope, rows->label[i]) &&
        prediction[i] == rows->label[i]) {
      struct philox_sequence draws = row_draws(seed, repeat, i);
      if (philox_next_uniform(&draws) < q) { /* 2 */
        prediction[i] = (rows->label[i] + 1 + philox_next_u32(&draws) % (k - 1)) % k;
      }
    }
  }
  return true;
}

/* A random negative of the scope: by trial, starting over where the row is none. */
static size_t random_negative(const struct swapped *swapped, const struct harm_scope *scope,
                              struct philox_sequence *draws) {
  const struct swapped_rows *rows = swapped->rows;
  size_t row = 0;
  do {
    row = (size_t)(philox_next_uniform(draws) * (double)rows->n);
  } while (rows->label[row] != 0 || !is_in(swapped, scope, row));
  return row;
}

static bool has_negative(const struct swapped *swapped, const struct harm_scope *scope) {
  const struct swapped_rows *rows = swapped->rows;
  bool has = false;
  for (size_t i = 0; i < rows->n && !has; i++) {
    has = rows->label[i] == 0 && is_in(swapped, scope, i);
  }
  return has;
}

static bool lower_ranks(const struct harm_scope *scope, double auc, double size, uint64_t seed,
                        uint64_t repeat, struct swapped *swapped) {
  const struct swapped_rows *rows = swapped->rows;
  const double q = size / (auc - 0.5);
  double *score = swapped->score[STREAM_A];
  if (!(q >= 0.0 && q <= 1.0) || !has_negative(swapped, scope)) {
    return false; /* 1 */
  }
  for (size_t i = 0; i < rows->n; i++) {
    if (rows->label[i] == 1 && is_in(swapped, scope, i)) {
      struct philox_sequence draws = row_draws(seed, repeat, i);
      if (philox_next_uniform(&draws) < q) {
        score[i] = score[random_negative(swapped, scope, &draws)];
      }
    }
  }
  return true;
}

/* The true class keeps `keep` of its probability. */
static void lower_true_class(double *p, size_t k, uint32_t label, double keep) {
  if (k == 1) {
    *p = label == 1 ? *p * keep : 1.0 - (1.0 - *p) * keep;
    return;
  }
  const double was = p[label], rest = 1.0 - was;
  for (size_t c = 0; c < k; c++) {
    if (c != label) {
      p[c] = rest > 0.0 ? p[c] * (1.0 - was * keep) / rest : (1.0 - was * keep) / (double)(k - 1);
    }
  }
  p[label] = was * keep;
}

static void raise_losses(const struct harm *harm, const struct harm_scope *scope, double size,
                         struct swapped *swapped) {
  const struct swapped_rows *rows = swapped->rows;
  const size_t k = rows->roles.n_scores;
  double *score = swapped->score[STREAM_A];
  for (size_t i = 0; i < rows->n; i++) {
    if (is_in(swapped, scope, i) && harm->kind == ROW_LOG_LOSS) {
      lower_true_class(score + i * k, k, rows->label[i], exp(-size));
    } else if (is_in(swapped, scope, i)) {
      score[i] += score[i] >= rows->target[i] ? size : -size;
    }
  }
}

bool harm_inject(const struct harm *harm, const struct harm_scope *scope, double value, double size,
                 uint64_t seed, uint64_t repeat, struct swapped *swapped) {
  switch (harm->kind) {
  case FLIP_ALL:
  case FLIP_CLASS:
  case FLIP_OTHERS:
    return flip(harm, scope, harm->counts_wrong ? 1.0 - value : value, size, seed, repeat, swapped);
  case REFUSE:
    return refuse(scope, value, size, seed, repeat, swapped);
  case RANK:
    return lower_ranks(scope, value, size, seed, repeat, swapped);
  case ROW_LOG_LOSS:
  case ROW_ERROR:
    raise_losses(harm, scope, size, swapped);
    break;
  }
  return true;
}
