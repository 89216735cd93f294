/* ONNX models made up by libFuzzer, read and converted in one process. In a folder of its own:
 *
 *   .../configure CC=clang CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined' && make tests/fuzz_onnx
 *   tests/fuzz_onnx -timeout=1 -malloc_limit_mb=64 FOLDER-OF-MODELS
 *
 * What is refused ends in fatal's exit, from which the linker's --wrap=exit comes back here. */
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/util.h"
#include "frontend/onnx/convert.h"

static jmp_buf refused;
static int within;

_Noreturn void __real_exit (int status);
_Noreturn void __wrap_exit (int status);

_Noreturn void
__wrap_exit (int status)
{
  if (within)
    longjmp (refused, 1);
  __real_exit (status);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t bytes)
{
  static const int64_t size[3] = { 3, 8, 8 };
  const struct conversion_request request = { .input_size = size, .input_rank = 3 };
  within = 1;
  if (onnx_is_model ((const char *) data, bytes) && !setjmp (refused))
    convert (onnx_read ("model.onnx", data, bytes), &request);
  within = 0;
  mem_free_all ();
  return 0;
}
