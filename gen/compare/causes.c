/* All causes. What changes less stands in front of what changes more. */
#include "parts.h"

const struct cause cause_list[] = {
  { "eps", cause_eps },
  { "padding-side", cause_padding_side },
  { "count-padding", cause_count_padding },
  { "align-corners", cause_align_corners },
  { "dilation", cause_dilation },
  { "stride-place", cause_stride_place },
  { "stride", cause_stride },
  { "padding", cause_padding },
  { "pool", cause_pool },
  { "channel-order", cause_channels },
  { "preparation", cause_preparation },
  { "input-axes", cause_input_axes },
  { "statistics", cause_statistics },
  { "affine", cause_affine },
  { "groups", cause_groups },
  { "weight-axes", cause_weight_axes },
  { "transposed", cause_transposed },
  { "flatten", cause_flatten },
  { "bias", cause_bias },
  { "activation", cause_activation },
  { "activation-place", cause_activation_place },
  { "residual", cause_residual },
  { "left-out", cause_left_out },
  { NULL, NULL },
};
