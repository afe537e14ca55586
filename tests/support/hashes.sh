# SPDX-License-Identifier: Apache-2.0
# hashes.sh: sourced by what compares answers.

# hashes: of vitro run's JSON (stdin) "image sha256" for each picture's logits, and "image sha256 output" for each other output, one a line.
hashes() {
  awk -F '"' '
    /^ *"image": / { image = $4 }
    /^ *"logits_sha256": / { print image, $4 }
    /^ *"name": / { output = $4 }
    /^ *"sha256": / && output {
      if (output != "logits") print image, $4, output
      output = ""
    }'
}

# hash_lines FOLDER [COUNT]: the lines of FOLDER/hashes that are of its first COUNT pictures (0: all), as make_expected.sh left it.
hash_lines() {
  of_all=$(wc -l < "$1/hashes")
  if [ "${2:-0}" -gt 0 ]; then
    head -n $((of_all / $(wc -l < "$1/images") * $2)) "$1/hashes"
  else
    cat "$1/hashes"
  fi
}
