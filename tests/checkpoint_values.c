/* Weights with odd values, without any, and of a residual network by other names. */
#include "checkpoint_files.h"

#include <math.h>

/* One value in place of another. */
static const struct
{
  const char *name;
  int tensor, element;
  double value;
  const char *says;
} values[] = {
  { "nan_weight", 0, 1, NAN, "c.weight[1, 0, 0, 0]: nan:" },
  { "infinite_bias", 7, 0, -INFINITY, "l.bias[0]: -inf:" },
  { "beyond_float", 6, 2, 1e300, "l.weight[1, 0]: 1e+300: is computed with as a float" },
  { "negative_variance", 5, 1, -1, "b.running_var[1]: -1: a variance that is positive" },
  { "no_variance_with_eps", 5, 0, -1e-5, "b.running_var[0]: -1e-05: a variance that is positive" },
  { "nan_variance", 5, 0, NAN, "b.running_var[0]: nan:" },
  { "large_factor", 2, 1, 3e38, "b.weight[1]: 3e+38: divided by the standard deviation" },
  { "large_mean", 4, 1, 3e38, "b.running_mean[1]: 3e+38: multiplied by the channel's factor" },
  { "large_product", 0, 1, -3e38, "c.weight[1, 0, 0, 0]: -3e+38, multiplied by the batch normalisation's" },
  { "below_float", 0, 0, 1e-60, "" },
  { "slightly_negative_variance", 5, 0, -1e-6, "warning: " },
  { "infinite_variance", 5, 0, INFINITY, "warning: " },
  { "beyond_half", 0, 0, 70000, "" },
};

/* A safetensors file that grows. */
struct growing
{
  char header[16384];
  struct bytes data;
  const char *prefix; /* of names; NULL: none */
};

static void
grow (struct growing *g, const char *name, int rank, const int64_t *shape, const double *v)
{
  int64_t count = 1;
  char *at = g->header + strlen (g->header), *end = g->header + sizeof g->header;
  at += snprintf (at, (size_t) (end - at), "%c\"%s%s\":{\"dtype\":\"F64\",\"shape\":[", *g->header ? ',' : '{',
                  g->prefix ? g->prefix : "", name);
  for (int a = 0; a < rank; a++)
    {
      count *= shape[a];
      at += snprintf (at, (size_t) (end - at), "%s%d", a ? "," : "", (int) shape[a]);
    }
  snprintf (at, (size_t) (end - at), "],\"data_offsets\":[%d,%d]}", (int) g->data.n, (int) (g->data.n + 8 * (size_t) count));
  for (int64_t i = 0; i < count; i++)
    {
      uint64_t bits;
      memcpy (&bits, &v[i], sizeof bits);
      b_le (&g->data, bits, 8);
    }
}

static void
put_growing (const char *folder, const char *name, struct growing *g)
{
  strcat (g->header, *g->header ? "}" : "{}");
  checkpoint_put (folder, name, ".safetensors", st_file (g->header, g->data.p, g->data.n));
}

static void
put_values (const char *folder, size_t k)
{
  struct growing g = { .prefix = NULL };
  for (int i = 0; i < TENSORS; i++)
    {
      double v[4];
      memcpy (v, checkpoint_tensors[i].value, sizeof v);
      if (i == values[k].tensor)
        v[values[k].element] = values[k].value;
      grow (&g, checkpoint_tensors[i].name, checkpoint_tensors[i].rank, checkpoint_tensors[i].shape, v);
    }
  put_growing (folder, values[k].name, &g);
  checkpoint_put (folder, values[k].name, ".says", checkpoint_text (values[k].says));
}

/* A residual network of two blocks, with HEAD for fc, SHORTCUT for downsample, AXES axes of the last layer's weight, and a
 * second layer of the same shapes called ANOTHER. */
struct residual
{
  const char *name, *head, *shortcut, *another;
  int axes;
};

