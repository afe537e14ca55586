# SPDX-License-Identifier: Apache-2.0
# machine.sh: sourced by tests that run images for Cortex-M under QEMU. It is tests/support/board.sh with a function
# that boots them.
. "$(dirname "$0")/../../support/board.sh"
need_program qemu-system-arm

# Functions of the application, not of the runtime: those whose work depends on the digits that they print, and the
# clock.
said='print|board|crc32|Sha256|exponential|run_picture|run_flash|run_application|before|__aeabi|__udiv|systick|strlen'

# boot CORE ELF [FLASH_IMAGE]: boots an image, with stdin as its serial line. Writes what it says to $work/out, and
# sets $code to its exit code.
boot() {
  case $1 in
    cortex-m4) machine=mps2-an386 flash_at=0x21000000 ;;
    cortex-m7) machine=mps2-an500 flash_at=0x60000000 ;;
    cortex-m55) machine=mps3-an547 flash_at=0x38000000 ;;
  esac
  code=0
  # shellcheck disable=SC2086
  timeout "${patience:-240}" qemu-system-arm -M $machine -kernel "$2" ${3:+-device loader,file="$3",addr=$flash_at,force-raw=on} -display none -serial stdio -monitor none -nic none \
    $semihosting ${plugin:-} > "$work/raw" 2> "$work/errors" || code=$?
  tr -d '\r' < "$work/raw" > "$work/out"
  grep -v 'terminating on signal\|lan9118.0 has no peer' "$work/errors" >> "$work/out" || true
}
