# SPDX-License-Identifier: Apache-2.0
# Cortex-M7: ARMv7E-M, DSP instructions. Nothing here is in double precision, so that parts without it are served too.
set(CMAKE_SYSTEM_PROCESSOR cortex-m7)
set(VITRO_CORTEX_M_FLAGS "-mcpu=cortex-m7 -mfpu=fpv5-sp-d16")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
