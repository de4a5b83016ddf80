/*
 * nanoarrow's decoder of IPC messages, with look-ups and sizes bounded, and dictionaries whole.
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
 *
 * 3. The number of rows that a field claims is multiplied with the size of one (corpus:
 * rows-without-end); when that overflows, a buffer far too small passes for large enough. At most
 * 2^32 - 1 rows and 2^24 bytes for one fixed-size value keep every product below 2^63; more is
 * taken for no rows, which the validation that follows refuses, and for no type.
 *
 * 4. FlatBuffers lets a message say what its header is and have none (corpus: header-of-nothing);
 * so with the type of a field, the rows of a dictionary, the type of its indices and the texts of
 * metadata. nanoarrow reads through the null pointer. Here the kind is then none or unknown, which
 * it refuses, and the text is empty.
 *
 * 5. A buffer's offset and length are added before they are held against the body; when that
 * overflows, any place in memory passes (corpus of fuzz_command: buffer-overflow). One that does
 * not begin on a multiple of eight bytes, as the format asks, is read misaligned (buffer-askew).
 * Both are taken for empty, as in 1.
 *
 * 6. A dictionary has a decoder of its own, which nanoarrow 0.9.0 does not tell how the message is
 * compressed or of which version it is: the compressed bytes of a category column in a Feather file
 * were taken for its texts. Here it is told beforehand.
 */
#include <stdbool.h>
#include <stddef.h>

#include "nanoarrow/nanoarrow.h"
#include "nanoarrow/nanoarrow_ipc.h"

#include "nanoarrow/ipc/flatcc_generated.h"

static ArrowErrorCode unbounded_peek(struct ArrowIpcDecoder *decoder, struct ArrowBufferView data,
                                     int32_t *prefix_size_bytes, struct ArrowError *error);

static ArrowErrorCode plain_dictionary(struct ArrowIpcDecoder *decoder, struct ArrowBufferView body,
                                       enum ArrowValidationLevel validation_level,
                                       struct ArrowIpcDictionaries *dictionaries,
                                       struct ArrowError *error);
static ArrowErrorCode plain_shared_dictionary(struct ArrowIpcDecoder *decoder,
                                              struct ArrowBuffer *shared,
                                              enum ArrowValidationLevel validation_level,
                                              struct ArrowIpcDictionaries *dictionaries,
                                              struct ArrowError *error);

static org_apache_arrow_flatbuf_FieldNode_struct_t
bounded_node(org_apache_arrow_flatbuf_FieldNode_vec_t nodes, size_t i) {
  static const org_apache_arrow_flatbuf_FieldNode_t none;
  if (i >= org_apache_arrow_flatbuf_FieldNode_vec_len(nodes)) {
    return &none;
  }
  org_apache_arrow_flatbuf_FieldNode_struct_t node =
      org_apache_arrow_flatbuf_FieldNode_vec_at(nodes, i);
  int64_t n_rows = org_apache_arrow_flatbuf_FieldNode_length(node);
  return n_rows >= 0 && n_rows <= UINT32_MAX ? node : &none; /* 3 */
}

/* 3: a width of 0 is no type. */
static int32_t bounded_width(org_apache_arrow_flatbuf_FixedSizeBinary_table_t type) {
  int32_t width = org_apache_arrow_flatbuf_FixedSizeBinary_byteWidth(type);
  return width <= 1 << 24 ? width : 0;
}

/* 4 */
static org_apache_arrow_flatbuf_MessageHeader_union_type_t
present_header(org_apache_arrow_flatbuf_Message_table_t message) {
  org_apache_arrow_flatbuf_MessageHeader_union_type_t type =
      org_apache_arrow_flatbuf_Message_header_type(message);
  org_apache_arrow_flatbuf_DictionaryBatch_table_t header =
      org_apache_arrow_flatbuf_Message_header_get(message);
  bool is_there =
      header != NULL && (type != org_apache_arrow_flatbuf_MessageHeader_DictionaryBatch ||
                         org_apache_arrow_flatbuf_DictionaryBatch_data(header) != NULL);
  return is_there ? type : org_apache_arrow_flatbuf_MessageHeader_NONE;
}

static org_apache_arrow_flatbuf_Type_union_type_t
present_type(org_apache_arrow_flatbuf_Field_table_t field) {
  return org_apache_arrow_flatbuf_Field_type_get(field) != NULL
             ? org_apache_arrow_flatbuf_Field_type_type(field)
             : org_apache_arrow_flatbuf_Type_NONE;
}

static int present_kind(org_apache_arrow_flatbuf_DictionaryEncoding_table_t encoding) {
  return org_apache_arrow_flatbuf_DictionaryEncoding_indexType_get(encoding) != NULL
             ? org_apache_arrow_flatbuf_DictionaryEncoding_dictionaryKind(encoding)
             : -1;
}

static const char *present_key(org_apache_arrow_flatbuf_KeyValue_table_t pair) {
  const char *key = org_apache_arrow_flatbuf_KeyValue_key(pair);
  return key != NULL ? key : "";
}

static const char *present_value(org_apache_arrow_flatbuf_KeyValue_table_t pair) {
  const char *value = org_apache_arrow_flatbuf_KeyValue_value(pair);
  return value != NULL ? value : "";
}

