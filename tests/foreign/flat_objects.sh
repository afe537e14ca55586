#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# flat_objects.sh VITRO SOURCE CPU MACHINE RAM ISA [FLAG...]: an IDE's project for a Cortex-M: a flat list of objects in
# one folder, Debian's arm-none-eabi-g++ without headers of the C++ library, no flags but the core's. It boots under QEMU.
. "$(dirname "$0")/common.sh"
cpu=$3 machine=$4 ram=$5 isa=$6
shift 6
need_program arm-none-eabi-g++ qemu-system-arm
sources
"$vitro" emit -m "$program" --c-array -o "$work/model.c" > /dev/null
mkdir "$work/objects"
cd "$work/vitro/src"
flags="-mcpu=$cpu -mthumb $* -Os -ffunction-sections -fno-exceptions -fno-rtti -nostdinc++ -Werror -Wall -Wextra -I."
find runtime -name '*.cpp' | xargs -P 2 -I{} sh -c "arm-none-eabi-g++ -std=c++17 $flags -c {} -o $work/objects/\$(basename {} .cpp).o"
test "$(ls "$work/objects" | wc -l)" -eq "$(find runtime -name '*.cpp' | wc -l)"
arm-none-eabi-gcc -mcpu=$cpu -mthumb "$@" -Os -nostartfiles -I"$work" -I. "$here/main.c" "$here/cortex_m.c" "$work/model.c" "$work"/objects/*.o \
  -T"$here/cortex_m.ld" -Wl,--gc-sections,--defsym=RAM="$ram" -o "$work/image.elf"
boot "$machine" "$work/image.elf"
golden "$isa"
arm-none-eabi-objdump -d "$work/image.elf" > "$work/code"
! grep -E '\svfn?m[as]' "$work/code"
