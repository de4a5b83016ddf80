/*
 * Escapes.
 *
 * Cases:
 *  1. XML 1.0 has no characters below U+0020 but tab, line feed and return, and neither U+FFFE nor
 * U+FFFF, not even escaped: U+FFFD stands for them.
 * Neither do controls that turn the direction of reading (U+202A … U+202E, U+2066 … U+2069) pass,
 * in any markup: a name could reorder the words around it.
 *  2. Inside <script> only "</script" and "<!--" matter; "<" as \u003c is the same JSON and is
 * neither. U+2028 and U+2029 end a line in old scripts.
 *  3. Markdown: punctuation gets a backslash where it would mean something ("-", "+", "#" and "1."
 * only where a line or an item begins), "<" and "&" an entity, line breaks become blanks.
 *  4. "@name" would call somebody: a word joiner after the "@", which nobody sees.
 *  5. A code span is fenced with one backtick more than it holds; inside a table "|" is "\|" even
 * there.
 */
#include "report/markup.h"

#include <ctype.h>
#include <string.h>

static bool starts(const char *utf8, const char *bytes) {
  return strncmp(utf8, bytes, strlen(bytes)) == 0;
}

/* Bytes of a control that turns the direction of reading; 0: it is none. */
static size_t turning_bytes(const char *utf8) {
  const unsigned char *byte = (const unsigned char *)utf8;
  const bool is_turning =
      byte[0] == 0xe2 && ((byte[1] == 0x80 && byte[2] >= 0xaa && byte[2] <= 0xae) ||
                          (byte[1] == 0x81 && byte[2] >= 0xa6 && byte[2] <= 0xa9));
  return is_turning ? 3 : 0;
}

void markup_xml(struct text *text, const char *utf8) {
  static const char special[] = "&<>\"'";
  static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  for (const char *at = utf8; *at != '\0'; at++) {
    const unsigned char byte = (unsigned char)*at;
    const char *found = strchr(special, byte);
    if (found != NULL) {
      text_append(text, entities[found - special]);
    } else if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) {
      text_append(text, "\xef\xbf\xbd"); /* 1 */
    } else if (starts(at, "\xef\xbf\xbe") || starts(at, "\xef\xbf\xbf") || turning_bytes(at) > 0) {
      text_append(text, "\xef\xbf\xbd");
      at += 2;
    } else {
      text_append_n(text, at, 1);
    }
  }
}

void markup_script_json(struct text *text, const char *json) {
  const char *begun = json, *at = json;
  for (; *at != '\0'; at++) {
    const char *instead = NULL;
    size_t length = 1;
    if (*at == '<') {
      instead = "\\u003c"; /* 2 */
    } else if (starts(at, "\xe2\x80\xa8")) {
      instead = "\\u2028";
      length = 3;
    } else if (starts(at, "\xe2\x80\xa9")) {
      instead = "\\u2029";
      length = 3;
    }
    if (instead != NULL) {
      text_append_n(text, begun, (size_t)(at - begun));
      text_append(text, instead);
      begun = at + length;
      at = begun - 1;
    }
  }
  text_append_n(text, begun, (size_t)(at - begun));
}

/* Does a line, or an item of a list, begin here? */
static bool is_line_start(const struct text *text) {
  const size_t n = text->length;
  return n == 0 || text->data[n - 1] == '\n' ||
         (n > 1 && text->data[n - 1] == ' ' && text->data[n - 2] == '-');
}

void markup_md(struct text *text, const char *utf8) {
  const bool is_start = is_line_start(text);
  static const char special[] = "\\`*_[]|~", at_start[] = "-+#=";
  for (const char *at = utf8; *at != '\0'; at++) {
    const unsigned char byte = (unsigned char)*at;
    const bool in_word = at > utf8 && (isalnum((unsigned char)at[-1]) || at[-1] == '_');
    if (byte < 0x20 || byte == 0x7f) {
      text_append(text, " ");
    } else if (turning_bytes(at) > 0) {
      text_append(text, "\xef\xbf\xbd");
      at += 2;
    } else if (byte == '<' || byte == '>' || byte == '&') {
      text_append(text, byte == '<' ? "&lt;" : (byte == '>' ? "&gt;" : "&amp;"));
    } else if (byte == '@' && !in_word) {
      text_append(text, "@\xe2\x81\xa0"); /* 4 */
    } else if (strchr(special, byte) != NULL ||
               (is_start && at == utf8 && strchr(at_start, byte) != NULL) ||
               (is_start && (byte == '.' || byte == ')') && at > utf8 &&
                !isgraph((unsigned char)at[1]) &&
                strspn(utf8, "0123456789") == (size_t)(at - utf8))) {
      text_printf(text, "\\%c", byte);
    } else {
      text_append_n(text, at, 1);
    }
  }
}

/* The longest run of backticks in it, plus one. */
static size_t fence_length(const char *utf8) {
  size_t longest = 0, run = 0;
  for (const char *at = utf8; *at != '\0'; at++) {
    run = *at == '`' ? run + 1 : 0;
    longest = run > longest ? run : longest;
  }
  return longest + 1;
}

void markup_md_code(struct text *text, const char *utf8) {
  const size_t fence = fence_length(utf8), length = strlen(utf8);
  const bool padded = length > 0 && (utf8[0] == '`' || utf8[length - 1] == '`');
  text_repeat(text, "`", fence);
  text_append(text, padded ? " " : "");
  for (const char *at = utf8; *at != '\0'; at++) {
    if (*at == '|') {
      text_append(text, "\\|"); /* 5 */
    } else if (turning_bytes(at) > 0) {
      text_append(text, "\xef\xbf\xbd");
      at += 2;
    } else {
      text_append_n(text, (unsigned char)*at < 0x20 || *at == 0x7f ? " " : at, 1);
    }
  }
  text_append(text, padded ? " " : "");
  text_repeat(text, "`", fence);
}

void markup_md_command(struct text *text, const char *utf8) {
  const size_t longest = fence_length(utf8), fence = longest < 3 ? 3 : longest;
  text_repeat(text, "`", fence);
  text_append(text, "sh\n");
  for (const char *at = utf8; *at != '\0'; at++) {
    const bool is_control =
        ((unsigned char)*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f;
    text_append_n(text, is_control ? " " : at, 1);
  }
  text_append(text, "\n");
  text_repeat(text, "`", fence);
  text_append(text, "\n");
}
