/* The command line. */
#include "cli.h"

#include "../cpus.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BENCH 1000000
#define DEFAULT_OVERLAP 0.25

static const char usage[]
    = "Usage: %s [OPTION]... INPUT...\n"
      "Run the network on each INPUT: an array (.npy), a volume (.nii, .nii.gz) or, where it takes\n"
      "one, an image (.png, .jpg). Volumes of another size are resampled: linearly, with half-pixel centres;\n"
      "images are resized, and their centre kept, as the network's options say.\n\n"
      "  -k N               show the N best classes (5)\n"
      "      --labels F     names of the classes, one a line\n"
      "      --json         print one JSON document\n"
      "      --output F     write all outputs as an array, (N, ...) float32, to F.npy\n"
      "      --tensor L=F   write the result of layer L to F.npy; may be repeated\n"
      "      --weights F    use these weights\n"
      "      --threads N    1 to %d, as far as there are CPUs that this process may use; default: the physical cores\n"
      "                     among these (those of one NUMA node for a network that more would slow down), within the\n"
      "                     control group's quota of CPU time\n"
      "      --pin          keep each thread on a core of its own\n"
      "      --device D     cpu, cuda, cuda:N (GPU number N) or auto (the default): a GPU, where there is one and the\n"
      "                     network was generated for it, else the CPU\n"
      "      --target T     one of the targets that it was generated for; default: the best that the CPU has\n"
      "      --profile      print the time of each layer\n"
      "      --bench N      time N runs; with no INPUT, on random numbers\n"
      "      --contexts N   with --bench: N networks at once, which share the weights, each on threads of its own\n"
      "                     (the default of --threads divided by N)\n"
      "      --sliding-window [SIZE]  take volumes of any extents, by windows of the network's input, which SIZE\n"
      "                     may repeat (32x32x32, or 32 where all are equal), --threads N at a time; the output is\n"
      "                     the whole volume's map, or the mean of the windows' scores\n"
      "      --overlap F    ... windows overlap by this fraction, from 0 to less than 1 (0.25)\n"
      "      --blend B      ... gaussian: where they do, the middle of one weighs more; or constant (the default)\n"
      "      --mirror       ... run each window mirrored along all sets of axes, too, and take the mean\n"
      "      --no-preprocess  feed the numbers as they are, without scale, mean and std\n"
      "      --no-check     do not compare the weights file with its hash: a faster start\n"
      "      --shape S      INPUTs have no header; each sample has the shape [C,][D,]H,W (the network's)\n"
      "      --type T       ... and numbers of type u8, i8, u16, i16, f16, u32, i32, f32, u64, i64 or f64, with le\n"
      "                     or be behind it (f32le)\n"
      "      --help, --version\n";

/* Options with a value, then those without; both in one table so that the messages agree. */
enum option
{
  TOP,
  LABELS,
  OUTPUT,
  TENSOR,
  WEIGHTS,
  THREADS,
  DEVICE,
  TARGET,
  BENCH,
  CONTEXTS,
  SHAPE,
  TYPE,
  WINDOW, /* its value may be missing */
  OVERLAP,
  BLEND,
  JSON,
  MIRROR,
  PROFILE,
  PIN,
  PLAIN,
  UNCHECKED,
  HELP,
  VERSION,
  UNKNOWN
};

static const char *const names[UNKNOWN]
    = { "-k",       "--labels",        "--output",   "--tensor", "--weights", "--threads", "--device",
        "--target", "--bench",         "--contexts", "--shape",  "--type",    "--sliding-window", "--overlap",
        "--blend",  "--json",          "--mirror",   "--profile",
        "--pin",    "--no-preprocess", "--no-check", "--help",   "--version" };

/* The option that ARG names, whether as "--name", "--name=value" or "-kvalue"; *VALUE: what follows, or NULL. */
static enum option
find (const char *arg, const char **value)
{
  *value = NULL;
  if (strcmp (arg, "-h") == 0)
    return HELP;
  if (strncmp (arg, "-k", 2) == 0)
    {
      *value = arg[2] ? arg + 2 : NULL;
      return TOP;
    }
  for (int i = 0; i < UNKNOWN; i++)
    {
      size_t n = strlen (names[i]);
      if (strncmp (arg, names[i], n) == 0 && (arg[n] == 0 || arg[n] == '='))
        {
          *value = arg[n] ? arg + n + 1 : NULL;
          return (enum option) i;
        }
    }
  return UNKNOWN;
}

static bool
number (const char *name, const char *value, int min, int max, int *out)
{
  long n = 0;
  const char *p = value;
  for (; *p >= '0' && *p <= '9' && n <= max; p++)
    n = n * 10 + (*p - '0');
  if (p == value || *p || n < min || n > max)
    return cli_fail (NULL, "%s takes a number from %d to %d, not '%s'", name, min, max, value);
  *out = (int) n;
  return true;
}

