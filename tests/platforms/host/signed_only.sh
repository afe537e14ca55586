#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# signed_only.sh VITRO SIGNED_ONLY_VITRO SECRET_KEY MODEL PICTURE: the tool that was built to demand SECRET_KEY's signature and counter 5 opens nothing else.
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

# Whatever the command: the signature comes first, before the program is looked at.
refused() {  # WORDS FILE
  for command in "run -i $picture" "eval --images . --labels labels.csv" inspect verify "bench -n 1" "emit --flash-image -o out"; do
    code=0
    # shellcheck disable=SC2086
    "$only" ${command%% *} -m "$2" $(echo "$command" | sed 's/^[a-z]* *//') > out.txt 2> error || code=$?
    [ "$code" -eq 1 ] || fail "$command of $2: exit code $code"
    grep -q "$1" error || { cat error; fail "$command of $2 does not say '$1'"; }
  done
  [ ! -e out ] || fail "an output of a refused program"
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
"$only" sign -m "$model" -k key --counter 6 -o again.vitro  # what is to be signed need not be yet
"$only" inspect -m again.vitro > out.txt
echo "only what was signed"
