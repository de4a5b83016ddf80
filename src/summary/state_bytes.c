/*
 * Bytes of a state (state_bytes.h).
 *
 * Cases: (1) an allocation fails in the writer: sticky `failed`; (2) a read past the end: zeros,
 * sticky `failed`; (3) a count so large that the things it counts could not be in the file: failed
 * before anything is allocated; (4) a text with a NUL inside: damaged.
 */
#include "summary/state_bytes.h"

#include <string.h>

#include "base/memory.h"

#define STATE_NULL_TEXT UINT32_MAX

void state_writer_clear(struct state_writer *writer) {
  memory_free(writer->data);
  *writer = (struct state_writer){0};
}

uint8_t *state_write_room(struct state_writer *writer, size_t size_bytes) {
  void *data = writer->data;
  if (writer->failed || size_bytes > SIZE_MAX - writer->size ||
      !memory_grow(&data, &writer->capacity, writer->size + size_bytes, 1)) {
    writer->failed = true; /* (1) */
    return NULL;
  }
  writer->data = data;
  uint8_t *room = writer->data + writer->size;
  writer->size += size_bytes;
  return room;
}

void state_write(struct state_writer *writer, const void *data, size_t size_bytes) {
  uint8_t *room = state_write_room(writer, size_bytes);
  if (room && size_bytes)
    memcpy(room, data, size_bytes);
}

void state_write_u32(struct state_writer *writer, uint32_t value) {
  state_write(writer, &value, sizeof value);
}

void state_write_u64(struct state_writer *writer, uint64_t value) {
  state_write(writer, &value, sizeof value);
}

void state_write_double(struct state_writer *writer, double value) {
  state_write(writer, &value, sizeof value);
}

void state_write_text(struct state_writer *writer, const char *text) {
  if (!text) {
    state_write_u32(writer, STATE_NULL_TEXT);
    return;
  }
  size_t length = strlen(text);
  if (length >= STATE_NULL_TEXT) {
    writer->failed = true;
    return;
  }
  state_write_u32(writer, (uint32_t)length);
  state_write(writer, text, length);
}

size_t state_left(const struct state_reader *reader) {
  return reader->failed ? 0 : reader->size - reader->position;
}

const uint8_t *state_read(struct state_reader *reader, size_t size_bytes) {
  if (reader->failed || size_bytes > reader->size - reader->position) {
    reader->failed = true; /* (2) */
    return NULL;
  }
  const uint8_t *data = reader->data + reader->position;
  reader->position += size_bytes;
  return data;
}

uint32_t state_read_u32(struct state_reader *reader) {
  uint32_t value = 0;
  const uint8_t *data = state_read(reader, sizeof value);
  if (data)
    memcpy(&value, data, sizeof value);
  return value;
}

uint64_t state_read_u64(struct state_reader *reader) {
  uint64_t value = 0;
  const uint8_t *data = state_read(reader, sizeof value);
  if (data)
    memcpy(&value, data, sizeof value);
  return value;
}

double state_read_double(struct state_reader *reader) {
  double value = 0;
  const uint8_t *data = state_read(reader, sizeof value);
  if (data)
    memcpy(&value, data, sizeof value);
  return value;
}

uint64_t state_read_count(struct state_reader *reader, size_t size_bytes) {
  uint64_t count = state_read_u64(reader);
  if (reader->failed || count > state_left(reader) / (size_bytes ? size_bytes : 1)) {
    reader->failed = true; /* (3) */
    return 0;
  }
  return count;
}

char *state_read_text(struct state_reader *reader, bool *out_of_memory) {
  uint32_t length = state_read_u32(reader);
  if (reader->failed || length == STATE_NULL_TEXT)
    return NULL;
  const uint8_t *data = state_read(reader, length);
  if (!data)
    return NULL;
  if (memchr(data, 0, length)) {
    reader->failed = true; /* (4) */
    return NULL;
  }
  char *text = memory_new((size_t)length + 1, 1);
  if (!text) {
    reader->failed = true;
    *out_of_memory = true;
    return NULL;
  }
  memcpy(text, data, length);
  text[length] = 0;
  return text;
}
