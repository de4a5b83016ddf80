/* Any bytes as Arrow IPC data, read as a caller's table with every kind of role. */
#include <stdint.h>

#include "table/tableparts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static nonet_status take(void *context, size_t worker, const struct role_batch *batch,
                         nonet_error *error) {
  (void)worker;
  (void)error;
  *(uint64_t *)context += batch->n_rows;
  return NONET_OK;
}

static void read_as(const uint8_t *data, size_t size, const struct roles_request *request) {
  struct ArrowArrayStream stream;
  struct table *table;
  struct roles roles;
  struct role_tally tally;
  nonet_error error;
  uint64_t n = 0;
  if (ipcfile_open_bytes(data, size, "fuzz", &stream, &error))
    return;
  struct table_source source = {.stream = &stream, .n_threads = 1};
  if (table_open(&source, &table, &error))
    return;
  if (table_resolve(table, request, &roles, NULL, &error) == NONET_OK) {
    nonet_status status = table_pass(table, &roles, take, &n, &tally, NULL, &error);
    (void)status;
    roles_clear(&roles);
  }
  table_close(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const scores[] = {"p"}, *const groups[] = {"g"};
  struct roles_request request = {
      .label = "y", .scores = {scores}, .n_scores = {1}, .threshold = 0.5};
  read_as(data, size, &request);
  request.groups = groups;
  request.n_groups = 1;
  request.drop_invalid = true;
  read_as(data, size, &request);
  request = (struct roles_request){
      .label = "y", .prediction = {"g"}, .cluster = "g", .id = "p", .threshold = 0.5};
  read_as(data, size, &request);
  return 0;
}
