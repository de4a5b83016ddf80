/*
 * Looks: how often a question was asked, on which rows (judgement.md §6).
 *
 * Question = (candidate, baseline, context and version, source of the data); look = the hash of the
 * rows that were judged. Judging again on grown data inflates α, so the judge is told what came
 * before, and what it freezes at the first look is kept.
 *
 * Cases:
 *  1. Never asked: look 1.  2. Asked on these very rows: the same look with the number it had.
 *  3. Asked on other rows of this source: the next number.
 *  4. The file was renamed: a question is also known by rows it was asked on; rows come before
 *     names, so that the same rows are always the same look.
 *  5. Two processes ask at once: store_look_write runs inside the transaction of store_put, finds
 *     again, and refuses a number that other rows took meanwhile.
 *  6. N_max is frozen at the first look: a later one does not change it.
 */
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "evidence/store_private.h"

#define READING "reading"
#define KEEPING "keeping a look in"

/* What is known of a question; id 0: never asked. */
struct known {
  int64_t id;
  double n_max;
  int number; /* of this look */
  bool is_repeat;
  int n_repeats, n_runs;
};

static void bind_question(struct store_query *query, const struct store_question *question) {
  store_bind_text(query, 1, question->candidate);
  store_bind_text(query, 2, question->baseline);
  store_bind_text(query, 3, question->context);
  store_bind_whole(query, 4, question->context_version);
  store_bind_text(query, 5, question->source);
}

/* Cases 1 to 4. */
static nonet_status find(struct store *store, const struct store_question *question,
                         struct known *known, nonet_error *error) {
  struct store_query query;
  *known = (struct known){.n_max = NAN, .number = 1};
  store_query_init(
      &query, store, READING,
      "SELECT q.id, q.n_max, l.number, l.n_repeats,"
      " (SELECT coalesce(max(number), 0) FROM looks WHERE question = q.id),"
      " (SELECT coalesce(sum(1 + n_repeats), 0) FROM looks WHERE question = q.id)"
      " FROM questions q LEFT JOIN looks l ON l.question = q.id AND l.data = ?6"
      " WHERE q.candidate = ?1 AND q.baseline = ?2 AND q.context = ?3 AND q.context_version = ?4"
      " AND (q.source = ?5 OR l.number IS NOT NULL)"
      " ORDER BY l.number IS NULL, q.source <> ?5, q.id LIMIT 1");
  bind_question(&query, question);
  store_bind_text(&query, 6, question->data);
  if (store_next(&query)) {
    known->id = sqlite3_column_int64(query.statement, 0);
    known->n_max = store_column_real(&query, 1);
    known->is_repeat = sqlite3_column_type(query.statement, 2) != SQLITE_NULL;
    known->number = known->is_repeat ? sqlite3_column_int(query.statement, 2)
                                     : 1 + sqlite3_column_int(query.statement, 4);
    known->n_runs = sqlite3_column_int(query.statement, 5);
    known->n_repeats = known->is_repeat ? sqlite3_column_int(query.statement, 3) + 1 : 0;
  }
  return store_query_end(&query, error);
}

static void copy_short(char *to, size_t size_bytes, struct store_query *query, int at) {
  char *text = store_column_text(query, at);
  snprintf(to, size_bytes, "%s", text == NULL ? "" : text);
  memory_free(text);
}

static nonet_status list_past(struct store *store, int64_t question, struct store_look *look,
                              nonet_error *error) {
  struct store_query query;
  size_t capacity = 0;
  store_query_init(&query, store, READING,
                   "SELECT number, n_rows, run, verdict FROM looks WHERE question = ?1 AND number "
                   "< ?2 ORDER BY number");
  store_bind_whole(&query, 1, question);
  store_bind_whole(&query, 2, look->number);
  while (store_next(&query)) {
    if (!memory_grow((void **)&look->past, &capacity, look->n_past + 1, sizeof *look->past)) {
      query.rc = SQLITE_NOMEM;
      break;
    }
    struct store_look_past *past = &look->past[look->n_past++];
    past->number = sqlite3_column_int(query.statement, 0);
    past->n_rows = (uint64_t)sqlite3_column_int64(query.statement, 1);
    copy_short(past->run, sizeof past->run, &query, 2);
    copy_short(past->verdict, sizeof past->verdict, &query, 3);
  }
  return store_query_end(&query, error);
}

