/*
 * Which build this is: the version of meson.build and the commit that was checked out ("-dirty"
 * behind it when files differed), "unknown" outside a checkout. Evidence carries both.
 */
#include <nonet/nonet.h>

#include "nonet_build.h"

const char *nonet_version(void) {
  return NONET_VERSION;
}

const char *nonet_commit(void) {
  return NONET_COMMIT;
}
