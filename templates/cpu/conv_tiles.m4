m4_divert(-1)
Convolution of bf16 numbers by tile products: any window, stride and padding, in 2-D and 3-D; groups, if any, have whole
blocks of channels. Weights, for each block of output channels: [k-step][half of 16 output channels][16 pairs of input
channels][output channel][2], a tile each half.
require(<|GROUPED|>, <|FIRST_BLOCK|>, <|IN_BLOCK|>, <|PANELS|>, <|PANELS_OF_THREADS|>, <|MOST_THREADS|>)
m4_include(<|cpu/tile_blocks.m4|>)
m4_define(<|LIMITED|>, 0)
m4_define(<|PREFETCHES|>, 1)
The weights of a block of channels that fit the first-level cache are read from there by all blocks of pixels, beside
whose inputs they would not stay; others are from the second-level cache in any case, and the taps of a window find its
inputs in the first one. Pixels of a first layer overlap, so that its inputs are read again at once.
m4_define(<|WEIGHT_KIB|>, m4_eval(STEPS * WIDE * 2))
m4_define(<|WEIGHTS_ONCE|>, m4_eval(WEIGHT_KIB > 40))
m4_define(<|INPUTS_ONCE|>, m4_eval(WEIGHT_KIB <= 40 && X_PIXEL >= BLOCK && m4_dnl
(WEIGHT_KIB > 24 || K_D * K_H * K_W == 1)))
m4_define(<|INPUT_BLOCK_AT|>, <|IF(GROUPED, <| + (size_t) first_block[INDEX_OF(o, OUT_BLOCKS)] * IN_BLOCK<||>|>)|>)
m4_define(<|BLOCK_WEIGHTS|>, <|const bf16 *const pw = w<||>AT(o, CHANNEL_BLOCKS, m4_eval(WIDE * OUT_BLOCK_WEIGHTS));|>)
m4_divert(0)m4_dnl
HEAD
IF(GROUPED, <|
/* The first block of input channels that each block of output channels reads, by its group. */
static const int first_block[] = { FIRST_BLOCK };
|>)
TILE_FUNCTIONS
CLEAR_HALO
PANELS_TABLE
PROTOTYPE
BLOCK_LOOP
}
