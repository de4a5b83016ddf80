/* Where the time of a request goes, by the runtime's own profile: the folder it is written to is
 * the parent's, reading it the helper's. */
#ifndef PROCESS_PROFILE_H
#define PROCESS_PROFILE_H

#include "probe/answers.h"
#include "probe/process/driver.h"

#define PROFILE_PATH_BYTES 4096

/* A private folder in $TMPDIR or /tmp. NONET_E_IO: none can be made. */
nonet_status profile_folder_open(char path[PROFILE_PATH_BYTES], nonet_error *error) NONET_NODISCARD;
/* Removes it with its files; one that is gone is fine. */
void profile_folder_close(const char *path);

/* In the helper: calls until the request's "seconds" are over, their profile in its folder
 * "profile", which is gone before the first is made. NONET_E_DATA: no such profile, or the model
 * does not answer. */
nonet_status profile_ask(const struct driver *driver, const json_t *request, const json_t *spec,
                         const struct driver_rows *rows, struct probe_profile *found,
                         nonet_error *error) NONET_NODISCARD;
/* Sums the last n runs of a profile file, from its start; request_ns: what each of these requests
 * took. Interrupted ones are left out. */
nonet_status profile_sum(int fd, const double *request_ns, size_t n, struct probe_profile *found,
                         nonet_error *error) NONET_NODISCARD;

/* To the parent, and there. */
json_t *profile_json(const struct probe_profile *found);
nonet_status profile_take(const json_t *reply, struct probe_profile *found,
                          nonet_error *error) NONET_NODISCARD;

#endif
