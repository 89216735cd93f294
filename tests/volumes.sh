#!/bin/sh
# Real volumes: what the program reads is what a few lines of Python read, voxel by voxel.
. "$(dirname "$0")/lib.sh"
[ -d "$shared/inputs" ] || skip "no volumes: $shared/inputs (RESCAST_SHARED names another folder)"
command -v python3 >/dev/null 2>&1 || skip "no python3"
grep -q '^NIFTI_LIBS = .*-lniftiio' "$RESCAST_BUILDDIR/Makefile" || skip "no libnifti"

for f in anatomical.nii example4d.nii.gz; do
  if ! size=$(python3 "$RESCAST_SRCDIR/tests/nifti_to_npy.py" "$shared/inputs/$f" "$tmp/voxels.npy"); then
    fail "$f is not read by Python"
    continue
  fi
  set -- $size # x y z t
  cat >"$tmp/voxels.yaml" <<END
name: voxels
network: resnet3d
input-size: [$2, $1, $3]
num-classes: 2
initial-filter-size: 1
initial-stride: 4
initial-num-filters: 8
initial-pooling-layer: none
bottleneck-type: none
stack-depth: [1]
num-filters: [8]
scale: 1000
END
  if build "$tmp/net" "$tmp/voxels.yaml" --keep-tensors \
    && quietly "$tmp/net/voxels" --tensor "input=$tmp/a.npy" "$shared/inputs/$f" \
    && quietly "$tmp/net/voxels" --tensor "input=$tmp/b.npy" "$tmp/voxels.npy" \
    && quietly cmp "$tmp/a.npy" "$tmp/b.npy"; then
    pass
  else
    fail "$f"
  fi
  # Headers cut off, the same voxels.
  if [ "$f" = anatomical.nii ] && tail -c "$((2 * $1 * $2 * $3))" "$shared/inputs/$f" >"$tmp/voxels.raw" \
    && quietly "$tmp/net/voxels" --type i16be --tensor "input=$tmp/a.npy" "$tmp/voxels.raw"; then
    if quietly cmp "$tmp/a.npy" "$tmp/b.npy"; then pass; else fail "$f without its header"; fi
  fi
  rm -rf "$tmp/net"
done
finish
