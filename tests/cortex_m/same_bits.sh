#!/bin/sh
# same_bits.sh VITRO EXPECTED CORE ELF MODEL COUNT KERNELS: the first COUNT pictures (0: all) of a model, in a flash image, give the desktop's logits to the bit, by these kernels, after
# the golden vectors.
VITRO=$1 EXPECTED=$2 core=$3 image=$4 model=$5 count=$6 kernels=$7
. "$(dirname "$0")/machine.sh"
need "$EXPECTED/$model/hashes" "$EXPECTED/$model/model.vitro"
[ "$count" -gt 0 ] || count=$(wc -l < "$EXPECTED/$model/hashes")
images=$(head -n "$count" "$EXPECTED/$model/images")
# shellcheck disable=SC2086
"$VITRO" emit -m "$EXPECTED/$model/model.vitro" --flash-image --stop -o "$work/flash" -i $images > /dev/null
boot "$core" "$image" "$work/flash" < /dev/null
[ "$code" -eq 0 ] || fail "exit code $code"
says '^golden ok [1-9]'
says "^kernels $kernels\$"
says "^pictures $count\$"
wanted "$count" "$EXPECTED/$model" > "$work/want"
grep '^logits_sha256 ' "$work/out" | diff - "$work/want" || fail "other logits than the desktop's"
stack=$(sed -n 's/^stack_bytes \([0-9]*\) of .*/\1/p' "$work/out")
[ "$stack" -gt 0 ] && [ "$stack" -le 8192 ] || fail "$stack bytes of stack, more than 8192"
sed -n '/^vitro\|^kernels\|^golden\|^arena\|^stack\|^ticks/p' "$work/out"
echo "$count pictures equal"
