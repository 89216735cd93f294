/* Networks that are known by the names and shapes of their tensors. For this folder and from_checkpoint.c alone. */
#ifndef RESCAST_FRONTEND_FAMILIES_H
#define RESCAST_FRONTEND_FAMILIES_H

#include "base/util.h"
#include "weights/view.h"

/* The tensors of a checkpoint whose names begin with some words, which are left out below. */
struct tensors
{
  const char *path; /* of the file, for errors */
  const struct weights_view *view;
  const char *prefix;     /* "module.", or "" */
  const char *wanted;     /* family, by --set family=NAME, or NULL */
  const char *const *set; /* other texts KEY=VALUE of --set */
  size_t set_count;
  bool *looked_at; /* which of them were asked for; or NULL */
};

/* What a family says that the tensors are. */
struct reading
{
  const char *what; /* "torchvision resnet50, 1000 classes" */
  const char *text; /* options that build it, without the name */
  /* Where the tensors may be several networks: "timm resnet50d (--set anti-aliasing=none); …". */
  const char *either;
};

struct family
{
  const char *name;     /* of --set family=NAME */
  const char *networks; /* that it knows, for messages */
  const char *mark;     /* tensors, with spaces between, of which each of them has one */
  /* False: it is none of them. Fatal where it is one that cannot be had. What it asks of --set by the functions below
   * is its own, and no option of the network. */
  bool (*read) (const struct tensors *t, struct reading *r);
};

/* Lists of them all, which end with NULL. */
extern const struct family *const families[];

extern const struct family torchvision_family, torchvision_video_family, monai_family, kenshohara_family, timm_family,
    transformers_family, medicalnet_family, timm_resnetv2_family, cifar_family, cifar_pre_activation_family,
    keras_family, openclip_family;

/* What blurs a map in front of a stride. */
enum anti_aliasing
{
  AA_UNKNOWN,
  AA_NONE,
  AA_AVERAGE,
  AA_BLUR
};

/* The rank of the tensor of this name and its extents; -1: there is none. SHAPE may be NULL. */
int tensors_shape (const struct tensors *t, int64_t shape[WEIGHT_MAX_RANK], const char *fmt, ...) PRINTF (3, 4);
bool tensors_have (const struct tensors *t, const char *fmt, ...) PRINTF (2, 3);
/* How many of the names BEFORE, a number from 0 on and BEHIND there are in a row. */
int tensors_count (const struct tensors *t, const char *before, const char *behind);
/* The value of KEY by --set, or NULL. */
const char *tensors_setting (const struct tensors *t, const char *key);
/* Which of CHOICES, which end with NULL, it is; -1: none was set. Fatal where it is another word. */
int tensors_choice (const struct tensors *t, const char *key, const char *const *choices);
/* Was this family asked for by --set? */
bool tensors_wanted (const struct tensors *t, const char *family);
/* What blurs a map in front of a stride, where --set or else the file's path says it: that of resnetaa50d.pth. */
enum anti_aliasing tensors_anti_aliasing (const struct tensors *t);
/* The input's extent along H (AXIS 0) or W (1) by --set input-size=[C, H, W], or SIDE. */
int64_t tensors_side (const struct tensors *t, int64_t side, int axis);
/* The key by which the shorter side of a picture becomes so much that the input, whose sides are SIDE without --set,
 * is FRACTION of it, or what --set says of crop-fraction; the centre is kept. INTERPOLATION: NULL for the default. */
void reading_add_resize (struct text *text, const struct tensors *t, int64_t side, double fraction,
                         const char *interpolation);
/* That and the means and deviations of ImageNet. */
void reading_add_preprocessing (struct text *text, const struct tensors *t, int64_t side, double fraction,
                                const char *interpolation);

#endif
