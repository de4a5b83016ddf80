/*
 * The readers of single values and of mappings by table.
 *
 * Cases:
 *  1. A scalar where a mapping or list belongs, and the other way round: "expected …; found …".
 *  2. An unknown key: near names; with none near, all known keys.
 *  3. ${NAME} and ${NAME:-default}: in paths, queries, URIs and commands; "$${" is a literal "${".
 * A variable that is not set and has no default is an error. Anywhere else "${" is an error,
 * because a message could show what the variable held.
 *  4. Numbers: the whole text, finite; "1_000", "0x10", "012abc" are none.
 *  5. A text may be quoted or not; nothing (null) is none.
 */
#include "policy/fields.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/c_locale.h"
#include "base/error.h"
#include "base/text.h"
#include "policy/requirement.h"

#define KEYS_MOST 64

nonet_status fields_fail(const struct fields_reader *reader, const struct yaml_node *node,
                         nonet_error *error, const char *format, ...) {
  char message[700];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return error_set(error, NONET_E_CONFIG, "%s:%u:%u: %s", reader->source, node->line, node->column,
                   message);
}

nonet_status fields_expected(const struct fields_reader *reader, const struct yaml_node *node,
                             const char *what, nonet_error *error) {
  char found[80];
  return fields_fail(reader, node, error, "expected %s; found %s", what, yaml_found(node, found));
}

nonet_status fields_at(const struct fields_reader *reader, const struct yaml_node *node,
                       nonet_status status, nonet_error *error) {
  if (status == NONET_OK || status == NONET_E_MEMORY || status == NONET_E_INTERNAL) {
    return status;
  }
  return error_context(error, NONET_E_CONFIG, "%s:%u:%u", reader->source, node->line, node->column);
}

/* Case 2. */
static nonet_status unknown_key(const struct fields_reader *reader, const struct yaml_node *key,
                                const char *what, const struct field *fields, nonet_error *error) {
  const char *names[KEYS_MOST];
  struct text near = {0}, all = {0};
  size_t n = 0;
  for (; fields[n].key != NULL && n < KEYS_MOST; n++) {
    names[n] = fields[n].key;
    text_printf(&all, "%s%s", n > 0 ? ", " : "", fields[n].key);
  }
  text_suggestion(&near, key->text, names, n);
  bool is_near = near.data != NULL && near.data[0] != '\0';
  nonet_status status =
      is_near
          ? fields_fail(reader, key, error, "%s has no key '%.60s'%s", what, key->text, near.data)
          : fields_fail(reader, key, error, "%s has no key '%.60s'; it may have: %s", what,
                        key->text, all.data == NULL ? "" : all.data);
  if (near.failed || all.failed) {
    status = error_memory(error, 100, "a message");
  }
  text_clear(&near);
  text_clear(&all);
  return status;
}

nonet_status fields_read(const struct fields_reader *reader, const struct yaml_node *node,
                         const char *what, const struct field *fields, void *into,
                         nonet_error *error) {
  nonet_status status = NONET_OK;
  if (node->kind != YAML_MAPPING) { /* case 1 */
    char expected[120];
    snprintf(expected, sizeof expected, "%s as a mapping of keys and values", what);
    return fields_expected(reader, node, expected, error);
  }
  for (size_t i = 0; i < node->n && status == NONET_OK; i++) {
    const struct field *field = fields;
    while (field->key != NULL && strcmp(field->key, node->key[i]->text) != 0) {
      field++;
    }
    status = field->key == NULL
                 ? unknown_key(reader, node->key[i], what, fields, error)
                 : field->read(reader, node->item[i], (char *)into + field->offset, error);
  }
  return status;
}

static nonet_status keep(const struct fields_reader *reader, const char *text, size_t length,
                         const char **into, nonet_error *error) {
  *into = pool_text(reader->pool, text, length);
  return *into == NULL ? error_memory(error, length, "a configuration") : NONET_OK;
}

