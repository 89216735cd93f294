/* Epilogues, composed: y = act (x * scale + bias + residual * residual_scale). */
#ifndef RESCAST_PASSES_EPILOGUE_H
#define RESCAST_PASSES_EPILOGUE_H

#include "graph/graph.h"

/* EP followed by y * SCALE + BIAS (C doubles each, or NULL). Only for an EP without activation. */
void epilogue_affine (struct epilogue *ep, int64_t c, const double *scale, const double *bias);
/* EP with C more added to its bias; MORE: NULL for none. */
void epilogue_add_bias (struct epilogue *ep, int64_t c, const double *more);

#endif
