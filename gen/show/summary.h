/* `rescast summary`: the network as its source describes it, before any pass. */
#ifndef RESCAST_SHOW_SUMMARY_H
#define RESCAST_SHOW_SUMMARY_H

#include "generate/budget.h"
#include "graph/graph.h"

enum summary_format
{
  SUMMARY_TEXT,
  SUMMARY_JSON,
  SUMMARY_TABLE /* He's notation */
};

struct summary
{
  const struct graph *layers;  /* as built */
  struct graph *planned;       /* the same network after all passes, for the memory it needs, … */
  int64_t weights_bytes;       /* … and its packed weights */
  const char *network;         /* the options' network key */
  struct needs needs[NEEDS_MOST]; /* of each target that was asked for; COUNT may be 0 */
  int count;
};

void summary_print (const struct summary *s, enum summary_format format);
void summary_table (const struct graph *g); /* summary_table.c */

/* Learnable parameters of one layer. */
int64_t summary_parameters (const struct node *n);
/* 11689512 as 11,689,512. */
char *summary_number (double v);

#endif
