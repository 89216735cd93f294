/* The filter transforms of Winograd's F(m, 3). */
#ifndef RESCAST_WINOGRAD_H
#define RESCAST_WINOGRAD_H

/* The matrix G, side x 3, and a left inverse of it, for reading packed weights back. */
struct winograd
{
  int side;
  double g[6][3], inverse[3][6];
};

/* M: outputs of a tile, 2 or 4; 1 for an axis that is not transformed. templates/winograd_transform.m4 has the other two
 * matrices. */
struct winograd winograd_matrices (int m);

#endif
