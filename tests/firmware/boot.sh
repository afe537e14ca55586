# boot.sh: sourced by the tests that run images under QEMU. VITRO is the host's tool, EXPECTED the folder of tests/end_to_end/make_expected.sh.
# Exit code 77: what the test needs is not there, so it is skipped.
set -eu

need() {  # FILE...
  for file; do
    if [ ! -e "$file" ]; then
      echo "SKIPPED: $file is not there (real weights absent, or the host's tests have not run)"
      exit 77
    fi
  done
}

if ! command -v qemu-system-aarch64 > /dev/null; then
  echo "SKIPPED: qemu-system-aarch64 is not installed"
  exit 77
fi
need "$VITRO"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $1"
  [ ! -f "$work/out" ] || cat "$work/out"
  exit 1
}

# boot MACHINE IMAGE: stdin is the serial line; what it says comes to $work/out, the exit code to $code.
# MACHINE: raspberry_pi3, virt_<cpu>, or virt with options of QEMU's. Without $semihosting nobody hears the exit code.
semihosting="-semihosting-config enable=on,target=native"
boot() {
  case $1 in
    raspberry_pi3) machine="-M raspi3b" ;;
    virt_*) machine="-M virt -cpu cortex-${1#virt_} -m 256 -nic none" ;;
    virt*) machine="-M $1 -cpu cortex-a76 -m 256 -nic none" ;;
  esac
  code=0
  # shellcheck disable=SC2086
  timeout "${patience:-120}" qemu-system-aarch64 $machine -kernel "$2" -display none -serial stdio -monitor none $semihosting \
    > "$work/raw" 2> "$work/errors" || code=$?
  tr -d '\r' < "$work/raw" > "$work/out"
  grep -v 'terminating on signal' "$work/errors" >> "$work/out" || true
}

says() { grep -q -e "$1" "$work/out" || fail "no line '$1'"; }

# wanted COUNT EXPECTED_MODEL: the lines that COUNT pictures must give.
wanted() { head -n "$1" "$2/hashes" | sed 's/^.*\/\([^/]*\) \([0-9a-f]*\)$/logits_sha256 \2 \1/'; }
