/* Which version this is, for programs that are linked when they run. */
#include "rescast.h"

int
rescast_abi (void)
{
  return RESCAST_ABI;
}
