/* Every activation on every CPU target, and GPUs' expressions compiled for this CPU, against the row's reference in double:
 * floats of all exponents and signs, NaN, infinities and denormals among them. RESCAST_ACTIVATION_FLOATS: how many, instead
 * of 100000; then also what was found is printed. RESCAST_ACTIVATION_SM: an architecture of nvcc's, 90a for one, for which
 * GPUs' expressions are compiled as well, to run on the GPU that is there. */
#include <check.h>
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/cpu/target.h"
#include "folder.h"
#include "graph/activation.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

#if defined __x86_64__
#define TARGETS "c,avx2,avx512"
#else
#define TARGETS "c"
#endif

enum
{
  BLOCK_FLOATS = 10000,
  COMPILED_MOST = 8 /* targets, and the GPUs' expressions, by this CPU and by a GPU */
};

/* With a slope where each channel has one. */
static const struct
{
  struct activation act;
  double slope;
} cases[] = {
#define PARAMETER(key, fallback, least, rule) fallback
#define NO_PARAMETER 0
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, steepest, relative, absolute, inlined, outside, \
                   first, second) \
  { { ACT_##id, (double) (float) (first), (double) (float) (second) }, 0.25 },
#include "graph/activations.def"
  { { ACT_PRELU, 0, 0 }, -1.5 },
  { { ACT_LEAKY_RELU, -0.5, 0 }, 0 },
  { { ACT_ELU, 2.5, 0 }, 0 },
  { { ACT_SOFTPLUS, 2, 5 }, 0 },
  { { ACT_SOFTPLUS, 0.125, 100 }, 0 },
  { { ACT_CLIP, -1.5, 0.25 }, 0 },
  { { ACT_CLIP, 0.5, 100 }, 0 },
};

/* The last case is exp itself. */
enum
{
  EXP = COUNT (cases)
};

/* ---- what is compiled ---- */

typedef void compiled (const float *x, float *y, int n);

static struct
{
  const char *name;
  bool device;                /* of the GPUs' expressions */
  compiled *of_case[EXP + 1]; /* NULL: there is none */
} all[COMPILED_MOST];
static int all_count;

/* One of the loops over x. */
static void
add_function (struct text *t, const char *vectors, int i, const char *expression)
{
  if (vectors)
    text_printf (t, "void f%d (const float *p, float *q, int n)\n{\n  for (int i = 0; i < n; i += VL)\n    {\n"
                 "      const vec x = vload (p + i);\n      vstore (q + i, %s);\n    }\n}\n", i, expression);
  else
    text_printf (t, "void f%d (const float *p, float *q, int n)\n{\n  for (int i = 0; i < n; i++)\n    {\n"
                 "      const float x = p[i];\n      q[i] = %s;\n    }\n}\n", i, expression);
}

/* NAME's functions from LIBRARY. */
static void
add_library (const char *name, bool device, const char *library)
{
  void *handle = dlopen (library, RTLD_NOW | RTLD_LOCAL);
  ck_assert_msg (handle, "%s", dlerror ());
  all[all_count].name = name;
  all[all_count].device = device;
  for (int i = 0; i <= EXP; i++)
    {
      void *f = dlsym (handle, mem_printf ("f%d", i));
      memcpy (&all[all_count].of_case[i], &f, sizeof f);
    }
  all_count++;
}

/* NAME's functions from the source T, which FLAGS compile. */
static void
add_compiled (const char *name, bool device, const char *t, const char *flags)
{
  char *source = folder_path ("%s.c", name), *library = folder_path ("%s.so", name);
  folder_write (source, t);
  child_shell_ok ("${CC:-cc} -std=gnu11 -O2 -fPIC -shared -I'%s' %s '%s' -o '%s' -lm", folder_path ("q"), flags, source,
                  library);
  add_library (name, device, library);
}

static bool
can_run (const char *target)
{
#if defined __x86_64__
  if (strcmp (target, "avx2") == 0)
    return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
  if (strcmp (target, "avx512") == 0)
    return __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq");
#endif
  return strcmp (target, "c") == 0;
}

/* A network with every activation has every function in its targets' headers. */
static void
generate (void)
{
  struct text t = { 0 };
  text_add (&t, "name: q\nnetwork: sequence\ninput-size: [4, 4, 16]\nlayers:\n");
#define PARAMETER(key, fallback, least, rule)
#define NO_PARAMETER
#define ACTIVATION(id, name, ...) text_add (&t, "  - { type: " name " }\n");
#include "graph/activations.def"
  text_add (&t, "  - { type: softmax }\n");
  folder_write (folder_path ("q.yaml"), t.s);
  child_shell_ok ("'%s' generate '%s' -o '%s' -t " TARGETS, rescast_program (), folder_path ("q.yaml"), folder_path ("q"));
}

static void
compile_target (const struct target *target)
{
  struct text t = { 0 };
  text_printf (&t, "#include \"q_%s.h\"\n", target->name);
  for (int i = 0; i < EXP; i++)
    add_function (&t, "", i, activation_vector (&cases[i].act, "x", mem_printf ("vsplat (%af)", cases[i].slope)));
  add_function (&t, "", EXP, "vexp (x)");
  add_compiled (target->name, false, t.s, target->flags);
}

/* What GPUs' expressions use besides CUDA's functions: in C, with the values of the instructions in emitted code. */
#define LARGER_AND_SMALLER(specifiers) \
  specifiers " float larger (float a, float b) { return a > b || a != a ? a : b; }\n" \
  specifiers " float smaller (float a, float b) { return a < b || a != a ? a : b; }\n"

static const char *
device_expression (int i)
{
  return activation_device (&cases[i].act, "x", mem_printf ("%af", cases[i].slope));
}

/* GPUs' functions of the same names are the C library's here, which has no normcdff. */
static void
compile_cuda (void)
{
  struct text t = { 0 };
  text_add (&t, "#include <math.h>\n" LARGER_AND_SMALLER ("static inline")
                "static inline float normcdff (float x) { return 0.5f * erfcf (x * -0.70710678f); }\n");
  for (int i = 0; i < EXP; i++)
    add_function (&t, NULL, i, device_expression (i));
  add_compiled ("cuda", true, t.s, "");
}

/* The same expressions as kernels, by nvcc with the flags of a network's own. */
static void
compile_gpu (const char *architecture)
{
  struct text t = { 0 };
  text_printf (&t, LARGER_AND_SMALLER ("static __device__")
               "static void run (void (*kernel) (const float *, float *, int), const float *p, float *q, int n)\n{\n"
               "  static float *x, *y;\n"
               "  if ((!x && (cudaMalloc (&x, %d) || cudaMalloc (&y, %d)))\n"
               "      || cudaMemcpy (x, p, n * sizeof *p, cudaMemcpyHostToDevice))\n    abort ();\n"
               "  kernel<<<(n + 255) / 256, 256>>> (x, y, n);\n"
               "  if (cudaGetLastError ()\n"
               "      || cudaMemcpy (q, y, n * sizeof *q, cudaMemcpyDeviceToHost))\n    abort ();\n}\n",
               BLOCK_FLOATS * (int) sizeof (float), BLOCK_FLOATS * (int) sizeof (float));
  for (int i = 0; i < EXP; i++)
    text_printf (&t, "static __global__ void k%d (const float *p, float *q, int n)\n{\n"
                 "  const int i = blockIdx.x * blockDim.x + threadIdx.x;\n  if (i < n)\n    {\n"
                 "      const float x = p[i];\n      q[i] = %s;\n    }\n}\n"
                 "extern \"C\" void f%d (const float *p, float *q, int n) { run (k%d, p, q, n); }\n",
                 i, device_expression (i), i, i);
  char *source = folder_path ("gpu.cu"), *library = folder_path ("gpu.so");
  folder_write (source, t.s);
  child_shell_ok ("nvcc -O3 --std=c++17 -arch=sm_%s -Xcompiler -fPIC -shared '%s' -o '%s'", architecture, source,
                  library);
  add_library ("gpu", true, library);
}

static void
compile_all (void)
{
  folder_make ();
  generate ();
  struct targets targets = targets_parse (TARGETS);
  for (int i = 0; i < targets.count; i++)
    if (can_run (targets.list[i].name))
      compile_target (targets.list[i].cpu);
  compile_cuda ();
  if (getenv ("RESCAST_ACTIVATION_SM"))
    compile_gpu (getenv ("RESCAST_ACTIVATION_SM"));
}

/* ---- the comparison ---- */

static uint64_t
next (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
  return z ^ z >> 31;
}

/* Half are any bits, half lie where exp has results; some special ones in front. */
static void
fill (float *x, uint64_t *state)
{
  static const float special[] = { 0, -0.0f, INFINITY, -INFINITY, NAN, 0x1p-149f, -0x1p-149f, 0x1p-126f, 0x1.fffffep127f,
                                   -0x1.fffffep127f, 1, -1, 3, -3, 6, 20, 88.72283f, 88.72284f, -87.3f, -103.97208f,
                                   -104, 89, 0.34657359f, -0.34657359f, 5, 0.5f };
  for (int i = 0; i < BLOCK_FLOATS; i++)
    {
      uint64_t r = next (state);
      uint32_t any = (uint32_t) r;
      if (i < (int) COUNT (special))
        x[i] = special[i];
      else if (r >> 63)
        x[i] = (float) ((double) (r >> 31 & 0xffffffff) * 0x1p-32 * 210 - 110) * (r >> 30 & 1 ? 1 : 0.0625f);
      else
        memcpy (&x[i], &any, sizeof any);
    }
}

static double
reference (int i, double x)
{
  return i == EXP ? exp (x) : activation_value (&cases[i].act, cases[i].slope, x);
}

/* The distance from one float to the next at Y. */
static double
ulp_at (double y)
{
  int e;
  frexp (y, &e);
  return ldexp (1, (e < -125 ? -125 : e) - 24);
}

/* What the row states, and what is lost below the least normal float, where the factors of a result may be: on CPUs half a
 * step for each of few roundings, on GPUs all. exp: 2 ulp. */
static double
bound_at (int i, int t, double y)
{
  return i == EXP ? 2 * ulp_at (y) : activation_error (&cases[i].act, y) + (all[t].device ? 0x1p-120 : 0x1p-140);
}

/* The error of Y as a part of the bound; infinite where it is not what it should be at all. */
static double
error_of (int i, int t, double want, float y)
{
  if (isnan (want) || isnan (y))
    return isnan (want) && isnan (y) ? 0 : INFINITY;
  if (isinf ((float) want) || isinf (y))
    return y == (float) want || (fabs (want) > 0x1.fffffcp127 && fabs (want) < 0x1.000004p128) ? 0 : INFINITY;
  return fabs (y - want) == 0 ? 0 : fabs (y - want) / bound_at (i, t, want);
}

static bool
same_float (float a, float b)
{
  return memcmp (&a, &b, sizeof a) == 0 || (isnan (a) && isnan (b));
}

static const char *
case_name (int i)
{
  return i == EXP ? "exp" : activation_text (&cases[i].act);
}

static long
wanted_floats (void)
{
  const char *floats = getenv ("RESCAST_ACTIVATION_FLOATS");
  return floats ? atol (floats) : 0;
}

START_TEST (agrees)
{
  static _Alignas (64) float x[BLOCK_FLOATS], y[COMPILED_MOST][BLOCK_FLOATS];
  static double want[BLOCK_FLOATS];
  double worst[COMPILED_MOST] = { 0 };
  float at[COMPILED_MOST] = { 0 };
  uint64_t state = 1;
  long count = wanted_floats () ? wanted_floats () : 100000;
  for (long done = 0; done < count; done += BLOCK_FLOATS)
    {
      fill (x, &state);
      for (int k = 0; k < BLOCK_FLOATS; k++)
        want[k] = reference (_i, (double) x[k]);
      for (int t = 0; t < all_count; t++)
        {
          if (!all[t].of_case[_i])
            continue;
          all[t].of_case[_i](x, y[t], BLOCK_FLOATS);
          for (int k = 0; k < BLOCK_FLOATS; k++)
            {
              double error = error_of (_i, t, want[k], y[t][k]);
              if (error > worst[t])
                worst[t] = error, at[t] = x[k];
              if (!(error <= 1)) /* ck_assert itself writes to a pipe each time */
                ck_abort_msg ("%s, %s: of %a (%g) got %a, expected %a", case_name (_i), all[t].name, (double) x[k],
                              (double) x[k], (double) y[t][k], want[k]);
              if (!all[t].device && !same_float (y[t][k], y[0][k]))
                ck_abort_msg ("%s: of %a got %a with %s, %a with %s", case_name (_i), (double) x[k], (double) y[t][k],
                              all[t].name, (double) y[0][k], all[0].name);
            }
        }
    }
  for (int t = 0; wanted_floats () && t < all_count; t++)
    printf ("%s, %s: at most %.2f of the bound, at %g\n", case_name (_i), all[t].name, worst[t], (double) at[t]);
}
END_TEST

/* What the passes and kernels ask the row, against its reference. */
START_TEST (properties)
{
  const struct activation *act = &cases[_i].act;
  const double slope = cases[_i].slope;
  double before = activation_value (act, slope, -30), least = 0, steepest = 0;
  bool falls = false;
  for (double x = -30; x < 30; x += 0x1p-10)
    {
      double y = activation_value (act, slope, x);
      falls |= y < before - 1e-9;
      if (isfinite (y) && isfinite (before))
        steepest = fmax (steepest, fabs (y - before) / 0x1p-10
                                       / fmax (activation_steepest (act, slope, x),
                                               activation_steepest (act, slope, x - 0x1p-10)));
      least = fmin (least, y);
      before = y;
    }
  if (activation_is_monotone (act))
    ck_assert_msg (!falls, "%s", case_name (_i));
  if (activation_is_never_negative (act))
    ck_assert_msg (least >= 0, "%s", case_name (_i));
  if (act->id != ACT_SOFTPLUS || act->b >= 20) /* it has a step at the threshold */
    ck_assert_msg (steepest <= 1 + 1e-9, "%s: %g", case_name (_i), steepest);
  _Alignas (64) float zero[16] = { 0 }, y[16];
  for (int t = 0; t < all_count && !all[t].device && activation_keeps_zero (act); t++)
    {
      all[t].of_case[_i](zero, y, 16);
      ck_assert_msg (y[0] == 0, "%s, %s", case_name (_i), all[t].name);
    }
}
END_TEST

Suite *activations_suite (void);

Suite *
activations_suite (void)
{
  Suite *s = suite_create ("activations");
  TCase *t = tcase_create ("rows");
  tcase_add_unchecked_fixture (t, compile_all, folder_remove);
  tcase_set_timeout (t, 600);
  tcase_add_loop_test (t, agrees, 0, EXP + 1);
  tcase_add_loop_test (t, properties, 0, EXP);
  suite_add_tcase (s, t);
  return s;
}
