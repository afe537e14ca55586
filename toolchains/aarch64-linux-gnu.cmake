# SPDX-License-Identifier: Apache-2.0
# Toolchain file for AArch64 Linux: Debian's cross compiler. Binaries run under qemu-user, by default on an emulated
# Cortex-A53, the ARMv8.0 minimum (VITRO_QEMU_CPU).
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

# The libraries that the compiler's own root lacks; 'toolchains/install.sh tests' unpacks them here.
set(vitro_sysroot ${CMAKE_CURRENT_LIST_DIR}/../build/sysroot/arm64)
get_filename_component(vitro_sysroot ${vitro_sysroot} ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu ${vitro_sysroot})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(VITRO_BUILD_MACHINE_HEADERS ON)  # Debian has header-only packages for all architectures at once

set(VITRO_QEMU_CPU cortex-a53 CACHE STRING "The CPU that qemu-aarch64 emulates: cortex-a53, cortex-a76, max ...")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VITRO_QEMU_CPU)
set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-aarch64;-cpu;${VITRO_QEMU_CPU};-L;/usr/aarch64-linux-gnu;-E;LD_LIBRARY_PATH=${vitro_sysroot}/usr/lib/aarch64-linux-gnu")
