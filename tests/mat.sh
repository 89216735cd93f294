#!/bin/sh
# The same weights, written by Octave for MATLAB and as safetensors, make the same packed weights, byte for byte.
. "$(dirname "$0")/lib.sh"
command -v octave-cli >/dev/null 2>&1 || skip "no octave-cli: MATLAB's files are tested as matio writes them only"

options () {
  cat <<END
name: net
network: resnet$1d
input-size: [$2, 2]
num-classes: 3
initial-filter-size: [$3]
initial-stride: 1
initial-num-filters: 4
initial-pooling-layer: none
bottleneck-type: none
stack-depth: [1, 1]
num-filters: [4, 6]
normalization: zscore
END
}

# packed FILE: the packed weights of this file, in $tmp/packed.weights.
packed () {
  rm -rf "$tmp/net"
  quietly "$RESCAST" generate "$tmp/net.yaml" -w "$1" -o "$tmp/net" && mv "$tmp/net/net.weights" "$tmp/packed.weights"
}

for rank in 2 3; do
  if [ $rank = 2 ]; then options 2 "9, 8" "3, 2"; else options 3 "9, 8, 10" "3, 2, 4"; fi >"$tmp/net.yaml"
  for per_element in 0 1; do
    dir=$tmp/$rank$per_element
    mkdir "$dir"
    if ! quietly octave-cli -q --no-init-file --eval \
      "addpath ('$RESCAST_SRCDIR/tests'); octave_weights ('$dir', $rank, $per_element)" \
      || ! quietly "$RESCAST_BUILDDIR/tests/mat_to_v73" "$dir/v7.mat" "$dir/v73.mat" \
      || ! packed "$dir/net.safetensors"; then
      fail "$rank-D: no weights to compare with"
      continue
    fi
    mv "$tmp/packed.weights" "$tmp/want.weights"
    for file in v6 v7 v73 double tables; do
      if packed "$dir/$file.mat" && quietly cmp "$tmp/packed.weights" "$tmp/want.weights"; then
        pass
      else
        fail "$rank-D, $file.mat$([ $per_element = 1 ] && echo ', statistics per element')"
      fi
    done
  done
done

# The 2-D weights in the 3-D network: refused, with both orders of the shape.
if "$RESCAST" generate "$tmp/net.yaml" -w "$tmp/20/v7.mat" -o "$tmp/no" 2>"$tmp/error"; then
  fail "2-D weights in a 3-D network"
elif grep -q "conv1.weight is (3, 2, 2, 4) in MATLAB's order, not (3, 2, 4, 2, 4), which is (4, 2, 4, 3, 2) here" \
  "$tmp/error" && [ "$(wc -l <"$tmp/error")" -eq 1 ]; then
  pass
else
  fail "2-D weights in a 3-D network: $(cat "$tmp/error")"
fi
finish
