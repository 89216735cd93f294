/* The runtime and the classifier program, around a network that is written here: its scores are the means of the
 * input's channels. Links runtime's and cli's objects; none of them has a main. */
#include "../runtime/cli/cli.h"

#include <check.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

Suite *runtime_suite (void);

#define COUNT(a) (sizeof (a) / sizeof *(a))

/* ---- a network ---- */

struct means
{
  float *arena;
  struct rescast_pool pool;
  rescast_hook *hook;
  void *user;
};

static struct rescast_layer layers[] = { { "mean", "global-average-pool", "mean_c", -1, -1, -1, 3072 } };
static struct rescast_info info = { .abi = RESCAST_ABI,
                                    .name = "means",
                                    .version = "0",
                                    .target = "c",
                                    .batch = 2,
                                    .input_rank = 2,
                                    .input_shape = { 3, 1, 4, 5 },
                                    .output_shape = { 3, 1, 1, 1 },
                                    .arena_bytes = 2 * 60 * 4,
                                    .network = 7,
                                    .layers = layers,
                                    .layer_count = 1 };
static struct means context;
/* A weights file: the network's section, with a number of 32 bits in each word of its data, and another one of bytes. */
static _Alignas (64) struct
{
  struct rescast_weights_header header;
  struct rescast_weights_section table[2];
  unsigned char data[16], gap[48], other[24];
} image;

static const struct rescast_info *
means_info_of (const char *target)
{
  return strcmp (target, info.target) ? NULL : &info;
}

static int
means_map (struct rescast_weights *w, const char *path, const struct rescast_config *config)
{
  (void) config;
  return rescast_weights_map (w, path, info.network);
}

static int
means_image (struct rescast_weights *w, const void *data, size_t bytes, const struct rescast_config *config)
{
  (void) config;
  return rescast_weights_init (w, data, bytes, info.network);
}

static int
means_init (void *c, const struct rescast_weights *w, void *arena, size_t bytes, const struct rescast_config *config)
{
  struct means *m = c;
  if (!w || (uintptr_t) arena % 64 || bytes < info.arena_bytes)
    return RESCAST_EARENA;
  *m = (struct means){ .arena = arena };
  return rescast_pool_init (&m->pool, config->threads, 0);
}

static float *
means_input (void *c)
{
  return ((struct means *) c)->arena;
}

/* Spoils its input, as a network whose arena is reused does. */
static int
means_run (void *c, const float *input, float *output)
{
  struct means *m = c;
  int channels = info.output_shape[0], plane = info.input_shape[1] * info.input_shape[2] * info.input_shape[3];
  if (m->hook)
    m->hook (m->user, &info, 0, 0, m->arena);
  for (int i = 0; i < info.batch * channels; i++)
    {
      double sum = 0;
      for (int k = 0; k < plane; k++)
        sum += input[i * plane + k];
      output[i] = (float) (sum / plane);
    }
  memset (m->arena, 0xff, info.arena_bytes);
  if (m->hook)
    m->hook (m->user, &info, 0, 1, m->arena);
  return RESCAST_OK;
}

static void
means_hook (void *c, rescast_hook *hook, void *user)
{
  struct means *m = c;
  m->hook = hook;
  m->user = user;
}

static void
means_free (void *c)
{
  rescast_pool_free (&((struct means *) c)->pool);
}

static const struct rescast_network network
    = { &info,      &context,    sizeof context, &image,      sizeof image, means_info_of,
        means_map,  means_image, means_init,     means_input, means_run,    means_hook,
        means_free, NULL,        NULL,           NULL,        NULL };

/* … on a device with a clock, whose first run of each part is slow. */
static int
means_time (void *c, int part, int runs, float *ms)
{
  (void) c;
  for (int i = 0; i < runs; i++)
    ms[i] = i == 0 ? 9 : part == RESCAST_WHOLE_RUN ? 0.02F : part == RESCAST_ALL_LAYERS ? 0.005F : 0.004F;
  return part < info.layer_count ? RESCAST_OK : RESCAST_EINVAL;
}

/* The layer moves 480 + 24 bytes and its weights. */
static int
means_limits (void *c, struct rescast_limits *limits, double *weights_bytes)
{
  (void) c;
  *limits = (struct rescast_limits){ .bytes = 1e9, .macs = 2e9 };
  weights_bytes[0] = 1496;
  return RESCAST_OK;
}

static struct rescast_network clocked;
static const struct rescast_network *tested = &network;

/* ---- helpers ---- */

static char folder[64];

static const char *
at (const char *name)
{
  static char path[4][256];
  static int next;
  char *p = path[next++ % 4];
  snprintf (p, sizeof path[0], "%s/%s", folder, name);
  return p;
}

static void
put_file (const char *name, const void *data, size_t bytes)
{
  FILE *f = fopen (at (name), "wb");
  ck_assert_ptr_nonnull (f);
  ck_assert_uint_eq (fwrite (data, 1, bytes, f), bytes);
  fclose (f);
}

static size_t
get_file (const char *name, char *text, size_t bytes)
{
  FILE *f = fopen (at (name), "rb");
  ck_assert_msg (f != NULL, "%s is missing", name);
  size_t n = fread (text, 1, bytes - 1, f);
  text[n] = 0;
  fclose (f);
  return n;
}

static void
put_npy (const char *name, const char *header, const void *data, size_t bytes)
{
  unsigned char file[8192] = { 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0 };
  size_t n = strlen (header);
  file[8] = (unsigned char) (n & 255);
  file[9] = (unsigned char) (n >> 8);
  memcpy (file + 10, header, n);
  if (bytes)
    memcpy (file + 10 + n, data, bytes);
  put_file (name, file, 10 + n + bytes);
}

static void
setup (void)
{
  strcpy (folder, "/tmp/test_runtime.XXXXXX");
  ck_assert_ptr_nonnull (mkdtemp (folder));
  memset (&image, 0, sizeof image);
  memset (image.data, 3, sizeof image.data);
  memset (image.other, 5, sizeof image.other);
  image.header = (struct rescast_weights_header){ .magic = "RESCAST", .abi = RESCAST_ABI, .header = 64, .sections = 2,
                                                  .section = 64 };
  image.table[0] = (struct rescast_weights_section){ .order = "floats", .layout = info.network, .word = 4, .offset = 192,
                                                     .bytes = sizeof image.data };
  image.table[1] = (struct rescast_weights_section){ .order = "exactly-23-characters-x", .layout = 9, .word = 1,
                                                     .offset = 256, .bytes = sizeof image.other };
  image.table[0].hash = rescast_hash (image.data, sizeof image.data, 4);
  image.table[1].hash = rescast_hash (image.other, sizeof image.other, 1);
}

