/*
 * Whether a model can be loaded without harm to whoever loads it: it is loaded in a process of its
 * own first.
 */
#ifndef PROBE_OPENING_H
#define PROBE_OPENING_H

#include "model/model.h"

/* NONET_E_DATA: the process that loaded it crashed, hung beyond options->timeout_s (0:
 * OPENING_LIMIT_S) or ended without a word; the message says which. NONET_OK otherwise: also when
 * the model cannot be loaded (whoever loads it is told), when no process can be started, and for
 * kinds that are not loaded here (command). */
#define OPENING_LIMIT_S 120.0
nonet_status opening_try(const struct model_options *options, nonet_error *error) NONET_NODISCARD;

#endif
