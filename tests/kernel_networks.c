/* The networks of the suite "kernels": layers by hand, networks from options, random ones. */
#include "kernel_networks.h"

#include <string.h>

#include "graph/shape.h"
#include "frontend/frontend.h"
#include "small_graph.h"

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* ---- layers by hand ---- */

/* A convolution of a tensor that a subsampling of the input gives: C channels, every S-th pixel. */
struct layer
{
  int64_t c, stride_d, stride; /* what it reads */
  int64_t filters, groups;
  int64_t kernel[AXES], s[AXES], dilation[AXES];
  int64_t lo[AXES], hi[AXES];
  char behind; /* b: normalisation, r: and a residual and relu, p: and prelu, -: nothing */
};

static int
add_layer (struct graph *g, int in, const struct layer *l)
{
  struct conv_spec c = { .filters = l->filters, .groups = l->groups, .bias = l->behind != 'b', .same = l->lo[0] < 0 };
  for (int a = 0; a < AXES; a++)
    {
      c.kernel[a] = l->kernel[a];
      c.stride[a] = l->s[a];
      c.dilation[a] = l->dilation[a];
      c.pad_lo[a] = c.same ? 0 : l->lo[a];
      c.pad_hi[a] = l->hi[a];
    }
  if (l->behind == '-')
    return small_conv (g, in, c);
  int residual = l->behind == 'r' ? small_conv (g, in, c) : -1;
  int x = small_bn (g, small_conv (g, in, c));
  if (l->behind == 'p')
    return small_prelu (g, x, false);
  return l->behind == 'r' ? small_relu (g, small_bn (g, small_add (g, x, residual))) : x;
}

static struct graph *
end (struct graph *g, const char *name, int x)
{
  small_end (g, x);
  small_params (g, 11);
  g->name = name;
  return g;
}

#define SAME { -1 }, { 0 }
#define ONES { 1, 1, 1 }
#define CUBE(k) { k, k, k }
#define FLAT(k) { 1, k, k }

/* Widths of 26 / stride: 26 13 9 7 6 5 3 2 1. */
static const struct layer flat_layers[] = {
  { 20, 1, 2, 24, 1, FLAT (3), ONES, ONES, SAME, 'r' },                           /* 13: tiles of 5, 4, 4 */
  { 17, 1, 3, 33, 1, FLAT (3), { 1, 2, 2 }, ONES, SAME, 'b' },                    /* 9 to 5 */
  { 16, 1, 4, 16, 1, FLAT (5), { 1, 3, 3 }, ONES, SAME, 'p' },                    /* 7 to 3 */
  { 31, 1, 5, 15, 1, FLAT (1), ONES, ONES, SAME, 'r' },                           /* 6 x 6 joined to 36 */
  { 1, 1, 6, 48, 1, FLAT (1), ONES, ONES, SAME, '-' },                            /* one channel of 16 */
  { 18, 1, 9, 18, 1, FLAT (3), ONES, ONES, SAME, 'r' },                           /* 3 wide: two rows at once */
  { 40, 1, 13, 20, 1, FLAT (3), ONES, ONES, SAME, 'b' },                          /* 2 wide: three rows */
  { 19, 1, 26, 21, 1, FLAT (3), ONES, ONES, SAME, 'p' },                          /* one pixel: 1 tap of 9 */
  { 24, 1, 2, 24, 2, FLAT (3), ONES, { 1, 2, 2 }, SAME, 'r' },                    /* 12 channels per group */
  { 60, 1, 4, 60, 3, FLAT (3), ONES, { 1, 4, 4 }, SAME, 'b' },                    /* 20 per group, dilation 4 */
  { 32, 1, 5, 64, 8, FLAT (3), { 1, 2, 2 }, ONES, SAME, 'p' },                    /* 4 to 8 per group */
  { 48, 1, 9, 24, 4, FLAT (2), ONES, ONES, SAME, 'b' },                           /* 12 to 6, even window */
  { 20, 1, 6, 20, 20, FLAT (3), ONES, ONES, SAME, 'r' },                          /* depthwise */
  { 80, 1, 13, 80, 2, FLAT (1), ONES, ONES, SAME, 'r' },                          /* 40 per group: blocks 0-2, 2-4 */
  { 64, 1, 1, 40, 1, FLAT (1), ONES, ONES, SAME, 'r' },                           /* strips of 13 joined rows */
  { 64, 1, 1, 128, 1, FLAT (1), { 1, 2, 2 }, ONES, SAME, 'b' },                   /* output blocks take turns */
  { 18, 1, 4, 17, 1, { 1, 5, 2 }, { 1, 2, 1 }, { 1, 1, 3 }, { 0, 3, 1 }, { 0, 0, 2 }, 'b' }, /* lopsided */
  { 18, 1, 2, 17, 1, { 1, 4, 4 }, { 1, 2, 3 }, ONES, { 0, 0, 0 }, { 0, 0, 0 }, '-' },        /* none */
  { 18, 1, 4, 17, 1, { 1, 3, 3 }, ONES, ONES, { 0, -2, -1 }, { 0, -1, 0 }, 'p' },            /* crops */
  { 18, 1, 3, 17, 1, { 1, 3, 1 }, { 1, 3, 1 }, { 1, 2, 1 }, { 0, 4, 0 }, { 0, 5, 3 }, 'b' }, /* more than it needs */
};

