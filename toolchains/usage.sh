# SPDX-License-Identifier: Apache-2.0
# usage.sh: read by '.' in scripts that people run. With -h or --help it prints the comment at a script's top and ends
# the script before it does anything.
case ${1:-} in
  -h | --help) awk 'NR > 2 && !/^#/ { exit } NR > 2 { sub(/^# ?/, ""); print }' "$0"; exit 0 ;;
esac

# Ends the script for arguments that it does not take.
wrong_usage() {
  echo "usage: $(sed -n '3s/^# \([^:]*\):.*/\1/p' "$0")" >&2
  exit 2
}
