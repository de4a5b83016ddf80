/*
 * Bytes of a state: a growing writer and a reader that never steps outside. Integers and doubles
 * are stored as this machine has them (the file's header carries a byte-order mark).
 *
 * Writer: starts with {0}; after an allocation failure `failed` is set and further writes do
 * nothing: check once, at the end. Reader: a read past the end gives zeros and sets `failed`; check
 * before using a length that was read.
 */
#ifndef SUMMARY_STATE_BYTES_H
#define SUMMARY_STATE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct state_writer {
  uint8_t *data;
  size_t size, capacity;
  bool failed;
};

void state_writer_clear(struct state_writer *writer);
void state_write(struct state_writer *writer, const void *data, size_t size_bytes);
/* Room for size_bytes, to be filled by the caller; NULL when memory is short. */
uint8_t *state_write_room(struct state_writer *writer, size_t size_bytes);
void state_write_u32(struct state_writer *writer, uint32_t value);
void state_write_u64(struct state_writer *writer, uint64_t value);
void state_write_double(struct state_writer *writer, double value);
/* A length and the bytes; NULL is kept apart from "". */
void state_write_text(struct state_writer *writer, const char *text);

struct state_reader {
  const uint8_t *data;
  size_t size, position;
  bool failed;
};

/* size_bytes inside the data, or NULL (and failed). */
const uint8_t *state_read(struct state_reader *reader, size_t size_bytes);
uint32_t state_read_u32(struct state_reader *reader);
uint64_t state_read_u64(struct state_reader *reader);
double state_read_double(struct state_reader *reader);
/* A count of things that take at least size_bytes each in what is left: so no allocation is larger
 * than the file allows. */
uint64_t state_read_count(struct state_reader *reader, size_t size_bytes);
/* A new string, or NULL for a stored NULL; on a damaged text or short memory `failed`, with
 * *out_of_memory in the second case. */
char *state_read_text(struct state_reader *reader, bool *out_of_memory);
size_t state_left(const struct state_reader *reader);

#endif
