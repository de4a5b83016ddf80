/* What the machine is and what of it this process may use. */
#ifndef BASE_MACHINE_H
#define BASE_MACHINE_H

#include <stdint.h>

/* Bytes this process may hold: the smaller of physical memory and the cgroup's limit. */
uint64_t machine_memory_bytes(void);
/* "x86_64" …; a string of the process. */
const char *machine_architecture(void);
/* The processor's name, or "" when it is not told. */
void machine_processor(char name[128]);

#endif
