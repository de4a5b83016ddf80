/*
 * The state file.
 *
 *   "NONETST1"  u32 0x01020304 (byte order)  u32 version  u64 catalogue hash
 *   sections:   u32 tag  u32 0  u64 raw bytes  u64 stored bytes  the bytes  u64 XXH3 of the stored
 * bytes, seeded by the tag (stored = raw: as they are; stored < raw: one zstd frame) the last one,
 * END, holds the hash of all before it.
 *
 * ROLE, HEAD (kinds, quantile, rows, tally, parts), then CNTS, MOMT, BINS when kept, ROWS once for
 * each block of rows. Roles come first since all else is read by them.
 *
 * Parsing trusts nothing: (1) lengths are checked against what is left before they are used; (2)
 * what zstd may unpack to is bounded by the stored length; (3) checksums before contents; (4) each
 * kind checks its own contents; (5) a file that is cut off says where; (6) bytes after END are
 * damage.
 */
#include "summary/state_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/memory.h"

static const char magic[8] = {'N', 'O', 'N', 'E', 'T', 'S', 'T', '1'};

#define BYTE_ORDER_MARK UINT32_C(0x01020304)
#define STATE_VERSION 2u
#define MOST_RATIO 1024u /* (2): what packs better is stored as it is */
#define TAG(a, b, c, d)                                                                            \
  ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

enum {
  TAG_ROLE = TAG('R', 'O', 'L', 'E'),
  TAG_HEAD = TAG('H', 'E', 'A', 'D'),
  TAG_CNTS = TAG('C', 'N', 'T', 'S'),
  TAG_MOMT = TAG('M', 'O', 'M', 'T'),
  TAG_BINS = TAG('B', 'I', 'N', 'S'),
  TAG_ROWS = TAG('R', 'O', 'W', 'S'),
  TAG_END = TAG('E', 'N', 'D', '.')
};

/* ---- saving ---- */

struct saving {
  struct atomic_file *file;
  uint64_t chain;
  void *packed;
  size_t packed_capacity;
};

static nonet_status put_section(struct saving *s, uint32_t tag, const void *data, size_t size,
                                nonet_error *error) {
  size_t stored = size;
  if (size > 64) {
    size_t bound = ZSTD_compressBound(size);
    if (!memory_grow(&s->packed, &s->packed_capacity, bound, 1))
      return error_memory(error, bound, "saving a state");
    size_t n = ZSTD_compress(s->packed, s->packed_capacity, data, size, 3);
    if (!ZSTD_isError(n) && n < size && size / MOST_RATIO < n) {
      data = s->packed;
      stored = n;
    }
  }
  uint64_t head[3] = {tag, size, stored}, hash = hash_64(data ? data : "", stored, tag);
  s->chain = hash_mix(hash_mix(s->chain, hash), tag);
  nonet_status status = atomic_file_write(s->file, head, sizeof head, error);
  if (!status && stored)
    status = atomic_file_write(s->file, data, stored, error);
  return status ? status : atomic_file_write(s->file, &hash, sizeof hash, error);
}

static nonet_status put_written(struct saving *s, uint32_t tag, struct state_writer *writer,
                                nonet_error *error) {
  nonet_status status = writer->failed ? error_memory(error, writer->size, "saving a state")
                                       : put_section(s, tag, writer->data, writer->size, error);
  state_writer_clear(writer);
  return status;
}

static nonet_status put_rows(void *context, const struct state_writer *block, nonet_error *error) {
  return put_section(context, TAG_ROWS, block->data, block->size, error);
}

static nonet_status write_head(const struct summary_set *set, struct state_writer *writer,
                               nonet_error *error) {
  struct summary_part own;
  const struct summary_part *parts = set->parts;
  size_t n_parts = set->n_parts;
  if (!n_parts && set->n_rows) {
    nonet_status status = summary_part_of(set, &own, error);
    if (status)
      return status;
    parts = &own;
    n_parts = 1;
  }
  state_write_u32(writer, set->kinds);
  state_write_double(writer, set->quantile);
  state_write_u64(writer, set->n_rows);
  state_write(writer, &set->tally, sizeof set->tally);
  state_write_u64(writer, n_parts);
  state_write(writer, parts, n_parts * sizeof *parts);
  return NONET_OK;
}

