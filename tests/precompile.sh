#!/bin/sh
# What the tests would compile again for each of hundreds of networks is compiled here, once, by the first
# `make check`, into tests/precompiled.
#
# system.h: an empty file that every compiler reads first, by CPPFLAGS. In its place gcc takes the file of the folder system.h.gch
# that was precompiled with its own flags, if there is one: the system's headers that all kernels of a target include, which gcc
# needs longer for than for many a kernel. Objects are the same.
#
# -O1, -O2: a generated network's runtime/, sources and objects, and the files that keep the flags that made them.
. "$(dirname "$0")/lib.sh"

rm -rf "$precompiled"
mkdir -p "$precompiled/system.h.gch" || exit 1
cat >"$tmp/net.yaml" <<END
name: net
network: sequence
input-size: [1, 3, 3]
layers:
- {type: relu}
END

# precompile TARGET: with the flags that the generated Makefile gives to a kernel of the target.
precompile () {
  quietly "$RESCAST" generate "$tmp/net.yaml" -t "$1" -o "$tmp/$1" || return 1
  (
    cd "$tmp/$1" || exit 1
    kernel=$(ls "net_$1"_*.c | head -n 1)
    command=$(make -n CC="$CC" CPPFLAGS= "${kernel%.c}.o" | sed -n 's/ -xc -c -o .*//p')
    grep -h '^#include <.*\.h>' runtime/rescast.h net_kernels.h "net_$1.h" >system.h
    $command -xc-header -o "$precompiled/system.h.gch/$1" system.h
  ) >/dev/null 2>&1
}

: >"$precompiled/system.h"

for level in -O1 -O2; do
  quietly "$RESCAST" generate "$tmp/net.yaml" -t c -o "$tmp/net" \
    && quietly make -C "$tmp/net" -j "$jobs" CC="$CC" CPPFLAGS="-I$precompiled -include system.h" CFLAGS=$level || exit 1
  mkdir "$precompiled/$level" && mv "$tmp/net/runtime" "$tmp/net/.compile" "$tmp/net/.link" "$precompiled/$level" || exit 1
  rm -rf "$tmp/net"
done

# Afterwards, so that a source of the runtime that lacks a header is still found.
targets=c
[ "$(uname -m)" = x86_64 ] && targets="c avx2 avx512"
for target in $targets; do
  precompile $target || echo "precompile: nothing for $target" >&2
done