static void
teardown (void)
{
  char command[128];
  snprintf (command, sizeof command, "rm -r %s", folder);
  ck_assert_int_eq (system (command), 0);
}

/* Run the program in a child, its outputs in files; returns the exit status. ARGS: separated by blanks. */
static int
program (const char *args)
{
  char text[512], *argv[32] = { (char[]){ "means" } };
  int argc = 1;
  snprintf (text, sizeof text, "%s", args);
  for (char *p = strtok (text, " "); p; p = strtok (NULL, " "))
    argv[argc++] = p;
  fflush (NULL);
  pid_t child = fork ();
  if (child == 0)
    {
      if (chdir (folder) != 0 || !freopen ("stdout", "w", stdout) || !freopen ("stderr", "w", stderr))
        _exit (99);
      int status = rescast_main (tested, argc, argv);
      fflush (NULL);
      _exit (status);
    }
  int status;
  ck_assert_int_eq (waitpid (child, &status, 0), child);
  ck_assert (WIFEXITED (status));
  return WEXITSTATUS (status);
}

/* The program fails with STATUS, prints nothing but one line, and that line holds MESSAGE. */
static void
refused (const char *args, int expected, const char *message)
{
  char text[4096];
  int status = program (args);
  get_file ("stderr", text, sizeof text);
  ck_assert_msg (status == expected, "%s: status %d: %s", args, status, text);
  ck_assert_msg (strstr (text, message) != NULL, "%s: '%s' lacks '%s'", args, text, message);
  ck_assert_msg (strncmp (text, "rescast: ", 9) == 0 && strchr (text, '\n') == text + strlen (text) - 1,
                 "not one line: %s", text);
  ck_assert_uint_eq (get_file ("stdout", text, sizeof text), 0);
}

/* ---- weights ---- */

static int
init_of (uint64_t hash)
{
  struct rescast_weights w;
  int error = rescast_weights_init (&w, &image, sizeof image, hash);
  ck_assert (!error == !!w.data);
  return error;
}

START_TEST (weights_sections)
{
  struct rescast_weights w;
  ck_assert_int_eq (rescast_weights_init (&w, &image, sizeof image, 7), RESCAST_OK);
  ck_assert_ptr_eq (w.data, image.data);
  ck_assert_uint_eq (w.data_bytes, 16);
  ck_assert_str_eq (w.section.order, "floats");
  ck_assert_int_eq (rescast_weights_check (&w), RESCAST_OK);
  image.other[3] ^= 1; /* of no concern here */
  ck_assert_int_eq (rescast_weights_check (&w), RESCAST_OK);
  image.data[6] ^= 1;
  ck_assert_int_eq (rescast_weights_check (&w), RESCAST_EHASH);
  ck_assert_int_eq (rescast_weights_init (&w, &image, sizeof image, 9), RESCAST_OK);
  ck_assert_ptr_eq (w.data, image.other);
  ck_assert_int_eq (rescast_weights_check (&w), RESCAST_EHASH);
  image.other[3] ^= 1;
  ck_assert_int_eq (rescast_weights_check (&w), RESCAST_OK);
  ck_assert_int_eq (init_of (8), RESCAST_EMATCH);
  ck_assert_int_eq (rescast_weights_init (&w, image.data + 4, 76, 7), RESCAST_EINVAL);
  for (size_t bytes = 0; bytes < sizeof image; bytes++)
    ck_assert_int_eq (rescast_weights_init (&w, &image, bytes, 7), RESCAST_EFORMAT);
  image.table[1].bytes = 0; /* a section may have nothing */
  ck_assert_int_eq (rescast_weights_init (&w, &image, 256, 9), RESCAST_OK);
  ck_assert_uint_eq (w.data_bytes, 0);
  ck_assert_ptr_nonnull (w.data);
}
END_TEST

START_TEST (weights_header)
{
  struct rescast_weights_header *h = &image.header;
  static const uint32_t counts[] = { 0, 1, 3, RESCAST_MAX_SECTIONS, RESCAST_MAX_SECTIONS + 1, UINT32_MAX };
  for (size_t i = 0; i < COUNT (counts); i++)
    {
      h->sections = counts[i];
      ck_assert_int_eq (init_of (7), RESCAST_EFORMAT);
    }
  h->sections = 2;
  for (size_t i = 0; i < COUNT (h->reserved); i++)
    {
      h->reserved[i] = 1;
      ck_assert_int_eq (init_of (7), RESCAST_EFORMAT);
      h->reserved[i] = 0;
    }
  h->section = 32;
  ck_assert_int_eq (init_of (7), RESCAST_EFORMAT);
  h->section = 64;
  h->header = 32;
  ck_assert_int_eq (init_of (7), RESCAST_EFORMAT);
  h->header = 64;
  ck_assert_int_eq (init_of (7), RESCAST_OK);
  h->abi++;
  ck_assert_int_eq (init_of (7), RESCAST_EVERSION);
  h->magic[0] = 'r';
  ck_assert_int_eq (init_of (7), RESCAST_EFORMAT);
}
END_TEST

/* Whichever section is wrong, the other one is not to be had either. */
START_TEST (weights_table)
{
  struct rescast_weights_section *s = &image.table[_i];
  const struct rescast_weights_section good = *s, wrong[] = {
    /* offsets: not aligned, in front of what lies there, with a gap, behind the end, so that sums overflow */
    { .offset = good.offset + 4, .bytes = good.bytes },
    { .offset = good.offset - 64, .bytes = good.bytes },
    { .offset = 0, .bytes = good.bytes },
    { .offset = good.offset + 64, .bytes = good.bytes },
    { .offset = 1 << 20, .bytes = good.bytes },
    { .offset = UINT64_MAX - 63, .bytes = good.bytes },
    /* sizes: not up to the file's end, too long, by far, no whole number of words */
    { .offset = good.offset, .bytes = _i ? good.bytes - 4 : good.bytes + 200 },
    { .offset = good.offset, .bytes = good.bytes + 64 },
    { .offset = good.offset, .bytes = UINT64_MAX },
    { .offset = good.offset, .bytes = UINT64_MAX - good.offset + 1 },
    { .offset = good.offset, .bytes = (uint64_t) 1 << 32 | good.bytes },
    { .offset = good.offset, .bytes = good.bytes, .word = _i ? 16 : 3 },
    { .offset = good.offset, .bytes = good.bytes, .word = UINT32_MAX },
    { .offset = good.offset, .bytes = good.bytes - 1, .word = 8 },
    { .offset = good.offset, .bytes = good.bytes, .reserved = 1 },
    { .offset = good.offset, .bytes = good.bytes, .layout = 16 - good.layout },
  };
  for (size_t i = 0; i < COUNT (wrong); i++)
    {
      *s = wrong[i];
      memcpy (s->order, good.order, sizeof s->order);
      s->hash = good.hash;
      s->word = wrong[i].word ? wrong[i].word : good.word;
      s->layout = wrong[i].layout ? wrong[i].layout : good.layout;
      ck_assert_msg (init_of (7) == RESCAST_EFORMAT && init_of (9) == RESCAST_EFORMAT, "entry %zu", i);
    }
  static const char names[][sizeof s->order] = { "", "a b", "\n", "a\0b", "\x7f", "\xc3\xa4", "24-characters-and-no-end" };
  *s = good;
  ck_assert_int_eq (init_of (7) || init_of (9), RESCAST_OK);
  for (size_t i = 0; i < COUNT (names); i++)
    {
      memcpy (s->order, names[i], sizeof s->order);
      ck_assert_msg (init_of (7) == RESCAST_EFORMAT && init_of (9) == RESCAST_EFORMAT, "name %zu", i);
    }
}
END_TEST

