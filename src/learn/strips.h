/* The product of a few queries and a strip of rows, in single precision: which pairs may be near.
 * neighbours.c says why and how exact it is. */
#ifndef LEARN_STRIPS_H
#define LEARN_STRIPS_H

#include <stddef.h>
#include <stdint.h>

#define GROUP_ROWS 8  /* queries */
#define STRIP_ROWS 32 /* rows of a block, one bit each */

/* query: [d][GROUP_ROWS]. panel: a strip of [d][BLOCKS_ROWS], half: −|y|²/2 of its rows.
 * pass[q] = the rows y with x_q·y − |y|²/2 not below bar[q], NaN among them; returns all of them.
 */
typedef uint32_t (*strips_kernel)(const float *query, const float *panel, const float *half,
                                  size_t d, const float *bar, uint32_t *pass);

/* The fastest this machine has. */
strips_kernel strips_pick(void);
/* For tests: at most the portable kernel (0), AVX2 (1), AVX-512 (2, the default). */
void strips_limit(int most);

#endif
