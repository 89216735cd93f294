#!/bin/sh
# A generated network as others embed it: installed by make and by CMake, as an archive of sources, with its weights in the
# library; the examples, built from a prefix; what the shared library shows; embedding.c.
. "$(dirname "$0")/lib.sh"

dir=$tmp/digits prefix=$tmp/prefix here=$examples/embedding image=$examples/embedding/three.pgm
quietly "$RESCAST" generate "$examples/digits/digits.yaml" -w "$examples/digits/digits.safetensors" -o "$dir" \
  && with_runtime "$dir" -O1 && quietly make -C "$dir" -j "$jobs" CC="$CC" CFLAGS=-O1 lib \
  || { fail "digits is not built"; finish; exit; }
[ -e "$dir/libdigits.so.9" ] || skip "no shared libraries with names of their own"
made () { quietly make -C "$dir" CC="$CC" CFLAGS=-O1 "$@"; }
# prints TEXT COMMAND...
prints () {
  text=$1
  shift
  if "$@" >"$tmp/out" 2>"$tmp/err" && [ "$(cat "$tmp/out")" = "$text" ]; then
    pass
  else
    fail "$*: $(cat "$tmp/out" "$tmp/err")"
  fi
}

# ---- make install ----
cat >"$tmp/listed" <<END
include/digits/digits.h
include/digits/runtime/rescast.h
lib/cmake/digits/digits-config-version.cmake
lib/cmake/digits/digits-config.cmake
lib/libdigits.a
lib/libdigits.so
lib/libdigits.so.9
lib/pkgconfig/digits.pc
share/digits/digits.weights
END
files () { (cd "$1" && find . ! -type d | sed 's|^\./||' | LC_ALL=C sort); }
made install PREFIX="$prefix" || fail "make install"
files "$prefix" >"$tmp/files"
if quietly diff "$tmp/listed" "$tmp/files"; then pass; else fail "make install: other files"; fi
# DESTDIR is in no text; folders of the caller's; odd characters in a path
made install DESTDIR="$tmp/stage" PREFIX="$prefix" || fail "make install DESTDIR="
if quietly diff -r "$prefix" "$tmp/stage$prefix"; then pass; else fail "DESTDIR is in the texts"; fi
odd="$tmp/a b&c|d'e\\f"
made install prefix="$odd" libdir="$odd/lib64" || fail "make install to an odd path"
if grep -qxF "includedir=$odd/include/digits" "$odd/lib64/pkgconfig/digits.pc" \
  && grep -qxF "set (digits_LIBRARY_DIR \"$odd/lib64\")" "$odd/lib64/cmake/digits/digits-config.cmake"; then
  pass
else
  fail "an odd path: $(cat "$odd/lib64/pkgconfig/digits.pc")"
fi
echo mine >"$odd/lib64/mine"
if make -C "$dir" -n install >"$tmp/output" 2>&1 && ! grep -q -e ' -c -o' "$tmp/output"; then pass; else fail "make install without flags compiles"; fi
if ! make -C "$dir" CC="$CC" CFLAGS=-O1 install PREFIX=here >"$tmp/output" 2>&1 && grep -q "allowed: a path that begins with /" "$tmp/output" \
  && ! [ -e "$dir/here" ]; then pass; else fail "a relative prefix: $(cat "$tmp/output")"; fi
made uninstall prefix="$odd" libdir="$odd/lib64" || fail "make uninstall"
if [ "$(files "$odd")" = lib64/mine ] && ! find "$odd" -name digits | grep -q .; then pass; else fail "make uninstall leaves $(find "$odd")"; fi

# ---- what the shared library shows ----
if command -v readelf >/dev/null && command -v nm >/dev/null; then
  if readelf -d "$prefix/lib/libdigits.so" | grep -q 'SONAME.*\[libdigits\.so\.9\]'; then pass; else fail "no SONAME"; fi
  nm -D --defined-only "$prefix/lib/libdigits.so" | sed 's/.* //; s/@.*//' | sort -u >"$tmp/shown"
  cat "$prefix/include/digits/digits.h" "$prefix/include/digits/runtime/rescast.h" | sed '/visibility push(hidden)/,/visibility pop/d' \
    | sed -n '/visibility push(default)/,/visibility pop/p' | grep -oE '(digits|rescast)_[a-z0-9_]+' | sort -u >"$tmp/declared"
  if [ -z "$(grep -vxF -f "$tmp/declared" "$tmp/shown" | grep -vx digits_9)" ] && ! grep -q 'pool_run\|cpu_has\|_shared' "$tmp/shown" \
    && [ "$(grep -c . "$tmp/shown")" -gt 20 ]; then
    pass
  else
    fail "the library shows $(cat "$tmp/shown")"
  fi
