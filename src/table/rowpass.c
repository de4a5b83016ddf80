/*
 * One pass over all rows.
 *
 * Arrays are pulled in the order of the source by whichever worker is free, one at a time (a lock),
 * gathered to work items of batch_rows, and converted and handed out by that worker. So row numbers
 * are known, memory stays bounded by the items in work, and no round ends with workers waiting for
 * each other.
 *
 * Cases: 1. A value that cannot be used ends the handing-out, not the reading: the message tells
 * how many there are. 2. When a body fails, items that were pulled before it are finished, so that
 * the first failure in row order is the one reported, whatever the timing. 3. Stopping on request
 * is looked at before each item. 4. A CSV that has rows but gives none (its line ends are mixed) is
 * an error, not an empty table.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "table/convert.h"

struct piece {
  struct ArrowArray array;
  int64_t start, n;
  bool owned;
};

struct item {
  struct piece *pieces;
  size_t n, capacity;
  uint64_t sequence, row; /* row: 1-based data row of the first */
};

struct failure {
  uint64_t sequence;
  nonet_status status;
  nonet_error error;
};

struct row_pass {
  struct converter converter;
  struct worker *workers;
  table_body body;
  void *context;
  struct progress *progress;
  size_t batch_rows;
  pthread_mutex_t lock; /* guards all below, and the scan */
  struct piece current; /* of a caller's stream: what is left of a batch */
  uint64_t next_row, next_sequence;
  bool at_end;
  struct failure failure; /* the smallest sequence that failed */
  atomic_bool has_fault;  /* rows are only counted from now on */
};

static void piece_release(struct piece *piece) {
  if (piece->owned && piece->array.release)
    piece->array.release(&piece->array);
  memset(piece, 0, sizeof *piece);
}

static void item_release(struct item *item) {
  for (size_t i = 0; i < item->n; i++)
    piece_release(&item->pieces[i]);
  item->n = 0;
}

static void note_failure(struct row_pass *pass, uint64_t sequence, nonet_status status,
                         const nonet_error *error) {
  if (pass->failure.status && pass->failure.sequence <= sequence)
    return;
  pass->failure.sequence = sequence;
  pass->failure.status = status;
  pass->failure.error = *error;
}

/* Adds up to `room` rows of the current array; the array itself goes along when it ends. */
static nonet_status take_piece(struct row_pass *pass, struct item *item, int64_t room,
                               nonet_error *error) {
  void *pieces = item->pieces;
  bool fits = memory_grow(&pieces, &item->capacity, item->n + 1, sizeof *item->pieces);
  item->pieces = pieces;
  if (!fits)
    return error_memory(error, sizeof *item->pieces, "a batch");
  struct piece *current = &pass->current;
  bool can_split = !current->owned; /* an owned array is handed over whole */
  struct piece piece = *current;
  if (can_split && piece.n > room)
    piece.n = room;
  item->pieces[item->n++] = piece;
  current->start += piece.n;
  current->n -= piece.n;
  if (!can_split || current->n == 0)
    memset(current, 0, sizeof *current);
  return NONET_OK;
}

/* Fills an item; empty at the end of the source. The lock is held. */
static nonet_status pull(struct row_pass *pass, struct item *item, nonet_error *error) {
  int64_t wanted = (int64_t)pass->batch_rows, have = 0;
  nonet_status status = progress_check(pass->progress, error);
  item->row = pass->next_row;
  item->sequence = pass->next_sequence++;
  while (!status && have < wanted && !pass->at_end) {
    if (pass->current.n == 0) {
      struct piece next = {0};
      status = scan_next(&pass->converter.scan, &next.array, &next.owned, error);
      if (status)
        break;
      if (!next.array.release) {
        pass->at_end = true;
        break;
      }
      next.n = next.array.length;
      if (next.n == 0)
        piece_release(&next);
      pass->current = next;
      continue;
    }
    int64_t n = pass->current.n;
    status = take_piece(pass, item, wanted - have, error);
    if (!status) {
      n = item->pieces[item->n - 1].n;
      have += n;
      pass->next_row += (uint64_t)n;
    }
  }
  if (!status)
    progress_report(pass->progress, "rows", pass->next_row - 1, 0);
  return status;
}

static nonet_status hand_out(struct row_pass *pass, size_t worker_index, nonet_error *error) {
  struct worker *worker = &pass->workers[worker_index];
  nonet_status status = NONET_OK;
  if (worker->n > 0 && !atomic_load_explicit(&pass->has_fault, memory_order_relaxed)) {
    struct role_batch batch;
    worker_batch(worker, &pass->converter, &batch);
    status = pass->body(pass->context, worker_index, &batch, error);
  }
  worker->n = 0;
  return status;
}

