/* malformed_onnx DIR: ONNX models that are wrong or hostile, each in its own way, the same ones every time. */
#include "onnx_bytes.h"

static const char *folder;

static void
put (const char *name, struct bytes b)
{
  char path[4096];
  if ((size_t) snprintf (path, sizeof path, "%s/%s", folder, name) >= sizeof path)
    exit (1);
  b_write (&b, path);
}

/* ---- models that say something wrong ---- */

static const struct
{
  const char *name, *text;
} models[] = {
  { "no_nodes", "input x 1 3 4 4\noutput x\n" },
  { "no_output", "input x 1 3 4 4\nnode Relu x > y\n" },
  { "no_input", "values v 1 : 1\nnode Relu v > y\noutput y\n" },
  { "two_inputs", "input x 1 3 4 4\ninput z 1 3 4 4\nnode Add x z > y\noutput y\n" },
  { "backwards", "input x 1 3 4 4\nnode Relu a > y\nnode Relu x > a\noutput y\n" },
  { "circle", "input x 1 3 4 4\nnode Add x b > a\nnode Relu a > b\nnode Relu a > y\noutput y\n" },
  { "output_twice", "input x 1 3 4 4\nnode Relu x > y\nnode Tanh x > y\noutput y\n" },
  { "initializer_twice", "input x 1 3 4 4\nfloat w 1\nfloat w 1\nnode Mul x w > y\noutput y\n" },
  { "rank_6", "input x 1 3 4 4 4 4\nnode Relu x > y\noutput y\n" },
  { "extent_huge", "input x 1 3 4 9223372036854775807\nnode Relu x > y\noutput y\n" },
  { "map_huge", "input x 1 1000000 1000000 1000000\nnode Relu x > y\noutput y\n" },
  { "map_wide", "input x 65536 65536 1048576 1048576 1048576\nints t 2 : 1 -1\nnode Reshape x t > y\noutput y\n" },
  { "resize_to_wide", "input x 1 3 1048576 1\nvalues s 4 : 1 1 1 1048576\nnode Resize x - s > a\nints t 2 : 1 -1\n"
                      "node Reshape a t > y\noutput y\n" },
  { "no_weights", "input x 1 3 4 4\nnode Conv x > y\noutput y\n" },
  { "weights_of_input", "input x 1 3 4 4\nnode Conv x x > y\noutput y\n" },
  { "groups_0", "input x 1 3 4 4\nfloat w 3 3 1 1\nnode Conv x w > y : group=0\noutput y\n" },
  { "groups_huge", "input x 1 3 4 4\nfloat w 3 3 1 1\nnode Conv x w > y : group=9223372036854775807\noutput y\n" },
  { "stride_0", "input x 1 3 4 4\nfloat w 3 3 1 1\nnode Conv x w > y : strides=0,1\noutput y\n" },
  { "dilation_huge",
    "input x 1 3 4 4\nfloat w 3 3 3 3\nnode Conv x w > y : dilations=9223372036854775807,1\noutput y\n" },
  { "pads_negative", "input x 1 3 4 4\nfloat w 3 3 1 1\nnode Conv x w > y : pads=-1,0,0,0\noutput y\n" },
  { "pads_huge", "input x 1 3 4 4\nfloat w 3 3 1 1\nnode Conv x w > y : pads=9223372036854775807,0,0,0\noutput y\n" },
  { "pads_3", "input x 1 3 4 4\nfloat w 3 3 1 1\nnode Conv x w > y : pads=1,1,1\noutput y\n" },
  { "kernel_differs", "input x 1 3 4 4\nfloat w 3 3 1 1\nnode Conv x w > y : kernel_shape=3,3\noutput y\n" },
  { "kernel_huge", "input x 1 3 4 4\nnode MaxPool x > y : kernel_shape=9223372036854775807,1\noutput y\n" },
  { "attribute_of_other_kind", "input x 1 3 4 4\nnode MaxPool x > y : kernel_shape=1\noutput y\n" },
  { "perm_twice", "input x 1 3 4 4\nnode Transpose x > a : perm=0,1,1,3\nnode Relu a > y\noutput y\n" },
  { "perm_far", "input x 1 3 4 4\nnode Transpose x > a : perm=0,1,2,9\nnode Relu a > y\noutput y\n" },
  { "crop_huge",
    "input x 1 3 4 4\nfloat w 3 2 2 2\nnode ConvTranspose x w > y : output_shape=-9223372036854775808,4\noutput y\n" },
  { "output_padding_huge",
    "input x 1 3 4 4\nfloat w 3 2 2 2\nnode ConvTranspose x w > y : output_padding=9223372036854775807,0\noutput y\n" },
  { "bias_short", "input x 1 3 4 4\nfloat w 4 3 1 1\nfloat b 3\nnode Conv x w b > y\noutput y\n" },
  { "not_finite", "input x 1 3 4 4\nvalues w 1 3 1 1 : nan 1 2\nnode Conv x w > y\noutput y\n" },
  { "variance_negative", "input x 1 2 4 4\nvalues v 2 : -1 1\nnode BatchNormalization x v v v v > y\noutput y\n" },
  { "reshape_two_open", "input x 1 3 4 4\nints t 2 : -1 -1\nnode Reshape x t > y\noutput y\n" },
  { "reshape_overflow", "input x 1 3 4 4\nints t 3 : 4294967296 4294967296 -1\nnode Reshape x t > y\noutput y\n" },
  { "reshape_by_input", "input x 1 3 4 4\nnode Reshape x x > y\noutput y\n" },
  { "slice_by_0",
    "input x 1 3 4 4\nints a 1 : 0\nints b 1 : 9\nnode Slice b a b a a > c\nnode Reshape x c > y\noutput y\n" },
  { "constants_bomb",
    "input x 1 3 4 4\nints e 2 : 1000000 1000000\nnode ConstantOfShape e > c\nnode Add x c > y\noutput y\n" },
  { "constants_negative", "input x 1 3 4 4\nints e 1 : -5\nnode ConstantOfShape e > c\nnode Add x c > y\noutput y\n" },
  { "expand_bomb",
    "input x 1 3 4 4\nfloat v 1\nints e 3 : 65536 65536 65536\nnode Expand v e > c\nnode Add x c > y\noutput y\n" },
  { "range_bomb", "input x 1 3 4 4\nvalues a : 0\nvalues b : 1e30\nvalues d : 1\nnode Range a b d > c\nnode Add x c > "
                  "y\noutput y\n" },
  { "range_by_0",
    "input x 1 3 4 4\nvalues a : 0\nvalues b : 1\nvalues d : 0\nnode Range a b d > c\nnode Add x c > y\noutput y\n" },
  { "gather_far", "input x 1 3 4 4\nints a 1 : 7\nfloat v 3\nnode Gather v a > c\nnode Mul x c > y\noutput y\n" },
  { "unsqueeze_many",
    "input x 1 3 4 4\nfloat v 1 1 1 1 1 1 1\nints a 3 : 0 1 2\nnode Unsqueeze v a > c\nnode Mul x c > y\noutput y\n" },
  { "resize_nothing", "input x 1 3 4 4\nnode Resize x > y\noutput y\n" },
  { "resize_huge", "input x 1 3 4 4\nints s 4 : 1 3 4611686018427387904 4\nnode Resize x - - s > y\noutput y\n" },
  { "resize_of_channels", "input x 1 3 4 4\nints s 4 : 1 6 4 4\nnode Resize x - - s > y\noutput y\n" },
  { "resize_wide", "input x 1 3 4 4\nints s 4 : 1 3 2147483647 4\nnode Resize x - - s > y\noutput y\n" },
  { "scaled_wide", "input x 1 2000000000 1 1\nvalues v : 2\nnode Mul x v > y\noutput y\n" },
  { "resize_negative", "input x 1 3 4 4\nvalues s 4 : 1 1 -2 2\nnode Resize x - s > y\noutput y\n" },
  { "recursion", "input x 1 3 4 4\nfunction F a > b\nnode f.F a > b\nend\nnode f.F x > y\noutput y\n" },
  { "recursion_of_two",
    "input x 1 3 4 4\nfunction F a > b\nnode f.G a > b\nend\nfunction G a > b\nnode f.F a > c\nnode f.F c > b\nend\n"
    "node f.F x > y\noutput y\n" },
  { "unknown_domain", "input x 1 3 4 4\nnode com.microsoft.Foo x > y\noutput y\n" },
  { "opset_0", "opset 0\ninput x 1 3 4 4\nnode Relu x > y\noutput y\n" },
  { "opset_99", "opset 99\ninput x 1 3 4 4\nnode Relu x > y\noutput y\n" },
};

