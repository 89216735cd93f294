#!/bin/sh
# The rules on sources that docs/design.md and templates/README.md state, and a planted case for each that shows that the rule
# finds it.
. "$(dirname "$0")/lib.sh"

#   sh tests/structure.sh RULE...: what breaks these rules, line by line, and nothing else.
# Rules that the tree does not keep yet: what they find is counted and does not fail.
waiting=""

# ---- the rules: each looks at the tree in $root and prints a line for each place that breaks it ----

# Source files of gen/ below a folder, or all.
sources () { find "$root/gen$1" -name '*.[ch]' -o -name '*.def' | sort; }

# The names of targets for CPUs, save c: rows { "NAME", … of the table in isa.c.
target_names () { sed -n 's/.*{ *"\([a-z][a-z0-9_]*\)",.*/\1/p; s/.*\.name = "\([a-z0-9_]*\)".*/\1/p' "$root/gen/backend/cpu/isa.c" | grep -vx c; }

# Backends are told by their interface: no other room names one, or an instruction set, but the command line's parser. What may:
# gen/backends.c lists them; gen/plan has the families of their kernels; PyTorch has a module torch.cuda; names that generated
# programs cannot take are those of CUDA's types and libraries, too.
backend_names () {
  names="cuda|$(target_names | tr '\n' '|' | sed 's/|$//')"
  sources "" | grep -v "^$root/gen/\(backend/\|backends\.c\|plan/cuda/\|plan/families\.def\|main\.c\|arguments\.[ch]\|folder_commands\.c\)" \
    | xargs grep -niE "(^|[^a-z0-9])($names)([^a-z0-9]|\$)|cuda" /dev/null \
    | grep -vE 'torch\.cuda|/names\.c:[0-9]+:.*(CUDA.s headers|cudart)'
}

# A kernel is told by its family: no code compares a template's name or a part of it.
template_names () {
  all=$(find "$root/templates" -name '*_*.m4' | sed 's|.*/||; s/\.m4$//' | tr '\n' '|' | sed 's/|$//')
  sources "" | xargs grep -nE "(str(n|case)?cmp|strstr|strspn|memcmp|fnmatch|has_(prefix|suffix)|same) *\(" /dev/null \
    | grep -E "[>.](stem|template)\>|\"((cpu|cuda|network)/|(conv|mma|tma|tile|stem|winograd|transposed)_[a-z_]*\"|($all)\")"
}

# Templates have lines of at most 120 characters.
template_lines () { find "$root/templates" -name '*.m4' | sort | LC_ALL=C.UTF-8 xargs grep -nE '^.{121}' /dev/null | cut -c 1-160; }

# What a template requires, and what else the generator defines for it, stands in templates/README.md, or in a line of gen/plan
# that the README's table is made from. A name with an ellipsis, as K_…, stands for all that begin so. A group's members have its
# prefix and an underscore in front, or stand in the place of its prefix's asterisk.
template_parameters () {
  find "$root/gen/plan" -name '*.def' 2>/dev/null | xargs cat /dev/null >"$tmp/defs"
  {
    sed -n 's/^[A-Z_]* *([a-z0-9_]*, *\([A-Z][A-Z0-9_]*\),.*/\1/p' "$tmp/defs"
    tr '`' '\n' <"$root/templates/README.md" | grep -xE '[A-Z][A-Z0-9_]*'
    # `K_D` … `K_W`: what lies between has the same beginning.
    grep -oE '`[A-Z0-9_]+` … `[A-Z0-9_]+`' "$root/templates/README.md" | tr -d '`' \
      | awk '{ n = 0; while (substr ($1, 1, n + 1) == substr ($3, 1, n + 1)) n++; print substr ($1, 1, n) "…" }'
    tr '`' '\n' <"$root/templates/README.md" | grep -xE '[A-Z][A-Z0-9_]*_…'
  } | sort -u >"$tmp/documented"
  sed -n 's/^GROUP *([a-z0-9_]*, *[a-z0-9_]*, *"\([A-Z0-9_*]*\)".*/\1/p' "$tmp/defs" | sed 's/^[^*]*$/&_*/' | sort -u >"$tmp/affixes"
  {
    find "$root/templates" -name '*.m4' ! -name base.m4 | sort | while read -r template; do
      tr '\n' ' ' <"$template" | grep -o 'require([^)]*)' | grep -oE '[A-Z][A-Z0-9_]+' | sort -u | sed "s|^|$template |"
    done
    sources "" | xargs grep -oE 'params_(add|int|verbatim) \(&?[a-z]+, (mem_printf \()?"[A-Z][A-Z0-9_]*(%s)?"' /dev/null \
      | sed 's/^\([^:]*\):.*"\(.*\)"/\1 \2/; s/%s$/…/'
  } | awk -v documented="$tmp/documented" -v affixes="$tmp/affixes" '
    BEGIN {
      while ((getline name <documented) > 0) {
        known[name] = 1
        if (sub (/…$/, "", name)) begin[name] = 1
      }
      while ((getline affix <affixes) > 0) {
        before[affix] = substr (affix, 1, index (affix, "*") - 1)
        behind[affix] = substr (affix, index (affix, "*") + 1)
      }
    }
    function ends (name, tail) { return substr (name, length (name) - length (tail) + 1) == tail }
    {
      ok = $2 in known
      for (b in begin)
        ok = ok || index ($2, b) == 1
      for (a in before)
        ok = ok || index ($2, before[a]) == 1 && ends ($2, behind[a]) \
             && substr ($2, length (before[a]) + 1, length ($2) - length (a) + 1) in known
      if (!ok)
        print $1 ": " $2 " is not documented"
    }'
}

