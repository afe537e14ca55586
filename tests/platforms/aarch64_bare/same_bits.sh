#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# same_bits.sh VITRO EXPECTED MACHINE CODE.img MODEL COUNT KERNELS: checks that on this machine, with these kernels, a
# model passes its golden vectors and gives the desktop's logits, to the bit, for its first COUNT pictures (0: all) in
# a flash image after the code. Exits with 1 where it does not, with 77 where something that the test needs is absent
# (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 machine=$3 code_image=$4
. "$(dirname "$0")/boot.sh"
flash_pictures "$work/kernel8.img" "$5" "$6" --kernel "$code_image"
boot "$machine" "$work/kernel8.img" < /dev/null
same_bits "$7"
