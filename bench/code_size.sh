#!/bin/sh
# Estimated and measured bytes of one target's kernels: bench/code_size.sh [OPTIONS.yaml...]; default: ten of examples/networks.
set -e
here=$(cd "$(dirname "$0")/.." && pwd)
: "${RESCAST:=$here/rescast}" "${RESCAST_DATADIR:=$here}" "${TARGETS:=avx512,avx2,c}" "${JOBS:=2}"
export RESCAST_DATADIR
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
[ $# -gt 0 ] || set -- $(ls "$here"/examples/networks/*.yaml | head -10)
printf '%-32s %-8s %10s %10s %6s\n' network target estimate measured ratio
for options; do
  rm -rf "$tmp/net"
  "$RESCAST" generate "$options" -t "$TARGETS" -o "$tmp/net" >/dev/null 2>&1
  json=$(ls "$tmp"/net/*.json | head -1)
  name=$(basename "$json" .json)
  make -s -j"$JOBS" -C "$tmp/net" "lib$name.a" >/dev/null
  for target in $(echo "$TARGETS" | tr , ' '); do
    estimate=$(sed -n '/"unroll": {/,/^ }/p' "$json" | sed -n "/^  \"$target\"/,/^  }/p" | sed -n 's/^   "code_bytes": \([0-9]*\),.*/\1/p')
    measured=$(size "$tmp"/net/"$name"_"$target"_*.o | awk 'NR > 1 { sum += $1 } END { print sum }')
    echo "$name $target $estimate $measured" | awk '{ printf "%-32s %-8s %10d %10d %6.3f\n", $1, $2, $3, $4, $3 / $4 }'
  done
done
