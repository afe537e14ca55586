# SPDX-License-Identifier: Apache-2.0
# promises.sh: sourced by tests that compare numbers in the tool's --json output with what was promised.

# value KEY FILE: prints the first number with that key.
value() { sed -n "s/^ *\"$1\": \(.*[0-9]\),*\$/\1/p" "$2" | head -n 1; }

# at_least KEY LIMIT FILE, at_most KEY LIMIT FILE: return 1, with a message, when the promise is broken.
at_least() { awk -v v="$(value "$1" "$3")" -v l="$2" -v k="$1" 'BEGIN { if (v == "" || v < l) { print "FAILED: " k " is " v ", at least " l " is promised"; exit 1 } }'; }
at_most() { awk -v v="$(value "$1" "$3")" -v l="$2" -v k="$1" 'BEGIN { if (v == "" || v > l) { print "FAILED: " k " is " v ", at most " l " is promised"; exit 1 } }'; }