/* ---- bytes that are no model, or one that is cut or changed ---- */

static const char sound[] = "input x 1 3 8 8\nfloat c.weight 4 3 3 3\nfloat c.bias 4\nints t 2 : 1 -1\n"
                            "node Conv x c.weight c.bias > a : pads=1,1,1,1 strides=2,2\nnode Relu a > b\n"
                            "node Reshape b t > y\noutput y\n";

static void
put_cut (void)
{
  const struct bytes whole = onnx_of (sound);
  for (size_t n = 1; n < whole.n; n += 1 + n / 24)
    {
      char name[64];
      struct bytes cut = whole;
      cut.n = n;
      snprintf (name, sizeof name, "cut_%zu", n);
      put (name, cut);
    }
}

/* A tensor's message as the only initializer of a model that needs it. */
static void
put_tensor (const char *name, struct bytes tensor)
{
  struct bytes model = { 0 }, graph = { 0 }, opset = { 0 };
  char node[] = "Mul x w > y", input[] = "x 1 3 4 4", output[] = "y";
  o_message (&graph, 1, o_node (node));
  o_message (&graph, 5, tensor);
  o_message (&graph, 11, o_value (input));
  o_message (&graph, 12, o_value (output));
  o_int (&opset, 2, 17);
  o_int (&model, 1, 8);
  o_message (&model, 7, graph);
  o_message (&model, 8, opset);
  put (name, model);
}

static struct bytes
tensor_of (uint64_t extent, uint64_t type)
{
  struct bytes t = { 0 };
  o_int (&t, 1, extent);
  o_int (&t, 2, type);
  o_text (&t, 8, "w");
  return t;
}

