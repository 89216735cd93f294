#!/bin/sh
# Kernels that end their process, never return or overwrite what is not theirs: verify names the layer and what happened, goes
# on with the others, writes its report, and fails. The same where the library cannot be compiled, loaded or initialised.
. "$(dirname "$0")/lib.sh"

cat >"$tmp/net.yaml" <<'END'
network: sequence
name: net
input-size: [16, 6, 7]
layers:
- {type: conv, name: first, filters: 16, kernel-size: 1}
- {type: conv, name: bad, filters: 32, kernel-size: 3, padding: same}
- {type: conv, name: third, filters: 16, kernel-size: 1, stride: 2}
- {type: global-average-pool, name: mean}
- {type: linear, name: last, features: 5}
END

# Faults by name: those of the environment's variable FAULT, in the kernels' first line.
cat >"$tmp/faults.h" <<'END'
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "net_c.h"
static int wanted (const char *name) { const char *f = getenv ("FAULT"); return f && !strcmp (f, name); }
static void __attribute__ ((noinline, optimize ("O0"))) smash (int n) { volatile char small[8]; static int i; for (i = 0; i < n; i++) small[i] = 1; }
static float __attribute__ ((noinline)) deep (int n) { volatile char room[65536]; room[n & 65535] = 1; return deep (n + 1) + room[n & 1023]; }
static void
fault (const volatile float *x, volatile float *w, volatile float *y, int t) /* T: the first part */
{
  volatile int zero = 0;
  volatile float value = 0;
  if (wanted ("null")) value = *(volatile int *) 16;
  if (wanted ("write null")) *(volatile int *) 16 = 1;
  if (wanted ("thread") && t >= RESCAST_PARTS) *(volatile int *) 16 = 1;
  if (wanted ("far write")) y[1 << 20] = 1;
  if (wanted ("far read")) value = x[-(1 << 20)];
  if (wanted ("weights read")) value = w[1 << 20];
  if (wanted ("weights write")) w[0] = 1;
  if (wanted ("aligned")) value = *(const volatile float *) ((uintptr_t) 1 << (8 * sizeof (uintptr_t) - 1));
  if (wanted ("abort")) abort ();
  if (wanted ("thread abort") && t >= RESCAST_PARTS) abort ();
  if (wanted ("trap")) __builtin_trap ();
  if (wanted ("divide")) zero = t / zero;
  if (wanted ("bus")) raise (SIGBUS);
  if (wanted ("illegal")) raise (SIGILL);
  if (wanted ("kill")) raise (SIGKILL);
  if (wanted ("exit 0")) exit (0);
  if (wanted ("_exit 3")) _exit (3);
  if (wanted ("says")) fprintf (stderr, "\ntoo\tbad\nmore\n"), abort ();
  if (wanted ("bytes")) fprintf (stderr, "\377 <\303\244> \303\n"), abort ();
  if (wanted ("fork") && fork () == 0) pause ();
  if (wanted ("close")) for (int i = 3; i < 1000; i++) close (i);
  if (wanted ("garbage")) for (int i = 3; i < 100; i++) if (write (i, "nonsense", 8) < 0) continue;
  if (wanted ("little")) for (int i = 3; i < 100; i++) if (write (i, "nonsense", 8) < 0) continue;
  if (wanted ("little")) for (;;) __asm__ volatile ("");
  if (wanted ("smash")) smash (4096);
  if (wanted ("deep")) value = deep (1);
  static int calls;
  if (wanted ("second") && ++calls > 1) abort ();
  if (wanted ("pid"))
    {
      FILE *f = fopen (getenv ("PIDFILE"), "w");
      fprintf (f, "%ld\n", (long) getpid ());
      fclose (f);
      for (;;) __asm__ volatile ("");
    }
  if (wanted ("loop")) for (;;) __asm__ volatile ("");
  if (wanted ("loud")) for (;;) puts ("endless");
  (void) value, (void) zero;
}
END

# faulty FILE: the functions that a folder's FILE has begin with a fault.
faulty () {
  sed -e 's/^#include "net_c.h"$/#include "faults.h"/' \
    -e '/ t, int n)$/,/^{$/s/^{$/{\n  fault (input, (volatile void *) weights, output, t.from);/' "$tmp/good/$1" >"$dir/$1"
}

