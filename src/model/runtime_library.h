/* Where the library of a model runtime is, and loading it. */
#ifndef MODEL_RUNTIME_LIBRARY_H
#define MODEL_RUNTIME_LIBRARY_H

#include <stddef.h>

#include <nonet/status.h>

struct runtime_library {
  const char *name;     /* "onnxruntime": its folder under the data folder and under .deps */
  const char *variable; /* "NONET_ONNXRUNTIME": names the library's file */
  const char *soname;   /* what the system's loader knows: "libonnxruntime.so.1" */
  const char *pattern;  /* of the file below the folder, as the wheel has it */
  const char *wheel;    /* "onnxruntime==1.32.0" */
};

/* Loads it for good (it is never unloaded: it has threads and static objects of its own); its path
   into `path`. NONET_E_UNAVAILABLE says where was looked, with the line that installs it. */
nonet_status runtime_library_open(const struct runtime_library *library, void **handle, char *path,
                                  size_t path_bytes, nonet_error *error) NONET_NODISCARD;

#endif
