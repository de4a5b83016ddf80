/* Prints what is read of each file, one line of JSON a file: {"file", "artifact"} or {"file",
 * "error", "status"}. usage: artifact_show KIND FILE… */
#include <stdio.h>

#include "artifact/artifact.h"
#include "base/json_text.h"

int main(int argc, char **argv) {
  for (int i = 2; i < argc; i++) {
    struct artifact artifact;
    nonet_error error = {{0}};
    struct text line = {0};
    nonet_status status = artifact_read(argv[1], argv[i], &artifact, &error);
    json_t *json = status == NONET_OK ? json_pack("{s:s, s:o}", "file", argv[i], "artifact",
                                                  artifact_json(&artifact))
                                      : json_pack("{s:s, s:s, s:i}", "file", argv[i], "error",
                                                  error.message, "status", (int)status);
    json_text_write(&line, json, JSON_TEXT_COMPACT);
    puts(line.failed || line.data == NULL ? "null" : line.data);
    text_clear(&line);
    json_decref(json);
    artifact_clear(&artifact);
  }
  return 0;
}
