/*
 * One Arrow column seen through typed eyes. A column borrows its ArrowArray; it is bound once per
 * batch (cheap) and read by rows. Everything that a caller's stream may get wrong (buffers missing,
 * an index past the end) is found at bind or at the read, never by a crash: a value that cannot be
 * read counts as null.
 */
#ifndef TABLE_ARROWCOL_H
#define TABLE_ARROWCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nanoarrow/nanoarrow.h>

#include "table/value.h"

/* What a column can be used for. */
enum arrowcol_kind {
  ARROWCOL_BOOL,
  ARROWCOL_INT, /* 8 to 64 bits, signed or not */
  ARROWCOL_FLOAT16,
  ARROWCOL_FLOAT32,
  ARROWCOL_FLOAT64,
  ARROWCOL_DECIMAL, /* 32 to 256 bits */
  ARROWCOL_TEXT,    /* utf8, large utf8, views, and binary holding text */
  ARROWCOL_DATE,    /* dates and timestamps: values are texts as SQL writes them */
  ARROWCOL_LIST,    /* lists of numbers */
  ARROWCOL_NULL,    /* the all-null type */
  ARROWCOL_OTHER
};

struct arrow_type {
  enum arrowcol_kind kind; /* of the values: a dictionary's kind is the kind of what it holds */
  enum ArrowType storage;  /* of the stored values or, for a dictionary, of the indices */
  enum ArrowType logical;  /* dates and timestamps */
  enum ArrowTimeUnit unit;
  bool has_zone;
  bool is_dictionary;
  int32_t scale;           /* decimals */
  int32_t width_bytes;     /* decimals: bytes; fixed-size lists: elements */
  struct arrow_type *item; /* of a list or a dictionary; owned */
};

struct arrowcol {
  const struct arrow_type *type;
  const struct ArrowArray *array;
  const uint8_t *validity; /* NULL: no nulls */
  int64_t offset, length;
  const struct ArrowArray *item; /* the list's child or the dictionary */
};

/* Fills *type; false when memory is short. An unusable type becomes ARROWCOL_OTHER. */
bool arrow_type_init(struct arrow_type *type, const struct ArrowSchema *schema) NONET_NODISCARD;
bool arrow_type_copy(struct arrow_type *to, const struct arrow_type *from) NONET_NODISCARD;
void arrow_type_clear(struct arrow_type *type);
/* "int64", "float", "text", "list of float" … into `name`. */
void arrow_type_name(const struct arrow_type *type, char *name, size_t size_bytes);
bool arrow_type_is_number(const struct arrow_type *type);
/* Bytes of no declared meaning: read like texts, and may not be UTF-8. */
bool arrow_type_is_bytes(const struct arrow_type *type);

/* `item` of a column must live as long as the array. Fails (false) when buffers are missing, or do
 * not lie on a multiple of their elements' size, as Arrow demands. */
#define ARROWCOL_BROKEN                                                                            \
  "the data of column '%s' are broken: a buffer is missing, too short or not aligned"
bool arrowcol_bind(struct arrowcol *column, const struct arrow_type *type,
                   const struct ArrowArray *array) NONET_NODISCARD;
/* The values of a list or of a dictionary as a column of its own. */
bool arrowcol_item(const struct arrowcol *column, struct arrowcol *item) NONET_NODISCARD;
bool arrowcol_has_nulls(const struct arrowcol *column, int64_t start, int64_t n);
bool arrowcol_is_null(const struct arrowcol *column, int64_t row);

/* The value of a row; texts are borrowed from the column or written to `buffer`. */
#define ARROWCOL_TEXT_BYTES 96
struct value arrowcol_value(const struct arrowcol *column, int64_t row,
                            char buffer[ARROWCOL_TEXT_BYTES]);

/* n numbers from `start` to out[0], out[stride] …; rows that are null get NaN (ask arrowcol_is_null
   which). True when every value is finite, so that nobody needs to look again. */
bool arrowcol_doubles(const struct arrowcol *column, int64_t start, int64_t n, double *out,
                      size_t stride);
/* The bounds of a list row in its item column; false when null or broken. */
bool arrowcol_list_bounds(const struct arrowcol *column, int64_t row, int64_t *first, int64_t *n);
/* The raw bytes of a text row. */
bool arrowcol_text(const struct arrowcol *column, int64_t row, const char **data, size_t *length);
/* The dictionary index of a row, −1 when null or out of bounds. */
int64_t arrowcol_index(const struct arrowcol *column, int64_t row);
/* An integer row, any width; false when it does not fit (uint64 above INT64_MAX). Not for nulls. */
bool arrowcol_int64(const struct arrowcol *column, int64_t row, int64_t *value);

#endif
