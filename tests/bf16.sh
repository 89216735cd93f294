#!/bin/sh
# bf16 on CPUs: a folder whose targets compute in several precisions, and how near its networks are to fp32's.
# RESCAST_BF16=all: every golden case and ResNet-20 too, on all targets of this machine and with AMX's tiles in software.
. "$(dirname "$0")/lib.sh"
digits=$examples/digits/digits
widened=c amx=
if [ "$(uname -m)" = x86_64 ]; then
  widened=avx2
  "$CC" -E -xc -mamx-bf16 -mavx512bf16 /dev/null >/dev/null 2>&1 && grep -q avx512_bf16 /proc/cpuinfo 2>/dev/null && amx=amx
fi

# A network of small integers, which bf16 has all of: six terms of a sum, then eight, and their largest.
integers=$tmp/integers.yaml
cat >"$integers" <<END
network: sequence
name: integers
input-size: [4, 9, 11]
layers:
- {type: conv, name: a, filters: 40, kernel-size: 3, padding: 1, bias: false}
- {type: relu, name: r}
- {type: conv, name: b, filters: 36, kernel-size: 3, stride: 2, padding: 1, bias: false}
- {type: max-pool, name: p, kernel-size: 2, stride: 1}
END
# floats COUNT EVERY: 1, -1, 1, … at each EVERY-th place of COUNT floats, 0 elsewhere.
floats () {
  printf '%b' "$(awk -v n="$1" -v every="$2" 'BEGIN {
    for (i = 0; i < n; i++) printf "%s", i % every ? "\\000\\000\\000\\000" : i / every % 3 ? "\\000\\000\\200\\077" : "\\000\\000\\200\\277" }')"
}
# 40 x 4 x 3 x 3 floats, then 36 x 40 x 3 x 3; the header in eight bytes more than its length.
header='{"a.weight":{"dtype":"F32","shape":[40,4,3,3],"data_offsets":[0,5760]},"b.weight":{"dtype":"F32","shape":[36,40,3,3],"data_offsets":[5760,57600]}}'
{
  printf '%b' "\\$(printf %o ${#header})\\0\\0\\0\\0\\0\\0\\0"
  printf %s "$header"
  floats 1440 7
  floats 12960 47
} >"$tmp/integers.safetensors"
printf '%b' "$(awk 'BEGIN { for (i = 0; i < 396; i++) printf "\\00%d", i * i % 7 }')" >"$tmp/integers.raw"
# integers_of NET TARGET: the output of a network of integers into NET/TARGET.npy.
integers_of () { quietly "$1/integers" --target "$2" --shape 4,9,11 --type u8 --output "$1/$2.npy" "$tmp/integers.raw"; }

if build "$tmp/exact" "$integers" -w "$tmp/integers.safetensors" && integers_of "$tmp/exact" c; then pass; else fail "integers in fp32"; fi
targets=c${amx:+,amx,avx512bf16}
if build "$tmp/rounded" "$integers" -w "$tmp/integers.safetensors" -t "$targets" --precision bf16; then pass; else fail "integers in bf16"; fi
for target in c ${amx:+avx512bf16}; do
  if integers_of "$tmp/rounded" $target && quietly "$compare" "$tmp/rounded/$target.npy" "$tmp/exact/c.npy" 0; then
    pass
  else
    fail "integers on $target"
  fi
