/* Looks a loop up. The texts are the files of loops/, put into loop_texts.c by tools/embed-loops;
 * each is run as it is by the end-to-end tests. */
#include "model/loop.h"

#include <stddef.h>
#include <string.h>

const char *model_loop(const char *from) {
  for (const struct loop *loop = loops; loop->from; loop++)
    if (strcmp(loop->from, from) == 0)
      return loop->text;
  return NULL;
}
