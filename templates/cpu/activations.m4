m4_divert(-1)
Activations and what they are made of, in the vector vocabulary: the same operations in the same order on every target,
no product in one rounding with an addition, so that all targets give the same bits. NaN stays NaN.
ACTIVATION_WORDS: the words of the expressions of the network's activations, and vproduct where a kernel has it.
MATH(BODY): BODY for a network with any function but vrelu, vprelu and vproduct; WITH_PRODUCT(BODY): or with vproduct.
m4_define(<|MATH_WORDS|>, <|vmin, vpositive, vabs, vexp, velu, vsigmoid, vtanh, vcubic, vsoftplus, vnormal, vsqrt, vlog,
  verf, vpow|>)
m4_define(<|MATH|>, <|USES(<|MATH_WORDS|>, <|$1|>)|>)
m4_define(<|WITH_PRODUCT|>, <|USES(<|vproduct, MATH_WORDS|>, <|$1|>)|>)
USES(<|NAME, …|>, BODY): BODY where one of the NAMEs occurs.
m4_define(<|USES|>, <|IF(OCCURS($1), <|$2|>)|>)
m4_define(<|OCCURS|>, <|m4_ifelse(<|$1|>, <||>, 0,
  <|m4_index(<| |>ACTIVATION_WORDS<| |>, <| $1 |>) >= 0 || OCCURS(m4_shift($@))|>)|>)

HORNER(VAR, <|C0, C1, …|>): the polynomial of VAR with these coefficients, the last one first.
m4_define(<|HORNER|>, <|HORNER_FROM(<|$1|>, $2)|>)
m4_define(<|HORNER_FROM|>, <|m4_ifelse(<|$3|>, <||>, <|vsplat ($2)|>,
<|vsplat ($2) + vproduct (HORNER_FROM(<|$1|>, m4_shift(m4_shift($@))), $1)|>)|>)

