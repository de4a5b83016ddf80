/*
 * One walk over a tree, level by level, from its root.
 *
 * Cases:
 *  1. A node that is reached twice: no tree.
 *  2. Nodes that are not reached (XGBoost leaves pruned ones behind) are not counted.
 *  3. The mean depth is over leaves, each counted once: without data nobody knows how often each is
 * reached.
 *  4. Memory is short: the tree is not counted either, and the caller says so.
 */
#include "artifact/trees.h"

#include "base/memory.h"

struct walk {
  const int64_t *left, *right;
  size_t n, n_queued;
  size_t *queue;
  uint32_t *depth; /* + 1; 0: not reached */
};

static bool reach(struct walk *walk, int64_t child, uint32_t depth) {
  if (child < 0 || (uint64_t)child >= walk->n || walk->depth[child] != 0) { /* 1 */
    return false;
  }
  walk->depth[child] = depth;
  walk->queue[walk->n_queued++] = (size_t)child;
  return true;
}

static bool walk_tree(struct walk *walk, struct artifact_trees *found) {
  double depths = 0;
  if (!reach(walk, 0, 1)) {
    return false;
  }
  for (size_t done = 0; done < walk->n_queued; done++) {
    size_t at = walk->queue[done];
    uint32_t depth = walk->depth[at];
    if (walk->left[at] < 0 && walk->right[at] < 0) {
      found->n_leaves++;
      depths += depth - 1;
      found->depth = depth - 1;
    } else if (!reach(walk, walk->left[at], depth + 1) ||
               !reach(walk, walk->right[at], depth + 1)) {
      return false;
    }
  }
  found->n_trees = 1;
  found->n_nodes = walk->n_queued;
  found->path = depths / (double)found->n_leaves; /* 3 */
  return true;
}

bool trees_add(const int64_t *left, const int64_t *right, size_t n, struct artifact_trees *trees) {
  struct walk walk = {.left = left, .right = right, .n = n};
  struct artifact_trees found = {0};
  if (n == 0 || n >= UINT32_MAX) {
    return false;
  }
  walk.queue = memory_new(n, sizeof *walk.queue);
  walk.depth = memory_zeroed(n, sizeof *walk.depth);
  bool is_tree = walk.queue != NULL && walk.depth != NULL && walk_tree(&walk, &found);
  if (is_tree) {
    trees->n_trees++;
    trees->n_leaves += found.n_leaves;
    trees->n_nodes += found.n_nodes;
    trees->path += found.path;
    trees->depth = found.depth > trees->depth ? found.depth : trees->depth;
  }
  memory_free(walk.queue);
  memory_free(walk.depth);
  return is_tree;
}
