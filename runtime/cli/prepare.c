/* An image to the network's size: resized, the centre kept. */
#include "cli.h"

/* The centre: half of what is cropped in front, a half pixel rounded to even, as torchvision's center_crop does. */
static struct cli_span
centre (int64_t full, int out)
{
  int64_t d = full - out;
  return (struct cli_span){ .full = full, .first = d / 2 + (d % 2 && d / 2 % 2), .out = out };
}

/* TO pixels where there are FROM: what OTHER pixels become at that ratio, rounded down. */
static int64_t
in_proportion (int other, int64_t to, int from)
{
  return (int64_t) other * to / from;
}

/* The extents to resize M to. */
static void
full_size (const struct cli_image *m, const struct rescast_info *info, int64_t *height, int64_t *width)
{
  const int *size = info->resize, out_h = info->input_shape[2], out_w = info->input_shape[3];
  bool by_width = size[0] ? m->width <= m->height : (int64_t) out_w * m->height >= (int64_t) out_h * m->width;
  *height = size[0] ? size[0] : out_h;
  *width = size[1] ? size[1] : size[0] ? size[0] : out_w;
  if (size[1])
    return;
  /* One side is what it shall be, and the other follows. Without a size both cover the input, as tightly as can be. */
  if (by_width)
    *height = in_proportion (m->height, *width, m->width);
  else
    *width = in_proportion (m->width, *height, m->height);
}

bool
cli_image_prepare (struct cli_image *m, const char *path, const struct rescast_info *info)
{
  const int height = info->input_shape[2], width = info->input_shape[3];
  int64_t full_height, full_width;
  full_size (m, info, &full_height, &full_width);
  if (full_height == height && full_width == width && m->height == height && m->width == width)
    return true;
  if (full_height < height || full_width < width)
    return cli_fail (path, "resized to %lld x %lld pixels, the image does not cover the network's %d x %d",
                     (long long) full_width, (long long) full_height, width, height);
  return cli_image_resize (m, path, info->interpolation, centre (full_height, height), centre (full_width, width));
}
