/* The classifier program around a generated network.
 *
 *   args → open every input (shapes, count) → weights, arena, init → batches: read into the arena, run, report
 *
 * Functions that return bool print one line to stderr before they return false. Nothing here exits, so that main
 * can free what it holds and remove what it has half written. Include this first: it asks for POSIX. */
#ifndef CLI_H
#define CLI_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif
#if defined __APPLE__ && !defined _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE
#endif

#ifdef _WIN32
#define __USE_MINGW_ANSI_STDIO 1 /* printf as the standard has it */
#endif

#include "../rescast.h"

#include <stdbool.h>
#include <stdio.h>

#if defined __MINGW_PRINTF_FORMAT
#define CLI_PRINTF(fmt, args) __attribute__ ((format (__MINGW_PRINTF_FORMAT, fmt, args)))
#elif defined __GNUC__
#define CLI_PRINTF(fmt, args) __attribute__ ((format (printf, fmt, args)))
#else
#define CLI_PRINTF(fmt, args)
#endif

/* ---- errors and small things: util.c ---- */

/* "rescast: FILE: …" and a newline; FILE may be NULL. Control characters become '?'. Always false. */
bool cli_fail (const char *file, const char *fmt, ...) CLI_PRINTF (2, 3);
/* The same with "warning: " before the text. */
void cli_warn (const char *file, const char *fmt, ...) CLI_PRINTF (2, 3);
bool cli_mul (size_t a, size_t b, size_t *product); /* false on overflow; prints nothing */
/* "(3, 32, 32)" as Python writes it, into TEXT of BYTES. */
const char *cli_shape_text (char *text, size_t bytes, const uint64_t *shape, int rank);
double cli_now (void); /* seconds, monotonic */

/* ---- systems: system.c ---- */

/* The running program's own file; false where the system does not tell, or the name is longer than BYTES. */
bool cli_program_path (char *path, size_t bytes);
/* A new file whose name ends as NAME tells, which ends in XXXXXX; its descriptor, or -1. */
int cli_temporary (char *name);
bool cli_rename (const char *from, const char *to); /* also over an existing file */
/* Have HANDLER called by the signals that end a program. */
void cli_catch_signals (void (*handler) (int));

/* ---- arguments: args.c ---- */

#define CLI_MAX_TENSORS 32
#define CLI_NPY_RANK 8

/* How numbers lie in a file. */
struct cli_npy
{
  char kind; /* b i u f */
  int size;  /* bytes of an element */
  bool swap; /* of the other endianness */
  bool fortran;
  int rank;
  uint64_t shape[CLI_NPY_RANK];
};

/* --shape and --type: inputs have no header. */
struct cli_raw
{
  bool given;
  int rank; /* 0: the network's shape */
  uint64_t extent[4];
  struct cli_npy type; /* kind 0: f32, little-endian */
};
/* Parse the option's value; false, all having been said. */
bool cli_raw_shape (struct cli_raw *r, const char *text);
bool cli_raw_type (struct cli_raw *r, const char *text);

enum cli_device
{
  CLI_AUTO, /* a GPU where there is one and the network has code for it */
  CLI_CPU,
  CLI_CUDA
};

struct cli_options
{
  int top, bench;            /* bench 0: none */
  int contexts, threads;     /* threads of each context */
  int pin;                   /* enum rescast_pin */
  bool json, profile, plain; /* plain: no scale, mean, std */
  bool unchecked; /* the weights' hash is not asked for */
  enum cli_device device;
  int device_number; /* of CLI_CUDA */
  const char *labels, *output, *weights, *target;
  const char *tensors[CLI_MAX_TENSORS]; /* LAYER=F.npy */
  int tensor_count;
  struct cli_raw raw;
  bool windows; /* --sliding-window: then contexts of one thread each */
  struct rescast_windowing windowing;
  const char *program; /* argv[0] */
  char **inputs;       /* the rest of argv, moved together */
  int input_count;
};

/* -1: go on; else the exit status, all having been said. Reorders ARGV. */
int cli_parse (struct cli_options *o, const struct rescast_info *info, int argc, char **argv);

/* ---- weights and memory: load.c ---- */

/* A network with its weights and arena, ready to run. */
struct cli_model
{
  const struct rescast_network *network;
  struct rescast_weights weights;
  void *arena;
  size_t arena_bytes;
  char *path;         /* the weights file; NULL: they were linked in */
  bool started;       /* network->init succeeded */
  bool quiet;         /* a failure is no error yet */
};
/* QUIET: say nothing on failure. */
bool cli_model_open (struct cli_model *m, const struct rescast_network *network, const struct cli_options *o,
                     bool quiet);
/* A context of the model's network, which is number NUMBER of those at once, made ready in MEMORY and ARENA; an error.
 */