START_TEST (weights_file)
{
  struct rescast_weights w;
  put_file ("w", &image, sizeof image);
  for (uint64_t hash = 7; hash <= 9; hash += 2)
    {
      ck_assert_int_eq (rescast_weights_map (&w, at ("w"), hash), RESCAST_OK);
      ck_assert_int_eq (rescast_weights_check (&w), RESCAST_OK);
      ck_assert_float_eq (((const float *) w.data)[0], ((const float *) w.data)[3]);
      ck_assert_uint_eq ((uintptr_t) w.data % 64, 0);
      rescast_weights_unmap (&w);
      ck_assert_ptr_null (w.data);
      rescast_weights_unmap (&w);
    }
  ck_assert_int_eq (rescast_weights_map (&w, at ("w"), 8), RESCAST_EMATCH);
  for (size_t bytes = 0; bytes < sizeof image; bytes += 8)
    {
      put_file ("w", &image, bytes);
      ck_assert_int_eq (rescast_weights_map (&w, at ("w"), 7), RESCAST_EFORMAT);
    }
  ck_assert_int_eq (rescast_weights_map (&w, folder, 7), RESCAST_EFORMAT);
  ck_assert_int_eq (rescast_weights_map (&w, at ("none"), 7), RESCAST_EOPEN);
  for (int i = 0; i <= RESCAST_EORDER + 1; i++)
    ck_assert_uint_gt (strlen (rescast_strerror (i)), 5);
}
END_TEST

/* Of a section that is pages away from another only its own pages are mapped, and nothing of one without data. */
START_TEST (weights_pages)
{
  enum { FAR = 1 << 20 };
  unsigned char *file = calloc (1, 192 + FAR);
  struct rescast_weights w;
  image.table[0].bytes = 0;
  image.table[0].hash = rescast_hash ("", 0, 4);
  image.table[1].layout = 7;
  image.table[1].bytes = FAR - 4096;
  image.table[1].offset = 192;
  image.table[0].layout = 9;
  memcpy (file, &image, 192);
  put_file ("w", file, 192 + FAR - 4096);
  ck_assert_int_eq (rescast_weights_map (&w, at ("w"), 9), RESCAST_OK);
  ck_assert_uint_eq (w.map_bytes, 0);
  ck_assert_int_eq (rescast_weights_check (&w), RESCAST_OK);
  rescast_weights_unmap (&w);
  image.table[0].bytes = FAR - 4096;
  image.table[1].offset = 192 + FAR - 4096;
  image.table[1].bytes = 4096;
  memcpy (file, &image, 192);
  put_file ("w", file, 192 + FAR);
  ck_assert_int_eq (rescast_weights_map (&w, at ("w"), 7), RESCAST_OK);
  ck_assert_uint_lt (w.map_bytes, 4096 + (size_t) sysconf (_SC_PAGESIZE));
  rescast_weights_unmap (&w);
  free (file);
}
END_TEST

START_TEST (hash)
{
  enum { BYTES = 3 * (1 << 18) + 77 };
  unsigned char *data = calloc (1, BYTES);
  for (int i = 0; i < BYTES; i++)
    data[i] = (unsigned char) (i * 7 + i / 251);
  uint64_t whole = rescast_hash (data, BYTES, 4);
  for (int n = 1; n <= 7; n++)
    {
      uint64_t sum = 0;
      for (int t = 0; t < n; t++)
        sum += rescast_hash_share (data, BYTES, 4, t, n);
      ck_assert_msg (sum == whole, "%d shares", n);
    }
  ck_assert (rescast_hash (data, BYTES - 1, 4) != whole);
  /* One bit anywhere, and two signs, whose changes a multiplication alone leaves at the top. */
  for (int i = 0; i < BYTES; i += 4099)
    {
      data[i] ^= 0x10;
      ck_assert_msg (rescast_hash (data, BYTES, 4) != whole, "byte %d", i);
      data[i] ^= 0x10;
    }
  data[7] ^= 0x80;
  data[39] ^= 0x80;
  ck_assert (rescast_hash (data, BYTES, 4) != whole);
  data[7] ^= 0x80;
  data[39] ^= 0x80;
  /* Two equal chunks, and where they lie. */
  memset (data, 0, BYTES);
  data[0] = 1;
  whole = rescast_hash (data, BYTES, 4);
  data[0] = 0;
  data[RESCAST_HASH_CHUNK] = 1;
  ck_assert (rescast_hash (data, BYTES, 4) != whole);
  free (data);
  ck_assert (rescast_hash ("", 0, 4) == 0);
  ck_assert (rescast_hash ("a", 1, 4) != rescast_hash ("a\0", 2, 4));
  ck_assert (rescast_hash ("abcdefgh1", 9, 4) != rescast_hash ("abcdefgh2", 9, 4));
  /* What files are written with does not change unnoticed. */
  ck_assert_msg (rescast_hash ("rescast", 7, 4) == UINT64_C (0x12fc4a67ceb1ad27), "%llx",
                 (unsigned long long) rescast_hash ("rescast", 7, 4));
}
END_TEST

/* ---- the arena ---- */

START_TEST (arena)
{
  static const size_t sizes[] = { 0, 1, 4096, (2 << 20) - 64, 2 << 20, (2 << 20) + 64, 9 << 20 };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
      unsigned char *p = rescast_arena_alloc (sizes[i]);
      ck_assert_ptr_nonnull (p);
      ck_assert_uint_eq ((uintptr_t) p % (sizes[i] < 2 << 20 ? 64 : 2 << 20), 0);
      for (size_t k = 0; k < sizes[i]; k++)
        ck_assert_uint_eq (p[k], 0);
      if (sizes[i])
        p[sizes[i] - 1] = 1;
      rescast_arena_free (p, sizes[i]);
    }
  rescast_arena_free (NULL, 64);
  ck_assert_ptr_null (rescast_arena_alloc (SIZE_MAX));
  ck_assert_ptr_null (rescast_arena_alloc (SIZE_MAX / 2));
}
END_TEST

