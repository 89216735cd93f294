/* The keys of the options, for this folder alone, and frontend/: one table drives the reading, the canonical text and
 * the printing of `rescast options`, so they can't disagree. */
#ifndef RESCAST_OPTIONS_KEYS_H
#define RESCAST_OPTIONS_KEYS_H

#include "graph/shape.h"
#include "options.h"

/* Caps. With them, and the totals of size.c, no product of a network's extents overflows 63 bits. */
enum
{
  MAX_BATCH = 1024,
  MAX_EXTENT = SHAPE_MAX_EXTENT,
  MAX_RESIZED = 65536, /* pixels of an image along an axis */
  MAX_FILTERS = 65536, /* and the input's channels */
  MAX_CLASSES = 1000000,
  MAX_BLOCKS = 4096, /* of a stack, and of all stacks together */
  MAX_FILTER_SIZE = 1024,
  MAX_STRIDE = 1024,
  MAX_DILATED_STAGES = 16 /* the dilation doubles with each */
};
#define MAX_INPUT_ELEMENTS 2147483647.0 /* of all arrays of a batch: templates count in 31 bits */
#define MAX_MACS 1e18 /* multiply-adds of one run */
#define MAX_PARAMETERS 4294967296.0
#define MAX_REAL 1e30

enum key_type
{
  KEY_INT,     /* int64_t */
  KEY_REAL,    /* double, at least 1 / MAX_REAL */
  KEY_BOOL,    /* bool */
  KEY_PRESENCE, /* enum presence */
  KEY_CHOICE,  /* an enum: the index of the choice */
  KEY_FLAG,    /* bool: of two choices, is it the second */
  KEY_WORD,    /* const char *: the choice itself */
  KEY_EXTENTS, /* int64_t[3], of which `most` are written; one number stands for all */
  KEY_INTS,    /* struct int_list */
  KEY_REALS,   /* struct double_list; min is 1 where they must be at least 1 / MAX_REAL */
  KEY_BOOLS,   /* replace_stride_with_dilation and its count */
  KEY_NAME,    /* const char *: a C identifier */
  KEY_FILE,    /* const char * */
  KEY_NORM,    /* norm_layer and norm_groups */
  KEY_TEXTS,   /* struct yaml *: a list of texts */
  KEY_MAPS     /* struct yaml *: a list of maps */
};

struct key
{
  const char *name;
  unsigned networks; /* bits 1 << enum network */
  enum key_type type;
  const char *fallback; /* the default as YAML. NULL: the key is required. "null": null is also allowed and leaves 0 */
  const char *shown;    /* what options_print shows for the default, or NULL: fallback itself */
  size_t at;            /* offset in struct options */
  int64_t min, max;     /* of each number */
  int least, most;      /* count of elements */
  const char *const *choices; /* up to a NULL */
  const char *rule;           /* what the type doesn't say, or NULL */
};

extern const struct key option_keys[];
extern const size_t option_key_count;
extern const char *const network_names[]; /* by enum network, up to a NULL */
enum
{
  NETWORK_COUNT = 5
};

/* The key NAME of a network, or NULL. */
const struct key *key_find (const char *name, enum network network);
/* The values that a key allows, in words. */
char *key_allowed (const struct key *key);

size_t key_choice_count (const struct key *key);

/* A line of `rescast options`. */
void option_print_row (const char *name, const char *fallback, const char *rule);

/* values.c: by type. key_write adds `null` for what isn't set. */
void key_read (struct options *o, const struct key *key, const struct yaml *y);
void key_write (const struct options *o, const struct key *key, struct text *t);
_Noreturn void key_fatal (const struct key *key, const struct yaml *y, const char *what);

/* rules.c: the rules that join several keys. */
struct loc option_loc (const struct options *o, const char *key); /* of the value, or of the network's */
void check_common (struct options *o);
void check_matlab (struct options *o);
void check_table (struct options *o);

/* resnet.c: torchvision's. */
void check_resnet (struct options *o);

/* size.c: totals of the network that would not fit anything. */
void check_size (const struct options *o);

/* labels.c */
void read_labels (struct options *o);

/* names.c */
/* A name that a network may have: NULL, or what is wrong. */
const char *name_problem (const char *name);
/* A good name for the options file PATH. */
char *default_name (const char *path);

/* functions.c: is NAME that of a function that programs may be linked with? */
bool name_is_function (const char *name);

#endif