/* -1: taken; else the exit status. */
static int
device (struct cli_options *o, const char *value)
{
  bool cuda = strncmp (value, "cuda", 4) == 0 && (value[4] == 0 || value[4] == ':');
  o->device = cuda ? CLI_CUDA : strcmp (value, "cpu") == 0 ? CLI_CPU : CLI_AUTO;
  o->device_number = 0;
  if (cuda && value[4])
    return number ("--device cuda:N", value + 5, 0, 1023, &o->device_number) ? -1 : 2;
  if (cuda || o->device == CLI_CPU || strcmp (value, "auto") == 0)
    return -1;
  cli_fail (NULL, "--device takes cpu, cuda, cuda:N or auto, not '%s'", value);
  return 2;
}

/* -1: taken; else the exit status. */
static int
tensor (struct cli_options *o, const char *value)
{
  const char *equals = strrchr (value, '=');
  if (!equals || equals == value || !equals[1])
    {
      cli_fail (NULL, "--tensor takes LAYER=F.npy, not '%s'", value);
      return 2;
    }
  if (o->tensor_count == CLI_MAX_TENSORS)
    {
      cli_fail (NULL, "--tensor is given more than %d times", CLI_MAX_TENSORS);
      return 2;
    }
  o->tensors[o->tensor_count++] = value;
  return -1;
}

/* Is TEXT a SIZE, extents joined by x? */
static bool
is_size (const char *text)
{
  return *text >= '0' && *text <= '9' && !text[strspn (text, "0123456789x")];
}

/* --sliding-window with VALUE, which may be NULL. -1: taken; else the exit status. A network without spatial axes is
 * told so later. */
static int
window (struct cli_options *o, const struct rescast_info *info, const char *value)
{
  char own[64] = "";
  const int *extent = info->input_shape + 4 - info->input_rank, rank = info->input_rank;
  bool equal = rank > 0;
  o->windows = true;
  for (int i = 0, at = 0; i < rank; i++)
    {
      at += snprintf (own + at, sizeof own - (size_t) at, "%s%d", i ? "x" : "", extent[i]);
      equal = equal && extent[i] == extent[0];
    }
  if (!value || !rank || strcmp (value, own) == 0)
    return -1;
  char one[16];
  snprintf (one, sizeof one, "%d", extent[0]);
  if (equal && strcmp (value, one) == 0)
    return -1;
  cli_fail (NULL, "--sliding-window: SIZE of this network is %s, not '%s'", own, value);
  return 2;
}

/* -1: taken; else the exit status. */
static int
overlap (struct cli_options *o, const char *value)
{
  char *end;
  o->windowing.overlap = strtod (value, &end);
  if (*value >= '.' && *value <= '9' && !*end && o->windowing.overlap >= 0 && o->windowing.overlap < 1)
    return -1;
  cli_fail (NULL, "--overlap takes a number from 0 to less than 1, not '%s'", value);
  return 2;
}

/* -1: taken; else the exit status. */
static int
blend (struct cli_options *o, const char *value)
{
  const bool gaussian = strcmp (value, "gaussian") == 0;
  o->windowing.blend = gaussian ? RESCAST_GAUSSIAN : RESCAST_CONSTANT;
  if (gaussian || strcmp (value, "constant") == 0)
    return -1;
  cli_fail (NULL, "--blend takes constant or gaussian, not '%s'", value);
  return 2;
}

static int
set (struct cli_options *o, enum option option, const char *value)
{
  switch (option)
    {
    case TOP:
      return number ("-k", value, 1, 1000000, &o->top) ? -1 : 2;
    case THREADS:
      return number ("--threads", value, 1, RESCAST_MAX_THREADS, &o->threads) ? -1 : 2;
    case BENCH:
      return number ("--bench", value, 1, MAX_BENCH, &o->bench) ? -1 : 2;
    case CONTEXTS:
      return number ("--contexts", value, 1, RESCAST_MAX_THREADS, &o->contexts) ? -1 : 2;
    case DEVICE:
      return device (o, value);
    case SHAPE:
      return cli_raw_shape (&o->raw, value) ? -1 : 2;
    case TYPE:
      return cli_raw_type (&o->raw, value) ? -1 : 2;
    case OVERLAP:
      return overlap (o, value);
    case BLEND:
      return blend (o, value);
    case MIRROR:
      o->windowing.mirror = 1;
      break;
    case TARGET:
      o->target = value;
      break;
    case LABELS:
      o->labels = value;
      break;
    case OUTPUT:
      o->output = value;
      break;
    case TENSOR:
      return tensor (o, value);
    case WEIGHTS:
      o->weights = value;
      break;
    case JSON:
      o->json = true;
      break;
    case PROFILE:
      o->profile = true;
      break;
    case PIN:
      o->pin = RESCAST_PIN_CORE;
      break;
    case UNCHECKED:
      o->unchecked = true;
      break;
    default:
      o->plain = true;
    }
  return -1;
}

