# SPDX-License-Identifier: Apache-2.0
# board.sh: sourced by tests/platforms/aarch64_bare/boot.sh and tests/platforms/cortex_m/machine.sh, which define how
# a machine boots. The test sets VITRO to the host's tool, and EXPECTED to the folder of
# tests/end_to_end/make_expected.sh.
set -eu
. "$(dirname "$0")/../../support/skip.sh"
. "$(dirname "$0")/../../support/hashes.sh"
[ -x "$VITRO" ] || absent "$VITRO does not exist (build host-release first)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $1"
  [ ! -f "$work/out" ] || cat "$work/out"
  exit 1
}

# With semihosting, QEMU receives the exit code.
semihosting="-semihosting-config enable=on,target=native"

says() { grep -q -e "$1" "$work/out" || fail "no line '$1'"; }

# wanted COUNT EXPECTED_MODEL: prints the lines that a board must say for the first COUNT pictures.
wanted() {
  hash_lines "$2" "$1" | sed 's/^.*\/\([^/]*\) \([0-9a-f]*\)$/logits_sha256 \2 \1/; s/^.*\/\([^/]*\) \([0-9a-f]*\) \([^ ]*\)$/output_sha256 \2 \3 \1/'
}

# flash_pictures FILE MODEL COUNT [OPTION...]: writes a flash image of an expected model with its first COUNT pictures
# (0: all); the options are for 'vitro emit'. Sets $count to the number of pictures.
flash_pictures() {
  flash=$1 model=$2 count=$3
  shift 3
  need_expected "$EXPECTED/$model"
  [ "$count" -gt 0 ] || count=$(wc -l < "$EXPECTED/$model/images")
  # shellcheck disable=SC2046
  "$VITRO" emit -m "$EXPECTED/$model/model.vitro" --flash-image --stop "$@" -o "$flash" -i $(head -n "$count" "$EXPECTED/$model/images") > /dev/null
}

# golden_ok KERNELS: checks, after boot, that the golden vectors passed with these kernels.
golden_ok() {
  [ "$code" -eq 0 ] || fail "exit code $code"
  says '^golden ok [1-9]'
  says "^kernels $1\$"
}

# same_bits KERNELS: checks, after flash_pictures and boot, that with these kernels the golden vectors passed, and the
# pictures gave the desktop's outputs to the bit.
same_bits() {
  golden_ok "$1"
  says "^pictures $count\$"
  wanted "$count" "$EXPECTED/$model" > "$work/want"
  grep '^logits_sha256 \|^output_sha256 ' "$work/out" | diff - "$work/want" || fail "other bits than the desktop's"
  stack=$(sed -n 's/^stack_bytes \([0-9]*\) of .*/\1/p' "$work/out")
  [ "$stack" -gt 0 ] && [ "$stack" -le 8192 ] || fail "$stack bytes of stack, more than 8192"
  sed -n '/^vitro\|^kernels\|^golden\|^arena\|^stack\|^ticks/p' "$work/out"
  echo "$count pictures equal"
}
