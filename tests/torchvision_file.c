/* torchvision_file FILE.pth SEED: torchvision's resnet18 with random weights, as torch.save writes its state_dict ().
 */
#include "weights_bytes.h"

#include <math.h>

static struct zip_out zip;
static struct bytes names;
static int storages;
static uint64_t state;

/* A number between -1 and 1. */
static double
number (void)
{
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (double) (state >> 40) / (1 << 23) - 1;
}

/* A tensor of RANK axes of VALUES under the name LAYER.NAME. */
static void
put_values (const char *layer, const char *name, const char *type, int rank, const int64_t *shape, struct bytes values)
{
  int64_t strides[4], count = 1;
  for (int a = rank - 1; a >= 0; a--)
    {
      strides[a] = count;
      count *= shape[a];
    }
  char key[12], text[80];
  snprintf (key, sizeof key, "%d", storages);
  snprintf (text, sizeof text, "%s.%s", layer, name);
  pk_str (&names, text);
  pk_tensor (&names, type, key, count, 0, rank, shape, strides, 0);
  snprintf (text, sizeof text, "resnet18/data/%d", storages++);
  struct zip_spec entry = zip_stored (text, values);
  zip_add (&zip, &entry);
}

/* A tensor of floats, which are FROM + SPREAD * number (). */
static void
put (const char *layer, const char *name, int rank, const int64_t *shape, double from, double spread)
{
  int64_t count = 1;
  for (int a = 0; a < rank; a++)
    count *= shape[a];
  struct bytes values = { 0 };
  for (int64_t i = 0; i < count; i++)
    {
      const float x = (float) (from + spread * number ());
      uint32_t bits;
      memcpy (&bits, &x, sizeof bits);
      b_le (&values, bits, 4);
    }
  put_values (layer, name, "FloatStorage", rank, shape, values);
}

static void
put_norm (const char *layer, int64_t channels)
{
  put (layer, "weight", 1, &channels, 1, 0.2);
  put (layer, "bias", 1, &channels, 0, 0.1);
  put (layer, "running_mean", 1, &channels, 0, 0.1);
  put (layer, "running_var", 1, &channels, 1, 0.3);
  struct bytes batches = { 0 };
  b_le (&batches, 1, 8);
  put_values (layer, "num_batches_tracked", "LongStorage", 0, NULL, batches);
}

static void
put_conv (const char *layer, int64_t out, int64_t in, int64_t extent)
{
  const int64_t shape[4] = { out, in, extent, extent };
  /* of uniform numbers, with the variance that keeps that of what a ReLU leaves */
  put (layer, "weight", 4, shape, 0, sqrt (6.0 / (double) (in * extent * extent)));
}

static void
put_block (int stage, int block, int64_t in, int64_t out)
{
  char layer[40];
  for (int i = 1; i <= 2; i++)
    {
      snprintf (layer, sizeof layer, "layer%d.%d.conv%d", stage, block, i);
      put_conv (layer, out, i == 1 ? in : out, 3);
      snprintf (layer, sizeof layer, "layer%d.%d.bn%d", stage, block, i);
      put_norm (layer, out);
    }
  if (in != out)
    {
      snprintf (layer, sizeof layer, "layer%d.%d.downsample.0", stage, block);
      put_conv (layer, out, in, 1);
      snprintf (layer, sizeof layer, "layer%d.%d.downsample.1", stage, block);
      put_norm (layer, out);
    }
}

int
main (int argc, char **argv)
{
  static const int64_t classes[2] = { 1000, 512 };
  if (argc != 3)
    {
      fputs ("usage: torchvision_file FILE.pth SEED\n", stderr);
      return 2;
    }
  state = strtoull (argv[2], NULL, 10);
  pk_begin (&names);
  b_str (&names, "}(");
  put_conv ("conv1", 64, 3, 7);
  put_norm ("bn1", 64);
  for (int stage = 1; stage <= 4; stage++)
    for (int block = 0; block < 2; block++)
      {
        const int64_t out = (int64_t) 32 << stage, in = stage > 1 && block == 0 ? out / 2 : out;
        put_block (stage, block, in, out);
      }
  put ("fc", "weight", 2, classes, 0, 0.05);
  put ("fc", "bias", 1, classes, 0, 0.05);
  b_str (&names, "u.");
  struct zip_spec entry = zip_stored ("resnet18/data.pkl", names);
  zip_add (&zip, &entry);
  struct bytes version = { 0 };
  b_str (&version, "3\n");
  entry = zip_stored ("resnet18/version", version);
  zip_add (&zip, &entry);
  struct bytes file = zip_end (&zip);
  b_write (&file, argv[1]);
  return 0;
}
