/* What the tests of this folder share: batches made from plain arrays, and sets filled from them.
 */
#include "summary/summary_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/philox.h"

/* In class order: bytewise. */
const char *const kit_classes[KIT_CLASSES] = {"ant", "bee", "cat", "dog", "elk"};
const char *const kit_values[KIT_GROUPS][4] = {{"F", "M", "X", "Y"}, {"9", "10", "30", "200"}};

static void *must(size_t n, size_t size_bytes) {
  void *block = calloc(n + 1, size_bytes);
  assert_non_null(block);
  return block;
}

static double level(double u, size_t n_levels) {
  return n_levels ? (double)(size_t)(u * (double)(n_levels + 1)) / (double)n_levels : u;
}

static void fill_scores(struct kit *kit, size_t i, int s, struct philox_sequence *random) {
  double *score = kit->score[s] + i * kit->n_scores, sum = 0;
  for (size_t k = 0; k < kit->n_scores; k++) {
    double u = level(philox_next_uniform(random), kit->shape.n_levels);
    if (kit->shape.task == TASK_REGRESSION)
      u = (u - 0.5) * 100;
    score[k] = u;
    sum += u;
  }
  for (size_t k = 0; k < kit->n_scores && kit->shape.task == TASK_MULTICLASS; k++)
    score[k] = sum > 0 ? score[k] / sum : 1.0 / (double)kit->n_scores;
  for (size_t k = 0; k < kit->n_scores && kit->shape.float32; k++)
    score[k] = (double)(float)score[k];
}

void kit_init(struct kit *kit, struct kit_shape shape) {
  struct philox_sequence random = {.seed = shape.seed + 1};
  *kit = (struct kit){.shape = shape};
  size_t n = shape.n;
  kit->n_scores = shape.only_predictions ? 0 : shape.task == TASK_MULTICLASS ? shape.n_classes : 1;
  if (shape.task == TASK_REGRESSION)
    kit->target = must(n, sizeof(double));
  else
    kit->label = must(n, sizeof(uint32_t));
  if (shape.weight)
    kit->weight = must(n, sizeof(double));
  if (shape.cluster)
    kit->cluster = must(n, sizeof(uint64_t));
  if (shape.id)
    kit->id = must(n, sizeof(uint64_t));
  for (size_t g = 0; g < shape.n_groups; g++)
    kit->group[g] = must(n, sizeof(int));
  for (int s = 0; s < 1 + shape.two_streams; s++) {
    if (kit->n_scores)
      kit->score[s] = must(n * kit->n_scores, sizeof(double));
    if (shape.task != TASK_REGRESSION)
      kit->prediction[s] = must(n, sizeof(uint32_t));
  }
  for (size_t i = 0; i < n; i++) {
    if (kit->label)
      kit->label[i] = philox_next_u32(&random) % (uint32_t)shape.n_classes;
    if (kit->target)
      kit->target[i] = level(philox_next_uniform(&random), shape.n_levels) * 50 - 20;
    if (kit->weight)
      kit->weight[i] = level(philox_next_uniform(&random), 4) * 3;
    if (kit->cluster)
      kit->cluster[i] = philox_next_u32(&random) % 20;
    if (kit->id)
      kit->id[i] = UINT64_C(1000) + i;
    for (size_t g = 0; g < shape.n_groups; g++)
      kit->group[g][i] = (int)(philox_next_u32(&random) % 5) - 1;
    for (int s = 0; s < 1 + shape.two_streams; s++) {
      if (kit->n_scores)
        fill_scores(kit, i, s, &random);
      if (!kit->prediction[s])
        continue;
      const double *score = kit->score[s] ? kit->score[s] + i * kit->n_scores : NULL;
      if (shape.given_prediction || shape.only_predictions) {
        kit->prediction[s][i] = philox_next_u32(&random) % (uint32_t)shape.n_classes;
      } else if (shape.task == TASK_BINARY) {
        kit->prediction[s][i] = score[0] >= 0.5;
      } else {
        for (uint32_t k = 1; k < kit->n_scores; k++)
          if (score[k] > score[kit->prediction[s][i]])
            kit->prediction[s][i] = k;
      }
    }
  }
}

void kit_clear(struct kit *kit) {
  free(kit->label);
  free(kit->target);
  free(kit->weight);
  free(kit->cluster);
  free(kit->id);
  for (int g = 0; g < KIT_GROUPS; g++)
    free(kit->group[g]);
  for (int s = 0; s < N_STREAMS; s++) {
    free(kit->score[s]);
    free(kit->prediction[s]);
  }
  *kit = (struct kit){0};
}

static char *text(const char *s) {
  char *copy = memory_text(s);
  assert_true(copy || !s);
  return copy;
}

/* A class is there when a label or a given prediction has it, or always when scores name the
 * classes. */