/* ---- threads: test_pool.c has more ---- */

/* A loop of the caller's, backwards, one share after another. */
static void
backwards (void *user, int n, void (*body) (void *, int), void *arg)
{
  ++*(int *) user;
  for (int i = n - 1; i >= 0; i--)
    body (arg, i);
}

static void
count_share (void *arg, int phase, struct rescast_part part, int n, int caller)
{
  int *counts = arg, t = part.from / RESCAST_PARTS;
  ck_assert (part.from == RESCAST_PARTS * t && part.to == RESCAST_PARTS * (t + 1));
  ck_assert_int_eq (n, 100);
  ck_assert_int_eq (caller, t == 0);
  ck_assert_int_eq (counts[t], phase);
  counts[t]++;
}

START_TEST (parallel_for)
{
  struct rescast_pool p;
  struct rescast_weights w;
  int calls = 0, counts[100] = { 0 };
  struct rescast_config config = { .threads = 100, .parallel_for = backwards, .user = &calls };
  ck_assert_int_eq (rescast_pool_start (&p, &config, 0), RESCAST_OK);
  rescast_pool_run (&p, 0, 2, NULL, count_share, counts);
  ck_assert_int_eq (calls, 3);
  for (int t = 0; t < 100; t++)
    ck_assert_int_eq (counts[t], 3);
  ck_assert_int_eq (rescast_weights_init (&w, &image, sizeof image, 7), RESCAST_OK);
  ck_assert_int_eq (rescast_weights_check_shared (&w, &p), RESCAST_OK);
  image.data[6] ^= 1;
  ck_assert_int_eq (rescast_weights_check_shared (&w, &p), RESCAST_EHASH);
  ck_assert_int_eq (calls, 5);
  rescast_pool_free (&p);
  /* more shares than a pool could have threads */
  config.threads = RESCAST_MAX_THREADS + 1;
  ck_assert_int_eq (rescast_pool_start (&p, &config, 0), RESCAST_OK);
  ck_assert_int_eq (rescast_weights_check_shared (&w, &p), RESCAST_EHASH);
  image.data[6] ^= 1;
  ck_assert_int_eq (rescast_weights_check_shared (&w, &p), RESCAST_OK);
  image.data[6] ^= 1;
  rescast_pool_free (&p);
  config.threads = -1;
  ck_assert_int_eq (rescast_pool_start (&p, &config, 0), RESCAST_EINVAL);
  /* Without a loop they are the pool's threads. */
  ck_assert_int_eq (rescast_pool_start (&p, &(struct rescast_config){ .threads = 3 }, 0), RESCAST_OK);
  ck_assert_int_eq (rescast_weights_check_shared (&w, &p), RESCAST_EHASH);
  image.data[6] ^= 1;
  ck_assert_int_eq (rescast_weights_check_shared (&w, &p), RESCAST_OK);
  rescast_pool_free (&p);
  ck_assert_int_eq (rescast_pool_start (&p, NULL, 0), RESCAST_OK);
  ck_assert_int_eq (p.threads, 1);
  rescast_pool_free (&p);
}
END_TEST

START_TEST (share)
{
  for (int count = 0; count < 40; count++)
    for (int n = 1; n <= 7; n++)
      for (int t = 0, next = 0; t < n; t++)
        {
          int first, last, from, to;
          rescast_share (count, (struct rescast_part){ RESCAST_PARTS * t, RESCAST_PARTS * (t + 1) }, n, &first, &last);
          ck_assert_int_eq (first, next);
          ck_assert (last - first == count / n || last - first == count / n + 1);
          for (int i = RESCAST_PARTS * t; i < RESCAST_PARTS * (t + 1); i++)
            {
              rescast_share (count, (struct rescast_part){ i, i + 1 }, n, &from, &to);
              ck_assert_int_eq (from, next);
              next = to;
            }
          ck_assert_int_eq (next, last);
          if (t == n - 1)
            ck_assert_int_eq (next, count);
        }
  int first, last;
  rescast_share (INT32_MAX, (struct rescast_part){ 1023, 1024 }, 64, &first, &last);
  ck_assert_int_eq (last, INT32_MAX);
  rescast_share (40, (struct rescast_part){ 48, 50 }, 3, &first, &last); /* beyond the shares */
  ck_assert (first == 40 && last == 40);
}
END_TEST

/* ---- arrays ---- */

START_TEST (npy_header)
{
  struct cli_npy a;
  static const char *const good[]
      = { "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }  \n",
          "{\"shape\":(3,4L),'fortran_order':True,'descr':'|u1'}",
          "{'descr': '>i8', 'fortran_order': False, 'shape': ()}" };
  static const char *const bad[]
      = { "",
          "{",
          "{}",
          "{'descr': '<f4'}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4)",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (3, -4)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
          "{'descr': '<f4', 'fortran_order': No, 'shape': (3,)}",
          "{'descr': '<f4', 'descr': '<f4', 'shape': (3,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
          "{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}",
          "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}",
          "{'descr': [('a','<f4')], 'fortran_order': False, 'shape': (3,)}",
          "{'descr': '<f3', 'fortran_order': False, 'shape': (3,)}",
          "{'descr': '<f16', 'fortran_order': False, 'shape': (3,)}",
          "{'descr': '<b4', 'fortran_order': False, 'shape': (3,)}",
          "{'descr': '', 'fortran_order': False, 'shape': (3,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
          "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}",
          "{'descr': '<f4, 'fortran_order': False}" };
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    ck_assert_msg (!cli_npy_parse (&a, good[i], strlen (good[i])), "%s", good[i]);
  ck_assert (a.kind == 'i' && a.size == 8 && a.swap && a.rank == 0);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    ck_assert_msg (cli_npy_parse (&a, bad[i], strlen (bad[i])) != NULL, "%s", bad[i]);
  /* Cut anywhere, it is an error and nothing is read behind the end. */
  for (size_t n = 0; n + 5 < strlen (good[0]); n++)
    {
      char *cut = malloc (n + 1);
      memcpy (cut, good[0], n);
      char *exact = realloc (cut, n ? n : 1);
      ck_assert (cli_npy_parse (&a, exact, n) != NULL || strchr ("}", good[0][n - 1]));
      free (exact);
    }
}
END_TEST

