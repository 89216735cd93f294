#!/bin/sh
# Emitted code has no leftovers of templates: no factor of 1, no term of 0, no step of 1, no loop that runs once, no doubled
# brackets and none lost, no (void) of what is used, no name of a parameter and no half of a name in a comment, no line over
# 120 columns, no vector loaded from an array that is not aligned. Each rule is seen to find a planted case.
. "$(dirname "$0")/lib.sh"

# The names of parameters and macros that have an underscore, and of those without one that no comment means as a word.
{
  cat "$RESCAST_SRCDIR"/templates/*.m4 "$RESCAST_SRCDIR"/templates/*/*.m4 | grep -oE '<\|[A-Z][A-Z0-9]*_[A-Z0-9_]+\|>' | tr -d '<|>'
  printf '%s\n' PREFETCH BATCH BLOCK FUNCTION LANES PARTS PIXELS POSITION REGION UNROLL WIDTH WINO
} | sort -u >"$tmp/names"

# leftovers FILE …: what the rules find in these files.
leftovers () { awk -v names="$tmp/names" -f "$RESCAST_SRCDIR/tests/emitted.awk" "$@"; }

# clean NAME: the folder $tmp/NAME, whose code is not the runtime's.
clean () {
  find "$tmp/$1" -maxdepth 1 -name '*.[ch]' -o -maxdepth 1 -name '*.cu' | tr '\n' '\0' >"$tmp/files"
  xargs -0 awk -v names="$tmp/names" -f "$RESCAST_SRCDIR/tests/emitted.awk" <"$tmp/files" >"$tmp/found"
  if [ -s "$tmp/found" ]; then
    sed "s|^$tmp/||" "$tmp/found" | head -20
    fail "$1: $(wc -l <"$tmp/found") leftovers"
  else
    pass
  fi
}

# network NAME ARGUMENT …: generated for all CPU targets, with what standard input adds to the head of its options.
network () {
  name=$1
  shift
  { printf 'name: %s\n' "$name"; cat; } >"$tmp/$name.yaml"
  if quietly "$RESCAST" generate "$tmp/$name.yaml" "$@" -t avx512,avx2,c -o "$tmp/$name"; then clean "$name"; else fail "$name is not generated"; fi
}

# gpu OPTIONS PRECISION: the GPU's code alone, the name of whose folder is that of the options.
gpu () {
  name=$(basename "$1" .yaml)
  if quietly "$RESCAST" generate "$1" -t cuda --precision "$2" -o "$tmp/$2/$name"; then clean "$2/$name"; else fail "$name is not generated"; fi
}

for example in digits volumes; do
  if quietly "$RESCAST" generate "$examples/$example/$example.yaml" -w "$examples/$example/$example.safetensors" \
    -t avx512,avx2,c,cuda -o "$tmp/$example"; then
    clean $example
  else
    fail "$example is not generated"
  fi
done

network layers <<'END'
network: sequence
input-size: [3, 17, 18]
layers:
  - {type: conv, filters: 16, kernel-size: 7, stride: 2, padding: 3}
  - {type: max-pool, kernel-size: 3, stride: 2, padding: 1}
  - {type: conv, filters: 32, kernel-size: 3, padding: 1, groups: 4}
  - {type: conv, filters: 48, kernel-size: 3, padding: 1, groups: 16}
  - {type: pad, before: 1, after: [2, 1], value: 0.5}
  - {type: transposed-conv-2d, num-filters: 20, filter-size: 3, stride: 2}
  - {type: instance-norm}
  - {type: upsample, scale: 2}
  - {type: conv, filters: 33, kernel-size: 1}
  - {type: average-pool, kernel-size: 2}
  - {type: linear, features: 10}
  - {type: softmax}
END
network straight --unroll-budget max <<'END'
network: sequence
input-size: [2, 6, 6]
layers:
  - {type: conv, filters: 16, kernel-size: 3}
  - {type: conv, filters: 20, kernel-size: 1}
  - {type: linear, features: 3}
END
network exact --exact <<'END'
network: sequence
input-size: [1, 8, 20, 21]
layers:
  - {type: conv, filters: 8, kernel-size: 3, stride: 2, padding: 1}
  - {type: max-pool, kernel-size: 2}
  - {type: conv, filters: 16, kernel-size: 3, padding: 1}
  - {type: relu}
  - {type: global-average-pool}
  - {type: linear, features: 1}
END
network stem <<'END'
network: resnet
arch: resnet18
input-size: [64, 48]
num-classes: 7
END

