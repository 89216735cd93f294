m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
/* Volumes larger than the network's input, by windows. */
IF(ONE_CALL, <|#define N<||>_WITHOUT_CALL COMMENT(<|names of this file's own may be the network's|>)
|>)m4_dnl
#include "N.h"

IF(OUTPUT_RANK, <|/* What the voxels of a window's map weigh: the product of a factor for each axis. */
static const float gaussian_d[] = {
  GAUSSIAN_D
};
static const float gaussian_h[] = {
  GAUSSIAN_H
};
static const float gaussian_w[] = {
  GAUSSIAN_W
};
static const float *const gaussian[] = { gaussian_d, gaussian_h, gaussian_w };

|>)m4_dnl
int
N<||>_windows_init (struct rescast_windows *windows, const int extents[3],
                  const struct rescast_windowing *how)
{
  return rescast_windows_init (windows, N<||>_info (), IF(OUTPUT_RANK, gaussian, NULL), extents, how);
}

static int
run (void *net, const float *input, float *output)
{
  return N<||>_run (net, input, output);
}

int
N<||>_windows_run (struct N *net, struct rescast_windows *windows, float *result)
{
  if (!windows || !windows->info || windows->info != N<||>_info_of (windows->info->target))
    return RESCAST_EINVAL;
  return rescast_windows_run (windows, run, net, N<||>_input (net), result);
}
