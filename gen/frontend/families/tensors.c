/* Questions to a checkpoint's names and shapes. */
#include "families.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
  MOST_SIDE = 65536
};

const struct family *const families[] = {
  &torchvision_family,
  &torchvision_video_family,
  &kenshohara_family,
  &monai_family,
  &timm_family,
  &timm_resnetv2_family,
  &transformers_family,
  &medicalnet_family,
  &cifar_family,
  &cifar_pre_activation_family,
  &keras_family,
  &openclip_family,
  NULL,
};

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

const char *
tensors_setting (const struct tensors *t, const char *key)
{
  const size_t n = strlen (key);
  const char *value = NULL;
  for (size_t i = 0; i < t->set_count; i++)
    if (!strncmp (t->set[i], key, n) && t->set[i][n] == '=')
      {
        value = t->set[i] + n + 1;
        if (t->looked_at)
          t->looked_at[i] = true;
      }
  return value;
}

int
tensors_choice (const struct tensors *t, const char *key, const char *const *choices)
{
  const char *value = tensors_setting (t, key);
  struct text allowed = { 0 };
  if (!value)
    return -1;
  for (int i = 0; choices[i]; i++)
    {
      if (!strcmp (choices[i], value))
        return i;
      text_printf (&allowed, "%s%s", i ? ", " : "", choices[i]);
    }
  fatal ("--set %s=%s; allowed: %s", key, value, allowed.s);
}

bool
tensors_wanted (const struct tensors *t, const char *family)
{
  return t->wanted && !strcmp (t->wanted, family);
}

enum anti_aliasing
tensors_anti_aliasing (const struct tensors *t)
{
  static const char *const choices[] = { "none", "average", "blur", NULL };
  enum anti_aliasing found = AA_UNKNOWN;
  const int chosen = tensors_choice (t, "anti-aliasing", choices);
  int64_t filter[WEIGHT_MAX_RANK];
  if (chosen >= 0)
    return AA_NONE + chosen;
  if (tensors_shape (t, filter, "layer2.0.aa.filt") == 4) /* which timm once wrote */
    return filter[2] == 3 && filter[3] == 3 ? AA_BLUR : AA_UNKNOWN;
  for (const char *at = t->path; (at = strstr (at, "resn")); at += 4) /* the last word of the path decides */
    {
      const char *behind = at + (!strncmp (at, "resnext", 7) ? 7 : !strncmp (at, "resnet", 6) ? 6 : 4);
      if (!strncmp (behind, "aa", 2) && behind[2] >= '0' && behind[2] <= '9')
        found = AA_AVERAGE;
      else if (!strncmp (behind, "blur", 4))
        found = AA_BLUR;
      else if (*behind >= '0' && *behind <= '9')
        found = AA_NONE;
    }
  return found;
}

int64_t
tensors_side (const struct tensors *t, int64_t side, int axis)
{
  static const char key[] = "input-size=";
  for (size_t i = 0; i < t->set_count; i++)
    {
      const char *comma = strncmp (t->set[i], key, strlen (key)) ? NULL : strchr (t->set[i], ',');
      for (int a = 0; a < axis && comma; a++)
        comma = strchr (comma + 1, ',');
      const long long own = comma ? strtoll (comma + 1, NULL, 10) : 0; /* what is no extent the options refuse */
      if (own > 0 && own <= MOST_SIDE)
        side = own;
    }
  return side;
}

void
reading_add_resize (struct text *text, const struct tensors *t, int64_t side, double fraction,
                    const char *interpolation)
{
  const char *own = tensors_setting (t, "crop-fraction");
  const int64_t h = tensors_side (t, side, 0), w = tensors_side (t, side, 1);
  char *end = NULL;
  if (own)
    fraction = strtod (own, &end);
  if (own && (end == own || *end || !(fraction >= 0.01 && fraction <= 1)))
    fatal ("--set crop-fraction=%s; allowed: a number from 0.01 to 1", own);
  text_printf (text, "resize: [%" PRId64 "]\n", (int64_t) ((double) (h > w ? h : w) / fraction));
  if (interpolation)
    text_printf (text, "interpolation: %s\n", interpolation);
}

void
reading_add_preprocessing (struct text *text, const struct tensors *t, int64_t side, double fraction,
                           const char *interpolation)
{
  text_add (text, "scale: 255\nmean: [0.485, 0.456, 0.406]\nstd: [0.229, 0.224, 0.225]\n");
  reading_add_resize (text, t, side, fraction, interpolation);
}
