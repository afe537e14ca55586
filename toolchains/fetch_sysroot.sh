#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch_sysroot.sh ARCH DIR PACKAGE...: fetches Debian packages of another architecture and unpacks them to DIR, for a
# cross compiler. The system's own lists and packages are not changed: installing them there would need multiarch, and
# some -dev packages cannot be installed for two architectures at once. Does nothing where DIR already holds these
# packages. Exits with 1 when one cannot be fetched.
set -eu
architecture=$1 out=$2
shift 2
mkdir -p "$out"
out=$(cd "$out" && pwd)
done=$out/packages
[ ! -f "$done" ] || [ ! -f "$out/versions" ] || [ "$(cat "$done")" != "$*" ] || exit 0
state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/packages"
touch "$state/status"
apt() {
  apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures::="$architecture" -o Dir::State="$state" -o Dir::State::lists="$state/lists" \
    -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}
# 'update' also fails where a single index is out of step; only the downloads below decide.
apt update > "$state/log" 2>&1 || true
cd "$state/packages"
for package in "$@"; do
  apt download "$package" >> "$state/log" 2>&1 || { cat "$state/log" >&2; echo "fetch_sysroot.sh: $package:$architecture could not be fetched" >&2; exit 1; }
done
for file in *.deb; do dpkg-deb -x "$file" "$out"; done
for file in *.deb; do dpkg-deb -W --showformat='${Package} ${Version}\n' "$file"; done > "$out/versions"  # for package/sbom.cmake
echo "$*" > "$done"