# The GPU's kernels: gathered tiles, TMA, first layers of their own, transposed and grouped ones.
cat >"$tmp/maps.yaml" <<'END'
network: sequence
name: maps
batch: 3
input-size: [3, 31, 34]
mean: [0.5, 0.4, 0.3]
std: 0.2
layers:
  - {type: conv, filters: 16, kernel-size: 7, stride: 2, padding: 3}
  - {type: relu}
  - {type: max-pool, kernel-size: 3, stride: 2, padding: 1}
  - {type: conv, filters: 32, kernel-size: 3, padding: 1, groups: 4}
  - {type: prelu}
  - {type: conv, filters: 48, kernel-size: 3, padding: 1, groups: 16}
  - {type: gelu}
  - {type: conv, name: a, filters: 48, kernel-size: 1}
  - {type: conv, name: b, filters: 48, kernel-size: 3, padding: 2, dilation: 2}
  - {type: add, name: sum, input: [a, b]}
  - {type: transposed-conv-2d, num-filters: 20, filter-size: 3, stride: 2}
  - {type: transposed-conv-2d, num-filters: 7, filter-size: [4, 3], stride: [2, 3]}
  - {type: instance-norm}
  - {type: upsample, scale: 2}
  - {type: conv, filters: 33, kernel-size: 1}
  - {type: average-pool, kernel-size: 2}
  - {type: linear, features: 10}
  - {type: softmax}
END
cat >"$tmp/deep.yaml" <<'END'
network: sequence
name: deep
input-size: [1, 9, 20, 21]
layers:
  - {type: conv, filters: 8, kernel-size: 3, stride: 2, padding: 1}
  - {type: batch-norm}
  - {type: max-pool, kernel-size: 2}
  - {type: conv, filters: 16, kernel-size: 3, padding: 1}
  - {type: relu}
  - {type: conv, filters: 32, kernel-size: 3, padding: 1, groups: 8}
  - {type: conv, filters: 64, kernel-size: [1, 3, 3], padding: [0, 1, 1]}
  - {type: transposed-conv-3d, num-filters: 32, filter-size: 3, stride: 2}
  - {type: upsample, scale: 2, mode: nearest}
  - {type: global-average-pool}
  - {type: linear, features: 1}
END
first_layers "$tmp/first"
for precision in fp32 bf16; do
  for options in "$tmp/maps.yaml" "$tmp/deep.yaml" "$examples/networks/resnet18.yaml"; do gpu "$options" $precision; done
done
for options in "$tmp/first"/*.yaml; do gpu "$options" fp16; done

# planted RULE LINE: a file with this line is not clean.
planted () {
  mkdir -p "$tmp/planted"
  printf '%s\n' "$2" >"$tmp/planted/net_avx512_kernel.c"
  case $(leftovers "$tmp/planted/net_avx512_kernel.c") in *": $1: "*) pass ;; *) fail "not found: $2" ;; esac
}
planted "factor of 1" "  y = x * 1;"
planted "factor of 1" "  y = x / 1 + z;"
planted "factor of 1" "  y = i % 1 * 3;"
planted "term of 0" "  y = x + 0;"
planted "term of 0" "  p[0 + j] = 1;"
planted "term of 0" "  if (0 || d > first)"
planted "loop that runs once" "  for (int i = 0; i < 1; i++)"
planted "loop that runs once" "  for (int v = 0; v < 16; v += VL)"
planted "loop that runs once" "  for (int c = 15; c < 16; c++, q += 16)"
planted "step of 1" "  for (int d = lo; d < hi; d += 1)"
planted "doubled brackets" "  y = ((x + bias)) * z;"
planted "operand of asm without brackets" '  asm ("" : "r"k);'
planted "line over 120 columns" "/* $(printf '%060d %060d' 0 0) */"
planted "unexpanded TILE_SIZE" "/* A tile is TILE_SIZE pixels. */"
planted "half a name: a_" "/* a_ strip of rows. */"
printf '%s\n' "  (void) t;" "  f (t);" "}" >"$tmp/planted/net_cuda.cu"
printf '%s\n' "  float around[16];" "  x = vload (around + v);" "}" >"$tmp/planted/net_avx2_kernel.c"
case $(leftovers "$tmp/planted/net_avx2_kernel.c") in *"not aligned"*) pass ;; *) fail "not found: float around[16]" ;; esac
case $(leftovers "$tmp/planted/net_cuda.cu") in *"(void) of what is used"*) pass ;; *) fail "not found: (void) t" ;; esac

# What is none of these.
printf '%s\n' "/* x * 1, VL */" "  (void) t;" "}" "  y = t / sqrt (x) * 1.0F + 0.5F;" "  for (int v = 0; v < 32; v += VL)" '  puts ("% 1");' \
  >"$tmp/planted/net_avx512_kernel.c"
if [ -z "$(leftovers "$tmp/planted/net_avx512_kernel.c")" ]; then pass; else fail "found where there is none"; fi
finish