START_TEST (npy_types)
{
  struct { char kind; int size; bool swap; unsigned char raw[8]; double value; } const cases[] = {
    { 'b', 1, 0, { 2 }, 1 }, { 'i', 1, 0, { 0xff }, -1 }, { 'u', 1, 0, { 0xff }, 255 },
    { 'i', 2, 0, { 0xfe, 0xff }, -2 }, { 'i', 2, 1, { 0xff, 0xfe }, -2 }, { 'u', 2, 1, { 1, 0 }, 256 },
    { 'i', 4, 0, { 0, 0, 0, 0x80 }, -2147483648.0 }, { 'u', 4, 1, { 0x80, 0, 0, 0 }, 2147483648.0 },
    { 'i', 8, 0, { 1, 0, 0, 0, 0, 0, 0, 0 }, 1 }, { 'u', 8, 1, { 0x80, 0, 0, 0, 0, 0, 0, 0 }, 0x1p63 },
    { 'f', 2, 0, { 0, 0x3c }, 1 }, { 'f', 2, 1, { 0xc0, 0 }, -2 }, { 'f', 2, 0, { 1, 0 }, 0x1p-24 },
    { 'f', 2, 0, { 0xff, 0x7b }, 65504 }, { 'f', 2, 0, { 0, 0x7c }, INFINITY },
    { 'f', 4, 0, { 0, 0, 0xc0, 0x3f }, 1.5 },
    { 'f', 4, 1, { 0x3f, 0xc0, 0, 0 }, 1.5 }, { 'f', 8, 1, { 0x3f, 0xf8, 0, 0, 0, 0, 0, 0 }, 1.5 } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct cli_npy a = { .kind = cases[i].kind, .size = cases[i].size, .swap = cases[i].swap };
      unsigned char raw[16];
      double out[2];
      memcpy (raw, cases[i].raw, 8);
      memcpy (raw + a.size, cases[i].raw, (size_t) a.size);
      cli_npy_convert (&a, raw, 2, out);
      ck_assert_msg (out[0] == cases[i].value && out[1] == out[0], "case %zu: %g", i, out[0]);
    }
}
END_TEST

/* Read all of a file's samples into OUT; returns how many. */
static size_t
read_array (const char *name, float *out)
{
  struct cli_source s;
  ck_assert (cli_source_open (&s, at (name), &info, &(struct cli_options){ 0 }));
  for (size_t i = 0; i < s.samples; i++)
    ck_assert (s.reader->read (&s, i, out + i * s.shape.count));
  size_t n = s.samples;
  cli_source_close (&s);
  return n;
}

START_TEST (npy_orders)
{
  float x[7 * 60], f[7 * 60], out[7 * 60];
  for (int i = 0; i < 7 * 60; i++)
    x[i] = (float) i;
  put_npy ("c", "{'descr':'<f4','fortran_order':False,'shape':(3,4,5)}", x, 240);
  ck_assert_uint_eq (read_array ("c", out), 1);
  ck_assert_mem_eq (out, x, 240);
  put_npy ("n", "{'descr':'<f4','fortran_order':False,'shape':(7,3,4,5)}", x, sizeof x);
  ck_assert_uint_eq (read_array ("n", out), 7);
  ck_assert_mem_eq (out, x, sizeof x);
  /* Fortran order: the first axis runs fastest. */
  for (int samples = 1; samples <= 7; samples += 6)
    {
      int k = 0;
      for (int w = 0; w < 5; w++)
        for (int h = 0; h < 4; h++)
          for (int c = 0; c < 3; c++)
            for (int n = 0; n < samples; n++)
              f[k++] = x[n * 60 + c * 20 + h * 5 + w];
      put_npy ("f", samples == 1 ? "{'descr':'<f4','fortran_order':True,'shape':(3,4,5)}"
                                 : "{'descr':'<f4','fortran_order':True,'shape':(7,3,4,5)}", f, (size_t) k * 4);
      memset (out, 0, sizeof out);
      ck_assert_uint_eq (read_array ("f", out), (size_t) samples);
      ck_assert_mem_eq (out, x, (size_t) samples * 240);
    }
  /* (x / scale - mean) / std by channel, in both orders. */
  static const float mean[] = { 1, 2, 3 }, std[] = { 0.5f, 2, 4 };
  info.scale = 2;
  info.mean = mean;
  info.std = std;
  read_array ("f", out);
  read_array ("c", f);
  info.scale = 0;
  info.mean = info.std = NULL;
  ck_assert_mem_eq (out, f, 240);
  ck_assert_float_eq (f[4], (4.0f / 2 - 1) / 0.5f);
  ck_assert_float_eq (f[59], (59.0f / 2 - 3) / 4);
}
END_TEST

START_TEST (npy_missing_channel)
{
  float x[40] = { 1, 2, 3 }, out[40];
  info.input_shape[0] = 1;
  put_npy ("hw", "{'descr':'<f4','fortran_order':False,'shape':(4,5)}", x, 80);
  ck_assert_uint_eq (read_array ("hw", out), 1);
  ck_assert_float_eq (out[2], 3);
  put_npy ("nhw", "{'descr':'<f4','fortran_order':False,'shape':(2,4,5)}", x, 160);
  ck_assert_uint_eq (read_array ("nhw", out), 2);
  info.input_shape[0] = 3;
}
END_TEST

START_TEST (npy_refused)
{
  float x[64] = { 0 };
  char huge[300];
  put_npy ("shape.npy", "{'descr':'<f4','fortran_order':False,'shape':(3,4,6)}", x, 256);
  refused ("shape.npy", 1, "shape (3, 4, 6); the network takes (3, 4, 5), or (N, 3, 4, 5)");
  put_npy ("short.npy", "{'descr':'<f4','fortran_order':False,'shape':(3,4,5)}", x, 239);
  refused ("short.npy", 1, "truncated");
  put_npy ("long.npy", "{'descr':'<f4','fortran_order':False,'shape':(3,4,5)}", x, 241);
  refused ("long.npy", 1, "1 bytes behind");
  put_npy ("none.npy", "{'descr':'<f4','fortran_order':False,'shape':(0,3,4,5)}", x, 0);
  refused ("none.npy", 1, "holds no input");
  snprintf (huge, sizeof huge, "{'descr':'<f8','fortran_order':False,'shape':(%llu,3,4,5)}", 1ull << 48);
  put_npy ("huge.npy", huge, x, 100);
  refused ("huge.npy", 1, "truncated");
  put_file ("version.npy", "\x93NUMPY\x09\x00\x01\x00 ", 11);
  refused ("version.npy", 1, "version 9.0");
  put_file ("header.npy", "\x93NUMPY\x02\x00\xff\xff\xff\xff{", 13);
  refused ("header.npy", 1, "a header of 4294967295 bytes");
  put_file ("cut.npy", "\x93NUMPY\x01\x00", 8);
  refused ("cut.npy", 1, "truncated");
  put_file ("empty", "", 0);
  refused ("empty", 1, "empty");
  put_file ("text", "hello", 5);
  refused ("text", 1, "of no known kind");
  refused ("absent\nname", 1, "absent?name: No such file");
  refused (".", 1, "not a regular file");
}
END_TEST

