/*
 * Expressions a user writes in place of a column name.
 *
 * The text is parsed by the embedded engine as "SELECT <text>" and must come back as one SELECT of
 * one expression from nothing, with no clause of any kind: then it has no unbalanced bracket, no
 * second statement and no trailing clause, and can stand in brackets inside a statement of ours.
 * The tree is walked against allow-lists, so what a later version of the engine adds is refused
 * until somebody has looked at it.
 *
 * Cases: 1. Subqueries, aggregates, windows, stars, lambdas, parameters. 2. Functions that read
 * files, settings, clocks or random numbers: none is on the list. 3. Names that are no column. 4.
 * An alias ("a AS b"). 5. A comment at the end that would swallow our bracket: the caller puts a
 * line end after the text. 6. Texts above 4,096 bytes.
 */
#include "table/sqlexpr.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/error.h"
#include "base/text.h"
#include "table/sqltext.h"

#define EXPRESSION_BYTES_MOST 4096
#define DEPTH_MOST 400

static const char *const classes_allowed[] = {"CONSTANT",    "COLUMN_REF", "FUNCTION", "COMPARISON",
                                              "CONJUNCTION", "OPERATOR",   "CASE",     "CAST",
                                              "BETWEEN",     "COLLATE"};

/* Scalar, pure functions and the operators that the parser turns into functions. */
static const char *const functions_allowed[] = {"!~~",
                                                "!~~*",
                                                "%",
                                                "&",
                                                "*",
                                                "**",
                                                "+",
                                                "-",
                                                "/",
                                                "//",
                                                "<<",
                                                ">>",
                                                "^",
                                                "^@",
                                                "|",
                                                "||",
                                                "~",
                                                "~~",
                                                "~~*",
                                                "~~~",
                                                "abs",
                                                "acos",
                                                "add",
                                                "array_contains",
                                                "array_extract",
                                                "array_length",
                                                "ascii",
                                                "asin",
                                                "atan",
                                                "atan2",
                                                "bit_count",
                                                "bit_length",
                                                "btrim",
                                                "cbrt",
                                                "ceil",
                                                "ceiling",
                                                "century",
                                                "char_length",
                                                "character_length",
                                                "chr",
                                                "concat",
                                                "concat_ws",
                                                "contains",
                                                "cos",
                                                "cot",
                                                "date_add",
                                                "date_diff",
                                                "date_part",
                                                "date_sub",
                                                "date_trunc",
                                                "datediff",
                                                "datepart",
                                                "datetrunc",
                                                "day",
                                                "dayname",
                                                "dayofmonth",
                                                "dayofweek",
                                                "dayofyear",
                                                "decade",
                                                "degrees",
                                                "divide",
                                                "ends_with",
                                                "epoch",
                                                "even",
                                                "exp",
                                                "extract",
                                                "fdiv",
                                                "floor",
                                                "fmod",
                                                "format",
                                                "gamma",
                                                "gcd",
                                                "greatest",
                                                "hash",
                                                "hour",
                                                "if",
                                                "ifnull",
                                                "ilike_escape",
                                                "instr",
                                                "isfinite",
                                                "isinf",
                                                "isnan",
                                                "isodow",
                                                "isoyear",
                                                "json_extract",
                                                "json_extract_string",
                                                "lcase",
                                                "lcm",
                                                "least",
                                                "left",
                                                "len",
                                                "length",
                                                "levenshtein",
                                                "lgamma",
                                                "like_escape",
                                                "list_contains",
                                                "list_extract",
                                                "list_value",
                                                "ln",
                                                "log",
                                                "log10",
                                                "log2",
                                                "lower",
                                                "lpad",
                                                "ltrim",
                                                "make_date",
                                                "md5",
                                                "minute",
                                                "mod",
                                                "month",
                                                "monthname",
                                                "multiply",
                                                "not_ilike_escape",
                                                "not_like_escape",
                                                "nullif",
                                                "parse_date",
                                                "position",
                                                "pow",
                                                "power",
                                                "prefix",
                                                "printf",
                                                "quarter",
                                                "radians",
                                                "regexp_extract",
                                                "regexp_full_match",
                                                "regexp_matches",
                                                "regexp_replace",
                                                "replace",
                                                "reverse",
                                                "right",
                                                "round",
                                                "round_even",
                                                "rpad",
                                                "rtrim",
                                                "second",
                                                "sign",
                                                "signbit",
                                                "sin",
                                                "split_part",
                                                "sqrt",
                                                "starts_with",
                                                "strftime",
                                                "strip_accents",
                                                "strlen",
                                                "strpos",
                                                "strptime",
                                                "struct_extract",
                                                "substr",
                                                "substring",
                                                "subtract",
                                                "suffix",
                                                "tan",
                                                "to_timestamp",
                                                "translate",
                                                "trim",
                                                "trunc",
                                                "try_strptime",
                                                "ucase",
                                                "upper",
                                                "week",
                                                "weekday",
                                                "weekofyear",
                                                "xor",
                                                "year",
                                                "yearweek"};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

