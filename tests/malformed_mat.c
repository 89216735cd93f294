/* The part of malformed_weights that writes .mat files: version 5 byte by byte, and what pretends to be 7.3. */
#include "malformed.h"

/* Types of elements and classes of arrays in version 5. */
enum
{
  INT8 = 1, INT32 = 5, UINT32 = 6, DOUBLE = 9, MATRIX = 14, COMPRESSED = 15, UTF8 = 16,
  CELL = 1, STRUCT = 2, OBJECT = 3, CHAR = 4, SPARSE = 5, DOUBLES = 6, COMPLEX = 0x800
};

static void
element (struct bytes *b, unsigned type, const void *data, size_t n)
{
  b_le (b, type, 4);
  b_le (b, n, 4);
  b_add (b, data, n);
  b_fill (b, 0, (8 - n % 8) % 8);
}

/* The beginning of an array: flags, extents, name. */
static struct bytes
array (unsigned flags, int rank, const int32_t *dims, const char *name)
{
  struct bytes b = { 0 }, d = { 0 };
  b_le (&d, flags, 8);
  element (&b, UINT32, d.p, d.n);
  d = (struct bytes){ 0 };
  for (int i = 0; i < rank; i++)
    b_le (&d, (uint32_t) dims[i], 4);
  element (&b, INT32, d.p, d.n);
  element (&b, INT8, name, strlen (name));
  return b;
}

static struct bytes
matrix (struct bytes content)
{
  struct bytes b = { 0 };
  element (&b, MATRIX, content.p, content.n);
  return b;
}

static struct bytes
text_matrix (const char *s, size_t n)
{
  struct bytes b = array (CHAR, 2, (int32_t[]){ 1, (int32_t) n }, "");
  element (&b, UTF8, s, n);
  return matrix (b);
}

/* N doubles that are there, whatever the extents say. */
static struct bytes
numbers (unsigned flags, int rank, const int32_t *dims, unsigned type, size_t n)
{
  struct bytes b = array (flags, rank, dims, ""), d = { 0 };
  b_fill (&d, 0, 8 * n);
  element (&b, type, d.p, d.n);
  return matrix (b);
}

static struct bytes
layers (const char *variable, const int32_t dims[2], const char *field, struct bytes name, struct bytes value)
{
  struct bytes b = array (STRUCT, 2, dims, variable);
  char names[64] = "Name";
  b_le (&b, 4 << 16 | INT32, 4);
  b_le (&b, 32, 4);
  snprintf (names + 32, 32, "%s", field);
  element (&b, INT8, names, 64);
  b_add (&b, name.p, name.n);
  b_add (&b, value.p, value.n);
  return matrix (b);
}

static struct bytes
file (const char *title, struct bytes content)
{
  struct bytes b = { 0 };
  b_str (&b, title);
  b_fill (&b, ' ', 116 - b.n);
  b_fill (&b, 0, 8);
  b_le (&b, 0x0100, 2);
  b_str (&b, "IM");
  b_add (&b, content.p, content.n);
  return b;
}

#define V5 "MATLAB 5.0 MAT-file, by hand"
#define DIMS(...) (int) (sizeof ((int32_t[]){ __VA_ARGS__ }) / 4), (const int32_t[]) { __VA_ARGS__ }
static const int32_t one[2] = { 1, 1 };

static void
put5 (const char *name, struct bytes content)
{
  char s[80];
  snprintf (s, sizeof s, "mat_%s", name);
  malformed_put (s, file (V5, content));
}

/* A right Name beside this value. */
static void
put_value (const char *name, struct bytes value)
{
  put5 (name, layers ("layers", one, "Weights", text_matrix ("conv1", 5), value));
}

static struct bytes
good (void)
{
  return layers ("layers", one, "Weights", text_matrix ("conv1", 5), numbers (DOUBLES, DIMS (2, 3), DOUBLE, 6));
}

