/*
 * Mappings of YAML into structs by tables: one row per key, read by the function of its type. What
 * is wrong is NONET_E_CONFIG with SOURCE:LINE:COLUMN; an unknown key names the nearest known one.
 */
#ifndef POLICY_FIELDS_H
#define POLICY_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

#include "policy/config.h"
#include "policy/pool.h"
#include "policy/yaml.h"

struct fields_reader {
  const char *source; /* for messages */
  const char *folder; /* where relative paths start: "" or with a final '/' */
  struct pool *pool;
};

struct field {
  const char *key;
  nonet_status (*read)(const struct fields_reader *reader, const struct yaml_node *node, void *into,
                       nonet_error *error);
  size_t offset; /* of `into` in the struct */
};

nonet_status fields_fail(const struct fields_reader *reader, const struct yaml_node *node,
                         nonet_error *error, const char *format, ...) NONET_PRINTF(4, 5);
/* "expected WHAT; found …". */
nonet_status fields_expected(const struct fields_reader *reader, const struct yaml_node *node,
                             const char *what, nonet_error *error);
/* Puts the place before a message that a lower function wrote; memory errors stay what they are. */
nonet_status fields_at(const struct fields_reader *reader, const struct yaml_node *node,
                       nonet_status status, nonet_error *error);

/* Reads a mapping by its table (ends with a NULL key); `what` names it in messages. */
nonet_status fields_read(const struct fields_reader *reader, const struct yaml_node *node,
                         const char *what, const struct field *fields, void *into,
                         nonet_error *error) NONET_NODISCARD;

/* Readers; `into` is what stands behind the name. */
nonet_status fields_text(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) NONET_NODISCARD; /* const char ** */
/* The same with ${NAME} replaced. */
nonet_status fields_expanded(const struct fields_reader *reader, const struct yaml_node *node,
                             void *into, nonet_error *error) NONET_NODISCARD; /* const char ** */
/* The same, relative to the folder unless absolute or with "://". */
nonet_status fields_path(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) NONET_NODISCARD; /* const char ** */
nonet_status fields_bool(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) NONET_NODISCARD; /* bool */
nonet_status fields_real(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) NONET_NODISCARD; /* double, finite */
nonet_status fields_count(const struct fields_reader *reader, const struct yaml_node *node,
                          void *into, nonet_error *error) NONET_NODISCARD; /* size_t, 1 and more */
nonet_status fields_whole(const struct fields_reader *reader, const struct yaml_node *node,
                          void *into, nonet_error *error) NONET_NODISCARD; /* uint64_t */
nonet_status fields_seconds(const struct fields_reader *reader, const struct yaml_node *node,
                            void *into, nonet_error *error) NONET_NODISCARD; /* double, above 0 */
/* One text, or a list of texts without repeats: struct config_list. */
nonet_status fields_list(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) NONET_NODISCARD;
/* One of the words (ends with NULL): its index. */
nonet_status fields_word(const struct fields_reader *reader, const struct yaml_node *node,
                         const char *const *words, size_t *index,
                         nonet_error *error) NONET_NODISCARD;

#endif
