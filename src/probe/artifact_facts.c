/*
 * From a model's file (artifact/artifact.h) to plain facts.
 *
 * Cases:
 *  1. The version of the runtime that opened it stands in model_info ("onnxruntime 1.32.0"); one
 * that is not 1.x, or no ONNX Runtime, is not known: then nothing is said of what it implements.
 *  2. Names are listed until their place is full; the counts are whole.
 *  3. Operators of Microsoft's domain, and functions of the model, are known to every release.
 */
#include "probe/artifact_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "artifact/artifact.h"
#include "artifact/onnx_runtimes.h"
#include "base/error.h"
#include "base/text.h"

static int minor_of(const char *runtime) { /* 1 */
  int minor = 0;
  return sscanf(runtime, "onnxruntime 1.%d", &minor) == 1 ? minor : 0;
}

static void list_into(char to[PROBE_TEXT_BYTES], struct text *list) { /* 2 */
  probe_text(to, list->data == NULL ? "" : list->data);
  text_clear(list);
}

static void op_facts(const struct artifact *artifact, struct probe_artifact *facts) {
  const struct onnx_runtime *found = onnx_runtimes_of(facts->runtime_minor);
  struct text custom = {0};
  facts->n_nodes = artifact->n_nodes;
  for (size_t i = 0; i < artifact->n_ops; i++) {
    const struct artifact_op *op = &artifact->ops[i];
    if (op->is_custom) {
      facts->n_custom += op->n;
      text_printf(&custom, "%s%s:%s", custom.length == 0 ? "" : ", ", op->domain, op->type);
    } else if (found != NULL && onnx_runtimes_knows(found, artifact, op->domain)) { /* 3 */
      facts->n_known += op->n;
    }
  }
  list_into(facts->custom, &custom);
}

static void file_facts(const struct artifact *artifact, struct probe_artifact *facts) {
  static const char *const words[] = {"", "missing", "too short", "outside the model's folder"};
  struct text bad = {0};
  for (size_t i = 0; i < artifact->n_files; i++) {
    const struct artifact_file *file = &artifact->files[i];
    facts->n_external++;
    facts->external_bytes += file->needs_bytes;
    if (file->state != ARTIFACT_FILE_PRESENT) {
      facts->n_external_bad++;
      text_printf(&bad, "%s%s is %s (%llu bytes expected)", bad.length == 0 ? "" : "; ",
                  file->location, words[file->state], (unsigned long long)file->needs_bytes);
    }
  }
  list_into(facts->external, &bad);
}

static void graph_facts(const struct artifact *artifact, struct probe_artifact *facts) {
  const struct onnx_runtime *first = onnx_runtimes_first(artifact);
  facts->is_graph = true;
  facts->opset = onnx_runtimes_asked(artifact, "");
  facts->opset_ml = onnx_runtimes_asked(artifact, "ai.onnx.ml");
  facts->ir_version = artifact->ir_version;
  facts->first_minor = first == NULL ? 0 : first->minor;
  facts->is_first_oldest = first != NULL && onnx_runtimes_is_oldest(first);
  for (size_t i = 0; i < artifact->n_inputs; i++) {
    const int64_t batch = artifact->inputs[i].batch;
    facts->batch = batch > facts->batch ? batch : facts->batch;
  }
  op_facts(artifact, facts);
  file_facts(artifact, facts);
}

static void provenance_facts(const struct artifact *artifact, struct probe_artifact *facts) {
  const char *version =
      artifact->kind == ARTIFACT_ONNX ? artifact->producer_version : artifact->version;
  probe_text(facts->producer, artifact->producer);
  probe_text(facts->licence, artifact->licence);
  facts->has_producer = *artifact->producer != '\0' || artifact->kind != ARTIFACT_ONNX;
  facts->has_version = *version != '\0';
  facts->has_licence = *artifact->licence != '\0';
  facts->has_metadata = artifact->n_facts > 0;
}

void artifact_facts(const struct model_info *info, struct probe_artifact *facts) {
  struct artifact artifact;
  nonet_error why = {{0}};
  facts->size_bytes = info->size_bytes;
  facts->n_files = 1;
  (void)snprintf(facts->sha256, sizeof facts->sha256, "%s", info->sha256);
  if (artifact_read(info->kind, info->path, &artifact, &why) != NONET_OK) {
    probe_text(facts->unread, why.message);
    return;
  }
  facts->is_read = true;
  facts->runtime_minor = minor_of(info->runtime);
  facts->size_bytes = artifact_bytes(&artifact);
  facts->n_parameters = artifact.n_parameters;
  facts->n_trees = artifact.trees.n_trees;
  facts->flops = artifact.cost.flops;
  facts->quantisable_flops = artifact.cost.quantisable_flops;
  facts->traffic_bytes = artifact.cost.traffic_bytes;
  facts->is_bound = artifact.cost.is_bound;
  probe_text(facts->not_counted, artifact.cost.why);
  if (artifact.kind == ARTIFACT_ONNX) {
    graph_facts(&artifact, facts);
    facts->n_files += facts->n_external - facts->n_external_bad;
  }
  provenance_facts(&artifact, facts);
  artifact_clear(&artifact);
}
