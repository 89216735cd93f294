/* The table of targets. */
#include "target.h"

#include <stddef.h>
#include <string.h>

#include "base/util.h"

/* The best first. CPUs with AVX-512 have second-level caches of 1 MiB and more, others of 512 KiB or 256. */
static const struct target all[] = {
  /* 14 x 2 sums, 2 weights: each is multiplied by an input straight from memory, and 2 of 32 registers are left. */
  { "avx512", "x86-64 with AVX-512 F, VL, BW and DQ", "cpu/vec_avx512.m4",
    "-mavx512f -mavx512vl -mavx512bw -mavx512dq -mprefer-vector-width=512", 16, 512 * 1024,
    { 14, 2, 1 }, { 28, 1, 1 } },
  /* 6 x 2 sums, 2 weights and 1 input fill the 16 vector registers that SSE, AVX and most others have. */
  { "avx2", "x86-64 with AVX2 and FMA", "cpu/vec_avx2.m4", "-mavx2 -mfma", 8, 256 * 1024, { 6, 1, 2 }, { 6, 1, 2 } },
  { "c", "portable C11 with the compiler's vector extensions", "cpu/vec_portable.m4", "", 4, 256 * 1024,
    { 6, 1, 2 }, { 6, 1, 2 } },
};

enum
{
  COUNT = sizeof all / sizeof *all
};

struct targets
targets_parse (const char *list)
{
  bool wanted[COUNT] = { false }, any = false;
  struct targets t = { .count = 0 }, none = { .count = 0 };
  for (const char *p = list, *end; p; p = *end ? end + 1 : NULL)
    {
      int found = -1;
      end = p + strcspn (p, ",");
      for (int i = 0; i < COUNT; i++)
        if (strlen (all[i].name) == (size_t) (end - p) && strncmp (all[i].name, p, (size_t) (end - p)) == 0)
          found = i;
      bool cuda = end - p == 4 && strncmp (p, "cuda", 4) == 0;
      if (found < 0 && !cuda)
        return none;
      t.cuda |= cuda;
      if (found >= 0)
        any = wanted[found] = true;
    }
  if (!any) /* the portable target, the last */
    wanted[COUNT - 1] = true;
  for (int i = 0; i < COUNT; i++)
    if (wanted[i])
      t.list[t.count++] = &all[i];
  return t;
}

char *
targets_text (const struct targets *t)
{
  struct text s = { 0 };
  for (int i = 0; i < t->count; i++)
    text_printf (&s, "%s%s", i ? "," : "", t->list[i]->name);
  text_add (&s, t->cuda ? ",cuda" : "");
  return s.s;
}

const char *
target_names (void)
{
  return mem_printf ("%s, cuda", target_cpu_names ());
}

const char *
target_cpu_names (void)
{
  struct text s = { 0 };
  for (int i = 0; i < COUNT; i++)
    text_printf (&s, "%s%s", i ? ", " : "", all[i].name);
  return s.s;
}