struct walk {
  const char *text;
  const char *const *columns;
  size_t n_columns;
  bool *used;
  nonet_error *error;
};

bool sqlexpr_is_bare(const char *text) {
  if (!text[0] || isdigit((unsigned char)text[0]))
    return false;
  for (; *text; text++)
    if (!isalnum((unsigned char)*text) && *text != '_' && *text != '$' && !(*text & 0x80))
      return false;
  return true;
}

static bool is_listed(const char *name, const char *const *list, size_t n) {
  for (size_t i = 0; name && i < n; i++)
    if (strcmp(name, list[i]) == 0)
      return true;
  return false;
}

static const char *member(const json_t *object, const char *key) {
  const char *value = json_string_value(json_object_get(object, key));
  return value ? value : "";
}

static nonet_status refuse(const struct walk *walk, const char *what) {
  return error_set(
      walk->error, NONET_E_USAGE,
      "'%.300s' is no column, and as an expression it is refused: %s; allowed is one scalar "
      "expression over the columns",
      walk->text, what);
}

static nonet_status check_column(const struct walk *walk, const json_t *node) {
  const char *name = json_string_value(json_array_get(json_object_get(node, "column_names"), 0));
  if (!name)
    return refuse(walk, "a column without a name");
  size_t found = walk->n_columns;
  for (size_t i = 0; i < walk->n_columns && found == walk->n_columns; i++)
    if (strcmp(walk->columns[i], name) == 0)
      found = i;
  for (size_t i = 0; i < walk->n_columns && found == walk->n_columns; i++)
    if (strcasecmp(walk->columns[i], name) == 0)
      found = i;
  if (found < walk->n_columns) {
    walk->used[found] = true;
    return NONET_OK;
  }
  struct text near = {0};
  text_suggestion(&near, walk->text, walk->columns, walk->n_columns);
  if (!near.length)
    text_suggestion(&near, name, walk->columns, walk->n_columns);
  nonet_status status =
      error_set(walk->error, NONET_E_DATA, "no column '%.200s'%s%s%.200s%s%s", name,
                strcmp(name, walk->text) ? " (in the expression '" : "",
                strcmp(name, walk->text) ? "" : "", strcmp(name, walk->text) ? walk->text : "",
                strcmp(name, walk->text) ? "')" : "", near.data ? near.data : "");
  text_clear(&near);
  return status;
}

static nonet_status check_function(const struct walk *walk, const json_t *node) {
  const char *name = member(node, "function_name");
  const char *schema = member(node, "schema");
  if ((schema[0] && strcmp(schema, "main") != 0) || member(node, "catalog")[0])
    return refuse(walk, "a function named with a schema");
  const json_t *filter = json_object_get(node, "filter");
  if (json_is_true(json_object_get(node, "distinct")) || (filter && !json_is_null(filter)))
    return refuse(walk, "an aggregate");
  if (is_listed(name, functions_allowed, LENGTH(functions_allowed)))
    return NONET_OK;
  struct text what = {0};
  text_printf(&what,
              "the function '%.100s' is not allowed (aggregates, files, clocks and random numbers "
              "never are)",
              name);
  text_suggestion(&what, name, functions_allowed, LENGTH(functions_allowed));
  nonet_status status = refuse(walk, what.data ? what.data : "a function");
  text_clear(&what);
  return status;
}

/* Every object with a "class" is an expression, wherever it stands. */
static nonet_status check_node(const struct walk *walk, const json_t *node, size_t depth) {
  nonet_status status = NONET_OK;
  if (depth > DEPTH_MOST)
    return refuse(walk, "it is nested too deeply");
  if (json_is_array(node)) {
    for (size_t i = 0; i < json_array_size(node) && !status; i++)
      status = check_node(walk, json_array_get(node, i), depth + 1);
    return status;
  }
  if (!json_is_object(node))
    return NONET_OK;
  const char *class = json_string_value(json_object_get(node, "class"));
  if (class) {
    if (!is_listed(class, classes_allowed, LENGTH(classes_allowed))) {
      struct text what = {0};
      text_printf(&what, "it holds a %.60s",
                  strcmp(class, "SUBQUERY") == 0 ? "subquery"
                  : strcmp(class, "WINDOW") == 0 ? "window function"
                  : strcmp(class, "STAR") == 0   ? "star"
                                                 : class);
      status = refuse(walk, what.data ? what.data : "a part of SQL that is not allowed");
      text_clear(&what);
      return status;
    }
    if (strcmp(class, "COLUMN_REF") == 0)
      status = check_column(walk, node);
    else if (strcmp(class, "FUNCTION") == 0)
      status = check_function(walk, node);
  }
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)node, key, value) {
    if (status)
      break;
    status = check_node(walk, value, depth + 1);
  }
  return status;
}

