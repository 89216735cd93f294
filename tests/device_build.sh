# device.sh's first half: networks, generated, compiled and cut down to what another machine needs. FOLDER then holds
#   NAME, NAME_PRECISION   program, library and manifest; the file `case` says whose weights and input they get there
#   cases/NAME             weights.safetensors, input.npy, output.npy: once for all precisions
#   seeds                  cases that are made there too, since weights cannot be compressed: cases.py's seed and number
#   faults/                device_faults.sh's networks
#   rescast, npy_compare, cuda_repeat, lib/
runtime=$RESCAST_SRCDIR/runtime

# wanted NAME
wanted () { echo "$1" | grep -qE -- "${RESCAST_ONLY:-.}"; }

# compile PRECISION NAME OPTIONS CASE [GENERATE'S OPTIONS]: what does not depend on the precision is compiled once.
compile () {
  precision=$1 name=$2 options=$3 case=$4 dir=$folder/$2 objects=$tmp/objects/$2
  [ "$precision" = fp32 ] || dir=${dir}_$precision
  shift 4
  wanted "${dir##*/}" || return 0
  {
    "$RESCAST" generate "$options" -t cuda --precision "$precision" -o "$dir" "$@" && make_one "$dir" && keep_objects && cut_down
  } >"$dir.log" 2>&1 || echo "${dir##*/} is not built: $(tail -n 1 "$dir.log")" >>"$folder/failed"
}

