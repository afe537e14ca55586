#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# runtime_stack.sh LIMIT OBJECT...: prints the worst-case stack of each function of vitro.h, with the calls that lead
# to it, from the .ci files that GCC wrote beside the objects (-fcallgraph-info=su). Exits with 1 where a function
# needs more than LIMIT bytes, and where it finds recursion, a frame of unknown size or a call to an unknown function.
limit=$1
shift
count=$#
while [ $count -gt 0 ]; do
  graph=${1%.o*}.ci  # .o or .obj
  [ -f "$graph" ] || { echo "missing: $graph"; exit 1; }
  set -- "$@" "$graph"
  shift
  count=$((count - 1))
done
exec awk -v limit="$limit" -f "${0%.sh}.awk" "$@"
