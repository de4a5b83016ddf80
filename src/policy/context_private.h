/* What the files of a context share: reading a tree into one, and making it whole. */
#ifndef POLICY_CONTEXT_PRIVATE_H
#define POLICY_CONTEXT_PRIVATE_H

#include "policy/context.h"
#include "policy/fields.h"
#include "policy/yaml.h"

enum { CONTEXT_EXTENDS_MOST = 8 }; /* files one after the other */

/* A preset's name, or a path relative to `folder`, read into `context`, which is not yet finished.
 */
nonet_status context_load(const char *name, const char *folder, int depth, struct context *context,
                          nonet_error *error) NONET_NODISCARD;
/* A tree over what is there (defaults, or what it extends). */
nonet_status context_read(const struct fields_reader *reader, const struct yaml_node *node,
                          int depth, struct context *context, nonet_error *error) NONET_NODISCARD;
/* `gates:` of a tree merged into those that are there: the same measure, scope and task replaces.
 */
nonet_status context_gates_read(const struct fields_reader *reader, const struct yaml_node *node,
                                struct context *context, nonet_error *error) NONET_NODISCARD;
/* `scope: {sex: Female}` */
nonet_status context_gates_scope(const struct fields_reader *reader, const struct yaml_node *node,
                                 struct requirement_scope *scope,
                                 nonet_error *error) NONET_NODISCARD;
/* Slots, tiers and primaries of the gates; what must hold between them. */
nonet_status context_gates_finish(struct context *context, nonet_error *error) NONET_NODISCARD;
/* Tiers without holes, defaults, then the gates. */
nonet_status context_finish(struct context *context, nonet_error *error) NONET_NODISCARD;
/* A list of requirements as written in `require:` and `budgets:`. */
nonet_status context_requirements(const struct fields_reader *reader, const struct yaml_node *node,
                                  struct requirement **list, size_t *n,
                                  nonet_error *error) NONET_NODISCARD;
/* The inline mapping or name under `context:` of nonet.yaml, finished. */
nonet_status context_of_node(const struct fields_reader *reader, const struct yaml_node *node,
                             struct context *context, nonet_error *error) NONET_NODISCARD;

#endif