static const struct layer deep_layers[] = { /* depths of 7 / stride: 7 4 3 2 1 */
  { 20, 1, 2, 24, 1, CUBE (3), ONES, ONES, SAME, 'r' },                          /* 7 x 7 x 7 */
  { 17, 2, 4, 16, 1, CUBE (3), CUBE (2), ONES, SAME, 'b' },                      /* 4 x 4 x 4 to 2 x 2 x 2 */
  { 16, 7, 2, 16, 1, CUBE (3), ONES, ONES, SAME, 'r' },                          /* flat: 9 taps of 27 */
  { 18, 4, 5, 9, 1, CUBE (1), ONES, ONES, SAME, 'r' },                           /* joined rows, 2 planes */
  { 17, 3, 7, 33, 1, CUBE (1), CUBE (2), ONES, SAME, 'p' },                      /* 3 x 2 x 2 to 2 x 1 x 1 */
  { 24, 1, 4, 24, 2, CUBE (3), { 2, 1, 3 }, { 1, 2, 1 }, SAME, 'b' },            /* grouped */
  { 18, 1, 3, 20, 1, { 1, 5, 2 }, ONES, CUBE (2), SAME, 'b' },
  { 20, 2, 5, 12, 4, { 4, 1, 3 }, { 1, 2, 1 }, ONES, { 2, 0, 0 }, { 3, 1, 2 }, 'p' },
  { 33, 1, 13, 7, 1, { 7, 1, 1 }, ONES, ONES, { 0, 0, 0 }, { 0, 0, 0 }, 'r' },
};

/* Groups that share blocks of channels. */
static const struct layer flat_groups[] = {
  { 64, 1, 1, 64, 16, FLAT (3), ONES, ONES, SAME, 'r' },                         /* 4 per group */
  { 40, 1, 2, 40, 5, FLAT (3), { 1, 2, 2 }, ONES, SAME, 'b' },                   /* 8, the last block half full */
  { 22, 1, 4, 22, 11, FLAT (3), ONES, { 1, 2, 2 }, SAME, 'p' },                  /* 2 */
  { 36, 1, 9, 36, 9, FLAT (3), ONES, ONES, SAME, 'r' },                          /* 3 wide: rows together */
  { 24, 1, 13, 24, 24, FLAT (3), ONES, ONES, SAME, 'b' },                        /* depthwise, 2 wide */
  { 18, 1, 3, 18, 18, FLAT (7), ONES, ONES, SAME, 'p' },                         /* more taps than registers */
  { 33, 1, 26, 33, 33, FLAT (3), ONES, ONES, SAME, '-' },                        /* one pixel, one tap */
  { 12, 1, 5, 12, 3, FLAT (1), { 1, 2, 2 }, ONES, SAME, 'r' },                   /* pointwise */
  { 24, 1, 2, 24, 3, { 1, 2, 4 }, { 1, 1, 3 }, { 1, 2, 1 }, { 0, 1, 3 }, { 0, 0, 1 }, '-' },
  { 16, 1, 4, 16, 4, FLAT (3), ONES, ONES, { 0, -2, -1 }, { 0, -1, 0 }, 'p' },
  { 17, 1, 3, 34, 17, FLAT (3), ONES, ONES, SAME, 'r' },                         /* depthwise, two outputs each */
  { 10, 1, 2, 50, 10, FLAT (3), { 1, 2, 1 }, { 1, 1, 3 }, SAME, 'p' },           /* five */
  { 15, 1, 1, 15, 5, FLAT (3), ONES, ONES, SAME, 'r' },                          /* 3 per group */
  { 20, 1, 3, 35, 5, FLAT (3), { 1, 2, 2 }, ONES, SAME, 'b' },                   /* 4 to 7 */
  { 60, 1, 4, 60, 12, { 1, 1, 5 }, ONES, { 1, 1, 2 }, SAME, 'p' },               /* 5 */
  { 42, 1, 13, 12, 6, { 1, 2, 1 }, ONES, ONES, { 0, 1, 0 }, { 0, 0, 2 }, 'r' },  /* 7 to 2 */
  { 48, 1, 2, 48, 3, FLAT (3), ONES, ONES, SAME, 'r' },                          /* whole blocks */
};

