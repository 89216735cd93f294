# unite_cuda.awk -v to=PREFIX FILE.cu...: generated CUDA sources united into few: PREFIX1.cu, PREFIX2.cu and so on, with each definition
# once, so that nvcc and NVRTC compile once what several networks have alike. A source goes into the first of these files in which no
# name that it defines stands for something else. A source that uses what others define, and not itself, is an error: nvcc would no
# longer find it.

# The name that LINE defines, a line that stands in no function.
function name_of(line) {
  if (line ~ /^#define /)
    sub(/^#define /, "", line)
  else if (line ~ /^struct /)
    sub(/^struct /, "", line)
  else if (line !~ /^[A-Za-z_][A-Za-z_0-9]*( \(|\[)/)
    return ""
  sub(/[^A-Za-z_0-9].*/, "", line)
  return line
}

# The lines since the last definition are one, or comments.
function end_definition() {
  if (text != "") {
    definitions[++count] = text
    names[text] = found
  }
  text = found = ""
}

function fits(file,  i, n, list, j) {
  for (i = 1; i <= count; i++) {
    n = split(names[definitions[i]], list, " ")
    for (j = 1; j <= n; j++)
      if ((file, list[j]) in meaning && meaning[file, list[j]] != definitions[i])
        return 0
  }
  return 1
}

function end_source(  file, i, n, list, j, code) {
  end_definition()
  for (file = 1; !fits(file);)
    file++
  for (i = 1; i <= count; i++) {
    if (!((file, definitions[i]) in has)) {
      has[file, definitions[i]] = 1
      printf "%s\n", definitions[i] >(to file ".cu")
    }
    n = split(names[definitions[i]], list, " ")
    for (j = 1; j <= n; j++) {
      meaning[file, list[j]] = definitions[i]
      defined[list[j]] = defined[source, list[j]] = 1
    }
    code = definitions[i]
    gsub(/\/\*[^*]*\*+([^\/*][^*]*\*+)*\//, " ", code)
    n = split(code, list, /[^A-Za-z_0-9]+/)
    for (j = 1; j <= n; j++)
      used[source, list[j]] = 1
  }
  count = 0
}

FNR == 1 {
  if (NR > 1)
    end_source()
  source = FILENAME
}
!inside && !comment && !conditions && /^$/ {
  end_definition()
  next
}
/^#if/ { conditions++ }
/^#endif/ { conditions-- }
/^\/\*/ { comment = 1 }
{ text = text $0 "\n" }
!inside && !comment { found = found " " name_of($0) }
/\*\// { comment = 0 }
/^{/ || /^[^ ].* = {$/ { inside = 1 }
/^}/ {
  inside = 0
  if (!conditions)
    end_definition()
}
END {
  end_source()
  for (use in used) {
    split(use, pair, SUBSEP)
    if (pair[2] in defined && !(use in defined)) {
      printf "%s: %s is defined by other sources only\n", pair[1], pair[2]
      lacking = 1
    }
  }
  exit lacking
}
