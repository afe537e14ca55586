#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hardening.sh ROOT PROCESSOR: checks that the tool and the library below ROOT have each property that
# toolchains/hardening.cmake asks for. ROOT is an installed tree or an unpacked package. Exits with 1 where one is
# missing.
set -eu
root=$1 processor=$2
. "$(dirname "$0")/../support/skip.sh"
need_program readelf
tool=$(find "$root" -path '*/bin/vitro') library=$(find "$root" -name libvitro_runtime.a)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
readelf -W -h -l -d --dyn-syms "$tool" > "$work/tool"
readelf -W -s "$library" > "$work/library"
strings -n 8 "$tool" > "$work/texts"

has() { grep -Eq -- "$2" "$work/$1" || { echo "FAILED: $3"; exit 1; }; }
lacks() { if grep -E -- "$2" "$work/$1"; then echo "FAILED: $3"; exit 1; fi; }
has tool '^ *Type: *DYN' 'the tool is not position-independent'
has tool '\(FLAGS_1\).*PIE' 'the tool is not marked as PIE'
has tool 'GNU_RELRO' 'no RELRO'
has tool '\(FLAGS\).*BIND_NOW|\(FLAGS_1\).*NOW' 'RELRO is partial: symbols are bound late'
has tool 'GNU_STACK .* RW +0x' 'the stack may be executed'
lacks tool 'LOAD .* RWE ' 'memory that is writable and executable'
lacks tool '\(TEXTREL\)' 'the code itself is relocated'
lacks tool '\((RPATH|RUNPATH)\)' 'libraries are looked for in fixed folders'
has tool ' UND __stack_chk_fail(@|$)' 'no stack protector in the tool'
has tool ' UND __(mem|str|v?s?n?printf|v?fprintf|read|fread)[a-z]*_chk(@|$)' 'no FORTIFY in the tool'
has texts '__n < this->size\(\)' 'indices of containers are not checked'
has library ' UND __stack_chk_fail$' 'no stack protector in the library'
lacks library ' UND .*(glibcxx|assert_fail)' 'the library needs that of C++'

# CET, or BTI and PAC, in each object of the library. The tool as a whole has neither mark: a linker sets it only where
# all objects have it, and Debian 12's start-up code (crt1.o) does not.
mark= what=
case $processor in
  x86_64 | AMD64) mark='x86 feature: IBT, SHSTK' ;;
  aarch64 | arm64) mark='AArch64 feature: BTI, PAC' ;;
esac
if [ -n "$mark" ]; then
  readelf -W -n "$library" > "$work/notes"
  objects=$(grep -c '^File: ' "$work/notes") marked=$(grep -c "$mark" "$work/notes" || true)
  if [ "$objects" -lt 20 ] || [ "$objects" -ne "$marked" ]; then
    echo "FAILED: $marked of $objects objects of the library have '$mark'"
    exit 1
  fi
  what=", $mark in all $objects objects"
fi
echo "$processor: PIE, full RELRO, stack protector, FORTIFY, checked containers$what"