static bool class_occurs(const struct kit *kit, const size_t *row, size_t n, uint32_t k) {
  if (kit->shape.task == TASK_MULTICLASS && kit->n_scores)
    return true;
  for (size_t i = 0; i < n; i++) {
    if (kit->label[row[i]] == k)
      return true;
    for (int s = 0; s < 1 + kit->shape.two_streams; s++)
      if ((kit->shape.given_prediction || kit->shape.only_predictions) &&
          kit->prediction[s][row[i]] == k)
        return true;
  }
  return false;
}

static void make_classes(const struct kit *kit, const size_t *row, size_t n, struct roles *roles) {
  size_t wanted = kit->shape.n_classes;
  roles->classes = memory_zeroed(wanted + 1, sizeof *roles->classes);
  for (uint32_t k = 0; k < wanted; k++) {
    bool occurs = class_occurs(kit, row, n, k);
    if (kit->shape.task == TASK_BINARY)
      roles->classes[roles->n_classes++] = occurs ? text(kit_classes[k]) : NULL;
    else if (occurs)
      roles->classes[roles->n_classes++] = text(kit_classes[k]);
  }
}

static uint32_t class_code(const struct kit *kit, const struct roles *roles, uint32_t k) {
  if (kit->shape.task == TASK_BINARY)
    return k;
  for (uint32_t c = 0; c < roles->n_classes; c++)
    if (strcmp(roles->classes[c], kit_classes[k]) == 0)
      return c;
  fail();
  return 0;
}

static uint32_t value_code(const struct roles *roles, size_t g, int value) {
  const struct domain *d = roles->groups + g;
  for (uint32_t v = 0; v < d->n_values; v++)
    if (value < 0 ? !d->values[v] : d->values[v] && strcmp(d->values[v], kit_values[g][value]) == 0)
      return v;
  fail();
  return 0;
}

static size_t n_groups_now;

static int compare_cells(const void *x, const void *y) {
  const uint32_t *a = x, *b = y;
  for (size_t g = 0; g < n_groups_now; g++)
    if (a[g] != b[g])
      return a[g] < b[g] ? -1 : 1;
  return 0;
}

static void make_groups(const struct kit *kit, const size_t *row, size_t n, struct roles *roles) {
  size_t width = kit->shape.n_groups, n_cells = 0;
  roles->n_groups = width;
  roles->n_cells = 1;
  if (!width)
    return;
  roles->groups = memory_zeroed(width, sizeof *roles->groups);
  roles->cell_values = memory_zeroed((n + 1) * width, sizeof *roles->cell_values);
  for (size_t g = 0; g < width; g++) {
    struct domain *d = roles->groups + g;
    d->column = text(g ? "age" : "sex");
    d->values = memory_zeroed(6, sizeof *d->values);
    for (int v = 0; v <= 4; v++) { /* null last */
      bool occurs = false;
      for (size_t i = 0; i < n; i++)
        occurs |= kit->group[g][row[i]] == (v == 4 ? -1 : v);
      if (occurs)
        d->values[d->n_values++] = v == 4 ? NULL : text(kit_values[g][v]);
    }
  }
  for (size_t i = 0; i < n; i++)
    for (size_t g = 0; g < width; g++)
      roles->cell_values[i * width + g] = value_code(roles, g, kit->group[g][row[i]]);
  n_groups_now = width;
  qsort(roles->cell_values, n, width * sizeof(uint32_t), compare_cells);
  for (size_t i = 0; i < n; i++)
    if (i == 0 || compare_cells(roles->cell_values + i * width,
                                roles->cell_values + (n_cells - 1) * width) != 0)
      memmove(roles->cell_values + n_cells++ * width, roles->cell_values + i * width,
              width * sizeof(uint32_t));
  roles->n_cells = n_cells ? n_cells : 1;
}

void kit_roles(const struct kit *kit, const size_t *row, size_t n, struct roles *roles) {
  const struct kit_shape *shape = &kit->shape;
  *roles = (struct roles){.task = shape->task,
                          .threshold = {0.5, 0.5},
                          .has_label = true,
                          .score_is_float32 = shape->float32};
  roles->n_scores = kit->n_scores;
  roles->has_weight = shape->weight;
  roles->has_cluster = shape->cluster;
  roles->has_id = shape->id;
  roles->label_column = text("y");
  roles->id_column = text(shape->id ? "row" : NULL);
  for (int s = 0; s < 1 + shape->two_streams; s++) {
    roles->has_score[s] = kit->n_scores > 0;
    roles->has_prediction[s] = shape->task != TASK_REGRESSION;
    roles->prediction_given[s] =
        shape->task != TASK_REGRESSION && (shape->given_prediction || shape->only_predictions);
    roles->score_columns[s] = kit->n_scores ? memory_zeroed(kit->n_scores, sizeof(char *)) : NULL;
    for (size_t k = 0; k < kit->n_scores; k++)
      roles->score_columns[s][k] = text(kit_classes[k]);
  }
  if (shape->task != TASK_REGRESSION)
    make_classes(kit, row, n, roles);
  make_groups(kit, row, n, roles);
}

