/* A temporary file that has no name: written once from front to back, then mapped. Nobody else sees
 * it and nothing is left behind. */
#ifndef SUMMARY_SPILL_H
#define SUMMARY_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include <nonet/status.h>

struct spill;

/* folder NULL: TMPDIR, else /tmp. NONET_E_IO when no file can be made there. */
nonet_status spill_open(const char *folder, struct spill **spill,
                        nonet_error *error) NONET_NODISCARD;
/* NONET_E_IO: the disk is full, or whatever else the system says, with what to do. */
nonet_status spill_write(struct spill *spill, const uint32_t *words, size_t n_words,
                         nonet_error *error) NONET_NODISCARD;
/* Maps what was written (private: changes stay in memory) and frees the spill, also on failure.
 * Nothing written: *words is NULL. */
nonet_status spill_map(struct spill *spill, uint32_t **words, size_t *size_bytes,
                       nonet_error *error) NONET_NODISCARD;
void spill_unmap(uint32_t *words, size_t size_bytes);
/* Gives up. NULL is fine. */
void spill_abandon(struct spill *spill);

#endif