static void
grow_vectors (struct growing *g, const char *layer, int64_t c)
{
  static const char *const parts[] = { "weight", "bias", "running_mean", "running_var" };
  const double v[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
  for (int i = 0; i < 4; i++)
    {
      char name[64];
      snprintf (name, sizeof name, "%s.%s", layer, parts[i]);
      grow (g, name, 1, &c, v);
    }
}

static void
grow_conv (struct growing *g, const char *name, int64_t out, int64_t in, int64_t kernel)
{
  double v[1024];
  for (int i = 0; i < 1024; i++)
    v[i] = i % 7 - 3;
  grow (g, name, 4, (const int64_t[]){ out, in, kernel, kernel }, v);
}

static void
grow_residual (struct growing *g, const struct residual *r, int64_t classes)
{
  const double v[40] = { 1, -2, 3, 4, -5, 6, 7, 8, -9 };
  char name[64];
  grow_conv (g, "conv1.weight", 4, 3, 7);
  grow_vectors (g, "bn1", 4);
  for (int block = 0; block < 2; block++)
    for (int k = 1; k <= 2; k++)
      {
        snprintf (name, sizeof name, "layer%d.0.conv%d.weight", block + 1, k);
        grow_conv (g, name, block ? 8 : 4, block && k == 2 ? 8 : 4, 3);
        snprintf (name, sizeof name, "layer%d.0.bn%d", block + 1, k);
        grow_vectors (g, name, block ? 8 : 4);
      }
  snprintf (name, sizeof name, "layer2.0.%s.0.weight", r->shortcut);
  grow_conv (g, name, 8, 4, 1);
  snprintf (name, sizeof name, "layer2.0.%s.1", r->shortcut);
  grow_vectors (g, name, 8);
  for (const char *head = r->head; head; head = head == r->head ? r->another : NULL)
    {
      snprintf (name, sizeof name, "%s.weight", head);
      grow (g, name, r->axes, (const int64_t[]){ classes, 8, 1, 1 }, v);
      snprintf (name, sizeof name, "%s.bias", head);
      grow (g, name, 1, (const int64_t[]){ classes }, v);
    }
}

static void
put_residual (const char *folder, const struct residual *r)
{
  struct growing g = { .prefix = NULL };
  grow_residual (&g, r, 3);
  put_growing (folder, r->name, &g);
}

/* Two networks in one file. */
static void
put_two (const char *folder)
{
  static const struct residual r = { "", "fc", "downsample", NULL, 2 };
  struct growing g = { .prefix = "student." };
  grow_residual (&g, &r, 3);
  g.prefix = "teacher.";
  grow_residual (&g, &r, 5);
  put_growing (folder, "two/two", &g);
}

static const struct residual residuals[] = {
  { "resnet/plain", "fc", "downsample", NULL, 2 },
  { "resnet/linear", "linear", "downsample", NULL, 2 },
  { "resnet/sequential", "fc.1", "downsample", NULL, 2 },
  { "resnet/head_of_timm", "head.fc", "downsample", NULL, 2 },
  { "resnet/convolution", "fc", "downsample", NULL, 4 },
  { "resnet/other_convolution", "classifier", "downsample", NULL, 4 },
  { "resnet/shortcut", "linear", "shortcut", NULL, 2 },
  { "resnet/refused_two_heads", "linear", "downsample", "auxiliary", 2 },
};

void
checkpoint_values (const char *folder)
{
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    put_values (folder, i);
  for (size_t i = 0; i < sizeof residuals / sizeof *residuals; i++)
    put_residual (folder, &residuals[i]);
  put_two (folder);
  put_growing (folder, "none", &(struct growing){ .prefix = NULL });
  checkpoint_put (folder, "none", ".says", checkpoint_text ("missing: c.weight"));
  struct zip_out empty = { 0 };
  checkpoint_put (folder, "none", ".npz", zip_end (&empty));
}
