#!/bin/sh
# The same options and weights give the same bytes, wherever they lie and whatever the directory is called.
. "$(dirname "$0")/lib.sh"

mkdir "$tmp/elsewhere"
for demo in digits volumes; do
  cp -R "$examples/$demo" "$tmp/elsewhere/$demo"
  if quietly "$RESCAST" generate "$examples/$demo/$demo.yaml" -w "$examples/$demo/$demo.safetensors" -o "$tmp/a/$demo" \
    && (cd "$tmp/elsewhere/$demo" && quietly "$RESCAST" generate "$demo.yaml" -w "$demo.safetensors" -o "$tmp/b") \
    && quietly diff -r "$tmp/a/$demo" "$tmp/b"; then
    pass
  else
    fail "$demo: two runs differ"
  fi
  rm -rf "$tmp/b"
done

# Without weights: the initial values of a seed.
for i in 1 2; do
  quietly "$RESCAST" generate "$examples/volumes/volumes.yaml" --set seed=7 -o "$tmp/seed$i" || fail "seed 7, run $i"
done
if quietly diff -r "$tmp/seed1" "$tmp/seed2"; then pass; else fail "seed 7: two runs differ"; fi
quietly "$RESCAST" generate "$examples/volumes/volumes.yaml" --set seed=8 -o "$tmp/seed3" || fail "seed 8"
if cmp -s "$tmp/seed1/volumes.weights" "$tmp/seed3/volumes.weights"; then
  fail "seeds 7 and 8 give the same weights"
else
  pass
fi
finish