done
# Tiles in software: other kernels, and a runtime that has them.
# software_tiles NET: make NET, so that its target amx runs on every machine with avx512bf16.
software_tiles () {
  for edit in 's/^rescast_cpu_has_amx (void)/& { return 1; } int asked (void)/ runtime/cpu.c' 's/^FLAGS_amx = /&-DSOFTWARE_TILES / Makefile'; do
    sed "${edit% *}" "$1/${edit##* }" >"$1/edited" && mv "$1/edited" "$1/${edit##* }" || return 1
  done
  rm -f "$1"/*_amx_*.o && quietly make -C "$1" -j "$jobs" CC="$CC" "$(basename "$1"/*.weights .weights)"
}
if [ "$amx" ]; then
  if software_tiles "$tmp/rounded" && integers_of "$tmp/rounded" amx && quietly "$compare" "$tmp/rounded/amx.npy" "$tmp/exact/c.npy" 0; then
    pass
  else
    fail "integers on tiles in software"
  fi
fi

# Two precisions in one folder, and the weights of both in one file.
mixed=$tmp/mixed
list=c:bf16
[ $widened = c ] || list=$widened,c:bf16
gen () { quietly "$RESCAST" generate "$digits.yaml" -w "$digits.safetensors" "$@"; }
if build "$mixed" "$digits.yaml" -w "$digits.safetensors" -t $list; then pass; else fail "not generated"; fi
cp -r "$mixed" "$tmp/repacked"
if quietly "$RESCAST" pack "$tmp/repacked" -w "$digits.safetensors" && diff -r "$mixed" "$tmp/repacked"; then pass; else fail "pack changes the folder"; fi
for target in $widened c; do
  if quietly "$mixed/digits" --target $target --output "$tmp/$target.npy" --tensor "fc=$tmp/fc_$target.npy" "${digits%/*}"/*.png \
    && quietly "$compare" "$tmp/$target.npy" "$tmp/fc_$target.npy" 1e-6; then
    pass
  else
    fail "$target in a folder of two precisions"
  fi
done
if message=$("$compare" "$tmp/c.npy" "$tmp/$widened.npy" 3e-2); then pass; else fail "bf16 and fp32: $message"; fi
# The classes are the same. Labels are in each report's lines.
classes () { "$mixed/digits" --target "$1" -k 1 "${digits%/*}"/*.png | sed -n 's/^ *[0-9.]* %//p'; }
if [ "$(classes c)" = "$(classes $widened)" ]; then pass; else fail "bf16's classes differ from fp32's"; fi
if quietly "$RESCAST" verify "$mixed" -w "$digits.safetensors" --non-finite --threads 2; then pass; else fail "verify of two precisions"; fi
if [ $widened != c ]; then
  arena=$(sed -n 's/^ "arena_bytes": \(.*\),/\1/p' "$mixed/digits.json")
  "$RESCAST" generate "$digits.yaml" -t $list --max-ram 1k -o "$tmp/none" 2>"$tmp/output"
  if grep -q 'arena of [0-9]* bytes.* are more than the 1024 of --max-ram' "$tmp/output"; then pass; else fail "--max-ram: $(cat "$tmp/output")"; fi
  "$RESCAST" generate "$digits.yaml" -t $list --max-ram $((arena - 1)) -o "$tmp/none" 2>"$tmp/output" && fail "--max-ram $((arena - 1)) is enough for $arena bytes"
  # Embedded: weights chosen by target, without a file.
  if gen -t $list --embed -o "$tmp/embedded" && with_runtime "$tmp/embedded" -O2 && quietly make -C "$tmp/embedded" -j "$jobs" CC="$CC" digits \
    && rm "$tmp/embedded/digits.weights"; then
    for target in $widened c; do
      if quietly "$tmp/embedded/digits" --target $target --output "$tmp/embedded.npy" "${digits%/*}"/*.png \
        && quietly "$compare" "$tmp/embedded.npy" "$tmp/$target.npy" 0; then pass; else fail "embedded weights of $target"; fi
    done
  else
    fail "embedded weights"
  fi
fi

# What summary tells is what generate makes.
told=$("$RESCAST" summary "$digits.yaml" --json --precision bf16 | sed -n 's/.*"arena_bytes": *\([0-9]*\).*/\1/p')
made=$(sed -n '/"cpu-bf16"/,$ s/^  "arena_bytes": \(.*\),/\1/p' "$mixed/digits.json")
[ $widened != c ] || made=$(sed -n 's/^ "arena_bytes": \(.*\),/\1/p' "$mixed/digits.json")
if [ -n "$told" ] && [ "$told" = "$made" ]; then pass; else fail "summary tells an arena of $told bytes in bf16, generate makes one of $made"; fi

# The functions of NAME.h: weights are one target's, and init takes the best one that they are for.
cat >"$mixed/main.c" <<'END'
#include "digits.h"
#include <stdlib.h>
#include <string.h>
static struct digits net;
#define CHECK(x) do if (!(x)) return __LINE__; while (0)
int
main (void)
{
  void *arena = aligned_alloc (64, (digits_ARENA_BYTES + 63) / 64 * 64);
  size_t most = 0;
  CHECK (digits_info_of (NULL) == digits_info () && !digits_info_of ("none"));
  for (const char *const *t = digits_info ()->targets; *t; t++)
    {
      const struct rescast_info *info = digits_info_of (*t);
      struct rescast_config config = { .target = *t }, none = { .target = "none" };
      struct rescast_weights w;
      CHECK (info && !strcmp (info->target, *t) && info->arena_bytes <= digits_ARENA_BYTES);
      most = info->arena_bytes > most ? info->arena_bytes : most;
      CHECK (digits_weights_map_for (&w, "digits.weights", &none) == RESCAST_EINVAL && !w.data);
      CHECK (digits_weights_map_for (&w, "digits.weights", &config) == RESCAST_OK && w.section.layout == info->network);
      CHECK (digits_init (&net, &w, arena, info->arena_bytes - 1, &config) == RESCAST_EARENA);
      int error = digits_init (&net, &w, arena, info->arena_bytes, &config);
      CHECK (error == RESCAST_OK || error == RESCAST_ECPU);
      digits_free (&net);
      if (!error)
        CHECK (digits_init (&net, &w, arena, digits_ARENA_BYTES, NULL) == RESCAST_OK);
      digits_free (&net);
      for (const char *const *other = digits_info ()->targets; *other; other++)
        {
          config.target = *other;
          error = digits_init (&net, &w, arena, digits_ARENA_BYTES, &config);
          CHECK ((error == RESCAST_EMATCH) == (digits_info_of (*other)->network != info->network));
          digits_free (&net);
        }
      rescast_weights_unmap (&w);
    }
  CHECK (most == digits_ARENA_BYTES);
  free (arena);
  return 0;
}
END
if (cd "$mixed" && quietly "$CC" -std=gnu11 -D_GNU_SOURCE -I. -o main main.c libdigits.a -lm -pthread && ./main); then pass; else fail "digits.h: line $?"; fi

# all_on NET OPTIONS WEIGHTS INPUT OUTPUT LIMIT: on every target against OUTPUT, and against c's within a hundredth of the bound;
# a seventieth behind four instance norms, in which one sum that is rounded otherwise moves a whole channel.
all_on () {
  if ! build "$tmp/$1" "$2" -w "$3" -t "c,$widened${amx:+,avx512bf16,amx}" --precision bf16 || { [ "$amx" ] && ! software_tiles "$tmp/$1"; }; then
    fail "$1 is not built"
    return
  fi
  apart=3e-4
  [ "$1" != bottleneck_3d_example_up ] || apart=4.3e-4
  for target in c $widened ${amx:+avx512bf16 amx}; do
    if quietly "$tmp/$1/$1" --target $target --output "$tmp/$1/$target.npy" $4 && message=$("$compare" "$tmp/$1/$target.npy" "$5" "$6"); then
      pass
      echo "$1 on $target: $message"
    else
      fail "$1 on $target: $message"
    fi
    if message=$("$compare" "$tmp/$1/$target.npy" "$tmp/$1/c.npy" $apart); then pass; else fail "$1 on $target differs from c: $message"; fi
  done
  if quietly "$RESCAST" verify "$tmp/$1" --non-finite; then pass; else fail "verify of $1"; fi
  rm -rf "${tmp:?}/$1"
}
if [ "${RESCAST_BF16:-}" = all ] && [ -d "$shared/golden" ]; then
  for case in "$shared"/golden/*/; do
    all_on "$(basename "$case")" "$case/options.yaml" "$case/weights.safetensors" "$case/input.npy" "$case/output.npy" 3e-2
  done
  model=$shared/models/resnet20-cifar10
  all_on resnet20_cifar10 "$examples/networks/resnet20-cifar10.yaml" "$model/resnet20-12fca82f.th" "$shared/inputs/chelsea_face_32.png" \
    "$model/reference.npz:logits[0]" 3e-2
fi
finish
