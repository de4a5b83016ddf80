/*
 * Margins of a command line: --margin correctness.auc=0.01,correctness.rmse=5%. In nonet.yaml they
 * stand under margins:, which policy reads.
 */
#include <string.h>

#include "base/error.h"
#include "base/split.h"
#include "run/court.h"

/* "ID=VALUE", split at the last '=' outside braces, so that scopes and variants stay whole. */
static nonet_status read_margin(char *item, struct pool *pool, struct config_margin *margin,
                                nonet_error *error) {
  char *equals = strrchr(item, '='), *brace = strrchr(item, '}');
  const struct measure *record = NULL;
  if (equals == NULL || equals == item || (brace != NULL && brace > equals)) {
    return error_set(error, NONET_E_USAGE,
                     "--margin expects ID=VALUE, such as correctness.auc=0.01 or "
                     "correctness.rmse=5%%; found '%.80s'",
                     item);
  }
  *equals = '\0';
  margin->stated = pool_text(pool, equals + 1, strlen(equals + 1));
  nonet_status status = margin->stated == NULL
                            ? error_memory(error, strlen(item), "a margin")
                            : margin_parse(margin->stated, &margin->margin, error);
  if (status == NONET_OK) {
    status = requirement_measure(item, pool, &margin->id, &margin->scope, &record, error);
  }
  if (status == NONET_OK) {
    margin->is_built = record != NULL;
    status = margin_allowed(record, margin->margin, error);
  }
  if (status == NONET_OK) {
    status = margin_settle(margin->id, record, &margin->margin, error);
  }
  return status;
}

nonet_status court_margins_read(const char *list, struct court_margins *margins,
                                nonet_error *error) {
  struct split items = {0};
  *margins = (struct court_margins){0};
  nonet_status status = split_list(list, "--margin", &items, error);
  if (status == NONET_OK) {
    margins->item = pool_new(&margins->pool, items.n + 1, sizeof *margins->item);
    status = margins->item == NULL ? error_memory(error, items.n, "margins") : NONET_OK;
  }
  for (size_t i = 0; i < items.n && status == NONET_OK; i++) {
    status = read_margin(items.item[i], &margins->pool, &margins->item[margins->n++], error);
  }
  split_clear(&items);
  return status;
}

void court_margins_clear(struct court_margins *margins) {
  pool_clear(&margins->pool);
  *margins = (struct court_margins){0};
}
