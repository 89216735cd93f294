/* What the files of the suite "passes" share. */
#ifndef RESCAST_TESTS_TEST_PASSES_H
#define RESCAST_TESTS_TEST_PASSES_H

#include <check.h>
#include <stdint.h>

struct graph;

TCase *passes_planning (void);
TCase *passes_packing (void);

/* G after all passes for the CPU. */
struct graph *planned (struct graph *g);
struct graph *from_options (const char *text, uint64_t seed);
/* Tensors that are in use together lie apart. */
void check_plan (const struct graph *g);

#endif