int cli_context_init (const struct cli_model *m, const struct cli_options *o, void *memory, void *arena, int number);
void cli_model_close (struct cli_model *m); /* also after a failed open */

/* ---- inputs: input.c ---- */

/* A shape without its N: (C, [D,] H, W) or (C). Rank 1 … 4. */
struct cli_shape
{
  uint64_t extent[4];
  int rank;
  size_t count; /* product */
};
bool cli_input_shape (const struct rescast_info *info, struct cli_shape *shape);
bool cli_output_shape (const struct rescast_info *info, struct cli_shape *shape);

/* What is fed for x in channel C is x * mul + add. */
void cli_affine (const struct rescast_info *info, bool plain, int c, double *mul, double *add);

/* An input file: SAMPLES inputs of the network's shape or, for windows, of the network's channels and the file's own
 * extents. */
struct cli_source
{
  const char *path;
  const struct rescast_info *info;
  struct cli_shape shape; /* of one sample */
  bool plain;
  bool whole;                /* for windows */
  const struct cli_raw *raw; /* the options' */
  FILE *file;
  const struct cli_reader *reader;
  void *state; /* the reader's */
  size_t samples;
  void *pages; /* what map gave, of so many bytes, or NULL */
  size_t page_bytes;
  ptrdiff_t strides[5];
};

/* One kind of file, told by its first bytes. A reader opens it (checking all that the header says), then reads
 * sample I, scaled, into OUT: shape.count floats, somewhere in the arena. */
struct cli_reader
{
  bool (*match) (const unsigned char *head, size_t bytes);
  bool (*open) (struct cli_source *s);
  bool (*read) (struct cli_source *s, size_t i, float *out);
  void (*close) (struct cli_source *s);
  /* For windows, NULL or: sample I where it lies in the file, until the next call or close. False, with nothing said:
   * it has to be read. */
  bool (*map) (struct cli_source *s, size_t i, struct rescast_elements *e);
};

bool cli_source_open (struct cli_source *s, const char *path, const struct rescast_info *info,
                      const struct cli_options *o);
void cli_source_close (struct cli_source *s); /* also after a failed open */
/* The file's own shape becomes that of S, which is for windows: CHANNELS, and the extents of the network's other axes.
 * D is 1 in 2-D. */
bool cli_source_adopt (struct cli_source *s, uint64_t channels, uint64_t d, uint64_t h, uint64_t w);
/* "(3, H, W)": what the network takes, for messages. */
const char *cli_source_want (const struct cli_source *s, char *text, size_t bytes);
/* D, H and W of a sample. */
void cli_source_extents (const struct cli_source *s, size_t extent[3]);
/* BYTES of the file from OFFSET on, which S keeps mapped; NULL: they are not to be had. */
const void *cli_source_map (struct cli_source *s, uint64_t offset, size_t bytes);

/* ---- arrays: npy.c (the header), array.c (reader), array_out.c (writer) ---- */

/* Parse the header's dictionary. NULL, or what is wrong with it. */
const char *cli_npy_parse (struct cli_npy *a, const char *text, size_t bytes);
/* COUNT elements at RAW, which is spoilt, to OUT. */
void cli_npy_convert (const struct cli_npy *a, unsigned char *raw, size_t count, double *out);
/* As which of enum rescast_element networks read them; -1: none. */
int cli_npy_element (const struct cli_npy *a);

extern const struct cli_reader cli_array_reader;

/* An array being written under a temporary name beside PATH; a signal removes it as an error does. */
struct cli_array_out
{
  const char *path;
  char *temporary; /* NULL: not open */
  FILE *file;
};
bool cli_array_create (struct cli_array_out *a, const char *path, uint64_t n, const struct cli_shape *shape);
bool cli_array_write (struct cli_array_out *a, const float *values, size_t count);
bool cli_array_end (struct cli_array_out *a);    /* all is in the file */
bool cli_array_commit (struct cli_array_out *a); /* after end: it gets its name */
void cli_array_abandon (struct cli_array_out *a); /* does nothing after commit */

/* ---- intermediate results: tensor.c ---- */

struct cli_tensor
{
  const struct rescast_tensor *tensor;
  int layer;              /* that writes it */
  struct cli_shape shape; /* of one sample */
  float *dense;           /* [batch][shape] */
  struct cli_array_out array;
};

struct cli_tensors
{
  struct cli_tensor list[CLI_MAX_TENSORS];
  int count;
};
bool cli_tensors_open (struct cli_tensors *t, const struct rescast_info *info, const struct cli_options *o,
                       uint64_t samples);
