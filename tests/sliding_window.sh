#!/bin/sh
# Volumes by windows: programs and libraries beside a reference in double (sliding_window.c), on any number of threads; the memory
# that they take; what is refused; the commands and the program of docs/large-volumes.md.
. "$(dirname "$0")/lib.sh"

cat >"$tmp/flat.yaml" <<'END'
network: sequence
name: flat
input-size: [3, 24, 40]
scale: 255
mean: [0.4, 0.5, 0.6]
std: [0.2, 0.3, 0.25]
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, stride: 2, padding: 1}
- {type: relu, name: b}
- {type: upsample, name: c, scale: 2}
- {type: conv, name: d, filters: 4, kernel-size: 3, padding: 1}
END
cat >"$tmp/up.yaml" <<'END'
network: sequence
name: up
input-size: [2, 20, 12]
batch: 3
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, padding: 1}
- {type: transposed-conv-2d, name: b, filter-size: 2, num-filters: 3, stride: [2, 2]}
END
cat >"$tmp/down.yaml" <<'END'
network: sequence
name: down
input-size: [1, 8, 16, 16]
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, stride: [1, 2, 2], padding: 1}
- {type: relu, name: b}
- {type: conv, name: c, filters: 5, kernel-size: 3, stride: [2, 1, 1], padding: 1}
END

# network NAME OPTIONS...: generated, made, and its reference beside it
network () {
  name=$1
  shift
  if quietly "$RESCAST" generate "$@" -o "$tmp/$name" -t c && with_runtime "$tmp/$name" -O1 \
    && quietly make -C "$tmp/$name" -j "$jobs" CC="$CC" CFLAGS=-O1 "$name" \
    && quietly "$CC" -O1 -std=gnu11 -Wall -Wextra -Werror -I "$tmp/$name" -DNAME="$name" -include "$tmp/$name/$name.h" \
      "$RESCAST_SRCDIR/tests/sliding_window.c" "$tmp/$name/lib$name.a" -pthread -lm -o "$tmp/$name/reference"; then
    pass
  else
    fail "$name is not built"
  fi
}
# windows NAME D H W OVERLAP BLEND MIRROR
windows () {
  net=$tmp/$1 name=$1
  shift
  [ -x "$net/reference" ] || return
  channels=$(sed -n "s/#define ${name}_INPUT_SHAPE { [0-9]*, \([0-9]*\),.*/\1/p" "$net/$name.h")
  shape=$channels,$1,$2,$3
  grep -q 'input_rank = 2' "$net/$name.c" && shape=$channels,$2,$3
  mirror=
  [ "$6" = 0 ] || mirror=--mirror
  quietly "$net/reference" volume "$tmp/volume" "$1" "$2" "$3" || fail "$name: no volume"
  for threads in 1 2 3; do
    quietly "$net/$name" --sliding-window --overlap "$4" --blend "$5" $mirror --threads $threads --shape "$shape" --type f32 \
      --output "$tmp/result$threads.npy" "$tmp/volume" || fail "$name $*: not run on $threads threads"
  done
  if cmp -s "$tmp/result1.npy" "$tmp/result2.npy" && cmp -s "$tmp/result1.npy" "$tmp/result3.npy"; then
    pass
  else
    fail "$name $*: results depend on the number of threads"
  fi
  if quietly "$net/reference" compare "$net/$name.weights" "$tmp/volume" "$@" "$tmp/result1.npy"; then pass; else fail "$name $*"; fi
}

network flat "$tmp/flat.yaml"
windows flat 1 61 97 0.25 constant 0
windows flat 1 24 203 0.5 gaussian 0
windows flat 1 13 41 0.7 gaussian 1
network up "$tmp/up.yaml"
windows up 1 45 31 0.25 gaussian 0
windows up 1 7 29 0.9 constant 1
network down "$tmp/down.yaml"
windows down 19 37 41 0.25 gaussian 1
windows down 5 16 50 0.5 constant 0
network digits "$examples/digits/digits.yaml" -w "$examples/digits/digits.safetensors"
windows digits 1 29 23 0.25 constant 0
windows digits 1 5 19 0.6 gaussian 1
network volumes "$examples/volumes/volumes.yaml" -w "$examples/volumes/volumes.safetensors"
windows volumes 41 37 29 0.5 constant 1
windows volumes 24 24 24 0.25 constant 0

