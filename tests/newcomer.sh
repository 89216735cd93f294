#!/bin/sh
# A newcomer's path in a fresh Debian 12, timed: README's way to the first class, then the tutorial's to a library in a program.
#   tests/newcomer.sh DIR      as root; DIR becomes the system's root by debootstrap, which is not timed
# README allows itself five minutes, the tutorial twenty. The checkpoint is that of tests/torchvision_file, as the tutorial's test has it.
[ $# -eq 1 ] || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
root=$1
. "$(dirname "$0")/lib.sh"
[ ! -e "$root" ] || { echo "newcomer: $root is there: a fresh folder is wanted" >&2; exit 2; }
quietly debootstrap --variant=minbase bookworm "$root" || { fail "debootstrap"; finish; exit; }
mkdir "$root/rescast" && (cd "$RESCAST_SRCDIR" && git archive HEAD) | tar x -C "$root/rescast" || exit 99
"$RESCAST_BUILDDIR/tests/torchvision_file" "$root/resnet18.pth" 1 || exit 99
inside () {
  unshare -m sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' - "$root" \
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root PREFIX=/opt/net PKG_CONFIG_PATH=/opt/net/lib/pkgconfig LD_LIBRARY_PATH=/opt/net/lib \
    sh -ec "cd /rescast; PATH=\$PWD:\$PATH; $1"
}
start=$(date +%s)
# timed MINUTES WHAT COMMANDS
timed () {
  if inside "$3" >"$tmp/out" 2>&1; then
    seconds=$(($(date +%s) - start))
    printf '%s: %d min %02d s: %s\n' "$2" $((seconds / 60)) $((seconds % 60)) "$(tail -n 1 "$tmp/out")"
    if [ "$seconds" -le $(($1 * 60)) ]; then pass; else fail "$2: more than $1 minutes"; fi
  else
    fail "$2: $(tail -n 5 "$tmp/out")"
  fi
}
timed 5 "the first class" './bootstrap demo'
grep -q digit_3 "$tmp/out" || fail "no class of the demo's samples"
timed 20 "a torchvision checkpoint's program" 'rescast generate /resnet18.pth -o out/resnet18 -t c,avx2; make -s -j2 -C out/resnet18
  out/resnet18/resnet18 -k 1 examples/digits/digit_3_a.png'
awk '/^```/ { f = !f; if (f) n++; next } f && n == 3' "$RESCAST_SRCDIR/docs/tutorial.md" >"$root/rescast/camera.c"
timed 20 "its library in a program" 'make -s -C out/resnet18 install PREFIX=$PREFIX; head -c 150528 /dev/zero >frame
  cc camera.c $(pkg-config --cflags --libs resnet18) -o camera; ./camera $(pkg-config --variable=weights resnet18) frame'
finish
