#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# budget.sh BUDGETS TARGET PART size SIZE_TOOL FILE [OBJECT...]: text, data and bss of an archive's objects together or of an executable and, with the objects of runtime_stack.sh, the
# worst-case stack. budget.sh BUDGETS TARGET PART inspect VITRO MODEL: file and arena of a program.
# Holds them against the budgets of that part. Fails when one is exceeded, when a quantity has no budget and when a budget was not measured.
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
