/* The hash of weights data: as fast as one core reads memory. It finds damage, not intent. */
#include "rescast.h"

#include <string.h>

/* Four lanes side by side, since a multiplication takes longer than it takes to begin one. The rotation moves the bits
 * that a multiplication leaves at the top, where two flipped signs would cancel out. */
#define LANE_BYTES ((size_t) 8)
#define STEP_BYTES (4 * LANE_BYTES)
#define PRIME UINT64_C (0x9e3779b185ebca87)

static inline uint64_t
mix (uint64_t lane, uint64_t word)
{
  return ((lane << 27 | lane >> 37) ^ word) * PRIME;
}

/* Eight bytes that hold numbers of WORD bytes each: the first one is the lowest part everywhere. */
static inline uint64_t
load (const unsigned char *p, uint32_t word)
{
  uint64_t v;
  memcpy (&v, p, sizeof v);
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  if (word <= 4)
    v = v << 32 | v >> 32;
  if (word <= 2)
    v = (v & UINT64_C (0x0000ffff0000ffff)) << 16 | (v >> 16 & UINT64_C (0x0000ffff0000ffff));
  if (word <= 1)
    v = (v & UINT64_C (0x00ff00ff00ff00ff)) << 8 | (v >> 8 & UINT64_C (0x00ff00ff00ff00ff));
#else
  (void) word;
#endif
  return v;
}

static inline uint64_t
mix_bytes (uint64_t lane, const unsigned char *p, uint32_t word)
{
  return mix (lane, load (p, word));
}

/* One chunk, its tail padded with zeros; SEED tells chunks apart, so that two that change places do not cancel out. */
static uint64_t
hash_chunk (const unsigned char *p, size_t bytes, uint32_t word, uint64_t seed)
{
  uint64_t a = seed, b = seed + 1, c = seed + 2, d = seed + 3;
  size_t i = 0;
  for (; i + STEP_BYTES <= bytes; i += STEP_BYTES)
    {
      a = mix_bytes (a, p + i, word);
      b = mix_bytes (b, p + i + LANE_BYTES, word);
      c = mix_bytes (c, p + i + 2 * LANE_BYTES, word);
      d = mix_bytes (d, p + i + 3 * LANE_BYTES, word);
    }
  for (; i < bytes; i += LANE_BYTES)
    {
      unsigned char tail[LANE_BYTES] = { 0 };
      memcpy (tail, p + i, bytes - i < LANE_BYTES ? bytes - i : LANE_BYTES);
      a = mix_bytes (a, tail, word);
    }
  uint64_t hash = mix (mix (mix (mix (mix (bytes, a), b), c), d), seed);
  hash = (hash ^ hash >> 32) * PRIME;
  return hash ^ hash >> 29;
}

/* The first chunks last: they are what the network reads first, and are then still in the cache. */
uint64_t
rescast_hash_share (const void *data, size_t bytes, uint32_t word, int t, int n)
{
  const unsigned char *p = data;
  uint64_t sum = 0;
  for (size_t left = (bytes + RESCAST_HASH_CHUNK - 1) / RESCAST_HASH_CHUNK; left > (size_t) t; left -= (size_t) n)
    {
      size_t i = left - 1 - (size_t) t, at = i * RESCAST_HASH_CHUNK;
      size_t chunk = bytes - at < RESCAST_HASH_CHUNK ? bytes - at : RESCAST_HASH_CHUNK;
      sum += hash_chunk (p + at, chunk, word, (i + 1) * PRIME);
      if (left < (size_t) n)
        break;
    }
  return sum;
}

uint64_t
rescast_hash (const void *data, size_t bytes, uint32_t word)
{
  return rescast_hash_share (data, bytes, word, 0, 1);
}
