#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# memories.sh VITRO EXPECTED CORE ELF KERNELS MODEL...: checks that on this core programs pass their golden vectors with
# these kernels when session and scratch lie in the board's RAM and activations in its RAM2. Exits with 1 where one does
# not, with 77 where something that the test needs is absent (tests/support/skip.sh).
VITRO=$1 EXPECTED=$2 core=$3 image=$4 kernels=$5
. "$(dirname "$0")/machine.sh"
shift 5
case $core in
  cortex-m55) ram='805[0-9]*' ram2=822083584 ;; # 0x30000000 and so on, 0x31000000
  cortex-m7) ram='5368[0-9]*' ram2=1619001344 ;; # 0x20000000 and so on, 0x60800000
  cortex-m4) ram='5368[0-9]*' ram2=562036736 ;; # 0x21800000
esac
for model; do
  need_expected "$EXPECTED/$model"
  "$VITRO" emit -m "$EXPECTED/$model/model.vitro" --flash-image --stop -o "$work/flash" > /dev/null
  boot "$core" "$image" "$work/flash" < /dev/null
  [ "$code" -eq 0 ] || fail "$model: exit code $code"
  says '^refused: activations$'
  says '^golden ok$'
  says "^kernels $kernels\$"
  says "^session [0-9]* at $ram\$"
  says "^activations [0-9]* at $ram2\$"
  says "^scratch [0-9]* at $ram\$"
  echo "$model:"
  sed -n '/^session\|^activations\|^scratch\|^arena/p' "$work/out"
done