/* Help and version: 0, or 1 when stdout cannot take it. */
static int
say (enum option option, const struct cli_options *o, const struct rescast_info *info)
{
  if (option == HELP)
    printf (usage, o->program, RESCAST_MAX_THREADS);
  else
    printf ("%s (rescast %s), target %s\n", info->name, info->version, info->target);
  if (fflush (stdout) == 0 && !ferror (stdout))
    return 0;
  cli_fail ("standard output", "cannot be written: %s", strerror (errno));
  return 1;
}

/* Take argv[*I], and the value behind it where there is one. */
static int
take (struct cli_options *o, const struct rescast_info *info, int argc, char **argv, int *i)
{
  const char *value, *arg = argv[*i];
  enum option option = find (arg, &value);
  if (option == UNKNOWN)
    {
      cli_fail (NULL, "there is no option '%s'; --help lists them", arg);
      return 2;
    }
  if (option >= JSON && value)
    {
      cli_fail (NULL, "%s takes no value", names[option]);
      return 2;
    }
  if (option == HELP || option == VERSION)
    return say (option, o, info);
  if (option == WINDOW)
    {
      if (!value && *i + 1 < argc && is_size (argv[*i + 1]))
        value = argv[++*i];
      return window (o, info, value);
    }
  if (option < JSON && !value)
    {
      if (*i + 1 >= argc)
        {
          cli_fail (NULL, "%s needs a value", names[option]);
          return 2;
        }
      value = argv[++*i];
    }
  return set (o, option, value);
}

/* The default: what suits one context; several of them share the cores of all nodes. */
static void
fit_threads (struct cli_options *o, const struct rescast_info *info, const struct cpus *cpus, int quota)
{
  struct rescast_config config = { .pin = o->pin };
  int cores = quota && quota < cpus->cores ? quota : cpus->cores;
  cpus_fit (&config, info, cpus, quota);
  o->threads = config.threads;
  if (o->contexts > 1 && o->threads > cores / o->contexts)
    o->threads = cores < o->contexts ? 1 : cores / o->contexts;
  if (o->threads * o->contexts <= cpus->count)
    o->pin = config.pin;
}

/* The number of threads, and where they run, as far as the options leave that open. Threads beyond the CPUs would cut
 * layers into more pieces than can be computed at once. */
static int
choose_threads (struct cli_options *o, const struct rescast_info *info)
{
  const char *root = getenv ("RESCAST_SYSTEM"); /* tests plant one */
  struct cpus cpus;
  cpus_read (&cpus, root);
  if (o->windows) /* by as many contexts of one thread each */
    {
      const int quota = cpus_quota (root), cores = quota && quota < cpus.cores ? quota : cpus.cores;
      o->contexts = !o->threads ? cores : o->threads < cpus.count ? o->threads : cpus.count;
      o->threads = 1;
    }
  else if (o->threads)
    o->threads = o->threads < cpus.count ? o->threads : cpus.count;
  else
    fit_threads (o, info, &cpus, cpus_quota (root));
  if (o->pin != RESCAST_PIN_CORE || o->threads * o->contexts <= cpus.count)
    return -1;
  cli_fail (NULL, "--pin needs %d CPUs for these contexts and threads; this process may use %d",
            o->contexts * o->threads, cpus.count);
  return 2;
}

int
cli_parse (struct cli_options *o, const struct rescast_info *info, int argc, char **argv)
{
  *o = (struct cli_options){ .top = 5, .contexts = 1, .windowing = { .overlap = DEFAULT_OVERLAP }, .inputs = argv };
  o->program = argc > 0 ? argv[0] : info->name;
  bool options = true;
  for (int i = 1; i < argc; i++)
    {
      if (!options || argv[i][0] != '-' || argv[i][1] == 0)
        {
          /* Never ahead of I: input_count is at most i - 1. */
          o->inputs[o->input_count++] = argv[i];
          continue;
        }
      if (strcmp (argv[i], "--") == 0)
        {
          options = false;
          continue;
        }
      int status = take (o, info, argc, argv, &i);
      if (status >= 0)
        return status;
    }
  const bool about_windows = o->windowing.overlap != DEFAULT_OVERLAP || o->windowing.blend || o->windowing.mirror;
  if (about_windows && !o->windows)
    {
      cli_fail (NULL, "--overlap, --blend and --mirror go with --sliding-window");
      return 2;
    }
  if (o->windows && (o->bench || o->contexts > 1 || o->profile || o->tensor_count))
    {
      cli_fail (NULL, "--bench, --contexts, --profile and --tensor do not go with --sliding-window");
      return 2;
    }
  if (o->contexts > 1 && !o->bench)
    {
      cli_fail (NULL, "--contexts goes with --bench N");
      return 2;
    }
  if (o->input_count || o->bench)
    return choose_threads (o, info);
  cli_fail (NULL, "no INPUT; %s --help tells what is taken", o->program);
  return 2;
}
