/* What the files of this floor share: the handles behind include/nonet and options of any version.
 */
#ifndef API_API_H
#define API_API_H

#include <stdatomic.h>

#include <nonet/nonet.h>

#include "base/text.h"
#include "evidence/evidence.h"
#include "report/terminal.h"

struct nonet_evidence {
  struct evidence *document; /* finished; owned */
};

/* The floors below read a handle as `const atomic_int *`: it has this one member and no other. */
struct nonet_cancel {
  atomic_int requested;
};

/* Options of any version that we know: what is missing gets its default. */
nonet_status api_read_options(const nonet_options *given, nonet_options *options,
                              nonet_error *error) NONET_NODISCARD;

/* Hands a finished text to the caller, who frees it with nonet_text_free. Always clears `text`. */
nonet_status api_take_text(struct text *text, const char *what, char **taken,
                           nonet_error *error) NONET_NODISCARD;

/* The options of a caller of any version as a style; NULL: the defaults. */
nonet_status api_terminal_style(const nonet_terminal_options *options, struct terminal_style *style,
                                nonet_error *error) NONET_NODISCARD;

#endif