START_TEST (npy_writer)
{
  struct cli_array_out a;
  struct cli_shape shape = { .extent = { 3, 4, 5 }, .rank = 3, .count = 60 };
  float x[120], out[120];
  char path[256], text[1024];
  for (int i = 0; i < 120; i++)
    x[i] = (float) i * 0.5f;
  snprintf (path, sizeof path, "%s", at ("out.npy"));
  ck_assert (cli_array_create (&a, path, 2, &shape));
  ck_assert_int_ne (access (path, F_OK), 0);
  ck_assert (cli_array_write (&a, x, 120));
  ck_assert (cli_array_end (&a) && cli_array_commit (&a));
  ck_assert_uint_eq (get_file ("out.npy", text, sizeof text), 128 + 480);
  ck_assert_ptr_nonnull (strstr (text + 10, "'shape': (2, 3, 4, 5), }"));
  ck_assert_uint_eq (read_array ("out.npy", out), 2);
  ck_assert_mem_eq (out, x, sizeof x);
  ck_assert (cli_array_create (&a, path, 1, &shape));
  cli_array_abandon (&a);
  cli_array_abandon (&a);
  ck_assert_uint_eq (read_array ("out.npy", out), 2);
}
END_TEST

/* ---- images ---- */

static struct cli_image
make_image (int width, int height, int channels, const unsigned char *pixels)
{
  struct cli_image m;
  ck_assert (cli_image_alloc (&m, "test", (uint64_t) width, (uint64_t) height, channels, channels));
  size_t n = (size_t) (width * height * channels);
  if (pixels)
    memcpy (m.pixels, pixels, n);
  else
    memset (m.pixels, 77, n);
  return m;
}

static bool
cover (struct cli_image *m, int height, int width)
{
  struct rescast_info to = { .input_shape = { m->channels, 1, height, width } };
  return cli_image_prepare (m, "test", &to);
}

START_TEST (resize_small)
{
  /* Half the width: a triangle over four pixels, 1/8 3/8 3/8 1/8, cut at the border: 3/7 3/7 1/7. */
  static const unsigned char row[] = { 0, 80, 160, 240 };
  static const unsigned char square[] = { 0, 80, 160, 240, 0, 80, 160, 240, 0, 80, 160, 240, 0, 80, 160, 240 };
  struct cli_image m = make_image (4, 4, 1, square);
  ck_assert (cover (&m, 2, 2));
  ck_assert_uint_eq (m.pixels[0], 57); /* (3·0 + 3·80 + 160) / 7 */
  ck_assert_uint_eq (m.pixels[1], 183);
  ck_assert_mem_eq (m.pixels, m.pixels + 2, 2);
  free (m.pixels);
  /* The centre of a wide image, no resampling: 1 x 4 to 1 x 2. */
  m = make_image (4, 1, 1, row);
  ck_assert (cover (&m, 1, 2));
  ck_assert_uint_eq (m.pixels[0], 80);
  ck_assert_uint_eq (m.pixels[1], 160);
  free (m.pixels);
  /* Twice as large: 1/4 and 3/4 between neighbours. */
  m = make_image (2, 1, 1, row);
  ck_assert (cover (&m, 2, 4));
  ck_assert_mem_eq (m.pixels, ((unsigned char[]){ 0, 20, 60, 80, 0, 20, 60, 80 }), 8);
  free (m.pixels);
}
END_TEST

START_TEST (resize_flat)
{
  static const int sizes[][4]
      = { { 7, 5, 3, 3 }, { 1, 9, 4, 4 }, { 300, 2, 8, 16 }, { 3, 3, 50, 20 }, { 640, 481, 32, 32 } };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    {
      struct cli_image m = make_image (sizes[i][0], sizes[i][1], 3, NULL);
      ck_assert (cover (&m, sizes[i][2], sizes[i][3]));
      ck_assert (m.height == sizes[i][2] && m.width == sizes[i][3]);
      for (int k = 0; k < m.width * m.height * 3; k++)
        ck_assert_uint_eq (m.pixels[k], 77);
      free (m.pixels);
    }
}
END_TEST

START_TEST (image_channels)
{
  static const unsigned char rgb[] = { 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255 };
  struct cli_image m = make_image (4, 1, 3, rgb);
  cli_image_channels (&m, 1);
  ck_assert_mem_eq (m.pixels, ((unsigned char[]){ 76, 150, 29, 255 }), 4);
  free (m.pixels);
  ck_assert (cli_image_alloc (&m, "test", 2, 1, 1, 3));
  m.pixels[0] = 5;
  m.pixels[1] = 6;
  cli_image_channels (&m, 3);
  ck_assert_mem_eq (m.pixels, ((unsigned char[]){ 5, 5, 5, 6, 6, 6 }), 6);
  free (m.pixels);
  m.pixels = NULL;
  ck_assert (!cli_image_alloc (&m, "test", 65536, 1, 1, 1));
  ck_assert (!cli_image_alloc (&m, "test", 65535, 65535, 1, 1));
  ck_assert (!cli_image_alloc (&m, "test", 0, 1, 1, 1));
  ck_assert_ptr_null (m.pixels);
}
END_TEST

/* ---- output ---- */

START_TEST (json_escapes)
{
  static const char *const cases[][2] = { { "plain", "\"plain\"" },
                                          { "a\"b\\c", "\"a\\\"b\\\\c\"" },
                                          { "\n\x01\x7f", "\"\\u000a\\u0001\\u007f\"" },
                                          { "caf\xc3\xa9", "\"caf\xc3\xa9\"" },
                                          { "\xf0\x9f\x90\x88", "\"\xf0\x9f\x90\x88\"" },
                                          { "\xff\xc3", "\"\\ufffd\\ufffd\"" },
                                          { "\xc0\x80", "\"\\ufffd\\ufffd\"" },
                                          { "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" } };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    {
      struct cli_out out = { 0 };
      cli_json_string (&out, cases[i][0]);
      ck_assert_uint_eq (out.bytes, strlen (cases[i][1]));
      ck_assert_mem_eq (out.text, cases[i][1], out.bytes);
      free (out.text);
    }
  struct cli_out out = { 0 };
  cli_json_number (&out, NAN, 9);
  cli_json_number (&out, 0.5, 9);
  ck_assert_uint_eq (out.bytes, 7);
  ck_assert_mem_eq (out.text, "null0.5", 7);
  free (out.text);
}
END_TEST

