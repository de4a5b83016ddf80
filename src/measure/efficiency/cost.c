/*
 * What 1,000 single-row requests cost: processor time, energy, and what follows from them by
 * factors of the owner's; and what a millisecond buys.
 *
 *   cpu_seconds_per_1k  c_l = 1000·(processor time of the process in the kept requests)/requests,
 *                       launch by launch; geometric mean, t over launches (launches.c)
 *   energy_per_1k       the same of the packages' energy counters (powercap)
 *   co2_per_1k          energy · factor / 3.6e6        factor in g/kWh
 *   cost_per_1k         processor time · price / 3600  price of an hour of a core
 *   quality_per_ms      Q/T, Q the correctness (binary: AUC; multiclass: exp(-log_loss), the
 *                       geometric mean of the probability given to the truth), T the mean latency.
 *                       Rows and launches are independent: MOVER on the log scale,
 *                       log Q/T -/+ √((log Q - log Q_l)² + (log T - log T_u)²) and its mirror
 *
 * Cases:
 *  1. A model that is a program of its own: this process' time is not the model's. Null.
 *  2. No energy counters, or out of reach: null, with the probe's reason.
 *  3. No factor: null, and the key that gives one.
 *  4. The counters see the whole package: what else runs there is in the energy, and a note says
 * so. It is in both models' alike, block by block.
 *  5. The factor is taken as known: it scales value and bounds.
 *  6. Without scores there is no AUC; a Q or T without an interval leaves a value alone.
 */
#include <math.h>

#include "base/error.h"
#include "measure/efficiency/launches.h"
#include "measure/probed.h"
#include "measure/records.h"
#include "stats/interval.h"

enum cost_value { COST_CPU, COST_ENERGY, COST_CO2, COST_MONEY };

#define J_PER_KWH 3.6e6
#define S_PER_HOUR 3600.0

/* From what is counted (s, J) to the measure's unit; 0: no factor is given. */
static double factor_of(const struct measure *measure, const struct probe_factors *factors) {
  switch ((enum cost_value)measure->function) {
  case COST_CO2:
    return factors->co2_g_per_kwh / J_PER_KWH;
  case COST_MONEY:
    return factors->cost_per_cpu_hour / S_PER_HOUR;
  case COST_CPU:
  case COST_ENERGY:
    break;
  }
  return 1;
}

static bool counts_energy(const struct measure *measure) {
  return measure->function == COST_ENERGY || measure->function == COST_CO2;
}

/* Cases 1 to 3: false, and *out says why. */
static bool is_counted(const struct measure *measure, struct view *view, int stream,
                       struct inference *out) {
  const struct probe_latency *latency = &view->answers->latency;
  if (counts_energy(measure) && latency->no_power[0] != '\0') { /* 2 */
    law_missing(view, measure, out, "not applicable: %s", latency->no_power);
  } else if (!counts_energy(measure) && latency->is_elsewhere[stream]) { /* 1 */
    law_missing(view, measure, out,
                "not applicable: the model is a program of its own, and its processor time is not "
                "this process'");
  } else if (!(factor_of(measure, &view->answers->factors) > 0)) { /* 3 */
    law_missing(view, measure, out, "not asked: no factor is given; `factors: {%s}` gives one",
                measure->function == COST_CO2 ? "co2_g_per_kwh: 400" : "cost_per_cpu_hour: 0.05");
  } else {
    return true;
  }
  return false;
}

/* [n_launches] of 1,000 requests, in the arena; NULL when memory is short. */
static double *costs_of(const struct measure *measure, struct view *view, int stream) {
  const struct probe_latency *latency = &view->answers->latency;
  double *cost = view_arena(view, latency->n_launches + 1, sizeof *cost);
  double factor = factor_of(measure, &view->answers->factors);
  for (size_t i = 0; cost != NULL && i < latency->n_launches; i++) {
    const struct probe_launch *launch = &latency->launches[i];
    double used =
        counts_energy(measure) ? 1e-6 * launch->energy_uj[stream] : 1e-9 * launch->cpu_ns[stream];
    cost[i] = 1000 * factor * used / (double)launch->n[stream];
  }
  return cost;
}

