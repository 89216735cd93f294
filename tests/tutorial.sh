#!/bin/sh
# docs/tutorial.md: its commands, in their order, with the files that it prints.
. "$(dirname "$0")/lib.sh"
page=$RESCAST_SRCDIR/docs/tutorial.md dir=$tmp/page
mkdir -p "$dir/bin" "$dir/out" && ln -s "$examples" "$dir" && ln -s "$RESCAST" "$dir/bin/rescast"
for seed in 1 2; do
  name=$dir/resnet18$([ $seed = 1 ] || echo -finetuned).pth
  quietly "$RESCAST_BUILDDIR/tests/torchvision_file" "$name" $seed || fail "torchvision_file"
done

# Commands are indented, one block before the next paragraph; ``` and a language begin what is in a file.
awk -v to="$dir" '
  /^```/ { fenced = !fenced; if (fenced) file = to "/fenced" ++fences; next }
  fenced { print >file; next }
  /^    / { if (!inside) n++; inside = 1; print substr ($0, 5) >(to "/block" n); next }
  { inside = 0 }' "$page"

# block N NEEDED: its commands; what they print is in $tmp/out.
block () {
  for needed in $2; do
    command -v "$needed" >/dev/null 2>&1 || { echo "no $needed: left out"; return 0; }
  done
  # Variables that commands export are for those of later blocks.
  if (cd "$dir" && export PREFIX="$dir/prefix" CFLAGS=-O1 MAKEFLAGS="-j$jobs" PATH="$dir/bin:$PATH" CC="$CC" \
      PKG_CONFIG_PATH="$dir/prefix/lib/pkgconfig" LD_LIBRARY_PATH="$dir/prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" \
      && sh -e "block$1") >"$tmp/out" 2>"$tmp/err"; then
    pass
  else
    fail "$page: $(cat "$dir/block$1"): $(tail -n 5 "$tmp/out" "$tmp/err")"
  fi
}
# printed PATTERN WHAT: the last block's output has such a line.
printed () { if grep -q -- "$1" "$tmp/out"; then pass; else fail "$2: $(tail -n 5 "$tmp/out")"; fi; }

block 1 ""
if cmp -s "$dir/fenced2" "$dir/work/resnet18.yaml"; then pass; else fail "import writes other options than the page: $(cat "$dir/work/resnet18.yaml")"; fi
block 2 ""
block 3 ""
block 4 ""
printed '"results"' "no scores"
block 5 ""
printed 'layer1.0.conv1' "no times of layers"
block 6 ""
printed 'layers agree' "verify"
block 7 ""
[ -s "$dir/out/resnet18/resnet18.html" ] || fail "no report"
block 8 ""
mv "$dir/fenced3" "$dir/work/camera.c" && mv "$dir/fenced4" "$dir/work/CMakeLists.txt"
block 9 pkg-config
printed '^[0-9][0-9]*$' "camera prints no class"
cp "$tmp/out" "$tmp/class"
block 10 cmake
! command -v cmake >/dev/null 2>&1 || if [ "$(tail -n 1 "$tmp/out")" = "$(cat "$tmp/class")" ]; then pass; else fail "CMake's program prints another class"; fi
block 11 pkg-config
if [ "$(tail -n 1 "$tmp/out")" != "$(cat "$tmp/class")" ]; then pass; else fail "new weights give the old class"; fi
if [ -e "$dir/block11" ] && ! [ -e "$dir/block12" ] && [ -e "$dir/work/CMakeLists.txt" ] && ! [ -e "$dir/fenced5" ]; then
  pass
else
  fail "$page has other blocks"
fi
finish
