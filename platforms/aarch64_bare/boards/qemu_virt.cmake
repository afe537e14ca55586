# SPDX-License-Identifier: Apache-2.0
# QEMU's virt: whatever core is asked for. No GPIO, and the other cores are off.
set(TITLE "QEMU virt")
set(RAM 0x40000000)
set(UART 0x09000000)  # a PL011
