/*
 * Reference groups from "sex=Male, \"race=Black, other\"".
 *
 * Cases:
 *  1. The column is the longest group column that stands before a '=': names may hold one.
 *  2. A bare null is the missing value, unless a value is called null.
 *  3. Columns that are not named keep all pairs.
 *  4. A part of a whole need not have the group: the column keeps all pairs there, and the merge of
 *     the parts says whether any had it.
 *  5. A value in double quotes is the value, as in requirements, unless one has the quotes itself.
 */
#include "run/reference_group.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/split.h"
#include "base/text.h"

/* The column of an item, case 1; NULL: none. *value is behind its '='. */
static struct domain *find_column(const struct roles *roles, const char *item, const char **value) {
  struct domain *found = NULL;
  size_t most = 0;
  for (size_t g = 0; g < roles_n_sensitive(roles); g++) {
    const size_t length = strlen(roles->groups[g].column);
    if (strncmp(item, roles->groups[g].column, length) == 0 &&
        item[length + strspn(item + length, " ")] == '=' && (found == NULL || length > most)) {
      found = &roles->groups[g];
      most = length;
      *value = item + length + strspn(item + length, " ") + 1;
      *value += strspn(*value, " ");
    }
  }
  return found;
}

static nonet_status no_column(const struct roles *roles, const char *item, nonet_error *error) {
  const size_t length = strcspn(item, "=");
  const size_t n = roles_n_sensitive(roles);
  const char **names = memory_new(n + 1, sizeof *names);
  char *wanted = memory_text(item);
  struct text near = {0};
  for (size_t g = 0; names != NULL && g < n; g++) {
    names[g] = roles->groups[g].column;
  }
  if (names != NULL && wanted != NULL && item[length] != '\0') {
    wanted[length] = '\0';
    text_suggestion(&near, wanted, names, n);
  }
  nonet_status status = error_set(
      error, NONET_E_USAGE,
      "--reference: expected a group column, '=' and one of its groups, such as sex=Male; found "
      "'%.80s'%s%s",
      item, item[length] == '\0' ? "" : ", whose column is no group column",
      near.data == NULL ? "" : near.data);
  memory_free(names);
  memory_free(wanted);
  text_clear(&near);
  return status;
}

static nonet_status no_group(const struct domain *domain, const char *value, nonet_error *error) {
  struct text near = {0};
  const size_t n = domain->n_values;
  const size_t n_named = n > 0 && domain->values[n - 1] == NULL ? n - 1 : n;
  text_suggestion(&near, value, (const char *const *)domain->values, n_named);
  if (near.length == 0) {
    for (size_t i = 0; i < n && i < 10; i++) {
      text_printf(&near, "%s'%.40s'", i == 0 ? "; it has " : ", ",
                  domain->values[i] == NULL ? "null" : domain->values[i]);
    }
    text_append(&near, n > 10 ? ", …" : "");
  }
  nonet_status status =
      error_set(error, NONET_E_DATA, "--reference: column '%s' has no group '%.80s'%s",
                domain->column, value, near.data == NULL ? "" : near.data);
  text_clear(&near);
  return status;
}

/* Case 5. */
static bool is_in_quotes(const char *value, const char *name) {
  const size_t length = strlen(name);
  return value[0] == '"' && strncmp(value + 1, name, length) == 0 &&
         strcmp(value + 1 + length, "\"") == 0;
}

static uint32_t find_group(const struct domain *domain, const char *value) {
  uint32_t found = 0, in_quotes = 0;
  for (size_t i = 0; i < domain->n_values; i++) {
    const char *name = domain->values[i];
    if (name == NULL ? found == 0 && strcmp(value, "null") == 0 /* 2: it is last */
                     : strcmp(value, name) == 0) {
      found = (uint32_t)i + 1;
    } else if (name != NULL && is_in_quotes(value, name)) {
      in_quotes = (uint32_t)i + 1;
    }
  }
  return found != 0 ? found : in_quotes;
}

static nonet_status set_one(const char *item, bool is_part, struct roles *roles,
                            nonet_error *error) {
  const char *value = NULL;
  struct domain *domain = find_column(roles, item, &value);
  if (domain == NULL) {
    return no_column(roles, item, error);
  }
  if (domain->reference != 0) {
    return error_set(error, NONET_E_USAGE, "--reference: column '%s' is given twice",
                     domain->column);
  }
  domain->reference = find_group(domain, value);
  return domain->reference == 0 && !is_part ? no_group(domain, value, error) : NONET_OK; /* 4 */
}

nonet_status reference_group_set(const char *list, bool is_part, struct roles *roles,
                                 nonet_error *error) {
  struct split items = {0};
  for (size_t g = 0; g < roles->n_groups; g++) {
    roles->groups[g].reference = 0;
  }
  nonet_status status = split_list(list, "--reference", &items, error);
  for (size_t i = 0; i < items.n && status == NONET_OK; i++) {
    status = set_one(items.item[i], is_part, roles, error);
  }
  split_clear(&items);
  return status;
}
