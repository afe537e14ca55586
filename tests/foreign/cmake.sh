#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cmake.sh VITRO SOURCE CMAKE: a CMake project whose toolchain file calls the processor "arm": the flags of the compiler,
# wherever they are given, decide which kernels there are, and flags that leave a core without them are an error.
. "$(dirname "$0")/common.sh"
cmake=$3 core='-mcpu=cortex-m55 -mfloat-abi=hard'
need_program arm-none-eabi-g++ qemu-system-arm arm-linux-gnueabihf-g++
"$vitro" emit -m "$program" --c-array -o "$work/model.c" > /dev/null
# configure [OPTION...]
configure() {
  "$cmake" -S "$here/cmake_project" -B "$work/build" -DVITRO_SOURCE="$project" -DMODEL="$work" -DCMAKE_BUILD_TYPE=MinSizeRel --toolchain "$here/cmake_project/toolchain.cmake" "$@" > "$work/log" 2>&1
}
build() { "$cmake" --build "$work/build" -j2 > "$work/log" 2>&1; }

configure "-DCORE_FLAGS=$core" || { cat "$work/log"; exit 1; }
grep 'Kernel variants: helium' "$work/log"
build || { cat "$work/log"; exit 1; }
boot mps3-an547 "$work/build/image"
golden helium

rm -rf "$work/build"
configure "-DFLAGS_OF_TARGETS=-mcpu=cortex-m55;-mfloat-abi=hard" || { cat "$work/log"; exit 1; }
build || { cat "$work/log"; exit 1; }
boot mps3-an547 "$work/build/image"
golden helium

# refused SENTENCE OPTION...
refused() {
  sentence=$1
  shift
  rm -rf "$work/build"
  ! configure "$@"
  tr -s ' \n' ' ' < "$work/log" | grep -qF "$sentence" || { cat "$work/log"; exit 1; }
}
refused "this core's Helium needs -mfloat-abi=hard" -DCORE_FLAGS=-mcpu=cortex-m55
refused "no NEON: build with -mfpu=neon" -DCORE_FLAGS="-march=armv7-a -mfloat-abi=soft"
refused "do not build with -ffast-math" "-DCORE_FLAGS=$core -ffast-math"
