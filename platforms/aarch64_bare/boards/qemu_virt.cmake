# SPDX-License-Identifier: Apache-2.0
# QEMU's machine "virt", with any core. It has no GPIO.
set(TITLE "QEMU virt")
set(RAM 0x40000000)
set(UART 0x09000000)  # a PL011
set(PSCI ON)  # turns the other cores on
