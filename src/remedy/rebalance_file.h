/* `nonet rebalance`: a table in, a table out, and what was done. */
#ifndef REMEDY_REBALANCE_FILE_H
#define REMEDY_REBALANCE_FILE_H

#include <nonet/nonet.h>

#include "remedy/columns_in.h"

struct rebalance_count {
  const char *name; /* of the class */
  size_t before, after, made, copied, removed;
  double weight; /* of all its rows; NaN: no weights */
};

/* What was done, to be told. */
struct rebalance_summary {
  const struct rebalance_info *info;
  const char *source, *sha256, *output, *label, *weight_name;
  double ratio;
  size_t k;
  uint64_t seed;
  const struct columns_in *columns;
  struct rebalance_count *classes; /* [n_classes] */
  size_t n_classes;
  struct rebalance_count all;
};

/* Texts are the caller's (memory_free): what a person reads, and JSON (nonet/rebalance/1). The file
 * is there, whole, when NONET_OK is returned and otherwise not. */
nonet_status rebalance_file(const nonet_options *options, char **text, char **json,
                            nonet_error *error) NONET_NODISCARD;

/* rebalance_told.c */
char *rebalance_told_text(const struct rebalance_summary *summary) NONET_NODISCARD;
char *rebalance_told_json(const struct rebalance_summary *summary) NONET_NODISCARD;

#endif
