/*
 * The first level of an ONNX file: ModelProto of onnx.proto (Apache-2.0). The runtime tells inputs,
 * outputs and metadata; producer's version and opsets it does not.
 *
 * Wire format (protobuf): a varint key = field << 3 | type; type 0 varint, 1 eight bytes, 2 length
 * and bytes, 5 four bytes. Fields read: 1 ir_version, 2 producer_name, 3 producer_version, 8
 * opset_import {1 domain, 2 version}. Everything else, the graph above all, is passed over.
 *
 * Cases: 1. The file was already loaded by the runtime, so it is a model; whatever is odd here ends
 * the reading without an error. 2. Lengths are checked against the file's before a seek.
 */
#include "model/onnx_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEAD_TEXT_BYTES 256

struct head {
  FILE *file;
  int64_t left; /* bytes of the message at hand */
};

static bool read_varint(struct head *head, uint64_t *value) {
  *value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    int byte = head->left > 0 ? fgetc(head->file) : EOF;
    if (byte == EOF)
      return false;
    head->left--;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (!(byte & 0x80))
      return true;
  }
  return false;
}

static bool skip(struct head *head, uint64_t n) {
  if (n > (uint64_t)head->left || fseeko(head->file, (off_t)n, SEEK_CUR))
    return false;
  head->left -= (int64_t)n;
  return true;
}

/* A field's value: a varint into *number; a short text into `text`; the rest is passed over. */
static bool read_field(struct head *head, uint64_t *field, uint64_t *number,
                       char text[HEAD_TEXT_BYTES]) {
  uint64_t key;
  text[0] = '\0';
  *number = 0;
  if (!read_varint(head, &key))
    return false;
  *field = key >> 3;
  switch (key & 7) {
  case 0:
    return read_varint(head, number);
  case 1:
    return skip(head, 8);
  case 5:
    return skip(head, 4);
  case 2:
    if (!read_varint(head, number))
      return false;
    if (*field == 8) /* the caller goes into it */
      return *number <= (uint64_t)head->left;
    if ((*field != 1 && *field != 2 && *field != 3) || *number >= HEAD_TEXT_BYTES)
      return skip(head, *number);
    if (*number > (uint64_t)head->left ||
        fread(text, 1, (size_t)*number, head->file) != (size_t)*number)
      return false;
    text[*number] = '\0';
    head->left -= (int64_t)*number;
    return true;
  default:
    return false;
  }
}

static bool read_opset(struct model *model, struct head *outer, uint64_t size, nonet_status *status,
                       nonet_error *error) {
  struct head inner = {outer->file, (int64_t)size};
  char text[HEAD_TEXT_BYTES], domain[HEAD_TEXT_BYTES] = "", key[HEAD_TEXT_BYTES + 16], value[32];
  uint64_t field, number, version = 0;
  while (inner.left > 0) {
    if (!read_field(&inner, &field, &number, text))
      return false;
    if (field == 1)
      memcpy(domain, text, sizeof domain);
    if (field == 2)
      version = number;
  }
  outer->left -= (int64_t)size;
  snprintf(key, sizeof key, "opset %s", domain[0] ? domain : "ai.onnx");
  snprintf(value, sizeof value, "%" PRIu64, version);
  *status = model_fact(model, key, value, error);
  return *status == NONET_OK;
}

nonet_status onnx_head_facts(struct model *model, const char *path, nonet_error *error) {
  struct head head = {.file = fopen(path, "rb")};
  char text[HEAD_TEXT_BYTES], number_text[32];
  uint64_t field, number;
  nonet_status status = NONET_OK;
  if (!head.file)
    return NONET_OK;
  if (fseeko(head.file, 0, SEEK_END) == 0)
    head.left = ftello(head.file);
  rewind(head.file);
  while (!status && head.left > 0 && read_field(&head, &field, &number, text)) {
    snprintf(number_text, sizeof number_text, "%" PRIu64, number);
    if (field == 1)
      status = model_fact(model, "ir version", number_text, error);
    else if (field == 2)
      status = model_fact(model, "producer", text, error);
    else if (field == 3)
      status = model_fact(model, "producer version", text, error);
    else if (field == 8 && !read_opset(model, &head, number, &status, error))
      break;
  }
  fclose(head.file);
  return status;
}
