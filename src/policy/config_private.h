/* What the files of a configuration share. */
#ifndef POLICY_CONFIG_PRIVATE_H
#define POLICY_CONFIG_PRIVATE_H

#include "policy/config.h"
#include "policy/fields.h"
#include "policy/yaml.h"

/* `models:` (config_model.c) and `data:` (config_data.c); `into` is the whole struct config. */
nonet_status config_model_read(const struct fields_reader *reader, const struct yaml_node *node,
                               void *into, nonet_error *error) NONET_NODISCARD;
nonet_status config_data_read(const struct fields_reader *reader, const struct yaml_node *node,
                              void *into, nonet_error *error) NONET_NODISCARD;
/* `columns:` */
nonet_status config_data_columns(const struct fields_reader *reader, const struct yaml_node *node,
                                 void *into, nonet_error *error) NONET_NODISCARD;
/* The tree as it was written and what was resolved: config.resolved (config_json.c). */
nonet_status config_json_make(const struct yaml_node *root, struct config *config,
                              nonet_error *error) NONET_NODISCARD;
/* Puts the context in use, and what follows from it, into config.resolved. */
nonet_status config_json_context(struct config *config, nonet_error *error) NONET_NODISCARD;

#endif
