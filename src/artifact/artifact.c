/*
 * Model files, read and not run.
 *
 * Cases:
 *  1. The file is mapped, so that weights which the reader steps over never come into memory; a
 * pipe or a folder cannot be mapped and is refused.
 *  2. Texts and rows live in blocks that go with the artifact.
 *  3. External data are checked by their sizes alone; their bytes are the runtime's business.
 */
#include "artifact/artifact.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "artifact/booster.h"
#include "artifact/onnx_graph.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static const char *const kinds[] = {"onnx", "xgboost", "lightgbm"};
#define N_KINDS (sizeof kinds / sizeof *kinds)

void *artifact_keep(struct artifact *artifact, size_t n, size_t size_bytes) { /* 2 */
  if (!memory_grow((void **)&artifact->kept, &artifact->kept_capacity, artifact->n_kept + 1,
                   sizeof *artifact->kept)) {
    return NULL;
  }
  void *block = memory_zeroed(n, size_bytes);
  if (block != NULL) {
    artifact->kept[artifact->n_kept++] = block;
  }
  return block;
}

const char *artifact_keep_text(struct artifact *artifact, const char *text) {
  size_t length = strlen(text);
  char *copy = artifact_keep(artifact, length + 1, 1);
  if (copy != NULL) {
    memcpy(copy, text, length);
  }
  return copy;
}

void artifact_clear(struct artifact *artifact) {
  for (size_t i = 0; i < artifact->n_kept; i++) {
    memory_free(artifact->kept[i]);
  }
  memory_free(artifact->kept);
  *artifact = (struct artifact){0};
}

nonet_status artifact_parse(enum artifact_kind kind, const void *data, size_t size_bytes,
                            const char *folder, struct artifact *artifact, nonet_error *error) {
  nonet_status status = NONET_OK;
  *artifact = (struct artifact){.kind = kind,
                                .size_bytes = size_bytes,
                                .producer = "",
                                .producer_version = "",
                                .licence = "",
                                .objective = "",
                                .version = ""};
  switch (kind) {
  case ARTIFACT_ONNX:
    status = onnx_graph_read(data, size_bytes, folder, artifact, error);
    break;
  case ARTIFACT_XGBOOST:
    status = booster_read_xgboost(data, size_bytes, artifact, error);
    break;
  case ARTIFACT_LIGHTGBM:
    status = booster_read_lightgbm(data, size_bytes, artifact, error);
    break;
  }
  if (status != NONET_OK) {
    artifact_clear(artifact);
  }
  return status;
}

/* Case 1. An empty file cannot be mapped; it has no bytes. */
static nonet_status map_file(const char *path, void **data, size_t *size_bytes,
                             nonet_error *error) {
  struct stat facts;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  nonet_status status = NONET_OK;
  *data = NULL;
  if (fd < 0 || fstat(fd, &facts) != 0) {
    status = error_set(error, errno == ENOENT ? NONET_E_NO_INPUT : NONET_E_IO, "%s: %s", path,
                       strerror(errno));
  } else if (!S_ISREG(facts.st_mode)) {
    status = error_set(error, NONET_E_DATA, "%s: a model is a file, and this is none", path);
  } else if (facts.st_size > 0) {
    *size_bytes = (size_t)facts.st_size;
    *data = mmap(NULL, *size_bytes, PROT_READ, MAP_PRIVATE, fd, 0);
    if (*data == MAP_FAILED) {
      *data = NULL;
      status = error_set(error, NONET_E_IO, "%s: %s", path, strerror(errno));
    }
  }
  if (fd >= 0) {
    (void)close(fd);
  }
  return status;
}

static nonet_status folder_of(const char *path, struct text *folder, nonet_error *error) {
  const char *slash = strrchr(path, '/');
  if (slash == NULL) {
    text_append(folder, ".");
  } else {
    text_append_n(folder, path, slash == path ? 1 : (size_t)(slash - path));
  }
  return folder->failed ? error_memory(error, strlen(path), "a path") : NONET_OK;
}

nonet_status artifact_read(const char *kind, const char *path, struct artifact *artifact,
                           nonet_error *error) {
  size_t of = 0, size_bytes = 0;
  void *data = NULL;
  struct text folder = {0};
  *artifact = (struct artifact){0};
  while (of < N_KINDS && strcmp(kinds[of], kind) != 0) {
    of++;
  }
  if (of == N_KINDS) {
    return error_set(error, NONET_E_USAGE,
                     "files of kind '%s' are not read; known are onnx, "
                     "xgboost, lightgbm",
                     kind);
  }
  nonet_status status = map_file(path, &data, &size_bytes, error);
  if (status == NONET_OK) {
    status = folder_of(path, &folder, error);
  }
  if (status == NONET_OK) {
    status = artifact_parse((enum artifact_kind)of, data == NULL ? "" : data, size_bytes,
                            folder.data, artifact, error);
    status = status == NONET_OK ? status : error_context(error, status, "%s", path);
  }
  if (data != NULL) {
    (void)munmap(data, size_bytes);
  }
  if (status != NONET_OK) {
    artifact_clear(artifact);
  }
  text_clear(&folder);
  return status;
}

