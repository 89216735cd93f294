/* The table of CPU targets. docs/adding-a-target.md walks through a row. */
#include "target.h"

#include <stddef.h>

#include "../../../runtime/rescast.h"

#define KIB(N) ((int64_t) (N) *1024)
#define MIB(N) ((int64_t) (N) *1024 * 1024)

/* A function of the runtime: its name for generated code, itself for `rescast tune`. */
#define DETECT(FUNCTION) .detect = #FUNCTION, .present = FUNCTION

#define FP32 (1U << PRECISION_FP32)
#define BF16 (1U << PRECISION_BF16)

#define X86 "defined __x86_64__ || defined __i386__"
#if defined __x86_64__ || defined __i386__
#define HERE_X86 true
#else
#define HERE_X86 false
#endif

/* The system's permission for tiles is asked for in Linux' way. */
#define X86_64_LINUX "defined __x86_64__ && defined __linux__"
#if defined __x86_64__ && defined __linux__
#define HERE_X86_64_LINUX true
#else
#define HERE_X86_64_LINUX false
#endif

#define AARCH64 "defined __aarch64__ && !defined __AARCH64EB__"
#if defined __aarch64__ && !defined __AARCH64EB__
#define HERE_AARCH64 true
#else
#define HERE_AARCH64 false
#endif

/* Fitted to what `rescast tune` measures for avx2 on an AMD EPYC (Zen 3, 512 KiB of second-level cache). The rows that
 * nobody has measured have them for want of their own. */
static const struct target_cost zen3_avx2 = {
  .macs = 48,
  .stream = 12,
  .reread = 20,
  .exchange = 12,
  .stage = 1500,
  .shown = 0.25,
  .transform = 0.0375,
  .addition = 0.16,
  .free = 256 * 1024.0,
  .kept = 384 * 1024.0,
  .tile_pixels = 6,
  .tile_channels = 32,
};

/* Fitted to layers timed alone and in ResNet-18, -50, ResNeXt-50 and 3-D ResNets on an Intel Xeon (Emerald Rapids, two
 * ports for multiply-adds of 512 bits, 2 MiB of second-level cache): docs/cpu.md. Its memory gives a core 15 bytes a
 * nanosecond, which more than 100 MB of weights come from, and its last-level cache 28. */
static const struct target_cost xeon_avx512 = {
  .macs = 86,
  .stream = 15,
  .reread = 28,
  .exchange = 14,
  .stage = 1500,
  .shown = 0.4,
  .transform = 0.022,
  .addition = 0.35,
  .free = 1024 * 1024.0,
  .resident = 2048 * 1024.0,
  .kept = 1280 * 1024.0,
  .tile_pixels = 14,
  .tile_channels = 32,
};

/* What a core of that Xeon reads while it multiplies tiles: docs/cpu.md. Nothing else of this is asked in bf16. */
static const struct target_cost xeon_tiles = { .macs = 850, .stream = 16, .reread = 25, .shown = 0.4 };

/* What a strip, a transposed convolution's unit and gathered inputs take was measured on the same Zen 3. */
#define ZEN3_TAKEN                                                                                                     \
  .strip = KIB (128), .unstripped = KIB (128), .phases = KIB (384), .gathered = KIB (256), .streamed = MIB (2)