nonet_status fields_text(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) {
  if (node->kind != YAML_SCALAR || yaml_is_null(node) || node->text[0] == '\0') { /* case 5 */
    return fields_expected(reader, node, "a text", error);
  }
  if (strstr(node->text, "${") != NULL) { /* case 3 */
    return fields_fail(
        reader, node, error,
        "${…} stands for a variable in paths, queries, URIs and commands only; found "
        "'%.60s'",
        node->text);
  }
  return keep(reader, node->text, strlen(node->text), into, error);
}

/* One "${…}" at `at`; hands back what follows it. */
static nonet_status expand_one(const struct fields_reader *reader, const struct yaml_node *node,
                               const char **at, struct text *text, nonet_error *error) {
  const char *name = *at + 2, *end = strchr(name, '}');
  size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
  bool has_default = strncmp(name + length, ":-", 2) == 0;
  if (end == NULL || length == 0 || length > 200 || (!has_default && name + length != end)) {
    return fields_fail(reader, node, error,
                       "expected ${NAME} or ${NAME:-default}; found '%.60s' ($${ is a literal ${)",
                       *at);
  }
  char word[201];
  memcpy(word, name, length);
  word[length] = '\0';
  const char *value = getenv(word);
  if (value != NULL && (value[0] != '\0' || !has_default)) {
    text_append(text, value);
  } else if (has_default) {
    text_append_n(text, name + length + 2, (size_t)(end - name) - length - 2);
  } else {
    return fields_fail(reader, node, error,
                       "the environment variable %s is not set; set it, or write ${%s:-default}",
                       word, word);
  }
  *at = end + 1;
  return NONET_OK;
}

nonet_status fields_expanded(const struct fields_reader *reader, const struct yaml_node *node,
                             void *into, nonet_error *error) {
  struct text text = {0};
  nonet_status status = NONET_OK;
  if (node->kind != YAML_SCALAR || yaml_is_null(node) || node->text[0] == '\0') {
    return fields_expected(reader, node, "a text", error);
  }
  text_append(&text, "");
  for (const char *at = node->text; *at != '\0' && status == NONET_OK;) {
    if (strncmp(at, "$${", 3) == 0) {
      text_append(&text, "${");
      at += 3;
    } else if (strncmp(at, "${", 2) == 0) {
      status = expand_one(reader, node, &at, &text, error);
    } else {
      text_append_n(&text, at++, 1);
    }
  }
  if (status == NONET_OK) {
    status = text.failed ? error_memory(error, text.length, "a configuration")
                         : keep(reader, text.data, text.length, into, error);
  }
  text_clear(&text);
  return status;
}

nonet_status fields_path(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) {
  const char *path = NULL;
  nonet_status status = fields_expanded(reader, node, &path, error);
  if (status != NONET_OK) {
    return status;
  }
  bool is_rooted = path[0] == '/' || strstr(path, "://") != NULL || reader->folder[0] == '\0';
  size_t folder = is_rooted ? 0 : strlen(reader->folder), length = strlen(path);
  char *whole = pool_new(reader->pool, folder + length + 1, 1);
  if (whole == NULL) {
    return error_memory(error, folder + length, "a configuration");
  }
  memcpy(whole, reader->folder, folder);
  memcpy(whole + folder, path, length);
  *(const char **)into = whole;
  return NONET_OK;
}

nonet_status fields_bool(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) {
  static const char *const words[] = {"false", "true", NULL};
  size_t index = 0;
  if (node->kind != YAML_SCALAR || !node->is_plain) {
    return fields_expected(reader, node, "true or false", error);
  }
  nonet_status status = fields_word(reader, node, words, &index, error);
  *(bool *)into = index == 1;
  return status;
}

/* Case 4. */
nonet_status fields_real(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) {
  char *end = NULL;
  if (node->kind != YAML_SCALAR || yaml_is_null(node) ||
      node->text[strspn(node->text, "+-.eE0123456789")] != '\0') {
    return fields_expected(reader, node, "a number", error);
  }
  void *locale = c_locale_enter();
  double value = strtod(node->text, &end);
  c_locale_leave(locale);
  if (end == node->text || *end != '\0' || !isfinite(value)) {
    return fields_expected(reader, node, "a number", error);
  }
  *(double *)into = value;
  return NONET_OK;
}

