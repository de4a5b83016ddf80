/*
 * Will it run there? What the model's file asks of a runtime, read and not tried.
 *
 *   opset_range             the newest opset of the default domain it asks for; the note says which
 *                           releases of ONNX Runtime open it (artifact/onnx_runtimes.c)
 *   custom_ops              nodes of domains that no official runtime brings
 *   external_data           files of external data that are missing, too short, or outside
 *   dynamic_batch           1 when its inputs take any number of rows
 *   op_coverage             nodes of opsets that the runtime here implements / nodes
 *   quantisation_readiness  operations in MatMul, Gemm, Conv / operations
 *   provenance              of producer, its version, licence, metadata: the share it states
 *
 * Cases:
 *  1. A booster has no graph: all but provenance are not applicable.
 *  2. No operation is counted: there is no share of them.
 *  3. The runtime's version is not known: there is no coverage.
 */
#include <math.h>

#include "measure/probed.h"
#include "measure/records.h"

enum graph {
  GRAPH_OPSET,
  GRAPH_CUSTOM,
  GRAPH_EXTERNAL,
  GRAPH_BATCH,
  GRAPH_COVERAGE,
  GRAPH_QUANTISABLE,
  GRAPH_PROVENANCE
};

static double ratio(double part, double whole) {
  return whole > 0 ? part / whole : NAN;
}

static double graph_value(const struct measure *measure, const struct probe_artifact *artifact) {
  switch ((enum graph)measure->function) {
  case GRAPH_OPSET:
    return (double)artifact->opset;
  case GRAPH_CUSTOM:
    return (double)artifact->n_custom;
  case GRAPH_EXTERNAL:
    return (double)artifact->n_external_bad;
  case GRAPH_BATCH:
    return artifact->batch == 0;
  case GRAPH_COVERAGE:
    return artifact->runtime_minor == 0
               ? NAN
               : ratio((double)artifact->n_known, (double)artifact->n_nodes);
  case GRAPH_QUANTISABLE:
    return ratio(artifact->quantisable_flops, artifact->flops);
  case GRAPH_PROVENANCE:
    return (artifact->has_producer + artifact->has_version + artifact->has_licence +
            artifact->has_metadata) /
           4.0;
  }
  return NAN;
}

static void opset_note(struct view *view, const struct probe_artifact *artifact) {
  if (artifact->first_minor == 0) {
    view_note(view,
              "opset %lld, ai.onnx.ml %lld, IR %lld: newer than every release of ONNX Runtime "
              "that was tried",
              (long long)artifact->opset, (long long)artifact->opset_ml,
              (long long)artifact->ir_version);
    return;
  }
  view_note(view, "opset %lld, ai.onnx.ml %lld, IR %lld: needs ONNX Runtime 1.%d%s",
            (long long)artifact->opset, (long long)artifact->opset_ml,
            (long long)artifact->ir_version, artifact->first_minor,
            artifact->is_first_oldest ? ", or one before it, which were not tried" : " or newer");
}

static void provenance_note(struct view *view, const struct probe_artifact *artifact) {
  if (graph_value(&deployability_provenance, artifact) < 1) {
    view_note(view, "not stated:%s%s%s%s", artifact->has_producer ? "" : " producer",
              artifact->has_version ? "" : " its version", artifact->has_licence ? "" : " licence",
              artifact->has_metadata ? "" : " metadata of its own");
  }
  if (artifact->has_licence) {
    view_note(view, "licence: %s", artifact->licence);
  }
}

static void graph_notes(const struct measure *measure, struct view *view,
                        const struct probe_artifact *artifact) {
  switch ((enum graph)measure->function) {
  case GRAPH_OPSET:
    opset_note(view, artifact);
    break;
  case GRAPH_CUSTOM:
    if (artifact->n_custom > 0) {
      view_note(view, "needs a library of custom operators wherever it runs: %s", artifact->custom);
    }
    break;
  case GRAPH_EXTERNAL:
    if (artifact->n_external > 0) {
      view_note(view, "%zu files of external data, %llu bytes%s%s", artifact->n_external,
                (unsigned long long)artifact->external_bytes,
                artifact->n_external_bad > 0 ? "; " : "", artifact->external);
    }
    break;
  case GRAPH_BATCH:
    if (artifact->batch > 0) {
      view_note(view, "an input is fixed to %lld row%s a call; export it with an open first axis",
                (long long)artifact->batch, artifact->batch == 1 ? "" : "s");
    }
    break;
  case GRAPH_PROVENANCE:
    provenance_note(view, artifact);
    break;
  case GRAPH_QUANTISABLE:
    if (artifact->is_bound) {
      view_note(view, "of what is counted; not counted are %s", artifact->not_counted);
    }
    break;
  default:
    break;
  }
}

