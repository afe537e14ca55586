#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate.py [--flatc FLATC] [--into FOLDER]: writes the headers that are generated from the FlatBuffers schemas.

They are committed, so that a build needs no flatc. --into writes them under another folder than the project's.

runtime/schema/program_generated.h               the readers of flatc's output for program.fbs, over the types of
                                                 runtime/schema/flat.h: all that firmware compiles
converter/draft/program_object_generated.h       its builders, and the object API of the same schema (ProgramT, ...), by
                                                 which the converter and the tests make and change programs
converter/calibration/calibration_generated.h    flatc's output for calibration.fbs

The readers need no header of FlatBuffers' and no C++ library; builders and object API need both. flatc
--gen-object-api adds members to the tables themselves. This script separates the object API from them, so that one
program can use both headers: UnPack, UnPackTo and Create become free functions.
"""
import argparse
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def flatc(program, schema, folder, *options):
    subprocess.run([program, "--cpp", "--scoped-enums", *options, "-o", str(folder), str(schema)], check=True)
    return pathlib.Path(folder, schema.stem + "_generated.h").read_text()


def blocks(text):
    """Yields each declaration and definition of the outermost level as one string."""
    block = []
    for line in text.splitlines():
        if not block and not line.strip():
            continue
        block.append(line)
        if re.match(r"(}|};)$|\S.*;$", line) or (line.startswith(("#", "//", "namespace", "}  //"))):
            yield "\n".join(block)
            block = []


def free_functions(block):
    """Turns a member function of a table into a function that takes the table."""
    head = re.match(r"inline (\w+T) \*(\w+)::UnPack\(", block)
    if head:
        return (f"inline {head[1]} *UnPack(const {head[2]} &_table, const flatbuffers::resolver_function_t *_resolver) {{\n"
                f"  auto _o = std::unique_ptr<{head[1]}>(new {head[1]}());\n"
                "  UnPackTo(_table, _o.get(), _resolver);\n  return _o.release();\n}")
    head = re.match(r"inline void (\w+)::UnPackTo\((\w+) \*_o, (.*)\) const {", block)
    if head:
        block = block.replace(head[0], f"inline void UnPackTo(const {head[1]} &_table, {head[2]} *_o, {head[3]}) {{\n  (void)_table;")
        block = re.sub(r"auto _e = (\w+)\(\);", r"auto _e = _table.\1();", block)
        block = re.sub(r"(?<=UnPack\(_e, )(\w+)\(\)", r"_table.\1()", block)
    # Calls for the tables inside this one: elements of a vector, fields, members of a union.
    return re.sub(r"(_e->Get\(_i\)|\b_e|\bptr)->UnPack\(", r"vitro::schema::UnPack(*\1, ", block)


def one_struct(block):
    """Returns a struct whose one member is an array over flat::Array; the schema has no other kind."""
    name = re.match(r"FLATBUFFERS_MANUALLY_ALIGNED_STRUCT\((\d+)\) (\w+)", block)
    members = re.findall(r"^  (\w+) (\w+)_(?:\[(\d+)\])?;$", block, re.M)
    if len(members) != 1 or not members[0][2]:
        raise SystemExit(f"{name[2]}: generate.py knows structs of one array only")
    number, member, length = members[0]
    array = f"flatbuffers::Array<{number}, {length}>"
    return (f"struct alignas({name[1]}) {name[2]} final {{\n private:\n  {array} {member}_;\n\n public:\n"
            f"  const {array} *{member}() const {{\n    return &{member}_;\n  }}\n}};")


def readers(text):
    """Returns what reads and verifies, over flat.h."""
    kept = []
    for block in blocks(text):
        first = block.split("\n")[0]
        if first.startswith(("#", "//", "static_assert", "namespace", "}")) or BUILDS.search(first):
            continue
        if re.search(r"SizePrefixed|EnumValues|Traits\b|VerifyOpArgsVector", first):
            continue
        if first.startswith("FLATBUFFERS_MANUALLY_ALIGNED_STRUCT"):
            block = one_struct(block)
        block = re.sub(r"^FLATBUFFERS_STRUCT_END\((\w+), (\d+)\);$", r"static_assert(sizeof(\1) == \2);", block)
        block = re.sub(r"^  typedef \w+Builder Builder;\n", "", block, flags=re.M)
        block = block.replace("FLATBUFFERS_FINAL_CLASS", "final").replace("FLATBUFFERS_VTABLE_UNDERLYING_TYPE", ": flatbuffers::voffset_t")
        kept.append(block.replace("flatbuffers::", "flat::"))
    return "\n\n".join([
        "// Made by toolchains/generate.py of runtime/schema/program.fbs; schema/README.md says how.",
        "#pragma once", '#include "runtime/schema/flat.h"', "namespace vitro {\nnamespace schema {",
        *kept, "}  // namespace schema\n}  // namespace vitro"]) + "\n"


# The first lines of what writes: builders, and functions that call them.
BUILDS = re.compile(r"^struct \w+Builder\b|\bCreate\w+\(|\bFinish\w*Buffer\(")


def builders(text):
    return [b for b in blocks(text) if BUILDS.search(b.split("\n")[0]) and "SizePrefixed" not in b]


def object_api(text, plain):
    tables = re.findall(r"^struct (\w+T) : public flatbuffers::NativeTable {", text, re.M)
    unions = re.findall(r"^struct (\w+Union) {", text, re.M)
    names = re.compile(r"\b(%s)\b" % "|".join(tables + unions + [u + "Traits" for u in unions]))
    kept = []
    for block in blocks(text):
        first = block.split("\n")[0]
        if not names.search(first) or re.match(r"inline .*::Pack\(", first) and not re.search(r"\w+Union::Pack", first):
            continue
        if re.match(r"inline .* UnPack(SizePrefixed)?\w+\(\s*$|.*unique_ptr<", first):
            continue
        kept.append(block)
    types = [b for b in kept if not b.startswith("inline")]
    bodies = [free_functions(b) for b in kept if b.startswith("inline")]
    bodies = [re.sub(r"= (_e(?:->Get\(_i\))?)->str\(\)", r"= std::string(\1->c_str(), \1->size())", b) for b in bodies]
    declared = [re.sub(r" {$", ";", b.split("\n")[0])[len("inline "):].replace("_resolver)", "_resolver = nullptr)")
                for b in bodies if re.match(r"inline (\w+T \*UnPack|void UnPackTo)\(", b)]
    return "\n\n".join([
        "// Made by toolchains/generate.py. Builders and object API of runtime/schema/program.fbs; schema/README.md says why they stand apart.",
        "#pragma once", '#include "flatbuffers/flatbuffers.h"\n#include "runtime/schema/program_generated.h"', "namespace vitro {\nnamespace schema {",
        *builders(plain), *types, "\n".join(declared), *bodies, "}  // namespace schema\n}  // namespace vitro"]) + "\n"


def main():
    arguments = argparse.ArgumentParser(description="Makes the committed headers of the FlatBuffers schemas.")
    arguments.add_argument("--flatc", default="flatc")
    arguments.add_argument("--into", type=pathlib.Path, default=ROOT, help="a folder to write the same tree into")
    options = arguments.parse_args()
    program = ROOT / "runtime/schema/program.fbs"
    calibration = ROOT / "converter/calibration/calibration.fbs"
    with tempfile.TemporaryDirectory() as work:
        plain = flatc(options.flatc, program, work)
        headers = {"runtime/schema/program_generated.h": readers(plain),
                   "converter/draft/program_object_generated.h": object_api(flatc(options.flatc, program, work, "--gen-object-api"), plain),
                   "converter/calibration/calibration_generated.h": flatc(options.flatc, calibration, work, "--gen-object-api")}
    for path, text in headers.items():
        target = options.into / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


if __name__ == "__main__":
    main()