/* Empty by JSON's many ways to be empty. */
static bool is_nothing(const json_t *value) {
  return !value || json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0) ||
         (json_is_string(value) && json_string_length(value) == 0);
}

static bool is_one_select(const json_t *node) {
  static const char *const empty[] = {"modifiers",  "where_clause", "group_expressions",
                                      "group_sets", "having",       "sample",
                                      "qualify"};
  for (size_t i = 0; i < LENGTH(empty); i++)
    if (!is_nothing(json_object_get(node, empty[i])))
      return false;
  const json_t *ctes = json_object_get(json_object_get(node, "cte_map"), "map");
  return strcmp(member(node, "type"), "SELECT_NODE") == 0 &&
         strcmp(member(json_object_get(node, "from_table"), "type"), "EMPTY") == 0 &&
         is_nothing(ctes) && json_array_size(json_object_get(node, "select_list")) == 1;
}

nonet_status sqlexpr_check_tree(const char *tree, size_t length, const char *text,
                                const char *const *columns, size_t n_columns, bool *used,
                                nonet_error *error) {
  struct walk walk = {text, columns, n_columns, used, error};
  memset(used, 0, n_columns * sizeof *used);
  json_t *root = json_loadb(tree, length, JSON_DECODE_INT_AS_REAL,
                            NULL) /* locations are 2^64 − 1 where there is none */;
  if (!root)
    return refuse(&walk, "it cannot be parsed");
  nonet_status status;
  const json_t *statements = json_object_get(root, "statements");
  const json_t *node = json_object_get(json_array_get(statements, 0), "node");
  const json_t *expression = json_array_get(json_object_get(node, "select_list"), 0);
  if (json_is_true(json_object_get(root, "error")))
    status = refuse(&walk, member(root, "error_message"));
  else if (json_array_size(statements) != 1 || !is_one_select(node))
    status = refuse(&walk, "it is more than one expression");
  else if (!is_nothing(json_object_get(expression, "alias")))
    status = refuse(&walk, "it gives itself a name (AS)");
  else if (!json_object_get(expression, "class"))
    status = refuse(&walk, "it is no expression");
  else
    status = check_node(&walk, expression, 0);
  json_decref(root);
  return status;
}

struct answer {
  const struct walk *walk;
};

static nonet_status take_tree(void *context, const char *tree, size_t length, nonet_error *error) {
  const struct walk *walk = ((struct answer *)context)->walk;
  return sqlexpr_check_tree(tree, length, walk->text, walk->columns, walk->n_columns, walk->used,
                            error);
}

/* Parses "SELECT <before><text><after>" and checks the answer. */
static nonet_status check_as(struct engine *engine, const struct walk *walk, const char *before,
                             const char *after) {
  struct text select = {0}, sql = {0};
  text_printf(&select, "SELECT %s%s%s", before, walk->text, after);
  text_append(&sql, "SELECT json_serialize_sql(");
  sqltext_literal(&sql, select.data ? select.data : "");
  text_append(&sql, ")::VARCHAR");
  struct answer answer = {walk};
  nonet_status status = select.failed || sql.failed
                            ? error_memory(walk->error, sql.length, "an expression")
                            : engine_each_text(engine, sql.data, take_tree, &answer, walk->error);
  text_clear(&select);
  text_clear(&sql);
  return status;
}

nonet_status sqlexpr_check(struct engine *engine, const char *text, const char *const *columns,
                           size_t n_columns, bool *used, nonet_error *error) {
  nonet_error own = {{0}};
  struct walk walk = {text, columns, n_columns, used, error ? error : &own};
  if (strlen(text) > EXPRESSION_BYTES_MOST)
    return refuse(&walk, "it is longer than 4,096 bytes");
  if (!text_is_utf8(text, strlen(text)))
    return refuse(&walk, "it is not UTF-8");
  nonet_status status = check_as(engine, &walk, "", "\n");
  if (!status)
    status = check_as(engine, &walk, "(",
                      "\n)"); /* as it will stand: "p;" parses alone, but not in brackets */
  if (status == NONET_E_DATA && strncmp(walk.error->message, "no column", 9) != 0)
    status = NONET_E_USAGE;
  return status;
}
