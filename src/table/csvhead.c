/*
 * The header of a CSV file (RFC 4180 with the liberties people take).
 *
 * Cases: 1. A byte order mark. 2. Quoted names with delimiters, doubled quotes and line ends in
 * them. 3. CRLF, LF and lone CR.
 * 4. The delimiter: of , ; tab | the one that splits the header and the second record alike; else
 * the one most frequent in the header, so that a ragged file stays a ragged file and never becomes
 * one column named "y,p". 5. Names that occur twice are kept: the caller says so when one of them
 * is asked for. 6. UTF-16 and bytes that are no UTF-8 are said. 7. Blank lines are no rows (unless
 * there is one column), as the engine reads it.
 */
#include "table/csvhead.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#define HEAD_BYTES 65536
#define HEAD_BYTES_MOST (16u << 20)

static const char delimiters[] = {',', ';', '\t', '|'};
#define N_DELIMITERS (sizeof delimiters)

void csvhead_clear(struct csvhead *head) {
  for (size_t i = 0; i < head->n_names; i++)
    memory_free(head->names[i]);
  memory_free(head->names);
  *head = (struct csvhead){0};
}

bool csvhead_equal(const struct csvhead *a, const struct csvhead *b) {
  if (a->n_names != b->n_names || a->delimiter != b->delimiter)
    return false;
  for (size_t i = 0; i < a->n_names; i++)
    if (strcmp(a->names[i], b->names[i]) != 0)
      return false;
  return true;
}

/* Where the record at `from` ends (at its line end or `size`), counting delimiters outside quotes.
 */
