/* malformed_weights DIR: files of weights that are wrong or hostile, each in its own way, told by its name.
 * All are the same on every run. Readers must refuse each in one line, soon, and without taking memory. */
#include "malformed.h"

static const char *folder;

static void
put (const char *name, struct bytes b)
{
  char path[4096];
  if ((size_t) snprintf (path, sizeof path, "%s/%s", folder, name) >= sizeof path)
    exit (1);
  b_write (&b, path);
}

void
malformed_put (const char *name, struct bytes b)
{
  put (name, b);
}

static struct bytes
text (const char *s)
{
  struct bytes b = { 0 };
  b_str (&b, s);
  return b;
}

static struct bytes
repeated (const char *s, size_t times)
{
  struct bytes b = { 0 };
  for (size_t i = 0; i < times; i++)
    b_str (&b, s);
  return b;
}

static struct bytes
cut (struct bytes b, size_t n)
{
  b.n = n;
  return b;
}

/* ---- safetensors ---- */

#define ST(type, shape, offsets) "{\"dtype\":\"" type "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void
safetensors_headers (void)
{
  static const struct
  {
    const char *name, *header;
  } cases[] = {
    { "overlap", "{\"a\":" ST ("F32", "[2]", "[0,8]") ",\"b\":" ST ("F32", "[2]", "[4,12]") "}" },
    { "gap", "{\"a\":" ST ("F32", "[1]", "[0,4]") ",\"b\":" ST ("F32", "[1]", "[8,12]") "}" },
    { "same_bytes_twice", "{\"a\":" ST ("F32", "[3]", "[0,12]") ",\"b\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "bytes_left", "{\"a\":" ST ("F32", "[2]", "[0,8]") "}" },
    { "beyond_the_end", "{\"a\":" ST ("F32", "[4]", "[0,16]") "}" },
    { "far_beyond", "{\"a\":" ST ("F32", "[3]", "[9223372036854775795,9223372036854775807]") "}" },
    { "too_few_bytes", "{\"a\":" ST ("F32", "[4]", "[0,12]") "}" },
    { "reversed_offsets", "{\"a\":" ST ("F32", "[3]", "[12,0]") "}" },
    { "negative_offset", "{\"a\":" ST ("F32", "[3]", "[-12,0]") "}" },
    { "one_offset", "{\"a\":" ST ("F32", "[3]", "[12]") "}" },
    { "offset_is_real", "{\"a\":" ST ("F32", "[3]", "[0,12.0]") "}" },
    { "offset_over_64_bits", "{\"a\":" ST ("F32", "[3]", "[0,99999999999999999999]") "}" },
    { "negative_extent", "{\"a\":" ST ("F32", "[-3]", "[0,12]") "}" },
    { "product_overflows_to_12", "{\"a\":" ST ("F32", "[3,4611686018427387905]", "[0,12]") "}" },
    { "product_overflows_to_0", "{\"a\":" ST ("F32", "[4294967296,4294967296]", "[0,0]") "}" },
    { "huge_beside_0", "{\"a\":" ST ("F32", "[0,4611686018427387904,4]", "[0,0]") "}" },
    { "shape_is_text", "{\"a\":" ST ("F32", "\"3\"", "[0,12]") "}" },
    { "rank_9", "{\"a\":" ST ("F32", "[1,1,1,1,1,1,1,1,3]", "[0,12]") "}" },
    { "unknown_dtype", "{\"a\":" ST ("F7", "[3]", "[0,12]") "}" },
    { "dtype_is_number", "{\"a\":{\"dtype\":3,\"shape\":[3],\"data_offsets\":[0,12]}}" },
    { "no_dtype", "{\"a\":{\"shape\":[3],\"data_offsets\":[0,12]}}" },
    { "no_shape", "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,12]}}" },
    { "no_offsets", "{\"a\":{\"dtype\":\"F32\",\"shape\":[3]}}" },
    { "tensor_is_list", "{\"a\":[3]}" },
    { "name_twice", "{\"a\":" ST ("F32", "[3]", "[0,12]") ",\"a\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "name_empty", "{\"\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "name_with_newline", "{\"a\\nrescast: b\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "name_with_escape", "{\"\\u001b[2J\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "name_with_nul", "{\"a\\u0000b\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "name_not_utf8", "{\"\xff\xfe\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "name_surrogate", "{\"\xed\xa0\x80\":" ST ("F32", "[3]", "[0,12]") "}" },
    { "only_metadata", "{\"__metadata__\":{\"format\":\"pt\"}}" },
    { "empty_object", "{}" },
    { "json_unfinished", "{\"a\":" },
    { "json_and_more", "{} {}" },
    { "json_bare_words", "{a: F32}" },
  };
  struct bytes d = b_floats (3);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      char name[64];
      snprintf (name, sizeof name, "safetensors_%s", cases[i].name);
      put (name, st_file (cases[i].header, d.p, d.n));
    }
}

static void
safetensors_lengths (void)
{
  static const char header[] = "{\"a\":" ST ("F32", "[3]", "[0,12]") "}";
  static const struct
  {
    const char *name;
    uint64_t length;
  } cases[] = { { "safetensors_length_0", 0 },
                { "safetensors_length_too_short", sizeof header - 5 },
                { "safetensors_length_too_long", sizeof header + 9 },
                { "safetensors_length_beyond_file", 4096 },
                { "safetensors_length_negative", UINT64_MAX },
                { "safetensors_length_wraps", UINT64_MAX - 7 },
                { "safetensors_length_of_a_gigabyte", 1 << 30 } };
  struct bytes d = b_floats (3);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct bytes b = st_file (header, d.p, d.n);
      b_poke (&b, 0, cases[i].length, 8);
      put (cases[i].name, b);
    }
  struct bytes whole = st_file (header, d.p, d.n);
  put ("safetensors_cut_in_length", cut (whole, 5));
  put ("safetensors_cut_in_header", cut (whole, 20));
  put ("safetensors_cut_in_data", cut (whole, whole.n - 1));
}

/* JSON that costs its parser a hundred times its size, or its stack. */
static void
safetensors_costly (void)
{
  struct bytes b = text ("{\"a\":");
  struct bytes deep = repeated ("[", 1000000), wide = repeated ("{},", 1100000), names = text ("{");
  b_add (&b, deep.p, deep.n);
  b_str (&b, "]");
  b_fill (&b, 0, 1);
  put ("safetensors_nested_a_million_deep", st_file ((char *) b.p, "", 0));
  b = text ("{\"a\":[");
  b_add (&b, wide.p, wide.n);
  b_add (&b, "0]}", 4);
  put ("safetensors_a_million_objects", st_file ((char *) b.p, "", 0));
  for (int i = 0; i < 70000; i++)
    {
      char s[96];
      snprintf (s, sizeof s, "%s\"%d\":" ST ("F32", "[0]", "[0,0]"), i ? "," : "", i);
      b_str (&names, s);
    }
  b_add (&names, "}", 2);
  put ("safetensors_seventy_thousand_tensors", st_file ((char *) names.p, "", 0));
}

/* ---- .npz ---- */

static const char npy_good[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";

static void
npz_headers (void)
{
  static const struct
  {
    const char *name, *header;
  } cases[] = {
    { "shape_beyond_data", "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }" },
    { "shape_short_of_data", "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }" },
    { "shape_huge", "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }" },
    { "product_overflows_to_12", "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4611686018427387905), }" },
    { "extent_over_64_bits", "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }" },
    { "extent_negative", "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), }" },
    { "rank_9", "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1, 1, 1, 1, 1, 1, 3), }" },
    { "endianness_unknown", "{'descr': '!f4', 'fortran_order': False, 'shape': (3,), }" },
    { "endianness_native", "{'descr': '=f4', 'fortran_order': False, 'shape': (3,), }" },
    { "endianness_none_for_4_bytes", "{'descr': '|f4', 'fortran_order': False, 'shape': (3,), }" },
    { "endianness_twice", "{'descr': '<>f4', 'fortran_order': False, 'shape': (3,), }" },
    { "descr_complex", "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), }" },
    { "descr_object", "{'descr': '|O', 'fortran_order': False, 'shape': (3,), }" },
    { "descr_text", "{'descr': '<U3', 'fortran_order': False, 'shape': (1,), }" },
    { "descr_structured", "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }" },
    { "descr_endless", "{'descr': '<f4, 'fortran_order': False, 'shape': (3,), }" },
    { "descr_missing", "{'fortran_order': False, 'shape': (3,), }" },
    { "shape_missing", "{'descr': '<f4', 'fortran_order': False}" },
    { "shape_twice", "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}" },
    { "shape_unfinished", "{'descr': '<f4', 'fortran_order': False, 'shape': (3," },
    { "shape_is_list", "{'descr': '<f4', 'fortran_order': False, 'shape': [3], }" },
    { "shape_is_code", "{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').system('x'),), }" },
    { "order_is_number", "{'descr': '<f4', 'fortran_order': 1, 'shape': (3,), }" },
    { "key_unknown", "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'x': 1}" },
    { "dictionary_and_more", "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } or 1" },
    { "no_dictionary", "descr" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      char name[64];
      snprintf (name, sizeof name, "npz_%s", cases[i].name);
      put (name, zip_one (zip_stored ("a.npy", npy_array (1, cases[i].header, b_floats (3)))));
    }
}

static void
npz_frames (void)
{
  struct bytes b = npy_array (1, npy_good, b_floats (3));
  put ("npz_lone_npy", b);
  put ("npz_entry_is_no_npy", zip_one (zip_stored ("readme.txt", text ("hello"))));
  put ("npz_entry_is_folder", zip_one (zip_stored ("a.npy/", text (""))));
  put ("npz_entry_empty", zip_one (zip_stored ("a.npy", text (""))));
  put ("npz_entry_of_11_bytes", zip_one (zip_stored ("a.npy", cut (npy_array (2, "", b_floats (0)), 11))));
  put ("npz_name_empty", zip_one (zip_stored (".npy", b)));
  put ("npz_name_not_utf8", zip_one (zip_stored ("\xc3\x28\xff.npy", b)));
  put ("npz_name_with_newline", zip_one (zip_stored ("a\nrescast: b.npy", b)));
  put ("npz_version_4", zip_one (zip_stored ("a.npy", npy_array (4, npy_good, b_floats (3)))));
  put ("npz_magic_missing", zip_one (zip_stored ("a.npy", text ("NUMPY with something behind"))));
  b = npy_array (1, npy_good, b_floats (3));
  b_poke (&b, 8, 65535, 2);
  put ("npz_header_beyond_entry", zip_one (zip_stored ("a.npy", b)));
  b = npy_array (2, npy_good, b_floats (3));
  b_poke (&b, 8, 0xfffffff0, 4);
  put ("npz_header_of_4_gigabytes", zip_one (zip_stored ("a.npy", b)));
}

static void
npz_zips (void)
{
  struct bytes a = npy_array (1, npy_good, b_floats (3));
  struct bytes whole = zip_one (zip_stored ("a.npy", a)), packed = zip_one (zip_deflated ("a.npy", a)), b;
  put ("zip_cut_in_entry", cut (whole, 40));
  put ("zip_cut_in_directory", cut (whole, whole.n - 30));
  put ("zip_cut_in_end", cut (whole, whole.n - 3));
  put ("zip_of_4_bytes", cut (whole, 4));
  put ("zip_without_entries", text ("PK\5\6"));
  struct zip_out none = { 0 };
  put ("zip_empty", zip_end (&none));
  struct zip_spec s = zip_stored ("a.npy", a);
  s.crc ^= 1;
  put ("zip_wrong_checksum", zip_one (s));
  s = zip_stored ("a.npy", a);
  s.method = 99;
  put ("zip_unknown_method", zip_one (s));
  s = zip_stored ("a.npy", a);
  s.flags = 1;
  put ("zip_encrypted", zip_one (s));
  s = zip_deflated ("a.npy", a);
  s.size += 4;
  put ("zip_declares_more_than_it_unpacks", zip_one (s));
  s = zip_deflated ("a.npy", a);
  s.size -= 4;
  put ("zip_declares_less_than_it_unpacks", zip_one (s));
  s = zip_stored ("a.npy", a);
  s.packed_size = s.size = 0xfffffff0;
  put ("zip_declares_4_gigabytes", zip_one (s));
  struct zip_out twice = { 0 };
  s = zip_stored ("a.npy", a);
  zip_add (&twice, &s);
  zip_add (&twice, &s);
  put ("zip_name_twice", zip_end (&twice));
  b = packed;
  memset (b.p + 35 + 8, 0xff, 12);
  put ("zip_deflate_broken", b);
  whole = zip_one (zip_stored ("a.npy", a));
  b_poke (&whole, whole.n - 6, 0x7fffffff, 4);
  put ("zip_directory_beyond_file", whole);
  whole = zip_one (zip_stored ("a.npy", a));
  b_poke (&whole, whole.n - 10, 0xffffffff, 4);
  put ("zip_directory_of_4_gigabytes", whole);
  whole = zip_one (zip_stored ("a.npy", a));
  b_poke (&whole, whole.n - 12, 0xffff, 2);
  b_poke (&whole, whole.n - 14, 0xffff, 2);
  put ("zip_entries_65535_declared", whole);
  whole = zip_one (zip_stored ("a.npy", a));
  b_poke (&whole, whole.n - 22 - 9, 0x7ffffff0, 4);
  put ("zip_entry_beyond_file", whole);
}

/* A .npy of ZEROS zeros, deflated, whose header says SHAPE. */
static struct zip_spec
bomb (const char *shape, size_t zeros)
{
  char header[128];
  snprintf (header, sizeof header, "{'descr': '|u1', 'fortran_order': False, 'shape': (%s,), }", shape);
  struct bytes data = { calloc (zeros, 1), zeros, zeros };
  struct zip_spec s = zip_deflated ("a.npy", npy_array (1, header, data));
  free (data.p);
  return s;
}

/* Entries whose names libzip's table of names hashes to one place: 33 * 'E' + 'z' is 33 * 'F' + 'Y'. */
static void
colliding_names (const char *file, unsigned n)
{
  struct zip_out z = { 0 };
  struct bytes a = npy_array (4, npy_good, b_floats (3));
  for (unsigned i = 0; i < n; i++)
    {
      char name[40];
      for (unsigned k = 0; k < 16; k++)
        memcpy (name + 2 * k, i >> k & 1 ? "Ez" : "FY", 2);
      strcpy (name + 32, ".npy");
      struct zip_spec s = zip_stored (name, a);
      zip_add (&z, &s);
    }
  put (file, zip_end (&z));
}

static void
zip_bombs (void)
{
  put ("bomb_of_100_megabytes", zip_one (bomb ("100000000", 100000000)));
  put ("bomb_header_says_8", zip_one (bomb ("8", 50000000)));
  struct zip_spec s = bomb ("8", 50000000);
  s.size = 88;
  put ("bomb_directory_says_88_bytes", zip_one (s));
  /* Sixty-four entries that unpack the same bytes. Below the limit alone, far above together. */
  s = bomb ("60000000", 60000000);
  struct zip_out z = { 0 };
  zip_add (&z, &s);
  struct bytes record = z.directory;
  z.directory = (struct bytes){ 0 };
  for (int i = 0; i < 64; i++)
    {
      size_t at = z.directory.n;
      b_add (&z.directory, record.p, record.n);
      z.directory.p[at + 46] = (unsigned char) ('0' + i);
    }
  z.count = 64;
  put ("bomb_overlapping_entries", zip_end (&z));
  colliding_names ("bomb_colliding_names", 1 << 16);
  colliding_names ("bomb_colliding_names_below_the_limit", 12000);
}

/* ---- PyTorch: each pickle once in a zip and once in the legacy format ---- */

static int
names_storage (struct bytes object)
{
  for (size_t i = 0; i + 7 <= object.n; i++)
    if (!memcmp (object.p + i, "storage", 7))
      return 1;
  return 0;
}

static void
put_pickle (const char *name, struct bytes object)
{
  char path[80];
  struct zip_out z = { 0 };
  struct zip_spec s[] = { zip_stored ("x/data.pkl", object), zip_stored ("x/data/0", b_floats (6)) };
  zip_add (&z, &s[0]);
  zip_add (&z, &s[1]);
  snprintf (path, sizeof path, "pickle_%s_zip", name);
  put (path, zip_end (&z));
  struct bytes b = pt_legacy (object), d = b_floats (6);
  b_str (&b, "\x80\x02]");
  if (names_storage (object))
    {
      pk_str (&b, "0");
      b_str (&b, "a.");
      b_le (&b, 6, 8);
      b_add (&b, d.p, d.n);
    }
  else
    b_str (&b, ".");
  snprintf (path, sizeof path, "pickle_%s_legacy", name);
  put (path, b);
}

/* A call of MODULE.NAME with one string. */
static struct bytes
call (const char *module, const char *name)
{
  struct bytes b = { 0 };
  pk_begin (&b);
  pk_global (&b, module, name);
  pk_str (&b, "touch /tmp/rescast-was-here");
  b_str (&b, "\x85R.");
  return b;
}

static void
hostile_globals (void)
{
  static const char *const names[][3] = {
    { "os_system", "os", "system" },
    { "posix_system", "posix", "system" },
    { "builtins_eval", "builtins", "eval" },
    { "builtins_exec_of_python_2", "__builtin__", "exec" },
    { "builtins_getattr", "builtins", "getattr" },
    { "subprocess", "subprocess", "Popen" },
    { "torch_load", "torch", "load" },
    { "torch_hub", "torch.hub", "load" },
    { "runpy", "runpy", "run_path" },
    { "numpy_scalar", "numpy.core.multiarray", "scalar" },
    { "almost_ordered_dict", "collections", "OrderedDict.__class__" },
    { "storage_of_another_module", "os", "FloatStorage" },
    { "name_with_newlines_escaped", "o\rs", "sys\x1b[2Jtem" },
    { "name_not_utf8", "\xff\xfe", "\xc0\x80" },
  };
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    put_pickle (names[i][0], call (names[i][1], names[i][2]));
  struct bytes b = text ("\x80\x04");
  b_str (&b, "\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.");
  put_pickle ("stack_global", b);
  put_pickle ("mark_then_end", text ("\x80\x02("));
  put_pickle ("inst_os_system", text ("\x80\x02(ios\nsystem\n."));
  b = text ("\x80\x02(");
  b_str (&b, "cos\nsystem\no.");
  put_pickle ("obj_os_system", b);
  put_pickle ("newobj_os_system", text ("\x80\x02"
                                        "cos\nsystem\n)\x81."));
  put_pickle ("newobj_ex", text ("\x80\x04"
                                 "ccollections\nOrderedDict\n)}\x92."));
  put_pickle ("extension_registry", text ("\x80\x02\x82\x01)R."));
  put_pickle ("build_on_global", text ("\x80\x02"
                                       "ccollections\nOrderedDict\n}b."));
  put_pickle ("global_without_end", text ("\x80\x02"
                                          "cos"));
}

/* Programs that are no programs, or never end. */
static void
broken_programs (void)
{
  static const struct
  {
    const char *name, *program;
    size_t bytes;
  } cases[] = {
    { "empty", "", 0 },
    { "only_protocol", "\x80\x02", 2 },
    { "protocol_9", "\x80\x09}.", 4 },
    { "protocol_0", "(dp0\n.", 6 },
    { "stops_at_once", "\x80\x02.", 3 },
    { "stack_underflow", "\x80\x02R.", 4 },
    { "mark_missing", "\x80\x02u.", 4 },
    { "mark_left", "\x80\x02(}.", 5 },
    { "two_values_left", "\x80\x02}}.", 5 },
    { "pop_below_mark", "\x80\x02}(s.", 5 },
    { "memo_never_put", "\x80\x02h\x07.", 5 },
    { "memo_index_huge", "\x80\x02}r\xff\xff\xff\xff.", 9 },
    { "memo_get_huge", "\x80\x02j\xff\xff\xff\xff.", 8 },
    { "long4_negative", "\x80\x02\x8b\xff\xff\xff\xff.", 8 },
    { "long4_huge", "\x80\x02\x8b\xff\xff\xff\x7f.", 8 },
    { "long1_beyond_end", "\x80\x02\x8a\xff.", 5 },
    { "text_beyond_end", "\x80\x02X\xff\xff\xff\xff.", 8 },
    { "text_of_8_bytes_length", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", 12 },
    { "frame_huge", "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f}.", 13 },
    { "dict_without_value", "\x80\x02}(K\x01u.", 8 },
    { "append_to_dict",
      "\x80\x02}K\x01"
      "a.",
      7 },
    { "call_of_number", "\x80\x02K\x01)R.", 7 },
    { "call_of_storage_type",
      "\x80\x02"
      "ctorch\nFloatStorage\n)R.",
      25 },
    { "line_without_end", "\x80\x02I12", 5 },
    { "integer_is_text", "\x80\x02Iabc\n.", 8 },
    { "integer_is_sign", "\x80\x02L-L\n.", 7 },
    { "memo_index_is_text", "\x80\x02}px\n.", 7 },
    { "memo_index_of_ten_digits", "\x80\x02}p9999999999\n.", 16 },
    { "memo_index_empty", "\x80\x02g\n.", 5 },
    { "set_in_dict", "\x80\x04}(K\x01\x90.", 8 },
    { "set_without_mark", "\x80\x04\x8f\x90.", 5 },
    { "frozenset_without_mark", "\x80\x04\x91.", 4 },
    { "frozenset_on_top", "\x80\x04(\x91.", 5 },
    { "object_without_class", "\x80\x02(o.", 5 },
    { "object_of_number", "\x80\x02(K\x01o.", 7 },
    { "object_half_a_pair", "\x80\x02(cm\nC\no(K\x01u.", 14 },
    { "instance_without_mark", "\x80\x02im\nC\n.", 8 },
    { "newobj_ex_of_number", "\x80\x04K\x01)}\x92.", 8 },
    { "newobj_ex_without_class", "\x80\x04)}\x92.", 6 },
    { "extension_cut", "\x80\x02\x84\x01", 4 },
    { "build_on_number", "\x80\x02K\x01}b.", 7 },
    { "call_with_list", "\x80\x02" "cm\nC\n]R.", 10 },
    { "bytearray_beyond_end", "\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x7f.", 12 },
    { "persistent_line", "\x80\x02Pabc\n.", 8 },
    { "unknown_opcode", "\x80\x02\xff.", 4 },
    { "only_numbers", "\x80\x02K\x01.", 5 },
    { "empty_dict", "\x80\x02}.", 4 },
    { "list_on_top", "\x80\x02].", 4 },
    { "persistent_id_is_number", "\x80\x02K\x01Q.", 6 },
    { "persistent_id_is_empty", "\x80\x02)Q.", 5 },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct bytes b = { 0 };
      b_add (&b, cases[i].program, cases[i].bytes);
      put_pickle (cases[i].name, b);
    }
}

static struct bytes
around (const char *before, const char *middle, size_t times, const char *after)
{
  struct bytes b = text (before), m = repeated (middle, times);
  b_add (&b, m.p, m.n);
  b_str (&b, after);
  return b;
}

static void
pickle_bombs (void)
{
  put_pickle ("text_length_cut", text ("\x80\x02}X\1"));
  struct bytes b = { 0 };
  pk_begin (&b);
  b_str (&b, "}");
  pk_str (&b, "a");
  struct bytes open = repeated ("]", 50000), close = repeated ("a", 49999);
  b_add (&b, open.p, open.n);
  b_add (&b, close.p, close.n);
  b_str (&b, "s.");
  put_pickle ("lists_50000_deep", b);
  put_pickle ("stack_of_a_million", around ("\x80\x02", "N", 1000000, "."));
  put_pickle ("marks_a_million", around ("\x80\x02", "(", 1000000, "."));
  put_pickle ("values_two_million", around ("\x80\x02}", "N0", 2200000, "."));
  put_pickle ("duplicates_a_million", around ("\x80\x02}", "2", 1000000, "."));
  /* The same value appended again and again: places without values. */
  put_pickle ("places_two_million", around ("\x80\x02]q\x01Nq\x02"
                                            "0",
                                            "(h\x02h\x02h\x02h\x02h\x02h\x02h\x02h\x02h\x02h\x02"
                                            "e",
                                            220000, "."));
  b = text ("\x80\x02}q\x01");
  pk_str (&b, "self");
  b_str (&b, "h\x01s.");
  put_pickle ("dict_in_itself", b);
  b = text ("\x80\x02}q\x01(");
  pk_str (&b, "a");
  b_str (&b, "]q\x02(h\x02h\x01h\x02h\x01"
             "e");
  pk_str (&b, "b");
  b_str (&b, "h\x02u.");
  put_pickle ("circle_of_two", b);
  /* Each list holds the one before twice: 2 to the 60 leaves in 300 bytes. */
  b = text ("\x80\x02}");
  pk_str (&b, "a");
  b_str (&b, "]q\x01");
  for (int i = 0; i < 60; i++)
    b_str (&b, "0](h\x01h\x01"
               "eq\x01");
  b_str (&b, "s.");
  put_pickle ("doubled_60_times", b);
}

/* {"a": a tensor of storage KEY}: COUNT elements declared, six there. */
static void
put_tensor (const char *name, const char *type, const char *key, int64_t count, int64_t offset, int rank,
            const int64_t *shape, const int64_t *stride)
{
  for (int legacy = 0; legacy < 2; legacy++)
    {
      struct bytes b = { 0 };
      char s[80];
      pk_begin (&b);
      b_str (&b, "}");
      pk_str (&b, "a");
      pk_tensor (&b, type, key, count, offset, rank, shape, stride, legacy);
      b_str (&b, "s.");
      snprintf (s, sizeof s, "tensor_%s", name);
      put_pickle (s, b);
    }
}

#define I(...) ((const int64_t[]){ __VA_ARGS__ })

static void
bad_tensors (void)
{
  put_tensor ("beyond_storage", "FloatStorage", "0", 6, 0, 1, I (7), I (1));
  put_tensor ("offset_beyond_storage", "FloatStorage", "0", 6, 1, 1, I (6), I (1));
  put_tensor ("offset_huge", "FloatStorage", "0", 6, INT64_MAX, 1, I (1), I (1));
  put_tensor ("offset_negative", "FloatStorage", "0", 6, -1, 1, I (1), I (1));
  put_tensor ("stride_beyond_storage", "FloatStorage", "0", 6, 0, 2, I (2, 3), I (4, 1));
  put_tensor ("stride_negative", "FloatStorage", "0", 6, 5, 1, I (6), I (-1));
  put_tensor ("stride_wraps", "FloatStorage", "0", 6, 0, 2, I (5, 2), I (INT64_C (0x4000000000000000), 1));
  put_tensor ("extent_negative", "FloatStorage", "0", 6, 0, 1, I (-1), I (1));
  put_tensor ("expanded_to_terabytes", "FloatStorage", "0", 6, 0, 2, I (1000000, 1000000), I (0, 0));
  put_tensor ("expanded_to_a_gigabyte", "FloatStorage", "0", 6, 0, 2, I (134217000, 2), I (0, 1));
  put_tensor ("expanded_beyond_63_bits", "FloatStorage", "0", 6, 0, 3, I (INT64_MAX, INT64_MAX, 4), I (0, 0, 0));
  put_tensor ("rank_9", "FloatStorage", "0", 6, 0, 9, I (1, 1, 1, 1, 1, 1, 1, 1, 1), I (1, 1, 1, 1, 1, 1, 1, 1, 1));
  put_tensor ("storage_missing", "FloatStorage", "1", 6, 0, 1, I (6), I (1));
  put_tensor ("storage_in_another_folder", "FloatStorage", "../data.pkl", 6, 0, 1, I (6), I (1));
  put_tensor ("storage_shorter", "FloatStorage", "0", 60, 0, 1, I (60), I (1));
  put_tensor ("storage_longer", "FloatStorage", "0", 5, 0, 1, I (5), I (1));
  put_tensor ("storage_of_other_type", "DoubleStorage", "0", 6, 0, 1, I (6), I (1));
  put_tensor ("storage_huge", "DoubleStorage", "0", INT64_MAX, 0, 1, I (6), I (1));
  put_tensor ("storage_negative", "FloatStorage", "0", -6, 0, 1, I (6), I (1));
  put_tensor ("storage_unknown_type", "ComplexFloatStorage", "0", 6, 0, 1, I (6), I (1));
}

/* One storage under two types; one name twice; names that are no names. */
static void
bad_dicts (void)
{
  static const char *const cases[][3] = { { "storage_of_two_types", "a", "b" },
                                          { "name_twice", "a", "a" },
                                          { "name_empty", "", "b" },
                                          { "name_not_utf8", "\xff", "b" },
                                          { "name_with_newline", "a\nb", "c" } };
  for (int i = 0; i < 5; i++)
    {
      struct bytes b = { 0 };
      pk_begin (&b);
      b_str (&b, "}(");
      pk_str (&b, cases[i][1]);
      pk_tensor (&b, "FloatStorage", "0", 6, 0, 1, I (6), I (1), 1);
      pk_str (&b, cases[i][2]);
      pk_tensor (&b, i ? "FloatStorage" : "IntStorage", "0", 6, 0, 1, I (6), I (1), 1);
      b_str (&b, "u.");
      put_pickle (cases[i][0], b);
    }
}

static void
torch_frames (void)
{
  struct bytes good = { 0 }, d = b_floats (6);
  pk_begin (&good);
  b_str (&good, "}");
  pk_str (&good, "a");
  pk_tensor (&good, "FloatStorage", "0", 6, 0, 1, I (6), I (1), 1);
  b_str (&good, "s.");
  struct bytes b = pt_legacy (good);
  put ("torch_legacy_without_storages", b);
  b_str (&b, "\x80\x02]");
  pk_str (&b, "0");
  pk_str (&b, "0");
  b.p[b.n - 6] = 'a'; /* ] "0" a … */
  put ("torch_legacy_broken_keys", b);
  b = pt_legacy (good);
  b_str (&b, "\x80\x02](");
  pk_str (&b, "0");
  pk_str (&b, "0");
  b_str (&b, "e.");
  for (int i = 0; i < 2; i++)
    {
      b_le (&b, 6, 8);
      b_add (&b, d.p, d.n);
    }
  put ("torch_legacy_storage_twice", b);
  b = pt_legacy (good);
  b_str (&b, "\x80\x02]");
  pk_str (&b, "0");
  b_str (&b, "a.");
  size_t at = b.n;
  b_le (&b, 6, 8);
  b_add (&b, d.p, d.n);
  put ("torch_legacy_cut_in_storage", cut (b, b.n - 1));
  put ("torch_legacy_cut_in_count", cut (b, at + 7));
  b_poke (&b, at, UINT64_MAX, 8);
  put ("torch_legacy_count_huge", b);
  b_poke (&b, 4, 0, 8);
  put ("torch_legacy_magic_wrong", b);
  static const char *const orders[] = { "middle", "", "little\n", "LITTLE" };
  for (int i = 0; i < 4; i++)
    {
      struct zip_out z = { 0 };
      struct zip_spec s[] = { zip_stored ("x/data.pkl", good), zip_stored ("x/data/0", d),
                              zip_stored ("x/byteorder", text (orders[i])) };
      for (int k = 0; k < 3; k++)
        zip_add (&z, &s[k]);
      char name[64];
      snprintf (name, sizeof name, "torch_zip_byteorder_%d", i);
      put (name, zip_end (&z));
    }
  struct zip_out z = { 0 };
  struct zip_spec s[] = { zip_stored ("x/data.pkl", good), zip_stored ("y/data.pkl", good) };
  zip_add (&z, &s[0]);
  zip_add (&z, &s[1]);
  put ("torch_zip_two_programs", zip_end (&z));
  put ("torch_zip_program_is_bomb", zip_one (zip_deflated ("x/data.pkl", repeated ("\x80\x02N0", 17 << 20))));
}

static void
other_files (void)
{
  put ("empty", text (""));
  put ("one_byte", text ("{"));
  put ("eight_bytes", text ("12345678"));
  put ("plain_text", text ("these are no weights\n"));
  put ("hdf5", text ("\x89HDF\r\n\x1a\n and so on"));
  struct bytes b = { 0 };
  b_fill (&b, 0, 4096);
  put ("zeros", b);
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      fputs ("usage: malformed_weights DIR\n", stderr);
      return 2;
    }
  folder = argv[1];
  safetensors_headers ();
  safetensors_lengths ();
  safetensors_costly ();
  npz_headers ();
  npz_frames ();
  npz_zips ();
  zip_bombs ();
  hostile_globals ();
  broken_programs ();
  pickle_bombs ();
  bad_tensors ();
  bad_dicts ();
  torch_frames ();
  malformed_mat ();
  malformed_objects ();
  other_files ();
  return 0;
}
