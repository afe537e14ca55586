#!/bin/sh
# qemu.sh MACHINE ELF [QEMU'S ARGUMENT...]: runs an image of platforms/cortex_m under QEMU, its serial line on stdin and stdout; the exit code is the image's.
# Exit code 77: no qemu-system-arm, so the test is skipped.
machine=$1 elf=$2
shift 2
command -v qemu-system-arm > /dev/null || { echo "SKIPPED: qemu-system-arm is not installed"; exit 77; }
exec qemu-system-arm -M "$machine" -kernel "$elf" -display none -serial stdio -monitor none -nic none -semihosting-config enable=on,target=native "$@"
