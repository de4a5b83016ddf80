/*
 * Sizes of classes.
 *
 * Cases: 1. The smallest class is never lowered and the largest never raised; of equal ones the
 * class whose row comes first is it, as a count of the rows in their order finds. 2. A ratio below
 * the present one would mean the opposite of what was asked. 3. The ratio is wanted rows over the
 * largest class when raising, the smallest over wanted rows when lowering, both cut to whole rows.
 */
#include "remedy/classes.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/philox.h"

/* 1 */
static void find_ends(struct classes *classes, const struct rebalance_input *input) {
  const size_t *count = classes->count;
  classes->smallest = classes->largest = input->rows.n_rows > 0 ? input->label[0] : 0;
  for (size_t i = 0; i < input->rows.n_rows; i++) {
    uint32_t c = input->label[i];
    classes->smallest = count[c] < count[classes->smallest] ? c : classes->smallest;
    classes->largest = count[c] > count[classes->largest] ? c : classes->largest;
  }
}

nonet_status classes_init(struct classes *classes, const struct rebalance_input *input,
                          nonet_error *error) {
  *classes = (struct classes){.n = input->n_classes};
  classes->count = memory_zeroed(classes->n, sizeof *classes->count);
  classes->wanted = memory_zeroed(classes->n, sizeof *classes->wanted);
  if (classes->count == NULL || classes->wanted == NULL) {
    return error_memory(error, classes->n * sizeof *classes->count, "the classes");
  }
  for (size_t i = 0; i < input->rows.n_rows; i++) {
    classes->count[input->label[i]]++;
  }
  memcpy(classes->wanted, classes->count, classes->n * sizeof *classes->count);
  find_ends(classes, input);
  return NONET_OK;
}

void classes_clear(struct classes *classes) {
  memory_free(classes->count);
  memory_free(classes->wanted);
  memset(classes, 0, sizeof *classes);
}

/* 2 */
static nonet_status check_ratio(const struct classes *classes, const struct rebalance_input *input,
                                nonet_error *error) {
  double now = (double)classes->count[classes->smallest] / (double)classes->count[classes->largest];
  if (input->ratio == 0 || input->ratio >= now) {
    return NONET_OK;
  }
  return error_set(error, NONET_E_USAGE,
                   "--ratio %g is less than what the rows have: the smallest class, '%s', has %zu "
                   "rows, %.4g of the largest, '%s', with %zu; choose a ratio from there to 1",
                   input->ratio, input->class_name[classes->smallest],
                   classes->count[classes->smallest], now, input->class_name[classes->largest],
                   classes->count[classes->largest]);
}

nonet_status classes_raise(struct classes *classes, const struct rebalance_input *input,
                           nonet_error *error) {
  double ratio = input->ratio > 0 ? input->ratio : 1;
  size_t wanted = (size_t)((double)classes->count[classes->largest] * ratio);
  for (size_t c = 0; c < classes->n; c++) {
    classes->wanted[c] = classes->count[c] < wanted ? wanted : classes->count[c];
  }
  return check_ratio(classes, input, error);
}

nonet_status classes_lower(struct classes *classes, const struct rebalance_input *input,
                           nonet_error *error) {
  double ratio = input->ratio > 0 ? input->ratio : 1;
  size_t wanted = (size_t)((double)classes->count[classes->smallest] / ratio);
  for (size_t c = 0; c < classes->n; c++) {
    classes->wanted[c] = classes->count[c] > wanted ? wanted : classes->count[c];
  }
  return check_ratio(classes, input, error);
}

struct classes_draw classes_draw(uint64_t seed, uint64_t key, uint64_t index) {
  struct philox_block block = philox_row(seed, PHILOX_REBALANCE, key, index);
  uint64_t step = (uint64_t)block.word[2] << 32 | block.word[3];
  return (struct classes_draw){(uint64_t)block.word[0] << 32 | block.word[1],
                               (double)(step >> 11) * 0x1p-53};
}

size_t classes_pick(struct classes_draw draw, size_t n) {
  return (size_t)((unsigned __int128)draw.wide * n >> 64);
}
