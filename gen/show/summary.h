/* `rescast summary`: the network as its source describes it, before any pass. */
#ifndef RESCAST_SHOW_SUMMARY_H
#define RESCAST_SHOW_SUMMARY_H

#include "graph/graph.h"

enum summary_format
{
  SUMMARY_TEXT,
  SUMMARY_JSON,
  SUMMARY_TABLE /* He's notation */
};

/* LAYERS: as built. PLANNED: the same network after all passes, for the memory it needs; WEIGHTS_BYTES: its packed
 * file's. NETWORK: the options' network key. */
void summary_print (const struct graph *layers, const struct graph *planned, int64_t weights_bytes,
                    enum summary_format format, const char *network);
void summary_table (const struct graph *g); /* summary_table.c */

/* Learnable parameters of one layer. */
int64_t summary_parameters (const struct node *n);
/* 11689512 as 11,689,512. */
char *summary_number (double v);

#endif
