/*
 * libfyaml's events into a tree.
 *
 * Cases:
 *  1. Not UTF-8, a NUL or another control character: refused before the parser sees it, with the
 * place.
 *  2. Malformed YAML: the parser's first error, its line and column.
 *  3. An alias: the node it stands for, shared; its weight counts again, so that the total stays
 * under YAML_NODES_MOST however aliases are nested. An anchor is known only after its node ended,
 * so no cycle can be made.
 *  4. Depth: a stack of YAML_DEPTH_MOST open collections, no recursion.
 *  5. A tag, a second document, a key that is no scalar, a key that was there before: refused.
 *  6. Nothing but comments: "is empty".
 *  7. The parser's own allocations are not ours: they cannot be made to fail by memory_fail_after;
 * ours can at every node.
 */
#include "policy/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/json_text.h"
#include "base/memory.h"
#include "base/utf8.h"

struct anchor {
  const char *name;
  struct yaml_node *node;
  struct anchor *before;
};

struct open_node {
  struct yaml_node *node;
  const char *anchor;
  struct yaml_node *key; /* of a mapping: read, its value is not */
  size_t capacity_items, capacity_keys;
};

struct builder {
  const char *source;
  struct pool *pool;
  struct fy_parser *parser;
  struct open_node open[YAML_DEPTH_MOST];
  size_t depth;
  struct anchor *anchors;
  struct yaml_node *root;
  size_t weight;
};

static nonet_status fail(const struct builder *builder, unsigned line, unsigned column,
                         nonet_error *error, const char *format, ...) NONET_PRINTF(5, 6);