void cli_tensors_hook (struct cli_tensors *t, int layer, int after, const void *arena);
bool cli_tensors_write (struct cli_tensors *t, size_t samples); /* the first SAMPLES of the batch */
bool cli_tensors_end (struct cli_tensors *t);
bool cli_tensors_commit (struct cli_tensors *t);
void cli_tensors_free (struct cli_tensors *t); /* also after a failed open */

/* ---- images: image.c, png.c, jpeg.c, prepare.c (geometry), resample.c (pixels) ---- */

#define CLI_IMAGE_SIDE 65535
#define CLI_IMAGE_PIXELS ((size_t) 256 << 20)

/* Rows of pixels, channels interleaved: gray or RGB. */
struct cli_image
{
  int width, height, channels;
  unsigned char *pixels;
};

/* Room for max (FROM, TO) channels a pixel, so that cli_image_channels can convert in place. */
bool cli_image_alloc (struct cli_image *m, const char *path, uint64_t width, uint64_t height, int from, int to);
void cli_image_channels (struct cli_image *m, int channels);
bool cli_png_read (struct cli_image *m, const char *path, FILE *file, int channels);
bool cli_jpeg_read (struct cli_image *m, const char *path, FILE *file, int channels);
/* To the network's input: resized as its options say, the centre cropped. */
bool cli_image_prepare (struct cli_image *m, const char *path, const struct rescast_info *info);

/* An axis resized to FULL pixels, of which OUT from FIRST on are kept; all three within the axis. */
struct cli_span
{
  int64_t full, first;
  int out;
};
/* INTERPOLATION: an enum rescast_interpolation. */
bool cli_image_resize (struct cli_image *m, const char *path, int interpolation, struct cli_span height,
                       struct cli_span width);

extern const struct cli_reader cli_png_reader, cli_jpeg_reader;

/* ---- volumes: volume.c (resampling), nifti.c, raw.c ---- */

/* Numbers in a file: x runs fastest, then y, z, the channels and the samples. */
struct cli_volume
{
  uint64_t x, y, z; /* for W, H, D */
  size_t channels;
  bool interleaved;    /* the channels, bytes, run fastest of all */
  struct cli_npy type; /* kind, size and swap */
  double slope, inter; /* what is meant by x is x * slope + inter */
  uint64_t data;       /* where the first value lies */
  /* BYTES from the file's offset AT on. */
  bool (*read) (struct cli_source *s, uint64_t at, void *to, size_t bytes);
};
/* Sample INDEX, resampled to the network's extents and scaled. */
bool cli_volume_read (struct cli_source *s, const struct cli_volume *v, size_t index, float *out);
/* A reader's map, of a file that is not compressed. */
bool cli_volume_map (struct cli_source *s, const struct cli_volume *v, size_t index, struct rescast_elements *e);

extern const struct cli_reader cli_nifti_reader, cli_raw_reader;

/* ---- output: out.c, labels.c, json.c, print.c ---- */

/* From here on no file is opened as descriptor 0, 1 or 2, even if the caller closed those. */
bool cli_streams_open (void);

/* Text on its way to standard output: FILE is that, or NULL to keep the text until cli_out_end. {0} keeps. */
struct cli_out
{
  FILE *file;
  char *text; /* BYTES of it, room for ROOM; the owner frees */
  size_t bytes, room;
  bool failed; /* something was not printed or kept; nothing more is, */
  int error;   /* … for this errno */
};
void cli_write (struct cli_out *o, const char *s, size_t bytes);
void cli_put (struct cli_out *o, const char *s);
void cli_print (struct cli_out *o, const char *fmt, ...) CLI_PRINTF (2, 3);
bool cli_out_end (struct cli_out *o); /* all was printed, or false */

struct cli_labels
{
  char *text;       /* the file's bytes, the lines ended by 0; or NULL */
  const char **own; /* pointers into it; or NULL */
  const char *const *label; /* own, or the network's */
  int count;
};
bool cli_labels_read (struct cli_labels *l, const char *path, int classes);
void cli_labels_free (struct cli_labels *l);

void cli_json_string (struct cli_out *out, const char *s); /* with its quotes; bytes that are not UTF-8 become U+FFFD */
void cli_json_number (struct cli_out *out, double x, int digits); /* null when it is not finite */

struct cli_ranked
{
  float score;
  int index;
};
/* Best first; equal scores by index; NaN last. */
void cli_rank (struct cli_ranked *order, const float *scores, int count);
void cli_softmax (double *p, const float *scores, int count);

