#!/bin/sh
# The target cuda without a GPU: what is generated, that nvcc and NVRTC compile it for three generations of GPUs without
# spills, and what a program does on a machine that has none.
. "$(dirname "$0")/lib.sh"
digits=$examples/digits/digits
photo=$examples/digits/digit_3_a.png

# ---- generated without any toolkit ----
gen () { quietly "$RESCAST" generate "$@"; }
if PATH=/usr/bin:/bin gen "$digits.yaml" -w "$digits.safetensors" -t cuda -o "$tmp/digits" && [ -f "$tmp/digits/digits.cu" ]; then
  pass
else
  fail "digits is not generated"
fi
gen "$digits.yaml" -w "$digits.safetensors" -t c -o "$tmp/cpu" || fail "the target c"
gen "$digits.yaml" -w "$digits.safetensors" -t cuda,c -o "$tmp/again" || fail "two targets"
if diff -r "$tmp/digits" "$tmp/again" >/dev/null; then pass; else fail "cuda alone is not cuda with c, or two runs differ"; fi
# same_weights FOLDER: the CPU's section of its weights file, the first of two, is that of the file without a GPU's
same_weights () {
  tail -c +129 "$tmp/cpu/digits.weights" >"$tmp/section"
  tail -c +193 "$1/digits.weights" | head -c "$(wc -c <"$tmp/section")" | cmp -s - "$tmp/section"
}
# the CPU's part is what it is without cuda
same=yes
for f in "$tmp"/cpu/digits.c "$tmp"/cpu/*_c_*.c; do
  cmp -s "$f" "$tmp/digits/${f##*/}" || same=no
done
same_weights "$tmp/digits" || same=no
if [ $same = yes ]; then pass; else fail "the CPU's files depend on cuda"; fi
if ls "$tmp"/cpu | grep -qi cuda || [ -d "$tmp/cpu/runtime/cuda" ]; then fail "CUDA without cuda"; else pass; fi
if "$RESCAST" generate "$digits.yaml" -t cuda --precision fp8 -o "$tmp/fp8" 2>"$tmp/output"; then
  fail "fp8 is taken"
elif grep -q "^rescast: --precision fp8: must be fp32, tf32, fp16 or bf16" "$tmp/output" && [ ! -e "$tmp/fp8" ]; then
  pass
else
  fail "fp8: $(cat "$tmp/output")"
fi
for precision in fp32 tf32 fp16 bf16; do
  gen "$digits.yaml" -t cuda --precision $precision -o "$tmp/$precision" --set seed=1 || fail "$precision is not generated"
  gen "$digits.yaml" -w "$digits.safetensors" -t cuda --precision $precision -o "$tmp/packed" --set seed=1
  # pack leaves what generate would have written
  if quietly "$RESCAST" pack "$tmp/$precision" -w "$digits.safetensors" && diff -r "$tmp/packed" "$tmp/$precision" >"$tmp/output"; then
    pass
  else
    fail "pack in $precision: $(cat "$tmp/output")"
  fi
  for f in "$tmp"/cpu/digits.c "$tmp"/cpu/*_c_*.c; do
    cmp -s "$f" "$tmp/$precision/${f##*/}" || fail "the CPU's ${f##*/} depends on the precision"
  done
  same_weights "$tmp/$precision" || fail "the CPU's weights depend on the precision"
done
if grep -q "unsigned short" "$tmp/tf32/digits.cu" || ! grep -q "unsigned short" "$tmp/fp16/digits.cu"; then fail "elements"; else pass; fi

