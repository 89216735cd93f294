#!/bin/sh
# Every options file in examples/networks is generated, compiled and run, on random weights and a random input; every
# output is finite. Large 3-D inputs are cut down, which leaves all options as they are.
#   SANITIZE=1: compiled with the address and undefined-behaviour sanitizers.
. "$(dirname "$0")/lib.sh"

flags="-O1"
[ -n "${SANITIZE:-}" ] && flags="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover"

# What is changed of an example so that it takes seconds; those that have the same layers keep the same shapes.
smaller () {
  case $1 in
    *resnet3d*) echo "--set input-size=[64,64,32,3]" ;;
    *resnet2d*) echo "--set input-size=[64,64,3]" ;;
    *resnext* | *wide* | *resnet1[05]* | *resnet50) echo "--set input-size=[3,64,64]" ;;
  esac
}

# All networks have one name, and so have kernels that compute the same: their objects are compiled once.
objects=$tmp/objects
mkdir "$objects"
take_objects () {
  cmp -s "$objects/net_c.h" "$1/net_c.h" || return 0
  for kernel in "$objects"/net_c_*.c; do
    same=$1/${kernel##*/}
    if cmp -s "$kernel" "$same"; then cp "${kernel%.c}.o" "${same%.c}.o"; fi
  done
}
keep_objects () { cp "$1"/net_c.h "$1"/net_c_*.[co] "$objects"; }

for options in "$examples"/networks/*.yaml; do
  case $options in
    *cifar10*) [ -n "${SANITIZE:-}" ] || continue ;; # run with its trained weights in models.sh
  esac
  name=$(basename "$options" .yaml)
  dir=$tmp/$name
  if ! quietly "$RESCAST" generate "$options" $(smaller "$name") --set name=net -o "$dir"; then
    fail "$name is not generated"
    continue
  fi
  with_runtime "$dir" "$flags"
  take_objects "$dir"
  if quietly make -C "$dir" -j "$jobs" CC="$CC" CFLAGS="$flags" net && keep_objects "$dir" \
    && "$dir/net" --bench 1 --profile --json >"$tmp/json" 2>"$tmp/err" && grep -q '"layers"' "$tmp/json"; then
    pass
  else
    fail "$name: $(head -n 1 "$tmp/err")"
  fi
  rm -rf "$dir"
done
finish
