# Debian's cross compiler for AArch64 Linux; programs run under qemu-user. VITRO_QEMU_CPU: cortex-a53 is the ARMv8.0 minimum.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)

set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(VITRO_QEMU_CPU cortex-a53 CACHE STRING "The CPU that qemu-aarch64 emulates: cortex-a53, cortex-a76, max ...")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES VITRO_QEMU_CPU)
set(CMAKE_CROSSCOMPILING_EMULATOR "qemu-aarch64;-cpu;${VITRO_QEMU_CPU};-L;/usr/aarch64-linux-gnu")
