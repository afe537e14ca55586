# SPDX-License-Identifier: Apache-2.0
# Raspberry Pi 4: Cortex-A72.
set(TITLE "Raspberry Pi 4")
set(RAM 0x0)
set(UART 0xFE201000)  # a PL011
set(GPIO 0xFE200000)  # in the same 2 MiB as the UART
set(SPIN_TABLE 0xe0)  # where the other cores wait
# The linker's detour around a fault of Cortex-A53 takes up to 4 KiB for each place that needs it; A72 has no such fault.
set(BOARD_LINK_OPTIONS -mno-fix-cortex-a53-843419)
