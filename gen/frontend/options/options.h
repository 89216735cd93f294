/* The options of a network: every key of every source, checked against the source's rules, defaults filled in.
 * Only the builders (frontend/resnet2d3d.c, torchvision.c, table.c, sequence.c) read them. */
#ifndef RESCAST_OPTIONS_H
#define RESCAST_OPTIONS_H

#include "base/util.h"
#include "base/yaml.h"

enum network
{
  NETWORK_RESNET3D,
  NETWORK_RESNET2D,
  NETWORK_RESNET,
  NETWORK_TABLE,
  NETWORK_SEQUENCE
};

enum pooling
{
  POOLING_MAX,
  POOLING_AVERAGE,
  POOLING_NONE
};

enum norm
{
  NORM_BATCH,
  NORM_FROZEN_BATCH,
  NORM_INSTANCE,
  NORM_GROUP,
  NORM_NONE
};

/* Whether a layer has a parameter, such as a bias, that its kind may do without. */
enum presence
{
  AS_IN_FILE, /* as the weights file has it */
  PRESENT,
  ABSENT
};

enum
{
  MAX_STAGES = 64
};

/* A list of integers as written, with the place of the whole for errors. */
struct int_list
{
  int count;
  int64_t v[MAX_STAGES];
  struct loc loc;
};

struct double_list
{
  int count;
  double *v;
  struct loc loc;
};

struct table;

struct options
{
  const char *path;  /* of the file */
  struct yaml *tree; /* after --set */

  /* every network */
  const char *name; /* a C identifier; default: the file's stem with other characters as _ */
  enum network network;
  struct loc network_loc;
  int64_t batch;
  uint64_t seed;
  const char *labels_file; /* as written, or NULL */
  const char **labels;     /* the label file's lines, or NULL; read relative to the options file's folder */
  size_t label_count;
  struct loc labels_loc;
  double scale;            /* 1 */
  struct double_list mean; /* count 0: none */
  struct double_list std;
  struct int_list resize;    /* count 0: none; 1: the shorter side; 2: [h, w] */
  const char *interpolation; /* NULL where the input is no image */
  struct int_list input_size; /* as written; resnet: always [C, H, W] */
  int64_t input_channels;
  int64_t num_classes;
  double eps; /* of all normalisations; not of sequence, whose layers have their own */

  /* resnet3d and resnet2d; sizes as written: [h w d] */
  int64_t initial_filter_size[3], initial_stride[3];
  int64_t initial_num_filters;
  enum pooling initial_pooling_layer;
  bool batchnorm_after_add;
  bool bottleneck; /* bottleneck-type: downsample-first-conv */
  struct int_list stack_depth, num_filters;
  bool zscore;

  /* resnet; initial_* above, with [h w] and num_filters for CIFAR-style nets */
  const char *arch; /* or NULL */
  bool basic_block;
  struct int_list layers;
  int64_t groups, width_per_group;
  bool replace_stride_with_dilation[MAX_STAGES];
  int replace_stride_count;
  bool zero_init_residual;
  enum norm norm_layer;
  int64_t norm_groups; /* of group-norm */
  enum presence affine; /* weight and bias of the normalisations */
  bool pad_shortcut;   /* shortcut: pad */
  const char *head;    /* name of the last layer: fc or linear */

  /* table */
  struct yaml *stages;
  struct table *table; /* the same, parsed: table_notation.h */

  /* sequence */
  struct yaml *sequence_layers;
};

/* Read PATH, apply the SET_COUNT `KEY=VALUE` texts, check everything that needs no shapes. Fatal on any error. */
struct options *options_read (const char *path, const char *const *set, size_t set_count);
/* The same from memory: what a manifest keeps. */
struct options *options_parse (const char *path, const char *text, size_t bytes, const char *const *set,
                               size_t set_count);
/* The options as canonical YAML with every key's value spelled out, defaults included: reading it back gives the
 * same options. Labels are not included. */
char *options_text (const struct options *o);
/* `rescast options [NETWORK]`: every key, default and rule, on stdout. NETWORK NULL: of all. Are sequences among them,
 * whose layers have keys of their own? */
bool options_print (const char *network);
const char *network_name (enum network n);

#endif