static size_t record_end(const char *data, size_t size, size_t from, size_t counts[N_DELIMITERS],
                         bool *ended) {
  bool quoted = false;
  size_t i = from;
  for (; i < size; i++) {
    if (data[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (data[i] == '\n' || data[i] == '\r')) {
      *ended = true;
      return i;
    } else if (!quoted) {
      for (size_t d = 0; d < N_DELIMITERS; d++)
        counts[d] += data[i] == delimiters[d];
    }
  }
  *ended = false;
  return i;
}

static char choose_delimiter(const size_t header[N_DELIMITERS], const size_t second[N_DELIMITERS]) {
  size_t best = 0, best_agreeing = N_DELIMITERS;
  for (size_t d = 0; d < N_DELIMITERS; d++) {
    if (header[d] > header[best])
      best = d;
    bool agrees = header[d] > 0 && header[d] == second[d];
    if (agrees && (best_agreeing == N_DELIMITERS || header[d] > header[best_agreeing]))
      best_agreeing = d;
  }
  return delimiters[best_agreeing < N_DELIMITERS ? best_agreeing : best];
}

/* One field starting at *at; leaves *at on the delimiter or the end. */
static char *take_field(const char *data, size_t end, size_t *at, char delimiter) {
  struct text field = {0};
  size_t i = *at;
  while (i < end && data[i] == ' ')
    i++;
  if (i < end && data[i] == '"') {
    for (i++; i < end; i++) {
      if (data[i] == '"' && !(i + 1 < end && data[i + 1] == '"'))
        break;
      i += data[i] == '"';
      text_append_n(&field, data + i, 1);
    }
    while (i < end && data[i] != delimiter)
      i++;
  } else {
    size_t from = i;
    while (i < end && data[i] != delimiter)
      i++;
    size_t to = i;
    while (to > from && data[to - 1] == ' ')
      to--;
    text_append_n(&field, data + from, to - from);
  }
  *at = i;
  return text_take(&field);
}

static bool add_name(struct csvhead *head, size_t *capacity, char *name) {
  void *names = head->names;
  bool fits = name && memory_grow(&names, capacity, head->n_names + 1, sizeof *head->names);
  head->names = names;
  if (fits && name[0] == '\0') {
    char place[32];
    snprintf(place, sizeof place, "column%zu", head->n_names);
    memory_free(name);
    name = memory_text(place);
    fits = name != NULL;
  }
  if (!fits) {
    memory_free(name);
    return false;
  }
  head->names[head->n_names++] = name;
  return true;
}

nonet_status csvhead_parse(const char *data, size_t size_bytes, bool is_all, const char *source,
                           struct csvhead *head, bool *complete, nonet_error *error) {
  *head = (struct csvhead){0};
  *complete = false;
  if (size_bytes >= 2 && (memcmp(data, "\xff\xfe", 2) == 0 || memcmp(data, "\xfe\xff", 2) == 0))
    return error_set(error, NONET_E_DATA, "%s is UTF-16; save it as UTF-8", source);
  size_t from = size_bytes >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  while (from < size_bytes && (data[from] == '\n' || data[from] == '\r'))
    from++;
  if (from == size_bytes && is_all)
    return error_set(error, NONET_E_DATA, "%s is empty: expected a header with column names",
                     source);
  size_t header[N_DELIMITERS] = {0}, second[N_DELIMITERS] = {0};
  bool ended, second_ended;
  size_t end = record_end(data, size_bytes, from, header, &ended);
  if (!ended && !is_all)
    return NONET_OK;
  if (memchr(data + from, '\0', end - from) || !text_is_utf8(data + from, end - from))
    return error_set(error, NONET_E_DATA, "the header of %s is not UTF-8 text; is it a CSV file?",
                     source);
  size_t next = end;
  while (next < size_bytes && (data[next] == '\n' || data[next] == '\r'))
    next++;
  (void)record_end(data, size_bytes, next, second, &second_ended);
  head->delimiter = choose_delimiter(header, second);
  size_t capacity = 0, at = from;
  for (;;) {
    if (!add_name(head, &capacity, take_field(data, end, &at, head->delimiter))) {
      csvhead_clear(head);
      return error_memory(error, end - from, "the header of a CSV file");
    }
    if (at >= end)
      break;
    at++;
  }
  *complete = true;
  return NONET_OK;
}

nonet_status csvhead_read(const char *path, const char *source, struct csvhead *head,
                          nonet_error *error) {
  *head = (struct csvhead){0};
  FILE *file = fopen(path, "rb");
  if (!file)
    return error_set(error, errno == ENOENT ? NONET_E_NO_INPUT : NONET_E_IO, "cannot open %s: %s",
                     source, strerror(errno));
  nonet_status status = NONET_OK;
  char *data = NULL;
  size_t size = 0, wanted = HEAD_BYTES;
  bool complete = false;
  while (!complete && !status) {
    char *more = memory_resize(data, wanted, 1);
    if (!more) {
      status = error_memory(error, wanted, "the header of a CSV file");
      break;
    }
    data = more;
    size += fread(data + size, 1, wanted - size, file);
    if (ferror(file)) {
      status = error_set(error, NONET_E_IO, "cannot read %s: %s", source, strerror(errno));
      break;
    }
    bool is_all = size < wanted || wanted >= HEAD_BYTES_MOST;
    status = csvhead_parse(data, size, is_all, source, head, &complete, error);
    wanted *= 4;
  }
  memory_free(data);
  fclose(file);
  return status;
}

/* A reader of records: the state between two bytes. */
struct record_scan {
  uint64_t line, line_of_record, n_records;
  bool quoted, in_record, after_cr, single_column;
};

/* True when the record that begins at this byte is number `wanted` (1-based, the header is 1). */
static bool scan_byte(struct record_scan *scan, char byte, uint64_t wanted) {
  bool is_end = byte == '\n' || byte == '\r';
  bool is_second_half = byte == '\n' && scan->after_cr;
  scan->after_cr = byte == '\r';
  if (is_second_half)
    return false;
  if (!scan->in_record && (!is_end || (scan->single_column && scan->n_records > 0))) {
    scan->in_record = true;
    scan->n_records++;
    scan->line_of_record = scan->line;
    if (scan->n_records == wanted)
      return true;
  }
  if (byte == '"')
    scan->quoted = !scan->quoted;
  if (is_end) {
    scan->line++;
    scan->in_record = scan->in_record && scan->quoted;
  }
  return false;
}

uint64_t csvhead_line_of_row(const char *path, const struct csvhead *head, uint64_t row,
                             uint64_t *n_rows) {
  struct record_scan scan = {.line = 1, .single_column = head->n_names == 1};
  uint64_t line = 0;
  *n_rows = 0;
  FILE *file = fopen(path, "rb");
  if (!file)
    return 0;
  char block[16384];
  size_t n;
  while (line == 0 && (n = fread(block, 1, sizeof block, file)) > 0)
    for (size_t i = 0; i < n && line == 0; i++)
      if (scan_byte(&scan, block[i], row + 1))
        line = scan.line_of_record;
  fclose(file);
  *n_rows = scan.n_records ? scan.n_records - 1 : 0;
  return line;
}