static nonet_status count_candidates(struct store *store, const struct store_question *question,
                                     size_t *n, nonet_error *error) {
  struct store_query query;
  store_query_init(&query, store, READING,
                   "SELECT count(*) FROM (SELECT ?1 UNION SELECT q.candidate FROM questions q"
                   " WHERE q.source = ?5 OR q.id IN (SELECT question FROM looks WHERE data = ?6))");
  store_bind_text(&query, 1, question->candidate);
  store_bind_text(&query, 5, question->source);
  store_bind_text(&query, 6, question->data);
  *n = store_next(&query) ? (size_t)sqlite3_column_int64(query.statement, 0) : 0;
  return store_query_end(&query, error);
}

nonet_status store_look_find(struct store *store, const struct store_question *question,
                             struct store_look *look, nonet_error *error) {
  struct known known;
  *look = (struct store_look){.number = 1, .n_max = NAN};
  if (store == NULL) {
    return NONET_OK;
  }
  /* One transaction, so that what is read belongs together. */
  nonet_status status = store_run_sql(store, READING, "BEGIN", error);
  if (status != NONET_OK) {
    return status;
  }
  status = find(store, question, &known, error);
  if (status == NONET_OK) {
    look->number = known.number;
    look->is_repeat = known.is_repeat;
    look->n_repeats = known.n_repeats;
    look->n_runs = known.n_runs;
    look->n_max = known.n_max;
    status = list_past(store, known.id, look, error);
  }
  if (status == NONET_OK) {
    status = count_candidates(store, question, &look->n_candidates, error);
  }
  sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
  if (status != NONET_OK) {
    store_look_clear(look);
  }
  return status;
}

void store_look_clear(struct store_look *look) {
  memory_free(look->past);
  *look = (struct store_look){.number = 1, .n_max = NAN};
}

/* ---- writing ---- */

/* Case 6: n_max is written with the question and never again. */
static nonet_status write_question(struct store *store, const struct store_look_put *look,
                                   int64_t *id, nonet_error *error) {
  struct store_query query;
  store_query_init(&query, store, KEEPING,
                   "INSERT INTO questions (candidate, baseline, context, context_version, source, "
                   "n_max) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  bind_question(&query, look->question);
  store_bind_real(&query, 6, look->n_max);
  store_do(&query);
  *id = sqlite3_last_insert_rowid(store->database);
  return store_query_end(&query, error);
}

static nonet_status write_look(struct store *store, const struct store_look_put *look, int64_t id,
                               const char *run, const char *verdict, nonet_error *error) {
  struct store_query query;
  store_query_init(&query, store, KEEPING,
                   "INSERT INTO looks (question, number, data, n_rows, run, verdict) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
  store_bind_whole(&query, 1, id);
  store_bind_whole(&query, 2, look->number);
  store_bind_text(&query, 3, look->question->data);
  store_bind_whole(&query, 4, (int64_t)look->question->n_rows);
  store_bind_text(&query, 5, run);
  store_bind_text(&query, 6, verdict);
  store_do(&query);
  return store_query_end(&query, error);
}

static nonet_status count_repeat(struct store *store, int64_t id, int number, nonet_error *error) {
  struct store_query query;
  store_query_init(&query, store, KEEPING,
                   "UPDATE looks SET n_repeats = n_repeats + 1 WHERE question = ?1 AND number = "
                   "?2");
  store_bind_whole(&query, 1, id);
  store_bind_whole(&query, 2, number);
  store_do(&query);
  return store_query_end(&query, error);
}

nonet_status store_look_write(struct store *store, const struct store_look_put *look,
                              const char *run, const char *verdict, nonet_error *error) {
  struct known known;
  nonet_status status = find(store, look->question, &known, error);
  if (status == NONET_OK && known.number != look->number) { /* case 5 */
    return error_set(error, NONET_E_UNAVAILABLE,
                     "%s: another run took look %d of this question while this one was judged: "
                     "it would be look %d; nothing was kept: run again",
                     store->path, look->number, known.number);
  }
  if (status == NONET_OK && known.is_repeat) {
    return count_repeat(store, known.id, known.number, error);
  }
  if (status == NONET_OK && known.id == 0) {
    status = write_question(store, look, &known.id, error);
  }
  return status == NONET_OK ? write_look(store, look, known.id, run, verdict, error) : status;
}
