#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# faults.sh VITRO FAULTS.img: checks that after an exception of the CPU an image says which it was, and ends with exit
# code 99. Exits with 1 where it does not, with 77 where something that the test needs is absent
# (tests/support/skip.sh).
VITRO=$1 EXPECTED=. faults=$2
. "$(dirname "$0")/boot.sh"
patience=20
for fault in n c f x r u s m; do
  { cat "$faults"; printf %s $fault; } > "$work/kernel8.img"
  boot virt_a76 "$work/kernel8.img" < /dev/null
  [ "$code" -eq 99 ] || fail "'$fault': exit code $code instead of 99"
  says '^error: an exception of the CPU: ESR 0x[0-9a-f]*, ELR 0x[0-9a-f]*, FAR 0x[0-9a-f]*$'
  says '^exit_code 99$'
  echo "$fault: $(grep '^error' "$work/out")"
done

# The stack of another core: its exception, and in the page below that stack.
{ cat "$faults"; printf o; } > "$work/kernel8.img"
boot virt_a76 "$work/kernel8.img" -smp 3 < /dev/null
[ "$code" -eq 99 ] || fail "'o': exit code $code instead of 99"
lowest=$(sed -n 's/^lowest //p' "$work/out")
address=$(sed -n 's/^error.*FAR //p' "$work/out")
[ $((lowest - address)) -gt 0 ] && [ $((lowest - address)) -le 4096 ] || fail "'o': not in the page below the stack"
echo "o: $(grep '^error' "$work/out")"
