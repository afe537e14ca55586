# SPDX-License-Identifier: Apache-2.0
# Arm's bare-metal GCC for Cortex-M, with newlib. The toolchain files cortex-m4.cmake, cortex-m7.cmake and
# cortex-m55.cmake set VITRO_CORTEX_M_FLAGS and include this one.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# flatbuffers.h needs the headers of the C++ library, but none of its code. Arm's own toolchain has these headers;
# Debian keeps them in a package of 1.6 GB (libstdc++-arm-none-eabi-newlib). Where that is not installed, the headers
# of the build machine's g++ are used instead; newlib_cxx/ replaces the few of them that need glibc.
execute_process(COMMAND ${CMAKE_CXX_COMPILER} -std=c++17 -ffreestanding -x c++ -fsyntax-only -include string /dev/null RESULT_VARIABLE missing OUTPUT_QUIET ERROR_QUIET)
if(missing)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -dumpversion OUTPUT_VARIABLE version OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  string(REGEX MATCH "^[0-9]+" version "${version}")
  file(GLOB machine_headers /usr/include/*/c++/${version}/bits/c++config.h)
  if(NOT version OR NOT machine_headers)
    message(FATAL_ERROR "arm-none-eabi-g++ ${version} with headers of the C++ library not found: install gcc-arm-none-eabi and libnewlib-arm-none-eabi, "
                        "and g++ of the same version or libstdc++-arm-none-eabi-newlib")
  endif()
  list(GET machine_headers 0 machine_headers)
  string(REPLACE "/bits/c++config.h" "" machine_headers "${machine_headers}")
  set(cxx_headers "-nostdinc++ -isystem ${CMAKE_CURRENT_LIST_DIR}/newlib_cxx -isystem /usr/include/c++/${version} -isystem ${machine_headers}")
endif()

set(CMAKE_C_FLAGS_INIT "${VITRO_CORTEX_M_FLAGS} -mthumb -mfloat-abi=hard -ffreestanding -fbuiltin -ffunction-sections -fdata-sections")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT} -fno-exceptions -fno-rtti -fno-threadsafe-statics ${cxx_headers}")
set(CMAKE_ASM_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -static -Wl,--gc-sections")
set(CMAKE_C_STANDARD_LIBRARIES "-lc -lgcc")
set(CMAKE_CXX_STANDARD_LIBRARIES "-lc -lgcc")
