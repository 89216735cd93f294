/* Questions to a checkpoint's names and shapes. */
#include "families.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct family *const families[]
    = { &torchvision_family, &torchvision_video_family, &kenshohara_family, &monai_family, NULL };

static int
shape_of (const struct tensors *t, int64_t shape[WEIGHT_MAX_RANK], const char *fmt, va_list args)
{
  char name[512];
  const size_t n = strlen (t->prefix);
  int64_t own[WEIGHT_MAX_RANK];
  if (n >= sizeof name)
    return -1;
  memcpy (name, t->prefix, n);
  const int rest = vsnprintf (name + n, sizeof name - n, fmt, args);
  if (rest < 0 || (size_t) rest >= sizeof name - n)
    return -1;
  const int64_t i = weights_view_find (t->view, name);
  return i < 0 ? -1 : weights_view_shape (t->view, (size_t) i, shape ? shape : own);
}

int
tensors_shape (const struct tensors *t, int64_t shape[WEIGHT_MAX_RANK], const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  const int rank = shape_of (t, shape, fmt, args);
  va_end (args);
  return rank;
}

bool
tensors_have (const struct tensors *t, const char *fmt, ...)
{
  va_list args;
  va_start (args, fmt);
  const int rank = shape_of (t, NULL, fmt, args);
  va_end (args);
  return rank >= 0;
}

int
tensors_count (const struct tensors *t, const char *before, const char *behind)
{
  int count = 0;
  while (count < 4096 && tensors_have (t, "%s%d%s", before, count, behind))
    count++;
  return count;
}

void
reading_add_preprocessing (struct text *text, int resize)
{
  text_printf (text, "scale: 255\nmean: [0.485, 0.456, 0.406]\nstd: [0.229, 0.224, 0.225]\nresize: [%d]\n", resize);
}
