/*
 * nonet_measure in process, over arrays that are already in memory: what a program that holds its
 * rows pays for the public call, without reading a file or starting a program.
 *
 *   array_bench [only=LIST] [runs=5] [threads=2] [replicates=1000] ROLE=TYPE:FILE ...
 *
 * ROLE is label, score, prediction or group; TYPE is int64, float32 or float64; FILE holds the bare
 * values. The rows are handed over as an ArrowArrayStream of 1M-row chunks that point into the
 * arrays; nothing is copied here. One call before the clock finds the libraries and touches the
 * pages. Prints JSON: the seconds of each run, their median, and the evidence, so that whoever
 * wrote the arrays can check the numbers. Without columns it makes 1e7 rows itself and times the
 * AUC.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nanoarrow/nanoarrow.h>
#include <nonet/nonet.h>

enum { N_CHUNK = 1000000, N_COLUMNS_MOST = 4, N_RUNS_MOST = 100, N_DEMO = 10000000 };

struct column {
  const char *role;
  enum ArrowType type;
  int64_t width; /* bytes per value */
  uint8_t *values;
  int64_t n;
};

static struct column columns[N_COLUMNS_MOST];
static int n_columns;

static void fail(const char *what, const char *detail) {
  fprintf(stderr, "array_bench: %s: %s\n", what, detail);
  exit(1);
}

static void arrow_check(int code) {
  if (code != NANOARROW_OK) {
    fail("nanoarrow", strerror(code));
  }
}

static void *allocate(size_t size_bytes) {
  void *memory = malloc(size_bytes);
  if (memory == NULL) {
    fail("memory", "not enough");
  }
  return memory;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static struct column *column_new(const char *role) {
  static const char *const roles[] = {"label", "score", "prediction", "group"};
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
    if (strcmp(role, roles[i]) == 0 && n_columns < N_COLUMNS_MOST) {
      columns[n_columns].role = roles[i];
      return &columns[n_columns++];
    }
  }
  fail("no such role, or too many columns", role);
  return NULL;
}

/* `argument` is ROLE=TYPE:FILE and is cut into its parts. */
static void column_read(char *argument) {
  static const struct {
    const char *name;
    enum ArrowType type;
    int64_t width;
  } types[] = {{"int64", NANOARROW_TYPE_INT64, 8},
               {"float32", NANOARROW_TYPE_FLOAT, 4},
               {"float64", NANOARROW_TYPE_DOUBLE, 8}};
  char *type = strchr(argument, '='), *path = type == NULL ? NULL : strchr(type, ':');
  if (path == NULL) {
    fail("expected ROLE=TYPE:FILE, found", argument);
  }
  *type++ = *path++ = '\0';
  struct column *column = column_new(argument);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (strcmp(type, types[i].name) == 0) {
      column->type = types[i].type;
      column->width = types[i].width;
    }
  }
  FILE *file = fopen(path, "rb");
  if (column->width == 0 || file == NULL || fseek(file, 0, SEEK_END) != 0) {
    fail(column->width == 0 ? "no such type" : "cannot open", column->width == 0 ? type : path);
  }
  size_t size_bytes = (size_t)ftell(file);
  rewind(file);
  column->values = allocate(size_bytes);
  column->n = (int64_t)size_bytes / column->width;
  if (fread(column->values, 1, size_bytes, file) != size_bytes) {
    fail("cannot read", path);
  }
  fclose(file);
}

/* 1e7 rows, three in ten positive, whose scores overlap. */
static void columns_demo(void) {
  struct column *label = column_new("label"), *score = column_new("score");
  *label = (struct column){"label", NANOARROW_TYPE_INT64, 8, allocate(8 * (size_t)N_DEMO), N_DEMO};
  *score = (struct column){"score", NANOARROW_TYPE_FLOAT, 4, allocate(4 * (size_t)N_DEMO), N_DEMO};
  uint64_t x = 1;
  for (size_t i = 0; i < N_DEMO; i++) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    int64_t y = x >> 32 < 1288490188u;
    x = x * 6364136223846793005u + 1442695040888963407u;
    float s = 0.2f * (float)y + 0.8f * (float)(x >> 40) / 16777216.0f;
    memcpy(label->values + 8 * i, &y, 8);
    memcpy(score->values + 4 * i, &s, 4);
  }
}

/* The arrays outlive every stream over them. */
static void keep(struct ArrowBufferAllocator *allocator, uint8_t *values, int64_t size_bytes) {
  (void)allocator;
  (void)values;
  (void)size_bytes;
}

