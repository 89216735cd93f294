/* Hostile forms of what is read from inert objects: arrays of NumPy's, modules, files within pickles; and indices of files. */
#include "malformed.h"

static void
put_object (const char *name, const char *program, size_t n)
{
  struct bytes b = { 0 };
  b_str (&b, "\x80\x02");
  b_add (&b, program, n);
  struct zip_spec s = zip_stored ("x/data.pkl", b);
  malformed_put (name, zip_one (s));
}
#define PUT(name, program) put_object (name, program, sizeof program - 1)

#define ARRAY "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tC\1btR"
#define DTYPE(type) "cnumpy\ndtype\n(U\2" type "K\0K\1tR(K\3U\1<NNNJ\377\377\377\377J\377\377\377\377K\0tb"

static void
arrays (void)
{
  PUT ("array_too_few_bytes", "}U\1a" ARRAY "(K\1(K\4t" DTYPE ("f4") "\x89U\4abcdtbs.");
  PUT ("array_too_many_bytes", "}U\1a" ARRAY "(K\1(K\1t" DTYPE ("f4") "\x89U\10abcdefghtbs.");
  PUT ("array_product_overflows", "}U\1a" ARRAY "(K\1(\x8a\x08\0\0\0\0\0\0\0\x40\x8a\x08\0\0\0\0\0\0\0\x40t" DTYPE ("f4")
                                  "\x89U\4abcdtbs.");
  PUT ("array_negative_extent", "}U\1a" ARRAY "(K\1(J\377\377\377\377t" DTYPE ("f4") "\x89U\4abcdtbs.");
  PUT ("array_of_rank_20", "}U\1a" ARRAY "(K\1(K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1K\1t" DTYPE ("f4")
                           "\x89U\4abcdtbs.");
  PUT ("array_without_type", "}U\1a" ARRAY "(K\1(K\1tN\x89U\4abcdtbs.");
  PUT ("array_of_objects", "}U\1a" ARRAY "(K\1(K\1t" DTYPE ("O8") "\x89]Natbs.");
  PUT ("array_bytes_are_no_latin", "}U\1a" ARRAY "(K\1(K\1t" DTYPE ("f4") "\x89"
                                   "c_codecs\nencode\n(X\4\0\0\0\xe2\x82\xac\xffU\6latin1tRtbs.");
  PUT ("array_that_holds_itself", "}U\1a" ARRAY "q\1(K\1(K\1t" DTYPE ("f4") "\x89h\1tbs.");
  PUT ("array_is_its_own_shape", "}U\1a" ARRAY "q\1(K\1h\1" DTYPE ("f4") "\x89U\4abcdtbs.");
  PUT ("frombuffer_of_nothing", "}U\1acnumpy.core.numeric\n_frombuffer\n(NNNNtRs.");
}

static void
modules (void)
{
  PUT ("module_in_itself", "cm\nM\n)\x81q\1}(U\13_parameters}U\10_modules}U\1ah\1su0b.");
  PUT ("module_twice_in_itself", "cm\nM\n)\x81q\1}(U\13_parameters}U\10_modules}(U\1ah\1U\1bh\1uub.");
  PUT ("module_of_numbers", "cm\nM\n)\x81}(U\13_parametersK\1U\10_modulesK\1ub.");
  PUT ("script_of_nothing", "c__torch__\nM\n)\x81}b.");
  PUT ("module_fx_without_body", "ctorch.fx.graph_module\nreduce_graph_module\n(NtR.");
}

static void
inner_files (void)
{
  PUT ("inner_file_of_nothing", "}U\1actorch.storage\n_load_from_bytes\n(U\0tRs.");
  PUT ("inner_file_is_no_file", "}U\1actorch.storage\n_load_from_bytes\n(U\3abctRs.");
  PUT ("inner_file_of_a_number", "}U\1actorch.storage\n_load_from_bytes\n(K\1tRs.");
  PUT ("inner_file_stops", "}U\1actorch.storage\n_load_from_bytes\n(U\20\x80\2\x8a\nl\xfc\x9c"
                           "F\xf9 j\xa8P\x19.tRs.");
}

/* Modules of modules, each of which is in two places: the walk would double with each. */
static void
doubling_modules (void)
{
  struct bytes b = { 0 };
  b_str (&b, "\x80\x02");
  for (int i = 0; i < 60; i++)
    {
      b_str (&b, "cm\nM\n)\x81}(U\13_parameters}U\10_modules}(");
      if (i)
        b_str (&b, "U\1ah");
      if (i)
        b_le (&b, (uint64_t) i, 1);
      if (i)
        b_str (&b, "U\1bh");
      if (i)
        b_le (&b, (uint64_t) i, 1);
      b_str (&b, "uubq");
      b_le (&b, (uint64_t) i + 1, 1);
      b_str (&b, i < 59 ? "0" : ".");
    }
  malformed_put ("modules_that_double", zip_one (zip_stored ("x/data.pkl", b)));
}

static void
indices (void)
{
  static const struct
  {
    const char *name, *text;
  } cases[] = {
    { "index_without_map", "{\"weight_map\": 3}" },
    { "index_of_lists", "{\"weight_map\": {\"a\": [1]}}" },
    { "index_outside", "{\"weight_map\": {\"a\": \"../x.safetensors\"}}" },
    { "index_of_a_folder", "{\"weight_map\": {\"a\": \".\"}}" },
    { "index_of_nothing", "{\"weight_map\": {\"a\": \"\"}}" },
    { "index_of_itself", "{\"weight_map\": {\"a\": \"index_of_itself\"}}" },
    { "index_of_absent", "{\"weight_map\": {\"a\": \"nowhere\"}}" },
    { "index_with_newline", "{\"weight_map\": {\"a\": \"x\\nrescast: y\"}}" },
    { "index_cut", "{\"weight_map\": {\"a\": \"x\"" },
    { "index_empty", "{\"weight_map\": {}}" },
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct bytes b = { 0 };
      b_str (&b, cases[i].text);
      malformed_put (cases[i].name, b);
    }
}

void
malformed_objects (void)
{
  arrays ();
  modules ();
  inner_files ();
  doubling_modules ();
  indices ();
}
