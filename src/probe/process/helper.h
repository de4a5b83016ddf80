/* The helper's own work, between its three descriptors: what nonet-probe is made of. */
#ifndef PROCESS_HELPER_H
#define PROCESS_HELPER_H

#include "probe/process/driver.h"

enum helper_descriptor {
  HELPER_REQUEST = 3, /* a file: JSON */
  HELPER_ROWS = 4,    /* a file: an Arrow IPC stream of one batch */
  HELPER_REPLY = 5    /* a pipe: JSON */
};

/* Reads the request, asks the driver's models, writes the reply. The exit code of the process: 0
 * when a reply was written, also one that carries an error. */
int helper_main(const struct driver *driver);

#endif
