/*
 * nanoarrow's decoder of IPC messages, with two look-ups and a length bounded.
 *
 * 1. A dictionary batch that brings fewer field nodes or buffers than its type has is not refused
 * by nanoarrow 0.9.0: flatcc's vec_at then asserts, or without assertions reads past the message
 * (found by tests/fuzz/fuzz_arrow.c, kept in its corpus as dictionary-without-nodes). Here such a
 * look-up gives an empty node or buffer, which the validation that follows refuses where it does
 * not fit.
 *
 * 2. A message whose header claims to have nearly 2 GiB makes nanoarrow's sum of prefix and length
 * overflow to a negative one, which passes the check that so many bytes are there (corpus:
 * header-of-2-gib). The reader peeks at each header before anything else, so such a length is
 * refused there.
 */
#include <stddef.h>

#include "nanoarrow/nanoarrow.h"
#include "nanoarrow/nanoarrow_ipc.h"

#include "nanoarrow/ipc/flatcc_generated.h"

static ArrowErrorCode unbounded_peek(struct ArrowIpcDecoder *decoder, struct ArrowBufferView data,
                                     int32_t *prefix_size_bytes, struct ArrowError *error);

static org_apache_arrow_flatbuf_FieldNode_struct_t
bounded_node(org_apache_arrow_flatbuf_FieldNode_vec_t nodes, size_t i) {
  static const org_apache_arrow_flatbuf_FieldNode_t none;
  return i < org_apache_arrow_flatbuf_FieldNode_vec_len(nodes)
             ? org_apache_arrow_flatbuf_FieldNode_vec_at(nodes, i)
             : &none;
}

static org_apache_arrow_flatbuf_Buffer_struct_t
bounded_buffer(org_apache_arrow_flatbuf_Buffer_vec_t buffers, size_t i) {
  static const org_apache_arrow_flatbuf_Buffer_t none;
  return i < org_apache_arrow_flatbuf_Buffer_vec_len(buffers)
             ? org_apache_arrow_flatbuf_Buffer_vec_at(buffers, i)
             : &none;
}

#define org_apache_arrow_flatbuf_FieldNode_vec_at bounded_node
#define org_apache_arrow_flatbuf_Buffer_vec_at bounded_buffer

#undef ArrowIpcDecoderPeekHeader
#define ArrowIpcDecoderPeekHeader unbounded_peek

#include "nanoarrow/ipc/decoder.c"

#undef ArrowIpcDecoderPeekHeader
#define ArrowIpcDecoderPeekHeader NANOARROW_SYMBOL(NANOARROW_NAMESPACE, ArrowIpcDecoderPeekHeader)

static uint32_t little_endian(const uint8_t *bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* 2 */
ArrowErrorCode ArrowIpcDecoderPeekHeader(struct ArrowIpcDecoder *decoder,
                                         struct ArrowBufferView data, int32_t *prefix_size_bytes,
                                         struct ArrowError *error) {
  const uint32_t most = INT32_MAX - 16;
  if (data.size_bytes >= 8) {
    uint32_t first = little_endian(data.data.as_uint8),
             length = first == UINT32_MAX ? little_endian(data.data.as_uint8 + 4) : first;
    if (length > most) {
      ArrowErrorSet(error, "Expected a message header of at most %u bytes but found one of %u",
                    (unsigned)most, (unsigned)length);
      return EINVAL;
    }
  }
  return unbounded_peek(decoder, data, prefix_size_bytes, error);
}