/* Where the good file's parts lie. */
static void
headers (void)
{
  static const struct
  {
    const char *name;
    size_t at;
    uint64_t value;
    int bytes;
  } cases[] = {
    { "matrix_length_0", 132, 0, 4 },          { "matrix_length_4_gib", 132, 0xfffffff8, 4 },
    { "matrix_length_odd", 132, 13, 4 },       { "matrix_type_unknown", 128, 77, 4 },
    { "flags_missing", 136, 1, 4 },            { "class_99", 144, 99, 1 },
    { "class_cell", 144, CELL, 1 },            { "class_object", 144, OBJECT, 1 },
    { "class_function", 144, 16, 1 },          { "class_opaque", 144, 17, 1 },
    { "extents_of_4_gib", 156, 0xfffffffc, 4 }, { "extents_none", 156, 0, 4 },
    { "extents_1000", 156, 4000, 4 },          { "extent_negative", 160, 0xffffffff, 4 },
    { "extents_product_overflows", 160, 0x7fffffff7fffffff, 8 },
    { "a_million_layers", 160, 1000000, 4 },   { "name_of_4_gib", 172, 0xffffffff, 4 },
    { "field_name_length_0", 188, 0, 4 },      { "field_name_length_negative", 188, 0x80000000, 4 },
    { "field_name_length_huge", 188, 0x7fffffff, 4 }, { "field_name_length_1", 188, 1, 4 },
    { "fields_of_4_gib", 196, 0xffffffff, 4 }, { "fields_none", 196, 0, 4 },
    { "fields_not_ended", 200, UINT64_MAX, 8 }, { "big_endian_said", 126, 0x494d, 2 },
    { "version_9", 124, 0x0900, 2 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      char name[80];
      struct bytes b = file (V5, good ());
      b_poke (&b, cases[i].at, cases[i].value, cases[i].bytes);
      snprintf (name, sizeof name, "mat_%s", cases[i].name);
      malformed_put (name, b);
    }
  for (size_t n = 120; n < 420; n += 40)
    {
      char name[80];
      struct bytes b = file (V5, good ());
      snprintf (name, sizeof name, "mat_cut_at_%d", (int) n);
      b.n = n;
      malformed_put (name, b);
    }
}

static void
values (void)
{
  put_value ("more_numbers_than_data", numbers (DOUBLES, DIMS (1000, 1000), DOUBLE, 6));
  put_value ("numbers_overflow", numbers (DOUBLES, DIMS (0x7fffffff, 0x7fffffff, 0x7fffffff), DOUBLE, 6));
  put_value ("numbers_wrap_to_6", numbers (DOUBLES, DIMS (65536, 65536, 65536, 65536, 6), DOUBLE, 6));
  put_value ("numbers_negative", numbers (DOUBLES, DIMS (-2, -3), DOUBLE, 6));
  put_value ("numbers_of_8_gib", numbers (DOUBLES, DIMS (32768, 32768), DOUBLE, 6));
  put_value ("rank_9", numbers (DOUBLES, DIMS (1, 1, 1, 1, 1, 1, 1, 2, 3), DOUBLE, 6));
  put_value ("complex", numbers (DOUBLES | COMPLEX, DIMS (2, 3), DOUBLE, 6));
  put_value ("sparse", numbers (SPARSE, DIMS (2, 3), INT32, 6));
  put_value ("data_type_text", numbers (DOUBLES, DIMS (2, 3), UTF8, 6));
  put_value ("data_type_matrix", numbers (DOUBLES, DIMS (2, 3), MATRIX, 6));
  put_value ("data_type_0", numbers (DOUBLES, DIMS (2, 3), 0, 6));
  put_value ("value_is_text", text_matrix ("weights", 7));
  put_value ("value_is_cells", matrix (array (CELL, 2, (int32_t[]){ 1000, 1000 }, "")));
  struct bytes b = numbers (DOUBLES, DIMS (1, 1), DOUBLE, 1);
  for (int i = 0; i < 5000; i++) /* each in one cell of the next */
    {
      struct bytes c = array (CELL, 2, one, "");
      b_add (&c, b.p, b.n);
      b = matrix (c);
      if (i == 20)
        put_value ("cells_20_deep", b);
    }
  put_value ("cells_5000_deep", b);
}

static void
names (void)
{
  struct bytes v = numbers (DOUBLES, DIMS (2, 3), DOUBLE, 6);
  static char longest[4000];
  memset (longest, 'x', sizeof longest);
  put5 ("other_variable", layers ("weights", one, "Weights", text_matrix ("conv1", 5), v));
  put5 ("other_field", layers ("layers", one, "InputWeights", text_matrix ("conv1", 5), v));
  put5 ("field_twice", layers ("layers", one, "Name", text_matrix ("conv1", 5), v));
  put5 ("name_is_number", layers ("layers", one, "Weights", v, v));
  put5 ("name_empty", layers ("layers", one, "Weights", text_matrix ("", 0), v));
  put5 ("name_of_4000", layers ("layers", one, "Weights", text_matrix (longest, sizeof longest), v));
  put5 ("name_with_newline", layers ("layers", one, "Weights", text_matrix ("a\nrescast: b", 12), v));
  put5 ("name_with_nul", layers ("layers", one, "Weights", text_matrix ("a\0b", 3), v));
  put5 ("name_not_utf8", layers ("layers", one, "Weights", text_matrix ("\xff\xfe", 2), v));
  put5 ("no_layers", layers ("layers", (int32_t[]){ 0, 0 }, "Weights", (struct bytes){ 0 }, (struct bytes){ 0 }));
  put5 ("fewer_layers", layers ("layers", (int32_t[]){ 1, 3 }, "Weights", text_matrix ("conv1", 5), v));
  put5 ("two_of_one_name", layers ("layers", one, "Weights", text_matrix ("conv1", 5), v));
  put5 ("nothing", (struct bytes){ 0 });
}

/* DATA deflated, as the zlib stream that version 5 has. */
static struct bytes
packed (struct bytes data)
{
  uLongf n = compressBound ((uLong) data.n);
  struct bytes z = { b_memory (n), 0, n };
  compress2 (z.p, &n, data.p, (uLong) data.n, 9);
  z.n = n;
  return z;
}

static void
put_packed (const char *name, struct bytes z)
{
  struct bytes b = { 0 };
  b_le (&b, COMPRESSED, 4);
  b_le (&b, z.n, 4);
  b_add (&b, z.p, z.n);
  put5 (name, b);
}

static void
compressed (void)
{
  struct bytes z = packed (good ()), b = { 0 };
  put_packed ("packed_not_of_this_network", z);
  z.n /= 2;
  put_packed ("packed_half", z);
  z = packed (good ());
  z.p[20] ^= 0x55;
  put_packed ("packed_damaged", z);
  z = packed (good ());
  z.p[z.n - 1] ^= 1;
  put_packed ("packed_bad_checksum", z);
  b_str (&b, "this is no zlib stream, though it is said to be");
  put_packed ("packed_not_zlib", b);
  b = (struct bytes){ 0 };
  element (&b, COMPRESSED, z.p, z.n);
  put_packed ("packed_twice", packed (b));
  put_packed ("packed_bomb_64_mib", packed (layers ("layers", one, "Weights", text_matrix ("conv1", 5),
                                                    numbers (DOUBLES, DIMS (8 << 20, 1), DOUBLE, 8 << 20))));
  put_packed ("packed_bomb_lies_of_8_gib", packed (layers ("layers", one, "Weights", text_matrix ("conv1", 5),
                                                           numbers (DOUBLES, DIMS (1 << 30, 1), DOUBLE, 100000))));
  put_packed ("packed_nothing", (struct bytes){ 0 });
}

/* Version 7.3: MATLAB's header in front of an HDF5 file, of which there is a beginning at most. */
static void
hdf5 (void)
{
  static const char v73[] = "MATLAB 7.3 MAT-file, by hand";
  struct bytes b = file (v73, (struct bytes){ 0 });
  b_poke (&b, 124, 0x0200, 2);
  malformed_put ("mat73_header_only", b);
  b_fill (&b, 0, 512 - b.n);
  b_str (&b, "\x89HDF\r\n\x1a\n");
  malformed_put ("mat73_signature_only", b);
  size_t at = b.n;
  b_fill (&b, 0, 8);           /* versions */
  b_poke (&b, at + 5, 0x0808, 2); /* bytes of offsets and lengths */
  b_le (&b, 0x00100004, 4);    /* B-tree's ranks */
  b_le (&b, 0, 4);
  b_le (&b, 512, 8);
  b_fill (&b, 0xff, 8);
  b_le (&b, 8192, 8); /* the end */
  b_fill (&b, 0xff, 8);
  b_fill (&b, 0, 40);
  malformed_put ("mat73_cut_behind_superblock", b);
  b_fill (&b, 0, 8192 + 512 - b.n);
  malformed_put ("mat73_root_is_the_superblock", b);
  b_poke (&b, at + 40 + 8, 4000, 8);
  malformed_put ("mat73_root_is_zeros", b);
  b_poke (&b, at + 40 + 8, UINT64_MAX - 1, 8);
  malformed_put ("mat73_root_beyond_the_end", b);
  b_poke (&b, at + 5, 0xffff, 2);
  malformed_put ("mat73_offsets_of_255_bytes", b);
  b_poke (&b, at, 200, 1);
  malformed_put ("mat73_superblock_version_200", b);
}

void
malformed_mat (void)
{
  headers ();
  values ();
  names ();
  compressed ();
  hdf5 ();
}
