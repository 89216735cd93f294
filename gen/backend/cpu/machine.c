/* The CPU's name and caches. */
#include "wisdom.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#if defined __x86_64__ || defined __i386__
#include <cpuid.h>

/* Vendor, family and model: the brand's text differs between parts that are made alike, and under hypervisors. */
static char *
cpu_name (void)
{
  unsigned a, b, c, d, vendor[3];
  if (!__get_cpuid (0, &a, &vendor[0], &vendor[2], &vendor[1]) || !__get_cpuid (1, &a, &b, &c, &d))
    return NULL;
  unsigned family = a >> 8 & 15, model = a >> 4 & 15;
  if (family == 6 || family == 15)
    model += (a >> 16 & 15) << 4;
  if (family == 15)
    family += a >> 20 & 255;
  char name[sizeof vendor + 1] = "";
  memcpy (name, vendor, sizeof vendor);
  return mem_printf ("%s family %u model %u", name, family, model);
}
#else

static char *
cpu_name (void)
{
  return NULL;
}
#endif

/* KEY's value in index INDEX of the first CPU's caches. */
static bool
cache_text (int index, const char *key, char *value, size_t bytes)
{
  char path[96];
  snprintf (path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, key);
  FILE *f = fopen (path, "r");
  bool ok = f && fgets (value, (int) bytes, f);
  if (f)
    fclose (f);
  return ok;
}

static void
find_caches (struct machine *m)
{
  char level[16], type[32], size[32], unit;
  for (int i = 0; i < 8 && cache_text (i, "level", level, sizeof level); i++)
    {
      int l = level[0] - '1';
      long long kib;
      if (l >= 0 && l < CACHE_LEVELS && cache_text (i, "type", type, sizeof type) && *type != 'I'
          && cache_text (i, "size", size, sizeof size) && sscanf (size, "%lld%c", &kib, &unit) == 2 && unit == 'K')
        m->cache[l] = kib * 1024;
    }
}

struct machine
machine_here (void)
{
  struct machine m = { .cpu = cpu_name () };
  struct utsname u;
  if (!m.cpu)
    m.cpu = uname (&u) == 0 ? mem_strdup (u.machine) : "unknown";
  find_caches (&m);
  return m;
}
