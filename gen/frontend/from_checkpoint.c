/* The front end of checkpoints: a file of weights whose names and shapes tell the network. */
#include <inttypes.h>
#include <string.h>

#include "from_text.h"
#include "frontend/families/families.h"
#include "graph/match.h"
#include "graph/wrappers.h"

/* ---- what the tensors may be ---- */

struct readings
{
  const struct family *family[16];
  struct reading list[16];
  const char *prefix[16]; /* of the tensors that are read so */
  bool *settings[16];     /* those of --set that it asked for */
  int count;
};

/* Does NAME end in one of MARKS, which have spaces between them, behind a dot where there is more? */
static bool
ends_in (const char *name, const char *marks, size_t *before)
{
  const size_t n = strlen (name);
  for (const char *mark = marks; *mark; mark += strspn (mark, " "))
    {
      const size_t m = strcspn (mark, " ");
      *before = n - m;
      if (n >= m && !memcmp (name + n - m, mark, m) && (n == m || name[n - m - 1] == '.'))
        return true;
      mark += m;
    }
  return false;
}

/* FAMILY's reading under each prefix; equal ones, such as those of a network and its moving average, are one. */
static void
read_family (struct readings *r, const struct family *family, const struct tensors *all)
{
  const struct weights_view *view = all->view;
  const int first = r->count;
  for (size_t i = 0; i < weights_view_count (view); i++)
    {
      const char *name = weights_view_name (view, i);
      size_t before;
      struct reading reading;
      if (!ends_in (name, family->mark, &before) || wrappers_no_weights (name, before))
        continue;
      struct tensors t = *all;
      t.prefix = mem_strndup (name, before);
      t.looked_at = NEW_ARRAY (all->set_count, bool);
      bool known = r->count == 16 || !family->read (&t, &reading);
      for (int k = first; !known && k < r->count; k++)
        known = !strcmp (r->list[k].text, reading.text);
      if (known)
        continue;
      r->family[r->count] = family;
      r->prefix[r->count] = t.prefix;
      r->settings[r->count] = t.looked_at;
      r->list[r->count++] = reading;
    }
}

/* The option that chooses the reading I: its family or, where another one is of the same, its tensors. */
static const char *
choice_text (const struct readings *r, int i)
{
  const char *prefix = r->prefix[i], *other = NULL;
  for (int k = 0; k < r->count; k++)
    if (k != i && r->family[k] == r->family[i])
      other = r->prefix[k];
  if (!other)
    return mem_printf ("--set family=%s", r->family[i]->name);
  if (*prefix)
    return mem_printf ("--weights-key %.*s", (int) strlen (prefix) - 1, prefix);
  return mem_printf ("--ignore '%s*'", other);
}

/* The index of the only reading of WANTED's, which may be NULL. */
static int
choose (const struct readings *r, const char *path, const char *wanted)
{
  struct text t = { 0 };
  int count = 0, found = -1;
  for (int i = 0; i < r->count; i++)
    if (!wanted || !strcmp (wanted, r->family[i]->name))
      {
        found = i;
        text_printf (&t, "%s%s (%s)", count++ ? "; " : "", r->list[i].what, choice_text (r, i));
      }
  if (count > 1)
    fatal ("%s: may be %s; allowed: one of them, or a file of options, and this one with -w", path, t.s);
  if (found >= 0 && r->list[found].either)
    fatal ("%s: may be %s; allowed: one of them, or a file of options, and this one with -w", path,
           r->list[found].either);
  if (found >= 0)
    return found;
  for (int i = 0; families[i]; i++)
    text_printf (&t, "%s%s (%s)", i ? "; " : "", families[i]->networks, families[i]->name);
  fatal ("%s: its tensors' names are those of no network that is known%s%s; allowed: %s; or a file of options, and "
         "this one with -w",
         path, wanted ? " to family " : "", wanted ? wanted : "", t.s);
}

/* ---- the front end ---- */

static bool
takes (const char *head, size_t bytes)
{
  /* A safetensors file's header has less than 2^32 bytes; a zip, a pickle, HDF5 and MATLAB have magic numbers. */
  const bool safetensors = bytes > 9 && head[8] == '{' && !head[4] && !head[5] && !head[6] && !head[7];
  const bool zip = bytes > 4 && !memcmp (head, "PK\3\4", 4), pickle = bytes > 2 && (unsigned char) head[0] == 0x80;
  const bool hdf5 = bytes > 8 && !memcmp (head, "\211HDF\r\n\032\n", 8);
  return safetensors || zip || pickle || hdf5 || weights_index_begins (head, bytes);
}

static void
open_checkpoint (struct source *s, const char *text, size_t bytes, const char *const *set, size_t set_count)
{
  const char **others = NEW_ARRAY (set_count, const char *);
  size_t count = 0;
  (void) text;
  (void) bytes;
  struct weights *weights = weights_list (s->path);
  const struct weights_view view = { match_names (weights, s->use) };
  struct tensors all = { .path = s->path, .view = &view, .set = set, .set_count = set_count };
  struct readings readings = { .count = 0 };
  all.wanted = tensors_setting (&all, "family");
  for (int i = 0; families[i]; i++)
    read_family (&readings, families[i], &all);
  const int chosen = choose (&readings, s->path, all.wanted);
  for (size_t i = 0; i < set_count; i++)
    if (!readings.settings[chosen][i] && strncmp (set[i], "family=", strlen ("family=")))
      others[count++] = set[i];
  from_text_open (s, readings.list[chosen].text, others, count);
  s->weights = weights;
  s->recognised = mem_printf ("%s, from %zu tensors", readings.list[chosen].what, weights_view_count (&view));
}

const struct frontend checkpoint_frontend = { .takes = takes,
                                              .open = open_checkpoint,
                                              .build = from_text_build,
                                              .text = from_text_text,
                                              .readable = from_text_readable,
                                              .of_weights = true };
