/* Initial values.
 *
 * Generator: SplitMix64 (Steele, Lea, Flood 2014). A parameter's stream starts at the state
 *   mix (seed + GAMMA) xor FNV-1a (name),
 * its n-th number is mix (state + n · GAMMA), n = 1, 2, …  A uniform value is the number's top 53 bits / 2^53. A
 * normal value is the normal distribution's inverse at (top 52 bits + 1/2) / 2^52 by Wichura's algorithm AS 241, whose
 * only logarithm is made here from the four operations: their results, and sqrt's, are the same on every IEEE machine
 * as long as the compiler contracts nothing (-ffp-contract=off). */
#include "init.h"

#include <math.h>
#include <string.h>

#include "check_values.h"
#include "standardize.h"
#include "weights/npy.h"

#define GAMMA UINT64_C (0x9e3779b97f4a7c15)

static uint64_t
mix (uint64_t z)
{
  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint64_t
next (struct random *r)
{
  return mix (r->state += GAMMA);
}

struct random
random_seed (uint64_t seed, const char *name)
{
  return (struct random){ mix (seed + GAMMA) ^ hash_bytes (HASH_START, name, strlen (name)) };
}

double
random_uniform (struct random *r)
{
  return (double) (next (r) >> 11) * 0x1p-53;
}

/* The natural logarithm of X > 0: x = m · 2^e with m near 1, log m = 2 artanh ((m - 1) / (m + 1)). */
static double
logarithm (double x)
{
  int e;
  double m = frexp (x, &e); /* 1/2 ≤ m < 1, exact */
  if (m < 0.70710678118654752)
    {
      m *= 2;
      e--;
    }
  static const double terms[] = { 1.0 / 25, 1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13,
                                  1.0 / 11, 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3,  1.0 };
  double s = (m - 1) / (m + 1), square = s * s, sum = 0;
  for (size_t i = 0; i < sizeof terms / sizeof *terms; i++) /* s² < 0.0295: the term behind the last is below 2^-60 */
    sum = sum * square + terms[i];
  return e * 0.69314718055994531 + 2 * s * sum;
}

/* A rational function's value: highest coefficients first, eight in each. */
static double
rational (const double num[8], const double den[8], double r)
{
  double n = num[0], d = den[0];
  for (int i = 1; i < 8; i++)
    {
      n = n * r + num[i];
      d = d * r + den[i];
    }
  return n / d;
}

/* AS 241, PPND16: relative error about 1e-16. 0 < P < 1. */
static double
normal_inverse (double p)
{
  static const double middle_num[8] = { 2.5090809287301226727e+3, 3.3430575583588128105e+4, 6.7265770927008700853e+4,
                                        4.5921953931549871457e+4, 1.3731693765509461125e+4, 1.9715909503065514427e+3,
                                        1.3314166789178437745e+2, 3.3871328727963666080e+0 };
  static const double middle_den[8] = { 5.2264952788528545610e+3, 2.8729085735721942674e+4, 3.9307895800092710610e+4,
                                        2.1213794301586595867e+4, 5.3941960214247511077e+3, 6.8718700749205790830e+2,
                                        4.2313330701600911252e+1, 1.0 };
  static const double near_num[8] = { 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                                      1.27045825245236838258e+0, 3.64784832476320460504e+0, 5.76949722146069140550e+0,
                                      4.63033784615654529590e+0, 1.42343711074968357734e+0 };
  static const double near_den[8] = { 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                                      1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e+0,
                                      2.05319162663775882187e+0, 1.0 };
  static const double far_num[8] = { 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                                     2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e+0,
                                     5.46378491116411436990e+0, 6.65790464350110377720e+0 };
  static const double far_den[8] = { 2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                                     7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                                     5.99832206555887937690e-1, 1.0 };
  double q = p - 0.5;
  if (fabs (q) <= 0.425)
    return q * rational (middle_num, middle_den, 0.180625 - q * q);
  double r = sqrt (-logarithm (q < 0 ? p : 1 - p));
  double x = r <= 5 ? rational (near_num, near_den, r - 1.6) : rational (far_num, far_den, r - 5);
  return q < 0 ? -x : x;
}

double
random_normal (struct random *r)
{
  return normal_inverse (((double) (next (r) >> 12) + 0.5) * 0x1p-52);
}

static struct weight *
new_weight (const struct param *p)
{
  struct weight *t = NEW (struct weight);
  *t = (struct weight){ .name = p->name, .dtype = DTYPE_F32, .rank = p->rank, .count = 1 };
  for (int i = 0; i < p->rank; i++)
    {
      t->shape[i] = p->shape[i];
      if (!mul_size (t->count, (size_t) p->shape[i], &t->count))
        fatal_at (p->loc, "%s: too many elements", p->name);
    }
  return t;
}

static const struct weight *
drawn (const struct param *p, uint64_t seed)
{
  struct weight *t = new_weight (p);
  float *v = NEW_ARRAY (t->count, float);
  struct random r = random_seed (seed, p->name);
  for (size_t i = 0; i < t->count; i++)
    {
      double x = p->init_a;
      if (p->init == INIT_NORMAL)
        x += p->init_b * random_normal (&r);
      else if (p->init == INIT_UNIFORM)
        x += (p->init_b - p->init_a) * random_uniform (&r);
      v[i] = (float) x;
    }
  t->data = v;
  return t;
}

static const struct weight *
read_file (const struct param *p)
{
  const struct weight *t = npy_read (p->init_file);
  if (t->dtype != DTYPE_F16 && t->dtype != DTYPE_F32 && t->dtype != DTYPE_F64)
    fatal_at (p->loc, "%s: %s has elements of type %s; a floating-point type is allowed", p->name, p->init_file,
              dtype_name (t->dtype));
  if (t->rank != p->rank || memcmp (t->shape, p->shape, (size_t) p->rank * sizeof *p->shape))
    fatal_at (p->loc, "%s: %s has shape %s; %s is needed", p->name, p->init_file, dims_text (t->rank, t->shape),
              dims_text (p->rank, p->shape));
  return t;
}

int
init_params (struct graph *g, uint64_t seed)
{
  int random = 0;
  for (int i = 0; i < g->param_count; i++)
    {
      struct param *p = g->params[i];
      if (p->value || (p->init == INIT_NONE && p->optional))
        continue;
      if (p->init == INIT_NONE)
        fatal_at (p->loc, "%s has no initial value: give the network's weights with -w", p->name);
      p->value = p->init == INIT_FILE ? read_file (p) : drawn (p, seed);
      random += p->init == INIT_NORMAL || p->init == INIT_UNIFORM;
    }
  check_values (g);
  standardize_params (g);
  return random;
}
