/*
 * How large a model is and what it does for one row, read in its file: no clock, no noise.
 *
 *   parameters      elements of initialisers and numbers in lists of attributes; nodes of trees
 *   flops           floating-point operations for one row (artifact/onnx_cost.c, booster.c)
 *   memory_traffic  bytes of weights, and of every value between operators, moved for one row
 *
 * Cases:
 *  1. Operators that are not counted make the number a lower bound: a note names them. A comparison
 * of such numbers says so too; it may be wrong by what is not counted.
 *  2. A file that is not read has no such number: the reason is the probe's.
 */
#include <math.h>

#include "measure/probed.h"
#include "measure/records.h"

enum work { WORK_PARAMETERS, WORK_FLOPS, WORK_TRAFFIC };

static double work_value(const struct measure *measure, const struct probe_artifact *artifact) {
  switch (measure->function) {
  case WORK_PARAMETERS:
    return (double)artifact->n_parameters;
  case WORK_FLOPS:
    return artifact->flops;
  default:
    return artifact->traffic_bytes;
  }
}

static const struct probe_artifact *work_of(const struct measure *measure, struct view *view,
                                            int stream, struct inference *out) {
  const struct probe_artifact *artifact = probed_artifact(measure, view, stream, out);  /* 2 */
  if (artifact != NULL && artifact->is_bound && measure->function != WORK_PARAMETERS) { /* 1 */
    view_note(view, "a lower bound%s: not counted are %s",
              stream == STREAM_B ? " of the baseline" : "", artifact->not_counted);
  }
  return artifact;
}

static nonet_status work_estimate(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_artifact *artifact = work_of(measure, view, stream, out);
  if (artifact != NULL) {
    probed_exact(measure, view, work_value(measure, artifact), 1, out);
  }
  return NONET_OK;
}

static nonet_status work_compare(const struct measure *measure,
                                 const struct measure_variant *variant, struct view *view,
                                 struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_artifact *a = work_of(measure, view, STREAM_A, out);
  const struct probe_artifact *b = a == NULL ? NULL : work_of(measure, view, STREAM_B, out);
  if (b != NULL) {
    probed_exact_pair(measure, view, work_value(measure, a), work_value(measure, b), 2, out);
  }
  return NONET_OK;
}

#define WORK_RECORD(name, which, words, said, how, whence, what)                                   \
  const struct measure efficiency_##name = {                                                       \
      .id = "efficiency." #name,                                                                   \
      .attribute = ATTRIBUTE_EFFICIENCY,                                                           \
      .title = words,                                                                              \
      .definition = said,                                                                          \
      .formula = how,                                                                              \
      .source = whence,                                                                            \
      .unit = what,                                                                                \
      .direction = DIRECTION_LOWER,                                                                \
      .range = {0, INFINITY},                                                                      \
      .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,                                       \
      .scopes = IN_ALL,                                                                            \
      .probes = PROBE_BIT(PROBE_ARTIFACT),                                                         \
      .cost = COST_SCAN,                                                                           \
      .interval = "exact",                                                                         \
      .interval_weighted = "exact",                                                                \
      .function = which,                                                                           \
      .estimate = work_estimate,                                                                   \
      .compare = work_compare,                                                                     \
  };

WORK_RECORD(parameters, WORK_PARAMETERS, "Parameters",
            "Numbers that the model learnt, as far as its file shows them: elements of "
            "initialisers, number lists of trees and linear models, nodes of boosters.",
            "sum of the elements of initialisers, and of float lists in attributes of ai.onnx.ml; "
            "boosters: nodes",
            "onnx.proto; the boosters' own formats", "")
WORK_RECORD(flops, WORK_FLOPS, "Floating-point operations a row",
            "Additions, multiplications and comparisons for one row, by the graph; what is not "
            "counted is named, and the number is then a lower bound.",
            "sum over operators: products 2 M K N, convolutions 2 outputs x kernel x channels / "
            "groups, elementwise 1 an output, trees the mean depth of their leaves + 1",
            "the operators' definitions (onnx.ai/onnx/operators); Schwartz et al. 2020 (Green AI)",
            "")
WORK_RECORD(memory_traffic, WORK_TRAFFIC, "Bytes moved a row",
            "Bytes of weights and of values between operators that are read or written for one "
            "row, were nothing kept in a cache.",
            "bytes of initialisers + 4 bytes x elements of every operand and result; trees 16 "
            "bytes a node on the way",
            "the operators' definitions (onnx.ai/onnx/operators)", "bytes")