static const struct probe_artifact *graph_of(const struct measure *measure, struct view *view,
                                             int stream, struct inference *out) {
  const struct probe_artifact *artifact = probed_artifact(measure, view, stream, out);
  if (artifact == NULL) {
    return NULL;
  }
  if (!artifact->is_graph && measure->function != GRAPH_PROVENANCE) { /* 1 */
    law_missing(view, measure, out, "not applicable: a booster's file has no graph");
  } else if (isnan(graph_value(measure, artifact))) { /* 2, 3 */
    law_missing(view, measure, out,
                measure->function == GRAPH_COVERAGE
                    ? "the version of the runtime, or any node, is not known"
                    : "no operation of the graph is counted");
  } else {
    return artifact;
  }
  return NULL;
}

static nonet_status graph_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_artifact *artifact = graph_of(measure, view, stream, out);
  if (artifact != NULL) {
    probed_exact(measure, view, graph_value(measure, artifact),
                 measure->function == GRAPH_PROVENANCE ? 4 : fmax(1, (double)artifact->n_nodes),
                 out);
    graph_notes(measure, view, artifact);
  }
  return NONET_OK;
}

static nonet_status graph_compare(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_artifact *a = graph_of(measure, view, STREAM_A, out);
  const struct probe_artifact *b = a == NULL ? NULL : graph_of(measure, view, STREAM_B, out);
  if (b != NULL) {
    probed_exact_pair(measure, view, graph_value(measure, a), graph_value(measure, b), 2, out);
  }
  return NONET_OK;
}

#define GRAPH_RECORD(name, which, words, said, how, whence, better, most)                          \
  const struct measure deployability_##name = {                                                    \
      .id = "deployability." #name,                                                                \
      .attribute = ATTRIBUTE_DEPLOYABILITY,                                                        \
      .title = words,                                                                              \
      .definition = said,                                                                          \
      .formula = how,                                                                              \
      .source = whence,                                                                            \
      .unit = "",                                                                                  \
      .direction = better,                                                                         \
      .range = {0, most},                                                                          \
      .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,                                       \
      .scopes = IN_ALL,                                                                            \
      .probes = PROBE_BIT(PROBE_ARTIFACT),                                                         \
      .cost = COST_SCAN,                                                                           \
      .interval = "exact",                                                                         \
      .interval_weighted = "exact",                                                                \
      .function = which,                                                                           \
      .estimate = graph_estimate,                                                                  \
      .compare = graph_compare,                                                                    \
  };

GRAPH_RECORD(opset_range, GRAPH_OPSET, "Operator set it asks for",
             "The version of the default operator set that the graph asks for: older runtimes "
             "refuse it; the note names the oldest ONNX Runtime that opens it.",
             "opset_import of the default domain",
             "onnx.proto; releases 1.15 to 1.32 of ONNX Runtime, tried", DIRECTION_LOWER, INFINITY)
GRAPH_RECORD(custom_ops, GRAPH_CUSTOM, "Custom operators",
             "Nodes of domains that no official runtime brings and the model does not define: they "
             "need a library of their own wherever it runs.",
             "nodes outside ai.onnx*, com.microsoft* and the model's functions", "onnx.proto",
             DIRECTION_LOWER, INFINITY)
GRAPH_RECORD(external_data, GRAPH_EXTERNAL, "External data that are not in place",
             "Files the model keeps weights in that are missing, too short, or outside its folder.",
             "files of external data that do not hold what their tensors need",
             "onnx.proto; ONNX external data specification", DIRECTION_LOWER, INFINITY)
GRAPH_RECORD(dynamic_batch, GRAPH_BATCH, "Any batch size",
             "1 when the first axis of every input is open, so that a call may hold any number of "
             "rows; else 0.",
             "1 if no input fixes its first axis, else 0", "onnx.proto", DIRECTION_HIGHER, 1)
GRAPH_RECORD(op_coverage, GRAPH_COVERAGE, "Operators the runtime implements",
             "Share of nodes whose operator set the runtime that is here implements; custom "
             "operators are not.",
             "nodes of implemented opsets / nodes", "releases 1.15 to 1.32 of ONNX Runtime, tried",
             DIRECTION_HIGHER, 1)
GRAPH_RECORD(quantisation_readiness, GRAPH_QUANTISABLE, "Quantisable share",
             "Share of the floating-point operations that stand in operators which 8-bit "
             "quantisation replaces.",
             "operations in MatMul, Gemm, Conv / operations", "ONNX Runtime, Quantize ONNX models",
             DIRECTION_HIGHER, 1)
GRAPH_RECORD(provenance, GRAPH_PROVENANCE, "Says where it comes from",
             "Share of four statements that the file makes: producer, its version, licence, "
             "metadata of its own. Its hash stands in the evidence; hold its size to a budget with "
             "require: efficiency.artifact_bytes.",
             "statements made / 4", "onnx.proto; ONNX metadata properties", DIRECTION_HIGHER, 1)