static uint32_t cell_code(const struct kit *kit, const struct roles *roles, size_t i) {
  uint32_t tuple[KIT_GROUPS];
  for (size_t g = 0; g < roles->n_groups; g++)
    tuple[g] = value_code(roles, g, kit->group[g][i]);
  for (uint32_t c = 0; c < roles->n_cells; c++)
    if (memcmp(roles->cell_values + c * roles->n_groups, tuple, roles->n_groups * sizeof *tuple) ==
        0)
      return c;
  fail();
  return 0;
}

struct batch_room {
  uint32_t *label, *prediction[N_STREAMS], *cell;
  double *target, *score[N_STREAMS], *weight;
  uint64_t *cluster, *id;
};

nonet_status kit_feed(const struct kit *kit, const size_t *row, size_t n, const struct roles *roles,
                      size_t batch_rows, struct summary_set **sets, size_t n_sets,
                      nonet_error *error) {
  struct batch_room room = {
      must(n, 4), {must(n, 4), must(n, 4)}, must(n, 4), must(n, 8), {0}, must(n, 8), must(n, 8),
      must(n, 8)};
  size_t k = kit->n_scores;
  for (int s = 0; s < N_STREAMS; s++)
    room.score[s] = must(n * (k + 1), sizeof(double));
  for (size_t i = 0; i < n; i++) {
    size_t r = row[i];
    if (kit->label)
      room.label[i] = class_code(kit, roles, kit->label[r]);
    if (kit->target)
      room.target[i] = kit->target[r];
    if (kit->weight)
      room.weight[i] = kit->weight[r];
    if (kit->cluster)
      room.cluster[i] = kit->cluster[r];
    if (kit->id)
      room.id[i] = kit->id[r];
    if (roles->n_groups)
      room.cell[i] = cell_code(kit, roles, r);
    for (int s = 0; s < N_STREAMS; s++) {
      if (kit->score[s])
        memcpy(room.score[s] + i * k, kit->score[s] + r * k, k * sizeof(double));
      if (kit->prediction[s])
        room.prediction[s][i] = class_code(kit, roles, kit->prediction[s][r]);
    }
  }
  nonet_status status = NONET_OK;
  for (size_t i = 0, b = 0; i < n && !status; i += batch_rows, b++) {
    struct role_batch batch = {.n_rows = n - i < batch_rows ? n - i : batch_rows};
    batch.label = kit->label ? room.label + i : NULL;
    batch.target = kit->target ? room.target + i : NULL;
    batch.weight = kit->weight ? room.weight + i : NULL;
    batch.cluster = kit->cluster ? room.cluster + i : NULL;
    batch.id = kit->id ? room.id + i : NULL;
    batch.cell = roles->n_cells > 1 ? room.cell + i : NULL;
    for (int s = 0; s < N_STREAMS; s++) {
      batch.score[s] = kit->score[s] ? room.score[s] + i * k : NULL;
      batch.prediction[s] = kit->prediction[s] ? room.prediction[s] + i : NULL;
    }
    status = summary_add(sets[b % n_sets], &batch, error);
  }
  free(room.label);
  free(room.cell);
  free(room.target);
  free(room.weight);
  free(room.cluster);
  free(room.id);
  for (int s = 0; s < N_STREAMS; s++) {
    free(room.score[s]);
    free(room.prediction[s]);
  }
  return status;
}

struct summary_set *kit_set(const struct kit *kit, const size_t *row, size_t n, size_t batch_rows,
                            size_t n_workers, uint64_t memory_bytes) {
  struct roles roles;
  struct summary_set *sets[16] = {0};
  nonet_error error = {0};
  struct summary_options options = {
      .kinds = 15, .memory_bytes = memory_bytes, .n_workers = n_workers, .quantile = 0.5};
  kit_roles(kit, row, n, &roles);
  for (size_t w = 0; w < n_workers; w++)
    assert_int_equal(summary_new(&roles, &options, &sets[w], &error), NONET_OK);
  nonet_status status = kit_feed(kit, row, n, &roles, batch_rows, sets, n_workers, &error);
  for (size_t w = 1; w < n_workers && !status; w++)
    status = summary_merge(sets[0], sets[w], &error);
  sets[0]->tally.n_rows = sets[0]->tally.n_used = n;
  if (!status)
    status = summary_finish(sets[0], 2, NULL, &error);
  if (status)
    print_error("%s\n", error.message);
  assert_int_equal(status, NONET_OK);
  for (size_t w = 1; w < n_workers; w++)
    summary_free(sets[w]);
  roles_clear(&roles);
  return sets[0];
}

size_t *kit_order(size_t n, uint64_t seed) {
  size_t *order = must(n, sizeof *order);
  struct philox_sequence random = {.seed = seed, .id = 77};
  for (size_t i = 0; i < n; i++)
    order[i] = i;
  for (size_t i = n; seed && i > 1; i--) {
    size_t j = philox_next_u32(&random) % i, held = order[i - 1];
    order[i - 1] = order[j];
    order[j] = held;
  }
  return order;
}
