# SPDX-License-Identifier: Apache-2.0
# Toolchain file for Cortex-M4 with its single-precision FPU: ARMv7E-M with DSP instructions.
set(CMAKE_SYSTEM_PROCESSOR cortex-m4)
set(VITRO_CORTEX_M_FLAGS "-mcpu=cortex-m4 -mfpu=fpv4-sp-d16")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
