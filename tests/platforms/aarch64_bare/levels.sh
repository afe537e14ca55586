#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# levels.sh VITRO CODE.elf: checks that an image starts at exception level EL1, EL2 or EL3, with or without the levels
# between, and that it sleeps at the end where nothing receives its exit code. Exits with 1 where it does not, with 77
# where something that the test needs is absent (tests/support/skip.sh).
VITRO=$1 EXPECTED=. code_image=$2
. "$(dirname "$0")/boot.sh"
patience=20
for level_options in "1 virt" "2 virt,virtualization=on" "3 virt,secure=on" "3 virt,secure=on,virtualization=on"; do
  boot "${level_options#* }" "$code_image" < /dev/null
  [ "$code" -eq 10 ] || fail "exit code $code"
  says "^vitro .* on QEMU virt, Cortex-A76, entered at EL${level_options%% *}\$"
  grep '^vitro' "$work/out"
done

semihosting= patience=2
boot virt "$code_image" < /dev/null
[ "$code" -eq 124 ] || fail "exit code $code instead of sleep"
says '^exit_code 10$'
! grep -q 'exception' "$work/out" || fail "an exception was reported"
echo "sleeps"
