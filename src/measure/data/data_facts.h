/*
 * Facts: what the measures of the data read beyond the summaries. All of it is of the whole table,
 * never of a scope.
 */
#ifndef MEASURE_DATA_FACTS_H
#define MEASURE_DATA_FACTS_H

#include "measure/data/data_hood.h"
#include "measure/data/data_profile.h"

struct data_facts {
  struct data_profile profile; /* of all rows */
  struct data_profile train;   /* of the training rows, when has_train */
  bool has_train;
  char *train_source, *train_sha256; /* NULL: no file */
  struct data_hood hood; /* of the frame's rows; n_rows 0: no classes, or no features to compare */
  const char *time; /* the column that says when, a feature of the frame; NULL: none. Borrowed */
};

void data_facts_clear(struct data_facts *facts);

#endif
