#!/bin/sh
# The examples of embedding in a fresh Debian 12: by its own compilers, from a prefix that its own make filled.
#   tests/fresh_root.sh DIR      as root; DIR becomes the system's root by debootstrap, or is one that an earlier run left
[ $# -eq 1 ] || { sed -n 's/^#   //p' "$0" >&2; exit 2; }
root=$1
. "$(dirname "$0")/lib.sh"
if ! [ -e "$root/usr/bin/cargo" ]; then
  quietly debootstrap --variant=minbase bookworm "$root" || { fail "debootstrap"; finish; exit; }
  quietly chroot "$root" sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends \
    gcc make cmake g++ libc6-dev python3 python3-numpy rustc cargo pkg-config' || { fail "apt-get install"; finish; exit; }
fi
work=$root/embedding
rm -rf "$work" "$root/opt/net" && mkdir "$work" && cp -r "$examples/embedding" "$work/examples" && cp "$examples/volumes/cube_a.npy" "$work" || exit 99
for net in digits volumes; do
  quietly "$RESCAST" generate "$examples/$net/$net.yaml" -w "$examples/$net/$net.safetensors" -o "$tmp/$net" -t c,avx2,avx512 \
    && quietly make -C "$tmp/$net" dist && cp "$tmp/$net/$net"-*.tar.gz "$work" || fail "$net: make dist"
done
# inside COMMAND...: with /proc, where rustc finds its own folder, in a name space of its own, which takes it along when it ends
inside () { unshare -m sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' - "$root" "$@"; }
# prints TEXT COMMAND: the shell's, inside, in /embedding
prints () {
  if inside env -i PATH=/usr/bin:/bin HOME=/root PKG_CONFIG_PATH=/opt/net/lib/pkgconfig sh -ec "cd /embedding; $2" \
    >"$tmp/out" 2>"$tmp/err" && [ "$(tail -n 1 "$tmp/out")" = "$1" ]; then
    pass
    echo "$1: $2"
  else
    fail "$2: $(tail -n 5 "$tmp/out" "$tmp/err")"
  fi
}
for net in digits volumes; do
  prints $net "tar xzf $net-*.tar.gz; make -s -j$jobs -C $net-*/ install PREFIX=/opt/net; echo $net"
done
run="LD_LIBRARY_PATH=/opt/net/lib"
digits='$(pkg-config --variable=weights digits)' volumes='$(pkg-config --variable=weights volumes)' image=examples/three.pgm
prints 3 "cc examples/c/classify.c \$(pkg-config --cflags --libs digits) -o classify; $run ./classify $digits $image"
prints 3 "cmake -S examples/cpp -B cpp -DCMAKE_PREFIX_PATH=/opt/net; cmake --build cpp; cpp/classify $image"
prints 3 "cmake -S examples/cpp -B cpps -DCMAKE_PREFIX_PATH=/opt/net -DBUILD_SHARED_LIBS=ON; cmake --build cpps; cpps/classify $image"
prints 3 "python3 examples/python/rescast_network.py /opt/net/lib/libdigits.so $digits $image"
prints 3 "cd examples/rust; cargo run -q --offline -- ../three.pgm"
prints cube "cc examples/two-models/two.c \$(pkg-config --cflags --libs digits volumes) -pthread -o two; $run ./two $digits $image $volumes cube_a.npy"
chroot "$root" sh -c 'cat /etc/debian_version; for c in gcc g++ rustc cargo cmake python3; do $c --version | head -n 1; done'
finish
