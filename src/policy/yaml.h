/*
 * YAML as a tree with places. One document, made of mappings with text keys, sequences and scalars;
 * a scalar's type is settled by whoever reads it, so "no" and "012" stay what was written.
 *
 * Limits: YAML_BYTES_MOST, YAML_DEPTH_MOST and YAML_NODES_MOST, where an alias counts as all that
 * it stands for ("billion laughs" is refused, nothing is copied). Tags, several documents and keys
 * that are not text are refused. Errors are NONET_E_CONFIG "SOURCE:LINE:COLUMN: …", the first one
 * only.
 */
#ifndef POLICY_YAML_H
#define POLICY_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include <nonet/status.h>

#include "base/text.h"
#include "policy/pool.h"

enum { YAML_BYTES_MOST = 1 << 20, YAML_DEPTH_MOST = 32, YAML_NODES_MOST = 20000 };

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

struct yaml_node {
  enum yaml_kind kind;
  unsigned line, column; /* from 1 */
  const char *text;      /* a scalar; else NULL */
  bool is_plain;         /* a scalar without quotes */
  size_t n;              /* items of a sequence, pairs of a mapping */
  struct yaml_node **item;
  struct yaml_node **key; /* a mapping's; scalars, no two the same */
  size_t weight;          /* nodes under it and itself, aliases expanded */
};

/* A node's tree belongs to the pool. An empty document is an error. */
nonet_status yaml_parse(const char *data, size_t size_bytes, const char *source, struct pool *pool,
                        struct yaml_node **root, nonet_error *error) NONET_NODISCARD;
/* Reads a regular file of at most YAML_BYTES_MOST: NONET_E_NO_INPUT, NONET_E_IO, NONET_E_CONFIG. */
nonet_status yaml_load(const char *path, struct pool *pool, const char **data, size_t *size_bytes,
                       nonet_error *error) NONET_NODISCARD;

/* Null as YAML writes it: nothing, ~, null. */
bool yaml_is_null(const struct yaml_node *node);
/* NULL when the key is not there. */
const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key);
/* "a mapping", "a list", "the text 'x'", "nothing": for messages. */
const char *yaml_found(const struct yaml_node *node, char buffer[80]);

/* Appends a word as YAML that is read back as the same text: bare, or in double quotes. */
void yaml_word(struct text *text, const char *word);
void yaml_quoted(struct text *text, const char *word);

#endif
