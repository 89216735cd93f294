/* What main uses of the board. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

void board_print (const char *text);
void board_exit (int status);
/* The CPU's clock since it was reset. */
uint64_t board_ticks (void);
/* The most of the stack that was in use so far. */
uint32_t board_stack_bytes (void);

#endif
