/*
 * nanoarrow's decoder of IPC messages, with two look-ups bounded.
 *
 * A dictionary batch that brings fewer field nodes or buffers than its type has is not refused by
 * nanoarrow 0.9.0: flatcc's vec_at then asserts, or without assertions reads past the message
 * (found by tests/fuzz/fuzz_arrow.c, kept in its corpus as dictionary-without-nodes). Here such a
 * look-up gives an empty node or buffer, which the validation that follows refuses where it does
 * not fit.
 */
#include <stddef.h>

#include "nanoarrow/nanoarrow.h"
#include "nanoarrow/nanoarrow_ipc.h"

#include "nanoarrow/ipc/flatcc_generated.h"

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

#include "nanoarrow/ipc/decoder.c"
