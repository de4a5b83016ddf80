/*
 * A command in one text, as words. No shell runs: what only a shell would do ($NAME, |, >, ;, *, …)
 * is an error when it stands outside quotes, rather than a word that surprises.
 *
 * Cases: 1. Blanks part words. 2. '…' holds everything as it is. 3. "…" and a backslash take the
 * next character as it is ("…": only of \ " $ `). 4. Quotes may stand inside a word: a'b c'd. 5. An
 * open quote or a backslash at the end is an error.
 */
#include "model/command_parts.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static nonet_status add_word(struct command_words *words, struct text *word, nonet_error *error) {
  char *taken = text_take(word);
  char **grown = memory_resize(words->word, words->n + 2, sizeof *grown);
  if (grown)
    words->word = grown;
  if (!taken || !grown) {
    memory_free(taken);
    return error_memory(error, 64, "the command");
  }
  words->word[words->n++] = taken;
  words->word[words->n] = NULL;
  return NONET_OK;
}

static nonet_status only_shell(const char *text, const char *at, nonet_error *error) {
  return error_set(
      error, NONET_E_CONFIG,
      "the command '%.200s' has a '%c', which only a shell understands; no shell runs. "
      "Quote it, or write [sh, -c, \"…\"]",
      text, *at);
}

/* One word from *at on, into `word`. */
static nonet_status read_word(const char *text, const char **at, struct text *word,
                              nonet_error *error) {
  char quote = 0;
  for (; **at && (quote || !strchr(" \t\n", **at)); ++*at) {
    char c = **at;
    if (c == quote) {
      quote = 0;
    } else if (!quote && (c == '\'' || c == '"')) {
      quote = c;
      text_append(word, "");
    } else if (c == '\\' && quote != '\'' && (!quote || ((*at)[1] && strchr("\\\"$`", (*at)[1])))) {
      if (!(*at)[1])
        return error_set(error, NONET_E_CONFIG, "the command '%.200s' ends in a backslash", text);
      text_append_n(word, ++*at, 1);
    } else if (quote != '\'' && strchr(quote ? "$`" : "|&;<>()$`*?", c)) {
      return only_shell(text, *at, error);
    } else {
      text_append_n(word, *at, 1);
    }
  }
  return quote
             ? error_set(error, NONET_E_CONFIG, "the command '%.200s' has an open %c", text, quote)
             : NONET_OK;
}

nonet_status command_words_split(const char *text, struct command_words *words,
                                 nonet_error *error) {
  nonet_status status = NONET_OK;
  *words = (struct command_words){0};
  for (const char *at = text; !status;) {
    struct text word = {0};
    at += strspn(at, " \t\n");
    if (!*at)
      break;
    status = read_word(text, &at, &word, error);
    if (!status)
      status = add_word(words, &word, error);
    text_clear(&word);
  }
  if (!status && words->n == 0)
    status = error_set(error, NONET_E_CONFIG, "the command is empty");
  if (status)
    command_words_clear(words);
  return status;
}

nonet_status command_words_copy(const char *const *argv, size_t n, struct command_words *words,
                                nonet_error *error) {
  nonet_status status = NONET_OK;
  *words = (struct command_words){0};
  for (size_t i = 0; i < n && !status; i++) {
    struct text word = {0};
    text_append(&word, argv[i]);
    status = add_word(words, &word, error);
    text_clear(&word);
  }
  if (!status && n == 0)
    status = error_set(error, NONET_E_CONFIG, "the command is empty");
  if (status)
    command_words_clear(words);
  return status;
}

void command_words_clear(struct command_words *words) {
  for (size_t i = 0; i < words->n; i++)
    memory_free(words->word[i]);
  memory_free(words->word);
  *words = (struct command_words){0};
}
