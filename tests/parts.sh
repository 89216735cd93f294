#!/bin/sh
# Layers in parts that are cut and ordered at random (parts.c) give the bits that one thread gives: every kernel computes
# each of its units once, whatever parts it is called for.
. "$(dirname "$0")/lib.sh"

# parts NAME OPTIONS [ARGUMENT...]: of a folder that generate makes with these arguments
parts () {
  name=$1 options=$2 dir=$tmp/$1
  shift 2
  quietly "$RESCAST" generate "$options" "$@" --set name=net -o "$dir" || { fail "$name is not generated"; return; }
  steps=
  if grep -q 'int steps;' "$dir/net.h"; then steps=-DSTEPS; fi
  if quietly make -C "$dir" -j "$jobs" CC="$CC" CFLAGS=-O1 libnet.a \
    && quietly "$CC" -O1 -DNETWORK=net '-DSOURCE="net.c"' $steps -I "$dir" -o "$tmp/parts" \
      "$RESCAST_SRCDIR/tests/parts.c" "$dir/libnet.a" -lm -pthread; then
    for seed in 1 2 3; do
      if quietly "$tmp/parts" "$dir/net.weights" $seed; then pass; else fail "$name, seed $seed"; fi
    done
  else
    fail "$name is not built"
  fi
}

parts volumes "$examples/volumes/volumes.yaml" -t c
parts digits "$examples/digits/digits.yaml" -t c --precision bf16
cat >"$tmp/layers.yaml" <<'END'
network: sequence
input-size: [16, 20, 20]
layers:
  - {type: conv, name: a, filters: 64, kernel-size: 1}
  - {type: relu, name: b}
  - {type: conv, name: c, filters: 64, kernel-size: 3, groups: 16, padding: 1}
  - {type: conv, name: d, filters: 32, kernel-size: 3, stride: 2}
  - {type: conv, name: e, filters: 48, kernel-size: 3, padding: 1}
  - {type: global-average-pool, name: f}
  - {type: linear, name: g, features: 24}
END
parts layers "$tmp/layers.yaml" -t c
finish