# A volume that is one window gives what a run gives; so do files of all kinds, the values being the same.
volumes=$tmp/volumes/volumes
quietly "$volumes" --output "$tmp/a.npy" "$examples/volumes/cube_a.npy" || fail "volumes"
quietly "$volumes" --sliding-window 24 --output "$tmp/b.npy" "$examples/volumes/cube_a.npy" || fail "volumes by windows"
quietly "$volumes" --sliding-window=24x24x24 --output "$tmp/c.npy" "$examples/volumes/cube_a.npy" || fail "volumes by windows"
if cmp -s "$tmp/a.npy" "$tmp/b.npy" && cmp -s "$tmp/a.npy" "$tmp/c.npy"; then pass; else fail "a volume that is one window"; fi
digit=$examples/digits/digit_3_a.png
if quietly "$tmp/digits/digits" --output "$tmp/a.npy" "$digit" && quietly "$tmp/digits/digits" --sliding-window --output "$tmp/b.npy" "$digit"; then
  if cmp -s "$tmp/a.npy" "$tmp/b.npy"; then pass; else fail "an image that is one window"; fi
fi
# Bytes as they lie, and numbers that are read first: of the other order of bytes.
tail -c 13824 "$examples/volumes/cube_a.npy" >"$tmp/bytes"
od -An -v -tu1 -w1 "$tmp/bytes" 2>/dev/null | awk '{ printf "\\0\\%03o", $1 }' >"$tmp/octal"
# shellcheck disable=SC2059
printf "$(cat "$tmp/octal")" >"$tmp/words"
if [ "$(wc -c <"$tmp/words")" = 27648 ]; then
  cat "$tmp/bytes" "$tmp/bytes" >"$tmp/bytes2"
  cat "$tmp/words" "$tmp/words" >"$tmp/words2"
  quietly "$volumes" --sliding-window --shape 1,48,24,24 --type u8 --output "$tmp/a.npy" "$tmp/bytes2" || fail "bytes"
  quietly "$volumes" --sliding-window --shape 1,48,24,24 --type u16be --output "$tmp/b.npy" "$tmp/words2" || fail "words"
  if cmp -s "$tmp/a.npy" "$tmp/b.npy"; then pass; else fail "bytes and words give unlike results"; fi
fi

# ---- memory: the output, the sums, and for each of two threads an arena and a window's result; the volume is not in it ----
flat=$tmp/flat/flat
head -c 7200000 /dev/zero >"$tmp/large"
output=$(((4 * 4 + 4) * 1200 * 2000))
limit=$(((output + 12 * 1048576) / 1024))
limited () { (ulimit -s 1024 && ulimit -d $limit && exec "$@" >"$tmp/out" 2>"$tmp/err"); }
if (ulimit -s 1024 && ulimit -d 100000) 2>/dev/null; then
  large="--sliding-window --threads 2 --shape 3,1200,2000"
  # shellcheck disable=SC2086
  if limited "$flat" $large --type u8 "$tmp/large"; then pass; else fail "more than $limit KiB for an output of $output bytes: $(cat "$tmp/err")"; fi
  # A volume that has to be read first is not within the limit: so there is one.
  cat "$tmp/large" "$tmp/large" >"$tmp/larger"
  # shellcheck disable=SC2086
  if limited "$flat" $large --type u16be "$tmp/larger"; then
    echo "the system does not limit data: the memory is not looked at"
  else
    pass
  fi
fi

head -c $((3 * 61 * 97)) /dev/zero >"$tmp/wide"

