# SPDX-License-Identifier: Apache-2.0
# Toolchain file for Cortex-M7: ARMv7E-M with DSP instructions. The FPU is set to single precision, so that the code
# also runs on parts without double precision.
set(CMAKE_SYSTEM_PROCESSOR cortex-m7)
set(VITRO_CORTEX_M_FLAGS "-mcpu=cortex-m7 -mfpu=fpv5-sp-d16")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