dir=$tmp/net
make_library () { quietly make -C "$dir" -j "$jobs" CC="$CC" CFLAGS="-O1 -w" libnet.so; }
{ quietly "$RESCAST" generate "$tmp/net.yaml" --exact -o "$dir" && make_library; } || { fail "the network is not built"; finish; exit; }
cp -pR "$dir" "$tmp/good" && cp "$tmp/faults.h" "$dir"
kernel=$(cd "$dir" && echo net_c_conv3x3_*.c) head=$(cd "$dir" && echo net_c_input_*.c)
faulty "$kernel" && make_library || fail "the faulty kernel does not compile"

# verified LAYER EXPECTED [ARGUMENT...]: verify fails within its only other line, one about LAYER; all other layers agree.
verified () {
  layer=$1 expected=$2
  shift 2
  "$RESCAST" verify "$dir" --junit "$tmp/report.xml" "$@" >"$tmp/said" 2>"$tmp/err"
  status=$?
  if [ $status -eq 1 ] && [ ! -s "$tmp/err" ] && [ "$(wc -l <"$tmp/said")" -eq 2 ] \
    && head -n 1 "$tmp/said" | grep -q "^net: $layer: $expected$" \
    && grep -q "^net: c: 1 of 7 checks failed; the first is " "$tmp/said" \
    && grep -q '<testsuite name="net" tests="7" failures="0" errors="1">' "$tmp/report.xml" \
    && [ "$(grep -c '<error message=' "$tmp/report.xml")" -eq 1 ]; then
    pass
  else
    fail "${FAULT:-}: status $status, not: net: $layer: $expected"
    cat "$tmp/said" "$tmp/err" "$tmp/report.xml"
  fi
  rm -f "$tmp/report.xml"
}

# ends FAULT EXPECTED [ARGUMENT...]
ends () {
  FAULT=$1 && export FAULT
  shift
  verified "bad (conv, ${kernel%.c})" "$@"
  unset FAULT
}

quietly "$RESCAST" verify "$dir" || fail "without a fault"

case $(uname -m) in
  x86_64 | i?86) reading=reading writing=writing x86=yes ;;
  *) reading=touching writing=touching x86= ;;
esac
segv="signal 11 (segmentation fault)"
# ---- reads and writes outside; which tensor is the nearest depends on the plan ----
ends null "$segv, $reading address 0x10"
ends "write null" "$segv, $writing address 0x10"
ends "far write" "$segv, $writing [0-9]* bytes behind the end of its \(output\|input first\)"
ends "far read" "$segv, $reading [0-9]* bytes before its \(output\|input first\)"
ends "weights read" "$segv, $reading [0-9]* bytes behind the end of the weights"
ends "weights write" "$segv, $writing byte [0-9]* of the weights"
[ -z "$x86" ] || ends aligned "$segv, an address that is not aligned to its vector or that cannot be"
ends deep "$segv, .*"
ends smash "signal [0-9]* (.*"
# ---- other ends ----
ends abort "signal 6 (aborted)"
ends trap "signal [0-9]* ([a-z ]*)"
[ -z "$x86" ] || ends divide "signal 8 (arithmetic error), a division by zero"
ends bus "signal 7 (bus error)"
ends illegal "signal 4 (illegal instruction)"
ends kill "signal 9 (killed, as when memory runs out)"
ends "exit 0" "it ended the process that it ran in, with exit status 0"
ends "_exit 3" "it ended the process that it ran in, with exit status 3"
ends says "signal 6 (aborted): too?bad"
FAULT=bytes "$RESCAST" verify "$dir" --junit "$tmp/report.xml" >/dev/null
if grep -q '"signal 6 (aborted): ? &lt;ä&gt; ?"' "$tmp/report.xml"; then pass; else fail "a report that is no UTF-8"; fi
ends close "it overwrote memory or closed files of the process that it ran in"
ends garbage "it overwrote memory or closed files of the process that it ran in.*"
# ---- no end ----
ends loop "it did not return within 0.5 s" --seconds 0.5
ends little "it did not return within 0.5 s" --seconds 0.5
ends loud "it did not return within 0.5 s: endless" --seconds 0.5
# ---- what a kernel starts and leaves behind does not hold the folder's lock ----
FAULT=fork "$RESCAST" verify "$dir" >/dev/null 2>&1
timeout 20 "$RESCAST" verify "$dir" >"$tmp/said" 2>&1
if [ $? -eq 0 ] && ! grep -q waiting "$tmp/said"; then pass; else fail "the lock is left: $(cat "$tmp/said")"; fi
# ---- on threads ----
ends thread "$segv, $writing address 0x10" --threads 3
ends "thread abort" "signal 6 (aborted)" --threads 3
ends abort "signal 6 (aborted)" --threads 3

