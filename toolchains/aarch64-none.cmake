# SPDX-License-Identifier: Apache-2.0
# Toolchain file for AArch64 without an operating system. Debian has no aarch64-none-elf compiler, so this uses its
# Linux cross compiler in freestanding mode. The mem and str functions come from picolibc, which
# platforms/aarch64_bare links.
#   -fbuiltin              -ffreestanding alone calls memcpy even to copy four bytes, and even in kernels
#   -mno-outline-atomics   outline atomics ask an operating system which CPU this is
#   -mfix-cortex-a53-*     workarounds for errata of the Cortex-A53 (Pi 3, Zero 2)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(vitro_flags "-ffreestanding -fbuiltin -fno-pic -fno-stack-protector -mno-outline-atomics -mfix-cortex-a53-835769 -mfix-cortex-a53-843419 -ffunction-sections -fdata-sections")
set(CMAKE_C_FLAGS_INIT "${vitro_flags}")
set(CMAKE_CXX_FLAGS_INIT "${vitro_flags}")

set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(VITRO_BUILD_MACHINE_HEADERS ON)  # Debian has header-only packages for all architectures at once
