/*
 * The size of the model's files: what is stored, shipped and loaded.
 *
 * Cases:
 *  1. A model in several files (an ONNX file and its external data): their sum, and how many.
 *  2. A model that is a program (`command`) has no file of its own to weigh: the probe says so.
 */
#include <math.h>

#include "measure/probed.h"
#include "measure/records.h"

static double bytes_of(const struct measure *measure, const struct probe_stream *found) {
  (void)measure;
  return (double)found->artifact.size_bytes;
}

static nonet_status bytes_estimate(const struct measure *measure,
                                   const struct measure_variant *variant, struct view *view,
                                   int stream, struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  const struct probe_stream *found = probed_stream(measure, view, stream, out);
  if (found != NULL) {
    probed_exact(measure, view, (double)found->artifact.size_bytes, (double)found->artifact.n_files,
                 out);
    if (found->artifact.n_files > 1) {
      view_note(view, "%zu files together", found->artifact.n_files); /* 1 */
    }
  }
  return NONET_OK;
}

static nonet_status bytes_compare(const struct measure *measure,
                                  const struct measure_variant *variant, struct view *view,
                                  struct inference *out, nonet_error *error) {
  (void)variant;
  (void)error;
  probed_exact_compare(measure, view, bytes_of, out);
  return NONET_OK;
}

const struct measure efficiency_artifact_bytes = {
    .id = "efficiency.artifact_bytes",
    .attribute = ATTRIBUTE_EFFICIENCY,
    .title = "Size of the model's files",
    .definition = "Bytes of the model's file, together with the files it refers to.",
    .formula = "sum of the sizes of the files",
    .source = "the file system",
    .unit = "bytes",
    .direction = DIRECTION_LOWER,
    .range = {0, INFINITY},
    .tasks = FOR_BINARY | FOR_MULTICLASS | FOR_REGRESSION,
    .scopes = IN_ALL,
    .probes = PROBE_BIT(PROBE_ARTIFACT),
    .cost = COST_SCAN,
    .interval = "exact",
    .interval_weighted = "exact",
    .estimate = bytes_estimate,
    .compare = bytes_compare,
};
