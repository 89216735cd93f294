#!/bin/sh
# Files that are wrong in every way the malformed_* programs know: each must end with status 1 or 2, one line on
# stderr that begins with "rescast:", within five seconds, in bounded memory, and leave nothing behind.
. "$(dirname "$0")/lib.sh"

# An address sanitizer reserves terabytes of address space.
limit=1572864
if grep -q __asan_init "$RESCAST"; then limit=unlimited; fi

# refused FILE COMMAND...: run it and judge.
refused () {
  refused_file=$1
  shift
  (ulimit -v "$limit" && exec timeout 5 "$@") >"$tmp/stdout" 2>"$tmp/stderr"
  status=$?
  case $status in
    1 | 2) ;;
    124) fail "$refused_file: more than 5 s"; return ;;
    *) fail "$refused_file: exit status $status: $(head -c 300 "$tmp/stderr")"; return ;;
  esac
  if [ "$(wc -l <"$tmp/stderr")" -ne 1 ] || ! head -n 1 "$tmp/stderr" | grep -q '^rescast:'; then
    fail "$refused_file: stderr is: $(head -c 300 "$tmp/stderr")"
  elif [ -e "$tmp/out" ] && [ -n "$(ls -A "$tmp/out")" ]; then
    fail "$refused_file: left behind: $(ls -A "$tmp/out" | tr '\n' ' ')"
    rm -rf "$tmp/out"
  else
    pass
  fi
}

for kind in options onnx weights inputs; do
  mkdir "$tmp/$kind"
  if ! quietly "$RESCAST_BUILDDIR/tests/malformed_$kind" "$tmp/$kind"; then
    fail "malformed_$kind"
  fi
done

for f in "$tmp"/options/*; do
  refused "options/$(basename "$f")" "$RESCAST" generate "$f" -o "$tmp/out"
done

for f in "$tmp"/onnx/*; do
  refused "onnx/$(basename "$f")" "$RESCAST" generate "$f" -o "$tmp/out"
done

for f in "$tmp"/weights/*; do
  refused "weights/$(basename "$f")" "$RESCAST" generate "$examples/digits/digits.yaml" -w "$f" -o "$tmp/out"
done

# The inputs are made for 3 x 32 x 32 images.
net=$examples/networks/resnet20-cifar10.yaml
if build "$tmp/net" "$net"; then
  for f in "$tmp"/inputs/*; do
    refused "inputs/$(basename "$f")" "$tmp/net/resnet20_cifar10" "$f"
  done
else
  fail "$net is not generated"
fi

# Packed weights. Their hash is the last thing that is looked at.
mkdir "$tmp/packed"
if quietly "$RESCAST_BUILDDIR/tests/malformed_packed" "$tmp/net/resnet20_cifar10.weights" "$tmp/packed"; then
  for f in "$tmp"/packed/*; do
    refused "packed/$(basename "$f")" "$tmp/net/resnet20_cifar10" --weights "$f" --bench 1
  done
  refused "packed weights of another ABI" "$tmp/net/resnet20_cifar10" --weights "$tmp/packed/abi_older" --bench 1
  if grep -q 'another version of rescast' "$tmp/stderr"; then pass; else fail "another ABI: $(cat "$tmp/stderr")"; fi
else
  fail malformed_packed
fi

# The same for volumes: 1 x 3 x 32 x 32. Arrays of 3 x 32 x 32 fit as well, so that what is wrong in them still is.
cat >"$tmp/volume.yaml" <<END
name: volume
network: resnet3d
input-size: [32, 32, 3]
num-classes: 2
initial-filter-size: 3
initial-stride: 1
initial-num-filters: 8
initial-pooling-layer: none
bottleneck-type: none
stack-depth: [1]
num-filters: [8]
END
if build "$tmp/volume" "$tmp/volume.yaml"; then
  for f in "$tmp"/inputs/*; do
    refused "inputs/$(basename "$f") in 3-D" "$tmp/volume/volume" "$f"
  done
  # Files without a header: no whole number of samples, no such shape, type or number of channels.
  f=$tmp/inputs/npy_values_cut.npy
  refused "a size that does not fit" "$tmp/volume/volume" --shape 3,32,32 --type f64 "$f"
  refused "other channels" "$tmp/volume/volume" --shape 2,3,32,32 --type u8 "$f"
  for shape in 0,1,1 1,2 1,2,3,4,5 1,,2 a -1,2,3 99999999999999999999,1,1 1000000,1000000,1000000; do
    refused "--shape $shape" "$tmp/volume/volume" --shape "$shape" --type u8 "$f"
  done
  refused "--type u7" "$tmp/volume/volume" --type u7 "$f"
else
  fail "a 3-D network is not generated"
fi
finish