static const struct layer deep_groups[] = {
  { 32, 1, 1, 32, 8, CUBE (3), ONES, ONES, SAME, 'r' },                          /* 4 per group */
  { 24, 2, 2, 24, 3, CUBE (3), CUBE (2), ONES, SAME, 'b' },                      /* 8 */
  { 10, 1, 3, 10, 5, CUBE (3), { 2, 1, 3 }, { 1, 2, 1 }, SAME, 'p' },            /* 2 */
  { 20, 1, 2, 20, 20, CUBE (3), ONES, { 2, 1, 1 }, SAME, 'r' },                  /* depthwise */
  { 18, 7, 4, 18, 18, CUBE (3), ONES, ONES, SAME, 'b' },                         /* flat: 9 taps of 27 */
  { 16, 2, 5, 16, 4, { 4, 1, 5 }, { 1, 2, 1 }, ONES, { 2, 0, 0 }, { 3, 1, 2 }, 'p' },
  { 9, 1, 2, 27, 9, CUBE (3), ONES, ONES, SAME, 'r' },                           /* depthwise, three outputs each */
  { 18, 1, 1, 18, 6, CUBE (3), { 2, 1, 1 }, ONES, SAME, 'p' },                   /* 3 per group */
  { 25, 3, 3, 10, 5, { 2, 3, 1 }, ONES, { 2, 1, 1 }, { 1, 0, 0 }, { 2, 1, 1 }, 'b' }, /* 5 to 2 */
};

static struct graph *
blocked (const char *name, struct graph *g, const struct layer *layers, size_t count)
{
  int x = 0;
  for (size_t i = 0; i < count; i++)
    x = add_layer (g, small_subsample (g, 0, layers[i].c, layers[i].stride_d, layers[i].stride), &layers[i]);
  return end (g, name, x);
}

static struct graph *
flat_convs (uint64_t batch)
{
  return blocked ("flat", small_graph ((int64_t) batch, 2, 1, 1, 26, 26), flat_layers, COUNT (flat_layers));
}

static struct graph *
deep_convs (uint64_t batch)
{
  return blocked ("deep", small_graph ((int64_t) batch, 3, 1, 7, 13, 13), deep_layers, COUNT (deep_layers));
}

static const struct layer flat_winograd[] = {
  { 20, 1, 1, 40, 1, FLAT (3), ONES, ONES, SAME, 'r' },                          /* 26: 49 tiles, the last of a row half empty */
  { 48, 1, 2, 33, 1, FLAT (3), ONES, ONES, SAME, 'p' },                          /* 13 */
  { 17, 1, 3, 50, 1, FLAT (3), ONES, ONES, { 0, 0, 1 }, { 0, 2, 0 }, 'b' },      /* 9 to 9 x 8 */
};

static const struct layer deep_winograd[] = {
  { 20, 1, 1, 36, 1, CUBE (3), ONES, ONES, SAME, 'r' },                          /* 7 x 13 x 13 */
  { 33, 2, 2, 60, 1, CUBE (3), ONES, ONES, SAME, 'b' },                          /* 4 x 7 x 7 */
};

struct graph *
kernel_network_winograd (uint64_t rank)
{
  if (rank == 2)
    return blocked ("flat_winograd", small_graph (1, 2, 1, 1, 26, 26), flat_winograd, COUNT (flat_winograd));
  return blocked ("deep_winograd", small_graph (1, 3, 1, 7, 13, 13), deep_winograd, COUNT (deep_winograd));
}

static struct graph *
flat_grouped (uint64_t batch)
{
  return blocked ("flat_groups", small_graph ((int64_t) batch, 2, 1, 1, 26, 26), flat_groups, COUNT (flat_groups));
}

static struct graph *
deep_grouped (uint64_t batch)
{
  return blocked ("deep_groups", small_graph ((int64_t) batch, 3, 1, 7, 13, 13), deep_groups, COUNT (deep_groups));
}

/* Convolutions that read the input's planes; only they may. */
static const struct layer planar_layers[] = {
  { 0, 0, 0, 20, 1, CUBE (7), CUBE (2), ONES, SAME, 'r' },
  { 0, 0, 0, 16, 1, { 1, 5, 2 }, { 1, 1, 3 }, { 1, 1, 4 }, SAME, 'p' },
  { 0, 0, 0, 33, 1, { 3, 1, 1 }, { 1, 2, 2 }, { 2, 1, 1 }, { 1, 0, 0 }, { 3, 2, 1 }, 'b' },
  { 0, 0, 0, 7, 1, { 2, 3, 4 }, ONES, ONES, { 0, -1, 2 }, { 1, 0, -1 }, '-' },
};

static struct graph *
planar (uint64_t c)
{
  struct graph *g = small_graph (c == 3 ? 3 : 1, 3, (int64_t) c, c == 8 ? 1 : 5, 11, 13);
  int x = 0;
  for (size_t i = 0; i < COUNT (planar_layers); i++)
    if (c != 8 || planar_layers[i].lo[0] < 0)
      x = add_layer (g, 0, &planar_layers[i]);
  return end (g, mem_printf ("planar%d", (int) c), x);
}

