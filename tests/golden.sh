#!/bin/sh
# The published cases: generate, compile, run, compare with PyTorch's float64 results.
. "$(dirname "$0")/lib.sh"
[ -d "$shared/golden" ] || skip "no golden cases: $shared/golden (RESCAST_SHARED names another folder)"

for case in "$shared"/golden/*/; do
  name=$(basename "$case") message=failed
  if build "$tmp/$name" "$case/options.yaml" -w "$case/weights.safetensors" \
    && quietly "$tmp/$name/$name" --output "$tmp/$name.npy" "$case/input.npy" \
    && message=$("$compare" "$tmp/$name.npy" "$case/output.npy" 1e-5); then
    pass
  else
    fail "$name"
  fi
  printf '%s: %s\n' "$name" "$message"
done
finish