# ---- files of tiles ----
bad_tiles () {
  printf '# tiles\n%s\n' "$1" >"$tmp/bad.tiles"
  if "$RESCAST" generate "$digits.yaml" -t cuda --precision fp16 --tiles "$tmp/bad.tiles" -o "$tmp/bad" 2>"$tmp/output"; then
    fail "tiles: taken: $1"
  elif grep -q "^rescast: $tmp/bad.tiles:2:1: " "$tmp/output" && [ "$(wc -l <"$tmp/output")" -eq 1 ] && [ ! -e "$tmp/bad" ]; then
    pass
  else
    fail "tiles: $1: $(cat "$tmp/output")"
  fi
}
bad_tiles "fp16 1 conv 64x32"
bad_tiles "fp8 1 * 64x32 2x2x1 4 1 2 mma"
bad_tiles "fp16 1 * 64x32 2x2x1 4 1 2 fma"
bad_tiles "fp16 1 * 48x32 1x1x1 4 1 2 mma"
bad_tiles "fp16 1 * 64x32 8x2x1 4 1 2 mma"
bad_tiles "fp16 1 * 32x32 2x2x1 4 1 2 wgmma"
bad_tiles "fp16 1 * 512x256 4x4x1 2 1 1 wgmma"
bad_tiles "fp16 1 * 64x32 2x2x1 99 1 2 mma"
bad_tiles "fp16 1 * 128x128 4x2x1 2 1 3 wgmma"
bad_tiles "fp16 1 * 60x64 1x4x1 4 1 2 tma"
bad_tiles "fp16 1 * 64x96 1x6x1 4 1 2 tma"
bad_tiles "fp16 1 * 256x128 2x8x1 4 1 2 halo"
bad_tiles "fp16 1 * 64x32 1073741824x1073741824x1 4 1 2 mma"
bad_tiles "fp16 1 * 64x32 2x2x1 4 1 2 mma more"
echo "fp16 0 * 16x32 1x1x4 3 2 1 mma" >"$tmp/good.tiles"
# one whose sums leave no room for the residual
echo "fp16 0 * 256x64 4x2x1 2 1 2 wgmma" >"$tmp/tight.tiles"
if gen "$digits.yaml" -t cuda --precision fp16 --tiles "$tmp/tight.tiles" -o "$tmp/tight"; then pass; else fail "a tight tile"; fi
gen "$digits.yaml" -w "$digits.safetensors" -t cuda --precision fp16 -o "$tmp/model" || fail "tiles of the model"
if gen "$digits.yaml" -w "$digits.safetensors" -t cuda --precision fp16 --tiles "$tmp/good.tiles" -o "$tmp/tiles" \
  && ! cmp -s "$tmp/model/digits.cu" "$tmp/tiles/digits.cu" && cmp -s "$tmp/model/digits.weights" "$tmp/tiles/digits.weights" \
  && grep -q "tiles of 16 x 32, 2 blocks to a sum: measured" "$tmp/tiles/digits.json"; then
  pass
else
  fail "tiles are not taken, or the weights depend on them"
fi
# pack knows the measured tiles from the manifest alone, whatever line or file they were of
printf '%s\n' "fp16 0 * 64x32 2x2x1 5 1 2 wgmma" "fp16 0 * 16x32 1x1x4 3 4 1 mma" >"$tmp/mixed.tiles"
for precision in tf32 fp16 bf16; do
  for tiles in good mixed tight; do
    file=$tmp/$tiles.tiles
    [ $precision = tf32 ] && sed 's/^fp16/tf32/' "$file" >"$tmp/as_tf32" && file=$tmp/as_tf32
    gen "$digits.yaml" -t cuda --precision $precision --tiles "$file" -o "$tmp/with_tiles" --set seed=1 || fail "$tiles in $precision"
    gen "$digits.yaml" -w "$digits.safetensors" -t cuda --precision $precision --tiles "$file" -o "$tmp/packed" --set seed=1
    if quietly "$RESCAST" pack "$tmp/with_tiles" -w "$digits.safetensors" && diff -r "$tmp/packed" "$tmp/with_tiles" >"$tmp/output" \
      && grep -q ": measured" "$tmp/packed/digits.json"; then
      pass
    else
      fail "pack with tiles of $tiles in $precision: $(head -n 4 "$tmp/output")"
    fi
  done
