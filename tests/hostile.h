/* Cases of hostile_options: options, and what generate is told besides. */
#ifndef RESCAST_TESTS_HOSTILE_H
#define RESCAST_TESTS_HOSTILE_H

#include <stdbool.h>
#include <stdint.h>

enum
{
  HOSTILE_CLASSES = 4
};

struct hostile
{
  uint32_t state;     /* of the random numbers */
  const char *folder; /* that the files are in */
  char file[64];      /* the options file's name */
  char set[160];      /* for --set; empty: none */
  bool cuda, embed;
};

/* Fill *H, and FOLDER, which is empty, with case SEED. Ends the program where it cannot write. */
void hostile_write (struct hostile *h, const char *folder, uint32_t seed);

#endif