static org_apache_arrow_flatbuf_Buffer_struct_t
bounded_buffer(org_apache_arrow_flatbuf_Buffer_vec_t buffers, size_t i) {
  static const org_apache_arrow_flatbuf_Buffer_t none;
  const int64_t most = INT64_MAX / 2;
  if (i >= org_apache_arrow_flatbuf_Buffer_vec_len(buffers)) {
    return &none;
  }
  org_apache_arrow_flatbuf_Buffer_struct_t buffer =
      org_apache_arrow_flatbuf_Buffer_vec_at(buffers, i);
  int64_t offset = org_apache_arrow_flatbuf_Buffer_offset(buffer);
  int64_t length = org_apache_arrow_flatbuf_Buffer_length(buffer);
  bool is_possible = /* 5 */
      offset % 8 == 0 && offset >= 0 && offset <= most && length >= 0 && length <= most;
  return is_possible ? buffer : &none;
}

#define org_apache_arrow_flatbuf_FieldNode_vec_at bounded_node
#define org_apache_arrow_flatbuf_Buffer_vec_at bounded_buffer
#define org_apache_arrow_flatbuf_FixedSizeBinary_byteWidth bounded_width
#define org_apache_arrow_flatbuf_Message_header_type present_header
#define org_apache_arrow_flatbuf_Field_type_type present_type
#define org_apache_arrow_flatbuf_DictionaryEncoding_dictionaryKind present_kind
#define org_apache_arrow_flatbuf_KeyValue_key present_key
#define org_apache_arrow_flatbuf_KeyValue_value present_value

#undef ArrowIpcDecoderPeekHeader
#undef ArrowIpcDecoderDecodeDictionary
#undef ArrowIpcDecoderDecodeDictionaryFromShared
#define ArrowIpcDecoderPeekHeader unbounded_peek
#define ArrowIpcDecoderDecodeDictionary plain_dictionary
#define ArrowIpcDecoderDecodeDictionaryFromShared plain_shared_dictionary

#include "nanoarrow/ipc/decoder.c"

#undef ArrowIpcDecoderPeekHeader
#undef ArrowIpcDecoderDecodeDictionary
#undef ArrowIpcDecoderDecodeDictionaryFromShared
#define ArrowIpcDecoderPeekHeader NANOARROW_SYMBOL(NANOARROW_NAMESPACE, ArrowIpcDecoderPeekHeader)
#define ArrowIpcDecoderDecodeDictionary                                                            \
  NANOARROW_SYMBOL(NANOARROW_NAMESPACE, ArrowIpcDecoderDecodeDictionary)
#define ArrowIpcDecoderDecodeDictionaryFromShared                                                  \
  NANOARROW_SYMBOL(NANOARROW_NAMESPACE, ArrowIpcDecoderDecodeDictionaryFromShared)

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

/* 6: what it does not know of, it refuses as before. */
static void tell_dictionary(const struct ArrowIpcDecoder *decoder,
                            struct ArrowIpcDictionaries *dictionaries) {
  const struct ArrowIpcDecoderPrivate *private_data = decoder->private_data;
  if (decoder->message_type != NANOARROW_IPC_MESSAGE_TYPE_DICTIONARY_BATCH) {
    return;
  }
  struct ArrowIpcDictionary *dictionary =
      ArrowIpcDictionariesFindById(dictionaries, decoder->dictionary->id);
  if (dictionary == NULL) {
    return;
  }
  org_apache_arrow_flatbuf_RecordBatch_table_t rows =
      org_apache_arrow_flatbuf_DictionaryBatch_data(private_data->last_message);
  org_apache_arrow_flatbuf_BodyCompression_table_t compression =
      org_apache_arrow_flatbuf_RecordBatch_compression(rows);
  dictionary->decoder.metadata_version = decoder->metadata_version;
  dictionary->decoder.codec = NANOARROW_IPC_COMPRESSION_TYPE_NONE;
  if (compression != NULL) {
    dictionary->decoder.codec = org_apache_arrow_flatbuf_BodyCompression_codec(compression) ==
                                        org_apache_arrow_flatbuf_CompressionType_ZSTD
                                    ? NANOARROW_IPC_COMPRESSION_TYPE_ZSTD
                                    : NANOARROW_IPC_COMPRESSION_TYPE_LZ4_FRAME;
  }
}

ArrowErrorCode ArrowIpcDecoderDecodeDictionary(struct ArrowIpcDecoder *decoder,
                                               struct ArrowBufferView body,
                                               enum ArrowValidationLevel validation_level,
                                               struct ArrowIpcDictionaries *dictionaries,
                                               struct ArrowError *error) {
  tell_dictionary(decoder, dictionaries);
  return plain_dictionary(decoder, body, validation_level, dictionaries, error);
}

ArrowErrorCode ArrowIpcDecoderDecodeDictionaryFromShared(struct ArrowIpcDecoder *decoder,
                                                         struct ArrowBuffer *shared,
                                                         enum ArrowValidationLevel validation_level,
                                                         struct ArrowIpcDictionaries *dictionaries,
                                                         struct ArrowError *error) {
  tell_dictionary(decoder, dictionaries);
  return plain_shared_dictionary(decoder, shared, validation_level, dictionaries, error);
}
