#!/bin/sh
# Generated code compiles without a warning, with gcc and with clang.
. "$(dirname "$0")/lib.sh"

case $(uname -m) in
  x86_64) targets="-t c,avx2,avx512" ;;
  *) targets= ;;
esac
for demo in digits volumes; do
  quietly "$RESCAST" generate "$examples/$demo/$demo.yaml" -w "$examples/$demo/$demo.safetensors" $targets -o "$tmp/$demo" \
    || fail "$demo is not generated"
done
for cc in gcc clang; do
  if ! command -v $cc >/dev/null 2>&1; then
    echo "$cc is not installed: left out"
    continue
  fi
  for demo in digits volumes; do
    quietly make -C "$tmp/$demo" clean
    if quietly make -C "$tmp/$demo" -j "$jobs" CC=$cc CFLAGS="-O2 -Wall -Wextra -Werror"; then
      pass
    else
      fail "$demo with $cc"
    fi
  done
done
finish
