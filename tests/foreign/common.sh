# SPDX-License-Identifier: Apache-2.0
# common.sh: sourced by the tests of foreign projects, which are called with VITRO, the tool, and SOURCE, the project's
# folder, first. Makes $work, a folder of its own with the runtime's sources in $work/vitro, as the tool writes them.
set -eu
vitro=$1 project=$2
here=$project/tests/foreign
. "$project/tests/support/skip.sh"
program=$project/tests/programs/plain.vitro
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sources() { "$vitro" emit --runtime "$work/vitro" "$@" > /dev/null; }

# boot MACHINE IMAGE: what the image says under QEMU.
boot() {
  code=0
  timeout 120 qemu-system-arm -M "$1" -kernel "$2" -display none -serial null -monitor none -nic none -semihosting-config enable=on,target=native > "$work/said" 2>&1 || code=$?
  grep -v 'terminating on signal\|lan9118.0 has no peer' "$work/said" > "$work/out" || true
  cat "$work/out"
  test "$code" -eq 0
}

# golden ISA: the last thing said is that all is well, by these kernels.
golden() {
  test "$(tail -n 1 "$work/out")" = "golden ok $1" || { echo "not 'golden ok $1'"; exit 1; }
}
