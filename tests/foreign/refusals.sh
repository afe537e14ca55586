#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refusals.sh VITRO SOURCE CXX: flags that would break the law are refused by every source that computes, in a
# sentence, and so is a language that is too old.
. "$(dirname "$0")/common.sh"
cxx=$3
cd "$project"
flags='-ffast-math -ffinite-math-only -funsafe-math-optimizations'
case $("$cxx" --version) in *clang*) flags='-ffast-math -ffinite-math-only' ;; esac  # no macro of clang tells the last
for flag in $flags; do
  for source in kernels/linear/linear_reference kernels/rows/rows_avx2 kernels/norms/norms_reference ops/mean_rows; do
    ! "$cxx" -std=c++17 "$flag" -I. -Iruntime/include -fsyntax-only "runtime/$source.cpp" 2> "$work/said"
    grep -q 'do not build with -ffast-math' "$work/said" || { echo "$source compiles with $flag"; cat "$work/said"; exit 1; }
  done
done
! "$cxx" -std=gnu++11 -I. -Iruntime/include -fsyntax-only runtime/program/verify.cpp 2> "$work/said"
grep -q 'give the compiler -std=c++17' "$work/said" || { cat "$work/said"; exit 1; }