static nonet_status put_sections(struct saving *s, const struct summary_set *set,
                                 nonet_error *error) {
  struct state_writer writer = {0};
  state_roles_write(&set->roles, &writer);
  nonet_status status = put_written(s, TAG_ROLE, &writer, error);
  if (!status)
    status = write_head(set, &writer, error);
  if (!status)
    status = put_written(s, TAG_HEAD, &writer, error);
  if (!status && set->table) {
    count_table_save(set->table, &writer);
    status = put_written(s, TAG_CNTS, &writer, error);
  }
  if (!status && set->moments) {
    moments_save(set->moments, &writer);
    status = put_written(s, TAG_MOMT, &writer, error);
  }
  if (!status && set->bins) {
    microbins_save(set->bins, &writer);
    status = put_written(s, TAG_BINS, &writer, error);
  }
  if (!status && set->rows)
    status = multiset_save(set->rows, put_rows, s, error);
  uint64_t chain = s->chain;
  if (!status)
    status = put_section(s, TAG_END, &chain, sizeof chain, error);
  state_writer_clear(&writer);
  return status;
}

nonet_status summary_save(const struct summary_set *set, const char *path, uint64_t catalogue_hash,
                          nonet_error *error) {
  struct saving s = {0};
  if (!set->is_finished)
    return error_set(error, NONET_E_INTERNAL, "a state is saved before it is finished");
  nonet_status status = atomic_file_open(path, &s.file, error);
  if (status)
    return status;
  uint32_t words[2] = {BYTE_ORDER_MARK, STATE_VERSION};
  status = atomic_file_write(s.file, magic, sizeof magic, error);
  if (!status)
    status = atomic_file_write(s.file, words, sizeof words, error);
  if (!status)
    status = atomic_file_write(s.file, &catalogue_hash, sizeof catalogue_hash, error);
  s.chain = hash_mix(STATE_VERSION, catalogue_hash);
  if (!status)
    status = put_sections(&s, set, error);
  if (!status)
    status = atomic_file_commit(s.file, error);
  else
    atomic_file_abandon(s.file);
  memory_free(s.packed);
  return status;
}

/* ---- parsing ---- */

struct section {
  uint32_t tag;
  struct state_reader bytes;
  void *unpacked; /* memory_free */
};

struct parsing {
  struct state_reader file;
  uint64_t chain;
  const char *source;
  const struct summary_options *options;
  struct summary_set *set;
  struct roles roles;
  unsigned missing; /* kinds whose section is still to come */
};

static nonet_status cut_off(const struct parsing *p, nonet_error *error) {
  return error_set(error, NONET_E_DATA,
                   "%s is cut off or damaged at byte %zu of %zu: make the state again", p->source,
                   p->file.position, p->file.size);
}

static nonet_status unpack(struct section *section, const uint8_t *data, uint64_t stored,
                           uint64_t raw, bool *ok, nonet_error *error) {
  *ok = true;
  if (stored == raw) {
    section->bytes = (struct state_reader){.data = data, .size = raw};
    return NONET_OK;
  }
  if (stored > raw || raw / MOST_RATIO >= stored ||
      ZSTD_getFrameContentSize(data, stored) != raw) { /* (2) */
    *ok = false;
    return NONET_OK;
  }
  section->unpacked = memory_new(raw, 1);
  if (!section->unpacked)
    return error_memory(error, raw, "a state file");
  *ok = ZSTD_decompress(section->unpacked, raw, data, stored) == raw;
  section->bytes = (struct state_reader){.data = section->unpacked, .size = raw};
  return NONET_OK;
}

static nonet_status next_section(struct parsing *p, struct section *section, nonet_error *error) {
  *section = (struct section){0};
  uint64_t tag = state_read_u64(&p->file), raw = state_read_u64(&p->file),
           stored = state_read_count(&p->file, 1); /* (1) */
  const uint8_t *data = state_read(&p->file, stored);
  uint64_t hash = state_read_u64(&p->file);
  if (p->file.failed || tag > UINT32_MAX)
    return cut_off(p, error); /* (5) */
  section->tag = (uint32_t)tag;
  if (hash_64(data, stored, tag) != hash) /* (3) */
    return error_set(error, NONET_E_DATA,
                     "%s is damaged before byte %zu: a checksum does not fit; make the state again",
                     p->source, p->file.position);
  bool ok;
  nonet_status status = unpack(section, data, stored, raw, &ok, error);
  if (!status && !ok)
    status = cut_off(p, error);
  if (tag != TAG_END)
    p->chain = hash_mix(hash_mix(p->chain, hash), tag);
  return status;
}