done
sed 's/\("fp16 1 [^ ]*\) 16x32/\1 48x32/' "$tmp/tiles/digits.json" >"$tmp/output" && cp "$tmp/output" "$tmp/tiles/digits.json"
if "$RESCAST" pack "$tmp/tiles" -w "$digits.safetensors" 2>"$tmp/output"; then
  fail "a manifest's tile of 48 rows is taken"
elif grep -q "^rescast: $tmp/tiles (manifest).* no such tile" "$tmp/output" && [ "$(wc -l <"$tmp/output")" -eq 1 ]; then
  pass
else
  fail "a manifest's bad tile: $(cat "$tmp/output")"
fi

# ---- a program without a GPU ----
if quietly make -C "$tmp/digits" -j "$jobs" CC="$CC" CFLAGS="-O1 -Wall -Wextra -Werror" NVCC=; then pass; else fail "not compiled without nvcc"; fi
program=$tmp/digits/digits
if ldd "$program" 2>/dev/null | grep -qi 'cuda\|nvrtc'; then fail "linked with CUDA"; else pass; fi
if "$program" --device cuda:7 "$photo" >"$tmp/output" 2>&1; then
  echo "there is a GPU 7: left out"
else
  status=$?
  if [ $status -eq 1 ] && [ "$(wc -l <"$tmp/output")" -eq 1 ]; then pass; else fail "no GPU: $(cat "$tmp/output")"; fi
fi
# … and the test of its runs
if quietly $CC -std=gnu11 -Wall -Wextra -Werror -I"$RESCAST_SRCDIR/runtime/cuda" -o "$tmp/repeat" "$RESCAST_SRCDIR/tests/cuda_repeat.c" \
  "$RESCAST_SRCDIR/runtime/cuda/driver.c" "$RESCAST_SRCDIR/runtime/error.c" -pthread -ldl -lm; then pass; else fail "cuda_repeat"; fi
if CUDA_VISIBLE_DEVICES= "$tmp/repeat" "$tmp/digits/libdigits.so" 2 >"$tmp/output" 2>&1; then
  fail "cuda_repeat passes without a GPU"
elif grep -q "^load: " "$tmp/output"; then
  pass
else
  fail "cuda_repeat: $(cat "$tmp/output")"
fi
"$program" --device cpu --json "$photo" >"$tmp/on_cpu" 2>&1 || fail "the CPU"
CUDA_VISIBLE_DEVICES= "$program" --json "$photo" >"$tmp/on_auto" 2>&1 || fail "auto without a GPU"
if cmp -s "$tmp/on_cpu" "$tmp/on_auto"; then pass; else fail "auto is not the CPU"; fi
# … with the weights in the program: nothing else is needed where it runs
gen "$digits.yaml" -w "$digits.safetensors" -t cuda --embed -o "$tmp/embedded" || fail "embedded is not generated"
mkdir "$tmp/alone"
with_runtime "$tmp/embedded" -O1
if quietly make -C "$tmp/embedded" -j "$jobs" CC="$CC" CFLAGS=-O1 NVCC= && mv "$tmp/embedded/digits" "$tmp/alone" \
  && "$tmp/alone/digits" --device cpu --json "$photo" >"$tmp/on_embedded" && cmp -s "$tmp/on_cpu" "$tmp/on_embedded"; then
  pass
else
  fail "embedded weights"
