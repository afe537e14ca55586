#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch_sysroot.sh ARCH DIR PACKAGE...: Debian's packages of another architecture, unpacked to DIR for a cross compiler. The system's own lists and packages
# stay as they are: multiarch would have to be switched on, and not every -dev package may be installed for two architectures at once.
set -eu
architecture=$1 out=$2
shift 2
mkdir -p "$out"
out=$(cd "$out" && pwd)
done=$out/packages
[ ! -f "$done" ] || [ "$(cat "$done")" != "$*" ] || exit 0
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/packages"
touch "$state/status"
apt() {
  apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" -o Dir::State="$state" -o Dir::State::lists="$state/lists" \
    -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}
# One index of several may be out of step; what counts is whether the packages come.
apt update > "$state/log" 2>&1 || true
cd "$state/packages"
for package in "$@"; do
  apt download "$package" >> "$state/log" 2>&1 || { cat "$state/log" >&2; echo "fetch_sysroot.sh: $package:$architecture could not be fetched" >&2; exit 1; }
done
for file in *.deb; do dpkg-deb -x "$file" "$out"; done
for file in *.deb; do dpkg-deb -W --showformat='${Package} ${Version}\n' "$file"; done > "$out/versions"  # for the list of what is in a package of ours
echo "$*" > "$done"
