/* What stands before main on a Cortex-M, and behind: vectors, memory, floating point, the stack's paint, semihosting. */
#include "board.h"

#include <stddef.h>

#define STACK_PAINT 0xa5a5a5a5u
#define CPACR (*(volatile uint32_t *) 0xe000ed88)
#define SYSTICK_CONTROL (*(volatile uint32_t *) 0xe000e010)
#define SYSTICK_RELOAD (*(volatile uint32_t *) 0xe000e014)
#define SYSTICK_VALUE (*(volatile uint32_t *) 0xe000e018)
#define SYSTICK_MOST 0xffffffu /* it counts down from this, 24 bits */
#define SYSTICK_CPU_CLOCK 4u
#define SYSTICK_INTERRUPT 2u
#define SYSTICK_ENABLE 1u

/* Of the linker script. */
extern uint32_t data_start[], data_end[], data_image[], bss_start[], bss_end[], stack_start[], stack_end[];

int main (void);
void reset (void);

/* ---- what a network's library leaves to the program ---- */

void *
memcpy (void *restrict to, const void *restrict from, size_t bytes)
{
  unsigned char *p = to;
  const unsigned char *q = from;
  while (bytes--)
    *p++ = *q++;
  return to;
}

void *
memset (void *to, int byte, size_t bytes)
{
  unsigned char *p = to;
  while (bytes--)
    *p++ = (unsigned char) byte;
  return to;
}

/* ---- semihosting: QEMU or a debugger does what the program asks for ---- */

static void
ask (int operation, const void *argument)
{
  register int r0 __asm__ ("r0") = operation;
  register const void *r1 __asm__ ("r1") = argument;
  __asm__ volatile ("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void
board_print (const char *text)
{
  ask (0x04, text); /* SYS_WRITE0 */
}

void
board_exit (int status)
{
  const uint32_t block[2] = { 0x20026, (uint32_t) status }; /* ADP_Stopped_ApplicationExit */
  ask (0x20, block); /* SYS_EXIT_EXTENDED */
  for (;;)
    ;
}

/* ---- the clock and the stack ---- */

static volatile uint32_t wraps;

static void
systick (void)
{
  wraps++;
}

uint64_t
board_ticks (void)
{
  uint32_t before, value;
  do
    {
      before = wraps;
      value = SYSTICK_VALUE;
    }
  while (before != wraps);
  /* the interrupt comes with the 0, which stays for one tick */
  return (uint64_t) before * (SYSTICK_MOST + 1) + (value ? SYSTICK_MOST + 1 - value : 0);
}

uint32_t
board_stack_bytes (void)
{
  const uint32_t *p = stack_start;
  while (p < stack_end && *p == STACK_PAINT)
    p++;
  return (uint32_t) (stack_end - p) * 4;
}

/* ---- the beginning ---- */

static void
fault (void)
{
  board_print ("a fault\n");
  board_exit (2);
}

/* The caller's frame and its own are in use: they are not painted. */
static void
paint_stack (void)
{
  uint32_t *end = (uint32_t *) __builtin_frame_address (0) - 16;
  for (volatile uint32_t *p = stack_start; p < end; p++)
    *p = STACK_PAINT;
}

void
reset (void)
{
  CPACR |= 0xfu << 20; /* coprocessors 10 and 11: floating point and vectors */
  __asm__ volatile ("dsb\n\tisb" : : : "memory");
  for (volatile uint32_t *p = bss_start; p < bss_end; p++)
    *p = 0;
  const uint32_t *from = data_image;
  for (volatile uint32_t *p = data_start; p < data_end; p++)
    *p = *from++;
  paint_stack ();
  SYSTICK_RELOAD = SYSTICK_MOST;
  SYSTICK_VALUE = 0;
  SYSTICK_CONTROL = SYSTICK_CPU_CLOCK | SYSTICK_INTERRUPT | SYSTICK_ENABLE;
  board_exit (main ());
}

typedef void vector (void);
__attribute__ ((section (".vectors"), used)) static vector *const vectors[16] = {
  (vector *) stack_end, reset, fault, fault, fault, fault, fault, fault, NULL, NULL, NULL, fault, fault, NULL, fault,
  systick
};