# The folders of gen/ in the order of docs/design.md.
folder_order () { sed -n '/^| folder /,/^$/s/^| \([a-z/, ]*\) |.*/\1/p' "$root/docs/design.md" | tr -d ',' | grep -vx folder | tr ' ' '\n'; }

# Each folder includes only those above it, and the table has them all. The command line knows no backend's folder.
folders () {
  folder_order >"$tmp/order"
  find "$root/gen" -maxdepth 1 -name '*.[ch]' ! -name backends.c | xargs grep -n '^#include "backend/.*/' /dev/null
  find "$root/gen" -mindepth 1 -type d ! -name '.*' | sort | while read -r folder; do
    [ -z "$(find "$folder" -maxdepth 1 -name '*.[ch]')" ] || grep -qx "${folder#"$root"/gen/}" "$tmp/order" \
      || echo "docs/design.md does not tell what $folder has"
  done
  sources "" | xargs grep -nE '^#include "[a-z]+/' /dev/null \
    | sed "s|^$root/gen/\(.*\)/\([^/:]*:[0-9]*\):#include \"\(.*\)/[^/]*\"\$|\1 \3 \2|" \
    | awk -v order="$tmp/order" '
      BEGIN { while ((getline name <order) > 0) place[name] = ++count }
      function nested(folder) { return folder ~ /^backend\// }
      NF == 3 && nested($1) && nested($2) && $1 != $2 { print "gen/" $1 "/" $3 ": includes " $2 "/, another backend" }
      NF == 3 && place[$2] > place[$1] { print "gen/" $1 "/" $3 ": includes " $2 "/, which stands below " $1 }
      NF == 3 && !($2 in place) { print "gen/" $1 "/" $3 ": includes " $2 "/, which is no folder of docs/design.md" }'
}

# … nor calls what a folder below it has, by the symbols of the objects in $objects that there are sources for. backends.c, in
# gen itself, lists what all folders reach through it alone.
symbols () {
  folder_order >"$tmp/order"
  tree=$(cd "$root" && pwd)
  (cd "$objects" && find gen -mindepth 2 -name 'libgen_a-*.o' | sort | while read -r object; do
    [ -e "$tree/$(echo "${object%.o}.c" | sed 's/libgen_a-//')" ] || continue
    nm -g "$object" | sed "s|^|$(dirname "${object#gen/}") $(basename "$object" .o) |"
  done) | awk -v order="$tmp/order" '
    BEGIN { while ((getline name <order) > 0) place[name] = ++count }
    NF == 5 { home[$5] = $1 }
    NF == 4 && $3 == "U" { uses[$1 " " $2 " " $4] = $4 }
    function nested(folder) { return folder ~ /^backend\// }
    END {
      for (u in uses)
        if ((to = home[uses[u]]) && split (u, from, " ") && from[1] != to)
          if (place[to] > place[from[1]] || (nested(to) && nested(from[1])))
            print "gen/" from[1] "/" from[2] ": calls " uses[u] " of " to "/, which stands below or beside it"
    }' | sort
}

# Files that the documents name are there, seen from the top or from templates/ and gen/, or, without a folder, anywhere; and what
# design.md and adding-*.md put in `` as a name in C or m4 is a word of some source. Capitals stand for other words, as in NAME.m4.
doc_names () {
  find "$root/docs" "$root/templates" -name '*.md' | sort | while read -r document; do
    tr '`' '\n' <"$document" | grep -E '^[a-z0-9_.*/-]+( \(\))?$' | sed "s|^|$document |"
  done | awk '!seen[$1, $2]++ { print $1, $2 }' >"$tmp/mentioned"
  find "$root/gen" "$root/runtime" "$root/templates" "$root/tests" -type f ! -name '*.o' ! -name '*.md' | sed 's|.*/||' >"$tmp/files"
  find "$root/gen" "$root/runtime" "$root/templates" -name '*.[ch]' -o -name '*.def' -o -name '*.m4' | xargs cat \
    | grep -oE '[A-Za-z_][A-Za-z0-9_]+' | sort -u >"$tmp/words"
  while read -r document name; do
    case $name in
      gen/* | runtime/* | templates/* | tests/* | docs/* | bench/* | examples/* | wisdom/* | */*.m4 | */*.[ch] | */*.def)
        # shellcheck disable=SC2086
        for path in $root/$name $root/templates/$name $root/gen/$name; do
          [ ! -e "$path" ] || continue 2
        done ;;
      *.m4 | *.[ch] | *.def | *.sh) grep -qxe "$(echo "$name" | sed 's/[.]/[.]/g; s/[*]/.*/g')" "$tmp/files" && continue ;;
      *_*) case $document in */design.md | */adding-*) grep -qxF -- "$name" "$tmp/words" && continue ;; *) continue ;; esac ;;
      *) continue ;;
    esac
    echo "$document: there is no $name"
  done <"$tmp/mentioned"
}

