#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# budget.sh: measures a part of a build and compares it with its budgets (BUDGETS is budgets.txt).
#   budget.sh BUDGETS TARGET PART size SIZE_TOOL FILE [OBJECT...]
#     measures text, data and bss of an executable, or of an archive (the sum of its objects), and the worst-case stack
#     where the objects that runtime_stack.sh needs are given.
#   budget.sh BUDGETS TARGET PART inspect VITRO MODEL
#     measures the file and the arena of a program.
# Exits with 1 when a quantity exceeds its budget or has none, or when a budget was not measured; with 77 where MODEL is
# absent (tests/support/skip.sh).
set -eu
budgets=$1 target=$2 part=$3 kind=$4
shift 4
here=$(dirname "$0")
measure() {
  if [ "$kind" = inspect ]; then
    "$1" inspect -m "$2" --json | awk -F '[ :,]+' '$2 == "\"file_bytes\"" { print "file " $3 } $2 == "\"arena_bytes\"" { print "arena " $3 }'
    return
  fi
  "$1" -t "$2" | awk 'END { print "text " $1; print "data " $2; print "bss " $3 }'
  shift 2
  [ $# -eq 0 ] || sh "$here/runtime_stack.sh" 8192 "$@" | awk '$1 > most { most = $1 } END { print "stack " most }'
}
. "$here/../support/skip.sh"
[ "$kind" != inspect ] || need_expected "$(dirname "$2")"
measured=$(measure "$@")
echo "$measured" | awk -v target="$target" -v part="$part" '
  NR == FNR { measured[$1] = $2; next }
  /^#/ || $1 != target || $2 != part { next }
  {
    found[$3] = 1
    if (!($3 in measured)) { print "FAILED: " $3 " of " part " was not measured"; failed = 1; next }
    printf "%-12s %-14s %-6s %8s of %8d bytes\n", target, part, $3, measured[$3], $4
    if (measured[$3] !~ /^[0-9]+$/ || measured[$3] + 0 > $4 + 0) {
      print "FAILED: more than the budget. Make it smaller, or change budgets.txt in the same commit and say why"
      failed = 1
    }
  }
  END {
    for (quantity in measured) if (!(quantity in found)) { print "FAILED: " target " " part " " quantity " " measured[quantity] " has no line in budgets.txt"; failed = 1 }
    exit failed
  }' - "$budgets"
