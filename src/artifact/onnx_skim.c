/*
 * Skimming an ONNX file: weights are most of it, and unpacking a message copies them.
 *
 * One pass over the wire format, guided by protobuf-c's own descriptors, writes a second message
 * without payloads of tensors (raw_data, float_data …), texts for people (doc_string) and unknown
 * fields. The file is mapped and payloads are stepped over, so their pages are never read. In place
 * of a tensor's doc_string stands the number of payload bytes in decimal digits.
 *
 * Cases:
 *  1. A length that leaves its message, a cut varint, a group, field 0: damaged.
 *  2. Deeper than ONNX_SKIM_DEPTH: refused, since unpacking recurs.
 *  3. A nested message's new length is known only afterwards: it is written as five bytes, a varint
 * padded with continuation bits, which every reader takes.
 *  4. Small integers stay: Reshape and its kin read their shape from them.
 *  5. A bytes field outside tensors of more than 1 MiB (a compiled engine in an attribute) is left
 * out too.
 *
 * Source: protobuf.dev, "Encoding"; onnx.proto.
 */
#include "artifact/onnx_skim.h"

#include <string.h>

#include <protobuf-c/protobuf-c.h>

#include "base/error.h"
#include <onnx.pb-c.h>

#define LARGE_BYTES (1u << 20)
#define LENGTH_BYTES 5
#define SLIM_MOST_BYTES ((size_t)1 << 30)

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 };
enum tensor_field { FIELD_INT64 = 7, FIELD_NAME = 8, FIELD_RAW = 9, FIELD_DOC = 12 };

struct skim {
  const uint8_t *start, *at; /* of the whole file */
  struct text *slim;
  nonet_error *error;
};

struct field {
  const ProtobufCFieldDescriptor *descriptor; /* NULL: not known */
  const uint8_t *tag, *body, *end;            /* body: behind the length */
  uint32_t number;
  enum wire wire;
};

static nonet_status damaged(const struct skim *skim, const char *what) {
  return error_set(skim->error, NONET_E_DATA,
                   "no whole ONNX model: %s at byte %zu; was the file cut, or is it something "
                   "else?",
                   what, (size_t)(skim->at - skim->start));
}

static bool read_varint(struct skim *skim, const uint8_t *end, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64 && skim->at < end; shift += 7) {
    uint8_t byte = *skim->at++;
    *value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      return true;
    }
  }
  return false;
}

/* Reads tag and extent of a field and steps behind it: case 1. */
static nonet_status read_field(struct skim *skim, const uint8_t *end,
                               const ProtobufCMessageDescriptor *message, struct field *field) {
  uint64_t tag, length;
  field->tag = skim->at;
  if (!read_varint(skim, end, &tag)) {
    return damaged(skim, "a field without its end");
  }
  field->number = (uint32_t)(tag >> 3);
  field->wire = (enum wire)(tag & 7);
  if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff) {
    return damaged(skim, "an impossible field");
  }
  if (field->wire == WIRE_VARINT) {
    field->body = skim->at;
    if (!read_varint(skim, end, &length)) {
      return damaged(skim, "a number without its end");
    }
  } else {
    length = field->wire == WIRE_64 ? 8 : 4;
    if (field->wire == WIRE_BYTES && !read_varint(skim, end, &length)) {
      return damaged(skim, "a length without its end");
    }
    if (field->wire != WIRE_BYTES && field->wire != WIRE_64 && field->wire != WIRE_32) {
      return damaged(skim, "a field of no known form");
    }
    if (length > (uint64_t)(end - skim->at)) {
      return damaged(skim, "a field that is longer than what holds it");
    }
    field->body = skim->at;
    skim->at += length;
  }
  field->end = skim->at;
  field->descriptor = protobuf_c_message_descriptor_get_field(message, field->number);
  return NONET_OK;
}

static void copy_field(struct skim *skim, const struct field *field) {
  text_append_n(skim->slim, (const char *)field->tag, (size_t)(field->end - field->tag));
}

static void write_length(char to[LENGTH_BYTES], uint64_t length) { /* 3 */
  for (int i = 0; i < LENGTH_BYTES; i++) {
    to[i] = (char)((length >> (7 * i) & 0x7f) | (i < LENGTH_BYTES - 1 ? 0x80 : 0));
  }
}

static nonet_status skim_message(struct skim *skim, const uint8_t *end,
                                 const ProtobufCMessageDescriptor *message, int depth);

