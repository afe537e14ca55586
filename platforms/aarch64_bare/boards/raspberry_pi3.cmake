# SPDX-License-Identifier: Apache-2.0
# Raspberry Pi 3 and Zero 2 W: Cortex-A53.
set(TITLE "Raspberry Pi 3")
set(RAM 0x0)
set(UART 0x3F201000)  # a PL011
set(GPIO 0x3F200000)  # in the same 2 MiB as the UART
set(SPIN_TABLE 0xe0)  # where the other cores wait
