#!/bin/sh
# How many inputs a second a network computes: batches, threads, and several contexts with the same weights at once.
#
#   bench/throughput.sh OPTIONS.yaml [TARGET...]
#
# TARGET: as behind rescast generate -t (avx512). Environment: RESCAST (./rescast), BATCHES (1 2 4 8 16 32 64), THREADS (1, 2, 4 … up to the
# CPUs), SECONDS_EACH (1), CPUS: a list for taskset. For each batch one network is generated, compiled and run on each number of threads in one
# context, then with one context on every so many of the CPUs. A line: what all contexts compute in a second, and the median
# and the 99th percentile of one run's time.
set -eu
options=$1
targets=${2:-avx512}
RESCAST=${RESCAST:-./rescast}
folder=$(mktemp -d "${TMPDIR:-/tmp}/throughput.XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
run () { ${CPUS:+taskset -c "$CPUS"} "$folder/net/net" --json --no-check "$@"; }
cpus=$(${CPUS:+taskset -c "$CPUS"} getconf _NPROCESSORS_ONLN)
[ -z "${CPUS:-}" ] || cpus=$(taskset -c "$CPUS" nproc)
threads=${THREADS:-$(n=1; while [ "$n" -lt "$cpus" ]; do echo "$n"; n=$((2 * n)); done; echo "$cpus")}
value () { sed -n "s/.*\"bench\":{.*\"$1\":\([0-9.e+-]*\).*/\1/p" "$folder/said"; }

# line CONTEXTS THREADS: as many runs as take about the time, found by a first few.
line () {
  run --bench 3 --contexts "$1" --threads "$2" >"$folder/said"
  runs=$(awk -v ms="$(value median_ms)" -v s="${SECONDS_EACH:-1}" 'BEGIN { n = int (1000 * s / ms); print n < 3 ? 3 : n }')
  run --bench "$runs" --contexts "$1" --threads "$2" >"$folder/said"
  printf '%6d %8d %8d %12.1f %12.3f %12.3f\n' "$batch" "$1" "$2" "$(value inputs_per_second)" "$(value median_ms)" "$(value p99_ms)"
}

printf '%6s %8s %8s %12s %12s %12s\n' batch contexts threads inputs/s median-ms p99-ms
for batch in ${BATCHES:-1 2 4 8 16 32 64}; do
  "$RESCAST" generate "$options" -o "$folder/net" -t "$targets" --set batch="$batch" --set name=net >/dev/null 2>&1
  make -s -C "$folder/net" -j"$cpus" net
  for t in $threads; do
    line 1 "$t"
    contexts=$((cpus / t))
    [ "$contexts" -lt 2 ] || line "$contexts" "$t"
  done
done