struct cli_report
{
  const struct rescast_info *info;
  const struct cli_options *options;
  const struct cli_labels *labels;
  struct cli_shape shape; /* of one output */
  struct cli_out out; /* JSON is kept until all went well */
  size_t results;
  struct cli_ranked *order; /* scratch of a vector's length, as is: */
  double *probability;
};
bool cli_report_open (struct cli_report *r);
void cli_report_result (struct cli_report *r, const char *path, size_t index, bool several, const float *output);
void cli_report_results_end (struct cli_report *r);
bool cli_report_end (struct cli_report *r); /* all is printed, or false */
void cli_report_free (struct cli_report *r);

/* ---- inputs whose range is too wide for the network's algorithms: outlier.c ---- */

#define CLI_OUTLIER_BINS 4096

struct cli_outliers
{
  const struct rescast_info *info;
  const struct cli_shape *shape; /* of one sample */
  const float *weights;
  float limit; /* 0: there is none */
  bool warned;
  size_t bins[CLI_OUTLIER_BINS]; /* values that are not zero, by the upper bits of their magnitudes */
};
/* The limit that the weights give. INFO, W and SHAPE stay the caller's. */
void cli_outliers_open (struct cli_outliers *o, const struct rescast_info *info, const struct rescast_weights *w,
                        const struct cli_shape *shape);
/* Warn, once, when a value of sample X of file PATH is not finite or exceeds the lower quartile of the magnitudes that
 * are not zero by more than the limit. SAMPLE: "", or "sample 3: ". */
void cli_outliers_check (struct cli_outliers *o, const char *path, const char *sample, const float *x);

/* ---- volumes larger than the network's input: windows.c ---- */

struct cli_windows_context;

struct cli_windows
{
  const struct rescast_network *network; /* before a device is chosen */
  const struct rescast_info *info;
  const struct cli_options *options;
  const struct cli_model *model;
  struct cli_report *report;
  struct cli_array_out *array;
  struct cli_shape out;                   /* of the first input's output */
  struct cli_shape window_in, window_out; /* of one sample */
  size_t total, done;                     /* inputs */
  int most_runs;                          /* of windows, for one input */
  size_t result_bytes;                    /* of each context */
  bool on_host;
  int count;
  struct cli_windows_context *contexts;
  struct cli_outliers outliers;
  float *output, *volume; /* of one input; VOLUME: NULL where it is mapped */
  void *sums;
};
/* Every file's kind and shape: OUT and TOTAL. NETWORK, INFO and OPTIONS are set. */
bool cli_windows_count (struct cli_windows *w);
/* Contexts beside MODEL's. */
bool cli_windows_open (struct cli_windows *w);
bool cli_windows_run (struct cli_windows *w); /* REPORT and, where it is open, ARRAY get all outputs */
void cli_windows_free (struct cli_windows *w); /* also after a failed open */

/* ---- time: profile.c, profile_device.c, times.c, contexts.c, progress.c ---- */

struct cli_profile
{
  const struct rescast_info *info;
  int runs, room; /* room: runs kept per layer */
  double start;
  float *ms; /* [layer][room] */
};
bool cli_profile_open (struct cli_profile *p, const struct rescast_info *info, int room);
void cli_profile_free (struct cli_profile *p);
void cli_profile_hook (void *profile, const struct rescast_info *info, int layer, int after, void *arena);
void cli_profile_print (struct cli_profile *p, struct cli_out *out, bool json);
double cli_profile_rate (double macs, double ms); /* GMAC/s */
/* The same of a network on a device that has a clock: each layer alone, and the limits of the device. */
bool cli_profile_device (const struct rescast_network *network, struct cli_out *out, bool json);

struct cli_times
{
  int runs, threads, batch; /* threads 0: on a GPU */
  int contexts;             /* each of which made RUNS */
  double min, median, p90, p99, max;  /* ms; p90 of several contexts */
  double per_second;                  /* inputs */
  double kernels_median, kernels_p99; /* of a device's own clock, without copies of input and output; 0: none */
};
double cli_median (float *x, int n); /* sorts X */
double cli_percentile (const float *x, int n, int percent); /* of sorted X: so many in 100 are at most this */
/* The times of the sorted X, all but those of kernels. */
struct cli_times cli_times_of (float *x, int n);
/* The bench of o->contexts contexts at once, each fed INPUT, a whole batch. */
bool cli_contexts_bench (const struct cli_model *m, const struct cli_options *o, const float *input, size_t input_count,
                         size_t output_count, struct cli_times *times);
void cli_times_print (const struct cli_times *t, struct cli_out *out, bool json);

/* A bar on stderr, when that is a terminal and the work takes longer than a second. */
struct cli_progress
{
  const char *what;
  size_t total;
  double start, drawn;
  bool terminal, visible;
};
void cli_progress_start (struct cli_progress *p, const char *what, size_t total);
void cli_progress_show (struct cli_progress *p, size_t done);
void cli_progress_clear (struct cli_progress *p); /* before anything else is printed, and at the end */

#endif
