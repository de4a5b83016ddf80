/*
 * Comma lists.
 *
 * Cases: 1. commas inside quotes or brackets do not split  2. an item quoted as a whole loses its
 * double quotes, "" inside becomes "; an item in single quotes keeps them, since that is an SQL
 * text  3. an empty item, an open quote, an open bracket: an error with the position.
 */
#include "base/split.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Where the item that starts at `from` ends; depth and quote tell what is still open there. */
static size_t item_end(const char *list, size_t from, int *depth, char *quote) {
  size_t i = from;
  *depth = 0;
  *quote = '\0';
  for (; list[i] != '\0' && (list[i] != ',' || *depth > 0 || *quote != '\0'); i++) {
    char c = list[i];
    if (*quote != '\0') {
      *quote = c == *quote ? '\0' : *quote;
    } else if (c == '"' || c == '\'') {
      *quote = c;
    } else if (strchr("([{", c) != NULL) {
      ++*depth;
    } else if (strchr(")]}", c) != NULL && *depth > 0) {
      --*depth;
    }
  }
  return i;
}

/* Case 2: true when the one pair of double quotes holds the whole item. */
static bool is_quoted_whole(const char *item, size_t length) {
  size_t i = 1;
  if (length < 2 || item[0] != '"' || item[length - 1] != '"') {
    return false;
  }
  while (i + 1 < length && (item[i] != '"' || (item[i + 1] == '"' && i + 2 < length))) {
    i += item[i] == '"' ? 2 : 1;
  }
  return i + 1 == length;
}

static char *copy_item(const char *item, size_t length) {
  bool is_quoted = is_quoted_whole(item, length);
  char *copy = memory_new(length + 1, 1);
  size_t n = 0;
  if (copy != NULL) {
    for (size_t i = is_quoted ? 1 : 0; i < length - (is_quoted ? 1 : 0); i++) {
      copy[n++] = item[i];
      i += is_quoted && item[i] == '"';
    }
    copy[n] = '\0';
  }
  return copy;
}

static nonet_status add_item(struct split *split, size_t *capacity, const char *list, size_t from,
                             size_t to, const char *what, nonet_error *error) {
  while (from < to && list[from] == ' ') {
    from++;
  }
  while (to > from && list[to - 1] == ' ') {
    to--;
  }
  if (from == to) {
    return error_set(
        error, NONET_E_USAGE,
        "%s: an empty item at character %zu of '%.80s'; expected names separated by commas", what,
        from + 1, list);
  }
  char *copy = copy_item(list + from, to - from);
  if (copy == NULL || !memory_grow((void **)&split->item, capacity, split->n + 1, sizeof(char *))) {
    memory_free(copy);
    return error_memory(error, to - from, what);
  }
  split->item[split->n++] = copy;
  return NONET_OK;
}

nonet_status split_list(const char *list, const char *what, struct split *split,
                        nonet_error *error) {
  size_t from = 0, capacity = 0;
  nonet_status status = NONET_OK;
  *split = (struct split){0};
  while (list != NULL && status == NONET_OK) {
    int depth;
    char quote;
    size_t to = item_end(list, from, &depth, &quote);
    if (depth > 0 || quote != '\0') {
      status = error_set(error, NONET_E_USAGE, "%s: an open %s in '%.80s'; close it", what,
                         quote != '\0' ? "quote" : "parenthesis", list + from);
    } else {
      status = add_item(split, &capacity, list, from, to, what, error);
    }
    if (list[to] == '\0') {
      break;
    }
    from = to + 1;
  }
  if (status != NONET_OK) {
    split_clear(split);
  }
  return status;
}

void split_clear(struct split *split) {
  for (size_t i = 0; i < split->n; i++) {
    memory_free(split->item[i]);
  }
  memory_free(split->item);
  *split = (struct split){0};
}
