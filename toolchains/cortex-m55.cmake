# SPDX-License-Identifier: Apache-2.0
# Toolchain file for Cortex-M55 with Helium: ARMv8.1-M with MVE for integers and floats.
set(CMAKE_SYSTEM_PROCESSOR cortex-m55)
set(VITRO_CORTEX_M_FLAGS "-mcpu=cortex-m55")
include(${CMAKE_CURRENT_LIST_DIR}/cortex-m.cmake)
