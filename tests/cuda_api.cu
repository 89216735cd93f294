/* The library as a program of the CUDA runtime's uses it: two contexts of one model, the caller's arena and stream, a
 * captured graph. Prints what differs; exit status 0: nothing. */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <cuda_runtime.h>

#include "digits_cuda.h"

#define CHECK(call) \
  if (int error = (int) (call)) \
    { \
      std::printf ("%s: error %d %s\n", #call, error, rescast_cuda_message ()); \
      std::exit (1); \
    }

int
main ()
{
  const size_t in = 64, out = 10;
  rescast_weights weights;
  rescast_cuda_model model;
  digits_cuda first, second;
  CHECK (digits_cuda_weights_map (&weights, "digits.weights"));
  CHECK (digits_cuda_load (&model, &weights, 0));
  rescast_weights_unmap (&weights);

  void *arena, *input, *output;
  cudaStream_t stream;
  CHECK (cudaStreamCreate (&stream));
  CHECK (cudaMalloc (&arena, digits_CUDA_ARENA_BYTES));
  CHECK (cudaMalloc (&input, in * sizeof (float)));
  CHECK (cudaMalloc (&output, 3 * out * sizeof (float)));
  CHECK (cudaMemset (output, 0xff, 3 * out * sizeof (float)));
  std::vector<float> x (in), y (3 * out);
  for (size_t i = 0; i < in; i++)
    x[i] = (float) (i % 7) / 7;
  CHECK (cudaMemcpy (input, x.data (), in * sizeof (float), cudaMemcpyHostToDevice));

  CHECK (digits_cuda_init (&first, &model, arena));
  CHECK (digits_cuda_init (&second, &model, NULL));
  CHECK (digits_run_cuda (&first, input, output, stream));
  CHECK (cudaStreamSynchronize (stream));
  CHECK (digits_run_cuda (&second, input, (float *) output + out, stream));
  CHECK (cudaStreamSynchronize (stream));

  cudaGraph_t graph;
  cudaGraphExec_t exec;
  size_t before, after, total;
  CHECK (cudaStreamBeginCapture (stream, cudaStreamCaptureModeGlobal));
  CHECK (digits_run_cuda (&first, input, (float *) output + 2 * out, stream));
  CHECK (cudaStreamEndCapture (stream, &graph));
  CHECK (cudaGraphInstantiate (&exec, graph, 0));
  CHECK (cudaGraphLaunch (exec, stream));
  CHECK (cudaStreamSynchronize (stream));
  CHECK (cudaMemGetInfo (&before, &total));
  for (int i = 0; i < 100; i++)
    CHECK (cudaGraphLaunch (exec, stream));
  CHECK (cudaStreamSynchronize (stream));
  CHECK (cudaMemGetInfo (&after, &total));
  CHECK (cudaMemcpy (y.data (), output, 3 * out * sizeof (float), cudaMemcpyDeviceToHost));
  int different = std::memcmp (&y[0], &y[out], out * sizeof (float)) != 0
                  || std::memcmp (&y[0], &y[2 * out], out * sizeof (float)) != 0;
  if (different)
    std::printf ("the runs differ\n");
  if (before != after)
    std::printf ("running takes memory\n");
  for (size_t i = 0; i < out; i++)
    std::printf ("%.9g%c", y[i], i + 1 < out ? ' ' : '\n');
  digits_cuda_free (&first);
  digits_cuda_free (&second);
  rescast_cuda_unload (&model);
  return different || before != after;
}
