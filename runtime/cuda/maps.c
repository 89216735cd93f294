/* Tensor maps of a network's launches, made by the driver once the arena's place is known. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

/* The driver's names for it: CU_TENSOR_MAP_DATA_TYPE_UINT16, …_SWIZZLE_128B, …_L2_PROMOTION_L2_256B. */
#define TYPE_2_BYTES 1
#define SWIZZLE_128 3
#define PROMOTE_256 3
/* Drivers up to this version sometimes give maps of tensors below this size that fail. */
#define FAULTY_VERSION 13010
#define FAULTY_BYTES 131072
#define FAULTY_BIT (UINT64_C (1) << 21)

static int
encode (const struct cuda_driver *d, const struct rescast_cuda_map *m, cuda_address at, struct cuda_map *map)
{
  uint64_t strides[4], bytes = 2;
  uint32_t ones[2] = { 1, 1 }, element_strides[5] = { 1, (uint32_t) m->stride[0], (uint32_t) m->stride[1], 1, 1 };
  cuda_result result;
  for (int i = 0; i < m->rank; i++)
    {
      bytes *= m->extent[i];
      if (i < m->rank - 1)
        strides[i] = bytes;
    }
  if (m->rank == 2)
    result = d->map_tiled (map, TYPE_2_BYTES, 2, at, m->extent, strides, m->box, ones, 0, SWIZZLE_128, PROMOTE_256, 0);
  else
    {
      if (m->rank == 5)
        element_strides[3] = (uint32_t) m->stride[2];
      result = d->map_im2col (map, TYPE_2_BYTES, (unsigned) m->rank, at, m->extent, strides, m->lower, m->upper,
                              m->box[0], m->box[1], element_strides, 0, SWIZZLE_128, PROMOTE_256, 0);
    }
  int version = 0;
  if (bytes < FAULTY_BYTES && d->version (&version) == 0 && version <= FAULTY_VERSION)
    map->words[1] &= ~FAULTY_BIT;
  return cuda_error (d, result, "a tensor map");
}

int
cuda_maps_make (struct rescast_cuda_context *c, const struct cuda_driver *d)
{
  const struct rescast_cuda_network *n = c->model->network;
  if (!n->maps || !c->model->hopper)
    return RESCAST_OK;
  size_t bytes = (size_t) n->launch_count * CUDA_MAPS * sizeof (struct cuda_map);
  struct cuda_map *maps = c->maps = aligned_alloc (64, bytes);
  if (!maps)
    return cuda_fail (RESCAST_EMEMORY, "out of memory");
  memset (maps, 0, bytes);
  int error = RESCAST_OK;
  for (int i = 0; i < n->launch_count && !error; i++)
    {
      const struct rescast_cuda_launch *l = &n->launches[i];
      const int64_t places[CUDA_MAPS] = { l->x, l->residual, 0, l->y };
      for (int j = 0; l->map >= 0 && j < CUDA_MAPS && !error; j++)
        {
          const struct rescast_cuda_map *m = &n->maps[l->map + j];
          cuda_address at = j == CUDA_MAP_W ? c->model->weights + (uint64_t) l->w
                                            : c->arena + (uint64_t) places[j];
          if (m->rank)
            error = encode (d, m, at, &maps[i * CUDA_MAPS + j]);
        }
    }
  return error;
}
