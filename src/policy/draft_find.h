/* What lies in a folder that nonet could use: models and tables, by their names and first bytes. */
#ifndef POLICY_DRAFT_FIND_H
#define POLICY_DRAFT_FIND_H

#include <stddef.h>

#include <nonet/status.h>

#include "policy/pool.h"

enum { DRAFT_FILES_MOST = 32 }; /* of a kind; more are left out */

struct draft_files {
  const char *model[DRAFT_FILES_MOST]; /* relative to the folder, sorted */
  const char *model_kind[DRAFT_FILES_MOST];
  size_t n_models;
  const char *table[DRAFT_FILES_MOST];
  size_t n_tables;
  const char
      *saved[DRAFT_FILES_MOST]; /* what only its own library opens: joblib, pickle, TorchScript */
  size_t n_saved;
};

/* Looks into the folder ("" is here) and the folders right below it. A folder that cannot be read
 * is passed over. */
nonet_status draft_find(const char *folder, struct pool *pool, struct draft_files *files,
                        nonet_error *error) NONET_NODISCARD;

#endif
