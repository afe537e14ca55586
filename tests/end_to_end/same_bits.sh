#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# same_bits.sh EXPECTED COUNT VITRO... : checks that a build computes the bits that make_expected.sh wrote to
# EXPECTED. VITRO is the command that starts the tool, perhaps in an emulator. It runs the first COUNT images (0: all)
# with each of its kernel variants, on 1 and on 2 threads; all outputs must be equal. The environment variable
# VITRO_LINEAR chooses what computes static linears, by default vitro's own kernels. With VITRO_MADE_EXPECTED this very
# binary made the hashes, and that one run (reference kernels, 2 threads) is not repeated. Exits with 1 where outputs
# differ, with 77 where EXPECTED is absent (tests/support/skip.sh).
set -eu
expected=$1 count=$2
shift 2
. "$(dirname "$0")/../support/skip.sh"
. "$(dirname "$0")/../support/hashes.sh"
need_expected "$expected"
if ! "$@" --version | diff "$(dirname "$expected")/version" -; then
  echo "this build has another version or JPEG decoder than the one that made the expected hashes"
  exit 1
fi
[ "$count" -gt 0 ] || count=$(wc -l < "$expected/images")
hash_lines "$expected" "$count" > /tmp/same_bits.$$.want
trap 'rm -f /tmp/same_bits.$$.want /tmp/same_bits.$$.got' EXIT
images=$(head -n "$count" "$expected/images")

compared=0
for isa in $("$@" isa); do
  for threads in 1 2; do
    if [ "$isa" = reference ] && [ "$threads" -eq 2 ] && [ -n "${VITRO_MADE_EXPECTED:-}" ]; then
      echo "$isa, $threads thread(s): this binary's own answers are the expected ones"
      continue
    fi
    # shellcheck disable=SC2086
    if ! "$@" run -m "$expected/model.vitro" --linear "${VITRO_LINEAR:-vitro}" --isa "$isa" -t "$threads" --json -i $images > /tmp/same_bits.$$.got 2>&1; then
      cat /tmp/same_bits.$$.got
      exit 1
    fi
    hashes < /tmp/same_bits.$$.got | diff - /tmp/same_bits.$$.want
    compared=$((compared + count))
    echo "$isa, $threads thread(s): $count images equal"
  done
done
"$@" verify -m "$expected/model.vitro" --linear "${VITRO_LINEAR:-vitro}"
test "$compared" -gt 0
