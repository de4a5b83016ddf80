/* The loops that `nonet init --from` writes: twenty lines of Python that answer a `command` model.
 */
#ifndef MODEL_LOOP_H
#define MODEL_LOOP_H

struct loop {
  const char *from, *text; /* NULL, NULL ends the table */
};
extern const struct loop loops[];

/* The program's text for "sklearn" or "pytorch"; NULL: there is none. */
const char *model_loop(const char *from);

#endif