static void
put_external (const char *name, const char *location, const char *offset)
{
  static const char *const keys[] = { "location", "offset" };
  const char *const values[] = { location, offset };
  struct bytes t = tensor_of (3, 1);
  for (int i = 0; i < 2; i++)
    {
      struct bytes entry = { 0 };
      o_text (&entry, 1, keys[i]);
      o_text (&entry, 2, values[i]);
      o_message (&t, 13, entry);
    }
  o_int (&t, 14, 1);
  put_tensor (name, t);
}

static void
put_tensors (void)
{
  struct bytes t = tensor_of (UINT64_MAX, 1);
  put_tensor ("tensor_extent_negative", t);
  t = tensor_of (UINT64_C (1) << 62, 1);
  o_int (&t, 1, 16);
  put_tensor ("tensor_overflows", t);
  t = tensor_of (3, 1);
  for (int i = 0; i < 12; i++)
    o_int (&t, 1, 1);
  put_tensor ("tensor_rank_13", t);
  put_tensor ("tensor_without_data", tensor_of (3, 1));
  t = tensor_of (3, 1);
  o_text (&t, 9, "12345678");
  put_tensor ("tensor_short", t);
  put_tensor ("tensor_of_strings", tensor_of (3, 8));
  put_tensor ("tensor_of_unknown", tensor_of (3, 99));
  t = tensor_of (3, 7);
  o_text (&t, 7, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  put_tensor ("tensor_long_varint", t);
  t = tensor_of (3, 1);
  o_text (&t, 4, "123456789ab");
  put_tensor ("tensor_part_of_float", t);
  put_external ("external_above", "../w", "0");
  put_external ("external_absolute", "/etc/passwd", "0");
  put_external ("external_missing", "nothing-here", "0");
  put_external ("external_itself", ".", "0");
  put_external ("external_offset", "empty", "99999999999999999999");
  put_external ("external_minus", "empty", "-1");
}

static struct bytes
repeated (uint32_t field, size_t times)
{
  struct bytes graph = { 0 }, model = { 0 }, opset = { 0 };
  for (size_t i = 0; i < times; i++)
    o_bytes (&graph, field, "", 0);
  o_int (&opset, 2, 17);
  o_int (&model, 1, 8);
  o_message (&model, 7, graph);
  o_message (&model, 8, opset);
  return model;
}

/* Each constant is the one before joined to itself. */
static void
put_doubling (void)
{
  static char text[8192];
  int n = snprintf (text, sizeof text, "input x 1 3 4 4\nfloat c0 64\n");
  for (int i = 0; i < 60; i++)
    n += snprintf (text + n, sizeof text - (size_t) n, "node Concat c%d c%d > c%d : axis=0\n", i, i, i + 1);
  snprintf (text + n, sizeof text - (size_t) n, "node Add x c60 > y\noutput y\n");
  put ("doubling", onnx_of (text));
}

/* An expression of so many operators that it must not be evaluated as it stands, in front of one that nobody has. */
static void
put_long_expression (void)
{
  enum
  {
    NODES = 8000
  };
  char *text = b_memory (NODES * 32 + 256);
  int n = sprintf (text, "input x 1 3 4 4\nvalues v : 0.5\nnode Exp x > a0\n");
  for (int i = 0; i < NODES; i++)
    n += sprintf (text + n, "node Exp a%d > a%d\n", i, i + 1);
  sprintf (text + n, "node Add a%d v > z\nnode Unheard z > y\noutput y\n", NODES);
  put ("long_expression", onnx_of (text));
}

/* 12 functions, each of which calls the next one 12 times. */
static void
put_calls (void)
{
  static char text[32768];
  int n = snprintf (text, sizeof text, "input x 1 3 4 4\n");
  for (int i = 0; i < 12; i++)
    {
      n += snprintf (text + n, sizeof text - (size_t) n, "function F%d a > b\n", i);
      for (int k = 0; k < 12; k++)
        n += snprintf (text + n, sizeof text - (size_t) n, "node f.F%d a > %s\n", i + 1, k ? "c" : "b");
      n += snprintf (text + n, sizeof text - (size_t) n, "end\n");
    }
  snprintf (text + n, sizeof text - (size_t) n, "node f.F0 x > y\noutput y\n");
  put ("calls", onnx_of (text));
}

int
main (int argc, char **argv)
{
  struct bytes b = { 0 };
  if (argc != 2)
    return 2;
  folder = argv[1];
  for (size_t i = 0; i < sizeof models / sizeof *models; i++)
    put (models[i].name, onnx_of (models[i].text));
  put_cut ();
  put_tensors ();
  put_doubling ();
  put_calls ();
  put_long_expression ();
  put ("many_nodes", repeated (1, 1000000));
  put ("many_tensors", repeated (5, 1000000));
  put ("many_inputs", repeated (11, 1000000));
  o_int (&b, 1, 8);
  o_varint (&b, 7 << 3 | 2);
  o_varint (&b, UINT64_MAX);
  put ("length_huge", b);
  return 0;
}
