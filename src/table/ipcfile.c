/*
 * Arrow IPC through nanoarrow: the stream format as it is; the file format (and Feather V2) is a
 * stream between a magic and a footer.
 *
 * Cases: 1. "ARROW1" at the start: skip eight bytes and end before the footer, whose size stands
 * before the closing magic; a file cut short has no closing magic and is said to be cut. 2. Feather
 * V1 ("FEA1") is another format. 3. Reading never goes past the messages; a message that claims to
 * be longer asks for that memory first and fails when there is less. 4. Compressed bodies: zstd
 * and LZ4 frames (what Feather files have unless told otherwise), through nanoarrow's codecs.
 */
#include "table/tableparts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nanoarrow/nanoarrow_ipc.h>

#include "base/error.h"
#include "base/memory.h"

struct bounded {
  FILE *file;
  int64_t left;
};

static ArrowErrorCode bounded_read(struct ArrowIpcInputStream *stream, uint8_t *buffer,
                                   int64_t size_bytes, int64_t *n_read, struct ArrowError *error) {
  struct bounded *bounded = stream->private_data;
  if (size_bytes > bounded->left)
    size_bytes = bounded->left;
  *n_read = size_bytes > 0 ? (int64_t)fread(buffer, 1, (size_t)size_bytes, bounded->file) : 0;
  bounded->left -= *n_read;
  if (*n_read < size_bytes && ferror(bounded->file)) {
    ArrowErrorSet(error, "%s", strerror(errno));
    return EIO;
  }
  return NANOARROW_OK;
}

static void bounded_release(struct ArrowIpcInputStream *stream) {
  struct bounded *bounded = stream->private_data;
  fclose(bounded->file);
  memory_free(bounded);
  stream->release = NULL;
}

/* Where the stream of messages begins and how long it is. */
static nonet_status find_messages(FILE *file, const char *name, int64_t *from, int64_t *size,
                                  nonet_error *error) {
  char head[8] = {0}, tail[10] = {0};
  if (fseeko(file, 0, SEEK_END) || (*size = ftello(file)) < 0 || fseeko(file, 0, SEEK_SET))
    return error_set(error, NONET_E_IO, "cannot read %s: %s", name, strerror(errno));
  size_t n = fread(head, 1, sizeof head, file);
  *from = 0;
  if (n >= 4 && memcmp(head, "FEA1", 4) == 0)
    return error_set(error, NONET_E_DATA,
                     "%s is Feather version 1; write it as version 2 (Arrow IPC)", name);
  if (n < 8 || memcmp(head, "ARROW1", 6) != 0)
    return NONET_OK;
  uint32_t footer = 0;
  if (*size < 18 || fseeko(file, -10, SEEK_END) || fread(tail, 1, 10, file) != 10 ||
      memcmp(tail + 4, "ARROW1", 6) != 0)
    return error_set(error, NONET_E_DATA,
                     "%s is an Arrow file that was cut short: its end is missing", name);
  for (int b = 0; b < 4; b++)
    footer |= (uint32_t)(unsigned char)tail[b] << (8 * b);
  *from = 8;
  *size -= 18;
  if ((int64_t)footer > *size)
    return error_set(error, NONET_E_DATA,
                     "%s is a broken Arrow file: its footer is larger than the file", name);
  *size -= footer;
  return NONET_OK;
}

static nonet_status open_file(FILE *file, const char *name, struct ArrowArrayStream *stream,
                              nonet_error *error) {
  int64_t from = 0, size = 0;
  nonet_status status = find_messages(file, name, &from, &size, error);
  struct bounded *bounded = status ? NULL : memory_new(1, sizeof *bounded);
  if (status || !bounded || fseeko(file, from, SEEK_SET)) {
    fclose(file);
    memory_free(bounded);
    return status ? status : error_memory(error, sizeof *bounded, "an Arrow file");
  }
  *bounded = (struct bounded){file, size};
  struct ArrowIpcInputStream input = {
      .read = bounded_read, .release = bounded_release, .private_data = bounded};
  if (ArrowIpcArrayStreamReaderInit(stream, &input, NULL) != NANOARROW_OK) {
    if (input.release)
      input.release(&input);
    return error_memory(error, 1024, "an Arrow reader");
  }
  return NONET_OK;
}

nonet_status ipcfile_open(const char *path, const char *name, struct ArrowArrayStream *stream,
                          nonet_error *error) {
  memset(stream, 0, sizeof *stream);
  FILE *file = fopen(path, "rb");
  if (!file)
    return error_set(error, errno == ENOENT ? NONET_E_NO_INPUT : NONET_E_IO, "cannot open %s: %s",
                     name, strerror(errno));
  return open_file(file, name, stream, error);
}

nonet_status ipcfile_open_bytes(const void *data, size_t size_bytes, const char *name,
                                struct ArrowArrayStream *stream, nonet_error *error) {
  memset(stream, 0, sizeof *stream);
  FILE *file = tmpfile();
  if (!file || fwrite(data, 1, size_bytes, file) != size_bytes) {
    if (file)
      fclose(file);
    return error_set(error, NONET_E_IO, "cannot make a temporary file: %s", strerror(errno));
  }
  return open_file(file, name, stream, error);
}
