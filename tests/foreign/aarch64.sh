#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# aarch64.sh VITRO SOURCE: the same Makefile with a cross compiler and its defaults. The kernels are those of the CPU that
# runs them, the program is assembly, and nothing in the library multiplies and adds in one instruction but what asks for
# it: neon_whole_tile.h takes the zero point's part away by FMLS of a lane, where that is exact, and neon_static_tiles.h
# makes the 16 vectors of outputs of a tile by FMLA, in two functions for each of two kernel variants.
. "$(dirname "$0")/common.sh"
need_program make aarch64-linux-gnu-g++ qemu-aarch64
sources --isas neon_i8mm
make -s -j2 -C "$work/vitro" CXX=aarch64-linux-gnu-g++ AR=aarch64-linux-gnu-ar
"$vitro" emit -m "$program" --assembly -o "$work/model.S" > /dev/null
aarch64-linux-gnu-gcc -O1 -static -I"$work" -I"$work/vitro/src" "$here/main.c" "$here/hosted.c" "$work/model.S" "$work/vitro/libvitro_runtime.a" -o "$work/app"
for pair in cortex-a53:neon cortex-a76:neon_dotprod max:neon_i8mm; do
  qemu-aarch64 -cpu ${pair%:*} "$work/app" | tee "$work/out"
  golden ${pair#*:}
done
aarch64-linux-gnu-objdump -d "$work/vitro/libvitro_runtime.a" > "$work/code"
grep -q 'fmul' "$work/code"
awk '/file format/ { asks = /^linear_neon(_dotprod)?\.o:/ }
  /^[0-9a-f]+ <.*>:$/ { is_static = asks && /static_(row|packed)_tiles/ }
  is_static && /[ \t]fmla[ \t]+v[0-9]+\.4s, v[0-9]+\.4s, v[0-9]+\.4s$/ { ++outputs; next }
  /[ \t](fn?m(add|sub)|fml[as])[ \t]/ && !(asks && /[ \t]fmls[ \t].*\.s\[[0-3]\]$/) { print; found = 1 }
  END { if (outputs != 64) print outputs + 0 " FMLA in static tiles, not 64"; exit found || outputs != 64 }' "$work/code"
