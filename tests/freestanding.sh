#!/bin/sh
# The library for machines without a C library: what it leaves undefined, with every compiler that is here; programs with it on this
# machine, on RISC-V and with musl; examples/cortex-m on QEMU's boards, with the stack that docs/small-machines.md states.
. "$(dirname "$0")/lib.sh"
export RESCAST
image=$examples/embedding/three.pgm dir=$tmp/generated/digits
command -v nm >/dev/null || skip "there is no nm"
embed () { quietly "$RESCAST" generate "$examples/digits/digits.yaml" -w "$examples/digits/digits.safetensors" -o "$dir" --embed "$@"; }
embed || { fail "digits is not generated"; finish; exit; }

# undefined WHAT LIBRARY CC...: nothing but memcpy, memset and the compiler's own library
undefined () {
  what=$1 library=$2
  shift 2
  nm -g "$("$@" -print-libgcc-file-name)" 2>/dev/null | awk 'NF > 2 { print $3 }' | sort -u >"$tmp/libgcc"
  nm -g "$library" | awk 'NF == 2 && $1 == "U" { u[$2] } NF == 3 { d[$3] } END { for (s in u) if (!(s in d)) print s }' \
    | grep -vx -e memcpy -e memset | grep -vxF -f "$tmp/libgcc" >"$tmp/undefined"
  if [ -s "$tmp/undefined" ] || ! [ -s "$library" ]; then fail "$what leaves undefined: $(cat "$tmp/undefined")"; else pass; fi
}
library () { quietly make -C "$1" -j "$jobs" freestanding CC="$2" CFLAGS="$3"; }
# prints 3 COMMAND...
prints () {
  text=$1
  shift
  if "$@" >"$tmp/out" 2>"$tmp/err" && [ "$(tail -n 1 "$tmp/out")" = "$text" ]; then pass; else fail "$*: $(cat "$tmp/out" "$tmp/err")"; fi
}

# ---- programs with a C library ----
# program CC LINK RUNNER
program () {
  if library "$dir" "$1" "-O1 -Wall -Wextra -Werror"; then
    # shellcheck disable=SC2086
    undefined "$1" "$dir/libdigits_freestanding.a" $1
    # shellcheck disable=SC2086
    if quietly $1 $2 -O1 -fno-math-errno -Wall -Wextra -Werror -I "$dir" "$RESCAST_SRCDIR/tests/freestanding.c" \
      "$dir/libdigits_freestanding.a" -o "$tmp/program"; then
      # shellcheck disable=SC2086
      prints 3 $3 "$tmp/program" "$image"
    else
      fail "$1: no program"
    fi
  else
    fail "$1: no library"
  fi
}
program "$CC" "" ""
if command -v riscv64-linux-gnu-gcc >/dev/null && command -v qemu-riscv64 >/dev/null; then
  program riscv64-linux-gnu-gcc -static qemu-riscv64
else
  echo "RISC-V: left out, there is no riscv64-linux-gnu-gcc or no qemu-riscv64"
fi
if command -v musl-gcc >/dev/null; then program musl-gcc -static ""; else echo "musl: left out, there is no musl-gcc"; fi

# make clean; other goals keep what they made; a folder that has no target c
quietly make -C "$dir" clean
if [ -e "$dir/freestanding" ] || [ -e "$dir/libdigits_freestanding.a" ]; then fail "make clean leaves the library"; else pass; fi
cat >"$tmp/every.yaml" <<'END'
name: every
network: sequence
input-size: [8, 6, 6]
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, padding: 1}
- {type: layer-norm, name: b}
- {type: gelu, name: c}
- {type: group-norm, name: d, groups: 4}
- {type: sqrt, name: e}
- {type: max-pool, name: f, kernel-size: 3, stride: 2, padding: 1}
- {type: global-max-pool, name: g}
- {type: linear, name: h, features: 10}
- {type: softmax, name: i}
END
quietly "$RESCAST" generate "$tmp/every.yaml" -o "$tmp/every" -t c:bf16,avx2 || fail "every is not generated"
if library "$tmp/every" "$CC" "-O0 -Wall -Wextra -Werror"; then undefined "functions of <math.h>" "$tmp/every/libevery_freestanding.a" "$CC"; else
  fail "functions of <math.h>"; fi
