# device.sh's planted faults: kernels with an error that a test must notice, in fp16. Those of the order of things need not
# show in every run: cuda_repeat runs each network many times from an arena of NaNs. A hang counts as noticed.
# faults/NET is the network as generated, on which nothing may be found; faults/NET-FAULT its library with a fault.
fault_nets="1 16" # batches
faults="fence parity dependency cluster row tap"

# Small, and with layers for most kinds of the tensor cores' kernels: few and many tiles, taps, a shortcut, a pool.
fault_options () {
  cat <<END_OF_OPTIONS
name: net
network: sequence
batch: $1
input-size: [3, 112, 112]
layers:
- {type: conv, name: a, filters: 64, kernel-size: 7, stride: 2, padding: 3}
- {type: relu, name: a1}
- {type: max-pool, name: a2, kernel-size: 3, stride: 2, padding: 1}
- {type: conv, name: b, filters: 64, kernel-size: 3, padding: 1}
- {type: relu, name: b1}
- {type: conv, name: c, filters: 64, kernel-size: 3, padding: 1}
- {type: add, name: c1, input: [c, a2]}
- {type: relu, name: c2}
- {type: conv, name: d, filters: 256, kernel-size: 1}
- {type: relu, name: d1}
- {type: conv, name: e, filters: 128, kernel-size: 1}
- {type: relu, name: e1}
- {type: conv, name: f, filters: 128, kernel-size: 3, stride: 2, padding: 1}
- {type: relu, name: f1}
- {type: conv, name: g, filters: 256, kernel-size: 3, stride: 2, padding: 1}
- {type: relu, name: g1}
- {type: conv, name: h, filters: 256, kernel-size: 3, padding: 1}
- {type: add, name: h1, input: [h, g1]}
- {type: relu, name: h2}
- {type: global-average-pool, name: i}
- {type: linear, name: j, features: 10}
END_OF_OPTIONS
}

# plant FAULT <SOURCE >SOURCE
plant () {
  case $1 in
    fence) sed 's/fence\.proxy\.async[^;]*;//' ;;                                     # copies are not ordered before products
    parity) sed '/^barrier_wait (/,/^}/s/^{$/{\n  parity ^= 1;/' ;;                   # a barrier's phase before the one meant
    dependency) sed '/^dependency_wait ()/,/^}/{/^[ #]/d}' ;;                         # … the former kernel's end
    cluster) sed '/^cluster_\(sync\|wait\) ()/,/^}/{/^[ #]/d}' ;;                     # … the other blocks' partial sums
    row) sed -e 's/matrix + (there ? row \*/matrix + (there ? (row ^ 1) */' -e '/&w_map/s/, first_channel,/, first_channel + 1,/' ;; # another channel's weights
    tap) sed -e 's/const int kw = tap % \([0-9]*\),/const int kw = (tap + 1) % \1,/' -e 's/\<tap % \([0-9]*\)\([,;]\)/(tap + 1) % \1\2/' ;; # weights and inputs of different taps
  esac
}

build_faults () {
  case " $precisions " in *" fp16 "*) ;; *) return ;; esac
  command -v nvcc >/dev/null 2>&1 || { echo "no nvcc: no planted faults"; return; }
  mkdir -p "$folder/faults" && : >"$tmp/planted"
  for batch in $fault_nets; do
    dir=$tmp/faults_$batch objects=$tmp/none kept=$folder/faults/batch$batch
    fault_options "$batch" >"$tmp/faults.yaml"
    { quietly "$RESCAST" generate "$tmp/faults.yaml" -t cuda --precision fp16 -o "$dir" && quietly make_one "$dir"; } || { fail "faults"; return; }
    mkdir "$kept" && strip -o "$kept/libnet.so" "$dir/libnet.so" && cp "$dir/net.json" "$kept" && cp "$dir/net.cu" "$dir/net.fatbin" "$tmp"
    for fault in $faults; do
      plant $fault <"$tmp/net.cu" >"$dir/net.cu"
      quietly make -C "$dir" CC="$CC" SMS="${RESCAST_SMS:-80 90a 120}" libnet.so || { fail "the fault $fault is not compiled"; continue; }
      # also where no kernel calls the function that has it
      cmp -s "$tmp/net.fatbin" "$dir/net.fatbin" && { echo "planted faults: batch $batch has no place for $fault"; continue; }
      mkdir "$kept-$fault" && strip -o "$kept-$fault/libnet.so" "$dir/libnet.so" && echo $fault >>"$tmp/planted"
    done
    rm -rf "$dir"
  done
  for fault in $faults; do # parity: kernels without TMA have no such barriers
    [ $fault = parity ] || grep -qx $fault "$tmp/planted" || fail "no network has a place for the fault $fault"
  done
}

repeated () { timeout -k 5 20 "$folder/cuda_repeat" "$1/libnet.so" "$2" >"$tmp/output" 2>&1; }
verified () { timeout -k 5 120 "$RESCAST" verify "$1" >"$tmp/output" 2>&1 && grep -q 'cuda: .* agree' "$tmp/output"; }
sanitized () { timeout -k 5 200 compute-sanitizer --tool "$2" --error-exitcode 9 "$folder/cuda_repeat" "$1/libnet.so" 2 >"$tmp/output" 2>&1; }

# noticed NET TOOLS: sets how.
noticed () {
  how="by the runs' differences"
  repeated "$1" 300
  case $? in 0) ;; 124 | 137) how="by a hang"; return 0 ;; *) how="by $(tail -n 1 "$tmp/output")"; return 0 ;; esac
  how="by verify"
  verified "$1" || return 0
  for tool in $2; do
    how="by $tool"
    sanitized "$1" "$tool" || return 0
  done
  return 1
}

run_faults () {
  for net in "$folder"/faults/*/; do
    net=${net%/}
    case ${net##*/} in *-* | '*') continue ;; esac
    quietly python3 "$tests/seeded_weights.py" "$net/net.json" "$tmp/net.safetensors" \
      && quietly "$RESCAST" pack "$net" -w "$tmp/net.safetensors" || { fail "faults: no weights"; return; }
    tools= # those that find nothing in the network itself
    if repeated "$net" 300 && verified "$net"; then pass; else fail "${net##*/} without a fault: $(tail -n 1 "$tmp/output")"; continue; fi
    for tool in racecheck synccheck; do
      command -v compute-sanitizer >/dev/null 2>&1 && sanitized "$net" $tool && tools="$tools $tool"
    done
    for fault in $faults; do
      [ -d "$net-$fault" ] || continue
      cp "$net"/*.weights "$net"/net.json "$net-$fault"
      if noticed "$net-$fault" "$tools"; then
        pass
        echo "${net##*/}, $fault: noticed $how"
      elif [ $fault = fence ]; then
        echo "${net##*/}, fence: no run shows it on this GPU; tests/cuda_code.sh finds it in the code"
      else
        fail "${net##*/}: the fault $fault is not noticed"
      fi
      rm -f "$net-$fault"/*.weights
    done
  done
}
