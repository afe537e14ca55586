#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# package.sh CPACK BUILD EXPECTED EMBED.C VERSION PROCESSOR CC [EMULATOR...]: makes the Debian packages, checks their
# fields and contents, unpacks them, checks their binaries (hardening.sh), runs their tool, and builds embed.c with
# their library; its answers must be those that the host's build expects. Exits with an error code where something of
# this is wrong, with 77 where something that the test needs is absent (tests/support/skip.sh).
set -eu
cpack=$1 build=$2 expected=$3 source=$4 version=$5 processor=$6 cc=$7
scripts=$(cd "$(dirname "$0")" && pwd)
shift 7
. "$(dirname "$0")/answers.sh"
need_expected "$expected/cifar10_vit"
need_program dpkg-deb
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077  # must make no difference to the packages

export SOURCE_DATE_EPOCH=1700000000
for time in first second; do
  "$cpack" -G DEB --config "$build/CPackConfig.cmake" -B "$work/$time" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
done
case $("$cc" -dumpmachine) in
  x86_64*) architecture=amd64 ;;
  aarch64*) architecture=arm64 ;;
  arm*hf) architecture=armhf ;;
esac
tool=vitro_${version}_$architecture.deb library=libvitro-dev_${version}_$architecture.deb
cmp "$work/first/$tool" "$work/second/$tool"
cmp "$work/first/$library" "$work/second/$library"
cd "$work/first"

says() {  # PACKAGE FIELD PATTERN: checks a field of a package
  dpkg-deb --field "$1" "$2" | grep -Eqx -- "$3" || { echo "$1: $2: $(dpkg-deb --field "$1" "$2"), expected $3"; exit 1; }
}
for package in "$tool" "$library"; do
  dpkg-deb --info "$package"
  says "$package" Version "$version"
  says "$package" Architecture "$architecture"
  says "$package" Maintainer '.+ <.+@.+>'
  says "$package" Installed-Size '[1-9][0-9]*'
  if dpkg-deb --contents "$package" | grep -Ev '^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root/root '; then
    echo "$package: wrong permissions or owners"
    exit 1
  fi
done
says "$tool" Section science
says "$library" Section libdevel
says "$tool" Depends '(.*, )?libc6 \(>= 2\.[0-9]+\).*'
files() { dpkg-deb --contents "$1" | sed -n 's|^-.* \./||p' | sort | tr '\n' ' '; }
test "$(files "$tool")" = "usr/bin/vitro usr/share/doc/vitro/copyright usr/share/doc/vitro/vitro.spdx.json "
for file in include/vitro/vitro.h include/vitro/vitro.hpp include/vitro/vitro_signed.h 'lib.*/libvitro_runtime.a' 'lib.*/cmake/vitro/vitro-config.cmake' 'lib.*/pkgconfig/vitro.pc' share/doc/libvitro-dev/copyright share/doc/libvitro-dev/libvitro-dev.spdx.json; do
  files "$library" | grep -q "usr/$file " || { echo "$library has no usr/$file"; exit 1; }
done

dpkg-deb --extract "$tool" root
dpkg-deb --extract "$library" root
cd root
sh "$scripts/hardening.sh" . "$processor"
vitro="$* $PWD/usr/bin/vitro"
$vitro isa
$vitro verify -m "$expected/cifar10_vit/model.vitro"
"$cc" -O2 -Iusr/include "$source" "$(find . -name libvitro_runtime.a)" -lm -o embed
same_answers "$expected/plain" 2 "$@" ./embed "$expected/plain/model.vitro"
same_answers "$expected/cifar10_vit" 1 "$@" ./embed "$expected/cifar10_vit/model.vitro"