static nonet_status work_item(struct row_pass *pass, size_t worker_index, struct item *item,
                              nonet_error *error) {
  struct worker *worker = &pass->workers[worker_index];
  uint64_t row = item->row;
  nonet_status status = NONET_OK;
  for (size_t p = 0; p < item->n && !status; p++) {
    struct piece *piece = &item->pieces[p];
    status = convert_bind(&pass->converter, worker, &piece->array, error);
    for (int64_t done = 0; done < piece->n && !status;) {
      int64_t n = piece->n - done, room = (int64_t)(pass->converter.capacity - worker->n);
      if (room == 0) {
        status = hand_out(pass, worker_index, error);
        continue;
      }
      n = n < room ? n : room;
      status = convert_rows(&pass->converter, worker, piece->start + done, n, row, error);
      done += n;
      row += (uint64_t)n;
      if (worker->faults.n && !pass->converter.table->plan.drop_invalid)
        atomic_store_explicit(&pass->has_fault, true, memory_order_relaxed);
    }
  }
  if (!status)
    status = hand_out(pass, worker_index, error);
  worker->n = 0;
  return status;
}

/* One worker until the source ends or something failed. */
static nonet_status work(void *context, size_t index, size_t thread, nonet_error *error) {
  (void)thread;
  (void)error;
  struct row_pass *pass = context;
  struct item item = {0};
  nonet_error own = {{0}};
  for (;;) {
    pthread_mutex_lock(&pass->lock);
    nonet_status status = NONET_OK;
    bool stop = pass->failure.status != NONET_OK;
    if (!stop) {
      status = pull(pass, &item, &own);
      if (status)
        note_failure(pass, item.sequence, status, &own);
    }
    pthread_mutex_unlock(&pass->lock);
    if (stop || status || item.n == 0)
      break;
    status = work_item(pass, index, &item, &own);
    item_release(&item);
    if (status) {
      pthread_mutex_lock(&pass->lock);
      note_failure(pass, item.sequence, status, &own);
      pthread_mutex_unlock(&pass->lock);
    }
  }
  item_release(&item);
  memory_free(item.pieces);
  return NONET_OK; /* failures stand in pass->failure */
}

static nonet_status check_csv_rows(const struct table *table, const struct role_tally *tally,
                                   nonet_error *error) {
  uint64_t n_rows;
  if (table->kind != SOURCE_CSV || tally->n_rows > 0 ||
      csvhead_line_of_row(table->files[0], &table->head, 1, &n_rows) == 0)
    return NONET_OK;
  return error_set(error, NONET_E_DATA,
                   "%s has rows that cannot be told apart: its line ends are mixed (CR, LF); save "
                   "it with one kind",
                   table->name);
}

static nonet_status finish(struct row_pass *pass, size_t n_workers, struct role_tally *tally,
                           nonet_error *error) {
  struct table *table = pass->converter.table;
  struct faults faults = {0};
  for (size_t w = 0; w < n_workers; w++) {
    faults_merge(&faults, &pass->workers[w].faults);
    role_tally_add(tally, &pass->workers[w].tally);
  }
  if (pass->failure.status) {
    nonet_status status = pass->failure.status;
    return error_set(error, status, "%s", pass->failure.error.message);
  }
  if (faults.n && !table->plan.drop_invalid)
    return faults_report(&faults, table, pass->converter.roles, error);
  for (size_t i = 0; i < faults.n; i++) /* a source that changed is never a value to drop */
    if (faults.item[i].kind == FAULT_CELL_CHANGED || faults.item[i].kind == FAULT_BROKEN)
      return faults_report(&faults, table, pass->converter.roles, error);
  return check_csv_rows(table, tally, error);
}

nonet_status table_pass(struct table *table, const struct roles *roles, table_body body,
                        void *context, struct role_tally *tally, struct progress *progress,
                        nonet_error *error) {
  size_t n_workers = table->n_threads, n_made = 0;
  *tally = (struct role_tally){0};
  struct row_pass pass = {.body = body,
                          .context = context,
                          .progress = progress,
                          .batch_rows = table->batch_rows,
                          .next_row = 1};
  atomic_init(&pass.has_fault, false);
  pthread_mutex_init(&pass.lock, NULL);
  nonet_status status = converter_init(&pass.converter, table, roles, error);
  if (!status) {
    pass.workers = memory_zeroed(n_workers, sizeof *pass.workers);
    status =
        pass.workers ? NONET_OK : error_memory(error, n_workers * sizeof *pass.workers, "workers");
  }
  while (!status && n_made < n_workers)
    status = worker_init(&pass.workers[n_made++], &pass.converter, error);
  if (!status)
    status = parallel_for(n_workers, n_workers, work, &pass, error);
  if (!status)
    status = finish(&pass, n_workers, tally, error);
  piece_release(&pass.current);
  for (size_t w = 0; w < n_made; w++)
    worker_clear(&pass.workers[w]);
  memory_free(pass.workers);
  converter_clear(&pass.converter);
  pthread_mutex_destroy(&pass.lock);
  return status;
}
