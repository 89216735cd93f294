#!/bin/sh
# The demo networks name every sample right: digit_D_?.png is a D, SOLID_?.npy a SOLID.
. "$(dirname "$0")/lib.sh"

for demo in digits volumes; do
  if ! build "$tmp/$demo" "$examples/$demo/$demo.yaml" -w "$examples/$demo/$demo.safetensors"; then
    fail "$demo is not generated"
    continue
  fi
  for sample in "$examples/$demo"/*_[a-z].*; do
    want=$(basename "$sample" | sed 's/^digit_//; s/_[a-z]\..*//')
    got=$("$tmp/$demo/$demo" -k 1 --json "$sample" | tr -d ' \n')
    case $got in
      *"\"label\":\"$want\""*) pass ;;
      *) fail "$(basename "$sample"): $got" ;;
    esac
  done
done
finish
