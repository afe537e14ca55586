# SPDX-License-Identifier: Apache-2.0
# hashes.sh: sourced by scripts that compare outputs.

# hashes: reads the JSON of 'vitro run' from stdin; prints a line "image sha256" for the logits of each picture, and a
# line "image sha256 output" for each other output.
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

# hash_lines FOLDER [COUNT]: prints the lines for the first COUNT pictures (0: all) of FOLDER/hashes, which
# make_expected.sh wrote.
hash_lines() {
  of_all=$(wc -l < "$1/hashes")
  if [ "${2:-0}" -gt 0 ]; then
    head -n $((of_all / $(wc -l < "$1/images") * $2)) "$1/hashes"
  else
    cat "$1/hashes"
  fi
}
