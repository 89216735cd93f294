m4_divert(-1)
Tile registers, of AMX or in software: what kernels by tile products are written in. TILES: the definitions.

Tiles 0 to 3 have sums, 4 and 5 inputs, 6 and 7 weights: a row of inputs is a pixel's channels, a row of weights a pair
of input channels for 16 output channels. Tile registers have no type in C, and compilers keep none
from one statement to the next: each statement names its own, by literal numbers.
m4_define(<|TILES|>, <|
/* Tiles have 16 rows of 64 bytes at most. With SOFTWARE_TILES they are arrays: for tests on machines without AMX. */
#ifdef SOFTWARE_TILES
static _Thread_local struct
{
  int rows, pairs;
  _Alignas (64) unsigned char tile[8][16][64];
} tiles;

static inline int
tile_rows (int t)
{
  return t < 6 ? tiles.rows : tiles.pairs;
}

static inline void
tile_configure (int rows, int pairs)
{
  tiles.rows = rows;
  tiles.pairs = pairs;
  memset (tiles.tile, 0, sizeof tiles.tile);
}

static inline void
tile_load_rows (int t, const void *p, size_t stride)
{
  for (int r = 0; r < tile_rows (t); r++)
    memcpy (tiles.tile[t][r], (const unsigned char *) p + (size_t) r * stride, t < 6 ? 4 * (size_t) tiles.pairs : 64);
}

static inline void
tile_store_rows (int t, void *p, size_t stride)
{
  for (int r = 0; r < tile_rows (t); r++)
    memcpy ((unsigned char *) p + (size_t) r * stride, tiles.tile[t][r], 64);
}

/* Sums C += inputs A times weights B. As the instruction: products of even and of odd channels are summed up apart. */
static inline void
tile_add_products (int c, int a, int b)
{
  for (int r = 0; r < tiles.rows; r++)
    {
      float even[16] = { 0 }, odd[16] = { 0 }, sums[16];
      for (int pair = 0; pair < tiles.pairs; pair++)
        {
          bf16 in[2], weights[16][2];
          memcpy (in, tiles.tile[a][r] + 4 * pair, sizeof in);
          memcpy (weights, tiles.tile[b][pair], sizeof weights);
          const float first = from_bf16 (in[0]), second = from_bf16 (in[1]);
          for (int l = 0; l < 16; l++)
            {
              even[l] += first * from_bf16 (weights[l][0]);
              odd[l] += second * from_bf16 (weights[l][1]);
            }
        }
      memcpy (sums, tiles.tile[c][r], sizeof sums);
      for (int l = 0; l < 16; l++)
        sums[l] += even[l] + odd[l];
      memcpy (tiles.tile[c][r], sums, sizeof sums);
    }
}

#define tile_load(t, p, stride) tile_load_rows (t, p, stride)
#define tile_load_once(t, p, stride) tile_load_rows (t, p, stride)
#define tile_store(t, p, stride) tile_store_rows (t, p, stride)
#define tile_zero(t) memset (tiles.tile[t], 0, sizeof tiles.tile[t])
#define tile_product(c, a, b) tile_add_products (c, a, b)
#define tile_release() ((void) 0)
#else
/* Sums and inputs of ROWS pixels, PAIRS of input channels in a row of inputs. Clears all tiles. */
static inline void
tile_configure (int rows, int pairs)
{
  struct
  {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16]; /* of a row, for each tile, … */
    uint8_t rows[16];   /* … and how many there are */
  } shape = { .palette = 1 };
  for (int t = 0; t < 8; t++)
    {
      shape.bytes[t] = (uint16_t) (t == 4 || t == 5 ? 4 * pairs : 64);
      shape.rows[t] = (uint8_t) (t < 6 ? rows : pairs);
    }
  __asm__ volatile ("ldtilecfg %0" : : "m"(shape));
}

/* Rows from P on, STRIDE bytes apart, a constant. A load claims all bytes from its first row to its last. */
#define tile_bytes(stride) __typeof__ (unsigned char[15 * (stride) + 64])
#define tile_load_by(instruction, t, p, stride) \
  __asm__ volatile (instruction " (%0,%1,1), %%tmm" #t \
                    : : "r"(p), "r"((size_t) (stride)), "m"(*(const tile_bytes (stride) *) (const void *) (p)))
#define tile_load(t, p, stride) tile_load_by ("tileloadd", t, p, stride)
/* The same for rows that are not read again soon: they displace no others in the first-level cache. */
#define tile_load_once(t, p, stride) tile_load_by ("tileloaddt1", t, p, stride)
#define tile_store(t, p, stride) \
  __asm__ volatile ("tilestored %%tmm" #t ", (%0,%1,1)" : : "r"(p), "r"((size_t) (stride)) : "memory")
#define tile_zero(t) __asm__ volatile ("tilezero %%tmm" #t : :)
/* Sums c += inputs a times weights b. */
#define tile_product(c, a, b) __asm__ volatile ("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #c : :)
/* Leave the tiles as they are at first, so that the system need not save them. */
#define tile_release() __asm__ volatile ("tilerelease" : :)
#endif

/* 32 bf16 numbers, each the nearest to its float, ties to even; p: aligned to their size. */
static inline void
vstore2_bf16 (bf16 *p, vec low, vec high)
{
#ifdef __AVX512BF16__
  _mm512_store_si512 (p, (__m512i) _mm512_cvtne2ps_pbh (high, low));
#else
  vstore_bf16 (p, low);
  vstore_bf16 (p + 16, high);
#endif
}

/* The same, or nothing. */
static inline void
vstore2_bf16_if (int stored, bf16 *p, vec low, vec high)
{
#ifdef __AVX512BF16__
  _mm512_mask_storeu_epi16 (p, stored ? 0xffffffff : 0, (__m512i) _mm512_cvtne2ps_pbh (high, low));
#else
  if (stored)
    vstore2_bf16 (p, low, high);
#endif
}
|>)
m4_divert(0)m4_dnl
