/* For cmocka tests: a fixture as one view of all its rows; cmocka.h comes before it. */
#ifndef OPENED_FIXTURE_H
#define OPENED_FIXTURE_H

#include "measure/measure_fixture.h"

/* close_rows frees both; the view borrows from the set. */
struct opened {
  struct summary_set *set;
  struct view view;
};

static inline void open_rows(const struct fixture *fixture, struct opened *opened) {
  nonet_error error = {{0}};
  if (fixture_set(fixture, &opened->set, &error) != NONET_OK ||
      fixture_view(opened->set, -1, &opened->view, &error) != NONET_OK) {
    fail_msg("%s", error.message);
  }
}

static inline void close_rows(struct opened *opened) {
  view_clear(&opened->view);
  summary_free(opened->set);
}

#endif
