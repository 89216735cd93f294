#!/bin/sh
# The life cycle of contexts, weights and pools (life_cycle.c, life_cycle_cuda.c), as C, as C++, and with sanitizers where the
# compilers have them; for GPUs with a driver that computes nothing, each of whose calls fails once.
. "$(dirname "$0")/lib.sh"
tests=$RESCAST_SRCDIR/tests dir=$tmp/digits digits=$examples/digits/digits stub=$tmp/libcuda.so.1

quietly "$RESCAST" generate "$digits.yaml" -w "$digits.safetensors" -t c,cuda --precision fp16 -o "$dir" \
  || { fail "digits is not generated"; finish; exit; }
quietly "$CC" -shared -fPIC -D_GNU_SOURCE -o "$stub" "$tests/cuda_stub.c" || fail "the stub"
LD_LIBRARY_PATH=$tmp${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} RESCAST_NVRTC=$stub RESCAST_CACHE=$tmp/cache
export LD_LIBRARY_PATH RESCAST_NVRTC RESCAST_CACHE
libdl=$(printf 'int main (void) { return 0; }' | $CC -xc - -ldl -o "$tmp/probe" 2>/dev/null && echo -ldl)

# runs COMMAND...: it compiles a program, in C or C++, that starts
runs () { echo 'int main () { return 0; }' >"$tmp/probe.c" && "$@" "$tmp/probe.c" -o "$tmp/probe" >/dev/null 2>&1 && "$tmp/probe"; }
# tested NAME COMMAND...: both programs, compiled by COMMAND, find nothing.
tested () {
  name=$1
  shift
  for test in life_cycle life_cycle_cuda; do
    if quietly "$@" -Wall -Wextra -Werror -I "$dir" -o "$tmp/$test" "$tests/$test.c" -x none "$dir/libdigits.a" -lm -pthread $libdl \
      && quietly "$tmp/$test" "$dir"; then
      pass
    else
      fail "$test, $name"
    fi
  done
}

quietly make -C "$dir" -j "$jobs" CC="$CC" CFLAGS=-O1 NVCC= libdigits.a || fail "the library"
tested C $CC -std=gnu11 -x c
if quietly "$tmp/life_cycle" "$dir" "'$RESCAST' generate '$digits.yaml' -t c,cuda --precision fp16 --set seed=2 -o '$dir'" \
  && quietly "$RESCAST" generate "$digits.yaml" -w "$digits.safetensors" -t c,cuda --precision fp16 -o "$dir"; then
  pass
else
  fail "generate does not replace the weights' file"
fi
quietly "$RESCAST" generate "$digits.yaml" -t c,cuda --precision fp16 --set seed=2 -o "$dir" || fail "other weights"
if quietly "$tmp/life_cycle" "$dir" "'$RESCAST' pack '$dir' -w '$digits.safetensors'"; then pass; else fail "pack does not replace the weights' file"; fi
for cxx in g++ clang++; do
  for standard in c++11 c++17 c++23; do
    runs $cxx -std=$standard -x c++ && tested "$cxx, $standard" $cxx -std=$standard -x c++
  done
done
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all -g"
if runs $CC $sanitize -x c; then
  quietly make -C "$dir" clean
  quietly make -C "$dir" -j "$jobs" CC="$CC" CFLAGS="-O1 $sanitize" NVCC= libdigits.a || fail "the library with sanitizers"
  # of address space that is refused
  ASAN_OPTIONS=allocator_may_return_null=1 && export ASAN_OPTIONS
  tested sanitizers $CC -std=gnu11 $sanitize -x c
else
  echo "no sanitizers: left out"
fi
finish