fi
# … and by CMake, the library static and shared; with nvcc where it is
if command -v cmake >/dev/null 2>&1; then
  quietly make -C "$tmp/embedded" clean
  for flags in "-DSMS=90a" "-DBUILD_SHARED_LIBS=ON -DNVCC="; do
    for net in packed embedded; do
      rm -rf "$tmp/cmake"
      if quietly cmake -S "$tmp/$net" -B "$tmp/cmake" -DCMAKE_C_COMPILER="$CC" $flags \
        && quietly cmake --build "$tmp/cmake" -j "$jobs" \
        && "$tmp/cmake/digits" --device cpu --json "$photo" >"$tmp/by_cmake" && cmp -s "$tmp/on_cpu" "$tmp/by_cmake"; then
        pass
      else
        fail "$net, cmake $flags"
      fi
    done
  done
  # other weights become part of the program
  if quietly "$RESCAST" generate "$digits.yaml" -t cuda --set seed=2 -o "$tmp/other" \
    && cp "$tmp/other"/*.weights "$tmp/embedded" && quietly cmake --build "$tmp/cmake" \
    && "$tmp/cmake/digits" --device cpu --json "$photo" >"$tmp/by_cmake" && ! cmp -s "$tmp/on_cpu" "$tmp/by_cmake"; then
    pass
  else
    fail "cmake keeps the old weights"
  fi
else
  echo "no cmake: left out"
fi
# … and names of layers that are macros of the templates
cat >"$tmp/names.yaml" <<END
network: sequence
input-size: [2, 3, 3]
layers:
- {type: conv, name: BATCH, filters: 4, kernel-size: 3}
- {type: linear, name: require, features: 3}
END
gen "$tmp/names.yaml" -t cuda -o "$tmp/names" --set name=names || fail "names is not generated"
if CUDA_VISIBLE_DEVICES= quietly "$RESCAST" verify "$tmp/names" && grep -q 'c: 4 layers agree' "$tmp/output" \
  && grep -q 'cuda: skipped' "$tmp/output"; then
  pass
else
  fail "verify without a GPU: $(cat "$tmp/output")"
fi

# ---- compiled by nvcc and by NVRTC ----
# What no example has: groups of several sizes, dilation, asymmetric padding, all pools, norms and moves.
mkdir "$tmp/more"
cat >"$tmp/more/flat.yaml" <<END
network: sequence
input-size: [12, 19, 17]
layers:
- {type: conv, name: a, filters: 24, kernel-size: [3, 5], stride: [1, 2], dilation: [2, 1], padding: [[1, 2], [3, 0]], groups: 12}
- {type: prelu, name: b}
- {type: conv, name: c, filters: 48, kernel-size: 3, padding: same, groups: 2}
- {type: instance-norm, name: d}
- {type: relu, name: e}
- {type: max-pool, name: f, kernel-size: 3, stride: 2, padding: 1}
- {type: upsample, name: g, output-size: [11, 9], mode: linear}
- {type: average-pool, name: h, kernel-size: 2, stride: 1}
- {type: global-average-pool, name: i}
- {type: linear, name: j, features: 7}
- {type: softmax, name: k}
END
cat >"$tmp/more/deep.yaml" <<END
network: sequence
input-size: [3, 5, 9, 7]
layers:
- {type: conv, name: a, filters: 20, kernel-size: [1, 3, 2], stride: [1, 2, 1], padding: same}
- {type: instance-norm, name: b}
- {type: relu, name: c}
- {type: transposed-conv-3d, name: d, filter-size: [3, 5, 2], num-filters: 18, stride: [2, 3, 1], cropping: [[1, 0, 0], [0, 1, 1]]}
- {type: conv, name: e, filters: 18, kernel-size: 3, padding: same}
- {type: add, name: f, input: [d, e]}
END
# Pools, additions and activations of their own, on channels in eights; squeeze-and-excitation.
cat >"$tmp/more/wide.yaml" <<END
network: sequence
input-size: [3, 13, 11]
layers:
- {type: conv, name: a, filters: 24, kernel-size: 3, padding: same}
- {type: instance-norm, name: b}
- {type: max-pool, name: c, kernel-size: 3, stride: 2, padding: 1}
- {type: prelu, name: d}
- {type: average-pool, name: e, kernel-size: 3, stride: 1, padding: 1}
- {type: add, name: f, input: [e, d]}
- {type: batch-norm, name: g}
- {type: relu, name: h}
- {type: global-average-pool, name: i}
- {type: linear, name: j, features: 5}
- {type: relu, name: k}
- {type: linear, name: l, features: 24}
- {type: sigmoid, name: m}
- {type: multiply, name: n, input: [h, m]}
END
first_layers "$tmp/stems"
command -v nvcc >/dev/null 2>&1 || { echo "no nvcc: compiling the kernels is left out"; finish; exit; }
toolkit=$(cd "$(dirname "$(readlink -f "$(command -v nvcc)")")/.." && pwd)
for f in "$toolkit"/lib64/libnvrtc.so "$toolkit"/lib/libnvrtc.so; do
  [ -z "${RESCAST_NVRTC:-}" ] && [ -e "$f" ] && RESCAST_NVRTC=$f && export RESCAST_NVRTC
done
RESCAST_CACHE=$tmp/cache && export RESCAST_CACHE
runtime=$RESCAST_SRCDIR/runtime nvrtc=$tmp/nvrtc
quietly $CC -std=gnu11 -Wall -Wextra -I"$runtime/cuda" -o "$nvrtc" "$RESCAST_SRCDIR/tests/cuda_nvrtc.c" \
  "$runtime/cuda/compile.c" "$runtime/cuda/driver.c" "$runtime/hash.c" "$runtime/error.c" -pthread -ldl || fail "cuda_nvrtc"

# kernels NAME FILE.cu: kept for both compilers.
mkdir "$tmp/sources"
kernels () { cp "$2" "$tmp/sources/$1.cu"; }

# shallow NAME: options that make an example less deep, with the same kernels and less to generate; of two that differ in depth
# alone one is left out.
shallow () {
  case $1 in
    resnet34 | resnet101 | resnet152 | wide_resnet101_2 | resnet3d-101) return 1 ;; # resnet18's, resnet50's and so on
    resnext101_32x8d) blocks="--set groups=32 --set width-per-group=8" ;;
    resnext101_64x4d) blocks="--set groups=64 --set width-per-group=4" ;;
    wide_resnet50_2) blocks="--set width-per-group=128" ;;
    resnet3d-34 | resnet3d-50) echo "--set stack-depth=[2,2,2,2]"; return ;;
    *) return ;;
  esac
  echo "--set arch=null --set block=bottleneck --set layers=[2,2,2,2] $blocks"
}
for options in "$examples"/*/*.yaml "$tmp"/more/*.yaml; do
  name=$(basename "$options" .yaml)
  less=$(shallow "$name") || continue
  # shellcheck disable=SC2086
  gen "$options" -t cuda -o "$tmp/net" --set name=net $less || { fail "$name is not generated"; continue; }
  kernels "$name" "$tmp/net/net.cu"
  rm -rf "$tmp/net"
done
if grep -q '^net_cuda_squeeze5_' "$tmp/sources/wide.cu" && grep -q '^net_cuda_gate5_' "$tmp/sources/wide.cu" \
  && ! grep -q '^net_cuda_\(global_pool\|linear\|multiply\)' "$tmp/sources/wide.cu"
then pass; else fail "squeeze-and-excitation in other kernels"; fi
for precision in tf32 fp16 bf16; do
  kernels "digits_$precision" "$tmp/$precision/digits.cu"
  for options in "$tmp"/more/*.yaml; do
    name="$(basename "$options" .yaml)_$precision"
    gen "$options" -t cuda --precision $precision -o "$tmp/net" --set name=net || { fail "$name is not generated"; continue; }
    kernels "$name" "$tmp/net/net.cu"
    rm -rf "$tmp/net"
  done
done
for batch in 1 70; do
  for options in "$tmp"/stems/*.yaml; do
    name="$(basename "$options" .yaml)_batch_$batch"
    gen "$options" -t cuda --precision fp16 -o "$tmp/net" --set name=net --set batch=$batch || { fail "$name is not generated"; continue; }
    if grep -q "rows of the input as wgmma's factor" "$tmp/net/net.json" && ! grep -qv 'without -w the weights are random' "$tmp/output"; then pass; else fail "$name: another kernel"; fi
    kernels "$name" "$tmp/net/net.cu"
    rm -rf "$tmp/net"
  done
done
gen "$tmp/stems/pooled.yaml" -t cuda --precision bf16 -o "$tmp/net" --set name=net && kernels pooled_bf16 "$tmp/net/net.cu"

# United, since networks share most kernels: what several have alike is compiled once. By nvcc for all, without warnings and
# spills.
gencode=
for sm in 80 90a 120; do gencode="$gencode -gencode arch=compute_$sm,code=sm_$sm"; done
if quietly awk -v to="$tmp/united_" -f "$RESCAST_SRCDIR/tests/unite_cuda.awk" "$tmp"/sources/*.cu; then pass; else fail "a source lacks a definition"; fi
for united in "$tmp"/united_*.cu; do
  name=$(basename "$united" .cu)
  if quietly nvcc -O3 --std=c++17 -Werror all-warnings -Xptxas -v $gencode -fatbin -o "$tmp/net.fatbin" "$united"; then
    pass
  else
    fail "$name: nvcc"
  fi
  if [ "$(grep -c 'Compiling entry function' "$tmp/output")" -ge "$(grep -c '^extern "C" __global__' "$united")" ]; then pass; else fail "$name: some kernels are left out"; fi
  if grep -q ' [1-9][0-9]* bytes spill' "$tmp/output"; then fail "$name: registers are spilled: $(grep -B 2 ' [1-9][0-9]* bytes spill' "$tmp/output" | grep -o "'.*'" | head -3 | tr '\n' ' ')"; else pass; fi
  # no warnings, but notes: products that ptxas serialises
  if grep C75 "$tmp/output"; then fail "$name: ptxas interferes with wgmma"; else pass; fi
  if quietly "$nvrtc" "$united" 9 0; then pass; else fail "$name: NVRTC"; fi
done
for sm in "8 0" "12 0"; do
  if quietly "$nvrtc" "$tmp/digits/digits.cu" $sm; then pass; else fail "NVRTC for $sm"; fi
done

# ---- the cache: several at once, and a damaged file ----
rm -rf "$tmp/cache"
for i in 1 2 3 4; do
  "$nvrtc" "$tmp/digits/digits.cu" 9 0 >"$tmp/output.$i" 2>&1 || echo failed >>"$tmp/output.$i" &
done
wait
if [ "$(cat "$tmp"/output.?)" = "" ] && [ "$(ls "$tmp/cache" | wc -l)" -eq 1 ]; then pass; else fail "four at once: $(ls "$tmp/cache")"; fi
cached=$(echo "$tmp"/cache/*)
if RESCAST_NVRTC=/nowhere quietly "$nvrtc" "$tmp/digits/digits.cu" 9 0; then pass; else fail "the cache is not used"; fi
printf damaged | dd of="$cached" bs=1 seek=500 conv=notrunc 2>/dev/null
RESCAST_NVRTC=/nowhere "$nvrtc" "$tmp/digits/digits.cu" 9 0 >"$tmp/output" 2>&1 && fail "damaged code is taken"
if grep -q "no NVRTC" "$tmp/output"; then pass; else fail "without NVRTC: $(cat "$tmp/output")"; fi
if quietly "$nvrtc" "$tmp/digits/digits.cu" 9 0 && RESCAST_NVRTC=/nowhere quietly "$nvrtc" "$tmp/digits/digits.cu" 9 0; then
  pass
else
  fail "damaged code is not replaced"
fi

# ---- as part of the program, and the library in a program of the CUDA runtime's ----
if quietly make -C "$tmp/digits" -j "$jobs" CC="$CC" SMS="80 90a" && [ -f "$tmp/digits/digits.fatbin" ]; then pass; else fail "with nvcc"; fi
if quietly nvcc -std=c++17 -I"$tmp/digits" -o "$tmp/api" "$RESCAST_SRCDIR/tests/cuda_api.cu" "$tmp/digits/libdigits.a" -Xcompiler -pthread; then
  pass
else
  fail "cuda_api.cu"
fi
finish
