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

for kind in options weights inputs; do
  mkdir "$tmp/$kind"
  if ! quietly "$RESCAST_BUILDDIR/tests/malformed_$kind" "$tmp/$kind"; then
    fail "malformed_$kind"
  fi
done

for f in "$tmp"/options/*; do
  refused "options/$(basename "$f")" "$RESCAST" generate "$f" -o "$tmp/out"
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
finish
