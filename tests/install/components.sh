#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# components.sh CMAKE PREFIX PROGRAM CC CONVERTER: find_package with components: the library; the tool, which makes a C
# array in a build; a tool that converts, if CONVERTER is ON. Others are not found.
set -eu
cmake=$1 prefix=$2 program=$3 cc=$4 converter=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/CMakeLists.txt" << 'END'
cmake_minimum_required(VERSION 3.20)
project(components LANGUAGES C)
find_package(vitro 0.1 CONFIG REQUIRED COMPONENTS ${COMPONENTS})
if("tool" IN_LIST COMPONENTS)
  add_custom_command(OUTPUT model.c COMMAND vitro::tool emit -m ${PROGRAM} --c-array -o model.c)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/main.c "#include <vitro/vitro.h>\n#include \"model.h\"\nint main(void) { vitro_program p; return vitro_open(model_program, MODEL_PROGRAM_BYTES, &p); }\n")
  add_executable(app ${CMAKE_CURRENT_BINARY_DIR}/main.c model.c)
  target_include_directories(app PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
  target_link_libraries(app PRIVATE vitro::runtime)
  set_target_properties(app PROPERTIES LINKER_LANGUAGE C)
endif()
END
configure() {
  rm -rf "$work/build"
  "$cmake" -S "$work" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_C_COMPILER="$cc" -DPROGRAM="$program" "-DCOMPONENTS=$1" > "$work/log" 2>&1
}
configure 'runtime;tool' || { cat "$work/log"; exit 1; }
"$cmake" --build "$work/build" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
"$work/build/app"
if [ "$converter" = ON ]; then
  configure 'runtime;tool;converter' || { cat "$work/log"; exit 1; }
else
  ! configure 'converter'
fi
! configure 'runtime;nonsense'
grep -q nonsense "$work/log" || { cat "$work/log"; exit 1; }
