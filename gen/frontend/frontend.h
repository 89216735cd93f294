/* What people bring becomes a graph here. Each kind of file has a front end, which is found by what the file is;
 * commands know none of them, only the source that it fills in. */
#ifndef RESCAST_FRONTEND_H
#define RESCAST_FRONTEND_H

#include "graph/bind.h"
#include "weights/view.h"

/* A number for each channel of the input, one for all channels, or none. */
struct channel_values
{
  int count;
  const double *list;
};

/* A network as somebody brought it: what its file says beside the layers. */
struct source
{
  const struct frontend *frontend;
  const char *path;
  const struct weights_use *use; /* which tensors of a file of weights are meant; NULL: all */
  const void *own;     /* what its front end builds from */
  const char *network; /* what kind of network it is, in a word for people */
  uint64_t seed;       /* of parameters that no weights file gives */
  const char **labels; /* of the classes, or NULL */
  size_t label_count;
  /* How images and volumes become the network's input: resized, then (x / scale - mean) / std. */
  double scale;
  struct channel_values mean, std;
  int64_t resize[2];         /* 0, 0: none; n, 0: the shorter side; or height and width */
  const char *interpolation; /* NULL where the input is no image */
  /* Of a model that has its weights with it: they, and a line that says what it is; else NULL. */
  struct weights *weights;
  const char *recognised;
};

/* A kind of file. */
struct frontend
{
  /* Is a file one of these, by its first BYTES bytes? NULL: what no other front end takes, which open takes or refuses.
   */
  bool (*takes) (const char *head, size_t bytes);
  /* Read TEXT, which stands for the file S->path where it is not NULL, apply the SET_COUNT texts KEY=VALUE, check all
   * that needs no shapes, and fill in the source. Fatal on any error. */
  void (*open) (struct source *s, const char *text, size_t bytes, const char *const *set, size_t set_count);
  /* Take what the file leaves open from a weights file's names and shapes. NULL: it leaves nothing open. */
  void (*complete) (struct source *s, const struct weights_view *weights);
  /* The same graph each time, without values for its parameters. */
  struct graph *(*build) (const struct source *s);
  /* The source as a text that opens to the same graph without a weights file, whatever this version's defaults are;
   * labels are not in it. */
  char *(*text) (const struct source *s);
  /* The same as short as people write it, for a file of options. NULL: the source is one. */
  const char *(*readable) (const struct source *s);
  bool of_weights; /* the file is one of weights alone: source_read's USE is of its tensors */
  bool renames; /* the file has its weights under other names than the graph's parameters, or not as they are there */
};

/* ONNX models; checkpoints whose names tell the network. */
extern const struct frontend onnx_frontend, checkpoint_frontend;
/* Files of options in YAML, of the networks of `rescast options`. */
extern const struct frontend options_frontend;

/* USE: which tensors are meant where the file is one of weights; NULL: all. */
struct source *source_read (const char *path, const char *const *set, size_t set_count, const struct weights_use *use);
/* Is PATH a file of weights, of which a source can be read? */
bool source_is_weights (const char *path);
/* From memory: what a manifest keeps. PATH is for errors. */
struct source *source_parse (const char *path, const char *text);
/* Before it is built, where there is a weights file. */
void source_complete (struct source *s, const struct weights *weights);
struct graph *source_build (const struct source *s);
/* The weights for G in PATH, a file of weights or a model that has them with it. Tensors may be without their elements
 * until they are bound, as weights_list has them. */
struct weights *source_weights (const char *path, const struct graph *g);
/* The graph of the model PATH with its weights. Extents that it leaves open are those of LIKE's input. */
struct graph *source_model (const char *path, const struct graph *like);
char *source_text (const struct source *s);

/* `rescast options [NETWORK]`: every key, default and rule, on stdout; NETWORK NULL: of all networks. */
void options_frontend_print (const char *network);

#endif
