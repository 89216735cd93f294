/* Models of the families whose kernels have no tiles. */
#include "code_parts.h"

#include <string.h>

double
code_input_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_input *p = plan;
  (void) q;
  return where (p->out.c > 1, 190) + where (p->out.d > 1, 50) + where (strcmp (p->mean, "none"), 80)
         + where (strcmp (p->std, "none"), 60);
}

double
code_output_bytes (const void *plan, const struct code_question *q)
{
  const struct cpu_output *p = plan;
  (void) q;
  return where (p->io.in.blocks > 1, 130) + where (p->io.in.d > 1, 90);
}

double
code_norm_bytes (const void *plan, const struct code_question *q)
{
  (void) plan;
  return where (!q->one_vector, 430) + q->inlined;
}

double
code_epilogue_bytes (const void *plan, const struct code_question *q)
{
  (void) plan;
  return q->inlined;
}
