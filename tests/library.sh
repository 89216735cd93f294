#!/bin/sh
# The library in a program with a parallel loop of its own: any number of shares gives the classifier's scores, whether
# they run at once or one after another. A damaged weights file is refused by both, and taken when that was asked for.
. "$(dirname "$0")/lib.sh"

dir=$tmp/volumes
build "$dir" "$examples/volumes/volumes.yaml" -w "$examples/volumes/volumes.safetensors" \
  || { fail "volumes is not built"; finish; exit; }
tail -c 13824 "$examples/volumes/cube_a.npy" >"$tmp/volume"
quietly "$dir/volumes" --output "$tmp/scores.npy" "$examples/volumes/cube_a.npy" || fail "the classifier"
tail -c 20 "$tmp/scores.npy" >"$tmp/scores"

# compiled NAME [FLAG...]
compiled () {
  name=$1
  shift
  quietly "$CC" "$@" -Wall -Wextra -Werror -I "$dir" -o "$tmp/$name" "$examples/library/parallel_for.c" \
    "$dir/libvolumes.a" -lm -pthread
}

programs=
if compiled serial; then programs=serial; else fail "the example does not compile"; fi
if echo 'int main (void) { return 0; }' | "$CC" -fopenmp -x c -o "$tmp/probe" - >/dev/null 2>&1; then
  if compiled openmp -fopenmp; then programs="$programs openmp"; else fail "the example does not compile with OpenMP"; fi
fi
for program in $programs; do
  for shares in 1 2 3 64 1000; do
    if quietly sh -c '"$1" "$2" "$3" "$4" >"$5"' - "$tmp/$program" "$dir/volumes.weights" "$tmp/volume" $shares "$tmp/out" \
      && cmp -s "$tmp/out" "$tmp/scores"; then
      pass
    else
      fail "$program, $shares shares: other scores than the classifier's"
    fi
  done
done

cp "$dir/volumes.weights" "$tmp/damaged"
printf '\377' | dd of="$tmp/damaged" bs=1 seek=4242 conv=notrunc 2>/dev/null
for refuses in "$dir/volumes --weights $tmp/damaged $examples/volumes/cube_a.npy" \
  "$tmp/serial $tmp/damaged $tmp/volume 3"; do
  if $refuses >"$tmp/out" 2>"$tmp/err"; then
    fail "$refuses: takes damaged weights"
  elif [ ! -s "$tmp/out" ] && grep -q "the weights are damaged" "$tmp/err"; then
    pass
  else
    fail "$refuses: $(cat "$tmp/err")"
  fi
done
if quietly "$dir/volumes" --no-check --weights "$tmp/damaged" "$examples/volumes/cube_a.npy"; then
  pass
else
  fail "--no-check"
fi
cp "$tmp/damaged" "$dir/volumes.weights"
if "$RESCAST" verify "$dir" >"$tmp/out" 2>&1; then
  fail "verify takes damaged weights"
elif grep -q "the weights are damaged" "$tmp/out"; then
  pass
else
  fail "verify: $(cat "$tmp/out")"
fi
finish
