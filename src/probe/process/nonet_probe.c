/* nonet-probe: asks models in a process of its own. Started by the library, never by hand. */
#include "probe/process/driver_model.h"
#include "probe/process/helper.h"

int main(void) {
  return helper_main(&driver_model);
}