const struct target isa_table[] = {
  {
    .name = "amx",
    .description = "x86-64 with AMX's tiles of bf16 and all of avx512bf16, under Linux, for bf16 alone",
    .precisions = BF16,
    .usual = BF16,
    .vector_template = "cpu/vec_amx.m4",
    .guard = X86_64_LINUX,
    .flags = "-mavx512f -mavx512vl -mavx512bw -mavx512dq -mavx512bf16 -mamx-tile -mamx-bf16 -mprefer-vector-width=512",
    .probe = "defined __AVX512F__ && defined __AVX512VL__ && defined __AVX512BW__ && defined __AVX512DQ__"
             " && defined __AVX512BF16__ && defined __AMX_TILE__ && defined __AMX_BF16__",
    DETECT (rescast_cpu_has_amx),
    .compiled_here = HERE_X86_64_LINUX,
    .lanes = 16,
    .tiles = true,
    /* What follows is avx512bf16's, whose kernels it has for all but dense convolutions. */
    .tile = { 14, 2, 1 },
    .single = { 28, 1, 1 },
    .least_pixels = 4,
    .pointers = 6,
    .caches = { .first = KIB (32), .second = MIB (1), .transformed = KIB (512), ZEN3_TAKEN },
    .cost = &xeon_tiles,
    .code = { .broadcast = 0, .product = 9.4, .far = 1.2, .result = 15, .relu = 6.8, .residual = 8.1, .reload = 10.1,
              .register_product = 6, .permute = 9, .permute_8 = 18.5 },
  },
  {
    .name = "avx512bf16",
    .description = "x86-64 with AVX-512 F, VL, BW, DQ and BF16, for bf16 alone",
    .precisions = BF16,
    .usual = BF16,
    .vector_template = "cpu/vec_avx512bf16.m4",
    .guard = X86,
    .flags = "-mavx512f -mavx512vl -mavx512bw -mavx512dq -mavx512bf16 -mprefer-vector-width=512",
    .probe = "defined __AVX512F__ && defined __AVX512VL__ && defined __AVX512BW__ && defined __AVX512DQ__"
             " && defined __AVX512BF16__",
    DETECT (rescast_cpu_has_avx512bf16),
    .gains_by = "rescast_cpu_gains_by_avx512bf16",
    .compiled_here = HERE_X86,
    .lanes = 16,
    .pair_products = true,
    /* as avx512's, one more for an input's pair */
    .tile = { 14, 2, 1 },
    .single = { 28, 1, 1 },
    .least_pixels = 4, /* as avx512's */
    .pointers = 6,
    .caches = { .first = KIB (32), .second = MIB (1), .transformed = KIB (512), ZEN3_TAKEN },
    .cost = &zen3_avx2,
    .code = { .broadcast = 0, .product = 9.4, .far = 1.2, .result = 15, .relu = 6.8, .residual = 8.1, .reload = 10.1,
              .register_product = 6, .permute = 9, .permute_8 = 18.5 },
    /* gains of unrolling: not measured */
  },
  {
    .name = "avx512",
    .description = "x86-64 with AVX-512 F, VL, BW and DQ",
    .precisions = FP32 | BF16,
    .vector_template = "cpu/vec_avx512.m4",
    .guard = X86,
    .flags = "-mavx512f -mavx512vl -mavx512bw -mavx512dq -mprefer-vector-width=512",
    .probe = "defined __AVX512F__ && defined __AVX512VL__ && defined __AVX512BW__ && defined __AVX512DQ__",
    DETECT (rescast_cpu_has_avx512),
    .compiled_here = HERE_X86,
    .lanes = 16,
    /* 14 x 2 sums, 2 weights: each is multiplied by an input straight from memory, and 2 of 32 registers are left. */
    .tile = { 14, 2, 1 },
    .single = { 28, 1, 1 },
    .least_pixels = 4, /* a latency of 4 cycles, two multiply-adds a cycle, two vectors a pixel */
    .pointers = 6,
    /* measured on an Intel Xeon with 2 MiB, but for gathered */
    .caches = { .first = KIB (32), .second = MIB (1), .strip = KIB (128), .unstripped = MIB (2),
                .transformed = KIB (512), .whole = KIB (1152), .phases = MIB (1), .gathered = KIB (256),
                .streamed = MIB (2) },
    .cost = &xeon_avx512,
    .code = { .broadcast = 0, .product = 9.4, .far = 1.2, .result = 15, .relu = 6.8, .residual = 8.1, .reload = 10.1,
              .register_product = 6, .permute = 9, .permute_8 = 18.5 },
    /* no level of unrolling was faster */
  },
  {
    .name = "avx2",
    .description = "x86-64 with AVX2 and FMA",
    .precisions = FP32 | BF16,
    .usual = BF16,
    .vector_template = "cpu/vec_avx2.m4",
    .guard = X86,
    .flags = "-mavx2 -mfma",
    .probe = "defined __AVX2__ && defined __FMA__",
    DETECT (rescast_cpu_has_avx2),
    .compiled_here = HERE_X86,
    .lanes = 8,
    /* 6 x 2 sums, 2 weights and 1 input; one register is left. */
    .tile = { 6, 1, 2 },
    .single = { 6, 1, 2 },
    .least_pixels = 4, /* as above */
    .pointers = 6,
    .caches = { .first = KIB (32), .second = KIB (512), .transformed = KIB (256), ZEN3_TAKEN },
    .cost = &zen3_avx2,
    .code = { .broadcast = 3.7, .product = 7.4, .far = 1.4, .result = 12.6, .relu = 5.7, .residual = 8.2, .reload = 8.3,
              .register_product = 5, .permute = 10.5, .permute_8 = 10 },
    .gains = { /* measured on the same Zen 3: docs/unrolling.md */
               .winograd = { 0, 0.02, 0.02, 0 },
               .planar = { 0, 0.03, 0.03, 0 },
               .planar_pool = { 0, 0.04, 0.04, 0 },
               .linear = { 0, 0.05, 0.05, 0 } },
  },
  {
    .name = "neon",
    .description = "64-bit ARM with Advanced SIMD",
    .precisions = FP32 | BF16,
    .vector_template = "cpu/vec_neon.m4",
    .guard = AARCH64,
    .flags = "",
    .probe = AARCH64 " && defined __ARM_NEON",
    .compiled_here = HERE_AARCH64,
    .lanes = 4,
    /* 5 x 4 sums, 4 weights and 5 inputs, which compilers load in front of the products: 6 pixels would spill two
     * sums. */
    .tile = { 5, 1, 4 },
    .single = { 5, 1, 4 },
    .least_pixels = 2, /* a latency of 4 cycles, two multiply-adds a cycle, four vectors a pixel */
    .pointers = 12,
    .caches = { .first = KIB (32), .second = KIB (512), .transformed = KIB (256), ZEN3_TAKEN },
    .cost = &zen3_avx2,
    /* from instructions of 4 bytes each; fitted to no compiler */
    .code = { .broadcast = 4, .product = 5, .far = 1, .result = 12, .relu = 4, .residual = 8, .reload = 4,
              .register_product = 4, .permute = 8, .permute_8 = 12 },
    /* gains of unrolling: not measured */
  },
  {
    .name = "c",
    .description = "portable C11 with the compiler's vector extensions",
    .precisions = FP32 | BF16,
    .usual = FP32 | BF16,
    .vector_template = "cpu/vec_portable.m4",
    .guard = "",
    .flags = "",
    .probe = "",
    .compiled_here = true,
    .lanes = 4,
    .more_lanes = true,
    /* The 16 registers of SSE, filled as avx2's are. */
    .tile = { 6, 1, 2 },
    .single = { 6, 1, 2 },
    .least_pixels = 4,
    .pointers = 6,
    .caches = { .first = KIB (32), .second = KIB (512), .transformed = KIB (256), ZEN3_TAKEN },
    .cost = &zen3_avx2,
    .code = { .broadcast = 6.2, .product = 12.4, .far = 3, .result = 14.1, .relu = 17.2, .residual = 8.9, .reload = 6.6,
              .register_product = 10, .permute = 10.6, .permute_8 = 11.4, .vector_loop = true },
    .gains = { /* measured on the same Zen 3, with SSE */
               .direct = { 0, 0.03, 0.02, 0 },
               .winograd = { 0, 0.005, 0, 0 },
               .planar = { 0, 0.015, 0.015, 0 },
               .linear = { 0, 0.1, 0.1, 0 } },
  },
};

const int isa_count = sizeof isa_table / sizeof *isa_table;
