#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# same_bits.sh VITRO EXPECTED MACHINE CODE.img MODEL COUNT KERNELS: the first COUNT pictures (0: all) of a model, in a flash image behind the code, give the desktop's logits to the bit,
# by these kernels, after the golden vectors.
VITRO=$1 EXPECTED=$2 machine=$3 code_image=$4
. "$(dirname "$0")/boot.sh"
flash_pictures "$work/kernel8.img" "$5" "$6" --kernel "$code_image"
boot "$machine" "$work/kernel8.img" < /dev/null
same_bits "$7"