# Lines of gen/ and of the runtime have at most 120 characters.
source_lines () { { sources ""; find "$root/runtime" -name '*.[ch]'; } | LC_ALL=C.UTF-8 xargs grep -nE '^.{121}' /dev/null | cut -c 1-160; }

# Files of gen/ have at most 400 lines.
long_files () { sources "" | xargs wc -l | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines" }'; }

# Programs that make builds in tests/ are named in .gitignore, so that nobody commits them. Archives of the sources have no
# such file.
ignored_programs () {
  [ -e "$root/.gitignore" ] || return 0
  sed -n 's/^tests_\([a-z0-9_]*\)_SOURCES.*/\1/p' "$root/Makefile.am" | grep -v '_a$' | sort -u | while read -r program; do
    grep -qx "/tests/$program" "$root/.gitignore" || echo "$root/.gitignore has no /tests/$program"
  done
}

rules="backend_names template_names template_lines template_parameters folders symbols doc_names source_lines long_files \
  ignored_programs"

objects=$RESCAST_BUILDDIR
if [ $# -gt 0 ]; then
  cd "$RESCAST_SRCDIR" && root=. || exit 99
  for rule; do "$rule"; done
  exit
fi

# ---- planted cases ----

# A small tree that keeps all rules.
plant_clean () {
  rm -rf "$tmp/planted"
  mkdir -p "$tmp/planted/gen/base" "$tmp/planted/gen/backend/cpu" "$tmp/planted/gen/plan" "$tmp/planted/templates/cpu" \
    "$tmp/planted/docs" "$tmp/planted/runtime" "$tmp/planted/tests"
  cd "$tmp/planted" || exit 99
  echo '/tests/value' >.gitignore
  echo 'tests_value_SOURCES = tests/value.c' >Makefile.am
  printf '| folder | has |\n|---|---|\n| base | a |\n| plan | b |\n| backend | c |\n| backend/cpu | d |\n\n`gen/base/value.c`, `value.h`, `base_value` of `cpu/conv_*.m4`, `NAME.m4`\n' >docs/design.md
  printf 'const int table[] = { "c", "avx2" };\n' >gen/backend/cpu/isa.c
  sed -i 's/{ "c"/{ "c", 0 }, { "avx2"/; s/"avx2" }/"avx2", 1 }/' gen/backend/cpu/isa.c
  printf 'int base_value (void);\n' >gen/base/value.h
  printf '#include "value.h"\nint\nbase_value (void)\n{\n  return 1;\n}\n' >gen/base/value.c
  printf '#include "base/value.h"\nint plan_value (void);\nint\nplan_value (void)\n{\n  return base_value ();\n}\n' >gen/plan/value.c
  printf 'INT (c, C, CODE, "channels")\nGROUP (in, tensor, "IN", "the input")\nGROUP (h, taps, "*_H", "rows")\n' >gen/plan/tensor.def
  printf '| `K_D` … `K_W` | window |\n| `EPS` | one |\n' >templates/README.md
  printf 'require(<|IN_C|>, <|C_H|>, <|K_H|>,\n  <|EPS|>)m4_dnl\n' >templates/cpu/conv_direct.m4
}

# plant RULE CASE: what breaks this rule; the CASE is a number from 1 on.
plant () {
  case $1 in
    backend_names) echo '/* as on avx2 */' >>gen/plan/value.c ;;
    template_names) echo 'int f (const struct kernel *k) { return strncmp (k->name, "conv_direct", 4); }' >>gen/plan/value.c ;;
    template_lines) printf '%0121d\n' 0 >>templates/cpu/conv_direct.m4 ;;
    template_parameters)
      case $2 in
        1) echo 'require(<|OUT_C|>)' >>templates/cpu/conv_direct.m4 ;;
        2) echo 'require(<|C_W|>)' >>templates/cpu/conv_direct.m4 ;;
        3) echo 'void f (void *p) { params_int (p, "EMBED", 1); }' >>gen/plan/value.c ;;
      esac ;;
    folders)
      case $2 in
        1) echo '#include "plan/value.h"' >>gen/base/value.c ;;
        2) echo '#include "backend/cpu/value.h"' >gen/main.c ;;
      esac ;;
    symbols) echo 'int plan_value (void); int base_loop (void); int base_loop (void) { return plan_value (); }' >>gen/base/value.c ;;
    doc_names)
      case $2 in
        1) echo 'Text, `gen/base/values.c`.' >>docs/design.md ;;
        2) echo 'Text, `values.c`.' >>docs/design.md ;;
        3) echo 'Text, `base_values ()`.' >>docs/design.md ;;
        4) echo 'Text, `cpu/conv_*_*.m4`.' >>docs/design.md ;;
      esac ;;
    source_lines) printf '/* %0121d */\n' 0 >>gen/plan/value.c ;;
    ignored_programs) echo 'tests_value_to_v2_SOURCES = tests/value.c' >>Makefile.am ;;
    long_files) yes '/* */' | head -n 401 >>gen/plan/value.c ;;
  esac
}

# found RULE: what it finds in the planted tree
found () {
  (
    root=. objects=.
    for f in base plan; do "$CC" -Igen -c -o gen/$f/libgen_a-value.o gen/$f/value.c 2>/dev/null; done
    "$1"
  )
}

for case in $rules folders:2 template_parameters:2 template_parameters:3 doc_names:2 doc_names:3 doc_names:4; do
  rule=${case%:*}
  plant_clean
  before=$(found "$rule")
  plant "$rule" "$(case $case in *:*) echo "${case#*:}" ;; *) echo 1 ;; esac)"
  after=$(found "$rule")
  if [ -n "$before" ]; then fail "$rule finds in a clean tree: $before"; elif [ -z "$after" ]; then fail "$rule does not find what was planted"; else pass; fi
done

# ---- the tree ----

cd "$RESCAST_SRCDIR" || exit 99
root=.
for rule in $rules; do
  "$rule" >"$tmp/found"
  count=$(wc -l <"$tmp/found")
  case " $waiting " in
    *" $rule "*) echo "$rule: $count, not enforced yet" ;;
    *) if [ "$count" -eq 0 ]; then pass; else cat "$tmp/found"; fail "$rule: $count"; fi ;;
  esac
done
finish