/* Stems of stride 2, whose phases have 3 or 4 taps each along every axis: most of them by Winograd. */
static const struct layer phased_layers[] = {
  { 0, 0, 0, 20, 1, CUBE (7), CUBE (2), ONES, SAME, 'p' },
  { 0, 0, 0, 16, 1, CUBE (5), CUBE (2), ONES, SAME, 'b' },
  { 0, 0, 0, 49, 1, CUBE (6), CUBE (2), ONES, SAME, '-' },
  { 0, 0, 0, 40, 1, { 3, 7, 7 }, { 1, 2, 2 }, ONES, SAME, 'b' },
  { 0, 0, 0, 64, 1, { 1, 5, 6 }, { 1, 2, 2 }, ONES, SAME, 'p' },
  { 0, 0, 0, 17, 1, { 1, 7, 7 }, CUBE (2), ONES, SAME, 'b' },
  { 0, 0, 0, 33, 1, { 4, 8, 7 }, { 1, 2, 2 }, ONES, { 3, 2, 1 }, { 0, 4, 2 }, '-' },
  { 0, 0, 0, 32, 1, { 5, 7, 8 }, CUBE (2), ONES, { 0, 5, 0 }, { 1, 0, 6 }, 'b' },
  { 0, 0, 0, 18, 1, { 7, 6, 5 }, CUBE (2), ONES, { 2, 1, 4 }, { 3, 3, 1 }, 'p' },
  { 0, 0, 0, 24, 1, CUBE (8), CUBE (2), ONES, SAME, 'r' }, /* one of two has a residual, and is direct */
};

/* C channels; 8: rows so wide that they are cut. */
static struct graph *
phased (uint64_t c)
{
  struct graph *g = c == 8 ? small_graph (1, 3, 8, 5, 9, 101)
                           : small_graph (c == 2 ? 2 : 1, 3, (int64_t) c, c == 3 ? 9 : 7, c == 4 ? 34 : 21, c == 1 ? 63 : 27);
  int x = 0;
  for (size_t i = 0; i < (c == 8 ? 4 : COUNT (phased_layers)); i++)
    x = add_layer (g, 0, &phased_layers[i]);
  return end (g, mem_printf ("phased%d", (int) c), x);
}

static struct graph *
phased_flat (uint64_t c)
{
  struct graph *g = small_graph (2, 2, (int64_t) c, 1, 37, 53);
  int x = 0;
  for (size_t i = 4; i < 6; i++)
    x = add_layer (g, 0, &phased_layers[i]);
  return end (g, mem_printf ("phased_flat%d", (int) c), x);
}

static struct window
window (int64_t kd, int64_t k, int64_t sd, int64_t s, int64_t lo, int64_t hi)
{
  struct window w = shape_window ((int64_t[]){ kd, k, k }, (int64_t[]){ sd, s, s });
  for (int a = kd > 1 ? AXIS_D : AXIS_H; a < AXES; a++)
    {
      w.pad_lo[a] = lo;
      w.pad_hi[a] = hi;
    }
  return w;
}

/* A convolution of the input's planes and a max pool in one kernel: windows that overlap or leave gaps, lopsided
 * padding, more rows than one strip has. */
static struct graph *
stems (uint64_t rank)
{
  bool deep = rank == 3;
  struct graph *g = small_graph (2, (int) rank, deep ? 2 : 3, deep ? 6 : 1, deep ? 11 : 37, 13);
  static const int64_t pools[][4] = { { 3, 2, 1, 1 }, { 2, 3, 0, 0 }, { 4, 1, 2, 1 }, { 1, 2, 0, 0 }, { 3, 3, 0, 1 } };
  int x = 0;
  for (size_t i = 0; i < COUNT (pools); i++)
    {
      const int64_t *p = pools[i];
      x = small_bn (g, small_conv (g, 0, small_spec (i % 2 ? 20 : 9, i % 2 ? 2 : 3, i == 4 ? 2 : 1, deep)));
      x = i == 3 ? x : i == 2 ? small_prelu (g, x, false) : small_relu (g, x);
      x = small_pool (g, x, true, window (deep && i != 2 ? p[0] : 1, p[0], deep ? p[1] : 1, p[1], p[2], p[3]), false);
      if (i < 2)
        small_conv (g, x, small_spec (5, 3, 1, deep)); /* a halo around the pooled map */
    }
  return end (g, deep ? "stems3" : "stems2", x);
}

/* The same by Winograd's tiles over the phases of the input: kernels of 5 to 8, windows that overlap or leave gaps; maps that
 * are one block of tiles, several rows of blocks, or columns of them too, and planes. */
