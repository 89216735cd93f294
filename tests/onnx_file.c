/* onnx_file MODEL.onnx: an ONNX model of the lines on standard input, in the language of onnx_bytes.h. */
#include "onnx_bytes.h"

int
main (int argc, char **argv)
{
  static char text[65536];
  if (argc != 2 || fread (text, 1, sizeof text - 1, stdin) == 0)
    return 2;
  struct bytes b = onnx_of (text);
  b_write (&b, argv[1]);
  return 0;
}
