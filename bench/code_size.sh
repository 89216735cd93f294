#!/bin/sh
# Estimated and measured bytes of one target's kernels: bench/code_size.sh [OPTIONS.yaml...]; default: ten of the examples.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
: "${RESCAST:=$here/rescast}" "${RESCAST_DATADIR:=$here}" "${TARGETS:=avx512,avx2,c}" "${JOBS:=2}"
export RESCAST_DATADIR
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
if [ $# -eq 0 ]; then
  set -- "$here/examples/digits/digits.yaml" "$here/examples/volumes/volumes.yaml"
  for name in resnet18 resnet50 resnext50_32x4d resnet20-cifar10 resnet3d-14 bottleneck3d-autoencoder transposed-conv3d \
    wide_resnet50_2; do
    set -- "$@" "$here/examples/networks/$name.yaml"
  done
fi
printf '%-32s %-8s %10s %10s %6s\n' network target estimate measured ratio
for options; do
  rm -rf "$tmp/net"
  weights=${options%.yaml}.safetensors
  [ -e "$weights" ] && weights="-w $weights" || weights=
  "$RESCAST" generate "$options" $weights -t "$TARGETS" -o "$tmp/net" >/dev/null 2>&1
  json=$(ls "$tmp"/net/*.json | head -1)
  name=$(basename "$json" .json)
  make -s -j"$JOBS" -C "$tmp/net" "lib$name.a" >/dev/null
  for target in $(echo "$TARGETS" | tr , ' '); do
    estimate=$(sed -n '/"unroll": {/,/^ }/p' "$json" | sed -n "/^  \"$target\"/,/^  }/p" | sed -n 's/^   "code_bytes": \([0-9]*\),.*/\1/p')
    measured=$(size "$tmp"/net/"$name"_"$target"_*.o | awk 'NR > 1 { sum += $1 } END { print sum }')
    echo "$name $target $estimate $measured" | awk '{ printf "%-32s %-8s %10d %10d %6.3f\n", $1, $2, $3, $4, $3 / $4 }'
  done
done
