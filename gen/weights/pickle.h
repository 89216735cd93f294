/* A restricted unpickler: Python's pickles as data, never as code.
 *
 * It knows containers, strings, numbers, and the few globals that its reader gives a meaning to, which describe a
 * tensor. What any other class or function would make is an inert object: nothing is imported or called. Its maker's
 * name, its arguments and its attributes are kept as data, with the items that the pickle sets in it as in a
 * dictionary: an array of NumPy's and the parameters of a module are found in them. Values point into the pickle's
 * bytes and the arena. Containers may hold each other in circles: whoever walks them bounds the walk. */
#ifndef RESCAST_WEIGHTS_PICKLE_H
#define RESCAST_WEIGHTS_PICKLE_H

#include "file.h"

enum
{
  PICKLE_MAX_VALUES = 2 << 20, /* values made, and places in containers, over all pickles of a file */
  PICKLE_MAX_STACK = 65536,
  PICKLE_MAX_MEMO = 1 << 20
};

enum pickle_kind
{
  PICKLE_NONE,
  PICKLE_BOOL,
  PICKLE_INT,
  PICKLE_LONG, /* an integer of more than 8 bytes: text, little-endian (of protocols 0 and 1: decimal) */
  PICKLE_FLOAT,
  PICKLE_STRING,
  PICKLE_TUPLE,
  PICKLE_LIST,
  PICKLE_DICT, /* items: key, value, key, value, … */
  PICKLE_SET,
  PICKLE_GLOBAL,
  PICKLE_STORAGE,
  PICKLE_TENSOR, /* items: storage, offset, size, stride, their kinds checked */
  PICKLE_OBJECT  /* what an unknown global made; items as in a dictionary, of dictionaries' subclasses */
};

/* A storage as a persistent id names it. Equal keys mean equal storages; who reads the file joins them. */
struct pickle_storage
{
  const char *key;
  size_t key_bytes;
  enum dtype dtype;
  const struct pickle_global *unread; /* its type, when that is not of enum dtype; else NULL */
  size_t size;                   /* bytes of an element; 0: unknown */
  size_t count;                  /* elements of the whole storage */
  size_t view_begin, view_count; /* the part this id stands for; usually all */
  struct pickle_storage *root;   /* set by the reader: the first of equal key */
  const unsigned char *data;     /* set by the reader, in the root: count elements */
};

struct pickle_value
{
  enum pickle_kind kind;
  bool entered; /* of a container: the walk is in it, and need not enter again what holds itself */
  const struct pickle_global *maker; /* of an object */
  bool looked_at;                    /* … and whether it was found out if it is a module */
  struct pickle_value *members;      /* … and what its members are in then, or NULL */
  struct pickle_value *args, *state; /* … what MAKER was to be called with, a tuple, and what BUILD sets; or NULL */
  union
  {
    int64_t i; /* and bool */
    double d;
    struct
    {
      const char *s;
      size_t n;
    } text;
    struct
    {
      struct pickle_value **v;
      size_t n, cap;
    } items;
    const struct pickle_global *global;
    struct pickle_storage *storage;
  };
};

struct pickle;

/* A class or function, by the names that the pickle gives it. */
struct pickle_global
{
  const char *module, *name;
  size_t module_bytes, name_bytes;
  int meaning; /* the reader's, or PICKLE_UNKNOWN */
};
enum
{
  PICKLE_UNKNOWN = -1
};

/* What globals, calls of them and persistent ids mean to who reads the file. */
struct pickle_meaning
{
  int (*find) (const struct pickle_global *global); /* PICKLE_UNKNOWN: what it makes is an object */
  /* of a known FUNCTION */
  struct pickle_value *(*call) (struct pickle *p, const struct pickle_global *function, struct pickle_value *args);
  struct pickle_value *(*persistent) (struct pickle *p, const struct pickle_value *id);
};
/* PyTorch's: torch_globals.c. */
extern const struct pickle_meaning torch_meaning;

struct pickle
{
  struct weights_file *f;
  const struct pickle_meaning *meaning;
  const unsigned char *begin, *at, *end;
  size_t values, places; /* made so far */
  struct pickle_value **stack, **memo;
  size_t *marks; /* heights of the stack */
  size_t depth, mark_count, memo_count, memo_top;
  struct pickle_storage **storages;
  size_t storage_count, storage_cap;
  struct pickle *inner; /* of a file of PyTorch's within this one: torch.c */
  bool is_inner;
};

/* Ready to read pickles of that MEANING from BYTES of DATA, one after the other. */
struct pickle *pickle_new (struct weights_file *f, const struct pickle_meaning *meaning, const unsigned char *data,
                           size_t bytes);
/* The next pickle, or fatal; p->at is left behind its end. */
struct pickle_value *pickle_load (struct pickle *p);
bool pickle_is (const struct pickle_value *v, const char *string);
/* The value of KEY in the dictionary V, or NULL. */
struct pickle_value *pickle_item (const struct pickle_value *v, const char *key);
bool pickle_global_is (const struct pickle_global *g, const char *module, const char *name);
/* V is bytes, in one of the ways that Python writes them; it becomes a PICKLE_STRING of these. */
bool pickle_bytes (struct pickle *p, struct pickle_value *v);

/* "numpy.core.multiarray.scalar", fit for a message. */
const char *pickle_global_text (const struct pickle_global *g);

/* For a meaning: a new value, an object, items appended to one, and `the pickle at byte N: WHAT`. */
struct pickle_value *pickle_make (struct pickle *p, enum pickle_kind kind);
struct pickle_value *pickle_object (struct pickle *p, const struct pickle_global *maker);
void pickle_append (struct pickle *p, struct pickle_value *to, struct pickle_value *const *v, size_t n);
_Noreturn void pickle_bad (const struct pickle *p, const char *what);

#endif