# ---- what is refused: one line, and the status ----
# refuses STATUS TEXT COMMAND...
refuses () {
  status=$1 text=$2
  shift 2
  "$@" >"$tmp/out" 2>"$tmp/err"
  if [ $? -eq "$status" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -qF -- "$text" "$tmp/err"; then
    pass
  else
    fail "$*: $(cat "$tmp/err")"
  fi
}
cube=$examples/volumes/cube_a.npy
refuses 2 "SIZE of this network is 24x24x24, not '32'" "$volumes" --sliding-window 32 "$cube"
refuses 2 "SIZE of this network is 24x40, not '24'" "$flat" --sliding-window=24 "$cube"
for overlap in 1 -0.1 nan 0.5x "" 1e9; do
  refuses 2 "--overlap takes a number from 0 to less than 1, not '$overlap'" "$volumes" --sliding-window --overlap "$overlap" "$cube"
done
refuses 2 "--blend takes constant or gaussian, not 'cosine'" "$volumes" --sliding-window --blend cosine "$cube"
refuses 2 "go with --sliding-window" "$volumes" --mirror "$cube"
refuses 2 "do not go with --sliding-window" "$volumes" --sliding-window --bench 3 "$cube"
refuses 1 "the network takes (3, H, W), or (N, 3, H, W)" "$flat" --sliding-window "$cube"
# bytes FILE SHAPE: an array of zeros
bytes () {
  printf '\223NUMPY\001\000v\000%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': ($2), }" >"$1"
  head -c "$(($(echo "$2" | sed 's/,/*/g')))" /dev/zero >>"$1"
}
bytes "$tmp/a.npy" 3,30,50
bytes "$tmp/b.npy" 3,30,51
refuses 1 "--output takes those of one shape" "$flat" --sliding-window --output "$tmp/no.npy" "$tmp/a.npy" "$tmp/b.npy"
[ ! -e "$tmp/no.npy" ] || fail "an output of inputs that are refused"
head -c 1 /dev/zero >"$tmp/one"
refuses 1 "too small for a voxel of the output" "$tmp/down/down" --sliding-window --shape 1,1,1,1 --type u8 "$tmp/one"
refuses 1 "the network takes (1, D, H, W)" "$volumes" --sliding-window --shape 2,30,30,30 --type u8 "$tmp/bytes"
if quietly "$RESCAST" generate "$examples/networks/bottleneck3d-down.yaml" -o "$tmp/odd" -t c \
  && quietly make -C "$tmp/odd" -j "$jobs" CC="$CC" CFLAGS=-O0; then
  refuses 1 "times or over whole numbers" "$tmp/odd/bottleneck3d_down" --sliding-window "$cube"
  if [ ! -e "$tmp/odd/runtime/windows.c" ] && [ ! -e "$tmp/odd/bottleneck3d_down_windows.c" ]; then pass; else fail "code that nothing calls"; fi
else
  fail "bottleneck3d-down is not built"
fi

# ---- a GPU, with a driver that computes nothing ----
stub=$tmp/libcuda.so.1
if quietly "$CC" -shared -fPIC -D_GNU_SOURCE -o "$stub" "$RESCAST_SRCDIR/tests/cuda_stub.c" \
  && quietly "$RESCAST" generate "$tmp/flat.yaml" -t c,cuda -o "$tmp/gpu" && quietly make -C "$tmp/gpu" -j "$jobs" CC="$CC" CFLAGS=-O0 NVCC= flat; then
  if LD_LIBRARY_PATH=$tmp${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} RESCAST_NVRTC=$stub RESCAST_CACHE=$tmp/cache quietly "$tmp/gpu/flat" --device cuda \
    --sliding-window --mirror --shape 3,61,97 --type u8 --output "$tmp/gpu.npy" "$tmp/wide" && head -c 128 "$tmp/gpu.npy" | grep -qF "(1, 4, 61, 97)"; then
    pass
  else
    fail "windows on a GPU"
  fi
else
  fail "the network for GPUs is not built"
fi

# ---- docs/large-volumes.md: its commands, block by block, and its program ----
page=$tmp/page document=$RESCAST_SRCDIR/docs/large-volumes.md
mkdir "$page" "$page/bin" && ln -s "$examples" "$page" && ln -s "$RESCAST" "$page/bin/rescast"
awk -v to="$page/block" '/^    / && !program { if (!inside) n++; inside = 1; print substr ($0, 5) >to n; next }
  { inside = 0 }
  /^```/ { program = /c$/; next }
  program { print >to ".c" }' "$document"
for block in 1 2; do
  if (cd "$page" && export CC="$CC" CFLAGS=-O1 MAKEFLAGS="-j$jobs" PATH="$page/bin:$PATH" && sh -e "block$block") >"$tmp/out" 2>"$tmp/err"; then
    pass
  else
    fail "large-volumes.md: $(cat "$page/block$block"): $(tail -n 5 "$tmp/out" "$tmp/err")"
  fi
done
if head -c 128 "$page/map.npy" 2>/dev/null | grep -qF "(1, 16, 64, 32, 128)"; then pass; else fail "large-volumes.md: another shape of the map"; fi
if quietly "$CC" -O1 -std=gnu11 -Wall -Wextra -Werror -I "$page/out/volumes" "$page/block.c" "$page/out/volumes/libvolumes.a" -pthread -lm \
  -o "$page/program" && (cd "$page" && ./program) >"$tmp/out" 2>&1 && [ "$(wc -l <"$tmp/out")" = 5 ]; then
  pass
else
  fail "large-volumes.md: its program: $(cat "$tmp/out")"
fi
finish