quietly "$RESCAST" generate "$tmp/every.yaml" -o "$tmp/avx2/every" -t avx2 || fail "a network for avx2"
if ! make -C "$tmp/avx2/every" -s freestanding >"$tmp/out" 2>"$tmp/err" \
  && head -n 1 "$tmp/err" | grep -qx "every: make freestanding needs the target c.*"; then
  pass
else
  fail "a folder without the target c: $(cat "$tmp/out" "$tmp/err")"
fi

# ---- Cortex-M ----
if ! command -v arm-none-eabi-gcc >/dev/null; then
  echo "Cortex-M: left out, there is no arm-none-eabi-gcc: Debian's packages are gcc-arm-none-eabi and qemu-system-arm"
  finish
  exit
fi
for cpu in cortex-m0plus cortex-m4; do
  arm="arm-none-eabi-gcc -mthumb -mcpu=$cpu -mfloat-abi=soft"
  # shellcheck disable=SC2086
  if library "$tmp/every" "$arm" -O1; then undefined "$cpu without floating point" "$tmp/every/libevery_freestanding.a" $arm; else fail "$cpu"; fi
done

stated=$(sed -n 's/.*less than \([0-9]*\) bytes of stack.*/\1/p' "$RESCAST_SRCDIR/docs/small-machines.md")
# board CPU CLASS FOLDER IMAGE
board () {
  quietly make -s -j "$jobs" -C "$examples/cortex-m" NETWORK="$3" IMAGE="$4" CPU="$1" BUILD="$tmp/$1" || { fail "$3 for $1"; return; }
  undefined "$1" "$3/lib${3##*/}_freestanding.a" arm-none-eabi-gcc
  command -v qemu-system-arm >/dev/null || { echo "$1: not run, there is no qemu-system-arm: it is Debian's package of that name"; return; }
  prints "$2" timeout 60 make -s -C "$examples/cortex-m" NETWORK="$3" IMAGE="$4" CPU="$1" BUILD="$tmp/$1" run
  tr '\n' ',' <"$tmp/out" | sed "s|^|${3##*/} on $1: |; s|,\$|\n|; s|,|, |g"
  used=$(sed -n 's/ bytes of stack$//p' "$tmp/out")
  if [ "${used:-0}" -gt 500 ] && [ "$used" -lt "${stated:-0}" ]; then pass; else fail "$1: $used bytes of stack, not less than $stated"; fi
}
# the page's first commands
mkdir "$tmp/page" && ln -s "$examples" "$tmp/page/examples"
awk '/^    / { inside = 1; print substr ($0, 5); next } inside { exit }' "$RESCAST_SRCDIR/docs/small-machines.md" >"$tmp/page/block"
if command -v qemu-system-arm >/dev/null; then
  prints 3 sh -e -c 'cd "$1" && rescast () { "$RESCAST" "$@"; } && MAKEFLAGS="-s -j$2" && export MAKEFLAGS && . ./block' - "$tmp/page" "$jobs"
fi
board m4 3 "$dir" "$image"
board m55 3 "$dir" "$image"

models=$shared/models/mlperf-tiny-resnet8
if [ -e "$models/reference.npz" ]; then
  # The first of its images, in an archive that is not compressed: 32 x 32 x 3 bytes behind a header of 128.
  at=$(LC_ALL=C grep -abo NUMPY "$models/reference.npz" | head -n 1 | cut -d: -f1)
  { printf 'P6 32 32 255\n' && tail -c +$((at + 128)) "$models/reference.npz" | head -c 3072; } >"$tmp/cat.ppm"
  if quietly "$RESCAST" generate "$models/options.yaml" -w "$models/resnet8.safetensors" -o "$tmp/generated/resnet8" --embed; then
    board m7 3 "$tmp/generated/resnet8" "$tmp/cat.ppm"
  else
    fail "resnet8 is not generated"
  fi
else
  echo "resnet8: left out, there is no $models"
fi
# an image of another size
if command -v qemu-system-arm >/dev/null; then
  printf 'P5 8 7 255\n%056d' 0 >"$tmp/small.pgm"
  if make -s -C "$examples/cortex-m" NETWORK="$dir" IMAGE="$tmp/small.pgm" CPU=m4 BUILD="$tmp/small" run >"$tmp/out" 2>&1; then
    fail "an image of another size"
  elif grep -qx "a null pointer or a value out of range" "$tmp/out"; then pass; else fail "an image of another size: $(cat "$tmp/out")"; fi
fi
finish