static nonet_status fail(const struct builder *builder, unsigned line, unsigned column,
                         nonet_error *error, const char *format, ...) {
  char message[400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  return error_set(error, NONET_E_CONFIG, "%s:%u:%u: %s", builder->source, line, column, message);
}

/* Case 1. */
static nonet_status check_bytes(const struct builder *builder, const char *data, size_t size_bytes,
                                nonet_error *error) {
  unsigned line = 1, column = 1;
  for (size_t at = 0; at < size_bytes;) {
    uint32_t code;
    size_t n = utf8_decode(data + at, size_bytes - at, &code);
    if (n == 0) {
      return fail(builder, line, column, error, "expected UTF-8 text; found the byte 0x%02x",
                  (unsigned char)data[at]);
    }
    bool is_control = (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
                      (code >= 0x7f && code < 0xa0 && code != 0x85) || code == 0xfeff ||
                      (code & 0xfffe) == 0xfffe;
    if (is_control && !(code == 0xfeff && at == 0)) {
      return fail(builder, line, column, error, "expected text; found the control character U+%04X",
                  (unsigned)code);
    }
    column = code == '\n' ? 1 : column + 1;
    line += code == '\n';
    at += n;
  }
  return NONET_OK;
}

static bool grow(struct builder *builder, struct yaml_node ***array, size_t *capacity, size_t n) {
  if (n < *capacity) {
    return true;
  }
  size_t wanted = *capacity == 0 ? 4 : *capacity * 2;
  struct yaml_node **grown = pool_new(builder->pool, wanted, sizeof *grown);
  if (grown == NULL) {
    return false;
  }
  if (n > 0) {
    memcpy(grown, *array, n * sizeof *grown);
  }
  *array = grown;
  *capacity = wanted;
  return true;
}

/* Case 5. */
static nonet_status add_key(struct builder *builder, struct open_node *top, struct yaml_node *node,
                            nonet_error *error) {
  if (node->kind != YAML_SCALAR) {
    return fail(builder, node->line, node->column, error, "expected a word as key; found %s",
                node->kind == YAML_MAPPING ? "a mapping" : "a list");
  }
  for (size_t i = 0; i < top->node->n; i++) {
    if (strcmp(top->node->key[i]->text, node->text) == 0) {
      return fail(builder, node->line, node->column, error,
                  "the key '%.80s' stands twice; the first is in line %u", node->text,
                  top->node->key[i]->line);
    }
  }
  top->key = node;
  return NONET_OK;
}

/* Puts a finished node where it belongs. */
static nonet_status place(struct builder *builder, struct yaml_node *node, nonet_error *error) {
  if (builder->depth == 0) {
    builder->root = node;
    return NONET_OK;
  }
  struct open_node *top = &builder->open[builder->depth - 1];
  if (top->node->kind == YAML_MAPPING && top->key == NULL) {
    return add_key(builder, top, node, error);
  }
  bool is_there = grow(builder, &top->node->item, &top->capacity_items, top->node->n);
  if (is_there && top->node->kind == YAML_MAPPING) {
    is_there = grow(builder, &top->node->key, &top->capacity_keys, top->node->n);
    if (is_there) {
      top->node->key[top->node->n] = top->key;
      top->key = NULL;
    }
  }
  if (!is_there) {
    return error_memory(error, top->node->n * sizeof node, "a configuration");
  }
  top->node->item[top->node->n++] = node;
  return NONET_OK;
}

static nonet_status count(struct builder *builder, const struct yaml_node *node, size_t weight,
                          nonet_error *error) {
  builder->weight += weight;
  for (size_t i = 0; i < builder->depth; i++) {
    builder->open[i].node->weight += weight;
  }
  if (builder->weight > YAML_NODES_MOST) {
    return fail(builder, node->line, node->column, error,
                "expected at most %d values; aliases count as all that they stand for",
                YAML_NODES_MOST);
  }
  return NONET_OK;
}

static nonet_status keep_anchor(struct builder *builder, const char *name, struct yaml_node *node,
                                nonet_error *error) {
  if (name == NULL) {
    return NONET_OK;
  }
  struct anchor *anchor = pool_new(builder->pool, 1, sizeof *anchor);
  if (anchor == NULL) {
    return error_memory(error, sizeof *anchor, "a configuration");
  }
  *anchor = (struct anchor){name, node, builder->anchors};
  builder->anchors = anchor;
  return NONET_OK;
}

static const char *token_text(struct builder *builder, struct fy_token *token, bool *failed) {
  size_t length = 0;
  const char *text = token == NULL ? "" : fy_token_get_text(token, &length);
  const char *copy = text == NULL ? NULL : pool_text(builder->pool, text, length);
  *failed = *failed || copy == NULL;
  return copy;
}

static struct yaml_node *new_node(struct builder *builder, enum yaml_kind kind,
                                  struct fy_event *event) {
  struct yaml_node *node = pool_new(builder->pool, 1, sizeof *node);
  const struct fy_mark *mark = fy_event_start_mark(event);
  if (node != NULL) {
    node->kind = kind;
    node->weight = 1;
    node->line = mark == NULL ? 1 : (unsigned)mark->line + 1;
    node->column = mark == NULL ? 1 : (unsigned)mark->column + 1;
  }
  if (node != NULL && mark == NULL && builder->depth > 0) { /* nothing behind a key: at the key */
    const struct open_node *top = &builder->open[builder->depth - 1];
    const struct yaml_node *near = top->key != NULL ? top->key : top->node;
    node->line = near->line;
    node->column = near->column;
  }
  return node;
}

/* Case 3. */
static nonet_status take_alias(struct builder *builder, struct fy_event *event,
                               nonet_error *error) {
  struct yaml_node *here = new_node(builder, YAML_SCALAR, event);
  bool failed = here == NULL;
  const char *name = token_text(builder, fy_event_get_token(event), &failed);
  if (failed) {
    return error_memory(error, sizeof *here, "a configuration");
  }
  const struct anchor *anchor = builder->anchors;
  while (anchor != NULL && strcmp(anchor->name, name) != 0) {
    anchor = anchor->before;
  }
  if (anchor == NULL) {
    return fail(builder, here->line, here->column, error,
                "no anchor '&%.60s' was finished before this alias", name);
  }
  nonet_status status = count(builder, here, anchor->node->weight, error);
  return status == NONET_OK ? place(builder, anchor->node, error) : status;
}

/* Scalars and the beginnings of collections. Cases 4 and 5. */
static nonet_status take_node(struct builder *builder, enum yaml_kind kind, struct fy_event *event,
                              nonet_error *error) {
  struct yaml_node *node = new_node(builder, kind, event);
  struct fy_token *anchor_token = fy_event_get_anchor_token(event);
  bool failed = node == NULL;
  const char *anchor = anchor_token == NULL ? NULL : token_text(builder, anchor_token, &failed);
  if (!failed && kind == YAML_SCALAR) {
    struct fy_token *token = fy_event_get_token(event);
    node->text = token_text(builder, token, &failed);
    enum fy_scalar_style style = token == NULL ? FYSS_PLAIN : fy_token_scalar_style(token);
    node->is_plain = style == FYSS_PLAIN;
    bool is_quoted = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
    node->column -= is_quoted && node->column > 1; /* its mark stands behind the quote */
  }
  if (failed) {
    return error_memory(error, sizeof *node, "a configuration");
  }
  if (fy_event_get_tag_token(event) != NULL) {
    return fail(builder, node->line, node->column, error,
                "tags (!…) have no meaning here; write the plain value");
  }
  nonet_status status = count(builder, node, 1, error);
  if (status == NONET_OK && kind == YAML_SCALAR) {
    status = keep_anchor(builder, anchor, node, error);
    return status == NONET_OK ? place(builder, node, error) : status;
  }
  if (status == NONET_OK && builder->depth == YAML_DEPTH_MOST) {
    status = fail(builder, node->line, node->column, error,
                  "expected at most %d levels, one inside the other", YAML_DEPTH_MOST);
  }
  if (status == NONET_OK) {
    builder->open[builder->depth++] = (struct open_node){.node = node, .anchor = anchor};
  }
  return status;
}

static nonet_status take_end(struct builder *builder, nonet_error *error) {
  struct open_node *top = &builder->open[--builder->depth];
  nonet_status status = keep_anchor(builder, top->anchor, top->node, error);
  return status == NONET_OK ? place(builder, top->node, error) : status;
}

static nonet_status take(struct builder *builder, struct fy_event *event, nonet_error *error) {
  switch (event->type) {
  case FYET_DOCUMENT_START: {
    const struct fy_mark *mark = fy_event_start_mark(event);
    if (builder->root != NULL) {
      return fail(builder, mark == NULL ? 1 : (unsigned)mark->line + 1, 1, error,
                  "expected one document; a second begins here");
    }
    return NONET_OK;
  }
  case FYET_SCALAR:
    return take_node(builder, YAML_SCALAR, event, error);
  case FYET_SEQUENCE_START:
    return take_node(builder, YAML_SEQUENCE, event, error);
  case FYET_MAPPING_START:
    return take_node(builder, YAML_MAPPING, event, error);
  case FYET_SEQUENCE_END:
  case FYET_MAPPING_END:
    return take_end(builder, error);
  case FYET_ALIAS:
    return take_alias(builder, event, error);
  default:
    return NONET_OK;
  }
}

/* Case 2. */
static nonet_status parser_error(const struct builder *builder, struct fy_diag *diag,
                                 nonet_error *error) {
  void *at = NULL;
  const struct fy_diag_error *first = fy_diag_errors_iterate(diag, &at);
  if (first == NULL) {
    return fail(builder, 1, 1, error, "is no YAML");
  }
  char message[200];
  snprintf(message, sizeof message, "%.180s", first->msg);
  message[strcspn(message, "\n")] = '\0';
  return fail(builder, first->line < 1 ? 1 : (unsigned)first->line,
              first->column < 1 ? 1 : (unsigned)first->column, error, "is no YAML: %s", message);
}

static nonet_status parse_events(struct builder *builder, struct fy_diag *diag,
                                 nonet_error *error) {
  nonet_status status = NONET_OK;
  bool is_end = false;
  while (status == NONET_OK && !is_end) {
    struct fy_event *event = fy_parser_parse(builder->parser);
    if (event == NULL) {
      bool is_error = fy_parser_get_stream_error(builder->parser);
      return is_error ? parser_error(builder, diag, error) : NONET_OK;
    }
    is_end = event->type == FYET_STREAM_END;
    status = take(builder, event, error);
    fy_parser_event_free(builder->parser, event);
  }
  return status;
}

nonet_status yaml_parse(const char *data, size_t size_bytes, const char *source, struct pool *pool,
                        struct yaml_node **root, nonet_error *error) {
  struct builder builder = {.source = source, .pool = pool};
  struct fy_diag_cfg diag_cfg = {.level = FYET_ERROR, .module_mask = ~0u};
  struct fy_diag *diag = NULL;
  *root = NULL;
  if (size_bytes > YAML_BYTES_MOST) {
    return fail(&builder, 1, 1, error, "expected at most %d bytes; found %zu", YAML_BYTES_MOST,
                size_bytes);
  }
  nonet_status status = check_bytes(&builder, data, size_bytes, error);
  if (status != NONET_OK) {
    return status;
  }
  diag = fy_diag_create(&diag_cfg);
  if (diag == NULL) {
    return error_memory(error, size_bytes, "reading YAML");
  }
  fy_diag_set_collect_errors(diag, true);
  const struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET | FYPCF_DISABLE_MMAP_OPT |
                                            FYPCF_ALLOW_DUPLICATE_KEYS | FYPCF_JSON_NONE,
                                   .diag = diag};
  builder.parser = fy_parser_create(&cfg);
  if (builder.parser == NULL || fy_parser_set_string(builder.parser, data, size_bytes) != 0) {
    status = error_memory(error, size_bytes, "reading YAML");
  } else {
    status = parse_events(&builder, diag, error);
  }
  if (status == NONET_OK && (builder.root == NULL || yaml_is_null(builder.root))) { /* case 6 */
    status = fail(&builder, 1, 1, error, "is empty; expected a mapping of keys and values");
  }
  if (status == NONET_OK) {
    *root = builder.root;
  }
  fy_parser_destroy(builder.parser);
  fy_diag_destroy(diag);
  return status;
}

nonet_status yaml_load(const char *path, struct pool *pool, const char **data, size_t *size_bytes,
                       nonet_error *error) {
  struct stat about;
  size_t used = 0;
  char *bytes = NULL;
  nonet_status status = NONET_OK;
  /* Without waiting: a FIFO in its place must not hang. */
  int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0 || fstat(file, &about) != 0) {
    status = error_set(error, errno == ENOENT || errno == ENOTDIR ? NONET_E_NO_INPUT : NONET_E_IO,
                       "cannot open %s: %s", path, strerror(errno));
    goto done;
  }
  if (!S_ISREG(about.st_mode)) {
    status = error_set(error, NONET_E_CONFIG, "%s: expected a file of YAML; found %s", path,
                       S_ISDIR(about.st_mode) ? "a folder" : "something that is no regular file");
    goto done;
  }
  if (about.st_size > YAML_BYTES_MOST) {
    status = error_set(error, NONET_E_CONFIG, "%s: expected at most %d bytes; found %lld", path,
                       YAML_BYTES_MOST, (long long)about.st_size);
    goto done;
  }
  bytes = pool_new(pool, (size_t)about.st_size + 1, 1);
  if (bytes == NULL) {
    status = error_memory(error, (size_t)about.st_size, "a configuration");
    goto done;
  }
  while (used < (size_t)about.st_size) {
    ssize_t n = read(file, bytes + used, (size_t)about.st_size - used);
    if (n < 0 && errno != EINTR) {
      status = error_set(error, NONET_E_IO, "cannot read %s: %s", path, strerror(errno));
      goto done;
    }
    if (n == 0) {
      break;
    }
    used += n > 0 ? (size_t)n : 0;
  }
  *data = bytes;
  *size_bytes = used;
done:
  if (file >= 0) {
    close(file);
  }
  return status;
}

