#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# signed_only.sh VITRO SIGNED_ONLY_VITRO SECRET_KEY MODEL PICTURE: checks that a tool which was built to open only
# programs signed with SECRET_KEY, with a counter of at least 5, opens nothing else. Exits with 1 where it does.
set -eu
vitro=$1 only=$2 key=$3 model=$4 picture=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cp "$key" key && chmod 600 key
fail() { echo "FAILED: $1"; exit 1; }

"$vitro" sign -m "$model" -k key --counter 5 -o right.vitro
"$vitro" sign -m "$model" -k key --counter 4 -o old.vitro
"$vitro" keygen -o other
"$vitro" sign -m "$model" -k other.key --counter 5 -o other.vitro
cp right.vitro changed.vitro
printf x | dd of=changed.vitro bs=1 seek=20000 conv=notrunc 2> error
printf 'no program at all' > nothing.vitro

# Every command checks the signature before it reads anything else in the program.
refused() {  # WORDS FILE
  for command in "run -i $picture" "eval --images . --labels labels.csv" inspect verify "bench -n 1" "emit --flash-image -o out"; do
    code=0
    # shellcheck disable=SC2086
    "$only" ${command%% *} -m "$2" $(echo "$command" | sed 's/^[a-z]* *//') > out.txt 2> error || code=$?
    [ "$code" -eq 1 ] || fail "$command of $2: exit code $code"
    grep -q "$1" error || { cat error; fail "$command of $2 does not say '$1'"; }
  done
  [ ! -e out ] || fail "a refused program has an output"
}
printf 'file,label\n' > labels.csv
refused 'is not signed' "$model"
refused 'is not signed' nothing.vitro
refused 'older than' old.vitro
refused 'another key' other.vitro
refused 'signature does not match' changed.vitro
"$only" verify -m right.vitro --json > facts
grep -q '"verified": true' facts || fail "not verified"
"$only" run -m right.vitro -i "$picture" --json | grep logits_sha256 > got
"$vitro" run -m "$model" -i "$picture" --json | grep logits_sha256 | diff - got
"$only" sign -m "$model" -k key --counter 6 -o again.vitro  # the input of sign need not be signed
"$only" inspect -m again.vitro > out.txt
echo "only what was signed"
