/* What is printed of an output: the best classes, or the shape and range of one that is no vector of scores. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int
compare (const void *a, const void *b)
{
  const struct cli_ranked *x = a, *y = b;
  int nan = isnan (x->score) - isnan (y->score);
  if (nan)
    return nan;
  if (x->score != y->score && !isnan (x->score))
    return x->score > y->score ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

void
cli_rank (struct cli_ranked *order, const float *scores, int count)
{
  for (int i = 0; i < count; i++)
    order[i] = (struct cli_ranked){ scores[i], i };
  qsort (order, (size_t) count, sizeof *order, compare);
}

void
cli_softmax (double *p, const float *scores, int count)
{
  double max = -INFINITY, sum = 0;
  for (int i = 0; i < count; i++)
    max = scores[i] > max ? scores[i] : max;
  for (int i = 0; i < count; i++)
    sum += p[i] = exp (scores[i] - max);
  for (int i = 0; i < count; i++)
    p[i] /= sum;
}

bool
cli_report_open (struct cli_report *r)
{
  if (!cli_output_shape (r->info, &r->shape) || r->shape.count > 0x7fffffff)
    return cli_fail (NULL, "the network's output shape is not valid");
  r->out.file = r->options->json ? NULL : stdout;
  if (r->info->output_rank == 0)
    {
      r->order = malloc (r->shape.count * sizeof *r->order);
      r->probability = malloc (r->shape.count * sizeof *r->probability);
      if (!r->order || !r->probability)
        return cli_fail (NULL, "out of memory");
    }
  if (r->options->json)
    {
      cli_put (&r->out, "{\"network\":");
      cli_json_string (&r->out, r->info->name);
      cli_put (&r->out, ",\"results\":[");
    }
  return true;
}

/* Terminals obey control characters, and names are not ours. */
static void
put_text (struct cli_out *out, const char *s)
{
  for (; *s; s++)
    cli_write (out, (unsigned char) *s < 32 || *s == 127 ? "?" : s, 1);
}

/* The label of class I, or "class I" in TEXT. */
static const char *
label_of (const struct cli_report *r, int i, char text[32])
{
  if (i < r->labels->count && r->labels->label[i])
    return r->labels->label[i];
  snprintf (text, 32, "class %d", i);
  return text;
}

static void
classes (struct cli_report *r, const float *scores)
{
  const int count = (int) r->shape.count, top = r->options->top < count ? r->options->top : count;
  char text[32];
  cli_rank (r->order, scores, count);
  if (r->info->output_is_probability)
    for (int i = 0; i < count; i++)
      r->probability[i] = scores[i];
  else
    cli_softmax (r->probability, scores, count);
  for (int i = 0; i < top; i++)
    {
      int c = r->order[i].index;
      const char *label = label_of (r, c, text);
      if (!r->options->json)
        {
          cli_print (&r->out, "  %6.2f %%  ", 100 * r->probability[c]);
          put_text (&r->out, label);
          cli_put (&r->out, "\n");
          continue;
        }
      cli_print (&r->out, "%s{\"class\":%d,\"label\":", i ? "," : "\"top\":[", c);
      cli_json_string (&r->out, label);
      cli_put (&r->out, ",\"probability\":");
      cli_json_number (&r->out, r->probability[c], 9);
      cli_put (&r->out, ",\"score\":");
      cli_json_number (&r->out, scores[c], 9);
      cli_put (&r->out, i + 1 < top ? "}" : "}]");
    }
}

static void
range (struct cli_report *r, const float *x)
{
  double min = x[0], max = x[0], sum = 0;
  for (size_t i = 0; i < r->shape.count; i++)
    {
      min = x[i] < min ? x[i] : min;
      max = x[i] > max ? x[i] : max;
      sum += x[i];
    }
  double mean = sum / (double) r->shape.count;
  if (!r->options->json)
    {
      char text[128];
      cli_print (&r->out, "  shape %s  min %.6g  max %.6g  mean %.6g\n",
               cli_shape_text (text, sizeof text, r->shape.extent, r->shape.rank), min, max, mean);
      return;
    }
  for (int i = 0; i < r->shape.rank; i++)
    cli_print (&r->out, "%s%llu", i ? "," : "\"shape\":[", (unsigned long long) r->shape.extent[i]);
  cli_put (&r->out, "],\"min\":");
  cli_json_number (&r->out, min, 9);
  cli_put (&r->out, ",\"max\":");
  cli_json_number (&r->out, max, 9);
  cli_put (&r->out, ",\"mean\":");
  cli_json_number (&r->out, mean, 9);
}

void
cli_report_result (struct cli_report *r, const char *path, size_t index, bool several, const float *output)
{
  if (r->options->json)
    {
      cli_put (&r->out, r->results ? ",{\"input\":" : "{\"input\":");
      cli_json_string (&r->out, path);
      if (several)
        cli_print (&r->out, ",\"index\":%zu", index);
      cli_put (&r->out, ",");
    }
  else
    {
      put_text (&r->out, path);
      if (several)
        cli_print (&r->out, "[%zu]", index);
      cli_put (&r->out, "\n");
    }
  r->results++;
  if (r->info->output_rank == 0)
    classes (r, output);
  else
    range (r, output);
  if (r->options->json)
    cli_put (&r->out, "}");
}

/* What follows in a JSON document: bench and profile. */
void
cli_report_results_end (struct cli_report *r)
{
  if (r->options->json)
    cli_put (&r->out, "]");
}

bool
cli_report_end (struct cli_report *r)
{
  if (r->options->json)
    cli_put (&r->out, "}\n");
  return cli_out_end (&r->out);
}

void
cli_report_free (struct cli_report *r)
{
  free (r->out.text);
  free (r->order);
  free (r->probability);
}