# What the networks' programs would read besides .npy needs libraries.
make_one () {
  # The objects, and what make keeps of the flags that they were made with, which must be older than they are.
  if [ -d "$tmp/objects/runtime" ]; then cp -rp "$tmp/objects/runtime" "$tmp/objects/.compile" "$tmp/objects/.link" "$1"; fi
  if [ -d "$objects" ]; then cp "$objects"/*.o "$1"; fi
  make -C "$1" CC="$CC" SMS="${RESCAST_SMS:-80 90a 120}" PKG_CONFIG=false NIFTI_LIBS=
}

keep_objects () {
  [ -d "$tmp/objects/runtime" ] || { mkdir "$tmp/objects" && cp -rp "$dir/runtime" "$dir/.compile" "$dir/.link" "$tmp/objects"; }
  [ ! -d "$objects" ] || return 0
  mkdir "$objects" && cp "$dir"/*.o "$objects" && rm "$objects"/*_cuda*.o
}

cut_down () {
  program=$(basename "$dir"/*.weights .weights)
  echo "$case" >"$dir/case" && rm "$dir"/*.weights && strip "$dir/$program" "$dir/lib$program.so" || return 1
  case ${dir##*/} in
    digits) find "$dir" -name '*.[co]' -delete && rm "$dir"/*.cu "$dir"/*.fatbin "$dir/Makefile" ;; # for cuda_api.cu
    *) (cd "$dir" && rm -rf -- *.[acho] *.cu *.S *.pc *.fatbin CMakeLists.txt Makefile runtime) ;;
  esac
}

# all_precisions NAME …: in the background.
all_precisions () {
  for p in $precisions; do compile "$p" "$@"; done &
  started=$((started + 1))
  [ $((started % jobs)) -ne 0 ] || wait
}

# keep NAME WEIGHTS [INPUT [OUTPUT]]
keep () {
  mkdir -p "$folder/cases/$1" && cp "$2" "$folder/cases/$1/weights.safetensors"
  [ $# -lt 3 ] || cp "$3" "$folder/cases/$1/input.npy"
  [ $# -lt 4 ] || cp "$4" "$folder/cases/$1/output.npy"
}

# cases KEEP FOLDER…: each with options, weights, input and output; KEEP: carry the data.
cases () {
  carried=$1
  shift
  for case_dir; do
    name=$(basename "$case_dir")
    [ -f "$case_dir/weights.safetensors" ] && wanted "$name" || continue
    [ $carried = no ] || [ "$(stat -c %s "$case_dir/weights.safetensors")" -le "$limit" ] || continue
    [ $carried = no ] || keep "$name" "$case_dir/weights.safetensors" "$case_dir/input.npy" "$case_dir/output.npy"
    all_precisions "$name" "$case_dir/options.yaml" "$name" -w "$case_dir/weights.safetensors"
  done
}

# A program and the libraries that it needs, of which the other machine may have none.
carry () {
  cp "$1" "$folder/lib"
  ldd "$1" | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | grep -v '/lib\(c\|m\|dl\|pthread\|rt\|resolv\)\.so' | xargs -I{} cp -L {} "$folder/lib"
  printf '#!/bin/sh\nlib=$(dirname "$0")/lib\nexec env LD_LIBRARY_PATH="$lib" "$lib/%s" "$@"\n' "$(basename "$1")" >"$folder/$(basename "$1")"
  chmod +x "$folder/$(basename "$1")"
}

# Tiles of every kind that TMA moves, whatever the model thinks of them, on extents that they do not divide.
forced () {
  printf 'name: net\nnetwork: resnet\narch: resnet18\ninput-size: [72, 88]\nbatch: 3\nnum-classes: 10\n' >"$tmp/flat.yaml"
  printf 'name: net\nnetwork: resnet3d\ninput-size: [44, 36, 20, 2]\nbottleneck-type: none\nstack-depth: [1, 2]\nnum-filters: [64, 128]\nbatch: 2\nnum-classes: 70\n' >"$tmp/deep.yaml"
  while read -r name tile; do
    echo "fp16 0 * $tile" >"$tmp/$name.tiles"
    for options in flat deep; do
      compile fp16 "forced_${options}_$name" "$tmp/$options.yaml" seeded --tiles "$tmp/$name.tiles" &
      started=$((started + 1))
      [ $((started % jobs)) -ne 0 ] || wait
    done
  done <<END
t16 16x64 1x4x1 8 2 2 tma
t32 32x64 1x4x1 8 4 2 tma
t64 64x64 1x4x1 6 8 2 tma
t96 96x64 1x4x1 4 1 2 tma
t128 128x128 1x8x1 3 1 2 tma
t256 256x128 2x8x1 4 1 1 tma
tall 128x256 1x16x1 4 1 1 tma
h232 232x64 1x4x1 6 1 2 halo
h120 120x64 1x4x1 4 2 2 halo
h464 464x64 2x4x1 6 2 1 halo
h240 240x128 1x8x1 4 1 1 halo
h176 176x128 1x8x1 3 1 1 halo
END
}

# numbers NAME SIZE LAYERS: a network that gets NaN and infinities, a few in each sample, to be compared with the CPU. No kernel of
# it is one that spreads them (docs/numbers.md). NAME_every has all other layers too, for verify alone.
numbers () {
  printf 'name: net\nnetwork: sequence\nbatch: 2\ninput-size: %s\nlayers:\n%s\n' "$2" "$3" >"$tmp/$1.yaml"
  if quietly "$RESCAST" generate "$tmp/$1.yaml" -o "$tmp/$1" \
    && quietly python3 "$RESCAST_SRCDIR/tests/seeded_weights.py" "$tmp/$1/net.json" "$tmp/$1.safetensors" \
    && quietly python3 "$RESCAST_SRCDIR/tests/special_input.py" "$2" 2 "$tmp/$1.npy"; then
    keep "$1" "$tmp/$1.safetensors" "$tmp/$1.npy"
    all_precisions "$1" "$tmp/$1.yaml" "$1" -w "$tmp/$1.safetensors" --exact
  else
    fail "$1"
  fi
}

all_numbers () {
  pool='- {type: max-pool, kernel-size: 3, stride: 2, padding: 1}'
  flat="- {type: conv, name: a, filters: 24, kernel-size: 3, padding: 1}
- {type: relu, name: b}
$pool
- {type: conv, name: c, filters: 64, kernel-size: 3, padding: 1}
- {type: prelu, name: d}
- {type: conv, name: e, filters: 64, kernel-size: 3, padding: 1}
- {type: add, name: f, input: [e, d]}
- {type: relu, name: g}
- {type: max-pool, name: h, kernel-size: 2, stride: 1}
- {type: conv, name: i, filters: 128, kernel-size: 1}
- {type: relu, name: j}
- {type: batch-norm, name: k}
- {type: average-pool, name: l, kernel-size: 2, stride: 1, padding: 1}
- {type: upsample, name: m, scale: [1, 1.3], align-corners: false}
- {type: transposed-conv-2d, name: n, filter-size: 3, num-filters: 5, stride: 2}"
  numbers numbers_flat '[8, 29, 37]' "$flat"
  numbers numbers_stem '[3, 61, 75]' "- {type: conv, filters: 64, kernel-size: 4, stride: 2, padding: 1}
- {type: relu}"
  numbers numbers_pooled '[3, 61, 75]' "- {type: conv, filters: 72, kernel-size: 8, stride: 2, padding: 3}
- {type: relu}
$pool"
  numbers numbers_volumes '[2, 9, 31, 29]' "- {type: conv, filters: 64, kernel-size: [3, 4, 4], stride: [1, 2, 2], padding: 1}
- {type: relu}
$pool
- {type: conv, filters: 64, kernel-size: 3, padding: 1}
- {type: relu}
- {type: max-pool, kernel-size: 2}"
  printf 'name: net\nnetwork: sequence\nbatch: 2\ninput-size: [8, 29, 37]\nlayers:\n%s\n' "$flat
- {type: conv, filters: 48, kernel-size: 1}
- {type: conv, filters: 48, kernel-size: 3, groups: 4, padding: 1}
- {type: conv, filters: 48, kernel-size: 3, groups: 48, padding: 1}
- {type: instance-norm}
- {type: relu}
- {type: global-average-pool}
- {type: linear, features: 40}
- {type: softmax}" >"$tmp/numbers_every.yaml"
  all_precisions numbers_every "$tmp/numbers_every.yaml" seeded
}

build_all () {
  started=0
  mkdir -p "$folder/lib" && : >"$folder/failed" && : >"$folder/seeds"
  carry "$RESCAST" && carry "$compare"
  quietly $CC -O2 -std=gnu11 -I"$runtime/cuda" -o "$folder/cuda_repeat" "$RESCAST_SRCDIR/tests/cuda_repeat.c" \
    "$runtime/cuda/driver.c" "$runtime/error.c" -pthread -ldl -lm || fail "cuda_repeat"
  keep digits "$examples/digits/digits.safetensors"
  for p in $precisions; do compile "$p" digits "$examples/digits/digits.yaml" digits -w "$examples/digits/digits.safetensors"; done
  keep volumes "$examples/volumes/volumes.safetensors" "$examples/volumes/ball_a.npy"
  all_precisions volumes "$examples/volumes/volumes.yaml" volumes -w "$examples/volumes/volumes.safetensors"
  cases yes "$shared"/golden/*/ $(for c in ${RESCAST_CASES:-}; do echo "$c"/*/; done)
  for seed in ${RESCAST_SEEDS:-}; do
    quietly python3 "$shared/reference/cases.py" gen --seed "$seed" --n "$seed_cases" --out "$tmp/seed$seed" || fail "seed $seed"
    cp "$shared/reference/cases.py" "$folder" && echo "$seed $seed_cases" >>"$folder/seeds"
    cases no "$tmp/seed$seed"/*/
    wait
    rm -rf "$tmp/seed$seed"
  done
  # batches for which the tensor cores' tiles are large
  for arch in "resnet18 [96, 96] 24" "resnet50 [64, 64] 32" "resnext50_32x4d [64, 64] 8"; do
    name=tiles_${arch%% *} rest=${arch#* }
    printf 'name: net\nnetwork: resnet\narch: %s\ninput-size: %s\nbatch: %s\nnum-classes: 10\n' "${arch%% *}" "${rest% *}" "${rest##* }" >"$tmp/$name.yaml"
    all_precisions "$name" "$tmp/$name.yaml" seeded
  done
  first_layers "$tmp/stems"
  for options in "$tmp"/stems/*.yaml; do
    # the largest fills the GPU several times; in 3-D fewer do
    case $options in *deep*) many=24 ;; *) many=150 ;; esac
    for batch in 1 9 $many; do
      name=tiles_$(basename "$options" .yaml)_$batch
      { echo "batch: $batch" && cat "$options"; } >"$tmp/$name.yaml"
      all_precisions "$name" "$tmp/$name.yaml" seeded
    done
  done
  forced
  all_numbers
  for net in ${RESCAST_BENCH:-}; do all_precisions "bench_$net" "$examples/networks/$net.yaml" seeded; done
  python3 "$RESCAST_SRCDIR/tests/integers.py" "$tmp/integers"
  for case_dir in "$tmp"/integers/*/; do
    name=$(basename "$case_dir")
    wanted "$name" || continue
    keep "$name" "$case_dir/weights.safetensors" "$case_dir/input.npy"
    all_precisions "$name" "$case_dir/options.yaml" "$name" -w "$case_dir/weights.safetensors" --exact
  done
  wait
  case " ${RESCAST_PARTS:-faults} " in *" faults "*) build_faults ;; esac
  rm -f "$folder"/*.log
  while read -r line; do fail "$line"; done <"$folder/failed"
}
