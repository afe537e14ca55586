#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# arduino.sh VITRO SOURCE BOARD MACHINE ISA: the folder that the tool writes as a library of Arduino, built with its own
# example by Arduino's builder, for a board of arduino/hardware. It boots under QEMU.
. "$(dirname "$0")/common.sh"
board=$3 machine=$4 isa=$5
need_program arm-none-eabi-g++ qemu-system-arm arduino-builder arduino-ctags
mkdir "$work/libraries" "$work/build"
"$vitro" emit --runtime "$work/libraries/vitro" > /dev/null
cp -r "$work/libraries/vitro/examples/Golden" "$work/Golden"
"$vitro" emit -m "$program" --c-array -o "$work/Golden/model.c" > /dev/null
cp -r "$here/arduino/hardware" "$work/hardware"
cp "$here/cortex_m.c" "$work/hardware/qemu/arm/cores/bare/"
arduino-builder -compile -warnings all -hardware /usr/share/arduino-builder -hardware "$work/hardware" -tools /usr/bin -libraries "$work/libraries" \
  -fqbn "qemu:arm:$board" -prefs "linker.script=$here/cortex_m.ld" -build-path "$work/build" "$work/Golden/Golden.ino" > "$work/log" 2>&1 || { tail -n 50 "$work/log"; exit 1; }
objects() { find "$1" -name "$2" | wc -l; }
test "$(objects "$work/build/libraries/vitro" '*.cpp.o')" -eq "$(objects "$work/libraries/vitro/src" '*.cpp')"
boot "$machine" "$work/build/Golden.ino.elf"
golden "$isa"