m4_define(<|ACTIVATIONS|>, <|USES(<|vexp, velu, vsigmoid, vtanh, vsoftplus, vnormal, verf, vpow|>, <|
/* exp (x) is 2^n (1 + m) with the integer n next to x / ln 2: returns m = exp (x - n ln 2) - 1. |x| is at most 104.
   n ln 2 is subtracted in two parts, of which the first is exact. */
static inline vec
vreduce (vec x, vec *n)
{
  *n = vround (vproduct (x, vsplat (0x1.715476p+0f)));
  const vec r = x - vproduct (*n, vsplat (0x1.62e4p-1f)) - vproduct (*n, vsplat (0x1.7f7d1cp-20f));
  const vec q = HORNER(r, <|0x1.fffffep-2f, 0x1.5554bp-3f, 0x1.555674p-5f, 0x1.1227f6p-7f, 0x1.6bebeep-10f|>);
  return r + vproduct (vproduct (r, r), q);
}
|>)USES(<|vexp, vsigmoid, vsoftplus, vnormal, verf, vpow|>, <|
/* Within 1 ulp. The power of two comes in two steps, so that results below the least normal float are rounded once. */
static inline vec
vexp (vec x)
{
  vec n;
  const vec m = vreduce (vmin (vmax (x, vsplat (-104)), vsplat (89)), &n), half = vround (n * vsplat (0.5f));
  return vproduct (vproduct (vsplat (1) + m, vpow2 (half)), vpow2 (n - half));
}
|>)USES(<|velu, vtanh|>, <|
/* exp (x) - 1 for x <= 0, other x count as 0 */
static inline vec
vexpm1 (vec x)
{
  vec n;
  const vec m = vreduce (vmin (vmax (x, vsplat (-80)), vsplat (0)), &n), power = vpow2 (n);
  return vproduct (m, power) + (power - vsplat (1));
}
|>)USES(velu, <|
static inline vec
velu (vec x, vec alpha)
{
  return vpositive (x, x, alpha * vexpm1 (x));
}
|>)USES(vtanh, <|
static inline vec
vtanh (vec x)
{
  const vec e = vexpm1 (vabs (x) * vsplat (-2));
  return vcopysign (e / (vsplat (2) + e), x);
}
|>)USES(vsigmoid, <|
static inline vec
vsigmoid (vec x)
{
  const vec e = vexp (vsplat (0) - vabs (x));
  return vpositive (x, vsplat (1), e) / (vsplat (1) + e);
}
|>)USES(vcubic, <|
/* a x + b x^3 */
static inline vec
vcubic (vec x, vec a, vec b)
{
  return vproduct (x, a + vproduct (b, vproduct (x, x)));
}
|>)USES(vsoftplus, <|
/* log (1 + x) for x from 0 to 1, as 2 artanh (x / (2 + x)) */
static inline vec
vlog1p (vec x)
{
  const vec s = x / (vsplat (2) + x), twice = s + s, square = vproduct (s, s);
  const vec q = HORNER(square, <|0x1.5555p-2f, 0x1.99d28p-3f, 0x1.1eb5bap-3f, 0x1.1efa3ep-3f|>);
  return twice + vproduct (twice, vproduct (square, q));
}

static inline vec
vsoftplus (vec x, vec beta, vec threshold)
{
  const vec z = vproduct (x, beta);
  const vec y = vmax (z, vsplat (0)) + vlog1p (vexp (vsplat (0) - vabs (z)));
  return vpositive (z - threshold, x, y / beta);
}
|>)USES(<|vnormal, verf|>, <|
/* The normal distribution's part below x: behind |x| lies exp (-x^2 / 2) t p (t) of it, t = 1 / (1 + 0.3 |x|). */
static inline vec
vnormal (vec x)
{
  const vec t = vsplat (1) / (vsplat (1) + vproduct (vabs (x), vsplat (0.3f)));
  const vec p = HORNER(t, <|0x1.ea3c98p-4f, 0x1.e9c422p-4f, 0x1.c38638p-4f, 0x1.411586p-4f, 0x1.89dbb4p-4f,
    -0x1.45517ap-4f, 0x1.88c648p-3f, -0x1.d3619cp-3f, 0x1.cc894p-4f, -0x1.51e512p-6f|>);
  const vec tail = vproduct (vproduct (t, p), vexp (vproduct (vproduct (x, x), vsplat (-0.5f))));
  return vpositive (x, vsplat (1) - tail, tail);
}
|>)USES(verf, <|
/* Up to 1/2 its series, beyond that 1 less twice the normal distribution's part below -|x| sqrt (2). */
static inline vec
verf (vec x)
{
  const vec square = vproduct (x, x);
  const vec p = HORNER(square, <|-0x1.812746p-2f, 0x1.ce2f22p-4f, -0x1.b82ce4p-6f, 0x1.565bcep-8f, -0x1.c02db4p-11f,
    0x1.f9a326p-14f|>);
  const vec inner = vproduct (x, vsplat (0x1.20dd76p+0f)) + vproduct (x, vproduct (square, p));
  const vec tail = vnormal (vproduct (vabs (x), vsplat (-0x1.6a09e6p+0f)));
  return vpositive (vabs (x) - vsplat (0.5f), vcopysign (vsplat (1) - (tail + tail), x), inner);
}
|>)USES(<|vlog, vpow|>, <|
/* x = 2^n m with m from the root of 1/2 to that of 2: n ln 2 + 2 artanh ((m - 1) / (m + 1)), where ln 2 has two parts
   and the product with the first is exact. What is below the normal numbers is made one first. */
static inline vec
vlog (vec x)
{
  const vec more = vpositive (vsplat (0x1p-126f) - x, vsplat (24), vsplat (0)), z = vproduct (x, vpow2 (more));
  const vec n = vexponent (z), half = vround (n * vsplat (0.5f)), k = n - more;
  const vec m = vproduct (vproduct (z, vpow2 (vsplat (0) - half)), vpow2 (half - n));
  const vec s = (m - vsplat (1)) / (m + vsplat (1)), twice = s + s, square = vproduct (s, s);
  const vec q = HORNER(square, <|0x1.555556p-2f, 0x1.99999ap-3f, 0x1.24924ap-3f, 0x1.c71c72p-4f|>);
  const vec rest = vproduct (twice, vproduct (square, q)) + vproduct (k, vsplat (0x1.7f7d1cp-20f));
  const vec y = vproduct (k, vsplat (0x1.62e4p-1f)) + (twice + rest);
  /* The logarithm of infinity is infinite, that of 0 is -infinity, others below have none. */
  const vec above = vpositive (x - vsplat (0x1.fffffep127f), x, y);
  return vpositive (x, above, vsplat (-1) / vabs (vsqrt (x)));
}
|>)USES(vpow, <|
/* |x|^y = exp (y log |x|), 1 for a y of 0. Below 0 it is negative where y is odd, which no number from 2^22 on
   counts as, and NaN where y is no integer and x not infinite. */
static inline vec
vpow (vec x, vec y)
{
  const vec size = vabs (y), capped = vmin (size, vsplat (0x1p22f)), half = capped * vsplat (0.5f);
  const vec fraction = vabs (vround (capped) - capped), odd = vabs (vround (half) - half);
  const vec l = vlog (vabs (x)), product = vpositive (vabs (l), vproduct (y, l), l);
  const vec positive = vpositive (size, vexp (product), vsplat (1) + y), power = vmax (positive, vmin (x, vsplat (0)));
  const vec real = vpositive (fraction, power, vpositive (odd, vcopysign (power, x), power));
  const vec finite = vproduct (x, vsplat (0.5f)) + vsplat (0x1p127f);
  return vpositive (vmin (vmin (vsplat (0) - x, fraction), finite), vsqrt (vsplat (-1)), real);
}
|>)|>)
m4_divert(0)m4_dnl
