/* The commands of the engine: options in, finished evidence out. The caller frees *evidence with
 * evidence_free. */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <nonet/nonet.h>

#include "evidence/evidence.h"

nonet_status run_measure(const nonet_options *options, struct evidence **evidence,
                         nonet_error *error) NONET_NODISCARD;
nonet_status run_compare(const nonet_options *options, struct evidence **evidence,
                         nonet_error *error) NONET_NODISCARD;
nonet_status run_data(const nonet_options *options, struct evidence **evidence,
                      nonet_error *error) NONET_NODISCARD;
nonet_status run_merge(const char *const *states, size_t n_states, const nonet_options *options,
                       struct evidence **evidence, nonet_error *error) NONET_NODISCARD;
/* Of columns (file, query or stream), else of a configuration. */
nonet_status run_selftest(const nonet_options *options, struct evidence **evidence,
                          nonet_error *error) NONET_NODISCARD;

#endif