static nonet_status read_head(struct parsing *p, struct state_reader *bytes, nonet_error *error) {
  struct summary_options options = *p->options;
  options.kinds = state_read_u32(bytes);
  options.quantile = state_read_double(bytes);
  uint64_t n_rows = state_read_u64(bytes);
  const uint8_t *tally = state_read(bytes, sizeof(struct role_tally));
  uint64_t n_parts = state_read_count(bytes, sizeof(struct summary_part));
  const uint8_t *parts = state_read(bytes, n_parts * sizeof(struct summary_part));
  if (bytes->failed || options.kinds > 31 || !(options.quantile >= 0 && options.quantile <= 1))
    return error_set(error, NONET_E_DATA, "its head is damaged");
  nonet_status status = summary_new(&p->roles, &options, &p->set, error);
  if (status)
    return status;
  if (p->set->kinds != options.kinds)
    return error_set(error, NONET_E_DATA, "its head is damaged");
  p->missing = options.kinds & (SUMMARY_COUNT_TABLE | SUMMARY_MOMENTS | SUMMARY_MICROBINS);
  p->set->n_rows = n_rows;
  if (options.kinds & SUMMARY_ROWS_IF_SMALL && n_rows > SUMMARY_SMALL_ROWS) {
    multiset_free(p->set->rows);
    p->set->rows = NULL;
  }
  memcpy(&p->set->tally, tally, sizeof p->set->tally);
  p->set->parts = memory_new(n_parts, sizeof *p->set->parts);
  if (!p->set->parts)
    return error_memory(error, n_parts * sizeof *p->set->parts, "a state file");
  memcpy(p->set->parts, parts, n_parts * sizeof *p->set->parts);
  p->set->n_parts = n_parts;
  return NONET_OK;
}

static nonet_status take_section(struct parsing *p, struct section *section, nonet_error *error) {
  struct summary_set *set = p->set;
  unsigned kind = section->tag == TAG_CNTS   ? SUMMARY_COUNT_TABLE
                  : section->tag == TAG_MOMT ? SUMMARY_MOMENTS
                  : section->tag == TAG_BINS ? SUMMARY_MICROBINS
                                             : 0;
  if (kind && !(p->missing & kind))
    return error_set(error, NONET_E_DATA, "a section stands where none was announced");
  p->missing &= ~kind;
  switch (section->tag) {
  case TAG_CNTS:
    count_table_free(set->table);
    set->table = NULL;
    return count_table_load(&section->bytes, &p->roles, &set->table, error);
  case TAG_MOMT:
    moments_free(set->moments);
    set->moments = NULL;
    return moments_load(&section->bytes, &p->roles, set->quantile, &set->moments, error);
  case TAG_BINS:
    microbins_free(set->bins);
    set->bins = NULL;
    return microbins_load(&section->bytes, &p->roles, &set->bins, error);
  case TAG_ROWS:
    if (!set->rows)
      return error_set(error, NONET_E_DATA, "rows stand where none were announced");
    return multiset_load_block(set->rows, &section->bytes, error);
  default:
    return error_set(error, NONET_E_DATA, "an unknown section %#x", section->tag);
  }
}

static nonet_status named(const struct parsing *p, nonet_status status, nonet_error *error) {
  return status == NONET_E_DATA
             ? error_context(error, status, "%s is no sound state file (before byte %zu)",
                             p->source, p->file.position)
             : status;
}

static nonet_status read_sections(struct parsing *p, nonet_error *error) {
  for (size_t i = 0;; i++) {
    struct section section;
    nonet_status status = next_section(p, &section, error);
    bool is_end = section.tag == TAG_END && i >= 2;
    if (!status && is_end) {
      if (state_read_u64(&section.bytes) != p->chain || p->missing || state_left(&p->file))
        status = cut_off(p, error); /* (6) */
    } else if (!status) {
      if (section.tag != (i == 0 ? TAG_ROLE : i == 1 ? TAG_HEAD : section.tag))
        status = error_set(error, NONET_E_DATA, "its sections are out of order");
      else if (i == 0)
        status = state_roles_read(&section.bytes, &p->roles, error);
      else if (i == 1)
        status = read_head(p, &section.bytes, error);
      else
        status = take_section(p, &section, error);
      if (!status && state_left(&section.bytes))
        status = error_set(error, NONET_E_DATA, "a section is longer than what it says");
      status = named(p, status, error);
    }
    memory_free(section.unpacked);
    if (status || is_end)
      return status;
  }
}

