#include "select_cuda_parts.h"

#include <inttypes.h>

#include "backend/phases.h"
#include "backend/cpu/select_parts.h"

int64_t
set_phases (struct kernel *k, const struct window *w, int a, int64_t out, int64_t *most)
{
  static const char *const axis[AXES] = { "D", "H", "W" };
  int64_t phases = phase_count (w, a, out), taps = 0;
  struct text table = { 0 };
  *most = 0;
  for (int64_t f = 0; f < phases; f++)
    {
      struct phase p = phase_of (w, a, out, f);
      text_printf (&table, "%s{ %" PRId64 ", %" PRId64 ", %" PRId64 ", %" PRId64 " }", f ? f % 4 ? ", " : ",\n  " : "",
                   p.taps, taps, p.taps ? p.first : 0, p.count);
      taps += p.taps;
      *most = p.count > *most ? p.count : *most;
    }
  set_int (k, "PHASES", axis[a], phases);
  set_int (k, "ALL_TAPS", axis[a], taps);
  set_text (k, mem_printf ("TABLE_%s", axis[a]), table.s);
  return taps;
}
