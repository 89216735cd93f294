#!/bin/sh
# digits built by other compilers, for other machines, with nothing but make CC=…: the scores agree with this machine's.
. "$(dirname "$0")/lib.sh"
digits=$examples/digits/digits
folder=$tmp/digits
sample=$tmp/sample.npy
build "$folder" "$digits.yaml" -w "$digits.safetensors" || fail "not built"
# These programs read no images: their inputs are arrays.
{
  printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1, 8, 8), }"
  i=0
  while [ $i -lt 128 ]; do
    printf "\\$(printf %03o $((i * i * 7 % 17)))"
    i=$((i + 1))
  done
} >"$sample"
"$folder/digits" --output "$tmp/here.npy" "$sample" >/dev/null || fail "not run"

# made COMPILER GOAL [VARIABLE=VALUE]: the folder built again, by another compiler than the last time, without a warning.
made () {
  compiler=$1
  shift
  quietly make -C "$folder" -j "$jobs" CC="$compiler" "$@" || { fail "$compiler does not build it"; return 1; }
  if grep -q 'warning:' "$tmp/output"; then
    grep -m 3 'warning:' "$tmp/output"
    fail "$compiler warns"
  fi
}

# agrees NAME COMMAND...: the program, run by COMMAND, gives the same scores.
agrees () {
  agrees_name=$1
  shift
  rm -f "$tmp/there.npy"
  if quietly timeout -s KILL 120 "$@" --output "$tmp/there.npy" "$sample" \
    && quietly "$compare" "$tmp/there.npy" "$tmp/here.npy" 1e-6; then pass; else fail "$agrees_name: the scores differ"; fi
}

# The emulator of i386 has no threads that can be relied on: one thread there, two elsewhere.
while read -r machine emulator threads; do
  if ! command -v "$machine-gcc" >/dev/null || ! command -v "qemu-$emulator" >/dev/null; then
    echo "$machine: left out, there is no $machine-gcc or no qemu-$emulator"
  elif made "$machine-gcc"; then
    agrees "$machine" "qemu-$emulator" -L "/usr/$machine" "$folder/digits" --threads "$threads"
    [ -e "$folder/libdigits.so" ] || fail "$machine: no shared library"
  fi
done <<END
i686-linux-gnu i386 1
s390x-linux-gnu s390x 2
arm-linux-gnueabihf arm 2
aarch64-linux-gnu aarch64 2
riscv64-linux-gnu riscv64 2
END

# Strict C, in which gcc computes floats as wider types there, is refused in words; the drivers of C++ compilers compile C.
for machine in i686-linux-gnu s390x-linux-gnu; do
  command -v $machine-gcc >/dev/null || continue
  for kernel in "$folder"/digits_c_conv*.c; do
    $machine-gcc -std=c11 -D_GNU_SOURCE -I "$folder" -c -o "$tmp/strict.o" "$kernel" 2>"$tmp/output"
    if grep -q 'use -std=gnu11' "$tmp/output"; then pass; else head -n 3 "$tmp/output"; fail "$machine: -std=c11"; fi
    break
  done
done
for compiler in g++ clang++; do
  if command -v $compiler >/dev/null && made $compiler CFLAGS=-O1; then agrees $compiler "$folder/digits"; fi
done

# static COMPILER: no shared library is asked for, and the program needs none.
static () {
  rm -f "$folder"/libdigits.*
  if ! made "$1" static; then
    return
  elif [ -e "$folder/libdigits.so" ] || ! [ -e "$folder/libdigits.a" ]; then
    fail "static by $1: $(echo "$folder"/libdigits.*)"
  elif LC_ALL=C readelf -l "$folder/digits" | grep -q INTERP; then
    fail "static by $1: the program needs an interpreter"
  else
    agrees "static by $1" "$folder/digits" --threads 2
  fi
}
if command -v musl-gcc >/dev/null; then static musl-gcc; else echo "musl: left out, there is no musl-gcc"; fi
if echo 'int main (void) { return 0; }' | $CC -static -xc - -o "$tmp/probe" 2>/dev/null; then static "$CC"; fi

# A compiler that cannot link shared libraries is no reason to fail; lib makes no program.
rm -f "$folder/digits" "$folder"/libdigits.*
made "$CC" LDFLAGS=-static && agrees "LDFLAGS=-static" "$folder/digits"
rm -f "$folder/digits" "$folder"/libdigits.*
if made "$CC" lib && [ -e "$folder/libdigits.a" ] && [ -e "$folder/libdigits.so" ] && ! [ -e "$folder/digits" ]; then
  pass
else
  fail "make lib"
fi

windows=x86_64-w64-mingw32-gcc
if ! command -v $windows >/dev/null; then
  echo "Windows: left out, there is no $windows"
elif made $windows; then
  if [ -e "$folder/digits.exe" ] && [ -e "$folder/libdigits.dll" ]; then pass; else fail "Windows: no program or no library"; fi
fi

made "$CC" && agrees "this machine again" "$folder/digits"
quietly make -C "$folder" clean
left=$(cd "$folder" && find . -name '*.o' -o -name '.compile' -o -name '.link' -o -name '.probe*' -o -name 'libdigits.*')
if [ -z "$left" ]; then pass; else fail "clean leaves $left"; fi
finish