static nonet_status skim_nested(struct skim *skim, const struct field *field, int depth) {
  static const char blank[LENGTH_BYTES] = {0};
  const uint8_t *behind = skim->at;
  if (field->wire != WIRE_BYTES) {
    return damaged(skim, "a number where a message belongs");
  }
  if (depth == ONNX_SKIM_DEPTH) { /* 2 */
    return damaged(skim, "more than 64 messages in one another");
  }
  uint8_t tag[LENGTH_BYTES];
  size_t n = 0;
  for (uint32_t rest = field->number << 3 | WIRE_BYTES; n == 0 || rest != 0; rest >>= 7) {
    tag[n++] = (uint8_t)((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
  }
  text_append_n(skim->slim, (const char *)tag, n);
  size_t place = skim->slim->length;
  text_append_n(skim->slim, blank, LENGTH_BYTES);
  skim->at = field->body;
  nonet_status status = skim_message(skim, field->end, field->descriptor->descriptor, depth + 1);
  skim->at = status == NONET_OK ? behind : skim->at;
  if (status == NONET_OK && !skim->slim->failed) {
    write_length(skim->slim->data + place, skim->slim->length - place - LENGTH_BYTES);
  }
  return status;
}

/* Payload fields of a tensor: counted, and kept when they are small integers (4). */
static void skim_tensor_field(struct skim *skim, const struct field *field, uint64_t *payload) {
  switch (field->number) {
  case FIELD_RAW:
  case FIELD_INT64:
    *payload += (uint64_t)(field->end - field->body);
    if (*payload <= ONNX_SKIM_KEPT_BYTES) {
      copy_field(skim, field);
    }
    break;
  case 4:  /* float_data */
  case 5:  /* int32_data */
  case 6:  /* string_data */
  case 10: /* double_data */
  case 11: /* uint64_data */
    *payload += (uint64_t)(field->end - field->body);
    break;
  case FIELD_DOC:
    break;
  default:
    copy_field(skim, field);
  }
}

static void write_payload(struct skim *skim, uint64_t payload) {
  struct text digits = {0};
  text_printf(&digits, "%llu", (unsigned long long)payload);
  const char head[2] = {FIELD_DOC << 3 | WIRE_BYTES, (char)digits.length};
  text_append_n(skim->slim, head, 2);
  text_append_n(skim->slim, digits.data == NULL ? "" : digits.data, digits.length);
  skim->slim->failed = skim->slim->failed || digits.failed;
  text_clear(&digits);
}

static bool is_left_out(const struct field *field) {
  const ProtobufCFieldDescriptor *known = field->descriptor;
  if (known == NULL) {
    return true;
  }
  return strcmp(known->name, "doc_string") == 0 ||
         (known->type == PROTOBUF_C_TYPE_BYTES &&
          (uint64_t)(field->end - field->body) > LARGE_BYTES); /* 5 */
}

static nonet_status skim_message(struct skim *skim, const uint8_t *end,
                                 const ProtobufCMessageDescriptor *message, int depth) {
  const bool is_tensor = message == &onnx__tensor_proto__descriptor;
  uint64_t payload = 0;
  nonet_status status = NONET_OK;
  while (skim->at < end && status == NONET_OK) {
    struct field field = {0};
    status = read_field(skim, end, message, &field);
    if (status != NONET_OK) {
      break;
    }
    if (field.descriptor != NULL && field.descriptor->type == PROTOBUF_C_TYPE_MESSAGE) {
      status = skim_nested(skim, &field, depth);
    } else if (is_tensor && field.descriptor != NULL) {
      skim_tensor_field(skim, &field, &payload);
    } else if (!is_left_out(&field)) {
      copy_field(skim, &field);
    }
    if (status == NONET_OK && skim->slim->length > SLIM_MOST_BYTES) {
      status = error_set(skim->error, NONET_E_DATA,
                         "more than 1 GiB of graph beside the weights: not read");
    }
  }
  if (status == NONET_OK && is_tensor) {
    write_payload(skim, payload);
  }
  return status;
}

nonet_status onnx_skim(const void *data, size_t size_bytes, struct text *slim, nonet_error *error) {
  struct skim skim = {.start = data, .at = data, .slim = slim, .error = error};
  nonet_status status =
      skim_message(&skim, (const uint8_t *)data + size_bytes, &onnx__model_proto__descriptor, 0);
  return status == NONET_OK && slim->failed ? error_memory(error, slim->length, "a model's graph")
                                            : status;
}
