#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# target_headers.sh VITRO SOURCE CMAKE STB JSON CLI11 FLATBUFFERS: the tool for another machine, by a toolchain file with a
# root of the target's, is compiled with the header-only packages in that root. One that is missing there is not taken from
# the build machine, unless that is asked for. The last arguments are the folders of these packages on this machine.
. "$(dirname "$0")/common.sh"
cmake=$3 stb=$4 json=$5 cli11=$6 flatbuffers=$7
need_program aarch64-linux-gnu-g++
include=$work/root/usr/include
mkdir -p "$include"
cp -r "$json/nlohmann" "$cli11/CLI" "$flatbuffers/flatbuffers" "$stb/stb" "$include"
cat > "$work/toolchain.cmake" << END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_FIND_ROOT_PATH $work/root)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
END
# configure [OPTION...]
configure() {
  rm -rf "$work/build"
  "$cmake" -S "$project" -B "$work/build" --toolchain "$work/toolchain.cmake" -DVITRO_BUILD_CONVERTER=OFF -DVITRO_BUILD_TESTS=OFF "$@" > "$work/log" 2>&1
}

configure || { cat "$work/log"; exit 1; }
test "$(grep -c "_headers_DIR:PATH=$include\$" "$work/build/CMakeCache.txt")" -eq 4 || { grep _headers_DIR "$work/build/CMakeCache.txt"; exit 1; }

rm -r "$include/stb"
! configure
tr -s ' \n' ' ' < "$work/log" | grep -qF 'stb/stb_image.h of the target not found: install its libstb-dev' || { cat "$work/log"; exit 1; }
configure -DVITRO_BUILD_MACHINE_HEADERS=ON
grep -qx "vitro_stb_headers_DIR:PATH=$stb" "$work/build/CMakeCache.txt"
test "$(grep -c "_headers_DIR:PATH=$include\$" "$work/build/CMakeCache.txt")" -eq 3
