#!/bin/sh
# The manifest's executed_macs of every family of kernels, beside the multiply-adds that the generated C counts while it runs: each
# "sum += input * weight" of the kernels is made to count its lanes. All numbers of output channels are multiples of 16, since lanes
# that pad a block are not counted.
. "$(dirname "$0")/lib.sh"

cat >"$tmp/main.c" <<END
#include "net.h"
#include <stdio.h>
static _Alignas (64) unsigned char arena[net_ARENA_BYTES];
static float input[net_INPUT_FLOATS], output[net_OUTPUT_FLOATS];
static struct net net;
long long multiply_adds;
int
main (void)
{
  struct rescast_weights w;
  if (net_weights_map (&w, "net.weights") || net_init (&net, &w, arena, sizeof arena, NULL) || net_run (&net, input, output))
    return 1;
  printf ("%lld\n", multiply_adds);
  return 0;
}
END

# counted DIR: the multiply-adds of one run.
counted () (
  cd "$1" || exit 1
  sed -i 's/+= \([^;,]*\) \* \(w[0-9]\|vload (q\)/+= COUNTED (\1) * \2/g' net_c_*.c
  sed -i '1i extern long long multiply_adds;\n#define COUNTED(input) (multiply_adds += VL, (input))' net_kernels.h
  [ -f "$tmp/runtime.a" ] || {
    for f in runtime/*.c; do quietly $CC -O1 -c "$f" -o "$f.o" || exit 1; done
    ar rc "$tmp/runtime.a" runtime/*.o
  }
  quietly $CC -I. net.c net_c_*.c "$tmp/main.c" "$tmp/runtime.a" -o net -lpthread -lm && ./net
)

# check NAME KERNEL SIZE OPTIONS LAYER...: the network uses the kernel, and both numbers are the same.
check () {
  dir=$tmp/$1 kernel=$2 size=$3 options=$4
  name=$1
  shift 4
  printf 'name: net\nnetwork: sequence\ninput-size: %s\nlayers:\n' "$size" >"$dir.yaml"
  for layer; do printf -- '- {%s}\n' "$layer" >>"$dir.yaml"; done
  # shellcheck disable=SC2086
  if ! quietly "$RESCAST" generate "$dir.yaml" -o "$dir" $options; then
    fail "$name is not generated"
    return
  fi
  grep -q "\"kernel\": \".*$kernel" "$dir/net.json" || fail "$name is not computed by $kernel"
  said=$(sed -n 's/.*"executed_macs": \([-+0-9.e]*\).*/\1/p' "$dir/net.json" | awk '{ s += $1 } END { printf "%.0f", s }')
  count=$(counted "$dir")
  if [ "$said" = "$count" ] && [ "$count" -gt 0 ]; then pass; else fail "$name: executed_macs $said, and $count are executed"; fi
  rm -rf "$dir"
}
conv="name: a, type: conv"
deconv="name: a, type: transposed-conv"
check direct conv3x3 "[32, 5, 9, 40]" "--exact" "$conv, filters: 32, kernel-size: 3, stride: 2, padding: 1"
check flat conv3x3 "[48, 7, 7]" "--exact" "$conv, filters: 32, kernel-size: 3, padding: 1"
check rows conv1x1 "[20, 6, 9]" "--exact" "$conv, filters: 32, kernel-size: 1"
check planes conv5x5 "[3, 21, 18]" "--exact" "$conv, filters: 32, kernel-size: 5, padding: 2"
check pooled maxpool "[3, 90, 31]" "--exact" "$conv, filters: 16, kernel-size: 5, stride: 1, padding: 2" \
  "name: b, type: max-pool, kernel-size: 3, stride: 2, padding: 1"
check pooled_3d maxpool "[3, 9, 40, 31]" "--exact" "$conv, filters: 16, kernel-size: 3, stride: 1, padding: 1" \
  "name: b, type: max-pool, kernel-size: 3, stride: 2, padding: 1"
check pool_apart maxpool "[3, 41, 31]" "--exact" "$conv, filters: 16, kernel-size: 3, stride: 1, padding: 1" \
  "name: b, type: max-pool, kernel-size: 2, stride: 3"
check grouped g8 "[32, 13, 11]" "" "$conv, filters: 32, kernel-size: 3, padding: 1, groups: 8"
check gathered g16 "[48, 13, 11]" "" "$conv, filters: 48, kernel-size: 3, padding: 1, groups: 16"
check gathered_3d g16 "[48, 3, 5, 6]" "" "$conv, filters: 48, kernel-size: 3, padding: 1, groups: 16"
check depthwise_row g32 "[32, 1, 11]" "" "$conv, filters: 32, kernel-size: 3, padding: 1, groups: 32"
check wide_groups g2 "[64, 13, 11]" "--exact" "$conv, filters: 64, kernel-size: 3, padding: 1, groups: 2"
check winograd2 winograd2x2 "[40, 2, 2]" "" "$conv, filters: 48, kernel-size: 3, padding: 1"
check winograd4 winograd4x4 "[40, 67, 59]" "" "$conv, filters: 32, kernel-size: 3, padding: 1"
check winograd_3d winograd "[24, 7, 30, 26]" "" "$conv, filters: 32, kernel-size: 3, padding: 1"
check stem stem5x5s2_winograd "[3, 150, 141]" "" "$conv, filters: 32, kernel-size: 5, stride: 2, padding: 2"
check stem_3d stem7x7x7s2_winograd "[2, 14, 58, 44]" "" "$conv, filters: 16, kernel-size: 7, stride: 2, padding: 3"
check stem_pooled stem7x7s2_winograd "[3, 204, 190]" "" "$conv, filters: 32, kernel-size: 7, stride: 2, padding: 3" \
  "name: b, type: max-pool, kernel-size: 3, stride: 2, padding: 1"
check stem_pool_apart stem7x7s2_winograd "[3, 104, 90]" "" "$conv, filters: 32, kernel-size: 7, stride: 2, padding: 3" \
  "name: b, type: max-pool, kernel-size: 2, stride: 5"
check strassen strassen "[512, 13, 13]" "" "$conv, filters: 512, kernel-size: 1"
check transposed deconv "[20, 5, 6, 7]" "--exact" "$deconv-3d, num-filters: 16, filter-size: 3, stride: 2"
check transposed_2d deconv "[20, 6, 7]" "--exact" "$deconv-2d, num-filters: 16, filter-size: 5, stride: 3, cropping: 1"
check transposed_winograd winograd "[24, 5, 13, 12]" "" \
  "$deconv-3d, num-filters: 32, filter-size: 4, stride: 2, cropping: 1"
check transposed_winograd_odd winograd "[24, 4, 23, 12]" "" \
  "$deconv-3d, num-filters: 32, filter-size: [3, 3, 3], stride: [2, 1, 1], cropping: 1"
check linear linear "[20, 3, 2]" "" "name: a, type: linear, features: 16"
check straight straight "[5, 6, 7]" "--unroll-budget max" "$conv, filters: 16, kernel-size: 3, padding: 1" \
  "name: b, type: conv, filters: 16, kernel-size: 3, stride: 2, padding: 1"
check straight_3d straight "[16, 3, 4, 4]" "--unroll-budget max" "$conv, filters: 16, kernel-size: 3, padding: 1"
check straight_groups straight "[32, 4, 4]" "--unroll-budget max" "$conv, filters: 64, kernel-size: 3, padding: 1, groups: 4"
check straight_groups_odd straight "[36, 4, 4]" "--unroll-budget max" "$conv, filters: 48, kernel-size: 3, padding: 1, groups: 3"
check straight_linear straight "[20, 3, 2]" "--unroll-budget max" "name: a, type: linear, features: 16"
check straight_pooled maxpool "[3, 50, 31]" "--unroll-budget max" "$conv, filters: 16, kernel-size: 3, padding: 1" \
  "name: b, type: max-pool, kernel-size: 3, stride: 2, padding: 1"
finish
