#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# same_bits.sh EXPECTED COUNT VITRO... : runs the first COUNT images (0: all) of what make_expected.sh left in EXPECTED with the tool that the
# remaining words start (an emulator before it, perhaps), for each of its kernel variants and 1 and 2 threads. Every output must be equal.
# VITRO_LINEAR: the provider of static linears, vitro's own kernels by default.
set -eu
expected=$1 count=$2
shift 2
. "$(dirname "$0")/../support/skip.sh"
. "$(dirname "$0")/../support/hashes.sh"
need_expected "$expected"
if ! "$@" --version | diff "$(dirname "$expected")/version" -; then
  echo "this build decodes JPEGs by something else than the one that made what is expected"
  exit 1
fi
[ "$count" -gt 0 ] || count=$(wc -l < "$expected/images")
hash_lines "$expected" "$count" > /tmp/same_bits.$$.want
trap 'rm -f /tmp/same_bits.$$.want /tmp/same_bits.$$.got' EXIT
images=$(head -n "$count" "$expected/images")

compared=0
for isa in $("$@" isa); do
  for threads in 1 2; do
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
