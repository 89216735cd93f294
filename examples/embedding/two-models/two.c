/* Two networks in one process: an image of a digit and a volume of a solid, each by its network on a thread of its own,
   whose layers are run by the threads of one pool.
   cc two.c $(pkg-config --cflags --libs digits volumes) -pthread -o two
   ./two $(pkg-config --variable=weights digits) three.pgm $(pkg-config --variable=weights volumes) cube_a.npy */
#include "digits.h"
#include "volumes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static struct rescast_pool pool;

/* What a thread is given; what it finds: a label or an error. */
struct job
{
  const char *weights, *input;
  const void *pixels;
  const char *label;
  int error;
};

static const char *
best (const struct rescast_info *info, const float *scores)
{
  int at = 0;
  for (int i = 1; i < info->output_shape[0]; i++)
    at = scores[i] > scores[at] ? i : at;
  return info->labels[at];
}

/* run_NET: a job of the network NET, whose context and arena are this thread's. */
#define RUN(net)                                                                                                       \
  static void *run_##net (void *arg)                                                                                   \
  {                                                                                                                    \
    static _Alignas (64) unsigned char arena[net##_ARENA_BYTES];                                                       \
    struct job *job = arg;                                                                                             \
    const struct rescast_config config = { .pool = &pool };                                                            \
    const struct rescast_elements input = { .data = job->pixels, .element = RESCAST_UINT8, .prepare = 1 };             \
    struct rescast_weights weights;                                                                                    \
    struct net context;                                                                                                \
    float scores[net##_OUTPUT_FLOATS] = { 0 };                                                                         \
    job->error = net##_weights_map (&weights, job->weights);                                                           \
    if (!job->error)                                                                                                   \
      job->error = net##_init (&context, &weights, arena, sizeof arena, &config);                                      \
    if (!job->error)                                                                                                   \
      {                                                                                                                \
        job->error = net##_run_elements (&context, &input, scores);                                                    \
        net##_free (&context);                                                                                         \
      }                                                                                                                \
    job->label = best (net##_info (), scores);                                                                         \
    rescast_weights_unmap (&weights);                                                                                  \
    return NULL;                                                                                                       \
  }
RUN (digits)
RUN (volumes)

/* The last BYTES of a file: the pixels of a PGM file or of an npy file of bytes. */
static int
read_end (void *to, size_t bytes, const char *path)
{
  FILE *f = fopen (path, "rb");
  int good = f && fseek (f, -(long) bytes, SEEK_END) == 0 && fread (to, 1, bytes, f) == bytes;
  if (f)
    fclose (f);
  return good;
}

int
main (int argc, char **argv)
{
  static unsigned char image[digits_INPUT_FLOATS], volume[volumes_INPUT_FLOATS];
  const size_t stack = digits_STACK_BYTES > volumes_STACK_BYTES ? digits_STACK_BYTES : volumes_STACK_BYTES;
  const struct rescast_config threads = { .threads = 2 };
  pthread_t first, second;
  if (argc != 5)
    {
      fprintf (stderr, "two WEIGHTS IMAGE.pgm WEIGHTS VOLUME.npy\n");
      return 2;
    }
  struct job jobs[] = { { .weights = argv[1], .input = argv[2], .pixels = image },
                        { .weights = argv[3], .input = argv[4], .pixels = volume } };
  if (!read_end (image, sizeof image, argv[2]) || !read_end (volume, sizeof volume, argv[4]))
    {
      fprintf (stderr, "%s or %s cannot be read\n", argv[2], argv[4]);
      return 1;
    }
  if (rescast_pool_start (&pool, &threads, stack))
    return 1;
  if (pthread_create (&first, NULL, run_digits, &jobs[0]) || pthread_create (&second, NULL, run_volumes, &jobs[1]))
    return 1;
  pthread_join (first, NULL);
  pthread_join (second, NULL);
  rescast_pool_free (&pool);
  for (int i = 0; i < 2; i++)
    if (jobs[i].error)
      fprintf (stderr, "%s: %s\n", jobs[i].weights, rescast_strerror (jobs[i].error));
    else
      printf ("%s\n", jobs[i].label);
  return jobs[0].error || jobs[1].error;
}
