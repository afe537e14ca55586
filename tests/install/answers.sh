# SPDX-License-Identifier: Apache-2.0
# answers.sh: sourced by tests that compare the answers of an executable built from platforms/linux/embed.c with those
# of `vitro run`.

. "$(dirname "$0")/../support/skip.sh"

# pixels MODEL PHOTO OUT: writes the pixels that the model takes, as `vitro run` prepares them: RGB bytes to OUT.rgb,
# a PPM to OUT.ppm. $vitro is the tool.
pixels() {
  # shellcheck disable=SC2086
  $vitro emit -m "$1" --frames -i "$2" -o "$3.frames" --json > "$3.json"
  width=$(sed -n 's/^ *"image_width": \([0-9]*\),*$/\1/p' "$3.json")
  height=$(sed -n 's/^ *"image_height": \([0-9]*\),*$/\1/p' "$3.json")
  # A frame has 4 bytes "VTPI", 4 of size, 32 of name, the pixels, 4 of checksum (platforms/firmware/README.md).
  tail -c +41 "$3.frames" | head -c $((width * height * 3)) > "$3.rgb"
  { printf 'P6\n# by a test\n%d %d\n255\n' "$width" "$height"; cat "$3.rgb"; } > "$3.ppm"
}

# same_answers FOLDER COUNT EMBED...: compares the answers to the first COUNT pictures that make_expected.sh used in
# FOLDER. Logits must be equal to the bit; names and percentages must be as `vitro run` prints them.
same_answers() {
  folder=$1 count=$2
  shift 2
  compared=0
  head -n "$count" "$folder/hashes" > "$work/hashes"
  while read -r photo hash; do
    pixels "$folder/model.vitro" "$photo" "$work/picture"
    for picture in "$work/picture.rgb" "$work/picture.ppm"; do
      "$@" "$picture" --logits < /dev/null > "$work/logits"
      got=$(sha256sum < "$work/logits" | cut -d ' ' -f 1)
      [ "$got" = "$hash" ] || { echo "$* $picture ($photo): logits $got, expected $hash"; exit 1; }
      "$@" "$picture" < /dev/null > "$work/got"
    done
    # shellcheck disable=SC2086
    $vitro run -m "$folder/model.vitro" -k 3 -i "$photo" < /dev/null | sed -n 's/^  \(.* %  .*\)$/\1/p' > "$work/want"
    diff "$work/want" "$work/got"
    compared=$((compared + 1))
  done < "$work/hashes"
  "$@" "$work/picture.rgb" --self-test < /dev/null > /dev/null
  echo "$compared pictures of $folder equal"
  test "$compared" -eq "$count"
}

# needs_no_cxx FILE: checks that an executable does not need the C++ library.
needs_no_cxx() {
  if readelf -d "$1" | grep -E 'NEEDED.*(stdc\+\+|gcc_s)'; then
    echo "$1 needs the C++ library"
    exit 1
  fi
}
