#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# runtime_stack.sh LIMIT OBJECT...: the worst-case stack of each function of vitro.h, from the .ci files that GCC left beside the objects
# (-fcallgraph-info=su). Fails above LIMIT bytes, on recursion, and on frames whose size is not known.
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
