/* The part of malformed_inputs that writes volumes: NIfTI-1, compressed or not. */
#include "malformed.h"

static const char *folder;

static void
save (const char *name, struct bytes b)
{
  char path[4096];
  snprintf (path, sizeof path, "%s/nii_%s", folder, name);
  b_write (&b, path);
}

/* The header of 3 x 32 x 32 bytes (x, y, z = 32, 32, 3) or of a wrong volume: VALUE in N bytes at AT. Whatever else
 * it says, no network of 3 x 32 x 32 pixels or 1 x 3 x 32 x 32 voxels may take it. */
static struct bytes
nifti (size_t at, uint64_t value, int n)
{
  static const int dim[8] = { 3, 32, 32, 3, 1, 1, 1, 1 };
  struct bytes b = { 0 };
  b_le (&b, 348, 4);
  b_fill (&b, 0, 36);
  for (int i = 0; i < 8; i++)
    b_le (&b, (uint64_t) dim[i], 2);
  b_fill (&b, 0, 14);
  b_le (&b, 2, 2); /* UINT8 */
  b_le (&b, 8, 2);
  b_fill (&b, 0, 34);
  b_le (&b, 0x43b00000, 4); /* 352 */
  b_fill (&b, 0, 344 - b.n);
  b_str (&b, "n+1");
  b_fill (&b, 0, 5);
  b_poke (&b, at, value, n);
  return b;
}

static struct bytes
packed (struct bytes b)
{
  struct bytes z = { b_memory (b.n + 1000), 0, b.n + 1000 };
  z_stream s = { .next_in = b.p, .avail_in = (uInt) b.n, .next_out = z.p, .avail_out = (uInt) z.cap };
  if (deflateInit2 (&s, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK || deflate (&s, Z_FINISH) != Z_STREAM_END)
    abort ();
  z.n = s.total_out;
  deflateEnd (&s);
  return z;
}

static void
headers (void)
{
  static const struct
  {
    const char *name;
    size_t at;
    uint64_t value;
    int n;
  } cases[] = { { "dim_0", 40, 0, 2 },
                { "dim_8", 40, 8, 2 },
                { "dim_negative", 40, 0xffff, 2 },
                { "extent_0", 42, 0, 2 },
                { "extent_negative", 44, 0x8000, 2 },
                { "all_extents_32767", 40, UINT64_C (0x7fff7fff7fff0004), 8 },
                { "five_axes", 40, 5, 2 },
                { "type_complex", 70, 32, 2 },
                { "type_bit", 70, 1, 2 },
                { "type_float128", 70, 1536, 2 },
                { "type_rgba", 70, 2304, 2 },
                { "type_99", 70, 99, 2 },
                { "type_larger_than_data", 70, 64, 2 },
                { "offset_nan", 108, 0x7fc00000, 4 },
                { "offset_infinite", 108, 0x7f800000, 4 },
                { "offset_negative", 108, 0xc3b00000, 4 },
                { "offset_in_the_header", 108, 0x42c80000, 4 },
                { "offset_beyond", 108, 0x49800000, 4 },
                { "offset_of_exabytes", 108, 0x5e800000, 4 },
                { "offset_a_half", 108, 0x43b04000, 4 },
                { "magic_missing", 344, 0, 4 },
                { "magic_of_a_pair", 344, 0x00316e69, 4 },
                { "version_2", 0, 540, 4 } };
  char name[64];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct bytes b = nifti (cases[i].at, cases[i].value, cases[i].n);
      if (!strcmp (cases[i].name, "five_axes"))
        b_poke (&b, 50, 2, 2);
      b_fill (&b, 1, 3072);
      snprintf (name, sizeof name, "%s.nii", cases[i].name);
      save (name, b);
      snprintf (name, sizeof name, "%s.nii.gz", cases[i].name);
      save (name, packed (b));
    }
}

void
malformed_volumes (const char *to)
{
  folder = to;
  headers ();
  struct bytes b = nifti (0, 348, 4);
  save ("no_voxels.nii", b);
  save ("no_voxels.nii.gz", packed (b));
  b.n = 200;
  save ("header_cut.nii", b);
  b = nifti (0, 348, 4);
  uint32_t x = 1;
  for (int i = 0; i < 3071; i++)
    b_le (&b, (x = x * 1664525 + 1013904223) >> 24, 1); /* hardly shrinks */
  save ("voxels_cut.nii", b);
  save ("voxels_cut.nii.gz", packed (b));
  b_le (&b, 1, 1);
  struct bytes z = packed (b);
  z.p[z.n - 8] ^= 0x55;
  save ("bad_checksum.nii.gz", z);
  z.n /= 2;
  save ("half.nii.gz", z);
  b = nifti (42, 0x7fff7fff, 4); /* 3 GiB from a few kilobytes */
  b_fill (&b, 0, 30000);
  save ("bomb_lies.nii.gz", packed (b));
  b = (struct bytes){ 0 };
  b_str (&b, "These are no voxels.");
  save ("text.nii.gz", packed (b));
  b = (struct bytes){ 0 };
  b_str (&b, "\x1f\x8b\x08");
  save ("gz_magic_only.nii.gz", b);
}