static nonet_status cost_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  if (probed_stream(measure, view, stream, out) == NULL ||
      !is_counted(measure, view, stream, out)) {
    return NONET_OK;
  }
  const struct probe_latency *latency = &view->answers->latency;
  double *cost = costs_of(measure, view, stream);
  if (cost == NULL) {
    return error_memory(error, latency->n_launches * sizeof *cost, "costs of launches");
  }
  launches_geometric(measure, view, cost, latency->n_launches, out);
  launches_note(view, latency, stream);
  if (counts_energy(measure)) { /* 4 */
    view_note(view, "of the whole processor package, with whatever else ran on it");
  }
  return NONET_OK;
}

static nonet_status cost_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  (void)variant;
  for (int s = 0; s < N_STREAMS; s++) {
    if (probed_stream(measure, view, s, out) == NULL || !is_counted(measure, view, s, out)) {
      return NONET_OK;
    }
  }
  double *a = costs_of(measure, view, STREAM_A), *b = costs_of(measure, view, STREAM_B);
  size_t n = view->answers->latency.n_launches;
  if (a == NULL || b == NULL) {
    return error_memory(error, n * sizeof *a, "costs of launches");
  }
  launches_ratio(measure, view, a, b, n, false, out);
  return NONET_OK;
}

/* ---- quality_per_ms ---- */

struct quality_law {
  struct inference quality, time; /* of Q's measure, and of the mean in ms */
  bool is_loss;                   /* Q = exp(−value) */
};

static double log_quality(const struct quality_law *law, double value) {
  return law->is_loss ? -value : log(fmax(value, 0));
}

static void quality_bounds(const struct inference *out, double level, double *low, double *high) {
  const struct quality_law *law = out->context;
  double q[2], t[2];
  inference_bounds(&law->quality, level, &q[0], &q[1]);
  inference_bounds(&law->time, level, &t[0], &t[1]);
  double q_low = log_quality(law, law->is_loss ? q[1] : q[0]),
         q_high = log_quality(law, law->is_loss ? q[0] : q[1]);
  double log_q = log_quality(law, law->quality.value), log_t = log(law->time.value);
  *low = exp(log_q - log_t - hypot(log_q - q_low, log(t[1]) - log_t));
  *high = t[0] > 0 ? exp(log_q - log_t + hypot(q_high - log_q, log_t - log(t[0]))) : INFINITY;
}

static nonet_status quality_estimate(const struct measure *measure,
                                     const struct measure_variant *variant, struct view *view,
                                     int stream, struct inference *out, nonet_error *error) {
  static const struct measure_variant plain = {.suffix = ""};
  (void)variant;
  const struct measure *primary = generalisation_gap_primary(view->task);
  if (probed_stream(measure, view, stream, out) == NULL) {
    return NONET_OK;
  }
  if (!view->set->roles.has_score[stream]) { /* 6 */
    law_missing(view, measure, out, "not applicable: %s needs scores, the model gives decisions",
                primary->id);
    return NONET_OK;
  }
  struct quality_law *law = view_arena(view, 1, sizeof *law);
  if (law == NULL) {
    return error_memory(error, sizeof *law, "quality and time");
  }
  law->is_loss = primary->direction == DIRECTION_LOWER;
  nonet_status status = primary->estimate(primary, &plain, view, stream, &law->quality, error);
  if (status == NONET_OK) {
    view->n_notes = 0;
    status = efficiency_latency_mean.estimate(&efficiency_latency_mean, &plain, view, stream,
                                              &law->time, error);
  }
  if (status != NONET_OK) {
    return status;
  }
  double value = exp(log_quality(law, law->quality.value)) / law->time.value;
  if (isnan(value) || law->quality.kind == INFERENCE_MISSING ||
      law->time.kind == INFERENCE_MISSING) { /* 6 */
    const char *why =
        law->quality.kind == INFERENCE_MISSING ? law->quality.reason : law->time.reason;
    law_no_interval(view, measure, value, out, "%s", why == NULL ? "no interval" : why);
    return NONET_OK;
  }
  *out = law_start(measure, INFERENCE_LIMITS, "mover", false);
  out->value = value;
  out->bounds = quality_bounds;
  out->context = law;
  view_note(view, "%s over the mean latency", law->is_loss ? "exp(-log_loss)" : primary->id);
  return NONET_OK;
}

