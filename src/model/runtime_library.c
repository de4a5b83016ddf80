/*
 * Loading a model runtime.
 *
 * Cases: 1. The file that the environment variable names, and no other when it is set: a failure
 * there is told with the loader's reason. 2. The data folder of the user ($XDG_DATA_HOME or
 * ~/.local/share, then nonet/NAME), where the line in the message installs it. 3. The .deps folder
 * of the build tree. 4. What the system's loader finds by the soname: last, because it may be years
 * older than the model (XGBoost 1.7 reads a model of 3.2 and answers other numbers). 5. Python's
 * site-packages is not searched: what stands there belongs to another program. 6. A file that is
 * there and does not load is told rather than passed over.
 */
#include "model/runtime_library.h"

#include <dlfcn.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"

static void *load(const char *path) {
  return dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
}

static nonet_status cannot_load(const char *what, const char *path, nonet_error *error) {
  const char *reason = dlerror();
  return error_set(error, NONET_E_UNAVAILABLE, "%s names %s, which cannot be loaded: %.300s", what,
                   path, reason ? reason : "no reason given");
}

/* The first file that matches "FOLDER/PATTERN". */
static bool find_file(const char *folder, const char *pattern, char *path, size_t path_bytes) {
  char wanted[PATH_MAX];
  glob_t found;
  if (snprintf(wanted, sizeof wanted, "%s/%s", folder, pattern) >= (int)sizeof wanted)
    return false;
  bool is_there = glob(wanted, 0, NULL, &found) == 0 && found.gl_pathc > 0 &&
                  snprintf(path, path_bytes, "%s", found.gl_pathv[0]) < (int)path_bytes;
  globfree(&found);
  return is_there;
}

static bool user_folder(const char *name, char folder[PATH_MAX]) {
  const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
  int n = -1;
  if (data && data[0] == '/')
    n = snprintf(folder, PATH_MAX, "%s/nonet/%s", data, name);
  else if (home && home[0] == '/')
    n = snprintf(folder, PATH_MAX, "%s/.local/share/nonet/%s", home, name);
  return n > 0 && n < PATH_MAX;
}

nonet_status runtime_library_open(const struct runtime_library *library, void **handle, char *path,
                                  size_t path_bytes, nonet_error *error) {
  const char *asked = getenv(library->variable);
  char folder[PATH_MAX];
  if (asked && asked[0]) { /* case 1 */
    snprintf(path, path_bytes, "%s", asked);
    *handle = load(asked);
    return *handle ? NONET_OK : cannot_load(library->variable, asked, error);
  }
  bool is_there = user_folder(library->name, folder) &&
                  find_file(folder, library->pattern, path, path_bytes); /* case 2 */
  if (!is_there) {                                                       /* case 3 */
    snprintf(folder, sizeof folder, "%s/%s", NONET_DEPS, library->name);
    is_there = find_file(folder, library->pattern, path, path_bytes);
  }
  if (is_there) {
    *handle = load(path);
    return *handle ? NONET_OK : cannot_load("the search for it", path, error); /* case 6 */
  }
  snprintf(path, path_bytes, "%s", library->soname);
  *handle = load(library->soname); /* case 4 */
  if (*handle)
    return NONET_OK;
  return error_set(
      error, NONET_E_UNAVAILABLE,
      "%s is not here (looked at $%s, ~/.local/share/nonet/%s and the system's %s); get "
      "it: python3 -m pip install --no-deps --target ~/.local/share/nonet/%s %s",
      library->name, library->variable, library->name, library->soname, library->name,
      library->wheel);
}