struct graph *
kernel_network_pooled_stems (uint64_t kind)
{
  static const struct
  {
    const char *name;
    int64_t batch, c, d, h, w;
    size_t stems;
  } maps[] = {
    { "pooled_one", 2, 3, 1, 45, 38, 5 }, { "pooled_rows", 1, 3, 1, 47, 226, 3 }, { "pooled_columns", 1, 2, 1, 23, 1301, 2 },
    { "pooled_planes", 1, 3, 3, 45, 38, 5 },
  };
  struct graph *g = small_graph (maps[kind].batch, maps[kind].d > 1 ? 3 : 2, maps[kind].c, maps[kind].d, maps[kind].h, maps[kind].w);
  static const int64_t cases[][5] = { { 7, 3, 2, 1, 1 }, { 5, 2, 3, 0, 0 }, { 8, 4, 1, 2, 1 }, { 6, 3, 3, 0, 1 }, { 7, 1, 2, 0, 0 } };
  int x = 0;
  for (size_t i = 0; i < maps[kind].stems; i++)
    {
      const int64_t *c = cases[i];
      struct conv_spec s = small_spec (i % 2 ? 20 : 33, c[0], 2, false);
      x = small_bn (g, small_conv (g, 0, s));
      x = i == 1 ? small_prelu (g, x, false) : i == 3 ? x : small_relu (g, x);
      x = small_pool (g, x, true, window (1, c[1], 1, c[2], c[3], c[4]), false);
      if (i == 0)
        small_conv (g, x, small_spec (5, 3, 1, false)); /* a halo around the pooled map */
    }
  return end (g, maps[kind].name, x);
}

/* 1x1 filters by Strassen: odd and even numbers of pixels, strides, what can stand behind, in RANK dimensions. */
struct graph *
kernel_network_strassen (uint64_t rank)
{
  bool deep = rank == 3;
  struct graph *g = small_graph (2, (int) rank, 256, deep ? 3 : 1, deep ? 7 : 18, deep ? 9 : 17);
  int x = small_relu (g, small_bn (g, small_conv (g, 0, small_spec (288, 1, 1, deep))));
  int even = small_conv (g, x, small_spec (512, 1, deep ? 1 : 2, deep)); /* 9 x 9 pixels in 2-D */
  int added = small_relu (g, small_add (g, small_bn (g, small_conv (g, x, small_spec (512, 1, deep ? 1 : 2, deep))), even));
  small_conv (g, added, small_spec (5, 3, 1, deep)); /* a halo */
  x = small_prelu (g, small_conv (g, added, small_spec (352, 1, 1, deep)), false);
  return end (g, deep ? "strassen3" : "strassen2", x);
}

/* Pools, normalisations, sums, activations on a map of C channels; the rest is what 2-D and 3-D networks need. */
static struct graph *
others (uint64_t c)
{
  int rank = c > 20 ? 3 : 2;
  struct graph *g = small_graph (2, rank, (int64_t) c, rank == 3 ? 3 : 1, 7, 5);
  int x = small_relu (g, 0), y = small_conv (g, x, small_spec ((int64_t) c, 3, 1, rank == 3));
  for (int kind = 0; kind < 3; kind++)
    {
      small_pool (g, y, !kind, window (1, 3, 1, 2, 1, 1), kind == 1);
      small_pool (g, y, !kind, window (rank == 3 ? 3 : 1, 3, rank == 3 ? 2 : 1, 2, 0, 1), kind == 1);
      small_pool (g, y, !kind, window (1, 2, 1, 3, 0, 0), kind == 1);
      small_pool (g, small_bn (g, y), !kind, window (rank == 3 ? 3 : 1, 4, 1, 1, 1, 2), kind == 1);
    }
  build_global_pool (g, "max", y, OP_GLOBAL_MAX_POOL);
  static const int64_t groups[] = { 1, 2, 3, 6 };
  for (size_t i = 0; i < COUNT (groups); i++)
    if (c % (uint64_t) groups[i] == 0)
      small_relu (g, small_norm (g, y, groups[i], i % 2));
  small_prelu (g, small_norm (g, y, (int64_t) c, false), true);
  small_conv (g, small_norm (g, y, (int64_t) c, true), small_spec (5, 3, 1, false)); /* with a halo behind it */
  small_conv (g, small_add (g, y, x), small_spec (5, 5, 1, false));
  small_conv (g, small_subsample (g, y, (int64_t) c + 11, 1, 2), small_spec (3, 2, 1, rank == 3));
  small_prelu (g, small_bn (g, small_add (g, y, y)), false);
  small_bn (g, small_bn (g, x));
  build_linear (g, "map", y, 17, WEIGHT_INIT_HE, (struct loc){ 0 }); /* of a map, not a vector */
  build_softmax (g, "pixels", y, false);
  return end (g, mem_printf ("others%d", (int) c), small_relu (g, small_add (g, y, x)));
}

/* ---- networks from options ---- */

