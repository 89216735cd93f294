/* A window that slides over a map, as convolutions and pools read it from their nodes. */
#ifndef RESCAST_FRONTEND_ONNX_WINDOW_H
#define RESCAST_FRONTEND_ONNX_WINDOW_H

#include "convert.h"

enum
{
  WINDOW_MAX_AXES = 3
};

/* A window over the axes of a layer's map, in their order; a value may lack some, whose extent is 1. */
struct sliding
{
  int axes;
  int64_t in[WINDOW_MAX_AXES]; /* without the zeros that a Pad adds */
  int64_t kernel[WINDOW_MAX_AXES], stride[WINDOW_MAX_AXES], dilation[WINDOW_MAX_AXES];
  int64_t before[WINDOW_MAX_AXES], after[WINDOW_MAX_AXES];
  bool given; /* there are margins of a Pad among them */
};

/* Between the first of a window's taps and the last one, both counted, along axis A. */
int64_t window_extent (const struct sliding *s, int a);
/* The map V as an operator over a window needs it. */
void window_check_map (struct conversion *c, const struct onnx_node *n, struct value *v);
/* The integers NAME, one for each of V's axes, to the layer's; false where there are none. */
bool window_read_extents (const struct conversion *c, const struct onnx_node *n, const struct value *v,
                          const char *name, int64_t *to);
/* The window of N over V. KERNEL: what a convolution's weights say, or NULL. */
struct sliding window_read (const struct conversion *c, const struct onnx_node *n, const struct value *v,
                            const int64_t *kernel);
/* The zeros that a Pad has put around V come to those of the window. */
void window_add_margins (struct sliding *s, struct value *v);
/* The layer of V without them. */
const char *window_layer_inside (struct conversion *c, const struct onnx_node *n, struct value *v);
/* The output of N has the layer LAYER, so many channels, and EXTENTS along the axes of IN's layer. */
void window_set_result (struct conversion *c, const struct onnx_node *n, const struct value *in, const char *layer,
                        int64_t channels, const int64_t *extents);
/* The constant weights of N for V. */
const struct weight *window_weights (struct conversion *c, const struct onnx_node *n, const struct value *v);
/* The bias in N's input I, of so many FILTERS; NULL: there is none. */
const struct weight *window_bias (struct conversion *c, const struct onnx_node *n, size_t i, int64_t filters);
/* W and BIAS, or NULL, as LAYER's; S: the window's extents. */
void window_add_parameters (struct conversion *c, const char *layer, const struct weight *w, const struct weight *bias,
                            int64_t filters, const struct sliding *s);
void convert_conv_transpose (struct conversion *c, const struct onnx_node *n);

#endif