nonet_status fields_whole(const struct fields_reader *reader, const struct yaml_node *node,
                          void *into, nonet_error *error) {
  const char *text = node->kind == YAML_SCALAR ? node->text : "";
  errno = 0;
  unsigned long long value = strtoull(text, NULL, 10);
  if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0' || errno != 0) {
    return fields_expected(reader, node, "a whole number", error);
  }
  *(uint64_t *)into = value;
  return NONET_OK;
}

nonet_status fields_count(const struct fields_reader *reader, const struct yaml_node *node,
                          void *into, nonet_error *error) {
  uint64_t value = 0;
  nonet_status status = fields_whole(reader, node, &value, error);
  if (status == NONET_OK && (value == 0 || value > SIZE_MAX / 2)) {
    status = fields_expected(reader, node, "a whole number from 1 up", error);
  }
  *(size_t *)into = (size_t)value;
  return status;
}

nonet_status fields_seconds(const struct fields_reader *reader, const struct yaml_node *node,
                            void *into, nonet_error *error) {
  double seconds = 0;
  if (node->kind != YAML_SCALAR || yaml_is_null(node)) {
    return fields_expected(reader, node, "a time such as 60s, 5 min or 200ms", error);
  }
  nonet_status status = requirement_seconds(node->text, &seconds, error);
  if (status == NONET_OK && !(seconds > 0)) {
    return fields_expected(reader, node, "a time above 0", error);
  }
  *(double *)into = seconds;
  return fields_at(reader, node, status, error);
}

nonet_status fields_list(const struct fields_reader *reader, const struct yaml_node *node,
                         void *into, nonet_error *error) {
  struct config_list *list = into;
  const struct yaml_node *one[] = {node};
  bool is_list = node->kind == YAML_SEQUENCE;
  size_t n = is_list ? node->n : 1;
  if (node->kind == YAML_MAPPING || n == 0) {
    return fields_expected(reader, node, "a text or a list of texts", error);
  }
  const char **item = pool_new(reader->pool, n, sizeof *item);
  nonet_status status = item == NULL ? error_memory(error, n, "a configuration") : NONET_OK;
  for (size_t i = 0; i < n && status == NONET_OK; i++) {
    const struct yaml_node *entry = is_list ? node->item[i] : one[0];
    status = fields_text(reader, entry, &item[i], error);
    for (size_t k = 0; k < i && status == NONET_OK; k++) {
      if (strcmp(item[k], item[i]) == 0) {
        status = fields_fail(reader, entry, error, "'%.60s' stands twice in the list", item[i]);
      }
    }
  }
  *list = (struct config_list){item, n};
  return status;
}

/* "expected full or partial; found 'ful' (did you mean 'full'?)" */
static nonet_status no_such_word(const struct fields_reader *reader, const struct yaml_node *node,
                                 const char *const *words, nonet_error *error) {
  struct text expected = {0}, near = {0};
  char found[80];
  size_t n = 0;
  for (; words[n] != NULL; n++) {
    text_printf(&expected, "%s%s", n == 0 ? "" : words[n + 1] == NULL ? " or " : ", ", words[n]);
  }
  if (node->kind == YAML_SCALAR) {
    text_suggestion(&near, node->text, words, n);
  }
  nonet_status status =
      expected.failed || near.failed
          ? error_memory(error, 100, "a message")
          : fields_fail(reader, node, error, "expected %s; found %s%s", expected.data,
                        yaml_found(node, found), near.data == NULL ? "" : near.data);
  text_clear(&expected);
  text_clear(&near);
  return status;
}

nonet_status fields_word(const struct fields_reader *reader, const struct yaml_node *node,
                         const char *const *words, size_t *index, nonet_error *error) {
  for (size_t n = 0; words[n] != NULL; n++) {
    if (node->kind == YAML_SCALAR && strcmp(node->text, words[n]) == 0) {
      *index = n;
      return NONET_OK;
    }
  }
  return no_such_word(reader, node, words, error);
}
