#!/bin/sh
# Emitted code has no leftovers of templates: no factor of 1, no term of 0, no loop that runs once, no name of a parameter in a
# comment. Each rule is seen to find a planted case.
. "$(dirname "$0")/lib.sh"

# The names of parameters and macros that have an underscore, and of those without one that no comment means as a word.
{
  cat "$RESCAST_SRCDIR"/templates/*.m4 "$RESCAST_SRCDIR"/templates/*/*.m4 | grep -oE '<\|[A-Z][A-Z0-9]*_[A-Z0-9_]+\|>' | tr -d '<|>'
  printf '%s\n' AHEAD BATCH BLOCK FUNCTION LANES PARTS PIXELS POSITION REGION UNROLL WIDTH WINO
} | sort -u >"$tmp/names"

# leftovers FILE …: what the rules find in these files.
leftovers () { awk -v names="$tmp/names" -f "$RESCAST_SRCDIR/tests/emitted.awk" "$@"; }

# clean NAME: the folder $tmp/NAME, whose code is not the runtime's.
clean () {
  leftovers "$tmp/$1"/*.[ch] >"$tmp/found"
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

for example in digits volumes; do
  if quietly "$RESCAST" generate "$examples/$example/$example.yaml" -w "$examples/$example/$example.safetensors" \
    -t avx512,avx2,c -o "$tmp/$example"; then
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
planted "loop that runs once" "  for (int i = 0; i < 1; i++)"
planted "loop that runs once" "  for (int v = 0; v < 16; v += VL)"
planted "loop that runs once" "  for (int c = 15; c < 16; c++, q += 16)"
planted "unexpanded TILE_SIZE" "/* A tile is TILE_SIZE pixels. */"

# What is none of these.
printf '%s\n' "/* x * 1, VL */" "  y = 1 / sqrt (x) * 1.0F + 0.5F;" "  for (int v = 0; v < 32; v += VL)" '  puts ("% 1");' \
  >"$tmp/planted/net_avx512_kernel.c"
if [ -z "$(leftovers "$tmp/planted/net_avx512_kernel.c")" ]; then pass; else fail "found where there is none"; fi
finish
