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
cat >"$tmp/groups.yaml" <<END
network: sequence
input-size: [64, 9, 9]
layers:
- {type: conv, filters: 64, kernel-size: 3, padding: same, groups: 64}
- {type: conv, filters: 64, kernel-size: 3, padding: same, groups: 32}
- {type: conv, filters: 64, kernel-size: 3, padding: same, groups: 16}
- {type: conv, filters: 64, kernel-size: 3, padding: same, groups: 8}
- {type: conv, filters: 160, kernel-size: 3, padding: same, groups: 32}
END
quietly "$RESCAST" generate "$tmp/groups.yaml" $targets -o "$tmp/groups" || fail "groups are not generated"
cat >"$tmp/stems.yaml" <<END
network: sequence
input-size: [3, 9, 32, 32]
layers:
- {type: conv, name: cube, filters: 40, kernel-size: 7, stride: 2, padding: same}
- {type: conv, name: flat, input: input, filters: 16, kernel-size: [1, 7, 7], stride: 2, padding: same}
- {type: conv, name: mixed, input: input, filters: 64, kernel-size: [3, 6, 6], stride: [1, 2, 2], padding: same}
END
quietly "$RESCAST" generate "$tmp/stems.yaml" $targets -o "$tmp/stems" || fail "stems are not generated"
cat >"$tmp/transposed.yaml" <<END
network: sequence
input-size: [20, 4, 5, 6]
layers:
- {type: transposed-conv-3d, filter-size: [11, 8, 3], num-filters: 16, stride: [4, 5, 2], cropping: [[1, 2, 0], [3, 0, 1]]}
- {type: transposed-conv-3d, filter-size: 2, num-filters: 16, stride: 2}
END
quietly "$RESCAST" generate "$tmp/transposed.yaml" $targets -o "$tmp/transposed" || fail "transposed is not generated"
for cc in gcc clang; do
  if ! command -v $cc >/dev/null 2>&1; then
    echo "$cc is not installed: left out"
    continue
  fi
  for demo in digits volumes groups stems transposed; do
    quietly make -C "$tmp/$demo" clean
    # All have the same runtime.
    objects=
    [ "$demo" = digits ] || objects=$(cd "$tmp/$demo" && ls *.c | sed 's/c$/o/')
    # shellcheck disable=SC2086
    if quietly make -C "$tmp/$demo" -j "$jobs" CC=$cc CFLAGS="-O2 -Wall -Wextra -Werror" $objects; then
      pass
    else
      fail "$demo with $cc"
    fi
  done
done
finish
