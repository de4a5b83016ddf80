/* What the files of the command driver share; the fuzz target reads replies through it too. */
#ifndef MODEL_COMMAND_PARTS_H
#define MODEL_COMMAND_PARTS_H

#include <sys/types.h>

#include <nanoarrow/nanoarrow.h>

#include "model/gather.h"
#include "model/model_parts.h"

#define COMMAND_TAIL_BYTES 2048

/* ---- command_words.c: a command as words --------------------------------------------------------
 */

struct command_words {
  char **word; /* [n + 1], the last NULL */
  size_t n;
};

/* Splits like a shell's words: blanks outside quotes; '…' as it is; "…" and \ take the next of
   \ " $ ` as it is. NONET_E_CONFIG: an open quote, nothing at all, or what only a shell does. */
nonet_status command_words_split(const char *text, struct command_words *words,
                                 nonet_error *error) NONET_NODISCARD;
nonet_status command_words_copy(const char *const *argv, size_t n, struct command_words *words,
                                nonet_error *error) NONET_NODISCARD;
void command_words_clear(struct command_words *words);

/* ---- command_child.c: a process with pipes
 * ------------------------------------------------------- */

struct command_child {
  pid_t pid;         /* 0: none */
  bool leads_group;  /* whose processes end with it */
  int to, from, log; /* our ends of stdin, stdout, stderr; −1: closed */
  double timeout_s, deadline;
  unsigned char *ahead; /* what came on stdout before it was asked for */
  size_t ahead_from, ahead_to, ahead_capacity;
  char tail[COMMAND_TAIL_BYTES]; /* the last of stderr */
  size_t tail_size;
};

nonet_status command_child_open(struct command_child *child, char *const *argv, const char *folder,
                                bool leads_group, double timeout_s,
                                nonet_error *error) NONET_NODISCARD;
/* Closes its stdin, waits for a moment, kills what is left of it, reaps it. */
void command_child_close(struct command_child *child);
/* Starts the clock of one batch. */
void command_child_begin(struct command_child *child);
nonet_status command_child_write(struct command_child *child, const void *data, size_t size_bytes,
                                 nonet_error *error) NONET_NODISCARD;
/* Exactly size_bytes of stdout. */
nonet_status command_child_read(struct command_child *child, void *data, size_t size_bytes,
                                nonet_error *error) NONET_NODISCARD;
/* Is there something on its stdout that nobody asked for? */
bool command_child_has_more(struct command_child *child);
/* Adds the end of stderr to a message, when there is any. */
nonet_status command_child_explain(struct command_child *child, nonet_status status,
                                   nonet_error *error);

/* ---- command_reply.c: predictions out of Arrow IPC
 * ------------------------------------------------ */

/* Hands out exactly n bytes, or fails with a status. */
typedef nonet_status (*command_read)(void *context, void *data, size_t size_bytes,
                                     nonet_error *error);

struct command_reply; /* a stream of replies */
nonet_status command_reply_open(command_read read, void *context, struct command_reply **reply,
                                nonet_error *error) NONET_NODISCARD;
void command_reply_close(struct command_reply *reply);
/* The next batch: raw [n × width] and labels [n] (NULL: not wanted). Settles width, gives_scores
   and gives_labels of the model when it is the first answer of all. */
nonet_status command_reply_next(struct command_reply *reply, struct model *model,
                                const uint64_t *rows, size_t n, double *raw, uint32_t *labels,
                                nonet_error *error) NONET_NODISCARD;

#endif