#define CHANNELS_NETWORK(name, size) \
  "name: " name "\nnetwork: sequence\ninput-size: " size "\nlayers:\n" \
  "  - {type: conv, name: a, filters: 58, kernel-size: 3, padding: 1}\n" \
  "  - {type: conv, name: b, filters: 58, kernel-size: 1, input: a}\n" \
  "  - {type: concat, name: c, input: [a, b]}\n" \
  "  - {type: shuffle, name: d, groups: 2}\n" \
  "  - {type: slice, name: e, end: 58}\n" \
  "  - {type: slice, name: f, input: d, start: 58}\n" \
  "  - {type: conv, name: g, filters: 32, kernel-size: 3, padding: 1}\n" \
  "  - {type: relu, name: h}\n" \
  "  - {type: concat, name: i, input: [g, h]}\n" \
  "  - {type: conv, name: j, filters: 32, kernel-size: 1}\n" \
  "  - {type: concat, name: k, input: [i, j, e]}\n" \
  "  - {type: conv, name: l, filters: 48, kernel-size: 3, padding: 1}\n" \
  "  - {type: slice, name: m, start: 16}\n" \
  "  - {type: conv, name: n, filters: 3, kernel-size: 3, padding: 1}\n" \
  "  - {type: gather, name: o, channels: [2, 1, 1, 0]}\n" \
  "  - {type: concat, name: p, input: [o, f, n, input, j]}\n" \
  "  - {type: conv, name: q, filters: 7, kernel-size: 3, padding: 1}\n" \
  "  - {type: global-average-pool, name: r}\n" \
  "  - {type: concat, name: s, input: [r, r]}\n"

