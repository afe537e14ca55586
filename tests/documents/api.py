#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""api.py ROOT CC: checks that runtime/API.md describes vitro.h, vitro_picture.h, vitro_signed.h,
vitro_threads.h and vitro.hpp as they are.

Every macro, type and function of the C headers must have a section. The section of a function must
contain its declaration, that of a struct its fields with their types, that of an enum its enumerators. There must be
no section on something that no header declares. The document must name every public member function of vitro.hpp, and
its examples must compile with CC. Exits with 1 where something of this is not so.
"""
import pathlib
import re
import subprocess
import sys

# Each example is compiled as the body of a function with these parameters.
PARAMETERS = "vitro_program program, vitro_session* session, const void* data, size_t size, void* arena, size_t arena_bytes, const uint8_t* pixels"
HEADERS = "".join(f"#include <{header}.h>\n" for header in ("stdio", "stdlib", "string", "vitro/vitro_picture", "vitro/vitro_signed", "vitro/vitro_threads"))


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)


def one_line(text):
    return re.sub(r"\s+", " ", text).strip()


def read_header(text):
    """{name: the words that its section must contain}"""
    text = without_comments(text)
    public = {name: [] for name in re.findall(r"^#define (VITRO_\w+) ", text, re.M)}
    for body, name in re.findall(r"typedef (?:enum|struct) \w+ \{(.*?)\} (\w+);", text, re.S):
        public[name] = re.findall(r"\bVITRO_\w+", body)
    for name in re.findall(r"typedef struct \w+ (\w+);", text):
        public[name] = []
    for name in re.findall(r"typedef [\w\s\*]+\(\*(vitro_\w+)\)", text):
        public[name] = []
    for declaration in re.findall(r"^(?:const )?\w+\*? vitro_\w+\([^;{]*\);", text, re.M):
        public[re.search(r"(vitro_\w+)\(", declaration)[1]] = [one_line(declaration)]
    return public


def read_fields(code):
    """{(type, name)} of declarations `type name, name;`; the last semicolon may be missing."""
    fields = set()
    for declaration in code.split(";"):
        match = re.fullmatch(r"(.*?[\s*])(\w+(?:, \w+)*)", one_line(declaration))
        if match:
            fields |= {(re.sub(r"\s*\*", "*", match[1]).strip(), name) for name in match[2].split(", ")}
    return fields


def read_structs(text):
    """{name: its fields}"""
    return {name: read_fields(body) for body, name in re.findall(r"typedef struct \w+ \{(.*?)\} (\w+);", without_comments(text), re.S)}


def described_fields(section):
    """The fields that a section names in code spans, or in structs that it writes out."""
    spans = re.findall(r"`([^`]+)`", section) + re.findall(r"typedef struct \w+ \{(.*?)\}", section, re.S)
    return set().union(*map(read_fields, spans))


def read_layer(text):
    """`Class::member` for each public member function of vitro.hpp."""
    text = without_comments(text)
    members = []
    for name, body in re.findall(r"class (\w+) \{\s*public:(.*?)private:", text, re.S):
        members += [f"{name}::{member}" for member in re.findall(r"^  [\w:\*]+[\w\s\*]*?\b(\w+)\([^)]*\)?", body, re.M) if member != "return"]
    return members


def read_sections(text):
    """{name: text} for the sections with a title `### name, name`."""
    sections = {}
    for titles, body in re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", text, re.M | re.S):
        for title in titles.split(", "):
            sections[title] = body
    return sections


def compile_faults(blocks, root, cc):
    source = HEADERS + "".join(f"static inline void example_{i}({PARAMETERS}) {{ {{\n{block}}} }}\n" for i, block in enumerate(blocks))
    flags = ["-std=c11", "-Wall", "-Wextra", "-Wno-unused", "-Wno-unused-parameter", "-Werror", "-fsyntax-only"]
    result = subprocess.run([cc, *flags, f"-I{root}/runtime/include", "-xc", "-"], input=source, capture_output=True, text=True)
    return [f"runtime/API.md: an example does not compile:\n{result.stderr}"] if result.returncode else []


def main(root, cc):
    text = (root / "runtime/API.md").read_text()
    headers = [(root / "runtime/include/vitro" / header).read_text() for header in ("vitro.h", "vitro_picture.h", "vitro_signed.h", "vitro_threads.h")]
    public = {name: words for header in headers for name, words in read_header(header).items()}
    structs = {name: fields for header in headers for name, fields in read_structs(header).items()}
    members = read_layer((root / "runtime/include/vitro/vitro.hpp").read_text())
    sections = read_sections(text)
    examples = re.findall(r"^```c\n(.*?)^```$", text, re.M | re.S)
    faults = [f"{name} has no section in runtime/API.md" for name in public if name not in sections]
    faults += [f"runtime/API.md has a section {name}, which no header declares" for name in sections if name not in public]
    for name, words in public.items():
        body = one_line(sections.get(name, ""))
        faults += [f"runtime/API.md, section {name}: '{word}' is missing" for word in words
                   if name in sections and not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", body)]
    faults += [f"runtime/API.md, section {name}: field '{kind} {field}' is missing or has another type"
               for name, fields in structs.items() for kind, field in sorted(fields - described_fields(sections.get(name, "")))]
    faults += [f"runtime/API.md does not name {member} of vitro.hpp" for member in members if f" {member}(" not in text]
    faults += compile_faults(examples, root, cc)
    print("\n".join(faults) or f"{len(public)} names of the headers, {len(members)} member functions and {len(examples)} examples are as described")
    return 1 if faults or len(public) < 20 or sum(map(len, structs.values())) < 25 or len(members) < 10 or len(examples) < 10 else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]))