static void stream_open(struct ArrowArrayStream *stream) {
  struct ArrowSchema schema;
  int64_t n = columns[0].n, n_chunks = (n + N_CHUNK - 1) / N_CHUNK;
  ArrowSchemaInit(&schema);
  arrow_check(ArrowSchemaSetTypeStruct(&schema, n_columns));
  for (int c = 0; c < n_columns; c++) {
    if (columns[c].n != n) {
      fail("columns differ in length", columns[c].role);
    }
    arrow_check(ArrowSchemaSetType(schema.children[c], columns[c].type));
    arrow_check(ArrowSchemaSetName(schema.children[c], columns[c].role));
  }
  struct ArrowArray *chunks = allocate((size_t)n_chunks * sizeof *chunks);
  for (int64_t k = 0; k < n_chunks; k++) {
    int64_t first = k * N_CHUNK, length = n - first < N_CHUNK ? n - first : N_CHUNK;
    arrow_check(ArrowArrayInitFromSchema(&chunks[k], &schema, NULL));
    for (int c = 0; c < n_columns; c++) {
      struct ArrowArray *child = chunks[k].children[c];
      struct ArrowBuffer buffer;
      ArrowBufferInit(&buffer);
      buffer.data = columns[c].values + first * columns[c].width;
      buffer.size_bytes = buffer.capacity_bytes = length * columns[c].width;
      buffer.allocator = ArrowBufferDeallocator(keep, NULL);
      arrow_check(ArrowArraySetBuffer(child, 1, &buffer));
      child->length = length;
      child->null_count = 0;
    }
    chunks[k].length = length;
    arrow_check(ArrowArrayFinishBuildingDefault(&chunks[k], NULL));
  }
  arrow_check(ArrowBasicArrayStreamInit(stream, &schema, n_chunks));
  for (int64_t k = 0; k < n_chunks; k++) {
    ArrowBasicArrayStreamSetArray(stream, k, &chunks[k]);
  }
  free(chunks);
}

static const char *column_of(const char *role) {
  for (int c = 0; c < n_columns; c++) {
    if (strcmp(columns[c].role, role) == 0) {
      return columns[c].role;
    }
  }
  return NULL;
}

/* One call over a fresh stream; only the call is on the clock. */
static double measure(nonet_options *options, nonet_evidence **evidence) {
  struct ArrowArrayStream stream;
  nonet_error error = {""};
  stream_open(&stream);
  options->stream = &stream;
  nonet_evidence_free(*evidence);
  double start = now();
  if (nonet_measure(options, evidence, &error) != NONET_OK) {
    fail("nonet_measure", error.message);
  }
  return now() - start;
}

static void print_result(const double *seconds, size_t n_runs, const nonet_evidence *evidence) {
  double sorted[N_RUNS_MOST];
  char *json = NULL;
  nonet_error error = {""};
  memcpy(sorted, seconds, n_runs * sizeof *sorted);
  qsort(sorted, n_runs, sizeof *sorted, compare_doubles);
  if (nonet_evidence_json(evidence, &json, &error) != NONET_OK) {
    fail("nonet_evidence_json", error.message);
  }
  printf("{\"rows\": %lld, \"seconds\": [", (long long)columns[0].n);
  for (size_t i = 0; i < n_runs; i++) {
    printf("%s%.6f", i == 0 ? "" : ", ", seconds[i]);
  }
  printf("],\n\"median\": %.6f,\n\"evidence\": %s}\n", sorted[n_runs / 2], json);
  nonet_text_free(json);
}

int main(int argc, char **argv) {
  nonet_options options;
  nonet_evidence *evidence = NULL;
  double seconds[N_RUNS_MOST];
  size_t n_runs = 5;
  nonet_options_init(&options);
  options.threads = 2;
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "only=", 5) == 0) {
      options.only = argv[i] + 5;
    } else if (strncmp(argv[i], "runs=", 5) == 0) {
      n_runs = strtoul(argv[i] + 5, NULL, 10);
    } else if (strncmp(argv[i], "threads=", 8) == 0) {
      options.threads = strtoul(argv[i] + 8, NULL, 10);
    } else if (strncmp(argv[i], "replicates=", 11) == 0) {
      options.replicates = strtoul(argv[i] + 11, NULL, 10);
    } else {
      column_read(argv[i]);
    }
  }
  if (n_runs < 1 || n_runs > N_RUNS_MOST) {
    fail("runs", "expected 1 to 100");
  }
  if (n_columns == 0) {
    columns_demo();
    options.only = options.only == NULL ? "correctness.auc" : options.only;
  }
  options.label = column_of("label");
  options.score = column_of("score");
  options.prediction = column_of("prediction");
  options.group = column_of("group");
  (void)measure(&options, &evidence);
  for (size_t i = 0; i < n_runs; i++) {
    seconds[i] = measure(&options, &evidence);
  }
  print_result(seconds, n_runs, evidence);
  nonet_evidence_free(evidence);
  for (int c = 0; c < n_columns; c++) {
    free(columns[c].values);
  }
  return 0;
}