static const char *const options[] = {
  /* bottlenecks, groups of 12 and 20 channels, dilation */
  "name: o0\nnetwork: resnet\nblock: bottleneck\nlayers: [1, 2, 1]\nnum-filters: [32, 64, 64]\ngroups: 2\n"
  "width-per-group: 24\ninput-size: [3, 37, 29]\nnum-classes: 19\nreplace-stride-with-dilation: [false, true]\n",
  /* the shortcut without parameters, group normalisation */
  "name: o1\nnetwork: resnet\nblock: basic\nlayers: [1, 1]\nnum-filters: [12, 40]\nshortcut: pad\n"
  "norm-layer: group-norm 4\ninput-size: [9, 17, 15]\nnum-classes: 10\ninitial-filter-size: 3\ninitial-stride: 1\n"
  "initial-pooling-layer: none\nbatch: 3\n",
  "name: o2\nnetwork: resnet\nblock: basic\nlayers: [1, 1]\nnum-filters: [17, 20]\nnorm-layer: instance-norm\n"
  "input-size: [17, 13, 14]\nnum-classes: 3\ninitial-pooling-layer: average\ninitial-stride: 1\n",
  /* the normalisation behind the sum: a residual with a scale; statistics of every element */
  "name: o3\nnetwork: resnet3d\ninput-size: [17, 14, 9, 3]\nnum-classes: 7\ninitial-filter-size: [5, 2, 3]\n"
  "initial-stride: [2, 1, 1]\nstack-depth: [2, 1]\nnum-filters: [5, 6]\nresidual-block-type: batchnorm-after-add\n"
  "normalization: zscore\ninitial-num-filters: 20\nbatch: 2\n",
  "name: o4\nnetwork: resnet3d\ninput-size: [13, 12, 4, 1]\nnum-classes: 2\nbottleneck-type: none\n"
  "stack-depth: [1, 1]\nnum-filters: [16, 24]\ninitial-num-filters: 16\ninitial-pooling-layer: average\n"
  "initial-stride: 1\n",
  /* transposed: two and three taps an axis, one, less than one; cropped at both ends */
  "name: o5\nnetwork: sequence\ninput-size: [17, 9, 11]\nbatch: 2\nlayers:\n"
  "  - {type: transposed-conv-2d, name: a, filter-size: [5, 7], num-filters: 33, stride: [2, 3], cropping: same}\n"
  "  - {type: prelu, name: b}\n"
  "  - {type: transposed-conv-2d, name: c, filter-size: [2, 3], num-filters: 20, stride: [2, 1]}\n"
  "  - {type: relu, name: d}\n"
  "  - {type: transposed-conv-2d, name: e, filter-size: [3, 2], num-filters: 20, stride: 1, cropping: [[1, 0], [1, 1]]}\n"
  "  - {type: add, name: f, input: [d, e]}\n"
  "  - {type: relu, name: g}\n"
  "  - {type: conv, name: h, filters: 5, kernel-size: 3, padding: 1}\n",
  "name: o6\nnetwork: sequence\ninput-size: [20, 4, 5, 6]\nbatch: 2\nlayers:\n"
  "  - {type: transposed-conv-3d, name: a, filter-size: [11, 8, 3], num-filters: 16, stride: [4, 5, 2],\n"
  "     cropping: [[1, 2, 0], [3, 0, 1]]}\n"
  "  - {type: relu, name: b}\n"
  "  - {type: transposed-conv-3d, name: c, filter-size: [4, 4, 1], num-filters: 3, stride: [2, 2, 3], cropping: [[1, 1, 0], [1, 1, 0]]}\n",
  "name: windows2d\nnetwork: sequence\ninput-size: [19, 13, 11]\nbatch: 2\nlayers:\n"
  "  - {type: pad, name: a, before: [2, 1], after: [1, 3], mode: reflect}\n"
  "  - {type: pad, name: b, before: [1, -2], after: [2, 0], value: 0.75}\n"
  "  - {type: max-pool, name: c, kernel-size: [3, 2], stride: [1, 2], padding: [2, 1], dilation: [2, 3]}\n"
  "  - {type: pad, name: d, before: 1, after: [2, 1], mode: edge}\n"
  "  - {type: average-pool, name: e, kernel-size: 3, stride: 2, padding: 1, ceil-mode: true}\n"
  "  - {type: upsample, name: f, output-size: [13, 5], mode: linear, coordinates: half-pixel-symmetric}\n"
  "  - {type: average-pool, name: g, kernel-size: [2, 3], stride: 1, padding: [1, 2], dilation: 2, count-include-pad: false}\n"
  "  - {type: upsample, name: h, scale: [0.7, 1.3], mode: nearest, coordinates: asymmetric, rounding: ceil}\n"
  "  - {type: pad, name: i, before: [0, 3], after: [4, 0], mode: wrap}\n"
  "  - {type: average-pool, name: jj, kernel-size: [2, 3], stride: 1, padding: [[1, 1], [0, 1]], divisor: 2.5}\n"
  "  - {type: max-pool, name: j, kernel-size: 2, ceil-mode: true}\n"
  "  - {type: reshape, name: k, split: [19, 35], order: [1, 0], shape: [7, 5, 19]}\n"
  "  - {type: softmax, name: l}\n",
  "name: windows3d\nnetwork: sequence\ninput-size: [5, 6, 7, 4]\nlayers:\n"
  "  - {type: pad, name: a, before: [1, 0, 2], after: [0, 2, 1], value: -1.5}\n"
  "  - {type: average-pool, name: b, kernel-size: [2, 3, 2], stride: 2, padding: 1, dilation: [2, 1, 1], ceil-mode: true}\n"
  "  - {type: average-pool, name: bb, kernel-size: [1, 2, 1], stride: 1, divisor: 1}\n"
  "  - {type: pad, name: c, before: 1, after: [1, 2, 0], mode: reflect}\n"
  "  - {type: max-pool, name: d, kernel-size: 2, stride: 1, dilation: [1, 2, 3]}\n"
  "  - {type: upsample, name: e, output-size: [3, 9, 2], mode: linear, coordinates: align-corners}\n"
  "  - {type: reshape, name: f, order: [W, D, C, H], shape: [6, 5, 9]}\n",
  /* channels: joined in place and not, with blocks that are none of an input, of three inputs; slices and shuffles */
  CHANNELS_NETWORK ("o7", "[20, 9, 11]"),
  CHANNELS_NETWORK ("o8", "[20, 3, 5, 7]") "batch: 2\n",
  /* every second pixel with zero channels behind, and with five of them in front; group normalisation of a sequence */
  "name: o9\nnetwork: sequence\ninput-size: [5, 7, 9, 6]\nlayers:\n- {type: conv, filters: 20, kernel-size: 1}\n"
  "- {type: subsample, stride: [1, 2, 2], channels: 36}\n- {type: group-norm, groups: 3}\n"
  "- {type: group-norm, groups: 4, mean: kept, affine: true}\n- {type: instance-norm, mean: ignored, affine: true}\n"
  "- {type: subsample, stride: 2, channels: 50, zeros-before: 5}\n",
  /* two operands: stretched over pixels, channels and both, constants for each element; a gate; layer normalisation */
  "name: o10\nnetwork: sequence\ninput-size: [21, 7, 5]\nbatch: 2\nlayers:\n"
  "  - {type: conv, name: a, filters: 21, kernel-size: 3, padding: 1}\n"
  "  - {type: global-average-pool, name: squeezed}\n"
  "  - {type: linear, name: reduced, features: 6}\n"
  "  - {type: silu, name: between}\n"
  "  - {type: linear, name: expanded, features: 21}\n"
  "  - {type: hard-sigmoid, name: gate}\n"
  "  - {type: multiply, name: gated, input: [a, gate]}\n"
  "  - {type: relu, name: behind}\n"
  "  - {type: conv, name: b, filters: 21, kernel-size: 3, padding: 1}\n"
  "  - {type: layer-norm, name: normalised, affine: true}\n"
  "  - {type: gelu, name: curved}\n"
  "  - {type: conv, name: mask, filters: 1, kernel-size: 1}\n"
  "  - {type: global-max-pool, name: most, input: curved}\n"
  "  - {type: layer-norm, name: vector, affine: false}\n"
  "  - {type: multiply, name: m1, input: [mask, curved]}\n"
  "  - {type: divide, name: m2, input: [m1, b]}\n"
  "  - {type: hard-swish, name: m3}\n"
  "  - {type: subtract, name: m4, input: [mask, vector]}\n"
  "  - {type: maximum, name: m5, input: [m4, m3]}\n"
  "  - {type: minimum, name: m6, input: [m5, vector]}\n"
  "  - {type: add, name: c1, constant: [21, 7, 5]}\n"
  "  - {type: multiply, name: c2, constant: [1, 7, 5]}\n"
  "  - {type: subtract, name: c3, constant: [21, 1, 1], constant-first: true}\n"
  "  - {type: divide, name: c4, constant: [21, 1, 5], constant-first: true}\n"
  "  - {type: add, name: last, input: [c4, vector, mask, b]}\n"
  "  - {type: conv, name: c, filters: 5, kernel-size: 3, padding: 1}\n",
  /* activations that stand alone, powers, the logarithm of softmax */
  "name: o11\nnetwork: sequence\ninput-size: [19, 5, 3]\nbatch: 2\nlayers:\n"
  "  - {type: conv, name: a, filters: 19, kernel-size: 3, padding: 1}\n"
  "  - {type: exp, name: exponential}\n"
  "  - {type: log, name: logarithm}\n"
  "  - {type: erf, name: error}\n"
  "  - {type: abs, name: size}\n"
  "  - {type: power, name: p1, input: [size, a]}\n"
  "  - {type: power, name: p2, constant: [19, 1, 1]}\n"
  "  - {type: power, name: p3, constant: [19, 5, 3]}\n"
  "  - {type: sqrt, name: root, input: size}\n"
  "  - {type: add, name: sum, input: [root, p3]}\n"
  "  - {type: log-softmax, name: scores}\n"
  "  - {type: conv, name: b, filters: 3, kernel-size: 1}\n",
};

