# Leftovers in emitted C and CUDA: each line found is printed as FILE:LINE: RULE: TEXT. Reads the names of templates' parameters, a
# line each, from the file NAMES; takes the number of lanes of a file's vectors from its name.
BEGIN {
  while ((getline name < names) > 0)
    parameter[name] = 1
}

function report(rule) { print FILENAME ":" FNR ": " rule ": " $0 }

# The value of TEXT, a number, VL or a product of both; -1 for anything else.
function value(text,   factor, n, i, product) {
  n = split(text, factor, / \* /)
  product = 1
  for (i = 1; i <= n; i++) {
    if (factor[i] == "VL" && lanes)
      factor[i] = lanes
    if (factor[i] !~ /^[0-9]+$/)
      return -1
    product *= factor[i]
  }
  return n ? product : -1
}

# Does the loop with the HEAD "int i = A; i < B; i += C" run at most once?
function runs_once(head,   part, from, end, step) {
  if (split(head, part, /; /) != 3)
    return 0
  from = part[1]; sub(/^.* = /, "", from); sub(/,.*/, "", from)
  end = part[2]; sub(/^[a-z_0-9]+ <=? /, "", end)
  step = part[3]; sub(/,.*/, "", step)
  if (step ~ /^[a-z_0-9]+\+\+$/)
    step = 1
  else if (!sub(/^[a-z_0-9]+ \+= /, "", step))
    return 0
  from = value(from); end = value(end); step = value(step)
  return from >= 0 && end >= 0 && step > 0 && from + step >= end + (part[2] ~ /<=/)
}

# Has LINE a word of more than 60 characters, as people's names of layers may be?
function has_long_name(line,   n, word, i) {
  n = split(line, word, / /)
  for (i = 1; i <= n; i++)
    if (length(word[i]) > 60)
      return 1
  return 0
}

FNR == 1 {
  comment = 0
  lanes = FILENAME ~ /_avx512_[^\/]*$/ ? 16 : FILENAME ~ /_avx2_[^\/]*$/ ? 8 : FILENAME ~ /_neon_[^\/]*$/ ? 4 : 0
}

{
  rest = $0; code = ""; words = ""
  gsub(/"([^"\\]|\\.)*"/, "\"\"", rest)
  while (rest != "") {
    if (comment) {
      end = index(rest, "*/")
      words = words " " (end ? substr(rest, 1, end - 1) : rest)
      rest = end ? substr(rest, end + 2) : ""
      comment = !end
    } else {
      start = index(rest, "/*")
      if (index(rest, "//") && (!start || index(rest, "//") < start)) {
        start = index(rest, "//")
        words = words " " substr(rest, start + 2)
        code = code substr(rest, 1, start - 1)
        break
      }
      code = code (start ? substr(rest, 1, start - 1) : rest)
      rest = start ? substr(rest, start + 2) : ""
      comment = start > 0
    }
  }
  if (code ~ /[*\/%] 1([^0-9.a-zA-Z_]|$)/ || code ~ /(^|[^0-9a-zA-Z_.])1 \* /)
    report("factor of 1")
  if (code ~ /[+-] 0([^0-9.a-zA-Z_]|$)/ || code ~ /(^|[^0-9a-zA-Z_.])0 [+*\/%] /)
    report("term of 0")
  if (code ~ /(\(|, |\? |&& |\|\| )0 \|\| / || code ~ /\|\| 0([^0-9.a-zA-Z_]|$)/)
    report("term of 0")
  if (length($0) > 120 && !has_long_name($0))
    report("line over 120 columns")
  if (code ~ /\(\([^()]*\)\)/ && code !~ /__attribute__ \(\(/)
    report("doubled brackets")
  if (code ~ /""[A-Za-z_0-9]/)
    report("operand of asm without brackets")
  if (code ~ /[+-]= 1[;),]/)
    report("step of 1")
  if (code ~ /^}/) {
    split("", unused)
    split("", unaligned)
  }
  if (match(code, /^ +float [a-z_0-9]+\[/))
    unaligned[substr(code, RSTART, RLENGTH - 1)] = 1
  for (name in unaligned) {
    sub(/^ +float /, "", name)
    if (code ~ "(vload|vstore) \\(" name "[^a-z_0-9]")
      report("vectors of an array that is not aligned")
  }
  if (match(code, /\(void\) [a-z_0-9]+;/))
    unused[substr(code, RSTART + 7, RLENGTH - 8)] = FNR
  for (name in unused)
    if (unused[name] != FNR && code ~ "(^|[^a-z_0-9.])" name "([^a-z_0-9]|$)")
      report("(void) of what is used")
  if (match(code, /for \([^()]*\)/) && runs_once(substr(code, RSTART + 5, RLENGTH - 6)))
    report("loop that runs once")
  n = split(words, word, /[^A-Za-z0-9_]+/)
  for (i = 1; i <= n; i++)
    if (word[i] in parameter)
      report("unexpanded " word[i])
    else if (word[i] ~ /^_|[a-z0-9]_$/)
      report("half a name: " word[i])
}