# ---- the process that looks at the kernels ends: so do they ----
for signal in TERM KILL; do
  [ "$(uname -s)" = Linux ] || break
  rm -f "$tmp/pid"
  FAULT=pid PIDFILE=$tmp/pid "$RESCAST" verify "$dir" >/dev/null 2>&1 &
  parent=$!
  tries=0
  while [ ! -s "$tmp/pid" ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -$signal $parent
  wait $parent 2>/dev/null
  child=$(cat "$tmp/pid") tries=0
  while kill -0 "$child" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  if kill -0 "$child" 2>/dev/null; then fail "the child outlives SIG$signal"; kill -9 "$child"; else pass; fi
done

# ---- the whole network: not run where a layer is known to end it, named where only several runs do ----
reference='{"input":{"dtype":"F32","shape":[3,16,6,7],"data_offsets":[0,8064]},"output":{"dtype":"F32","shape":[3,5],"data_offsets":[8064,8124]}}'
{ printf "\\$(printf %o ${#reference})\\0\\0\\0\\0\\0\\0\\0" && printf %s "$reference" && head -c 8124 /dev/zero; } >"$tmp/reference.safetensors"
FAULT=abort "$RESCAST" verify "$dir" --reference "$tmp/reference.safetensors" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && grep -q '^net: c: the whole network is not run' "$tmp/said"; then pass; else fail "not run: $(cat "$tmp/said")"; fi
FAULT=second "$RESCAST" verify "$dir" --reference "$tmp/reference.safetensors" --junit "$tmp/report.xml" >"$tmp/said" 2>&1
if [ $? -eq 1 ] && grep -q "^net: whole network, .*: in bad (${kernel%.c}): signal 6 (aborted)$" "$tmp/said" \
  && grep -q 'tests="8" failures="0" errors="1"' "$tmp/report.xml"; then
  pass
else
  fail "the second run: $(cat "$tmp/said")"
fi

# ---- the library itself ----
# refused EXPECTED: one line on stderr, and a report.
refused () {
  "$RESCAST" verify "$dir" --junit "$tmp/report.xml" --seconds 0.2 >"$tmp/said" 2>"$tmp/err"
  status=$?
  if [ $status -eq 1 ] && [ ! -s "$tmp/said" ] && grep -q "^rescast: .*$1" "$tmp/err" && [ "$(grep -c '^rescast' "$tmp/err")" -eq 1 ] \
    && grep -q 'tests="1" failures="0" errors="1"' "$tmp/report.xml"; then
    pass
  else
    fail "status $status, not refused: $1: $(cat "$tmp/said" "$tmp/err")"
  fi
  rm -f "$tmp/report.xml"
}
# main_with CODE: NAME.c gets CODE
main_with () { { cat "$tmp/good/net.c" && echo "$1"; } >"$dir/net.c" && make_library || fail "does not compile: $1"; }
main_with '__attribute__ ((constructor)) static void construct (void) { __builtin_trap (); }'
refused "/libnet.so: loading it failed: signal [0-9]* ("
main_with '__attribute__ ((constructor)) static void construct (void) { for (;;) __asm__ volatile (""); }'
refused "/libnet.so: loading it failed: it did not return within 2 s"
main_with '__attribute__ ((constructor)) static void construct (void) { _Exit (0); }'
refused "/libnet.so: loading it failed: it ended the process that it ran in, with exit status 0"
sed 's/^net_info (void)$/net_description (void)/' "$tmp/good/net.c" >"$dir/net.c" && make_library
sed 's/^net_context_bytes (void)$/net_context_size (void)/' "$tmp/good/net.c" >"$dir/net.c" && make_library
refused "/libnet.so: no function net_context_bytes; generate the network again"
echo 'an error' >>"$dir/net.c"
refused "make -C .* libnet.so. failed: exit status 2"
# a compiler that fails (a full disk) leaves half an object file, which the next make does not take
mkdir "$tmp/half"
cat >"$tmp/half/cc" <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do [ "$1" = -o ] && echo half >"$2"; shift; done
exit 1
END
chmod +x "$tmp/half/cc" && cp "$tmp/good/net.c" "$dir" && cp "$tmp/good/$kernel" "$dir/$kernel"
path=$PATH PATH=$tmp/half:$PATH
refused "make -C .* libnet.so. failed: exit status 2"
PATH=$path
if quietly make -C "$dir" CC="$CC" CFLAGS=-O1 libnet.so && quietly "$RESCAST" verify "$dir"; then pass; else fail "after half an object file"; fi
faulty "$kernel" && make_library
# init: the report has all layers too
sed 's|^  net->arena = arena;$|  __builtin_trap ();|' "$tmp/good/net.c" >"$dir/net.c" && make_library
"$RESCAST" verify "$dir" --junit "$tmp/report.xml" >"$tmp/said" 2>"$tmp/err"
if [ $? -eq 1 ] && [ ! -s "$tmp/err" ] && grep -q '^net: net_init (init, net_init): signal [0-9]* (' "$tmp/said" \
  && grep -q 'tests="8" failures="7" errors="1"' "$tmp/report.xml"; then
  pass
else
  fail "init: $(cat "$tmp/said" "$tmp/err" "$tmp/report.xml")"
fi
cp -p "$tmp/good/net.c" "$dir" && touch "$dir/net.c" && make_library

# ---- the input's kernel, and two at once ----
faulty "$head" && sed -i.bak 's/x\[-(1 << 20)\]/x[-2000]/; s/y\[1 << 20\] = 1/value = x[16 * 6 * 7]/' "$dir/faults.h" && make_library
cp -p "$tmp/good/$kernel" "$dir/$kernel" && touch "$dir/$kernel" && make_library
FAULT="far read" && export FAULT
verified "input (input, ${head%.c})" "$segv, $reading 8000 bytes before the caller's input"
FAULT="far write"
verified "input (input, ${head%.c})" "$segv, $reading 1 byte behind the end of the caller's input"
unset FAULT
faulty "$kernel" && make_library
FAULT=abort "$RESCAST" verify "$dir" --threads 2 >"$tmp/said" 2>"$tmp/err"
if [ $? -eq 1 ] && [ "$(grep -c 'signal 6 (aborted)' "$tmp/said")" -eq 2 ] && [ ! -s "$tmp/err" ] \
  && grep -q "c: 2 of 7 checks failed; the first is input" "$tmp/said"; then
  pass
else
  fail "two bad kernels: $(cat "$tmp/said")"
fi

# ---- kernels of a GPU, with a driver that computes nothing: every layer differs, and one ends its process ----
gpu=$tmp/gpu
quietly "$CC" -shared -fPIC -D_GNU_SOURCE -o "$tmp/libcuda.so.1" "$RESCAST_SRCDIR/tests/cuda_stub.c" || fail "the stub"
LD_LIBRARY_PATH=$tmp${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} RESCAST_NVRTC=$tmp/libcuda.so.1 RESCAST_CACHE=$tmp/cache
export LD_LIBRARY_PATH RESCAST_NVRTC RESCAST_CACHE
{ quietly "$RESCAST" generate "$tmp/net.yaml" --exact -t c,cuda -o "$gpu" \
  && quietly make -C "$gpu" -j "$jobs" CC="$CC" CFLAGS=-O1 NVCC= libnet.so; } || fail "the network for GPUs is not built"
# gpu_ends FAULT EXPECTED
gpu_ends () {
  CUDA_STUB_FAULT=$1 "$RESCAST" verify "$gpu" --seconds 1 --junit "$tmp/report.xml" >"$tmp/said" 2>"$tmp/err"
  if [ $? -eq 1 ] && [ ! -s "$tmp/err" ] && grep -q "^net: mean (global-average-pool, net_cuda_global_pool_[0-9x]*): $2$" "$tmp/said" \
    && [ "$(grep -c 'elements differ$' "$tmp/said")" -eq 6 ] && grep -q 'c: 7 layers agree' "$tmp/said" \
    && grep -q "^net: cuda: 7 of 7 checks failed" "$tmp/said" && grep -q 'tests="14" failures="6" errors="1"' "$tmp/report.xml"; then
    pass
  else
    fail "on a GPU, $1: $(cat "$tmp/said" "$tmp/err")"
  fi
}
gpu_ends "crash global_pool" "$segv, $writing address 0x10"
gpu_ends "hang global_pool" "it did not return within 1 s"
gpu_ends "error global_pool" "net_cuda_global_pool_[0-9x]*: the stub's error 700"
finish