/* A statistic of every element, as the weights file may give it. */
static void
per_element (struct graph *g, struct param *p)
{
  const struct shape *s = &g->tensors[g->nodes[0].out].shape;
  struct weight *w = NEW (struct weight);
  *w = (struct weight){ .name = p->name, .dtype = DTYPE_F64, .rank = 4, .count = (size_t) shape_count (s),
                        .shape = { s->c, s->dim[0], s->dim[1], s->dim[2] } };
  double *v = NEW_ARRAY (w->count, double);
  for (size_t i = 0; i < w->count; i++)
    v[i] = 0.5 + (double) (i * 7 % 11) / 4;
  w->data = v;
  p->value = w;
}

static struct graph *
from_options (uint64_t i)
{
  struct graph *g = source_build (source_parse ("f.yaml", options[i]));
  small_params (g, i);
  if (g->nodes[0].variance)
    {
      per_element (g, g->nodes[0].mean);
      per_element (g, g->nodes[0].variance);
    }
  return g;
}

static struct graph *
random_network (uint64_t seed)
{
  struct graph *g = small_random (seed, 20);
  g->name = mem_printf ("random%d", (int) seed);
  return g;
}

const struct kernel_network kernel_networks[] = {
  { flat_convs, 2 },   { deep_convs, 1 },   { planar, 1 },       { planar, 3 },       { planar, 8 },
  { stems, 2 },        { stems, 3 },        { kernel_network_pooled_stems, 0 }, { kernel_network_pooled_stems, 1 },
  { kernel_network_pooled_stems, 2 }, { kernel_network_pooled_stems, 3 },
  { kernel_network_strassen, 2 },     { kernel_network_strassen, 3 },     { others, 18 },      { others, 33 },      { from_options, 0 },
  { from_options, 1 }, { from_options, 2 }, { from_options, 3 }, { from_options, 4 }, { random_network, 1 },
  { random_network, 4 }, { flat_grouped, 2 },  { deep_grouped, 2 },
  { phased, 1 },       { phased, 2 },       { phased, 3 },       { phased, 4 },       { phased, 8 },
  { phased_flat, 3 }, { from_options, 5 }, { from_options, 6 }, { from_options, 9 }, { from_options, 10 },
  { from_options, 7 }, { from_options, 8 },
};
const int kernel_network_count = COUNT (kernel_networks);

struct graph *
kernel_network_small (uint64_t seed)
{
  (void) seed;
  return from_options (4);
}

void
kernel_network_activate (struct graph *g, int first)
{
  static const struct activation rows[] = {
#define PARAMETER(key, fallback, least, rule) fallback
#define NO_PARAMETER 0
#define ACTIVATION(id, name, reference, vector, device, pair, monotone, steepest, relative, absolute, inlined, outside, \
                   a, b) \
  { ACT_##id, (double) (float) (a), (double) (float) (b) },
#include "graph/activations.def"
  };
  size_t row = (size_t) first;
  for (int i = 0; i < g->node_count; i++)
    {
      struct node *n = &g->nodes[i];
      if (n->op != OP_ACTIVATION)
        continue;
      row += rows[row % COUNT (rows)].id == ACT_PRELU;
      n->ep.act = rows[row++ % COUNT (rows)];
      n->weight = NULL;
    }
}
