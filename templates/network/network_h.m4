m4_define(<|N|>, <|NETWORK_NAME|>)m4_dnl
BANNER
#ifndef N<||>_NETWORK_H
#define N<||>_NETWORK_H

#include "runtime/rescast.h"

#if RESCAST_ABI != ABI
#error "two networks of unlike ABIs in one file: generate both by the same version of rescast"
#endif

#ifdef __cplusplus
extern "C" {
#endif

COMMENT(<|Input: BATCH x (INPUT_SHAPE_TEXT) floats, channels first. Output: m4_dnl
BATCH x (OUTPUT_SHAPE_TEXT) floats<||>IF(PROBABILITIES, <|, probabilities|>).|>)
/* The SHAPE macros are initialisers: batch, channels, depth, height, width; 1 where there is no such axis. */
#define N<||>_BATCH BATCH
#define N<||>_INPUT_SHAPE { BATCH, INPUT_SHAPE }
#define N<||>_OUTPUT_SHAPE { BATCH, OUTPUT_SHAPE }
#define N<||>_INPUT_FLOATS INPUT_FLOATS
#define N<||>_OUTPUT_FLOATS OUTPUT_FLOATS
IF(PART_COUNT > 1, <|/* Enough for every target; info's arena_bytes are those of one. */
|>)m4_dnl
#define N<||>_ARENA_BYTES ((size_t) ARENA_BYTES)
/* Of the file of weights. */
#define N<||>_WEIGHTS_BYTES ((size_t) WEIGHTS_BYTES)
/* What kernels need on the stacks of threads that a parallel loop of the caller's runs them on, beside the usual. */
#define N<||>_STACK_BYTES ((size_t) STACK_BYTES)

/* A context: one per thread that runs the network; the memory is the caller's. Its members are private.

   A context of zeros, as a static one is or one that is initialised with 0, is not ready: it can be given to
   every function below, as can a null pointer and what a failed init or free leaves, which are zeros too. init
   alone takes memory with any contents; what other functions do with such memory is undefined. */
struct N<||>_target;
struct N
{
  const struct N<||>_target *target;
  const unsigned char *weights;
  unsigned char *arena;
  const float *input;
  float *output;
  rescast_hook *hook;
  void *hook_user;
  struct rescast_pool pool;
IF(MOST_STEPS, <|  int steps;
  struct
  {
    short layer, stage;
  } step[MOST_STEPS];
  unsigned short pieces[MOST_STEPS];
|>)m4_dnl
};

#pragma GCC visibility push(default)

/* The weights: mapped from the file that was generated with this code, or from memory that holds that file's
   bytes at an address divisible by 64. Immutable; any number of contexts may share them. RESCAST_OK or an error,
   with WEIGHTS zeros. rescast_weights_unmap when no context uses them any more. Nobody may change a file that is
   mapped: rescast.h tells more. */
int N<||>_weights_map (struct rescast_weights *weights, const char *path);
int N<||>_weights_init (struct rescast_weights *weights, const void *image, size_t bytes);
/* The same for the target that init takes with CONFIG: those of each precision have weights of their own in the
   file. RESCAST_EINVAL: it names none. Without CONFIG, as above: for the best target that this CPU has. */
int N<||>_weights_map_for (struct rescast_weights *weights, const char *path, const struct rescast_config *config);
int N<||>_weights_init_for (struct rescast_weights *weights, const void *image, size_t bytes,
                          const struct rescast_config *config);
IF(EMBED, <|/* The image of the weights' file that the library has in it, for the functions above; its size in *BYTES,
   unless that is NULL. */
const void *N<||>_weights_embedded (size_t *bytes);
|>)m4_dnl

/* Make NET ready to run. WEIGHTS and ARENA (as many bytes as above, aligned to 64) stay the caller's and must
   outlive NET. CONFIG NULL: one thread, the best target that this CPU has and that the weights are for
   (RESCAST_ECPU: there is none), and weights that are not checked. Starts the threads, which free stops, unless
   CONFIG names a parallel loop of the caller's; nothing is allocated later. A context that is ready is to be freed
   before it is initialised again, or its threads stay. RESCAST_EINVAL: a null pointer, weights that were unmapped,
   or a configuration with values that are not allowed. */
int N<||>_init (struct N *net, const struct rescast_weights *weights, void *arena, size_t arena_bytes,
          const struct rescast_config *config);
/* Stop the threads; NET is zeros again. Of one that is not ready, or NULL, nothing happens. */
void N<||>_free (struct N *net);

/* Run once. INPUT may be what input below returns: then no copy beside the arena is needed; it is overwritten.
   RESCAST_EINVAL: a null pointer, or NET is not ready. */
int N<||>_run (struct N *net, const float *input, float *output);
/* The same of numbers of any element type, in any order: they become floats where input below tells, without a copy
   of the caller's. RESCAST_EINVAL also: E is NULL, or has values that are not allowed. */
int N<||>_run_elements (struct N *net, const struct rescast_elements *e, float *output);
/* A place in the arena for the whole input; NULL when NET is not ready. */
float *N<||>_input (struct N *net);

IF(WITH_WINDOWS, <|/* Volumes larger than the input, EXTENTS voxels along D, H and W (D is 1 in 2-D; smaller ones
   are allowed too), by windows of the input's extents: rescast.h tells how these lie, and what else is to be called.
   HOW NULL: windows overlap by a quarter of their extents and weigh the same everywhere. Sets WINDOWS' output_shape,
   runs, sums_bytes and result_bytes, and keeps no pointer of the caller's. RESCAST_EINVAL, with zeros in WINDOWS: a
   null pointer, a value that is not allowed, a volume too small for a voxel of the output or of too many windows. */
int N<||>_windows_init (struct rescast_windows *windows, const int extents[3],
                  const struct rescast_windowing *how);
COMMENT(<|Run what is left of the windows, after rescast_windows_begin: once, or at the same time on threads of the
   caller's, each with a context of its own and a RESULT of its own, result_bytes of memory. NET's hook sees each run.
   A context of several threads shares each window's layers among them. RESCAST_EINVAL: NET is not ready, or WINDOWS
   is not begun or another network's.|>)
#define N<||>_RESULT_FLOATS (2 * N<||>_OUTPUT_FLOATS)
int N<||>_windows_run (struct N *net, struct rescast_windows *windows, float *result);

|>)m4_dnl
/* Of the target that init chooses when its configuration names none. */
const struct rescast_info *N<||>_info (void);
/* Of the target of that name; NULL: there is none. */
const struct rescast_info *N<||>_info_of (const char *target);
/* Have HOOK called before and after each layer, on the thread that calls run; NULL: no more. Call it after init,
   which forgets the hook. */
void N<||>_set_hook (struct N *net, rescast_hook *hook, void *user);
/* The size of the context, for those who load the library at run time. */
size_t N<||>_context_bytes (void);
/* The generator's version, which the library was made by. */
const char *N<||>_version (void);
IF(ONE_CALL, <|
COMMENT(<|Run once, on one thread, with the library's own weights and memory, N<||>_ARENA_BYTES that it keeps: for small
   networks. Calls at the same time take turns. RESCAST_OK or an error. In C++ this function hides the context's type,
   which is then written struct N. Where its name is another thing's, define N<||>_WITHOUT_CALL before this header.|>)
#ifndef N<||>_WITHOUT_CALL
int N (const float *input, float *output);
#endif
|>)m4_dnl

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
