#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# makefile.sh VITRO SOURCE CC CXX CPU: a project with a Makefile. The tree's own makes the library for this machine,
# by the compiler's defaults; the program is an object file, its kernels are those that
# the tool finds best on this machine. A tree of
# one variant runs that one.
. "$(dirname "$0")/common.sh"
cc=$3 cxx=$4 cpu=$5
best=$("$vitro" isa | head -n 1)
need_program make
sources
make -s -j2 -C "$work/vitro" CXX="$cxx"
"$vitro" emit -m "$program" --object "$cpu" -o "$work/model.o" > /dev/null
"$cc" -O1 -Wall -Wextra -Werror -I"$work" -I"$work/vitro/src" "$here/main.c" "$here/hosted.c" "$work/model.o" "$work/vitro/libvitro_runtime.a" -o "$work/app"
"$work/app" | tee "$work/out"
golden "$best"

rm -rf "$work/vitro"
sources --isas helium
test ! -e "$work/vitro/src/runtime/kernels/linear/linear_avx2.cpp" -a -e "$work/vitro/src/runtime/kernels/linear/linear_helium.cpp"
make -s -j2 -C "$work/vitro" CXX="$cxx"
"$cc" -O1 -I"$work" -I"$work/vitro/src" "$here/main.c" "$here/hosted.c" "$work/model.o" "$work/vitro/libvitro_runtime.a" -o "$work/app"
"$work/app" | tee "$work/out"
golden reference