START_TEST (ranking)
{
  const float scores[] = { 1, 3, NAN, 3, -INFINITY, 2 };
  static const int want[] = { 1, 3, 5, 0, 4, 2 };
  struct cli_ranked order[6];
  double p[3];
  cli_rank (order, scores, 6);
  for (int i = 0; i < 6; i++)
    ck_assert_int_eq (order[i].index, want[i]);
  cli_softmax (p, (float[]){ 1000, 1000, -1000 }, 3);
  ck_assert_double_eq (p[0], 0.5);
  ck_assert_double_eq (p[2], 0);
  float x[] = { 3, 1, 2, 10 };
  ck_assert_double_eq (cli_median (x, 4), 2.5);
  ck_assert_double_eq (cli_median (x, 3), 2);
}
END_TEST

/* A file of BYTES is refused for 2 classes, with WHAT in the line that says so. */
static void
check_labels_refused (const char *bytes, size_t n, const char *what)
{
  struct cli_labels l;
  put_file ("l", bytes, n);
  ck_assert_msg (!cli_labels_read (&l, at ("l"), 2), "%s", what);
  cli_labels_free (&l);
}

static void
check_labels (const char *bytes, const char *first, const char *second)
{
  struct cli_labels l;
  put_file ("l", bytes, strlen (bytes));
  ck_assert (cli_labels_read (&l, at ("l"), 2));
  ck_assert_str_eq (l.label[0], first);
  ck_assert_str_eq (l.label[1], second);
  cli_labels_free (&l);
}

/* The same rules hold for the options' labels: tests/test_options.c. */
START_TEST (labels)
{
  check_labels ("cat\r\ndog", "cat", "dog");
  check_labels ("\xef\xbb\xbf" "cat\ndog\n", "cat", "dog");
  check_labels ("a\rb\r", "a", "b");
  check_labels ("a \t\r\n b\n\n \n\r\n", "a", " b");
  check_labels ("\"a\", <|b|>\n\xc3\xa4", "\"a\", <|b|>", "\xc3\xa4");
  check_labels_refused ("a\nb\nc", 5, "three");
  check_labels_refused ("", 0, "none");
  check_labels_refused ("a\n\nb\n", 5, "an empty one");
  check_labels_refused ("a\0\nb\n", 5, "a zero");
  check_labels_refused ("a\n\xff\n", 4, "no UTF-8");
  check_labels_refused ("a\nb\x1b[1m\n", 8, "a control character");
}
END_TEST

/* ---- the program ---- */

/* Three samples; channel c of sample n is 100 n + c everywhere. */
static void
put_three (void)
{
  float x[180];
  for (int i = 0; i < 180; i++)
    x[i] = (float) (i / 60 * 100 + i % 60 / 20);
  put_npy ("three.npy", "{'descr':'<f4','fortran_order':False,'shape':(3,3,4,5)}", x, sizeof x);
}

START_TEST (program_text)
{
  char text[4096];
  put_three ();
  put_file ("names", "zero\none\ntwo\n", 13);
  ck_assert_int_eq (program ("--threads 2 -k2 three.npy --labels names --output out.npy three.npy"), 0);
  get_file ("stdout", text, sizeof text);
  static const char want[] = "three.npy[0]\n   66.52 %  two\n   24.47 %  one\n";
  ck_assert_msg (strncmp (text, want, sizeof want - 1) == 0, "%s", text);
  /* Six inputs in batches of two, in order, whichever file they came from. */
  ck_assert_uint_eq (get_file ("out.npy", text, sizeof text), 128 + 6 * 12);
  ck_assert_ptr_nonnull (strstr (text + 10, "'shape': (6, 3), }"));
  for (int i = 0; i < 18; i++)
    {
      float x;
      memcpy (&x, text + 128 + 4 * i, 4);
      ck_assert_float_eq (x, (float) (i / 3 % 3 * 100 + i % 3));
    }
}
END_TEST

START_TEST (program_json)
{
  char text[4096];
  put_three ();
  ck_assert_int_eq (program ("--json -k 1 three.npy --threads 1 --bench 3 --profile"), 0);
  get_file ("stdout", text, sizeof text);
  static const char want[] = "{\"network\":\"means\",\"results\":[{\"input\":\"three.npy\",\"index\":0,\"top\":["
                             "{\"class\":2,\"label\":\"class 2\",\"probability\":0.665240956,\"score\":2}]},";
  ck_assert_msg (strncmp (text, want, sizeof want - 1) == 0, "%s", text);
  ck_assert_ptr_nonnull (strstr (text, "\"bench\":{\"runs\":3,\"batch\":2,\"threads\":1,"));
  ck_assert_ptr_nonnull (strstr (text, "\"profile\":{\"runs\":3,"));
  ck_assert_str_eq (text + strlen (text) - 4, "]}}\n");
}
END_TEST

START_TEST (program_bench)
{
  char text[4096];
  ck_assert_int_eq (program ("--bench 5 --profile"), 0);
  get_file ("stdout", text, sizeof text);
  ck_assert_ptr_nonnull (strstr (text, "5 runs of 2 inputs"));
  ck_assert_ptr_nonnull (strstr (text, "total"));
  ck_assert_int_eq (program ("--version"), 0);
  ck_assert_int_eq (program ("--help"), 0);
}
END_TEST

START_TEST (program_contexts)
{
  char text[4096];
  ck_assert_int_eq (program ("--bench 5 --contexts 3 --threads 1"), 0);
  get_file ("stdout", text, sizeof text);
  ck_assert_ptr_nonnull (strstr (text, "5 runs of 2 inputs on 1 thread, in each of 3 contexts at once\n"));
  put_three ();
  ck_assert_int_eq (program ("--json --bench 4 --contexts 2 --threads 1 --profile three.npy"), 0);
  get_file ("stdout", text, sizeof text);
  ck_assert_ptr_nonnull (strstr (text, ",\"bench\":{\"runs\":4,\"batch\":2,\"threads\":1,\"contexts\":2,\"min_ms\":"));
  ck_assert_ptr_nonnull (strstr (text, ",\"p90_ms\":"));
  ck_assert_ptr_nonnull (strstr (text, ",\"inputs_per_second\":"));
  refused ("--contexts 2 three.npy", 2, "--contexts goes with --bench");
  refused ("--contexts 0 --bench 1", 2, "from 1 to 256");
}
END_TEST

/* The bench says how many threads were chosen on a machine that is planted beside it: 8 CPUs in 4 cores, without nodes.
 */
static void
ck_threads (const char *options, const char *want)
{
  char text[4096];
  ck_assert_int_eq (program (options), 0);
  get_file ("stdout", text, sizeof text);
  ck_assert_msg (strstr (text, want) != NULL, "%s", text);
}

