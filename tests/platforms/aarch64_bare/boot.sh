# SPDX-License-Identifier: Apache-2.0
# boot.sh: sourced by tests that run AArch64 images under QEMU. It is tests/support/board.sh with a function that
# boots them.
. "$(dirname "$0")/../../support/board.sh"
need_program qemu-system-aarch64

# boot MACHINE IMAGE [OPTION...]: boots an image, with stdin as its serial line. Writes what it says to $work/out, and
# sets $code to its exit code. MACHINE is raspberry_pi3, virt_<cpu>, or virt with options for QEMU.
boot() {
  case $1 in
    raspberry_pi3) machine="-M raspi3b" ;;
    virt_*) machine="-M virt -cpu cortex-${1#virt_} -m 256 -nic none" ;;
    virt*) machine="-M $1 -cpu cortex-a76 -m 256 -nic none" ;;
  esac
  booted=$2
  shift 2
  code=0
  # shellcheck disable=SC2086
  timeout "${patience:-120}" qemu-system-aarch64 $machine -kernel "$booted" "$@" -display none -serial stdio -monitor none $semihosting \
    > "$work/raw" 2> "$work/errors" || code=$?
  tr -d '\r' < "$work/raw" > "$work/out"
  grep -v 'terminating on signal' "$work/errors" >> "$work/out" || true
}