static nonet_status read_header(struct parsing *p, uint64_t catalogue_hash, nonet_error *error) {
  const uint8_t *start = state_read(&p->file, sizeof magic);
  if (!start || memcmp(start, magic, sizeof magic) != 0)
    return error_set(error, NONET_E_DATA,
                     "%s is no nonet state file (those are made by nonet measure --state)",
                     p->source);
  uint32_t order = state_read_u32(&p->file), version = state_read_u32(&p->file);
  uint64_t catalogue = state_read_u64(&p->file);
  if (p->file.failed)
    return cut_off(p, error);
  if (order != BYTE_ORDER_MARK)
    return error_set(error, NONET_E_DATA, "%s was made on a machine with another byte order",
                     p->source);
  if (version != STATE_VERSION)
    return error_set(error, NONET_E_DATA, "%s has state version %u; this build reads %u", p->source,
                     version, STATE_VERSION);
  if (catalogue != catalogue_hash)
    return error_set(error, NONET_E_DATA,
                     "%s was made by a build whose measures differ from this one's: measure that "
                     "part again with this build",
                     p->source);
  p->chain = hash_mix(STATE_VERSION, catalogue_hash);
  return NONET_OK;
}

/* The rows that the head tells of are those that the summaries hold. */
static nonet_status check_rows(const struct summary_set *set, nonet_error *error) {
  bool ok = true;
  if (set->table)
    ok = count_table_total(set->table) == set->n_rows;
  if (set->rows)
    ok &= multiset_total(set->rows) == set->n_rows;
  return ok ? NONET_OK
            : error_set(error, NONET_E_DATA, "its rows are not as many as its head says");
}

nonet_status summary_parse(const void *data, size_t size_bytes, const char *source,
                           uint64_t catalogue_hash, const struct summary_options *options,
                           struct summary_set **set, nonet_error *error) {
  struct parsing p = {
      .file = {.data = data, .size = size_bytes}, .source = source, .options = options};
  nonet_status status = read_header(&p, catalogue_hash, error);
  if (!status)
    status = read_sections(&p, error);
  if (!status)
    status = named(&p, summary_finish(p.set, 1, NULL, error), error);
  if (!status)
    status = named(&p, check_rows(p.set, error), error);
  roles_clear(&p.roles);
  if (status) {
    summary_free(p.set);
    return status;
  }
  *set = p.set;
  return NONET_OK;
}

/* ---- loading ---- */

static nonet_status open_failed(const char *path, nonet_error *error) {
  if (errno == ENOENT || errno == ENOTDIR)
    return error_set(error, NONET_E_NO_INPUT, "no such state file: %s", path);
  return error_set(error, NONET_E_IO, "%s cannot be read: %s", path, strerror(errno));
}

static nonet_status read_whole(FILE *file, const char *path, void **data, size_t *size,
                               nonet_error *error) {
  size_t capacity = 0, n = 1;
  while (n > 0) {
    if (!memory_grow(data, &capacity, *size + (64u << 10), 1))
      return error_memory(error, *size + (64u << 10), "a state file");
    n = fread((char *)*data + *size, 1, capacity - *size, file);
    *size += n;
  }
  return ferror(file) ? open_failed(path, error) : NONET_OK;
}

nonet_status summary_load(const char *path, uint64_t catalogue_hash,
                          const struct summary_options *options, struct summary_set **set,
                          nonet_error *error) {
  struct stat info;
  if (stat(path, &info) != 0)
    return open_failed(path, error);
  if (S_ISDIR(info.st_mode))
    return error_set(error, NONET_E_DATA, "%s is a directory, not a state file", path);
  FILE *file = fopen(path, "rbe");
  if (!file)
    return open_failed(path, error);
  void *data = NULL;
  size_t size = 0;
  nonet_status status = read_whole(file, path, &data, &size, error);
  (void)fclose(file);
  if (!status)
    status = summary_parse(data, size, path, catalogue_hash, options, set, error);
  memory_free(data);
  return status;
}
