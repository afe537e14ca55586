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
set(VITRO_BUILD_MACHINE_HEADERS ON)  # Debian has header-only packages for all architectures at once

# Neither the runtime nor the firmware includes a header of the C++ library, which Debian keeps in a package of 1.6 GB.
set(CMAKE_C_FLAGS_INIT "${VITRO_CORTEX_M_FLAGS} -mthumb -mfloat-abi=hard -ffreestanding -fbuiltin -ffunction-sections -fdata-sections")
set(CMAKE_CXX_FLAGS_INIT "${CMAKE_C_FLAGS_INIT} -fno-exceptions -fno-rtti -fno-threadsafe-statics -nostdinc++")
set(CMAKE_ASM_FLAGS_INIT "${CMAKE_C_FLAGS_INIT}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -static -Wl,--gc-sections")
set(CMAKE_C_STANDARD_LIBRARIES "-lc -lgcc")
set(CMAKE_CXX_STANDARD_LIBRARIES "-lc -lgcc")
