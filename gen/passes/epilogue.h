/* Epilogues, composed: y = act (x * scale + shift + residual * residual_scale). */
#ifndef RESCAST_PASSES_EPILOGUE_H
#define RESCAST_PASSES_EPILOGUE_H

#include "graph/graph.h"

/* EP followed by y * SCALE + SHIFT (C doubles each, or NULL). Only for an EP without activation. */
void epilogue_affine (struct epilogue *ep, int64_t c, const double *scale, const double *shift);
/* EP with C more added to its shift; MORE: NULL for none. */
void epilogue_add_shift (struct epilogue *ep, int64_t c, const double *more);

#endif