START_TEST (program_threads)
{
  char text[128];
  mkdir (at ("sys"), 0777);
  mkdir (at ("sys/devices"), 0777);
  mkdir (at ("sys/devices/system"), 0777);
  mkdir (at ("sys/devices/system/cpu"), 0777);
  for (int i = 0; i < 8; i++)
    {
      snprintf (text, sizeof text, "sys/devices/system/cpu/cpu%d", i);
      mkdir (at (text), 0777);
      strcat (text, "/topology");
      mkdir (at (text), 0777);
      strcat (text, "/thread_siblings_list");
      put_file (text, &"0,4\n1,5\n2,6\n3,7\n"[i % 4 * 4], 4);
    }
  put_file ("affinity", "0-7\n", 4);
  setenv ("RESCAST_SYSTEM", folder, 1);
  layers[0].macs = 1e9;
  ck_threads ("--bench 1", " on 4 threads\n");
  ck_threads ("--bench 1 --threads 7", " on 7 threads\n");
  ck_threads ("--bench 1 --threads 200", " on 8 threads\n");
  ck_threads ("--bench 1 --contexts 2", " on 2 threads, in each of 2 contexts");
  ck_threads ("--bench 1 --contexts 7", " on 1 thread, in each of 7 contexts");
  refused ("--bench 1 --contexts 9 --pin", 2, "--pin needs 9 CPUs");
  /* Two nodes: the network is large enough for both, then for one. */
  mkdir (at ("sys/devices/system/node"), 0777);
  mkdir (at ("sys/devices/system/node/node0"), 0777);
  mkdir (at ("sys/devices/system/node/node1"), 0777);
  put_file ("sys/devices/system/node/online", "0-1\n", 4);
  put_file ("sys/devices/system/node/node0/cpulist", "0-1,4-5\n", 8);
  put_file ("sys/devices/system/node/node1/cpulist", "2-3,6-7\n", 8);
  ck_threads ("--bench 1", " on 4 threads\n");
  layers[0].macs = 1e6;
  ck_threads ("--bench 1", " on 2 threads\n");
  put_file ("affinity", "1,5-6\n", 6); /* a core of each */
  ck_threads ("--bench 1", " on 1 thread\n");
  layers[0].macs = 1e9;
  ck_threads ("--bench 1", " on 2 threads\n");
  layers[0].macs = 3072;
  ck_threads ("--bench 1", " on 1 thread\n");
  unsetenv ("RESCAST_SYSTEM");
}
END_TEST

START_TEST (program_device_clock)
{
  char text[4096];
  clocked = network;
  clocked.time = means_time;
  clocked.limits = means_limits;
  tested = &clocked;
  ck_assert_int_eq (program ("--bench 200 --profile"), 0);
  get_file ("stdout", text, sizeof text);
  ck_assert_ptr_nonnull (strstr (text, "  without copies: median 0.0050 ms  p99 0.0050 ms  400000.0 inputs/s\n"));
  ck_assert_msg (strstr (text, "mean   mean_c       4.00  100.0 %        0.8    50.0 %\n") != NULL, "%s", text);
  ck_assert_ptr_nonnull (strstr (text, "one graph: 5.00 us, with the copies of input and output 20.00 us\n"));
  ck_assert_ptr_nonnull (strstr (text, "limits: 1 GB/s by a copy on the GPU, 2 GMAC/s by its clock\n"));
  ck_assert_int_eq (program ("--json --bench 20 --profile"), 0);
  get_file ("stdout", text, sizeof text);
  ck_assert_ptr_nonnull (strstr (text, "\"kernels\":{\"median_ms\":0.005,\"p99_ms\":9}}"));
  ck_assert_ptr_nonnull (strstr (text, "\"profile\":{\"runs\":9,\"total_ms\":0.004,\"kernels_ms\":0.005,\"run_ms\":0.02,"));
  ck_assert_ptr_nonnull (strstr (text, "\"limit_ms\":0.002}]}}\n"));
  tested = &network;
}
END_TEST

START_TEST (program_refuses)
{
  char text[256];
  put_three ();
  refused ("", 2, "no INPUT");
  refused ("--what three.npy", 2, "--what");
  refused ("-k 0 three.npy", 2, "-k takes a number from 1");
  refused ("-k 99999999999999999999 three.npy", 2, "-k takes");
  refused ("--threads 257 three.npy", 2, "from 1 to 256");
  refused ("--bench", 2, "needs a value");
  refused ("--json=1 three.npy", 2, "takes no value");
  refused ("--device cuda:0 three.npy", 1, "without CUDA");
  refused ("--device gpu three.npy", 2, "--device takes");
  put_file ("two", "a\nb\n", 4);
  refused ("--labels two three.npy", 1, "2 labels; the network has 3 classes");
  refused ("--weights two three.npy", 1, "not a rescast weights file");
  refused ("--weights absent three.npy", 1, "No such file");
  refused ("--output absent/out.npy three.npy", 1, "cannot be written");
  refused ("--output /dev/null three.npy", 1, "not a regular file");
  refused ("--json three.npy absent --output out.npy", 1, "absent: ");
  ck_assert_int_ne (access (at ("out.npy"), F_OK), 0);
  snprintf (text, sizeof text, "test -z \"$(ls %s | grep out.npy)\"", folder);
  ck_assert_int_eq (system (text), 0); /* nor its temporary */
}
END_TEST

Suite *
runtime_suite (void)
{
  Suite *s = suite_create ("runtime");
  TCase *t = tcase_create ("runtime");
  tcase_set_timeout (t, 120);
  tcase_add_checked_fixture (t, setup, teardown);
  tcase_add_test (t, weights_sections);
  tcase_add_test (t, weights_header);
  tcase_add_loop_test (t, weights_table, 0, 2);
  tcase_add_test (t, weights_pages);
  tcase_add_test (t, weights_file);
  tcase_add_test (t, hash);
  tcase_add_test (t, arena);
  tcase_add_test (t, parallel_for);
  tcase_add_test (t, share);
  tcase_add_test (t, npy_header);
  tcase_add_test (t, npy_types);
  tcase_add_test (t, npy_orders);
  tcase_add_test (t, npy_missing_channel);
  tcase_add_test (t, npy_refused);
  tcase_add_test (t, npy_writer);
  tcase_add_test (t, resize_small);
  tcase_add_test (t, resize_flat);
  tcase_add_test (t, image_channels);
  tcase_add_test (t, json_escapes);
  tcase_add_test (t, ranking);
  tcase_add_test (t, labels);
  tcase_add_test (t, program_text);
  tcase_add_test (t, program_json);
  tcase_add_test (t, program_bench);
  tcase_add_test (t, program_contexts);
  tcase_add_test (t, program_threads);
  tcase_add_test (t, program_device_clock);
  tcase_add_test (t, program_refuses);
  suite_add_tcase (s, t);
  return s;
}
