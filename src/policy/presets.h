/* The presets of the folder contexts as text, written at build time from these files (tools/embed).
 */
#ifndef POLICY_PRESETS_H
#define POLICY_PRESETS_H

struct preset {
  const char *name; /* "real-time" */
  const char *yaml;
};

enum { PRESETS_N = 8 };
extern const struct preset presets[PRESETS_N];

#endif
