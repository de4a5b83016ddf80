/* The size of trees, whichever file they stand in. */
#ifndef ARTIFACT_TREES_H
#define ARTIFACT_TREES_H

#include "artifact/artifact.h"

/* Adds a tree of n nodes, the root first; a child below 0 is none, and a node without children a
 * leaf. False: a node with one child, a child that is no node, or a cycle; nothing is added. */
bool trees_add(const int64_t *left, const int64_t *right, size_t n, struct artifact_trees *trees);

#endif
