#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_readers.py FLATC FOLDER: writes what reader_test compares vitro's reader with.

by_flatc_generated.h    FlatBuffers' own reader of the schema, in the namespace by_flatc
same_generated.h        same(a, b) for each table of vitro's reader and its like of FlatBuffers': compares every accessor
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]


def tables(text):
    """Yields the name and the accessors of each table and struct."""
    for name, body in re.findall(r"^struct (?:alignas\(\d+\) )?(\w+) final .*?{\n(.*?)^};$", text, re.M | re.S):
        yield name, re.findall(r"^  [^\n]*?[ *](\w+)\(\) const {$", body, re.M)


def main():
    flatc, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    schema = (ROOT / "runtime/schema/program.fbs").read_text()
    other = schema.replace("namespace vitro.schema;", "namespace by_flatc;")
    if other == schema:
        sys.exit("program.fbs: has another namespace than this script knows")
    (folder / "by_flatc.fbs").write_text(other)
    subprocess.run([flatc, "--cpp", "--scoped-enums", "-o", str(folder), str(folder / "by_flatc.fbs")], check=True)
    found = list(tables((ROOT / "runtime/schema/program_generated.h").read_text()))
    if len(found) < 20:
        sys.exit(f"program_generated.h: only {len(found)} tables found")
    lines = ["// Made by tests/runtime/schema/make_readers.py.", "namespace vitro::schema {"]
    lines += [f"bool same(const {name}& a, const by_flatc::{name}& b);" for name, _ in found]
    for name, accessors in found:
        equal = " && ".join(f"equal(a.{x}(), b.{x}())" for x in accessors)
        lines.append(f"inline bool same(const {name}& a, const by_flatc::{name}& b) {{ return {equal}; }}")
    (folder / "same_generated.h").write_text("\n".join(lines + ["}  // namespace vitro::schema"]) + "\n")


if __name__ == "__main__":
    main()
