# SPDX-License-Identifier: Apache-2.0
# Toolchain file for 32-bit ARMv7 Linux with NEON: Debian's cross compiler. Binaries run under qemu-user.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7)
set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabihf-g++)
set(CMAKE_C_FLAGS_INIT "-march=armv7-a -mfpu=neon-vfpv4")
set(CMAKE_CXX_FLAGS_INIT "-march=armv7-a -mfpu=neon-vfpv4")

# The libraries that the compiler's own root lacks; 'toolchains/install.sh tests' unpacks them here.
set(vitro_sysroot ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/armhf)
get_filename_component(vitro_sysroot ${vitro_sysroot} ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH /usr/arm-linux-gnueabihf ${vitro_sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(VITRO_BUILD_MACHINE_HEADERS ON)  # Debian has header-only packages for all architectures at once

set(VITRO_QEMU_CPU cortex-a15 CACHE STRING "The CPU that qemu-arm emulates: cortex-a7, cortex-a15, max ...")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VITRO_QEMU_CPU)
set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-arm;-cpu;${VITRO_QEMU_CPU};-L;/usr/arm-linux-gnueabihf;-E;LD_LIBRARY_PATH=${vitro_sysroot}/usr/lib/arm-linux-gnueabihf")
