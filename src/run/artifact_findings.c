/*
 * Findings of the candidate's file, read and not run. Each names what it is, and what to do.
 *
 * Cases:
 *  1. Operators of its own: a warning, for the place that has not their library.
 *  2. External data that are missing, short or outside: an error. Those that are there: an info,
 * for whoever copies only the main file.
 *  3. It takes a fixed number of rows: a warning, it hurts speed as well.
 *  4. Newer than the runtime of this machine, or than all that were tried: a warning. Not newer,
 * but newer than the oldest that was tried: no finding, the measure's note has it.
 *  5. No producer or no licence: an info.
 *  6. A booster has no graph: only 5. A file that was not read: nothing.
 */
#include "run/artifact_findings.h"

#include "base/error.h"
#include "base/text.h"

struct told {
  struct evidence *evidence;
  struct text text;
  bool is_slow; /* the next one hurts efficiency too */
};

static void tell(struct told *told, const char *id, const char *severity, const char *title,
                 const char *remedy) {
  static const char *const hurts[] = {"deployability", "efficiency"};
  const struct evidence_finding finding = {.id = id,
                                           .attribute = "deployability",
                                           .severity = severity,
                                           .title = title,
                                           .text = told->text.data != NULL ? told->text.data : "",
                                           .hurts = hurts,
                                           .n_hurts = told->is_slow ? 2 : 1,
                                           .remedy = remedy};
  evidence_add_finding(told->evidence, &finding);
  told->text.length = 0;
  told->is_slow = false;
}

/* 2. */
static void tell_files(struct told *told, const struct probe_artifact *artifact) {
  if (artifact->n_external_bad > 0) {
    text_append(&told->text, artifact->external);
    tell(told, "deployability.external_data", "error", "Files of the candidate are not there",
         "put the files of its weights beside it, in its own folder, as they were exported");
  } else if (artifact->n_external > 0) {
    text_printf(&told->text, "%zu file%s beside it hold%s %llu bytes of its weights",
                artifact->n_external, artifact->n_external == 1 ? "" : "s",
                artifact->n_external == 1 ? "s" : "", (unsigned long long)artifact->external_bytes);
    tell(told, "deployability.external_data", "info", "The candidate is more than one file",
         "ship them together, and compare the hash of all of them, which this run states");
  }
}

/* 4. */
static void tell_opset(struct told *told, const struct probe_artifact *artifact) {
  const long long opset = (long long)artifact->opset, ir = (long long)artifact->ir_version;
  if (artifact->first_minor == 0) {
    text_printf(&told->text, "opset %lld, IR %lld: newer than every release that was tried", opset,
                ir);
  } else if (artifact->runtime_minor > 0 && artifact->first_minor > artifact->runtime_minor) {
    text_printf(&told->text, "opset %lld, IR %lld: needs ONNX Runtime 1.%d or newer, here is 1.%d",
                opset, ir, artifact->first_minor, artifact->runtime_minor);
  } else {
    return;
  }
  tell(told, "deployability.opset_range", "warning",
       "The candidate needs a newer runtime than this machine's",
       "install a newer ONNX Runtime wherever it will run, or export it to an older opset");
}

static void tell_graph(struct told *told, const struct probe_artifact *artifact) {
  if (artifact->n_custom > 0) { /* 1 */
    text_printf(&told->text, "%llu of %llu nodes are of no official runtime: %s",
                (unsigned long long)artifact->n_custom, (unsigned long long)artifact->n_nodes,
                artifact->custom);
    tell(told, "deployability.custom_ops", "warning", "The candidate needs operators of its own",
         "export it with standard operators, or install their library wherever it will run");
  }
  tell_files(told, artifact);
  if (artifact->batch > 0) { /* 3 */
    text_printf(&told->text, "an input takes %lld row%s a call, no more and no fewer",
                (long long)artifact->batch, artifact->batch == 1 ? "" : "s");
    told->is_slow = true;
    tell(told, "deployability.dynamic_batch", "warning",
         "The candidate takes a fixed number of rows",
         "export it with an open first axis, unless the place it goes to wants it fixed");
  }
  tell_opset(told, artifact);
}

nonet_status artifact_findings(const struct probe_artifact *artifact, struct evidence *evidence,
                               nonet_error *error) {
  struct told told = {.evidence = evidence};
  if (!artifact->is_read) {
    return NONET_OK;
  }
  if (artifact->is_graph) {
    tell_graph(&told, artifact);
  }
  if (!artifact->has_producer || !artifact->has_licence) { /* 5 */
    text_printf(&told.text, "it states no %s%s%s", artifact->has_producer ? "" : "producer",
                artifact->has_producer || artifact->has_licence ? "" : " and no ",
                artifact->has_licence ? "" : "licence");
    tell(&told, "deployability.provenance", "info",
         "The candidate does not say where it comes from",
         "write producer and licence into the model's metadata when it is exported");
  }
  nonet_status status =
      told.text.failed ? error_memory(error, told.text.length, "findings") : NONET_OK;
  text_clear(&told.text);
  return status;
}