bool yaml_is_null(const struct yaml_node *node) {
  return node->kind == YAML_SCALAR && node->is_plain &&
         (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const struct yaml_node *yaml_get(const struct yaml_node *mapping, const char *key) {
  for (size_t i = 0; mapping->kind == YAML_MAPPING && i < mapping->n; i++) {
    if (strcmp(mapping->key[i]->text, key) == 0) {
      return mapping->item[i];
    }
  }
  return NULL;
}

const char *yaml_found(const struct yaml_node *node, char buffer[80]) {
  if (node->kind == YAML_MAPPING) {
    return "a mapping";
  }
  if (node->kind == YAML_SEQUENCE) {
    return "a list";
  }
  if (yaml_is_null(node)) {
    return "nothing";
  }
  snprintf(buffer, 80, "'%.60s'", node->text);
  return buffer;
}

static bool is_bare(const char *word) {
  static const char *const others[] = {"null", "true", "false", "none", "yes", "no", "on", "off"};
  bool is_letter = (word[0] >= 'a' && word[0] <= 'z') || (word[0] >= 'A' && word[0] <= 'Z');
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    is_letter = is_letter && strcmp(word, others[i]) != 0;
  }
  return is_letter &&
         word[strspn(
             word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@/-")] == '\0';
}

void yaml_quoted(struct text *text, const char *word) {
  json_t *value = json_string(word);
  if (value == NULL) {
    text->failed = true;
  } else {
    json_text_write(text, value, JSON_TEXT_COMPACT); /* a JSON string is YAML's double quotes */
  }
  json_decref(value);
}

void yaml_word(struct text *text, const char *word) {
  is_bare(word) ? text_append(text, word) : yaml_quoted(text, word);
}
