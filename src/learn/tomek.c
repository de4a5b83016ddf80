/*
 * Tomek links.
 *
 * Every link has a row outside the largest class, so only those rows' nearest neighbours are
 * looked for; of these, the neighbours of another class are asked for their own nearest, no
 * farther than the row that found them.
 *
 * Cases: 1. Ties by the smaller index, as neighbours.h says: exact copies in two classes are a
 * link when each is the first nearest of the other. 2. A neighbour that several rows found is
 * asked once; the nearest of them can be its partner alone. 3. One class, no rows: no links. 4. A
 * neighbour that is outside the largest class itself was already asked.
 */
#include "learn/tomek.h"

#include <math.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/memory.h"
#include "learn/part.h"

struct links {
  const struct neighbours_rows *rows;
  const uint32_t *label;
  struct neighbours *index;
  uint32_t *nearest; /* [n_rows] NEIGHBOURS_NONE: not asked */
  double *distance2; /* [n_rows] to it; infinite: not asked */
  uint32_t *which;   /* [n_rows] scratch */
  double *within;    /* [n_rows] scratch */
};

static uint32_t largest_class(const uint32_t *label, size_t n_rows, size_t *count,
                              size_t n_classes) {
  uint32_t largest = 0;
  for (size_t i = 0; i < n_rows; i++) {
    count[label[i]]++;
  }
  for (size_t c = 1; c < n_classes; c++) {
    largest = count[c] > count[largest] ? (uint32_t)c : largest;
  }
  return largest;
}

/* The nearest neighbours of the first n of `which`, no farther than `within` of each (NULL: any).
 */
static nonet_status ask(struct links *links, size_t n, const double *within, size_t n_threads,
                        struct progress *progress, nonet_error *error) {
  struct part part = {0};
  uint32_t *found = memory_new(n, sizeof *found);
  double *distance2 = memory_new(n, sizeof *distance2);
  nonet_status status = NONET_OK;
  if (found == NULL || distance2 == NULL) {
    status = error_memory(error, n * sizeof *distance2, "nearest neighbours");
    goto done;
  }
  status = part_take(links->rows, links->which, n, &part, error);
  struct neighbours_query query = {
      .rows = &part.rows, .self = part.name, .k = 1, .within = within, .n_threads = n_threads};
  if (status == NONET_OK) {
    status = neighbours_find(links->index, &query, found, distance2, progress, error);
  }
  for (size_t i = 0; status == NONET_OK && i < n; i++) {
    links->nearest[part.name[i]] = found[i];
    links->distance2[part.name[i]] = distance2[i];
  }
done:
  part_clear(&part);
  memory_free(found);
  memory_free(distance2);
  return status;
}

/* Fills `which` and `within` with the neighbours of another class that were not asked yet (2, 4).
 */
static size_t whom_to_ask_back(struct links *links) {
  size_t n = links->rows->n_rows, n_back = 0;
  double *nearest_asker = links->within;
  for (size_t i = 0; i < n; i++) {
    nearest_asker[i] = INFINITY;
  }
  for (size_t i = 0; i < n; i++) {
    uint32_t other = links->nearest[i];
    if (other != NEIGHBOURS_NONE && links->label[other] != links->label[i] &&
        links->nearest[other] == NEIGHBOURS_NONE) {
      nearest_asker[other] = fmin(nearest_asker[other], links->distance2[i]);
    }
  }
  for (size_t i = 0; i < n; i++) {
    if (nearest_asker[i] < INFINITY) {
      links->which[n_back] = (uint32_t)i;
      links->within[n_back++] = nearest_asker[i]; /* n_back <= i: read before it is written */
    }
  }
  return n_back;
}

static size_t pair_up(const uint32_t *label, size_t n_rows, const uint32_t *nearest,
                      uint32_t *partner) {
  size_t n_links = 0;
  for (size_t i = 0; i < n_rows; i++) {
    uint32_t other = nearest[i];
    bool is_link = other != NEIGHBOURS_NONE && nearest[other] == i && label[other] != label[i];
    partner[i] = is_link ? other : NEIGHBOURS_NONE;
    n_links += is_link && i < other;
  }
  return n_links;
}

static nonet_status find_links(struct links *links, uint32_t largest, size_t n_threads,
                               struct progress *progress, nonet_error *error) {
  size_t n_asked = 0;
  for (size_t i = 0; i < links->rows->n_rows; i++) {
    links->nearest[i] = NEIGHBOURS_NONE;
    links->distance2[i] = INFINITY;
    if (links->label[i] != largest) {
      links->which[n_asked++] = (uint32_t)i;
    }
  }
  nonet_status status = neighbours_new(links->rows, n_threads, &links->index, error);
  if (status == NONET_OK) {
    status = ask(links, n_asked, NULL, n_threads, progress, error);
  }
  if (status == NONET_OK) {
    size_t n_back = whom_to_ask_back(links);
    status = ask(links, n_back, links->within, n_threads, progress, error);
  }
  return status;
}

nonet_status tomek_links(const struct neighbours_rows *rows, const uint32_t *label,
                         size_t n_classes, size_t n_threads, uint32_t *partner, size_t *n_links,
                         struct progress *progress, nonet_error *error) {
  size_t n = rows->n_rows;
  size_t *count = memory_zeroed(n_classes, sizeof *count);
  struct links links = {.rows = rows, .label = label};
  links.nearest = memory_new(n, sizeof *links.nearest);
  links.distance2 = memory_new(n, sizeof *links.distance2);
  links.which = memory_new(n, sizeof *links.which);
  links.within = memory_new(n, sizeof *links.within);
  nonet_status status = NONET_OK;
  if (!count || !links.nearest || !links.distance2 || !links.which || !links.within) {
    status = error_memory(error, n * 24, "Tomek links");
    goto done;
  }
  uint32_t largest = largest_class(label, n, count, n_classes);
  status = find_links(&links, largest, n_threads, progress, error);
  if (status == NONET_OK) {
    *n_links = pair_up(label, n, links.nearest, partner);
  }
done:
  neighbours_free(links.index);
  memory_free(count);
  memory_free(links.nearest);
  memory_free(links.distance2);
  memory_free(links.which);
  memory_free(links.within);
  return status;
}