fi

# ---- docs/embedding.md: its commands, block by block ----
PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export PKG_CONFIG_PATH LD_LIBRARY_PATH
python=$(for p in "${PYTHON:-python3}" /usr/bin/python3; do $p -c 'import numpy' >/dev/null 2>&1 && echo "$p" && break; done)
mkdir "$tmp/page" "$tmp/page/bin" "$tmp/page/out" && ln -s "$examples" "$RESCAST" "$tmp/page" && mv "$tmp/page/rescast" "$tmp/page/bin"
[ -z "$python" ] || { printf '#!/bin/sh\nexec "%s" "$@"\n' "$python" >"$tmp/page/bin/python3" && chmod +x "$tmp/page/bin/python3"; }
awk -v to="$tmp/page/block" '/^    / { if (!inside) n++; inside = 1; print substr ($0, 5) >to n; next } { inside = 0 }' \
  "$RESCAST_SRCDIR/docs/embedding.md"
# block N NEEDED TEXT: the last line that it prints
block () {
  for needed in $2; do
    command -v "$needed" >/dev/null 2>&1 || { echo "no $needed: left out"; return; }
  done
  if (cd "$tmp/page" && export PREFIX="$tmp/page/prefix" CFLAGS=-O1 MAKEFLAGS="-j$jobs" PATH="$tmp/page/bin:$PATH" && sh -e "block$1") >"$tmp/out" 2>"$tmp/err" \
    && { [ -z "$3" ] || [ "$(tail -n 1 "$tmp/out")" = "$3" ]; }; then
    pass
  else
    fail "docs/embedding.md: $(cat "$tmp/page/block$1"): $(tail -n 5 "$tmp/out" "$tmp/err")"
  fi
}
block 1 make ""
block 2 cmake ""
block 3 "tar gzip" ""
block 4 pkg-config 3
block 5 "cmake c++" 3
if [ -n "$python" ]; then
  block 6 "" 3
  prints "ok" "$python" "$RESCAST_SRCDIR/tests/embedding.py" "$here/python" "$prefix" "$image"
else
  echo "no NumPy: left out"
fi
block 7 "pkg-config cargo rustc" 3
if [ "$(cat "$here/rust/Cargo.toml" "$here/rust/build.rs" "$here/rust/src/main.rs" | wc -l)" -le 150 ]; then pass; else fail "the crate has more than 150 lines"; fi
block 8 pkg-config cube
if [ -e "$tmp/page/block8" ] && ! [ -e "$tmp/page/block9" ]; then pass; else fail "docs/embedding.md has other blocks"; fi

# ---- the C example otherwise ----
if command -v pkg-config >/dev/null 2>&1; then
  # shellcheck disable=SC2046
  if quietly $CC -static "$here/c/classify.c" $(pkg-config --cflags --libs --static digits) -o "$tmp/classify"; then
    prints 3 "$tmp/classify" "$prefix/share/digits/digits.weights" "$image"
  else
    echo "no static C library: left out"
  fi
  # in the folder itself, too
  # shellcheck disable=SC2046
  if quietly $CC -Wall -Wextra -Werror "$here/c/classify.c" $(PKG_CONFIG_PATH=$dir pkg-config --cflags --libs digits) -o "$tmp/classify"; then
    prints 3 env LD_LIBRARY_PATH="$dir" "$tmp/classify" "$(PKG_CONFIG_PATH=$dir pkg-config --variable=weights digits)" "$image"
  else
    fail "the C example from the folder"
  fi
  if "$tmp/classify" "$image" "$image" >"$tmp/out" 2>&1; then fail "an image as weights"; elif grep -q "not a rescast weights file" "$tmp/out"; then pass; else
    fail "an image as weights: $(cat "$tmp/out")"; fi
fi