#define COST_COMMON                                                                                \
  .attribute = ATTRIBUTE_EFFICIENCY, .scopes = IN_ALL, .probes = PROBE_BIT(PROBE_LATENCY),         \
  .cost = COST_SCAN, .interval_weighted = "none: launches carry no weight", .range = {0, INFINITY}

#define COST_RECORD(name, which, words, what, how, in_unit, from)                                  \
  const struct measure efficiency_##name = {                                                       \
      .id = "efficiency." #name,                                                                   \
      .title = words,                                                                              \
      .definition = what,                                                                          \
      .formula = how,                                                                              \
      .source = from,                                                                              \
      .unit = in_unit,                                                                             \
      .direction = DIRECTION_LOWER,                                                                \
      .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,                                       \
      .interval = "blocks",                                                                        \
      .function = which,                                                                           \
      .estimate = cost_estimate,                                                                   \
      .compare = cost_compare,                                                                     \
      COST_COMMON,                                                                                 \
  };

COST_RECORD(cpu_seconds_per_1k, COST_CPU, "Processor time of 1,000 requests",
            "Seconds of processor time that the process uses for 1,000 requests of a single row.",
            "exp(mean log c_l) over launches, c_l = 1000 · processor time / requests", "s",
            "POSIX CLOCK_PROCESS_CPUTIME_ID; interval: t over launches")
COST_RECORD(energy_per_1k, COST_ENERGY, "Energy of 1,000 requests",
            "Energy of the processor packages during 1,000 requests of a single row.",
            "exp(mean log e_l) over launches, e_l = 1000 · energy / requests", "J",
            "Linux powercap (RAPL); Strubell 2019; interval: t over launches")
COST_RECORD(co2_per_1k, COST_CO2, "Carbon dioxide of 1,000 requests",
            "Grams of carbon dioxide for the energy of 1,000 requests, by the context's factor.",
            "energy_per_1k · co2_g_per_kwh / 3.6e6", "g",
            "Strubell 2019; Schwartz 2020; the factor is the owner's and taken as known")
COST_RECORD(cost_per_1k, COST_MONEY, "Price of 1,000 requests",
            "Price of the processor time of 1,000 requests, in the currency of the context's "
            "factor.",
            "cpu_seconds_per_1k · cost_per_cpu_hour / 3600", "currency",
            "the factor is the owner's and taken as known")

const struct measure efficiency_quality_per_ms = {
    .id = "efficiency.quality_per_ms",
    .title = "Quality per millisecond",
    .definition = "Correctness (AUC; multiclass: exp(-log_loss)) over the mean latency of a "
                  "single-row request.",
    .formula = "Q / T",
    .source = "Schwartz 2020 (Green AI); interval: MOVER, Zou & Donner 2008",
    .unit = "1/ms",
    .direction = DIRECTION_HIGHER,
    .tasks = FOR_BINARY | FOR_MULTICLASS,
    .needs = NEEDS_SCORE,
    .kinds = SUMMARY_MOMENTS | SUMMARY_MULTISET,
    .interval = "mover",
    .never_gated = true,
    .estimate = quality_estimate,
    COST_COMMON,
};
