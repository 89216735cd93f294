# PTX in which a product may read what a copy or a store wrote into shared memory with no fence for the async proxy between:
# wgmma reads by that proxy, cp.async and st.shared write by the generic one. What TMA writes (cp.async.bulk)
# needs none; stmatrix stores results, which no product reads. Every path that one thread can take is followed; between threads the barriers' order is taken for granted.
#
#   awk -f ptx_fences.awk FILE.ptx     prints each product at fault; the last line counts kernels, and those with products

function note(kind, name) { op[++n] = kind; to[n] = name; text[n] = NR }

# A label in braces may have namesakes: the nearest is meant.
function place_of(name, i,    j, best) {
  for (j = 1; j <= n; j++)
    if (op[j] == "label" && to[j] == name && (!best || (j - i) ^ 2 < (best - i) ^ 2))
      best = j
  return best
}

# written[i]: does something unfenced lie in shared memory when operation i begins?
function follow(    i, w, again) {
  for (i = 1; i <= n; i++)
    if (op[i] == "jump" || op[i] == "branch")
      place[i] = place_of(to[i], i)
  do {
    again = 0
    for (i = 1; i <= n; i++) {
      w = op[i] == "write" ? 1 : op[i] == "fence" ? 0 : written[i]
      if (w && place[i] && !written[place[i]])
        again = written[place[i]] = 1
      if (w && i < n && op[i] != "jump" && op[i] != "end" && !written[i + 1])
        again = written[i + 1] = 1
    }
  } while (again)
}

function finish_kernel(    i, some) {
  follow()
  for (i = 1; i <= n; i++)
    if (op[i] == "product") {
      some = 1
      if (written[i]) {
        printf "%s: line %d: a product without a fence in front of it\n", kernel, text[i]
        bad = 1
        break
      }
    }
  kernels++
  with_products += some
  split("", op); split("", to); split("", place); split("", written); split("", text)
  n = 0
}

/^\.visible \.entry/ { kernel = $3; sub(/\(.*/, "", kernel); depth = 0 }
kernel {
  count = split($0, parts, ";")
  for (p = 1; p <= count; p++) {
    s = parts[p]
    if (match(s, /^[ \t{]*[$A-Za-z_][$A-Za-z0-9_]*:/)) {
      name = substr(s, RSTART, RLENGTH - 1)
      gsub(/[ \t{]/, "", name)
      note("label", name)
      s = substr(s, RSTART + RLENGTH)
    }
    words = split(s, word, /[ \t]+/)
    if (s ~ /(^|[ \t])bra(\.uni)?[ \t]/)
      note(s ~ /@/ ? "branch" : "jump", word[words])
    else if (s ~ /(^|[ \t])(ret|exit)[ \t]*$/)
      note(s ~ /@/ ? "branch" : "end", "")
    else if (s ~ /fence\.proxy\.async/)
      note("fence", "")
    else if (s ~ /wgmma\.mma_async/)
      note("product", "")
    else if (s ~ /(^|[ \t])st\.(volatile\.|relaxed\.)?shared/ || s ~ /(^|[ \t])cp\.async\.c[ag]\./)
      note("write", "")
  }
  depth += gsub(/{/, "{") - gsub(/}/, "}")
  if (depth == 0 && /}/) {
    finish_kernel()
    kernel = ""
  }
}
END { printf "%d kernels, %d with products\n", kernels, with_products; exit bad || !with_products }