nonet_status artifact_complete(const struct artifact *artifact, const char *path,
                               nonet_error *error) { /* 3 */
  struct text folder = {0};
  nonet_status status = folder_of(path, &folder, error);
  for (size_t i = 0; i < artifact->n_files && status == NONET_OK; i++) {
    const struct artifact_file *file = &artifact->files[i];
    const unsigned long long needs = file->needs_bytes, has = file->size_bytes;
    if (file->state == ARTIFACT_FILE_MISSING) {
      status = error_set(error, NONET_E_DATA,
                         "%s: external data file %s is missing: expected in %s, %llu bytes; put it "
                         "beside the model",
                         path, file->location, folder.data, needs);
    } else if (file->state == ARTIFACT_FILE_SHORT) {
      status = error_set(error, NONET_E_DATA,
                         "%s: external data file %s has %llu bytes, its tensors need %llu; copy it "
                         "again",
                         path, file->location, has, needs);
    } else if (file->state == ARTIFACT_FILE_OUTSIDE) {
      status = error_set(error, NONET_E_DATA,
                         "%s: external data file %s lies outside the model's folder %s; a model "
                         "must not reach there",
                         path, file->location, folder.data);
    }
  }
  text_clear(&folder);
  return status;
}

nonet_status artifact_identity(const struct artifact *artifact, const char *path,
                               const char *sha256, char identity[HASH_HEX_BYTES],
                               nonet_error *error) {
  struct text folder = {0}, all = {0}, place = {0};
  nonet_status status = folder_of(path, &folder, error);
  text_append(&all, sha256);
  for (size_t i = 0; i < artifact->n_files && status == NONET_OK; i++) {
    const struct artifact_file *file = &artifact->files[i];
    char hex[HASH_HEX_BYTES] = "";
    if (file->state == ARTIFACT_FILE_PRESENT || file->state == ARTIFACT_FILE_SHORT) {
      place.length = 0;
      text_printf(&place, "%s/%s", folder.data, file->location);
      status = place.failed ? error_memory(error, place.length, "a path")
                            : hash_file_sha256_hex(place.data, hex, error);
    }
    text_printf(&all, "\n%s\n%s", file->location, hex);
  }
  if (status == NONET_OK && all.failed) {
    status = error_memory(error, all.length, "a model's hash");
  }
  if (status == NONET_OK && artifact->n_files == 0) {
    memcpy(identity, sha256, HASH_HEX_BYTES);
  } else if (status == NONET_OK) {
    hash_sha256_hex(all.data, all.length, identity);
  }
  text_clear(&folder);
  text_clear(&all);
  text_clear(&place);
  return status;
}

uint64_t artifact_bytes(const struct artifact *artifact) {
  uint64_t n = artifact->size_bytes;
  for (size_t i = 0; i < artifact->n_files; i++) {
    n += artifact->files[i].size_bytes;
  }
  return n;
}

/* ---- as JSON ---- */

static json_t *ports_json(const struct artifact_port *ports, size_t n) {
  json_t *list = json_array();
  for (size_t i = 0; i < n; i++) {
    json_array_append_new(list, json_pack("{s:s%, s:s, s:s%, s:I}", "name", ports[i].name,
                                          strlen(ports[i].name), "type", ports[i].type, "shape",
                                          ports[i].shape, strlen(ports[i].shape), "batch",
                                          (json_int_t)ports[i].batch));
  }
  return list;
}

static json_t *ops_json(const struct artifact *artifact) {
  json_t *list = json_array();
  for (size_t i = 0; i < artifact->n_ops; i++) {
    json_array_append_new(list, json_pack("[s, s, I]", artifact->ops[i].domain,
                                          artifact->ops[i].type, (json_int_t)artifact->ops[i].n));
  }
  return list;
}

static json_t *weights_json(const struct artifact *artifact) {
  json_t *list = json_array();
  for (size_t i = 0; i < artifact->n_weights; i++) {
    const struct artifact_weights *weights = &artifact->weights[i];
    json_array_append_new(list,
                          json_pack("[s, I, I, I]", weights->type, (json_int_t)weights->n_tensors,
                                    (json_int_t)weights->n_elements, (json_int_t)weights->n_bytes));
  }
  return list;
}

static json_t *opsets_json(const struct artifact *artifact) {
  json_t *list = json_array();
  for (size_t i = 0; i < artifact->n_opsets; i++) {
    json_array_append_new(list, json_pack("[s, I]", artifact->opsets[i].domain,
                                          (json_int_t)artifact->opsets[i].version));
  }
  return list;
}

json_t *artifact_json(const struct artifact *artifact) {
  const struct artifact_trees *trees = &artifact->trees;
  return json_pack(
      "{s:s, s:I, s:I, s:f, s:b, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:f}",
      "kind", kinds[artifact->kind], "bytes", (json_int_t)artifact_bytes(artifact), "parameters",
      (json_int_t)artifact->n_parameters, "flops", artifact->cost.flops, "is_bound",
      artifact->cost.is_bound, "not_counted", artifact->cost.why, "ir_version",
      (json_int_t)artifact->ir_version, "opsets", opsets_json(artifact), "ops", ops_json(artifact),
      "inputs", ports_json(artifact->inputs, artifact->n_inputs), "outputs",
      ports_json(artifact->outputs, artifact->n_outputs), "weights", weights_json(artifact),
      "trees", (json_int_t)trees->n_trees, "leaves", (json_int_t)trees->n_leaves, "depth",
      (json_int_t)trees->depth, "features", (json_int_t)artifact->n_features, "path", trees->path);
}
