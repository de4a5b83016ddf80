/* Seeded rows of classes for the tests of this folder. */
#ifndef REMEDY_REBALANCE_FIXTURE_H
#define REMEDY_REBALANCE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/philox.h"
#include "remedy/rebalance.h"

#define FIXTURE_ROWS 240
#define FIXTURE_NUMBERS 3

struct fixture {
  double number[FIXTURE_ROWS * FIXTURE_NUMBERS];
  uint32_t category[FIXTURE_ROWS], label[FIXTURE_ROWS], group[FIXTURE_ROWS];
  struct rebalance_input input;
};

/* Three classes: 150, 60 and 30 rows, every fifth, every tenth … mixed. */
static inline void fixture_init(struct fixture *f, enum rebalance_method method) {
  static const char *const names[] = {"big", "middle", "small"};
  struct philox_sequence draws = {11, 1, 0};
  for (size_t i = 0; i < FIXTURE_ROWS; i++) {
    f->label[i] = i % 8 == 0 ? 2 : i % 4 == 1 ? 1 : 0;
    f->category[i] = philox_next_u32(&draws) % 3;
    f->group[i] = i % 3 == 0;
    for (size_t c = 0; c < FIXTURE_NUMBERS; c++) {
      f->number[i * FIXTURE_NUMBERS + c] = philox_next_uniform(&draws) + 0.3 * f->label[i];
    }
  }
  f->input = (struct rebalance_input){
      .method = method,
      .rows = {.n_rows = FIXTURE_ROWS, .n_numbers = FIXTURE_NUMBERS, .number = f->number},
      .label = f->label,
      .n_classes = 3,
      .class_name = names,
      .group = f->group,
      .n_groups = 2,
      .seed = 1,
      .n_threads = 1};
  if (method == REBALANCE_SMOTE_NC) {
    f->input.rows.n_categories = 1;
    f->input.rows.category = f->category;
  }
}

#endif