# ---- CMake ----
if command -v cmake >/dev/null 2>&1 && command -v c++ >/dev/null 2>&1; then
  c="-DCMAKE_C_COMPILER=$CC -DCMAKE_BUILD_TYPE=Debug"
  # CMake installs the same files, which may then be moved
  # shellcheck disable=SC2086
  if quietly cmake -S "$dir" -B "$tmp/shared" $c -DBUILD_SHARED_LIBS=ON -DCMAKE_INSTALL_PREFIX="$tmp/first" -DCMAKE_INSTALL_LIBDIR=lib \
    && quietly cmake --build "$tmp/shared" -j "$jobs" --target install && mv "$tmp/first" "$tmp/moved"; then
    grep -v libdigits.a "$tmp/listed" >"$tmp/expected"
    files "$tmp/moved" >"$tmp/files"
    if quietly diff "$tmp/expected" "$tmp/files"; then pass; else fail "cmake installs other files"; fi
    # which has the shared library alone, and where it is both there is the choice
    if quietly cmake -S "$here/cpp" -B "$tmp/cpp_moved" -DCMAKE_PREFIX_PATH="$tmp/moved" && quietly cmake --build "$tmp/cpp_moved"; then
      prints 3 env -u LD_LIBRARY_PATH "$tmp/cpp_moved/classify" "$image"
    else
      fail "the C++ example from a moved prefix"
    fi
    if nm -D --defined-only "$tmp/moved/lib/libdigits.so" | sed 's/.* //; s/@.*//' | sort -u | quietly diff "$tmp/shown" -; then pass; else
      fail "cmake's library shows other symbols"; fi
  else
    fail "cmake --target install"
  fi
else
  echo "no CMake or C++: left out"
fi

# ---- make dist ----
made dist || fail "make dist"
mv "$dir/digits-0.1.0.tar.gz" "$tmp/first.tar.gz" && made dist || fail "make dist, twice"
if cmp "$tmp/first.tar.gz" "$dir/digits-0.1.0.tar.gz"; then pass; else fail "make dist gives another archive"; fi
mkdir "$tmp/unpacked"
if (cd "$tmp/unpacked" && gzip -dc "$tmp/first.tar.gz" | tar xf -) && with_runtime "$tmp/unpacked"/digits-0.1.0 -O1 \
  && quietly make -C "$tmp/unpacked"/digits-0.1.0 -j "$jobs" CC="$CC" CFLAGS=-O1 digits; then
  prints 3 sh -c '"$1" -k 1 "$2" | sed -n "s/.* %  //p"' - "$tmp/unpacked/digits-0.1.0/digits" "$examples/digits/digit_3_a.png"
else
  fail "the archive"
fi

if make -C "$dir" -n CC="$CC" CFLAGS=-O0 install >"$tmp/output" 2>&1 && grep -q -e ' -O0 .* -c -o' "$tmp/output"; then pass; else
  fail "make install with other flags does not compile"; fi

# ---- weights in the library ----
alone=$tmp/alone
if quietly "$RESCAST" generate "$examples/digits/digits.yaml" -w "$examples/digits/digits.safetensors" -o "$alone" --embed \
  && with_runtime "$alone" -O1 && quietly make -C "$alone" -j "$jobs" CC="$CC" CFLAGS=-O1 install PREFIX="$tmp/alone_prefix"; then
  if ! [ -e "$tmp/alone_prefix/share/digits" ]; then pass; else fail "embedded weights are installed"; fi
  for library in a so; do
    if quietly $CC -g -Wall -Wextra -Werror -I "$tmp/alone_prefix/include/digits" "$RESCAST_SRCDIR/tests/embedding.c" \
      "$tmp/alone_prefix/lib/libdigits.$library" -lm -pthread -o "$tmp/embedding"; then
      prints "" env LD_LIBRARY_PATH="$tmp/alone_prefix/lib" "$tmp/embedding"
    else
      fail "embedding.c, .$library"
    fi
  done
else
  fail "embedded weights"
fi
# C's library has that function
if quietly "$RESCAST" generate "$examples/digits/digits.yaml" -o "$tmp/exp" --embed --set name=exp && ! grep -q '^ *int exp (' "$tmp/exp/exp.h"; then pass; else
  fail "a network called exp"; fi
# … and those of the library's own files do not matter
if quietly "$RESCAST" generate "$examples/digits/digits.yaml" -o "$tmp/mean" --embed --set name=mean \
  && quietly make -C "$tmp/mean" CC="$CC" CFLAGS="-O0 -Wall -Wextra -Werror" mean.o mean_main.o mean_call.o; then pass; else fail "a network called mean"; fi
finish
