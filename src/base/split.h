/* Comma lists as people type them: "age,sex", "\"a, b\",c", "coalesce(a, b),c". */
#ifndef BASE_SPLIT_H
#define BASE_SPLIT_H

#include <stddef.h>

#include <nonet/status.h>

struct split {
  char **item; /* [n], trimmed of blanks; quotes around a whole item are taken off, doubled quotes
                  inside halved */
  size_t n;
};

/* Splits at commas outside quotes ('…', "…"), parentheses, brackets and braces. NULL gives n = 0;
   an empty item or an open quote or parenthesis is NONET_E_USAGE naming `what`. */
nonet_status split_list(const char *list, const char *what, struct split *split,
                        nonet_error *error) NONET_NODISCARD;
void split_clear(struct split *split);

#endif
